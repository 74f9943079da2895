//! A chart of one unit: the one above it, itself, and those right below.

use askama::Template;

/// How wide a box is, and how high.
const BOX: (usize, usize) = (230, 48);
/// What stands between two columns, and between two rows.
const GAP: (usize, usize) = (40, 12);
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
        let rows = below.len().clamp(1, BELOW_MAX);
        let (step_x, step_y) = (BOX.0 + GAP.0, BOX.1 + GAP.1);
        let middle = (rows - 1) * step_y / 2;
        let column = usize::from(above.is_some());
        let mut boxes: Vec<Drawn> = above.into_iter().map(|it| drawn(it, (0, middle))).collect();
        let own = (column * step_x, middle);
        boxes.push(Drawn { is_chosen: true, ..drawn(unit, own) });
        let next = own.0 + step_x;
        let below = below.into_iter().take(BELOW_MAX).enumerate();
        let below: Vec<Drawn> = below.map(|(nth, it)| drawn(it, (next, nth * step_y))).collect();
        let half = BOX.1 / 2;
        let mut lines: Vec<_> =
            below.iter().map(|it| (own.0 + BOX.0, middle + half, it.x, it.y + half)).collect();
        if column == 1 {
            lines.push((BOX.0, middle + half, own.0, middle + half));
        }
        boxes.extend(below);
        Self {
            title,
            width: next + BOX.0 + 2,
            height: rows * step_y + 2,
            boxes,
            lines,
            more: (left_out > 0).then(|| more(left_out)),
        }
    }
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
        assert_eq!((chart.boxes.len(), chart.lines.len()), (14, 13));
        assert!(chart.render().unwrap().contains("and 8 more"));
    }
}
