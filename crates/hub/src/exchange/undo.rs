//! Undoing a run: a plan that brings back what was believed just before it.
//!
//! The plan is made of the ledger's own claims, so it needs no file, and an address that was erased
//! since stays erased. It is always held. What it replaces are the claims that the run left: a
//! subject that somebody has changed since is left out and named. Of the records whose claims it
//! changes nothing is remembered as seen, so the next file is judged anew on each of them.

mod conclude;
mod named;
mod told;

pub use told::{Staying, Undoes, Undone};

use super::drafted::Drafted;
use super::figures::Figures;
use super::item::{Mentioned, Planned, SeenAfter};
use super::plan::{PlanError, find};
use super::run::RunError;
use super::source::Source;
use crate::Hub;
use crate::hex::hex;
use jiff::civil::Date;
use kobling_domain::exchange::{
    self, Believed, Change, ClaimRef, Known, PlanItem, existence, reason_of,
};
use kobling_domain::id::{RunNo, SubjectNo, TenantId, Version};
use kobling_domain::people::{Kind, NativeKey, State};
use kobling_domain::time::Slice;
use kobling_store::StoreError;
use kobling_store::access::tenant;
use kobling_store::engine::{Tx, run_lock};
use kobling_store::exchange::run::{self as runs, NewRun, Run, RunState};
use kobling_store::exchange::seen::{self, SeenRow};
use kobling_store::exchange::{draft, source};
use kobling_store::people::claim::{self, Changed, Claim, Place};
use kobling_store::people::subject::{self, Issuer, Subject, SubjectKey};
use named::{Named, items_of, tabled};
use std::collections::{BTreeMap, BTreeSet};

/// Changes looked through at once.
const PAGE_CHANGES: u32 = 1_000;
/// Subjects named that cannot be undone.
const STANDING_MAX: usize = 200;
/// A digest that no record has.
const NO_RECORD: [u8; 16] = [0; 16];

/// Which run is to be undone.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    /// The one whose plan has a hash that begins so.
    Plan(&'a str),
    /// The one that wrote this version of the ledger.
    Version(Version),
    /// The one of this number.
    Run(RunNo),
}

/// Makes a plan that brings back what was believed before a run, and leaves it held.
///
/// # Errors
///
/// Refuses if there is no such run, or if it changed nothing.
pub async fn undo(hub: &Hub, tenant: TenantId, which: Which<'_>) -> Result<Undone, PlanError> {
    let mut tx = hub.db.read().await?;
    let of = run_of(&mut tx, tenant, which).await?;
    let sources = source::list(&mut tx, tenant).await?;
    drop(tx);
    let key = sources.into_iter().find(|it| it.no == of.begun.source).map(|it| it.key);
    let key = key.ok_or(StoreError::Missing { what: "source" })?;
    let lock = run_lock(&hub.db, tenant, of.begun.source).await?;
    let _lock = lock.ok_or_else(|| RunError::UnderWay { key: key.clone() })?;
    let mut undoing = Undoing::begin(hub, tenant, of, &key).await?;
    undoing.draft().await?;
    conclude::conclude(undoing).await
}

async fn run_of(tx: &mut Tx, tenant: TenantId, which: Which<'_>) -> Result<Run, PlanError> {
    let (no, what) = match which {
        Which::Run(no) => (Some(no), format!("run {no}")),
        Which::Version(version) => {
            let taken = tenant::version_taken(tx, tenant, version).await?;
            (taken.and_then(|it| it.1), format!("version {version}"))
        }
        Which::Plan(hash) => {
            let plan = find(tx, tenant, hash).await?;
            (Some(plan.run), format!("plan {}", hex(&plan.hash)))
        }
    };
    let run = match no {
        Some(no) => runs::get(tx, tenant, no).await?,
        None => None,
    };
    let run = run.ok_or_else(|| PlanError::NoRun { what: what.clone() })?;
    match run.finish.as_ref().map(|it| it.state) {
        Some(RunState::Applied) => Ok(run),
        Some(RunState::Unchanged | RunState::Held | RunState::Reading | RunState::Refused)
        | None => Err(PlanError::NotApplied { what }),
    }
}

/// An undoing under way.
struct Undoing<'a> {
    hub: &'a Hub,
    tenant: TenantId,
    source: Source,
    /// The run that makes the plan.
    no: RunNo,
    today: Date,
    versions: BTreeSet<Version>,
    renumbered: BTreeSet<(Kind, i64)>,
    /// What a table calls the subjects of its items; of Opus nothing.
    tabled: BTreeMap<SubjectNo, Named>,
    ledger: Tx,
    done: BTreeSet<SubjectNo>,
    drafted: Drafted<'a>,
    figures: Figures,
    undoes: Undoes,
}

impl<'a> Undoing<'a> {
    async fn begin(hub: &'a Hub, tenant: TenantId, of: Run, key: &str) -> Result<Self, PlanError> {
        let mut tx = hub.db.write().await?;
        let source = Source::load(&mut tx, tenant, key).await?;
        draft::discard_dead(&mut tx, tenant, source.no).await?;
        let today = source.today(hub);
        let begun = NewRun {
            source: source.no,
            input_name: format!("undo of run {} ({})", of.no, of.begun.input_name),
            input_date: None,
            today,
            started_at: hub.clock.now(),
        };
        let no = runs::begin(&mut tx, tenant, &begun).await?;
        tx.commit().await?;
        let mut ledger = hub.db.read().await?;
        let versions = tenant::versions_of(&mut ledger, tenant, of.no).await?;
        let version = versions.first().copied().unwrap_or(Version::ZERO);
        let items = items_of(&mut ledger, tenant, of.no).await?;
        let tabled = if source.is_opus() {
            BTreeMap::new()
        } else {
            tabled(&mut ledger, tenant, &source, &items).await?
        };
        let renumbered = items.into_iter().filter(|it| it.2).map(|it| (it.0, it.1)).collect();
        let undoes = Undoes {
            run: of.no,
            input: of.begun.input_name,
            version,
            stay: 0,
            staying: Vec::new(),
        };
        Ok(Self {
            hub,
            tenant,
            source,
            no,
            today,
            versions: versions.into_iter().collect(),
            renumbered,
            tabled,
            ledger,
            done: BTreeSet::new(),
            drafted: Drafted::new(hub, tenant, no),
            figures: Figures::default(),
            undoes,
        })
    }

    /// Drafts an item for each subject that can be brought back.
    async fn draft(&mut self) -> Result<(), PlanError> {
        let (Some(first), Some(last)) = (self.versions.first(), self.versions.last().copied())
        else {
            return Ok(());
        };
        let mut after = Place::behind(Version(first.0 - 1));
        loop {
            let page =
                claim::changed_since(&mut self.ledger, self.tenant, after, last, PAGE_CHANGES);
            let page = page.await?;
            let Some(end) = page.last() else { return Ok(()) };
            after = end.place;
            let mut by_kind: BTreeMap<Kind, Vec<SubjectNo>> = BTreeMap::new();
            for Changed { place, kind } in page {
                if self.versions.contains(&place.version) && self.done.insert(place.subject) {
                    by_kind.entry(kind).or_default().push(place.subject);
                }
            }
            for (kind, subjects) in by_kind {
                self.of_kind(kind, &subjects).await?;
            }
        }
    }

    /// Drafts the items of some subjects of one kind.
    async fn of_kind(&mut self, kind: Kind, subjects: &[SubjectNo]) -> Result<(), PlanError> {
        let (tenant, source) = (self.tenant, self.source.no);
        let ledger = &mut self.ledger;
        let subjects = subject::by_no(ledger, tenant, subjects).await?;
        let numbers: Vec<SubjectNo> = subjects.iter().map(|it| it.no).collect();
        let mut claims: BTreeMap<SubjectNo, Vec<Claim>> = BTreeMap::new();
        for it in claim::history(ledger, tenant, &numbers).await? {
            if it.source == source && it.track == kind.track() {
                claims.entry(it.subject).or_default().push(it);
            }
        }
        let called = self.names(kind, &subjects).await?;
        let numbers: Vec<i64> = called.values().map(|it| it.number).collect();
        let seen = seen::rows(&mut self.ledger, tenant, source, kind, &numbers).await?;
        let seen: BTreeMap<i64, SeenRow> = seen.into_iter().map(|it| (it.native_no, it)).collect();
        for subject in &subjects {
            let claims = claims.remove(&subject.no).unwrap_or_default();
            let name = called.get(&subject.no);
            match self.brought_back(subject, &claims, name).await? {
                Verdict::Nothing => {}
                Verdict::Stays(why) => self.stays(subject, why),
                Verdict::Item(replaces, written, named) => {
                    let row = seen.get(&named.number);
                    let planned = self.item(kind, named, (replaces, written), &claims, row);
                    self.drafted.add(planned).await?;
                }
            }
        }
        Ok(())
    }

    /// What the source calls these subjects now.
    async fn names(
        &mut self,
        kind: Kind,
        subjects: &[Subject],
    ) -> Result<BTreeMap<SubjectNo, Named>, StoreError> {
        if !self.source.is_opus() {
            let named = subjects.iter().filter_map(|it| Some((it.no, self.tabled.get(&it.no)?)));
            return Ok(named.map(|(no, it)| (no, it.clone())).collect());
        }
        let natives = subjects.iter().filter_map(|it| Some((it.no, it.native.clone()?)));
        let natives: Vec<(SubjectNo, NativeKey)> = natives.collect();
        let keys: Vec<SubjectKey> =
            natives.iter().map(|(_, it)| SubjectKey::Native(it.clone())).collect();
        let issuer = Issuer::Source(self.source.no);
        let found = subject::by_key(&mut self.ledger, self.tenant, issuer, kind, &keys).await?;
        let still = natives.into_iter().zip(found).filter(|((no, _), found)| Some(*no) == *found);
        let named = still.filter_map(|((no, native), _)| {
            let number = native.as_number()?;
            Some((no, Named { native, number }))
        });
        Ok(named.collect())
    }

    /// What brings a subject back that the source calls so.
    async fn brought_back(
        &mut self,
        subject: &Subject,
        claims: &[Claim],
        named: Option<&Named>,
    ) -> Result<Verdict, PlanError> {
        let believed: Vec<Believed<State>> = claims
            .iter()
            .map(|it| Believed { since: it.since, until: it.until, slice: it.slice.clone() })
            .collect();
        let (replaces, written) = match exchange::undo(&believed, &self.versions) {
            exchange::Undo::Nothing => return Ok(Verdict::Nothing),
            exchange::Undo::Overtaken(version) => {
                return Ok(Verdict::Stays(self.overtaken(version).await?));
            }
            exchange::Undo::Change { replaces, written } => (replaces, written),
        };
        let stays = |why: &str| Ok(Verdict::Stays(why.to_owned()));
        let Some(named) = named else {
            return stays("the source calls another one so by now");
        };
        if self.renumbered.contains(&(subject.kind, named.number)) {
            return stays(
                "the run gave it another number; a file that tells the old one undoes it",
            );
        }
        if names_another(claims, &replaces, &written) {
            return stays("the run said that it is another person's");
        }
        Ok(Verdict::Item(replaces, written, named.clone()))
    }

    async fn overtaken(&mut self, version: Version) -> Result<String, PlanError> {
        let taken = tenant::version_taken(&mut self.ledger, self.tenant, version).await?;
        let run = match taken.and_then(|it| it.1) {
            Some(run) => runs::get(&mut self.ledger, self.tenant, run).await?,
            None => None,
        };
        let by = run.map_or_else(String::new, |it| format!(" ({})", it.begun.input_name));
        Ok(format!("version {version}{by} has changed it since"))
    }

    fn stays(&mut self, subject: &Subject, why: String) {
        self.undoes.stay += 1;
        if self.undoes.staying.len() < STANDING_MAX {
            let (kind, native) = (subject.kind, subject.native.clone());
            self.undoes.staying.push(Staying { kind, native, why });
        }
    }

    fn item(
        &mut self,
        kind: Kind,
        Named { native, number }: Named,
        (replaces, written): (Vec<ClaimRef>, Vec<Slice<State>>),
        claims: &[Claim],
        seen: Option<&SeenRow>,
    ) -> Planned {
        let mut now: Vec<Slice<State>> = open(claims).map(|it| it.slice.clone()).collect();
        now.sort_by_key(|it| it.validity.from());
        let is_closed = |it: &Slice<State>| {
            replaces.iter().any(|replaced| replaced.valid_from == it.validity.from())
        };
        let closed = now.iter().filter(|it| is_closed(it)).cloned().collect();
        let kept = now.iter().filter(|it| !is_closed(it));
        let mut after: Vec<Slice<State>> = kept.chain(&written).cloned().collect();
        after.sort_by_key(|it| it.validity.from());
        let change = Change { closed, written };
        let reason = reason_of(&now, Known::Yes, &change, self.today);
        let item = PlanItem {
            kind,
            native,
            reason,
            effective: self.today,
            person: None,
            of: None,
            renumbered_from: None,
            replaces,
            written: change.written,
        };
        self.figures.note(&item, Mentioned::Yes, &now, self.today);
        let seen = SeenAfter {
            digest: NO_RECORD,
            content: NO_RECORD,
            until: existence(&after).map_or(Some(self.today), |it| it.until()),
            first_seen: seen.map_or(self.today, |it| it.first_seen),
            mentioned: if after.is_empty() { Mentioned::No } else { Mentioned::Yes },
        };
        Planned { item, native_no: number, seen }
    }
}

enum Verdict {
    Nothing,
    Stays(String),
    Item(Vec<ClaimRef>, Vec<Slice<State>>, Named),
}

fn open(claims: &[Claim]) -> impl Iterator<Item = &Claim> {
    claims.iter().filter(|it| it.until == Version::OPEN)
}

/// Whether what would be believed again names other persons than what is believed now.
fn names_another(claims: &[Claim], replaces: &[ClaimRef], written: &[Slice<State>]) -> bool {
    let is_replaced = |it: &&Claim| {
        let this = ClaimRef { valid_from: it.slice.validity.from(), since: it.since };
        it.until == Version::OPEN && replaces.contains(&this)
    };
    let is_written = |it: &&Claim| it.until != Version::OPEN && written.contains(&it.slice);
    let now: BTreeSet<SubjectNo> =
        claims.iter().filter(is_replaced).filter_map(|it| it.refs.person).collect();
    let then: BTreeSet<SubjectNo> =
        claims.iter().filter(is_written).filter_map(|it| it.refs.person).collect();
    !now.is_empty() && then.iter().any(|it| !now.contains(it))
}
