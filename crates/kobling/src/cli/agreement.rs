//! `kobling agreement`: the life of agreements.

use super::arguments::{Agreement, AgreementWord, CloseAgreement, Common};
use super::{Failure, Outcome, decision, emergency, print, settings};
use kobling_domain::agreement::{Act, StepStands, StepState, Verdict};
use kobling_domain::id::TenantId;
use kobling_hub::Hub;
use kobling_hub::agreement::{
    self, AgreementError, Awaited, Closing, Listed, Said, Standing, Stands, State, Version,
};
use serde::Serialize;
use serde_json::Value;
use std::fmt;

pub(super) async fn execute(common: &Common, command: Agreement) -> Result<Outcome, Failure> {
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    match command {
        Agreement::List => {
            let (_, agreements) = agreement::list(&hub, tenant, None).await.map_err(failed)?;
            print::result(common, &Agreements { agreements })?;
        }
        Agreement::Show { agreement } => {
            print::result(common, &shown(&hub, tenant, &agreement).await?)?;
        }
        Agreement::Release(it) => say(common, &hub, tenant, &it, Verdict::Done).await?,
        Agreement::Reject(it) => say(common, &hub, tenant, &it, Verdict::Rejected).await?,
        Agreement::Close(it) if it.emergency => {
            return emergency::close(common, &hub, tenant, &it).await;
        }
        Agreement::Close(CloseAgreement { agreement, on, by, reason, .. }) => {
            let by = by.unwrap_or_default();
            let decision = decision::of(&hub, &by, &reason)?;
            let closing = Closing { version: None, until: on };
            let closed = agreement::close(&hub, tenant, &agreement, closing, &decision).await;
            let until = closed.map_err(failed)?.to_string();
            print::result(common, &Closed { agreement, until })?;
        }
        Agreement::Reopen { agreement, decision } => {
            emergency::reopen(common, &hub, tenant, (&agreement, &decision)).await?;
        }
    }
    Ok(Outcome::Done)
}

async fn shown(hub: &Hub, tenant: TenantId, key: &str) -> Result<Shown, Failure> {
    let steps = agreement::stands(hub, tenant, key, None).await.map_err(failed)?;
    let versions = agreement::versions(hub, tenant, key, None).await.map_err(failed)?;
    Ok(Shown { steps, versions })
}

/// Does the step that is awaited: another party's is refused with whose it is.
async fn say(
    common: &Common,
    hub: &Hub,
    tenant: TenantId,
    word: &AgreementWord,
    verdict: Verdict,
) -> Result<(), Failure> {
    let AgreementWord { agreement: key, version, party, decision } = word;
    let decision = decision::typed(hub, decision)?;
    let stands = agreement::stands(hub, tenant, key, None).await.map_err(failed)?;
    let awaited = stands.steps.iter().find(|it| it.state != StepState::Done);
    let Some(step) = awaited.map(|it| it.step) else {
        return Err(failed(AgreementError::NoDraft { key: key.clone() }));
    };
    let said = Said { version: *version, step, party, verdict };
    agreement::say(hub, tenant, key, &said, &decision).await.map_err(failed)?;
    print::result(common, &shown(hub, tenant, key).await?)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn failed(error: AgreementError) -> Failure {
    if error.is_bad_input() {
        Failure::bad_input("nothing was done", &error)
            .advise("`kobling agreement list` tells which there are and whom each waits for")
    } else {
        Failure::failed("the agreement cannot be looked at", &error)
    }
}

#[derive(Serialize)]
struct Agreements {
    agreements: Vec<Listed>,
}

impl fmt::Display for Agreements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.agreements.is_empty() {
            return writeln!(f, "there is no agreement; docs/agreements.md tells how to make one");
        }
        self.agreements.iter().try_for_each(|it| listed(f, it))
    }
}

fn listed(f: &mut fmt::Formatter<'_>, it: &Listed) -> fmt::Result {
    let standing = match it.standing {
        Standing::Drafted => "draft, never in force".to_owned(),
        Standing::Coming => format!("begins {}", it.text.from),
        Standing::InForce => match it.text.until {
            Some(until) => format!("in force until {until}"),
            None => "in force".to_owned(),
        },
        Standing::Ended => match it.text.until {
            Some(until) => format!("ended {until}"),
            None => "ended".to_owned(),
        },
        Standing::ClosedInEmergency => "CLOSED IN EMERGENCY: nothing leaves".to_owned(),
    };
    let (key, source, target) = (&it.text.key, &it.text.source, &it.text.target);
    write!(f, "{key}: {source} → {target}, {standing}")?;
    match &it.draft {
        Some(draft) => match (&draft.awaits, draft.is_rejected) {
            (Some(Awaited { owner, .. }), true) => writeln!(f, "; a draft was rejected by {owner}"),
            (Some(Awaited { owner, .. }), false) => writeln!(f, "; a draft waits for {owner}"),
            (None, _) => writeln!(f, "; a draft waits for nobody"),
        },
        None => writeln!(f),
    }
}

/// The versions of an agreement, and the steps of the latest.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    steps: Stands,
    versions: Vec<Version>,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for it in &self.versions {
            version(f, it)?;
        }
        let Stands { agreement, version, steps, .. } = &self.steps;
        if steps.is_empty() {
            return writeln!(f, "{agreement} has no steps: the employer alone decides");
        }
        writeln!(f, "steps of version {version}:")?;
        steps.iter().try_for_each(|it| step(f, it))
    }
}

fn version(f: &mut fmt::Formatter<'_>, it: &Version) -> fmt::Result {
    let state = match it.state {
        State::Draft => "draft",
        State::Rejected => "rejected",
        State::Withdrawn => "withdrawn",
        State::InForce => "in force",
        State::Replaced => "replaced",
    };
    write!(f, "version {}: {state}", it.number)?;
    if let (State::InForce, Some(until)) = (it.state, it.text.until) {
        write!(f, " until {until}")?;
    }
    if let Some(at) = it.written_at {
        write!(f, ", written {at}")?;
    }
    if let Some(by) = &it.written_by {
        write!(f, " by {by}")?;
    }
    match &it.reason {
        Some(reason) => writeln!(f, ": {reason}")?,
        None => writeln!(f)?,
    }
    for it in &it.differences {
        let (gone, new) = it.gone_and_new();
        writeln!(f, "    {}: {} → {}", it.entry, told(&gone), told(&new))?;
    }
    if !it.goes_to.is_empty() {
        let told = |(name, said): (&String, &Value)| {
            format!("{} {}", name.trim_start_matches("target."), told(said))
        };
        let all: Vec<String> = it.goes_to.iter().map(told).collect();
        writeln!(f, "    goes to: {}", all.join(", "))?;
    }
    it.acts.iter().try_for_each(|it| act(f, it))
}

/// A value as people write it.
fn told(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Array(all) if all.is_empty() => "nothing".to_owned(),
        Value::Array(all) => all.iter().map(told).collect::<Vec<_>>().join(", "),
        Value::String(it) => it.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

fn act(f: &mut fmt::Formatter<'_>, it: &Act) -> fmt::Result {
    let said = match it.verdict {
        Verdict::Done => "released",
        Verdict::Rejected => "rejected",
    };
    writeln!(f, "    {said} for {} by {} at {}: {}", it.party, it.by, it.at, it.reason)
}

fn step(f: &mut fmt::Formatter<'_>, it: &StepStands) -> fmt::Result {
    let state = match it.state {
        StepState::Open => "waits for",
        StepState::Done => "done by",
        StepState::Rejected => "rejected by",
    };
    writeln!(f, "  {}: {state} {}", it.step, it.owner)
}

#[derive(Serialize)]
struct Closed {
    agreement: String,
    until: String,
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { agreement, until } = self;
        writeln!(f, "{agreement} is closed: from {until} on it lets nothing out")
    }
}
