//! `GET /api/v1/audit`: who did what, the newest first.

use super::asked::{Asked, get};
use super::page::{Page, Wanted, count, number};
use crate::web::described::Nothing;
use crate::web::problem::Problem;
use crate::web::route::Route;
use kobling_domain::access::Operation;
use kobling_hub::access::audit::{self, Told};

pub(super) fn routes() -> Vec<Route> {
    let told = ("list_audit", "Who did what, the newest first.");
    vec![get("/api/v1/audit", Operation::ReadAudit, told, list)]
}

async fn list(asked: Asked<Nothing, Wanted>) -> Result<Page<Told>, Problem> {
    let Asked { by, query, .. } = asked;
    let (before, count) = (number(query.after.as_deref())?, count(query.limit));
    let wanted = u32::try_from(count + 1).unwrap_or(u32::MAX);
    let found = audit::list(by.hub(), by.tenant(), before, wanted).await;
    Ok(Page::of(found.map_err(Problem::internal)?, count, |it| it.no.to_string()))
}

#[cfg(test)]
mod tests {
    use crate::web::testing::App;
    use kobling_domain::access::Role;

    #[tokio::test]
    async fn the_audit_is_read_page_by_page_the_newest_first() {
        let app = App::new().await;
        let auditor = app.signed_in(Role::Auditor).await;
        let first = app.get("/api/v1/audit?limit=2", Some(&auditor)).await.json();
        let actions = |page: &serde_json::Value| {
            let items = page["items"].as_array().unwrap();
            items.iter().map(|it| it["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(actions(&first), ["session.open", "user.add"]);
        let next = format!("/api/v1/audit?limit=2&after={}", first["next"].as_str().unwrap());
        let second = app.get(&next, Some(&auditor)).await.json();
        assert_eq!(
            (actions(&second), second["next"].is_null()),
            (vec!["configuration.apply".to_owned()], true)
        );
    }
}
