//! What systems offer: interfaces, their operations, and the data categories of these.

use super::Configuration;
use kobling_domain::agreement::AgreementText;
use kobling_domain::people::Field;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Something a system offers, as it is written in its catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Interface")]
#[serde(deny_unknown_fields)]
pub struct InterfaceText {
    /// Short name.
    pub key: String,
    /// Full name.
    pub name: String,
    /// The system that offers it.
    pub system: String,
    /// Which version of it.
    pub version: String,
    /// So many months before a change of it the system's operator says so.
    #[serde(default = "usual_notice")]
    pub notice_months: u8,
    /// What can be asked of it.
    #[serde(default, rename = "operation", skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<InterfaceOperation>,
}

fn usual_notice() -> u8 {
    3
}

/// Something that can be asked of an interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InterfaceOperation {
    /// Its key among the interface's operations.
    pub key: String,
    /// Full name.
    pub name: String,
    /// What it tells.
    #[serde(default, rename = "category", skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<DataCategory>,
}

/// Data that an operation tells together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataCategory {
    /// Its key among the operation's categories, such as the number of an infotype.
    pub key: String,
    /// Full name.
    pub name: String,
    /// How one comes to have it.
    #[serde(default)]
    pub package: Offer,
    /// The names of the hub's fields that it tells; none if the hub has no field for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

/// How one comes to have a data category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DataCategoryPackage")]
#[serde(rename_all = "snake_case")]
pub enum Offer {
    /// It comes with the interface.
    #[default]
    Basic,
    /// It is bought beside it.
    AddOn,
}

impl InterfaceText {
    /// The names of all fields that it tells.
    fn fields(&self) -> BTreeSet<&str> {
        let categories = self.operations.iter().flat_map(|it| &it.categories);
        categories.flat_map(|it| it.fields.iter().map(String::as_str)).collect()
    }
}

/// What is wrong with the catalogue, and with what agreements take from it.
pub(super) fn problems(it: &Configuration) -> Vec<String> {
    let of_catalogue = it.interfaces.iter().flat_map(|interface| catalogue_problems(it, interface));
    let of_agreements = it.agreements.iter().flat_map(|agreement| agreed_problems(it, agreement));
    let keys = it.interfaces.iter().map(|it| it.key.as_str());
    let keys =
        twice(keys).map(|it| format!("interface {it:?} stands twice; give each its own key"));
    keys.chain(of_catalogue).chain(of_agreements).collect()
}

fn catalogue_problems(it: &Configuration, interface: &InterfaceText) -> Vec<String> {
    let InterfaceText { key, system, operations, .. } = interface;
    let mut problems = Vec::new();
    if !it.systems.iter().any(|it| it.key == *system) {
        let known = it.systems.iter().map(|it| it.key.as_str()).collect::<Vec<_>>().join(", ");
        problems.push(format!(
            "interface {key}.system: there is no system {system:?} (there is: {known})"
        ));
    }
    let operation_keys = operations.iter().map(|it| it.key.as_str());
    problems.extend(twice(operation_keys).map(|it| {
        format!("interface {key}: operation {it:?} stands twice; give each its own key")
    }));
    for operation in operations {
        let at = format!("interface {key}, operation {}", operation.key);
        let keys = operation.categories.iter().map(|it| it.key.as_str());
        problems.extend(
            twice(keys)
                .map(|it| format!("{at}: category {it:?} stands twice; give each its own key")),
        );
        for category in &operation.categories {
            let unknown = category.fields.iter().filter(|it| it.parse::<Field>().is_err());
            problems.extend(unknown.map(|it| {
                let category = &category.key;
                format!("{at}, category {category}: {it:?} is not a field; docs/fields.md lists them all")
            }));
        }
    }
    problems
}

/// What stands more than once.
fn twice<'a>(all: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    let mut seen = BTreeSet::new();
    all.filter(move |it| !seen.insert(*it))
}

/// An agreement that names interfaces has its fields from them, of systems of its own sources.
fn agreed_problems(it: &Configuration, agreement: &AgreementText) -> Vec<String> {
    let AgreementText { key, interfaces, source, sources, fields, .. } = agreement;
    if interfaces.is_empty() {
        return Vec::new();
    }
    let is_own = |key: &String| key == source || sources.contains(key);
    let own = it.sources.iter().filter(|it| is_own(&it.key)).map(|it| &it.system);
    let own: BTreeSet<&String> = own.collect();
    let mut problems: Vec<String> = twice(interfaces.iter().map(String::as_str))
        .map(|it| format!("agreement {key}: interfaces: {it:?} stands there twice; take one out"))
        .collect();
    let mut told = BTreeSet::new();
    for name in interfaces {
        match it.interfaces.iter().find(|it| it.key == *name) {
            Some(interface) if own.contains(&interface.system) => told.extend(interface.fields()),
            Some(interface) => problems.push(format!(
                "agreement {key}.interfaces: {name} is offered by system {}, which none of its \
                 sources reads; name another one, or that source",
                interface.system
            )),
            None => {
                let known = it.interfaces.iter().map(|it| it.key.as_str());
                let known = known.collect::<Vec<_>>().join(", ");
                problems.push(format!(
                    "agreement {key}.interfaces: there is no interface {name:?} (there is: {known})"
                ));
            }
        }
    }
    let outside = fields.iter().filter(|it| !told.contains(it.as_str()));
    problems.extend(outside.map(|it| {
        format!(
            "agreement {key}: fields: {it} is told by none of its interfaces ({}); name another \
             interface, or take it out",
            interfaces.join(", ")
        )
    }));
    problems
}

#[cfg(test)]
mod tests {
    use crate::access::configuration::parse;

    const FJORDBY: &str = include_str!("../../../tests/data/fjordby.toml");
    const CATALOGUE: &str = r#"
[[interface]]
key = "staff"
name = "Staff"
system = "opus"
version = "1.0.6"

[[interface.operation]]
key = "read"
name = "One employee"

[[interface.operation.category]]
key = "0002"
name = "Personal data"
fields = ["person.name", "unit.name"]

[[interface.operation.category]]
key = "0105"
name = "Communication"
package = "add_on"
fields = ["person.email"]
"#;

    fn with(catalogue: &str, agreement: &str) -> Result<super::Configuration, String> {
        let text = FJORDBY.replace("template = \"self\"", agreement) + catalogue;
        let (before, rest) = text.split_once("fields = [").unwrap();
        let (_, after) = rest.split_once("]\n").unwrap();
        let fields = "fields = [\"person.name\", \"person.email\", \"unit.name\"]\n";
        let text = format!("{before}{fields}{after}");
        parse(&text).map_err(|it| it.to_string())
    }

    #[test]
    fn an_agreement_has_its_fields_from_the_interfaces_that_it_names() {
        let named = "interfaces = [\"staff\"]";
        let read = with(CATALOGUE, named).unwrap();
        assert_eq!(read.interfaces[0].notice_months, 3);
        let less = CATALOGUE.replace("fields = [\"person.email\"]", "");
        assert!(with(&less, "").is_ok(), "an agreement need not name any");
        let refused = with(&less, named).unwrap_err();
        assert!(
            refused.contains("person.email is told by none of its interfaces (staff)"),
            "{refused}"
        );
        let unknown = with(CATALOGUE, "interfaces = [\"stuff\"]").unwrap_err();
        assert!(unknown.contains("there is no interface \"stuff\" (there is: staff)"), "{unknown}");
        let elsewhere = CATALOGUE.replace("system = \"opus\"", "system = \"plan2learn\"");
        let refused = with(&elsewhere, named).unwrap_err();
        assert!(refused.contains("which none of its sources reads"), "{refused}");
    }

    #[test]
    fn a_catalogue_names_fields_of_the_hub_and_each_thing_once() {
        let wrong = CATALOGUE.replace("person.email", "person.shoe_size").replace("0105", "0002");
        let refused = with(&wrong, "").unwrap_err();
        for said in ["\"person.shoe_size\" is not a field", "category \"0002\" stands twice"] {
            assert!(refused.contains(said), "{said}: {refused}");
        }
    }
}
