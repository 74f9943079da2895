//! `GET /api/v1/persons/{id}`, `/api/v1/employments/{id}` and `/api/v1/units/{id}`: one subject on both
//! axes of time, by the hub's own id or a source's number of it.

use super::asked::{Asked, Asker, get};
use super::known::When;
use crate::web::problem::{Kind as Refusal, Problem};
use crate::web::route::Route;
use kobling_domain::access::Operation;
use kobling_domain::id::SubjectId;
use kobling_domain::people::Kind;
use kobling_hub::people::{self, About, PeopleError, Shown};
use schemars::JsonSchema;
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    let (persons, units) = (Operation::ReadPersons, Operation::ReadUnits);
    vec![
        get(
            "/api/v1/persons/{id}",
            persons,
            ("show_person", "A person, over their days, with where each value comes from."),
            person,
        ),
        get(
            "/api/v1/employments/{id}",
            persons,
            ("show_employment", "An employment, over its days, with where each value comes from."),
            employment,
        ),
        get(
            "/api/v1/units/{id}",
            units,
            ("show_unit", "A unit, over its days, with where each value comes from."),
            unit,
        ),
    ]
    .into_iter()
    .map(|it| it.refusing(&[Refusal::NotFound, Refusal::BadRequest]))
    .collect()
}

/// Which subject.
#[derive(Deserialize, JsonSchema)]
struct Which {
    /// The hub's own id, or the number that a source gave it.
    id: String,
}

async fn person(asked: Asked<Which, When>) -> Result<Shown, Problem> {
    shown(&asked, Kind::Person).await
}

async fn employment(asked: Asked<Which, When>) -> Result<Shown, Problem> {
    shown(&asked, Kind::Employment).await
}

async fn unit(asked: Asked<Which, When>) -> Result<Shown, Problem> {
    shown(&asked, Kind::Unit).await
}

/// A subject within the caller's reach. That they see somebody's data is in the audit by then.
async fn shown(asked: &Asked<Which, When>, kind: Kind) -> Result<Shown, Problem> {
    let Asked { by, path: Which { id }, query: when, .. } = asked;
    let shown = people::show(by.hub(), by.tenant(), kind, id, (*when).into()).await;
    let shown = shown.map_err(refused)?;
    let person = match &shown.about {
        About::Person { .. } => Some(shown.id),
        About::Employment { person, .. } => Some(person.as_ref().map_or(shown.id, |it| it.id)),
        About::Unit { .. } => None,
    };
    if let Some(person) = person {
        if !by.caller.access.is_whole() && !leads(by, person).await? {
            return Err(Problem::new(Refusal::NotFound, &format!("there is no {kind} {id}")));
        }
        by.note_read(vec![person]).await?;
    }
    Ok(shown)
}

/// Whether somebody is one of the caller's own people today.
async fn leads(by: &Asker, person: SubjectId) -> Result<bool, Problem> {
    let Some(own) = by.caller.signed.person.filter(|_| by.caller.access.has_led()) else {
        return Ok(false);
    };
    let team = people::team(by.hub(), by.tenant(), &own.to_string(), None).await;
    match team {
        Ok(team) => Ok(team.people.iter().any(|it| it.person.id == person)),
        Err(PeopleError::Unknown { .. }) => Ok(false),
        Err(error) => Err(Problem::internal(error)),
    }
}

pub(super) fn refused(error: PeopleError) -> Problem {
    match error {
        PeopleError::Unknown { .. }
        | PeopleError::OtherKind { .. }
        | PeopleError::PersonByNumber
        | PeopleError::NothingKnown { .. } => Problem::new(Refusal::NotFound, &error.to_string()),
        PeopleError::Ambiguous { .. } => Problem::new(Refusal::BadRequest, &error.to_string()),
        PeopleError::Configure(_) | PeopleError::Store(_) => Problem::internal(error),
    }
}

#[cfg(test)]
mod tests {
    use crate::web::testing::{App, FJORDBY, SignedIn};
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

    /// How many statements an answer takes, once another one like it was given at the same version.
    async fn statements(app: &App, path: &str, signed: &SignedIn) -> u64 {
        for _ in 0..2 {
            assert_eq!(app.get(path, Some(signed)).await.status, 200);
        }
        let before = app.hub.db.statements();
        assert_eq!(app.get(path, Some(signed)).await.status, 200);
        app.hub.db.statements() - before
    }

    /// Two find out who asks and what they may, five write that they saw it, and each way to people has one
    /// to learn the version.
    #[tokio::test]
    async fn an_answer_takes_few_statements_and_no_more_of_them_for_many_units_or_people() {
        let app = App::with_people().await;
        let reader = app.signed_in(Role::HrReader).await;
        let employment = app.get("/api/v1/employments/99018", Some(&reader)).await.json();
        let person = employment["person"]["id"].as_str().unwrap();
        let person = format!("/api/v1/persons/{person}");
        let employment = format!("/api/v1/employments/{}", employment["id"].as_str().unwrap());
        assert_eq!(statements(&app, &person, &reader).await, 12);
        assert_eq!(statements(&app, &employment, &reader).await, 14);
        assert_eq!(statements(&app, "/api/v1/persons?limit=50", &reader).await, 12);
        assert_eq!(statements(&app, "/api/v1/persons?limit=5", &reader).await, 12);
        assert_eq!(statements(&app, "/api/v1/employments?limit=50", &reader).await, 11);
        assert_eq!(statements(&app, "/api/v1/units?limit=50", &reader).await, 5);
    }

    #[tokio::test]
    async fn what_changes_in_the_ledger_is_told_in_the_next_answer() {
        let app = App::with_people().await;
        let reader = app.signed_in(Role::HrReader).await;
        let told = async || app.get("/api/v1/employments/99018", Some(&reader)).await.json();
        let before = told().await;
        assert_eq!(before["known_at"]["version"], told().await["known_at"]["version"]);
        let later = app.at("2026-03-10T05:30:00Z".parse().unwrap());
        later.configure(&FJORDBY.replace("Europe/Copenhagen", "Pacific/Kiritimati")).await;
        let after = told().await;
        assert_ne!(before["known_at"]["version"], after["known_at"]["version"]);
        let then = before["known_at"]["at"].as_str().unwrap();
        let path = format!("/api/v1/employments/99018?known_at={then}");
        let as_known = app.get(&path, Some(&reader)).await.json();
        assert_eq!(before["known_at"]["version"], as_known["known_at"]["version"]);
        assert_eq!(before["slices"], as_known["slices"]);
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
