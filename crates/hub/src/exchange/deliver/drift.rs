//! Drift: what a target holds against what it should, and against what it was sent last.
//!
//! What becomes of it is a policy of the target, field by field.
//!
//! A row that is as it was sent, and only older than the ledger, has not drifted: the next delivery
//! brings it. A row that is neither was changed by somebody else. All files of a set are written
//! whenever one that lies there is not what was sent, so the next delivery writes it anew.

mod settle;

use super::super::progress::Progress;

use super::{DeliverError, Order, order, receipt, set};
use crate::Hub;
use crate::access::configuration::DriftPolicy;
use crate::connectors::{self, PlaceError};
use jiff::civil::Date;
use kobling_domain::id::{SubjectId, TenantId};
use kobling_domain::people::NationalNumber;
use kobling_formats::plan2learn::{self as formats, File, FileSet, Ours, ReadError};
use kobling_store::StoreError;
use serde::Serialize;
use std::collections::BTreeMap;
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
    /// What it should hold cannot be told.
    #[error(transparent)]
    Deliver(#[from] DeliverError),
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
            | Self::Read(_) => true,
            Self::Deliver(it) => it.is_bad_input(),
            Self::Place(_) | Self::Store(_) => false,
        }
    }
}

/// What a target holds, compared.
#[derive(Clone, Debug, Serialize)]
pub struct Drift {
    /// The target's key.
    pub target: String,
    /// Each file that was looked at.
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
    pub fields: Vec<Field>,
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
pub struct Field {
    /// The column.
    pub column: &'static str,
    /// What should stand there; none if the row should not be there at all.
    pub should: Option<String>,
    /// What stands there.
    pub holds: String,
    /// What becomes of it.
    pub policy: DriftPolicy,
}

/// Compares the files that lie at a target, or the lists given in their place, with what the
/// target should hold today and with what it was sent last.
pub async fn drift(
    hub: &Hub,
    tenant: TenantId,
    target: &str,
    lists: &[PathBuf],
    progress: &dyn Progress,
) -> Result<Drift, DriftError> {
    let (order, found) = compare(hub, tenant, target, lists, progress).await?;
    Ok(told(&order, found))
}

/// The same, and does what the target's policies say: what it may keep is sent back as it is from
/// now on, and what is enforced makes the next delivery send all anew.
pub async fn settle(
    hub: &Hub,
    tenant: TenantId,
    target: &str,
    lists: &[PathBuf],
    progress: &dyn Progress,
) -> Result<Drift, DriftError> {
    let (order, found) = compare(hub, tenant, target, lists, progress).await?;
    settle::settle(hub, &order, &found).await?;
    Ok(told(&order, found))
}

async fn compare(
    hub: &Hub,
    tenant: TenantId,
    target: &str,
    lists: &[PathBuf],
    progress: &dyn Progress,
) -> Result<(Order, Vec<(File, formats::Drift)>), DriftError> {
    let order = order::read(hub, &mut hub.db.read().await?, tenant, target).await?;
    let held = match lists {
        [] => lying(hub, &order).await?,
        lists => listed(&order.form.files, lists)?,
    };
    let mut ledger = hub.db.read().await?;
    let mut order = order::read(hub, &mut ledger, tenant, target).await?;
    let last = receipt::last(hub, &mut ledger, &order).await?;
    let last = last.ok_or_else(|| DriftError::NeverDelivered { target: target.to_owned() })?;
    order.keep_files(Some(&last));
    let outputs = FileSet::from_fn(order.form.files.clone(), |_| Vec::new());
    let made = set::make(hub, &mut ledger, &order, outputs, progress).await?;
    drop(ledger);
    let mut found = Vec::new();
    for (file, holds) in held {
        let should = made.outputs.get(file).map(Vec::as_slice).unwrap_or_default();
        // A file that is gone holds the header and nothing else.
        let header = || should.split_inclusive(|it| *it == b'\n').next().unwrap_or_default();
        let holds = holds.unwrap_or_else(|| header().to_vec());
        let drift = formats::drift(file, &order.form, should, holds.as_slice(), &last.inventory)?;
        found.push((file, drift));
    }
    Ok((order, found))
}

/// The bytes of each file that lies at the target; none of one that does not.
async fn lying(hub: &Hub, order: &Order) -> Result<BTreeMap<File, Option<Vec<u8>>>, PlaceError> {
    let mut there = connectors::connect(&order.place, &hub.secrets).await?;
    let names = there.list().await?;
    let mut held = BTreeMap::new();
    for file in &order.form.files {
        if !names.iter().any(|it| it.name == file.name()) {
            held.insert(*file, None);
            continue;
        }
        held.insert(*file, Some(there.read_whole(file.name()).await?));
    }
    Ok(held)
}

/// The bytes of lists that have the names of files.
fn listed(
    files: &[File],
    lists: &[PathBuf],
) -> Result<BTreeMap<File, Option<Vec<u8>>>, DriftError> {
    let mut held = BTreeMap::new();
    for path in lists {
        let named = |it: &&File| path.file_name().is_some_and(|name| name == it.name());
        let file = files.iter().find(named).ok_or_else(|| DriftError::UnknownFile {
            path: path.clone(),
            known: files.iter().map(|it| it.name()).collect::<Vec<_>>().join(", "),
        })?;
        let bytes = std::fs::read(path)
            .map_err(|source| DriftError::Open { path: path.clone(), source })?;
        held.insert(*file, Some(bytes));
    }
    Ok(held)
}

fn told(order: &Order, found: Vec<(File, formats::Drift)>) -> Drift {
    let files = found.into_iter().map(|(file, it)| told_of(order, file, it));
    Drift { target: order.target.key.clone(), files: files.collect() }
}

fn told_of(order: &Order, file: File, found: formats::Drift) -> FileDrift {
    let rows = found.drifted.into_iter().map(|it| row(order, file, it));
    let is_kept = |it: &Row| {
        it.how == How::Edited && it.fields.iter().all(|it| it.policy == DriftPolicy::Accept)
    };
    let (kept, rows): (Vec<Row>, Vec<Row>) = rows.partition(is_kept);
    let count = |how| rows.iter().filter(|it| it.how == how).count();
    FileDrift {
        name: file.name(),
        agreed: found.agreed,
        awaited: found.awaited,
        accepted: kept.len(),
        edited: count(How::Edited),
        missing: count(How::Missing),
        extra: count(How::Extra),
        rows,
    }
}

fn row(order: &Order, file: File, it: formats::Drifted) -> Row {
    let (how, cells, ours) = match it.how {
        formats::How::Edited { cells, ours } => (How::Edited, cells, ours),
        formats::How::Missing => (How::Missing, Vec::new(), Ours::Changed),
        formats::How::Extra => (How::Extra, Vec::new(), Ours::Changed),
    };
    let fields = cells.into_iter().map(|it| Field {
        column: it.column,
        policy: settle::policy(order, (file, it.column), ours),
        should: it.should.map(|text| masked(it.column, &text, order.today)),
        holds: masked(it.column, &it.holds, order.today),
    });
    Row { id: it.id, how, fields: fields.collect() }
}

/// What may be shown of a cell: of a national number its date of birth at most, wherever somebody
/// typed it.
fn masked(column: &str, text: &str, today: Date) -> String {
    match NationalNumber::parse(text) {
        Ok(number) if number.digits().len() == 10 || column == NUMBER_COLUMN => number.masked(),
        Ok(_) | Err(_) => kobling_pii::mask(text, today).into_owned(),
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
            for Field { column, should, holds, policy } in &row.fields {
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
