use jiff::civil::{DateTime, Time};
use jiff::fmt::strtime;

/// The name is not one of this source's files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is not named like {pattern}")]
pub struct NotItsName {
    /// The name as given.
    pub name: String,
    /// How the source's files are named.
    pub pattern: String,
}

/// When the file of that name was written, by a pattern such as `members_%Y%m%d.csv`. Without a
/// time of day in the pattern it counts as midnight.
pub fn exported_at(pattern: &str, name: &str) -> Result<DateTime, NotItsName> {
    let refused = || NotItsName { name: name.to_owned(), pattern: pattern.to_owned() };
    let parsed = strtime::parse(pattern, name).map_err(|_| refused())?;
    let midnight = || parsed.to_date().map(|day| day.to_datetime(Time::midnight()));
    let at = parsed.to_datetime().or_else(|_| midnight()).map_err(|_| refused())?;
    // Reading is lenient about digits; a name is not.
    let written = strtime::format(pattern, at).map_err(|_| refused())?;
    if written == name { Ok(at) } else { Err(refused()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_date_stands_in_the_name_with_or_without_a_time() {
        let members = "members_%Y%m%d.csv";
        assert_eq!(
            exported_at(members, "members_20260305.csv"),
            Ok(date(2026, 3, 5).at(0, 0, 0, 0))
        );
        let timed = "hr-%Y-%m-%dT%H%M.csv";
        assert_eq!(
            exported_at(timed, "hr-2026-03-05T2215.csv"),
            Ok(date(2026, 3, 5).at(22, 15, 0, 0))
        );
        for name in ["members_2026035.csv", "members_20261305.csv", "notes.csv", ""] {
            assert!(exported_at(members, name).is_err(), "{name}");
        }
    }
}
