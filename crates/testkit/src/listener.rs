//! Somebody who is told what happens over HTTP, and who means no good where told to.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How a request is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// With this status and nothing else.
    Status(u16),
    /// To go elsewhere.
    Redirect(String),
    /// Not at all: the connection stays open.
    Silence,
    /// With a body that never ends.
    Endless,
}

/// A request that was heard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Its headers, by small names.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Heard {
    /// The value of a header.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(found, _)| found == name);
        found.map_or("", |(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct State {
    replies: VecDeque<Reply>,
    heard: Vec<Heard>,
    /// Connections to which nothing is said stay open.
    open: Vec<TcpStream>,
}

/// A running listener; it ends with the test.
pub struct Listener {
    /// Its address.
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl Listener {
    /// Starts one on a free port of this machine. It takes what nobody said otherwise about.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let state = Arc::new(Mutex::new(State::default()));
        let of_thread = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Who goes away is no failure of the listener.
                drop(serve(stream, &of_thread));
            }
        });
        Self { url: format!("http://{address}/events"), state }
    }

    /// The next requests are answered so.
    pub fn reply(&self, replies: impl IntoIterator<Item = Reply>) {
        lock(&self.state).replies.extend(replies);
    }

    /// What it has heard.
    pub fn heard(&self) -> Vec<Heard> {
        lock(&self.state).heard.clone()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let heard = read(&stream)?;
    let reply = {
        let mut state = lock(state);
        state.heard.push(heard);
        state.replies.pop_front().unwrap_or(Reply::Status(204))
    };
    let end = "Content-Length: 0\r\nConnection: close\r\n\r\n";
    match reply {
        Reply::Status(status) => {
            stream.write_all(format!("HTTP/1.1 {status} .\r\n{end}").as_bytes())
        }
        Reply::Redirect(to) => {
            stream.write_all(format!("HTTP/1.1 307 .\r\nLocation: {to}\r\n{end}").as_bytes())
        }
        Reply::Silence => {
            lock(state).open.push(stream);
            Ok(())
        }
        Reply::Endless => {
            stream.write_all(b"HTTP/1.1 500 .\r\nConnection: close\r\n\r\n")?;
            loop {
                stream.write_all(&[b'x'; 4_096])?;
            }
        }
    }
}

fn read(stream: &TcpStream) -> std::io::Result<Heard> {
    let mut reader = BufReader::new(stream);
    let (mut heard, mut length) = (Heard::default(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let Some((name, value)) = line.split_once(':') else { continue };
        let (name, value) = (name.to_ascii_lowercase(), value.trim().to_owned());
        if name == "content-length" {
            length = value.parse().unwrap_or(0);
        }
        heard.headers.push((name, value));
    }
    heard.body = vec![0; length];
    reader.read_exact(&mut heard.body)?;
    Ok(heard)
}
