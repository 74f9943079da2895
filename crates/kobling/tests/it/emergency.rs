//! Closing in emergency, by the program: typed, proved, and with a node that was stopped.

use crate::harness::{FJORDBY, Workplace};
use jiff::Timestamp;
use kobling_hub::clock::Clock;
use kobling_testkit::trickle::Trickle;
use serde_json::Value;
use std::io::Write;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const CLOSE: [&str; 6] =
    ["agreement", "close", "plan2learn", "--emergency", "--reason", "et brud hos modtageren"];
const LIMIT: Duration = Duration::from_secs(2);

/// Runs the program, where somebody types that line.
fn typed(here: &Workplace, arguments: &[&str], line: &str) -> Output {
    let mut command = here.command(arguments.iter().copied());
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    child.stdin.take().unwrap().write_all(line.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_closing_is_typed_proved_by_its_receipt_and_undone_by_two_people() {
    let here = Workplace::new();
    let file = here.generate(100, 0, None);
    here.ok(["run", "opus", &file]);
    let secret = here.ok([
        "client",
        "add",
        "portal",
        "--name",
        "Portal",
        "--role",
        "supplier_technician@learning",
        "--by",
        "Signe",
    ]);
    assert!(secret["secret"].is_string(), "{secret}");
    let wrong = typed(&here, &CLOSE, "plan2lern\n");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(said(&wrong).contains("nothing was closed: what was typed is not plan2learn"));
    here.ok(["deliver", "plan2learn"]);

    let closed = typed(&here, &[&CLOSE[..], &["--json"]].concat(), "plan2learn\n");
    assert_eq!(closed.status.code(), Some(0), "{}", said(&closed));
    here.write("receipt.json", &closed.stdout);
    let receipt: Value = serde_json::from_slice(&closed.stdout).unwrap();
    let it = &receipt["receipt"];
    assert_eq!(it["state"], "final");
    assert_eq!(it["refused_clients"], serde_json::json!(["portal"]));
    assert!(it["last_delivered"]["name"].as_str().unwrap().contains("of set 1"), "{it}");
    let roles: Vec<&str> =
        it["call"].as_array().unwrap().iter().map(|it| it["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["customer", "source_support", "receiver"]);
    let refused = here.output(["deliver", "plan2learn"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("was closed in emergency"), "{}", said(&refused));
    let listed = here.ok(["agreement", "list"]);
    assert_eq!(listed["agreements"][0]["standing"], "closed_in_emergency");
    assert_eq!(here.ok(["client", "list"])["clients"][0]["key"], "portal");
    assert!(here.ok(["client", "list"])["clients"][0]["revoked_at"].is_string());

    verified(&here);
    let ask = |by| ["agreement", "reopen", "plan2learn", "--by", by, "--reason", "ny leverandør"];
    assert_eq!(here.ok(ask("Ole"))["open"], false);
    assert_eq!(here.output(ask("Ole")).status.code(), Some(2), "one person is not two");
    assert_eq!(here.output(["deliver", "plan2learn"]).status.code(), Some(2));
    assert_eq!(here.ok(ask("Signe"))["open"], true);
    here.ok(["deliver", "plan2learn"]);
    assert!(here.ok(["client", "list"])["clients"][0]["revoked_at"].is_string(), "it stays so");
}

/// The receipt is verified by this hub's key, given or not, and by no other; nothing changed passes.
fn verified(here: &Workplace) {
    let verify = ["receipt", "verify", "receipt.json"];
    assert_eq!(here.ok(verify)["receipt"]["agreement"], "plan2learn");
    let key = here.output(["receipt", "key"]);
    here.write("hub.pem", &key.stdout);
    here.ok(verify.into_iter().chain(["--key", "hub.pem"]));
    let other = Workplace::empty();
    other.write("receipt.json", here.read("receipt.json"));
    other.write("hub.pem", &key.stdout);
    other.write("kobling.keys", kobling_hub::access::keys::DEMO_KEYS.replacen("6b6f", "6b6e", 1));
    let refused = other.output(verify);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("another hub's key"), "{}", said(&refused));
    other.ok(verify.into_iter().chain(["--key", "hub.pem"]));
    here.write("changed.json", here.read("receipt.json").replacen("brud", "bryd", 1));
    let refused = here.output(["receipt", "verify", "changed.json"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("its signature does not fit"), "{}", said(&refused));
}

/// A process that delivers, stopped when the test ends.
struct Node(Child);

impl Node {
    fn signal(&self, name: &str) {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// As the system tells it: the state stands after the name, which stands in brackets.
    fn is_stopped(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T'))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// An agreement by which messages go to an address.
fn with_messages(address: &str) -> String {
    format!(
        "{FJORDBY}\n[[target]]\nkey = \"identity\"\nsystem = \"plan2learn\"\n\
         format = \"messages\"\nhttp = {{ url = \"http://{address}/\" }}\n\
         [[agreement]]\nkey = \"identity\"\nsource = \"opus\"\ntarget = \"identity\"\n\
         scope = [\"20001\"]\nfrom = \"2026-01-01\"\npurpose = \"accounts\"\n\
         legal_basis = \"GDPR article 6(1)(e)\"\nfields = [\"person.name\", \"unit.name\"]\n"
    )
}

#[expect(clippy::disallowed_methods, reason = "another process is given a moment at a time")]
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_mins(1);
    while !is_so() {
        assert!(Instant::now() < limit, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn a_node_that_was_stopped_sends_no_byte_when_it_goes_on_after_a_closing() {
    let (here, trickle) = (Workplace::on_postgres().await, Trickle::start());
    here.configure(&with_messages(&trickle.address));
    let file = here.generate(100, 0, None);
    here.ok(["run", "opus", &file]);
    let mut work = here.command(["work", "--json"]);
    let node = Node(work.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    until("the node sends", || trickle.last().is_some());
    node.signal("-STOP");
    until("the node has stopped", || node.is_stopped());
    let (now, instant) = (Clock::System.now(), Instant::now());
    let close = ["agreement", "close", "identity", "--emergency", "--reason", "brud", "--yes"];
    let receipt = here.ok(close);
    let receipt = &receipt["receipt"];
    let flights = receipt["in_flight"].as_array().unwrap();
    let outcomes = flights[0]["outcomes"].as_array().unwrap();
    assert_eq!((flights.len(), outcomes.len()), (1, 1), "{receipt}");
    assert_eq!(outcomes[0]["became"], "unknown");
    node.signal("-CONT");
    trickle.hurry();
    until("the node gives up what it had", || trickle.arrived().iter().all(|it| it.is_over));
    let closed_at: Timestamp = receipt["closed_at"].as_str().unwrap().parse().unwrap();
    let closed = instant + Duration::try_from(closed_at - now).unwrap_or_default();
    assert!(trickle.last().unwrap() < closed + LIMIT, "a byte arrived later");
    let log: Vec<String> = trickle.arrived().into_iter().filter_map(|it| name(&it.bytes)).collect();
    assert_eq!(log, [outcomes[0]["name"].as_str().unwrap()], "the receiver's own log");
}

fn name(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    text.lines().find_map(|it| it.strip_prefix("idempotency-key: ")).map(str::to_owned)
}
