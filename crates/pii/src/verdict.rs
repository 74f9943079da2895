//! What is made of a shape: the table of rules, the first that fits deciding.

use super::code;
use super::group::Groups;
use super::label::Words;
use super::number::{self, Cpr};
use super::region::{self, Region};
use super::shape::{self, Form, Layout, Shape, Spelling};
use super::table::{Cell, Tables};
use super::text::Plain;
use super::{Column, Finding, Kind, Level, Rule};
use jiff::civil::Date;
use std::ops::Range;

/// What is shown for a number in which no date may be shown.
const HIDDEN: &str = "•••••••••";
/// Letters read for digits before the first digit.
const LETTERS_MAX: usize = 4;
/// The most that stands between two numbers of a list.
const LIST_GAP_MAX: usize = 8;

/// All findings of a text, in order.
pub(crate) fn judge_all(text: &str, today: Date) -> Vec<Finding> {
    let mut tables = Tables::of(text, today);
    let mut found: Vec<Finding> = Vec::new();
    for region in region::all(text) {
        let from = found.last().map_or(0, |it| it.span.end);
        judge_region(text, &region, from, &mut tables, &mut found);
    }
    found
}

/// What is known where a shape stands.
struct Place<'a, 'b> {
    text: &'a Plain,
    tables: &'a mut Tables<'b>,
    today: Date,
    /// The number before it that was named, where it ends, for lists.
    named: Option<(usize, Words)>,
    /// Room to read into.
    groups: Groups,
}

fn judge_region(
    text: &str,
    region: &Region,
    from: usize,
    tables: &mut Tables<'_>,
    found: &mut Vec<Finding>,
) {
    let plain = Plain::read(text, &region.around);
    let today = tables.today();
    let first = plain.index_of(region.core.start);
    let read = plain.chars(first.saturating_sub(LETTERS_MAX)..first);
    let letters = read.iter().rev().take_while(|it| matches!(it, 'O' | 'o' | 'I' | 'l')).count();
    let mut at = (first - letters).max(plain.index_of(from));
    let end = plain.index_of(region.core.end);
    let mut place = Place { text: &plain, tables, today, named: None, groups: Groups::default() };
    let mut shapes = Vec::new();
    while at < end {
        match first_found(&mut place, at, &mut shapes) {
            Some((finding, shape)) => {
                at = shape.end;
                found.push(finding);
            }
            None => at += 1,
        }
    }
}

fn first_found(
    place: &mut Place<'_, '_>,
    at: usize,
    shapes: &mut Vec<Shape>,
) -> Option<(Finding, Range<usize>)> {
    shape::at(place.text, at, &mut place.groups, shapes);
    shapes.drain(..).find_map(|shape| {
        let span = place.text.span(&shape.range);
        let (kind, level, rule) = judge(place, &shape, &span)?;
        let masked = masked(&shape);
        Some((Finding { kind, level, rule, span, masked }, shape.range))
    })
}

type Verdict = (Kind, Level, Rule);

fn judge(place: &mut Place<'_, '_>, shape: &Shape, span: &Range<usize>) -> Option<Verdict> {
    let is_in_code = || code::holds(place.text, &shape.range);
    match shape.form {
        Form::Ten(digits) => {
            let cpr = number::cpr(&digits, place.today).filter(|_| !is_in_code())?;
            judge_ten(place, shape, span, cpr)
        }
        Form::Dated(digits, year) => {
            let cpr = number::cpr(&digits, place.today).filter(|_| !is_in_code())?;
            (u32::try_from(cpr.born.year()) == Ok(year)).then_some(())?;
            judge_ten(place, shape, span, cpr)
        }
        Form::Lettered(date) => {
            let is_one = number::is_day(&date) && !is_in_code();
            is_one.then_some((Kind::Ecpr, Level::Warn, Rule::HealthReplacement))
        }
        Form::Nine(digits) => judge_nine(place, shape, span, digits),
    }
}

fn judge_ten(
    place: &mut Place<'_, '_>,
    shape: &Shape,
    span: &Range<usize>,
    cpr: Cpr,
) -> Option<Verdict> {
    let cell = place.tables.cell(span);
    let words = words(place, shape, cell.as_ref());
    match shape.spelling {
        Spelling::Letters => {
            words.name_cpr.then_some((Kind::Cpr, Level::Warn, Rule::LettersForDigits))
        }
        Spelling::Digits => {
            if words.name_cpr {
                place.named = Some((shape.range.end, words));
            }
            let is_in_column = shape.layout == Layout::Bare && !words.name_cpr && !words.name_other;
            let column = cell.filter(|_| is_in_column).and_then(|it| place.tables.column(&it));
            match column {
                Some(Column::Numbers) if !cpr.is_replacement => {
                    Some((Kind::Cpr, Level::Block, Rule::Column))
                }
                Some(Column::Other) => None,
                Some(Column::Numbers | Column::Perhaps) | None => {
                    judge_cpr(cpr, shape.layout, words)
                }
            }
        }
    }
}

fn judge_nine(
    place: &mut Place<'_, '_>,
    shape: &Shape,
    span: &Range<usize>,
    digits: [u32; 9],
) -> Option<Verdict> {
    let [d2, m1, m2, y1, y2, s1, s2, s3, s4] = digits;
    let lost = [0, d2, m1, m2, y1, y2, s1, s2, s3, s4];
    let is_bsn = number::is_bsn(&digits);
    let is_lost = shape.layout == Layout::Bare
        && shape.range.len() == digits.len()
        && number::cpr(&lost, place.today).is_some();
    let is_one = (is_bsn || is_lost) && !code::holds(place.text, &shape.range);
    is_one.then_some(())?;
    let cell = place.tables.cell(span);
    let words = words(place, shape, cell.as_ref());
    if words.name_bsn && is_bsn {
        place.named = Some((shape.range.end, words));
        Some((Kind::Bsn, Level::Block, Rule::Bsn))
    } else {
        (words.name_cpr && is_lost).then_some((Kind::Cpr, Level::Warn, Rule::ZeroLost))
    }
}

/// What names the number: its heading in a table, else the words around it, else, in a list, what
/// named the number before.
fn words(place: &mut Place<'_, '_>, shape: &Shape, cell: Option<&Cell>) -> Words {
    let span = place.text.span(&shape.range);
    let heading = cell.and_then(|it| it.heading).or_else(|| place.tables.markup_heading(&span));
    if let Some(heading) = heading {
        return heading;
    }
    let words = Words::around(place.text, &shape.range);
    match place.named {
        Some((end, named))
            if !words.name_other && is_list(place.text.chars(end..shape.range.start)) =>
        {
            Words { name_cpr: named.name_cpr, name_bsn: named.name_bsn, ..words }
        }
        _ => words,
    }
}

fn is_list(between: &[char]) -> bool {
    let words: String = between.iter().filter(|it| it.is_alphabetic()).collect();
    between.len() <= LIST_GAP_MAX
        && !between.iter().any(|it| it.is_ascii_digit())
        && matches!(words.as_str(), "" | "og" | "and" | "en" | "samt" | "eller" | "of" | "or")
}

fn judge_cpr(cpr: Cpr, layout: Layout, words: Words) -> Option<Verdict> {
    let is_parted = layout == Layout::Parted;
    if cpr.is_replacement {
        let level = if words.name_cpr { Level::Block } else { Level::Warn };
        let is_one = is_parted || words.name_cpr;
        return is_one.then_some((Kind::CprReplacement, level, Rule::Replacement));
    }
    let in_context = is_parted || words.tell_of_people;
    let (level, rule) = if words.name_cpr {
        (Level::Block, Rule::Labelled)
    } else if layout == Layout::Odd {
        let is_likely = cpr.is_checked && !words.name_other;
        is_likely.then_some((Level::Warn, Rule::Checked))?
    } else if words.name_other && !is_parted {
        return None;
    } else if cpr.is_checked && in_context && !words.name_other {
        (Level::Block, Rule::CheckedInContext)
    } else if cpr.is_checked {
        (Level::Warn, Rule::Checked)
    } else if cpr.is_first_of_january() {
        judge_first_of_january(cpr, in_context)?
    } else if is_parted && words.tell_of_people {
        (Level::Warn, Rule::Mistyped)
    } else {
        return None;
    };
    Some((Kind::Cpr, level, rule))
}

fn judge_first_of_january(cpr: Cpr, in_context: bool) -> Option<(Level, Rule)> {
    match (cpr.is_of_unchecked_year(), in_context) {
        (true, true) => Some((Level::Block, Rule::FirstOfJanuary)),
        (true, false) | (false, true) => Some((Level::Warn, Rule::MaybeFirstOfJanuary)),
        (false, false) => None,
    }
}

/// The day of the month tells two numbers in one text apart, and nobody who it is.
fn masked(shape: &Shape) -> String {
    match shape.form {
        Form::Ten([d1, d2, ..]) | Form::Dated([d1, d2, ..], _) | Form::Lettered([d1, d2, ..]) => {
            format!("{d1}{d2}••••-••••")
        }
        Form::Nine(_) => HIDDEN.to_owned(),
    }
}
