//! Generated from the OpenAPI document: every operation is asked as everybody, and what is answered is
//! what the document says.

use super::testing::{Answer, App, FJORDBY, SignedIn};
use kobling_domain::access::{Operation, Role, may};
use kobling_domain::id::TenantId;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What stands beside the demo's configuration: a party that runs no system, and a target group.
const MORE: &str = r#"
[[party]]
key = "stranger"
name = "A supplier of nothing (synthetic)"
kind = "supplier"

[[group]]
key = "teachers"
name = "Teachers"
any = [{ units = ["20001"] }]
"#;
/// Another employer in the same store.
const OTHER: &str = r#"
[tenant]
key = "skovby"
name = "Skovby Kommune"

[[party]]
key = "skovby"
name = "Skovby Kommune"
kind = "employer"
"#;

/// A server of two employers, its document, and what stands for the parameters of its paths.
struct World {
    app: App,
    other: TenantId,
    document: Value,
    places: BTreeMap<&'static str, String>,
}

/// An operation of the document.
struct Asked<'a> {
    name: &'a str,
    method: String,
    path: String,
    told: &'a Value,
}

impl World {
    async fn new() -> Self {
        let (app, held) = App::with_nights().await;
        app.configure(&format!("{FJORDBY}{MORE}")).await;
        let other = app.configure(OTHER).await;
        let document = app.get("/api/v1/openapi.json", None).await.json();
        let owner = app.outsider(app.tenant, "fjordby", Role::EmployerOwner).await;
        let first = app.get("/api/v1/persons?limit=1", Some(&owner)).await.json();
        let person = first["items"][0]["id"].as_str().unwrap().to_owned();
        let employment = first["items"][0]["employments"][0]["id"].as_str().unwrap().to_owned();
        let text = str::to_owned;
        let places = [
            ("/persons/{id}", person),
            ("/employments/{id}", employment),
            ("/units/{id}", text("20001")),
            ("/sources/{key}", text("opus")),
            ("/parties/{key}", text("payroll")),
            ("/systems/{key}", text("plan2learn")),
            ("/agreements/{key}", text("plan2learn")),
            ("/targets/{key}", text("plan2learn")),
            ("/deliveries/{target}", text("plan2learn")),
            ("/groups/{key}", text("teachers")),
            ("/users/{key}", text("employer_owner-of-fjordby@kobling.example")),
            ("/runs/{run}", text("1")),
            ("/plans/{plan}", held),
        ];
        Self { app, other, document, places: places.into() }
    }

    /// Every operation of the API that is not open to everybody.
    fn operations(&self) -> Vec<Asked<'_>> {
        let mut all = Vec::new();
        for (path, operations) in self.document["paths"].as_object().unwrap() {
            for (method, told) in operations.as_object().unwrap() {
                if told["security"].as_array().unwrap().is_empty() {
                    continue;
                }
                let name = told["operationId"].as_str().unwrap();
                all.push(Asked {
                    name,
                    method: method.to_uppercase(),
                    path: self.filled(path),
                    told,
                });
            }
        }
        all
    }

    fn filled(&self, path: &str) -> String {
        let place = self.places.iter().find(|(place, _)| path.contains(*place));
        let Some((place, value)) = place else {
            assert!(!path.contains('{'), "{path}: nothing stands for its parameters here");
            return path.to_owned();
        };
        let collection = place.rsplit_once('/').unwrap().0;
        path.replace(place, &format!("{collection}/{value}"))
    }

    async fn ask(&self, asked: &Asked<'_>, signed: &SignedIn) -> Answer {
        let headers = [("authorization", signed.bearer.as_str())];
        self.app.ask(&asked.method, &asked.path, &headers, "").await
    }

    /// What an answer has that the document does not say.
    fn faults(&self, asked: &Asked<'_>, answer: &Answer) -> Vec<String> {
        let told = &asked.told["responses"][answer.status.to_string()]["content"];
        let media = answer.header("content-type");
        let schema = &told[media]["schema"];
        if schema.is_null() {
            return vec![format!("{} as {media:?} is not in the document", answer.status)];
        }
        let whole = json!({ "allOf": [schema], "components": self.document["components"] });
        let validator = jsonschema::options().should_validate_formats(true).build(&whole).unwrap();
        let body = answer.json();
        validator.iter_errors(&body).map(|it| format!("{}: {it}", it.instance_path())).collect()
    }
}

#[tokio::test]
async fn every_operation_answers_somebody_and_nobody_what_is_not_in_the_document() {
    let world = World::new().await;
    let mut signed = BTreeMap::new();
    for role in Role::ALL {
        signed.insert(role, world.app.signed_in(role).await);
    }
    for asked in world.operations() {
        let mut answered = Vec::new();
        for (role, signed) in &signed {
            let answer = world.ask(&asked, signed).await;
            let faults = world.faults(&asked, &answer);
            let (name, status) = (asked.name, answer.status);
            assert_eq!(faults, Vec::<String>::new(), "{name} as {role}: {}", answer.text());
            if (200..300).contains(&status) {
                answered.push(*role);
            }
            let operation = asked.told["x-kobling-operation"].as_str().unwrap();
            let operation = Operation::ALL.into_iter().find(|it| it.name() == operation).unwrap();
            let is_let_in = may(*role, operation).is_some();
            assert_eq!(status != 403, is_let_in, "{name} as {role}: {status}");
        }
        assert!(!answered.is_empty(), "{} answers nobody", asked.name);
    }
}

#[tokio::test]
async fn of_another_employer_or_party_nothing_is_told() {
    let world = World::new().await;
    let (app, own) = (&world.app, world.app.tenant);
    let elsewhere = app.outsider(world.other, "skovby", Role::EmployerOwner).await;
    let stranger = app.outsider(own, "stranger", Role::SupplierTechnician).await;
    let told: Vec<&String> = world.places.values().filter(|it| it.len() > 1).collect();
    for asked in world.operations().iter().filter(|it| it.name != "show_session") {
        for signed in [&elsewhere, &stranger] {
            let answer = world.ask(asked, signed).await;
            let (name, status) = (asked.name, answer.status);
            let parameters = asked.told["parameters"].as_array().unwrap();
            let is_of_one = parameters.iter().any(|it| it["in"] == "path");
            let expected: &[u16] = if is_of_one { &[403, 404] } else { &[200, 403] };
            assert!(expected.contains(&status), "{name}: {status} {}", answer.text());
            if status == 200 {
                for it in &told {
                    assert!(!answer.text().contains(it.as_str()), "{name} tells {it}");
                }
            }
        }
    }
}
