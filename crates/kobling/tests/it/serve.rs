//! `kobling serve` as a process: it listens, answers and stops.

use crate::harness::Workplace;
use jiff::civil::date;
use kobling_domain::access::{Grant, Role};
use kobling_hub::access::clients::{self, NewClient, Proof};
use kobling_testkit::forge::{Forgery, forge};
use kobling_testkit::server::Identity;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// A server that runs; killed if the test ends before it.
pub(crate) struct Running {
    process: Child,
    address: String,
    said: BufReader<std::process::ChildStdout>,
}

impl Running {
    /// Starts `command` and reads what it prints until `until` makes an address of a line.
    pub(crate) fn start(command: &mut Command, until: impl Fn(&str) -> Option<String>) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(process.stdout.take().unwrap());
        let mut running = Self { process, address: String::new(), said };
        while running.address.is_empty() {
            let mut line = String::new();
            let bytes = running.said.read_line(&mut line).unwrap();
            assert_ne!(bytes, 0, "the server ended without saying where it listens");
            running.address = until(&line).unwrap_or_default();
        }
        running
    }

    /// The whole answer to `GET path`, on a connection of its own.
    pub(crate) fn get(&self, path: &str, headers: &str) -> String {
        self.send("GET", path, headers, b"")
    }

    /// The whole answer to a request. Who refuses it may do so before all of it is sent.
    fn send(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        drop(stream.write_all(body));
        let mut answer = Vec::new();
        // What came before the server closed is its answer.
        drop(stream.read_to_end(&mut answer));
        String::from_utf8(answer).unwrap()
    }

    /// Whatever comes back on a connection of its own, which may be cut.
    fn get_anything(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // A connection that is cut is an answer too.
        drop(stream.read_to_end(&mut answer));
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Tells it to stop as a service manager does, and waits for its end.
    pub(crate) fn stop(mut self) -> std::process::ExitStatus {
        let told = Command::new("kill").arg(self.process.id().to_string()).status().unwrap();
        assert!(told.success());
        let mut rest = String::new();
        self.said.read_to_string(&mut rest).unwrap();
        self.process.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that was stopped cannot be killed.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn serve(here: &Workplace) -> Running {
    logging(here, Stdio::null())
}

/// A server whose log goes there.
pub(crate) fn logging(here: &Workplace, log: Stdio) -> Running {
    let mut command = here.command(["serve", "--listen", "127.0.0.1:0"]);
    Running::start(command.stderr(log), |line| {
        line.trim().strip_prefix("listening on http://").map(str::to_owned)
    })
}

#[test]
fn a_server_tells_where_it_listens_answers_and_stops_when_told_to() {
    let here = Workplace::new();
    let server = serve(&here);
    let live = server.get("/health/live", "");
    assert!(live.starts_with("HTTP/1.1 200 OK\r\n"), "{live}");
    assert!(server.get("/health/ready", "").ends_with(r#"{"status":"ready"}"#));
    let flood = "x-many: a\r\n".repeat(200);
    assert!(server.get("/health/live", &flood).starts_with("HTTP/1.1 431 "));
    // An idle connection does not keep it from stopping.
    let idle = TcpStream::connect(&server.address).unwrap();
    assert!(server.stop().success());
    drop(idle);
}

/// The header with which somebody who reads people asks.
pub(crate) fn reader(here: &Workplace, server: &Running) -> String {
    let role = ["--name", "A reader", "--role", "hr_reader@fjordby"];
    let added = here.ok(["client", "add", "reader"].into_iter().chain(role));
    let (id, secret) = (&added["client"]["client_id"], &added["secret"]);
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        id.as_str().unwrap(),
        secret.as_str().unwrap()
    );
    let headers = format!(
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
        form.len()
    );
    let answer = server.send("POST", "/oauth2/token", &headers, form.as_bytes());
    let (_, rest) = answer.split_once("\"access_token\":\"").unwrap();
    format!("Authorization: Bearer {}\r\n", rest.split('"').next().unwrap())
}

#[test]
fn another_key_seals_while_a_server_answers_and_the_one_before_is_dropped_a_day_later() {
    let here = Workplace::new();
    let file = here.generate(100, 0, None);
    here.ok(["run", "opus", &file]);
    let server = serve(&here);
    let header = reader(&here, &server);
    let body = |answer: String| answer.split_once("\r\n\r\n").unwrap().1.to_owned();
    let page: Value = serde_json::from_str(&body(server.get("/api/v1/persons", &header))).unwrap();
    let path = format!("/api/v1/persons/{}", page["items"][0]["id"].as_str().unwrap());
    let person = |server: &Running| body(server.get(&path, &header));
    let before = person(&server);
    assert!(before.contains("national_number"), "{before}");

    assert_eq!(here.ok(["keys", "list"])["keys"].as_array().unwrap().len(), 1);
    here.ok(["keys", "add"]);
    assert_eq!(here.ok(["keys", "list"])["keys"][1]["does"], "will seal");
    assert_eq!(here.json(["keys", "add"], 2), Value::Null);
    let rotated = here.ok(["keys", "rotate"]);
    assert_eq!((&rotated["behind"], &rotated["unopened"]), (&Value::from(0), &Value::from(0)));
    assert!(rotated["resealed"].as_u64().unwrap() > 50, "{rotated}");
    assert_eq!(person(&server), before, "it finds the key that it lacks");
    assert_eq!(here.ok(["run", "opus", &file])["state"], "unchanged");

    let refused = here.output(["keys", "drop"]);
    let errors = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(errors.contains("less than a day ago"), "{errors}");
    let keys = here.read("kobling.keys");
    let (head, _) = keys.split_once(" since ").unwrap();
    here.write("kobling.keys", format!("{head} since 2026-01-01T00:00:00Z\n"));
    assert_eq!(here.ok(["keys", "drop"])["dropped"].as_array().unwrap().len(), 1);
    assert_eq!(here.ok(["keys", "list"])["keys"].as_array().unwrap().len(), 1);
    assert_eq!(person(&server), before);
    assert!(server.stop().success());
    assert_eq!(person(&serve(&here)), before);
}

/// What curl gets from a path of a server, by TLS and from whoever `identity` vouches for.
fn curl(server: &Running, identity: &Identity, path: &str) -> Result<String, String> {
    curl_as(server, identity, path, &[])
}

/// The same, with arguments of its own.
fn curl_as(
    server: &Running,
    identity: &Identity,
    path: &str,
    arguments: &[String],
) -> Result<String, String> {
    let ca = identity.ca_file();
    let url = format!("https://{}{path}", server.address);
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--include", "--cacert"])
        .arg(&ca)
        .args(arguments)
        .arg(&url)
        .output()
        .unwrap();
    let text = |it: &[u8]| String::from_utf8_lossy(it).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

#[test]
fn a_certificate_that_is_renewed_is_used_at_once_and_one_that_cannot_be_is_not() {
    let here = Workplace::new();
    let (first, second) = (Identity::make(), Identity::make());
    let put = |identity: &Identity| {
        std::fs::copy(identity.certificate(), here.path("server.pem")).unwrap();
        std::fs::copy(identity.key(), here.path("server.key")).unwrap();
    };
    put(&first);
    let settings = "[server]\ntls_cert_file = \"server.pem\"\ntls_key_file = \"server.key\"\n";
    here.write("kobling.toml", settings);
    let mut command = here.command(["serve", "--listen", "127.0.0.1:0"]);
    let server = Running::start(&mut command, |line| {
        line.trim().strip_prefix("listening on https://").map(str::to_owned)
    });
    let told = curl(&server, &first, "/health/live").unwrap();
    assert!(told.contains("strict-transport-security: max-age=63072000"), "{told}");
    curl(&server, &second, "/health/live").unwrap_err();
    put(&second);
    curl(&server, &second, "/health/live").unwrap();
    here.write("server.key", "no key");
    curl(&server, &second, "/health/live").unwrap();
    // Nothing is said in the clear.
    assert!(!server.get_anything("/health/live").starts_with("HTTP/1.1 200"));
    assert!(server.stop().success());
    here.write("kobling.toml", "[server]\ntls_cert_file = \"server.pem\"\n");
    let output = here.output(["serve"]);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(errors.contains("server.tls_key_file") && errors.contains("give both"), "{errors}");
}

/// A server with a certificate, which asks for those of programs.
struct Asking {
    here: Workplace,
    identity: Identity,
    server: Running,
}

impl Asking {
    fn new() -> Self {
        let (here, identity) = (Workplace::new(), Identity::make());
        std::fs::copy(identity.certificate(), here.path("server.pem")).unwrap();
        std::fs::copy(identity.key(), here.path("server.key")).unwrap();
        let settings = "[server]\ntls_cert_file = \"server.pem\"\ntls_key_file = \"server.key\"\n";
        here.write("kobling.toml", format!("{settings}client_certificates = true\n"));
        let mut command = here.command(["serve", "--listen", "127.0.0.1:0"]);
        let server = Running::start(&mut command, |line| {
            line.trim().strip_prefix("listening on https://").map(str::to_owned)
        });
        Self { here, identity, server }
    }

    /// What is answered to who shows that certificate, and its status.
    fn ask(&self, path: &str, shown: Option<&Identity>, arguments: &[&str]) -> (String, String) {
        let mut all: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
        if let Some(it) = shown {
            let text = |path: std::path::PathBuf| path.to_str().unwrap().to_owned();
            all.extend(["--cert".to_owned(), text(it.certificate())]);
            all.extend(["--key".to_owned(), text(it.key())]);
        }
        let answer = curl_as(&self.server, &self.identity, path, &all).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().to_owned(), body.to_owned())
    }

    /// Asks for a token.
    fn token(&self, client: &str, shown: Option<&Identity>) -> (String, Value) {
        let form = format!("grant_type=client_credentials&client_id={client}");
        let (status, body) = self.ask("/oauth2/token", shown, &["--data", &form]);
        (status, serde_json::from_str(&body).unwrap())
    }

    /// The status of an answer to who has a token.
    fn session(&self, token: &Value, shown: Option<&Identity>) -> String {
        let header = format!("Authorization: Bearer {}", token["access_token"].as_str().unwrap());
        self.ask("/api/v1/session", shown, &["--header", &header]).0
    }

    /// The id of a client that is known by a certificate.
    fn admit(&self, key: &str, shown: &Identity) -> String {
        let file = shown.certificate();
        let role = ["--name", "A program", "--role", "supplier_technician@learning"];
        let by = ["--certificate", file.to_str().unwrap()];
        let added = self.here.ok(["client", "add", key].into_iter().chain(role).chain(by));
        assert!(added["secret"].is_null() && added["client"]["certificate"].is_string());
        added["client"]["client_id"].as_str().unwrap().to_owned()
    }
}

#[test]
fn a_program_is_known_by_its_certificate_and_its_token_counts_with_that_alone() {
    let asking = Asking::new();
    let (mine, other) = (Identity::make(), Identity::make());
    let client = asking.admit("learner", &mine);
    assert_eq!(asking.token(&client, None).1["error"], "invalid_request");
    let (status, refused) = asking.token(&client, Some(&other));
    assert_eq!((status.as_str(), refused["error"].as_str()), ("401", Some("invalid_client")));
    let (status, token) = asking.token(&client, Some(&mine));
    assert_eq!(status, "200", "{token}");
    assert_eq!(asking.session(&token, Some(&mine)), "200");
    assert_eq!(asking.session(&token, Some(&other)), "401", "the token was carried elsewhere");
    assert_eq!(asking.session(&token, None), "401");
    // Who is known by something else needs none.
    let added =
        asking.here.ok(["client", "add", "other", "--name", "Other", "--role", "auditor@fjordby"]);
    let (id, secret) = (&added["client"]["client_id"], &added["secret"]);
    let basic = format!("{}:{}", id.as_str().unwrap(), secret.as_str().unwrap());
    let form = ["--user", &basic, "--data", "grant_type=client_credentials"];
    let (status, body) = asking.ask("/oauth2/token", Some(&other), &form);
    assert_eq!(status, "200", "{body}");
    let unbound = serde_json::from_str(&body).unwrap();
    assert_eq!(asking.session(&unbound, None), "200");
    assert!(asking.server.stop().success());
}

#[test]
fn a_certificate_is_renewed_while_tokens_of_the_one_before_still_count() {
    let asking = Asking::new();
    let (first, second) = (Identity::make(), Identity::make());
    let client = asking.admit("learner", &first);
    let (_, token) = asking.token(&client, Some(&first));
    let file = second.certificate();
    asking.here.ok(["client", "renew", "learner", "--certificate", file.to_str().unwrap()]);
    assert_eq!(asking.session(&token, Some(&first)), "200");
    assert_eq!(asking.token(&client, Some(&first)).0, "401");
    let (_, token) = asking.token(&client, Some(&second));
    assert_eq!(asking.session(&token, Some(&second)), "200");
    asking.here.ok(["client", "revoke", "learner"]);
    assert_eq!(asking.session(&token, Some(&second)), "401");
    let late =
        asking.here.output(["client", "renew", "learner", "--certificate", file.to_str().unwrap()]);
    let errors = String::from_utf8_lossy(&late.stderr).into_owned();
    assert!(errors.contains("was revoked"), "{errors}");
    assert!(asking.server.stop().success());
}

#[tokio::test]
async fn nobody_is_known_by_a_certificate_that_has_ended() {
    let asking = Asking::new();
    let ended = Identity::ended();
    let file = ended.certificate();
    let role = ["--name", "A program", "--role", "supplier_technician@learning"];
    let by = ["--certificate", file.to_str().unwrap()];
    let refused = asking.here.output(["client", "add", "late"].into_iter().chain(role).chain(by));
    let errors = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(errors.contains("the certificate ended at"), "{errors}");
    assert!(errors.contains("have it renewed by whoever issued it"), "{errors}");
    let key = ended.key();
    let wrong = ["--certificate", key.to_str().unwrap()];
    let refused = asking.here.output(["client", "add", "key"].into_iter().chain(role).chain(wrong));
    let errors = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        errors.contains("no certificate in PEM") && errors.contains("BEGIN CERTIFICATE"),
        "{errors}"
    );
    // It was good when it was registered.
    let (hub, tenant) = asking.here.hub(date(2026, 1, 1)).await;
    let grant = Grant { party: "learning".to_owned(), role: Role::SupplierTechnician };
    let proof = Proof::Certificate(std::fs::read_to_string(&file).unwrap());
    let (key, name) = ("early".to_owned(), "A program".to_owned());
    let new = NewClient { key, name, grant, proof };
    let (client, _) = clients::add(&hub, tenant, &new, "a test").await.unwrap();
    assert_eq!(asking.token(&client.client_id, Some(&ended)).0, "401");
    assert!(asking.server.stop().success());
}

#[test]
fn who_does_not_end_tls_does_not_ask_for_certificates() {
    let here = Workplace::new();
    here.write("kobling.toml", "[server]\nclient_certificates = true\n");
    let output = here.output(["serve"]);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(errors.contains("server.client_certificates without server.tls_cert_file"), "{errors}");
}

#[test]
fn settings_that_nobody_knows_or_that_are_no_address_are_refused_by_name() {
    let here = Workplace::new();
    for (line, what) in [
        ("listens = \"127.0.0.1:0\"", "unknown field `listens`"),
        ("listen = \"127.0.0.1:0\"\nbase_url = \"kobling\"", "server.base_url"),
        ("listen = \"nowhere\"", "cannot listen on nowhere"),
    ] {
        here.write("kobling.toml", format!("[server]\n{line}\n"));
        let output = here.output(["serve"]);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && errors.contains(what), "{errors}");
        assert!(errors.contains("what to do: "), "{errors}");
    }
}

#[test]
fn mail_settings_that_contradict_each_other_are_refused_by_name() {
    let here = Workplace::new();
    for (lines, what) in [
        ("hosts = \"a\"", "unknown field `hosts`"),
        ("user = \"u\"\npassword = \"p\"\npassword_file = \"f\"", "mail.password_file"),
        ("user = \"u\"", "mail.user and mail.password"),
        ("user = \"u\"\npassword = \"p\"\nsecurity = \"none\"", "mail.security"),
    ] {
        let server = "[mail]\nhost = \"smtp.example\"\nfrom = \"kobling@fjordby.example\"\n";
        here.write("kobling.toml", format!("{server}{lines}\n"));
        let output = here.output(["work", "--once"]);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && errors.contains(what), "{errors}");
        assert!(errors.contains("what to do: "), "{errors}");
    }
}

#[test]
fn a_sign_in_service_that_nobody_can_use_is_refused_by_name() {
    let here = Workplace::new();
    let usual = "issuer = \"https://id.example\"\nclient_id = \"kobling\"\n";
    for (lines, what) in [
        (format!("{usual}clients = \"a\""), "unknown field `clients`"),
        ("client_id = \"kobling\"".to_owned(), "missing field `issuer`"),
        (usual.replace("https", "http"), "oidc.issuer is no address"),
        (
            format!("{usual}client_secret = \"a\"\nclient_secret_file = \"b\""),
            "oidc.client_secret_file",
        ),
        (format!("{usual}ca_file = \"none.pem\""), "none.pem holds no certificates"),
    ] {
        here.write("kobling.toml", format!("[oidc]\n{lines}\n"));
        let output = here.output(["serve", "--listen", "127.0.0.1:0"]);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && errors.contains(what), "{errors}");
        assert!(errors.contains("what to do: "), "{errors}");
    }
}

#[test]
fn the_demo_serves_and_every_role_signs_in_once_by_its_link() {
    let here = Workplace::empty();
    let demo =
        ["demo", "--dir", "demo", "--employees", "200", "--serve", "--listen", "127.0.0.1:0"];
    let server = Running::start(here.command(demo).stderr(Stdio::null()), |line| {
        let (_, link) = line.split_once("orderer ")?;
        let (address, _) = link.trim().strip_prefix("http://")?.split_once('/')?;
        Some(address.to_owned())
    });
    let all: Value = serde_json::from_str(&here.read("demo/signin.json")).unwrap();
    assert_eq!(all.as_object().unwrap().len(), 16);
    for (role, sign_in) in all.as_object().unwrap() {
        let link = sign_in["link"].as_str().unwrap();
        let (_, path) = link.split_once("/sign-in/").unwrap();
        let path = format!("/sign-in/{path}");
        let first = server.get(&path, "");
        assert!(first.starts_with("HTTP/1.1 303 ") && first.contains("set-cookie: "), "{role}");
        assert!(server.get(&path, "").starts_with("HTTP/1.1 410 "), "{role}");
        let token = sign_in["token"].as_str().unwrap();
        let me = server.get("/api/v1/session", &format!("Authorization: Bearer {token}\r\n"));
        assert!(me.contains(&format!("\"role\":\"{role}\"")), "{me}");
    }
    let leader = all["manager"]["token"].as_str().unwrap();
    let people = server.get("/my-people", &format!("Authorization: Bearer {leader}\r\n"));
    assert!(people.contains("Databeskyttelse for alle ("), "what the learning system gave back");
    assert!(server.stop().success());
}

#[test]
fn users_are_admitted_and_given_a_link_from_the_command_line() {
    let here = Workplace::new();
    let add = ["user", "add", "kari@fjordby.example", "--name", "Kari", "--role"];
    let refused = here.output(add.into_iter().chain(["boss@fjordby"]));
    let errors = String::from_utf8_lossy(&refused.stderr);
    assert!(errors.contains("\"boss\" is not a role; there is: employer_owner"), "{errors}");
    here.ok(add.into_iter().chain(["hr_reader@fjordby"]));
    let told = here.ok(["user", "list"]);
    assert_eq!(told["users"][0]["roles"][0]["role"], "hr_reader");
    let link = here.ok(["user", "link", "kari@fjordby.example"]);
    let server = serve(&here);
    let (_, path) = link["url"].as_str().unwrap().split_once(":8080").unwrap();
    assert!(server.get(path, "").starts_with("HTTP/1.1 303 "));
    assert!(server.stop().success());
}

#[test]
fn an_entry_changed_behind_its_back_is_told_by_the_audit() {
    let here = Workplace::new();
    here.ok(["user", "add", "kari@fjordby.example", "--name", "Kari", "--role", "auditor@fjordby"]);
    let told = here.ok(["audit", "verify"]);
    assert_eq!((&told["entries"], &told["fault"]), (&2.into(), &Value::Null));
    let head = told["head"].as_str().unwrap();
    here.ok(["audit", "verify", "--head", head]);
    let forge = |forgery| forge(&here.path("kobling.db"), forgery, 2);
    forge(Forgery::Rewrite);
    let fault = here.json(["audit", "verify"], 1)["fault"].clone();
    assert_eq!((&fault["fault"], &fault["first_no"]), (&"changed".into(), &2.into()));
    forge(Forgery::Remove);
    assert_eq!(here.json(["audit", "verify"], 1)["fault"]["fault"], "changed");
    forge(Forgery::RemoveBatch);
    let cut = here.json(["audit", "verify"], 1)["fault"].clone();
    assert_eq!((&cut["fault"], &cut["written_no"]), (&"cut".into(), &2.into()));
}

#[test]
fn what_is_hostile_is_refused_and_stands_once_in_the_log() {
    let here = Workplace::new();
    here.write("kobling.toml", "[server]\nlog = \"json\"\n");
    here.ok(["user", "add", "o@fjordby.example", "--name", "O", "--role", "system_owner@fjordby"]);
    let link = here.ok(["user", "link", "o@fjordby.example"]);
    let log = std::fs::File::create(here.path("server.log")).unwrap();
    let server = logging(&here, log.into());
    let (_, path) = link["url"].as_str().unwrap().split_once(":8080").unwrap();
    let signed_in = server.get(path, "");
    let (_, token) = signed_in.split_once("kobling=").unwrap();
    let token = token.split(';').next().unwrap();
    let put = |body: &[u8]| {
        let headers = format!(
            "Authorization: Bearer {token}\r\nContent-Type: application/json\r\nIf-Match: *\r\n\
             Content-Length: {}\r\n",
            body.len()
        );
        server.send("PUT", "/api/v1/groups/teachers", &headers, body)
    };
    let many =
        |count: usize| format!("{{\"name\":\"T\",\"any\":[{}{{}}]}}", "{},".repeat(count - 1));
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(10_000_000));
    for (body, status) in [
        (large.into_bytes(), 413),
        (many(1_000_000).into_bytes(), 413),
        (many(300_000).into_bytes(), 412),
        (b"{\"name\":\"\xff\xfe\",\"any\":[]}".to_vec(), 400),
        ("[".repeat(200_000).into_bytes(), 400),
    ] {
        let answer = put(&body);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{status}: {answer}");
        assert!(answer.contains("application/problem+json"), "{answer}");
    }
    let flood = "x-many: a\r\n".repeat(200);
    assert!(server.get("/health/live", &flood).starts_with("HTTP/1.1 431 "));
    assert!(server.send("\u{1}", "/", "", b"").starts_with("HTTP/1.1 400 "));
    assert!(server.stop().success());
    let log = here.read("server.log");
    let lines = log.lines().map(|it| serde_json::from_str::<Value>(it).unwrap());
    let (answered, refused): (Vec<Value>, Vec<Value>) =
        lines.partition(|it| it["fields"]["message"] == "answered");
    assert_eq!(answered.len(), 6, "the sign-in and five requests: {log}");
    assert_eq!(refused.len(), 2, "{log}");
    for it in refused {
        assert_eq!(it["fields"]["message"], "a request was not understood, and refused");
    }
}

#[test]
fn programs_are_admitted_and_revoked_from_the_command_line_and_their_secret_is_shown_once() {
    let here = Workplace::new();
    let role = ["--name", "The learner", "--role", "supplier_technician@learning"];
    let added = here.ok(["client", "add", "learner"].into_iter().chain(role));
    let (id, secret) = (&added["client"]["client_id"], added["secret"].as_str().unwrap());
    let listed = here.ok(["client", "list"]);
    assert_eq!(&listed["clients"][0]["client_id"], id);
    assert!(!listed.to_string().contains(secret));
    here.write("key.pem", "no key");
    let key = ["client", "add", "other", "--public-key", "key.pem"];
    let refused = here.output(key.into_iter().chain(role));
    let errors = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(errors.contains("no PEM of a P-256 or an Ed25519 key"), "{errors}");
    let again = here.output(["client", "add", "learner"].into_iter().chain(role));
    assert!(
        String::from_utf8_lossy(&again.stderr).contains("there is a client \"learner\" already")
    );
    let server = serve(&here);
    let ask = || {
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={secret}",
            id.as_str().unwrap()
        );
        let headers = format!(
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
            form.len()
        );
        server.send("POST", "/oauth2/token", &headers, form.as_bytes())
    };
    assert!(ask().starts_with("HTTP/1.1 200 "), "{}", ask());
    assert!(here.ok(["client", "revoke", "learner"])["revoked_at"].is_string());
    assert!(ask().starts_with("HTTP/1.1 401 "));
    assert!(server.stop().success());
}
