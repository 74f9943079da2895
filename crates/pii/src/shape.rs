//! Where digits stand as identity numbers are written.

use super::group::{Groups, Means, Reading};
use super::text::Plain;
use std::ops::Range;

/// Digits that may be a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Characters of the plain text.
    pub(crate) range: Range<usize>,
    pub(crate) form: Form,
    pub(crate) layout: Layout,
    /// Whether letters stand for digits.
    pub(crate) spelling: Spelling,
}

/// How many digits, and as what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A date and four digits.
    Ten([u32; 10]),
    /// The same with the year in full, and that year.
    Dated([u32; 10], u32),
    /// A date, a digit, two letters and a digit; the digits of the date.
    Lettered([u32; 6]),
    /// Nine digits; eight have a zero before them.
    Nine([u32; 9]),
}

/// How the digits are parted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Between the date and the rest, as everybody writes it.
    Parted,
    /// There too, but by what also parts other things.
    Loose,
    /// Into groups that a date does not fall into.
    Odd,
    /// Not at all.
    Bare,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    Digits,
    /// O, o, I or l for 0 or 1.
    Letters,
}

/// Groups in which a number is written, the date apart from the rest. The first count of groups are
/// those of the date.
const PARTED: [(&[usize], usize); 12] = [
    (&[6, 4], 1),
    (&[2, 2, 2, 4], 3),
    (&[6, 2, 2], 1),
    (&[6, 1, 1, 1, 1], 1),
    (&[6, 3, 1], 1),
    (&[6, 1, 3], 1),
    (&[6, 2, 1, 1], 1),
    (&[2, 2, 2, 2, 2], 3),
    (&[2, 2, 2, 1, 1, 1, 1], 3),
    (&[1, 1, 1, 1, 1, 1, 4], 6),
    (&[1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 6),
    (&[2, 4, 4], 2),
];
/// The same with the year in full, and whether it comes first.
const DATED: [(&[usize], usize, Order); 4] = [
    (&[8, 4], 1, Order::DayFirst),
    (&[2, 2, 4, 4], 3, Order::DayFirst),
    (&[8, 4], 1, Order::YearFirst),
    (&[4, 2, 2, 4], 3, Order::YearFirst),
];
/// Groups of ten digits that are other numbers.
const OTHERS: [&[usize]; 4] = [&[1, 3, 3, 3], &[3, 3, 4], &[2, 8], &[3, 7]];
/// Fewer digits are no number without letters.
const DIGITS_MIN: usize = 8;
/// In letters read for digits at least so many stay digits.
const TRUE_DIGITS_MIN: usize = 5;

#[derive(Clone, Copy)]
enum Order {
    DayFirst,
    YearFirst,
}

/// Puts the shapes that begin at `at` into `shapes`, the likelier first; `groups` is room to read
/// into.
pub(crate) fn at(text: &Plain, at: usize, groups: &mut Groups, shapes: &mut Vec<Shape>) {
    shapes.clear();
    if !may_begin(text, at) {
        return;
    }
    let is_digit = text.get(at).is_some_and(|it| it.is_ascii_digit());
    if is_digit && groups.read(text, at, Reading::Digits) {
        let may_be_date = begins_as_date(&groups.digits);
        if groups.digits.len() >= DIGITS_MIN {
            if may_be_date {
                shapes.extend(parted(groups));
                shapes.extend(dated(groups));
                shapes.extend(whole(text, groups));
            }
            shapes.extend(summing::<9>(groups).map(|it| nine(&it, 0)));
            shapes.extend(summing::<8>(groups).map(|it| nine(&it, 1)));
        }
        if may_be_date {
            shapes.extend(lettered(text, groups));
        }
    }
    if shapes.is_empty() && may_hold_letters(text, at) {
        shapes.extend(misread(text, at, groups));
    }
}

/// Whether digits begin with a day and a month, or with a century.
fn begins_as_date(digits: &[u32]) -> bool {
    let [d1, d2, m1, m2, ..] = digits else { return false };
    let is_day = matches!(d1 * 10 + d2, 1..=31 | 61..=91);
    let is_month = matches!(m1 * 10 + m2, 1..=12);
    is_day && is_month || matches!([d1, d2], [1, 9] | [2, 0])
}

fn may_begin(text: &Plain, at: usize) -> bool {
    let is_first = text.get(at).and_then(|it| Reading::Letters.digit(it)).is_some();
    let follows_digit = text.before(at).is_some_and(|it| it.is_ascii_digit());
    is_first && !follows_digit
}

/// Whether a letter that may be a digit touches one that is.
fn may_hold_letters(text: &Plain, at: usize) -> bool {
    let is_letter = |it: char| matches!(it, 'O' | 'o' | 'I' | 'l');
    let follows_letter = text.before(at).is_some_and(char::is_alphabetic);
    let mut pairs = text.chars(at..at + 11).windows(2);
    !follows_letter
        && pairs.any(|it| match it {
            [a, b] => is_letter(*a) && b.is_ascii_digit() || a.is_ascii_digit() && is_letter(*b),
            _ => false,
        })
}

fn parted(groups: &Groups) -> Option<Shape> {
    PARTED.iter().find_map(|(lengths, of_date)| {
        let is_date = groups.lengths.starts_with(lengths) && groups.are_near(*of_date);
        let has_closed_tail = lengths.last() != Some(&4) && *of_date > 0;
        if !is_date || has_closed_tail && !groups.is_closed_after(lengths.len()) {
            return None;
        }
        let after = groups.gaps.get(*of_date..lengths.len() - 1)?;
        let layout = match after.iter().map(|it| it.means).find(|it| *it == Means::Loose) {
            _ if is_time(groups, lengths) => return None,
            _ if *lengths == [2, 4, 4] || is_phone(groups, lengths) => Layout::Odd,
            Some(_) => Layout::Loose,
            None => Layout::Parted,
        };
        let rest_is_near =
            after.iter().skip(1).all(|it| matches!(it.means, Means::Near | Means::Loose));
        rest_is_near.then_some(())?;
        shape(groups, lengths.len(), layout, Form::Ten(first(groups)?))
    })
}

/// A clock with fractions of a second: `10:07:05.1234`.
fn is_time(groups: &Groups, lengths: &[usize]) -> bool {
    let marks: Vec<Option<char>> = groups.gaps.iter().take(3).map(|it| it.mark).collect();
    *lengths == [2, 2, 2, 4] && marks.starts_with(&[Some(':'), Some(':'), Some('.')])
}

/// A mobile number in pairs, Dutch: `06 12 34 56 78`.
fn is_phone(groups: &Groups, lengths: &[usize]) -> bool {
    lengths.len() == 5 && groups.digits.starts_with(&[0, 6])
}

fn dated(groups: &Groups) -> Vec<Shape> {
    if groups.digits.len() < 12 {
        return Vec::new();
    }
    let read = |(lengths, of_date, order): &(&[usize], usize, Order)| {
        let fits = groups.lengths.starts_with(lengths) && groups.are_near(*of_date);
        let (day, month, year) = match order {
            Order::DayFirst => (0, 2, 4),
            Order::YearFirst => (6, 4, 0),
        };
        let ten = of_parts(groups, [day, month, year + 2, 8, 10])?;
        let full = in_full(groups, year)?;
        let gap = groups.gaps.get(*of_date - 1)?;
        let layout = if gap.mark == Some('-') { Layout::Parted } else { Layout::Odd };
        fits.then_some(())?;
        shape(groups, lengths.len(), layout, Form::Dated(ten, full))
    };
    DATED.iter().filter_map(read).collect()
}

/// The pairs of digits that begin at these places.
fn of_parts(groups: &Groups, places: [usize; 5]) -> Option<[u32; 10]> {
    let pairs: Vec<u32> = places
        .iter()
        .flat_map(|it| groups.digits.get(*it..it + 2).unwrap_or_default())
        .copied()
        .collect();
    pairs.try_into().ok()
}

/// The four digits from `at` as a year.
fn in_full(groups: &Groups, at: usize) -> Option<u32> {
    Some(groups.digits.get(at..at + 4)?.iter().fold(0, |sum, it| sum * 10 + it))
}

/// Ten digits in one, or in groups that nobody is used to; twelve with the year in full; or as a
/// spreadsheet writes a large number.
fn whole(text: &Plain, groups: &Groups) -> Option<Shape> {
    if groups.lengths.first() == Some(&10) {
        return shape(groups, 1, Layout::Bare, Form::Ten(first(groups)?));
    }
    if groups.lengths.first() == Some(&12) {
        let form = Form::Dated(of_parts(groups, [0, 2, 6, 8, 10])?, in_full(groups, 4)?);
        return shape(groups, 1, Layout::Odd, form);
    }
    let is_scientific = groups.lengths.starts_with(&[1, 9])
        && groups.gaps.first().is_some_and(|it| matches!(it.mark, Some('.')))
        && exponent(text, groups.end(2)?) == Some(9);
    if is_scientific {
        return shape(groups, 2, Layout::Bare, Form::Ten(first(groups)?));
    }
    let Summing { count, digits, .. } = summing::<10>(groups)?;
    // A clock, an amount in thousands, a phone number.
    let is_clock = groups.gaps.iter().any(|it| matches!(it.mark, Some(':' | '.')));
    let is_other = is_clock || OTHERS.iter().any(|it| groups.lengths.starts_with(it));
    (!is_other).then_some(())?;
    shape(groups, count, Layout::Odd, Form::Ten(digits))
}

/// The power of ten behind an `E`.
fn exponent(text: &Plain, at: usize) -> Option<u32> {
    matches!(text.get(at)?, 'E' | 'e').then_some(())?;
    let digits: String = text
        .chars(at + 1..at + 5)
        .iter()
        .skip_while(|it| **it == '+')
        .take_while(|it| it.is_ascii_digit())
        .collect();
    digits.parse().ok()
}

fn lettered(text: &Plain, groups: &Groups) -> Option<Shape> {
    let date = groups.digits.get(..6)?.try_into().ok()?;
    let counts = match groups.lengths.as_slice() {
        [7, ..] => 1,
        [6, 1, ..] => 2,
        [2, 2, 2, 1, ..] if groups.are_near(4) => 4,
        _ => return None,
    };
    let end = groups.end(counts)?;
    let [a, b, c, after @ ..] = text.chars(end..end + 4) else { return None };
    let is_one = a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_digit();
    let goes_on = after.first().is_some_and(|it| it.is_alphanumeric());
    (is_one && !goes_on).then_some(())?;
    let range = groups.ranges.first()?.start..end + 3;
    let form = Form::Lettered(date);
    Some(Shape { range, form, layout: Layout::Bare, spelling: Spelling::Digits })
}

/// Groups that make so many digits together.
#[derive(Clone, Copy)]
struct Summing<'a, const N: usize> {
    groups: &'a Groups,
    count: usize,
    digits: [u32; N],
}

/// The first groups, if they make `N` digits, have one mark or blank between any two, and nothing
/// of the kind follows.
fn summing<const N: usize>(groups: &Groups) -> Option<Summing<'_, N>> {
    let mut sum = 0;
    let position = groups.lengths.iter().position(|it| {
        sum += it;
        sum >= N
    })?;
    let count = position + 1;
    let is_alone = count == 1 || groups.is_closed_after(count);
    let digits = groups.digits.get(..N)?.try_into().ok()?;
    (sum == N && is_alone && groups.are_near(count)).then_some(Summing { groups, count, digits })
}

fn nine<const N: usize>(of: &Summing<'_, N>, zeros: usize) -> Shape {
    let mut digits = [0; 9];
    for (to, from) in digits.iter_mut().skip(zeros).zip(of.digits) {
        *to = from;
    }
    let layout = if of.count == 1 { Layout::Bare } else { Layout::Parted };
    let start = of.groups.ranges.first().map_or(0, |it| it.start);
    let end = of.groups.end(of.count).unwrap_or(start);
    Shape { range: start..end, form: Form::Nine(digits), layout, spelling: Spelling::Digits }
}

/// Letters where digits were meant.
fn misread(text: &Plain, at: usize, groups: &mut Groups) -> Option<Shape> {
    groups.read(text, at, Reading::Letters).then_some(())?;
    let shape = parted(groups).or_else(|| whole(text, groups))?;
    let digits = text.chars(shape.range.clone()).iter().filter(|it| it.is_ascii_digit()).count();
    let is_one = groups.has_letters && digits >= TRUE_DIGITS_MIN;
    is_one.then_some(Shape { spelling: Spelling::Letters, ..shape })
}

fn first<const N: usize>(groups: &Groups) -> Option<[u32; N]> {
    groups.digits.get(..N)?.try_into().ok()
}

fn shape(groups: &Groups, count: usize, layout: Layout, form: Form) -> Option<Shape> {
    let range = groups.ranges.first()?.start..groups.end(count)?;
    Some(Shape { range, form, layout, spelling: Spelling::Digits })
}
