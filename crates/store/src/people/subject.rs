//! Subjects and the keys they are known by.

use crate::engine::bulk::{self, Cells, Table};
use crate::engine::{Row, Rows, ValueRef};
use crate::{StoreError, Tx, values};
use kobling_domain::id::{SourceNo, SubjectId, SubjectNo, TenantId};
use kobling_domain::people::{Kind, NativeKey};

/// Who issues a key: a register of persons, or a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Issuer {
    /// The Danish register of persons.
    Cpr,
    /// The Dutch citizen service number.
    Bsn,
    /// A source, for its own keys.
    Source(SourceNo),
}

impl Issuer {
    fn code(self) -> i64 {
        match self {
            Self::Cpr => -1,
            Self::Bsn => -2,
            Self::Source(source) => source.0,
        }
    }
}

/// What a subject is looked up by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SubjectKey {
    /// A source's own key.
    Native(NativeKey),
    /// The blind index of a national number.
    Number([u8; 32]),
}

impl SubjectKey {
    /// Bytes that order as keys do: numbers by value, then text, then blind indexes.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Native(key) => match key.as_number() {
                // With the sign bit turned, negative numbers come before positive ones.
                Some(number) => tagged(0, &(number ^ i64::MIN).to_be_bytes()),
                None => tagged(1, key.as_str().as_bytes()),
            },
            Self::Number(index) => tagged(2, index),
        }
    }
}

/// What [`SubjectKey::bytes`] makes of a source's own key; none of a blind index.
fn native_of(bytes: &[u8]) -> Option<NativeKey> {
    match bytes.split_first()? {
        (0, number) => {
            let number = i64::from_be_bytes(number.try_into().ok()?) ^ i64::MIN;
            Some(NativeKey::number(number))
        }
        (1, text) => Some(NativeKey::text(std::str::from_utf8(text).ok()?)),
        _ => None,
    }
}

fn tagged(tag: u8, bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::with_capacity(1 + bytes.len());
    all.push(tag);
    all.extend_from_slice(bytes);
    all
}

/// A subject that is to be minted, with its first key.
#[derive(Clone, Debug)]
pub struct NewSubject {
    /// Its kind.
    pub kind: Kind,
    /// The id under which it leaves the hub.
    pub id: SubjectId,
    /// Who issued its key.
    pub issuer: Issuer,
    /// The key.
    pub key: SubjectKey,
    /// 1 for the first subject under the key, one more for each reuse.
    pub generation: i64,
    /// A person's national number, sealed.
    pub number_sealed: Option<Vec<u8>>,
}

/// A subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its number inside the store.
    pub no: SubjectNo,
    /// Its kind.
    pub kind: Kind,
    /// The id under which it leaves the hub.
    pub id: SubjectId,
    /// The source's key it was minted with; none for a person with a national number.
    pub native: Option<NativeKey>,
    /// Whether its address is protected.
    pub protected: bool,
    /// Its national number, sealed.
    pub number_sealed: Option<Vec<u8>>,
}

const SUBJECT: Table = Table {
    name: "subject",
    key: &["tenant_id", "subject_no"],
    columns: &["kind", "subject_id", "native_key", "protected", "number_sealed"],
};

const SUBJECT_KEY: Table = Table {
    name: "subject_key",
    key: &["tenant_id", "issuer", "kind", "native_key", "generation"],
    columns: &["subject_no"],
};

struct KeyRow {
    tenant: TenantId,
    issuer: Issuer,
    kind: Kind,
    key: Vec<u8>,
    generation: i64,
    subject: SubjectNo,
}

/// The subject each key names now, that is in its last generation, in the order of `keys`.
pub async fn by_key(
    tx: &mut Tx,
    tenant: TenantId,
    issuer: Issuer,
    kind: Kind,
    keys: &[SubjectKey],
) -> Result<Vec<Option<SubjectNo>>, StoreError> {
    // One look at the index for each key: a join would be planned by how many keys the table was
    // last known to hold, which in a load is none.
    let sql = "SELECT (SELECT k.subject_no FROM subject_key k
                        WHERE k.tenant_id = $1 AND k.issuer = $2 AND k.kind = $3
                          AND k.native_key = given.native_key
                        ORDER BY k.generation DESC LIMIT 1)
                 FROM {rows native_key bytes} AS given ORDER BY given.row_no";
    let rows = Rows::column(keys.iter().map(SubjectKey::bytes));
    tx.query_rows(sql, values![tenant, issuer.code(), kind], rows, |row| row.optional(0)).await
}

/// The keys by which a source knows some of these subjects of a kind. It looks through all its keys
/// of that kind.
pub async fn keys_at(
    tx: &mut Tx,
    tenant: TenantId,
    (source, kind): (SourceNo, Kind),
    subjects: &[SubjectNo],
) -> Result<Vec<NativeKey>, StoreError> {
    let sql = "SELECT native_key FROM subject_key
                WHERE tenant_id = $1 AND issuer = $2 AND kind = $3
                  AND subject_no IN (SELECT subject_no FROM {rows subject_no int} AS given)
                ORDER BY native_key";
    let rows = Rows::column(subjects.iter().copied());
    let values = values![tenant, Issuer::Source(source).code(), kind];
    let keys: Vec<Vec<u8>> = tx.query_rows(sql, values, rows, |row| row.get(0)).await?;
    Ok(keys.iter().filter_map(|it| native_of(it)).collect())
}

/// The person each national number names, found by blind index, in the order of `indexes`.
pub async fn by_number(
    tx: &mut Tx,
    tenant: TenantId,
    indexes: &[[u8; 32]],
) -> Result<Vec<Option<SubjectNo>>, StoreError> {
    let keys: Vec<SubjectKey> = indexes.iter().copied().map(SubjectKey::Number).collect();
    by_key(tx, tenant, Issuer::Cpr, Kind::Person, &keys).await
}

/// Some person with a national number; none if there is none.
pub async fn any_numbered(tx: &mut Tx, tenant: TenantId) -> Result<Option<SubjectNo>, StoreError> {
    let sql = "SELECT subject_no FROM subject_key
                WHERE tenant_id = $1 AND issuer = $2 AND kind = $3 LIMIT 1";
    tx.query_opt(sql, values![tenant, Issuer::Cpr.code(), Kind::Person], |row| row.get(0)).await
}

/// The same with the number of the generation.
pub async fn generations(
    tx: &mut Tx,
    tenant: TenantId,
    issuer: Issuer,
    kind: Kind,
    keys: &[SubjectKey],
) -> Result<Vec<Option<(SubjectNo, i64)>>, StoreError> {
    let sql = "SELECT given.row_no, k.subject_no, k.generation
                 FROM {rows native_key bytes} AS given CROSS JOIN subject_key k
                WHERE k.tenant_id = $1 AND k.issuer = $2 AND k.kind = $3
                  AND k.native_key = given.native_key
                ORDER BY given.row_no, k.generation";
    let rows = Rows::column(keys.iter().map(SubjectKey::bytes));
    let found: Vec<(i64, SubjectNo, i64)> = tx
        .query_rows(sql, values![tenant, issuer.code(), kind], rows, |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .await?;
    let mut subjects = vec![None; keys.len()];
    for (row_no, subject, generation) in found {
        let place = usize::try_from(row_no - 1).ok().and_then(|it| subjects.get_mut(it));
        let place = place.ok_or(StoreError::Corrupt { column: 0, expected: "a row's number" })?;
        *place = Some((subject, generation));
    }
    Ok(subjects)
}

/// Mints subjects, in order, each with its first key. None of the keys is known.
pub async fn mint(
    tx: &mut Tx,
    tenant: TenantId,
    subjects: Vec<NewSubject>,
) -> Result<Vec<SubjectNo>, StoreError> {
    let count = i64::try_from(subjects.len()).unwrap_or(i64::MAX);
    let sql = "UPDATE tenant SET next_subject_no = next_subject_no + $2 WHERE tenant_id = $1
               RETURNING next_subject_no - $2";
    let first: i64 = tx
        .query_opt(sql, values![tenant, count], |row| row.get(0))
        .await?
        .ok_or(StoreError::Missing { what: "tenant" })?;
    let numbers: Vec<SubjectNo> = (first..first + count).map(SubjectNo).collect();
    let mut keys: Vec<KeyRow> = subjects
        .iter()
        .zip(&numbers)
        .map(|(it, subject)| KeyRow {
            tenant,
            issuer: it.issuer,
            kind: it.kind,
            key: it.key.bytes(),
            generation: it.generation,
            subject: *subject,
        })
        .collect();
    // In order of keys, pages of the table are filled one after the other.
    keys.sort_unstable_by(|a, b| (a.issuer, a.kind, &a.key).cmp(&(b.issuer, b.kind, &b.key)));
    let rows = subjects.into_iter().zip(numbers.iter().copied()).map(|(it, no)| (tenant, no, it));
    bulk::load(tx, &SUBJECT, rows.collect(), write_subject).await?;
    bulk::load(tx, &SUBJECT_KEY, keys, write_key).await?;
    Ok(numbers)
}

/// Lets a subject be found by one key more.
pub async fn add_key(
    tx: &mut Tx,
    tenant: TenantId,
    subject: SubjectNo,
    kind: Kind,
    (issuer, key, generation): (Issuer, &SubjectKey, i64),
) -> Result<(), StoreError> {
    let key = key.bytes();
    let row = KeyRow { tenant, issuer, kind, key, generation, subject };
    bulk::load(tx, &SUBJECT_KEY, vec![row], write_key).await
}

/// Changes the key a subject is shown with, after a renumbering.
pub async fn set_native(
    tx: &mut Tx,
    tenant: TenantId,
    subject: SubjectNo,
    native: &NativeKey,
) -> Result<(), StoreError> {
    let sql = "UPDATE subject SET native_key = $3 WHERE tenant_id = $1 AND subject_no = $2";
    tx.execute(sql, values![tenant, subject, native.as_str()]).await?;
    Ok(())
}

/// Gives a person another national number, sealed.
pub async fn set_number(
    tx: &mut Tx,
    tenant: TenantId,
    person: SubjectNo,
    number_sealed: &[u8],
) -> Result<(), StoreError> {
    let sql = "UPDATE subject SET number_sealed = $3 WHERE tenant_id = $1 AND subject_no = $2";
    tx.execute(sql, values![tenant, person, number_sealed]).await?;
    Ok(())
}

/// The subject of that id.
pub async fn by_id(
    tx: &mut Tx,
    tenant: TenantId,
    id: SubjectId,
) -> Result<Option<Subject>, StoreError> {
    let sql = "SELECT subject_no, kind, subject_id, native_key, protected, number_sealed
                 FROM subject WHERE tenant_id = $1 AND subject_id = $2";
    tx.query_opt(sql, values![tenant, id], read_subject).await
}

/// The subjects of these ids, by number. Unknown ids are left out.
pub async fn by_ids(
    tx: &mut Tx,
    tenant: TenantId,
    ids: &[SubjectId],
) -> Result<Vec<Subject>, StoreError> {
    let sql = "SELECT s.subject_no, s.kind, s.subject_id, s.native_key, s.protected,
                      s.number_sealed
                 FROM {rows subject_id uuid} AS given CROSS JOIN subject s
                WHERE s.tenant_id = $1 AND s.subject_id = given.subject_id
                ORDER BY s.subject_no";
    let rows = Rows::column(ids.iter().copied());
    tx.query_rows(sql, values![tenant], rows, read_subject).await
}

/// The subjects of these numbers, by number. Unknown numbers are left out.
pub async fn by_no(
    tx: &mut Tx,
    tenant: TenantId,
    subjects: &[SubjectNo],
) -> Result<Vec<Subject>, StoreError> {
    let sql = "SELECT s.subject_no, s.kind, s.subject_id, s.native_key, s.protected,
                      s.number_sealed
                 FROM {rows subject_no int} AS given CROSS JOIN subject s
                WHERE s.tenant_id = $1 AND s.subject_no = given.subject_no
                ORDER BY s.subject_no";
    let rows = Rows::column(subjects.iter().copied());
    tx.query_rows(sql, values![tenant], rows, read_subject).await
}

/// The subjects numbered from `first` to `last`, by number: subjects are numbered without gaps
/// but for what was rolled back, so a range is a page.
pub async fn between(
    tx: &mut Tx,
    tenant: TenantId,
    first: SubjectNo,
    last: SubjectNo,
) -> Result<Vec<Subject>, StoreError> {
    let sql = "SELECT subject_no, kind, subject_id, native_key, protected, number_sealed
                 FROM subject WHERE tenant_id = $1 AND subject_no BETWEEN $2 AND $3
                ORDER BY subject_no";
    tx.query(sql, values![tenant, first, last], read_subject).await
}

/// The first subjects of a kind whose numbers are higher than `after`, by number.
pub async fn of_kind(
    tx: &mut Tx,
    tenant: TenantId,
    kind: Kind,
    after: SubjectNo,
    subjects_max: u32,
) -> Result<Vec<Subject>, StoreError> {
    let sql = "SELECT subject_no, kind, subject_id, native_key, protected, number_sealed
                 FROM subject WHERE tenant_id = $1 AND kind = $2 AND subject_no > $3
                ORDER BY subject_no LIMIT $4";
    tx.query(sql, values![tenant, kind, after, subjects_max], read_subject).await
}

/// The highest number minted so far; 0 if none.
pub async fn last(tx: &mut Tx, tenant: TenantId) -> Result<SubjectNo, StoreError> {
    let sql = "SELECT next_subject_no - 1 FROM tenant WHERE tenant_id = $1";
    tx.query_opt(sql, values![tenant], |row| row.get(0))
        .await?
        .ok_or(StoreError::Missing { what: "tenant" })
}

fn read_subject(row: &Row<'_>) -> Result<Subject, StoreError> {
    Ok(Subject {
        no: row.get(0)?,
        kind: row.get(1)?,
        id: row.get(2)?,
        native: row.optional::<String>(3)?.map(|it| NativeKey::text(&it)),
        protected: row.get(4)?,
        number_sealed: row.optional(5)?,
    })
}

fn write_subject((tenant, no, it): &(TenantId, SubjectNo, NewSubject), cells: &mut Cells<'_, '_>) {
    cells.put(*tenant);
    cells.put(*no);
    cells.put(it.kind);
    cells.put(ValueRef::Uuid(it.id.0));
    cells.put(match &it.key {
        SubjectKey::Native(key) => ValueRef::Text(key.as_str()),
        SubjectKey::Number(_) => ValueRef::Null,
    });
    cells.put(ValueRef::Bool(false));
    cells.put(it.number_sealed.as_deref());
}

fn write_key(it: &KeyRow, cells: &mut Cells<'_, '_>) {
    cells.put(it.tenant);
    cells.put(it.issuer.code());
    cells.put(it.kind);
    cells.put(it.key.as_slice());
    cells.put(it.generation);
    cells.put(it.subject);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_keys_order_as_the_keys_do() {
        let keys = ["-7", "9", "10", "4711", "E1", "E10", "F"].map(NativeKey::text);
        let bytes: Vec<Vec<u8>> =
            keys.map(SubjectKey::Native).iter().map(SubjectKey::bytes).collect();
        assert!(bytes.is_sorted());
        assert!(bytes.last().unwrap() < &SubjectKey::Number([0; 32]).bytes());
    }
}
