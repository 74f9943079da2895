//! A stored state, read straight into what it is: this is done for every claim that anybody looks at.

use jiff::civil::Date;
use kobling_domain::people::{Field, FieldName, FieldType, RoleFunction, State, Value};
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

/// The state that is written as `json` with the values of `fields` in their order, and the rest after them.
pub(super) fn state(fields: &[Field], json: &str) -> serde_json::Result<State> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let state = Row(fields).deserialize(&mut reader)?;
    reader.end()?;
    Ok(state)
}

/// The whole array.
struct Row<'a>(&'a [Field]);

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = State;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<State, D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = State;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the values of a shape, in its order")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut row: A) -> Result<State, A::Error> {
        let mut values = Vec::with_capacity(self.0.len());
        for field in self.0 {
            if let Some(Some(value)) = row.next_element_seed(Cell(field.value_type()))? {
                values.push((FieldName::Known(*field), value));
            }
        }
        let rest: Option<BTreeMap<String, Rest>> = row.next_element()?;
        for (name, Rest(value)) in rest.unwrap_or_default() {
            values.push((FieldName::Extra(name), value));
        }
        Ok(values.into_iter().collect())
    }
}

/// A value that has no field.
struct Rest(Value);

impl<'de> Deserialize<'de> for Rest {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let value = Cell(FieldType::Text).deserialize(reader)?;
        value.map(Self).ok_or_else(|| D::Error::custom("a name without a value"))
    }
}

/// The place of a field of that type; none if nothing stands there.
struct Cell(FieldType);

impl Cell {
    /// A value of one type where another one belongs says which it is.
    fn plain<E: Error>(self, found: FieldType, value: Value) -> Result<Option<Value>, E> {
        if self.0 == found { Ok(Some(value)) } else { Err(E::custom("a value of another type")) }
    }
}

impl<'de> DeserializeSeed<'de> for Cell {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Option<Value>, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Cell {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, or null")
    }

    fn visit_unit<E: Error>(self) -> Result<Option<Value>, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, it: bool) -> Result<Option<Value>, E> {
        self.plain(FieldType::Flag, Value::Flag(it))
    }

    fn visit_i64<E: Error>(self, it: i64) -> Result<Option<Value>, E> {
        self.plain(FieldType::Int, Value::Int(it))
    }

    fn visit_u64<E: Error>(self, it: u64) -> Result<Option<Value>, E> {
        let it = i64::try_from(it).map_err(E::custom)?;
        self.plain(FieldType::Int, Value::Int(it))
    }

    fn visit_str<E: Error>(self, it: &str) -> Result<Option<Value>, E> {
        if self.0 == FieldType::Date {
            let date: Date = it.parse().map_err(E::custom)?;
            return Ok(Some(Value::Date(date)));
        }
        self.plain(FieldType::Text, Value::Text(it.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, all: A) -> Result<Option<Value>, A::Error> {
        let all: Vec<RoleFunction> = Vec::deserialize(SeqAccessDeserializer::new(all))?;
        self.plain(FieldType::Functions, Value::Functions(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut named: A) -> Result<Option<Value>, A::Error> {
        let Some(name) = named.next_key::<String>()? else { return Ok(Some(Value::Erased)) };
        let value = match name.as_str() {
            "text" => Value::Text(named.next_value()?),
            "int" => Value::Int(named.next_value()?),
            "flag" => Value::Flag(named.next_value()?),
            "date" => Value::Date(named.next_value()?),
            "functions" => Value::Functions(named.next_value()?),
            _ => return Err(A::Error::unknown_variant(&name, &TYPES)),
        };
        Ok(Some(value))
    }
}

/// How a value is named where another type is expected.
const TYPES: [&str; 5] = ["text", "int", "flag", "date", "functions"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_state_of_the_shape_is_refused() {
        let fields = [Field::UnitName];
        assert!(state(&fields, r#"["A",{}]"#).is_ok());
        for wrong in [
            r#"["A",{}"#,
            r#"["A",{}]["B",{}]"#,
            "[true,{}]",
            "[1,{}]",
            "[[],{}]",
            r#"[{"date":"2026-02-30"},{}]"#,
            r#"[{"colour":1},{}]"#,
            r#"["A",{"x":null}]"#,
            r#"["A",{},"B"]"#,
            "{}",
        ] {
            assert!(state(&fields, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_value_of_another_type_keeps_its_own() {
        let read = state(&[Field::EmploymentJobTitle], r#"[{"int":7},{"x":{"flag":true}}]"#);
        let read = read.unwrap();
        assert_eq!(read.get(Field::EmploymentJobTitle), Some(&Value::Int(7)));
        assert_eq!(read.extras().next().unwrap().1, &Value::Flag(true));
    }
}
