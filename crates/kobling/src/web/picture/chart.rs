//! A chart of one unit: the one above it, itself, and those right below, each further in than the one
//! above it, so that a narrow screen has room for it.

use askama::Template;

/// How wide a box is, and how high.
const BOX: (usize, usize) = (230, 48);
/// How far in a unit stands below another, and how far down.
const STEP: (usize, usize) = (32, 60);
/// Boxes that are drawn below a unit.
const BELOW_MAX: usize = 12;
/// Letters that a box has room for.
const LETTERS: usize = 28;

/// A unit in the chart.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Its name.
    pub(crate) name: String,
    /// What stands below its name.
    pub(crate) note: String,
    /// Where it leads.
    pub(crate) href: String,
}

/// The chart.
#[derive(Template)]
#[template(path = "chart.html")]
pub(crate) struct Chart {
    title: String,
    width: usize,
    height: usize,
    boxes: Vec<Drawn>,
    lines: Vec<(usize, usize, usize, usize)>,
    more: Option<String>,
}

struct Drawn {
    x: usize,
    y: usize,
    is_chosen: bool,
    name: String,
    full: String,
    note: String,
    href: String,
}

impl Chart {
    /// Draws `unit` between the one above it and those below. `more` says how many are not drawn.
    pub(crate) fn new(
        title: String,
        above: Option<Place>,
        unit: Place,
        below: Vec<Place>,
        more: &dyn Fn(usize) -> String,
    ) -> Self {
        let left_out = below.len().saturating_sub(BELOW_MAX);
        let depth = usize::from(above.is_some());
        let place = |depth: usize, row: usize| (depth * STEP.0, row * STEP.1);
        let mut boxes: Vec<Drawn> = above.into_iter().map(|it| drawn(it, place(0, 0))).collect();
        boxes.push(Drawn { is_chosen: true, ..drawn(unit, place(depth, depth)) });
        let next = depth + 1;
        let below = below.into_iter().take(BELOW_MAX).zip(next..);
        boxes.extend(below.map(|(it, row)| drawn(it, place(next, row))));
        let rows = boxes.len();
        let own = (depth > 0).then(|| hung(place(0, 0), place(1, 1)));
        let lines = (next..rows).map(|row| hung(place(depth, depth), place(next, row)));
        let lines = own.into_iter().chain(lines).flatten().collect();
        Self {
            title,
            width: next * STEP.0 + BOX.0 + 2,
            height: (rows - 1) * STEP.1 + BOX.1 + 2,
            boxes,
            lines,
            more: (left_out > 0).then(|| more(left_out)),
        }
    }
}

/// The lines by which one box hangs on another: down from the upper one, and across.
fn hung(upper: (usize, usize), lower: (usize, usize)) -> [(usize, usize, usize, usize); 2] {
    let (x, y) = (upper.0 + STEP.0 / 2, lower.1 + BOX.1 / 2);
    [(x, upper.1 + BOX.1, x, y), (x, y, lower.0, y)]
}

fn drawn(place: Place, (x, y): (usize, usize)) -> Drawn {
    let name = match place.name.chars().count() {
        0..=LETTERS => place.name.clone(),
        _ => place.name.chars().take(LETTERS - 1).chain(['…']).collect(),
    };
    let (full, note, href) = (place.name, place.note, place.href);
    Drawn { x: x + 1, y: y + 1, is_chosen: false, name, full, note, href }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str) -> Place {
        Place { name: name.to_owned(), note: "3".to_owned(), href: format!("/units?unit={name}") }
    }

    #[test]
    fn what_finds_no_room_is_said_and_each_unit_below_hangs_on_its_line() {
        let below: Vec<Place> = (0..20).map(|it| place(&it.to_string())).collect();
        let chart = Chart::new("c".to_owned(), Some(place("up")), place("own"), below, &|it| {
            format!("and {it} more")
        });
        assert_eq!((chart.boxes.len(), chart.lines.len()), (14, 26));
        assert!(chart.width < 320, "a narrow screen has room for it: {}", chart.width);
        assert!(chart.render().unwrap().contains("and 8 more"));
    }
}
