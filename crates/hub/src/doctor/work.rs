//! Work that went wrong and that nobody looks at.

use super::{ExamineError, Finding};
use crate::webhook::{self, Standing, State};
use kobling_domain::id::TenantId;
use kobling_store::engine::Tx;
use kobling_store::job::{self, Waiting};

/// Sources that could not be looked at, letters that have not left, and webhooks that are told nothing.
pub(super) async fn examine(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Finding>, ExamineError> {
    let jobs = job::list(tx).await?;
    let ours = jobs.iter().filter(|it| it.tenant == tenant);
    let mut findings: Vec<Finding> = ours.filter_map(finding).collect();
    findings.extend(webhook::standings_in(tx, tenant).await?.iter().map(of_webhook));
    Ok(findings)
}

fn of_webhook(it: &Standing) -> Finding {
    let (what, key) = (format!("webhook {}", it.key), &it.key);
    let said = it.said.as_deref().unwrap_or("nothing");
    let found = format!("{} waiting, last said: {said}", it.waiting);
    let start = format!("run `kobling webhook start {key}`");
    match it.state {
        State::New => Finding::warning(what, "not started: it has no secret yet", start),
        State::Stopped => Finding::warning(what, format!("stopped; {found}"), start),
        State::Started if it.waiting > 0 => Finding::warning(
            what,
            found,
            "it is tried again by itself, for a day; ask whoever listens at the address",
        ),
        State::Started => Finding::ok(what, found),
    }
}

fn finding(it: &Waiting) -> Option<Finding> {
    let error = it.error.clone()?;
    let key = &it.key;
    match it.kind.as_str() {
        job::READ => Some(Finding::warning(
            format!("source {key}: timetable"),
            error,
            format!("try `kobling source test {key}`; it is looked at again by itself"),
        )),
        job::NOTIFY => Some(Finding::warning(
            format!("letter {key}"),
            error,
            "look at [mail] in kobling.toml and at the address of the party (`mail`)",
        )),
        _ => None,
    }
}
