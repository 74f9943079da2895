//! Reminders that an agreement ends, to both of its sides, by the employer's calendar.

use super::{AgreementError, list};
use crate::Hub;
use crate::access;
use crate::access::configuration::Configuration;
use crate::notice::{self, EndingAgreement, Notice};
use jiff::civil::Date;
use kobling_domain::agreement::{AgreementText, Step};
use std::collections::BTreeMap;

/// So many days before its first day without it the parties of an agreement are reminded; the nearest
/// last.
const REMINDED_DAYS: [i32; 3] = [60, 30, 7];

/// Reminds the parties of every employer's agreements that end soon. Each reminder is told once, however
/// often this is asked, and on a later day if nobody asked on its own; of those that were missed only the
/// nearest to the end.
///
/// # Errors
///
/// A configuration that cannot be read stops it, as does the store.
#[crate::boxed]
pub async fn remind(hub: &Hub) -> Result<(), AgreementError> {
    for employer in access::tenants(hub).await? {
        let mut tx = hub.db.read().await?;
        let configuration = access::load(&mut tx, employer.id).await?;
        drop(tx);
        let today = list::day(&configuration, hub.clock.now())?;
        let due = due(&configuration, today);
        if due.is_empty() {
            continue;
        }
        let mut tx = hub.db.write().await?;
        for it in &due {
            notice::tell_in(hub, &mut tx, employer.id, &configuration, it).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// What there is to remind of on a day: each agreement that ends soon, once for each of its parties.
fn due(configuration: &Configuration, today: Date) -> Vec<Notice> {
    let mut all = Vec::new();
    for it in &configuration.agreements {
        let Some((until, days)) = it.until.and_then(|until| Some((until, reminder(until, today)?)))
        else {
            continue;
        };
        for (party, party_name) in sides(configuration, it) {
            let agreement = it.key.clone();
            let ending = EndingAgreement { agreement, until, days, party, party_name };
            all.push(Notice::AgreementEnds(ending));
        }
    }
    all
}

/// Who sees to the source and to the target: the names of these parties by key.
fn sides(configuration: &Configuration, it: &AgreementText) -> BTreeMap<String, String> {
    let owners = Step::ALL.into_iter().filter_map(|step| configuration.owner_of_step(it, step));
    owners.map(|party| (party.key.clone(), party.name.clone())).collect()
}

/// The reminder that counts on a day, by its days before the end; none where it is too early, or over.
fn reminder(until: Date, today: Date) -> Option<i32> {
    let left = (until - today).get_days();
    let reached = REMINDED_DAYS.into_iter().filter(|it| left <= *it);
    reached.min().filter(|_| left > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::date;

    #[test]
    fn each_reminder_counts_from_its_day_until_the_next_ones_and_none_when_it_is_over() {
        let until = date(2026, 7, 1);
        let on = |left: i32| reminder(until, until.checked_sub(left.days()).unwrap());
        let told: Vec<_> = [365, 61, 60, 59, 31, 30, 8, 7, 1, 0, -1].map(on).into();
        let [sixty, thirty, seven] = REMINDED_DAYS.map(Some);
        let expected = [None, None, sixty, sixty, sixty, thirty, thirty, seven, seven, None, None];
        assert_eq!(told, expected);
    }
}
