//! Who asks for a page, where and in which language: what every page is made with.

use crate::web::caller::Caller;
use crate::web::frame::{Frame, Section, navigation};
use crate::web::language::Language;
use crate::web::problem::Problem;
use crate::web::state::Server;
use crate::web::table::export::Format;
use crate::web::table::{Page as Listing, Table, Wish};
use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Response};
use kobling_domain::access::Operation;
use kobling_domain::id::{SubjectId, TenantId};
use kobling_hub::Hub;
use kobling_hub::access;

/// Who asks, where and in which language.
pub(super) struct Here {
    server: Server,
    pub(super) caller: Caller,
    pub(super) language: Language,
    /// The address of the page, as it is asked for.
    address: String,
}

impl FromRequestParts<Server> for Here {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, server).await?;
        let Ok(language) = Language::from_request_parts(parts, server).await;
        Ok(Self { server: server.clone(), caller, language, address: parts.uri.to_string() })
    }
}

impl Here {
    /// The same, for the answer to a form: the page that it stands on, which can be asked for again.
    pub(super) fn on(self, address: impl Into<String>) -> Self {
        Self { address: address.into(), ..self }
    }

    /// Whether a role of theirs allows it on all there is.
    pub(super) fn may(&self, operation: Operation) -> bool {
        self.caller.signed.access(operation).is_some_and(|it| it.is_whole())
    }

    /// The store, the keys and the time.
    pub(super) fn hub(&self) -> &Hub {
        self.server.hub()
    }

    /// Whose data they see.
    pub(super) fn tenant(&self) -> TenantId {
        self.caller.signed.tenant
    }

    /// What stands around a page of `section`.
    pub(super) async fn frame(
        &self,
        section: Section,
        title: impl Into<String>,
    ) -> Result<Frame, Problem> {
        let zone = access::zone(self.hub(), self.tenant()).await.map_err(Problem::internal)?;
        let signed = &self.caller.signed;
        Ok(Frame {
            lang: self.language,
            title: title.into(),
            employer: Some(signed.tenant_name.clone()),
            zone,
            who: Some(signed.name.clone()),
            form_token: self.caller.form_token.clone(),
            entries: navigation(signed, self.language, Some(section)),
            here: self.address.clone(),
            phone: None,
            refresh_s: None,
        })
    }

    /// Writes into the audit that they are about to see data of these people.
    pub(super) async fn note_read(&self, people: Vec<SubjectId>) -> Result<(), Problem> {
        self.server.note_read(&self.caller, people).await
    }

    /// The page of the table that is wished for. Whom it shows is in the audit by then.
    pub(super) async fn listing(
        &self,
        table: Table,
        wish: &Wish,
        path: &str,
        keep: &[(&str, &str)],
    ) -> Result<Listing, Problem> {
        let listing = table.page(self.language, wish, path, keep);
        self.note_read(listing.people()).await?;
        Ok(listing)
    }

    /// The table as a file, if one is wished for. Whom it names is in the audit by then.
    pub(super) async fn file(
        &self,
        table: &Table,
        wish: &Wish,
    ) -> Result<Option<Response>, Problem> {
        let Some(format) = wish.r#as else { return Ok(None) };
        let table = table.clone().wished(wish);
        self.note_read(table.people()).await?;
        let bytes = table.file(self.language, format).map_err(Problem::internal)?;
        Ok(Some(download(&table.file_name(format), format, bytes)))
    }
}

fn download(name: &str, format: Format, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers =
        [(CONTENT_TYPE, format.media_type().to_owned()), (CONTENT_DISPOSITION, disposition)];
    (headers, bytes).into_response()
}

/// A page as an answer.
pub(super) fn html(page: &impl Template) -> Result<Response, Problem> {
    Ok(Html(page.render().map_err(Problem::internal)?).into_response())
}
