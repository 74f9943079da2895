//! Files that may still be written: they are left until they have looked the same for a while.
//!
//! How a file looks is noted in the store by our own clock: another machine's may be wrong, tools
//! that copy keep old times, and who looks next may be another process.

use super::super::input::Input;
use super::{Take, Waiting};
use crate::Hub;
use jiff::{SignedDuration, Timestamp};
use kobling_domain::id::{SourceNo, TenantId};
use kobling_store::StoreError;
use kobling_store::exchange::arriving::{self, Arriving};

/// Those of the files that are read now. One that may still be written keeps those after it
/// waiting: once they were applied it would be too old.
pub(super) async fn taken(
    hub: &Hub,
    tenant: TenantId,
    source: SourceNo,
    mut waiting: Waiting,
    take: Take,
) -> Result<Waiting, StoreError> {
    let Take::Settled(settle) = take else { return Ok(waiting) };
    let now = hub.clock.now();
    let before = arriving::list(&mut hub.db.read().await?, tenant, source).await?;
    let mut seen: Vec<Arriving> = waiting.inputs.iter().map(|it| look(it, &before, now)).collect();
    let whole = seen.iter().take_while(|it| is_settled(it, settle, now)).count();
    waiting.inputs.truncate(whole);
    if let Some(growing) = seen.get(whole) {
        waiting.notes.push(format!("{} may still be written; it waits", growing.name));
    }
    seen.sort_by(|a, b| a.name.cmp(&b.name));
    if seen != before {
        let mut tx = hub.db.write().await?;
        arriving::replace(&mut tx, tenant, source, &seen).await?;
        tx.commit().await?;
    }
    Ok(waiting)
}

fn look(input: &Input, before: &[Arriving], now: Timestamp) -> Arriving {
    let (bytes, modified) = input.stamp.map_or((0, None), |it| (it.bytes, it.modified));
    // A store keeps no more than microseconds.
    let modified = modified.and_then(|it| Timestamp::from_microsecond(it.as_microsecond()).ok());
    let same = |it: &&Arriving| {
        it.name == input.name && it.bytes == bytes && it.modified == modified && it.since <= now
    };
    let since = before.iter().find(same).map_or(now, |it| it.since);
    Arriving { name: input.name.clone(), bytes, modified, since }
}

fn is_settled(it: &Arriving, settle: SignedDuration, now: Timestamp) -> bool {
    now.duration_since(it.since) >= settle
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::input::Stamp;
    use jiff::civil::DateTime;
    use std::path::Path;

    const SETTLE: SignedDuration = SignedDuration::from_secs(20);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_772_000_000 + second).unwrap()
    }

    fn input(bytes: u64) -> Input {
        let mut input = Input::new(Path::new("ZLPE20260304224013_delta.xml"), DateTime::MAX);
        input.stamp = Some(Stamp { bytes, modified: None });
        input
    }

    #[test]
    fn a_file_is_settled_when_it_looked_the_same_for_as_long_as_was_asked() {
        let first = look(&input(7), &[], at(0));
        assert!(!is_settled(&first, SETTLE, at(0)));
        let again = look(&input(7), std::slice::from_ref(&first), at(19));
        assert!(!is_settled(&again, SETTLE, at(19)));
        let later = look(&input(7), &[again], at(20));
        assert!(is_settled(&later, SETTLE, at(20)));
        let grown = look(&input(8), &[later], at(20));
        assert_eq!(grown.since, at(20));
        assert!(!is_settled(&grown, SETTLE, at(39)));
    }

    #[test]
    fn a_clock_that_was_put_back_only_makes_a_file_wait_anew() {
        let first = look(&input(7), &[], at(1_000));
        assert_eq!(look(&input(7), &[first], at(0)).since, at(0));
    }
}
