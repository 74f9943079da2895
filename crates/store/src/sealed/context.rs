//! Under what each sealed value of a tenant is sealed: it opens in its own row only. What is sealed
//! is listed here, and in [`super::stored`], which finds it all again.

use kobling_domain::id::{
    PushNo, RunNo, SourceNo, SubjectId, SubjectNo, TargetNo, TenantId, UserNo,
};
use kobling_domain::people::Kind;

/// The national number of a person.
pub fn number(tenant: TenantId, person: SubjectId) -> Vec<u8> {
    context(tenant, "person.national_number", person.0.as_bytes())
}

/// An item of a plan.
pub fn plan_item(tenant: TenantId, run: RunNo, kind: Kind, native_no: i64) -> Vec<u8> {
    context(tenant, "plan_item", format!("{run} {kind} {native_no}").as_bytes())
}

/// A record that was set aside.
pub fn set_aside(tenant: TenantId, run: RunNo, kind: Kind, native_no: i64) -> Vec<u8> {
    context(tenant, "quarantine", format!("{run} {kind} {native_no}").as_bytes())
}

/// A record that a source sent by itself.
pub fn push_record(
    tenant: TenantId,
    (source, push, kind, native_no): (SourceNo, PushNo, Kind, i64),
) -> Vec<u8> {
    let row = format!("{source} {push} {kind} {native_no}");
    context(tenant, "push_record", row.as_bytes())
}

/// A part of the list of a file's rows, of any set: what is on its way becomes what the target has as
/// it stands.
pub fn set_list(tenant: TenantId, target: &str, (file, part): (&str, i64)) -> Vec<u8> {
    let row = match part {
        // As it was sealed when a list was one value.
        0 => file.to_owned(),
        part => format!("{file} {part}"),
    };
    context(tenant, &format!("delivered {target}"), row.as_bytes())
}

/// A block of the lists of a set that is being made or compared. It is never stored.
pub fn shelved(tenant: TenantId, target: &str, place: usize) -> Vec<u8> {
    context(tenant, &format!("shelved {target}"), &place.to_be_bytes())
}

/// A part of a file of a set that is on its way.
pub fn pending_part(
    tenant: TenantId,
    target: &str,
    (set_no, position, part): (i64, i64, i64),
) -> Vec<u8> {
    let key = [set_no, position, part].map(i64::to_be_bytes).concat();
    context(tenant, &format!("pending {target}"), &key)
}

/// All messages of a lane: what was sent becomes what was accepted as it stands.
pub fn message(tenant: TenantId, target: TargetNo, subject: SubjectNo) -> Vec<u8> {
    context(tenant, "message", format!("{target} {subject}").as_bytes())
}

/// An entry of the list of what a target held before its first delivery.
pub fn takeover_entry(tenant: TenantId, target: &str, no: i64) -> Vec<u8> {
    context(tenant, &format!("takeover {target}"), &no.to_be_bytes())
}

/// What a target holds of its own of a subject.
pub fn own_value(tenant: TenantId, target: &str, subject: SubjectId) -> Vec<u8> {
    context(tenant, &format!("own value {target}"), subject.0.as_bytes())
}

/// The secret of a user's code app.
pub fn code_app(tenant: TenantId, user: UserNo) -> Vec<u8> {
    context(tenant, "code app", &user.0.to_be_bytes())
}

/// The answer to a request of that key.
pub fn kept_answer(tenant: TenantId, request: &str) -> Vec<u8> {
    context(tenant, "kept answer", request.as_bytes())
}

/// With what events of a webhook are signed.
pub fn webhook(tenant: TenantId, key: &str) -> Vec<u8> {
    context(tenant, "webhook", key.as_bytes())
}

fn context(tenant: TenantId, purpose: &str, key: &[u8]) -> Vec<u8> {
    let mut all = tenant.0.to_be_bytes().to_vec();
    append(&mut all, purpose.as_bytes());
    append(&mut all, key);
    all
}

fn append(all: &mut Vec<u8>, part: &[u8]) {
    all.extend_from_slice(&super::length(part));
    all.extend_from_slice(part);
}
