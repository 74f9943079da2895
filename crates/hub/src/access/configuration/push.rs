use super::{SourceFormat, SourceText};
use kobling_domain::people::{Field, Kind};
use kobling_formats::delimited::{
    Encoding, Keys, LastDay, Layout, LayoutError, LayoutText, MatchBy, MatchText,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the member of a record that names its subject is called.
pub(crate) const ID: &str = "id";
/// What the first day is called.
pub(crate) const FROM: &str = "from";
/// What the first day off is called.
pub(crate) const UNTIL: &str = "until";
/// What the number of the employment is called that a record belongs to.
pub(crate) const EMPLOYMENT: &str = "employment";

/// What a source may send that sends its records itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushText {
    /// The source that issued the numbers of employments by which persons are found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employments: Option<String>,
    /// The kinds of record it sends, and the fields that each may tell.
    pub fields: BTreeMap<Kind, Vec<Field>>,
}

impl PushText {
    /// How each kind of record is read.
    pub fn layouts(&self) -> Result<BTreeMap<Kind, Layout>, LayoutError> {
        let layout = |kind: &Kind| Ok((*kind, Layout::parse(&self.layout(*kind))?));
        self.fields.keys().map(layout).collect()
    }

    /// A record is a row whose columns are called as the fields are.
    fn layout(&self, kind: Kind) -> LayoutText {
        let fields = self.fields.get(&kind).into_iter().flatten();
        let mut fields: BTreeMap<String, String> =
            fields.map(|it| (it.name().to_owned(), it.name().to_owned())).collect();
        let employments = self.employments.as_ref().filter(|_| kind.is_somebodys());
        if kind == Kind::Absence && employments.is_some() {
            fields.insert(Field::AbsenceEmployment.name().to_owned(), EMPLOYMENT.to_owned());
        }
        LayoutText {
            kind,
            key: Keys::One(ID.to_owned()),
            delimiter: ';',
            quote: '"',
            encoding: Encoding::Utf8,
            date: "%Y-%m-%d".to_owned(),
            from: Some(FROM.to_owned()),
            until: Some(UNTIL.to_owned()),
            last_day: LastDay::Exclusive,
            trailer: None,
            count: None,
            name: None,
            match_on: employments.map(|source| MatchText {
                column: EMPLOYMENT.to_owned(),
                by: MatchBy::Employment,
                source: Some(source.clone()),
            }),
            fields,
        }
    }
}

/// What is wrong with a source that sends its records itself.
pub(super) fn problems(source: &SourceText) -> Vec<String> {
    let what = format!("source {}.push", source.key);
    let Some(push) = &source.push else {
        return match source.format {
            SourceFormat::Push => {
                vec![format!("{what} is missing; say there which fields it sends (docs/push.md)")]
            }
            SourceFormat::Opus | SourceFormat::Delimited => Vec::new(),
        };
    };
    if source.format != SourceFormat::Push {
        return vec![format!(
            "{what}: it is read from files; take it out, or write format = \"push\""
        )];
    }
    let mut problems = Vec::new();
    if source.place().is_some() || source.timetable.is_some() || source.delimited.is_some() {
        problems.push(format!(
            "source {}: it sends its records itself; take out folder, sftp, timetable and delimited",
            source.key
        ));
    }
    let (belonging, others): (Vec<Kind>, Vec<Kind>) =
        push.fields.keys().partition(|it| it.is_somebodys());
    if push.fields.is_empty() {
        problems.push(format!("{what}.fields is empty; name a kind of record and its fields"));
    }
    // Whom they belong to must be in the ledger before them, and a failure of one part must not keep
    // the others.
    if belonging.len() + usize::from(!others.is_empty()) > 1 {
        let belonging: Vec<&str> = belonging.iter().map(|it| it.plural()).collect();
        problems.push(format!(
            "{what}.fields: {} are sent to a source of their own, which is read apart",
            belonging.join(" and ")
        ));
    }
    if push.employments.is_some() && belonging.is_empty() {
        problems.push(format!("{what}.employments: nothing it sends belongs to an employment"));
    }
    if let Err(why) = push.layouts() {
        problems.push(format!("{what}.{why}"));
    }
    problems
}
