use std::fmt;
use std::str::FromStr;

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident => $text:literal,)*) => {
        /// What somebody is to a tenant, on behalf of one party.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role { $($(#[$doc])* $name,)* }

        impl Role {
            /// All of them.
            pub const ALL: [Self; [$($text),*].len()] = [$(Self::$name),*];

            /// What it is called in commands, in the API and in the store.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

roles! {
    /// Answers for the employer's data and for who may see it.
    EmployerOwner => "employer_owner",
    /// Works with the employer's people.
    HrReader => "hr_reader",
    /// Leads units, and the people in them.
    Manager => "manager",
    /// Looks after a system of a supplier.
    SupplierTechnician => "supplier_technician",
    /// Works at an occupational health service.
    OccupationalService => "occupational_service",
    /// May ask for support on behalf of the employer.
    SupportEntitled => "support_entitled",
    /// Answers when something breaks, at any hour.
    DutyDesk => "duty_desk",
    /// Runs the hub.
    Operator => "operator",
    /// Examines what was done.
    Auditor => "auditor",
    /// Watches over personal data.
    DataProtectionOfficer => "data_protection_officer",
    /// Answers for sources and targets.
    SystemOwner => "system_owner",
    /// Keeps classifications.
    ClassificationAdministrator => "classification_administrator",
    /// Keeps sortiments.
    SortimentAdministrator => "sortiment_administrator",
    /// Hands out rollout tasks.
    RolloutIssuer => "rollout_issuer",
    /// Answers cases.
    SupportAgent => "support_agent",
    /// Orders from the catalogue.
    Orderer => "orderer",
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No role is called that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is not a role; there is: {}", Role::ALL.map(Role::name).join(", "))]
pub struct UnknownRole {
    /// The name as given.
    pub name: String,
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Self, UnknownRole> {
        let found = Self::ALL.into_iter().find(|it| it.name() == name);
        found.ok_or_else(|| UnknownRole { name: name.to_owned() })
    }
}
