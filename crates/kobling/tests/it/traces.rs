//! Traces: what is sent to whoever wants them, and that nobody waits for them in vain.

use crate::harness::Workplace;

#[cfg(not(feature = "otlp"))]
#[test]
fn a_program_without_traces_refuses_to_be_asked_for_them_and_says_how_to_build_one_with() {
    let here = Workplace::new();
    here.write("kobling.toml", "[otlp]\nendpoint = \"http://localhost:4318\"\n");
    let output = here.output(["serve"]);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.contains("[otlp]") && errors.contains("--features otlp"), "{errors}");
}

#[cfg(feature = "otlp")]
mod sent {
    use super::Workplace;
    use crate::nights::{watched, within_a_minute};
    use crate::numbers::{numbers_in, planted};
    use crate::serve::{logging, reader};
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use kobling_testkit::server::Otlpd;
    use serde_json::Value;
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs::File;
    use std::process::Stdio;

    /// Nobody has that number.
    const PLANTED: &str = "710199-0017";

    /// The attributes of a span by name, as text.
    fn attributes(span: &Value) -> BTreeMap<String, String> {
        let all = span["attributes"].as_array().unwrap().iter();
        all.map(|it| {
            let value = it["value"].as_object().unwrap().values().next().unwrap();
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (it["key"].as_str().unwrap().to_owned(), value)
        })
        .collect()
    }

    #[test]
    fn requests_jobs_runs_and_deliveries_are_traced_and_no_planted_number_is_in_what_leaves() {
        let (here, receiver) = (Workplace::empty(), Otlpd::start());
        let settings = format!("[otlp]\nendpoint = \"{}/\"\n", receiver.endpoint);
        here.write("kobling.toml", settings);
        here.configure(&watched());
        let log = File::create(here.path("log")).unwrap();
        let server = logging(&here, Stdio::from(log));
        let bearer = reader(&here, &server);
        let people = format!("/api/v1/persons?find={PLANTED}");
        server.get(&people, &bearer);
        server.get(&format!("/people/{PLANTED}?name={PLANTED}"), &bearer);
        server.get("/nowhere", "");
        let file = here.generate(100, 0, None);
        let mut secret = planted(&here, &file);
        assert!(secret.len() > 90, "{}", secret.len());
        secret.insert(PLANTED.replace('-', ""));
        let users = || here.path("plan2learn/bruger.csv").exists().then_some(());
        within_a_minute("the file at the target", users);
        assert!(server.stop().success());
        let log = here.read("log");
        assert!(!log.contains("request{") && !log.contains("traces"), "{log}");

        let told: Vec<Value> =
            receiver.end().iter().map(|it| serde_json::from_str(it).unwrap()).collect();
        let bodies = told.iter().filter(|it| it["body"].is_string());
        for it in bodies {
            assert_eq!(it["path"], "/v1/traces");
            let body = STANDARD.decode(it["body"].as_str().unwrap()).unwrap();
            let found: BTreeSet<String> = numbers_in(&body);
            assert_eq!(found.intersection(&secret).next(), None);
        }
        let spans: Vec<&Value> =
            told.iter().map(|it| &it["span"]).filter(|it| !it.is_null()).collect();
        let named = |name: &str| spans.iter().copied().find(|it| it["name"] == name);
        for (name, status) in [
            ("POST /oauth2/token", "200"),
            ("GET /api/v1/persons", "400"),
            ("GET /people/{person}", "404"),
            ("GET none", "404"),
        ] {
            let span = named(name).unwrap_or_else(|| panic!("{name}: {spans:?}"));
            let attributes = attributes(span);
            assert_eq!(span["kind"], "SPAN_KIND_SERVER");
            assert_eq!(attributes["http.response.status_code"], status, "{name}");
        }
        let job = |name: &str, what: &str| {
            let within = named(what).unwrap_or_else(|| panic!("{what}: {spans:?}"));
            let parent = spans.iter().find(|it| it["spanId"] == within["parentSpanId"]);
            assert_eq!(parent.unwrap()["name"], name, "{what}");
            attributes(within)
        };
        assert_eq!(job("job read", "run opus")["kobling.run"], "1");
        assert_eq!(job("job deliver", "delivery plan2learn")["kobling.target"], "plan2learn");
        let resource = &told.iter().find(|it| !it["span"].is_null()).unwrap()["resource"];
        assert_eq!(attributes(resource)["service.name"], "kobling");
    }

    #[test]
    fn who_takes_no_traces_is_told_of_once_and_stops_nothing() {
        let here = Workplace::new();
        here.write("kobling.toml", "[otlp]\nendpoint = \"http://127.0.0.1:1\"\n");
        let log = File::create(here.path("log")).unwrap();
        let server = logging(&here, Stdio::from(log));
        assert!(server.get("/health/live", "").starts_with("HTTP/1.1 200"));
        assert!(server.stop().success());
        assert_eq!(here.read("log").matches("traces are not taken").count(), 1);
        here.write("kobling.toml", "[otlp]\nendpoint = \"localhost:4318\"\n");
        let output = here.output(["serve"]);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(errors.contains("otlp.endpoint") && errors.contains("is no address"), "{errors}");
    }
}
