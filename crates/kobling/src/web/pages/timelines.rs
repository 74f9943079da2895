//! What was believed of a person, drawn on both axes of time.

use super::words;
use crate::web::frame::Frame;
use crate::web::language::Language;
use crate::web::picture::timeline::{Belief, Timeline, Words};
use crate::web::text::{fields, person as t};
use jiff::civil::Date;
use kobling_domain::people::{Field, FieldName};
use kobling_hub::people::{Believed, History};
use std::collections::BTreeMap;

/// The fields whose timeline can be drawn.
const DRAWN: [Field; 6] = [
    Field::EmploymentPositionTitle,
    Field::EmploymentUnit,
    Field::EmploymentContract,
    Field::EmploymentHoursNumerator,
    Field::PersonLastName,
    Field::PersonEmail,
];

/// A timeline with the table of what it shows.
pub(super) struct Drawing {
    pub(super) picture: Timeline,
    pub(super) title: String,
    pub(super) rows: Vec<[String; 4]>,
}

/// Beliefs, each with what it was made of.
type Beliefs<'a> = Vec<(&'a Believed, Belief)>;

/// The field of that name, if it can be drawn; else the title of the position.
pub(super) fn field(name: &str) -> Field {
    let found = DRAWN.into_iter().find(|it| it.name() == name);
    found.unwrap_or(Field::EmploymentPositionTitle)
}

/// What can be drawn, and what is.
pub(super) fn choices(lang: Language, chosen: Field) -> Vec<(&'static str, &'static str, bool)> {
    let choice = |it: Field| (it.name(), lang.t(fields::label(it)), it == chosen);
    DRAWN.into_iter().map(choice).collect()
}

/// One timeline for each employment that ever told of the field.
pub(super) fn timelines(
    frame: &Frame,
    history: &History,
    field: Field,
    today: Date,
) -> Vec<Drawing> {
    let name = FieldName::Known(field);
    let mut by_number: BTreeMap<String, Beliefs<'_>> = BTreeMap::new();
    for it in &history.claims {
        let value = it.values.iter().find(|told| told.0 == name);
        let Some((_, value)) = value else { continue };
        let belief = Belief {
            text: words::value(frame.lang, &name, value),
            from: it.from,
            until: it.until,
            since: it.since.version.0,
            replaced: it.replaced.as_ref().map(|it| it.by.version.0),
        };
        let number = it.native.as_ref().map(ToString::to_string).unwrap_or_default();
        by_number.entry(number).or_default().push((it, belief));
    }
    let drawing = |(nth, (number, told)): (usize, (String, Beliefs<'_>))| {
        let label = frame.lang.t(fields::label(field));
        let title = frame.fill(t::TIMELINE_OF, &[("field", label), ("number", &number)]);
        draw(frame, (format!("timeline-{nth}"), title), today, &told)
    };
    by_number.into_iter().enumerate().map(drawing).collect()
}

fn draw(
    frame: &Frame,
    (id, title): (String, String),
    today: Date,
    told: &[(&Believed, Belief)],
) -> Drawing {
    let mut moments: BTreeMap<i64, String> = BTreeMap::new();
    for (it, _) in told {
        let replaced = it.replaced.as_ref().map(|it| &it.by);
        for known in std::iter::once(&it.since).chain(replaced) {
            let at = known.at.map(|it| frame.instant(it)).unwrap_or_default();
            moments.insert(known.version.0, at);
        }
    }
    let moment = |version: i64| moments.get(&version).cloned().unwrap_or_default();
    let rows = told.iter().map(|(it, belief)| {
        let until = belief.replaced.map_or_else(|| frame.t(t::STILL).to_owned(), &moment);
        [belief.text.clone(), frame.lang.days(it.from, it.until), moment(belief.since), until]
    });
    let rows = rows.collect();
    let words = Words {
        id,
        title: title.clone(),
        today: (frame.t(t::TIMELINE_TODAY), today),
        moment: &moment,
        day: &|it| frame.lang.date(it),
    };
    let beliefs: Vec<Belief> = told.iter().map(|it| it.1.clone()).collect();
    Drawing { picture: Timeline::new(words, &beliefs), title, rows }
}
