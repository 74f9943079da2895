//! The key file: two secrets in hex, one line each.
//!
//! ```text
//! id   = 64 hexadecimal digits   (names persons; never rotates)
//! data = 64 hexadecimal digits   (seals what is stored)
//! ```

use crate::hex::{from_hex, hex};
use kobling_store::sealed::KeyRing;

/// The secrets that every demo uses. `kobling doctor` warns about them.
pub const DEMO_KEYS: &str = "\
id   = 6b6f626c696e672d64656d6f2d69642d6b65792d6e6f742d7365637265742121
data = 6b6f626c696e672d64656d6f2d646174612d6b65792d6e6f2d73656372657421
";

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
    /// The system gave no random bytes.
    #[error("the system gave no random bytes: {reason}")]
    Random {
        /// What it said.
        reason: String,
    },
}

/// Reads a key file.
pub fn parse(text: &str) -> Result<KeyRing, KeyError> {
    let (mut id, mut data) = (None, None);
    for (index, line) in text.lines().enumerate() {
        let line_no = index + 1;
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, secret) = line.split_once('=').ok_or(KeyError::Line { line: line_no })?;
        match name.trim() {
            "id" => id = from_hex(secret.trim()),
            "data" => data = from_hex(secret.trim()),
            _ => return Err(KeyError::Line { line: line_no }),
        }
    }
    let id = id.ok_or(KeyError::Secret { name: "id" })?;
    let data = data.ok_or(KeyError::Secret { name: "data" })?;
    Ok(KeyRing::new(&id, &data))
}

/// The text of a key file with two new secrets.
pub fn generate() -> Result<String, KeyError> {
    let mut lines = String::from("# Keep this file as safe as the database, and apart from it.\n");
    for name in ["id  ", "data"] {
        let mut secret = [0_u8; 32];
        getrandom::fill(&mut secret).map_err(|it| KeyError::Random { reason: it.to_string() })?;
        lines.extend([name, " = ", &hex(&secret), "\n"]);
    }
    Ok(lines)
}

/// Whether these are the secrets every demo uses.
pub fn are_demo_keys(text: &str) -> bool {
    let secrets = |text: &str| {
        text.lines()
            .filter_map(|line| Some(line.split_once('=')?.1.trim().to_owned()))
            .collect::<Vec<_>>()
    };
    secrets(text) == secrets(DEMO_KEYS)
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
    }

    #[test]
    fn a_short_secret_is_refused_by_name() {
        let text = DEMO_KEYS.replace("data = 6b", "data = ");
        assert!(matches!(parse(&text), Err(KeyError::Secret { name: "data" })));
    }
}
