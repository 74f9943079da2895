//! What the hub knows of people: fields, states, subjects, views.

mod ean;
mod field;
mod group;
mod links;
mod manager;
mod national_number;
mod primary;
mod state;
mod subject;
mod tree;
mod view;

pub use ean::{NO_EAN, inherited_ean};
pub use field::{Field, FieldName, FieldType, UnknownField};
pub use group::{Group, GroupError, GroupOn, GroupText, RuleText};
pub use links::Links;
pub use manager::{Chart, Found, Report, Role};
pub use national_number::{NationalNumber, NotANationalNumber};
pub use primary::{Candidate, Criterion, Primary, Ranking, Reason};
pub use state::{RoleFunction, State, Value};
pub use subject::{Kind, NativeKey, Track};
pub use tree::{DEPTH_MAX, Fault, Tree, UnitDays, orphaned_ends};
pub use view::{
    Claim, Claims, Picture, Rules, Told, View, person_view, person_view_at, view, view_at,
    view_near,
};
