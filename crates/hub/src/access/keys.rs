//! The key file: secrets in hex, one line each.
//!
//! ```text
//! id     = 64 hexadecimal digits   (names persons; never changes)
//! data   = 64 hexadecimal digits   (seals what is stored)
//! ```
//!
//! Once another key seals, three more lines hide digests, which never change either; the keys that sealed
//! before stand beside it, and one that is about to:
//!
//! ```text
//! digest, input, item = …
//! next   = …                                  (opens, and does not seal yet)
//! old    = … since 2026-03-05T12:00:00Z       (opens, and has not sealed since)
//! ```

use crate::hex::{from_hex, hex};
use jiff::Timestamp;
use kobling_store::sealed::{Fixed, KeyId, KeyRing, key_id};
use zeroize::Zeroizing;

/// The secrets that every demo uses. `kobling doctor` warns about them.
pub const DEMO_KEYS: &str = "\
id   = 6b6f626c696e672d64656d6f2d69642d6b65792d6e6f742d7365637265742121
data = 6b6f626c696e672d64656d6f2d646174612d6b65792d6e6f2d73656372657421
";

const HEAD: &str = "# Keep this file as safe as the database, and apart from it.\n";

type Secret = Zeroizing<[u8; 32]>;

/// Why a key file cannot be used. The secrets themselves are never told.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A line is neither `NAME = HEX` nor empty nor a comment.
    #[error("line {line} of the key file is not `id = …` or `data = …`")]
    Line {
        /// Line number.
        line: usize,
    },
    /// A secret is not 64 hexadecimal digits.
    #[error("the secret {name:?} of the key file is not 64 hexadecimal digits")]
    Secret {
        /// Its name.
        name: &'static str,
    },
    /// A secret stands there twice.
    #[error("line {line} of the key file says {name:?} once more")]
    Twice {
        /// Its name.
        name: String,
        /// Line number.
        line: usize,
    },
    /// A key is to be added beside one that was.
    #[error("the key {key} is there already and does not seal yet")]
    NextThere {
        /// What it is called.
        key: KeyId,
    },
    /// The system gave no random bytes.
    #[error("the system gave no random bytes: {reason}")]
    Random {
        /// What it said.
        reason: String,
    },
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// It seals and opens.
    Seals,
    /// It opens, and will seal.
    WillSeal,
    /// It opens, and has not sealed since.
    Sealed(Timestamp),
}

/// A key file.
pub struct KeyFile {
    id: Secret,
    fixed: Option<Fixed>,
    data: Secret,
    next: Option<Secret>,
    old: Vec<(Secret, Timestamp)>,
}

impl KeyFile {
    /// Reads one.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut lines = Lines::default();
        for (index, line) in text.lines().enumerate() {
            lines.take(index + 1, line.trim())?;
        }
        lines.end()
    }

    /// Its keys.
    pub fn ring(&self) -> KeyRing {
        let fixed = self.fixed.clone().unwrap_or_else(|| Fixed::of(&self.data));
        let others = self.next.iter().chain(self.old.iter().map(|it| &it.0));
        let others: Vec<Secret> = others.cloned().collect();
        KeyRing::with(&self.id, &fixed, &self.data, &others)
    }

    /// Its sealing keys, the one that seals first.
    pub fn keys(&self) -> Vec<(KeyId, Does)> {
        let next = self.next.iter().map(|it| (key_id(it), Does::WillSeal));
        let old = self.old.iter().map(|(it, since)| (key_id(it), Does::Sealed(*since)));
        std::iter::once((key_id(&self.data), Does::Seals)).chain(next).chain(old).collect()
    }

    /// Adds a key that opens and does not seal yet.
    pub fn add(&mut self) -> Result<KeyId, KeyError> {
        if let Some(next) = &self.next {
            return Err(KeyError::NextThere { key: key_id(next) });
        }
        let next = random()?;
        let id = key_id(&next);
        self.next = Some(next);
        Ok(id)
    }

    /// Seals with the key that was added from now on; with a new one if none was.
    pub fn rotate(&mut self, now: Timestamp) -> Result<KeyId, KeyError> {
        let next = match self.next.take() {
            Some(next) => next,
            None => random()?,
        };
        self.fixed.get_or_insert_with(|| Fixed::of(&self.data));
        let before = std::mem::replace(&mut self.data, next);
        self.old.insert(0, (before, now));
        Ok(key_id(&self.data))
    }

    /// Forgets a key that sealed before.
    pub fn forget(&mut self, key: KeyId) {
        self.old.retain(|(it, _)| key_id(it) != key);
    }

    /// Its text.
    pub fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::from(HEAD));
        let mut line = |name: &str, secret: &Secret, more: &str| {
            let secret = Zeroizing::new(hex(secret.as_slice()));
            text.extend([name, " = ", &secret, more, "\n"]);
        };
        line("id    ", &self.id, "");
        if let Some(Fixed { digest, input, item }) = &self.fixed {
            line("digest", digest, "");
            line("input ", input, "");
            line("item  ", item, "");
        }
        line("data  ", &self.data, "");
        if let Some(next) = &self.next {
            line("next  ", next, "");
        }
        for (secret, since) in &self.old {
            line("old   ", secret, &format!(" since {since}"));
        }
        text
    }
}

/// A key file that is being read.
#[derive(Default)]
struct Lines {
    id: Option<Secret>,
    digest: Option<Secret>,
    input: Option<Secret>,
    item: Option<Secret>,
    data: Option<Secret>,
    next: Option<Secret>,
    old: Vec<(Secret, Timestamp)>,
}

impl Lines {
    fn take(&mut self, line: usize, text: &str) -> Result<(), KeyError> {
        if text.is_empty() || text.starts_with('#') {
            return Ok(());
        }
        let (name, value) = text.split_once('=').ok_or(KeyError::Line { line })?;
        let (name, value) = (name.trim(), value.trim());
        let (slot, name) = match name {
            "id" => (&mut self.id, "id"),
            "digest" => (&mut self.digest, "digest"),
            "input" => (&mut self.input, "input"),
            "item" => (&mut self.item, "item"),
            "data" => (&mut self.data, "data"),
            "next" => (&mut self.next, "next"),
            "old" => {
                let (value, since) = value.split_once(" since ").ok_or(KeyError::Line { line })?;
                let since = since.trim().parse().map_err(|_| KeyError::Line { line })?;
                self.old.push((secret("old", value.trim())?, since));
                return Ok(());
            }
            _ => return Err(KeyError::Line { line }),
        };
        if slot.replace(secret(name, value)?).is_some() {
            return Err(KeyError::Twice { name: name.to_owned(), line });
        }
        Ok(())
    }

    fn end(self) -> Result<KeyFile, KeyError> {
        let Self { id, digest, input, item, data, next, old } = self;
        let id = id.ok_or(KeyError::Secret { name: "id" })?;
        let data = data.ok_or(KeyError::Secret { name: "data" })?;
        let fixed = match (digest, input, item) {
            (Some(digest), Some(input), Some(item)) => Some(Fixed { digest, input, item }),
            // Of a file in which another key sealed before, they cannot be made.
            (None, None, None) if old.is_empty() => None,
            (None, _, _) => return Err(KeyError::Secret { name: "digest" }),
            (_, None, _) => return Err(KeyError::Secret { name: "input" }),
            (_, _, None) => return Err(KeyError::Secret { name: "item" }),
        };
        Ok(KeyFile { id, fixed, data, next, old })
    }
}

/// The keys of a key file.
pub fn parse(text: &str) -> Result<KeyRing, KeyError> {
    Ok(KeyFile::parse(text)?.ring())
}

/// The text of a key file with two new secrets.
pub fn generate() -> Result<Zeroizing<String>, KeyError> {
    let (id, data) = (random()?, random()?);
    Ok(KeyFile { id, fixed: None, data, next: None, old: Vec::new() }.text())
}

/// Whether one of these secrets is one that every demo uses.
pub fn are_demo_keys(text: &str) -> bool {
    fn secrets(text: &str) -> impl Iterator<Item = &str> {
        text.lines().filter_map(|line| line.split_once('=')?.1.split_whitespace().next())
    }
    secrets(text).any(|it| secrets(DEMO_KEYS).any(|demo| demo == it))
}

fn secret(name: &'static str, hex: &str) -> Result<Secret, KeyError> {
    from_hex(hex).map(Zeroizing::new).ok_or(KeyError::Secret { name })
}

fn random() -> Result<Secret, KeyError> {
    let mut secret = Zeroizing::new([0_u8; 32]);
    let random = getrandom::fill(secret.as_mut_slice());
    random.map_err(|it| KeyError::Random { reason: it.to_string() })?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_key_file_is_read_and_is_no_demo() {
        let text = generate().unwrap();
        assert!(parse(&text).is_ok());
        assert!(!are_demo_keys(&text));
    }

    #[test]
    fn the_demo_keys_are_known_as_such_whatever_the_spacing() {
        assert!(parse(DEMO_KEYS).is_ok());
        assert!(are_demo_keys(&DEMO_KEYS.replace("   =", " =")));
        let mut file = KeyFile::parse(DEMO_KEYS).unwrap();
        file.rotate(Timestamp::UNIX_EPOCH).unwrap();
        assert!(are_demo_keys(&file.text()), "persons are still named by the demo's secret");
    }

    #[test]
    fn a_short_secret_is_refused_by_name() {
        let text = DEMO_KEYS.replace("data = 6b", "data = ");
        assert!(matches!(parse(&text), Err(KeyError::Secret { name: "data" })));
        let twice = format!("{DEMO_KEYS}{DEMO_KEYS}");
        assert!(matches!(parse(&twice), Err(KeyError::Twice { line: 3, .. })));
    }

    #[test]
    fn another_key_seals_and_the_one_before_opens_until_it_is_forgotten() {
        let mut file = KeyFile::parse(DEMO_KEYS).unwrap();
        let before = file.ring();
        let added = file.add().unwrap();
        assert!(matches!(file.add(), Err(KeyError::NextThere { .. })));
        assert_eq!(file.ring().current(), before.current(), "it does not seal yet");
        assert_eq!(file.rotate(Timestamp::UNIX_EPOCH).unwrap(), added);
        let file = KeyFile::parse(&file.text()).unwrap();
        let old = before.current().unwrap();
        assert_eq!(file.keys(), [(added, Does::Seals), (old, Does::Sealed(Timestamp::UNIX_EPOCH))]);
        let ring = file.ring();
        let sealed = before.seal(b"a", b"x").unwrap();
        assert_eq!(ring.open(b"a", &sealed).unwrap().as_slice(), b"x");
        assert_eq!(ring.check(), before.check());
        let mut file = file;
        file.forget(old);
        let text = file.text();
        let secret = DEMO_KEYS.lines().nth(1).unwrap().split_once("= ").unwrap().1;
        assert!(!text.contains(secret), "what it made is kept, and it is not");
        let ring = parse(&text).unwrap();
        assert!(ring.open(b"a", &sealed).is_err());
        assert_eq!((ring.check(), ring.input_mac(1)), (before.check(), before.input_mac(1)));
    }

    #[test]
    fn a_file_that_lacks_what_hides_digests_is_refused() {
        let mut file = KeyFile::parse(DEMO_KEYS).unwrap();
        file.rotate(Timestamp::UNIX_EPOCH).unwrap();
        let text = file.text();
        let without: Vec<&str> = text.lines().filter(|it| !it.starts_with("input")).collect();
        assert!(matches!(parse(&without.join("\n")), Err(KeyError::Secret { name: "input" })));
    }
}
