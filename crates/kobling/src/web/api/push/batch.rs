//! `PUT /api/v1/sources/{key}/snapshots/{snapshot}/{records}`: many records of a snapshot at once, as an
//! array or one to a line.

use super::{Records, reach, refused};
use crate::web::api::asked::{Asked, JSON, Reading, put_read};
use crate::web::described::Nothing;
use crate::web::problem::Problem;
use crate::web::route::Route;
use kobling_domain::access::Operation;
use kobling_hub::exchange::push::{self, BATCH_RECORDS_MAX, Batch, Entry, Line, Sender};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use uuid::Uuid;

/// What records are called that stand one to a line.
const LINES: &str = "application/x-ndjson";
/// Bytes of a batch: so many records of eight times the usual size.
const BATCH_BYTES_MAX: usize = 8 << 20;

pub(super) fn route() -> Route {
    let told =
        ("put_all_into_snapshot", "The same of many subjects, each taken or refused by itself.");
    let reading = Reading { media: &[JSON, LINES], bytes_max: BATCH_BYTES_MAX, read };
    let path = "/api/v1/sources/{key}/snapshots/{snapshot}/{records}";
    put_read(path, Operation::PushRecords, told, reading, put_all)
}

/// Which records in which snapshot.
#[derive(Deserialize, JsonSchema)]
struct Which {
    /// The source's key.
    key: String,
    /// The snapshot's id.
    snapshot: Uuid,
    /// What the records are about.
    records: Records,
}

/// The records of a batch as they came.
struct Lines(Vec<Line>);

impl JsonSchema for Lines {
    fn schema_name() -> Cow<'static, str> {
        "Records".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let record = generator.subschema_for::<Entry>();
        let other = "Anything else is refused in its place, and the others are taken.";
        json_schema!({
            "type": "array",
            "maxItems": BATCH_RECORDS_MAX,
            "items": { "anyOf": [record, { "description": other }] },
        })
    }
}

async fn put_all(asked: Asked<Which, Nothing, Lines>) -> Result<Batch, Problem> {
    let Asked { by, path: Which { key, snapshot, records }, body: Lines(lines), .. } = asked;
    reach(&by, &key).await?;
    let of = (Sender { source: &key, by: by.who() }, snapshot);
    let batch = (records.kind(), lines);
    push::put_all_into(by.hub(), by.tenant(), of, batch).await.map_err(refused)
}

fn read(media: &str, bytes: &[u8]) -> Result<Lines, String> {
    let texts = if media == LINES { lines(bytes)? } else { items(bytes)? };
    let read =
        |text: &[u8]| serde_json::from_slice(text).map_err(|it: serde_json::Error| it.to_string());
    let line = |(place, text)| Line { place, read: read(text) };
    Ok(Lines(texts.into_iter().map(line).collect()))
}

/// Each line that is not empty, and its number.
fn lines(bytes: &[u8]) -> Result<Vec<(u64, &[u8])>, String> {
    let lines = (1..).zip(bytes.split(|it| *it == b'\n'));
    let filled = lines.filter(|(_, text)| !text.trim_ascii().is_empty());
    let found: Vec<_> = filled.take(BATCH_RECORDS_MAX + 1).collect();
    if found.len() > BATCH_RECORDS_MAX { Err(too_many()) } else { Ok(found) }
}

/// Each item of an array, and its number.
fn items(bytes: &[u8]) -> Result<Vec<(u64, &[u8])>, String> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let items = json.deserialize_seq(Items).map_err(|it| it.to_string())?;
    json.end().map_err(|it| it.to_string())?;
    Ok((1..).zip(items.into_iter().map(|it| it.get().as_bytes())).collect())
}

fn too_many() -> String {
    format!("{BATCH_RECORDS_MAX} records are taken at once; send the others in another request")
}

/// Gathers the items of an array, and stops at one too many.
struct Items;

impl<'de> Visitor<'de> for Items {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(it) = items.next_element()? {
            if all.len() == BATCH_RECORDS_MAX {
                return Err(A::Error::custom(too_many()));
            }
            all.push(it);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use crate::web::testing::{Answer, App, FJORDBY, SignedIn};
    use kobling_domain::access::Role;
    use serde_json::{Value, json};

    const HR: &str = r#"
[[source]]
key = "hr"
system = "opus"
format = "push"
[source.push.fields]
employment = ["employment.position_title"]
"#;

    /// A source with a snapshot that is open.
    struct Sending {
        app: App,
        signed: SignedIn,
        path: String,
    }

    impl Sending {
        async fn new() -> Self {
            let app = App::new().await;
            app.configure(&format!("{FJORDBY}{HR}")).await;
            let signed = app.signed_in(Role::SystemOwner).await;
            let bearer = [("authorization", signed.bearer.as_str())];
            let opened = app.ask("POST", "/api/v1/sources/hr/snapshots", &bearer, "").await.json();
            let snapshot = opened["snapshot"].as_str().unwrap();
            let path = format!("/api/v1/sources/hr/snapshots/{snapshot}");
            Self { app, signed, path }
        }

        async fn put(&self, headers: &[(&str, &str)], body: &str) -> Answer {
            let mut all = vec![("authorization", self.signed.bearer.as_str())];
            all.extend(headers);
            self.app.ask("PUT", &format!("{}/employments", self.path), &all, body).await
        }

        async fn count(&self) -> Value {
            let told = self.app.get(&self.path, Some(&self.signed)).await.json();
            told["counts"]["employment"].clone()
        }
    }

    const ARRAY: (&str, &str) = ("content-type", "application/json");
    const LINES: (&str, &str) = ("content-type", "application/x-ndjson; charset=utf-8");

    fn record(id: &str) -> Value {
        json!({ "id": id, "from": "2026-03-01", "fields": { "employment.position_title": "Lærer" } })
    }

    #[tokio::test]
    async fn records_come_as_an_array_or_one_to_a_line_and_are_answered_by_their_places() {
        let it = Sending::new().await;
        let array = json!([record("E1"), { "id": 2 }, record("E3")]);
        let told = it.put(&[ARRAY], &array.to_string()).await;
        assert_eq!(told.status, 200, "{}", told.text());
        let told = told.json();
        assert_eq!((told["put"].as_u64(), told["refused"].as_u64()), (Some(2), Some(1)));
        assert_eq!(told["records"][2]["id"], "E3");
        assert_eq!(
            (&told["records"][1]["place"], &told["records"][1]["code"]),
            (&json!(2), &json!("unreadable"))
        );
        let lines = format!("{}\n\n{{ cut off\n{}\n", record("E4"), record("E5"));
        let told = it.put(&[LINES], &lines).await.json();
        let places: Vec<(u64, &str)> = told["records"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (it["place"].as_u64().unwrap(), it["state"].as_str().unwrap()))
            .collect();
        assert_eq!(places, [(1, "waiting"), (3, "refused"), (4, "waiting")]);
        assert_eq!(it.count().await, 4);
    }

    #[tokio::test]
    async fn what_is_no_batch_is_refused_as_a_whole_and_says_why() {
        let it = Sending::new().await;
        let many = json!(vec![record("E1"); 1_001]).to_string();
        let lines = format!("{}\n", record("E1")).repeat(1_001);
        let long = format!("[\"{}\"]", "x".repeat(8 << 20));
        for (media, body, status, says) in [
            (ARRAY, "", 400, "an array of records"),
            (ARRAY, "{}", 400, "an array of records"),
            (ARRAY, "[{}", 400, "EOF"),
            (ARRAY, many.as_str(), 400, "1000 records are taken at once"),
            (LINES, lines.as_str(), 400, "1000 records are taken at once"),
            (ARRAY, long.as_str(), 413, "too-large"),
            (("content-type", "text/csv"), "E1", 415, "application/json or application/x-ndjson"),
        ] {
            let told = it.put(&[media], body).await;
            assert_eq!(told.status, status, "{}", told.text());
            assert!(told.text().contains(says), "{}", told.text());
        }
        assert_eq!(it.count().await, Value::Null);
    }

    #[tokio::test]
    async fn a_batch_that_is_named_is_put_once_however_late_it_comes_again() {
        let it = Sending::new().await;
        let named = ("idempotency-key", "night 1, batch 1");
        let first = json!([record("E1")]).to_string();
        let told = it.put(&[ARRAY, named], &first).await.json();
        let mut other = record("E1");
        other["fields"]["employment.position_title"] = json!("Leder");
        it.put(&[ARRAY], &json!([other]).to_string()).await;
        assert_eq!(it.put(&[ARRAY, named], &first).await.json(), told);
        let reused = it.put(&[ARRAY, named], "[]").await;
        assert_eq!(
            (reused.status, reused.json()["type"].as_str()),
            (422, Some("urn:kobling:problem:key-reused"))
        );
    }
}
