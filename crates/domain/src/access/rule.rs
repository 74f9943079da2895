use super::{Operation, Role};
use Role as R;
use Span::{Employer, Led, Own, Party};
use std::collections::BTreeSet;

/// How far a role reaches in an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Span {
    /// All that is the employer's.
    Employer,
    /// What concerns the systems of the party that the role was given for.
    Party,
    /// The units that they lead, and all below these.
    Led,
    /// Themselves.
    Own,
}

/// A role that a user has on behalf of a party.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The party's key.
    pub party: String,
    /// The role.
    pub role: Role,
}

/// How far somebody reaches by one of their roles.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// All that is the employer's.
    Employer,
    /// What concerns the systems of the party of that key.
    Party(String),
    /// The units that they lead, and all below these.
    Led,
    /// Themselves.
    Own,
}

/// How far somebody reaches in one operation: never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access(BTreeSet<Reach>);

impl Access {
    /// Whether it is all that is the employer's.
    pub fn is_whole(&self) -> bool {
        self.0.contains(&Reach::Employer)
    }

    /// Whether the people they lead are within it.
    pub fn has_led(&self) -> bool {
        self.0.contains(&Reach::Led)
    }

    /// Whether they themselves are within it.
    pub fn has_own(&self) -> bool {
        self.0.contains(&Reach::Own)
    }

    /// The parties whose systems it is about, by key.
    pub fn parties(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|it| match it {
            Reach::Party(key) => Some(key.as_str()),
            Reach::Employer | Reach::Led | Reach::Own => None,
        })
    }

    /// Whether what concerns the systems of that party is within it.
    pub fn has_party(&self, party: &str) -> bool {
        self.is_whole() || self.0.iter().any(|it| matches!(it, Reach::Party(key) if key == party))
    }
}

/// How far `grants` reach in `operation`; none if they do not allow it.
pub fn access(grants: &[Grant], operation: Operation) -> Option<Access> {
    let reach = |it: &Grant| {
        Some(match may(it.role, operation)? {
            Employer => Reach::Employer,
            Party => Reach::Party(it.party.clone()),
            Led => Reach::Led,
            Own => Reach::Own,
        })
    };
    let all: BTreeSet<Reach> = grants.iter().filter_map(reach).collect();
    if all.is_empty() { None } else { Some(Access(all)) }
}

/// How far `role` reaches in `operation`; none if it does not allow it. docs/access.md shows the
/// whole table as a running server was seen to obey it.
pub fn may(role: Role, operation: Operation) -> Option<Span> {
    rule(operation).iter().find(|(roles, _)| roles.contains(&role)).map(|(_, span)| *span)
}

/// Those who look after the running of things, without the people in them.
const KEEPERS: &[Role] = &[
    R::EmployerOwner,
    R::HrReader,
    R::DutyDesk,
    R::Operator,
    R::Auditor,
    R::DataProtectionOfficer,
    R::SystemOwner,
    R::SupportAgent,
];
/// Those of other organisations, who see what concerns their own systems.
const OUTSIDERS: &[Role] = &[R::SupplierTechnician, R::OccupationalService];
/// Everybody but outsiders.
const INSIDERS: &[Role] = &[
    R::EmployerOwner,
    R::HrReader,
    R::Manager,
    R::SupportEntitled,
    R::DutyDesk,
    R::Operator,
    R::Auditor,
    R::DataProtectionOfficer,
    R::SystemOwner,
    R::ClassificationAdministrator,
    R::SortimentAdministrator,
    R::RolloutIssuer,
    R::SupportAgent,
    R::Orderer,
];
/// Those who decide for the employer what may flow.
const DECIDERS: &[Role] = &[R::EmployerOwner, R::SystemOwner];
/// Those who must be able to know whom it is about.
const NAMERS: &[Role] =
    &[R::EmployerOwner, R::HrReader, R::SystemOwner, R::Auditor, R::DataProtectionOfficer];

/// For one operation, who reaches how far. Who is not named may not.
fn rule(operation: Operation) -> &'static [(&'static [Role], Span)] {
    use Operation as O;
    match operation {
        O::OwnSession | O::ReadOwnExtract => &[(&R::ALL, Own)],
        O::ReadOverview | O::ReadParties => &[(INSIDERS, Employer), (OUTSIDERS, Party)],
        O::ReadAgreements => {
            &[(KEEPERS, Employer), (&[R::SupportEntitled], Employer), (OUTSIDERS, Party)]
        }
        O::ReadSources | O::ReadRuns | O::ReadTargets | O::ReadDeliveries => {
            &[(KEEPERS, Employer), (OUTSIDERS, Party)]
        }
        O::ReadPlans | O::ReadGroups => &[(NAMERS, Employer)],
        O::DecidePlan | O::DecideDelivery | O::EditGroups => &[(DECIDERS, Employer)],
        O::ReadUnits => {
            &[(NAMERS, Employer), (&[R::Manager, R::SupportEntitled, R::Orderer], Employer)]
        }
        O::ReadPersons => &[
            (&[R::EmployerOwner, R::HrReader, R::DataProtectionOfficer], Employer),
            (&[R::Manager], Led),
        ],
        O::RevealNumber => &[(&[R::EmployerOwner, R::HrReader], Employer)],
        O::ReadOwnPeople => &[(&[R::Manager], Led)],
        O::ReadAudit => &[(&[R::EmployerOwner, R::Auditor, R::DataProtectionOfficer], Employer)],
        O::ReadExtract => &[(&[R::EmployerOwner, R::DataProtectionOfficer], Employer)],
        O::ReadUsers => {
            &[(&[R::EmployerOwner, R::Operator, R::Auditor, R::DataProtectionOfficer], Employer)]
        }
        O::ManageUsers => &[(&[R::EmployerOwner], Employer)],
        O::RunSource => {
            &[(DECIDERS, Employer), (&[R::Operator], Employer), (&[R::SupplierTechnician], Party)]
        }
        O::PushRecords => &[(DECIDERS, Employer), (&[R::SupplierTechnician], Party)],
        // Each speaks for the party that the role was given for, the employer's own people too.
        O::ReleaseAgreement => &[(DECIDERS, Party), (OUTSIDERS, Party)],
        O::CloseAgreement => &[(DECIDERS, Employer), (OUTSIDERS, Party)],
        // The customer's responsible, and who answers for the hub at night.
        O::CloseInEmergency | O::ReopenAgreement => {
            &[(&[R::EmployerOwner, R::DutyDesk, R::Operator], Employer)]
        }
        O::ReadSettings => &[(
            &[R::EmployerOwner, R::Operator, R::Auditor, R::DataProtectionOfficer, R::SystemOwner],
            Employer,
        )],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules once more, told the other way round: for each role, what it may. `e` the
    /// employer's, `p` their party's, `l` whom they lead, `o` themselves; operations in order.
    const TOLD: [(Role, &str); 16] = [
        (R::EmployerOwner, "ooeeeeeeeeee-eeeeeeeeeeeepeee"),
        (R::HrReader, "ooeeeeee-eee-e-ee------------"),
        (R::Manager, "ooee-----el-l----------------"),
        (R::SupplierTechnician, "ooppppp--------pp------pppp--"),
        (R::OccupationalService, "ooppppp--------pp--------pp--"),
        (R::SupportEntitled, "ooeee----e-------------------"),
        (R::DutyDesk, "ooeeeee--------ee----------ee"),
        (R::Operator, "ooeeeee--------ee---e-ee---ee"),
        (R::Auditor, "ooeeeeee-e---e-ee-e-e-e------"),
        (R::DataProtectionOfficer, "ooeeeeee-ee--e-ee-eee-e------"),
        (R::SystemOwner, "ooeeeeeeee---eeeee----eeepe--"),
        (R::ClassificationAdministrator, "ooee-------------------------"),
        (R::SortimentAdministrator, "ooee-------------------------"),
        (R::RolloutIssuer, "ooee-------------------------"),
        (R::SupportAgent, "ooeeeee--------ee------------"),
        (R::Orderer, "ooee-----e-------------------"),
    ];

    fn letters(role: Role) -> String {
        let letter = |it: Operation| match may(role, it) {
            Some(Employer) => 'e',
            Some(Party) => 'p',
            Some(Led) => 'l',
            Some(Own) => 'o',
            None => '-',
        };
        Operation::ALL.into_iter().map(letter).collect()
    }

    #[test]
    fn every_role_may_exactly_what_is_told_of_it() {
        assert_eq!(TOLD.map(|(role, _)| role), Role::ALL);
        for (role, told) in TOLD {
            assert_eq!(letters(role), told, "{role}");
        }
    }

    #[test]
    fn no_operation_is_without_a_role_and_no_role_is_named_twice_for_one() {
        for operation in Operation::ALL {
            let named: Vec<Role> =
                rule(operation).iter().flat_map(|(roles, _)| roles.iter().copied()).collect();
            let once: BTreeSet<Role> = named.iter().copied().collect();
            assert!(!named.is_empty() && once.len() == named.len(), "{operation}");
        }
    }

    #[test]
    fn a_role_reaches_for_its_party_only_and_roles_add_up() {
        let grant = |party: &str, role| Grant { party: party.to_owned(), role };
        let grants = [grant("learning", R::SupplierTechnician), grant("fjordby", R::Manager)];
        let sources = access(&grants, Operation::ReadSources).unwrap();
        assert!(sources.has_party("learning") && !sources.has_party("payroll"));
        assert!(!sources.is_whole());
        let persons = access(&grants, Operation::ReadPersons).unwrap();
        assert!(persons.has_led() && !persons.is_whole());
        assert_eq!(access(&grants, Operation::ReadAudit), None);
        assert_eq!(access(&[], Operation::OwnSession), None);
    }

    #[test]
    fn names_are_read_back() {
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
        }
        assert!(
            "boss".parse::<Role>().unwrap_err().to_string().contains("there is: employer_owner")
        );
    }
}
