//! Views and what agreements let out of them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "people/given.rs"]
mod given;
#[path = "people/groups.rs"]
mod groups;
#[path = "people/projection.rs"]
mod projection;
#[path = "people/quality.rs"]
mod quality;
#[path = "people/views.rs"]
mod views;
