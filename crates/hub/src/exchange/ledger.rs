//! What the source of an agreement says of units and people, as one snapshot of the ledger has it
//! for one day: what sets and lanes are projected from.

mod people;
mod units;

pub(super) use people::{Person, Pictured};
pub(super) use units::{Unit, unit_days};

use crate::Hub;
use crate::access::{self, ConfigureError};
use crate::people::rules;
use jiff::civil::Date;
use kobling_domain::agreement::{Agreement, Standing};
use kobling_domain::id::{SourceNo, TenantId, Version};
use kobling_domain::people::{Candidate, Field, Links, NativeKey, Picture, Rules};
use kobling_domain::time::Validity;
use kobling_store::engine::Tx;
use kobling_store::exchange::source;
use kobling_store::people::same;
use std::collections::BTreeSet;

/// Subjects read at once.
pub(super) const PAGE_SUBJECTS: i64 = 4_000;

/// How the ledger is read: the claims of the source that the agreement is about, and what its other
/// sources say of persons. Units and employments are those of the one source alone, so equal numbers
/// of two sources never meet.
pub(super) struct Reading<'a> {
    pub(super) hub: &'a Hub,
    pub(super) tenant: TenantId,
    pub(super) agreement: &'a Agreement,
    pub(super) source: SourceNo,
    /// All sources whose word on persons counts.
    pub(super) sources: BTreeSet<SourceNo>,
    /// Those whose persons are told of although no unit employs them.
    pub(super) members: BTreeSet<SourceNo>,
    /// Who is one with whom.
    pub(super) links: Links,
    pub(super) today: Date,
    pub(super) version: Version,
    pub(super) rules: Rules,
}

impl<'a> Reading<'a> {
    /// The reading for an agreement on `today`, as the ledger has it at `version`; none while
    /// nothing was read from its source.
    pub(super) async fn open(
        hub: &'a Hub,
        ledger: &mut Tx,
        (tenant, version): (TenantId, Version),
        agreement: &'a Agreement,
        today: Date,
    ) -> Result<Option<Self>, ConfigureError> {
        let known = source::list(ledger, tenant).await?;
        let number = |key: &String| known.iter().find(|it| it.key == *key).map(|it| it.no);
        let Some(source) = number(&agreement.source().to_owned()) else { return Ok(None) };
        let others = agreement.sources().iter().filter_map(number);
        let configuration = access::load_at(ledger, tenant, version).await?;
        Ok(Some(Self {
            hub,
            tenant,
            agreement,
            source,
            sources: others.chain([source]).collect(),
            members: agreement.members().iter().filter_map(number).collect(),
            links: Links::new(same::at(ledger, tenant, version).await?),
            today,
            version,
            rules: rules(&configuration, &known),
        }))
    }

    /// How a person stands to the registers whose members the agreement is about.
    pub(super) fn membership(&self, person: &Person) -> Option<Standing> {
        let days = person.own.iter().filter(|it| self.members.contains(&it.source));
        let days: Vec<&Validity> = days.map(|it| &it.slice.validity).collect();
        if days.iter().any(|it| it.contains(self.today)) {
            Some(Standing::Present)
        } else if days.iter().any(|it| it.from() > self.today) {
            Some(Standing::Coming)
        } else {
            days.first().map(|_| Standing::Ended)
        }
    }

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
