//! Tables that sort, filter, page and export, by the address alone.

pub(crate) mod export;

use super::frame::escaped;
use super::language::Language;
use super::text::{Text, common};
use askama::Template;
use jiff::civil::Date;
use kobling_domain::id::SubjectId;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Rows on a page.
const PAGE_ROWS: usize = 50;
/// Pages that are linked on each side of the one that is shown.
const PAGES_BESIDE: usize = 2;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Words.
    Text,
    /// Numbers, set to the right.
    Numbers,
    /// What programs call something: long, without blanks, and broken where the room ends.
    Names,
}

/// A column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    head: String,
    holds: Holds,
}

/// By what a cell is sorted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// Nothing is told: first.
    None,
    Number(i64),
    Text(String),
}

/// What a status means, beside its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tone {
    /// As it should be.
    Good,
    /// Neither good nor bad.
    Plain,
    /// Somebody should look at it.
    Look,
    /// It does not work.
    Bad,
}

impl Tone {
    /// The class of a tag of this tone.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Good => "status status-good",
            Self::Plain => "status status-plain",
            Self::Look => "status status-look",
            Self::Bad => "status status-bad",
        }
    }
}

/// What stands in one place of a table.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) href: Option<String>,
    pub(crate) tone: Option<Tone>,
    about: Option<SubjectId>,
    key: Key,
}

impl Cell {
    /// Words.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { key: Key::Text(text.to_lowercase()), text, ..Self::none() }
    }

    /// Nothing is told.
    pub(crate) fn none() -> Self {
        Self { key: Key::None, text: String::new(), href: None, tone: None, about: None }
    }

    /// A number.
    pub(crate) fn number(lang: Language, n: impl TryInto<i64>) -> Self {
        let n = n.try_into().unwrap_or(i64::MAX);
        Self { key: Key::Number(n), text: lang.number(n), ..Self::none() }
    }

    /// A day.
    pub(crate) fn day(lang: Language, day: Date) -> Self {
        let number = i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100;
        Self::sorted(lang.date(day), number + i64::from(day.day()))
    }

    /// Words that are sorted by a number: an instant.
    pub(crate) fn sorted(text: impl Into<String>, by: i64) -> Self {
        Self { key: Key::Number(by), text: text.into(), ..Self::none() }
    }

    /// The same, leading somewhere.
    #[must_use]
    pub(crate) fn to(self, href: impl Into<String>) -> Self {
        Self { href: Some(href.into()), ..self }
    }

    /// The same; the row shows data of this person, whose reading is to be written down.
    #[must_use]
    pub(crate) fn about(self, person: SubjectId) -> Self {
        Self { about: Some(person), ..self }
    }

    /// The same, as a status.
    #[must_use]
    pub(crate) fn toned(self, tone: Tone) -> Self {
        Self { tone: Some(tone), ..self }
    }
}

/// A table as a page has it, before the reader's wishes.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// What it is about; also the name of a file it is saved to.
    pub(crate) caption: String,
    /// Its columns.
    pub(crate) columns: Vec<Column>,
    /// Its rows.
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// What a reader wishes, from the address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    /// The column to sort by; 1 for the first.
    pub(crate) sort: Option<usize>,
    /// `up` or `down`.
    pub(crate) order: Option<Order>,
    /// What rows must have.
    pub(crate) find: Option<String>,
    /// The page; 1 for the first.
    pub(crate) page: Option<usize>,
    /// As which file.
    pub(crate) r#as: Option<export::Format>,
}

/// In which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Order {
    /// The lowest first.
    Up,
    /// The highest first.
    Down,
}

impl Order {
    fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

impl Table {
    /// A table with these columns and no rows yet.
    pub(crate) fn new(caption: impl Into<String>, columns: &[(&str, Holds)]) -> Self {
        let columns =
            columns.iter().map(|(head, holds)| Column { head: (*head).to_owned(), holds: *holds });
        Self { caption: caption.into(), columns: columns.collect(), rows: Vec::new() }
    }

    /// Whose data it shows.
    pub(crate) fn people(&self) -> Vec<SubjectId> {
        people(&self.rows)
    }

    /// The rows that are wished for, in the order that is wished for.
    pub(crate) fn wished(mut self, wish: &Wish) -> Self {
        let find = wish.find.as_deref().unwrap_or_default().trim().to_lowercase();
        if !find.is_empty() {
            self.rows.retain(|row| row.iter().any(|it| it.text.to_lowercase().contains(&find)));
        }
        if let Some(column) = wish.sort.and_then(|it| it.checked_sub(1)) {
            let key = |row: &Vec<Cell>| row.get(column).map(|it| it.key.clone());
            match wish.order.unwrap_or(Order::Up) {
                Order::Up => self.rows.sort_by_key(key),
                Order::Down => self.rows.sort_by_key(|row| std::cmp::Reverse(key(row))),
            }
        }
        self
    }

    /// The page of it that is wished for, as HTML. `keep` is what the address holds beside the wish.
    pub(crate) fn page(
        self,
        lang: Language,
        wish: &Wish,
        path: &str,
        keep: &[(&str, &str)],
    ) -> Page {
        let is_narrowed = wish.find.as_deref().is_some_and(|it| !it.trim().is_empty());
        let mut table = self.wished(wish);
        let all = table.rows.len();
        let pages = all.div_ceil(PAGE_ROWS).max(1);
        let page = wish.page.unwrap_or(1).clamp(1, pages);
        let first = (page - 1) * PAGE_ROWS;
        let rows: Vec<Vec<Cell>> = table.rows.drain(..).skip(first).take(PAGE_ROWS).collect();
        let address = Address { path, keep, wish };
        let numbers = [first + usize::from(all > 0), first + rows.len(), all];
        let [from, to, all_text] = numbers.map(|it| lang.number(it));
        let shown = if all == 1 {
            lang.t(common::TABLE_SHOWN_ONE).to_owned()
        } else {
            lang.fill(common::TABLE_SHOWN, &[("from", &from), ("to", &to), ("all", &all_text)])
        };
        let find = wish.find.clone().unwrap_or_default();
        let nothing =
            if is_narrowed { none_found(lang, &find) } else { lang.t(common::TABLE_EMPTY).into() };
        let heads = table.columns.iter().zip(1..).map(|(it, nth)| head(lang, it, nth, &address));
        Page {
            lang,
            heads: heads.collect(),
            rows,
            shown,
            is_narrowed,
            nothing,
            find,
            path: path.to_owned(),
            keep: keep.iter().map(|(name, it)| ((*name).to_owned(), (*it).to_owned())).collect(),
            everything: address.with(&[("find", ""), ("page", "")]),
            links: links(lang, page, pages, &address),
            exports: export::Format::ALL.map(|it| (it.label(), address.with(&[("as", it.name())]))),
            caption: table.caption,
        }
    }
}

/// What is said of a search without hits.
pub(crate) fn none_found(lang: Language, find: &str) -> String {
    lang.fill(common::TABLE_NONE_FOUND, &[("find", find.trim())])
}

fn people(rows: &[Vec<Cell>]) -> Vec<SubjectId> {
    let people: BTreeSet<SubjectId> = rows.iter().flatten().filter_map(|it| it.about).collect();
    people.into_iter().collect()
}

fn head(lang: Language, column: &Column, nth: usize, address: &Address<'_>) -> Head {
    let current = (address.wish.sort == Some(nth)).then(|| address.wish.order.unwrap_or(Order::Up));
    let next = match current {
        Some(Order::Up) => Order::Down,
        None | Some(Order::Down) => Order::Up,
    };
    let (sort, action, icon) = match (current, next) {
        (Some(Order::Up), _) => {
            (Some("ascending"), common::TABLE_SORT_DOWN, "sort-table-ascending")
        }
        (Some(Order::Down), _) => {
            (Some("descending"), common::TABLE_SORT_UP, "sort-table-descending")
        }
        (None, _) => (None, common::TABLE_SORT_UP, "sort-table-none"),
    };
    let nth = nth.to_string();
    Head {
        text: column.head.clone(),
        holds: column.holds,
        sort,
        action: lang.t(action),
        icon: super::assets::url(&format!("dkfds-11.2.0/img/svg-icons/{icon}.svg")),
        href: address.with(&[("sort", &nth), ("order", next.name()), ("page", "")]),
    }
}

fn links(lang: Language, page: usize, pages: usize, address: &Address<'_>) -> Vec<Link> {
    let to = |text: String, to: usize| Link {
        text,
        label: lang.fill(common::TABLE_PAGE, &[("page", &lang.number(to))]),
        href: Some(address.with(&[("page", &to.to_string())])),
        is_current: to == page,
    };
    let left_out =
        || Link { text: "…".into(), label: String::new(), href: None, is_current: false };
    // Who speaks to the browser says what they see, so the label must hold it.
    let step = |text: Text, page: usize| {
        let link = to(lang.t(text).to_owned(), page);
        Link { label: format!("{}, {}", link.text, link.label.to_lowercase()), ..link }
    };
    if pages == 1 {
        return Vec::new();
    }
    let mut links = Vec::new();
    if page > 1 {
        links.push(step(common::TABLE_PREVIOUS, page - 1));
    }
    let near = page.saturating_sub(PAGES_BESIDE).max(1)..=(page + PAGES_BESIDE).min(pages);
    let mut wanted: Vec<usize> = std::iter::once(1).chain(near).chain([pages]).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut before = 0;
    for it in wanted {
        links.extend((it > before + 1).then(left_out));
        links.push(to(lang.number(it), it));
        before = it;
    }
    if page < pages {
        links.push(step(common::TABLE_NEXT, page + 1));
    }
    links
}

/// The address of a table's page, from which those of others are made.
struct Address<'a> {
    path: &'a str,
    keep: &'a [(&'a str, &'a str)],
    wish: &'a Wish,
}

impl Address<'_> {
    /// The same address with these values; an empty one is left out.
    fn with(&self, values: &[(&str, &str)]) -> String {
        let Wish { sort, order, find, page, .. } = self.wish;
        let number = |it: Option<usize>| it.map(|it| it.to_string()).unwrap_or_default();
        let now = [
            ("sort", number(*sort)),
            ("order", order.map(Order::name).unwrap_or_default().to_owned()),
            ("find", find.clone().unwrap_or_default()),
            ("page", number(*page)),
            ("as", String::new()),
        ];
        let now = now.iter().map(|(name, value)| {
            let new = values.iter().find(|it| it.0 == *name).map(|it| it.1);
            (*name, new.unwrap_or(value))
        });
        let all = self.keep.iter().copied().chain(now).filter(|it| !it.1.is_empty());
        let all: Vec<String> =
            all.map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        match all.as_slice() {
            [] => self.path.to_owned(),
            all => format!("{}?{}", self.path, all.join("&")),
        }
    }
}

/// A column's head, as it is shown.
struct Head {
    text: String,
    holds: Holds,
    sort: Option<&'static str>,
    action: &'static str,
    icon: String,
    href: String,
}

impl Head {
    /// What a cell below it looks like. Days and numbers are never broken.
    fn class_of(&self, cell: &Cell) -> &'static str {
        match (&cell.key, self.holds) {
            (Key::Number(_) | Key::None, Holds::Numbers) => "nowrap align-text-right",
            (Key::Text(_), Holds::Numbers) => "align-text-right",
            (Key::Number(_), Holds::Text) => "nowrap",
            (Key::Text(_) | Key::None, Holds::Text) => "words",
            (Key::Text(_) | Key::Number(_) | Key::None, Holds::Names) => "names",
        }
    }
}

/// A link to another page of the table, or the place of those that are left out.
struct Link {
    text: String,
    label: String,
    href: Option<String>,
    is_current: bool,
}

/// One page of a table.
#[derive(Template)]
#[template(path = "table.html")]
pub(crate) struct Page {
    lang: Language,
    caption: String,
    heads: Vec<Head>,
    rows: Vec<Vec<Cell>>,
    shown: String,
    is_narrowed: bool,
    /// What is said where there are no rows.
    nothing: String,
    find: String,
    path: String,
    keep: Vec<(String, String)>,
    everything: String,
    links: Vec<Link>,
    exports: [(&'static str, String); 2],
}

impl Page {
    /// The same, of rows that somebody looked for elsewhere on the page.
    #[must_use]
    pub(crate) fn found_for(self, find: &str) -> Self {
        if self.is_narrowed || find.trim().is_empty() {
            return self;
        }
        Self { nothing: none_found(self.lang, find), ..self }
    }

    /// Whose data it shows.
    pub(crate) fn people(&self) -> Vec<SubjectId> {
        people(&self.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: usize) -> Table {
        let mut table = Table::new("People", &[("Name", Holds::Text), ("Number", Holds::Numbers)]);
        table.rows = (0..rows)
            .map(|it| vec![Cell::text(format!("Åse {it}")), Cell::number(Language::English, it)])
            .collect();
        table
    }

    fn shown(table: Table, wish: &Wish) -> String {
        table.page(Language::English, wish, "/people", &[("as_of", "2026-03-05")]).render().unwrap()
    }

    #[test]
    fn numbers_are_sorted_as_numbers_and_not_as_text() {
        let wish = Wish { sort: Some(2), order: Some(Order::Down), ..Wish::default() };
        let rows = table(120).wished(&wish).rows;
        let first: Vec<&str> = rows.iter().take(2).map(|row| row[1].text.as_str()).collect();
        assert_eq!(first, ["119", "118"]);
    }

    #[test]
    fn a_search_finds_whatever_the_case() {
        let wish = Wish { find: Some("åSE 11".to_owned()), ..Wish::default() };
        assert_eq!(table(120).wished(&wish).rows.len(), 11);
    }

    #[test]
    fn links_keep_what_the_address_says_and_go_back_to_the_first_page_when_sorting() {
        let wish = Wish { page: Some(2), find: Some("åse".to_owned()), ..Wish::default() };
        let html = shown(table(120), &wish);
        assert!(html.contains("Shows 51–100 of 120 rows"), "{html}");
        assert!(html.contains("/people?as_of=2026-03-05&#38;find=%C3%A5se&#38;page=3"), "{html}");
        assert!(
            html.contains("/people?as_of=2026-03-05&#38;sort=1&#38;order=up&#38;find=%C3%A5se\""),
            "{html}"
        );
    }

    #[test]
    fn a_page_that_is_not_there_shows_the_last_one() {
        let wish = Wish { page: Some(99), ..Wish::default() };
        assert!(shown(table(51), &wish).contains("Shows 51–51 of 51 rows"));
    }

    #[test]
    fn pages_that_are_not_linked_are_shown_as_left_out() {
        let pages = |page| {
            let wish = Wish { page: Some(page), ..Wish::default() };
            let links = table(600).page(Language::English, &wish, "/people", &[]).links;
            links.iter().map(|it| it.text.as_str()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(pages(1), "1 2 3 … 12 Next");
        assert_eq!(pages(6), "Previous 1 … 4 5 6 7 8 … 12 Next");
        assert_eq!(pages(4), "Previous 1 2 3 4 5 6 … 12 Next");
    }

    #[test]
    fn one_row_is_told_of_as_one() {
        let text = Language::Danish.t(common::TABLE_SHOWN_ONE);
        assert_eq!(text, "Viser den eneste række");
        assert!(shown(table(1), &Wish::default()).contains("Shows the only row"));
    }

    #[test]
    fn an_empty_table_says_so() {
        assert!(
            shown(table(0), &Wish::default()).contains(Language::English.t(common::TABLE_EMPTY))
        );
        let wish = Wish { find: Some("zz".to_owned()), ..Wish::default() };
        assert!(shown(table(3), &wish).contains("Nothing fits “zz”. Try fewer letters."));
        let page = table(0).page(Language::Dutch, &Wish::default(), "/people", &[]);
        let page = page.found_for("Åse").render().unwrap();
        assert!(page.contains("Niets past bij “Åse”."), "{page}");
    }

    #[test]
    fn what_a_source_wrote_is_never_markup() {
        let mut table = table(0);
        table.rows.push(vec![Cell::text("<script>alert(1)</script>"), Cell::none()]);
        let html = shown(table, &Wish::default());
        assert!(!html.contains("<script>"), "{html}");
    }
}
