//! Finds Danish and Dutch identity numbers (CPR, replacement numbers, eCPR, BSN) in text as people
//! and programs write it, and masks them.
//!
//! Text is read as a person would see it: dashes of all kinds are dashes, invisible characters are
//! not there, entities, percent-encoding, quoted-printable and base64 are decoded, quote marks of
//! replies are skipped. What looks like a number is then weighed by its date, its check digit and
//! the words around it ([`Rule`]), for one bare ten-digit number in 350 passes date and check digit
//! by chance.
//!
//! No finding holds the number itself: it tells where it stands and how to show it masked.
//!
//! ```
//! let today = jiff::civil::date(2026, 3, 5);
//! let found = kobling_pii::find("Ring til borger 010300-0017 i dag", today);
//! assert_eq!(found[0].span, 16..27);
//! assert_eq!(found[0].masked, "01••••-••••");
//! ```

mod code;
mod column;
mod encoded;
mod group;
mod label;
mod number;
mod region;
mod shape;
mod table;
mod text;
mod verdict;
mod word;

pub use column::{Column, column};

use jiff::civil::Date;
use std::borrow::Cow;
use std::ops::Range;

/// What a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A Danish national number.
    Cpr,
    /// A replacement number, with 60 added to its day.
    CprReplacement,
    /// A replacement number of the health services, with two letters.
    Ecpr,
    /// A Dutch citizen service number.
    Bsn,
}

/// How sure it is, and so what is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// It may be one: ask whoever wrote it.
    Warn,
    /// It is one: the text must not go further.
    Block,
}

/// Why a text was found to hold a number; the first rule that fits decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A possible date beside a word such as *cpr*.
    Labelled,
    /// Check digit right, and written in parts or among words about people.
    CheckedInContext,
    /// Check digit right, nothing else.
    Checked,
    /// Born on 1 January of a year in which numbers without check digit were given.
    FirstOfJanuary,
    /// Born on 1 January, and less to go by.
    MaybeFirstOfJanuary,
    /// Check digit wrong, but written as such a number among words about people: mistyped perhaps.
    Mistyped,
    /// 60 added to the day.
    Replacement,
    /// Letters in the place of two digits.
    HealthReplacement,
    /// Nine digits beside a word such as *cpr*: a leading zero was lost.
    ZeroLost,
    /// In a column of such numbers.
    Column,
    /// Letters O, l or I for digits beside a word such as *cpr*.
    LettersForDigits,
    /// The eleven test of a BSN beside a word that names it.
    Bsn,
}

/// A number found in a text. It does not hold the number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// How sure.
    pub level: Level,
    /// Why.
    pub rule: Rule,
    /// Where it stands, in bytes of the text.
    pub span: Range<usize>,
    /// What may be shown in its place.
    pub masked: String,
}

/// Digits below which a text holds no number of any kind.
const DIGITS_MIN: usize = 8;

/// All numbers in `text`, in order, none overlapping another. `today` is the civil date after which
/// nobody is born yet. Takes time and memory in proportion to the text.
pub fn find(text: &str, today: Date) -> Vec<Finding> {
    let mut found = Vec::new();
    // Most texts of a record are a code or a short word.
    if text.len() < DIGITS_MIN {
        return found;
    }
    found.extend(verdict::judge_all(text, today));
    for token in encoded::tokens(text) {
        // What hides in base64 hides there once; a token in a token is not looked at.
        if !overlaps_any(&found, &token.span)
            && let Some(worst) =
                verdict::judge_all(&token.decoded, today).into_iter().max_by_key(|it| it.level)
        {
            found.push(Finding { span: token.span, ..worst });
        }
    }
    found.sort_by_key(|it| it.span.start);
    found
}

/// The text with every finding masked; borrowed if there is none.
pub fn mask(text: &str, today: Date) -> Cow<'_, str> {
    let found = find(text, today);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for it in &found {
        masked.push_str(text.get(done..it.span.start).unwrap_or_default());
        masked.push_str(&it.masked);
        done = it.span.end;
    }
    masked.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(masked)
}

fn overlaps_any(found: &[Finding], span: &Range<usize>) -> bool {
    let from = found.partition_point(|it| it.span.end <= span.start);
    found.get(from).is_some_and(|it| it.span.start < span.end)
}
