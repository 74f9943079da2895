use crate::people::{Kind, NationalNumber, NativeKey, State};
use crate::time::{Slice, Validity};
use jiff::civil::Date;

/// What a record says about the days on which its subject exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existence {
    /// On these days.
    Period(Validity),
    /// On no day: the record's own dates leave none.
    Never,
    /// Its days are over; the record does not say since when, nor anything else.
    Ended,
}

/// One record of a source, as `formats` reads it: days half-open, empty values absent, local
/// conventions resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// What kind of subject it describes.
    pub kind: Kind,
    /// The source's key of it.
    pub native: NativeKey,
    /// On which days the subject exists.
    pub existence: Existence,
    /// Whose employment it is.
    pub person: Option<NationalNumber>,
    /// The values. Empty for [`Existence::Ended`].
    pub state: State,
}

/// What one record, or one history, asks of the claims of its subject and track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assertion<S> {
    /// Today's values: existence for all days, values from `effective` on.
    Record {
        /// The days on which the subject exists; none if on no day.
        existence: Option<Validity>,
        /// The day from which the values are stated.
        effective: Date,
        /// The values, and the record they come from.
        values: S,
    },
    /// All that is known inside a window of days; nothing outside it is touched.
    History {
        /// The window.
        window: Validity,
        /// Ordered slices within it, without overlap.
        slices: Vec<Slice<S>>,
    },
}
