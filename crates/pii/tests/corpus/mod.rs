//! Made-up texts with and without identity numbers, from a seed: what the guard is measured on.
//!
//! A form is how a number is written; each stands in a family, and some families were never looked
//! at while the rules were written: their figures tell how the rules do on what nobody thought of.
//! All people were born from 1900 to 1905, whom nobody meets any more.

#![allow(dead_code, reason = "each program that includes it uses a part")]

pub(crate) mod forms;
pub(crate) mod negatives;

/// The same numbers on every machine.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        let at = usize::try_from(self.below(of.len() as u64)).unwrap();
        of[at]
    }
}

const CPR_WEIGHTS: [u64; 10] = [4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
const BSN_WEIGHTS: [i64; 9] = [9, 8, 7, 6, 5, 4, 3, 2, -1];

pub(crate) fn has_check_digit(number: &str) -> bool {
    let digits = number.bytes().map(|it| u64::from(it - b'0'));
    digits.zip(CPR_WEIGHTS).map(|(digit, weight)| digit * weight).sum::<u64>().is_multiple_of(11)
}

/// Ten digits with date and check digit; one in twenty is of 1 January 1960–1995 and has none.
pub(crate) fn cpr(dice: &mut Dice) -> String {
    loop {
        if dice.below(20) == 0 {
            let year = dice.pick(&["65", "70", "78", "84", "88", "91"]);
            return format!("0101{year}{:04}", dice.below(4_000));
        }
        let (day, month, year) = (1 + dice.below(28), 1 + dice.below(12), dice.below(6));
        let number = format!("{day:02}{month:02}{year:02}{:04}", dice.below(4_000));
        if has_check_digit(&number) {
            return number;
        }
    }
}

/// A number whose day has 60 added.
pub(crate) fn replacement(dice: &mut Dice) -> String {
    let (day, month, year) = (61 + dice.below(28), 1 + dice.below(12), dice.below(6));
    format!("{day:02}{month:02}{year:02}{:04}", dice.below(4_000))
}

/// Nine digits that pass the eleven test.
pub(crate) fn bsn(dice: &mut Dice) -> String {
    loop {
        let number = format!("{:09}", 10_000_000 + dice.below(900_000_000));
        let digits = number.bytes().map(|it| i64::from(it - b'0'));
        let sum: i64 = digits.zip(BSN_WEIGHTS).map(|(digit, weight)| digit * weight).sum();
        if sum % 11 == 0 {
            return number;
        }
    }
}
