//! Whose a row of a table is: persons found by a key that another source, or the hub, issued.

use super::aside::SetAsideRecord;
use super::evaluate::Before;
use super::quarantine::OTHER_PERSON;
use super::reading::{Described, Reading};
use super::run::RunError;
use super::understand::Understood;
use crate::people::matches;
use kobling_domain::id::{SourceNo, SubjectId, SubjectNo};
use kobling_domain::people::{Kind, NativeKey, Track};
use kobling_formats::delimited::Whose;
use kobling_store::access::tenant;
use kobling_store::people::claim;
use kobling_store::people::subject::{self, Issuer, SubjectKey};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A row that names somebody whom nobody knows.
const PERSON_UNKNOWN: &str = "person_unknown";
/// A second row about one person.
const PERSON_REPEATED: &str = "person_repeated";
/// A row that names two persons of whom the hub knows that they are two.
const TWO_PERSONS: &str = "two_persons";

impl Reading<'_> {
    /// The persons whom these records name by another key than a national number, in their order.
    pub(super) async fn owners(
        &mut self,
        understood: impl Iterator<Item = &Understood>,
    ) -> Result<Vec<Option<SubjectNo>>, RunError> {
        let understood: Vec<&Understood> = understood.collect();
        if understood.iter().all(|it| !is_looked_up(it)) {
            return Ok(vec![None; understood.len()]);
        }
        let (mut ids, mut employments, mut persons, mut numbers) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for it in &understood {
            match &it.whose {
                Some(Whose::Id(id)) => ids.extend(id.parse::<Uuid>().ok().map(SubjectId)),
                Some(Whose::Employment(native)) => employments.push(native.clone()),
                Some(Whose::Person(native)) => persons.push(native.clone()),
                None => numbers
                    .extend(it.stated.person.as_ref().map(|it| self.hub.keys.blind_index(it))),
            }
        }
        let by_id = subject::by_ids(&mut self.ledger, self.tenant, &ids).await?;
        let by_id: BTreeMap<SubjectId, SubjectNo> =
            by_id.iter().filter(|it| it.kind == Kind::Person).map(|it| (it.id, it.no)).collect();
        let employments = self.by_native(Kind::Employment, employments).await?;
        let persons = self.by_native(Kind::Person, persons).await?;
        let found = subject::by_number(&mut self.ledger, self.tenant, &numbers).await?;
        let by_number: BTreeMap<[u8; 32], SubjectNo> =
            numbers.into_iter().zip(found).filter_map(|(it, no)| Some((it, no?))).collect();
        let owner = |it: &&Understood| match &it.whose {
            Some(Whose::Id(id)) => by_id.get(&SubjectId(id.parse().ok()?)).copied(),
            Some(Whose::Employment(native)) => employments.get(native).copied(),
            Some(Whose::Person(native)) => persons.get(native).copied(),
            None => {
                let number = it.stated.person.as_ref().filter(|_| is_looked_up(it))?;
                by_number.get(&self.hub.keys.blind_index(number)).copied()
            }
        };
        Ok(understood.iter().map(owner).collect())
    }

    /// The persons whom the declared source knows by these keys, or whose employments these are.
    async fn by_native(
        &mut self,
        kind: Kind,
        natives: Vec<NativeKey>,
    ) -> Result<BTreeMap<NativeKey, SubjectNo>, RunError> {
        let Some(issuer) = self.source.issuer.filter(|_| !natives.is_empty()) else {
            return Ok(BTreeMap::new());
        };
        let keys: Vec<SubjectKey> = natives.iter().cloned().map(SubjectKey::Native).collect();
        let (ledger, tenant) = (&mut self.ledger, self.tenant);
        let found = subject::by_key(ledger, tenant, Issuer::Source(issuer), kind, &keys).await?;
        let known = natives.into_iter().zip(found).filter_map(|(key, it)| Some((key, it?)));
        let known: BTreeMap<NativeKey, SubjectNo> = known.collect();
        match kind {
            Kind::Employment => self.persons_of(issuer, known).await,
            Kind::Unit
            | Kind::Person
            | Kind::Position
            | Kind::Activity
            | Kind::Qualification
            | Kind::Absence => Ok(known),
        }
    }

    async fn persons_of(
        &mut self,
        issuer: SourceNo,
        employments: BTreeMap<NativeKey, SubjectNo>,
    ) -> Result<BTreeMap<NativeKey, SubjectNo>, RunError> {
        let numbers: Vec<SubjectNo> = employments.values().copied().collect();
        let ledger = &mut self.ledger;
        let named =
            claim::last_persons(ledger, self.tenant, issuer, Track::Record, &numbers).await?;
        let person = |(key, it): (NativeKey, SubjectNo)| Some((key, *named.get(&it)?));
        Ok(employments.into_iter().filter_map(person).collect())
    }

    /// What is known of the person whom a row describes, where the row has a new key; or why the
    /// row is set aside.
    pub(super) async fn described(
        &mut self,
        it: &Understood,
        before: Before,
    ) -> Result<Result<Before, SetAsideRecord>, RunError> {
        if is_looked_up(it) && before.of.is_none() {
            return Ok(Err(unknown(it)));
        }
        if it.stated.kind != Kind::Person {
            return Ok(Ok(before));
        }
        let numbered = before.told;
        let named = before.of.or(numbered);
        let is_other = match before.subject.zip(named) {
            Some((known, named)) => !self.are_one(known, named).await?,
            None => false,
        };
        let are_two = match named.zip(numbered) {
            Some((named, numbered)) => !self.are_one(named, numbered).await?,
            None => false,
        };
        match (before.subject, named) {
            (Some(_), Some(_)) if is_other => Ok(Err(other(it))),
            (_, Some(_)) if are_two => Ok(Err(two_persons(it))),
            (Some(_), _) => Ok(Ok(before)),
            (None, Some(named)) => self.first_described(it, before, named).await,
            (None, None) => {
                let index = it.stated.person.as_ref().map(|it| self.hub.keys.blind_index(it));
                let is_first =
                    index.is_none_or(|index| self.described.insert(Described::New(index)));
                Ok(if is_first { Ok(before) } else { Err(repeated(it)) })
            }
        }
    }

    /// Whether two persons are one, or are said to be.
    async fn are_one(&mut self, a: SubjectNo, b: SubjectNo) -> Result<bool, RunError> {
        if a == b {
            return Ok(true);
        }
        let version = tenant::version(&mut self.ledger, self.tenant).await?;
        let links = matches::links(&mut self.ledger, self.tenant, version).await?;
        Ok(links.one(a) == links.one(b))
    }

    /// A new key of a person who is known.
    async fn first_described(
        &mut self,
        it: &Understood,
        before: Before,
        named: SubjectNo,
    ) -> Result<Result<Before, SetAsideRecord>, RunError> {
        let (tenant, source, track) = (self.tenant, self.source.no, it.stated.kind.track());
        let claims = claim::open(&mut self.ledger, tenant, source, track, &[named]).await?;
        let date = self.span.from();
        let goes_on = |it: &claim::Claim| it.slice.validity.until().is_none_or(|end| end > date);
        if claims.iter().any(goes_on) || !self.described.insert(Described::Known(named)) {
            return Ok(Err(repeated(it)));
        }
        let person = subject::by_no(&mut self.ledger, tenant, &[named]).await?.pop();
        Ok(Ok(Before { subject: Some(named), of: Some(named), claims, person, ..before }))
    }
}

/// Whether a record's person must be known already.
fn is_looked_up(it: &Understood) -> bool {
    it.whose.is_some() || it.stated.kind.is_somebodys()
}

fn unknown(it: &Understood) -> SetAsideRecord {
    let by = match &it.whose {
        Some(Whose::Id(_)) => "the hub's id",
        Some(Whose::Employment(_)) => "the employment's number",
        Some(Whose::Person(_)) => "the other source's key",
        None => "the national number",
    };
    set_aside(it, PERSON_UNKNOWN, &format!("names somebody whom nobody knows by {by} yet"))
}

fn repeated(it: &Understood) -> SetAsideRecord {
    set_aside(it, PERSON_REPEATED, "describes a person whom another row of this source describes")
}

fn other(it: &Understood) -> SetAsideRecord {
    let text = "names another known person than before; if both are one, link them \
                (kobling match link), else have it corrected at the source";
    set_aside(it, OTHER_PERSON, text)
}

fn two_persons(it: &Understood) -> SetAsideRecord {
    let text = "names one person by its number and another by its national number; if both are \
                one, link them (kobling match link), else have it corrected at the source";
    set_aside(it, TWO_PERSONS, text)
}

fn set_aside(it: &Understood, code: &str, text: &str) -> SetAsideRecord {
    SetAsideRecord {
        native_no: it.native_no,
        record_no: it.record_no,
        line: it.line,
        code: code.to_owned(),
        text: format!("{} {} {text}", it.stated.kind, it.stated.native),
        other: None,
    }
}
