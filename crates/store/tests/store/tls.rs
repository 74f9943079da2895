use kobling_store::{Db, StoreError, values};
use kobling_testkit::server::{Certificate, PORT, Postgresd};
use std::io::{Read, Write};
use std::net::TcpListener;

#[tokio::test]
async fn a_database_on_a_network_is_spoken_to_over_tls() {
    let server = Postgresd::with(Certificate::Days(2));
    let db = Db::open(&of(&server, "require")).unwrap();
    assert_eq!(is_encrypted(&db).await.unwrap(), Some(true));

    db.migrate().await.unwrap();
    assert!(db.is_current().await.unwrap());
    let plain = format!("postgres://postgres@{}:{PORT}/postgres", server.address);
    assert_eq!(is_encrypted(&Db::open(&plain).unwrap()).await.unwrap(), Some(false));
}

#[tokio::test]
async fn a_database_with_a_certificate_for_another_name_is_not_spoken_to() {
    let server = Postgresd::with(Certificate::OtherName);
    let refused = refusal(&of(&server, "require")).await;
    assert!(refused.contains("not valid for name"), "{refused}");
}

#[tokio::test]
async fn a_database_whose_certificate_nobody_known_vouches_for_is_not_spoken_to() {
    let server = Postgresd::with(Certificate::Days(2));
    let address = of(&server, "verify-full");
    let (of_the_machine, _) = address.split_once("&sslrootcert").unwrap();
    let refused = refusal(of_the_machine).await;
    assert!(refused.contains("UnknownIssuer"), "{refused}");
}

#[tokio::test]
async fn a_database_that_speaks_no_tls_gets_no_word_where_tls_is_asked_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 8];
        stream.read_exact(&mut request).unwrap();
        stream.write_all(b"N").unwrap();
        let mut more = Vec::new();
        stream.read_to_end(&mut more).unwrap();
        more
    });
    let address = format!("postgres://kobling:secret@127.0.0.1:{port}/k?sslmode=require");
    let refused = refusal(&address).await;
    assert!(refused.contains("does not support TLS"), "{refused}");
    assert_eq!(server.join().unwrap(), b"");
}

#[test]
fn a_file_that_holds_no_certificate_is_named() {
    for (name, text) in [("none.pem", ""), ("torn.pem", "-----BEGIN CERTIFICATE-----\nAAAA")] {
        let path = std::env::temp_dir().join(format!("kobling-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        let url = format!("postgres://k@db.example/k?sslrootcert={}", path.display());
        let Err(refused) = Db::open(&url) else { panic!("{name} was taken") };
        assert!(matches!(&refused, StoreError::Authorities { path: it, .. } if *it == path));
        std::fs::remove_file(&path).unwrap();
    }
}

fn of(server: &Postgresd, mode: &str) -> String {
    let (address, ca_file) = (server.address, server.ca_file());
    let settings = format!("sslmode={mode}&sslrootcert={}", ca_file.display());
    format!("postgres://postgres@{address}:{PORT}/postgres?{settings}")
}

async fn is_encrypted(db: &Db) -> Result<Option<bool>, StoreError> {
    let mut tx = db.read().await?;
    let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    tx.query_opt(sql, values![], |row| row.get(0)).await
}

/// All that is said of why an address cannot be read from.
async fn refusal(address: &str) -> String {
    let db = Db::open(address).unwrap();
    let refused = is_encrypted(&db).await.unwrap_err();
    let first: &dyn std::error::Error = &refused;
    let causes = std::iter::successors(Some(first), |it| it.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
