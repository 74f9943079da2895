//! What pages say, in three languages. Texts stand side by side, so none can lack a language; the
//! compiler tells which are used no more.

pub(crate) mod agreements;
pub(crate) mod audit;
pub(crate) mod brakes;
pub(crate) mod common;
pub(crate) mod delivery;
pub(crate) mod entry;
pub(crate) mod fields;
pub(crate) mod groups;
pub(crate) mod letters;
pub(crate) mod organisation;
pub(crate) mod overview;
pub(crate) mod person;
pub(crate) mod runs;

use super::language::Language;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// One text in all languages. `{name}` stands for what is filled in; of a text that counts, the
/// form for one and the form for any other number are parted by `|`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    en: &'static str,
    da: &'static str,
    nl: &'static str,
}

impl Text {
    pub(crate) const fn new(en: &'static str, da: &'static str, nl: &'static str) -> Self {
        Self { en, da, nl }
    }
}

/// Declares texts: the name, then English, Danish and Dutch.
macro_rules! texts {
    ($($name:ident: $en:literal, $da:literal, $nl:literal;)*) => {
        $(pub(crate) const $name: $crate::web::text::Text =
            $crate::web::text::Text::new($en, $da, $nl);)*
        /// All of them, with their names.
        #[cfg(test)]
        pub(crate) const ALL: &[(&str, $crate::web::text::Text)] = &[$((stringify!($name), $name)),*];
    };
}
pub(crate) use texts;

impl Language {
    /// What the language calls itself.
    pub(super) fn own_name(self) -> &'static str {
        match self {
            Self::Danish => "Dansk",
            Self::Dutch => "Nederlands",
            Self::English => "English",
        }
    }

    /// The text in this language.
    pub(crate) fn t(self, text: Text) -> &'static str {
        match self {
            Self::Danish => text.da,
            Self::Dutch => text.nl,
            Self::English => text.en,
        }
    }

    /// The text with `{name}` filled in for each of `values`.
    pub(crate) fn fill(self, text: Text, values: &[(&str, &str)]) -> String {
        filled(self.t(text), values)
    }

    /// The form of a counting text for `n`, with `{n}` filled in.
    pub(crate) fn count(self, text: Text, n: impl TryInto<i64>) -> String {
        let n = n.try_into().unwrap_or(i64::MAX);
        let (one, other) = self.t(text).split_once('|').unwrap_or((self.t(text), self.t(text)));
        filled(if n == 1 { one } else { other }, &[("n", &self.number(n))])
    }

    /// A whole number, its thousands parted as is usual.
    pub(crate) fn number(self, n: impl TryInto<i64>) -> String {
        let n = n.try_into().unwrap_or(i64::MAX);
        let mark = match self {
            Self::Danish | Self::Dutch => '.',
            Self::English => ',',
        };
        let digits = n.unsigned_abs().to_string();
        let mut text = String::from(if n < 0 { "−" } else { "" });
        for (index, digit) in digits.char_indices() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(mark);
            }
            text.push(digit);
        }
        text
    }

    /// A day.
    pub(crate) fn date(self, day: Date) -> String {
        let (y, m, d) = (day.year(), day.month(), day.day());
        match self {
            Self::Danish => format!("{d:02}.{m:02}.{y:04}"),
            Self::Dutch => format!("{d:02}-{m:02}-{y:04}"),
            Self::English => day.strftime("%-d %b %Y").to_string(),
        }
    }

    /// The day that somebody typed, as days are written here or everywhere.
    pub(crate) fn day_of(self, typed: &str) -> Option<Date> {
        let typed = typed.trim();
        let own = match self {
            Self::Danish => "%d.%m.%Y",
            Self::Dutch => "%d-%m-%Y",
            Self::English => "%d %b %Y",
        };
        typed.parse().ok().or_else(|| Date::strptime(own, typed).ok())
    }

    /// An instant, as the clock of the employer showed it.
    pub(crate) fn instant(self, at: Timestamp, zone: &TimeZone) -> String {
        let local = zone.to_datetime(at);
        format!("{} {:02}:{:02}", self.date(local.date()), local.hour(), local.minute())
    }

    /// Days as people write them, the last one included. An open end is said in words.
    pub(crate) fn days(self, from: Option<Date>, until: Option<Date>) -> String {
        let last = until.map(|it| it.yesterday().unwrap_or(it));
        match (from, last) {
            (None, None) => self.t(common::DAYS_ALWAYS).to_owned(),
            (None, Some(last)) => self.fill(common::DAYS_UP_TO, &[("last", &self.date(last))]),
            (Some(from), None) => self.fill(common::DAYS_FROM_ON, &[("from", &self.date(from))]),
            (Some(from), Some(last)) if from == last => self.date(from),
            (Some(from), Some(last)) => format!("{} – {}", self.date(from), self.date(last)),
        }
    }
}

fn filled(text: &str, values: &[(&str, &str)]) -> String {
    values
        .iter()
        .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

#[cfg(test)]
mod tests;
