use super::DeliverError;
use super::order::Order;
use super::receipt::Last;
use kobling_domain::exchange::brake::{self, Limits, TargetFigures, Tripped};
use kobling_domain::exchange::lane::ActionFigures;
use kobling_domain::people::Kind;
use kobling_formats::plan2learn::{File, Inactivated, Inventory, SetDiff, diff};

/// What a set changes at the target, and what its brake says to that.
pub(super) struct Change {
    pub(super) diff: SetDiff,
    pub(super) brake: Option<Tripped>,
}

impl Change {
    pub(super) fn between(
        order: &Order,
        last: Option<&Last>,
        made: &Inventory,
    ) -> Result<Self, DeliverError> {
        let nothing = Inventory::empty(Box::new(Vec::new()), []);
        let last = last.map_or(&nothing, |it| &it.inventory);
        let diff = diff(last, made).map_err(DeliverError::Spool)?;
        let had = |file| diff.before.get(file).copied().unwrap_or_default();
        let count = |it| u64::try_from(it).unwrap_or(u64::MAX);
        let figures = |kind, active: usize, inactivated: usize| {
            // Of those that were told as coming only, some may be gone as well.
            TargetFigures {
                kind,
                active: count(active.max(inactivated)),
                inactivated: count(inactivated),
            }
        };
        let limits = Limits { inactivated: order.target.inactivated, ..Limits::default() };
        let Inactivated { persons, engagements } = diff.inactivated;
        let persons = figures(Kind::Person, had(File::Bruger).active, persons);
        let employments = figures(Kind::Employment, had(File::Engagement).active, engagements);
        let told = diff.files.get(File::Bruger).copied().unwrap_or_default();
        let told = ActionFigures {
            has: count(had(File::Bruger).rows),
            create: count(told.added),
            change: count(told.changed),
            inactivate: 0,
        };
        let brake = brake::check_target(&limits, persons)
            .or_else(|| brake::check_target(&limits, employments))
            .or_else(|| brake::check_persons(&order.target.brakes, &told));
        Ok(Self { diff, brake })
    }

    pub(super) fn is_none(&self) -> bool {
        self.diff.files.iter().all(|(_, it)| it.is_empty())
    }
}
