//! What is made of a shape: the table of rules, the first that fits deciding.

use super::label::Words;
use super::number::{self, Cpr};
use super::shape::{self, Form, Separation, Shape, Spelling};
use super::text::Plain;
use super::{Finding, Kind, Level, Rule};
use jiff::civil::Date;

/// What is shown for a number in which no date may be shown.
const HIDDEN: &str = "•••••••••";

/// All findings of a text, in order.
pub(crate) fn judge_all(text: &Plain, today: Date) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let shape = shape::at(text, at);
        match shape.and_then(|it| Some((judge(text, &it, today)?, it))) {
            Some(((kind, level, rule), shape)) => {
                let span = text.span(&shape.range);
                found.push(Finding { kind, level, rule, span, masked: masked(&shape) });
                at = shape.range.end;
            }
            None => at += 1,
        }
    }
    found
}

type Verdict = (Kind, Level, Rule);

fn judge(text: &Plain, shape: &Shape, today: Date) -> Option<Verdict> {
    let words = Words::around(text, &shape.range);
    match shape.form {
        Form::Ten(digits) => {
            let cpr = number::cpr(&digits, today)?;
            match shape.spelling {
                Spelling::Digits => judge_cpr(cpr, shape.separation, &words),
                Spelling::Letters => {
                    words.name_cpr().then_some((Kind::Cpr, Level::Warn, Rule::LettersForDigits))
                }
            }
        }
        Form::Lettered(date) => {
            number::is_day(&date).then_some((Kind::Ecpr, Level::Warn, Rule::HealthReplacement))
        }
        Form::Nine(digits) if words.name_bsn() && number::is_bsn(&digits) => {
            Some((Kind::Bsn, Level::Block, Rule::Bsn))
        }
        Form::Nine(digits) => {
            let [d2, m1, m2, y1, y2, s1, s2, s3, s4] = digits;
            let born = number::cpr(&[0, d2, m1, m2, y1, y2, s1, s2, s3, s4], today);
            let is_lost = shape.separation == Separation::Bare && words.name_cpr();
            (is_lost && born.is_some()).then_some((Kind::Cpr, Level::Warn, Rule::ZeroLost))
        }
    }
}

fn judge_cpr(cpr: Cpr, separation: Separation, words: &Words) -> Option<Verdict> {
    let is_parted = separation == Separation::Parted;
    if cpr.is_replacement {
        let is_one = is_parted || words.name_cpr();
        return is_one.then_some((Kind::CprReplacement, Level::Warn, Rule::Replacement));
    }
    let in_context = is_parted || words.tell_of_people();
    let (level, rule) = if words.name_cpr() {
        (Level::Block, Rule::Labelled)
    } else if words.name_other() && !is_parted {
        return None;
    } else if cpr.is_checked && in_context && !words.name_other() {
        (Level::Block, Rule::CheckedInContext)
    } else if cpr.is_checked {
        (Level::Warn, Rule::Checked)
    } else if cpr.is_first_of_january() {
        judge_first_of_january(cpr, in_context)?
    } else if is_parted && words.tell_of_people() {
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
        Form::Ten([d1, d2, ..]) | Form::Lettered([d1, d2, ..]) => format!("{d1}{d2}••••-••••"),
        Form::Nine(_) => HIDDEN.to_owned(),
    }
}
