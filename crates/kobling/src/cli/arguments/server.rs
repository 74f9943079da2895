//! Arguments of the server, its users and the audit.

use super::grant;
use clap::{Args, Subcommand, ValueEnum};
use kobling_domain::access::Grant;
use std::path::PathBuf;
use uuid::Uuid;

/// What a process of a server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ServeRole {
    /// It answers requests and does the work.
    All,
    /// It answers requests.
    Web,
    /// It does the work that changes ask for.
    Worker,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// What this process does, where several share the store.
    #[arg(long, value_enum, default_value_t = ServeRole::All)]
    pub(crate) role: ServeRole,
    /// Listen here instead of where kobling.toml says, such as 127.0.0.1:8080.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// List entries, the newest first.
    List(AuditList),
    /// Work the chain of the whole audit out anew.
    Verify(AuditVerify),
}

#[derive(Debug, Args)]
pub(crate) struct AuditList {
    /// So many entries at most.
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    pub(crate) last: u32,
    /// Only those before the entry of this number.
    #[arg(long, value_name = "NO")]
    pub(crate) before: Option<i64>,
}

#[derive(Debug, Args)]
pub(crate) struct AuditVerify {
    /// A head that an earlier examination told: the chain must still hold it.
    #[arg(long, value_name = "HEX")]
    pub(crate) head: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// List users and their roles.
    List,
    /// Admit somebody.
    Add(UserAdd),
    /// Give a user other roles in the place of those they have.
    Roles(UserRoles),
    /// Say what the sign-in service calls a user; without, they have no name there.
    Subject(UserSubject),
    /// Let a user sign in no more, and sign them out everywhere.
    Disable(UserKey),
    /// Make a link that signs a user in once, within 12 hours.
    Link(UserKey),
    /// Give a user a password: the first line of the standard input.
    Password(UserKey),
    /// Give a user a code app beside the password; prints the address that such apps read.
    CodeApp(UserKey),
    /// Take a lost code app away, and forget wrong tries.
    Reset(UserKey),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Webhook {
    /// List webhooks: whether each is told what happens, and what its address said last.
    List,
    /// Start a webhook, or let one that was stopped go on; a new secret is printed once.
    Start {
        #[command(flatten)]
        webhook: WebhookKey,
        /// Give it another secret; the one before counts no more.
        #[arg(long)]
        new_secret: bool,
    },
    /// Tell a webhook nothing from now on.
    Stop(WebhookKey),
}

#[derive(Debug, Args)]
pub(crate) struct WebhookKey {
    /// Its key.
    #[arg(value_name = "WEBHOOK")]
    pub(crate) key: String,
    /// Who says so, for the audit.
    #[arg(long, default_value = "kobling webhook")]
    pub(crate) by: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Client {
    /// List clients, with the party and the role of each.
    List,
    /// Admit a program; its secret is printed once.
    Add(ClientAdd),
    /// Know a program by another certificate.
    Renew(ClientRenew),
    /// Let a program ask no more.
    Revoke(ClientKey),
}

#[derive(Debug, Args)]
pub(crate) struct ClientKey {
    /// Short name of the program.
    #[arg(value_name = "CLIENT")]
    pub(crate) key: String,
    /// Who says so, for the audit.
    #[arg(long, default_value = "kobling client")]
    pub(crate) by: String,
}

#[derive(Debug, Args)]
pub(crate) struct ClientAdd {
    #[command(flatten)]
    pub(crate) client: ClientKey,
    /// What people call it.
    #[arg(long)]
    pub(crate) name: String,
    /// Its role and the party it is for, joined by @.
    #[arg(long = "role", value_name = "ROLE@PARTY", value_parser = grant)]
    pub(crate) grant: Grant,
    /// The public part of its own key (P-256 or Ed25519, PEM), in the place of a secret.
    #[arg(long, value_name = "FILE")]
    pub(crate) public_key: Option<PathBuf>,
    /// The certificate it shows while connecting (PEM), in the place of a secret.
    #[arg(long, value_name = "FILE", conflicts_with = "public_key")]
    pub(crate) certificate: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ClientRenew {
    #[command(flatten)]
    pub(crate) client: ClientKey,
    /// The certificate it shows from now on (PEM).
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct UserKey {
    /// The name they sign in with.
    #[arg(value_name = "USER")]
    pub(crate) key: String,
    /// Who says so, for the audit.
    #[arg(long, default_value = "kobling user")]
    pub(crate) by: String,
}

#[derive(Debug, Args)]
pub(crate) struct UserRoles {
    #[command(flatten)]
    pub(crate) user: UserKey,
    /// A role and the party it is given for, joined by @; may be given again.
    #[arg(long = "role", value_name = "ROLE@PARTY", required = true, value_parser = grant)]
    pub(crate) grants: Vec<Grant>,
}

#[derive(Debug, Args)]
pub(crate) struct UserSubject {
    #[command(flatten)]
    pub(crate) user: UserKey,
    /// The value of the claim that `oidc.claim` names.
    #[arg(value_name = "SUBJECT")]
    pub(crate) subject: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct UserAdd {
    #[command(flatten)]
    pub(crate) roles: UserRoles,
    /// What people call them.
    #[arg(long)]
    pub(crate) name: String,
    /// The hub's own id of the person they are: a manager sees their own people by it.
    #[arg(long, value_name = "ID")]
    pub(crate) person: Option<Uuid>,
}
