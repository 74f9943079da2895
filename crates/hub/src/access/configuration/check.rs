//! What makes a configuration that can be read unusable.

use super::{
    Configuration, SourceFormat, SourceText, drift, extent, http, interface, notify, place, push,
    side, timetable, webhook,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kobling_domain::agreement::Agreement;
use kobling_domain::exchange::brake::{Brake, Limits};
use kobling_domain::id::Version;
use kobling_domain::people::Group;
use kobling_formats::delimited::Layout;
use std::collections::BTreeSet;

/// Everything that is wrong with it, each as where, what and what to do.
pub(super) fn check(it: &Configuration) -> Vec<String> {
    let mut problems = Vec::new();
    if TimeZone::get(&it.tenant.time_zone).is_err() {
        problems.push(format!(
            "tenant.time_zone: {:?} is no time zone; write one such as Europe/Copenhagen",
            it.tenant.time_zone
        ));
    }
    let parties = keys("party", it.parties.iter().map(|it| &it.key), &mut problems);
    let systems = keys("system", it.systems.iter().map(|it| &it.key), &mut problems);
    let sources = keys("source", it.sources.iter().map(|it| &it.key), &mut problems);
    let targets = keys("target", it.targets.iter().map(|it| &it.key), &mut problems);
    let groups = keys("group", it.groups.iter().map(|it| &it.key), &mut problems);
    keys("webhook", it.webhooks.iter().map(|it| &it.key), &mut problems);
    keys("agreement", it.agreements.iter().map(|it| &it.key), &mut problems);

    let mut refer = |what: String, name: &str, known: &BTreeSet<&str>, kind: &str| {
        if !known.contains(name) {
            let known = known.iter().copied().collect::<Vec<_>>().join(", ");
            problems.push(format!("{what}: there is no {kind} {name:?} (there is: {known})"));
        }
    };
    for system in &it.systems {
        refer(format!("system {}.party", system.key), &system.party, &parties, "party");
    }
    for source in &it.sources {
        refer(format!("source {}.system", source.key), &source.system, &systems, "system");
    }
    for source in &it.sources {
        for (entry, issuer) in issuers(source) {
            refer(format!("source {}.{entry}", source.key), issuer, &sources, "source");
        }
    }
    for target in &it.targets {
        refer(format!("target {}.system", target.key), &target.system, &systems, "system");
        for group in &target.groups {
            refer(format!("target {}.groups", target.key), group, &groups, "group");
        }
    }
    for authority in &it.authorities {
        for source in &authority.sources {
            refer(format!("authority {}", authority.field), source, &sources, "source");
        }
    }
    for agreement in &it.agreements {
        let what = format!("agreement {}", agreement.key);
        refer(format!("{what}.source"), &agreement.source, &sources, "source");
        for source in &agreement.sources {
            refer(format!("{what}.sources"), source, &sources, "source");
        }
        refer(format!("{what}.target"), &agreement.target, &targets, "target");
    }
    problems.extend(it.sources.iter().flat_map(brake_problems));
    problems.extend(it.sources.iter().filter_map(unreadable));
    problems.extend(place::all_problems(it));
    problems.extend(it.sources.iter().flat_map(timetable::problems));
    problems.extend(it.sources.iter().flat_map(push::problems));
    problems.extend(notify::problems(it));
    problems.extend(webhook::problems(it));
    problems.extend(it.targets.iter().flat_map(http::problems));
    problems.extend(it.targets.iter().flat_map(drift::problems));
    for agreement in &it.agreements {
        match Agreement::parse(agreement.clone(), Version::ZERO) {
            Ok(parsed) => problems.extend(extent::problems(it, &parsed)),
            Err(problem) => problems.push(problem.to_string()),
        }
    }
    problems.extend(interface::problems(it));
    problems.extend(side::problems(it));
    problems.extend(agreements_at_once(it));
    problems.extend(it.groups.iter().filter_map(|it| Some(Group::parse(it).err()?.to_string())));
    problems
}

/// Agreements for one target that hold on the same day: nobody could say which of them counts.
fn agreements_at_once(it: &Configuration) -> Vec<String> {
    let mut problems = Vec::new();
    for (nth, first) in it.agreements.iter().enumerate() {
        for second in it.agreements.iter().skip(nth + 1).filter(|it| it.target == first.target) {
            let begins = first.from.max(second.from);
            let is_before = |until: Option<Date>| until.is_none_or(|until| begins < until);
            if is_before(first.until) && is_before(second.until) {
                problems.push(format!(
                    "agreements {} and {}: both are for target {} on {begins}; unite them, or end \
                     one before the other begins",
                    first.key, second.key, first.target
                ));
            }
        }
    }
    problems
}

/// The sources whose numbers a source names, each with where it says so.
fn issuers(source: &SourceText) -> impl Iterator<Item = (&'static str, &String)> {
    let of_table = source.delimited.as_ref().and_then(|it| it.match_on.as_ref()?.source.as_ref());
    let of_push = source.push.as_ref().and_then(|it| it.employments.as_ref());
    let of_table = of_table.map(|it| ("delimited.match_on.source", it));
    of_table.into_iter().chain(of_push.map(|it| ("push.employments", it)))
}

/// Brakes that judge an input as a whole cannot be off for a part of it, and what holds deliveries is
/// set for a target.
fn brake_problems(source: &SourceText) -> Vec<String> {
    let (mut problems, key) = (Vec::new(), &source.key);
    let of_targets = "deliveries are held; set `inactivated` and `brakes` of the target";
    if source.brakes.inactivated != Limits::default().inactivated {
        problems.push(format!("source {key}.brakes.inactivated holds nothing here: {of_targets}"));
    }
    for brake in [Brake::MassInactivation, Brake::MassCreation, Brake::MassChange] {
        if source.brakes.off.contains(&brake) {
            problems.push(format!("source {key}.brakes.off: {brake} holds no plan: {of_targets}"));
        }
    }
    for (unit, below) in &source.brakes.below {
        for brake in below.off.iter().filter(|it| !it.is_by_unit()) {
            problems.push(format!(
                "source {key}.brakes.below.{unit}.off: {brake} is not judged by unit; turn it off under \
                 brakes.off"
            ));
        }
    }
    problems
}

/// Why nothing could be read from a source as it is configured, if nothing could.
fn unreadable(source: &SourceText) -> Option<String> {
    let key = &source.key;
    match (source.format, &source.client, &source.delimited) {
        (SourceFormat::Opus, None, _) => {
            Some(format!("source {key}.client is missing; give the client whose files it takes"))
        }
        (SourceFormat::Opus, Some(_), Some(_)) => Some(format!(
            "source {key}.delimited: an extract of Opus has no columns; take it out, or write \
             format = \"delimited\""
        )),
        (SourceFormat::Delimited, _, None) => Some(format!(
            "source {key}.delimited is missing; say there which column is what (docs/sources.md)"
        )),
        (SourceFormat::Opus, Some(_), None) | (SourceFormat::Push, _, _) => None,
        (SourceFormat::Delimited, _, Some(text)) => {
            Layout::parse(text).err().map(|why| format!("source {key}.delimited.{why}"))
        }
    }
}

/// The keys of one list, with a problem for each that is empty or stands twice.
fn keys<'a>(
    kind: &str,
    all: impl Iterator<Item = &'a String>,
    problems: &mut Vec<String>,
) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    for key in all {
        if key.is_empty() {
            problems.push(format!("{kind}.key is empty; give it a short name"));
        } else if !seen.insert(key.as_str()) {
            problems.push(format!("{kind} {key:?} stands twice; give each its own key"));
        }
    }
    seen
}
