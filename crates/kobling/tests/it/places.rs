//! Deliveries to real servers, and what goes wrong on the way: nothing half is seen, and sending
//! again is safe.

use crate::harness::{FJORDBY, Workplace};
use jiff::civil::date;
use kobling_store::exchange::pending::{self, PartKey, PendingState};
use kobling_testkit::server::{Certificate, Fault, Ftpd, PORT, Renames, Sshd, Wire};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Stdio};

const FILES: [&str; 5] =
    ["bruger.csv", "leder.csv", "engagement.csv", "organisation.csv", "stillingskode.csv"];
/// Deliveries that are killed, each further on than the one before.
const KILLS: u64 = 8;
/// Days on which a delivery is killed, each further on than the one before, and then one is not.
const DAYS: u16 = 6;

fn ftps(server: &Ftpd, address: Ipv4Addr, more: &str) -> String {
    let (user, ca) = (server.user(), server.ca_file().display().to_string());
    format!(
        "[target.ftps]\nhost = \"{address}\"\nport = {PORT}\nuser = \"{user}\"\n\
         password_env = \"RECEIVER\"\nca_file = {ca:?}\n{more}\n"
    )
}

fn sftp(server: &Sshd, address: Ipv4Addr, more: &str) -> String {
    let (user, line) = (&server.user, server.known_hosts_line());
    let key = server.user_key().display().to_string();
    format!(
        "[target.sftp]\nhost = \"{address}\"\nport = {PORT}\nuser = \"{user}\"\n\
         key_file = {key:?}\nhost_key = {line:?}\n{more}\n"
    )
}

/// A workplace that has read an extract and delivers to that place.
fn workplace(place: &str) -> Workplace {
    let mut here = Workplace::new();
    here.secrets.insert("RECEIVER".to_owned(), "not-a-secret".to_owned());
    here.configure(&configuration(place));
    let file = here.generate(300, 0, None);
    here.ok(["run", "opus", &file]);
    here
}

fn configuration(place: &str) -> String {
    FJORDBY.replace("folder = \"plan2learn\"\n", place)
}

/// What a folder holds under names that a receiver reads.
fn seen(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let names = std::fs::read_dir(dir).unwrap();
    let names = names.map(|it| it.unwrap().file_name().into_string().unwrap());
    let names = names.filter(|it| !it.starts_with('.'));
    names.map(|it| (it.clone(), std::fs::read(dir.join(&it)).unwrap())).collect()
}

/// The five files as a folder gets them now.
fn as_in_a_folder(here: &Workplace, place: &str) -> BTreeMap<String, Vec<u8>> {
    here.configure(FJORDBY);
    here.ok(["deliver", "plan2learn"]);
    let files = seen(&here.path("plan2learn"));
    here.configure(&configuration(place));
    files
}

/// Delivers, which must fail; what was said.
fn failure(here: &Workplace) -> String {
    let output = here.output(["deliver", "plan2learn"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// The files of the receipts of the last set, and that there is one of each.
fn receipts(here: &Workplace) -> Vec<Value> {
    let told = here.ok(["delivery", "receipts", "plan2learn"]);
    let all = told["receipts"].as_array().unwrap();
    let last: Vec<Value> = all.iter().filter(|it| it["set"] == all[0]["set"]).cloned().collect();
    let files: Vec<&str> = last.iter().map(|it| it["file"].as_str().unwrap()).collect();
    assert_eq!(files, FILES);
    last
}

fn sets(here: &Workplace) -> usize {
    let told = here.ok(["delivery", "receipts", "plan2learn", "--limit", "1000"]);
    told["receipts"].as_array().unwrap().len() / FILES.len()
}

fn start(here: &Workplace) -> Child {
    let mut command = here.command(["deliver", "plan2learn"]);
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits until so many bytes went over the wire, or the delivery has ended.
fn wait_for(wire: &Wire, bytes: u64, delivery: &mut Child) {
    while wire.sent() < bytes && delivery.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
}

#[test]
fn five_files_go_to_an_sftp_server_with_a_receipt_each_and_only_once() {
    let server = Sshd::start();
    let place = sftp(&server, server.address, "");
    let here = workplace(&place);
    let delivered = here.ok(["deliver", "plan2learn"]);
    assert_eq!(delivered["state"], "delivered");
    assert_eq!(delivered["receipts"].as_array().unwrap().len(), 5);
    assert_eq!(here.ok(["deliver", "plan2learn"])["state"], "unchanged");
    let there = seen(&server.files());
    let sizes: Vec<u64> = receipts(&here).iter().map(|it| it["bytes"].as_u64().unwrap()).collect();
    assert_eq!(sizes, FILES.map(|it| u64::try_from(there[it].len()).unwrap()));
    assert_eq!(there, as_in_a_folder(&here, &place));
    let words = here.output(["delivery", "receipts", "plan2learn"]);
    let words = String::from_utf8(words.stdout).unwrap();
    assert!(words.contains("bruger.csv") && words.contains("renamed into place"), "{words}");
}

#[test]
fn five_files_go_to_an_ftps_server_in_the_receivers_order_with_a_receipt_each() {
    for (renames, more) in [(Renames::Allowed, ""), (Renames::Denied, "rename = false")] {
        let server = Ftpd::with(renames, Certificate::Days(365));
        let place = ftps(&server, server.address, more);
        let here = workplace(&place);
        here.ok(["deliver", "plan2learn"]);
        receipts(&here);
        let log = server.log();
        let done = if more.is_empty() { "\"RNTO " } else { "\"STOR " };
        let names: Vec<&str> =
            log.lines().filter_map(|it| it.split(done).nth(1)?.split('"').next()).collect();
        assert_eq!(names, FILES);
        assert_eq!(seen(&server.files()), as_in_a_folder(&here, &place));
    }
}

/// Kills deliveries over a wire after more and more bytes, and lets each be started again.
fn killed_and_started_again(server: &Ftpd, more: &str) {
    let wire = Wire::to_ftpd(server.via, server.address);
    let place = ftps(server, server.via, more);
    let here = workplace(&place);
    here.ok(["deliver", "plan2learn"]);
    let before = seen(&server.files());
    let second = here.generate(300, 1, None);
    here.ok(["run", "opus", &second]);
    let stored = std::fs::read(here.path("kobling.db")).unwrap();
    wire.set(Fault::None);
    here.ok(["deliver", "plan2learn"]);
    let (whole, after) = (wire.sent(), seen(&server.files()));
    assert_ne!(before, after);
    for round in 0..=KILLS {
        for name in ["kobling.db-wal", "kobling.db-shm"] {
            drop(std::fs::remove_file(here.path(name)));
        }
        here.write("kobling.db", &stored);
        for (name, bytes) in &before {
            std::fs::write(server.files().join(name), bytes).unwrap();
        }
        let share = whole * round / KILLS;
        wire.set(if round % 2 == 0 { Fault::StallAfter(share) } else { Fault::None });
        let mut delivery = start(&here);
        wait_for(&wire, share, &mut delivery);
        delivery.kill().unwrap();
        delivery.wait().unwrap();
        // A wire that stalls lets nothing through that could rename.
        if more.is_empty() && round % 2 == 0 && round < KILLS {
            assert_eq!(seen(&server.files()), before, "nothing is seen of round {round}");
        }
        wire.set(Fault::None);
        here.ok(["deliver", "plan2learn"]);
        assert_eq!(seen(&server.files()), after, "round {round}");
        assert_eq!(receipts(&here).len(), FILES.len());
        assert_eq!(sets(&here), 2, "round {round}");
        assert_eq!(here.ok(["deliver", "plan2learn"])["state"], "unchanged");
    }
    let third = here.generate(300, 2, None);
    here.ok(["run", "opus", &third]);
    here.ok(["deliver", "plan2learn"]);
    let all = std::fs::read_dir(server.files()).unwrap().count();
    assert_eq!(all, FILES.len(), "what broken attempts left is removed");
}

/// So often the server's log tells that.
fn told(server: &Ftpd, what: &str) -> usize {
    server.log().lines().filter(|it| it.contains(what)).count()
}

#[test]
fn killed_between_any_two_files_a_delivery_brings_the_same_five_files_and_one_receipt_each() {
    let server = Ftpd::start();
    let here = workplace(&ftps(&server, server.address, ""));
    here.ok(["deliver", "plan2learn"]);
    let before = seen(&server.files());
    let second = here.generate(300, 1, None);
    here.ok(["run", "opus", &second]);
    let stored = std::fs::read(here.path("kobling.db")).unwrap();
    let mut after = None;
    for (step, nth) in
        ["OK UPLOAD", "OK RENAME"].into_iter().flat_map(|it| (1..=5).map(move |nth| (it, nth)))
    {
        for name in ["kobling.db-wal", "kobling.db-shm"] {
            drop(std::fs::remove_file(here.path(name)));
        }
        here.write("kobling.db", &stored);
        for (name, bytes) in &before {
            std::fs::write(server.files().join(name), bytes).unwrap();
        }
        let had = told(&server, step);
        let mut delivery = start(&here);
        while told(&server, step) < had + nth && delivery.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        delivery.kill().unwrap();
        delivery.wait().unwrap();
        here.ok(["deliver", "plan2learn"]);
        let files = seen(&server.files());
        assert_ne!(files, before);
        assert_eq!(&files, after.get_or_insert(files.clone()), "{step} {nth}");
        assert_eq!((sets(&here), receipts(&here).len()), (2, 5), "{step} {nth}");
    }
}

/// The same day after day on the other engine, whose server looks after what a killed process left,
/// beside a twin that delivers to a folder.
async fn killed_day_after_day_on_postgres(server: &Ftpd, more: &str) {
    let wire = Wire::to_ftpd(server.via, server.address);
    let (mut here, twin) = (Workplace::on_postgres().await, Workplace::new());
    here.secrets.insert("RECEIVER".to_owned(), "not-a-secret".to_owned());
    here.configure(&configuration(&ftps(server, server.via, more)));
    let mut whole = 0;
    for day in 0..=DAYS {
        for it in [&here, &twin] {
            let file = it.generate(300, day, None);
            it.ok(["run", "opus", &file]);
            if day == 0 {
                it.ok(["deliver", "plan2learn"]);
                whole = wire.sent();
            }
        }
        twin.ok(["deliver", "plan2learn"]);
        if day < DAYS {
            let share = whole * u64::from(day) / u64::from(DAYS);
            wire.set(if day % 2 == 0 { Fault::StallAfter(share) } else { Fault::None });
            let mut delivery = start(&here);
            wait_for(&wire, share, &mut delivery);
            delivery.kill().unwrap();
            delivery.wait().unwrap();
            wire.set(Fault::None);
        }
        here.patiently(["deliver", "plan2learn"]);
        assert_eq!(seen(&server.files()), seen(&twin.path("plan2learn")), "day {day}");
        assert_eq!(receipts(&here).len(), FILES.len());
        assert_eq!(sets(&here), usize::from(day) + 1, "day {day}");
    }
    let all = std::fs::read_dir(server.files()).unwrap();
    let all: Vec<_> = all.map(|it| it.unwrap().file_name()).collect();
    assert_eq!(all.len(), FILES.len(), "what broken attempts left is removed: {all:?}");
}

#[tokio::test]
async fn a_delivery_killed_anywhere_brings_the_same_five_files_with_a_store_on_postgres_too() {
    killed_day_after_day_on_postgres(&Ftpd::start(), "").await;
}

#[tokio::test]
async fn a_delivery_killed_anywhere_is_sent_again_on_postgres_where_nothing_can_be_renamed() {
    let server = Ftpd::with(Renames::Denied, Certificate::Days(365));
    killed_day_after_day_on_postgres(&server, "rename = false").await;
}

#[test]
fn a_delivery_killed_anywhere_brings_the_same_five_files_and_one_receipt_each() {
    killed_and_started_again(&Ftpd::start(), "");
}

#[test]
fn a_delivery_killed_anywhere_is_sent_again_where_nothing_can_be_renamed() {
    let server = Ftpd::with(Renames::Denied, Certificate::Days(365));
    killed_and_started_again(&server, "rename = false");
}

/// Case 24 of the hard cases: the transport fails on the third of five files.
#[test]
fn a_connection_cut_in_the_third_file_leaves_what_lay_there_and_all_is_sent_again() {
    let server = Ftpd::start();
    let wire = Wire::to_ftpd(server.via, server.address);
    let place = ftps(&server, server.via, "");
    let here = workplace(&place);
    wire.set(Fault::CutAfter(bytes_up_to_the_third_file(&here)));
    let said = failure(&here);
    assert!(said.contains("engagement.csv") && said.contains("what to do:"), "{said}");
    assert_eq!(seen(&server.files()), BTreeMap::new());
    wire.set(Fault::None);
    let again = here.ok(["deliver", "plan2learn"]);
    assert!(again["notes"].to_string().contains("brought to its end"), "{again}");
    assert_eq!(again["receipts"].as_array().unwrap().len(), 5);
    let log = server.log();
    let uploads =
        |name: &str| log.lines().filter(|it| it.contains("\"STOR") && it.contains(name)).count();
    assert_eq!((uploads("bruger.csv"), uploads("leder.csv")), (1, 1), "they had arrived");
    assert_eq!((sets(&here), receipts(&here).len()), (1, 5));
    assert_eq!(seen(&server.files()), as_in_a_folder(&here, &place));
}

/// So many bytes of files that the third is under way.
fn bytes_up_to_the_third_file(here: &Workplace) -> u64 {
    let looked = here.ok(["deliver", "plan2learn", "--dry-run"]);
    let bytes = |nth: usize| looked["files"][nth]["bytes"].as_u64().unwrap();
    bytes(0) + bytes(1) + bytes(2) * 3 / 4
}

#[test]
fn an_sftp_connection_cut_in_the_middle_leaves_what_lay_there_and_all_is_sent_again() {
    let server = Sshd::start();
    let address = Wire::address();
    let wire = Wire::to_sshd(address, server.address);
    let place = sftp(&server, address, "");
    let here = workplace(&place);
    wire.set(Fault::CutAfter(bytes_up_to_the_third_file(&here)));
    let said = failure(&here);
    assert!(said.contains("broke") && said.contains("what to do:"), "{said}");
    assert_eq!(seen(&server.files()), BTreeMap::new());
    wire.set(Fault::None);
    here.ok(["deliver", "plan2learn"]);
    assert_eq!((sets(&here), receipts(&here).len()), (1, 5));
    assert_eq!(seen(&server.files()), as_in_a_folder(&here, &place));
}

#[test]
fn a_file_that_arrived_though_its_server_fell_silent_is_not_sent_twice() {
    for (renames, more) in [
        (Renames::Allowed, "time_limit_s = 4"),
        (Renames::Denied, "time_limit_s = 4\nrename = false"),
    ] {
        let server = Ftpd::with(renames, Certificate::Days(365));
        let wire = Wire::to_ftpd(server.via, server.address);
        let place = ftps(&server, server.via, more);
        let here = workplace(&place);
        let looked = here.ok(["deliver", "plan2learn", "--dry-run"]);
        wire.set(Fault::DeafAfter(looked["files"][0]["bytes"].as_u64().unwrap()));
        let said = failure(&here);
        assert!(said.contains("took longer than 4 s"), "{said}");
        wire.set(Fault::None);
        here.ok(["deliver", "plan2learn"]);
        let log = server.log();
        let sent = log.lines().filter(|it| it.contains("\"STOR") && it.contains("bruger.csv"));
        assert_eq!(sent.count(), 1, "{log}");
        assert_eq!(receipts(&here).len(), 5);
        assert_eq!(seen(&server.files()), as_in_a_folder(&here, &place));
    }
}

#[test]
fn a_full_disk_leaves_nothing_half_and_with_room_again_all_arrives() {
    let mut server = Ftpd::with_full_disk(20);
    let place = ftps(&server, server.address, "");
    let here = workplace(&place);
    let said = failure(&here);
    assert!(said.contains("bruger.csv"), "{said}");
    assert_eq!(seen(&server.files()), BTreeMap::new());
    server.make_room();
    here.ok(["deliver", "plan2learn"]);
    assert_eq!(receipts(&here).len(), 5);
    assert_eq!(seen(&server.files()), as_in_a_folder(&here, &place));
}

#[test]
fn a_server_with_another_host_key_gets_nothing_until_its_key_is_pinned() {
    let mut server = Sshd::start();
    let here = workplace(&sftp(&server, server.address, ""));
    server.change_host_key();
    let said = failure(&here);
    assert!(said.contains("SHA256:") && said.contains("another is pinned"), "{said}");
    assert_eq!(seen(&server.files()), BTreeMap::new());
    here.configure(&configuration(&sftp(&server, server.address, "")));
    here.ok(["deliver", "plan2learn"]);
    assert_eq!(seen(&server.files()).len(), 5);
}

#[test]
fn a_wrong_password_is_told_and_stands_in_no_message() {
    let server = Ftpd::start();
    let mut here = workplace(&ftps(&server, server.address, ""));
    here.secrets.insert("RECEIVER".to_owned(), "mistyped".to_owned());
    let said = failure(&here);
    assert!(said.contains("does not let user") && !said.contains("mistyped"), "{said}");
    here.secrets.insert("RECEIVER".to_owned(), String::new());
    let said = failure(&here);
    assert!(said.contains("the environment variable RECEIVER"), "{said}");
    assert!(!server.log().contains("STOR"));
}

/// What a set holds of people who are protected meanwhile is not told, so nothing of it leaves.
#[test]
fn a_set_that_broke_off_before_somebody_was_protected_does_not_leave() {
    let server = Ftpd::start();
    let wire = Wire::to_ftpd(server.via, server.address);
    let place = ftps(&server, server.via, "");
    let here = workplace(&place);
    wire.set(Fault::CutAfter(bytes_up_to_the_third_file(&here)));
    failure(&here);
    wire.set(Fault::None);
    let file = here.generate(300, 1, None);
    let text = here.read(&file);
    here.write(&file, text.replace("<address>", "<address protected=\"true\">"));
    here.ok(["run", "opus", &file]);
    let again = here.ok(["deliver", "plan2learn"]);
    assert!(again["notes"].to_string().contains("all was sent anew"), "{again}");
    assert_eq!(seen(&server.files()), as_in_a_folder(&here, &place));
}

#[tokio::test]
async fn of_a_set_for_a_target_that_leaves_the_configuration_no_byte_is_kept() {
    let server = Ftpd::start();
    let wire = Wire::to_ftpd(server.via, server.address);
    let place = ftps(&server, server.via, "");
    let here = workplace(&place);
    wire.set(Fault::CutAfter(bytes_up_to_the_third_file(&here)));
    failure(&here);
    wire.set(Fault::None);
    let text = configuration(&place);
    here.configure(text.split_once("[[target]]").unwrap().0);
    let (hub, tenant) = here.hub(date(2026, 3, 5)).await;
    let mut tx = hub.db.read().await.unwrap();
    let set = pending::get(&mut tx, tenant, "plan2learn").await.unwrap().unwrap();
    let files = pending::files(&mut tx, tenant, "plan2learn", set.set_no).await.unwrap();
    let key = PartKey { set_no: set.set_no, position: 0, part: 0 };
    let part = pending::part(&mut tx, tenant, "plan2learn", key).await.unwrap();
    assert_eq!((set.state, files.len(), part), (PendingState::Broken, 0, None));
    drop(tx);
    assert!(here.output(["work", "--once"]).stdout.is_empty(), "nobody looks after it");
    here.configure(&text);
    let again = here.ok(["deliver", "plan2learn"]);
    assert!(again["notes"].to_string().contains("all was sent anew"), "{again}");
    assert_eq!(seen(&server.files()), as_in_a_folder(&here, &place));
}

#[test]
fn a_set_that_a_server_rejects_waits_for_a_person_and_one_it_does_not_take_yet_is_tried_again() {
    let server = Ftpd::start();
    let wire = Wire::to_ftpd(server.via, server.address);
    let mut here = workplace(&ftps(&server, server.via, "time_limit_s = 4"));
    let listed = |here: &Workplace| here.ok(["delivery", "list", "plan2learn"])[0].clone();
    here.secrets.insert("RECEIVER".to_owned(), "mistyped".to_owned());
    failure(&here);
    let dead = listed(&here);
    assert_eq!((&dead["state"], &dead["owner"]), (&"rejected".into(), &"learning".into()));
    assert!(dead["reason"].as_str().unwrap().contains("does not let user"), "{dead}");
    assert!(here.output(["work", "--once"]).stdout.is_empty(), "nobody sends it by itself");
    here.secrets.insert("RECEIVER".to_owned(), "not-a-secret".to_owned());
    here.ok(["delivery", "retry", "plan2learn", "--by", "Åse", "--reason", "the right password"]);
    wire.set(Fault::CutAfter(1_000));
    assert_eq!(here.output(["work", "--once"]).status.code(), Some(2));
    let again = listed(&here);
    assert_eq!((&again["state"], &again["attempts"]), (&"pending".into(), &1.into()), "{again}");
    assert!(again["next_at"].is_string() && again["files"].as_array().unwrap().len() == 5);
    let status = here.ok(["delivery", "status", "plan2learn"]);
    assert_eq!((&status["due"], &status["pending"]), (&1.into(), &1.into()));
    wire.set(Fault::None);
    here.ok(["deliver", "plan2learn"]);
    assert_eq!(here.ok(["delivery", "status", "plan2learn"])["accepted"], 1);
    assert_eq!(receipts(&here).len(), 5);
    assert!(here.output(["work", "--once"]).stdout.is_empty(), "no work is left");
}

/// The second of the hard cases of transport: access is closed while a delivery is in flight.
#[test]
fn an_agreement_that_ends_while_its_set_is_on_its_way_lets_no_further_file_leave() {
    let server = Ftpd::with(Renames::Denied, Certificate::Days(365));
    let wire = Wire::to_ftpd(server.via, server.address);
    let place = ftps(&server, server.via, "rename = false");
    let here = workplace(&place);
    let ended = configuration(&place)
        .replace("from = \"2026-01-01\"", "from = \"2026-01-01\"\nuntil = \"2026-02-01\"");
    wire.set(Fault::StallAfter(10_000));
    let mut delivery = start(&here);
    wait_for(&wire, 10_000, &mut delivery);
    here.configure(&ended);
    wire.set(Fault::None);
    let ended = delivery.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.contains("does not hold any more") && said.contains("in force"), "{said}");
    let sent = seen(&server.files());
    assert!(sent.keys().all(|it| it == "bruger.csv"), "{:?}", sent.keys());
    let output = here.output(["deliver", "plan2learn"]);
    assert_eq!(output.status.code(), Some(2));
    // Under other terms the old bytes do not leave, and the whole set is made anew.
    let less = configuration(&place).replace("\"person.national_number\",", "");
    here.configure(&less);
    let again = here.ok(["deliver", "plan2learn"]);
    assert!(again["notes"].to_string().contains("all was sent anew"), "{again}");
    here.configure(&less.replace(&place, "folder = \"plan2learn\"\n"));
    here.ok(["deliver", "plan2learn"]);
    assert_eq!(seen(&server.files()), seen(&here.path("plan2learn")));
}

#[test]
fn a_newer_set_waits_for_one_that_was_begun_and_replaces_one_that_was_not() {
    let server = Ftpd::start();
    let wire = Wire::to_ftpd(server.via, server.address);
    let place = ftps(&server, server.via, "");
    let here = workplace(&place);
    let read_next = |day| {
        let file = here.generate(300, day, None);
        here.ok(["run", "opus", &file]);
    };
    // Nobody is let in: nothing of the first set is sent.
    let mut stranger = here.command(["deliver", "plan2learn"]);
    let refused = stranger.env("RECEIVER", "mistyped").output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    read_next(1);
    let second = here.ok(["deliver", "plan2learn"]);
    assert_eq!(
        (second["notes"].to_string().contains("brought to its end"), sets(&here)),
        (false, 1)
    );
    read_next(2);
    wire.set(Fault::CutAfter(bytes_up_to_the_third_file(&here)));
    failure(&here);
    wire.set(Fault::None);
    read_next(3);
    let fourth = here.ok(["deliver", "plan2learn"]);
    assert!(fourth["notes"].to_string().contains("brought to its end"), "{fourth}");
    assert_eq!(sets(&here), 3);
    assert_eq!(seen(&server.files()), as_in_a_folder(&here, &place));
}

#[test]
fn what_is_on_its_way_lies_sealed_in_the_store_and_two_do_not_send_it_at_once() {
    let server = Ftpd::start();
    let wire = Wire::to_ftpd(server.via, server.address);
    let here = workplace(&ftps(&server, server.via, ""));
    wire.set(Fault::StallAfter(5_000));
    let mut delivery = start(&here);
    wait_for(&wire, 5_000, &mut delivery);
    let said = failure(&here);
    assert!(said.contains("another delivery to plan2learn is under way"), "{said}");
    let stored = ["kobling.db", "kobling.db-wal"].map(|it| {
        let bytes = std::fs::read(here.path(it)).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    });
    wire.set(Fault::None);
    assert!(delivery.wait().unwrap().success());
    let people = String::from_utf8(seen(&server.files())["bruger.csv"].clone()).unwrap();
    let mut numbers = 0;
    for row in people.lines().skip(1) {
        let number = row.split("\";\"").nth(1).unwrap();
        let is_there = stored.iter().any(|it| it.contains(number));
        assert!(number.is_empty() || !is_there);
        numbers += usize::from(!number.is_empty());
    }
    assert!(numbers > 100);
}

/// The steps of a test as `what: level`.
fn steps(told: &Value) -> Vec<String> {
    let steps = told["steps"].as_array().unwrap().iter();
    let text = |it: &Value, key: &str| it[key].as_str().unwrap().to_owned();
    steps.map(|it| format!("{} {}", text(it, "what"), text(it, "level"))).collect()
}

#[test]
fn a_target_test_says_step_by_step_what_works_and_leaves_nothing() {
    let server = Ftpd::start();
    let here = workplace(&ftps(&server, server.address, ""));
    let told = here.ok(["target", "test", "plan2learn"]);
    let all = ["name", "port", "certificate", "login", "folder", "write", "rename", "remove"];
    assert_eq!(steps(&told), all.map(|it| format!("{it} ok")));
    assert_eq!(std::fs::read_dir(server.files()).unwrap().count(), 0);
    let server = Sshd::start();
    here.configure(&configuration(&sftp(&server, server.address, "")));
    let told = here.ok(["target", "test", "plan2learn"]);
    let all = ["name", "port", "host key", "login", "folder", "write", "rename", "remove"];
    assert_eq!(steps(&told), all.map(|it| format!("{it} ok")));
    here.configure(FJORDBY);
    let told = here.ok(["target", "test", "plan2learn"]);
    assert_eq!(steps(&told), ["folder", "write", "rename", "remove"].map(|it| format!("{it} ok")));
}

#[test]
fn a_target_test_shows_the_fingerprint_to_pin_and_what_to_do_about_each_failure() {
    let server = Sshd::start();
    let line = format!("host_key = {:?}\n", server.known_hosts_line());
    let unpinned = sftp(&server, server.address, "").replace(&line, "");
    let here = workplace(&unpinned);
    let told = here.json(["target", "test", "plan2learn"], 1);
    assert_eq!(steps(&told), ["name ok", "port ok", "host key problem"]);
    assert!(told["steps"][2]["found"].as_str().unwrap().contains("it shows SHA256:"), "{told}");
    assert!(told["steps"][2]["advice"].as_str().unwrap().contains("host_key"), "{told}");

    let denied = Ftpd::with(Renames::Denied, Certificate::Days(365));
    here.configure(&configuration(&ftps(&denied, denied.address, "")));
    let told = here.json(["target", "test", "plan2learn"], 1);
    assert_eq!(steps(&told)[5..], ["write ok", "rename problem", "remove ok"]);
    assert!(told["steps"][6]["advice"].as_str().unwrap().contains("rename = false"), "{told}");
}

#[test]
fn a_certificate_that_expires_within_30_days_is_warned_of() {
    for (days, level) in [(10, "warning"), (31, "ok")] {
        let server = Ftpd::with(Renames::Allowed, Certificate::Days(days));
        let here = workplace(&ftps(&server, server.address, ""));
        let told = here.ok(["target", "test", "plan2learn"]);
        assert_eq!(told["steps"][2]["level"], level, "{told}");
    }
}

/// A workplace whose source is that server.
fn reading_from(server: &Sshd, address: Ipv4Addr) -> Workplace {
    let here = Workplace::empty();
    let place = sftp(server, address, "").replace("[target.", "[source.");
    let text = FJORDBY.replace("folder = \"inbox\"\n", "");
    here.configure(&text.replace("[[target]]", &format!("{place}\n[[target]]")));
    here
}

/// Puts the extract of a day where the source's files arrive; its name.
fn arrive(here: &Workplace, server: &Sshd, day: u16, flaw: Option<&str>) -> String {
    let file = here.generate(200, day, flaw);
    let name = file.strip_prefix("inbox/").unwrap().to_owned();
    std::fs::rename(here.path(&file), server.files().join(&name)).unwrap();
    name
}

#[test]
fn a_source_on_an_sftp_server_is_read_in_order_and_left_as_it_is() {
    let server = Sshd::start();
    let here = reading_from(&server, server.address);
    let names = [1, 0].map(|day| arrive(&here, &server, day, None));
    std::fs::write(server.files().join("notes.txt"), "not an extract").unwrap();
    let output = here.output(["run", "opus"]);
    assert!(output.status.success(), "{output:?}");
    let (told, noted) = (output.stdout, String::from_utf8(output.stderr).unwrap());
    let told = String::from_utf8(told).unwrap();
    assert!(told.find(&names[1]) < told.find(&names[0]), "{told}");
    assert!(noted.contains("notes.txt is not named like a file"), "{noted}");
    assert_eq!(seen(&server.files()).len(), 3);
    let spooled = std::fs::read_dir(here.path(".kobling-spool/opus")).unwrap().count();
    assert_eq!(spooled, 0, "what was read is not kept");
    let output = here.output(["run", "opus"]);
    assert!(String::from_utf8(output.stderr).unwrap().contains("no new file is waiting"));
    assert_eq!(steps(&here.ok(["source", "test", "opus"]))[3..], ["login ok", "folder ok"]);
}

#[test]
fn a_source_whose_folder_is_not_there_is_told_so_and_none_is_made() {
    let here = workplace("folder = \"plan2learn\"\n");
    assert_eq!(steps(&here.ok(["source", "test", "opus"])), ["folder ok"]);
    std::fs::remove_dir_all(here.path("inbox")).unwrap();
    assert_eq!(steps(&here.json(["source", "test", "opus"], 1)), ["folder problem"]);
    assert!(!here.path("inbox").exists());
}

#[test]
fn a_file_that_grows_while_it_is_fetched_waits_for_the_next_run() {
    let server = Sshd::start();
    let here = reading_from(&server, server.address);
    // Large enough that it grows while it is fetched, however busy the machine is.
    let file = here.generate(5_000, 0, None);
    let path = server.files().join(file.strip_prefix("inbox/").unwrap());
    std::fs::rename(here.path(&file), &path).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let mut command = here.command(["run", "opus"]);
    let mut run = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while run.try_wait().unwrap().is_none() {
        let mut file = std::fs::File::options().append(true).open(&path).unwrap();
        file.write_all(b"\n").unwrap();
    }
    let output = run.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("is still being written"), "{said}");
    std::fs::write(&path, &whole).unwrap();
    assert_eq!(here.ok(["run", "opus"])["runs"][0]["state"], "applied");
}

#[test]
fn what_was_fetched_stays_while_its_plan_is_held_and_no_longer() {
    let server = Sshd::start();
    let here = reading_from(&server, server.address);
    let spooled = || std::fs::read_dir(here.path(".kobling-spool/opus")).unwrap().count();
    arrive(&here, &server, 0, None);
    here.ok(["run", "opus"]);
    arrive(&here, &server, 1, Some("missing-school"));
    let held = here.json(["run", "opus"], 3);
    assert_eq!(spooled(), 1);
    let plan = held["runs"][0]["plan"].as_str().unwrap();
    here.ok(["plan", "release", plan, "--by", "Åse", "--reason", "the school has closed"]);
    here.ok(["run", "opus"]);
    assert_eq!(spooled(), 0);
}
