//! What was believed of one field, on both axes: the days on which it holds, and since when the hub
//! knew.

use askama::Template;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// How wide the picture is.
const WIDTH: i64 = 720;
/// What stands left of the days.
const LEFT: i64 = 170;
/// How high one row of the recorded time is.
const ROW: i64 = 34;
/// What stands above the rows.
const TOP: i64 = 26;
/// Rows that are drawn: the latest ones.
const ROWS_MAX: usize = 12;
/// A letter is about so wide.
const LETTER: i64 = 7;
/// The name of a day is about so wide.
const DAY_WIDTH: i64 = 80;
/// Days beside the first and the last that is told.
const MARGIN_DAYS: i64 = 60;

/// One value that was believed.
#[derive(Clone, Debug)]
pub(crate) struct Belief {
    /// What it says.
    pub(crate) text: String,
    /// The first day; none if it has always been so.
    pub(crate) from: Option<Date>,
    /// The first day on which it is no longer so; none if no end is known.
    pub(crate) until: Option<Date>,
    /// The version since which it is believed.
    pub(crate) since: i64,
    /// The version since which it is believed no more.
    pub(crate) replaced: Option<i64>,
}

/// How the picture names itself, and what it is drawn for.
pub(crate) struct Words<'a> {
    /// Its id on the page.
    pub(crate) id: String,
    /// What it shows.
    pub(crate) title: String,
    /// The line of today.
    pub(crate) today: (&'static str, Date),
    /// When a version was taken.
    pub(crate) moment: &'a dyn Fn(i64) -> String,
    /// How a day is written.
    pub(crate) day: &'a dyn Fn(Date) -> String,
}

/// The picture.
#[derive(Template)]
#[template(path = "timeline.html")]
pub(crate) struct Timeline {
    id: String,
    title: String,
    today_label: &'static str,
    width: i64,
    height: i64,
    left: i64,
    top: i64,
    bottom: i64,
    today: i64,
    fields: Vec<Drawn>,
    rows: Vec<(i64, String)>,
    days: Vec<(i64, String)>,
}

/// One belief, as it is drawn.
struct Drawn {
    x: i64,
    y: i64,
    width: i64,
    height: i64,
    is_believed: bool,
    label: String,
    full: String,
}

/// From days to places across.
struct Scale {
    first: i64,
    last: i64,
}

impl Scale {
    fn of(beliefs: &[Belief], today: Date) -> Self {
        let told = beliefs.iter().flat_map(|it| [it.from, it.until]).flatten().chain([today]);
        let numbers: Vec<i64> = told.map(number).collect();
        let first = numbers.iter().min().copied().unwrap_or_default();
        let last = numbers.iter().max().copied().unwrap_or_default();
        Self { first: first - MARGIN_DAYS, last: last + MARGIN_DAYS }
    }

    fn x(&self, day: Date) -> i64 {
        let span = (self.last - self.first).max(1);
        LEFT + (number(day).clamp(self.first, self.last) - self.first) * (WIDTH - LEFT) / span
    }
}

/// Days since some day.
fn number(day: Date) -> i64 {
    i64::from((day - jiff::civil::date(2000, 1, 1)).get_days())
}

impl Timeline {
    /// Draws `beliefs`; the version that is known now stands at the top.
    pub(crate) fn new(words: Words<'_>, beliefs: &[Belief]) -> Self {
        let (today_label, today) = words.today;
        let scale = Scale::of(beliefs, today);
        let versions: BTreeSet<i64> =
            beliefs.iter().flat_map(|it| [Some(it.since), it.replaced]).flatten().collect();
        let skipped = versions.len().saturating_sub(ROWS_MAX);
        let versions: Vec<i64> = versions.into_iter().skip(skipped).collect();
        let count = i64::try_from(versions.len()).unwrap_or_default();
        let y = |version: i64| {
            let before = versions.iter().filter(|it| **it < version).count();
            TOP + (count - i64::try_from(before).unwrap_or_default()) * ROW
        };
        let draw = |it: &Belief| drawn(it, &scale, (it.replaced.map_or(TOP, y), y(it.since)));
        let moment = |it: &i64| (y(*it) - ROW / 2 + 4, (words.moment)(*it));
        let bottom = TOP + count * ROW;
        Self {
            id: words.id,
            title: words.title,
            today_label,
            width: WIDTH,
            height: bottom + TOP,
            left: LEFT,
            top: TOP,
            bottom,
            today: scale.x(today),
            fields: beliefs.iter().filter_map(draw).collect(),
            rows: versions.iter().map(moment).collect(),
            days: days(beliefs, &scale, words.day),
        }
    }
}

/// A belief between two heights; none if it was replaced before the first row.
fn drawn(it: &Belief, scale: &Scale, (top, bottom): (i64, i64)) -> Option<Drawn> {
    let x = it.from.map_or(LEFT, |from| scale.x(from));
    let end = it.until.map_or(WIDTH, |until| scale.x(until));
    let width = (end - x).max(3);
    let letters = usize::try_from((width - 8) / LETTER).unwrap_or_default();
    (bottom > top).then(|| Drawn {
        x,
        y: top,
        width,
        height: bottom - top,
        is_believed: it.replaced.is_none(),
        label: clipped(&it.text, letters),
        full: it.text.clone(),
    })
}

/// The days on which something begins or ends, as far as their names do not run into each other;
/// the table has all of them.
fn days(beliefs: &[Belief], scale: &Scale, day: &dyn Fn(Date) -> String) -> Vec<(i64, String)> {
    let ends: BTreeSet<Date> =
        beliefs.iter().flat_map(|it| [it.from, it.until]).flatten().collect();
    let mut days: Vec<(i64, String)> = Vec::new();
    for it in ends {
        let x = scale.x(it);
        let has_room = days.last().is_none_or(|last| x - last.0 > DAY_WIDTH);
        if has_room && x < WIDTH - DAY_WIDTH {
            days.push((x, day(it)));
        }
    }
    days
}

fn clipped(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    match letters {
        0..=2 => String::new(),
        _ => text.chars().take(letters - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn belief(text: &str, from: Date, until: Option<Date>, known: (i64, Option<i64>)) -> Belief {
        let (since, replaced) = known;
        Belief { text: text.to_owned(), from: Some(from), until, since, replaced }
    }

    #[test]
    fn what_is_believed_now_reaches_the_top_and_what_was_replaced_ends_below_it() {
        let change = date(2026, 3, 5);
        let beliefs = [
            belief("Lærer", date(2014, 8, 1), None, (1, Some(2))),
            belief("Lærer", date(2014, 8, 1), Some(change), (2, None)),
            belief("Skoleleder", change, None, (2, None)),
        ];
        let words = Words {
            id: "t".to_owned(),
            title: "Timeline".to_owned(),
            today: ("today", date(2026, 3, 6)),
            moment: &|it| it.to_string(),
            day: &|it| it.to_string(),
        };
        let picture = Timeline::new(words, &beliefs);
        let heights: Vec<(i64, i64, bool)> =
            picture.fields.iter().map(|it| (it.y, it.y + it.height, it.is_believed)).collect();
        assert_eq!(heights, [(60, 94, false), (26, 60, true), (26, 60, true)]);
        let last = picture.fields.last().unwrap();
        assert_eq!(last.x + last.width, WIDTH, "what has no end reaches the edge");
        assert!(picture.render().unwrap().contains("Skoleleder"));
    }
}
