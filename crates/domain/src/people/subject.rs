use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

/// The kinds of subject.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A unit of the organisation.
    Unit,
    /// A person.
    Person,
    /// One employment of one person.
    Employment,
    /// A position: a key and no claims.
    Position,
    /// Something a person takes part in, such as a course.
    Activity,
    /// Something a person has proved to be able to do, for some days.
    Qualification,
    /// Days on which a person is away from an employment.
    Absence,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Unit,
        Self::Person,
        Self::Employment,
        Self::Position,
        Self::Activity,
        Self::Qualification,
        Self::Absence,
    ];

    /// The name in configurations, documents and the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Person => "person",
            Self::Employment => "employment",
            Self::Position => "position",
            Self::Activity => "activity",
            Self::Qualification => "qualification",
            Self::Absence => "absence",
        }
    }

    /// What several of them are called in English.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Unit => "units",
            Self::Person => "persons",
            Self::Employment => "employments",
            Self::Position => "positions",
            Self::Activity => "activities",
            Self::Qualification => "qualifications",
            Self::Absence => "absences",
        }
    }

    /// So many of them, such as `1 unit` or `2 units`.
    pub fn counted(self, count: u64) -> String {
        let name = if count == 1 { self.name() } else { self.plural() };
        format!("{count} {name}")
    }

    /// The track on which subjects of this kind are described.
    pub fn track(self) -> Track {
        match self {
            Self::Unit | Self::Person | Self::Employment | Self::Position => Track::Record,
            Self::Activity => Track::Activity,
            Self::Qualification => Track::Qualification,
            Self::Absence => Track::Absence,
        }
    }

    /// Whether subjects of this kind belong to a person who must be known before them.
    pub fn is_somebodys(self) -> bool {
        match self {
            Self::Activity | Self::Qualification | Self::Absence => true,
            Self::Unit | Self::Person | Self::Employment | Self::Position => false,
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The part of a subject that one resource of a source describes. A second source, or a resource
/// that fails alone, never blanks another track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Track {
    /// A whole record, as Opus delivers it.
    Record,
    /// What a learning system gives back of a person's activities, each a subject of its own.
    Activity,
    /// The same of qualifications.
    Qualification,
    /// What is told of a person's absences, each a subject of its own.
    Absence,
}

impl Track {
    /// The number that stands for it in the store.
    pub fn code(self) -> i64 {
        match self {
            Self::Record => 0,
            Self::Activity => 1,
            Self::Qualification => 2,
            Self::Absence => 3,
        }
    }

    /// The track of that number.
    pub fn from_code(code: i64) -> Option<Self> {
        let all = [Self::Record, Self::Activity, Self::Qualification, Self::Absence];
        all.into_iter().find(|it| it.code() == code)
    }
}

/// A source's own key of a subject, without leading zeros where it is a number.
///
/// Keys order as numbers where both are numbers, so that 9 comes before 10.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NativeKey {
    text: String,
    /// The text as a number, where it is one; kept, because keys are compared often.
    number: Option<i64>,
}

impl Serialize for NativeKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl JsonSchema for NativeKey {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "NativeKey".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

impl<'de> Deserialize<'de> for NativeKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|it| Self::text(&it))
    }
}

impl NativeKey {
    /// A numeric key.
    pub fn number(number: i64) -> Self {
        Self { text: number.to_string(), number: Some(number) }
    }

    /// A key as text; a number loses its leading zeros.
    pub fn text(text: &str) -> Self {
        let other = |_| Self { text: text.to_owned(), number: None };
        text.parse().map_or_else(other, Self::number)
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The key as a number, where it is one.
    pub fn as_number(&self) -> Option<i64> {
        self.number
    }
}

impl fmt::Display for NativeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Ord for NativeKey {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.number, other.number) {
            (Some(a), Some(b)) => a.cmp(&b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => self.text.cmp(&other.text),
        }
    }
}

impl PartialOrd for NativeKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_comes_before_ten() {
        assert!(NativeKey::text("9") < NativeKey::text("10"));
        assert!(NativeKey::text("10") < NativeKey::text("E1"));
    }

    #[test]
    fn leading_zeros_make_no_other_key() {
        assert_eq!(NativeKey::text("00032"), NativeKey::number(32));
        let written: NativeKey = serde_json::from_str("\"00032\"").unwrap();
        assert_eq!(written, NativeKey::number(32));
    }
}
