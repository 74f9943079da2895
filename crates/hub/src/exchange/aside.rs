//! Records that a run sets aside.

use super::quarantine::{self, OtherPerson};
use super::report::SetAside;
use super::run::{RunError, Running};
use kobling_domain::id::RecordNo;
use kobling_domain::people::Kind;
use kobling_formats::opus::{Effect, RawRecord, RecordProblem};
use kobling_store::exchange::quarantine::SetAside as Quarantined;
use std::collections::BTreeMap;

/// A file with more records that cannot be read is none of this source.
const QUARANTINED_MAX: usize = 100_000;
/// Records set aside that a report names.
const NAMED_MAX: usize = 20;

/// A record that is set aside. Its subject keeps its last state.
pub(super) struct SetAsideRecord {
    pub(super) native_no: i64,
    pub(super) record_no: RecordNo,
    pub(super) line: u64,
    pub(super) code: String,
    pub(super) text: String,
    /// The other person it names, if that is why.
    pub(super) other: Option<OtherPerson>,
}

impl SetAsideRecord {
    /// A record of which nobody knows whom it speaks of, and what it describes. In the place of a
    /// key it is kept by where it stands in the file.
    pub(super) fn without_key(problem: &RecordProblem) -> Option<(Kind, Self)> {
        let kind = problem.kind.filter(|_| problem.code.effect() == Effect::SetsAside)?;
        let record = Self {
            native_no: quarantine::keyless(problem.record_no),
            record_no: problem.record_no,
            line: problem.line,
            code: problem.code.name().to_owned(),
            text: problem.text.clone(),
            other: None,
        };
        Some((kind.subject(), record))
    }

    /// What a report says of it.
    pub(super) fn named(&self) -> SetAside {
        SetAside {
            line: self.line,
            record: u64::try_from(self.record_no.0).unwrap_or_default(),
            code: self.code.clone(),
            text: self.text.clone(),
        }
    }
}

/// What a run has set aside so far.
#[derive(Default)]
pub(super) struct Aside {
    named: Vec<SetAside>,
    kept: BTreeMap<(Kind, i64), Quarantined>,
}

impl Aside {
    /// Keeps a record; of a key that is set aside twice, the last one.
    ///
    /// # Errors
    ///
    /// Refuses the file when there are too many.
    pub(super) fn add(
        &mut self,
        running: Running<'_>,
        kind: Kind,
        record: SetAsideRecord,
    ) -> Result<(), RunError> {
        self.name(&record);
        if self.kept.len() >= QUARANTINED_MAX {
            let what = format!("more than {QUARANTINED_MAX} of its records cannot be read");
            return Err(RunError::Incomplete { what });
        }
        let kept = quarantine::kept(running, kind, record)?;
        self.kept.insert((kind, kept.native_no), kept);
        Ok(())
    }

    /// Names a record that is not kept, as another one of its key counts.
    pub(super) fn name(&mut self, record: &SetAsideRecord) {
        if self.named.len() < NAMED_MAX {
            self.named.push(record.named());
        }
    }

    /// What is to be stored, by kind and number.
    pub(super) fn take_kept(&mut self) -> Vec<Quarantined> {
        std::mem::take(&mut self.kept).into_values().collect()
    }

    /// What a report tells: the first ones.
    pub(super) fn named(&self) -> &[SetAside] {
        &self.named
    }
}

pub(super) fn repeated(raw: &RawRecord<'_>) -> SetAsideRecord {
    SetAsideRecord {
        native_no: raw.native_no,
        record_no: raw.record_no,
        line: raw.line,
        code: "key_repeated".to_owned(),
        text: format!(
            "{} {} stands in this file already; the first record counts",
            raw.kind.element(),
            raw.native_no
        ),
        other: None,
    }
}
