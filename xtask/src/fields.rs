//! docs/fields.md, written from the field list in the domain.

use crate::failure::Failure;
use crate::repository;
use kobling_domain::people::{Field, FieldType};
use std::path::PathBuf;

const INTRODUCTION: &str = "\
# Fields

The closed list of what Kobling knows of a unit, a person, an employment or a position. Mappings,
agreements, projections and the API use these names and no others. Elements of a source that have no
field here are kept and shown under `extra.*` and never leave the hub.

This page is written by `cargo xtask fields` from `crates/domain/src/people/field.rs`; the order is
the order of values in a state.

| field | type | what it holds |
|---|---|---|
";

/// Writes the page.
pub(crate) fn write() -> Result<(), Failure> {
    repository::write(&path(), &page())
}

/// Refuses if the page is not the one that [`write()`] would write.
pub(crate) fn check() -> Result<(), Failure> {
    if repository::read(&path())? == page() {
        Ok(())
    } else {
        Err(Failure::Stale { path: path(), remedy: "cargo xtask fields" })
    }
}

fn path() -> PathBuf {
    repository::root().join("docs/fields.md")
}

fn page() -> String {
    let rows = Field::ALL.iter().map(|field| {
        let (name, kind) = (field.name(), type_name(field.value_type()));
        format!("| `{name}` | {kind} | {} |\n", field.description())
    });
    INTRODUCTION.to_owned() + &rows.collect::<String>()
}

fn type_name(of: FieldType) -> &'static str {
    match of {
        FieldType::Text => "text",
        FieldType::Int => "whole number",
        FieldType::Flag => "yes or no",
        FieldType::Date => "date",
        FieldType::Functions => "list of functions",
    }
}
