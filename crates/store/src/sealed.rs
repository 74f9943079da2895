//! Keys, and what is done with them: sealing, blind indexes, blocks that hide digests, MACs, ids.
//!
//! Three kinds of secrets make all keys. *id* names persons and *fixed* hides digests: neither ever
//! changes, as what they made cannot be made anew. The keys that seal may: each sealed value names its
//! own. Each use has a key of its own, HMAC-SHA256(secret, label), so that no two uses can be played
//! against each other.

pub mod context;
pub mod stored;

use crate::StoreError;
use aes::Aes128;
use aes::cipher::{BlockEncrypt, KeyInit};
use aes_gcm_siv::Aes256GcmSiv;
use aes_gcm_siv::aead::{Aead, Payload};
use hmac::{Hmac, Mac};
use kobling_domain::id::SubjectId;
use kobling_domain::people::{Kind, NationalNumber};
use sha2::Sha256;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Bytes of a key's name, which stands in front of what it sealed.
const NAME_BYTES: usize = 8;
/// Bytes of a sealed value's nonce, which stands after that.
const NONCE_BYTES: usize = 12;

/// All keys of a store. Those that seal are shared with every copy: see [`renew`](Self::renew).
#[derive(Clone)]
pub struct KeyRing {
    sealing: Arc<RwLock<Arc<[SealKey]>>>,
    source: Option<Source>,
    block: Aes128,
    input: Hmac<Sha256>,
    item: Hmac<Sha256>,
    number: Hmac<Sha256>,
    subject: Hmac<Sha256>,
    receipt: Zeroizing<[u8; 32]>,
}

/// Where keys are looked for that are not known.
type Source = Arc<dyn Fn() -> Option<KeyRing> + Send + Sync>;

/// What a sealing key is called: eight bytes that give nothing of it away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(pub [u8; NAME_BYTES]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The secrets that hide digests.
#[derive(Clone)]
pub struct Fixed {
    /// Of digests of records.
    pub digest: Zeroizing<[u8; 32]>,
    /// Of digests of whole inputs.
    pub input: Zeroizing<[u8; 32]>,
    /// Of items of plans.
    pub item: Zeroizing<[u8; 32]>,
}

impl Fixed {
    /// Those that follow from the first sealing secret a store had. Nobody finds it in them.
    pub fn of(data: &[u8; 32]) -> Self {
        Self {
            digest: derived(data, "kobling digest block"),
            input: derived(data, "kobling input"),
            item: derived(data, "kobling plan item"),
        }
    }
}

/// A key that seals, or did.
struct SealKey {
    id: KeyId,
    seal: Aes256GcmSiv,
    nonce: Hmac<Sha256>,
}

impl SealKey {
    fn of(data: &[u8; 32]) -> Self {
        Self {
            id: key_id(data),
            seal: Aes256GcmSiv::new(&(*derived(data, "kobling seal")).into()),
            nonce: mac_with(&derived(data, "kobling seal nonce")),
        }
    }

    fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, body) = sealed.split_at_checked(NONCE_BYTES)?;
        let payload = Payload { msg: body, aad: context };
        self.seal.decrypt(nonce.into(), payload).ok().map(Zeroizing::new)
    }
}

/// What the key that is made of a secret is called.
pub fn key_id(data: &[u8; 32]) -> KeyId {
    let mac = derived(data, "kobling key name");
    let mut id = [0; NAME_BYTES];
    id.iter_mut().zip(mac.iter()).for_each(|(to, from)| *to = *from);
    KeyId(id)
}

impl KeyRing {
    /// The keys made from the two secrets that a store begins with.
    pub fn new(id: &[u8; 32], data: &[u8; 32]) -> Self {
        Self::with(id, &Fixed::of(data), data, &[])
    }

    /// The keys made from these secrets. `data` seals; `others` open what they have sealed.
    pub fn with(
        id: &[u8; 32],
        fixed: &Fixed,
        data: &[u8; 32],
        others: &[Zeroizing<[u8; 32]>],
    ) -> Self {
        let id = |label: &str| derived(id, label);
        let (first, _) = fixed.digest.split_at(16);
        let mut half = Zeroizing::new([0; 16]);
        half.copy_from_slice(first);
        let sealing = std::iter::once(data).chain(others.iter().map(|it| &**it)).map(SealKey::of);
        Self {
            sealing: Arc::new(RwLock::new(sealing.collect())),
            source: None,
            block: Aes128::new(&(*half).into()),
            input: mac_with(&fixed.input),
            item: mac_with(&fixed.item),
            number: mac_with(&id("kobling national number")),
            subject: mac_with(&id("kobling subject")),
            receipt: id("kobling receipt"),
        }
    }

    /// The same keys, which `source` is asked for anew when a value is sealed with one that is not
    /// among them: another process may have begun to seal with it.
    #[must_use]
    pub fn looking_in(self, source: impl Fn() -> Option<Self> + Send + Sync + 'static) -> Self {
        Self { source: Some(Arc::new(source)), ..self }
    }

    /// Seals and opens with the sealing keys of `other` from now on, in every copy of this ring.
    pub fn renew(&self, other: &Self) {
        let keys = other.sealing();
        *self.sealing.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// The key that seals.
    pub fn current(&self) -> Option<KeyId> {
        self.sealing().first().map(|it| it.id)
    }

    /// All keys that open, the one that seals first.
    pub fn known(&self) -> Vec<KeyId> {
        self.sealing().iter().map(|it| it.id).collect()
    }

    fn sealing(&self) -> Arc<[SealKey]> {
        Arc::clone(&self.sealing.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The seed of the key by which this hub signs receipts. It follows from the secret that never
    /// changes, so that a receipt can be verified as long as there is this store.
    pub fn receipt_seed(&self) -> &[u8; 32] {
        &self.receipt
    }

    /// `plain`, encrypted and bound to `context`: it opens with the same context only.
    ///
    /// The nonce is an HMAC of context and plain text, so equal inputs give equal bytes and runs
    /// can be reproduced; AES-256-GCM-SIV stays safe when a nonce comes back. Who sees two equal
    /// sealed values under one context learns that they are equal, so a context names its row.
    pub fn seal(&self, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let keys = self.sealing();
        let key = keys.first().ok_or(StoreError::Sealed)?;
        let synthetic = parts(key.nonce.clone(), &[context, plain]);
        let (nonce, _) = synthetic.split_at(NONCE_BYTES);
        let payload = Payload { msg: plain, aad: context };
        let body = key.seal.encrypt(nonce.into(), payload).map_err(|_| StoreError::Sealed)?;
        Ok([&key.id.0, nonce, &body].concat())
    }

    /// The plain text of a sealed value.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        if let Some(plain) = opened(&self.sealing(), context, sealed) {
            return Ok(plain);
        }
        let renewed = self.source.as_ref().and_then(|it| it());
        let renewed = renewed.ok_or(StoreError::Sealed)?;
        self.renew(&renewed);
        opened(&self.sealing(), context, sealed).ok_or(StoreError::Sealed)
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

/// The plain text of a value that one of the keys has sealed. Values that name no key are from before
/// keys had names.
fn opened(keys: &[SealKey], context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let named = sealed
        .split_at_checked(NAME_BYTES)
        .and_then(|(name, body)| keys.iter().find(|it| it.id.0 == name)?.open(context, body));
    named.or_else(|| keys.iter().find_map(|it| it.open(context, sealed)))
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
        assert!(matches!(keys().open(b"a", &sealed[..19]), Err(StoreError::Sealed)));
    }

    #[test]
    fn what_an_older_key_sealed_opens_and_names_the_key() {
        let older = keys();
        let sealed = older.seal(b"a", b"7101809991").unwrap();
        let before = Zeroizing::new([2; 32]);
        let fixed = Fixed::of(&before);
        let newer = KeyRing::with(&[1; 32], &fixed, &[3; 32], std::slice::from_ref(&before));
        assert_eq!(newer.open(b"a", &sealed).unwrap().as_slice(), b"7101809991");
        assert_eq!(sealed[..8], older.current().unwrap().0);
        assert_eq!(newer.seal(b"a", b"x").unwrap()[..8], newer.current().unwrap().0);
        assert_eq!(newer.known(), [newer.current().unwrap(), older.current().unwrap()]);
        assert_eq!(newer.check(), older.check(), "they belong to the same store");
        assert_eq!(newer.digest_block(7), older.digest_block(7));
        assert_eq!(newer.input_mac(7), older.input_mac(7));
        let alone = KeyRing::with(&[1; 32], &fixed, &[3; 32], &[]);
        assert!(matches!(alone.open(b"a", &sealed), Err(StoreError::Sealed)));
    }

    #[test]
    fn what_was_sealed_before_keys_had_names_opens() {
        // Sealed by the program of before, with these keys.
        let sealed = keys().seal(b"a", b"7101809991").unwrap();
        let nameless = &sealed[8..];
        assert_eq!(keys().open(b"a", nameless).unwrap().as_slice(), b"7101809991");
        assert!(matches!(keys().open(b"b", nameless), Err(StoreError::Sealed)));
    }

    #[test]
    fn a_key_that_another_process_seals_with_is_looked_for_once_it_is_met() {
        let (old, new) = (Zeroizing::new([2; 32]), [3; 32]);
        let both =
            move || KeyRing::with(&[1; 32], &Fixed::of(&old), &new, std::slice::from_ref(&old));
        let sealed = both().seal(b"a", b"x").unwrap();
        let here = keys().looking_in({
            let both = both.clone();
            move || Some(both())
        });
        let copy = here.clone();
        assert_eq!(here.open(b"a", &sealed).unwrap().as_slice(), b"x");
        assert_eq!(copy.current(), both().current(), "every copy has it then");
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
