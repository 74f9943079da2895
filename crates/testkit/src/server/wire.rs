use super::PORT;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// What a wire does to what goes over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// It breaks when so many bytes went to the server on the port where files go.
    CutAfter(u64),
    /// It lets nothing more through to the server when so many bytes went.
    StallAfter(u64),
    /// It lets no answer through when so many bytes went to the server: all arrives, and nobody
    /// hears of it.
    DeafAfter(u64),
}

/// A wire to a server, from an address of its own: port by port, the port of commands and, for
/// FTP, that of data.
pub struct Wire {
    state: Arc<State>,
}

struct State {
    fault: Mutex<Fault>,
    /// Bytes that went to the server on the port where files go.
    sent: AtomicU64,
}

/// The port on which files go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Files,
    Commands,
}

impl Wire {
    /// To an SFTP server.
    pub fn to_sshd(from: Ipv4Addr, to: Ipv4Addr) -> Self {
        let it = Self::new();
        it.serve((from, PORT), (to, PORT), Kind::Files);
        it
    }

    /// To an FTPS server.
    pub fn to_ftpd(from: Ipv4Addr, to: Ipv4Addr) -> Self {
        let it = Self::new();
        it.serve((from, PORT), (to, PORT), Kind::Commands);
        for port in super::DATA_PORTS {
            it.serve((from, port), (to, port), Kind::Files);
        }
        it
    }

    /// An address for a wire.
    pub fn address() -> Ipv4Addr {
        super::free_address()
    }

    /// From now on it does this, and counts from nothing.
    pub fn set(&self, fault: Fault) {
        let mut it = self.state.fault.lock().expect("nobody panics with the lock");
        self.state.sent.store(0, Ordering::SeqCst);
        *it = fault;
    }

    /// How many bytes went to the server where files go, since the fault was set.
    pub fn sent(&self) -> u64 {
        self.state.sent()
    }

    fn new() -> Self {
        let (fault, sent) = (Mutex::new(Fault::None), AtomicU64::new(0));
        Self { state: Arc::new(State { fault, sent }) }
    }

    fn serve(&self, from: (Ipv4Addr, u16), to: (Ipv4Addr, u16), kind: Kind) {
        let listener = TcpListener::bind(from).expect("a free address can be listened on");
        let state = Arc::clone(&self.state);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(to) else { continue };
                let (Ok(client_too), Ok(server_too)) = (client.try_clone(), server.try_clone())
                else {
                    continue;
                };
                let there = Arc::clone(&state);
                std::thread::spawn(move || there.to_server(client, server, kind));
                let back = Arc::clone(&state);
                std::thread::spawn(move || back.to_client(server_too, client_too));
            }
        });
    }
}

impl State {
    fn fault(&self) -> Fault {
        *self.fault.lock().expect("nobody panics with the lock")
    }

    fn sent(&self) -> u64 {
        self.sent.load(Ordering::SeqCst)
    }

    fn to_server(&self, mut client: TcpStream, mut server: TcpStream, kind: Kind) {
        let mut chunk = [0; 4096];
        while let Ok(read) = client.read(&mut chunk) {
            let (read_bytes, _) = chunk.split_at(read);
            if read == 0 || server.write_all(read_bytes).is_err() {
                break;
            }
            if kind == Kind::Files {
                let read = u64::try_from(read).expect("a chunk is small");
                self.sent.fetch_add(read, Ordering::SeqCst);
            }
            let is_cut = matches!(self.fault(), Fault::CutAfter(it) if self.sent() >= it);
            if is_cut && kind == Kind::Files {
                drop(client.shutdown(Shutdown::Both));
                break;
            }
            // Nothing more goes, and nobody hears that it does not.
            while matches!(self.fault(), Fault::StallAfter(it) if self.sent() >= it) {
                if is_closed(&client) {
                    drop(server.shutdown(Shutdown::Write));
                    return;
                }
                std::thread::yield_now();
            }
        }
        drop(server.shutdown(Shutdown::Write));
    }

    fn to_client(&self, mut server: TcpStream, mut client: TcpStream) {
        let mut chunk = [0; 4096];
        while let Ok(read) = server.read(&mut chunk) {
            let (read_bytes, _) = chunk.split_at(read);
            let is_deaf = matches!(self.fault(), Fault::DeafAfter(it) if self.sent() >= it);
            if read == 0 {
                if !is_deaf {
                    drop(client.shutdown(Shutdown::Write));
                }
                break;
            }
            if !is_deaf && client.write_all(read_bytes).is_err() {
                break;
            }
        }
    }
}

fn is_closed(stream: &TcpStream) -> bool {
    let mut byte = [0];
    drop(stream.set_nonblocking(true));
    let is_closed = match stream.peek(&mut byte) {
        Ok(read) => read == 0,
        Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
    };
    drop(stream.set_nonblocking(false));
    is_closed
}
