//! How what is held and what is configured differ.

use super::ConfigureError;
use crate::access::configuration::Configuration;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One configured object that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Differing {
    /// `source`, `agreement` and so on.
    pub kind: String,
    /// Its key.
    pub key: String,
    /// What becomes of it.
    pub change: Change,
    /// The entries that differ, old and new.
    pub entries: BTreeMap<String, (Value, Value)>,
}

/// What becomes of a configured object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is new.
    Added,
    /// It reads otherwise.
    Changed,
    /// It is no longer there.
    Removed,
    /// It waits for its parties; what is in force stays.
    Drafted,
    /// Its draft is taken back; what is in force stays.
    Withdrawn,
}

/// The difference between what the store holds and a configuration.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The employer's key.
    pub tenant: String,
    /// Every object that differs, by kind and key.
    pub differing: Vec<Differing>,
    /// The ledger version at which it was written.
    pub version: Option<i64>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.differing.is_empty() {
            return writeln!(f, "{}: the store holds exactly this already", self.tenant);
        }
        for it in &self.differing {
            let (sign, word) = match it.change {
                Change::Added => ('+', "new"),
                Change::Changed => ('~', "changed"),
                Change::Removed => ('-', "removed"),
                Change::Drafted => ('?', "drafted: not in force before its parties release it"),
                Change::Withdrawn => ('-', "draft withdrawn"),
            };
            writeln!(f, "{sign} {} {} ({word})", it.kind, it.key)?;
            for (entry, (old, new)) in &it.entries {
                writeln!(f, "    {entry}: {old} → {new}")?;
            }
        }
        match self.version {
            Some(version) => writeln!(f, "{}: written as version {version}", self.tenant),
            None => writeln!(f, "{}: nothing has been written", self.tenant),
        }
    }
}

/// Every object of a configuration under its kind and key.
pub(super) type Objects = BTreeMap<(String, String), Value>;

/// Every object of a configuration under its kind and key.
pub(super) fn objects(configuration: &Configuration) -> Result<Objects, ConfigureError> {
    let unreadable = |source| ConfigureError::Unreadable {
        kind: "configuration".to_owned(),
        key: configuration.tenant.key.clone(),
        source,
    };
    let Value::Object(lists) = serde_json::to_value(configuration).map_err(unreadable)? else {
        return Ok(Objects::new());
    };
    let mut objects = Objects::new();
    for (kind, list) in lists {
        match list {
            Value::Array(list) => {
                for (index, body) in list.into_iter().enumerate() {
                    objects.insert((kind.clone(), key_of(&body, index)), body);
                }
            }
            Value::Object(_)
            | Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_) => {
                objects.insert((kind, configuration.tenant.key.clone()), list);
            }
        }
    }
    Ok(objects)
}

/// The key of an object. Lines of the authority table have none: their order is what counts.
fn key_of(body: &Value, index: usize) -> String {
    body.get("key").and_then(Value::as_str).map_or_else(|| format!("{index:04}"), str::to_owned)
}

pub(super) fn differing(held: &Objects, wanted: &Objects) -> Vec<Differing> {
    let all: BTreeSet<_> = held.keys().chain(wanted.keys()).collect();
    all.into_iter()
        .filter_map(|at| {
            let (old, new) = (held.get(at), wanted.get(at));
            let change = match (old, new) {
                (None, Some(_)) => Change::Added,
                (Some(_), None) => Change::Removed,
                (Some(old), Some(new)) if old != new => Change::Changed,
                _ => return None,
            };
            let entries = old.zip(new).map(|(old, new)| entries(old, new)).unwrap_or_default();
            Some(Differing { kind: at.0.clone(), key: at.1.clone(), change, entries })
        })
        .collect()
}

pub(super) fn entries(old: &Value, new: &Value) -> BTreeMap<String, (Value, Value)> {
    let (Value::Object(old), Value::Object(new)) = (old, new) else { return BTreeMap::new() };
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let value = |of: &serde_json::Map<String, Value>, name: &String| {
        of.get(name).cloned().unwrap_or(Value::Null)
    };
    names
        .into_iter()
        .map(|name| (name.clone(), (value(old, name), value(new, name))))
        .filter(|(_, (old, new))| old != new)
        .collect()
}
