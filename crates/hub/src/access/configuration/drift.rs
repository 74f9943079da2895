//! What becomes of a field that somebody changed at a target.

use super::TargetText;
use kobling_domain::people::Field;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The fields that people look after themselves at a target.
pub const OWN_FIELDS: [Field; 2] = [Field::PersonEmail, Field::PersonMobile];

/// What becomes of a field that somebody changed at a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftPolicy {
    /// It is told.
    #[default]
    Report,
    /// It is told, and ours is sent again.
    Enforce,
    /// The target's own value stays until ours changes.
    Accept,
}

/// The policy of each field of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftText {
    /// That of fields that are not named, and of rows that are missing or were put there.
    #[serde(default)]
    pub default: DriftPolicy,
    /// That of these.
    #[serde(flatten)]
    pub fields: BTreeMap<Field, DriftPolicy>,
}

impl DriftText {
    /// The policy of a field; of what is no field, that of all others.
    pub fn of(&self, field: Option<Field>) -> DriftPolicy {
        field.and_then(|it| self.fields.get(&it)).copied().unwrap_or(self.default)
    }
}

/// What is wrong with a target's policies.
pub(super) fn problems(target: &TargetText) -> Vec<String> {
    let what = format!("target {}.drift", target.key);
    let known = OWN_FIELDS.map(Field::name).join(", ");
    let accepts = |it: DriftPolicy| it == DriftPolicy::Accept;
    let mut problems = Vec::new();
    if accepts(target.drift.default) {
        problems.push(format!("{what}.default: not everything can be accepted; name the fields"));
    }
    let named = target.drift.fields.iter().filter(|(_, it)| accepts(**it));
    for (field, _) in named.filter(|(field, _)| !OWN_FIELDS.contains(field)) {
        problems.push(format!(
            "{what}.{field}: only what people look after themselves can be accepted ({known})"
        ));
    }
    problems
}
