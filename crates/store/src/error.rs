use kobling_domain::id::SubjectNo;
use std::path::PathBuf;

/// What can go wrong between the hub and its database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address names neither engine.
    #[error("a database address begins with sqlite: or postgres://")]
    Address,
    /// The SQLite file could not be opened.
    #[error("cannot open the database file {path}")]
    Open {
        /// The file.
        path: String,
        /// The engine's own words.
        #[source]
        source: rusqlite::Error,
    },
    /// SQLite refused a statement.
    #[error("the database refused a statement")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL refused a statement.
    #[error("the database refused a statement")]
    Postgres(#[from] tokio_postgres::Error),
    /// No connection to PostgreSQL could be had.
    #[error("cannot connect to the database")]
    Connect(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The file of certificates that shall vouch for PostgreSQL's cannot be used.
    #[error("cannot use the certificates in {}, which sslrootcert of the address names", path.display())]
    Authorities {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The thread that owns the SQLite connection has ended.
    #[error("the database connection is closed")]
    Closed,
    /// A migration failed.
    #[error("cannot migrate the database")]
    Migrate(#[source] Box<refinery::Error>),
    /// The database was not made by this version's migrations.
    #[error("the database differs from the schema of this version: {what}")]
    Schema {
        /// The first table or index that differs.
        what: String,
    },
    /// The database holds what the domain forbids. A bug, never user input.
    #[error("column {column} of a row is not {expected}")]
    Corrupt {
        /// Position of the column in the statement's result.
        column: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// A value cannot be written or read as JSON.
    #[error("a stored document is not what was written")]
    Document(#[source] serde_json::Error),
    /// A sealed value cannot be opened: another key, or other bytes.
    #[error("a sealed value cannot be opened with this key")]
    Sealed,
    /// Two claims of one source on one track of a subject would hold on the same day.
    #[error("two claims of one source on subject {subject} hold on the same day")]
    Overlap {
        /// The subject.
        subject: SubjectNo,
    },
    /// Somebody else changed it since it was read: read again, decide again.
    #[error("the {what} was changed by someone else")]
    Stale {
        /// What changed.
        what: &'static str,
    },
    /// There is no such thing.
    #[error("there is no such {what}")]
    Missing {
        /// What was looked for.
        what: &'static str,
    },
    /// The lock file of a run cannot be used.
    #[error("cannot lock {path}")]
    Lock {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}
