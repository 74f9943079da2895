use super::{Reading, parent};
use kobling_domain::agreement::UnitFacts;
use kobling_domain::id::{SubjectId, SubjectNo};
use kobling_domain::people::{
    Claim, Claims, Field, Kind, NativeKey, Picture, Tree, UnitDays, inherited_ean, view_at,
    view_near,
};
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::people::{claim, subject};
use std::collections::BTreeMap;

/// A unit on the day.
pub(in super::super) struct Unit<'a> {
    pub(in super::super) id: SubjectId,
    pub(in super::super) parent: Option<SubjectId>,
    /// Its location number for invoices, own or inherited; read only if the agreement names it.
    pub(in super::super) ean: Option<String>,
    pub(in super::super) picture: Picture<'a>,
}

impl Unit<'_> {
    pub(in super::super) fn facts(&self) -> UnitFacts<'_> {
        let (id, parent, ean) = (self.id, self.parent, self.ean.as_deref());
        UnitFacts { id, parent, picture: &self.picture, ean }
    }
}

/// The units of the day and the days on which they stand as they do.
pub(in super::super) fn unit_days(
    units: &BTreeMap<NativeKey, Unit<'_>>,
) -> Vec<UnitDays<NativeKey>> {
    let days = units.iter().map(|(unit, it)| UnitDays {
        unit: unit.clone(),
        parent: parent(&it.picture),
        validity: it.picture.days,
    });
    days.collect()
}

impl Reading<'_> {
    /// The claims of the source on each unit.
    pub(in super::super) async fn unit_claims(
        &self,
        ledger: &mut Tx,
    ) -> Result<BTreeMap<SubjectId, Claims>, StoreError> {
        let (tenant, version) = (self.tenant, self.version);
        let mut lists: BTreeMap<SubjectNo, Vec<Claim>> = BTreeMap::new();
        for it in claim::of_units(ledger, tenant, version).await? {
            self.put(&mut lists, it.subject, it);
        }
        let numbers: Vec<SubjectNo> = lists.keys().copied().collect();
        let mut units = BTreeMap::new();
        for unit in subject::by_no(ledger, tenant, &numbers).await? {
            if let (Some(native), Some(list)) = (unit.native, lists.remove(&unit.no)) {
                units.insert(unit.id, Claims { kind: Kind::Unit, native, list });
            }
        }
        Ok(units)
    }

    /// The units that are there today.
    pub(in super::super) fn units<'a>(
        &self,
        claims: &'a BTreeMap<SubjectId, Claims>,
    ) -> BTreeMap<NativeKey, Unit<'a>> {
        let there = |(id, claims): (&SubjectId, &'a Claims)| {
            let picture = view_at(&self.rules, claims, self.today)?;
            Some((claims.native.clone(), Unit { id: *id, parent: None, ean: None, picture }))
        };
        let mut units: BTreeMap<NativeKey, Unit<'a>> = claims.iter().filter_map(there).collect();
        let ids: BTreeMap<NativeKey, SubjectId> =
            units.iter().map(|(key, it)| (key.clone(), it.id)).collect();
        for unit in units.values_mut() {
            unit.parent = parent(&unit.picture).and_then(|it| ids.get(&it).copied());
        }
        for (key, ean) in self.eans(&units) {
            if let Some(unit) = units.get_mut(&key) {
                unit.ean = Some(ean);
            }
        }
        units
    }

    /// The location numbers of the units that the agreement covers, as far as it names them. None
    /// is inherited from a unit that it does not cover.
    fn eans(&self, units: &BTreeMap<NativeKey, Unit<'_>>) -> Vec<(NativeKey, String)> {
        if !self.agreement.fields().contains(&Field::UnitEan) {
            return Vec::new();
        }
        let tree = Tree::new(units.iter().map(|(key, it)| (key.clone(), parent(&it.picture))));
        let covered = self.agreement.covered(&tree);
        let own = |it: &NativeKey| {
            let unit = units.get(it).filter(|_| covered.contains(it))?;
            unit.picture.text(Field::UnitEan)
        };
        let ean =
            |it: &NativeKey| inherited_ean(&tree, it, own).map(|ean| (it.clone(), ean.to_owned()));
        covered.iter().filter_map(ean).collect()
    }

    /// The tree of all units there ever were or will be, each where it hangs on the day nearest to
    /// today.
    pub(in super::super) fn nearest_tree(
        &self,
        claims: &BTreeMap<SubjectId, Claims>,
    ) -> Tree<NativeKey> {
        Tree::new(claims.values().filter_map(|it| {
            let picture = view_near(&self.rules, it, self.today)?;
            Some((it.native.clone(), parent(&picture)))
        }))
    }
}
