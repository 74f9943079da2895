//! How agreements stand, and their drafts.

use super::{Card, Desk, Thing, Why, card};
use crate::access::configuration::Configuration;
use crate::agreement::{Awaited, Change, Draft};
use jiff::civil::Date;
use kobling_domain::agreement::AgreementText;
use std::collections::{BTreeMap, BTreeSet};

/// An agreement that ends within so many days is told of.
const EXPIRES_WITHIN_DAYS: i32 = 60;

/// The targets to which an agreement lets something out on a day.
pub(super) fn agreed(configuration: &Configuration, day: Date) -> BTreeSet<&str> {
    let agreements = configuration.agreements.iter().filter(|it| holds_on(it, day));
    agreements.map(|it| it.target.as_str()).collect()
}

/// The systems of sources and targets, by key.
struct Places<'a> {
    sources: BTreeMap<&'a str, &'a String>,
    targets: BTreeMap<&'a str, &'a String>,
}

impl<'a> Places<'a> {
    fn of(configuration: &'a Configuration) -> Self {
        let sources = configuration.sources.iter().map(|it| (it.key.as_str(), &it.system));
        let targets = configuration.targets.iter().map(|it| (it.key.as_str(), &it.system));
        Self { sources: sources.collect(), targets: targets.collect() }
    }
}

impl Desk<'_> {
    /// The agreements, and those drafts that stand beside none.
    pub(super) fn agreements(&self, drafts: &BTreeMap<String, Change>) -> Vec<Card> {
        let (places, all) = (Places::of(self.configuration), &self.configuration.agreements);
        let in_force: BTreeSet<&String> = all.iter().map(|it| &it.key).collect();
        let new = drafts.iter().filter(|it| !in_force.contains(it.0)).map(|it| self.drafted(it.1));
        let all = all.iter().map(|it| self.agreement(it, drafts.get(&it.key), &places));
        all.chain(new).collect()
    }

    /// An agreement that is in force, whatever its days, and perhaps a draft beside it.
    fn agreement(&self, text: &AgreementText, draft: Option<&Change>, places: &Places<'_>) -> Card {
        let soon = |until: Date| (until - self.today).get_days() <= EXPIRES_WITHIN_DAYS;
        let reason = match text.until {
            Some(until) if until <= self.today => Some(Why::Ended { until }),
            _ if text.from > self.today => Some(Why::Begins { on: text.from }),
            Some(until) if soon(until) => Some(Why::EndsSoon { until }),
            Some(_) | None => None,
        };
        let what = (Thing::Agreement, text.key.as_str(), text.purpose.clone());
        let (why, acts) = draft.map(|it| self.draft(it)).unzip();
        let acts = acts.unwrap_or_else(|| self.configuration.tenant.name.clone());
        let shut = self.why_shut(&text.target);
        let reasons = shut.into_iter().chain(why).chain(reason).collect();
        let source = places.sources.get(text.source.as_str());
        let target = places.targets.get(text.target.as_str());
        let systems: Vec<&String> = source.into_iter().chain(target).copied().collect();
        let mut parties = self.party_keys(&systems);
        if let Some(it) = draft {
            parties.extend(self.configuration.parties_of(&it.text).into_iter().map(str::to_owned));
        }
        card(what, reasons, (Some(acts), parties), (None, None))
    }

    /// An agreement that was never in force.
    fn drafted(&self, it: &Change) -> Card {
        let what = (Thing::Agreement, it.text.key.as_str(), it.text.purpose.clone());
        let (why, acts) = self.draft(it);
        let parties = self.configuration.parties_of(&it.text);
        let parties = parties.into_iter().map(str::to_owned).collect();
        card(what, vec![why], (Some(acts), parties), (None, None))
    }

    /// How a draft stands, and the name of who must act: whose step it is, or, where that would not be
    /// enough, the employer.
    fn draft(&self, it: &Change) -> (Why, String) {
        let employer = self.configuration.tenant.name.clone();
        let Draft { is_rejected, awaits } = Draft::of(self.configuration, it);
        let Some(Awaited { owner, .. }) = awaits else { return (Why::DraftOfNobody, employer) };
        let Some(party) = self.party(&owner) else { return (Why::DraftOfNobody, employer) };
        if is_rejected {
            (Why::DraftRejected { party }, employer)
        } else {
            (Why::DraftWaits { party: party.clone() }, party)
        }
    }
}

fn holds_on(text: &AgreementText, day: Date) -> bool {
    text.from <= day && text.until.is_none_or(|it| it > day)
}
