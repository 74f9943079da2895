//! Who may receive which fields of whom.

mod package;
mod project;
mod quality;
mod receipt;
mod step;
mod text;

pub use package::Package;
pub use project::{
    Address, AgreedGroup, EmploymentFacts, EmploymentPicture, ManagerFacts, ManagerPicture,
    MemberPicture, PersonFacts, PersonPicture, PositionPicture, Projected, Projection, Reach,
    Standing, UnitFacts, UnitPicture, Values,
};
pub use quality::{Lack, Led, Quality, Staff, Usage};
pub use receipt::{
    Became, Call, InFlight, LastDelivered, Outcome, Receipt, ReceiptState, Role as CallRole,
};
pub use step::{Act, Step, StepError, StepPlan, StepStands, StepState, UnknownStep, Verdict};
pub use text::{AgreementError, AgreementText, Template};

use crate::id::Version;
use crate::people::{Field, Group, NativeKey, Tree};
use crate::time::Validity;
use std::collections::BTreeSet;

/// What one target may have from one source: these fields, of these units' people, on these days.
///
/// Made only from an [`AgreementText`], which says what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    key: String,
    source: String,
    sources: BTreeSet<String>,
    members: BTreeSet<String>,
    target: String,
    interfaces: BTreeSet<String>,
    fields: BTreeSet<Field>,
    scope: BTreeSet<NativeKey>,
    except: BTreeSet<NativeKey>,
    validity: Validity,
    purpose: String,
    legal_basis: String,
    template: Template,
    /// None if it does not say.
    packages: Option<BTreeSet<Package>>,
    version: Version,
}

impl Agreement {
    /// Its key in the configuration.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The key of the source of units and employments.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The keys of other sources, whose word on persons counts beside its own.
    pub fn sources(&self) -> &BTreeSet<String> {
        &self.sources
    }

    /// The keys of those sources whose persons it is about although no unit employs them.
    pub fn members(&self) -> &BTreeSet<String> {
        &self.members
    }

    /// The key of the target that receives.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The keys of the interfaces that its fields are from.
    pub fn interfaces(&self) -> &BTreeSet<String> {
        &self.interfaces
    }

    /// The fields the target may have, beside our own ids.
    pub fn fields(&self) -> &BTreeSet<Field> {
        &self.fields
    }

    /// Whether the target may have `package`.
    pub fn has(&self, package: Package) -> bool {
        match &self.packages {
            Some(it) => it.contains(&package),
            None => Package::UNSAID.contains(&package),
        }
    }

    /// Agrees that `what` goes to the target, which needs `package`.
    ///
    /// # Errors
    ///
    /// Refused, with that reason, if the target may not have the package.
    pub fn require(&self, package: Package, what: &str) -> Result<(), AgreementError> {
        if self.has(package) {
            return Ok(());
        }
        let (key, target) = (self.key.clone(), self.target.clone());
        Err(AgreementError::NoPackage { key, target, what: what.to_owned(), package })
    }

    /// Agrees that the target is told who is in `group`.
    ///
    /// # Errors
    ///
    /// Refused if the target may not have groups at all, or may not have a field that the group's
    /// rules look at.
    pub fn require_group(&self, group: &Group) -> Result<(), AgreementError> {
        self.require(Package::Groups, &format!("the group {}", group.key()))?;
        match group.fields().difference(&self.fields).next() {
            None => Ok(()),
            Some(field) => Err(AgreementError::GroupTells {
                key: self.key.clone(),
                group: group.key().to_owned(),
                field: *field,
            }),
        }
    }

    /// The units whose people, and those of all units below them, it is about.
    pub fn scope(&self) -> &BTreeSet<NativeKey> {
        &self.scope
    }

    /// The units in its scope that are left out, with all units below them.
    pub fn except(&self) -> &BTreeSet<NativeKey> {
        &self.except
    }

    /// The units of `tree` that it is about.
    pub fn covered(&self, tree: &Tree<NativeKey>) -> BTreeSet<NativeKey> {
        let left_out = tree.subtrees(&self.except);
        let mut covered = tree.subtrees(&self.scope);
        covered.retain(|it| !left_out.contains(it));
        covered
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
