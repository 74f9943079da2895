//! What a delivery asks of a configured target, whether it goes as files or as messages.

use crate::access::ConfigureError;
use crate::access::configuration::{Configuration, TargetText};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kobling_domain::agreement::{AgreementError, AgreementText};

/// Why nothing can be delivered to a target, however it is delivered to.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// No such target.
    #[error("there is no target {key:?}; there is: {known}")]
    Unknown {
        /// The key as given.
        key: String,
        /// Keys there are.
        known: String,
    },
    /// Several agreements hold at once.
    #[error("several agreements for target {target:?} are in force: {known}; unite them")]
    SeveralInForce {
        /// The target.
        target: String,
        /// Their keys.
        known: String,
    },
    /// The stored agreement cannot be used.
    #[error("the agreement cannot be used")]
    Agreement(#[from] AgreementError),
    /// What the target holds has not been looked at yet.
    #[error(
        "what target {target:?} holds by {list:?} is not released yet; look at it by `kobling \
         target takeover show {target}`"
    )]
    TakeoverOpen {
        /// The target.
        target: String,
        /// The file's name.
        list: String,
    },
    /// What the target holds is not known.
    #[error(
        "target {target:?} holds data of its own, and no list of it was given; give it by `kobling \
         target takeover list {target} FILE`"
    )]
    TakeoverLacking {
        /// The target.
        target: String,
    },
    /// The configuration cannot be read.
    #[error("the configuration cannot be read")]
    Configuration(#[from] ConfigureError),
    /// The employer's time zone is unknown here.
    #[error("the time zone {name:?} is not known here")]
    TimeZone {
        /// Its name.
        name: String,
        /// Why.
        source: jiff::Error,
    },
}

impl TargetError {
    /// Whether what was given or configured is at fault, rather than this program or its store.
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::Unknown { .. }
            | Self::SeveralInForce { .. }
            | Self::Agreement(_)
            | Self::TakeoverOpen { .. }
            | Self::TakeoverLacking { .. } => true,
            Self::Configuration(_) | Self::TimeZone { .. } => false,
        }
    }
}

impl TargetError {
    /// Whether it waits for a person to look at what the target holds.
    pub fn is_takeover(&self) -> bool {
        match self {
            Self::TakeoverOpen { .. } | Self::TakeoverLacking { .. } => true,
            Self::Unknown { .. }
            | Self::SeveralInForce { .. }
            | Self::Agreement(_)
            | Self::Configuration(_)
            | Self::TimeZone { .. } => false,
        }
    }
}

/// The target of that key.
pub(super) fn text<'a>(
    configuration: &'a Configuration,
    key: &str,
) -> Result<&'a TargetText, TargetError> {
    let found = configuration.targets.iter().find(|it| it.key == key);
    found.ok_or_else(|| TargetError::Unknown { key: key.to_owned(), known: known(configuration) })
}

fn known(configuration: &Configuration) -> String {
    let keys = configuration.targets.iter().map(|it| it.key.as_str());
    keys.collect::<Vec<_>>().join(", ")
}

/// The employer's time zone.
pub(super) fn zone(configuration: &Configuration) -> Result<TimeZone, TargetError> {
    let name = configuration.tenant.time_zone.clone();
    TimeZone::get(&name).map_err(|source| TargetError::TimeZone { name, source })
}

/// Who sees to what the target does not take.
pub(super) fn owner(configuration: &Configuration, target: &TargetText) -> String {
    let system = configuration.systems.iter().find(|it| it.key == target.system);
    let party = system.map(|it| it.party.clone());
    target.owner.clone().or(party).unwrap_or_else(|| target.key.clone())
}

/// The agreements that name the target of that key.
pub(super) fn agreements<'a>(
    configuration: &'a Configuration,
    key: &str,
) -> Vec<&'a AgreementText> {
    configuration.agreements.iter().filter(|it| it.target == key).collect()
}

/// The one of the agreements for `target` that is in force on `today`; none if none is.
pub(super) fn in_force<'a>(
    texts: &[&'a AgreementText],
    target: &str,
    today: Date,
) -> Result<Option<&'a AgreementText>, TargetError> {
    let holds = |it: &&&AgreementText| it.from <= today && it.until.is_none_or(|it| today < it);
    match texts.iter().filter(holds).collect::<Vec<_>>().as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(**only)),
        several => {
            let known = several.iter().map(|it| it.key.as_str()).collect::<Vec<_>>().join(", ");
            Err(TargetError::SeveralInForce { target: target.to_owned(), known })
        }
    }
}
