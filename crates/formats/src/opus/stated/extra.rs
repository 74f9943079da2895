//! What a record says that has no place in the grammar.

use super::{CPR_DIGITS, Protection, Understanding};
use crate::opus::{Code, Record};
use kobling_domain::people::{FieldName, State, Value};

/// What stands for an unknown text that may hold a national number.
const WITHHELD: &str = "(withheld: it may hold a national number)";

impl Understanding<'_> {
    /// Keeps what has no place in the grammar. Nobody knows what it is, so nothing of it is kept
    /// of somebody whose address is protected, and no text in which a national number may stand.
    pub(super) fn extras(&mut self, record: Record, protection: Protection, state: &mut State) {
        if record.extra.is_empty() {
            return;
        }
        let names = record.extra.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        if protection == Protection::Protected {
            let text =
                format!("not kept, for what they tell may be the protected address: {names}");
            return self.note(Code::ElementUnknown, text);
        }
        for (path, text) in record.extra {
            let text = if may_hold_a_number(&text) { WITHHELD.to_owned() } else { text };
            state.set_named(FieldName::Extra(path), Value::Text(text));
        }
        let text = format!("kept as extra, having no place in the grammar: {names}");
        self.note(Code::ElementUnknown, text);
    }
}

/// Whether ten digits stand together in a text, or six and four apart by a hyphen or a blank.
fn may_hold_a_number(text: &str) -> bool {
    let apart = |it: char| !it.is_ascii_digit() && it != '-' && it != ' ';
    text.split(apart).any(|run| {
        let groups: Vec<usize> = run.split(['-', ' ']).map(str::len).filter(|it| *it > 0).collect();
        groups.contains(&CPR_DIGITS) || groups.windows(2).any(|it| it == [6, 4])
    })
}
