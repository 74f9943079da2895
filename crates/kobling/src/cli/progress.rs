//! Progress of long work: a bar on a terminal, one line a second otherwise.

use super::print;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kobling_hub::exchange::progress::{Progress, Stage};
use std::cell::Cell;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Work shorter than this is not told of.
const QUIET: Duration = Duration::from_secs(1);

/// Tells the person at the terminal.
pub(super) struct Terminal {
    bar: Option<ProgressBar>,
    told: Cell<Instant>,
}

impl Terminal {
    pub(super) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) =
                ProgressStyle::with_template("{spinner} {msg} {human_pos} {wide_bar}")
            {
                bar.set_style(style);
            }
            bar
        });
        Self { bar, told: Cell::new(Instant::now()) }
    }

    /// Clears what was told.
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Terminal {
    fn at(&self, stage: Stage, done: u64, total: u64) {
        let word = match stage {
            Stage::Read => "records read",
            Stage::Gone => "missing subjects looked at",
            Stage::Apply => "changes written",
            Stage::Roster => "employments listed",
            Stage::Deliver => "people looked at",
        };
        match &self.bar {
            Some(bar) => {
                bar.set_message(word);
                bar.set_position(done);
                if total > 0 {
                    bar.set_length(total);
                }
            }
            None if self.told.get().elapsed() >= QUIET => {
                self.told.set(Instant::now());
                print::note(&format!("{done} {word}"));
            }
            None => {}
        }
    }
}
