//! What the hub knows of people and units, looked up: as it is, as it was, and as it was known.

mod book;
pub mod changes;
mod employer;
mod extract;
mod faults;
mod find;
pub mod group;
pub(crate) mod guard;
mod history;
mod kept;
mod leads;
mod led;
pub mod listed;
pub mod matches;
mod organisation;
mod reveal;
pub mod roster;
mod rules;
mod search;
mod show;
mod shown;
mod tree;
mod waiting;

pub use book::{Decided, Known, Provenance};
pub use extract::{Extract, ExtractError, Read, extract};
pub use faults::{Faults, faults};
pub use find::{PeopleError, find};
pub use history::{Believed, History, LinkedOnce, Replaced, history};
pub use kept::Kept;
pub use leads::leads;
pub use led::{Expiry, Led, Team, team};
pub use reveal::reveal;
pub use rules::rules;
pub use search::{Found, FoundEmployment, search};
pub use show::show;
pub use shown::{
    About, AbsenceOf, ActivityOf, EmploymentOf, Manager, Moment, PersonOf, PrimaryOf,
    QualificationOf, Shown, ShownSlice, ShownValue, Stated, UnitOf, When,
};
pub use tree::{UnitNode, Units, units};
pub use waiting::{OpenIssues, UnitIs, WaitsForUnit, open_issues};
