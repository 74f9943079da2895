//! Who a record is about: employment numbers that name another person than before, or another
//! employment.

use super::aside::SetAsideRecord;
use super::evaluate::Before;
use super::quarantine::{OTHER_PERSON, OtherPerson, RENUMBERED};
use super::reading::Reading;
use super::run::RunError;
use super::understand::Understood;
use kobling_domain::people::Kind;
use kobling_store::exchange::seen;
use kobling_store::people::claim::Claim;
use kobling_store::people::subject::{self, Subject};

impl Before {
    /// The person, if known by a national number.
    fn numbered(&self) -> Option<&Subject> {
        self.person.as_ref().filter(|it| it.number_sealed.is_some())
    }
}

impl Reading<'_> {
    /// A known employment number that now carries another national number than it does, or last
    /// did.
    pub(super) fn other_person(&self, it: &Understood, before: &Before) -> Option<SetAsideRecord> {
        let (number, known) = (it.stated.person.as_ref()?, before.numbered()?);
        if before.told == Some(known.no) {
            return None;
        }
        let effective = it.effective_without_history(self.source, self.span.from());
        Some(SetAsideRecord {
            native_no: it.native_no,
            record_no: it.record_no,
            line: it.line,
            code: OTHER_PERSON.to_owned(),
            text: format!(
                "{} {} carries another national number than before; a person must say \
                 whether it was corrected or the number is used again: \
                 `kobling quarantine decide {} {} --as correction|reuse --by NAME --reason TEXT`",
                it.stated.kind, it.stated.native, self.source.text.key, it.stated.native
            ),
            other: Some(OtherPerson { number: number.clone(), effective }),
        })
    }

    /// A number that was given up for another one and is back: its employment is the other's.
    pub(super) async fn renumbered_away(
        &mut self,
        it: &Understood,
        before: &Before,
    ) -> Result<Option<SetAsideRecord>, RunError> {
        let is_gone = self.is_newest()
            && it.stated.kind == Kind::Employment
            && before.seen.as_ref().is_some_and(|it| it.outcome == seen::Outcome::Gone);
        let Some(subject) = before.subject.filter(|_| is_gone) else { return Ok(None) };
        let found = subject::by_no(&mut self.ledger, self.tenant, &[subject]).await?;
        let native = found.into_iter().find_map(|it| it.native);
        let Some(native) = native.filter(|native| *native != it.stated.native) else {
            return Ok(None);
        };
        Ok(Some(SetAsideRecord {
            native_no: it.native_no,
            record_no: it.record_no,
            line: it.line,
            code: RENUMBERED.to_owned(),
            text: format!(
                "employment {} goes on as {native}; a person must say whether the number is used \
                 again",
                it.stated.native
            ),
            other: None,
        }))
    }
}

/// Whether the record is the first to tell the national number of whose employment it is.
pub(super) fn names_person_first(it: &Understood, before: &Before) -> bool {
    if it.stated.kind == Kind::Person {
        let is_known = before.numbered().is_some() || before.claims.is_empty();
        return it.stated.person.is_some() && !is_known;
    }
    let known = before.numbered().map(|it| it.no);
    let other = |claim: &Claim| claim.refs.person.is_none() || claim.refs.person != known;
    it.stated.person.is_some() && before.claims.iter().any(other)
}
