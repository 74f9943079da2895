//! A stored state, read straight into what it is: this is done for every claim that anybody looks at.

use super::Wanted;
use jiff::civil::Date;
use kobling_domain::people::{Field, FieldName, FieldType, RoleFunction, State, Value};
use serde::de::value::SeqAccessDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use std::collections::BTreeMap;
use std::fmt;

/// What is wanted of the state that is written as `json` with the values of `fields` in their order, and the
/// rest after them.
pub(super) fn state(fields: &[Field], json: &str, wanted: Wanted) -> serde_json::Result<State> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let state = Row { fields, wanted }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(state)
}

/// The whole array.
struct Row<'a> {
    fields: &'a [Field],
    wanted: Wanted,
}

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
        let values_max = match self.wanted {
            Wanted::All => self.fields.len(),
            Wanted::Only(fields) => fields.len(),
        };
        let mut values = Vec::with_capacity(values_max);
        for field in self.fields {
            if !self.wanted.holds(*field) {
                row.next_element::<IgnoredAny>()?;
            } else if let Some(Some(value)) = row.next_element_seed(Cell(field.value_type()))? {
                values.push((FieldName::Known(*field), value));
            }
        }
        match self.wanted {
            Wanted::All => {
                let rest: Option<BTreeMap<String, Rest>> = row.next_element()?;
                let rest = rest.unwrap_or_default().into_iter();
                values.extend(rest.map(|(name, Rest(value))| (FieldName::Extra(name), value)));
            }
            Wanted::Only(_) => {
                row.next_element::<IgnoredAny>()?;
            }
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
        assert!(state(&fields, r#"["A",{}]"#, Wanted::All).is_ok());
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
            assert!(state(&fields, wrong, Wanted::All).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_value_of_another_type_keeps_its_own() {
        let json = r#"[{"int":7},{"x":{"flag":true}}]"#;
        let read = state(&[Field::EmploymentJobTitle], json, Wanted::All).unwrap();
        assert_eq!(read.get(Field::EmploymentJobTitle), Some(&Value::Int(7)));
        assert_eq!(read.extras().next().unwrap().1, &Value::Flag(true));
    }

    #[test]
    fn only_what_is_wanted_is_read_and_the_rest_must_be_there_as_it_should() {
        let fields = [Field::UnitName, Field::UnitNumber, Field::UnitEan];
        let only = Wanted::Only(&[Field::UnitNumber]);
        let read = state(&fields, r#"["A","7","9",{"x":"y"}]"#, only).unwrap();
        assert_eq!(read.iter().count(), 1);
        assert_eq!(read.text(Field::UnitNumber), Some("7"));
        for wrong in [r#"["A","7","9",{},1]"#, r#"["A","7","9""#, "{}"] {
            assert!(state(&fields, wrong, only).is_err(), "{wrong}");
        }
    }
}
