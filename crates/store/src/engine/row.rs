use super::value::{date_of, kind_of};
use crate::StoreError;
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::id::{
    PushNo, RecordNo, RunNo, SourceNo, SubjectId, SubjectNo, TargetNo, TenantId, UserNo, Version,
};
use kobling_domain::people::{Kind, Track};
use rusqlite::types::ValueRef as Cell;
use uuid::Uuid;

/// One row of a result, read in place.
pub struct Row<'a>(pub(super) Source<'a>);

pub(super) enum Source<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl Row<'_> {
    /// The value in the given column, counted from 0. Anything but a `T` there is
    /// [`StoreError::Corrupt`].
    pub fn get<T: Column>(&self, column: usize) -> Result<T, StoreError> {
        self.optional(column)?.ok_or(StoreError::Corrupt { column, expected: T::NAME })
    }

    /// The value in the given column, or none where the column is null.
    pub fn optional<T: Column>(&self, column: usize) -> Result<Option<T>, StoreError> {
        let corrupt = || StoreError::Corrupt { column, expected: T::NAME };
        match &self.0 {
            Source::Sqlite(row) => {
                let cell = row.get_ref(column)?;
                if cell == Cell::Null {
                    return Ok(None);
                }
                T::from_sqlite(cell).map(Some).ok_or_else(corrupt)
            }
            Source::Postgres(row) => T::from_postgres(row, column)
                .map_err(|_| corrupt())?
                .map(|stored| T::checked(stored).ok_or_else(corrupt))
                .transpose(),
        }
    }
}

/// What a column can be read as.
pub trait Column: Sized {
    /// What it is called in an error.
    const NAME: &'static str;
    /// The type PostgreSQL reads it as.
    type Stored;

    /// From a cell of SQLite that is not null.
    fn from_sqlite(cell: Cell<'_>) -> Option<Self>;
    /// From a column of PostgreSQL.
    fn from_postgres(
        row: &tokio_postgres::Row,
        column: usize,
    ) -> Result<Option<Self::Stored>, tokio_postgres::Error>;
    /// From what PostgreSQL gave.
    fn checked(stored: Self::Stored) -> Option<Self>;
}

macro_rules! column {
    ($($type:ty, $name:literal, |$cell:ident| $sqlite:expr;)*) => {$(
        impl Column for $type {
            const NAME: &'static str = $name;
            type Stored = Self;

            fn from_sqlite($cell: Cell<'_>) -> Option<Self> { $sqlite }

            fn from_postgres(
                row: &tokio_postgres::Row,
                column: usize,
            ) -> Result<Option<Self>, tokio_postgres::Error> {
                row.try_get(column)
            }

            fn checked(stored: Self) -> Option<Self> { Some(stored) }
        }
    )*};
}

column! {
    i64, "a whole number", |cell| cell.as_i64().ok();
    String, "text", |cell| cell.as_str().ok().map(str::to_owned);
    Vec<u8>, "bytes", |cell| cell.as_bytes().ok().map(<[u8]>::to_vec);
    Uuid, "a UUID", |cell| Self::from_slice(cell.as_blob().ok()?).ok();
    Date, "a date", |cell| date_of(cell.as_i64().ok()?);
    Timestamp, "an instant", |cell| Self::from_microsecond(cell.as_i64().ok()?).ok();
    bool, "yes or no", |cell| cell.as_i64().ok().map(|it| it != 0);
    serde_json::Value, "a document", |cell| serde_json::from_str(cell.as_str().ok()?).ok();
}

macro_rules! derived {
    ($($type:ty, $name:literal, $from:ty, |$it:ident| $made:expr;)*) => {$(
        impl Column for $type {
            const NAME: &'static str = $name;
            type Stored = $from;

            fn from_sqlite(cell: Cell<'_>) -> Option<Self> {
                Self::checked(<$from>::from_sqlite(cell)?)
            }

            fn from_postgres(
                row: &tokio_postgres::Row,
                column: usize,
            ) -> Result<Option<$from>, tokio_postgres::Error> {
                row.try_get(column)
            }

            fn checked($it: $from) -> Option<Self> { $made }
        }
    )*};
}

derived! {
    TenantId, "a tenant", i64, |it| Some(Self(it));
    SourceNo, "a source", i64, |it| Some(Self(it));
    TargetNo, "a target", i64, |it| Some(Self(it));
    UserNo, "a user", i64, |it| Some(Self(it));
    SubjectNo, "a subject", i64, |it| Some(Self(it));
    RunNo, "a run", i64, |it| Some(Self(it));
    RecordNo, "a record", i64, |it| Some(Self(it));
    PushNo, "a sending", i64, |it| Some(Self(it));
    Version, "a version", i64, |it| Some(Self(it));
    SubjectId, "a subject's id", Uuid, |it| Some(Self(it));
    Kind, "a kind", i64, |it| kind_of(it);
    Track, "a track", i64, |it| Self::from_code(it);
    u64, "a count", i64, |it| Self::try_from(it).ok();
    u32, "a small count", i64, |it| Self::try_from(it).ok();
}

/// Exactly `N` bytes. They are copied straight out of the row: no allocation on the way.
impl<const N: usize> Column for [u8; N] {
    const NAME: &'static str = "a block of bytes";
    type Stored = Self;

    fn from_sqlite(cell: Cell<'_>) -> Option<Self> {
        cell.as_blob().ok()?.try_into().ok()
    }

    fn from_postgres(
        row: &tokio_postgres::Row,
        column: usize,
    ) -> Result<Option<Self>, tokio_postgres::Error> {
        // A block of another length reads as null, which `get` then refuses.
        let bytes: Option<&[u8]> = row.try_get(column)?;
        Ok(bytes.and_then(|it| it.try_into().ok()))
    }

    fn checked(stored: Self) -> Option<Self> {
        Some(stored)
    }
}
