//! Pictures that are drawn here: what they show always stands as text beside them.

pub(crate) mod chart;
pub(crate) mod timeline;

use askama::Template;

/// How wide a picture of bars is.
const WIDTH: u64 = 640;
/// How high its highest bar is.
const HEIGHT: u64 = 120;
/// What stands above a bar and below it.
const MARGIN: u64 = 22;

/// Bars beside each other.
#[derive(Template)]
#[template(path = "bars.html")]
pub(crate) struct Bars {
    id: &'static str,
    title: String,
    all: Vec<Bar>,
    width: u64,
    height: u64,
    base: u64,
}

struct Bar {
    x: u64,
    y: u64,
    width: u64,
    height: u64,
    middle: u64,
    label: String,
    value: String,
}

impl Bars {
    /// What it shows.
    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    /// A bar for each value, with a short label and the value as it is written.
    pub(crate) fn new(id: &'static str, title: String, values: Vec<(String, u64, String)>) -> Self {
        let count = u64::try_from(values.len()).unwrap_or(u64::MAX).max(1);
        let step = WIDTH / count;
        let max = values.iter().map(|it| it.1).max().unwrap_or_default().max(1);
        let bars = (0..).zip(values).map(|(nth, (label, value, written))| {
            // A value that is not nothing is never drawn as nothing.
            let height = (value.saturating_mul(HEIGHT) / max).max(u64::from(value > 0) * 2);
            let x = nth * step;
            Bar {
                x: x + step / 8,
                y: MARGIN + HEIGHT - height,
                width: step - step / 4,
                height,
                middle: x + step / 2,
                label,
                value: written,
            }
        });
        let all = bars.collect();
        let base = MARGIN + HEIGHT;
        Self { id, title, all, width: WIDTH, height: base + MARGIN, base }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_bar_fills_the_height_and_the_smallest_is_still_seen() {
        let values = [0, 1, 1_000].map(|it| (it.to_string(), it, it.to_string()));
        let bars = Bars::new("runs", "Runs".to_owned(), values.into());
        let heights: Vec<u64> = bars.all.iter().map(|it| it.height).collect();
        assert_eq!(heights, [0, 2, HEIGHT]);
        assert!(bars.render().unwrap().contains("role=\"img\""));
    }
}
