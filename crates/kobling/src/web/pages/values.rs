//! Values with all that is told of them: days, origin, rule, and where they went.

use super::words;
use crate::web::frame::Frame;
use crate::web::text::{fields, person as t};
use jiff::civil::Date;
use kobling_domain::people::FieldName;
use kobling_hub::exchange::deliver::went::Went;
use kobling_hub::people::{Shown, ShownSlice, ShownValue};

/// The values of one subject.
pub(super) struct Group {
    pub(super) title: String,
    pub(super) slices: Vec<Slice>,
}

/// Some days on which nothing changes.
pub(super) struct Slice {
    pub(super) days: String,
    pub(super) is_current: bool,
    pub(super) values: Vec<Told>,
}

/// One value, with all that is told of it.
pub(super) struct Told {
    pub(super) field: String,
    pub(super) value: String,
    pub(super) origin: String,
    /// The run that told it, and whether the reader may see that.
    pub(super) run: (i64, bool),
    pub(super) rule: String,
    pub(super) went: Vec<String>,
}

/// What values are told with.
pub(super) struct Teller<'a> {
    pub(super) frame: &'a Frame,
    pub(super) went: &'a [Went],
    pub(super) day: Date,
    /// Whether the reader may see the runs that told values.
    pub(super) may_see_runs: bool,
}

impl Teller<'_> {
    pub(super) fn group(&self, title: String, shown: &Shown) -> Group {
        let slice = |it: &ShownSlice| Slice {
            days: self.frame.lang.days(it.from, it.until),
            is_current: holds_on(it, self.day),
            values: it.values.iter().map(|(name, value)| self.told(name, value)).collect(),
        };
        let mut slices: Vec<Slice> = shown.slices.iter().map(slice).collect();
        // What holds today is looked for most.
        slices.sort_by_key(|it| !it.is_current);
        Group { title, slices }
    }

    fn told(&self, name: &FieldName, value: &ShownValue) -> Told {
        let (frame, origin) = (self.frame, &value.origin);
        let from = &origin.provenance;
        let record = frame.lang.number(from.record);
        let values = [("source", &*from.source), ("file", &*from.input), ("record", &*record)];
        let rule = if origin.stated {
            frame.t(t::RULE_STATED).to_owned()
        } else {
            frame.fill(t::RULE_ASSUMED, &[("day", &frame.lang.date(origin.stated_from))])
        };
        Told {
            field: fields::name(frame.lang, name),
            value: words::value(frame.lang, name, &value.value),
            origin: frame.fill(t::ORIGIN_TOLD, &values),
            run: (from.run, self.may_see_runs),
            rule,
            went: self.went(name, value),
        }
    }

    /// The targets that may have the field, and when each first took it as it is now.
    fn went(&self, name: &FieldName, value: &ShownValue) -> Vec<String> {
        let FieldName::Known(field) = name else { return Vec::new() };
        let may_have = self.went.iter().filter(|it| it.has && it.covers(*field));
        let line = |it: &Went| match it.first_since(value.origin.version) {
            Some(took) => {
                let at = self.frame.instant(took.at);
                self.frame.fill(t::WENT_AT, &[("target", &it.name), ("at", &at)])
            }
            None => self.frame.fill(t::WENT_NOT_YET, &[("target", &it.name)]),
        };
        may_have.map(line).collect()
    }
}

/// Whether it holds on that day.
pub(super) fn holds_on(slice: &ShownSlice, day: Date) -> bool {
    slice.from.is_none_or(|it| it <= day) && slice.until.is_none_or(|it| it > day)
}
