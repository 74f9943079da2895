//! Who may receive which fields of whom.

mod project;
mod text;

pub use project::{
    EmploymentFacts, EmploymentPicture, ManagerFacts, ManagerPicture, PersonFacts, PersonPicture,
    PositionPicture, Projected, Projection, Reach, Standing, UnitFacts, UnitPicture, Values,
};
pub use text::{AgreementError, AgreementText, Template};

use crate::id::Version;
use crate::people::{Field, NativeKey};
use crate::time::Validity;
use std::collections::BTreeSet;

/// What one target may have from one source: these fields, of these units' people, on these days.
///
/// Made only from an [`AgreementText`], which says what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    key: String,
    source: String,
    target: String,
    fields: BTreeSet<Field>,
    scope: BTreeSet<NativeKey>,
    except: BTreeSet<NativeKey>,
    validity: Validity,
    purpose: String,
    legal_basis: String,
    template: Template,
    version: Version,
}

impl Agreement {
    /// Its key in the configuration.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The key of the source it is about.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The key of the target that receives.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The fields the target may have, beside our own ids.
    pub fn fields(&self) -> &BTreeSet<Field> {
        &self.fields
    }

    /// The units whose people, and those of all units below them, it is about.
    pub fn scope(&self) -> &BTreeSet<NativeKey> {
        &self.scope
    }

    /// The units in its scope that are left out, with all units below them.
    pub fn except(&self) -> &BTreeSet<NativeKey> {
        &self.except
    }

    /// The days on which it holds.
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// What the target needs the data for.
    pub fn purpose(&self) -> &str {
        &self.purpose
    }

    /// By what law it may have them.
    pub fn legal_basis(&self) -> &str {
        &self.legal_basis
    }

    /// The version of the ledger since which it reads like this.
    pub fn version(&self) -> Version {
        self.version
    }
}
