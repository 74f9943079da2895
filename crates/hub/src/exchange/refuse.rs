//! What is written down of a run that was refused, and who is told.

use super::input;
use super::pushed;
use super::run::{RunError, Running};
use super::runs::Refusal;
use crate::notice::{self, Notice};
use kobling_store::exchange::draft;
use kobling_store::exchange::run::{self as runs, Refused};
use serde_json::json;
use std::error::Error;

/// Writes down why a run was refused, and of which bytes: they are not read again.
pub(super) async fn refuse(running: Running<'_>, error: &RunError) -> Result<(), RunError> {
    let Running { hub, tenant, source, input, run, .. } = running;
    let digest = error.is_bad_input().then(|| input::digest(input.path()).ok()).flatten();
    let refused = Refused {
        at: hub.clock.now(),
        input_mac: digest.map(|it| hub.keys.input_mac(it)),
        detail: json!({
            "refusal": Refusal::of(error),
            "problem": told(error),
            "file": input.stamp,
        }),
    };
    let mut tx = hub.db.write().await?;
    draft::discard_dead(&mut tx, tenant, source.no).await?;
    runs::refuse(&mut tx, tenant, run, &refused).await?;
    if error.is_bad_input() {
        pushed::refuse(&mut tx, running).await?;
    }
    let notice = Notice::RunRefused {
        source: source.text.key.clone(),
        input: input.name.clone(),
        run: run.0,
        refusal: Refusal::of(error),
    };
    notice::tell(hub, &mut tx, tenant, &notice).await?;
    Ok(tx.commit().await?)
}

/// An error with its causes, as one line. None of them tells an identity number.
fn told(error: &RunError) -> String {
    let (mut told, mut cause) = (error.to_string(), error.source());
    while let Some(it) = cause {
        told.extend([": ", &it.to_string()]);
        cause = it.source();
    }
    told
}
