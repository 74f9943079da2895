//! `POST /oauth2/token`: a program asks for a token with its id and its secret (RFC 6749, client
//! credentials).

use super::described::{Described, Nothing, Schemas};
use super::problem::Problem;
use super::route::{Gate, Route, Verb};
use super::serve::Presented;
use super::state::Server;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kobling_hub::access::clients::{self, ClientError, Issued, Shown};
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What a statement that a client signed is called.
const STATEMENT: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Where tokens are asked for.
pub(super) const PATH: &str = "/oauth2/token";

pub(super) fn routes() -> Vec<Route> {
    let told = ("issue_token", "Gives a program a token for a quarter of an hour.");
    let described = Described::of::<Nothing, Nothing, Wanted, Given>(told.0, told.1);
    let described = Described { form: Some(refusal_told), ..described };
    vec![Route::api(Verb::Post, PATH, Gate::Door, described, issue)]
}

fn refusal_told(schemas: &mut Schemas) -> Schema {
    schemas.answered::<Refusal>()
}

/// What is asked for, and by whom, unless that stands in `Authorization: Basic`.
#[derive(Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Wanted {
    /// `client_credentials`.
    grant_type: String,
    /// The id of the client.
    client_id: Option<String>,
    /// Its secret.
    client_secret: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, in the place of a secret.
    client_assertion_type: Option<String>,
    /// A statement signed with the client's key: `iss` and `sub` its id, `aud` the address of this
    /// route, `exp` in five minutes at most, `jti` new each time (RFC 7523; ES256 or `EdDSA`).
    client_assertion: Option<String>,
}

/// A token.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Token")]
struct Given {
    /// What is sent as `Authorization: Bearer`.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// For how many seconds it is good.
    expires_in: i64,
}

/// Why no token was given.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "TokenRefusal")]
struct Refusal {
    /// `invalid_request`, `invalid_client` or `unsupported_grant_type`.
    error: &'static str,
    /// What to do.
    error_description: &'static str,
}

const NOT_UNDERSTOOD: Refusal = Refusal {
    error: "invalid_request",
    error_description: "send a form with grant_type, and with client_id and client_secret, there or \
                        as Basic, or a signed client_assertion, or client_id over a connection on \
                        which a certificate was shown",
};
const OTHER_GRANT: Refusal = Refusal {
    error: "unsupported_grant_type",
    error_description: "only client_credentials is granted",
};
const NOT_KNOWN: Refusal = Refusal {
    error: "invalid_client",
    error_description: "the client is not known, its secret or certificate is wrong or has ended, or it \
                        was revoked",
};

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = if self.error == NOT_KNOWN.error {
            StatusCode::UNAUTHORIZED
        } else {
            StatusCode::BAD_REQUEST
        };
        let headers = [(CACHE_CONTROL, "no-store"), (WWW_AUTHENTICATE, "Basic realm=\"kobling\"")];
        (status, headers, Json(self)).into_response()
    }
}

async fn issue(
    State(server): State<Server>,
    presented: Option<Extension<Presented>>,
    headers: HeaderMap,
    wanted: Result<Form<Wanted>, FormRejection>,
) -> Response {
    let Ok(Form(wanted)) = wanted else { return NOT_UNDERSTOOD.into_response() };
    if wanted.grant_type != "client_credentials" {
        return OTHER_GRANT.into_response();
    }
    let Wanted { client_id, client_secret, client_assertion_type, client_assertion, .. } = wanted;
    let presented = presented.and_then(|Extension(Presented(it))| it);
    let known = client_id.clone().zip(presented);
    let in_form = client_id.zip(client_secret.map(Zeroizing::new));
    let secret = basic(&headers).or(in_form);
    let audience = server.site().url(PATH);
    let is_statement = client_assertion_type.as_deref() == Some(STATEMENT);
    let shown = match (&secret, &client_assertion, &known) {
        (Some((client_id, secret)), None, _) => Shown::Secret { client_id, secret },
        (None, Some(jwt), _) if is_statement => Shown::Statement { jwt, audience: &audience },
        (None, None, Some((client_id, certificate))) => {
            Shown::Certificate { client_id, certificate }
        }
        (_, _, _) => return NOT_UNDERSTOOD.into_response(),
    };
    match clients::issue(server.hub(), shown).await {
        Ok(Issued { token, length_s }) => {
            let (access_token, token_type) = (token.reveal(), "Bearer");
            let token = Given { access_token, token_type, expires_in: length_s };
            ([(CACHE_CONTROL, "no-store")], Json(token)).into_response()
        }
        Err(ClientError::Refused) => NOT_KNOWN.into_response(),
        Err(error) => Problem::internal(error).into_response(),
    }
}

/// The id and the secret in `Authorization: Basic`.
fn basic(headers: &HeaderMap) -> Option<(String, Zeroizing<String>)> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let bytes = Zeroizing::new(STANDARD.decode(text).ok()?);
    let (id, secret) = std::str::from_utf8(&bytes).ok()?.split_once(':')?;
    Some((id.to_owned(), Zeroizing::new(secret.to_owned())))
}

#[cfg(test)]
mod tests {
    use crate::web::testing::{Answer, App};
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
    use kobling_domain::access::{Grant, Role};
    use kobling_hub::access::clients::{self, Client, NewClient, Proof};
    use serde_json::{Value, json};

    /// A key that was made for this test and opens nothing.
    const KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglpog1Rmn9pZSf+Ny
46LOCMy9jmuBakV5qbMQnMce3cWhRANCAAR5pWYQJYRcNi6c37lHEM7jfIGZv7OX
wAePxjGHU+HitRi+7UwrbMVltDNME9qY9VxsWDFnHmgUYS5vu1YNkvLL
-----END PRIVATE KEY-----
";
    const PUBLIC_KEY: &str = "\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeaVmECWEXDYunN+5RxDO43yBmb+z
l8AHj8Yxh1Ph4rUYvu1MK2zFZbQzTBPamPVcbFgxZx5oFGEub7tWDZLyyw==
-----END PUBLIC KEY-----
";

    async fn admitted(app: &App, proof: Proof) -> (Client, Option<String>) {
        let grant = Grant { party: "learning".to_owned(), role: Role::SupplierTechnician };
        let (key, name) = ("learner".to_owned(), "The learner".to_owned());
        let new = NewClient { key, name, grant, proof };
        let (client, secret) = clients::add(&app.hub, app.tenant, &new, "a test").await.unwrap();
        (client, secret.map(|it| it.reveal()))
    }

    async fn client(app: &App) -> (Client, String) {
        let (client, secret) = admitted(app, Proof::Secret).await;
        (client, secret.unwrap())
    }

    fn signed(claims: &Value) -> String {
        let key = EncodingKey::from_ec_pem(KEY.as_bytes()).unwrap();
        let jwt = encode(&Header::new(Algorithm::ES256), claims, &key).unwrap();
        format!(
            "grant_type=client_credentials&client_assertion={jwt}&client_assertion_type=\
             urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
        )
    }

    #[tokio::test]
    async fn a_statement_that_a_program_signed_counts_once_for_us_and_for_now() {
        let app = App::new().await;
        let (client, secret) = admitted(&app, Proof::Key(PUBLIC_KEY.to_owned())).await;
        assert_eq!(secret, None);
        let now = app.hub.clock.now().as_second();
        let right = json!({
            "iss": client.client_id, "sub": client.client_id, "exp": now + 60, "jti": "1",
            "aud": "http://localhost:8080/oauth2/token",
        });
        let given = ask(&app, &[], &signed(&right)).await;
        assert_eq!(given.status, 200, "{}", given.text());
        assert_eq!(ask(&app, &[], &signed(&right)).await.status, 401, "it was taken before");
        for (name, wrong) in [
            ("aud", json!("https://elsewhere.example/oauth2/token")),
            ("sub", json!("somebody else")),
            ("exp", json!(now)),
            ("exp", json!(now + 3_600)),
            ("jti", json!("")),
            ("iss", json!(format!("{}0", client.client_id))),
        ] {
            let mut claims = right.clone();
            claims["jti"] = json!(format!("{name} {wrong}"));
            claims[name] = wrong;
            assert_eq!(ask(&app, &[], &signed(&claims)).await.status, 401, "{claims}");
        }
        let mut next = right.clone();
        next["jti"] = json!("2");
        let form = signed(&next);
        let (head, tail) = form.split_once("&client_assertion_type").unwrap();
        let cut = head.get(..head.len() - 2).unwrap();
        let changed = format!("{cut}AA&client_assertion_type{tail}");
        assert_eq!(ask(&app, &[], &changed).await.status, 401, "the signature is another one");
        assert_eq!(ask(&app, &[], &form).await.status, 200);
    }

    async fn ask(app: &App, headers: &[(&str, &str)], form: &str) -> Answer {
        app.ask("POST", super::PATH, headers, form).await
    }

    async fn with(app: &App, token: &str, path: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        app.ask("GET", path, &[("authorization", &bearer)], "").await
    }

    #[tokio::test]
    async fn a_program_is_given_a_token_for_its_party_that_ends_by_itself() {
        let app = App::new().await;
        let (client, secret) = client(&app).await;
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={secret}",
            client.client_id
        );
        let given = ask(&app, &[], &form).await;
        assert_eq!(given.status, 200, "{}", given.text());
        assert_eq!(
            (given.json()["expires_in"].as_i64(), given.header("cache-control")),
            (Some(900), "no-store")
        );
        let token = given.json()["access_token"].as_str().unwrap().to_owned();
        let me = with(&app, &token, "/api/v1/session").await.json();
        assert_eq!(
            (me["user"].as_str(), me["roles"][0]["party"].as_str()),
            (Some("client:learner"), Some("learning"))
        );
        let targets = with(&app, &token, "/api/v1/targets").await.json();
        assert_eq!(targets["items"][0]["key"], "plan2learn");
        let sources = with(&app, &token, "/api/v1/sources").await.json();
        assert_eq!(sources["items"].as_array().unwrap().len(), 0, "it is another party's");
        assert_eq!(with(&app, &token, "/api/v1/audit").await.status, 403);
        let later = app.at("2026-03-10T05:16:00Z".parse().unwrap());
        assert_eq!(with(&later, &token, "/api/v1/session").await.status, 401);
    }

    #[tokio::test]
    async fn who_is_not_known_or_was_revoked_is_given_nothing() {
        let app = App::new().await;
        let (client, secret) = client(&app).await;
        let basic =
            |id: &str, secret: &str| format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        let right = basic(&client.client_id, &secret);
        let form = "grant_type=client_credentials";
        let given = ask(&app, &[("authorization", &right)], form).await;
        let token = given.json()["access_token"].as_str().unwrap().to_owned();
        let wrong = basic(&client.client_id, &token);
        let refused = ask(&app, &[("authorization", &wrong)], form).await;
        assert_eq!(
            (refused.status, refused.json()["error"].as_str()),
            (401, Some("invalid_client"))
        );
        for (form, error) in [
            ("grant_type=password", "unsupported_grant_type"),
            ("client_id=x", "invalid_request"),
            (form, "invalid_request"),
        ] {
            let refused = ask(&app, &[], form).await;
            assert_eq!(
                (refused.status, refused.json()["error"].as_str()),
                (400, Some(error)),
                "{form}"
            );
        }
        clients::revoke(&app.hub, app.tenant, "learner", "a test").await.unwrap();
        assert_eq!(with(&app, &token, "/api/v1/session").await.status, 401);
        assert_eq!(ask(&app, &[("authorization", &right)], form).await.status, 401);
    }
}
