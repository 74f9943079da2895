//! `kobling webhook`: who is told what happens.

use super::arguments::{Common, Webhook, WebhookKey};
use super::{Failure, Outcome, print, settings};
use kobling_hub::webhook::{self, Keep, Standing, WebhookError};
use serde::Serialize;
use std::fmt;

pub(super) async fn execute(common: &Common, command: Webhook) -> Result<Outcome, Failure> {
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    match command {
        Webhook::List => {
            let webhooks = webhook::standings(&hub, tenant).await;
            let webhooks =
                webhooks.map_err(|it| Failure::failed("the webhooks cannot be read", &it))?;
            print::result(common, &Webhooks { webhooks })?;
        }
        Webhook::Start { webhook: WebhookKey { key, by }, new_secret } => {
            let keep = if new_secret { Keep::Nothing } else { Keep::Secret };
            let secret = webhook::start(&hub, tenant, &key, keep, &by).await;
            let secret = secret.map_err(|it| refused(&it))?;
            let secret = secret.map(|it| it.reveal().to_string());
            print::result(common, &Started { webhook: key, secret })?;
        }
        Webhook::Stop(WebhookKey { key, by }) => {
            webhook::stop(&hub, tenant, &key, &by).await.map_err(|it| refused(&it))?;
            print::note(&format!("webhook {key} is told nothing from now on"));
        }
    }
    Ok(Outcome::Done)
}

#[derive(Serialize)]
struct Webhooks {
    webhooks: Vec<Standing>,
}

impl fmt::Display for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.webhooks.is_empty() {
            return writeln!(f, "no webhook is configured; docs/webhooks.md tells how");
        }
        self.webhooks.iter().try_for_each(|it| it.fmt(f))
    }
}

/// A webhook that was started, with its secret if it is a new one.
#[derive(Serialize)]
struct Started {
    webhook: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl fmt::Display for Started {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.secret {
            Some(secret) => {
                writeln!(f, "{secret}\n")?;
                writeln!(f, "The secret is not shown again: give it to whoever checks signatures.")
            }
            None => writeln!(f, "webhook {} goes on, with the secret it has", self.webhook),
        }
    }
}

fn refused(error: &WebhookError) -> Failure {
    Failure::bad_input("nothing was changed", error).advise("`kobling webhook list` tells all")
}
