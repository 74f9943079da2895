//! Tables within a text: rows of lines with a mark between cells, or a list of one to a line.

use super::column::{Column, Count};
use super::label::Words;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::ops::Range;

/// What may part cells; the first that makes two lines alike does.
const MARKS: [u8; 4] = [b'\t', b';', b'|', b','];
/// A longer first cell is no heading.
const HEADING_MAX: usize = 48;
/// A longer line is no row of a table.
const LINE_MAX: usize = 16 * 1024;
/// Lines of a list without marks are no longer.
const LIST_LINE_MAX: usize = 40;

/// The tables of a text. Each is found when a number is first looked at in it.
pub(crate) struct Tables<'a> {
    text: &'a str,
    today: Date,
    /// The table last asked for; numbers are asked in order.
    last: Option<Table>,
    columns: BTreeMap<(usize, usize), Option<Column>>,
    headings: BTreeMap<(usize, usize), Option<Words>>,
    markup: Markup,
}

/// The table of HTML that was last seen to begin.
#[derive(Default)]
struct Markup {
    /// Bytes that were searched for one.
    searched: usize,
    headings: Vec<Option<Words>>,
}

/// Bytes of the row of headings, and of the row up to a number.
const ROW_MAX: usize = 4 * 1024;

#[derive(Clone)]
struct Table {
    lines: Range<usize>,
    mark: Option<u8>,
}

/// Where a number stands in a table.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    table: Range<usize>,
    mark: Option<u8>,
    column: usize,
    /// Whether nothing else stands in it.
    is_whole: bool,
    /// What the heading of its column says of it; none if it has none.
    pub(crate) heading: Option<Words>,
}

impl<'a> Tables<'a> {
    pub(crate) fn of(text: &'a str, today: Date) -> Self {
        Self {
            text,
            today,
            last: None,
            columns: BTreeMap::new(),
            headings: BTreeMap::new(),
            markup: Markup::default(),
        }
    }

    pub(crate) fn today(&self) -> Date {
        self.today
    }

    /// The cell that the bytes of `span` stand in; none if they stand in no table.
    pub(crate) fn cell(&mut self, span: &Range<usize>) -> Option<Cell> {
        let line = line_at(self.text, span.start)?;
        let is_known = self.last.as_ref().is_some_and(|it| it.lines.contains(&span.start));
        if !is_known {
            self.last = Some(self.table(&line));
        }
        let table = self.last.as_ref()?;
        let before = self.text.get(line.start..span.start)?;
        let column = table.mark.map_or(0, |mark| cells(before, mark).count() - 1);
        let own = match table.mark {
            Some(mark) => cells(self.text.get(line.clone())?, mark).nth(column)?,
            None => self.text.get(line.clone())?,
        };
        let is_whole = bare(own).len() == span.len();
        let is_heading = line.start <= table.lines.start;
        let heading = *self
            .headings
            .entry((table.lines.start, column))
            .or_insert_with(|| heading(part(self.text, table.lines.clone()), table.mark, column));
        let heading = heading.filter(|_| !is_heading);
        Some(Cell { table: table.lines.clone(), mark: table.mark, column, is_whole, heading })
    }

    /// What the heading of its column says of a number in a table of HTML; none if it stands in none.
    /// Numbers are asked in order.
    pub(crate) fn markup_heading(&mut self, span: &Range<usize>) -> Option<Words> {
        let passed = self.text.get(self.markup.searched..span.start).unwrap_or_default();
        if let Some(at) = passed.rfind("<table").map(|it| self.markup.searched + it) {
            self.markup.headings = headings(part(self.text, at..at + ROW_MAX));
        }
        self.markup.searched = self.markup.searched.max(span.start);
        if self.markup.headings.is_empty() {
            return None;
        }
        let before = part(self.text, span.start.saturating_sub(ROW_MAX)..span.start);
        let row = before.rfind("<tr").and_then(|it| before.get(it..))?;
        let column = (row.matches("<td").count() + row.matches("<th").count()).checked_sub(1)?;
        *self.markup.headings.get(column)?
    }

    /// What the column of a cell holds; none if it is too short to tell, or more stands in the cell.
    pub(crate) fn column(&mut self, of: &Cell) -> Option<Column> {
        of.is_whole.then_some(())?;
        let key = (of.table.start, of.column);
        if let Some(known) = self.columns.get(&key) {
            return *known;
        }
        let mut count = Count::default();
        for line in self.text.get(of.table.clone())?.lines() {
            let cell = match of.mark {
                Some(mark) => cells(line, mark).nth(of.column),
                None => Some(line),
            };
            let cell = bare(cell.unwrap_or_default());
            if cell.len() == 10 && digits(cell) == 10 {
                count.add(cell, self.today);
            }
        }
        let column = count.is_enough().then(|| count.judge());
        self.columns.insert(key, column);
        column
    }

    /// The lines around a line that are made as it is.
    fn table(&self, line: &Range<usize>) -> Table {
        let own = self.text.get(line.clone()).unwrap_or_default();
        for mark in MARKS {
            let count = cells(own, mark).count();
            if count > 1 {
                let lines = self.extent(line, |it| cells(it, mark).count() == count);
                if lines != *line {
                    return Table { lines, mark: Some(mark) };
                }
            }
        }
        let lines = self.extent(line, |it| !it.trim().is_empty() && it.len() <= LIST_LINE_MAX);
        Table { lines, mark: None }
    }

    fn extent(&self, line: &Range<usize>, fits: impl Fn(&str) -> bool) -> Range<usize> {
        let mut all = line.clone();
        while all.start > 0 {
            let before = line_at(self.text, all.start - 1);
            let Some(before) = before.filter(|it| self.fits(it, &fits)) else { break };
            all.start = before.start;
        }
        while all.end < self.text.len() {
            let next = line_at(self.text, all.end + 1).filter(|it| it.end > all.end);
            let Some(next) = next.filter(|it| self.fits(it, &fits)) else { break };
            all.end = next.end;
        }
        all
    }

    fn fits(&self, line: &Range<usize>, fits: impl Fn(&str) -> bool) -> bool {
        self.text.get(line.clone()).is_some_and(fits)
    }
}

/// What the first row of a table says of a column.
fn heading(table: &str, mark: Option<u8>, column: usize) -> Option<Words> {
    let first = table.lines().next()?;
    let heading = match mark {
        Some(mark) => cells(first, mark).nth(column)?,
        None => first,
    };
    let is_heading = heading.len() <= HEADING_MAX && digits(heading) < 6;
    is_heading.then(|| Words::of_heading(heading)).flatten()
}

/// What the cells of the first row say.
fn headings(table: &str) -> Vec<Option<Words>> {
    let row = table.split("<tr").nth(1).unwrap_or_default();
    let cells = row.split("<t").skip(1).filter(|it| it.starts_with(['h', 'd']));
    cells.map(|it| Words::of_heading(it.split("</t").next().unwrap_or_default())).collect()
}

/// As much of a range as there is, to whole characters.
fn part(text: &str, range: Range<usize>) -> &str {
    let range = text.ceil_char_boundary(range.start)..text.floor_char_boundary(range.end);
    text.get(range).unwrap_or_default()
}

/// The line in which byte `at` stands, without its end; none if it is longer than a row is.
fn line_at(text: &str, at: usize) -> Option<Range<usize>> {
    let at = at.min(text.len());
    let from = at.saturating_sub(LINE_MAX);
    let until = at.saturating_add(LINE_MAX).min(text.len());
    let bytes = text.as_bytes();
    let start = bytes.get(from..at)?.iter().rposition(|it| *it == b'\n').map(|it| from + it + 1);
    let end = bytes.get(at..until)?.iter().position(|it| *it == b'\n').map(|it| at + it);
    let start = start.or((from == 0).then_some(0))?;
    let end = end.or((until == text.len()).then_some(until))?;
    Some(start..end)
}

/// The cells of a line; within quotes a mark parts nothing.
fn cells(line: &str, mark: u8) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    line.split(move |it: char| {
        is_quoted ^= it == '"';
        !is_quoted && it == char::from(mark)
    })
}

fn bare(cell: &str) -> &str {
    cell.trim_matches([' ', '"', '\'', '\r'])
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_told_by_the_heading_of_its_own_column() {
        let text = "Navn;CPR-nr.;Ordrenr\nHans;x;y\nGrete;z;w";
        let mut tables = Tables::of(text, jiff::civil::date(2026, 3, 5));
        let of = |part: &str, tables: &mut Tables<'_>| {
            let at = text.find(part).unwrap();
            tables.cell(&(at..at + 1)).unwrap().heading
        };
        assert!(of("z", &mut tables).unwrap().name_cpr);
        assert!(of("w", &mut tables).unwrap().name_other);
        assert!(of("Grete", &mut tables).unwrap().tell_of_people);
    }
}
