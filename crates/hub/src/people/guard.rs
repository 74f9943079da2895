//! Identity numbers in texts that have no business holding one: a title, a street, a phone number.

use jiff::civil::Date;
use kobling_domain::exchange::Stated;
use kobling_domain::people::{Field, FieldName};
use kobling_pii::Level;

/// Fields that hold long numbers of other kinds. In these only what is surely a national number
/// is masked.
const NUMBERS: [Field; 6] = [
    Field::UnitCvr,
    Field::UnitEan,
    Field::UnitSe,
    Field::UnitPNumber,
    Field::UnitCostCenter,
    Field::EmploymentPNumber,
];
/// Masked texts that a report names.
const NAMED_MAX: usize = 5;

/// Masks what looks like a national number in the texts of a record, before anything of it is kept.
/// `date` is the day after which nobody in the file is born; equal records are masked equally.
/// Gives the fields that were changed.
pub(crate) fn mask(stated: &mut Stated, date: Date) -> Vec<FieldName> {
    let mut masked = Vec::new();
    for (name, text) in stated.state.texts_mut() {
        let found = kobling_pii::find(text, date);
        let surely = matches!(name, FieldName::Known(field) if NUMBERS.contains(field));
        if found.iter().any(|it| !surely || it.level == Level::Block) {
            *text = kobling_pii::mask(text, date).into_owned();
            masked.push(name.clone());
        }
    }
    masked.dedup();
    masked
}

/// What was masked in an input.
#[derive(Debug, Default)]
pub(crate) struct Masked {
    texts: usize,
    named: Vec<String>,
}

impl Masked {
    /// Counts the fields that were masked in the record of `stated`.
    pub(crate) fn count(&mut self, stated: &Stated, fields: &[FieldName]) {
        self.texts += fields.len();
        for field in fields {
            if self.named.len() < NAMED_MAX {
                self.named.push(format!("{field} of {} {}", stated.kind, stated.native));
            }
        }
    }

    /// What a report says of it; none if nothing was masked.
    pub(crate) fn note(&self) -> Option<String> {
        let what = match self.texts {
            0 => return None,
            1 => "one text held what looks like a national number, which was masked".to_owned(),
            it => format!("{it} texts held what looks like a national number, which was masked"),
        };
        let more = if self.texts > self.named.len() { ", …" } else { "" };
        Some(format!("{what}; write it elsewhere at the source: {}{more}", self.named.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use kobling_domain::exchange::Existence;
    use kobling_domain::people::{Kind, NativeKey, State, Value};

    const DAY: Date = date(2026, 3, 5);

    fn stated(field: Field, text: &str) -> Stated {
        let mut state = State::new();
        state.set(field, Value::Text(text.to_owned()));
        let native = NativeKey::number(17);
        Stated { kind: Kind::Employment, native, existence: Existence::Ended, person: None, state }
    }

    #[test]
    fn a_number_in_a_title_is_masked_and_the_rest_of_the_title_stays() {
        let mut it = stated(Field::EmploymentPositionTitle, "Vikar for 010300-0017");
        let masked = mask(&mut it, DAY);
        let title = it.state.text(Field::EmploymentPositionTitle);
        assert_eq!(title, Some("Vikar for 01••••-••••"));
        let mut all = Masked::default();
        all.count(&it, &masked);
        let note = all.note().unwrap();
        assert!(note.ends_with("employment.position_title of employment 17"), "{note}");
    }

    #[test]
    fn a_production_unit_number_that_looks_like_one_by_chance_is_left() {
        let mut it = stated(Field::EmploymentPNumber, "0103000017");
        assert_eq!(mask(&mut it, DAY), []);
    }
}
