//! Making a set: what an agreement lets out, row by row.

use super::super::own::Own;
use super::super::progress::Progress;
use super::shelf::SealedShelf;
use super::walk::{Leader, Sink, walk};
use super::{DeliverError, Order, row};
use crate::Hub;
use kobling_domain::agreement::{
    Address, MemberPicture, PersonPicture, PositionPicture, Projected, UnitPicture,
};
use kobling_domain::id::{SubjectId, SubjectNo};
use kobling_domain::people::Field;
use kobling_formats::plan2learn::{Bruger, FileSet, Inventory, Managers, SetWriter};
use kobling_store::StoreError;
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use kobling_store::people::{protect, same};
use std::collections::BTreeMap;
use std::io::Write;

/// A set that is proved closed.
pub(in super::super) struct Made<W> {
    pub(in super::super) outputs: FileSet<W>,
    pub(super) inventory: Inventory,
    pub(super) rows: FileSet<u32>,
    pub(super) notes: Vec<String>,
    pub(super) told: Told,
}

/// Writes the set to `outputs`. `ledger` is one snapshot, and all of it is read from there.
pub(in super::super) async fn make<W: Write>(
    hub: &Hub,
    ledger: &mut Tx,
    order: &Order,
    outputs: FileSet<W>,
    progress: &dyn Progress,
) -> Result<Made<W>, DeliverError> {
    let shelf = Box::new(SealedShelf::new(hub, order));
    let set = SetWriter::listing_on(shelf, &order.form, outputs)?;
    let own = Own::read(hub, ledger, order.tenant, &order.target.key).await?;
    let mut sheets = Sheets { order, set, own, eans: BTreeMap::new() };
    // Boxed for its size, as it goes through futures of whole commands.
    let notes = Box::pin(walk(hub, ledger, order, &mut sheets, progress)).await?;
    let told = Told::read(ledger, order).await?;
    let rows = sheets.set.row_counts();
    let (outputs, inventory) = sheets.set.finish_listed()?;
    Ok(Made { outputs, inventory, rows, notes, told })
}

/// Whose address was protected when a set was made.
pub(super) struct Told {
    protected: Vec<SubjectNo>,
}

impl Told {
    async fn read(ledger: &mut Tx, order: &Order) -> Result<Self, StoreError> {
        Ok(Self { protected: protect::all(ledger, order.tenant).await? })
    }

    /// Whether the set may hold what must not be told by now: somebody was protected since, or said
    /// to be one with somebody else.
    pub(super) async fn is_too_much(&self, tx: &mut Tx, order: &Order) -> Result<bool, StoreError> {
        let now = tenant::version(tx, order.tenant).await?;
        if now == order.version {
            return Ok(false);
        }
        let linked = same::changed_since(tx, order.tenant, (order.version, now)).await?;
        let protected = protect::all(tx, order.tenant).await?;
        let is_new = |it: &SubjectNo| self.protected.binary_search(it).is_err();
        Ok(!linked.is_empty() || protected.iter().any(is_new))
    }
}

/// The files of a set in the making.
struct Sheets<'a, W: Write> {
    order: &'a Order,
    set: SetWriter<'a, W>,
    own: Own<'a>,
    /// The location numbers of the units that have rows.
    eans: BTreeMap<SubjectId, String>,
}

impl<W: Write> Sink for Sheets<'_, W> {
    fn unit(&mut self, unit: &Projected<UnitPicture>) -> Result<(), DeliverError> {
        let row = row::organisation(unit);
        self.set.organisation(&row)?;
        self.eans.extend(row.ean.map(|it| (unit.id, it)));
        Ok(())
    }

    fn person(
        &mut self,
        person: &Projected<PersonPicture>,
        _address: Address,
    ) -> Result<(), DeliverError> {
        let form = &self.order.form;
        let mut bruger = row::bruger(person, form.profile, &self.eans);
        stand_in(&self.own, &mut bruger);
        self.set.bruger(&bruger)?;
        for engagement in row::engagements(person, form, self.order.today) {
            self.set.engagement(&engagement)?;
        }
        Ok(())
    }

    fn position(&mut self, position: &Projected<PositionPicture>) -> Result<(), DeliverError> {
        Ok(self.set.stillingskode(&row::stillingskode(position))?)
    }

    fn member(&mut self, member: &Projected<MemberPicture>) -> Result<(), DeliverError> {
        Ok(self.set.maalgruppe(&row::maalgruppe(member))?)
    }

    fn leaders(&mut self, leaders: &[Leader<'_>]) -> Result<(), DeliverError> {
        let managers = self.order.form.profile.managers;
        let told = match managers {
            Managers::One => 1,
            Managers::All => leaders.len(),
        };
        for leader in leaders.iter().take(told) {
            if let Some(leder) = row::leder(leader.manager, managers) {
                self.set.leder(&leder)?;
            }
        }
        Ok(())
    }
}

/// Puts what the target may keep in the place of ours.
fn stand_in(own: &Own<'_>, row: &mut Bruger) {
    for (field, cell) in
        [(Field::PersonEmail, &mut row.email), (Field::PersonMobile, &mut row.mobile)]
    {
        let theirs = own.in_place_of((row.id, field), cell.as_deref().unwrap_or_default());
        if let Some(theirs) = theirs {
            *cell = Some(theirs.to_owned()).filter(|it| !it.is_empty());
        }
    }
}
