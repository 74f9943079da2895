use super::{Agreement, Package};
use crate::id::Version;
use crate::people::{Field, NativeKey};
use crate::time::Validity;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An agreement as it is written in a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Agreement")]
#[serde(deny_unknown_fields)]
pub struct AgreementText {
    /// Its key: small letters, digits, `-` and `_`.
    pub key: String,
    /// Who signs.
    #[serde(default)]
    pub template: Template,
    /// The key of the source of units and employments.
    pub source: String,
    /// The keys of other sources, whose word on persons counts beside its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// The keys of those sources whose persons it is about although no unit employs them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// The key of the target.
    pub target: String,
    /// The keys of the interfaces that its fields are from; it may name none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interfaces: Vec<String>,
    /// The names of the fields.
    pub fields: Vec<String>,
    /// What the target may have beyond people, employments and their units; none means what all
    /// agreements had before there were packages: organisation and leaders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packages: Option<Vec<Package>>,
    /// The numbers of the units at the source; each counts with all units below it.
    pub scope: Vec<String>,
    /// The numbers of units in these that are left out, each with all units below it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// The first day on which it holds.
    pub from: Date,
    /// The first day on which it no longer holds; none if open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// What the target needs the data for.
    pub purpose: String,
    /// By what law it may have them.
    pub legal_basis: String,
}

/// Who signs an agreement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AgreementTemplate")]
#[serde(rename_all = "snake_case")]
pub enum Template {
    /// The employer alone, for a target it runs itself.
    #[default]
    #[serde(rename = "self")]
    OneParty,
    /// The party that sees to the source, then the one that sees to the target.
    Standard,
}

/// Why a text is no agreement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AgreementError {
    /// The key would not be a good name.
    #[error("key {key:?}: use small letters, digits, - and _, at most {KEY_LENGTH_MAX}")]
    Key {
        /// The key as given.
        key: String,
    },
    /// Something that must be said is not.
    #[error("agreement {key}: {entry} is empty; say {remedy}")]
    Empty {
        /// The agreement.
        key: String,
        /// The empty entry.
        entry: &'static str,
        /// What belongs there.
        remedy: &'static str,
    },
    /// A name that is no field.
    #[error("agreement {key}: fields: {field:?} is not a field; docs/fields.md lists them all")]
    UnknownField {
        /// The agreement.
        key: String,
        /// The name as given.
        field: String,
    },
    /// An element of the source that has no field.
    #[error("agreement {key}: fields: {field:?} never leaves the hub; take it out")]
    Extra {
        /// The agreement.
        key: String,
        /// The name as given.
        field: String,
    },
    /// A field or unit that is named twice.
    #[error("agreement {key}: {entry}: {name:?} stands there twice; take one out")]
    Twice {
        /// The agreement.
        key: String,
        /// The entry.
        entry: &'static str,
        /// What stands there twice.
        name: String,
    },
    /// A package that is of no use as the agreement stands.
    #[error("agreement {key}: packages: {package} needs {lacks}; name that too, or take it out")]
    PackageLacks {
        /// The agreement.
        key: String,
        /// The package.
        package: Package,
        /// What is missing.
        lacks: String,
    },
    /// Something is to go to the target that it may not have.
    #[error(
        "agreement {key}: target {target} is to have {what}, which needs the package {package}; \
         name it under packages if that is agreed, else change the target"
    )]
    NoPackage {
        /// The agreement.
        key: String,
        /// The target.
        target: String,
        /// What is to go there.
        what: String,
        /// The package it needs.
        package: Package,
    },
    /// A group whose members tell something that the target may not have.
    #[error(
        "agreement {key}: the group {group} tells something of {field}, which the agreement does \
         not name; name it if that is agreed, or change the group"
    )]
    GroupTells {
        /// The agreement.
        key: String,
        /// The group.
        group: String,
        /// The field.
        field: Field,
    },
    /// Members of a source that is not one of its own.
    #[error("agreement {key}: members: {source_key:?} is none of its sources; name it there too")]
    NoSource {
        /// The agreement.
        key: String,
        /// The source.
        source_key: String,
    },
    /// It would hold on no day.
    #[error("agreement {key}: until {until} is not after from {from}; give a later day or none")]
    NoDays {
        /// The agreement.
        key: String,
        /// The first day.
        from: Date,
        /// The first day after.
        until: Date,
    },
}

/// How long a key may be.
const KEY_LENGTH_MAX: usize = 64;

impl Agreement {
    /// Reads `text`, which has stood in the configuration since `version`.
    pub fn parse(text: AgreementText, version: Version) -> Result<Self, AgreementError> {
        check_key(&text.key)?;
        let key = text.key;
        let said = |entry, value: &str, remedy| match value.trim() {
            "" => Err(AgreementError::Empty { key: key.clone(), entry, remedy }),
            value => Ok(value.to_owned()),
        };
        let fields = fields(&key, &text.fields)?;
        Ok(Self {
            packages: packages(&key, text.packages, &fields)?,
            source: said("source", &text.source, "the key of a source")?,
            target: said("target", &text.target, "the key of a target")?,
            purpose: said("purpose", &text.purpose, "what the target needs the data for")?,
            legal_basis: said("legal_basis", &text.legal_basis, "the law that allows it")?,
            fields,
            scope: scope(&key, &text.scope, &text.members)?,
            sources: names(&key, "sources", &text.sources)?,
            interfaces: names(&key, "interfaces", &text.interfaces)?,
            members: members(&key, &text.source, &text.sources, &text.members)?,
            except: units(&key, "except", &text.except)?,
            validity: validity(&key, text.from, text.until)?,
            template: text.template,
            version,
            key,
        })
    }

    /// The text that reads as this agreement, in the order of the lists.
    pub fn to_text(&self) -> AgreementText {
        AgreementText {
            key: self.key.clone(),
            template: self.template,
            source: self.source.clone(),
            sources: self.sources.iter().cloned().collect(),
            members: self.members.iter().cloned().collect(),
            target: self.target.clone(),
            interfaces: self.interfaces.iter().cloned().collect(),
            fields: self.fields.iter().map(|it| it.name().to_owned()).collect(),
            packages: self.packages.as_ref().map(|it| it.iter().copied().collect()),
            scope: self.scope.iter().map(|it| it.as_str().to_owned()).collect(),
            except: self.except.iter().map(|it| it.as_str().to_owned()).collect(),
            from: self.validity.from(),
            until: self.validity.until(),
            purpose: self.purpose.clone(),
            legal_basis: self.legal_basis.clone(),
        }
    }
}

fn check_key(key: &str) -> Result<(), AgreementError> {
    let allowed = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || b"-_".contains(&it);
    if !key.is_empty() && key.len() <= KEY_LENGTH_MAX && key.bytes().all(allowed) {
        Ok(())
    } else {
        Err(AgreementError::Key { key: key.to_owned() })
    }
}

fn fields(key: &str, names: &[String]) -> Result<BTreeSet<Field>, AgreementError> {
    let mut fields = BTreeSet::new();
    for name in names {
        let (key, field) = (key.to_owned(), name.clone());
        if name.starts_with("extra.") {
            return Err(AgreementError::Extra { key, field });
        }
        let Ok(known) = name.parse() else {
            return Err(AgreementError::UnknownField { key, field });
        };
        if !fields.insert(known) {
            return Err(AgreementError::Twice { key, entry: "fields", name: field });
        }
    }
    Ok(fields)
}

/// Each once, and with what it needs.
fn packages(
    key: &str,
    named: Option<Vec<Package>>,
    fields: &BTreeSet<Field>,
) -> Result<Option<BTreeSet<Package>>, AgreementError> {
    let Some(named) = named else { return Ok(None) };
    let mut packages = BTreeSet::new();
    for package in named {
        if !packages.insert(package) {
            let (key, name) = (key.to_owned(), package.to_string());
            return Err(AgreementError::Twice { key, entry: "packages", name });
        }
    }
    let lacking = packages.iter().find_map(|it| Some((*it, it.lacks(&packages, fields)?)));
    match lacking {
        Some((package, lacks)) => {
            Err(AgreementError::PackageLacks { key: key.to_owned(), package, lacks })
        }
        None => Ok(Some(packages)),
    }
}

/// Who is about members alone need name no unit.
fn scope(
    key: &str,
    numbers: &[String],
    members: &[String],
) -> Result<BTreeSet<NativeKey>, AgreementError> {
    let scope = units(key, "scope", numbers)?;
    let is_missing = scope.is_empty() && members.is_empty();
    if is_missing { Err(no_unit(key, "scope")) } else { Ok(scope) }
}

fn names(
    key: &str,
    entry: &'static str,
    given: &[String],
) -> Result<BTreeSet<String>, AgreementError> {
    let mut names = BTreeSet::new();
    for name in given {
        if !names.insert(name.trim().to_owned()) {
            return Err(AgreementError::Twice { key: key.to_owned(), entry, name: name.clone() });
        }
    }
    Ok(names)
}

fn members(
    key: &str,
    source: &str,
    sources: &[String],
    given: &[String],
) -> Result<BTreeSet<String>, AgreementError> {
    let members = names(key, "members", given)?;
    let is_named = |it: &&String| **it == source || sources.contains(*it);
    match members.iter().find(|it| !is_named(it)) {
        Some(it) => Err(AgreementError::NoSource { key: key.to_owned(), source_key: it.clone() }),
        None => Ok(members),
    }
}

fn units(
    key: &str,
    entry: &'static str,
    numbers: &[String],
) -> Result<BTreeSet<NativeKey>, AgreementError> {
    let mut units = BTreeSet::new();
    for number in numbers {
        if number.trim().is_empty() {
            return Err(no_unit(key, entry));
        }
        if !units.insert(NativeKey::text(number.trim())) {
            let (key, name) = (key.to_owned(), number.clone());
            return Err(AgreementError::Twice { key, entry, name });
        }
    }
    Ok(units)
}

fn no_unit(key: &str, entry: &'static str) -> AgreementError {
    let remedy = "the number of at least one unit, the root's for all";
    AgreementError::Empty { key: key.to_owned(), entry, remedy }
}

fn validity(key: &str, from: Date, until: Option<Date>) -> Result<Validity, AgreementError> {
    Validity::new(from, until).map_err(|_| AgreementError::NoDays {
        key: key.to_owned(),
        from,
        until: until.unwrap_or(from),
    })
}
