use kobling_hub::access::configuration::{FtpsText, SftpText};
use kobling_hub::connectors::{self, Connection, Place, PlaceError};
use kobling_hub::secrets::Secrets;
use kobling_testkit::server::{Certificate, Fault, Ftpd, PORT, Renames, Sshd, Wire};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

/// More than what lies in buffers on the way.
const LARGE: usize = 3_000_000;

fn sftp(server: &Sshd, address: Ipv4Addr) -> SftpText {
    SftpText {
        host: address.to_string(),
        port: PORT,
        user: server.user.clone(),
        path: ".".to_owned(),
        host_key: Some(server.known_hosts_line()),
        key_file: Some(server.user_key().display().to_string()),
        password_env: None,
        time_limit_s: 20,
    }
}

fn ftps(server: &Ftpd, address: Ipv4Addr) -> FtpsText {
    FtpsText {
        host: address.to_string(),
        port: PORT,
        user: server.user().to_owned(),
        password_env: "RECEIVER".to_owned(),
        path: ".".to_owned(),
        ca_file: Some(server.ca_file().display().to_string()),
        rename: true,
        time_limit_s: 20,
    }
}

fn secrets() -> Secrets {
    secret("not-a-secret")
}

fn secret(password: &str) -> Secrets {
    Secrets::Given([("RECEIVER".to_owned(), password.to_owned())].into())
}

async fn connect(place: &Place) -> Result<Connection, PlaceError> {
    connectors::connect(place, &secrets()).await
}

/// Why nobody gets to that place.
async fn refusal(place: &Place) -> PlaceError {
    connect(place).await.err().unwrap()
}

async fn put(connection: &mut Connection, name: &str, bytes: &[u8]) -> Result<(), PlaceError> {
    let mut upload = connection.create(name).await?;
    for part in bytes.chunks(100_000) {
        upload.write(part).await?;
    }
    upload.finish().await
}

async fn get(connection: &mut Connection, name: &str) -> Result<Vec<u8>, PlaceError> {
    let mut download = connection.open(name).await?;
    let mut all = Vec::new();
    while let Some(part) = download.next().await? {
        all.extend(part);
    }
    Ok(all)
}

/// Bytes that do not repeat soon.
fn bytes(count: usize) -> Vec<u8> {
    (0_u64..)
        .flat_map(|it| it.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes())
        .take(count)
        .collect()
}

async fn everything_can_be_done(place: Place, files: &Path) {
    let mut there = connect(&place).await.unwrap();
    put(&mut there, "old.csv", b"old").await.unwrap();
    let content = bytes(LARGE);
    put(&mut there, ".new", &content).await.unwrap();
    assert_eq!(there.size(".new").await.unwrap(), Some(3_000_000));
    assert_eq!(there.size("never").await.unwrap(), None);
    let said = there.rename(".new", "old.csv").await.unwrap();
    assert!(!said.is_empty());
    assert_eq!(std::fs::read(files.join("old.csv")).unwrap(), content);
    assert_eq!(get(&mut there, "old.csv").await.unwrap(), content);
    put(&mut there, "æble.csv", b"").await.unwrap();
    let listed = there.list().await.unwrap();
    let listed: Vec<_> = listed.iter().map(|it| (it.name.as_str(), it.bytes)).collect();
    assert_eq!(listed, [("old.csv", 3_000_000), ("æble.csv", 0)]);
    there.remove("old.csv").await.unwrap();
    there.remove("æble.csv").await.unwrap();
    assert!(there.remove("never").await.is_err());
    assert_eq!(there.list().await.unwrap(), []);
    assert_eq!(std::fs::read_dir(files).unwrap().count(), 0);
}

#[tokio::test]
async fn files_are_put_renamed_over_listed_fetched_and_removed_in_a_folder() {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("a-place");
    drop(std::fs::remove_dir_all(&dir));
    everything_can_be_done(Place::Folder(dir.clone()), &dir).await;
}

#[tokio::test]
async fn files_are_put_renamed_over_listed_fetched_and_removed_by_sftp() {
    let server = Sshd::start();
    everything_can_be_done(Place::Sftp(sftp(&server, server.address)), &server.files()).await;
}

#[tokio::test]
async fn files_are_put_renamed_over_listed_fetched_and_removed_by_ftps() {
    let server = Ftpd::start();
    everything_can_be_done(Place::Ftps(ftps(&server, server.address)), &server.files()).await;
}

#[tokio::test]
async fn each_file_goes_over_an_ftps_connection_of_its_own() {
    let server = Ftpd::start();
    let mut there = connect(&Place::Ftps(ftps(&server, server.address))).await.unwrap();
    for name in ["a", "b", "c"] {
        put(&mut there, name, b"x").await.unwrap();
    }
    let log = server.log();
    let mut sessions: Vec<&str> = log
        .lines()
        .filter(|it| it.contains("OK UPLOAD"))
        .filter_map(|it| it.split("[pid ").nth(1)?.split(']').next())
        .collect();
    sessions.dedup();
    assert_eq!(sessions.len(), 3, "{log}");
}

#[tokio::test]
async fn nobody_logs_in_at_a_server_with_another_host_key() {
    let mut server = Sshd::start();
    let text = sftp(&server, server.address);
    server.change_host_key();
    let said = refusal(&Place::Sftp(text.clone())).await;
    assert!(matches!(said, PlaceError::OtherHostKey { .. }), "{said:?}");
    let unpinned = refusal(&Place::Sftp(SftpText { host_key: None, ..text.clone() })).await;
    let PlaceError::NoHostKey { found, .. } = unpinned else { panic!("{unpinned:?}") };
    // What it shows is what can be pinned.
    connect(&Place::Sftp(SftpText { host_key: Some(found), ..text })).await.unwrap();
}

#[tokio::test]
async fn a_wrong_key_and_a_wrong_password_are_told_from_all_else() {
    let server = Sshd::start();
    let text = sftp(&server, server.address);
    let other = Some(server.other_key().display().to_string());
    let said = refusal(&Place::Sftp(SftpText { key_file: other, ..text.clone() })).await;
    assert!(matches!(said, PlaceError::Login { .. }), "{said:?}");
    let by_password =
        SftpText { key_file: None, password_env: Some("RECEIVER".to_owned()), ..text };
    let said = refusal(&Place::Sftp(by_password)).await;
    assert!(matches!(said, PlaceError::Login { .. }), "{said:?}");

    let server = Ftpd::start();
    let place = Place::Ftps(ftps(&server, server.address));
    let said = connectors::connect(&place, &secret("wrong-one")).await.err().unwrap();
    let text = format!("{said} {said:?}");
    assert!(matches!(said, PlaceError::Login { .. }), "{text}");
    assert!(text.contains("530") && !text.contains("wrong-one"), "{text}");
    let none = connectors::connect(&place, &Secrets::Given([].into())).await.err().unwrap();
    assert!(matches!(none, PlaceError::NoPassword { .. }), "{none:?}");
}

#[tokio::test]
async fn a_certificate_that_has_expired_or_is_for_another_name_or_of_nobody_is_not_accepted() {
    for (certificate, why) in [
        (Certificate::Days(-1), "it was valid until"),
        (Certificate::OtherName, "it is for another name"),
    ] {
        let server = Ftpd::with(Renames::Allowed, certificate);
        let said = refusal(&Place::Ftps(ftps(&server, server.address))).await;
        let text = said.to_string();
        assert!(matches!(said, PlaceError::Certificate { .. }) && text.contains(why), "{text}");
        assert!(!server.log().contains("PASS"), "no password goes to such a server");
    }
    let server = Ftpd::start();
    let of_machine = FtpsText { ca_file: None, ..ftps(&server, server.address) };
    let said = refusal(&Place::Ftps(of_machine)).await.to_string();
    assert!(said.contains("no authority this machine knows"), "{said}");
}

#[tokio::test]
async fn a_full_disk_is_told_as_what_the_server_said() {
    let server = Sshd::with_full_disk(200);
    let mut there = connect(&Place::Sftp(sftp(&server, server.address))).await.unwrap();
    let said = put(&mut there, "large", &bytes(LARGE)).await.unwrap_err();
    assert!(matches!(said, PlaceError::Refused { .. }), "{said:?}");
    let server = Ftpd::with_full_disk(200);
    let mut there = connect(&Place::Ftps(ftps(&server, server.address))).await.unwrap();
    let said = put(&mut there, "large", &bytes(LARGE)).await.unwrap_err();
    assert!(!matches!(said, PlaceError::TimedOut { .. }), "{said:?}");
}

#[tokio::test]
async fn a_connection_that_is_cut_in_the_middle_of_a_file_ends_with_an_error_and_not_with_a_wait() {
    let server = Sshd::start();
    let address = Wire::address();
    let wire = Wire::to_sshd(address, server.address);
    let mut there = connect(&Place::Sftp(sftp(&server, address))).await.unwrap();
    wire.set(Fault::CutAfter(1_000_000));
    let said = put(&mut there, "large", &bytes(LARGE)).await.unwrap_err();
    assert!(matches!(said, PlaceError::Broken { .. }), "{said:?}");

    let server = Ftpd::start();
    let wire = Wire::to_ftpd(server.via, server.address);
    let mut there = connect(&Place::Ftps(ftps(&server, server.via))).await.unwrap();
    wire.set(Fault::CutAfter(1_000_000));
    let said = put(&mut there, "large", &bytes(LARGE)).await.unwrap_err();
    assert!(!matches!(said, PlaceError::TimedOut { .. }), "{said:?}");
}

#[tokio::test]
async fn a_server_that_falls_silent_is_not_waited_for_for_ever() {
    let server = Ftpd::start();
    let wire = Wire::to_ftpd(server.via, server.address);
    let text = FtpsText { time_limit_s: 3, ..ftps(&server, server.via) };
    let mut there = connect(&Place::Ftps(text)).await.unwrap();
    wire.set(Fault::DeafAfter(10_000));
    let said = put(&mut there, "large", &bytes(20_000)).await.unwrap_err();
    assert!(matches!(said, PlaceError::TimedOut { .. }), "{said:?}");
    let server = Sshd::start();
    let address = Wire::address();
    let wire = Wire::to_sshd(address, server.address);
    let text = SftpText { time_limit_s: 3, ..sftp(&server, address) };
    let mut there = connect(&Place::Sftp(text)).await.unwrap();
    wire.set(Fault::DeafAfter(10_000));
    let said = put(&mut there, "large", &bytes(20_000)).await.unwrap_err();
    assert!(said.may_pass(), "{said:?}");
}

#[tokio::test]
async fn a_name_that_does_not_resolve_and_a_port_where_nobody_is_are_told_apart() {
    let server = Ftpd::start();
    let text = ftps(&server, server.address);
    let nowhere = FtpsText { host: "no-such-host.invalid".to_owned(), ..text.clone() };
    let said = refusal(&Place::Ftps(nowhere)).await;
    assert!(matches!(said, PlaceError::Unresolved { .. }), "{said:?}");
    let said = refusal(&Place::Ftps(FtpsText { host: server.via.to_string(), ..text })).await;
    assert!(matches!(said, PlaceError::Unreachable { .. }), "{said:?}");
}

#[tokio::test]
async fn what_a_server_says_to_a_file_is_told_in_its_own_words() {
    let server = Ftpd::start();
    let mut there = connect(&Place::Ftps(ftps(&server, server.address))).await.unwrap();
    put(&mut there, "a", b"abc").await.unwrap();
    assert_eq!(there.look("a").await.unwrap().unwrap().said, "213 3");
    assert_eq!(there.rename("a", "b").await.unwrap(), "250 Rename successful.");
    let server = Sshd::start();
    let mut there = connect(&Place::Sftp(sftp(&server, server.address))).await.unwrap();
    put(&mut there, "a", b"abc").await.unwrap();
    assert_eq!(there.rename("a", "b").await.unwrap(), "Ok: Success");
}

/// vsftpd gives up a session for which it finds no data port, and says so outside TLS.
#[tokio::test]
async fn a_server_that_gives_a_session_up_in_the_clear_is_told_as_that_and_tried_again() {
    let server = Ftpd::start();
    let taken = server.take_data_ports();
    let mut there = connect(&Place::Ftps(ftps(&server, server.address))).await.unwrap();
    let error = put(&mut there, "a", b"abc").await.unwrap_err();
    assert!(matches!(error, PlaceError::Broken { .. }) && error.may_pass(), "{error:?}");
    let said = std::error::Error::source(&error).unwrap().to_string();
    assert!(said.contains("outside TLS") && said.contains("no data port"), "{said}");
    drop(taken);
    put(&mut there, "a", b"abc").await.unwrap();
}
