//! Messages: what a target is told of one subject, as a JSON document of a closed shape.
//!
//! A document always holds the whole of what the target may have of the subject, so that one that
//! was missed is made good by the next; `docs/messages.md` describes it for those who receive it.

mod content;

pub use content::{
    Content, EmploymentContent, Fields, PersonContent, PositionContent, UnitContent,
};

use jiff::civil::Date;
use kobling_domain::exchange::lane::Action;
use kobling_domain::id::SubjectId;
use kobling_domain::people::Kind;
use serde::{Deserialize, Serialize};

/// The name of this shape. A shape that receivers must learn anew has another one.
pub const FORMAT: &str = "kobling.message/1";

/// One message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// [`FORMAT`].
    pub format: String,
    /// The key of the target it is for.
    pub target: String,
    /// Our own id of the subject.
    pub subject: SubjectId,
    /// What the subject is: a unit or a person.
    pub kind: Kind,
    /// What to do.
    pub action: Action,
    /// The number of the message among all of this subject: a lower one is out of date.
    pub seq: i64,
    /// The employer's civil date on which it was made.
    pub as_of: Date,
    /// The names of what differs from what the target has; none if that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<Vec<String>>,
    /// All that the target may have of the subject; none if it is to be inactivated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
}

/// Bytes that are no message.
#[derive(Debug, thiserror::Error)]
#[error("these bytes are no message")]
pub struct NotAMessage(#[source] serde_json::Error);

impl Document {
    /// The document as it is sent: one line.
    pub fn to_bytes(&self) -> Result<Vec<u8>, NotAMessage> {
        let mut bytes = serde_json::to_vec(self).map_err(NotAMessage)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The document of these bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotAMessage> {
        serde_json::from_slice(bytes).map_err(NotAMessage)
    }

    /// What it is called: another message has another name, and the same message always this one.
    pub fn name(&self) -> String {
        let Self { target, subject, seq, .. } = self;
        format!("{target}-{subject}-{seq:06}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde_json::json;
    use std::collections::BTreeMap;
    use uuid::Uuid;

    fn id(number: u128) -> SubjectId {
        SubjectId(Uuid::from_u128(number))
    }

    fn fields(all: &[(&str, &str)]) -> Fields {
        all.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
    }

    fn anna() -> PersonContent {
        PersonContent {
            fields: fields(&[("person.name", "Anna Prøve")]),
            employments: vec![EmploymentContent {
                id: id(2),
                unit: Some(id(3)),
                standing: kobling_domain::agreement::Standing::Present,
                position: Some(PositionContent {
                    id: id(4),
                    fields: fields(&[("position.title", "Lærer")]),
                }),
                manager: None,
                fields: BTreeMap::new(),
            }],
        }
    }

    fn create() -> Document {
        Document {
            format: FORMAT.to_owned(),
            target: "identity".to_owned(),
            subject: id(1),
            kind: Kind::Person,
            action: Action::Create,
            seq: 1,
            as_of: date(2026, 3, 10),
            changed: None,
            content: Some(Content::Person(anna())),
        }
    }

    #[test]
    fn a_message_reads_like_this() {
        let text = String::from_utf8(create().to_bytes().unwrap()).unwrap();
        assert_eq!(
            text,
            "{\"format\":\"kobling.message/1\",\"target\":\"identity\",\
             \"subject\":\"00000000-0000-0000-0000-000000000001\",\"kind\":\"person\",\
             \"action\":\"create\",\"seq\":1,\"as_of\":\"2026-03-10\",\
             \"content\":{\"person\":{\"fields\":{\"person.name\":\"Anna Prøve\"},\
             \"employments\":[{\"id\":\"00000000-0000-0000-0000-000000000002\",\
             \"unit\":\"00000000-0000-0000-0000-000000000003\",\"standing\":\"present\",\
             \"position\":{\"id\":\"00000000-0000-0000-0000-000000000004\",\
             \"fields\":{\"position.title\":\"Lærer\"}},\"fields\":{}}]}}}\n"
        );
        assert_eq!(Document::parse(text.as_bytes()).unwrap(), create());
        assert!(Document::parse(b"{\"format\":1}").is_err());
    }

    #[test]
    fn an_inactivation_tells_nothing_but_whom() {
        let gone = Document { action: Action::Inactivate, seq: 2, content: None, ..create() };
        let text = String::from_utf8(gone.to_bytes().unwrap()).unwrap();
        assert!(!text.contains("Anna") && !text.contains("content"), "{text}");
        assert_eq!(gone.name(), "identity-00000000-0000-0000-0000-000000000001-000002");
    }

    #[test]
    fn what_differs_is_named_and_what_is_gone_too() {
        let before = Content::Person(anna());
        let mut later = anna();
        later.fields = fields(&[("person.email", "anna@fjordby.example")]);
        let after = Content::Person(later.clone());
        assert_eq!(after.changed_since(&before), ["person.email", "person.name"]);
        later.employments.clear();
        let after = Content::Person(later);
        assert_eq!(after.changed_since(&before), ["employments", "person.email", "person.name"]);
        let unit = |parent| {
            Content::Unit(UnitContent { fields: Fields::new(), parent, manager: Some(id(9)) })
        };
        assert_eq!(unit(None).changed_since(&unit(Some(id(1)))), ["parent"]);
        assert_eq!(unit(None).changed_since(&unit(None)), [""; 0]);
    }
}
