//! `kobling client`: programs that sign in by themselves.

use super::arguments::{Client, ClientAdd, ClientKey, ClientRenew, Common};
use super::{Failure, Outcome, print, settings};
use kobling_domain::id::TenantId;
use kobling_hub::Hub;
use kobling_hub::access::clients::{self, Client as Told, ClientError, NewClient, Proof};
use serde::Serialize;
use std::fmt;
use std::path::Path;

pub(super) async fn execute(common: &Common, command: Client) -> Result<Outcome, Failure> {
    let hub = settings::hub().await?;
    let tenant = settings::tenant(&hub, common).await?;
    match command {
        Client::List => {
            let clients = clients::list(&hub, tenant).await.map_err(|it| refused(&it))?;
            print::result(common, &Clients { clients })?;
        }
        Client::Add(it) => print::result(common, &add(&hub, tenant, it).await?)?,
        Client::Renew(ClientRenew { client: ClientKey { key, by }, certificate }) => {
            let pem = read(&certificate)?;
            let client = clients::renew(&hub, tenant, (&key, &pem), &by).await;
            print::result(common, &client.map_err(|it| refused(&it))?)?;
        }
        Client::Revoke(ClientKey { key, by }) => {
            let client = clients::revoke(&hub, tenant, &key, &by).await;
            print::result(common, &client.map_err(|it| refused(&it))?)?;
        }
    }
    Ok(Outcome::Done)
}

#[derive(Serialize)]
struct Clients {
    clients: Vec<Told>,
}

impl fmt::Display for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.clients.is_empty() {
            return writeln!(f, "no program may sign in; `kobling client add` admits one");
        }
        self.clients.iter().try_for_each(|it| it.fmt(f))
    }
}

/// A client that was admitted, with its secret if it has one.
#[derive(Serialize)]
struct Added {
    client: Told,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl fmt::Display for Added {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "client_id:     {}", self.client.client_id)?;
        match &self.secret {
            Some(secret) => {
                writeln!(f, "client_secret: {secret}")?;
                writeln!(
                    f,
                    "\nThe secret is not shown again: give it to whoever runs the program now."
                )
            }
            None if self.client.certificate.is_some() => {
                writeln!(f, "\nIt is known by its certificate; its tokens count with that alone.")
            }
            None => writeln!(f, "\nIt signs its statements with its own key."),
        }
    }
}

async fn add(hub: &Hub, tenant: TenantId, arguments: ClientAdd) -> Result<Added, Failure> {
    let ClientAdd { client: ClientKey { key, by }, name, grant, public_key, certificate } =
        arguments;
    let proof = match (public_key, certificate) {
        (Some(path), _) => Proof::Key(read(&path)?),
        (None, Some(path)) => Proof::Certificate(read(&path)?),
        (None, None) => Proof::Secret,
    };
    let new = NewClient { key, name, grant, proof };
    let (client, secret) = clients::add(hub, tenant, &new, &by).await.map_err(|it| refused(&it))?;
    Ok(Added { client, secret: secret.map(|it| it.reveal()) })
}

fn read(path: &Path) -> Result<String, Failure> {
    let failed = |it| Failure::bad_input(format!("{} cannot be read", path.display()), &it);
    std::fs::read_to_string(path).map_err(failed)
}

fn refused(error: &ClientError) -> Failure {
    let advice = match error {
        ClientError::Certificate => {
            "give the certificate alone, in PEM: it begins with -----BEGIN CERTIFICATE-----; of one in \
             DER `openssl x509 -inform der -in FILE -out FILE.pem` makes such"
        }
        ClientError::Ended { .. } => {
            "have it renewed by whoever issued it, and give the new one; look at its days with \
             `openssl x509 -in FILE -noout -dates`"
        }
        ClientError::Key => {
            "make a key with `openssl genpkey -algorithm ed25519 -out KEY.pem`, and give its public \
             part: `openssl pkey -in KEY.pem -pubout -out PUBLIC.pem`"
        }
        ClientError::User(_) => {
            "give another key, name or role; `kobling config export` tells which parties there are"
        }
        ClientError::NoCertificate { .. } => {
            "only a client that was added with --certificate is given another one; add a new client"
        }
        ClientError::Unknown { .. }
        | ClientError::Taken { .. }
        | ClientError::Refused
        | ClientError::Token(_)
        | ClientError::Store(_) => "`kobling client list` tells which there are",
    };
    Failure::bad_input("nothing was changed", error).advise(advice)
}
