use super::Status;
use jiff::civil::Date;
use kobling_domain::time::Validity;

/// In which bytes the receiver wants its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 without a byte order mark.
    #[default]
    Utf8,
    /// windows-1252. A letter it does not have is an error, never a question mark.
    Windows1252,
}

/// How an employment that has not begun is told. Receivers have asked for both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FutureEngagements {
    /// `AktivStatus` 0 until its first day, as plan2learn's description has it.
    #[default]
    Inactive,
    /// `AktivStatus` 1 from the moment it is known, so that courses can be booked ahead.
    Active,
}

/// How an employment that has ended is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EndedEngagements {
    /// Not at all: the receiver makes inactive what is absent.
    #[default]
    Absent,
    /// With a row of `AktivStatus` 0.
    Marked,
}

/// What one receiver wants within the profile `viborg`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// How text is encoded.
    pub encoding: Encoding,
    /// How coming employments are told.
    pub future: FutureEngagements,
    /// How past employments are told.
    pub ended: EndedEngagements,
}

/// The two columns of an engagement that depend on the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// For `AktivStatus`.
    pub status: Status,
    /// For `StartdatoEngagement`: told for employments that have not begun, else empty.
    pub start: Option<Date>,
}

impl Profile {
    /// How an employment that exists on the days of `existence` stands on `today`; `None` if it
    /// has no row.
    ///
    /// A reopened employment has several periods, in any order: the one that holds today counts,
    /// else the nearest coming one.
    pub fn standing(&self, existence: &[Validity], today: Date) -> Option<Standing> {
        if existence.iter().any(|it| it.contains(today)) {
            return Some(Standing { status: Status::Active, start: None });
        }
        let coming = existence.iter().map(Validity::from).filter(|it| *it > today).min();
        match (coming, self.future, self.ended) {
            (Some(start), FutureEngagements::Active, _) => {
                Some(Standing { status: Status::Active, start: Some(start) })
            }
            (Some(start), FutureEngagements::Inactive, _) => {
                Some(Standing { status: Status::Inactive, start: Some(start) })
            }
            (None, _, EndedEngagements::Marked) if !existence.is_empty() => {
                Some(Standing { status: Status::Inactive, start: None })
            }
            (None, _, EndedEngagements::Marked | EndedEngagements::Absent) => None,
        }
    }
}
