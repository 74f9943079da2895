//! Letters, handed to a mail server.

use crate::notice::Letter;
use lettre::message::{Mailbox, MessageBuilder, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::time::Duration;
use zeroize::Zeroizing;

/// A mail server that never says anything is left after so long.
const TIME_MAX: Duration = Duration::from_secs(30);

/// How what goes to a mail server is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// From the first byte.
    Tls,
    /// After a greeting, and never without.
    #[default]
    Starttls,
    /// Not at all: for a server on this machine.
    None,
}

impl Security {
    fn port(self) -> u16 {
        match self {
            Self::Tls => 465,
            Self::Starttls => 587,
            Self::None => 25,
        }
    }
}

/// A mail server, and as whom we write.
pub struct MailServer {
    /// Its name, as its certificate has it.
    pub host: String,
    /// Its port; without, the usual one.
    pub port: Option<u16>,
    /// How what goes there is encrypted.
    pub security: Security,
    /// Who logs in, with what password.
    pub login: Option<(String, Zeroizing<String>)>,
    /// As whom we write, such as `Kobling <kobling@fjordby.example>`.
    pub from: String,
    /// Certificates that vouch for the server's, in PEM; without, those of this machine.
    pub ca_file: Option<PathBuf>,
}

/// Why letters cannot be sent, or one was not.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// An address is none.
    #[error("{text:?} is no mail address")]
    Address {
        /// The text as given.
        text: String,
        /// Why.
        source: lettre::address::AddressError,
    },
    /// The certificates cannot be read.
    #[error("{} cannot be read", path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The letter cannot be written.
    #[error("the letter cannot be written")]
    Letter(#[from] lettre::error::Error),
    /// The server says nothing any more.
    #[error("the mail server did not answer in {} s", TIME_MAX.as_secs())]
    Silent,
    /// The server did not take it.
    #[error("the mail server did not take it")]
    Smtp(#[from] lettre::transport::smtp::Error),
}

impl MailError {
    /// Whether another try would do. A password that is wrong may be mended.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Address { .. } | Self::Letter(_) => false,
            Self::Certificates { .. } | Self::Silent => true,
            Self::Smtp(it) => !it.is_permanent() || it.status().is_some_and(is_about_login),
        }
    }
}

fn is_about_login(code: lettre::transport::smtp::response::Code) -> bool {
    matches!(u16::from(code), 530 | 534 | 535 | 538)
}

/// Hands letters to a mail server.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// One for this server. It is not talked to yet.
    pub fn new(server: &MailServer) -> Result<Self, MailError> {
        let from = mailbox(&server.from)?;
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
            .port(server.port.unwrap_or_else(|| server.security.port()))
            .timeout(Some(TIME_MAX))
            .tls(match server.security {
                Security::Tls => Tls::Wrapper(parameters(server)?),
                Security::Starttls => Tls::Required(parameters(server)?),
                Security::None => Tls::None,
            });
        if let Some((user, password)) = &server.login {
            builder =
                builder.credentials(Credentials::new(user.clone(), password.as_str().to_owned()));
        }
        Ok(Self { transport: builder.build(), from })
    }

    /// Hands a letter over. Sent again under the same `id`, it is the same letter to whoever looks
    /// at its Message-ID.
    #[crate::boxed]
    pub async fn send(
        &self,
        id: &str,
        recipients: &[String],
        letter: &Letter,
    ) -> Result<(), MailError> {
        let mut message: MessageBuilder = Message::builder()
            .from(self.from.clone())
            .message_id(Some(self.message_id(id)))
            .subject(letter.subject.clone());
        for it in recipients {
            message = message.to(mailbox(it)?);
        }
        // The library's own limit is one of connecting only.
        let letter = message.singlepart(SinglePart::plain(letter.text.clone()))?;
        let sent = self.transport.send(letter);
        tokio::time::timeout(TIME_MAX, sent).await.map_err(|_| MailError::Silent)??;
        Ok(())
    }

    fn message_id(&self, id: &str) -> String {
        let digest = crate::hex::hex(&Sha256::digest(id));
        format!("<{}@{}>", digest.get(..32).unwrap_or(&digest), self.from.email.domain())
    }
}

fn parameters(server: &MailServer) -> Result<TlsParameters, MailError> {
    let mut builder = TlsParameters::builder(server.host.clone());
    if let Some(path) = &server.ca_file {
        let failed = |source| MailError::Certificates { path: path.clone(), source };
        let pem = std::fs::read(path).map_err(failed)?;
        builder = builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(Certificate::from_pem(&pem)?);
    }
    Ok(builder.build()?)
}

fn mailbox(text: &str) -> Result<Mailbox, MailError> {
    text.parse().map_err(|source| MailError::Address { text: text.to_owned(), source })
}
