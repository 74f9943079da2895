//! Users, and what they sign in with, on both engines.

use crate::{FJORDBY, configuration, hub};
use jiff::Timestamp;
use kobling_domain::access::{Grant, Operation, Role};
use kobling_domain::id::TenantId;
use kobling_hub::Hub;
use kobling_hub::access::password::{self, PasswordError, Typed};
use kobling_hub::access::session::{self, SignInError};
use kobling_hub::access::users::{self, NewUser, UserError};
use kobling_hub::access::{self, Write};
use kobling_hub::clock::Clock;
use kobling_testkit::database::Database;
use totp_rs::{Builder, Secret};

const PASSWORD: &str = "correct horse battery";

fn grant(party: &str, role: Role) -> Grant {
    Grant { party: party.to_owned(), role }
}

async fn employer(database: &Database) -> (Hub, TenantId) {
    let hub = hub(database);
    access::apply(&hub, &configuration(FJORDBY), Write::Yes).await.unwrap();
    let tenant = access::tenant(&hub, None).await.unwrap();
    let new = NewUser {
        key: " Kari@Fjordby.example".to_owned(),
        name: "Kari".to_owned(),
        person: None,
        grants: vec![grant("payroll", Role::SupplierTechnician)],
    };
    users::add(&hub, tenant, &new, "a test").await.unwrap();
    let again = users::add(&hub, tenant, &new, "a test").await;
    assert!(matches!(again, Err(UserError::Taken { .. })));
    (hub, tenant)
}

fn at(hub: &Hub, instant: &str) -> Hub {
    Hub { clock: Clock::Fixed(instant.parse().unwrap()), ..hub.clone() }
}

async fn sign_in(hub: &Hub, password: &str, code: &str) -> bool {
    let password = password.to_owned().into();
    let typed = Typed { tenant: None, user: "kari@fjordby.example", password, code };
    match password::sign_in(hub, typed).await {
        Ok(token) => session::resume(hub, &token, None).await.unwrap().is_some(),
        Err(SignInError::Wrong) => false,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn after_five_wrong_tries_even_the_right_password_must_wait() {
    for database in Database::each().await {
        let (hub, tenant) = employer(&database).await;
        let short =
            password::set(&hub, tenant, "kari@fjordby.example", "short".to_owned().into(), "t");
        assert!(matches!(short.await, Err(PasswordError::Length)));
        let right = PASSWORD.to_owned().into();
        password::set(&hub, tenant, "kari@fjordby.example", right, "t").await.unwrap();
        for _ in 0..5 {
            assert!(!sign_in(&hub, "wrong horse battery", "").await);
        }
        assert!(!sign_in(&hub, PASSWORD, "").await);
        let later = at(&hub, "2026-03-04T23:15:00Z");
        assert!(sign_in(&later, PASSWORD, "").await);
        assert!(!sign_in(&later, "wrong horse battery", "").await);
        assert!(sign_in(&later, PASSWORD, "").await, "right tries begin the count anew");
    }
}

#[tokio::test]
async fn with_a_code_app_the_password_is_not_enough_and_a_code_works_once() {
    for database in Database::each().await {
        let (hub, tenant) = employer(&database).await;
        let key = "kari@fjordby.example";
        let none = password::add_code_app(&hub, tenant, key, "t").await;
        assert!(matches!(none, Err(PasswordError::NoPassword)));
        password::set(&hub, tenant, key, PASSWORD.to_owned().into(), "t").await.unwrap();
        let app = password::add_code_app(&hub, tenant, key, "t").await.unwrap();
        let (_, secret) = app.url.split_once("secret=").unwrap();
        let secret = Secret::try_from_base32(secret.split('&').next().unwrap()).unwrap();
        let codes = Builder::new().with_secret(secret).build_noncompliant();
        let code = |instant: &str| {
            let instant: Timestamp = instant.parse().unwrap();
            codes.generate(u64::try_from(instant.as_second()).unwrap()).to_string()
        };
        assert!(!sign_in(&hub, PASSWORD, "").await);
        assert!(!sign_in(&hub, PASSWORD, &code("2026-03-04T22:50:00Z")).await);
        let now = code("2026-03-04T23:00:00Z");
        assert!(sign_in(&hub, PASSWORD, &now).await);
        assert!(!sign_in(&hub, PASSWORD, &now).await, "somebody read it over a shoulder");
        assert!(sign_in(&hub, PASSWORD, &code("2026-03-04T23:00:30Z")).await);
        password::reset(&hub, tenant, key, "t").await.unwrap();
        assert!(sign_in(&hub, PASSWORD, "").await);
    }
}

#[tokio::test]
async fn who_is_disabled_is_out_at_once_and_roles_change_at_once() {
    for database in Database::each().await {
        let (hub, tenant) = employer(&database).await;
        let key = "kari@fjordby.example";
        let unknown = users::grant(&hub, tenant, key, vec![grant("x", Role::Auditor)], "t").await;
        assert!(unknown.unwrap_err().to_string().contains("configured is: fjordby, "));
        let token = session::open_for(&hub, tenant, key).await.unwrap();
        let may = async |operation| {
            let signed = session::resume(&hub, &token, None).await.unwrap();
            signed.is_some_and(|it| it.access(operation).is_some())
        };
        assert!(!may(Operation::ReadAudit).await);
        users::grant(&hub, tenant, key, vec![grant("fjordby", Role::Auditor)], "t").await.unwrap();
        assert!(may(Operation::ReadAudit).await && !may(Operation::ReadPersons).await);
        users::disable(&hub, tenant, key, "t").await.unwrap();
        assert!(!may(Operation::ReadAudit).await);
        assert!(session::open_for(&hub, tenant, key).await.is_err());
        let told = users::list(&hub, tenant).await.unwrap();
        assert_eq!((told.len(), told[0].roles[0].role), (1, "auditor"));
        assert!(told[0].disabled_at.is_some());
    }
}
