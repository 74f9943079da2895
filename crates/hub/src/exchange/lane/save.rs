use super::LaneError;
use super::keeper::Keeper;
use super::look::Foretold;
use super::order::{Order, is_same_agreement};
use super::steps::{Step, Steps};
use crate::Hub;
use jiff::civil::Date;
use kobling_domain::exchange::lane::{
    Accepted, Action, ActionFigures, Digest, Sent, Step as Decided, Unfinished, decide,
};
use kobling_domain::id::{SubjectId, SubjectNo, TargetNo, TenantId};
use kobling_domain::people::Kind;
use kobling_formats::messages::{Content, Document, FORMAT};
use kobling_store::engine::Tx;
use kobling_store::exchange::lane::{self, Lane, Wanted};
use kobling_store::exchange::message::{self, Fate, MessageKey, NewMessage};
use kobling_store::people::protect;
use kobling_store::sealed::context;
use std::collections::{BTreeMap, BTreeSet};
use xxhash_rust::xxh3::xxh3_128;

/// Persons are told of after all units, and persons that are gone before the units they were in.
const RANK_PERSON: i64 = 100;
const RANK_PERSON_GONE: i64 = 200;
const RANK_UNIT_GONE: i64 = 300;

/// A subject, and what a target may have of it by now.
pub(super) struct Item {
    pub(super) no: SubjectNo,
    pub(super) id: SubjectId,
    pub(super) kind: Kind,
    /// How many units stand above a unit.
    pub(super) depth: usize,
    /// Whether its address was protected when the ledger was read.
    pub(super) was_protected: bool,
    pub(super) content: Option<Content>,
    pub(super) reconsider_on: Option<Date>,
}

/// What becomes of what is made.
pub(super) enum Purpose<'a> {
    /// It is stored, to be sent, as long as the job is ours.
    Send(&'a Keeper<'a>),
    /// It is told and thrown away.
    Look(Looked),
}

/// What was made for a look.
#[derive(Default)]
pub(super) struct Looked {
    /// The first messages.
    pub(super) messages: Vec<Foretold>,
    /// How many of them are kept.
    pub(super) told_max: usize,
    /// Stored messages that no brake has let pass, which these take the place of.
    pub(super) replaced: ActionFigures,
}

/// Brings lanes to what their subjects should be, a page at a time.
pub(super) struct Saving<'a> {
    pub(super) hub: &'a Hub,
    pub(super) order: &'a Order,
    pub(super) steps: &'a dyn Steps,
    pub(super) purpose: Purpose<'a>,
    /// The messages made so far.
    pub(super) made: ActionFigures,
}

/// What is to be written of a page.
#[derive(Default)]
struct Page {
    wanted: Vec<Wanted>,
    messages: Vec<Draft>,
    withdrawn: Vec<SubjectNo>,
    given_up: Vec<MessageKey>,
}

impl Page {
    fn changes_nothing(&self) -> bool {
        let Self { wanted, messages, withdrawn, given_up } = self;
        wanted.is_empty() && messages.is_empty() && withdrawn.is_empty() && given_up.is_empty()
    }
}

/// A message before it is sealed.
struct Draft {
    subject: SubjectNo,
    rank: i64,
    leads_to: Option<Digest>,
    document: Document,
    /// The content the target has, if it is known.
    before: Option<Content>,
}

impl Saving<'_> {
    /// Notes what these subjects should be, and makes the messages that bring the target there.
    /// Each page is a transaction; doing one twice changes nothing the second time. For a look
    /// nothing is written, and what is stored is read from `ledger`.
    pub(super) async fn page(
        &mut self,
        ledger: &mut Tx,
        items: Vec<Item>,
    ) -> Result<(), LaneError> {
        if items.is_empty() {
            return Ok(());
        }
        if let Purpose::Look(_) = self.purpose {
            return self.look(ledger, &items).await;
        }
        self.steps.before(Step::Save)?;
        let (tenant, target) = (self.order.tenant, self.order.no);
        let mut tx = self.hub.db.write().await?;
        let items = self.without_newly_protected(&mut tx, items).await?;
        let lanes = self.lanes(&mut tx, &items).await?;
        let page = self.decided(&mut tx, &items, &lanes).await?;
        if page.changes_nothing() {
            return Ok(());
        }
        let why = (self.hub.clock.now(), "another agreement is in force", "");
        for it in page.given_up {
            message::bury(&mut tx, tenant, target, it, why, Fate::Unknown).await?;
        }
        lane::want(&mut tx, tenant, target, &page.wanted).await?;
        message::remove(&mut tx, tenant, target, &page.withdrawn).await?;
        let drafts = page.messages.into_iter();
        let messages = drafts.map(|it| self.sealed(&it)).collect::<Result<_, _>>()?;
        message::put(&mut tx, tenant, target, messages).await?;
        match self.purpose {
            Purpose::Send(keeper) => keeper.commit(tx).await,
            Purpose::Look(_) => Ok(()),
        }
    }

    async fn look(&mut self, ledger: &mut Tx, items: &[Item]) -> Result<(), LaneError> {
        let lanes = self.lanes(ledger, items).await?;
        let page = self.decided(ledger, items, &lanes).await?;
        let Purpose::Look(looked) = &mut self.purpose else { return Ok(()) };
        let gone = page.withdrawn.iter().chain(page.messages.iter().map(|it| &it.subject));
        for lane in gone.filter_map(|it| lanes.get(it)).filter(|it| !it.cleared) {
            let waits = lane.message.iter().filter(|it| it.sent != Sent::Dead);
            waits.for_each(|it| count(&mut looked.replaced, it.action));
        }
        for it in page.messages {
            if looked.messages.len() < looked.told_max {
                looked.messages.push(Foretold::of(it.document, it.before.as_ref()));
            }
        }
        Ok(())
    }

    async fn lanes(
        &self,
        tx: &mut Tx,
        items: &[Item],
    ) -> Result<BTreeMap<SubjectNo, Lane>, LaneError> {
        let numbers: Vec<SubjectNo> = items.iter().map(|it| it.no).collect();
        let lanes = lane::of(tx, self.order.tenant, self.order.no, &numbers).await?;
        Ok(lanes.into_iter().map(|it| (it.subject, it)).collect())
    }

    /// Leaves out whom somebody has protected since the ledger was read: they are looked at again,
    /// as their claims have changed.
    async fn without_newly_protected(
        &self,
        tx: &mut Tx,
        mut items: Vec<Item>,
    ) -> Result<Vec<Item>, LaneError> {
        let open = items.iter().filter(|it| it.kind == Kind::Person && !it.was_protected);
        let open: Vec<SubjectNo> = open.map(|it| it.no).collect();
        let protected = protect::protected_among(tx, self.order.tenant, &open).await?;
        let protected: BTreeSet<SubjectNo> = protected.into_iter().collect();
        items.retain(|it| !protected.contains(&it.no));
        Ok(items)
    }

    async fn decided(
        &mut self,
        tx: &mut Tx,
        items: &[Item],
        lanes: &BTreeMap<SubjectNo, Lane>,
    ) -> Result<Page, LaneError> {
        let (mut page, mut making) = (Page::default(), Vec::new());
        for item in items {
            let (lane, digest) = (lanes.get(&item.no), self.digest(item)?);
            if lane.is_none() && digest.is_none() {
                continue;
            }
            let Item { no: subject, kind, reconsider_on, .. } = *item;
            if lane.is_none_or(|it| (it.wanted, it.reconsider_on) != (digest, reconsider_on)) {
                page.wanted.push(Wanted { subject, kind, digest, reconsider_on });
            }
            let (accepted, message) = self.standing(lane, digest, &mut page);
            match decide(accepted, digest, message.as_ref()) {
                Decided::Keep => {}
                Decided::Withdraw => page.withdrawn.push(subject),
                Decided::Make(action) => making.push((item, lane, action, digest)),
            }
        }
        let mut before = self.accepted(tx, &making).await?;
        for (item, lane, action, digest) in making {
            page.messages.push(self.draft(item, lane, action, digest, before.remove(&item.no)));
            count(&mut self.made, action);
        }
        Ok(page)
    }

    /// Where a lane stands. What was sent under another agreement and not answered is not sent
    /// again: nobody knows by now whether that one may still leave.
    fn standing(
        &self,
        lane: Option<&Lane>,
        wanted: Option<Digest>,
        page: &mut Page,
    ) -> (Accepted, Option<Unfinished>) {
        let Some(lane) = lane else { return (Accepted::Nothing, None) };
        let done = self.order.done;
        let is_same = done.is_some_and(|it| is_same_agreement(&it.basis, &self.order.basis));
        match lane.message {
            Some(it) if it.sent == Sent::Unanswered && it.leads_to != wanted && !is_same => {
                page.given_up.push(MessageKey { subject: lane.subject, seq: lane.seq });
                (Accepted::Unknown, Some(Unfinished { sent: Sent::Dead, ..it }))
            }
            message => (lane.accepted, message),
        }
    }

    /// The last accepted contents of those that are about to be changed.
    async fn accepted(
        &self,
        tx: &mut Tx,
        making: &[(&Item, Option<&Lane>, Action, Option<Digest>)],
    ) -> Result<BTreeMap<SubjectNo, Content>, LaneError> {
        // A look names who is to be inactivated; the message itself does not.
        let named = |it: &Action| match (it, &self.purpose) {
            (Action::Change, _) | (Action::Inactivate, Purpose::Look(_)) => true,
            (Action::Create, _) | (Action::Inactivate, Purpose::Send(_)) => false,
        };
        let changed = making.iter().filter(|it| named(&it.2));
        let changed: Vec<SubjectNo> = changed.map(|it| it.0.no).collect();
        let (tenant, target) = (self.order.tenant, self.order.no);
        let mut contents = BTreeMap::new();
        for (subject, sealed) in lane::accepted(tx, tenant, target, &changed).await? {
            let document = open(self.hub, tenant, target, subject, &sealed)?;
            contents.extend(document.content.map(|it| (subject, it)));
        }
        Ok(contents)
    }

    fn draft(
        &self,
        item: &Item,
        lane: Option<&Lane>,
        action: Action,
        leads_to: Option<Digest>,
        before: Option<Content>,
    ) -> Draft {
        let changed = item.content.as_ref().zip(before.as_ref());
        let document = Document {
            format: FORMAT.to_owned(),
            target: self.order.target.key.clone(),
            subject: item.id,
            kind: item.kind,
            action,
            seq: lane.map_or(0, |it| it.seq) + 1,
            as_of: self.order.today,
            changed: changed.map(|(now, before)| now.changed_since(before)),
            content: item.content.clone(),
        };
        Draft { subject: item.no, rank: rank(item, action), leads_to, document, before }
    }

    fn sealed(&self, draft: &Draft) -> Result<NewMessage, LaneError> {
        let Order { tenant, no: target, .. } = *self.order;
        let body = draft.document.to_bytes()?;
        Ok(NewMessage {
            subject: draft.subject,
            seq: draft.document.seq,
            action: draft.document.action,
            rank: draft.rank,
            body: self.hub.keys.seal(&context::message(tenant, target, draft.subject), &body)?,
            leads_to: draft.leads_to,
            made_at: self.hub.clock.now(),
            // Whatever passed the brakes before it said something else.
            cleared: false,
        })
    }

    fn digest(&self, item: &Item) -> Result<Option<Digest>, LaneError> {
        item.content.as_ref().map(|it| digest(self.hub, it)).transpose()
    }
}

fn count(made: &mut ActionFigures, action: Action) {
    let count = match action {
        Action::Create => &mut made.create,
        Action::Change => &mut made.change,
        Action::Inactivate => &mut made.inactivate,
    };
    *count += 1;
}

fn rank(item: &Item, action: Action) -> i64 {
    let depth = i64::try_from(item.depth).unwrap_or_default();
    let is_gone = action == Action::Inactivate;
    match item.kind {
        Kind::Unit if is_gone => RANK_UNIT_GONE - depth,
        Kind::Unit => depth,
        Kind::Person
        | Kind::Employment
        | Kind::Position
        | Kind::Activity
        | Kind::Qualification
        | Kind::Absence => {
            if is_gone {
                RANK_PERSON_GONE
            } else {
                RANK_PERSON
            }
        }
    }
}

/// What stands for a content: equal for equal ones.
pub(super) fn digest(hub: &Hub, content: &Content) -> Result<Digest, LaneError> {
    let bytes = serde_json::to_vec(content).map_err(LaneError::Unwritable)?;
    Ok(hub.keys.digest_block(xxh3_128(&bytes)))
}

/// The document that is stored sealed on the lane of a subject.
pub(super) fn open(
    hub: &Hub,
    tenant: TenantId,
    target: TargetNo,
    subject: SubjectNo,
    sealed: &[u8],
) -> Result<Document, LaneError> {
    let bytes = hub.keys.open(&context::message(tenant, target, subject), sealed)?;
    Ok(Document::parse(&bytes)?)
}
