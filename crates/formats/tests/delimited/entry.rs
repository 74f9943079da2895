//! The one entry of the fuzz target and of the test that replays its corpus.

use kobling_formats::delimited::{Layout, LayoutText, compare, inspect};

const LAYOUTS: [&str; 2] = [
    r#"{"kind": "person", "key": "K", "from": "F", "until": "U", "count": "N",
        "fields": {"person.name": "A", "person.national_number": "C"}}"#,
    r#"{"kind": "employment", "key": ["K", "A"], "encoding": "windows-1252", "delimiter": ",",
        "match_on": {"column": "C", "by": "id"},
        "fields": {"employment.hours_numerator": "F", "employment.is_manager": "U"}}"#,
];

/// Reads whatever `input` is and holds what is read to the laws: a file that is complete is not
/// refused, and it does not differ from itself.
pub(crate) fn read_anything(input: &[u8]) {
    for text in LAYOUTS {
        let text: LayoutText = serde_json::from_str(text).unwrap();
        let layout = Layout::parse(&text).unwrap();
        let inspection = inspect(input, &layout);
        let difference = compare(input, input, &layout);
        assert_eq!(difference.is_err(), inspection.refused.is_some());
        assert!(!inspection.complete || inspection.refused.is_none());
        if let Ok(it) = difference {
            assert_eq!((it.rows.added, it.rows.changed, it.rows.gone), (0, 0, 0));
        }
    }
}
