//! What the OpenAPI document says of a route: its name, its types, and how it may refuse.

use super::problem::Kind;
use axum::http::StatusCode;
use schemars::generate::{Contract, SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::{Map, Value};

/// What the OpenAPI document says of a route for programs.
#[derive(Clone, Copy)]
pub(super) struct Described {
    /// Its name among all operations; clients call it so.
    pub(super) name: &'static str,
    /// What it is for.
    pub(super) summary: &'static str,
    /// With which status it answers what it does.
    pub(super) status: StatusCode,
    /// How it may refuse, beside what its gate and the form of the question refuse.
    pub(super) refuses: &'static [Kind],
    /// What its body may be called.
    pub(super) media: &'static [&'static str],
    /// The schemas of its types.
    pub(super) types: fn(&mut Schemas) -> Types,
    /// Of a route that is asked with a form, how it is refused: in a form of its own.
    pub(super) form: Option<fn(&mut Schemas) -> Schema>,
}

impl Described {
    /// A route that is asked with `P` in its path, `Q` after the `?` and `B` as its body, and
    /// answers with `R`.
    pub(super) fn of<P, Q, B, R>(name: &'static str, summary: &'static str) -> Self
    where
        P: JsonSchema,
        Q: JsonSchema,
        B: JsonSchema,
        R: JsonSchema,
    {
        let (status, media): (_, &[_]) = (StatusCode::OK, &["application/json"]);
        Self { name, summary, status, refuses: &[], media, types: types::<P, Q, B, R>, form: None }
    }
}

/// A part of a question in which nothing stands.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// The schemas of what a route is asked and answers.
pub(super) struct Types {
    pub(super) path: Schema,
    pub(super) query: Schema,
    pub(super) body: Schema,
    pub(super) answer: Schema,
}

fn types<P, Q, B, R>(schemas: &mut Schemas) -> Types
where
    P: JsonSchema,
    Q: JsonSchema,
    B: JsonSchema,
    R: JsonSchema,
{
    Types {
        path: schemas.asked.subschema_for::<P>(),
        query: schemas.asked.subschema_for::<Q>(),
        body: schemas.asked.subschema_for::<B>(),
        answer: schemas.answered.subschema_for::<R>(),
    }
}

/// The schemas of a document. What is asked stands where it is asked; what is answered stands once,
/// under its name.
pub(super) struct Schemas {
    asked: SchemaGenerator,
    answered: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = |contract| {
            SchemaSettings::draft2020_12().with(|it| {
                it.definitions_path = "/components/schemas".into();
                it.meta_schema = None;
                it.contract = contract;
            })
        };
        let asked = settings(Contract::Deserialize).with(|it| it.inline_subschemas = true);
        let answered = settings(Contract::Serialize);
        Self { asked: asked.into_generator(), answered: answered.into_generator() }
    }

    /// The schema of something that is answered beside the answers of routes.
    pub(super) fn answered<T: JsonSchema>(&mut self) -> Schema {
        self.answered.subschema_for::<T>()
    }

    /// The schemas that have names.
    pub(super) fn named(mut self) -> Map<String, Value> {
        self.answered.take_definitions(true)
    }
}
