//! Questions to a sign-in service, over HTTP.

use super::in_full;
use super::trust::{self, TrustError};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::{RequestBuilder, StatusCode, Url, redirect};
use serde::de::DeserializeOwned;
use std::path::Path;
use std::time::Duration;

/// Somebody waits in front of a browser.
const TIME_MAX: Duration = Duration::from_secs(10);
/// No answer of a sign-in service is longer.
const ANSWER_BYTES_MAX: usize = 1 << 18;

/// Why a question was not answered.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// TLS cannot be set up.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// Nobody answers there, or not in time.
    #[error("no answer: {reason}")]
    Unreachable {
        /// What happened.
        reason: String,
    },
    /// It is refused.
    #[error("it answered HTTP {}", status.as_u16())]
    Refused {
        /// With what status.
        status: StatusCode,
    },
    /// The answer does not end.
    #[error("its answer is longer than {ANSWER_BYTES_MAX} bytes")]
    TooLong,
    /// The answer is something else.
    #[error("its answer is not what was asked for")]
    Other(#[source] serde_json::Error),
}

impl AskError {
    /// Whether nobody is to blame who asked: another time may do.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Trust(_) | Self::Unreachable { .. } | Self::TooLong | Self::Other(_) => true,
            Self::Refused { status } => !status.is_client_error(),
        }
    }
}

/// Asks a sign-in service.
pub struct Asker(reqwest::Client);

impl Asker {
    /// One that trusts these authorities; without, those of this machine.
    pub fn new(ca_file: Option<&Path>) -> Result<Self, AskError> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(trust::tls(ca_file)?)
            // What is asked may hold secrets: it goes where the settings say.
            .redirect(redirect::Policy::none())
            .timeout(TIME_MAX)
            .build();
        Ok(Self(client.map_err(|it| unreachable(&it))?))
    }

    /// The document at an address; `bearer` is a token that opens it.
    pub async fn get<T: DeserializeOwned>(
        &self,
        url: &Url,
        bearer: Option<&str>,
    ) -> Result<T, AskError> {
        let mut request = self.0.get(url.clone());
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        answered(request).await
    }

    /// What is answered to a form; `authorization` goes beside it.
    pub async fn post<T: DeserializeOwned>(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        authorization: Option<&str>,
    ) -> Result<T, AskError> {
        let mut request = self.0.post(url.clone()).body(encoded(form));
        request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(text) = authorization {
            request = request.header(AUTHORIZATION, text);
        }
        answered(request).await
    }
}

/// Pairs as a form has them.
pub(crate) fn encoded(pairs: &[(&str, &str)]) -> String {
    let escaped = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}

async fn answered<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, AskError> {
    let sent = request.header(ACCEPT, "application/json").send().await;
    let mut response = sent.map_err(|it| unreachable(&it))?;
    let status = response.status();
    if !status.is_success() {
        return Err(AskError::Refused { status });
    }
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|it| unreachable(&it))? {
        body.extend_from_slice(&part);
        if body.len() > ANSWER_BYTES_MAX {
            return Err(AskError::TooLong);
        }
    }
    serde_json::from_slice(&body).map_err(AskError::Other)
}

fn unreachable(error: &reqwest::Error) -> AskError {
    AskError::Unreachable { reason: in_full(error) }
}
