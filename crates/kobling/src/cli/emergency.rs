//! Closing an agreement in emergency, opening it again, and the orders to close that wait.

use super::arguments::{CloseAgreement, Common, Decision};
use super::{Failure, Outcome, decision, print, settings};
use jiff::Timestamp;
use kobling_domain::agreement::{Call, InFlight, Receipt, ReceiptState};
use kobling_domain::id::TenantId;
use kobling_hub::Hub;
use kobling_hub::agreement::emergency::{self, Signed};
use kobling_hub::agreement::{self, EmergencyError, Known, Reopening};
use serde::Serialize;
use std::fmt;

/// Closes it, once its key was typed; prints the receipt, with `--json` as it was signed.
pub(super) async fn close(
    common: &Common,
    hub: &Hub,
    tenant: TenantId,
    typed: &CloseAgreement,
) -> Result<Outcome, Failure> {
    let key = &typed.agreement;
    let by = typed.by.clone().unwrap_or_else(settings::runner);
    let decision = decision::of(hub, &by, &typed.reason)?;
    if !typed.yes {
        confirm(key)?;
    }
    let journal = settings::journal();
    let which = (tenant, key.as_str());
    let closed = emergency::close(hub, &journal, which, &Known::BesideKeys, &decision).await;
    let signed = closed.map_err(failed)?;
    show(common, &signed);
    Ok(match signed.receipt.state {
        ReceiptState::Final => Outcome::Done,
        ReceiptState::Interim => Outcome::Held,
    })
}

/// Prints a receipt.
pub(super) fn show(common: &Common, signed: &Signed) {
    if common.json {
        print::text(&signed.text);
    } else {
        print::text(Told(&signed.receipt).to_string().trim_end());
    }
}

/// Nothing happens unless the agreement's key is typed.
fn confirm(key: &str) -> Result<(), Failure> {
    print::note(&format!(
        "This stops all that leaves by agreement {key}, at once. To do it, type its key: {key}"
    ));
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line);
    read.map_err(|it| Failure::bad_input("nothing was closed: nothing could be read", &it))?;
    if line.trim() == key {
        return Ok(());
    }
    Err(Failure::refused(format!("nothing was closed: what was typed is not {key}"))
        .advise("run the command again and type the key, or add --yes"))
}

/// One of two people opens it again.
pub(super) async fn reopen(
    common: &Common,
    hub: &Hub,
    tenant: TenantId,
    (key, typed): (&str, &Decision),
) -> Result<(), Failure> {
    let decision = decision::typed(hub, typed)?;
    let state = agreement::reopen(hub, tenant, key, &Known::BesideKeys, &decision).await;
    let state = state.map_err(failed)?;
    let told = Reopened { agreement: key.to_owned(), open: state == Reopening::Open };
    print::result(common, &told)
}

/// Carries out orders to close that wait in this directory. What cannot be yet is told, and what was
/// asked goes on: nothing leaves while the database cannot be written.
pub(super) async fn carry_out_orders(hub: &Hub) {
    match emergency::carry_out_journal(hub, &settings::journal()).await {
        Ok(done) => {
            for it in done {
                let key = it.receipt.agreement;
                print::note(&format!(
                    "agreement {key} is closed, as was ordered before; its receipt: kobling receipt \
                     show {key}"
                ));
            }
        }
        Err(error) => print::failure(
            &Failure::failed("an order to close an agreement cannot be carried out yet", &error)
                .advise("see that the database can be written; any command here tries again"),
        ),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
pub(super) fn failed(error: EmergencyError) -> Failure {
    if let EmergencyError::Closed { agreement, .. } = &error {
        let advice = format!("its receipt: kobling receipt show {agreement}");
        return Failure::bad_input("nothing was done", &error).advise(advice);
    }
    if error.is_bad_input() {
        return Failure::bad_input("nothing was done", &error)
            .advise("`kobling agreement list` tells which there are and how each stands");
    }
    Failure::failed("the closing did not come to its end", &error).advise(
        "run the command again; if the database is away, nothing starts to leave while it is",
    )
}

#[derive(Serialize)]
struct Reopened {
    agreement: String,
    open: bool,
}

impl fmt::Display for Reopened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { agreement, open } = self;
        if *open {
            writeln!(f, "{agreement} is open again: what waited leaves")?;
            writeln!(f, "  programs that were refused are admitted anew: kobling client add")?;
            return writeln!(f, "  webhooks get a new secret when started: kobling webhook start");
        }
        writeln!(f, "noted. {agreement} is still closed: another person opens it, within 24 hours")
    }
}

/// A receipt in words.
pub(super) struct Told<'a>(pub(super) &'a Receipt);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = self.0;
        match (it.closed_at, it.number) {
            (Some(at), Some(no)) => writeln!(
                f,
                "CLOSED {}: nothing has started to leave for {} since {} (closing {no})",
                it.agreement,
                it.target,
                second(at)
            )?,
            (_, _) => writeln!(
                f,
                "ORDERED, NOT DONE YET: the database cannot be written, so nothing starts to leave. \
                 {} is closed as soon as it can be, by any kobling command or server in this \
                 directory",
                it.agreement
            )?,
        }
        writeln!(f, "  by {} at {}: {}", it.by, second(it.ordered_at), it.reason)?;
        if it.closed_at.is_some() {
            what_was_under_way(f, it)?;
        }
        writeln!(f, "call now:")?;
        it.call.iter().try_for_each(|it| call(f, it))?;
        writeln!(f, "report a breach of personal data before {}", second(it.breach_report_until))?;
        if it.closed_at.is_some() {
            let key = &it.agreement;
            writeln!(f, "keep the receipt: kobling receipt show {key} --json > receipt.json")?;
        }
        Ok(())
    }
}

fn what_was_under_way(f: &mut fmt::Formatter<'_>, it: &Receipt) -> fmt::Result {
    match &it.last_delivered {
        Some(last) => {
            writeln!(f, "  last taken by {}: {}, {}", it.target, last.name, second(last.at))?;
        }
        None => writeln!(f, "  {} has never taken anything", it.target)?,
    }
    if it.in_flight.is_empty() {
        writeln!(f, "  nothing was under way")?;
    }
    for InFlight { way, key, started_at, outcomes } in &it.in_flight {
        writeln!(f, "  under way to {way} {key} since {}:", second(*started_at))?;
        for it in outcomes {
            writeln!(f, "    {}: {} ({})", it.name, it.became, it.said)?;
        }
    }
    writeln!(f, "  kept and not sent: {}", it.kept)?;
    let refused =
        [("clients refused", &it.refused_clients), ("webhooks stopped", &it.stopped_webhooks)];
    refused
        .iter()
        .filter(|it| !it.1.is_empty())
        .try_for_each(|(what, all)| writeln!(f, "  {what}: {}", all.join(", ")))
}

fn call(f: &mut fmt::Formatter<'_>, it: &Call) -> fmt::Result {
    let Call { role, name, phone, mail } = it;
    write!(f, "  {}: {name}", role.name().replace('_', " "))?;
    if let Some(phone) = phone {
        write!(f, ", {phone}")?;
    }
    if !mail.is_empty() {
        write!(f, ", {}", mail.join(", "))?;
    }
    writeln!(f)
}

fn second(at: Timestamp) -> String {
    format!("{at:.0}")
}
