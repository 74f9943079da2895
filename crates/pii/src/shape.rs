//! Where digits stand as identity numbers are written.

use super::text::Plain;
use std::ops::Range;

/// Digits that may be a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Characters of the plain text.
    pub(crate) range: Range<usize>,
    pub(crate) form: Form,
    /// Whether something parts the digits.
    pub(crate) separation: Separation,
    /// Whether letters stand for digits.
    pub(crate) spelling: Spelling,
}

/// How many digits, and as what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A date and four digits.
    Ten([u32; 10]),
    /// A date, a digit, two letters and a digit; the digits of the date.
    Lettered([u32; 6]),
    /// Nine digits; eight have a zero before them.
    Nine([u32; 9]),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Separation {
    Parted,
    Bare,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    Digits,
    /// O, o, I or l for 0 or 1.
    Letters,
}

/// White space that may part the date from the rest, on either side of a mark.
const BLANKS_MAX: usize = 3;

/// The shape that begins at `at`, the longest form first.
pub(crate) fn at(text: &Plain, at: usize) -> Option<Shape> {
    if !may_begin(text, at) || is_inside_code(text, at) {
        return None;
    }
    let whole = ten(text, at).or_else(|| spaced(text, at));
    whole.or_else(|| lettered(text, at)).or_else(|| nine(text, at))
}

fn may_begin(text: &Plain, at: usize) -> bool {
    let is_first = text.get(at).and_then(digit).is_some();
    let follows_digit = text.before(at).is_some_and(|it| it.is_ascii_digit());
    is_first && !follows_digit
}

/// A digit, or a letter that was typed or read for one.
fn digit(char: char) -> Option<u32> {
    match char {
        'O' | 'o' => Some(0),
        'I' | 'l' => Some(1),
        it => it.to_digit(10),
    }
}

/// Reads a shape from left to right.
struct Cursor<'a> {
    text: &'a Plain,
    at: usize,
    separation: Separation,
    spelling: Spelling,
}

impl<'a> Cursor<'a> {
    fn new(text: &'a Plain, at: usize) -> Self {
        Self { text, at, separation: Separation::Bare, spelling: Spelling::Digits }
    }

    fn digit(&mut self) -> Option<u32> {
        let char = self.text.get(self.at)?;
        let digit = digit(char)?;
        if !char.is_ascii_digit() {
            self.spelling = Spelling::Letters;
        }
        self.at += 1;
        Some(digit)
    }

    fn digits<const N: usize>(&mut self) -> Option<[u32; N]> {
        let mut all = [0; N];
        for it in &mut all {
            *it = self.digit()?;
        }
        Some(all)
    }

    fn letter(&mut self) -> Option<()> {
        let is_letter = self.text.get(self.at)?.is_ascii_uppercase();
        self.at += 1;
        is_letter.then_some(())
    }

    /// Passes what parts day, month and year: one mark or one space.
    fn mark(&mut self) {
        if self.text.get(self.at).is_some_and(|it| it == ' ' || is_mark(it)) {
            self.at += 1;
            self.separation = Separation::Parted;
        }
    }

    /// Passes what parts the date from the rest: blanks, with one mark among them.
    fn gap(&mut self) {
        let from = self.at;
        self.blanks();
        if self.text.get(self.at).is_some_and(is_mark) {
            self.at += 1;
            self.blanks();
        }
        if self.at > from {
            self.separation = Separation::Parted;
        }
    }

    /// Passes at most three blanks, one of them a line break.
    fn blanks(&mut self) {
        let mut lines = 0;
        for _ in 0..BLANKS_MAX {
            match self.text.get(self.at) {
                Some('\n') if lines == 0 => lines = 1,
                Some(' ' | '\r' | '\t') => {}
                _ => return,
            }
            self.at += 1;
        }
    }

    /// Whether no digit follows.
    fn is_end(&self) -> bool {
        !self.text.get(self.at).is_some_and(|it| it.is_ascii_digit())
    }

    fn shape(self, from: usize, form: Form) -> Option<Shape> {
        self.is_end().then_some(Shape {
            range: from..self.at,
            form,
            separation: self.separation,
            spelling: self.spelling,
        })
    }
}

fn is_mark(char: char) -> bool {
    matches!(char, '-' | '.' | '/' | ':' | '_')
}

/// Day, month, year and four digits, with or without something between them.
fn ten(text: &Plain, at: usize) -> Option<Shape> {
    let mut cursor = Cursor::new(text, at);
    let [d1, d2] = cursor.digits()?;
    cursor.mark();
    let [m1, m2] = cursor.digits()?;
    cursor.mark();
    let [y1, y2] = cursor.digits()?;
    cursor.gap();
    let [s1, s2, s3, s4] = cursor.digits()?;
    if follows_groups_of_four(text, at) {
        return None;
    }
    cursor.shape(at, Form::Ten([d1, d2, m1, m2, y1, y2, s1, s2, s3, s4]))
}

/// Ten digits with one space between any two, and perhaps a dash before the last four.
fn spaced(text: &Plain, at: usize) -> Option<Shape> {
    let mut cursor = Cursor::new(text, at);
    let mut digits = [0; 10];
    for (index, it) in digits.iter_mut().enumerate() {
        if index == 6 {
            cursor.gap();
        } else if index > 0 {
            (text.get(cursor.at) == Some(' ')).then_some(())?;
            cursor.at += 1;
        }
        *it = cursor.digit()?;
    }
    cursor.separation = Separation::Parted;
    cursor.shape(at, Form::Ten(digits))
}

fn lettered(text: &Plain, at: usize) -> Option<Shape> {
    let mut cursor = Cursor::new(text, at);
    let date = cursor.digits()?;
    cursor.gap();
    cursor.digit()?;
    cursor.letter()?;
    cursor.letter()?;
    cursor.digit()?;
    let is_word = text.get(cursor.at).is_some_and(char::is_alphanumeric);
    if is_word || cursor.spelling == Spelling::Letters {
        return None;
    }
    cursor.shape(at, Form::Lettered(date))
}

/// Nine digits or eight, alone or in the groups in which a BSN is written.
fn nine(text: &Plain, at: usize) -> Option<Shape> {
    grouped(text, at, &[9])
        .or_else(|| grouped(text, at, &[4, 2, 3]))
        .or_else(|| grouped(text, at, &[3, 3, 3]))
        .or_else(|| grouped(text, at, &[8]))
}

fn grouped(text: &Plain, at: usize, groups: &[usize]) -> Option<Shape> {
    let mut cursor = Cursor::new(text, at);
    let mut digits = Vec::with_capacity(9);
    for (index, size) in groups.iter().enumerate() {
        if index > 0 {
            matches!(text.get(cursor.at)?, '.' | ' ' | '-').then_some(())?;
            cursor.at += 1;
            cursor.separation = Separation::Parted;
        }
        for _ in 0..*size {
            digits.push(cursor.digit()?);
        }
    }
    if digits.len() == 8 {
        digits.insert(0, 0);
    }
    let digits = digits.try_into().ok()?;
    if cursor.spelling == Spelling::Letters {
        return None;
    }
    cursor.shape(at, Form::Nine(digits))
}

/// Two groups of four before it, each with a space: an account number in groups goes on.
fn follows_groups_of_four(text: &Plain, at: usize) -> bool {
    let Some(from) = at.checked_sub(10) else { return false };
    (from..at).all(|it| match (it - from) % 5 {
        4 => text.get(it) == Some(' '),
        _ => text.get(it).is_some_and(|it| it.is_ascii_alphanumeric()),
    })
}

/// Hexadecimal digits in one run from which a code, not a number, is read.
const CODE_CHARS: usize = 16;
/// The most characters that are looked at on either side.
const CODE_LOOK: usize = 40;

/// Whether the place lies within a UUID or a long hexadecimal number.
fn is_inside_code(text: &Plain, at: usize) -> bool {
    let is_code = |it: char| it.is_ascii_hexdigit() || it == '-';
    let from = (at.saturating_sub(CODE_LOOK)..at)
        .rev()
        .take_while(|it| text.get(*it).is_some_and(is_code))
        .last()
        .unwrap_or(at);
    let run: String =
        (from..at + CODE_LOOK).map_while(|it| text.get(it).filter(|it| is_code(*it))).collect();
    let groups: Vec<usize> = run.split('-').map(str::len).collect();
    let is_uuid = groups.windows(5).any(|it| it == [8, 4, 4, 4, 12]);
    let is_hex = run.split('-').any(|it| {
        it.len() >= CODE_CHARS
            && it.contains(|it: char| it.is_ascii_alphabetic())
            && it.contains(|it: char| it.is_ascii_digit())
    });
    is_uuid || is_hex
}
