//! How a state is kept: a compact JSON array of values, and the number of its *shape*, the list of
//! names the values belong to. Nobody else looks inside.
//!
//! A shape holds all fields of the kinds a state describes, whether the state has them or not, so
//! there are few. A value is written in the plainest way its field's type allows, absent ones as
//! `null`, erased ones as `{}`, any other as `{"text": …}` and the like. What the source says
//! beyond the known fields follows as one object.

mod read;

use crate::{StoreError, Tx, values};
use kobling_domain::id::TenantId;
use kobling_domain::people::{Field, FieldName, FieldType, Kind, State, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The last name of every shape, under which the rest stands.
const EXTRA: &str = "extra";

/// What is read of a state.
#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    /// All that it says.
    All,
    /// These fields, where whoever asks needs no others: most of the work is making values.
    Only(&'static [Field]),
}

impl Wanted {
    fn holds(self, field: Field) -> bool {
        match self {
            Self::All => true,
            Self::Only(fields) => fields.contains(&field),
        }
    }
}

/// The shapes of a tenant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shapes {
    /// Those that were asked for since they were read.
    asked: BTreeMap<Vec<Kind>, i64>,
    known: BTreeMap<String, i64>,
    fields: BTreeMap<i64, Vec<Field>>,
}

impl Shapes {
    /// All shapes of the tenant.
    pub(super) async fn of(tx: &mut Tx, tenant: TenantId) -> Result<Self, StoreError> {
        let sql = "SELECT shape_no, names FROM shape WHERE tenant_id = $1 ORDER BY shape_no";
        let rows: Vec<(i64, String)> =
            tx.query(sql, values![tenant], |row| Ok((row.get(0)?, row.get(1)?))).await?;
        let mut shapes = Self::default();
        for (shape_no, names) in rows {
            shapes.insert(shape_no, names)?;
        }
        Ok(shapes)
    }

    /// Shapes among which are those of these numbers: as they were read before, if they were all there.
    pub(super) async fn with(
        tx: &mut Tx,
        tenant: TenantId,
        wanted: &BTreeSet<i64>,
    ) -> Result<Arc<Self>, StoreError> {
        let has_all = |it: &Arc<Self>| wanted.iter().all(|no| it.fields.contains_key(no));
        if let Some(shapes) = tx.shapes(tenant).filter(has_all) {
            return Ok(shapes);
        }
        let shapes = Arc::new(Self::of(tx, tenant).await?);
        tx.keep_shapes(tenant, Arc::clone(&shapes));
        Ok(shapes)
    }

    fn fields_of(&self, shape_no: i64) -> Result<&[Field], StoreError> {
        self.fields.get(&shape_no).map(Vec::as_slice).ok_or(StoreError::Missing { what: "shape" })
    }

    fn insert(&mut self, shape_no: i64, names: String) -> Result<(), StoreError> {
        let corrupt = StoreError::Corrupt { column: 1, expected: "a list of field names" };
        let fields: Result<Vec<Field>, _> =
            names.split(' ').filter(|it| *it != EXTRA).map(str::parse).collect();
        self.fields.insert(shape_no, fields.map_err(|_| corrupt)?);
        self.known.insert(names, shape_no);
        Ok(())
    }

    /// The shape that fits `state`, written to the store if it is the first of its kind.
    pub(super) async fn interned(
        &mut self,
        tx: &mut Tx,
        tenant: TenantId,
        state: &State,
    ) -> Result<i64, StoreError> {
        let kinds = kinds_of(state);
        if let Some(shape_no) = self.asked.get(&kinds) {
            return Ok(*shape_no);
        }
        let names = names_of(&kinds);
        let shape_no = if let Some(shape_no) = self.known.get(&names) {
            *shape_no
        } else {
            let next = self.fields.last_key_value().map_or(1, |(last, _)| last + 1);
            let sql = "INSERT INTO shape (tenant_id, shape_no, names) VALUES ($1, $2, $3)";
            tx.execute(sql, values![tenant, next, names.as_str()]).await?;
            self.insert(next, names)?;
            next
        };
        self.asked.insert(kinds, shape_no);
        Ok(shape_no)
    }

    /// `state` as it is stored under `shape_no`.
    pub(super) fn encode(&self, shape_no: i64, state: &State) -> Result<String, StoreError> {
        let fields = self.fields_of(shape_no)?;
        let mut json = Vec::with_capacity(512);
        json.push(b'[');
        for field in fields {
            match state.get(*field) {
                Some(value) => append(&mut json, value, field.value_type())?,
                None => json.extend_from_slice(b"null"),
            }
            json.push(b',');
        }
        append_extra(&mut json, state)?;
        json.push(b']');
        String::from_utf8(json).map_err(|_| StoreError::Corrupt { column: 12, expected: "text" })
    }

    /// The state that is stored as `json` under `shape_no`.
    pub(super) fn decode(&self, shape_no: i64, json: &str) -> Result<State, StoreError> {
        self.decode_parts(shape_no, json, Wanted::All)
    }

    /// What is wanted of it.
    pub(super) fn decode_parts(
        &self,
        shape_no: i64,
        json: &str,
        wanted: Wanted,
    ) -> Result<State, StoreError> {
        let fields = self.fields_of(shape_no)?;
        read::state(fields, json, wanted).map_err(StoreError::Document)
    }
}

/// The kinds that `state` describes, in their order.
fn kinds_of(state: &State) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::with_capacity(Kind::ALL.len());
    for (name, _) in state.iter() {
        // Fields of one kind stand together.
        if let FieldName::Known(field) = name
            && kinds.last() != Some(&field.kind())
        {
            kinds.push(field.kind());
        }
    }
    kinds
}

/// The names of all fields of `kinds`.
fn names_of(kinds: &[Kind]) -> String {
    let described = Field::ALL.iter().filter(|it| kinds.contains(&it.kind()));
    let mut names: Vec<&str> = described.map(|it| it.name()).collect();
    names.push(EXTRA);
    names.join(" ")
}

fn append(json: &mut Vec<u8>, value: &Value, expected: FieldType) -> Result<(), StoreError> {
    let written = match (value, expected) {
        (Value::Text(it), FieldType::Text) => serde_json::to_writer(json, it),
        (Value::Int(it), FieldType::Int) => serde_json::to_writer(json, it),
        (Value::Flag(it), FieldType::Flag) => serde_json::to_writer(json, it),
        (Value::Date(it), FieldType::Date) => serde_json::to_writer(json, it),
        (Value::Functions(it), FieldType::Functions) => serde_json::to_writer(json, it),
        (Value::Erased, _) => {
            json.extend_from_slice(b"{}");
            Ok(())
        }
        (
            Value::Text(_) | Value::Int(_) | Value::Flag(_) | Value::Date(_) | Value::Functions(_),
            _,
        ) => serde_json::to_writer(json, value),
    };
    written.map_err(StoreError::Document)
}

fn append_extra(json: &mut Vec<u8>, state: &State) -> Result<(), StoreError> {
    json.push(b'{');
    let mut is_first = true;
    for (name, value) in state.iter() {
        if let FieldName::Extra(name) = name {
            if !is_first {
                json.push(b',');
            }
            is_first = false;
            serde_json::to_writer(&mut *json, name).map_err(StoreError::Document)?;
            json.push(b':');
            append(json, value, FieldType::Text)?;
        }
    }
    json.push(b'}');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_state_is_read_back_as_it_was_written() {
        let mut state = State::new();
        state.set(Field::PersonFirstName, Value::Text("Åse \"Q\"".to_owned()));
        state.set(Field::PersonAddress, Value::Erased);
        state.set(Field::EmploymentIsManager, Value::Flag(true));
        state.set(Field::EmploymentSuperiorLevel, Value::Int(2));
        state.set(Field::EmploymentInitialEntry, Value::Date(date(2020, 1, 1)));
        state.set(Field::EmploymentFunctions, Value::Functions(Vec::new()));
        state.set(Field::EmploymentJobTitle, Value::Int(7));
        state.set_named(FieldName::Extra("x".to_owned()), Value::Text("y".to_owned()));
        state.set_named(FieldName::Extra("z".to_owned()), Value::Erased);

        let mut shapes = Shapes::default();
        shapes.insert(1, names_of(&kinds_of(&state))).unwrap();
        let json = shapes.encode(1, &state).unwrap();
        assert_eq!(shapes.decode(1, &json).unwrap(), state);
    }

    #[test]
    fn states_that_describe_the_same_kinds_have_one_shape() {
        let with =
            |field| -> State { [(FieldName::Known(field), Value::Int(1))].into_iter().collect() };
        assert_eq!(kinds_of(&with(Field::UnitName)), kinds_of(&with(Field::UnitEan)));
        assert_ne!(kinds_of(&with(Field::UnitName)), kinds_of(&with(Field::PersonCity)));
    }
}
