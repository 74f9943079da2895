//! Letters to a real aiosmtpd.

use kobling_hub::connectors::mail::{MailError, MailServer, Mailer, Security};
use kobling_hub::notice::Letter;
use kobling_testkit::server::{self, Smtpd};

fn server(smtpd: &Smtpd) -> MailServer {
    MailServer {
        host: smtpd.address.to_string(),
        port: Some(server::PORT),
        security: Security::Starttls,
        login: Some((smtpd.user().to_owned(), smtpd.password().to_owned().into())),
        from: "Kobling <kobling@fjordby.example>".to_owned(),
        ca_file: Some(smtpd.ca_file()),
    }
}

async fn send(server: &MailServer, id: &str, to: &str) -> Result<(), MailError> {
    let letter =
        Letter { subject: "Åse".to_owned(), text: "Én æble\nhttps://a.example/\n".to_owned() };
    Mailer::new(server)?.send(id, &[to.to_owned()], &letter).await
}

#[tokio::test]
async fn a_letter_arrives_encrypted_and_twice_under_one_id_if_it_is_sent_twice() {
    let smtpd = Smtpd::start();
    for id in ["a", "a", "b"] {
        send(&server(&smtpd), id, "hr@fjordby.example").await.unwrap();
    }
    let all = smtpd.received();
    let ids: Vec<&str> = all.iter().map(|it| it.header("Message-ID")).collect();
    assert_eq!(ids.len(), 3);
    assert!(ids.first() == ids.get(1) && ids.first() != ids.get(2), "{ids:?}");
    for it in &all {
        assert_eq!((it.header("X-To"), it.header("X-Encrypted")), ("hr@fjordby.example", "True"));
        // Without it a reader may show letters of Danish as they were encoded.
        assert_eq!(it.header("MIME-Version"), "1.0");
        assert_eq!(it.text.trim_end(), "Én æble\nhttps://a.example/");
    }
}

#[tokio::test]
async fn a_busy_server_is_tried_again_and_one_that_refuses_is_not() {
    let smtpd = Smtpd::start();
    let busy = send(&server(&smtpd), "a", "later@fjordby.example").await.unwrap_err();
    assert!(busy.may_pass(), "{busy:?}");
    send(&server(&smtpd), "a", "later@fjordby.example").await.unwrap();
    let refused = send(&server(&smtpd), "b", "refused@fjordby.example").await.unwrap_err();
    assert!(!refused.may_pass(), "{refused:?}");
    assert_eq!(smtpd.received().len(), 1);
}

#[tokio::test]
async fn nothing_is_said_to_a_server_that_cannot_show_who_it_is() {
    let (smtpd, other) = (Smtpd::start(), Smtpd::start());
    let wrong = MailServer { ca_file: Some(other.ca_file()), ..server(&smtpd) };
    let refused = send(&wrong, "a", "hr@fjordby.example").await.unwrap_err();
    assert!(refused.may_pass(), "its certificate may be renewed: {refused:?}");
    let login = Some((smtpd.user().to_owned(), "wrong".to_owned().into()));
    let wrong = MailServer { login, ..server(&smtpd) };
    let refused = send(&wrong, "a", "hr@fjordby.example").await.unwrap_err();
    assert!(refused.may_pass(), "its password may be mended: {refused:?}");
    assert_eq!(smtpd.received(), []);
}
