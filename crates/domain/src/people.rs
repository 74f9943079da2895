//! What the hub knows of people: fields, states, subjects, views.

mod field;
mod national_number;
mod state;
mod subject;

pub use field::{Field, FieldName, FieldType, UnknownField};
pub use national_number::{NationalNumber, NotANationalNumber};
pub use state::{RoleFunction, State, Value};
pub use subject::{Kind, NativeKey, Track};
