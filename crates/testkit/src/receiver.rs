//! An outside system that takes messages over HTTP, and misbehaves as told.

use kobling_domain::exchange::lane::Action;
use kobling_domain::id::SubjectId;
use kobling_formats::messages::{Content, Document};
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is answered with this status and has no effect.
    Status(u16),
    /// It refuses the message in words of that type.
    Refused {
        /// The type of its words.
        content_type: &'static str,
        /// Its words.
        words: &'static str,
    },
    /// Too much at once: come back after so many seconds.
    Throttled {
        /// How many.
        seconds: u32,
    },
    /// The connection is cut before it is read.
    CutBefore,
    /// It has its effect, and the connection is cut before the answer.
    CutAfter,
}

/// What the receiver has, and how it came to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Received {
    /// What it has of each subject.
    pub has: BTreeMap<SubjectId, Content>,
    /// Each message that had its effect, in order.
    pub effects: Vec<Document>,
    /// How often each message came, by its idempotency key.
    pub times: BTreeMap<String, u32>,
    /// What no receiver should see: other bytes under a known key, an older message after a newer.
    pub faults: Vec<String>,
}

#[derive(Default)]
struct State {
    script: VecDeque<Option<Fault>>,
    always: Option<Fault>,
    bodies: BTreeMap<String, Vec<u8>>,
    last: BTreeMap<SubjectId, i64>,
    received: Received,
}

/// A running receiver; it ends with the test.
pub struct Receiver {
    /// Its address.
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl Receiver {
    /// Starts one on a free port of this machine.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let state = Arc::new(Mutex::new(State::default()));
        let of_thread = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that goes away is no failure of the receiver.
                drop(serve(&stream, &of_thread));
            }
        });
        Self { url: format!("http://{address}/messages"), state }
    }

    /// The next requests meet these faults, one each; none is a request that goes well.
    pub fn script(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        lock(&self.state).script.extend(faults);
    }

    /// Every request that no script is about meets this fault.
    pub fn always(&self, fault: Option<Fault>) {
        lock(&self.state).always = fault;
    }

    /// What it has by now.
    pub fn received(&self) -> Received {
        lock(&self.state).received.clone()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers one request.
fn serve(stream: &TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let fault = {
        let mut state = lock(state);
        let always = state.always;
        state.script.pop_front().unwrap_or(always)
    };
    if fault == Some(Fault::CutBefore) {
        return Ok(());
    }
    let (key, body) = read(stream)?;
    match fault {
        Some(Fault::CutBefore) => Ok(()),
        Some(Fault::Status(status)) => answer(stream, status, "", ""),
        Some(Fault::Refused { content_type, words }) => {
            answer(stream, 422, &format!("Content-Type: {content_type}\r\n"), words)
        }
        Some(Fault::Throttled { seconds }) => {
            answer(stream, 429, &format!("Retry-After: {seconds}\r\n"), "")
        }
        Some(Fault::CutAfter) => {
            lock(state).take(&key, body);
            Ok(())
        }
        None => {
            lock(state).take(&key, body);
            answer(stream, 204, "", "")
        }
    }
}

fn read(stream: &TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let (mut key, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            // Whoever went away before the end of the head has said nothing.
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let Some((name, value)) = line.split_once(':') else { continue };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "idempotency-key" => value.trim().clone_into(&mut key),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok((key, body))
}

fn answer(mut stream: &TcpStream, status: u16, headers: &str, body: &str) -> std::io::Result<()> {
    let length = body.len();
    let text = format!(
        "HTTP/1.1 {status} .\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(text.as_bytes())
}

impl State {
    /// Lets a message have its effect, once.
    fn take(&mut self, key: &str, body: Vec<u8>) {
        *self.received.times.entry(key.to_owned()).or_default() += 1;
        if let Some(before) = self.bodies.get(key) {
            if *before != body {
                self.received.faults.push(format!("{key} came again with other bytes"));
            }
            return;
        }
        let Ok(document) = Document::parse(&body) else {
            self.received.faults.push(format!("{key} is no message"));
            return;
        };
        self.bodies.insert(key.to_owned(), body);
        if self.last.get(&document.subject).is_some_and(|last| *last >= document.seq) {
            self.received.faults.push(format!("{key} came after a newer one"));
        }
        self.last.insert(document.subject, document.seq);
        let has = self.received.has.contains_key(&document.subject);
        match (document.action, &document.content) {
            (Action::Create | Action::Change, Some(content)) => {
                self.received.has.insert(document.subject, content.clone());
            }
            (Action::Inactivate, None) => {
                self.received.has.remove(&document.subject);
            }
            (_, _) => self.received.faults.push(format!("{key} does not fit its action")),
        }
        if has && document.action == Action::Create {
            self.received.faults.push(format!("{key} would create what is there"));
        }
        self.received.effects.push(document);
    }
}
