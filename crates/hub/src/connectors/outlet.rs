//! Where messages go, one subject each: a folder, in which every message is a file, or an HTTP
//! address.

mod folder;
mod http;

use crate::access::configuration::TargetText;
use kobling_domain::exchange::lane::{Answer, Delay};
use kobling_domain::id::SubjectId;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Files put into a folder at once: they are made lasting together.
const FILES_AT_ONCE: usize = 250;

/// A message on its way. Sending it again sends the same bytes under the same name.
pub struct Parcel {
    /// Its name: no other message has it.
    pub name: String,
    /// Whom it is about.
    pub subject: SubjectId,
    /// What is sent.
    pub body: Zeroizing<Vec<u8>>,
}

/// The way to where a target's messages go.
pub struct Outlet(Inner);

enum Inner {
    Folder(PathBuf),
    Http(Box<http::Client>),
    /// There is no way, and why.
    Nowhere(String),
}

impl Outlet {
    /// The way to `target`. Where there is none, every message is answered with why.
    pub fn new(target: &TargetText) -> Self {
        Self(match (&target.folder, &target.http) {
            (Some(folder), None) => Inner::Folder(PathBuf::from(folder)),
            (None, Some(text)) => match http::Client::new(text) {
                Ok(client) => Inner::Http(Box::new(client)),
                Err(error) => Inner::Nowhere(super::in_full(&error)),
            },
            (_, _) => Inner::Nowhere("the target names no place".to_owned()),
        })
    }

    /// How many messages may be handed over at once.
    pub fn at_once(&self) -> usize {
        match &self.0 {
            Inner::Folder(_) => FILES_AT_ONCE,
            Inner::Http(_) | Inner::Nowhere(_) => 1,
        }
    }

    /// Hands messages over; an answer to each, in their order.
    #[crate::boxed]
    pub async fn send(&mut self, parcels: &[Parcel]) -> Vec<Answer> {
        match &mut self.0 {
            Inner::Folder(path) => match folder::put(path, parcels) {
                Ok(()) => parcels.iter().map(folder::accepted).collect(),
                Err(error) => {
                    parcels.iter().map(|_| unreachable(&super::in_full(&error))).collect()
                }
            },
            Inner::Http(client) => {
                let mut answers = Vec::with_capacity(parcels.len());
                for parcel in parcels {
                    answers.push(client.send(parcel).await);
                }
                answers
            }
            Inner::Nowhere(reason) => parcels.iter().map(|_| unreachable(reason)).collect(),
        }
    }
}

fn unreachable(reason: &str) -> Answer {
    Answer::Later { reason: reason.to_owned(), delay: Delay::Unreachable }
}
