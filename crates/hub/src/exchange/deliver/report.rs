use super::set::Made;
use super::{Change, Order, Output};
use crate::hex::hex;
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::exchange::brake::Tripped;
use kobling_domain::people::Kind;
use kobling_formats::plan2learn::File;
use kobling_store::exchange::file_receipt::FileReceipt;
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// What became of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It lies in the target's folder.
    Delivered,
    /// It is what the target was given last; nothing was rewritten.
    Unchanged,
    /// The target's brake holds it; nothing was written.
    Held,
    /// It was only looked at.
    DryRun,
}

/// One file of a set, and how it differs from the one the target was given last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// Its name.
    pub name: &'static str,
    /// Rows, without the header.
    pub rows: u32,
    /// Bytes, with the header.
    pub bytes: u64,
    /// Rows it did not have.
    pub added: usize,
    /// Rows that read otherwise.
    pub changed: usize,
    /// Rows it no longer has.
    pub gone: usize,
}

/// What the target makes inactive when it reads the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Inactivated {
    /// Persons.
    pub persons: usize,
    /// Employments.
    pub engagements: usize,
}

/// The difference between a set and what the target was given last, in figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Rows added in all files.
    pub added: usize,
    /// Rows changed in all files.
    pub changed: usize,
    /// Rows gone from all files.
    pub gone: usize,
    /// What the target makes inactive.
    pub inactivated: Inactivated,
}

/// That the target has taken a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Receipt {
    /// The set, by its number among the target's.
    pub set: i64,
    /// Its place among the files of the set, in the receiver's order.
    #[serde(skip)]
    pub position: i64,
    /// The file.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// What stands for its content: equal for equal files, and nothing can be found out from it.
    pub digest: String,
    /// When it was taken.
    pub at: Timestamp,
    /// Where it lies.
    pub place: String,
    /// What was said or seen there.
    pub answer: String,
    /// The ledger version it was made from.
    pub version: i64,
    /// The day it was made for.
    pub as_of: Date,
}

impl From<FileReceipt> for Receipt {
    fn from(it: FileReceipt) -> Self {
        let FileReceipt { set_no, position, file, bytes, mac, version, as_of, at, place, answer } =
            it;
        let (digest, version) = (hex(&mac), version.0);
        Self { set: set_no, position, file, bytes, digest, at, place, answer, version, as_of }
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Enough to tell two files apart.
        const DIGITS: usize = 12;
        let digest: String = self.digest.chars().take(DIGITS).collect();
        let Self { file, bytes, at, answer, .. } = self;
        write!(f, "{file:<18} {bytes:>10} bytes  {digest}  {at:.0}  {answer}")
    }
}

/// A delivery in figures.
#[derive(Clone, Debug, Serialize)]
pub struct Delivery {
    /// The target's key.
    pub target: String,
    /// What became of the set.
    pub state: DeliveryState,
    /// The ledger version it was made from.
    pub version: i64,
    /// The employer's civil date it was made for.
    pub as_of: Date,
    /// Where the files are, or would be.
    pub folder: String,
    /// The files, in the order in which the receiver wants them.
    pub files: Vec<FileReport>,
    /// What the target has taken: one for each file, if the set went there.
    pub receipts: Vec<Receipt>,
    /// How long sending the set to a server took, in milliseconds; none if it was not sent to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_ms: Option<u64>,
    /// What differs.
    pub difference: Difference,
    /// What holds it, or would hold it.
    pub brakes: Vec<Tripped>,
    /// What somebody should know.
    pub notes: Vec<String>,
}

pub(super) fn report<W>(
    order: &Order,
    made: &Made<Output<W>>,
    change: &Change,
    state: DeliveryState,
) -> Delivery {
    let file = |(file, output): (File, &Output<W>)| {
        let differs = change.diff.files.get(file).copied().unwrap_or_default();
        FileReport {
            name: file.name(),
            rows: made.rows.get(file).copied().unwrap_or_default(),
            bytes: output.bytes(),
            added: differs.added,
            changed: differs.changed,
            gone: differs.gone,
        }
    };
    let files: Vec<FileReport> = made.outputs.iter().map(file).collect();
    let difference = Difference {
        added: files.iter().map(|it| it.added).sum(),
        changed: files.iter().map(|it| it.changed).sum(),
        gone: files.iter().map(|it| it.gone).sum(),
        inactivated: Inactivated {
            persons: change.diff.inactivated.persons,
            engagements: change.diff.inactivated.engagements,
        },
    };
    Delivery {
        target: order.target.key.clone(),
        state,
        version: order.version.0,
        as_of: order.today,
        folder: order.place.to_string(),
        files,
        receipts: Vec::new(),
        sent_ms: None,
        difference,
        brakes: change.brake.clone().into_iter().collect(),
        notes: made.notes.clone(),
    }
}

impl Delivery {
    /// Whether the target's brake holds it, or would.
    pub fn is_held(&self) -> bool {
        match self.state {
            DeliveryState::Held => true,
            DeliveryState::DryRun => !self.brakes.is_empty(),
            DeliveryState::Delivered | DeliveryState::Unchanged => false,
        }
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = match self.state {
            DeliveryState::Delivered => "delivered",
            DeliveryState::Unchanged => "has exactly this already; nothing was rewritten",
            DeliveryState::Held => "HELD: nothing was written",
            DeliveryState::DryRun if self.is_held() => "would be HELD; nothing was written",
            DeliveryState::DryRun => "would be delivered; nothing was written",
        };
        let Self { target, as_of, version, folder, .. } = self;
        writeln!(f, "{target} as of {as_of}, ledger version {version}: {said}")?;
        for it in &self.files {
            let FileReport { name, rows, added, changed, gone, .. } = it;
            writeln!(
                f,
                "  {folder}/{name:<18} {rows:>8} rows: {added} added, {changed} changed, {gone} gone"
            )?;
        }
        let Inactivated { persons, engagements } = self.difference.inactivated;
        if persons + engagements > 0 {
            let counted =
                |kind: Kind, count| kind.counted(u64::try_from(count).unwrap_or(u64::MAX));
            let persons = counted(Kind::Person, persons);
            let engagements = counted(Kind::Employment, engagements);
            writeln!(f, "  it makes {persons} and {engagements} inactive there")?;
        }
        for it in &self.brakes {
            writeln!(f, "  brake {}: {}", it.brake, it.text)?;
        }
        if self.state == DeliveryState::Held {
            writeln!(
                f,
                "  to deliver all the same: kobling deliver {target} --release-by NAME --reason TEXT"
            )?;
        }
        for note in &self.notes {
            writeln!(f, "  note: {note}")?;
        }
        if let Some(ms) = self.sent_ms {
            writeln!(f, "  it was sent in {ms} ms")?;
        }
        if !self.receipts.is_empty() {
            writeln!(f, "  receipts:")?;
        }
        for it in &self.receipts {
            writeln!(f, "    {it}")?;
        }
        Ok(())
    }
}
