//! What the parties of one tenant configure, as text (TOML). docs/configuration.md describes it.

mod check;
mod drift;
mod extent;
mod http;
mod interface;
mod notify;
mod place;
pub(crate) mod push;
mod side;
mod terms;
mod timetable;
mod webhook;

pub use drift::{DriftPolicy, DriftText, OWN_FIELDS};
pub use extent::{Extent, ExtentError, extent};
pub use http::{HttpText, Method};
pub use interface::{DataCategory, InterfaceOperation, InterfaceText, Offer};
pub use notify::Language;
pub use place::{FtpsText, SftpText};
pub use push::PushText;
pub(crate) use terms::Terms;
pub use timetable::TimetableText;
pub use webhook::{About, EventKind, WebhookText};

use crate::connectors::Place;
use jiff::civil::Date;
use kobling_domain::agreement::AgreementText;
use kobling_domain::exchange::brake::{Allowed, Limits};
use kobling_domain::exchange::lane::{ActionLimits, Patience};
use kobling_domain::people::{Field, GroupText, Ranking};
use kobling_formats::delimited::LayoutText;
use kobling_formats::opus::{LeaveDate, Mode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Everything configured in one tenant. Keys are unique within each list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// The employer.
    pub tenant: TenantText,
    /// Organisations.
    #[serde(default, rename = "party", skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<PartyText>,
    /// Running systems.
    #[serde(default, rename = "system", skip_serializing_if = "Vec::is_empty")]
    pub systems: Vec<SystemText>,
    /// What systems offer.
    #[serde(default, rename = "interface", skip_serializing_if = "Vec::is_empty")]
    pub interfaces: Vec<InterfaceText>,
    /// Connections the hub reads from.
    #[serde(default, rename = "source", skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceText>,
    /// Connections the hub delivers to.
    #[serde(default, rename = "target", skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<TargetText>,
    /// Which source speaks for which field.
    #[serde(default, rename = "authority", skip_serializing_if = "Vec::is_empty")]
    pub authorities: Vec<AuthorityText>,
    /// Named rules that tell who belongs together.
    #[serde(default, rename = "group", skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupText>,
    /// Who may receive what.
    #[serde(default, rename = "agreement", skip_serializing_if = "Vec::is_empty")]
    pub agreements: Vec<AgreementText>,
    /// Who is told what happens.
    #[serde(default, rename = "webhook", skip_serializing_if = "Vec::is_empty")]
    pub webhooks: Vec<WebhookText>,
}

impl Configuration {
    /// Nothing but the employer.
    pub(crate) fn of(tenant: TenantText) -> Self {
        Self {
            tenant,
            parties: Vec::new(),
            systems: Vec::new(),
            interfaces: Vec::new(),
            sources: Vec::new(),
            targets: Vec::new(),
            authorities: Vec::new(),
            groups: Vec::new(),
            agreements: Vec::new(),
            webhooks: Vec::new(),
        }
    }
}

/// The employer whose data this is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantText {
    /// Short name, unique in the store.
    pub key: String,
    /// Full name.
    pub name: String,
    /// IANA name of the employer's time zone.
    #[serde(default = "copenhagen")]
    pub time_zone: String,
    /// Which of a person's employments is the primary one.
    #[serde(default, skip_serializing_if = "is_default")]
    pub primary_employment: Ranking,
}

fn copenhagen() -> String {
    "Europe/Copenhagen".to_owned()
}

/// What a party is in the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartyKind {
    /// Municipality, region, company.
    Employer,
    /// Operates a system for employers.
    Supplier,
    /// Occupational health service.
    OccupationalHealth,
    /// Runs the hub.
    Operator,
}

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Party")]
#[serde(deny_unknown_fields)]
pub struct PartyText {
    /// Short name.
    pub key: String,
    /// Full name.
    pub name: String,
    /// What it is.
    pub kind: PartyKind,
    /// Addresses that notices for it go to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mail: Vec<String>,
    /// Whom to call there, at any hour, when an agreement is closed in emergency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// In which language it is written to.
    #[serde(default, skip_serializing_if = "is_default")]
    pub language: Language,
}

/// One running system, operated by a party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "System")]
#[serde(deny_unknown_fields)]
pub struct SystemText {
    /// Short name.
    pub key: String,
    /// Full name.
    pub name: String,
    /// Its id among all systems.
    pub uuid: Uuid,
    /// The party that operates it.
    pub party: String,
}

/// How a source's files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceFormat {
    /// The nightly extract of KMD Opus Personale.
    Opus,
    /// A table of any system, whose columns are named under `delimited`.
    Delimited,
    /// None: the source sends its records itself, one by one, as `push` says.
    Push,
}

/// From which day a record's values count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effective {
    /// From the file's date.
    #[default]
    File,
    /// From the record's own date of change, where it has one.
    LastChanged,
    /// From the first day of the employment.
    Entry,
}

/// A connection the hub reads from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceText {
    /// Short name, as in `kobling run KEY`.
    pub key: String,
    /// The system it reads.
    pub system: String,
    /// How its files are written.
    pub format: SourceFormat,
    /// The only client (municipality) whose files it takes; an extract of Opus tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Where its files arrive; relative to the working directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Where they arrive, if on an SFTP server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sftp: Option<SftpText>,
    /// Whether a file speaks about what it does not mention.
    #[serde(default)]
    pub mode: Mode,
    /// From which day values count.
    #[serde(default)]
    pub effective: Effective,
    /// What a leave date means.
    #[serde(default)]
    pub leave_date: LeaveDate,
    /// What vanishes within so many days after it was first seen is annulled, not ended.
    #[serde(default = "annul_within_days")]
    pub annul_within_days: i64,
    /// Limits that hold a plan.
    #[serde(default)]
    pub brakes: Limits,
    /// How a table is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimited: Option<LayoutText>,
    /// What it may send, if it sends its records itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<PushText>,
    /// When it is read by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timetable: Option<TimetableText>,
    /// The party that sees to its plans; without, the employer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

impl SourceText {
    /// Where its files arrive; none if they are only given by hand.
    pub fn place(&self) -> Option<Place> {
        place::place(self.folder.as_ref(), self.sftp.as_ref(), None)
    }
}

fn annul_within_days() -> i64 {
    35
}

/// What a target's files look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TargetFormat {
    /// The five files of plan2learn.
    Plan2learn,
    /// A message for each subject that changes.
    Messages,
}

/// A variant of a target's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// One manager per unit, start date of future employments only.
    Viborg,
    /// All managers with the id of their role, the earliest start of every employment.
    Rsd,
    /// Addresses and location numbers too; managers and target groups where they are agreed on.
    Stamdata,
}

/// In which bytes a target wants its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TextEncoding {
    /// UTF-8.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-8 with a byte order mark.
    #[serde(rename = "utf-8-bom")]
    Utf8Marked,
    /// windows-1252; a letter that it lacks refuses the delivery.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

/// How employments that have not begun are marked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FutureEmployments {
    /// As active, as the receiver asked for.
    #[default]
    Active,
    /// As not active yet.
    Inactive,
}

/// What becomes of employments that have ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndedEmployments {
    /// They are left out; the receiver inactivates whom it does not find.
    #[default]
    Absent,
    /// They stay, marked inactive.
    Marked,
}

/// A connection the hub delivers to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetText {
    /// Short name, as in `kobling deliver KEY`.
    pub key: String,
    /// The system it delivers to.
    pub system: String,
    /// What its files look like.
    pub format: TargetFormat,
    /// The variant of the files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// Where the files are put; relative to the working directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Where they are put, if on an SFTP server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sftp: Option<SftpText>,
    /// Where they are put, if on an FTPS server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ftps: Option<FtpsText>,
    /// In which bytes it wants its text.
    #[serde(default)]
    pub encoding: TextEncoding,
    /// Keys of the target groups it is told of; none named means all, if groups are agreed on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Where messages are sent, if not to a folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<HttpText>,
    /// How employments that have not begun are marked.
    #[serde(default)]
    pub future: FutureEmployments,
    /// What becomes of employments that have ended.
    #[serde(default)]
    pub ended: EndedEmployments,
    /// More people than this made inactive at once are held.
    #[serde(default = "inactivated")]
    pub inactivated: Allowed,
    /// Whether it holds data that somebody typed there, which is taken over first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub holds_data: HoldsData,
    /// What becomes of what somebody changed there.
    #[serde(default, skip_serializing_if = "is_default")]
    pub drift: DriftText,
    /// How much of each action may be sent before a person has looked at it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub brakes: ActionLimits,
    /// How often and how long a message is sent again.
    #[serde(default, skip_serializing_if = "is_default")]
    pub patience: Patience,
    /// Who sees to dead letters; without, the party that operates the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What makes a set be delivered; messages always follow the ledger.
    #[serde(default, skip_serializing_if = "is_default")]
    pub delivery: Delivery,
}

/// What makes a set of files be delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Somebody says so.
    #[default]
    ByHand,
    /// The ledger has changed, or a day has begun.
    WhenChanged,
}

/// Whether a target held data before its first delivery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoldsData {
    /// It holds nothing, or what it holds may be written over.
    #[default]
    No,
    /// It does: nothing is delivered before its list was matched and released.
    Yes,
}

fn is_default<T: Default + PartialEq>(it: &T) -> bool {
    *it == T::default()
}

impl TargetText {
    /// Whether it follows the ledger by itself.
    pub fn follows(&self) -> bool {
        match (self.format, self.delivery) {
            (TargetFormat::Messages, _) | (TargetFormat::Plan2learn, Delivery::WhenChanged) => true,
            (TargetFormat::Plan2learn, Delivery::ByHand) => false,
        }
    }

    /// Where its files are put; none in a text that was not checked.
    pub fn place(&self) -> Option<Place> {
        place::place(self.folder.as_ref(), self.sftp.as_ref(), self.ftps.as_ref())
    }
}

fn inactivated() -> Allowed {
    Limits::default().inactivated
}

/// For one field, the sources that may speak, the strongest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorityText {
    /// The field.
    pub field: Field,
    /// Keys of sources, the strongest first.
    pub sources: Vec<String>,
    /// First day this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// First day it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

/// Why a configuration is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// The text is no TOML, or has an unknown or missing key.
    #[error("its text is not understood")]
    Text {
        /// Line, column and what is wrong.
        source: toml::de::Error,
    },
    /// Its parts do not fit together.
    #[error("the configuration does not hold together:{}", bullets(.problems))]
    Inconsistent {
        /// Each with the key it is about and what to do.
        problems: Vec<String>,
    },
}

fn bullets(problems: &[String]) -> String {
    problems.iter().fold(String::new(), |all, it| all + "\n  - " + it)
}

/// Reads and checks a configuration.
pub fn parse(text: &str) -> Result<Configuration, ConfigurationError> {
    let configuration: Configuration =
        toml::from_str(text).map_err(|source| ConfigurationError::Text { source })?;
    let problems = problems(&configuration);
    if problems.is_empty() {
        Ok(configuration)
    } else {
        Err(ConfigurationError::Inconsistent { problems })
    }
}

/// Why the parts of a configuration do not hold together: each with where it is and what to do.
pub(crate) fn problems(configuration: &Configuration) -> Vec<String> {
    check::check(configuration)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error;

    const FJORDBY: &str = include_str!("../../tests/data/fjordby.toml");

    fn refusal(text: &str) -> String {
        let refused = parse(text).expect_err("it is not in order");
        refused.source().map_or_else(|| refused.to_string(), ToString::to_string)
    }

    #[test]
    fn a_whole_configuration_is_read_and_written_back_the_same() {
        let read = parse(FJORDBY).unwrap();
        let written = toml::to_string_pretty(&read).unwrap();
        assert_eq!(parse(&written).unwrap(), read);
    }

    #[test]
    fn an_unknown_key_is_refused_by_line_and_name() {
        let text = FJORDBY.replace("client = \"999\"", "client = \"999\"\nklient = \"999\"");
        let said = refusal(&text);
        assert!(said.contains("line") && said.contains("klient"), "{said}");
    }

    #[test]
    fn limits_of_units_are_read_and_written_and_a_brake_on_whole_files_is_refused_there() {
        let below = "\n[source.brakes.below.20010]\nemployments_gone = { count = 2, per_mille = 0 }\n\
                     off = [\"unit_moved\"]\n";
        let at = FJORDBY.find("[[target]]").unwrap();
        let (before, after) = FJORDBY.split_at(at);
        let text = format!("{before}{below}{after}");
        let read = parse(&text).unwrap();
        assert_eq!(read.sources[0].brakes.below.len(), 1);
        let written = toml::to_string_pretty(&read).unwrap();
        assert_eq!(parse(&written).unwrap(), read);
        let said = refusal(&text.replace("unit_moved", "fewer_records"));
        assert!(said.contains("below.20010.off: fewer_records is not judged by unit"), "{said}");
    }

    #[test]
    fn what_holds_deliveries_is_refused_at_a_source() {
        for (wrong, said_of) in [
            ("inactivated = { count = 1, per_mille = 0 }", "brakes.inactivated holds nothing here"),
            ("off = [\"mass_inactivation\"]", "mass_inactivation holds no plan"),
        ] {
            let brakes = format!("\n[source.brakes]\n{wrong}\n[[target]]");
            let said = refusal(&FJORDBY.replacen("[[target]]", &brakes, 1));
            assert!(said.contains(said_of) && said.contains("of the target"), "{said}");
        }
    }

    #[test]
    fn two_agreements_for_one_target_on_one_day_are_refused_and_one_after_the_other_are_not() {
        let (_, agreement) = FJORDBY.split_once("[[agreement]]").unwrap();
        let second = agreement.replacen("key = \"", "key = \"second-", 1);
        let until =
            |text: &str, day| text.replacen("from = ", &format!("until = \"{day}\"\nfrom = "), 1);
        let both = |first: &str, second: &str| {
            let (before, _) = FJORDBY.split_once("[[agreement]]").unwrap();
            format!("{before}[[agreement]]{first}\n[[agreement]]{second}")
        };
        let said = refusal(&both(agreement, &second));
        assert!(said.contains("unite them, or end one before the other begins"), "{said}");
        let later = second.replacen("from = \"2026-01-01\"", "from = \"2027-01-01\"", 1);
        parse(&both(&until(agreement, "2027-01-01"), &later)).unwrap();
        refusal(&both(&until(agreement, "2027-01-02"), &later));
    }

    #[test]
    fn a_reference_to_nothing_names_what_there_is() {
        let said = refusal(&FJORDBY.replace("source = \"opus\"", "source = \"opsu\""));
        assert!(said.contains("there is no source \"opsu\" (there is: opus)"), "{said}");
    }

    #[test]
    fn a_key_that_stands_twice_and_a_time_zone_of_no_place_are_told_at_once() {
        let text = FJORDBY
            .replace("key = \"learning\"", "key = \"payroll\"")
            .replace("party = \"learning\"", "party = \"payroll\"")
            .replace("Europe/Copenhagen", "Europe/Fjordby");
        let said = refusal(&text);
        assert!(said.contains("party \"payroll\" stands twice"), "{said}");
        assert!(said.contains("Europe/Fjordby"), "{said}");
    }

    #[test]
    fn an_agreement_on_a_field_that_does_not_exist_is_refused_by_name() {
        let said = refusal(&FJORDBY.replace("\"person.email\"", "\"person.shoe_size\""));
        assert!(said.contains("person.shoe_size"), "{said}");
    }
}
