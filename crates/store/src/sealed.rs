//! Keys, and what is done with them: sealing, blind indexes, blocks that hide digests, MACs, ids.
//!
//! Two secrets make all keys: *id* never rotates, *data* may. Each use has a key of its own,
//! HMAC-SHA256(secret, label), so that no two uses can be played against each other.

use crate::StoreError;
use aes::Aes128;
use aes::cipher::{BlockEncrypt, KeyInit};
use aes_gcm_siv::Aes256GcmSiv;
use aes_gcm_siv::aead::{Aead, Payload};
use hmac::{Hmac, Mac};
use kobling_domain::id::{SubjectId, TenantId};
use kobling_domain::people::{Kind, NationalNumber};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Bytes of a sealed value's nonce, which stands in front of it.
const NONCE_BYTES: usize = 12;

/// All keys of a store.
#[derive(Clone)]
pub struct KeyRing {
    seal: Aes256GcmSiv,
    nonce: Hmac<Sha256>,
    block: Aes128,
    input: Hmac<Sha256>,
    item: Hmac<Sha256>,
    number: Hmac<Sha256>,
    subject: Hmac<Sha256>,
}

impl KeyRing {
    /// The keys made from the two secrets.
    pub fn new(id: &[u8; 32], data: &[u8; 32]) -> Self {
        let id = |label: &str| derived(id, label);
        let data = |label: &str| derived(data, label);
        let block = data("kobling digest block");
        let (first, _) = block.split_at(16);
        let mut half = Zeroizing::new([0; 16]);
        half.copy_from_slice(first);
        Self {
            seal: Aes256GcmSiv::new(&(*data("kobling seal")).into()),
            nonce: mac_with(&data("kobling seal nonce")),
            block: Aes128::new(&(*half).into()),
            input: mac_with(&data("kobling input")),
            item: mac_with(&data("kobling plan item")),
            number: mac_with(&id("kobling national number")),
            subject: mac_with(&id("kobling subject")),
        }
    }

    /// `plain`, encrypted and bound to `context`: it opens with the same context only.
    ///
    /// The nonce is an HMAC of context and plain text, so equal inputs give equal bytes and runs
    /// can be reproduced; AES-256-GCM-SIV stays safe when a nonce comes back. Who sees two equal
    /// sealed values under one context learns that they are equal, so a context names its row.
    pub fn seal(&self, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let synthetic = parts(self.nonce.clone(), &[context, plain]);
        let (nonce, _) = synthetic.split_at(NONCE_BYTES);
        let payload = Payload { msg: plain, aad: context };
        let body = self.seal.encrypt(nonce.into(), payload).map_err(|_| StoreError::Sealed)?;
        Ok([nonce, &body].concat())
    }

    /// The plain text of a sealed value.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let (nonce, body) = sealed.split_at_checked(NONCE_BYTES).ok_or(StoreError::Sealed)?;
        let payload = Payload { msg: body, aad: context };
        let plain = self.seal.decrypt(nonce.into(), payload).map_err(|_| StoreError::Sealed)?;
        Ok(Zeroizing::new(plain))
    }

    /// What stands for a national number in indexes. Nobody finds the number without the key.
    pub fn blind_index(&self, number: &NationalNumber) -> [u8; 32] {
        parts(self.number.clone(), &[number.digits().as_bytes()])
    }

    /// A digest of 128 bits as one AES block: equal digests stay equal, and nobody can try out
    /// guesses of what was digested without the key.
    pub fn digest_block(&self, digest: u128) -> [u8; 16] {
        let mut block = digest.to_be_bytes().into();
        self.block.encrypt_block(&mut block);
        block.into()
    }

    /// What is stored of a whole input's digest.
    pub fn input_mac(&self, digest: u128) -> [u8; 32] {
        parts(self.input.clone(), &[&digest.to_be_bytes()])
    }

    /// What tells these keys from others and gives nothing of them away.
    pub fn check(&self) -> [u8; 32] {
        let by_id = parts(self.subject.clone(), &[b"kobling key check"]);
        parts(self.item.clone(), &[&by_id])
    }

    /// The MAC of a plan item's canonical bytes.
    pub fn item_mac(&self, canonical: &[u8]) -> [u8; 32] {
        parts(self.item.clone(), &[canonical])
    }

    /// The id under which a subject leaves the hub: a UUID of version 8 made of the HMAC of the
    /// tenant's UUID, who issued the key (a register or a source, by name), kind, key, generation.
    pub fn subject_id(
        &self,
        tenant: Uuid,
        issuer: &str,
        kind: Kind,
        native_key: &[u8],
        generation: i64,
    ) -> SubjectId {
        let all = [
            tenant.as_bytes().as_slice(),
            issuer.as_bytes(),
            kind.name().as_bytes(),
            native_key,
            &generation.to_be_bytes(),
        ];
        let mac = parts(self.subject.clone(), &all);
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(mac).for_each(|(to, from)| *to = from);
        SubjectId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

/// The context under which a tenant's values of one purpose are sealed.
pub fn context(tenant: TenantId, purpose: &str, key: &[u8]) -> Vec<u8> {
    let mut all = tenant.0.to_be_bytes().to_vec();
    append(&mut all, purpose.as_bytes());
    append(&mut all, key);
    all
}

fn append(all: &mut Vec<u8>, part: &[u8]) {
    all.extend_from_slice(&length(part));
    all.extend_from_slice(part);
}

/// The MAC of `parts`, each with its length in front, so that no two lists are the same bytes.
fn parts(mut mac: Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 32] {
    for part in parts {
        mac.update(&length(part));
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn length(part: &[u8]) -> [u8; 8] {
    u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes()
}

fn derived(secret: &[u8; 32], label: &str) -> Zeroizing<[u8; 32]> {
    let mut mac = mac_with(secret);
    mac.update(label.as_bytes());
    Zeroizing::new(mac.finalize().into_bytes().into())
}

fn mac_with(key: &[u8; 32]) -> Hmac<Sha256> {
    // A block-sized key is what HMAC makes of a shorter one: zeros after it.
    let mut block = Zeroizing::new([0; 64]);
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    <Hmac<Sha256> as KeyInit>::new(&(*block).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> KeyRing {
        KeyRing::new(&[1; 32], &[2; 32])
    }

    #[test]
    fn a_sealed_value_opens_only_under_its_context() {
        let sealed = keys().seal(b"a", b"7101809991").unwrap();
        assert_eq!(keys().open(b"a", &sealed).unwrap().as_slice(), b"7101809991");
        assert!(matches!(keys().open(b"b", &sealed), Err(StoreError::Sealed)));
        assert!(matches!(keys().open(b"a", &sealed[..11]), Err(StoreError::Sealed)));
    }

    #[test]
    fn equal_inputs_seal_equally() {
        assert_eq!(keys().seal(b"a", b"x").unwrap(), keys().seal(b"a", b"x").unwrap());
        assert_ne!(keys().seal(b"a", b"x").unwrap(), keys().seal(b"b", b"x").unwrap());
    }

    #[test]
    fn a_key_is_what_hmac_makes_of_the_plain_secret() {
        let mut expected = <Hmac<Sha256> as Mac>::new_from_slice(&[7; 32]).unwrap();
        expected.update(b"label");
        assert_eq!(*derived(&[7; 32], "label"), <[u8; 32]>::from(expected.finalize().into_bytes()));
    }

    #[test]
    fn digest_blocks_of_different_digests_differ() {
        let keys = keys();
        let blocks: std::collections::BTreeSet<[u8; 16]> =
            (0..1000).map(|it| keys.digest_block(it)).collect();
        assert_eq!(blocks.len(), 1000);
    }

    #[test]
    fn a_subject_id_is_a_version_8_uuid_of_all_its_parts() {
        let id = |generation| {
            keys().subject_id(Uuid::nil(), "opus", Kind::Employment, b"32", generation).0
        };
        assert_eq!(id(1).get_version_num(), 8);
        assert_ne!(id(1), id(2));
        assert_eq!(id(1), id(1));
    }
}
