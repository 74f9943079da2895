//! Drift of a target that takes sets of files.
//!
//! All files of a set are written whenever one that lies there is not what was sent, so the next
//! delivery writes it anew.

mod settle;

use super::super::drift::{Cell, Doing, Drift, DriftError, FileDrift, How, Row, masked};
use super::super::progress::Progress;
use super::{Order, order, receipt, set};
use crate::Hub;
use crate::connectors::{self, PlaceError};
use kobling_domain::id::TenantId;
use kobling_formats::plan2learn::{self as formats, File, FileSet, Ours};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Compares the files that lie at a target, or the lists given in their place, and does what is to
/// be done with what differs.
pub(in super::super) async fn find(
    hub: &Hub,
    tenant: TenantId,
    target: &str,
    (lists, doing): (&[PathBuf], Doing),
    progress: &dyn Progress,
) -> Result<Drift, DriftError> {
    let (order, found) = Box::pin(compare(hub, tenant, target, lists, progress)).await?;
    match doing {
        Doing::Tell => {}
        Doing::Settle => settle::settle(hub, &order, &found).await?,
    }
    let files = found.into_iter().map(|(file, it)| told(&order, file, it));
    Ok(Drift { target: order.target.key.clone(), files: files.collect() })
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

fn told(order: &Order, file: File, found: formats::Drift) -> FileDrift {
    let rows = found.drifted.into_iter().map(|it| row(order, file, it)).collect();
    FileDrift::of(file.name(), (found.agreed, found.awaited), rows)
}

fn row(order: &Order, file: File, it: formats::Drifted) -> Row {
    let (how, cells, ours) = match it.how {
        formats::How::Edited { cells, ours } => (How::Edited, cells, ours),
        formats::How::Missing => (How::Missing, Vec::new(), Ours::Changed),
        formats::How::Extra => (How::Extra, Vec::new(), Ours::Changed),
    };
    let fields = cells.into_iter().map(|it| Cell {
        column: it.column.to_owned(),
        policy: settle::policy(order, (file, it.column), ours),
        should: it.should.map(|text| masked(it.column, &text, order.today)),
        holds: masked(it.column, &it.holds, order.today),
    });
    Row { id: it.id, how, fields: fields.collect() }
}
