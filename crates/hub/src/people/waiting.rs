//! Employments that wait for their unit: an open issue that nobody has to close. It is derived, and
//! gone when the unit comes.

use jiff::civil::Date;
use kobling_domain::id::{SubjectId, SubjectNo, TenantId};
use kobling_domain::people::NativeKey;
use kobling_store::StoreError;
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use kobling_store::people::{claim, subject, waiting};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Employments that are named.
const NAMED_MAX: usize = 100;

/// The employments that are in a unit which is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OpenIssues {
    /// How many there are.
    pub count: usize,
    /// The first of them.
    pub employments: Vec<WaitsForUnit>,
}

/// An employment in a unit that is not there. Deliveries leave it out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaitsForUnit {
    /// The source's number of it.
    pub employment: Option<NativeKey>,
    /// The hub's own id of it.
    pub id: SubjectId,
    /// The source's number of the unit.
    pub unit: Option<NativeKey>,
    /// What is wrong with the unit.
    pub unit_is: UnitIs,
}

/// Why a unit is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitIs {
    /// The source has told nothing of it.
    Unknown,
    /// It is known, and not there on the day.
    Closed,
}

impl fmt::Display for WaitsForUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = |it: &Option<NativeKey>| it.as_ref().map(ToString::to_string).unwrap_or_default();
        let why = match self.unit_is {
            UnitIs::Unknown => "which its source has not told of",
            UnitIs::Closed => "which is closed that day",
        };
        write!(f, "employment {} is in unit {}, {why}", key(&self.employment), key(&self.unit))
    }
}

/// The employments that are in a unit which is not there on `day`.
#[crate::boxed]
pub async fn open_issues(
    tx: &mut Tx,
    tenant: TenantId,
    day: Date,
) -> Result<OpenIssues, StoreError> {
    let units = waiting::units_not_there(tx, tenant, day).await?;
    if units.is_empty() {
        return Ok(OpenIssues::default());
    }
    let mut waiting = waiting::employments_in(tx, tenant, &units, day).await?;
    let count = waiting.len();
    waiting.truncate(NAMED_MAX);
    let named: BTreeSet<SubjectNo> = waiting.iter().flat_map(|it| [it.0, it.1]).collect();
    let named: Vec<SubjectNo> = named.into_iter().collect();
    let version = tenant::version(tx, tenant).await?;
    let told = claim::at(tx, tenant, &named, version).await?;
    let told: BTreeSet<SubjectNo> = told.into_iter().map(|it| it.subject).collect();
    let subjects = subject::by_no(tx, tenant, &named).await?;
    let subjects: BTreeMap<SubjectNo, subject::Subject> =
        subjects.into_iter().map(|it| (it.no, it)).collect();
    let employments = waiting.into_iter().filter_map(|(employment, unit)| {
        let employment = subjects.get(&employment)?;
        Some(WaitsForUnit {
            employment: employment.native.clone(),
            id: employment.id,
            unit: subjects.get(&unit)?.native.clone(),
            unit_is: if told.contains(&unit) { UnitIs::Closed } else { UnitIs::Unknown },
        })
    });
    Ok(OpenIssues { count, employments: employments.collect() })
}
