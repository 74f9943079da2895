//! What is known of the files that lie where a source's files arrive.

use super::super::input::{self, Found, Input, Naming, Stamp};
use super::super::run::RunError;
use super::super::source::{Form, Source};
use super::{Left, Waiting, WaitingError, Why};
use crate::Hub;
use crate::connectors::Place;
use crate::hex::hex;
use jiff::civil::{Date, DateTime};
use kobling_domain::id::{SourceNo, TenantId, Version};
use kobling_domain::time::Days;
use kobling_domain::time::calendar::{self, Gap};
use kobling_store::exchange::input::{self as inputs, Met};
use kobling_store::exchange::plan::PlanState;
use kobling_store::exchange::run::RunState;
use kobling_store::exchange::source::Applied;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;

/// What tells files that wait from others.
pub(super) struct Known {
    pub(super) source: SourceNo,
    pub(super) place: Place,
    pub(super) now: DateTime,
    pub(super) naming: Naming,
    applied: Option<Applied>,
    configured: Version,
    days: Days,
    /// The latest first.
    met: Vec<Met>,
}

/// Whether a file has the bytes of one that was met before.
pub(super) enum Recognised {
    /// It has not, or that one is to be read again.
    Unread,
    /// It has, and this is what there is to tell of it.
    Before(Option<Left>),
}

/// What became of a file when it was met before.
enum Fate {
    /// Nothing that keeps it from being read.
    Unread,
    /// There is nothing to do about it: it was applied, rejected, or a newer one took its place.
    Settled,
    /// It waits for somebody, or for another file.
    Left(Why),
}

impl Known {
    pub(super) async fn load(hub: &Hub, tenant: TenantId, key: &str) -> Result<Self, WaitingError> {
        let mut tx = hub.db.write().await?;
        let source = Source::load(&mut tx, tenant, key).await?;
        let met = inputs::met(&mut tx, tenant, source.no).await?;
        tx.commit().await?;
        if matches!(source.form, Form::Pushed(_)) {
            return Err(RunError::SendsItself { key: key.to_owned() }.into());
        }
        let place = source.text.place();
        let place = place.ok_or_else(|| WaitingError::NoFolder { key: key.to_owned() })?;
        let now = hub.clock.civil(&source.time_zone);
        let naming = source.naming();
        let days = source.working_days();
        let Source { no, applied, configured, .. } = source;
        Ok(Self { source: no, place, now, naming, applied, configured, days, met })
    }

    pub(super) fn in_folder(&self, folder: &Path) -> Result<Waiting, WaitingError> {
        let found = input::list(folder, self.now, &self.naming);
        let folder = folder.to_owned();
        Ok(self.waiting(found.map_err(|source| WaitingError::Folder { folder, source })?))
    }

    /// Those of the files found that nobody has looked at yet, as far as their names and stamps
    /// tell.
    pub(super) fn waiting(&self, found: Found) -> Waiting {
        let mut waiting = Waiting::default();
        let strange =
            |it: &String| format!("{it} is not named like a file of this source; left alone");
        waiting.notes.extend(found.strangers.iter().map(strange));
        let mut last = self.applied.as_ref().map(|it| it.date);
        for input in found.inputs {
            let is_newer = self.is_newer(&input);
            let before = last;
            if is_newer && input.date() <= self.now.date() {
                last = Some(input.date());
            }
            match self.by_stamp(&input) {
                Fate::Settled => {}
                Fate::Left(why) => waiting.left.extend(self.left(&input, why)),
                Fate::Unread => {
                    let gap = before.filter(|_| is_newer && last == Some(input.date()));
                    waiting.notes.extend(gap.and_then(|it| missing(it, &input, self.days)));
                    waiting.inputs.push(input);
                }
            }
        }
        waiting
    }

    /// Whether a file, which lies here now, has the bytes of one that was met before under its
    /// name; and what became of that.
    pub(super) async fn recognised(
        &self,
        hub: &Hub,
        tenant: TenantId,
        input: &Input,
    ) -> Result<Recognised, RunError> {
        if !self.of_name(&input.name).any(|it| it.mac.is_some()) {
            return Ok(Recognised::Unread);
        }
        let failed = |source| RunError::Open { path: input.path().to_owned(), source };
        let mac = hub.keys.input_mac(input::digest(input.path()).map_err(failed)?);
        let fate = self.fate(input, &mac);
        if let (Some(stamp), Some(met)) = (input.stamp, self.of_bytes(&input.name, &mac).next()) {
            let mut tx = hub.db.write().await?;
            inputs::note(&mut tx, tenant, met.run, &stamped(&met.detail, stamp)).await?;
            tx.commit().await?;
        }
        Ok(match fate {
            Fate::Unread => Recognised::Unread,
            Fate::Settled => Recognised::Before(None),
            Fate::Left(why) => Recognised::Before(self.left(input, why)),
        })
    }

    /// Whether it was written after what was applied last.
    fn is_newer(&self, input: &Input) -> bool {
        let Some(applied) = &self.applied else { return true };
        match self.naming.exported_at(&applied.name).filter(|at| at.date() == applied.date) {
            Some(at) => input.exported_at > at,
            None => input.date() > applied.date,
        }
    }

    /// What there is to tell of a file that is not read: of one that was refused nothing once a
    /// newer one was applied.
    fn left(&self, input: &Input, why: Why) -> Option<Left> {
        let is_newer = self.is_newer(input);
        let is_told = match &why {
            Why::Held { .. } => true,
            Why::Refused { .. } => is_newer,
        };
        is_told.then(|| Left {
            input: input.name.clone(),
            path: input.path().to_owned(),
            is_newer,
            why,
        })
    }

    fn of_name<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Met> {
        self.met.iter().filter(move |it| it.name == name)
    }

    fn of_bytes<'a>(&'a self, name: &'a str, mac: &'a [u8; 32]) -> impl Iterator<Item = &'a Met> {
        self.of_name(name).filter(move |it| it.mac.as_ref() == Some(mac))
    }

    fn by_stamp(&self, input: &Input) -> Fate {
        let same = |it: &&Met| input.stamp.is_some() && stamp(&it.detail) == input.stamp;
        let mac = self.of_name(&input.name).find(same).and_then(|it| it.mac);
        mac.map_or(Fate::Unread, |it| self.fate(input, &it))
    }

    /// What became of those bytes under that name when they were met last.
    fn fate(&self, input: &Input, mac: &[u8; 32]) -> Fate {
        let fate = self.of_bytes(&input.name, mac).find_map(|it| match it.state {
            RunState::Reading => None,
            RunState::Applied | RunState::Unchanged => Some(Fate::Settled),
            RunState::Refused => Some(refused(it, self.now.date())),
            RunState::Held => self.planned(input, it),
        });
        fate.unwrap_or(Fate::Unread)
    }

    fn planned(&self, input: &Input, met: &Met) -> Option<Fate> {
        let plan = met.plan.as_ref()?;
        // It cannot be released any more: the newest file is planned anew.
        let is_overtaken = self.configured > plan.read_version
            || self.applied.as_ref().is_some_and(|it| it.run > met.run);
        match plan.state {
            PlanState::Draft => None,
            PlanState::Applied | PlanState::Superseded | PlanState::Rejected => Some(Fate::Settled),
            // Nothing but somebody's wish to look at it first holds it.
            PlanState::Held if plan.brakes == json!([]) => Some(Fate::Unread),
            PlanState::Held if is_overtaken && self.is_newer(input) => Some(Fate::Unread),
            PlanState::Held => Some(Fate::Left(Why::Held { plan: hex(&plan.hash) })),
        }
    }
}

fn refused(met: &Met, today: Date) -> Fate {
    let was_to_come = met.date.is_some_and(|it| it > met.today);
    if was_to_come && met.date.is_some_and(|it| it <= today) {
        return Fate::Unread;
    }
    let problem = met.detail.get("problem").and_then(Value::as_str).unwrap_or_default();
    // What a file gave may be told back, and may hold a national number.
    Fate::Left(Why::Refused { problem: kobling_pii::mask(problem, today).to_string() })
}

/// How the file of a run looked from outside, if that was kept.
fn stamp(detail: &Value) -> Option<Stamp> {
    Stamp::deserialize(detail.get("file")?).ok()
}

/// What a run tells of itself, with another stamp.
fn stamped(detail: &Value, stamp: Stamp) -> Value {
    let mut detail = detail.clone();
    if let Some(told) = detail.as_object_mut() {
        told.insert("file".to_owned(), json!(stamp));
    }
    detail
}

/// What to tell of the working days before a file on which none came.
fn missing(before: Date, input: &Input, days: Days) -> Option<String> {
    let name = &input.name;
    match calendar::gap(before, input.date(), days) {
        Gap::Usual => None,
        Gap::Missing { working_days: 1 } => {
            Some(format!("1 working day without a file lies before {name}"))
        }
        Gap::Missing { working_days } => {
            Some(format!("{working_days} working days without a file lie before {name}"))
        }
    }
}
