use std::fmt;

/// A national identity number: ten digits (CPR) or nine (BSN), nothing more is asked of it.
///
/// It prints as `……-…`; [`digits`](Self::digits) is the one way to read it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NationalNumber(String);

/// The text is no national identity number. The text itself is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not ten digits (CPR) or nine digits (BSN)")]
pub struct NotANationalNumber;

impl NationalNumber {
    /// Reads nine or ten digits; one hyphen before the last four and white space around are
    /// allowed. Ten zeros are no number.
    pub fn parse(text: &str) -> Result<Self, NotANationalNumber> {
        let digits = match text.trim().split_once('-') {
            Some((date, serial)) if date.len() == 6 && serial.len() == 4 => {
                format!("{date}{serial}")
            }
            Some(_) => return Err(NotANationalNumber),
            None => text.trim().to_owned(),
        };
        let known_length = matches!(digits.len(), 9 | 10);
        let all_digits = digits.bytes().all(|it| it.is_ascii_digit());
        let all_zero = digits.bytes().all(|it| it == b'0');
        if known_length && all_digits && !all_zero {
            Ok(Self(digits))
        } else {
            Err(NotANationalNumber)
        }
    }

    /// The bare digits.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// The number as it may be shown to a person: of a CPR number the date of birth, which tells
    /// people of one name apart; of any other nothing.
    pub fn masked(&self) -> String {
        match self.0.get(..6) {
            Some(date) if self.0.len() == 10 => format!("{date}-••••"),
            Some(_) | None => "•••••••••".to_owned(),
        }
    }
}

impl fmt::Debug for NationalNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("……-…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_never_printed() {
        let it = NationalNumber::parse("710180-9991").unwrap();
        assert_eq!(it.digits(), "7101809991");
        assert!(!format!("{it:?}").contains("7101"));
    }

    #[test]
    fn a_masked_number_shows_no_serial() {
        let masked = |text| NationalNumber::parse(text).unwrap().masked();
        assert_eq!(masked("710180-9991"), "710180-••••");
        assert_eq!(masked("123456782"), "•••••••••");
    }

    #[test]
    fn letters_other_lengths_and_zeros_are_refused() {
        for text in ["", "71018099", "71018099911", "710180999x", "7101-809991", "0000000000"] {
            assert_eq!(NationalNumber::parse(text), Err(NotANationalNumber), "{text}");
        }
    }
}
