//! What has drifted at a target that takes files.

use super::here::Here;
use crate::web::apart::apart;
use crate::web::problem::Problem;
use crate::web::text::{Text, delivery as t};
use kobling_hub::access::configuration::TargetText;
use kobling_hub::exchange::drift::{self, DriftError, FileDrift};
use kobling_hub::exchange::progress::Silent;

/// What was found.
pub(super) enum Told {
    /// The target holds what it was sent.
    Nothing,
    /// So many rows of each file: as they should be, yet to come, kept on purpose, changed, taken
    /// out, added.
    Rows(Vec<(&'static str, [usize; 6])>),
    /// It cannot be told: why, and the program's own words.
    Failed(&'static str, String),
}

/// Compares what lies at the target with what it was sent.
pub(super) async fn look(here: &Here, text: &TargetText) -> Result<Told, Problem> {
    let (hub, tenant, key) = (here.hub().clone(), here.tenant(), text.key.clone());
    let look = move || async move { drift::drift(&hub, tenant, &key, &[], &Silent).await };
    let found = match apart(look).await? {
        Ok(found) => found,
        Err(it) => return Ok(Told::Failed(here.language.t(why(&it)), it.to_string())),
    };
    let told = |it: &FileDrift| {
        (it.name, [it.agreed, it.awaited, it.accepted, it.edited, it.missing, it.extra])
    };
    let drifted = found.files.iter().any(|it| it.edited + it.missing + it.extra > 0);
    if drifted { Ok(Told::Rows(found.files.iter().map(told).collect())) } else { Ok(Told::Nothing) }
}

fn why(error: &DriftError) -> Text {
    match error {
        DriftError::NeverDelivered { .. } => t::DRIFT_NEVER,
        DriftError::UnknownFile { .. }
        | DriftError::Place(_)
        | DriftError::Open { .. }
        | DriftError::NoList { .. }
        | DriftError::Line { .. }
        | DriftError::Lanes(_)
        | DriftError::Read(_)
        | DriftError::Deliver(_)
        | DriftError::Store(_) => t::DRIFT_UNREADABLE,
    }
}
