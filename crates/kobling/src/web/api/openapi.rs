//! `GET /api/v1/openapi.json`: what the API is asked and answers, made of the table of routes and the
//! types of its handlers.

use super::once;
use crate::web::described::{Described, Nothing, Schemas, Types};
use crate::web::problem::{self, Kind};
use crate::web::route::{self, Gate, Route, Verb};
use crate::web::token;
use axum::Json;
use kobling_domain::access::Operation;
use schemars::Schema;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// What stands before the kind of a problem in its type.
const ABOUT: &str = "Everything the hub's pages show and do, for programs. Lists are told a page at a \
     time; `as_of` and `known_at` ask for another day, and for what was known at another time. Refusals \
     are problems (RFC 9457); docs/problems.md tells what to do about each.";

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

pub(super) fn routes() -> Vec<Route> {
    let described =
        Described::of::<Nothing, Nothing, Nothing, Value>("show_openapi", "This document.");
    vec![Route::api(Verb::Get, "/api/v1/openapi.json", Gate::Open, described, show)]
}

async fn show() -> Json<&'static Value> {
    Json(&DOCUMENT)
}

fn document() -> Value {
    let mut schemas = Schemas::new();
    let problem = schemas.answered::<problem::Told>();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for route in route::all() {
        let Some(described) = &route.described else { continue };
        let told = operation(&route, described, &problem, &mut schemas);
        paths.entry(route.path).or_default().insert(route.verb.name().to_lowercase(), told);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Kobling",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "EUPL-1.2", "identifier": "EUPL-1.2" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas.named(),
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token of a session, or of a program.",
                },
                "client": {
                    "type": "oauth2",
                    "flows": { "clientCredentials": { "tokenUrl": token::PATH, "scopes": {} } },
                },
            },
        },
    })
}

fn operation(route: &Route, it: &Described, problem: &Schema, schemas: &mut Schemas) -> Value {
    let Types { path, query, body, answer } = (it.types)(schemas);
    let mut parameters: Vec<Value> = [("path", path), ("query", query)]
        .into_iter()
        .flat_map(|(at, it)| parameters(at, it))
        .collect();
    if !route.gate.is_for_anybody() {
        parameters.extend(headers(route.verb, it).iter().map(|it| it.told()));
    }
    let mut told = json!({
        "operationId": it.name,
        "summary": it.summary,
        "parameters": parameters,
        "responses": responses(route, it, &answer, problem),
        "security": [],
    });
    if let Some(refusal) = it.form {
        let refusal = json!({ "schema": refusal(schemas) });
        for status in ["400", "401"] {
            let refused = json!({
                "description": "No token is given; `error` tells why.",
                "content": { "application/json": refusal },
            });
            if let Some(responses) = told.get_mut("responses") {
                put(responses, status, refused);
            }
        }
    }
    if body.get("properties").is_some() || body.get("items").is_some() {
        let media = match it.form {
            Some(_) => &["application/x-www-form-urlencoded"],
            None => it.media,
        };
        let content: BTreeMap<&str, Value> =
            media.iter().map(|it| (*it, json!({ "schema": body }))).collect();
        put(&mut told, "requestBody", json!({ "required": true, "content": content }));
    }
    if let Gate::For(operation) = route.gate {
        put(&mut told, "security", json!([{ "bearer": [] }, { "client": [] }]));
        put(&mut told, "x-kobling-operation", json!(operation.name()));
    }
    told
}

/// A header that a question may have.
struct Header {
    name: &'static str,
    told: &'static str,
    schema: fn() -> Value,
}

impl Header {
    fn told(&self) -> Value {
        json!({
            "name": self.name,
            "in": "header",
            "required": false,
            "description": self.told,
            "schema": (self.schema)(),
        })
    }
}

const KEY: Header = Header {
    name: "Idempotency-Key",
    told: "A name of this request, new for each: sent again under it within 24 hours, it is answered \
           as it was the first time and not carried out again.",
    schema: || json!({ "type": "string", "minLength": 1, "maxLength": once::LETTERS_MAX }),
};
const KNOWN: Header = Header {
    name: "If-None-Match",
    told: "The ETag of what the client has: if it still stands so, 304 is answered.",
    schema: || json!({ "type": "string" }),
};
const SEEN: Header = Header {
    name: "If-Match",
    told: "The ETag of what is to be changed, as it was read.",
    schema: || json!({ "type": "string" }),
};
const NEW: Header = Header {
    name: "If-None-Match",
    told: "`*` in the place of If-Match, to make something new.",
    schema: || json!({ "type": "string" }),
};

/// The headers that a question with that verb may have.
fn headers(verb: Verb, it: &Described) -> &'static [Header] {
    match verb {
        Verb::Get => &[KNOWN],
        Verb::Post if it.refuses.contains(&Kind::ConditionMissing) => &[KEY, SEEN],
        Verb::Put if it.refuses.contains(&Kind::ConditionMissing) => &[SEEN, NEW, KEY],
        Verb::Post | Verb::Put => &[KEY],
    }
}

/// The properties of a schema as parameters that stand there.
fn parameters(at: &str, schema: Schema) -> Vec<Value> {
    let mut schema = schema.to_value();
    let is_required = |name: &str, schema: &Value| {
        let required = schema.get("required").and_then(Value::as_array);
        required.is_some_and(|it| it.iter().any(|it| it == name))
    };
    let properties = schema.get_mut("properties").map(Value::take);
    let Some(Value::Object(properties)) = properties else { return Vec::new() };
    let told = properties.into_iter().map(|(name, mut property)| {
        let description = property.as_object_mut().and_then(|it| it.remove("description"));
        json!({
            "name": name,
            "in": at,
            "required": is_required(&name, &schema),
            "description": description,
            "schema": given(property),
        })
    });
    told.collect()
}

/// The schema of something that is given: where it may be left out, nothing stands for it.
fn given(mut schema: Value) -> Value {
    if let Some(types) = schema.get_mut("type").filter(|it| it.is_array()) {
        let one = types.as_array().and_then(|it| it.iter().find(|it| *it != "null").cloned());
        *types = one.unwrap_or(Value::Null);
    }
    let any = schema.get("anyOf").and_then(Value::as_array);
    let one = any.and_then(|it| it.iter().find(|it| it.get("type") != Some(&json!("null"))));
    one.cloned().unwrap_or(schema)
}

/// The answer, and the refusals by status.
fn responses(route: &Route, it: &Described, answer: &Schema, problem: &Schema) -> Value {
    let mut all = BTreeMap::new();
    let mut told = json!({
        "description": it.summary,
        "content": { "application/json": { "schema": answer } },
    });
    if !route.gate.is_for_anybody() {
        put(&mut told, "headers", told_headers());
    }
    all.insert(it.status.as_str().to_owned(), told);
    if !route.gate.is_for_anybody() && route.verb == Verb::Get {
        all.insert("304".to_owned(), json!({ "description": "It stands as the client has it." }));
    }
    let mut kinds: BTreeMap<u16, BTreeSet<(&str, &str)>> = BTreeMap::new();
    for kind in refusals(route, it) {
        kinds.entry(kind.status().as_u16()).or_default().insert((kind.name(), kind.title()));
    }
    for (status, kinds) in kinds {
        let lines: Vec<String> =
            kinds.into_iter().map(|(name, title)| format!("`{name}`: {title}.")).collect();
        let told = json!({
            "description": lines.join(" "),
            "content": { "application/problem+json": { "schema": problem } },
        });
        all.insert(status.to_string(), told);
    }
    json!(all)
}

/// How a route may refuse.
fn refusals(route: &Route, it: &Described) -> Vec<Kind> {
    let always = [Kind::BadRequest, Kind::TooSlow, Kind::Internal];
    let mut kinds: Vec<Kind> = it.refuses.iter().copied().chain(always).collect();
    match route.gate {
        // Who is signed in may do what concerns their own session.
        Gate::Free | Gate::Open | Gate::Door | Gate::For(Operation::OwnSession) => {}
        Gate::For(_) => kinds.push(Kind::NotAllowed),
    }
    if !route.gate.is_for_anybody() {
        kinds.push(Kind::NotSignedIn);
    }
    if route.gate != Gate::Free {
        kinds.push(Kind::TooManyRequests);
    }
    let given = [Kind::TooLarge, Kind::NotJson, Kind::CrossSite, Kind::FormToken];
    match route.verb {
        Verb::Get => {}
        Verb::Post if route.gate.is_for_anybody() => kinds.push(Kind::CrossSite),
        Verb::Post | Verb::Put => {
            kinds.extend(given.into_iter().chain([Kind::Conflict, Kind::KeyReused]));
        }
    }
    kinds
}

/// The headers of an answer.
fn told_headers() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "ETag": { "description": "Stands for the state that is shown.", "schema": text },
        "RateLimit": {
            "description": "How many requests are left, and for how many seconds.",
            "schema": text,
        },
        "RateLimit-Policy": {
            "description": "How many requests are answered in how many seconds.",
            "schema": text,
        },
    })
}

fn put(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::testing::App;

    #[tokio::test]
    async fn the_document_is_told_to_anybody_and_is_the_one_that_is_known() {
        let app = App::new().await;
        let answer = app.get("/api/v1/openapi.json", None).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
        insta::with_settings!({ prepend_module_to_snapshot => false }, {
            insta::assert_json_snapshot!("openapi", answer.json());
        });
    }

    #[test]
    fn every_route_for_programs_is_in_the_document_under_a_name_of_its_own() {
        let document = document();
        let mut names = BTreeSet::new();
        // Figures are told in a form of others.
        let ours = |it: &&Route| it.surface == route::Surface::Api && it.path != "/metrics";
        for route in route::all().iter().filter(ours) {
            let verb = route.verb.name().to_lowercase();
            let told = &document["paths"][route.path][&verb];
            let name = told["operationId"].as_str().unwrap_or_default().to_owned();
            assert!(!name.is_empty(), "{verb} {} is not described", route.path);
            assert!(names.insert(name.clone()), "{name} stands twice");
            assert!(!told["summary"].as_str().unwrap().is_empty(), "{name}");
        }
        let told = document["paths"].as_object().unwrap().values();
        let told = told.map(|it| it.as_object().unwrap().len()).sum::<usize>();
        assert_eq!(told, names.len(), "the document tells of what is not in the table");
    }

    #[test]
    fn every_parameter_of_a_path_is_described_and_every_reference_leads_somewhere() {
        let document = document();
        for (path, operations) in document["paths"].as_object().unwrap() {
            let wanted: BTreeSet<&str> =
                path.split('/').filter_map(|it| it.strip_prefix('{')?.strip_suffix('}')).collect();
            for told in operations.as_object().unwrap().values() {
                let parameters = told["parameters"].as_array().unwrap();
                let given = parameters.iter().filter(|it| it["in"] == "path");
                let given: BTreeSet<&str> = given.map(|it| it["name"].as_str().unwrap()).collect();
                assert_eq!(given, wanted, "{path}");
                for it in parameters {
                    assert!(it["description"].is_string(), "{path}: {}", it["name"]);
                }
            }
        }
        let text = document.to_string();
        for reference in text.split("\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(document["components"]["schemas"][name].is_object(), "{name}");
        }
    }
}
