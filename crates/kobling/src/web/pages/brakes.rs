//! What brakes say, in words of the reader.

use super::words;
use crate::web::language::Language;
use crate::web::text::{Text, brakes as t};
use kobling_domain::exchange::brake::{Brake, Found, Tripped};
use kobling_domain::exchange::lane::{Action, TrippedAction};
use kobling_domain::people::{Fault, Kind, NativeKey};

/// What a brake holds for.
pub(in crate::web) struct Told {
    /// In one sentence.
    pub(in crate::web) what: &'static str,
    /// With figures.
    pub(in crate::web) figures: Vec<String>,
    /// What to do.
    pub(in crate::web) next: &'static str,
}

/// What a brake on a plan, or on a set of files, says.
pub(in crate::web) fn of_plan(lang: Language, it: &Tripped) -> Told {
    let (what, next) = sentences(it.brake);
    Told { what: lang.t(what), figures: figures(lang, it), next: lang.t(next) }
}

/// What a brake on messages says.
pub(in crate::web) fn of_messages(lang: Language, it: &TrippedAction) -> Told {
    let (what, next) = match it.action {
        Action::Create => (t::MESSAGES_CREATE, t::DO_MESSAGES),
        Action::Change => (t::MESSAGES_CHANGE, t::DO_MESSAGES),
        Action::Inactivate => (t::MESSAGES_INACTIVATE, t::DO_INACTIVATION),
    };
    let figures = lang.count(what, it.count).replace("{limit}", &lang.number(it.limit));
    let what = lang.t(t::TOO_MANY_MESSAGES);
    Told { what, figures: vec![figures], next: lang.t(next) }
}

/// What is wrong, and what to do.
fn sentences(brake: Brake) -> (Text, Text) {
    match brake {
        Brake::Gone => (t::GONE, t::DO_WHOLE),
        Brake::RootMissing => (t::ROOT, t::DO_ROOT),
        Brake::UnitEmptied => (t::EMPTIED, t::DO_WHOLE),
        Brake::FewerRecords => (t::FEWER, t::DO_WHOLE),
        Brake::OlderThanApplied => (t::OLDER, t::DO_OLDER),
        Brake::SameNameOtherBytes => (t::SAME_NAME, t::DO_NAME),
        Brake::UnitMoved => (t::MOVED, t::DO_MOVED),
        Brake::ProtectionLost => (t::PROTECTION, t::DO_PROTECTION),
        Brake::ManagerTreeBroken => (t::TREE, t::DO_TREE),
        Brake::MassInactivation => (t::INACTIVATION, t::DO_INACTIVATION),
        Brake::MassCreation => (t::CREATION, t::DO_SET),
        Brake::MassChange => (t::CHANGE, t::DO_SET),
    }
}

fn figures(lang: Language, it: &Tripped) -> Vec<String> {
    let (count, limit) = (lang.number(it.count), lang.number(it.limit));
    match (&it.found, it.brake) {
        (Found::Unit { unit, name, people }, brake) => {
            let text =
                if brake == Brake::UnitMoved { t::MOVED_FIGURES } else { t::EMPTIED_FIGURES };
            let (unit, people) = (unit.to_string(), lang.number(*people));
            let values = [("unit", &*unit), ("name", &**name), ("people", &*people)];
            with_more(lang, lang.fill(text, &values), (t::AND_MORE, it.count))
        }
        (Found::OutOf(of), brake) => {
            let kind = lang.t(words::kind(it.kind.unwrap_or(Kind::Person)));
            let (text, kind) = match (brake, &it.below) {
                (Brake::FewerRecords, _) => (t::FEWER_FIGURES, kind.to_owned()),
                (Brake::MassInactivation, _) => (t::INACTIVATION_FIGURES, kind.to_lowercase()),
                (Brake::MassCreation, _) => (t::CREATION_FIGURES, kind.to_lowercase()),
                (Brake::MassChange, _) => (t::CHANGE_FIGURES, kind.to_lowercase()),
                (_, None) => (t::GONE_FIGURES, kind.to_lowercase()),
                (_, Some(_)) => (t::GONE_BELOW, kind.to_lowercase()),
            };
            let (of, unit) = (lang.number(*of), below(it));
            let values = [
                ("count", &*count),
                ("of", &*of),
                ("limit", &*limit),
                ("kind", &*kind),
                ("unit", &*unit),
            ];
            vec![lang.fill(text, &values)]
        }
        (Found::Days { day, applied }, _) => {
            let (day, applied) = (lang.date(*day), lang.date(*applied));
            vec![lang.fill(t::OLDER_FIGURES, &[("day", &day), ("applied", &applied)])]
        }
        (Found::Tree(first), _) => with_more(lang, fault(lang, first), (t::FAULTS_MORE, it.count)),
        (Found::Nothing, Brake::ProtectionLost) => {
            let told = lang.count(t::PROTECTION_FIGURES, it.count).replace("{limit}", &limit);
            let place = it.below.as_ref().map(|_| lang.fill(t::IN_UNIT, &[("unit", &below(it))]));
            std::iter::once(told).chain(place).collect()
        }
        (Found::Nothing, Brake::RootMissing) => {
            let root = it.items.first().map(ToString::to_string);
            root.map(|unit| lang.fill(t::ROOT_FIGURES, &[("unit", &unit)])).into_iter().collect()
        }
        (Found::Nothing, _) => Vec::new(),
    }
}

fn below(it: &Tripped) -> String {
    it.below.as_ref().map(ToString::to_string).unwrap_or_default()
}

/// The first of `count`, and how many more there are.
fn with_more(lang: Language, first: String, (text, count): (Text, u64)) -> Vec<String> {
    let more = count.saturating_sub(1);
    let more = (more > 0).then(|| lang.count(text, more));
    std::iter::once(first).chain(more).collect()
}

fn fault(lang: Language, it: &Fault<NativeKey>) -> String {
    let fill = |text, unit: &NativeKey, other: &NativeKey| {
        lang.fill(text, &[("unit", unit.as_str()), ("other", other.as_str())])
    };
    match it {
        Fault::Cycle { units } => {
            let units: Vec<String> = units.iter().map(ToString::to_string).collect();
            lang.fill(t::FAULT_RING, &[("units", &units.join(", "))])
        }
        Fault::SecondRoot { unit, first } => fill(t::FAULT_ROOT, unit, first),
        Fault::MissingParent { unit, parent } => fill(t::FAULT_MISSING, unit, parent),
        Fault::ParentEndsFirst { unit, parent, on } => {
            fill(t::FAULT_ENDS, unit, parent).replace("{day}", &lang.date(*on))
        }
        Fault::TooDeep { unit } => fill(t::FAULT_DEEP, unit, unit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kobling_domain::exchange::brake::{Gone, Limits, PlanFigures, UnitPeople, check};

    #[test]
    fn a_brake_is_told_with_its_figures_in_every_language() {
        let key = NativeKey::number;
        let school = |unit, people| UnitPeople {
            unit: key(unit),
            name: "Nordby Skole".to_owned(),
            people,
            above: Vec::new(),
        };
        let plan = PlanFigures {
            employments: Gone { open: 1_200, gone: 300, ended: 0, items: Vec::new() },
            emptied: vec![school(20_003, 16), school(20_004, 15)],
            protection_lost: vec![key(1), key(2)],
            tree_faults: vec![Fault::MissingParent { unit: key(3), parent: key(9) }],
            ..PlanFigures::default()
        };
        let tripped = check(&Limits::default(), &plan);
        let told = |lang| {
            let all = tripped.iter().flat_map(|it| of_plan(lang, it).figures);
            all.collect::<Vec<String>>().join("\n")
        };
        insta::assert_snapshot!(
            Language::ALL.map(told).join("\n\n"), @"
        300 af 1.200 ansættelser er ikke længere nævnt eller ville ophøre. Grænsen er 24.
        Nordby Skole (20003) og alt nedenfor ville miste alle sine medarbejdere: 16.
        Det samme gælder 1 enhed mere.
        Det gælder 2 personer. Grænsen er 0.
        Enhed 3 står under 9, som ikke findes.

        300 van 1.200 dienstverbanden worden niet meer genoemd of zouden eindigen. De grens is 24.
        Nordby Skole (20003) en alles eronder zou alle medewerkers verliezen: 16.
        Dit geldt voor nog 1 eenheid.
        Het gaat om 2 personen. De grens is 0.
        Eenheid 3 staat onder 9, die er niet is.

        300 of 1,200 employments are no longer mentioned or would end. The limit is 24.
        Nordby Skole (20003) and all below it would lose all of its people: 16.
        The same holds for 1 more unit.
        It is about 2 people. The limit is 0.
        Unit 3 stands below 9, which is not there.
        ");
    }
}
