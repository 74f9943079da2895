use super::random::{Dice, Shuffle, Topic};

/// For how many days exactly 0.2 % of the employments leave each day.
pub const STEADY_DAYS: u16 = 250;

/// The ways in which an employment changes from one day to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Another position.
    Position,
    /// Other weekly hours.
    Hours,
    /// Another telephone number at work.
    Phone,
    /// Another pay grade.
    PayGrade,
    /// A function of trust begun or given up. `lastChanged` does not tell: Opus does not either.
    Function,
    /// Another unit. Managers stay where they are.
    Unit,
    /// Another home. Only of people with one employment and no protection.
    Home,
    /// Another last name. Only of people with one employment.
    LastName,
}

impl Change {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Position,
        Self::Hours,
        Self::Phone,
        Self::PayGrade,
        Self::Function,
        Self::Unit,
        Self::Home,
        Self::LastName,
    ];
}

/// When which employment begins, changes and leaves, computed from its index alone.
///
/// A shuffle gives each employment of day 0 a place. Those in the first half change, window after
/// window, round and round; those in the second half leave, window after window. So the counts of
/// each day are exact and nobody changes after having left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeline {
    employees: u64,
    changers: u64,
    changes_per_day: u64,
    moves_per_day: u64,
    places: Shuffle,
    change_order: Shuffle,
    leave_order: Shuffle,
}

impl Timeline {
    pub(super) fn new(employees: u64, dice: Dice) -> Self {
        let changers = employees.div_ceil(2);
        let shuffle = |len, number| Shuffle::new(len, dice.roll(Topic(1), number));
        Self {
            employees,
            changers,
            changes_per_day: share(employees, 100),
            moves_per_day: share(employees, 500),
            places: shuffle(employees, 0),
            change_order: shuffle(changers, 1),
            leave_order: shuffle(employees - changers, 2),
        }
    }

    /// How many employments have been told of by day `day`, the gone ones included.
    pub(super) fn employments(&self, day: u16) -> u64 {
        self.employees + u64::from(day) * self.moves_per_day
    }

    /// On which day the employment was first told of.
    pub(super) fn hired_on(&self, index: u64) -> u16 {
        match index.checked_sub(self.employees) {
            None => 0,
            Some(nth) => day_number(nth / self.moves_per_day + 1),
        }
    }

    /// Its slot in the organisation: even slots change, odd ones leave. New employments have none.
    pub(super) fn slot(&self, index: u64) -> Option<u64> {
        if index >= self.employees {
            return None;
        }
        let place = self.places.at(index);
        match place.checked_sub(self.changers) {
            None => Some(2 * place),
            Some(nth) => Some(2 * nth + 1),
        }
    }

    /// The day on which it leaves, if that is `day` or earlier.
    pub(super) fn left_on(&self, index: u64, day: u16) -> Option<u16> {
        if index >= self.employees {
            return None;
        }
        let nth = self.places.at(index).checked_sub(self.changers)?;
        let left_on = day_number(self.leave_order.at(nth) / self.moves_per_day + 1);
        (left_on <= day).then_some(left_on)
    }

    /// The days on which it has changed, up to and with `day`, in order.
    pub(super) fn changed_on(&self, index: u64, day: u16) -> impl Iterator<Item = u16> + use<> {
        let place = if index < self.employees { self.places.at(index) } else { u64::MAX };
        let first = if place < self.changers { self.change_order.at(place) } else { u64::MAX };
        let (per_day, round) = (self.changes_per_day, self.changers);
        let end = u64::from(day) * per_day;
        std::iter::successors(Some(first), move |it| it.checked_add(round))
            .take_while(move |it| *it < end)
            .map(move |it| day_number(it / per_day + 1))
    }
}

/// One in `divisor`, rounded, and at least one.
fn share(employees: u64, divisor: u64) -> u64 {
    ((employees + divisor / 2) / divisor).max(1)
}

fn day_number(day: u64) -> u16 {
    u16::try_from(day).unwrap_or(u16::MAX)
}
