//! What the source of an agreement says of units and people, as one snapshot of the ledger has it
//! for one day: what sets and lanes are projected from.

mod people;
mod units;

pub(super) use people::{Person, Pictured};
pub(super) use units::Unit;

use crate::Hub;
use jiff::civil::Date;
use kobling_domain::agreement::Agreement;
use kobling_domain::id::{SourceNo, TenantId, Version};
use kobling_domain::people::{Candidate, Field, NativeKey, Picture, Rules};

/// Subjects read at once.
pub(super) const PAGE_SUBJECTS: i64 = 4_000;

/// How the ledger is read: the claims of the source that the agreement is about. No other source
/// speaks, so the authority table has nothing to decide.
pub(super) struct Reading<'a> {
    pub(super) hub: &'a Hub,
    pub(super) tenant: TenantId,
    pub(super) agreement: &'a Agreement,
    pub(super) source: SourceNo,
    pub(super) today: Date,
    pub(super) version: Version,
    pub(super) rules: Rules,
}

impl Reading<'_> {
    /// The primary one among the employments of today, else among those to come.
    pub(super) fn primary<'p>(&self, pictures: &'p [Pictured<'_>]) -> Option<&'p NativeKey> {
        let today = self.today;
        let candidates = |there: &dyn Fn(&Picture<'_>) -> bool| -> Vec<Candidate<'p>> {
            pictures.iter().filter(|it| there(&it.picture)).map(candidate).collect()
        };
        let present = candidates(&|it| it.days.contains(today));
        let coming = || candidates(&|it| it.days.from() > today);
        let among = if present.is_empty() { coming() } else { present };
        self.rules.ranking.primary(&among).map(|it| it.number)
    }
}

fn candidate<'b>(it: &'b Pictured<'_>) -> Candidate<'b> {
    Candidate {
        number: it.native,
        contract_code: it.picture.text(Field::EmploymentContractCode),
        hours: it.picture.int(Field::EmploymentHoursNumerator),
    }
}

/// The source's key that a picture names in `field`.
pub(super) fn key(picture: &Picture<'_>, field: Field) -> Option<NativeKey> {
    picture.text(field).map(NativeKey::text)
}

pub(super) fn parent(picture: &Picture<'_>) -> Option<NativeKey> {
    key(picture, Field::UnitParent)
}
