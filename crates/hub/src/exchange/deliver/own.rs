//! What a target holds of its own and may keep: it is sent back as it is, as long as ours is what it
//! was when theirs was accepted.

use super::{DeliverError, Order};
use crate::Hub;
use kobling_domain::exchange::lane::Digest;
use kobling_domain::id::SubjectId;
use kobling_domain::people::Field;
use kobling_formats::plan2learn::Bruger;
use kobling_store::engine::Tx;
use kobling_store::exchange::own_value::{self, OwnValue};
use kobling_store::sealed::{KeyRing, context};
use std::collections::BTreeMap;
use xxhash_rust::xxh3::xxh3_128;

/// The own values of a target.
pub(super) struct Own<'a> {
    keys: &'a KeyRing,
    all: BTreeMap<(SubjectId, String), Value>,
}

struct Value {
    ours: Digest,
    theirs: String,
}

impl<'a> Own<'a> {
    pub(super) async fn read(
        hub: &'a Hub,
        tx: &mut Tx,
        order: &Order,
    ) -> Result<Self, DeliverError> {
        let mut all = BTreeMap::new();
        for it in own_value::list(tx, order.tenant, &order.target.key).await? {
            let theirs = hub.keys.open(&sealing_context(order, it.subject), &it.theirs)?;
            let theirs = String::from_utf8_lossy(&theirs).into_owned();
            all.insert((it.subject, it.field), Value { ours: it.ours, theirs });
        }
        Ok(Self { keys: &hub.keys, all })
    }

    /// Puts what the target may keep in the place of ours.
    pub(super) fn stand_in(&self, row: &mut Bruger) {
        let id = row.id;
        for (field, cell) in
            [(Field::PersonEmail, &mut row.email), (Field::PersonMobile, &mut row.mobile)]
        {
            let Some(own) = self.all.get(&(id, field.name().to_owned())) else { continue };
            if own.ours == digest(self.keys, cell.as_deref().unwrap_or_default()) {
                *cell = Some(own.theirs.clone()).filter(|it| !it.is_empty());
            }
        }
    }

    /// That the target may keep `theirs`, where `should` would stand.
    pub(super) fn accepted(
        &self,
        order: &Order,
        (subject, field): (SubjectId, Field),
        (should, theirs): (&str, &str),
    ) -> Result<OwnValue, DeliverError> {
        let field = field.name().to_owned();
        // Where one of theirs stands already, ours is what it was then.
        let before = self.all.get(&(subject, field.clone())).filter(|it| it.theirs == should);
        let ours = before.map_or_else(|| digest(self.keys, should), |it| it.ours);
        let theirs = self.keys.seal(&sealing_context(order, subject), theirs.as_bytes())?;
        Ok(OwnValue { subject, field, ours, theirs })
    }
}

fn digest(keys: &KeyRing, text: &str) -> Digest {
    keys.digest_block(xxh3_128(text.as_bytes()))
}

fn sealing_context(order: &Order, subject: SubjectId) -> Vec<u8> {
    context(order.tenant, &format!("own value {}", order.target.key), subject.0.as_bytes())
}
