//! `kobling user`: who may sign in, and how.

use super::arguments::{Common, User, UserAdd, UserKey};
use super::{Failure, Outcome, print, serve, settings};
use crate::web::link_path;
use kobling_domain::id::{SubjectId, TenantId};
use kobling_hub::Hub;
use kobling_hub::access::password::{self, PasswordError};
use kobling_hub::access::session;
use kobling_hub::access::users::{self, NewUser, User as Told};
use serde::Serialize;
use std::fmt;
use zeroize::Zeroizing;

pub(super) async fn execute(common: &Common, command: User) -> Result<Outcome, Failure> {
    let settings = settings::read()?;
    let hub = settings::hub_of(&settings).await?;
    let tenant = settings::tenant(&hub, common).await?;
    match command {
        User::List => print::result(common, &list(&hub, tenant).await?)?,
        User::Add(it) => print::result(common, &add(&hub, tenant, it).await?)?,
        User::Roles(it) => {
            let UserKey { key, by } = it.user;
            let user = users::grant(&hub, tenant, &key, it.grants, &by).await;
            print::result(common, &user.map_err(|it| refused(&it))?)?;
        }
        User::Subject(it) => {
            let UserKey { key, by } = it.user;
            let called = users::call(&hub, tenant, &key, it.subject.as_deref(), &by).await;
            called.map_err(|it| refused(&it))?;
            print::note(&match it.subject {
                Some(_) => format!("{key} signs in at the service under that name"),
                None => format!("{key} has no name at the service"),
            });
        }
        User::Disable(UserKey { key, by }) => {
            let user = users::disable(&hub, tenant, &key, &by).await;
            print::result(common, &user.map_err(|it| refused(&it))?)?;
        }
        User::Link(UserKey { key, .. }) => {
            let token = session::link(&hub, tenant, &key).await;
            let token = token.map_err(|it| Failure::bad_input("no link was made", &it))?;
            let url = serve::site(&settings.server)?.url(&link_path(&token));
            print::result(common, &Address { url })?;
        }
        User::Password(UserKey { key, by }) => {
            let password = first_line()?;
            password::set(&hub, tenant, &key, password, &by).await.map_err(|it| unset(&it))?;
            print::note(&format!("{key} has a new password"));
        }
        User::CodeApp(UserKey { key, by }) => {
            let app = password::add_code_app(&hub, tenant, &key, &by).await;
            print::result(common, &Address { url: app.map_err(|it| unset(&it))?.url })?;
        }
        User::Reset(UserKey { key, by }) => {
            password::reset(&hub, tenant, &key, &by).await.map_err(|it| unset(&it))?;
            print::note(&format!("{key} has no code app, and no wrong tries"));
        }
    }
    Ok(Outcome::Done)
}

#[derive(Serialize)]
struct Users {
    users: Vec<Told>,
}

impl fmt::Display for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.users.is_empty() {
            return writeln!(f, "nobody may sign in yet; `kobling user add` admits somebody");
        }
        self.users.iter().try_for_each(|it| it.fmt(f))
    }
}

#[derive(Serialize)]
struct Address {
    url: String,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}

async fn list(hub: &Hub, tenant: TenantId) -> Result<Users, Failure> {
    let users = users::list(hub, tenant).await;
    Ok(Users { users: users.map_err(|it| Failure::failed("the users cannot be read", &it))? })
}

async fn add(hub: &Hub, tenant: TenantId, arguments: UserAdd) -> Result<Told, Failure> {
    let UserAdd { roles, name, person } = arguments;
    let UserKey { key, by } = roles.user;
    let new = NewUser { key, name, person: person.map(SubjectId), grants: roles.grants };
    users::add(hub, tenant, &new, &by).await.map_err(|it| refused(&it))
}

/// A password is typed or piped in, so that it stands in no history and no list of processes.
fn first_line() -> Result<Zeroizing<String>, Failure> {
    let mut line = Zeroizing::new(String::new());
    let read = std::io::stdin().read_line(&mut line);
    read.map_err(|it| Failure::bad_input("no password can be read", &it))?;
    Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

fn refused(error: &users::UserError) -> Failure {
    Failure::bad_input("nothing was changed", error)
        .advise("`kobling user list` tells who there is")
}

fn unset(error: &PasswordError) -> Failure {
    Failure::bad_input("nothing was changed", error)
}
