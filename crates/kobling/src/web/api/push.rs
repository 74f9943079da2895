//! `PUT /api/v1/sources/{key}/{records}/{id}`, and snapshots under `/api/v1/sources/{key}/snapshots`: what
//! a source sends itself.

mod batch;

use super::asked::{Asked, Asker, accept, get, post, put};
use super::configured::Configured;
use super::page::{ByKey, Page, Wanted, count};
use crate::web::apart::apart;
use crate::web::described::Nothing;
use crate::web::problem::{Kind as Refusal, Problem};
use crate::web::route::Route;
use kobling_domain::access::Operation;
use kobling_domain::people::Kind;
use kobling_hub::exchange::push::{self, PushError, Receipt, Sender, Sent, Snapshot, Statement};
use kobling_hub::exchange::run::RunError;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use uuid::Uuid;

/// In so many seconds a source that is being read may be free.
const RETRY_AFTER_S: i64 = 1;

pub(super) fn routes() -> Vec<Route> {
    let may = Operation::PushRecords;
    let put_told = ("put_record", "Says all that a source knows of one subject; read at once.");
    let open_told = ("open_snapshot", "Begins to send all that a source knows.");
    let put_into_told = ("put_into_snapshot", "The same of one subject, as a part of a snapshot.");
    let close_told = ("close_snapshot", "Says how much a snapshot holds, and that it be read.");
    let list_told = ("list_push_receipts", "What became of each record of a snapshot.");
    let (show_told, receipt_told) = (
        ("show_snapshot", "A snapshot, as it stands."),
        ("show_receipt", "What became of a record."),
    );
    vec![
        put("/api/v1/sources/{key}/{records}/{id}", may, put_told, put_record),
        post("/api/v1/sources/{key}/snapshots", may, open_told, open),
        get("/api/v1/sources/{key}/snapshots/{snapshot}", may, show_told, show),
        put(
            "/api/v1/sources/{key}/snapshots/{snapshot}/{records}/{id}",
            may,
            put_into_told,
            put_into,
        ),
        batch::route(),
        accept("/api/v1/sources/{key}/snapshots/{snapshot}/close", may, close_told, close),
        get("/api/v1/sources/{key}/snapshots/{snapshot}/receipts", may, list_told, receipts),
        get("/api/v1/sources/{key}/receipts/{receipt}", may, receipt_told, receipt),
    ]
    .into_iter()
    .map(|it| it.refusing(&[Refusal::NotFound, Refusal::Conflict]))
    .collect()
}

/// What records are about.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Records {
    /// Units.
    Units,
    /// Persons.
    Persons,
    /// Employments.
    Employments,
    /// Activities.
    Activities,
    /// Qualifications.
    Qualifications,
    /// Absences.
    Absences,
}

impl Records {
    fn kind(self) -> Kind {
        match self {
            Self::Units => Kind::Unit,
            Self::Persons => Kind::Person,
            Self::Employments => Kind::Employment,
            Self::Activities => Kind::Activity,
            Self::Qualifications => Kind::Qualification,
            Self::Absences => Kind::Absence,
        }
    }
}

/// Which record of which source.
#[derive(Deserialize, JsonSchema)]
struct Record {
    /// The source's key.
    key: String,
    /// What the record is about.
    records: Records,
    /// The key by which the source knows its subject. No national number may stand in it.
    id: String,
}

/// Which snapshot of which source.
#[derive(Deserialize, JsonSchema)]
struct Which {
    /// The source's key.
    key: String,
    /// The snapshot's id.
    snapshot: Uuid,
}

/// Which record in which snapshot.
#[derive(Deserialize, JsonSchema)]
struct Within {
    /// The source's key.
    key: String,
    /// The snapshot's id.
    snapshot: Uuid,
    /// What the record is about.
    records: Records,
    /// The key by which the source knows its subject. No national number may stand in it.
    id: String,
}

/// Which receipt of which source.
#[derive(Deserialize, JsonSchema)]
struct WhichReceipt {
    /// The source's key.
    key: String,
    /// The receipt's id.
    receipt: Uuid,
}

/// How much a snapshot holds.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Counts {
    /// Subjects of each kind; of a kind that is not named, none.
    counts: BTreeMap<Kind, u64>,
}

async fn put_record(asked: Asked<Record, Nothing, Statement>) -> Result<Receipt, Problem> {
    let Asked { by, path: Record { key, records, id }, body: statement, .. } = asked;
    reach(&by, &key).await?;
    let (hub, tenant, who) = (by.hub().clone(), by.tenant(), by.who().to_owned());
    let done = apart(move || async move {
        let sender = Sender { source: &key, by: &who };
        let sent = Sent { kind: records.kind(), id: &id, statement: &statement };
        push::put(&hub, tenant, sender, sent).await
    });
    done.await?.map_err(refused)
}

async fn open(asked: Asked<ByKey>) -> Result<Snapshot, Problem> {
    let Asked { by, path: ByKey { key }, .. } = asked;
    reach(&by, &key).await?;
    let sender = Sender { source: &key, by: by.who() };
    push::open(by.hub(), by.tenant(), sender).await.map_err(refused)
}

async fn show(asked: Asked<Which>) -> Result<Snapshot, Problem> {
    let Asked { by, path: Which { key, snapshot }, .. } = asked;
    reach(&by, &key).await?;
    push::snapshot(by.hub(), by.tenant(), &key, snapshot).await.map_err(refused)
}

async fn put_into(asked: Asked<Within, Nothing, Statement>) -> Result<Receipt, Problem> {
    let Asked { by, path: Within { key, snapshot, records, id }, body: statement, .. } = asked;
    reach(&by, &key).await?;
    let sender = Sender { source: &key, by: by.who() };
    let sent = Sent { kind: records.kind(), id: &id, statement: &statement };
    push::put_into(by.hub(), by.tenant(), (sender, snapshot), sent).await.map_err(refused)
}

async fn close(asked: Asked<Which, Nothing, Counts>) -> Result<Snapshot, Problem> {
    let Asked { by, path: Which { key, snapshot }, body: Counts { counts }, .. } = asked;
    reach(&by, &key).await?;
    let sender = Sender { source: &key, by: by.who() };
    push::close(by.hub(), by.tenant(), (sender, snapshot), &counts).await.map_err(refused)
}

async fn receipts(asked: Asked<Which, Wanted>) -> Result<Page<Receipt>, Problem> {
    let Asked { by, path: Which { key, snapshot }, query, .. } = asked;
    reach(&by, &key).await?;
    let (after, count) = (query.after.as_deref(), count(query.limit));
    let of = (key.as_str(), snapshot);
    let found = push::receipts(by.hub(), by.tenant(), of, after, count).await.map_err(refused)?;
    Ok(Page { items: found.0, next: found.1 })
}

async fn receipt(asked: Asked<WhichReceipt>) -> Result<Receipt, Problem> {
    let Asked { by, path: WhichReceipt { key, receipt }, .. } = asked;
    reach(&by, &key).await?;
    push::receipt(by.hub(), by.tenant(), &key, receipt).await.map_err(refused)
}

/// Refuses a source that is not there, or that is not of the caller's party.
async fn reach(by: &Asker, key: &str) -> Result<(), Problem> {
    let configured = Configured::at(by, None).await?;
    let is_there = configured.text.sources.iter().any(|it| it.key == key);
    if is_there && configured.reaches_source(key) {
        return Ok(());
    }
    Err(refused(PushError::UnknownSource { key: key.to_owned() }))
}

fn refused(error: PushError) -> Problem {
    let kind = match &error {
        PushError::UnknownSource { .. }
        | PushError::UnknownSnapshot { .. }
        | PushError::UnknownReceipt { .. } => Refusal::NotFound,
        PushError::KindNotSent { .. }
        | PushError::UnknownField(_)
        | PushError::FieldNotSent { .. }
        | PushError::NumberAsKey
        | PushError::Key { .. }
        | PushError::Unreadable { .. }
        | PushError::TooLarge { .. }
        | PushError::Cursor => Refusal::BadRequest,
        PushError::ReadFromFiles { .. }
        | PushError::SnapshotUnderWay { .. }
        | PushError::NotOpen { .. }
        | PushError::TooMany { .. }
        | PushError::Counts { .. }
        | PushError::Run(RunError::UnderWay { .. }) => Refusal::Conflict,
        PushError::Run(_) | PushError::Store(_) => return Problem::internal(error),
    };
    let may_pass = matches!(error, PushError::Run(_) | PushError::SnapshotUnderWay { .. });
    let retry_after_s = may_pass.then_some(RETRY_AFTER_S);
    Problem { retry_after_s, ..Problem::new(kind, &error.to_string()) }
}
