use super::{Position, RECORD_BYTES_MAX, ReadError};
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, WINDOWS_1252};
use std::io::{ErrorKind, Read};
use xxhash_rust::xxh3::Xxh3;

/// Bytes asked of the input at once.
const READ_BYTES: usize = 128 << 10;
/// Bytes of text held at most: the largest record, and what was read behind it.
const WINDOW_BYTES_MAX: usize = RECORD_BYTES_MAX + READ_BYTES;
/// The declaration stands within so many bytes.
const DECLARATION_BYTES_MAX: usize = 512;

/// A window onto the text of an input: what was read and not yet consumed, in UTF-8.
pub(super) struct Input<R> {
    source: R,
    /// Decodes what is not in UTF-8 already.
    decoder: Option<Decoder>,
    /// Read, not decoded.
    undecoded: Vec<u8>,
    text: Vec<u8>,
    start: usize,
    end: usize,
    state: State,
    hash: Box<Xxh3>,
    /// Line of the window's first byte.
    line: u64,
    /// Bytes of that line before the window.
    column: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    Ended,
}

/// Whether there is more text than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filled {
    More,
    End,
}

impl<R: Read> Input<R> {
    /// Begins to read `source` and finds out its encoding.
    pub(super) fn open(source: R) -> Result<Self, ReadError> {
        let mut input = Self {
            source,
            decoder: None,
            undecoded: Vec::new(),
            text: vec![0; 2 * READ_BYTES],
            start: 0,
            end: 0,
            state: State::Reading,
            hash: Box::new(Xxh3::new()),
            line: 1,
            column: 0,
        };
        while input.window().len() < DECLARATION_BYTES_MAX && input.fill()? == Filled::More {}
        if input.window().is_empty() {
            return Err(ReadError::Empty);
        }
        let (mark_bytes, encoding) = encoding(input.window())?;
        input.start += mark_bytes;
        if encoding != UTF_8 {
            input.decode_from_here(encoding);
        }
        Ok(input)
    }

    /// What was read and not consumed.
    pub(super) fn window(&self) -> &[u8] {
        self.text.get(self.start..self.end).unwrap_or_default()
    }

    /// Reads more behind what is in the window.
    pub(super) fn fill(&mut self) -> Result<Filled, ReadError> {
        if self.state == State::Ended {
            return Ok(Filled::End);
        }
        self.make_room()?;
        match self.decoder.take() {
            None => self.fill_plain(),
            Some(decoder) => self.fill_decoded(decoder),
        }
    }

    /// Consumes the first `bytes` of the window.
    pub(super) fn consume(&mut self, bytes: usize) {
        let consumed = self.window().get(..bytes).unwrap_or_default();
        let (line, column) = moved(self.line, self.column, consumed);
        self.start += consumed.len();
        (self.line, self.column) = (line, column);
    }

    /// Line of the window's first byte.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Where the byte at `offset` of the window stands.
    pub(super) fn position(&self, offset: usize) -> Position {
        let before = self.window().get(..offset).unwrap_or(self.window());
        let (line, column) = moved(self.line, self.column, before);
        Position { line, column: column + 1 }
    }

    /// xxh3-128 of all bytes read so far.
    pub(super) fn digest(&self) -> u128 {
        self.hash.digest128()
    }

    fn make_room(&mut self) -> Result<(), ReadError> {
        if self.start > 0 {
            self.text.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end > RECORD_BYTES_MAX {
            let at = self.position(0);
            return Err(ReadError::RecordTooLarge { at, limit_bytes: RECORD_BYTES_MAX });
        }
        if self.text.len() < self.end + READ_BYTES {
            self.text.resize((2 * self.text.len()).min(WINDOW_BYTES_MAX), 0);
        }
        Ok(())
    }

    fn fill_plain(&mut self) -> Result<Filled, ReadError> {
        let room = self.text.get_mut(self.end..).unwrap_or_default();
        let read = read(&mut self.source, room)?;
        self.hash.update(room.get(..read).unwrap_or_default());
        self.end += read;
        Ok(self.filled(read))
    }

    fn fill_decoded(&mut self, mut decoder: Decoder) -> Result<Filled, ReadError> {
        let mut ended = false;
        if self.undecoded.is_empty() {
            self.undecoded.resize(READ_BYTES, 0);
            let read = read(&mut self.source, &mut self.undecoded)?;
            self.undecoded.truncate(read);
            self.hash.update(&self.undecoded);
            ended = read == 0;
        }
        let room = self.text.get_mut(self.end..).unwrap_or_default();
        let (result, read, written, _) = decoder.decode_to_utf8(&self.undecoded, room, ended);
        self.undecoded.drain(..read);
        self.end += written;
        self.decoder = Some(decoder);
        match result {
            CoderResult::InputEmpty if ended => Ok(self.filled(0)),
            CoderResult::InputEmpty | CoderResult::OutputFull => Ok(Filled::More),
        }
    }

    fn filled(&mut self, read: usize) -> Filled {
        if read > 0 {
            return Filled::More;
        }
        self.state = State::Ended;
        Filled::End
    }

    /// What is in the window was not text yet.
    fn decode_from_here(&mut self, encoding: &'static Encoding) {
        self.undecoded = self.window().to_vec();
        self.end = self.start;
        self.state = State::Reading;
        self.decoder = Some(encoding.new_decoder_without_bom_handling());
    }
}

fn read(source: &mut impl Read, room: &mut [u8]) -> Result<usize, ReadError> {
    loop {
        match source.read(room) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            read => return read.map_err(ReadError::Io),
        }
    }
}

/// Line and bytes of it that lie before what follows `text`.
fn moved(line: u64, column: u64, text: &[u8]) -> (u64, u64) {
    let count = |it: usize| u64::try_from(it).unwrap_or(u64::MAX);
    match memchr::memrchr(b'\n', text) {
        None => (line, column + count(text.len())),
        Some(last) => {
            let lines = memchr::memchr_iter(b'\n', text).count();
            (line + count(lines), count(text.len() - last - 1))
        }
    }
}

/// The length of the byte order mark, and the encoding by it or by the declaration.
fn encoding(head: &[u8]) -> Result<(usize, &'static Encoding), ReadError> {
    let refused = |name: &str| ReadError::UnsupportedEncoding { encoding: name.to_owned() };
    match Encoding::for_bom(head) {
        Some((encoding, bytes)) if encoding == UTF_8 => {
            let declared = declared(head.get(bytes..).unwrap_or_default());
            match declared.as_deref().map(|it| (it, known(it))) {
                None => Ok((bytes, UTF_8)),
                Some((_, Some(encoding))) if encoding == UTF_8 => Ok((bytes, UTF_8)),
                Some((name, _)) => Err(refused(&format!("UTF-8 by its mark and {name} by name"))),
            }
        }
        Some((encoding, _)) => Err(refused(encoding.name())),
        None if head.starts_with(b"\0") || head.starts_with(b"<\0") => Err(refused("UTF-16")),
        None => match declared(head) {
            None => Ok((0, UTF_8)),
            Some(name) => Ok((0, known(&name).ok_or_else(|| refused(&name))?)),
        },
    }
}

/// ISO-8859-1 is read as windows-1252, which is the same but where ISO-8859-1 has control
/// characters that no name has.
fn known(name: &str) -> Option<&'static Encoding> {
    Encoding::for_label(name.as_bytes()).filter(|it| *it == UTF_8 || *it == WINDOWS_1252)
}

/// The `encoding` of the XML declaration at the beginning of `head`.
fn declared(head: &[u8]) -> Option<String> {
    let declaration = head.strip_prefix(b"<?xml")?;
    let declaration = declaration.get(..memchr::memmem::find(declaration, b"?>")?)?;
    let declaration = std::str::from_utf8(declaration).ok()?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|it| matches!(it, '"' | '\''))?;
    let (name, _) = value.get(1..)?.split_once(quote)?;
    Some(name.chars().take(40).collect())
}
