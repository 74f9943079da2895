//! `GET /api/v1/persons/{id}`: one person, by the hub's own id or a source's number of it.

use super::subject::{When, shown};
use crate::web::caller::Caller;
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::route::{Gate, Route, Verb};
use crate::web::state::Server;
use axum::Json;
use axum::extract::{Path, State};
use kobling_domain::access::Operation;
use kobling_domain::people::Kind;
use kobling_hub::people::Shown;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::api(Verb::Get, "/api/v1/persons/{id}", Gate::For(Operation::ReadPersons), show)]
}

async fn show(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
    Query(when): Query<When>,
) -> Result<Json<Shown>, Problem> {
    Ok(Json(shown(&server, &caller, (Kind::Person, &id), when).await?))
}

#[cfg(test)]
mod tests {
    use crate::web::testing::App;
    use kobling_domain::access::Role;
    use kobling_domain::id::SubjectId;
    use kobling_hub::access::audit;
    use kobling_hub::people;

    #[tokio::test]
    async fn who_sees_a_person_stands_in_the_audit_before_the_answer_leaves() {
        let app = App::with_people().await;
        let reader = app.signed_in(Role::HrReader).await;
        let employment = app.get("/api/v1/employments/99018", Some(&reader)).await;
        assert_eq!(employment.status, 200, "{}", employment.text());
        let person = employment.json()["person"]["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/persons/{person}?as_of=2026-03-03");
        let shown = app.get(&path, Some(&reader)).await;
        let number = shown.json()["national_number"].as_str().unwrap().to_owned();
        assert!(number.ends_with("-••••"), "{number}");
        let id = SubjectId(person.parse().unwrap());
        let read = audit::readings_of(&app.hub, app.tenant, id, 9).await.unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!(
            (read[0].who.as_str(), read[0].action.as_str()),
            ("hr_reader@fjordby.example", "person.read")
        );
        assert_eq!(read[0].detail["operation"], "read_persons");
        assert!(audit::verify(&app.hub, app.tenant, None).await.unwrap().fault.is_none());
    }

    #[tokio::test]
    async fn a_manager_sees_their_own_people_and_nobody_else() {
        let app = App::with_people().await;
        let reader = app.signed_in(Role::HrReader).await;
        let unit = app.get("/api/v1/units/20001", Some(&reader)).await.json();
        let manager = unit["manager"]["person"]["id"].as_str().unwrap();
        let team = people::team(&app.hub, app.tenant, manager, None).await.unwrap();
        let manager = SubjectId(manager.parse().unwrap());
        let led = team.people.first().unwrap().person.id;
        let status = async |who: SubjectId, id: SubjectId| {
            let signed = app.manager(who).await;
            app.get(&format!("/api/v1/persons/{id}"), Some(&signed)).await.status
        };
        assert_eq!(status(manager, led).await, 200);
        assert_eq!(status(led, manager).await, 404);
    }
}
