use std::fmt;

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident => $text:literal,)*) => {
        /// What somebody may ask of the hub. Every page and every route of the API names one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Operation { $($(#[$doc])* $name,)* }

        impl Operation {
            /// All of them.
            pub const ALL: [Self; [$($text),*].len()] = [$(Self::$name),*];

            /// What it is called in the audit and in docs/access.md.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

operations! {
    /// Their own session: who they are here, their language, signing out.
    OwnSession => "own_session",
    /// What the hub knows of themselves, and who was given it.
    ReadOwnExtract => "read_own_extract",
    /// How sources, targets and agreements are doing.
    ReadOverview => "read_overview",
    /// Parties and their systems.
    ReadParties => "read_parties",
    /// Who may receive what.
    ReadAgreements => "read_agreements",
    /// Sources, and how they are read.
    ReadSources => "read_sources",
    /// Runs and plans in numbers, with what brakes said.
    ReadRuns => "read_runs",
    /// Plans and records set aside, by name.
    ReadPlans => "read_plans",
    /// Releasing and rejecting plans.
    DecidePlan => "decide_plan",
    /// Units and the tree they form.
    ReadUnits => "read_units",
    /// Persons and employments.
    ReadPersons => "read_persons",
    /// Seeing a national number in full, for a purpose.
    RevealNumber => "reveal_number",
    /// The people whom they lead.
    ReadOwnPeople => "read_own_people",
    /// Target groups, and how many each holds.
    ReadGroups => "read_groups",
    /// Changing target groups.
    EditGroups => "edit_groups",
    /// Targets, and how they are delivered to.
    ReadTargets => "read_targets",
    /// What was delivered, what was answered, what drifted: in numbers and by our own ids.
    ReadDeliveries => "read_deliveries",
    /// Releasing held deliveries, sending dead letters again or giving them up.
    DecideDelivery => "decide_delivery",
    /// Who did what.
    ReadAudit => "read_audit",
    /// What the hub knows of somebody, and who was given it.
    ReadExtract => "read_extract",
    /// Users and their roles.
    ReadUsers => "read_users",
    /// Admitting users, and changing what they may.
    ManageUsers => "manage_users",
    /// What is configured.
    ReadSettings => "read_settings",
    /// Having a source read now.
    RunSource => "run_source",
    /// Sending the records of a source, and their receipts.
    PushRecords => "push_records",
    /// Releasing or rejecting a draft of an agreement for their party.
    ReleaseAgreement => "release_agreement",
    /// Ending an agreement.
    CloseAgreement => "close_agreement",
    /// Stopping at once all that leaves by an agreement.
    CloseInEmergency => "close_in_emergency",
    /// Being one of the two who open again what was closed in emergency.
    ReopenAgreement => "reopen_agreement",
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
