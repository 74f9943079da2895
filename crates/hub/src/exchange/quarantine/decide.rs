//! A person's word on an employment number that names another person than before.

use super::super::apply::state_digest;
use super::super::decision::Decision;
use super::super::run::RunError;
use super::super::source::Source;
use super::{Body, open};
use crate::Hub;
use crate::exchange::progress::Silent;
use crate::people::roster;
use jiff::civil::Date;
use kobling_domain::exchange::{Assertion, compare, existence};
use kobling_domain::id::{RecordNo, RunNo, SubjectNo, TenantId, Version};
use kobling_domain::people::{Kind, NationalNumber, NativeKey, State, Track};
use kobling_domain::time::{Origin, Slice};
use kobling_store::StoreError;
use kobling_store::access::{audit, tenant};
use kobling_store::engine::{Tx, run_lock};
use kobling_store::exchange::quarantine::{self, SetAside};
use kobling_store::exchange::{seen, source};
use kobling_store::job;
use kobling_store::people::claim::{self, Claim, ClaimKey, NewClaim};
use kobling_store::people::subject::{self, Issuer, NewSubject, SubjectKey};
use kobling_store::sealed::context;
use serde::Serialize;
use serde_json::json;

/// A record that names another person than before.
pub(in super::super) const OTHER_PERSON: &str = "other_person";
/// A record under a number that was given up for another one.
pub(in super::super) const RENUMBERED: &str = "renumbered";

/// What a person says of an employment number that names another person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is the same human, under another national number.
    Correction,
    /// It is the employment of another human: the number is used again.
    Reuse,
}

impl Verdict {
    /// The name on the command line and in the audit.
    pub fn name(self) -> &'static str {
        match self {
            Self::Correction => "correction",
            Self::Reuse => "reuse",
        }
    }
}

/// What was decided. The record itself is read by the source's next run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// The source's key.
    pub source: String,
    /// The employment number.
    pub number: i64,
    /// What was said of it.
    pub verdict: Verdict,
    /// The day from which the number is no longer the known employment's, if that was open.
    pub ended: Option<Date>,
}

/// Why nothing is listed or decided. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum QuarantineError {
    /// No such source.
    #[error("nothing was ever read from a source {key:?}")]
    UnknownSource {
        /// The key as given.
        key: String,
    },
    /// No such record.
    #[error("no employment {number} of {source_key} is set aside; `kobling quarantine list` tells")]
    NotSetAside {
        /// The source's key.
        source_key: String,
        /// The number as given.
        number: i64,
    },
    /// There is nothing for a person to say.
    #[error(
        "employment {number} is set aside as {code}, which is no matter of {verdict}; have it \
         corrected at the source"
    )]
    NotDecidable {
        /// The number.
        number: i64,
        /// Why it is set aside.
        code: String,
        /// What was said.
        verdict: &'static str,
    },
    /// The number is somebody else's.
    #[error(
        "the new national number of employment {number} belongs to another known person; two \
         persons are not made one"
    )]
    OfAnother {
        /// The employment's number.
        number: i64,
    },
    /// The source is being run, or its settings cannot be read.
    #[error("the source cannot be used")]
    Source(#[from] RunError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl QuarantineError {
    /// Whether what was given is at fault, rather than this program or its store.
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::UnknownSource { .. }
            | Self::NotSetAside { .. }
            | Self::NotDecidable { .. }
            | Self::OfAnother { .. } => true,
            Self::Source(it) => it.is_bad_input(),
            Self::Store(_) => false,
        }
    }
}

/// One decision inside its transaction.
struct Deciding<'a> {
    hub: &'a Hub,
    tenant: TenantId,
    source: &'a Source,
    native: NativeKey,
    employment: SubjectNo,
    version: Version,
}

/// Says of an employment that is set aside for naming another person which of the two it is. The
/// next run that reads the record applies it.
///
/// # Errors
///
/// Refuses a correction to a number that belongs to another known person, a record that is set
/// aside for anything else, and a source that is being run.
#[crate::boxed(?Send)]
pub async fn decide(
    hub: &Hub,
    tenant: TenantId,
    (key, number): (&str, i64),
    verdict: Verdict,
    decision: &Decision<'_>,
) -> Result<Decided, QuarantineError> {
    let known = source::by_key(&mut hub.db.read().await?, tenant, key).await?;
    let known = known.ok_or_else(|| QuarantineError::UnknownSource { key: key.to_owned() })?;
    let lock = run_lock(&hub.db, tenant, known.no).await?;
    let _lock = lock.ok_or_else(|| RunError::UnderWay { key: key.to_owned() })?;
    let mut tx = hub.db.write().await?;
    let version = tenant::take_version(&mut tx, tenant, hub.clock.now(), None).await?;
    let source = Source::load(&mut tx, tenant, key).await?;
    let unknown = || QuarantineError::NotSetAside { source_key: key.to_owned(), number };
    let record = quarantine::one(&mut tx, tenant, source.no, Kind::Employment, number).await?;
    let record = record.ok_or_else(unknown)?;
    let body = open(hub, tenant, &record)?;
    let native = source.natives(&mut tx, tenant, Kind::Employment, &[number]).await?;
    let native = native.into_iter().next().ok_or_else(unknown)?;
    let issuer = Issuer::Source(source.no);
    let keys = [SubjectKey::Native(native.clone())];
    let found = subject::by_key(&mut tx, tenant, issuer, Kind::Employment, &keys).await?;
    let employment = found.first().copied().flatten().ok_or_else(unknown)?;
    let deciding = Deciding { hub, tenant, source: &source, native, employment, version };
    let ended = match verdict {
        Verdict::Correction => deciding.correct(&mut tx, &record, &body).await?,
        Verdict::Reuse => deciding.reuse(&mut tx, &record, &body).await?,
    };
    quarantine::release(&mut tx, tenant, source.no, Kind::Employment, &[number]).await?;
    deciding.write_audit(&mut tx, verdict, decision).await?;
    job::ask_to_deliver(&mut tx, tenant, hub.clock.now()).await?;
    tx.commit().await?;
    // The decision stands. A roster that cannot follow now does so with the next run.
    drop(roster::bring_up(hub, tenant, &Silent).await);
    Ok(Decided { source: key.to_owned(), number, verdict, ended })
}

impl Deciding<'_> {
    /// From now on the new number, too, is that of the person whose employment it is.
    async fn correct(
        &self,
        tx: &mut Tx,
        record: &SetAside,
        body: &Body,
    ) -> Result<Option<Date>, QuarantineError> {
        let not_decidable = || not_decidable(record, Verdict::Correction);
        let digits = body.number.as_deref().filter(|_| record.code == OTHER_PERSON);
        let digits = digits.ok_or_else(not_decidable)?;
        let number = NationalNumber::parse(digits).map_err(|_| StoreError::Sealed)?;
        let (tenant, source) = (self.tenant, self.source.no);
        let named =
            claim::last_persons(tx, tenant, source, Track::Record, &[self.employment]).await?;
        let person = named.get(&self.employment).copied().ok_or_else(not_decidable)?;
        let index = self.hub.keys.blind_index(&number);
        match subject::by_number(tx, tenant, &[index]).await?.first().copied().flatten() {
            Some(other) if other != person => {
                return Err(QuarantineError::OfAnother { number: record.native_no });
            }
            Some(_) => return Ok(None),
            None => {}
        }
        let key = SubjectKey::Number(index);
        subject::add_key(tx, tenant, person, Kind::Person, (Issuer::Cpr, &key, 1)).await?;
        for it in subject::by_no(tx, tenant, &[person]).await? {
            let context = context::number(tenant, it.id);
            let sealed = self.hub.keys.seal(&context, number.digits().as_bytes())?;
            subject::set_number(tx, tenant, person, &sealed).await?;
        }
        Ok(None)
    }

    /// From now on the number is that of an employment that nothing is claimed of yet.
    async fn reuse(
        &self,
        tx: &mut Tx,
        record: &SetAside,
        body: &Body,
    ) -> Result<Option<Date>, QuarantineError> {
        let (tenant, source) = (self.tenant, self.source.no);
        let known = subject::by_no(tx, tenant, &[self.employment]).await?;
        let goes_on_as_another =
            known.first().is_some_and(|it| it.native.as_ref() != Some(&self.native));
        let ended = match (record.code.as_str(), body.effective) {
            (OTHER_PERSON, Some(effective)) if !goes_on_as_another => {
                self.end(tx, effective).await?
            }
            (OTHER_PERSON | RENUMBERED, _) => None,
            (_, _) => return Err(not_decidable(record, Verdict::Reuse)),
        };
        for kind in [Kind::Employment, Kind::Person] {
            self.next_generation(tx, kind).await?;
        }
        let numbers = [record.native_no];
        seen::delete(tx, tenant, source, Kind::Employment, &numbers).await?;
        Ok(ended)
    }

    /// Ends the known employment the day before `effective`, if it is open then.
    async fn end(&self, tx: &mut Tx, effective: Date) -> Result<Option<Date>, QuarantineError> {
        let (tenant, place) = (self.tenant, (self.source.no, Track::Record));
        let claims = claim::open(tx, tenant, place.0, place.1, &[self.employment]).await?;
        let slices: Vec<Slice<State>> = claims.iter().map(|it| it.slice.clone()).collect();
        let Some(before) = existence(&slices) else { return Ok(None) };
        if before.until().is_some_and(|until| until <= effective) {
            return Ok(None);
        }
        let nobody = Origin { run: RunNo(0), record: RecordNo(0) };
        let existence = before.before(effective);
        let asked = Assertion::Record { existence, effective, values: State::new() };
        let change = compare(&slices, asked, nobody);
        let closed: Vec<ClaimKey> = claims
            .iter()
            .filter(|it| change.closed.iter().any(|old| old.validity == it.slice.validity))
            .map(|it| ClaimKey {
                subject: it.subject,
                valid_from: it.slice.validity.from(),
                since: it.since,
            })
            .collect();
        claim::close(tx, tenant, place, self.version, &closed).await?;
        let written = change.written.into_iter().filter_map(|slice| self.remnant(slice, &claims));
        claim::insert(tx, tenant, place, self.version, written.collect()).await?;
        claim::check_no_overlap(tx, tenant, place.0, place.1, &[self.employment]).await?;
        Ok(Some(effective))
    }

    /// A slice that is left of a claim refers to what the claim referred to.
    fn remnant(&self, slice: Slice<State>, claims: &[Claim]) -> Option<NewClaim> {
        let from = slice.validity.from();
        let of = claims.iter().find(|it| it.slice.validity.contains(from))?;
        let digest = self.hub.keys.digest_block(state_digest(&slice.state));
        Some(NewClaim { subject: self.employment, slice, digest, refs: of.refs })
    }

    /// Mints the next subject under the number, if there is one under it.
    async fn next_generation(&self, tx: &mut Tx, kind: Kind) -> Result<(), StoreError> {
        let issuer = Issuer::Source(self.source.no);
        let key = SubjectKey::Native(self.native.clone());
        let keys = std::slice::from_ref(&key);
        let found = subject::generations(tx, self.tenant, issuer, kind, keys).await?;
        let Some((_, last)) = found.first().copied().flatten() else { return Ok(()) };
        let (generation, name) = (last + 1, self.source.text.key.as_str());
        let uuid = self.source.tenant_uuid;
        let id = self.hub.keys.subject_id(uuid, name, kind, &key.bytes(), generation);
        let new = NewSubject { kind, id, issuer, key, generation, number_sealed: None };
        subject::mint(tx, self.tenant, vec![new]).await.map(drop)
    }

    async fn write_audit(
        &self,
        tx: &mut Tx,
        verdict: Verdict,
        decision: &Decision<'_>,
    ) -> Result<(), StoreError> {
        let employment = subject::by_no(tx, self.tenant, &[self.employment]).await?;
        let entry = audit::Entry {
            at: self.hub.clock.now(),
            who: decision.by().to_owned(),
            action: "quarantine.decide".to_owned(),
            detail: json!({
                "source": self.source.text.key,
                "employment": employment.first().map(|it| it.id),
                "version": self.version,
                "as": verdict.name(),
                "reason": decision.reason(),
            }),
        };
        audit::write(tx, self.tenant, &entry).await
    }
}

fn not_decidable(record: &SetAside, verdict: Verdict) -> QuarantineError {
    QuarantineError::NotDecidable {
        number: record.native_no,
        code: record.code.clone(),
        verdict: verdict.name(),
    }
}
