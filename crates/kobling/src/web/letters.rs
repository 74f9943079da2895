//! Notices, written as letters in the reader's language.

use super::language::Language;
use super::pages::brakes::{Told, of_messages, of_plan};
use super::pages::runs::refusal;
use super::state::Site;
use super::text::{Text, agreements, letters as t};
use kobling_hub::access::configuration::Language as Wanted;
use kobling_hub::notice::{
    EndingAgreement, HeldBy, HeldPlan, Letter, Notice, WaitingDraft, Wording,
};

/// Writes letters with links to this site.
pub(crate) struct Letters {
    site: Site,
}

/// What a letter is made of, but for greeting and foot.
struct Draft {
    subject: String,
    paragraphs: Vec<String>,
    link: String,
}

impl Letters {
    pub(crate) fn new(site: Site) -> Self {
        Self { site }
    }
}

impl Wording for Letters {
    fn letter(&self, notice: &Notice, employer: &str, language: Wanted) -> Letter {
        let lang = match language {
            Wanted::Da => Language::Danish,
            Wanted::Nl => Language::Dutch,
            Wanted::En => Language::English,
        };
        let Draft { subject, mut paragraphs, link } = draft(lang, notice);
        let is_to_decide = match notice {
            Notice::PlanHeld(_) | Notice::DeliveryHeld { .. } | Notice::DraftWaits(_) => true,
            Notice::RunRefused { .. }
            | Notice::FileMissing { .. }
            | Notice::SourceUnreachable { .. }
            | Notice::DeadLetters { .. }
            | Notice::DraftRejected(_)
            | Notice::AgreementEnds(_) => false,
        };
        let lead = lang.t(if is_to_decide { t::LINK } else { t::READ_MORE });
        paragraphs.insert(0, lang.fill(t::HELLO, &[("employer", employer)]));
        paragraphs.push(format!("{lead}\n{}", self.site.url(&link)));
        paragraphs.push(lang.t(t::FOOT).to_owned());
        Letter { subject, text: paragraphs.join("\n\n") + "\n" }
    }
}

fn draft(lang: Language, notice: &Notice) -> Draft {
    match notice {
        Notice::PlanHeld(it) => plan_held(lang, it),
        Notice::RunRefused { source, input, run, refusal: why } => {
            let (why, next) = refusal(*why);
            let lead = lang.fill(t::REFUSED_LEAD, &[("input", &file_name(input))]);
            Draft {
                subject: lang.fill(t::REFUSED_SUBJECT, &[("source", source)]),
                paragraphs: vec![format!("{lead} {}", lang.t(why)), lang.t(next).to_owned()],
                link: format!("/runs/{run}"),
            }
        }
        Notice::FileMissing { source, day } => Draft {
            subject: lang.fill(t::MISSING_SUBJECT, &[("source", source)]),
            paragraphs: vec![lang.fill(t::MISSING_LEAD, &[("day", &lang.date(*day))])],
            link: "/".to_owned(),
        },
        Notice::SourceUnreachable { source, .. } => Draft {
            subject: lang.fill(t::UNREACHABLE_SUBJECT, &[("source", source)]),
            paragraphs: vec![
                lang.t(t::UNREACHABLE_LEAD).to_owned(),
                lang.t(t::UNREACHABLE_NEXT).to_owned(),
            ],
            link: "/".to_owned(),
        },
        Notice::DeliveryHeld { target, brake, .. } => {
            let told = match brake {
                HeldBy::Messages(it) => vec![of_messages(lang, it)],
                HeldBy::Set(all) => all.iter().map(|it| of_plan(lang, it)).collect(),
            };
            let lead = lang.t(t::DELIVERY_LEAD).to_owned();
            Draft {
                subject: lang.fill(t::DELIVERY_SUBJECT, &[("target", target)]),
                paragraphs: std::iter::once(lead).chain(told.iter().map(paragraph)).collect(),
                link: format!("/deliveries/{target}"),
            }
        }
        Notice::DeadLetters { target, letters, .. } => Draft {
            subject: lang.fill(t::DEAD_SUBJECT, &[("target", target)]),
            paragraphs: vec![lang.count(t::DEAD_LEAD, *letters)],
            link: format!("/deliveries/{target}"),
        },
        Notice::DraftWaits(it) => draft_waits(lang, it),
        Notice::DraftRejected(it) => draft_rejected(lang, it),
        Notice::AgreementEnds(it) => agreement_ends(lang, it),
    }
}

fn plan_held(lang: Language, plan: &HeldPlan) -> Draft {
    let HeldPlan { source, input, date, hash, read, held, gone, brakes } = plan;
    let lead = [("input", &*file_name(input)), ("day", &*lang.date(*date))];
    let [read, held, gone] = [read, held, gone].map(|it| lang.number(*it));
    let figures = [("read", &*read), ("held", &*held), ("gone", &*gone)];
    let told = brakes.iter().map(|it| paragraph(&of_plan(lang, it)));
    Draft {
        subject: lang.fill(t::HELD_SUBJECT, &[("source", source)]),
        paragraphs: [lang.fill(t::HELD_LEAD, &lead), lang.fill(t::HELD_FIGURES, &figures)]
            .into_iter()
            .chain(told)
            .collect(),
        link: format!("/plans/{hash}"),
    }
}

fn draft_waits(lang: Language, it: &WaitingDraft) -> Draft {
    let WaitingDraft { agreement, fields, differing, .. } = it;
    let lead = lang.fill(agreements::DRAFT_LEAD, &[("n", &it.version.to_string())]);
    let differs = match differing {
        Some(n) => lang.count(t::DRAFT_DIFFERING, *n),
        None => lang.t(t::DRAFT_NEW).to_owned(),
    };
    let figures = format!("{} {differs}", lang.count(t::DRAFT_FIELDS, *fields));
    Draft {
        subject: lang.fill(t::DRAFT_SUBJECT, &[("agreement", agreement)]),
        paragraphs: vec![lead, stepped(lang, t::DRAFT_TURN, it), figures],
        link: format!("/agreements/{agreement}"),
    }
}

fn draft_rejected(lang: Language, it: &WaitingDraft) -> Draft {
    let agreement = &it.agreement;
    Draft {
        subject: lang.fill(t::REJECTED_SUBJECT, &[("agreement", agreement)]),
        paragraphs: vec![stepped(lang, t::REJECTED_LEAD, it), lang.t(t::REJECTED_NEXT).to_owned()],
        link: format!("/agreements/{agreement}"),
    }
}

fn agreement_ends(lang: Language, it: &EndingAgreement) -> Draft {
    let (agreement, day) = (&*it.agreement, lang.date(it.until));
    let told = [("agreement", agreement), ("day", &*day), ("party", &*it.party_name)];
    Draft {
        subject: lang.fill(t::ENDS_SUBJECT, &told),
        paragraphs: vec![lang.fill(t::ENDS_LEAD, &told), lang.fill(t::ENDS_NEXT, &told)],
        link: format!("/agreements/{agreement}"),
    }
}

/// A text about the step at which a draft stands.
fn stepped(lang: Language, text: Text, it: &WaitingDraft) -> String {
    let [n, step, steps] = [it.version.to_string(), it.step.to_string(), it.steps.to_string()];
    let party = &*it.party_name;
    lang.fill(text, &[("party", party), ("n", &n), ("step", &step), ("steps", &steps)])
}

/// A brake with its figures and what to do.
fn paragraph(told: &Told) -> String {
    let figures = told.figures.iter().map(String::as_str);
    let all: Vec<&str> = std::iter::once(told.what).chain(figures).chain([told.next]).collect();
    all.join(" ")
}

/// A file's name: somebody may have put a number into it that has no place in a letter.
fn file_name(input: &str) -> String {
    let today = kobling_hub::clock::Clock::System.civil(&jiff::tz::TimeZone::UTC).date();
    kobling_pii::mask(input, today).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use kobling_domain::exchange::brake::{Gone, Limits, PlanFigures, check};
    use kobling_hub::exchange::runs::Refusal;

    fn write(notice: &Notice, language: Wanted) -> String {
        let letters = Letters::new(Site::new("https://kobling.example").unwrap());
        let Letter { subject, text } = letters.letter(notice, "Fjordby Kommune", language);
        format!("{subject}\n\n{text}")
    }

    #[test]
    fn a_letter_tells_what_is_held_in_every_language_with_counts_and_a_link() {
        let figures = PlanFigures {
            employments: Gone { open: 1_200, gone: 300, ended: 0, items: Vec::new() },
            ..PlanFigures::default()
        };
        let notice = Notice::PlanHeld(HeldPlan {
            source: "opus".to_owned(),
            input: "ZLPE20260304224013_delta.xml".to_owned(),
            date: date(2026, 3, 4),
            hash: "abcdef012345".to_owned(),
            read: 1_500,
            held: 310,
            gone: 300,
            brakes: check(&Limits::default(), &figures),
        });
        let all = [Wanted::Da, Wanted::Nl, Wanted::En].map(|it| write(&notice, it));
        insta::assert_snapshot!(all.join("\n=====\n"));
    }

    #[test]
    fn a_letter_tells_of_a_draft_in_every_language_whose_turn_it_is_with_counts_and_a_link() {
        let draft = WaitingDraft {
            agreement: "plan2learn".to_owned(),
            version: 2,
            party: "learning".to_owned(),
            party_name: "Learning Supplier".to_owned(),
            fields: 15,
            differing: Some(1),
            step: 2,
            steps: 2,
        };
        let new = WaitingDraft { version: 1, differing: None, ..draft.clone() };
        let notices = [
            Notice::DraftWaits(draft.clone()),
            Notice::DraftWaits(new),
            Notice::DraftRejected(draft),
        ];
        let all = notices.iter().flat_map(|notice| {
            [Wanted::Da, Wanted::Nl, Wanted::En].map(|language| write(notice, language))
        });
        insta::assert_snapshot!(all.collect::<Vec<_>>().join("\n=====\n"));
    }

    #[test]
    fn a_letter_tells_in_every_language_on_which_day_an_agreement_ends_with_a_link() {
        let notice = Notice::AgreementEnds(EndingAgreement {
            agreement: "plan2learn".to_owned(),
            until: date(2026, 7, 1),
            days: 30,
            party: "learning".to_owned(),
            party_name: "Learning Supplier".to_owned(),
        });
        let all = [Wanted::Da, Wanted::Nl, Wanted::En].map(|it| write(&notice, it));
        insta::assert_snapshot!(all.join("\n=====\n"));
    }

    #[test]
    fn a_number_in_the_name_of_a_file_has_no_place_in_a_letter() {
        let notice = Notice::RunRefused {
            source: "opus".to_owned(),
            input: "udtraek 710180-9991.xml".to_owned(),
            run: 7,
            refusal: Refusal::Cut,
        };
        let letter = write(&notice, Wanted::En);
        assert!(
            !letter.contains("9991") && letter.contains("https://kobling.example/runs/7"),
            "{letter}"
        );
    }
}
