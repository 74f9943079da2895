//! What a run says of itself.

use crate::people::OpenIssues;
use jiff::civil::Date;
use kobling_domain::exchange::brake::Tripped;
use kobling_domain::people::{Kind, NativeKey};
use serde::Serialize;
use std::fmt;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// The ledger holds the plan.
    Applied,
    /// The plan waits for a person.
    Held,
    /// There was nothing to plan.
    Unchanged,
}

/// A run in figures. Every record read is counted once:
/// `read = applied + unchanged + held + quarantined`; `gone` stands outside the sum.
#[derive(Clone, Debug, Serialize)]
pub struct RunReport {
    /// The source's key.
    pub source: String,
    /// The input's name.
    pub input: String,
    /// The date for which it speaks.
    pub date: Date,
    /// The plan's hash.
    pub plan: Option<String>,
    /// How it ended.
    pub state: RunState,
    /// Records in the input.
    pub read: u64,
    /// Records whose change is in the ledger.
    pub applied: u64,
    /// Records that change nothing.
    pub unchanged: u64,
    /// Records of a plan that is held.
    pub held: u64,
    /// Records set aside.
    pub quarantined: u64,
    /// Subjects that the input no longer mentions and the plan ends or annuls.
    pub gone: u64,
    /// Records that had to be parsed.
    pub parsed: u64,
    /// What holds it.
    pub brakes: Vec<Tripped>,
    /// Employments of a held plan whose address it would protect.
    pub protects: Vec<NativeKey>,
    /// Digest of the whole input under the hub's key.
    pub input_digest: String,
    /// The ledger version it wrote.
    pub version: Option<i64>,
    /// Employments whose entries in the roster were made anew after it.
    pub roster: u64,
    /// What somebody should know.
    pub notes: Vec<String>,
    /// Employments in a unit that is not there: deliveries leave them out until it comes.
    pub open_issues: OpenIssues,
    /// The records set aside, the first ones.
    pub set_aside: Vec<SetAside>,
}

/// Employments named in a line.
const NAMED_MAX: usize = 10;

/// Whom a held plan does not protect yet, and the command that does.
fn protects(f: &mut fmt::Formatter<'_>, employments: &[NativeKey], plan: &str) -> fmt::Result {
    if employments.is_empty() {
        return Ok(());
    }
    let named: Vec<&str> = employments.iter().take(NAMED_MAX).map(NativeKey::as_str).collect();
    let more = employments.len().saturating_sub(NAMED_MAX);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    writeln!(f, "  NOT PROTECTED YET: the address told by employment {}{more}", named.join(", "))?;
    let hash = plan.get(..12).unwrap_or(plan);
    writeln!(
        f,
        "  to protect them at once: kobling plan release {hash} --only protected --by NAME \
         --reason TEXT"
    )
}

/// A record set aside.
#[derive(Clone, Debug, Serialize)]
pub struct SetAside {
    /// Line of the input.
    pub line: u64,
    /// Its place among the records.
    pub record: u64,
    /// What kind of problem it is.
    pub code: String,
    /// The problem, in words.
    pub text: String,
}

impl fmt::Display for RunReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.state {
            RunState::Applied => "applied",
            RunState::Held => "HELD: nothing has been changed",
            RunState::Unchanged => "nothing to change",
        };
        writeln!(f, "{} of {} from {}: {verdict}", self.input, self.date, self.source)?;
        let records = if self.read == 1 { "record" } else { "records" };
        write!(f, "  {} {records} read: ", self.read)?;
        write!(f, "{} applied, {} unchanged, ", self.applied, self.unchanged)?;
        write!(f, "{} held, {} set aside", self.held, self.quarantined)?;
        writeln!(f, "; {} no longer mentioned", self.gone)?;
        if let Some(plan) = &self.plan {
            writeln!(f, "  plan {plan}")?;
        }
        if self.roster > 0 {
            let brought = Kind::Employment.counted(self.roster);
            writeln!(f, "  {brought} brought up to date in the roster")?;
        }
        if let (RunState::Held, Some(plan)) = (self.state, &self.plan) {
            protects(f, &self.protects, plan)?;
        }
        for brake in &self.brakes {
            writeln!(f, "  brake {}: {}", brake.brake, brake.text)?;
        }
        if let (RunState::Held, Some(plan)) = (self.state, &self.plan) {
            let hash = plan.get(..12).unwrap_or(plan);
            writeln!(f, "  to look at it: kobling plan show {hash}")?;
            writeln!(f, "  to decide: kobling plan release|reject {hash} --by NAME --reason TEXT")?;
        }
        for it in &self.set_aside {
            writeln!(f, "  line {}, record {}: {} ({})", it.line, it.record, it.text, it.code)?;
        }
        let issues = &self.open_issues;
        for it in issues.employments.iter().take(NAMED_MAX) {
            writeln!(f, "  open issue: {it}")?;
        }
        if let Some(more) = issues.count.checked_sub(NAMED_MAX).filter(|it| *it > 0) {
            writeln!(f, "  … and {more} more employments whose unit is not there")?;
        }
        for note in &self.notes {
            writeln!(f, "  note: {note}")?;
        }
        Ok(())
    }
}
