//! `POST /people/{person}/reveal`: a national number in full, for a purpose, for a minute.

use super::here::{Here, html};
use super::person::{Asked, Reveal, page};
use super::words;
use crate::web::problem::{Kind, Problem};
use crate::web::route::{Gate, Route, Verb};
use crate::web::text::{Text, person as t};
use axum::extract::{Form, Path};
use axum::http::header::REFRESH;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use kobling_domain::access::Operation;
use kobling_domain::id::SubjectId;
use kobling_hub::people::{self, PeopleError};
use serde::Deserialize;
use uuid::Uuid;

/// After so many seconds the browser asks for the page without the number.
const SHOWN_S: u32 = 60;

pub(super) fn routes() -> Vec<Route> {
    let gate = Gate::For(Operation::RevealNumber);
    vec![Route::page(Verb::Post, "/people/{person}/reveal", gate, reveal)]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    purpose: String,
}

async fn reveal(
    here: Here,
    Path(person): Path<String>,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Problem> {
    let here = here.on(format!("/people/{person}"));
    let purpose = wanted.purpose.trim();
    if let Some(fault) = fault(&here, purpose).await? {
        let error = Some(here.language.t(fault));
        let reveal = Reveal { purpose: wanted.purpose, error, number: None };
        let page = page(&here, &person, Asked::default(), reveal).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response());
    }
    let id = person.parse::<Uuid>().map(SubjectId).map_err(|_| Kind::NotFound)?;
    let by = &here.caller.signed.key;
    let number = people::reveal(here.hub(), here.tenant(), id, by, purpose).await;
    let number = match number {
        Ok(number) => number.ok_or(Kind::NotFound)?,
        Err(PeopleError::Unknown { .. }) => return Err(Kind::NotFound.into()),
        Err(it) => return Err(Problem::internal(it)),
    };
    let shown = Reveal { number: Some(spaced(number.digits())), ..Reveal::default() };
    let mut answer = html(&page(&here, &person, Asked::default(), shown).await?)?;
    let refresh = format!("{SHOWN_S};url=/people/{id}");
    answer
        .headers_mut()
        .insert(REFRESH, HeaderValue::from_str(&refresh).map_err(Problem::internal)?);
    Ok(answer)
}

/// What is wrong with what was typed.
async fn fault(here: &Here, purpose: &str) -> Result<Option<Text>, Problem> {
    if purpose.is_empty() {
        return Ok(Some(t::PURPOSE_LACKS));
    }
    let today = words::today(here).await?;
    let has_number = !kobling_pii::find(purpose, today).is_empty();
    Ok(has_number.then_some(t::PURPOSE_NUMBER))
}

/// The digits as people write them: the birthday apart from the rest.
fn spaced(digits: &str) -> String {
    match digits.split_at_checked(6) {
        Some((day, rest)) if !rest.is_empty() => format!("{day}-{rest}"),
        _ => digits.to_owned(),
    }
}
