//! Applying a plan: its items become claims in one short write transaction.

mod lift;
mod pages;

pub(super) use pages::{seen_only, some};

use super::drafted::Items;
use super::item::{Mentioned, Planned, UnreadableItem};
use super::mint::{self, Minting};
use super::progress::Progress;
use super::source::Source;
use super::summary::Summary;
use crate::Hub;
use kobling_domain::exchange::canonical_state;
use kobling_domain::id::{RunNo, SubjectNo, TenantId, Version};
use kobling_domain::people::{Field, Kind, Links, NativeKey, State, Track, Value};
use kobling_store::StoreError;
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use kobling_store::exchange::seen::{self, Outcome, SeenRow};
use kobling_store::exchange::{lane, native, pending};
use kobling_store::job;
use kobling_store::people::claim::{self, ClaimKey, NewClaim};
use kobling_store::people::subject::{self, Issuer, SubjectKey};
use kobling_store::people::{protect, same};
use std::collections::{BTreeMap, BTreeSet};
use xxhash_rust::xxh3::xxh3_128;

/// Items written at once.
pub(super) const PAGE_ITEMS: u32 = 1_000;
/// Keys minted at once.
const PAGE_KEYS: usize = 1_000;

/// Why a plan was not applied. Nothing of it has been.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The ledger has moved on since the plan was made.
    #[error(
        "the ledger has changed since the plan was made; make it anew by naming its file: kobling \
         run SOURCE FILE"
    )]
    Stale,
    /// A stored item cannot be read.
    #[error(transparent)]
    Item(#[from] UnreadableItem),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// One application of a plan, inside its transaction.
pub(super) struct Applying<'a> {
    pub(super) hub: &'a Hub,
    pub(super) tenant: TenantId,
    pub(super) source: &'a Source,
    pub(super) run_no: RunNo,
    pub(super) version: Version,
    pub(super) minting: Minting,
    protected: BTreeSet<SubjectNo>,
    /// Persons whose protection has ended with this plan.
    lifted: BTreeSet<SubjectNo>,
}

/// Writes the items of a run's plan to the ledger and returns the version they have.
pub(super) async fn apply(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    source: &Source,
    (run_no, summary, items): (RunNo, &Summary, Items),
    progress: &dyn Progress,
) -> Result<Version, ApplyError> {
    let version = tenant::take_version(tx, tenant, hub.clock.now(), Some(run_no)).await?;
    let mut applying = Applying::new(hub, tenant, source, run_no, version);
    let unprotected = (summary.protection_lost.as_slice(), summary.date);
    applying.lifted = lift::lift(tx, tenant, source.no, version, unprotected).await?;
    match items {
        Items::InMemory(items) => applying.in_memory(tx, items, progress).await?,
        Items::Stored => applying.stored(tx, progress).await?,
    }
    applying.finish(tx).await?;
    Ok(version)
}

impl<'a> Applying<'a> {
    pub(super) fn new(
        hub: &'a Hub,
        tenant: TenantId,
        source: &'a Source,
        run_no: RunNo,
        version: Version,
    ) -> Self {
        let (protected, lifted) = (BTreeSet::new(), BTreeSet::new());
        let minting = Minting::default();
        Self { hub, tenant, source, run_no, version, minting, protected, lifted }
    }

    /// Writes items of one kind.
    pub(super) async fn items(
        &mut self,
        tx: &mut Tx,
        kind: Kind,
        items: Vec<Planned>,
    ) -> Result<(), ApplyError> {
        if items.is_empty() {
            return Ok(());
        }
        self.rekey(tx, kind, &items).await?;
        let subjects = mint::subjects(self, tx, kind, &items).await?;
        let persons = match kind {
            Kind::Employment | Kind::Activity | Kind::Qualification | Kind::Absence => {
                self.persons(tx, kind, &items, &subjects).await?
            }
            Kind::Unit | Kind::Person | Kind::Position => vec![None; items.len()],
        };
        // Whose address it may be: a row about a person is about its own.
        let whose = match kind {
            Kind::Person => subjects.iter().copied().map(Some).collect(),
            Kind::Unit
            | Kind::Employment
            | Kind::Position
            | Kind::Activity
            | Kind::Qualification
            | Kind::Absence => persons.clone(),
        };
        let protected = self.protected_among(tx, &items, &subjects, &whose).await?;
        let place = (self.source.no, kind.track());
        self.close(tx, kind, &items, &subjects).await?;
        let seen = seen_rows(self.source.epoch, &items);
        mint::referred(self, tx, &items).await?;
        let mut claims = Vec::with_capacity(items.len());
        let about = subjects.iter().zip(&persons).zip(&whose);
        for (planned, ((subject, person), whose)) in items.into_iter().zip(about) {
            for mut slice in planned.item.written {
                if whose.is_some_and(|it| protected.contains(&it)) {
                    forget_address(&mut slice.state);
                }
                let refs = self.minting.references(&slice.state, *person);
                let digest = self.hub.keys.digest_block(state_digest(&slice.state));
                claims.push(NewClaim { subject: *subject, slice, digest, refs });
            }
        }
        claim::insert(tx, self.tenant, place, self.version, claims).await?;
        if self.is_first_load() {
            // Each key came once, and what is stated of it without history cannot overlap.
            return Ok(seen::insert(tx, self.tenant, self.source.no, seen).await?);
        }
        self.check_no_overlap(tx, kind, &subjects).await?;
        Ok(seen::upsert(tx, self.tenant, self.source.no, seen).await?)
    }

    /// Whether nothing of the source stands in the ledger yet.
    pub(super) fn is_first_load(&self) -> bool {
        self.source.applied.is_none()
    }

    /// Whose employments these are. Where no national number tells it, as in a stub or of what is
    /// no longer mentioned, an employment stays that of the person it was.
    async fn persons(
        &self,
        tx: &mut Tx,
        kind: Kind,
        items: &[Planned],
        subjects: &[SubjectNo],
    ) -> Result<Vec<Option<SubjectNo>>, ApplyError> {
        let mut persons = mint::persons(self, tx, items).await?;
        for (it, person) in items.iter().zip(&mut persons) {
            *person = it.item.of.or(*person);
        }
        let silent = subjects.iter().zip(&persons).filter(|(_, person)| person.is_none());
        let silent: Vec<SubjectNo> = silent.map(|(subject, _)| *subject).collect();
        if silent.is_empty() {
            return Ok(persons);
        }
        if !self.is_first_load() {
            let known = self.last_persons(tx, kind, &silent).await?;
            for (subject, person) in subjects.iter().zip(&mut persons) {
                *person = person.or_else(|| known.get(subject).copied());
            }
        }
        if kind == Kind::Employment {
            mint::unnumbered(self, tx, items, &mut persons).await?;
        }
        Ok(persons)
    }

    async fn last_persons(
        &self,
        tx: &mut Tx,
        kind: Kind,
        subjects: &[SubjectNo],
    ) -> Result<BTreeMap<SubjectNo, SubjectNo>, StoreError> {
        if subjects.is_empty() {
            return Ok(BTreeMap::new());
        }
        claim::last_persons(tx, self.tenant, self.source.no, kind.track(), subjects).await
    }

    /// The persons whose addresses must not be written: those who are protected, those whom one of
    /// these items protects, and those who were protected before their national number was known.
    async fn protected_among(
        &mut self,
        tx: &mut Tx,
        items: &[Planned],
        subjects: &[SubjectNo],
        persons: &[Option<SubjectNo>],
    ) -> Result<BTreeSet<SubjectNo>, ApplyError> {
        let known = items.iter().zip(subjects).filter(|(it, _)| !it.item.replaces.is_empty());
        let known: Vec<SubjectNo> = known.map(|(_, subject)| *subject).collect();
        let before = self.last_persons(tx, Kind::Employment, &known).await?;
        let all: BTreeSet<SubjectNo> =
            persons.iter().copied().flatten().chain(before.values().copied()).collect();
        let all: Vec<SubjectNo> = all.into_iter().collect();
        let all = protect::protected_among(tx, self.tenant, &all).await?;
        let mut protected: BTreeSet<SubjectNo> = all.into_iter().collect();
        let follow = subjects.iter().zip(persons).filter_map(|(subject, person)| {
            before.get(subject).filter(|it| protected.contains(it)).and(*person)
        });
        let follow: Vec<SubjectNo> = follow.collect();
        for person in self.newly_protected(items, persons).into_iter().chain(follow) {
            if protected.insert(person) {
                self.protected.insert(person);
            }
        }
        Ok(protected)
    }

    /// Persons whom one of the items protects. Of those whose protection has ended, days before it
    /// did protect nobody.
    fn newly_protected(
        &self,
        items: &[Planned],
        persons: &[Option<SubjectNo>],
    ) -> BTreeSet<SubjectNo> {
        let protects = |it: &Planned, person: &SubjectNo| {
            let is_lifted = self.lifted.contains(person);
            let effective = it.item.effective;
            it.item.written.iter().any(|slice| {
                let is_over = slice.validity.until().is_some_and(|until| until <= effective);
                slice.state.is(Field::PersonAddressProtected) && !(is_lifted && is_over)
            })
        };
        let named = items.iter().zip(persons).filter_map(|(it, person)| Some((it, (*person)?)));
        named.filter(|(it, person)| protects(it, person)).map(|(_, person)| person).collect()
    }

    /// A renumbered employment is found by its new number from now on, and shown with it.
    async fn rekey(
        &mut self,
        tx: &mut Tx,
        kind: Kind,
        items: &[Planned],
    ) -> Result<(), ApplyError> {
        let issuer = Issuer::Source(self.source.no);
        for it in items {
            let Some(old) = &it.item.renumbered_from else { continue };
            let key = [SubjectKey::Native(old.clone())];
            let found = subject::by_key(tx, self.tenant, issuer, kind, &key).await?;
            let subject = found.first().copied().flatten().ok_or(ApplyError::Stale)?;
            let new = SubjectKey::Native(it.item.native.clone());
            let new = std::slice::from_ref(&new);
            let keyed = subject::generations(tx, self.tenant, issuer, kind, new).await?;
            let generation = match keyed.first().copied().flatten() {
                // A number that was given up and is back.
                Some((keyed, _)) if keyed == subject => None,
                Some((other, last)) if self.is_unused(tx, other).await? => Some(last + 1),
                Some(_) => return Err(ApplyError::Stale),
                None => Some(1),
            };
            if let (Some(generation), [new]) = (generation, new) {
                let key = (issuer, new, generation);
                subject::add_key(tx, self.tenant, subject, kind, key).await?;
            }
            subject::set_native(tx, self.tenant, subject, &it.item.native).await?;
            self.note_gone(tx, kind, old).await?;
        }
        Ok(())
    }

    /// Whether the source believes nothing of a subject: a number that a person has freed.
    async fn is_unused(&self, tx: &mut Tx, subject: SubjectNo) -> Result<bool, StoreError> {
        let (tenant, source) = (self.tenant, self.source.no);
        Ok(claim::open(tx, tenant, source, Track::Record, &[subject]).await?.is_empty())
    }

    /// The source no longer mentions a number that goes on as another one.
    async fn note_gone(
        &self,
        tx: &mut Tx,
        kind: Kind,
        native: &NativeKey,
    ) -> Result<(), ApplyError> {
        let (tenant, source) = (self.tenant, self.source.no);
        let natives = std::slice::from_ref(native);
        let numbers = native::of_keys(tx, tenant, source, kind, natives).await?;
        let mut rows = seen::rows(tx, tenant, source, kind, &numbers).await?;
        for it in &mut rows {
            it.outcome = Outcome::Gone;
        }
        Ok(seen::upsert(tx, tenant, source, rows).await?)
    }

    /// Closes what the items replace; refuses if the ledger no longer believes it.
    async fn close(
        &self,
        tx: &mut Tx,
        kind: Kind,
        items: &[Planned],
        subjects: &[SubjectNo],
    ) -> Result<(), ApplyError> {
        let keys = items.iter().zip(subjects).flat_map(|(it, subject)| {
            it.item.replaces.iter().map(|claim| ClaimKey {
                subject: *subject,
                valid_from: claim.valid_from,
                since: claim.since,
            })
        });
        let keys: Vec<ClaimKey> = keys.collect();
        let place = (self.source.no, kind.track());
        match claim::close(tx, self.tenant, place, self.version, &keys).await {
            Err(StoreError::Stale { .. }) => Err(ApplyError::Stale),
            done => Ok(done?),
        }
    }

    /// Claims that overlap what others wrote meanwhile were planned against another ledger.
    async fn check_no_overlap(
        &self,
        tx: &mut Tx,
        kind: Kind,
        subjects: &[SubjectNo],
    ) -> Result<(), ApplyError> {
        let (tenant, source) = (self.tenant, self.source.no);
        match claim::check_no_overlap(tx, tenant, source, kind.track(), subjects).await {
            Err(StoreError::Overlap { .. }) => Err(ApplyError::Stale),
            checked => Ok(checked?),
        }
    }

    /// Takes the addresses of persons who are protected from now on out of all claims and out of
    /// what targets were told or are about to be, and asks that targets follow the ledger.
    pub(super) async fn finish(&mut self, tx: &mut Tx) -> Result<(), ApplyError> {
        let protected: Vec<SubjectNo> = std::mem::take(&mut self.protected).into_iter().collect();
        for page in protected.chunks(PAGE_KEYS) {
            protect::persons(tx, self.tenant, page).await?;
        }
        if !protected.is_empty() {
            // Targets are told of them as those whom a person said they are.
            let links = Links::new(same::at(tx, self.tenant, self.version).await?);
            let told = protected.iter().flat_map(|it| links.all_of(links.one(*it)));
            let told: Vec<SubjectNo> = told.collect::<BTreeSet<_>>().into_iter().collect();
            for page in told.chunks(PAGE_KEYS) {
                lane::forget(tx, self.tenant, page).await?;
            }
            // Nobody knows of a sealed set whose addresses it holds.
            pending::give_up_all(tx, self.tenant).await?;
        }
        Ok(job::ask_to_deliver(tx, self.tenant, self.hub.clock.now()).await?)
    }
}

/// Takes address text out of a state, as erasing it afterwards would; the protection itself stays
/// said by whoever said it.
fn forget_address(state: &mut State) {
    for field in protect::ADDRESS {
        if state.get(field).is_some() {
            state.set(field, Value::Erased);
        }
    }
}

fn seen_rows(epoch: i64, items: &[Planned]) -> Vec<SeenRow> {
    items
        .iter()
        .map(|it| SeenRow {
            kind: it.item.kind,
            native_no: it.native_no,
            digest: it.seen.digest,
            content: it.seen.content,
            outcome: match it.seen.mentioned {
                Mentioned::Yes => Outcome::Applied,
                Mentioned::No => Outcome::Gone,
            },
            epoch,
            until: it.seen.until,
            first_seen: it.seen.first_seen,
        })
        .collect()
}

pub(super) fn state_digest(state: &State) -> u128 {
    let mut bytes = Vec::with_capacity(1_024);
    canonical_state(state, &mut bytes);
    xxh3_128(&bytes)
}
