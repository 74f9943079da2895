use crate::{instant, json, tenant};
use kobling_domain::access::{Grant, Role};
use kobling_domain::id::Version;
use kobling_store::access::account::{self, NewAccount};
use kobling_store::access::audit::Entry;
use kobling_store::access::session::Holder;
use kobling_store::access::{audit, session, setting, tenant as tenants};
use kobling_testkit::database::Database;
use uuid::Uuid;

#[tokio::test]
async fn versions_are_taken_one_after_the_other_and_found_by_instant() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        for (number, at) in [(1, 100), (2, 200)] {
            let mut tx = it.db.write().await.unwrap();
            let taken = tenants::take_version(&mut tx, tenant, instant(at), None).await.unwrap();
            assert_eq!(taken, Version(number));
            tx.commit().await.unwrap();
        }
        let mut tx = it.db.read().await.unwrap();
        assert_eq!(tenants::version(&mut tx, tenant).await.unwrap(), Version(2));
        for (at, version) in [(99, 0), (100, 1), (199, 1), (200, 2)] {
            let found = tenants::version_at(&mut tx, tenant, instant(at)).await.unwrap();
            assert_eq!(found, Version(version));
        }
        let taken = tenants::version_taken(&mut tx, tenant, Version(2)).await.unwrap();
        assert_eq!(taken, Some((instant(200), None)));
    }
}

#[tokio::test]
async fn a_tenant_put_again_keeps_its_number_and_uuid() {
    for it in Database::each().await {
        let first = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        let (uuid, zone) = (Uuid::from_u128(9), "Europe/Copenhagen");
        let again = tenants::put(&mut tx, uuid, "fjordby", "Fjordby", zone).await.unwrap();
        let other = tenants::put(&mut tx, uuid, "other", "Other", zone).await.unwrap();
        assert_eq!((again, other.0), (first, first.0 + 1));
        let found = tenants::by_key(&mut tx, "fjordby").await.unwrap().unwrap();
        assert_eq!((found.uuid, found.name.as_str()), (Uuid::from_u128(1), "Fjordby"));
    }
}

#[tokio::test]
async fn a_setting_holds_from_its_version_until_the_next() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        for number in [1, 2] {
            let version =
                tenants::take_version(&mut tx, tenant, instant(number), None).await.unwrap();
            let body = json(number);
            setting::put(&mut tx, tenant, version, "source", "opus", &body).await.unwrap();
        }
        for number in [1, 2] {
            let found = setting::list(&mut tx, tenant, Version(number)).await.unwrap();
            assert_eq!(found.len(), 1);
            assert_eq!((found[0].since, &found[0].body), (Version(number), &json(number)));
        }
        let version = tenants::take_version(&mut tx, tenant, instant(3), None).await.unwrap();
        setting::close(&mut tx, tenant, version, "source", "opus").await.unwrap();
        assert_eq!(setting::list(&mut tx, tenant, version).await.unwrap(), []);
    }
}

#[tokio::test]
async fn the_audit_trail_is_read_newest_first() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        let entry = |number| Entry {
            at: instant(number),
            who: "kari".to_owned(),
            action: "plan.release".to_owned(),
            detail: json(number),
        };
        for number in [1, 2, 3] {
            audit::write(&mut tx, tenant, &entry(number)).await.unwrap();
        }
        let last = audit::last(&mut tx, tenant, 2).await.unwrap();
        assert_eq!(last, [entry(3), entry(2)]);
    }
}

#[tokio::test]
async fn a_session_is_found_by_its_token_and_a_link_is_taken_once() {
    for it in Database::each().await {
        let tenant = tenant(&it.db).await;
        let mut tx = it.db.write().await.unwrap();
        let (id, key, name) = (Uuid::from_u128(5), "kari".to_owned(), "Kari".to_owned());
        let new = NewAccount { id, key, name, person: None };
        let user = account::add(&mut tx, tenant, &new, instant(1)).await.unwrap();
        let grant = |party: &str, role| Grant { party: party.to_owned(), role };
        for role in [Role::Auditor, Role::Manager] {
            account::grant(&mut tx, tenant, user, &[grant("fjordby", role)]).await.unwrap();
        }
        let grants = account::grants(&mut tx, tenant, user).await.unwrap();
        assert_eq!(grants, [grant("fjordby", Role::Manager)]);
        assert_eq!(account::all_grants(&mut tx, tenant).await.unwrap()[&user], grants);

        session::open(&mut tx, tenant, [1; 32], user, (instant(10), instant(99))).await.unwrap();
        session::seen(&mut tx, tenant, [1; 32], instant(20)).await.unwrap();
        let uuid = tenants::by_id(&mut tx, tenant).await.unwrap().uuid;
        let found = session::holder(&mut tx, uuid, [1; 32], instant(30)).await.unwrap().unwrap();
        let Some(Holder::User(of_kari)) = found.1 else { panic!("{found:?}") };
        assert_eq!((of_kari.account.key.as_str(), of_kari.seen_at), ("kari", instant(20)));
        let nobody = session::holder(&mut tx, Uuid::from_u128(9), [1; 32], instant(30)).await;
        assert_eq!(nobody.unwrap(), None);
        session::sweep(&mut tx, tenant, instant(99)).await.unwrap();
        let found = session::holder(&mut tx, uuid, [1; 32], instant(30)).await.unwrap().unwrap();
        assert_eq!((found.0.id, found.1), (tenant, None));

        session::add_link(&mut tx, tenant, [2; 32], user, instant(50)).await.unwrap();
        let taken = session::take_link(&mut tx, tenant, [2; 32], instant(49)).await.unwrap();
        assert_eq!(taken.unwrap().no, user);
        let again = session::take_link(&mut tx, tenant, [2; 32], instant(49)).await.unwrap();
        assert_eq!(again, None);
        session::add_link(&mut tx, tenant, [3; 32], user, instant(50)).await.unwrap();
        let late = session::take_link(&mut tx, tenant, [3; 32], instant(50)).await.unwrap();
        assert_eq!(late, None);
        account::disable(&mut tx, tenant, user, Some(instant(60))).await.unwrap();
        session::close_all(&mut tx, tenant, user).await.unwrap();
        let account = account::by_key(&mut tx, tenant, "kari").await.unwrap().unwrap();
        assert_eq!(account.disabled_at, Some(instant(60)));
        assert_eq!(account::list(&mut tx, tenant).await.unwrap(), [account]);
    }
}
