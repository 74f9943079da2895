use bytes::BytesMut;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use kobling_domain::id::{
    PushNo, RecordNo, RunNo, SourceNo, SubjectId, SubjectNo, TargetNo, TenantId, UserNo, Version,
};
use kobling_domain::people::{Kind, Track};
use std::error::Error;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

/// A value to bind to a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number; every integer column is a bigint.
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A UUID.
    Uuid(Uuid),
    /// A civil date.
    Date(Date),
    /// A moment in UTC, in microseconds.
    Instant(Timestamp),
    /// A JSON document, as text.
    Json(String),
    /// Yes or no.
    Bool(bool),
}

/// A [`Value`] that borrows its text and bytes, for bulk writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueRef<'a> {
    /// Nothing.
    Null,
    /// A whole number.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A UUID.
    Uuid(Uuid),
    /// A civil date.
    Date(Date),
    /// A moment in UTC, in microseconds.
    Instant(Timestamp),
    /// A JSON document, as text.
    Json(&'a str),
    /// Yes or no.
    Bool(bool),
}

impl Value {
    /// The same, borrowed.
    pub fn borrowed(&self) -> ValueRef<'_> {
        match self {
            Self::Null => ValueRef::Null,
            Self::Int(it) => ValueRef::Int(*it),
            Self::Text(it) => ValueRef::Text(it),
            Self::Bytes(it) => ValueRef::Bytes(it),
            Self::Uuid(it) => ValueRef::Uuid(*it),
            Self::Date(it) => ValueRef::Date(*it),
            Self::Instant(it) => ValueRef::Instant(*it),
            Self::Json(it) => ValueRef::Json(it),
            Self::Bool(it) => ValueRef::Bool(*it),
        }
    }
}

/// A list of [`Value`]s, each made with `From`.
#[macro_export]
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::engine::Value::from($value)),*] };
}

macro_rules! from {
    ($($type:ty => |$it:ident| $value:expr;)*) => {$(
        impl From<$type> for Value {
            fn from($it: $type) -> Self { $value }
        }
    )*};
}

from! {
    i64 => |it| Self::Int(it);
    bool => |it| Self::Bool(it);
    u32 => |it| Self::Int(i64::from(it));
    u64 => |it| Self::Int(i64::try_from(it).unwrap_or(i64::MAX));
    &str => |it| Self::Text(it.to_owned());
    String => |it| Self::Text(it);
    Vec<u8> => |it| Self::Bytes(it);
    &[u8] => |it| Self::Bytes(it.to_vec());
    [u8; 16] => |it| Self::Bytes(it.to_vec());
    [u8; 32] => |it| Self::Bytes(it.to_vec());
    Uuid => |it| Self::Uuid(it);
    Date => |it| Self::Date(it);
    Timestamp => |it| Self::Instant(it);
    serde_json::Value => |it| Self::Json(it.to_string());
    &serde_json::Value => |it| Self::Json(it.to_string());
    TenantId => |it| Self::Int(it.0);
    SourceNo => |it| Self::Int(it.0);
    TargetNo => |it| Self::Int(it.0);
    UserNo => |it| Self::Int(it.0);
    SubjectNo => |it| Self::Int(it.0);
    RunNo => |it| Self::Int(it.0);
    RecordNo => |it| Self::Int(it.0);
    PushNo => |it| Self::Int(it.0);
    Version => |it| Self::Int(it.0);
    SubjectId => |it| Self::Uuid(it.0);
    Kind => |it| Self::Int(kind_code(it));
    Track => |it| Self::Int(it.code());
}

macro_rules! from_borrowed {
    ($($type:ty => |$it:ident| $value:expr;)*) => {$(
        impl<'a> From<$type> for ValueRef<'a> {
            fn from($it: $type) -> Self { $value }
        }
    )*};
}

from_borrowed! {
    i64 => |it| Self::Int(it);
    bool => |it| Self::Bool(it);
    &'a str => |it| Self::Text(it);
    &'a [u8] => |it| Self::Bytes(it);
    &'a [u8; 16] => |it| Self::Bytes(it);
    &'a [u8; 32] => |it| Self::Bytes(it);
    Date => |it| Self::Date(it);
    Timestamp => |it| Self::Instant(it);
    TenantId => |it| Self::Int(it.0);
    SourceNo => |it| Self::Int(it.0);
    TargetNo => |it| Self::Int(it.0);
    UserNo => |it| Self::Int(it.0);
    SubjectNo => |it| Self::Int(it.0);
    RunNo => |it| Self::Int(it.0);
    RecordNo => |it| Self::Int(it.0);
    PushNo => |it| Self::Int(it.0);
    Version => |it| Self::Int(it.0);
    Kind => |it| Self::Int(kind_code(it));
    Track => |it| Self::Int(it.code());
}

impl<T: Into<Self>> From<Option<T>> for ValueRef<'_> {
    fn from(it: Option<T>) -> Self {
        it.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(it: Option<T>) -> Self {
        it.map_or(Self::Null, Into::into)
    }
}

/// The number that stands for a kind in the store.
pub(crate) fn kind_code(kind: Kind) -> i64 {
    match kind {
        Kind::Unit => 1,
        Kind::Person => 2,
        Kind::Employment => 3,
        Kind::Position => 4,
        Kind::Activity => 5,
        Kind::Qualification => 6,
        Kind::Absence => 7,
    }
}

/// The kind of that number.
pub(crate) fn kind_of(code: i64) -> Option<Kind> {
    Kind::ALL.into_iter().find(|it| kind_code(*it) == code)
}

/// SQLite keeps a date as the number 20260304: it orders as dates do and a person can read it.
pub(crate) fn date_number(day: Date) -> i64 {
    i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day())
}

/// The date of such a number.
pub(crate) fn date_of(number: i64) -> Option<Date> {
    let year = i16::try_from(number / 10_000).ok()?;
    let month = i8::try_from(number / 100 % 100).ok()?;
    let day = i8::try_from(number % 100).ok()?;
    Date::new(year, month, day).ok()
}

impl rusqlite::ToSql for ValueRef<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef as Borrowed};
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Owned::Null),
            Self::Int(it) => ToSqlOutput::Owned(Owned::Integer(*it)),
            Self::Text(it) | Self::Json(it) => ToSqlOutput::Borrowed(Borrowed::Text(it.as_bytes())),
            Self::Bytes(it) => ToSqlOutput::Borrowed(Borrowed::Blob(it)),
            Self::Uuid(it) => ToSqlOutput::Borrowed(Borrowed::Blob(it.as_bytes())),
            Self::Date(it) => ToSqlOutput::Owned(Owned::Integer(date_number(*it))),
            Self::Instant(it) => ToSqlOutput::Owned(Owned::Integer(it.as_microsecond())),
            Self::Bool(it) => ToSqlOutput::Owned(Owned::Integer(i64::from(*it))),
        })
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef as Borrowed};
        match self {
            Self::Uuid(it) => Ok(ToSqlOutput::Borrowed(Borrowed::Blob(it.as_bytes()))),
            Self::Text(it) | Self::Json(it) => {
                Ok(ToSqlOutput::Borrowed(Borrowed::Text(it.as_bytes())))
            }
            Self::Bytes(it) => Ok(ToSqlOutput::Borrowed(Borrowed::Blob(it))),
            Self::Null => Ok(rusqlite::types::Null.into()),
            Self::Int(it) => Ok((*it).into()),
            Self::Date(it) => Ok(date_number(*it).into()),
            Self::Instant(it) => Ok(it.as_microsecond().into()),
            Self::Bool(it) => Ok(i64::from(*it).into()),
        }
    }
}

const POSTGRES_EPOCH: Date = date(2000, 1, 1);
const POSTGRES_EPOCH_MICROSECOND: i64 = 946_684_800_000_000;

impl ValueRef<'_> {
    /// Appends the value as PostgreSQL's binary protocol and COPY BINARY want it, without length.
    /// False if there is no value.
    pub(super) fn encode(&self, out: &mut BytesMut) -> bool {
        match self {
            Self::Null => return false,
            Self::Int(it) => out.extend_from_slice(&it.to_be_bytes()),
            Self::Text(it) => out.extend_from_slice(it.as_bytes()),
            Self::Bytes(it) => out.extend_from_slice(it),
            Self::Uuid(it) => out.extend_from_slice(it.as_bytes()),
            Self::Date(it) => {
                out.extend_from_slice(&days_after(POSTGRES_EPOCH, *it).to_be_bytes());
            }
            Self::Instant(it) => {
                let microsecond = it.as_microsecond() - POSTGRES_EPOCH_MICROSECOND;
                out.extend_from_slice(&microsecond.to_be_bytes());
            }
            Self::Json(it) => {
                out.extend_from_slice(&[1]);
                out.extend_from_slice(it.as_bytes());
            }
            Self::Bool(it) => out.extend_from_slice(&[u8::from(*it)]),
        }
        true
    }

    fn fits(&self, ty: &Type) -> bool {
        match self {
            Self::Null => true,
            Self::Int(_) => *ty == Type::INT8,
            Self::Text(_) => *ty == Type::TEXT,
            Self::Bytes(_) => *ty == Type::BYTEA,
            Self::Uuid(_) => *ty == Type::UUID,
            Self::Date(_) => *ty == Type::DATE,
            Self::Instant(_) => *ty == Type::TIMESTAMPTZ,
            Self::Json(_) => *ty == Type::JSONB,
            Self::Bool(_) => *ty == Type::BOOL,
        }
    }
}

fn days_after(epoch: Date, day: Date) -> i32 {
    epoch.until(day).map_or(0, |span| span.get_days())
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let value = self.borrowed();
        if !value.fits(ty) {
            return Err(format!("a value of another type was bound to a {ty}").into());
        }
        Ok(if value.encode(out) { IsNull::No } else { IsNull::Yes })
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_back_from_its_number() {
        for day in [date(1, 1, 1), date(2026, 3, 4), date(9999, 12, 31)] {
            assert_eq!(date_of(date_number(day)), Some(day));
        }
    }
}
