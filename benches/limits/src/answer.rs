//! What an answer costs at the least: a handler that finds one row by its id and tells it.

use crate::Failure;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio_postgres::{Client, NoTls, Statement};
use uuid::Uuid;

/// Connections to the store.
const CONNECTIONS: usize = 4;
/// Ids that are told for asking by.
const IDS: i64 = 2_000;

const SQLITE_ONE: &str = "SELECT native_key FROM subject WHERE tenant_id = 1 AND subject_id = ?1";
const SQLITE_IDS: &str = "SELECT subject_id FROM subject WHERE tenant_id = 1 LIMIT ?1";
const POSTGRES_ONE: &str = "SELECT native_key FROM subject WHERE tenant_id = 1 AND subject_id = $1";
const POSTGRES_IDS: &str = "SELECT subject_id FROM subject WHERE tenant_id = 1 LIMIT $1";

/// A store that is only read.
enum Store {
    Sqlite(Vec<Mutex<Connection>>),
    Postgres(Vec<(Client, Statement)>),
}

struct Shared {
    store: Store,
    turn: AtomicUsize,
}

/// Answers until it is killed.
pub(crate) fn forever(database: &str) -> Result<u64, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = open(database).await?;
        let shared = Arc::new(Shared { store, turn: AtomicUsize::new(0) });
        let router = Router::new().route("/subjects/{id}", get(one)).route("/ids", get(ids));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("listening on http://{}", listener.local_addr()?);
        axum::serve(listener, router.with_state(shared)).await?;
        Ok(0)
    })
}

async fn open(database: &str) -> Result<Store, Failure> {
    if !database.starts_with("postgres") {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let open = |_| Ok(Mutex::new(Connection::open_with_flags(database, flags)?));
        return Ok(Store::Sqlite((0..CONNECTIONS).map(open).collect::<Result<_, Failure>>()?));
    }
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        let (client, connection) = tokio_postgres::connect(database, NoTls).await?;
        tokio::spawn(connection);
        let one = client.prepare(POSTGRES_ONE).await?;
        clients.push((client, one));
    }
    Ok(Store::Postgres(clients))
}

impl Shared {
    fn turn(&self) -> usize {
        self.turn.fetch_add(1, Ordering::Relaxed) % CONNECTIONS
    }
}

async fn one(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<Uuid>,
) -> Result<String, StatusCode> {
    let found = match &shared.store {
        Store::Sqlite(all) => {
            let connection = all.get(shared.turn()).ok_or(StatusCode::NOT_FOUND)?;
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            let mut statement = connection.prepare_cached(SQLITE_ONE).map_err(failed)?;
            let row = statement.query_row(params![id.as_bytes()], |row| row.get(0));
            row.optional().map_err(failed)?
        }
        Store::Postgres(all) => {
            let (client, one) = all.get(shared.turn()).ok_or(StatusCode::NOT_FOUND)?;
            let row = client.query_opt(one, &[&id]).await.map_err(failed)?;
            row.map(|row| row.get(0))
        }
    };
    let found: Option<Option<String>> = found;
    let native = found.ok_or(StatusCode::NOT_FOUND)?.unwrap_or_default();
    Ok(format!("{{\"id\":\"{id}\",\"native\":\"{native}\"}}"))
}

async fn ids(State(shared): State<Arc<Shared>>) -> Result<String, StatusCode> {
    let ids: Vec<Uuid> = match &shared.store {
        Store::Sqlite(all) => {
            let connection = all.first().ok_or(StatusCode::NOT_FOUND)?;
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            let mut statement = connection.prepare(SQLITE_IDS).map_err(failed)?;
            let rows = statement.query_map([IDS], |row| row.get::<_, [u8; 16]>(0));
            let rows = rows.map_err(failed)?;
            rows.map_while(Result::ok).map(Uuid::from_bytes).collect()
        }
        Store::Postgres(all) => {
            let (client, _) = all.first().ok_or(StatusCode::NOT_FOUND)?;
            let rows = client.query(POSTGRES_IDS, &[&IDS]).await.map_err(failed)?;
            rows.iter().map(|row| row.get(0)).collect()
        }
    };
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    Ok(ids.join("\n"))
}

fn failed(error: impl std::fmt::Display) -> StatusCode {
    eprintln!("{error}");
    StatusCode::INTERNAL_SERVER_ERROR
}
