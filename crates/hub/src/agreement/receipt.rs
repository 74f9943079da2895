//! Receipts of closings: signed by the hub, and verified by anybody who has its public key.
//!
//! The signature is over every byte of the text but its own, so nothing can be changed in it, not even
//! a space.

use crate::hex::hex;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kobling_domain::agreement::Receipt;
use kobling_store::sealed::KeyRing;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What stands before the signature, and after it.
const AROUND: (&str, &str) = ("  \"signature\": \"", "\"\n}");
/// What makes 32 bytes the public key of Ed25519 (RFC 8410), before it.
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const PEM: (&str, &str) = ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----");
/// Bytes of a digest that name a key.
const NAME_BYTES: usize = 16;

/// Why a receipt is not what it says, or cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// It is something else, or not all of it.
    #[error("this is no receipt of a closing, or not all of it")]
    NoReceipt,
    /// Another hub has signed it.
    #[error("it names another hub's key ({named}) than the one given ({given})")]
    OtherHub {
        /// The key that it names.
        named: String,
        /// The key that was given.
        given: String,
    },
    /// It was changed.
    #[error("its signature does not fit: something in it was changed, or this hub never signed it")]
    Changed,
    /// The key is none.
    #[error("this is no public key of a hub (Ed25519, as PEM)")]
    NoKey,
    /// It cannot be signed or written.
    #[error("a receipt cannot be signed: {reason}")]
    Unsigned {
        /// Why.
        reason: String,
    },
}

/// The key by which a hub's receipts are verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HubKey([u8; 32]);

#[derive(Serialize, Deserialize)]
struct Document {
    receipt: Receipt,
    signature: String,
}

impl HubKey {
    /// The one of the hub with these keys.
    pub fn of(keys: &KeyRing) -> Result<Self, ReceiptError> {
        let public = pair(keys)?.public_key().as_ref().try_into();
        public.map(Self).map_err(|_| ReceiptError::NoKey)
    }

    /// The one that a PEM text tells.
    pub fn parse(pem: &str) -> Result<Self, ReceiptError> {
        let (_, rest) = pem.split_once(PEM.0).ok_or(ReceiptError::NoKey)?;
        let (body, _) = rest.split_once(PEM.1).ok_or(ReceiptError::NoKey)?;
        let body: String = body.split_whitespace().collect();
        let bytes = STANDARD.decode(body).map_err(|_| ReceiptError::NoKey)?;
        let key = bytes.strip_prefix(&SPKI).and_then(|it| it.try_into().ok());
        key.map(Self).ok_or(ReceiptError::NoKey)
    }

    /// Its PEM text, which other programs read too.
    pub fn pem(&self) -> String {
        let body = STANDARD.encode([&SPKI[..], &self.0].concat());
        format!("{}\n{body}\n{}\n", PEM.0, PEM.1)
    }

    /// What it is called: the first half of its SHA-256.
    pub fn name(&self) -> String {
        let digest = Sha256::digest(self.0);
        let (half, _) = digest.split_at(NAME_BYTES);
        hex(half)
    }
}

/// The text of a receipt, signed by the hub with these keys.
pub(crate) fn signed(keys: &KeyRing, receipt: &Receipt) -> Result<String, ReceiptError> {
    let unsigned = |it: serde_json::Error| ReceiptError::Unsigned { reason: it.to_string() };
    let document = Document { receipt: receipt.clone(), signature: String::new() };
    let text = serde_json::to_string_pretty(&document).map_err(unsigned)?;
    let signature = STANDARD.encode(pair(keys)?.sign(text.as_bytes()));
    let (head, _) = text.rsplit_once(AROUND.1).ok_or(ReceiptError::NoReceipt)?;
    Ok(format!("{head}{signature}{}", AROUND.1))
}

/// What a receipt says, if the hub of that key has signed all of it. A line's end may follow.
pub fn verify(text: &str, key: &HubKey) -> Result<Receipt, ReceiptError> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let (head, rest) = text.rsplit_once(AROUND.0).ok_or(ReceiptError::NoReceipt)?;
    let signature = rest.strip_suffix(AROUND.1).ok_or(ReceiptError::NoReceipt)?;
    let signature = STANDARD.decode(signature).map_err(|_| ReceiptError::Changed)?;
    let said = format!("{head}{}{}", AROUND.0, AROUND.1);
    let is_ours = UnparsedPublicKey::new(&ED25519, key.0).verify(said.as_bytes(), &signature);
    let document = serde_json::from_str::<Document>(text).ok().map(|it| it.receipt);
    match (is_ours, document) {
        (Ok(()), Some(receipt)) if receipt.kind == Receipt::KIND => Ok(receipt),
        (Ok(()), Some(_) | None) => Err(ReceiptError::NoReceipt),
        (Err(_), Some(receipt)) if receipt.hub_key != key.name() => {
            Err(ReceiptError::OtherHub { named: receipt.hub_key, given: key.name() })
        }
        (Err(_), Some(_) | None) => Err(ReceiptError::Changed),
    }
}

fn pair(keys: &KeyRing) -> Result<Ed25519KeyPair, ReceiptError> {
    let unusable = |_| ReceiptError::Unsigned { reason: "its key cannot be used".to_owned() };
    Ed25519KeyPair::from_seed_unchecked(keys.receipt_seed()).map_err(unusable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::keys::{self, DEMO_KEYS};
    use kobling_domain::agreement::ReceiptState;

    fn receipt(keys: &KeyRing) -> Receipt {
        let at = "2026-03-10T05:00:00Z".parse().unwrap();
        Receipt {
            kind: Receipt::KIND.to_owned(),
            state: ReceiptState::Final,
            hub_key: HubKey::of(keys).unwrap().name(),
            employer: "fjordby".to_owned(),
            agreement: "plan2learn".to_owned(),
            target: "plan2learn".to_owned(),
            number: Some(1),
            by: "Signe".to_owned(),
            reason: "et brud hos modtageren".to_owned(),
            ordered_at: at,
            closed_at: Some(at),
            breach_report_until: at,
            last_delivered: None,
            in_flight: Vec::new(),
            kept: 0,
            refused_clients: Vec::new(),
            stopped_webhooks: Vec::new(),
            call: Vec::new(),
        }
    }

    #[test]
    fn a_receipt_is_verified_by_the_public_key_and_any_changed_byte_is_refused() {
        let keys = keys::parse(DEMO_KEYS).unwrap();
        let text = signed(&keys, &receipt(&keys)).unwrap() + "\n";
        let key = HubKey::parse(&HubKey::of(&keys).unwrap().pem()).unwrap();
        assert_eq!(verify(&text, &key).unwrap(), receipt(&keys));
        assert_eq!(verify(text.trim_end(), &key).unwrap(), receipt(&keys));
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let changed = String::from_utf8(bytes).unwrap();
            assert!(verify(&changed, &key).is_err(), "byte {at}: {changed}");
        }
        assert!(verify(&format!("{text}\n"), &key).is_err());
    }

    #[test]
    fn another_hubs_receipt_is_refused_by_name() {
        let other = keys::parse(&DEMO_KEYS.replacen("6b6f", "6b6e", 1)).unwrap();
        let text = signed(&other, &receipt(&other)).unwrap();
        let ours = HubKey::of(&keys::parse(DEMO_KEYS).unwrap()).unwrap();
        assert!(matches!(verify(&text, &ours), Err(ReceiptError::OtherHub { .. })));
        assert!(matches!(verify("{}", &ours), Err(ReceiptError::NoReceipt)));
        assert!(matches!(HubKey::parse("ssh-ed25519 AAAA"), Err(ReceiptError::NoKey)));
    }
}
