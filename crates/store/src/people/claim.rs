//! Claims: what one source says of one subject on one track, for which days, since which version.

mod changed;

pub use changed::{Changed, Place, changed_since};

pub use super::shape::Wanted;

use super::shape::Shapes;
use crate::access::tenant;
use crate::engine::bulk::{self, Cells, Table};
use crate::engine::{Row, Rows};
use crate::{StoreError, Tx, values};
use jiff::civil::Date;
use kobling_domain::id::{RecordNo, RunNo, SourceNo, SubjectNo, TenantId, Version};
use kobling_domain::people::{State, Track};
use kobling_domain::time::{Origin, Slice, Validity};
use std::collections::{BTreeMap, BTreeSet};

/// A claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Of whom.
    pub subject: SubjectNo,
    /// Who says so.
    pub source: SourceNo,
    /// In which part of the record.
    pub track: Track,
    /// The version that wrote it.
    pub since: Version,
    /// The version that closed it; [`Version::OPEN`] while it is believed.
    pub until: Version,
    /// The days, what holds on them, and who stated it.
    pub slice: Slice<State>,
    /// Digest of the state, as an AES block.
    pub digest: [u8; 16],
    /// What it refers to.
    pub refs: Refs,
}

/// The subjects a claim refers to, as far as they were known when it was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refs {
    /// Whose employment it is.
    pub person: Option<SubjectNo>,
    /// The unit it is in.
    pub unit: Option<SubjectNo>,
    /// The unit above.
    pub parent: Option<SubjectNo>,
}

/// A claim that is to be written.
#[derive(Clone, Debug)]
pub struct NewClaim {
    /// Of whom.
    pub subject: SubjectNo,
    /// The days, what holds on them, and who stated it.
    pub slice: Slice<State>,
    /// Digest of the state, as an AES block.
    pub digest: [u8; 16],
    /// What it refers to.
    pub refs: Refs,
}

/// Names one claim among those of one source and track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClaimKey {
    /// Of whom.
    pub subject: SubjectNo,
    /// Its first day.
    pub valid_from: Date,
    /// The version that wrote it.
    pub since: Version,
}

const CLAIM: Table = Table {
    name: "claim",
    key: &["tenant_id", "subject_no", "source_no", "track", "valid_from", "since_version"],
    columns: &[
        "valid_until",
        "until_version",
        "run_no",
        "record_no",
        "stated_from",
        "digest",
        "shape_no",
        "state",
        "person_no",
        "unit_no",
        "parent_no",
    ],
};

/// The open claims of `source` on `track` of the given subjects, by subject and day.
pub async fn open(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    track: Track,
    subjects: &[SubjectNo],
) -> Result<Vec<Claim>, StoreError> {
    let sql = "SELECT c.subject_no, c.source_no, c.track, c.valid_from, c.since_version,
                      c.valid_until, c.until_version, c.run_no, c.record_no, c.stated_from,
                      c.digest, c.shape_no, c.state, c.person_no, c.unit_no, c.parent_no
                 FROM {rows subject_no int} AS given CROSS JOIN claim c
                WHERE c.tenant_id = $1 AND c.subject_no = given.subject_no
                  AND c.source_no = $2 AND c.track = $3 AND c.until_version = $4
                ORDER BY c.subject_no, c.valid_from";
    let rows = Rows::column(subjects.iter().copied());
    let values = values![tenant, source, track, Version::OPEN];
    let found = tx.query_rows(sql, values, rows, read_stored).await?;
    decoded(tx, tenant, found, Wanted::All).await
}

/// The person whom the last claim of `source` on `track` that names one names, believed or not, of
/// each of `subjects` of which any ever did.
pub async fn last_persons(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    track: Track,
    subjects: &[SubjectNo],
) -> Result<BTreeMap<SubjectNo, SubjectNo>, StoreError> {
    let sql = "SELECT c.subject_no, c.person_no
                 FROM {rows subject_no int} AS given CROSS JOIN claim c
                WHERE c.tenant_id = $1 AND c.subject_no = given.subject_no
                  AND c.source_no = $2 AND c.track = $3 AND c.person_no IS NOT NULL
                ORDER BY c.subject_no, c.until_version, c.since_version, c.valid_from";
    let rows = Rows::column(subjects.iter().copied());
    let named: Vec<(SubjectNo, SubjectNo)> = tx
        .query_rows(sql, values![tenant, source, track], rows, |row| Ok((row.get(0)?, row.get(1)?)))
        .await?;
    Ok(named.into_iter().collect())
}

/// The claims of all sources on the given subjects that were believed at `known_at`, by subject,
/// source, track and day.
pub async fn at(
    tx: &mut Tx,
    tenant: TenantId,
    subjects: &[SubjectNo],
    known_at: Version,
) -> Result<Vec<Claim>, StoreError> {
    parts_at(tx, tenant, (subjects, Wanted::All), known_at).await
}

/// The same, with no more of their states than is wanted.
pub async fn parts_at(
    tx: &mut Tx,
    tenant: TenantId,
    (subjects, wanted): (&[SubjectNo], Wanted),
    known_at: Version,
) -> Result<Vec<Claim>, StoreError> {
    let sql = "SELECT c.subject_no, c.source_no, c.track, c.valid_from, c.since_version,
                      c.valid_until, c.until_version, c.run_no, c.record_no, c.stated_from,
                      c.digest, c.shape_no, c.state, c.person_no, c.unit_no, c.parent_no
                 FROM {rows subject_no int} AS given CROSS JOIN claim c
                WHERE c.tenant_id = $1 AND c.subject_no = given.subject_no
                  AND c.since_version <= $2 AND c.until_version > $2
                ORDER BY c.subject_no, c.source_no, c.track, c.valid_from";
    let rows = Rows::column(subjects.iter().copied());
    let values = values![tenant, known_at];
    let found = tx.query_rows(sql, values, rows, read_stored).await?;
    decoded(tx, tenant, found, wanted).await
}

/// The same for all subjects numbered from `first` to `last`: a page, as subjects are numbered
/// without gaps but for what was rolled back.
pub async fn between(
    tx: &mut Tx,
    tenant: TenantId,
    first: SubjectNo,
    last: SubjectNo,
    known_at: Version,
) -> Result<Vec<Claim>, StoreError> {
    let sql = "SELECT subject_no, source_no, track, valid_from, since_version,
                      valid_until, until_version, run_no, record_no, stated_from,
                      digest, shape_no, state, person_no, unit_no, parent_no
                 FROM claim
                WHERE tenant_id = $1 AND subject_no BETWEEN $2 AND $3
                  AND since_version <= $4 AND until_version > $4
                ORDER BY subject_no, source_no, track, valid_from";
    let values = values![tenant, first, last, known_at];
    let found = tx.query(sql, values, read_stored).await?;
    decoded(tx, tenant, found, Wanted::All).await
}

/// The claims on all units that were believed at `known_at`.
pub async fn of_units(
    tx: &mut Tx,
    tenant: TenantId,
    known_at: Version,
) -> Result<Vec<Claim>, StoreError> {
    // The kind is a literal, so that it is known how few are units.
    let sql = "SELECT c.subject_no, c.source_no, c.track, c.valid_from, c.since_version,
                      c.valid_until, c.until_version, c.run_no, c.record_no, c.stated_from,
                      c.digest, c.shape_no, c.state, c.person_no, c.unit_no, c.parent_no
                 FROM subject s CROSS JOIN claim c
                WHERE s.tenant_id = $1 AND s.kind = 1
                  AND c.tenant_id = $1 AND c.subject_no = s.subject_no
                  AND c.since_version <= $2 AND c.until_version > $2
                ORDER BY c.subject_no, c.source_no, c.track, c.valid_from";
    let found = tx.query(sql, values![tenant, known_at], read_stored).await?;
    decoded(tx, tenant, found, Wanted::All).await
}

/// The claims that name the given persons as theirs and were believed at `known_at`, by subject.
pub async fn naming(
    tx: &mut Tx,
    tenant: TenantId,
    persons: &[SubjectNo],
    known_at: Version,
) -> Result<Vec<Claim>, StoreError> {
    parts_naming(tx, tenant, (persons, Wanted::All), known_at).await
}

/// The same, with no more of their states than is wanted.
pub async fn parts_naming(
    tx: &mut Tx,
    tenant: TenantId,
    (persons, wanted): (&[SubjectNo], Wanted),
    known_at: Version,
) -> Result<Vec<Claim>, StoreError> {
    let sql = "SELECT c.subject_no, c.source_no, c.track, c.valid_from, c.since_version,
                      c.valid_until, c.until_version, c.run_no, c.record_no, c.stated_from,
                      c.digest, c.shape_no, c.state, c.person_no, c.unit_no, c.parent_no
                 FROM {rows person_no int} AS given CROSS JOIN claim c
                WHERE c.tenant_id = $1 AND c.person_no = given.person_no
                  AND c.since_version <= $2 AND c.until_version > $2
                ORDER BY c.subject_no, c.source_no, c.track, c.valid_from";
    let rows = Rows::column(persons.iter().copied());
    let values = values![tenant, known_at];
    let found = tx.query_rows(sql, values, rows, read_stored).await?;
    decoded(tx, tenant, found, wanted).await
}

/// The employments that ever named `person` as theirs, by number.
pub async fn employments_of(
    tx: &mut Tx,
    tenant: TenantId,
    person: SubjectNo,
) -> Result<Vec<SubjectNo>, StoreError> {
    let sql = "SELECT DISTINCT subject_no FROM claim WHERE tenant_id = $1 AND person_no = $2
                ORDER BY subject_no";
    tx.query(sql, values![tenant, person], |row| row.get(0)).await
}

/// The employments that were believed at `known_at` to be in one of `units` on some day, by
/// number.
pub async fn employments_in(
    tx: &mut Tx,
    tenant: TenantId,
    units: &[SubjectNo],
    known_at: Version,
) -> Result<Vec<SubjectNo>, StoreError> {
    // The version is a literal, so that the index of open claims serves.
    let sql = "SELECT DISTINCT c.subject_no FROM {rows unit_no int} AS given CROSS JOIN claim c
                WHERE c.tenant_id = $1 AND c.unit_no = given.unit_no
                  AND c.until_version = 9223372036854775807 AND c.since_version <= $2";
    let rows = || Rows::column(units.iter().copied());
    let open = tx.query_rows(sql, values![tenant, known_at], rows(), |row| row.get(0)).await?;
    let mut found: BTreeSet<SubjectNo> = open.into_iter().collect();
    if known_at < tenant::version(tx, tenant).await? {
        // What is closed has no index: a look at the past reads all claims.
        let sql = "SELECT DISTINCT subject_no FROM claim
                    WHERE tenant_id = $1 AND since_version <= $2 AND until_version > $2
                      AND until_version < $3
                      AND unit_no IN (SELECT unit_no FROM {rows unit_no int} AS given)";
        let values = values![tenant, known_at, Version::OPEN];
        let closed: Vec<SubjectNo> = tx.query_rows(sql, values, rows(), |row| row.get(0)).await?;
        found.extend(closed);
    }
    Ok(found.into_iter().collect())
}

/// Every claim ever made on the given subjects, by subject, version and day.
pub async fn history(
    tx: &mut Tx,
    tenant: TenantId,
    subjects: &[SubjectNo],
) -> Result<Vec<Claim>, StoreError> {
    let sql = "SELECT c.subject_no, c.source_no, c.track, c.valid_from, c.since_version,
                      c.valid_until, c.until_version, c.run_no, c.record_no, c.stated_from,
                      c.digest, c.shape_no, c.state, c.person_no, c.unit_no, c.parent_no
                 FROM {rows subject_no int} AS given CROSS JOIN claim c
                WHERE c.tenant_id = $1 AND c.subject_no = given.subject_no
                ORDER BY c.subject_no, c.since_version, c.source_no, c.track, c.valid_from";
    let rows = Rows::column(subjects.iter().copied());
    let found = tx.query_rows(sql, values![tenant], rows, read_stored).await?;
    decoded(tx, tenant, found, Wanted::All).await
}

/// Ends belief in claims at `version`, which was taken in this transaction. [`StoreError::Stale`]
/// if one of them is not open.
pub async fn close(
    tx: &mut Tx,
    tenant: TenantId,
    (source, track): (SourceNo, Track),
    version: Version,
    claims: &[ClaimKey],
) -> Result<(), StoreError> {
    let sql = "UPDATE claim SET until_version = $4
                 FROM {rows subject_no int, valid_from date, since_version int} AS given
                WHERE claim.tenant_id = $1 AND claim.subject_no = given.subject_no
                  AND claim.source_no = $2 AND claim.track = $3
                  AND claim.valid_from = given.valid_from
                  AND claim.since_version = given.since_version AND claim.until_version = $5";
    let rows = Rows::column(claims.iter().map(|it| it.subject))
        .and(claims.iter().map(|it| it.valid_from))
        .and(claims.iter().map(|it| it.since));
    let values = values![tenant, source, track, version, Version::OPEN];
    let closed = tx.execute_rows(sql, values, rows).await?;
    if usize::try_from(closed) == Ok(claims.len()) {
        return Ok(());
    }
    Err(StoreError::Stale { what: "claim" })
}

/// Writes claims of one source and track at `version`, which was taken in this transaction.
/// [`check_no_overlap`] follows when all of a subject's are written.
pub async fn insert(
    tx: &mut Tx,
    tenant: TenantId,
    (source, track): (SourceNo, Track),
    version: Version,
    claims: Vec<NewClaim>,
) -> Result<(), StoreError> {
    let mut shapes = Shapes::of(tx, tenant).await?;
    let mut rows = Vec::with_capacity(claims.len());
    for claim in claims {
        let shape_no = shapes.interned(tx, tenant, &claim.slice.state).await?;
        let state = shapes.encode(shape_no, &claim.slice.state)?;
        rows.push(ClaimRow { tenant, source, track, version, shape_no, state, claim });
    }
    bulk::load(tx, &CLAIM, rows, write_claim).await
}

/// Refuses open claims of `source` on `track` that hold on the same day of one of the subjects.
pub async fn check_no_overlap(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    track: Track,
    subjects: &[SubjectNo],
) -> Result<(), StoreError> {
    let sql = "SELECT subject_no FROM (
                   SELECT c.subject_no, c.valid_until,
                          lead(c.valid_from) OVER (PARTITION BY c.subject_no
                                                   ORDER BY c.valid_from) AS next_from
                     FROM (SELECT DISTINCT subject_no FROM {rows subject_no int} AS given) AS one
                    CROSS JOIN claim c
                    WHERE c.tenant_id = $1 AND c.subject_no = one.subject_no
                      AND c.source_no = $2 AND c.track = $3 AND c.until_version = $4
               ) AS neighbours
                WHERE next_from IS NOT NULL AND (valid_until IS NULL OR valid_until > next_from)
                LIMIT 1";
    let rows = Rows::column(subjects.iter().copied());
    let values = values![tenant, source, track, Version::OPEN];
    let found = tx.query_rows(sql, values, rows, |row| row.get(0)).await?;
    found.first().map_or(Ok(()), |subject| Err(StoreError::Overlap { subject: *subject }))
}

/// How many employments the open claims put into each of the given units on `day`. Units without
/// any are left out.
pub async fn employments_in_units(
    tx: &mut Tx,
    tenant: TenantId,
    units: &[SubjectNo],
    day: Date,
) -> Result<Vec<(SubjectNo, u64)>, StoreError> {
    // The version is a literal, so that the index of open claims serves.
    let sql = "SELECT c.unit_no, count(*)
                 FROM {rows unit_no int} AS given CROSS JOIN claim c
                WHERE c.tenant_id = $1 AND c.unit_no = given.unit_no
                  AND c.until_version = 9223372036854775807
                  AND c.valid_from <= $2 AND (c.valid_until IS NULL OR c.valid_until > $2)
                GROUP BY c.unit_no ORDER BY c.unit_no";
    let rows = Rows::column(units.iter().copied());
    tx.query_rows(sql, values![tenant, day], rows, |row| Ok((row.get(0)?, row.get(1)?))).await
}

/// A claim whose state is still as it is stored.
struct Stored {
    claim: Claim,
    shape_no: i64,
    state: String,
}

async fn decoded(
    tx: &mut Tx,
    tenant: TenantId,
    found: Vec<Stored>,
    wanted: Wanted,
) -> Result<Vec<Claim>, StoreError> {
    let stored = found.iter().map(|it| it.shape_no).collect();
    let shapes = Shapes::with(tx, tenant, &stored).await?;
    let decode = |Stored { mut claim, shape_no, state }: Stored| {
        claim.slice.state = shapes.decode_parts(shape_no, &state, wanted)?;
        Ok(claim)
    };
    found.into_iter().map(decode).collect()
}

fn read_stored(row: &Row<'_>) -> Result<Stored, StoreError> {
    let corrupt = |_| StoreError::Corrupt { column: 5, expected: "a day after the first" };
    let validity = Validity::new(row.get(3)?, row.optional(5)?).map_err(corrupt)?;
    let origin = Origin { run: row.get::<RunNo>(7)?, record: row.get::<RecordNo>(8)? };
    let claim = Claim {
        subject: row.get(0)?,
        source: row.get(1)?,
        track: row.get(2)?,
        since: row.get(4)?,
        until: row.get(6)?,
        slice: Slice { validity, state: State::new(), stated_from: row.get(9)?, origin },
        digest: row.get(10)?,
        refs: Refs {
            person: row.optional(13)?,
            unit: row.optional(14)?,
            parent: row.optional(15)?,
        },
    };
    Ok(Stored { claim, shape_no: row.get(11)?, state: row.get(12)? })
}

struct ClaimRow {
    tenant: TenantId,
    source: SourceNo,
    track: Track,
    version: Version,
    shape_no: i64,
    state: String,
    claim: NewClaim,
}

fn write_claim(it: &ClaimRow, cells: &mut Cells<'_, '_>) {
    let NewClaim { subject, slice, digest, refs } = &it.claim;
    cells.put(it.tenant);
    cells.put(*subject);
    cells.put(it.source);
    cells.put(it.track);
    cells.put(slice.validity.from());
    cells.put(it.version);
    cells.put(slice.validity.until());
    cells.put(Version::OPEN);
    cells.put(slice.origin.run);
    cells.put(slice.origin.record);
    cells.put(slice.stated_from);
    cells.put(digest);
    cells.put(it.shape_no);
    cells.put(it.state.as_str());
    cells.put(refs.person);
    cells.put(refs.unit);
    cells.put(refs.parent);
}
