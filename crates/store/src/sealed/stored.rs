//! All that is sealed in the store, found again: how much is under which key, and page by page what
//! is not under the one that seals now.

use super::{KeyId, context};
use crate::engine::{Row, Value};
use crate::{StoreError, Tx, values};
use kobling_domain::id::{
    PushNo, RunNo, SourceNo, SubjectId, SubjectNo, TargetNo, TenantId, UserNo,
};
use kobling_domain::people::Kind;
use uuid::Uuid;

/// A column that holds sealed values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// National numbers of persons.
    Numbers,
    /// Items of plans.
    PlanItems,
    /// Records that were set aside.
    SetAside,
    /// Records that sources sent by themselves and that are not read yet.
    PushRecords,
    /// Lists of the rows of sets.
    SetLists,
    /// Parts of files that are on their way.
    PendingParts,
    /// Messages that are on their way.
    Messages,
    /// Messages that were accepted last.
    Accepted,
    /// Entries of lists of what targets held before.
    TakeoverEntries,
    /// What targets hold of their own.
    OwnValues,
    /// Secrets of code apps.
    CodeApps,
    /// Answers to requests that may come again.
    KeptAnswers,
    /// With what events of webhooks are signed.
    WebhookSecrets,
}

/// Where one sealed value stands: the key of its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// A person.
    Number(SubjectId),
    /// An item: run, kind, number.
    PlanItem(RunNo, Kind, i64),
    /// A record: source, kind, number; and the run that set it aside.
    SetAside((SourceNo, Kind, i64), RunNo),
    /// A record: source, push, kind, number.
    PushRecord(SourceNo, PushNo, Kind, i64),
    /// Target, set, file and part.
    SetList(String, i64, (String, i64)),
    /// Target, set, position and part.
    PendingPart(String, (i64, i64, i64)),
    /// Target and subject.
    Lane(TargetNo, SubjectNo),
    /// Target and number.
    TakeoverEntry(String, i64),
    /// Target, subject and field.
    OwnValue(String, SubjectId, String),
    /// A user.
    CodeApp(UserNo),
    /// Who asked, and the key they gave the request.
    KeptAnswer(String, String),
    /// A webhook.
    WebhookSecret(String),
}

/// A sealed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it stands.
    pub at: At,
    /// It.
    pub sealed: Vec<u8>,
}

impl At {
    /// The context under which the value is sealed.
    pub fn context(&self, tenant: TenantId) -> Vec<u8> {
        match self {
            Self::Number(person) => context::number(tenant, *person),
            Self::PlanItem(run, kind, no) => context::plan_item(tenant, *run, *kind, *no),
            Self::SetAside((_, kind, no), run) => context::set_aside(tenant, *run, *kind, *no),
            Self::PushRecord(source, push, kind, no) => {
                context::push_record(tenant, (*source, *push, *kind, *no))
            }
            Self::SetList(target, _, (file, part)) => {
                context::set_list(tenant, target, (file, *part))
            }
            Self::PendingPart(target, part) => context::pending_part(tenant, target, *part),
            Self::Lane(target, subject) => context::message(tenant, *target, *subject),
            Self::TakeoverEntry(target, no) => context::takeover_entry(tenant, target, *no),
            Self::OwnValue(target, subject, _) => context::own_value(tenant, target, *subject),
            Self::CodeApp(user) => context::code_app(tenant, *user),
            Self::KeptAnswer(_, request) => context::kept_answer(tenant, request),
            Self::WebhookSecret(key) => context::webhook(tenant, key),
        }
    }

    /// The columns of the row's key.
    fn key(&self) -> Vec<Value> {
        match self {
            Self::Number(it) => values![*it],
            Self::PlanItem(run, kind, no) => values![*run, *kind, *no],
            Self::SetAside((source, kind, no), _) => values![*source, *kind, *no],
            Self::PushRecord(source, push, kind, no) => values![*source, *push, *kind, *no],
            Self::SetList(target, set, (file, part)) => {
                values![target.as_str(), *set, file.as_str(), *part]
            }
            Self::PendingPart(target, (set, position, part)) => {
                values![target.as_str(), *set, *position, *part]
            }
            Self::Lane(target, subject) => values![*target, *subject],
            Self::TakeoverEntry(target, no) => values![target.as_str(), *no],
            Self::OwnValue(target, subject, field) => {
                values![target.as_str(), *subject, field.as_str()]
            }
            Self::CodeApp(user) => values![*user],
            Self::KeptAnswer(who, request) => values![who.as_str(), request.as_str()],
            Self::WebhookSecret(key) => values![key.as_str()],
        }
    }
}

impl Place {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Numbers,
        Self::PlanItems,
        Self::SetAside,
        Self::PushRecords,
        Self::SetLists,
        Self::PendingParts,
        Self::Messages,
        Self::Accepted,
        Self::TakeoverEntries,
        Self::OwnValues,
        Self::CodeApps,
        Self::KeptAnswers,
        Self::WebhookSecrets,
    ];

    /// Table and column.
    pub fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Numbers => ("subject", "number_sealed"),
            Self::PlanItems => ("plan_item", "body"),
            Self::SetAside => ("quarantine", "body"),
            Self::PushRecords => ("push_record", "body"),
            Self::SetLists => ("set_list", "body"),
            Self::PendingParts => ("pending_part", "body"),
            Self::Messages => ("message", "body"),
            Self::Accepted => ("target_subject", "accepted"),
            Self::TakeoverEntries => ("takeover_entry", "body"),
            Self::OwnValues => ("own_value", "theirs"),
            Self::CodeApps => ("credential", "code_secret"),
            Self::KeptAnswers => ("kept_answer", "body"),
            Self::WebhookSecrets => ("webhook", "secret"),
        }
    }

    /// A key before all others.
    fn before_all(self) -> At {
        let none = || String::new();
        let nobody = SubjectId(Uuid::nil());
        match self {
            Self::Numbers => At::Number(nobody),
            Self::PlanItems => At::PlanItem(RunNo(i64::MIN), Kind::Unit, i64::MIN),
            Self::SetAside => {
                At::SetAside((SourceNo(i64::MIN), Kind::Unit, i64::MIN), RunNo(i64::MIN))
            }
            Self::PushRecords => {
                At::PushRecord(SourceNo(i64::MIN), PushNo(i64::MIN), Kind::Unit, i64::MIN)
            }
            Self::SetLists => At::SetList(none(), i64::MIN, (none(), i64::MIN)),
            Self::PendingParts => At::PendingPart(none(), (i64::MIN, i64::MIN, i64::MIN)),
            Self::Messages | Self::Accepted => At::Lane(TargetNo(i64::MIN), SubjectNo(i64::MIN)),
            Self::TakeoverEntries => At::TakeoverEntry(none(), i64::MIN),
            Self::OwnValues => At::OwnValue(none(), nobody, none()),
            Self::CodeApps => At::CodeApp(UserNo(i64::MIN)),
            Self::KeptAnswers => At::KeptAnswer(none(), none()),
            Self::WebhookSecrets => At::WebhookSecret(none()),
        }
    }

    /// Reads a row: the sealed value, the key, and what else its context needs.
    fn read(self, row: &Row<'_>) -> Result<Found, StoreError> {
        let at = match self {
            Self::Numbers => At::Number(row.get(1)?),
            Self::PlanItems => At::PlanItem(row.get(1)?, row.get(2)?, row.get(3)?),
            Self::SetAside => At::SetAside((row.get(1)?, row.get(2)?, row.get(3)?), row.get(4)?),
            Self::PushRecords => At::PushRecord(row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?),
            Self::SetLists => At::SetList(row.get(1)?, row.get(2)?, (row.get(3)?, row.get(4)?)),
            Self::PendingParts => {
                At::PendingPart(row.get(1)?, (row.get(2)?, row.get(3)?, row.get(4)?))
            }
            Self::Messages | Self::Accepted => At::Lane(row.get(1)?, row.get(2)?),
            Self::TakeoverEntries => At::TakeoverEntry(row.get(1)?, row.get(2)?),
            Self::OwnValues => At::OwnValue(row.get(1)?, row.get(2)?, row.get(3)?),
            Self::CodeApps => At::CodeApp(row.get(1)?),
            Self::KeptAnswers => At::KeptAnswer(row.get(1)?, row.get(2)?),
            Self::WebhookSecrets => At::WebhookSecret(row.get(1)?),
        };
        Ok(Found { at, sealed: row.get(0)? })
    }

    /// The statement of a page. Those whose values are large take few at a time.
    #[expect(clippy::too_many_lines, reason = "a list: one statement for each place")]
    fn page(self) -> &'static str {
        match self {
            Self::Numbers => {
                "SELECT number_sealed, subject_id FROM subject
                  WHERE tenant_id = $1 AND substr(number_sealed, 1, 8) <> $2 AND subject_id > $3
                  ORDER BY subject_id LIMIT 500"
            }
            Self::PlanItems => {
                "SELECT body, run_no, kind, native_no FROM plan_item
                  WHERE tenant_id = $1 AND part = 0 AND length(body) > 0
                    AND substr(body, 1, 8) <> $2 AND (run_no, kind, native_no) > ($3, $4, $5)
                  ORDER BY run_no, kind, native_no LIMIT 500"
            }
            Self::SetAside => {
                "SELECT body, source_no, kind, native_no, run_no FROM quarantine
                  WHERE tenant_id = $1 AND substr(body, 1, 8) <> $2
                    AND (source_no, kind, native_no) > ($3, $4, $5)
                  ORDER BY source_no, kind, native_no LIMIT 500"
            }
            Self::PushRecords => {
                "SELECT body, source_no, push_no, kind, native_no FROM push_record
                  WHERE tenant_id = $1 AND length(body) > 0 AND substr(body, 1, 8) <> $2
                    AND (source_no, push_no, kind, native_no) > ($3, $4, $5, $6)
                  ORDER BY source_no, push_no, kind, native_no LIMIT 500"
            }
            Self::SetLists => {
                "SELECT body, target, set_no, file, part FROM set_list
                  WHERE tenant_id = $1 AND substr(body, 1, 8) <> $2
                    AND (target, set_no, file, part) > ($3, $4, $5, $6)
                  ORDER BY target, set_no, file, part LIMIT 8"
            }
            Self::PendingParts => {
                "SELECT body, target, set_no, position, part FROM pending_part
                  WHERE tenant_id = $1 AND substr(body, 1, 8) <> $2
                    AND (target, set_no, position, part) > ($3, $4, $5, $6)
                  ORDER BY target, set_no, position, part LIMIT 8"
            }
            Self::Messages => {
                "SELECT body, target_no, subject_no FROM message
                  WHERE tenant_id = $1 AND substr(body, 1, 8) <> $2
                    AND (target_no, subject_no) > ($3, $4)
                  ORDER BY target_no, subject_no LIMIT 500"
            }
            Self::Accepted => {
                "SELECT accepted, target_no, subject_no FROM target_subject
                  WHERE tenant_id = $1 AND substr(accepted, 1, 8) <> $2
                    AND (target_no, subject_no) > ($3, $4)
                  ORDER BY target_no, subject_no LIMIT 500"
            }
            Self::TakeoverEntries => {
                "SELECT body, target, entry_no FROM takeover_entry
                  WHERE tenant_id = $1 AND substr(body, 1, 8) <> $2
                    AND (target, entry_no) > ($3, $4)
                  ORDER BY target, entry_no LIMIT 500"
            }
            Self::OwnValues => {
                "SELECT theirs, target, subject_id, field FROM own_value
                  WHERE tenant_id = $1 AND substr(theirs, 1, 8) <> $2
                    AND (target, subject_id, field) > ($3, $4, $5)
                  ORDER BY target, subject_id, field LIMIT 500"
            }
            Self::CodeApps => {
                "SELECT code_secret, user_no FROM credential
                  WHERE tenant_id = $1 AND substr(code_secret, 1, 8) <> $2 AND user_no > $3
                  ORDER BY user_no LIMIT 500"
            }
            Self::KeptAnswers => {
                "SELECT body, who, request FROM kept_answer
                  WHERE tenant_id = $1 AND substr(body, 1, 8) <> $2 AND (who, request) > ($3, $4)
                  ORDER BY who, request LIMIT 100"
            }
            Self::WebhookSecrets => {
                "SELECT secret, key FROM webhook
                  WHERE tenant_id = $1 AND substr(secret, 1, 8) <> $2 AND key > $3
                  ORDER BY key LIMIT 500"
            }
        }
    }

    /// The statement that puts another value in the place of one that is still there.
    fn put(self) -> &'static str {
        match self {
            Self::Numbers => {
                "UPDATE subject SET number_sealed = $2
                  WHERE tenant_id = $1 AND number_sealed = $3 AND subject_id = $4"
            }
            Self::PlanItems => {
                "UPDATE plan_item SET body = $2
                  WHERE tenant_id = $1 AND body = $3 AND part = 0
                    AND run_no = $4 AND kind = $5 AND native_no = $6"
            }
            Self::SetAside => {
                "UPDATE quarantine SET body = $2
                  WHERE tenant_id = $1 AND body = $3
                    AND source_no = $4 AND kind = $5 AND native_no = $6"
            }
            Self::PushRecords => {
                "UPDATE push_record SET body = $2
                  WHERE tenant_id = $1 AND body = $3
                    AND source_no = $4 AND push_no = $5 AND kind = $6 AND native_no = $7"
            }
            Self::SetLists => {
                "UPDATE set_list SET body = $2
                  WHERE tenant_id = $1 AND body = $3
                    AND target = $4 AND set_no = $5 AND file = $6 AND part = $7"
            }
            Self::PendingParts => {
                "UPDATE pending_part SET body = $2
                  WHERE tenant_id = $1 AND body = $3
                    AND target = $4 AND set_no = $5 AND position = $6 AND part = $7"
            }
            Self::Messages => {
                "UPDATE message SET body = $2
                  WHERE tenant_id = $1 AND body = $3 AND target_no = $4 AND subject_no = $5"
            }
            Self::Accepted => {
                "UPDATE target_subject SET accepted = $2
                  WHERE tenant_id = $1 AND accepted = $3 AND target_no = $4 AND subject_no = $5"
            }
            Self::TakeoverEntries => {
                "UPDATE takeover_entry SET body = $2
                  WHERE tenant_id = $1 AND body = $3 AND target = $4 AND entry_no = $5"
            }
            Self::OwnValues => {
                "UPDATE own_value SET theirs = $2
                  WHERE tenant_id = $1 AND theirs = $3
                    AND target = $4 AND subject_id = $5 AND field = $6"
            }
            Self::CodeApps => {
                "UPDATE credential SET code_secret = $2
                  WHERE tenant_id = $1 AND code_secret = $3 AND user_no = $4"
            }
            Self::KeptAnswers => {
                "UPDATE kept_answer SET body = $2
                  WHERE tenant_id = $1 AND body = $3 AND who = $4 AND request = $5"
            }
            Self::WebhookSecrets => {
                "UPDATE webhook SET secret = $2
                  WHERE tenant_id = $1 AND secret = $3 AND key = $4"
            }
        }
    }
}

/// The next values of a place that `key` has not sealed, after the one at `after`, in the order of
/// their keys; none at the end.
pub async fn page(
    tx: &mut Tx,
    tenant: TenantId,
    place: Place,
    key: KeyId,
    after: Option<&At>,
) -> Result<Vec<Found>, StoreError> {
    let after = after.cloned().unwrap_or_else(|| place.before_all());
    let mut values = values![tenant, key.0.as_slice()];
    values.extend(after.key());
    tx.query(place.page(), values, move |row| place.read(row)).await
}

/// Puts `sealed` in the place of what was found, if that still stands there.
pub async fn put(
    tx: &mut Tx,
    tenant: TenantId,
    place: Place,
    found: &Found,
    sealed: Vec<u8>,
) -> Result<bool, StoreError> {
    let mut values = values![tenant, sealed, found.sealed.as_slice()];
    values.extend(found.at.key());
    Ok(tx.execute(place.put(), values).await? == 1)
}

/// How many values the key of that id has sealed.
pub async fn under(tx: &mut Tx, tenant: TenantId, key: KeyId) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM subject
         WHERE tenant_id = $1 AND substr(number_sealed, 1, 8) = $2
        UNION ALL SELECT count(*) FROM plan_item
         WHERE tenant_id = $1 AND part = 0 AND substr(body, 1, 8) = $2
        UNION ALL SELECT count(*) FROM quarantine
         WHERE tenant_id = $1 AND substr(body, 1, 8) = $2
        UNION ALL SELECT count(*) FROM push_record
         WHERE tenant_id = $1 AND substr(body, 1, 8) = $2
        UNION ALL SELECT count(*) FROM set_list
         WHERE tenant_id = $1 AND substr(body, 1, 8) = $2
        UNION ALL SELECT count(*) FROM pending_part
         WHERE tenant_id = $1 AND substr(body, 1, 8) = $2
        UNION ALL SELECT count(*) FROM message
         WHERE tenant_id = $1 AND substr(body, 1, 8) = $2
        UNION ALL SELECT count(*) FROM target_subject
         WHERE tenant_id = $1 AND substr(accepted, 1, 8) = $2
        UNION ALL SELECT count(*) FROM takeover_entry
         WHERE tenant_id = $1 AND substr(body, 1, 8) = $2
        UNION ALL SELECT count(*) FROM own_value
         WHERE tenant_id = $1 AND substr(theirs, 1, 8) = $2
        UNION ALL SELECT count(*) FROM credential
         WHERE tenant_id = $1 AND substr(code_secret, 1, 8) = $2
        UNION ALL SELECT count(*) FROM kept_answer
         WHERE tenant_id = $1 AND substr(body, 1, 8) = $2
        UNION ALL SELECT count(*) FROM webhook
         WHERE tenant_id = $1 AND substr(secret, 1, 8) = $2";
    count(tx, sql, values![tenant, key.0.as_slice()]).await
}

/// How many values are sealed.
pub async fn all(tx: &mut Tx, tenant: TenantId) -> Result<u64, StoreError> {
    let sql = "SELECT count(number_sealed) FROM subject WHERE tenant_id = $1
        UNION ALL SELECT count(*) FROM plan_item
         WHERE tenant_id = $1 AND part = 0 AND length(body) > 0
        UNION ALL SELECT count(*) FROM quarantine WHERE tenant_id = $1
        UNION ALL SELECT count(*) FROM push_record WHERE tenant_id = $1 AND length(body) > 0
        UNION ALL SELECT count(*) FROM set_list WHERE tenant_id = $1
        UNION ALL SELECT count(*) FROM pending_part WHERE tenant_id = $1
        UNION ALL SELECT count(*) FROM message WHERE tenant_id = $1
        UNION ALL SELECT count(accepted) FROM target_subject WHERE tenant_id = $1
        UNION ALL SELECT count(*) FROM takeover_entry WHERE tenant_id = $1
        UNION ALL SELECT count(*) FROM own_value WHERE tenant_id = $1
        UNION ALL SELECT count(code_secret) FROM credential WHERE tenant_id = $1
        UNION ALL SELECT count(body) FROM kept_answer WHERE tenant_id = $1
        UNION ALL SELECT count(*) FROM webhook WHERE tenant_id = $1";
    count(tx, sql, values![tenant]).await
}

async fn count(tx: &mut Tx, sql: &'static str, values: Vec<Value>) -> Result<u64, StoreError> {
    let counted: Vec<u64> = tx.query(sql, values, |row| row.get(0)).await?;
    Ok(counted.into_iter().sum())
}
