use super::canonical_state;
use crate::id::{SubjectNo, Version};
use crate::people::{Kind, NationalNumber, NativeKey, State};
use crate::time::{Slice, Validity};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a plan changes a subject.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Not seen before.
    Created,
    /// Its values or its days are other ones.
    Changed,
    /// The source says that its days are over.
    Ended,
    /// It never came to be.
    Annulled,
    /// The source no longer mentions it.
    Vanished,
    /// It had ended and is back.
    Reopened,
    /// It goes on under another number of the source.
    Renumbered,
}

impl Reason {
    /// Every reason, in the order of reports.
    pub const ALL: [Self; 7] = [
        Self::Created,
        Self::Changed,
        Self::Ended,
        Self::Annulled,
        Self::Vanished,
        Self::Reopened,
        Self::Renumbered,
    ];

    /// The name in reports and in the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Ended => "ended",
            Self::Annulled => "annulled",
            Self::Vanished => "vanished",
            Self::Reopened => "reopened",
            Self::Renumbered => "renumbered",
        }
    }
}

/// A claim that a plan replaces: the ledger must still believe it when the plan is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ClaimRef {
    /// First day of the claim.
    pub valid_from: Date,
    /// The ledger version that wrote it.
    pub since: Version,
}

/// What a plan does to one subject: claims that are no longer believed, claims that are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanItem {
    /// The kind of subject.
    pub kind: Kind,
    /// The source's key of it.
    pub native: NativeKey,
    /// Why.
    pub reason: Reason,
    /// The day from which the change counts.
    pub effective: Date,
    /// Whose employment it is, or who it is.
    pub person: Option<NationalNumber>,
    /// The same, where the person was found by another key than the national number.
    pub of: Option<SubjectNo>,
    /// The number it went under before, for [`Reason::Renumbered`].
    pub renumbered_from: Option<NativeKey>,
    /// Claims no longer believed.
    pub replaces: Vec<ClaimRef>,
    /// Claims believed from now on.
    pub written: Vec<Slice<State>>,
}

impl PlanItem {
    /// Bytes that are equal exactly when two items do the same: no run, no record, no instant.
    ///
    /// Every part is preceded by its length, so that no two items share their bytes.
    pub fn canonical(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(512);
        part(&mut bytes, self.kind.name());
        part(&mut bytes, self.native.as_str());
        part(&mut bytes, self.reason.name());
        part(&mut bytes, &self.effective.to_string());
        part(&mut bytes, self.person.as_ref().map_or("", NationalNumber::digits));
        part(&mut bytes, self.renumbered_from.as_ref().map_or("", NativeKey::as_str));
        if let Some(of) = self.of {
            part(&mut bytes, "of");
            part(&mut bytes, &of.to_string());
        }
        for claim in &self.replaces {
            part(&mut bytes, "-");
            part(&mut bytes, &claim.valid_from.to_string());
            part(&mut bytes, &claim.since.to_string());
        }
        for slice in &self.written {
            part(&mut bytes, "+");
            days(&mut bytes, &slice.validity);
            part(&mut bytes, &slice.stated_from.to_string());
            canonical_state(&slice.state, &mut bytes);
        }
        bytes
    }
}

fn days(bytes: &mut Vec<u8>, validity: &Validity) {
    part(bytes, &validity.from().to_string());
    part(bytes, &validity.until().map_or_else(String::new, |it| it.to_string()));
}

fn part(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{RecordNo, RunNo};
    use crate::people::{Field, Value};
    use crate::time::Origin;
    use jiff::civil::date;

    fn item(run: i64, title: &str) -> PlanItem {
        let mut state = State::new();
        state.set(Field::EmploymentPositionTitle, Value::Text(title.to_owned()));
        PlanItem {
            kind: Kind::Employment,
            native: NativeKey::number(40_001),
            reason: Reason::Created,
            effective: date(2026, 3, 4),
            person: None,
            of: None,
            renumbered_from: None,
            replaces: Vec::new(),
            written: vec![Slice {
                validity: Validity::starting(date(2014, 8, 1)),
                state,
                stated_from: date(2026, 3, 4),
                origin: Origin { run: RunNo(run), record: RecordNo(run) },
            }],
        }
    }

    #[test]
    fn the_same_change_read_by_another_run_has_the_same_canonical_bytes() {
        assert_eq!(item(1, "Lærer").canonical(), item(2, "Lærer").canonical());
        assert_ne!(item(1, "Lærer").canonical(), item(1, "Skoleleder").canonical());
    }
}
