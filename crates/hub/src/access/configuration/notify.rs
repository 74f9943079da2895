//! Who is written to.

use super::{Configuration, PartyKind, PartyText, TargetFormat, TargetText};
use lettre::message::Mailbox;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A language that people are written to in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Danish.
    #[default]
    Da,
    /// Dutch.
    Nl,
    /// English.
    En,
}

impl Language {
    const ALL: [Self; 3] = [Self::Da, Self::Nl, Self::En];

    /// Its code in ISO 639.
    pub fn code(self) -> &'static str {
        match self {
            Self::Da => "da",
            Self::Nl => "nl",
            Self::En => "en",
        }
    }

    /// The language of a code; Danish if it is none of ours.
    pub(crate) fn of(code: &str) -> Self {
        Self::ALL.into_iter().find(|it| it.code() == code).unwrap_or_default()
    }
}

impl Configuration {
    /// The party that sees to the plans of the source of that key.
    pub fn owner_of_source(&self, key: &str) -> Option<&PartyText> {
        let source = self.sources.iter().find(|it| it.key == key)?;
        match &source.owner {
            Some(owner) => self.party(owner),
            None => self.employer(),
        }
    }

    /// The party that sees to what the target of that key does not take.
    pub fn owner_of_target(&self, key: &str) -> Option<&PartyText> {
        self.owner_as_in(self.targets.iter().find(|it| it.key == key)?)
    }

    /// The same of a target as it is or would be.
    pub(crate) fn owner_as_in(&self, target: &TargetText) -> Option<&PartyText> {
        if let Some(owner) = &target.owner {
            return self.party(owner);
        }
        let system = self.systems.iter().find(|it| it.key == target.system)?;
        self.party(&system.party)
    }

    /// The employer, if one party says it is.
    pub fn employer(&self) -> Option<&PartyText> {
        let mut all = self.parties.iter().filter(|it| it.kind == PartyKind::Employer);
        let first = all.next()?;
        all.next().is_none().then_some(first)
    }

    fn party(&self, key: &str) -> Option<&PartyText> {
        self.parties.iter().find(|it| it.key == key)
    }
}

/// What is wrong with who is written to, and what a target is delivered by.
pub(super) fn problems(it: &Configuration) -> Vec<String> {
    let mut problems = Vec::new();
    for party in &it.parties {
        for address in party.mail.iter().filter(|it| it.parse::<Mailbox>().is_err()) {
            let key = &party.key;
            problems.push(format!(
                "party {key}.mail: {address:?} is no address; write one such as hr@fjordby.example"
            ));
        }
    }
    for source in &it.sources {
        if let Some(owner) = source.owner.as_ref().filter(|owner| it.party(owner).is_none()) {
            let known: Vec<&str> = it.parties.iter().map(|it| it.key.as_str()).collect();
            let (key, known) = (&source.key, known.join(", "));
            problems.push(format!(
                "source {key}.owner: there is no party {owner:?} (there is: {known})"
            ));
        }
    }
    for target in it.targets.iter().filter(|it| it.format == TargetFormat::Messages) {
        if target.delivery != super::Delivery::default() {
            let key = &target.key;
            problems.push(format!(
                "target {key}.delivery: messages always follow the ledger; take it out"
            ));
        }
    }
    problems
}
