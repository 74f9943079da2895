//! The one entry of the fuzz target and of the test that replays its corpus.

use jiff::civil::date;
use kobling_pii::{Level, find, mask};

/// Reads whatever `input` is and holds what is found to the laws: findings stand in the text, in
/// order and apart; masked, no sure number is left; and none tells more than a day of the month.
pub(crate) fn read_anything(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let today = date(2026, 3, 5);
    let found = find(&text, today);
    let mut end = 0;
    for it in &found {
        assert!(it.span.start >= end && it.span.start < it.span.end);
        assert!(text.get(it.span.clone()).is_some());
        assert!(it.masked.chars().filter(|it| it.is_numeric()).count() <= 2);
        end = it.span.end;
    }
    let masked = mask(&text, today);
    // What was masked may have kept apart what stood around it; once more, and nothing is left.
    let again = mask(&masked, today);
    assert!(find(&again, today).iter().all(|it| it.level == Level::Warn));
}
