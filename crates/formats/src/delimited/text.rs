use jiff::civil::Date;
use kobling_domain::people::Kind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a delimited file is to be read, as it is written in a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayoutText {
    /// What a row is about.
    pub kind: Kind,
    /// The column, or columns, by whose text the source knows the row again.
    pub key: Keys,
    /// What stands between cells.
    #[serde(default = "semicolon")]
    pub delimiter: char,
    /// What stands around a cell that holds a delimiter or a line end.
    #[serde(default = "double_quote")]
    pub quote: char,
    /// How letters are written.
    #[serde(default)]
    pub encoding: Encoding,
    /// How dates are written.
    #[serde(default = "iso_date")]
    pub date: String,
    /// The column of the first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The column of the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Whether the day in the column of the end still belongs to it.
    #[serde(default)]
    pub last_day: LastDay,
    /// The first cell of the row that ends a whole file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trailer: Option<String>,
    /// The same, where the second cell of that row tells how many rows stand before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<String>,
    /// How its files are named, with the date in it: `members_%Y%m%d.csv`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// By what a row's person is found, who is known from another source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_on: Option<MatchText>,
    /// The column of each field.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// One column, or several that are the key together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Keys {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Keys {
    /// The columns.
    pub fn columns(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several(several) => several,
        }
    }
}

/// How letters are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    /// UTF-8, with or without a mark.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// windows-1252, of which ISO-8859-1 is a part.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

/// What the day in the column of the end means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastDay {
    /// The last day.
    #[default]
    Inclusive,
    /// The first day after.
    Exclusive,
}

/// By what a row's person is found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchText {
    /// The column.
    pub column: String,
    /// What it holds.
    pub by: MatchBy,
    /// The source that issued it; none for the hub's own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// What a column holds by which a person is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchBy {
    /// The hub's own id of the person, as targets were given it.
    Id,
    /// The number of one of the person's employments.
    Employment,
    /// The source's key of the person.
    Person,
}

fn semicolon() -> char {
    ';'
}

fn double_quote() -> char {
    '"'
}

fn iso_date() -> String {
    "%Y-%m-%d".to_owned()
}

/// A day that is written for an end that is not known.
pub(super) fn is_no_end(day: Date) -> bool {
    day.year() >= 9999
}
