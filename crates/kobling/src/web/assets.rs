//! Files that pages refer to: embedded, under a path that changes with what is in them.

use super::problem::{Kind, Problem};
use super::route::{Gate, Route, Verb};
use axum::http::Uri;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// One embedded file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asset {
    /// Where it stands below the root of all of them.
    path: &'static str,
    /// What it is.
    pub(crate) media_type: &'static str,
    /// What is in it.
    pub(crate) bytes: &'static [u8],
}

macro_rules! assets {
    ($($media_type:literal: [$($path:literal),* $(,)?])*) => {
        &[$($(Asset {
            path: $path,
            media_type: $media_type,
            bytes: include_bytes!(concat!("../../assets/", $path)),
        }),*),*]
    };
}

const ALL: &[Asset] = assets! {
    "text/css; charset=utf-8": ["kobling.css", "dkfds-11.2.0/css/dkfds.min.css"]
    "text/javascript; charset=utf-8": ["live.js"]
    "font/woff2": [
        "dkfds-11.2.0/fonts/IBMPlexSans/complete/woff2/IBMPlexSans-Regular.woff2",
        "dkfds-11.2.0/fonts/IBMPlexSans/complete/woff2/IBMPlexSans-Italic.woff2",
        "dkfds-11.2.0/fonts/IBMPlexSans/complete/woff2/IBMPlexSans-Medium.woff2",
        "dkfds-11.2.0/fonts/IBMPlexSans/complete/woff2/IBMPlexSans-SemiBold.woff2",
        "dkfds-11.2.0/fonts/IBMPlexSans/complete/woff2/IBMPlexSans-Bold.woff2",
    ]
    "image/svg+xml": [
        "favicon.svg",
        "dkfds-11.2.0/img/svg-icons/check-white.svg",
        "dkfds-11.2.0/img/svg-icons/check.svg",
        "dkfds-11.2.0/img/svg-icons/chevron-down-gray-200.svg",
        "dkfds-11.2.0/img/svg-icons/chevron-down.svg",
        "dkfds-11.2.0/img/svg-icons/chevron-up.svg",
        "dkfds-11.2.0/img/svg-icons/error.svg",
        "dkfds-11.2.0/img/svg-icons/info.svg",
        "dkfds-11.2.0/img/svg-icons/minus-white.svg",
        "dkfds-11.2.0/img/svg-icons/sort-table-ascending.svg",
        "dkfds-11.2.0/img/svg-icons/sort-table-descending.svg",
        "dkfds-11.2.0/img/svg-icons/sort-table-none.svg",
        "dkfds-11.2.0/img/svg-icons/success.svg",
        "dkfds-11.2.0/img/svg-icons/warning.svg",
    ]
};

/// Where the files stand. One digest for all: a style sheet refers to its fonts and icons by paths
/// relative to its own, and these must go on to work when one of them changes.
static ROOT: LazyLock<String> = LazyLock::new(|| {
    let mut all = Sha256::new();
    for it in ALL {
        all.update(it.path);
        all.update(it.bytes.len().to_be_bytes());
        all.update(it.bytes);
    }
    let digest = all.finalize();
    let hash = digest.iter().take(8).fold(0_u64, |hash, it| (hash << 8) | u64::from(*it));
    format!("/assets/{hash:016x}")
});

/// The path under which browsers find the file of that path below `assets`.
pub(crate) fn url(path: &str) -> String {
    format!("{}/{path}", *ROOT)
}

/// The file that a browser asks for by `path`; none if there is none, or none any more.
pub(crate) fn find(path: &str) -> Option<Asset> {
    let below = path.strip_prefix(ROOT.as_str())?.strip_prefix('/')?;
    ALL.iter().copied().find(|it| it.path == below)
}

pub(super) fn routes() -> Vec<Route> {
    vec![Route::page(Verb::Get, "/assets/{*path}", Gate::Free, send)]
}

async fn send(uri: Uri) -> Result<Response, Problem> {
    /// What stands under a path that names its content never changes.
    const FOREVER: &str = "public, max-age=31536000, immutable";
    let found = find(uri.path()).ok_or(Kind::NotFound)?;
    let headers = [(CONTENT_TYPE, found.media_type), (CACHE_CONTROL, FOREVER)];
    Ok((headers, found.bytes).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_under_its_own_path_only() {
        let path = url("kobling.css");
        assert_eq!(find(&path).map(|it| it.media_type), Some("text/css; charset=utf-8"));
        assert!(find("/assets/0123456789abcdef/kobling.css").is_none());
        assert!(find(&url("../Cargo.toml")).is_none());
    }

    #[test]
    fn our_style_sheet_refers_to_files_that_are_embedded() {
        let sheet = ALL.iter().find(|it| it.path == "kobling.css").unwrap();
        let text = std::str::from_utf8(sheet.bytes).unwrap();
        for reference in text.split("url(").skip(1) {
            let path = reference.split(')').next().unwrap().trim_matches('"');
            assert!(ALL.iter().any(|it| it.path == path), "{path} is not embedded");
        }
        assert!(text.contains("url("));
    }
}
