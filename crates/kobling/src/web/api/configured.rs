//! What is configured, and how far the caller reaches in it.

use super::asked::Asker;
use crate::web::problem::{Kind, Problem};
use jiff::Timestamp;
use kobling_domain::access::Access;
use kobling_domain::agreement::AgreementText;
use kobling_hub::access::configuration::{Configuration, TargetText};
use kobling_hub::access::{self, ConfigureError};

/// What is configured, for somebody who reaches some of it.
pub(super) struct Configured {
    pub(super) text: Configuration,
    access: Access,
}

impl Configured {
    /// What was configured at an instant, or is now; not found before anything was.
    pub(super) async fn at(by: &Asker, known_at: Option<Timestamp>) -> Result<Self, Problem> {
        let text = access::configured(by.hub(), by.tenant(), known_at).await;
        let text = text.map_err(|error| match error {
            ConfigureError::NothingKnown { .. } => Problem::new(Kind::NotFound, &error.to_string()),
            ConfigureError::NoTenant
            | ConfigureError::WhichTenant { .. }
            | ConfigureError::UnknownTenant { .. }
            | ConfigureError::Unreadable { .. }
            | ConfigureError::Unwritable(_)
            | ConfigureError::TimeZone { .. }
            | ConfigureError::Timetable { .. }
            | ConfigureError::Parties { .. }
            | ConfigureError::Draft { .. }
            | ConfigureError::Untold { .. }
            | ConfigureError::Store(_) => Problem::internal(error),
        })?;
        Ok(Self::of(by, text))
    }

    /// The same of what was read already.
    pub(super) fn of(by: &Asker, text: Configuration) -> Self {
        Self { text, access: by.caller.access.clone() }
    }

    /// The party that operates a system.
    pub(super) fn party_of(&self, system: &str) -> &str {
        let found = self.text.systems.iter().find(|it| it.key == system);
        found.map(|it| it.party.as_str()).unwrap_or_default()
    }

    /// Whether what concerns that party is within reach.
    pub(super) fn reaches_party(&self, party: &str) -> bool {
        self.access.has_party(party)
    }

    /// Whether what concerns that system is within reach.
    pub(super) fn reaches_system(&self, system: &str) -> bool {
        self.access.has_party(self.party_of(system))
    }

    /// Whether what the source of that key brought is within reach.
    pub(super) fn reaches_source(&self, key: &str) -> bool {
        let found = self.text.sources.iter().find(|it| it.key == key);
        self.access.is_whole() || found.is_some_and(|it| self.reaches_system(&it.system))
    }

    /// The target of that key, if it is within reach.
    pub(super) fn target(&self, key: &str) -> Result<&TargetText, Problem> {
        let found = self.text.targets.iter().find(|it| it.key == key);
        let found = found.filter(|it| self.reaches_system(&it.system));
        found.ok_or_else(|| Problem::new(Kind::NotFound, &format!("there is no target {key:?}")))
    }

    /// Whether an agreement is within reach: to one of its systems' parties it is, and to those who
    /// see to its source or target.
    pub(super) fn reaches_agreement(&self, it: &AgreementText) -> bool {
        let parties = self.text.parties_of(it);
        self.access.is_whole() || parties.iter().any(|it| self.access.has_party(it))
    }
}
