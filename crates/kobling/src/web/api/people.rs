//! `GET /api/v1/persons`, `/api/v1/employments`, `/api/v1/units` and `/api/v1/managers`: those there are on
//! a day, on both axes of time.

use super::asked::{Asked, get};
use super::known::WhenPage;
use super::page::{Page, count};
use super::subjects::refused;
use crate::web::described::Nothing;
use crate::web::problem::{Kind as Refusal, Problem};
use crate::web::route::Route;
use kobling_domain::access::Operation;
use kobling_domain::id::SubjectId;
use kobling_hub::people::listed::{
    self, Listed, ListedEmployment, ListedManager, ListedPerson, ListedUnit, Wanted,
};
use kobling_hub::people::{self, PeopleError};

pub(super) fn routes() -> Vec<Route> {
    let (people, units) = (Operation::ReadPersons, Operation::ReadUnits);
    let told_persons = ("list_persons", "Who is employed on a day, with their employments.");
    let told_employments = ("list_employments", "The employments there are on a day.");
    let told_units = ("list_units", "The units there are on a day, each with the one above it.");
    let told_managers = ("list_managers", "Who leads the units that there are on a day.");
    vec![
        get("/api/v1/persons", people, told_persons, persons),
        get("/api/v1/employments", people, told_employments, employments),
        get("/api/v1/units", units, told_units, units_of),
        get("/api/v1/managers", units, told_managers, managers),
    ]
    .into_iter()
    .map(|it| it.refusing(&[Refusal::NotFound]))
    .collect()
}

async fn persons(asked: Asked<Nothing, WhenPage>) -> Result<Page<ListedPerson>, Problem> {
    let only = reach(&asked).await?;
    let wanted = wanted(&asked, only.as_deref())?;
    let found =
        listed::persons(asked.by.hub(), asked.by.tenant(), wanted).await.map_err(refused)?;
    noted(&asked, found, |it| Some(it.person.id)).await
}

async fn employments(asked: Asked<Nothing, WhenPage>) -> Result<Page<ListedEmployment>, Problem> {
    let only = reach(&asked).await?;
    let wanted = wanted(&asked, only.as_deref())?;
    let found =
        listed::employments(asked.by.hub(), asked.by.tenant(), wanted).await.map_err(refused)?;
    noted(&asked, found, |it| it.person).await
}

async fn units_of(asked: Asked<Nothing, WhenPage>) -> Result<Page<ListedUnit>, Problem> {
    let wanted = wanted(&asked, None)?;
    let found = listed::units(asked.by.hub(), asked.by.tenant(), wanted).await.map_err(refused)?;
    Ok(page(found))
}

async fn managers(asked: Asked<Nothing, WhenPage>) -> Result<Page<ListedManager>, Problem> {
    let wanted = wanted(&asked, None)?;
    let found =
        listed::managers(asked.by.hub(), asked.by.tenant(), wanted).await.map_err(refused)?;
    Ok(page(found))
}

fn wanted<'a>(
    asked: &Asked<Nothing, WhenPage>,
    only: Option<&'a [SubjectId]>,
) -> Result<Wanted<'a>, Problem> {
    let page = asked.query.page();
    let wrong = |_| Problem::new(Refusal::BadRequest, "after: give the `next` of the page before");
    let after = page.after.map(|it| it.parse().map(SubjectId)).transpose().map_err(wrong)?;
    Ok(Wanted { when: asked.query.when(), after, count: count(page.limit), only })
}

/// Whom the caller reaches: none if that is everybody, else their own people of today.
async fn reach(asked: &Asked<Nothing, WhenPage>) -> Result<Option<Vec<SubjectId>>, Problem> {
    let access = &asked.by.caller.access;
    if access.is_whole() {
        return Ok(None);
    }
    let Some(own) = asked.by.caller.signed.person.filter(|_| access.has_led()) else {
        return Ok(Some(Vec::new()));
    };
    match people::team(asked.by.hub(), asked.by.tenant(), &own.to_string(), None).await {
        Ok(team) => Ok(Some(team.people.into_iter().map(|it| it.person.id).collect())),
        Err(PeopleError::Unknown { .. }) => Ok(Some(Vec::new())),
        Err(error) => Err(Problem::internal(error)),
    }
}

/// A page of people. That the caller sees them is in the audit by then.
async fn noted<T>(
    asked: &Asked<Nothing, WhenPage>,
    found: Listed<T>,
    person: fn(&T) -> Option<SubjectId>,
) -> Result<Page<T>, Problem> {
    let mut people: Vec<SubjectId> = found.items.iter().filter_map(person).collect();
    people.sort_unstable();
    people.dedup();
    asked.by.note_read(people).await?;
    Ok(page(found))
}

fn page<T>(found: Listed<T>) -> Page<T> {
    Page { items: found.items, next: found.next.map(|it| it.to_string()) }
}

#[cfg(test)]
mod tests {
    use crate::web::testing::{App, SignedIn};
    use kobling_domain::access::Role;
    use kobling_domain::id::SubjectId;
    use std::collections::BTreeSet;

    /// The ids on all pages of a list, each of which is there once.
    async fn ids(app: &App, path: &str, signed: &SignedIn) -> BTreeSet<String> {
        let (mut ids, mut after) = (BTreeSet::new(), String::new());
        loop {
            let page = app.get(&format!("{path}{after}"), Some(signed)).await;
            assert_eq!(page.status, 200, "{}", page.text());
            for it in page.json()["items"].as_array().unwrap() {
                let id = it["id"].as_str().or(it["unit"].as_str()).unwrap();
                assert!(ids.insert(id.to_owned()), "{id} is on two pages");
            }
            match page.json()["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return ids,
            }
        }
    }

    #[tokio::test]
    async fn a_list_tells_each_once_of_those_there_are_on_the_day_and_were_known_then() {
        let app = App::with_people().await;
        let owner = app.signed_in(Role::EmployerOwner).await;
        for list in ["persons", "employments", "units", "managers"] {
            let today = ids(&app, &format!("/api/v1/{list}?limit=3"), &owner).await;
            let whole = ids(&app, &format!("/api/v1/{list}?limit=200"), &owner).await;
            assert!(today.len() > 3 && today == whole, "{list}");
            let unknown = format!("/api/v1/{list}?known_at=2020-01-01T00:00:00Z");
            assert_eq!(app.get(&unknown, Some(&owner)).await.status, 404, "{list}");
        }
        let long_ago = "/api/v1/employments?limit=200&as_of=1901-01-01";
        assert_eq!(ids(&app, long_ago, &owner).await.len(), 0);
    }

    #[tokio::test]
    async fn a_manager_is_told_of_their_own_people_only() {
        let app = App::with_people().await;
        let owner = app.signed_in(Role::EmployerOwner).await;
        let managers = app.get("/api/v1/managers?limit=200", Some(&owner)).await.json();
        let mut leading = managers["items"].as_array().unwrap().iter();
        let leading = leading.find(|it| it["number"] == "20001").unwrap();
        let manager = SubjectId(leading["manager"]["id"].as_str().unwrap().parse().unwrap());
        let manager = app.manager(manager).await;
        let own = ids(&app, "/api/v1/persons?limit=2", &manager).await;
        let all = ids(&app, "/api/v1/persons?limit=200", &owner).await;
        assert!(!own.is_empty() && own.len() < all.len() && own.is_subset(&all));
        for id in all.difference(&own) {
            let path = format!("/api/v1/persons/{id}");
            assert_eq!(app.get(&path, Some(&manager)).await.status, 404);
        }
    }
}
