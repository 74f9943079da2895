use super::{Field, FieldName, Kind};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One value of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// Yes or no.
    Flag(bool),
    /// A civil date.
    Date(Date),
    /// Functions, in the source's order.
    Functions(Vec<RoleFunction>),
    /// It was here and was erased on request; nothing else is known of it.
    Erased,
}

impl Value {
    /// The text; none if it is erased or no text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Int(_) | Self::Flag(_) | Self::Date(_) | Self::Functions(_) | Self::Erased => {
                None
            }
        }
    }

    fn texts_mut(&mut self) -> Box<dyn Iterator<Item = &mut String> + '_> {
        match self {
            Self::Text(text) => Box::new(std::iter::once(text)),
            Self::Functions(all) => Box::new(all.iter_mut().flat_map(|it| {
                let RoleFunction { kind_name, coverage, role_name, .. } = it;
                [kind_name, coverage, role_name].into_iter().flatten()
            })),
            Self::Int(_) | Self::Flag(_) | Self::Date(_) | Self::Erased => {
                Box::new(std::iter::empty())
            }
        }
    }

    /// The number; none if it is erased or no number.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Text(_) | Self::Flag(_) | Self::Date(_) | Self::Functions(_) | Self::Erased => {
                None
            }
        }
    }
}

/// A function of trust or the like that an employment holds for some days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleFunction {
    /// First day.
    pub from: Date,
    /// First day after; none if open.
    pub until: Option<Date>,
    /// The source's number for the kind of function.
    pub kind: i64,
    /// The kind as text.
    pub kind_name: Option<String>,
    /// The units it covers, as the source writes them.
    pub coverage: Option<String>,
    /// Number of members it speaks for.
    pub members: Option<i64>,
    /// The source's number for the role.
    pub role: Option<i64>,
    /// The role as text.
    pub role_name: Option<String>,
}

/// What one record says of a subject: a value per field. An absent field says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// In order of names, each once. Readers mostly set fields in that order already. Shared by
    /// copies until one of them is changed: a comparison copies states many times and changes none.
    values: Arc<Vec<(FieldName, Value)>>,
}

impl State {
    /// A state that says nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `field`.
    pub fn set(&mut self, field: Field, value: Value) {
        self.set_named(FieldName::Known(field), value);
    }

    /// Sets what stands under `name`.
    pub fn set_named(&mut self, name: FieldName, value: Value) {
        let place = self.place(&name);
        let values = Arc::make_mut(&mut self.values);
        match place {
            Ok(at) => {
                if let Some(it) = values.get_mut(at) {
                    it.1 = value;
                }
            }
            Err(at) => values.insert(at, (name, value)),
        }
    }

    /// Takes `field` out.
    pub fn remove(&mut self, field: Field) {
        if let Ok(at) = self.place(&FieldName::Known(field)) {
            Arc::make_mut(&mut self.values).remove(at);
        }
    }

    /// The value of `field`.
    pub fn get(&self, field: Field) -> Option<&Value> {
        let at = self.place(&FieldName::Known(field)).ok()?;
        self.values.get(at).map(|(_, value)| value)
    }

    /// The text of `field`; none if it is absent, erased or no text.
    pub fn text(&self, field: Field) -> Option<&str> {
        self.get(field)?.as_text()
    }

    /// The number of `field`; none if it is absent, erased or no number.
    pub fn int(&self, field: Field) -> Option<i64> {
        self.get(field)?.as_int()
    }

    /// Whether `field` is present and says yes.
    pub fn is(&self, field: Field) -> bool {
        self.get(field) == Some(&Value::Flag(true))
    }

    /// All names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&FieldName, &Value)> {
        self.values.iter().map(|(name, value)| (name, value))
    }

    /// Every text with the name it stands under, in order; of functions all they are called.
    pub fn texts_mut(&mut self) -> impl Iterator<Item = (&FieldName, &mut String)> {
        Arc::make_mut(&mut self.values).iter_mut().flat_map(|(name, value)| {
            let name = &*name;
            value.texts_mut().map(move |text| (name, text))
        })
    }

    /// Names and values of the fields of `kind`, in order.
    pub fn fields_of(&self, kind: Kind) -> impl Iterator<Item = (&FieldName, &Value)> {
        let (first, last) = Field::of_kind(kind).into_inner();
        self.starting_at(&FieldName::Known(first))
            .take_while(move |(name, _)| **name <= FieldName::Known(last))
    }

    /// Names and values of what has no field, in order.
    pub fn extras(&self) -> impl Iterator<Item = (&FieldName, &Value)> {
        self.starting_at(&FieldName::Extra(String::new()))
    }

    /// The part of it that describes subjects of `kind`. Extras stay with the record's own kind.
    #[must_use]
    pub fn of_kind(&self, kind: Kind) -> Self {
        self.fields_of(kind).map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Where `name` stands, or would stand.
    fn place(&self, name: &FieldName) -> Result<usize, usize> {
        match self.values.last() {
            Some((last, _)) if last < name => Err(self.values.len()),
            _ => self.values.binary_search_by(|(it, _)| it.cmp(name)),
        }
    }

    fn starting_at(
        &self,
        name: &FieldName,
    ) -> impl Iterator<Item = (&FieldName, &Value)> + use<'_> {
        let (Ok(at) | Err(at)) = self.place(name);
        self.values.iter().skip(at).map(|(name, value)| (name, value))
    }
}

impl FromIterator<(FieldName, Value)> for State {
    fn from_iter<I: IntoIterator<Item = (FieldName, Value)>>(values: I) -> Self {
        let values: Vec<(FieldName, Value)> = values.into_iter().collect();
        if values.is_sorted_by(|(one, _), (next, _)| one < next) {
            return Self { values: Arc::new(values) };
        }
        let mut state = Self::new();
        for (name, value) in values {
            state.set_named(name, value);
        }
        state
    }
}

impl Serialize for State {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(name, value)| (name.to_string(), value)))
    }
}

impl<'de> Deserialize<'de> for State {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::<String, Value>::deserialize(deserializer)?
            .into_iter()
            .map(|(name, value)| Ok((name.parse().map_err(serde::de::Error::custom)?, value)))
            .collect()
    }
}
