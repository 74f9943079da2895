use jiff::civil::DateTime;
use jiff::fmt::strtime;

/// The name is not one of an Opus extract.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is not named like an Opus extract (ZLPE20260304224013_delta.xml)")]
pub struct NotAnExtractName {
    /// The name as given.
    pub name: String,
}

/// When the extract of that file name was exported, in the employer's local time. Its date is the
/// date of the file; times of the file system and of the content say nothing.
///
/// ```
/// use jiff::civil::date;
/// use kobling_formats::opus::exported_at;
///
/// let at = exported_at("ZLPE20260304224013_delta.xml")?;
/// assert_eq!(at, date(2026, 3, 4).at(22, 40, 13, 0));
/// # Ok::<(), kobling_formats::opus::NotAnExtractName>(())
/// ```
pub fn exported_at(name: &str) -> Result<DateTime, NotAnExtractName> {
    read(name).ok_or_else(|| NotAnExtractName { name: name.to_owned() })
}

fn read(name: &str) -> Option<DateTime> {
    let (prefix, rest) = name.split_at_checked(4)?;
    let (digits, suffix) = rest.split_at_checked(14)?;
    let named_so = prefix.eq_ignore_ascii_case("ZLPE")
        && digits.bytes().all(|it| it.is_ascii_digit())
        && suffix.to_ascii_lowercase().ends_with(".xml")
        && !suffix.starts_with(|it: char| it.is_ascii_digit());
    if !named_so {
        return None;
    }
    strtime::parse("%Y%m%d%H%M%S", digits).ok()?.to_datetime().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stray_name_is_refused_and_not_guessed_at() {
        for name in [
            "",
            "ZLPE",
            "ZLPE2026030422401_delta.xml",
            "ZLPE202603042240131_delta.xml",
            "ZLPE20261304224013_delta.xml",
            "ZLPE20260304224013_delta.txt",
            "ÆØÅ20260304224013_delta.xml",
            "notes.xml",
        ] {
            assert!(exported_at(name).is_err(), "{name}");
        }
    }
}
