use super::File;
use super::cell::Cells;
use jiff::civil::Date;
use kobling_domain::id::SubjectId;

/// One column of a file: how the receiver spells it, and what of a row stands in it.
pub struct Column<R: 'static> {
    /// The name in the header row.
    pub(super) name: &'static str,
    cell: Cell<R>,
}

/// What of a row stands in a column.
enum Cell<R: 'static> {
    Text(fn(&R) -> Option<&str>),
    Id(fn(&R) -> SubjectId),
    /// An id that must have its row in another file.
    Refers(File, fn(&R) -> Option<SubjectId>),
    /// 1 or 0; empty where nobody tells.
    Flag(fn(&R) -> Option<bool>),
    Day(fn(&R) -> Option<Date>),
    /// The first moment of a day, with the offset of the employer's time zone.
    Moment(fn(&R) -> Option<Date>),
}

impl<R> Column<R> {
    pub(super) const fn text(name: &'static str, of: fn(&R) -> Option<&str>) -> Self {
        Self { name, cell: Cell::Text(of) }
    }

    pub(super) const fn id(name: &'static str, of: fn(&R) -> SubjectId) -> Self {
        Self { name, cell: Cell::Id(of) }
    }

    pub(super) const fn refers(
        name: &'static str,
        file: File,
        of: fn(&R) -> Option<SubjectId>,
    ) -> Self {
        Self { name, cell: Cell::Refers(file, of) }
    }

    pub(super) const fn flag(name: &'static str, of: fn(&R) -> Option<bool>) -> Self {
        Self { name, cell: Cell::Flag(of) }
    }

    pub(super) const fn day(name: &'static str, of: fn(&R) -> Option<Date>) -> Self {
        Self { name, cell: Cell::Day(of) }
    }

    pub(super) const fn moment(name: &'static str, of: fn(&R) -> Option<Date>) -> Self {
        Self { name, cell: Cell::Moment(of) }
    }

    /// Appends what `row` has in this column.
    pub(super) fn fill(&self, row: &R, cells: &mut Cells<'_>) {
        match &self.cell {
            Cell::Text(of) => cells.text(of(row)),
            Cell::Id(of) => cells.id(of(row)),
            Cell::Refers(_, of) => cells.optional_id(of(row)),
            Cell::Flag(of) => cells.flag(of(row)),
            Cell::Day(of) => cells.date(of(row)),
            Cell::Moment(of) => cells.moment(of(row)),
        }
    }

    /// The id that `row` names, and the file that must have a row of it.
    pub(super) fn names(&self, row: &R) -> Option<(File, SubjectId)> {
        match &self.cell {
            Cell::Refers(target, of) => of(row).map(|id| (*target, id)),
            Cell::Text(_) | Cell::Id(_) | Cell::Flag(_) | Cell::Day(_) | Cell::Moment(_) => None,
        }
    }
}
