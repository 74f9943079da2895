//! What brakes hold, and the name under which a person releases it: of exactly these messages, as
//! they were when the person looked.

use super::LaneError;
use crate::hex::hex;
use kobling_domain::exchange::lane::{Action, TrippedAction};
use kobling_domain::id::{TargetNo, TenantId};
use kobling_store::engine::Tx;
use kobling_store::exchange::message::{self, Held};
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// So much of it tells what a person looked at from what there is now.
const HASH_CHARACTERS: usize = 16;

/// A brake that holds all messages of one action.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "TargetBrake")]
pub struct Brake {
    /// What is wrong, with figures, and what to do.
    #[serde(flatten)]
    pub tripped: TrippedAction,
    /// What a person releases the messages by: others have another one.
    pub hash: String,
}

impl Brake {
    /// As much of a hash as a person copies.
    pub(in super::super) fn short(hash: &str) -> String {
        hash.chars().take(HASH_CHARACTERS).collect()
    }
}

/// The brakes that hold messages, each with the hash of these.
pub(super) async fn brakes(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    tripped: Vec<TrippedAction>,
) -> Result<Vec<Brake>, LaneError> {
    let mut brakes = Vec::with_capacity(tripped.len());
    for tripped in tripped {
        let held = message::held(tx, tenant, target, tripped.action).await?;
        brakes.push(Brake { hash: hash(tripped.action, &held), tripped });
    }
    Ok(brakes)
}

/// The hash of what is held of each action of which something is.
pub(super) async fn hashes(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
) -> Result<BTreeMap<Action, String>, LaneError> {
    let mut hashes = BTreeMap::new();
    for action in Action::ALL {
        let held = message::held(tx, tenant, target, action).await?;
        if !held.is_empty() {
            hashes.insert(action, hash(action, &held));
        }
    }
    Ok(hashes)
}

/// The hash of these messages, which stand by subject.
pub(super) fn hash(action: Action, held: &[Held]) -> String {
    let mut all = Sha256::new();
    all.update(action.name());
    for Held { subject, seq, leads_to, made_at } in held {
        all.update(subject.0.to_be_bytes());
        all.update(seq.to_be_bytes());
        all.update(made_at.as_microsecond().to_be_bytes());
        all.update([u8::from(leads_to.is_some())]);
        all.update(leads_to.unwrap_or_default());
    }
    Brake::short(&hex(&all.finalize()))
}
