//! Drift: what a target holds against what it should, and against what it was sent last.
//!
//! What becomes of it is a policy of the target, field by field. What is as it was sent, and only
//! older than the ledger, has not drifted: the next delivery brings it. What is neither was changed
//! by somebody else.

use super::deliver::{self, DeliverError};
use super::lane::{self, LaneError};
use super::progress::Progress;
use crate::Hub;
use crate::access::configuration::DriftPolicy;
use crate::connectors::PlaceError;
use jiff::civil::Date;
use kobling_domain::id::{SubjectId, TenantId};
use kobling_domain::people::{Field, NationalNumber};
use kobling_formats::plan2learn::ReadError;
use kobling_store::StoreError;
use serde::Serialize;
use std::fmt;
use std::path::PathBuf;

/// The column of national numbers. A spreadsheet takes the leading zero of what is typed there.
const NUMBER_COLUMN: &str = "CPR";
/// Rows named in text; as JSON all of them are.
const NAMED_MAX: usize = 50;

/// Why drift cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum DriftError {
    /// Nothing was sent to compare with.
    #[error("target {target:?} was never delivered to; take over what it holds instead")]
    NeverDelivered {
        /// The target.
        target: String,
    },
    /// A list that is none of the target's files.
    #[error("{} is none of the target's files; there is: {known}", path.display())]
    UnknownFile {
        /// The file as given.
        path: PathBuf,
        /// Files there are.
        known: String,
    },
    /// What lies at the target cannot be fetched.
    #[error("what lies at the target cannot be fetched")]
    Place(#[from] PlaceError),
    /// What the target holds cannot be opened.
    #[error("{} cannot be opened", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What the target holds cannot be read.
    #[error("what the target holds cannot be read")]
    Read(#[from] ReadError),
    /// Of a target of messages no list of what it holds was given.
    #[error(
        "nobody can look at what target {target:?} holds; give its list, one message on a line: \
         --list FILE"
    )]
    NoList {
        /// The target.
        target: String,
    },
    /// A line that does not tell what the target holds of somebody.
    #[error("{} line {line}: {what}", path.display())]
    Line {
        /// The list.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// What it should hold cannot be told.
    #[error(transparent)]
    Deliver(#[from] DeliverError),
    /// What a target of messages should hold cannot be told.
    #[error(transparent)]
    Lanes(#[from] LaneError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl DriftError {
    /// Whether what was given is at fault, rather than this program or its store.
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::NeverDelivered { .. }
            | Self::UnknownFile { .. }
            | Self::Open { .. }
            | Self::NoList { .. }
            | Self::Line { .. }
            | Self::Read(_) => true,
            Self::Deliver(it) => it.is_bad_input(),
            Self::Lanes(it) => it.is_bad_input(),
            Self::Place(_) | Self::Store(_) => false,
        }
    }
}

/// What a target holds, compared.
#[derive(Clone, Debug, Serialize)]
pub struct Drift {
    /// The target's key.
    pub target: String,
    /// Each file that was looked at; of a target of messages one for its units and one for its
    /// persons.
    pub files: Vec<FileDrift>,
}

/// How one file stands.
#[derive(Clone, Debug, Serialize)]
pub struct FileDrift {
    /// Its name.
    pub name: &'static str,
    /// Rows that are as they should be.
    pub agreed: usize,
    /// Rows that the next delivery brings up to date.
    pub awaited: usize,
    /// Rows in which only what the target may keep is its own.
    pub accepted: usize,
    /// Rows that somebody else has changed.
    pub edited: usize,
    /// Rows that somebody else has taken out.
    pub missing: usize,
    /// Rows that somebody else has put there.
    pub extra: usize,
    /// Those three, one by one.
    pub rows: Vec<Row>,
}

/// One row that somebody else has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Whose it is, by the id it was sent under.
    pub id: SubjectId,
    /// What was done to it.
    pub how: How,
    /// The fields that are not as they should be; identity numbers are masked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Cell>,
}

/// What was done to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It says something else.
    Edited,
    /// It is gone.
    Missing,
    /// It was never sent.
    Extra,
}

/// One field that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// The column, or the name of the field in a message.
    pub column: String,
    /// What should stand there; none if the row should not be there at all.
    pub should: Option<String>,
    /// What stands there.
    pub holds: String,
    /// What becomes of it.
    pub policy: DriftPolicy,
}

/// What is done with what has drifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    /// It is told.
    Tell,
    /// What the target's policies say.
    Settle,
}

/// Compares what a target holds with what it should hold today and with what it was sent last: the
/// files that lie there, or `lists` in their place.
#[crate::boxed(?Send)]
pub async fn drift(
    hub: &Hub,
    tenant: TenantId,
    target: &str,
    lists: &[PathBuf],
    progress: &dyn Progress,
) -> Result<Drift, DriftError> {
    find(hub, tenant, target, (lists, Doing::Tell), progress).await
}

/// The same, and does what the target's policies say: what it may keep is sent back as it is from
/// now on, and what is enforced makes the next delivery send ours anew though nothing has changed
/// here.
#[crate::boxed(?Send)]
pub async fn settle(
    hub: &Hub,
    tenant: TenantId,
    target: &str,
    lists: &[PathBuf],
    progress: &dyn Progress,
) -> Result<Drift, DriftError> {
    find(hub, tenant, target, (lists, Doing::Settle), progress).await
}

async fn find(
    hub: &Hub,
    tenant: TenantId,
    target: &str,
    (lists, doing): (&[PathBuf], Doing),
    progress: &dyn Progress,
) -> Result<Drift, DriftError> {
    if lane::takes_messages(hub, tenant, target).await? {
        lane::drift::find(hub, tenant, target, lists, doing).await
    } else {
        deliver::drift::find(hub, tenant, target, (lists, doing), progress).await
    }
}

/// What may be shown of a cell: of a national number its date of birth at most, wherever somebody
/// typed it.
pub(super) fn masked(column: &str, text: &str, today: Date) -> String {
    let holds_numbers = column == NUMBER_COLUMN || column == Field::PersonNationalNumber.name();
    match NationalNumber::parse(text) {
        Ok(number) if number.digits().len() == 10 || holds_numbers => number.masked(),
        Ok(_) | Err(_) => kobling_pii::mask(text, today).into_owned(),
    }
}

impl FileDrift {
    /// What is told of rows of which so many `agreed`, and so many are `awaited`.
    pub(super) fn of(
        name: &'static str,
        (agreed, awaited): (usize, usize),
        rows: Vec<Row>,
    ) -> Self {
        let is_kept = |it: &Row| {
            it.how == How::Edited && it.fields.iter().all(|it| it.policy == DriftPolicy::Accept)
        };
        let (kept, rows): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(is_kept);
        let count = |how| rows.iter().filter(|it| it.how == how).count();
        Self {
            name,
            agreed,
            awaited,
            accepted: kept.len(),
            edited: count(How::Edited),
            missing: count(How::Missing),
            extra: count(How::Extra),
            rows,
        }
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: what it holds against what it should", self.target)?;
        for it in &self.files {
            let FileDrift { name, agreed, awaited, accepted, edited, missing, extra, .. } = it;
            writeln!(
                f,
                "  {name:<18} {agreed:>8} agree, {awaited} await the next delivery, {accepted} are \
                 the target's own; {edited} edited, {missing} missing, {extra} extra"
            )?;
        }
        for it in &self.files {
            it.named(f)?;
        }
        Ok(())
    }
}

impl FileDrift {
    fn named(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in self.rows.iter().take(NAMED_MAX) {
            let how = match row.how {
                How::Edited => "edited",
                How::Missing => "missing",
                How::Extra => "extra",
            };
            writeln!(f, "  {} {} {how}", self.name, row.id)?;
            for Cell { column, should, holds, policy } in &row.fields {
                let should = should.as_deref().unwrap_or("(no row)");
                let then = match policy {
                    DriftPolicy::Report => "",
                    DriftPolicy::Enforce => "; to be enforced",
                    DriftPolicy::Accept => "; to be accepted",
                };
                writeln!(f, "    {column}: {holds:?}, and should be {should:?}{then}")?;
            }
        }
        match self.rows.len().checked_sub(NAMED_MAX).filter(|it| *it > 0) {
            Some(more) => writeln!(f, "  {} … and {more} more (--json names them all)", self.name),
            None => Ok(()),
        }
    }
}
