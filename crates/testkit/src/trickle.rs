//! A receiver that reads one byte a second, and keeps its own log of when bytes arrived.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// So often it reads one byte.
const EVERY: Duration = Duration::from_secs(1);
/// So often it looks whether more has arrived.
const LOOKS: Duration = Duration::from_millis(20);
/// More than ever lies unread.
const ROOM_BYTES: usize = 1 << 16;

/// What arrived over one connection.
#[derive(Clone, Debug, Default)]
pub struct Arrived {
    /// Each time more had arrived: when, and how many bytes by then.
    pub log: Vec<(Instant, usize)>,
    /// All of it, once the other side has gone.
    pub bytes: Vec<u8>,
    /// Whether the other side has gone.
    pub is_over: bool,
}

/// A running receiver; it ends with the test.
pub struct Trickle {
    /// Its address: host and port.
    pub address: String,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    has_hurry: Arc<AtomicBool>,
}

impl Trickle {
    /// Starts one on a free port of this machine.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address").to_string();
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let has_hurry = Arc::new(AtomicBool::new(false));
        let of_thread = (Arc::clone(&arrived), Arc::clone(&has_hurry));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (all, has_hurry) = of_thread.clone();
                std::thread::spawn(move || receive(stream, &all, &has_hurry));
            }
        });
        Self { address, arrived, has_hurry }
    }

    /// Reads all there is from now on, as fast as it comes: what still waits to arrive does.
    pub fn hurry(&self) {
        self.has_hurry.store(true, Ordering::Relaxed);
    }

    /// What has arrived, connection by connection.
    pub fn arrived(&self) -> Vec<Arrived> {
        lock(&self.arrived).clone()
    }

    /// When the last byte arrived.
    pub fn last(&self) -> Option<Instant> {
        let all = self.arrived();
        all.iter().filter_map(|it| it.log.last()).map(|it| it.0).max()
    }
}

fn lock(all: &Mutex<Vec<Arrived>>) -> MutexGuard<'_, Vec<Arrived>> {
    all.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(clippy::disallowed_methods, reason = "to read slowly is what it is for")]
fn receive(mut stream: TcpStream, all: &Mutex<Vec<Arrived>>, has_hurry: &AtomicBool) {
    let nth = {
        let mut all = lock(all);
        all.push(Arrived::default());
        all.len() - 1
    };
    stream.set_nonblocking(true).expect("a socket need not wait");
    let (mut room, mut read) = (vec![0; ROOM_BYTES], Vec::new());
    let mut next = Instant::now() + EVERY;
    loop {
        let unread = stream.peek(&mut room);
        let is_gone = match (&unread, stream.take_error()) {
            (_, Ok(Some(_)) | Err(_)) | (Ok(0), _) => true,
            (Err(error), _) => error.kind() != std::io::ErrorKind::WouldBlock,
            (Ok(_), Ok(None)) => false,
        };
        let unread = unread.unwrap_or(0);
        let total = read.len() + unread;
        {
            let mut all = lock(all);
            let it = all.get_mut(nth).expect("what was put in stays");
            if it.log.last().map_or(0, |last| last.1) < total {
                it.log.push((Instant::now(), total));
            }
            if is_gone {
                let (unread, _) = room.split_at(unread);
                it.bytes = [&read, unread].concat();
                it.is_over = true;
                return;
            }
        }
        let mut byte = [0_u8];
        let may_read = has_hurry.load(Ordering::Relaxed) || next <= Instant::now();
        if may_read && matches!(stream.read(&mut byte), Ok(1)) {
            read.extend(byte);
            next = Instant::now() + EVERY;
        } else {
            std::thread::sleep(LOOKS);
        }
    }
}
