//! What a target holds of its own and may keep: it is sent back as it is, as long as ours is what it
//! was when theirs was accepted.

use crate::Hub;
use kobling_domain::exchange::lane::Digest;
use kobling_domain::id::{SubjectId, TenantId};
use kobling_domain::people::Field;
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::own_value::{self, OwnValue};
use kobling_store::sealed::{KeyRing, context};
use std::collections::BTreeMap;
use xxhash_rust::xxh3::xxh3_128;

/// The own values of a target.
pub(super) struct Own<'a> {
    keys: &'a KeyRing,
    tenant: TenantId,
    target: String,
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
        tenant: TenantId,
        target: &str,
    ) -> Result<Self, StoreError> {
        let mut own =
            Self { keys: &hub.keys, tenant, target: target.to_owned(), all: BTreeMap::new() };
        for it in own_value::list(tx, tenant, target).await? {
            let theirs = hub.keys.open(&own.sealing_context(it.subject), &it.theirs)?;
            let theirs = String::from_utf8_lossy(&theirs).into_owned();
            own.all.insert((it.subject, it.field), Value { ours: it.ours, theirs });
        }
        Ok(own)
    }

    /// What the target may keep in the place of `ours`; none if that is what it is given.
    pub(super) fn in_place_of(&self, of: (SubjectId, Field), ours: &str) -> Option<&str> {
        let (subject, field) = of;
        let own = self.all.get(&(subject, field.name().to_owned()))?;
        (own.ours == digest(self.keys, ours)).then_some(&*own.theirs)
    }

    /// That the target may keep `theirs`, where `should` would stand.
    pub(super) fn accepted(
        &self,
        (subject, field): (SubjectId, Field),
        (should, theirs): (&str, &str),
    ) -> Result<OwnValue, StoreError> {
        let field = field.name().to_owned();
        // Where one of theirs stands already, ours is what it was then.
        let before = self.all.get(&(subject, field.clone())).filter(|it| it.theirs == should);
        let ours = before.map_or_else(|| digest(self.keys, should), |it| it.ours);
        let theirs = self.keys.seal(&self.sealing_context(subject), theirs.as_bytes())?;
        Ok(OwnValue { subject, field, ours, theirs })
    }

    fn sealing_context(&self, subject: SubjectId) -> Vec<u8> {
        context::own_value(self.tenant, &self.target, subject)
    }
}

fn digest(keys: &KeyRing, text: &str) -> Digest {
    keys.digest_block(xxh3_128(text.as_bytes()))
}
