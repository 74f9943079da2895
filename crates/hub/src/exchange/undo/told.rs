//! What an undoing says of itself.

use crate::exchange::figures::ByReason;
use kobling_domain::exchange::brake::Tripped;
use kobling_domain::id::{RunNo, Version};
use kobling_domain::people::{Kind, NativeKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What a plan undoes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Undoes {
    /// The run.
    pub run: RunNo,
    /// The input it read.
    pub input: String,
    /// The first version of the ledger that it wrote.
    pub version: Version,
    /// How many subjects it changed that stay as they are.
    pub stay: u64,
    /// The first of them.
    pub staying: Vec<Staying>,
}

/// A subject that a run changed and that cannot be brought back by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Staying {
    /// What it is.
    pub kind: Kind,
    /// The source's key of it.
    pub native: Option<NativeKey>,
    /// What stands in the way.
    pub why: String,
}

/// A plan that was made to undo a run.
#[derive(Clone, Debug, Serialize)]
pub struct Undone {
    /// Its hash; none if there is nothing to undo.
    pub plan: Option<String>,
    /// The source's key.
    pub source: String,
    /// What it undoes, and what it cannot.
    pub undoes: Undoes,
    /// Changes of units, by reason.
    pub units: ByReason,
    /// Changes of employments, by reason.
    pub employments: ByReason,
    /// Changes of persons, activities, qualifications and absences, by reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<Kind, ByReason>,
    /// Brakes that would hold it if a file said so.
    pub brakes: Vec<Tripped>,
}

impl fmt::Display for Undoes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "undoes run {} ({}), version {}", self.run, self.input, self.version)?;
        if self.stay > 0 {
            writeln!(f, "  {} subjects stay as they are:", self.stay)?;
        }
        for Staying { kind, native, why } in &self.staying {
            let native = native.as_ref().map(|it| format!(" {it}")).unwrap_or_default();
            writeln!(f, "    {kind}{native}: {why}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Undone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.plan {
            Some(plan) => write!(f, "plan {plan}: HELD: nothing has been changed\n  ")?,
            None => write!(f, "there is nothing to undo by itself; no plan was made\n  ")?,
        }
        write!(f, "{}", self.undoes)?;
        for (what, counts) in [("units", &self.units), ("employments", &self.employments)] {
            writeln!(f, "  {what}: {counts}")?;
        }
        for (kind, counts) in &self.others {
            writeln!(f, "  of kind {kind}: {counts}")?;
        }
        for it in &self.brakes {
            writeln!(f, "  brake {}: {}", it.brake, it.text)?;
        }
        if let Some(plan) = &self.plan {
            let hash = plan.get(..12).unwrap_or(plan);
            writeln!(f, "  what targets would be sent: kobling plan preview {hash}")?;
            writeln!(f, "  to look at it: kobling plan show {hash}")?;
            writeln!(f, "  to decide: kobling plan release|reject {hash} --by NAME --reason TEXT")?;
        }
        Ok(())
    }
}
