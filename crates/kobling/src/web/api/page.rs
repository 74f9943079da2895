//! Lists, a page at a time.

use crate::web::problem::{Kind, Problem};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Things told at once if nobody says how many.
const USUAL: usize = 50;
/// Things told at once.
const MAX: u32 = 200;

/// How many things are told at once: 1 to 200.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u32")]
pub(super) struct Limit(u32);

impl JsonSchema for Limit {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Limit".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": MAX })
    }
}

impl TryFrom<u32> for Limit {
    type Error = String;

    fn try_from(it: u32) -> Result<Self, String> {
        if (1..=MAX).contains(&it) { Ok(Self(it)) } else { Err(format!("limit is 1 to {MAX}")) }
    }
}

/// As many as were asked for, else as many as usual.
pub(super) fn count(limit: Option<Limit>) -> usize {
    limit.and_then(|it| usize::try_from(it.0).ok()).unwrap_or(USUAL)
}

/// A page of a list whose order never changes: what is added meanwhile moves nothing.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "{T}Page")]
pub(super) struct Page<T> {
    /// What is on it.
    pub(super) items: Vec<T>,
    /// The `after` that gives the next page; none after the last.
    pub(super) next: Option<String>,
}

impl<T> Page<T> {
    /// The first `count` of those found, of which there is one more if there is a next page.
    pub(super) fn of(mut found: Vec<T>, count: usize, cursor: impl Fn(&T) -> String) -> Self {
        let is_last = found.len() <= count;
        found.truncate(count);
        let next = found.last().filter(|_| !is_last).map(cursor);
        Self { items: found, next }
    }

    /// A page of what is known by a key, in the order of keys.
    pub(super) fn by_key(mut all: Vec<T>, wanted: &Wanted, key: impl Fn(&T) -> &str) -> Self {
        all.retain(|it| wanted.after.as_deref().is_none_or(|after| key(it) > after));
        all.sort_by(|a, b| key(a).cmp(key(b)));
        Self::of(all, count(wanted.limit), |it| key(it).to_owned())
    }
}

/// Which page.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// The `next` of the page before; the first page without it.
    pub(super) after: Option<String>,
    /// How many at most; 50 without it.
    pub(super) limit: Option<Limit>,
}

/// Which one.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ByKey {
    /// Its key.
    pub(super) key: String,
}

impl ByKey {
    /// The one of `all` that has that key. `kind` is what a refusal calls it.
    pub(super) fn among<T>(
        &self,
        kind: &str,
        all: Vec<T>,
        key: impl Fn(&T) -> &str,
    ) -> Result<T, Problem> {
        let told = || Problem::new(Kind::NotFound, &format!("there is no {kind} {:?}", self.key));
        all.into_iter().find(|it| key(it) == self.key).ok_or_else(told)
    }
}

/// The number that a cursor is.
pub(super) fn number(after: Option<&str>) -> Result<Option<i64>, Problem> {
    let refused = |_| Problem::new(Kind::BadRequest, "after: give the `next` of the page before");
    after.map(|it| it.parse().map_err(refused)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_thing_is_on_one_page_and_what_is_added_meanwhile_moves_nothing() {
        let mut all: Vec<String> = ["d", "a", "c", "b", "e"].map(str::to_owned).into();
        let page = |all: &[String], after: Option<String>| {
            let wanted = Wanted { after, limit: Some(Limit(2)) };
            Page::by_key(all.to_vec(), &wanted, |it| it)
        };
        let first = page(&all, None);
        all.push("aa".to_owned());
        let second = page(&all, first.next.clone());
        let third = page(&all, second.next.clone());
        assert_eq!(
            [first.items, second.items, third.items],
            [vec!["a", "b"], vec!["c", "d"], vec!["e"]]
        );
        assert_eq!(third.next, None);
    }
}
