use super::Configuration;
use super::http::is_safe;
use kobling_domain::agreement::AgreementText;
use serde::{Deserialize, Serialize};

/// What a webhook may be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The ledger changed.
    LedgerChanged,
    /// A brake holds a plan.
    PlanHeld,
    /// Somebody released a plan.
    PlanReleased,
    /// Somebody rejected a plan.
    PlanRejected,
    /// A file was refused.
    RunRefused,
    /// A file has not come.
    FileMissing,
    /// Nobody gets to a source's files.
    SourceUnreachable,
    /// A target took what it was sent.
    DeliveryAccepted,
    /// A brake holds a delivery.
    DeliveryHeld,
    /// A target did not take something, and it is not sent again by itself.
    DeliveryDead,
    /// A draft of an agreement waits for the party.
    AgreementWaits,
    /// A party rejected a draft of an agreement.
    AgreementRejected,
    /// An agreement ends soon.
    AgreementEnds,
}

impl EventKind {
    /// The last part of the type of its events.
    pub fn name(self) -> &'static str {
        match self {
            Self::LedgerChanged => "ledger.changed",
            Self::PlanHeld => "plan.held",
            Self::PlanReleased => "plan.released",
            Self::PlanRejected => "plan.rejected",
            Self::RunRefused => "run.refused",
            Self::FileMissing => "file.missing",
            Self::SourceUnreachable => "source.unreachable",
            Self::DeliveryAccepted => "delivery.accepted",
            Self::DeliveryHeld => "delivery.held",
            Self::DeliveryDead => "delivery.dead",
            Self::AgreementWaits => "agreement.waits",
            Self::AgreementRejected => "agreement.rejected",
            Self::AgreementEnds => "agreement.ends",
        }
    }
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About<'a> {
    /// All that the employer knows.
    Ledger,
    /// A source, by key.
    Source(&'a str),
    /// A target, by key.
    Target(&'a str),
    /// An agreement, by key, of which a party is told.
    Agreement {
        /// Its key.
        key: &'a str,
        /// The party's key.
        party: &'a str,
    },
}

/// An address at which a program of a party is told what happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookText {
    /// Short name.
    pub key: String,
    /// The party whose program it is.
    pub party: String,
    /// The address: `https://…`.
    pub url: String,
    /// Of what it is told; without, of all that concerns the party.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventKind>,
}

impl WebhookText {
    /// Whether it asks to be told of such.
    pub fn wants(&self, kind: EventKind) -> bool {
        self.events.is_empty() || self.events.contains(&kind)
    }
}

impl Configuration {
    /// The webhook of that key.
    pub fn webhook(&self, key: &str) -> Option<&WebhookText> {
        self.webhooks.iter().find(|it| it.key == key)
    }

    /// Whether something concerns a party: the employer everything, others what their own systems
    /// give or are given, and the ledger those whom an agreement lets have something of it.
    pub fn concerns(&self, party: &str, about: About<'_>) -> bool {
        if self.employer().is_some_and(|it| it.key == party) {
            return true;
        }
        let operates =
            |system: &str| self.systems.iter().any(|it| it.key == system && it.party == party);
        let is_source = |key: &str| {
            let owner = self.owner_of_source(key).is_some_and(|it| it.key == party);
            owner || self.sources.iter().any(|it| it.key == key && operates(&it.system))
        };
        let is_target = |key: &str| {
            let owner = self.owner_of_target(key).is_some_and(|it| it.key == party);
            owner || self.targets.iter().any(|it| it.key == key && operates(&it.system))
        };
        match about {
            About::Source(key) => is_source(key),
            About::Target(key) => is_target(key),
            About::Agreement { party: told, .. } => told == party,
            About::Ledger => {
                let has = |it: &AgreementText| is_target(&it.target);
                self.agreements.iter().any(has)
            }
        }
    }
}

/// What is wrong with who is told what happens.
pub(super) fn problems(it: &Configuration) -> Vec<String> {
    let mut problems = Vec::new();
    for webhook in &it.webhooks {
        let key = &webhook.key;
        if !it.parties.iter().any(|it| it.key == webhook.party) {
            let known: Vec<&str> = it.parties.iter().map(|it| it.key.as_str()).collect();
            let (party, known) = (&webhook.party, known.join(", "));
            problems.push(format!(
                "webhook {key}.party: there is no party {party:?} (there is: {known})"
            ));
        }
        if !is_safe(&webhook.url) {
            problems.push(format!(
                "webhook {key}.url: begin it with https://; http:// is for this machine only"
            ));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_party_is_told_of_its_own_systems_and_the_employer_of_all() {
        let text = include_str!("../../../tests/data/fjordby.toml");
        let it: Configuration = toml::from_str(text).unwrap();
        let (source, target) = (About::Source("opus"), About::Target("plan2learn"));
        let told = |party| [source, target, About::Ledger].map(|about| it.concerns(party, about));
        assert_eq!(told("fjordby"), [true, true, true]);
        assert_eq!(told("payroll"), [true, false, false]);
        assert_eq!(told("learning"), [false, true, true]);
        assert_eq!(told("somebody"), [false, false, false]);
    }
}
