use super::{Element, FunctionPlace, Meaning};
use kobling_domain::people::{Kind, NativeKey};
use std::collections::BTreeMap;
use std::fmt;

/// The two kinds of record in an extract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// An `orgUnit`.
    Unit,
    /// An `employee`: one employment, and its person.
    Employee,
}

impl RecordKind {
    /// The name of its element.
    pub fn element(self) -> &'static str {
        match self {
            Self::Unit => "orgUnit",
            Self::Employee => "employee",
        }
    }

    /// The kind of subject it describes.
    pub fn subject(self) -> Kind {
        match self {
            Self::Unit => Kind::Unit,
            Self::Employee => Kind::Employment,
        }
    }
}

/// A record as the file says it: every text trimmed, blank ones absent, nothing interpreted.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// What it is.
    pub kind: RecordKind,
    /// Its `id`: LOS-ID of a unit, number of an employment.
    pub native_no: i64,
    /// Its `client`.
    pub client: String,
    /// Its `lastChanged`. It moves without a change and stays when functions change.
    pub last_changed: Option<String>,
    /// Its `action`; `leave` makes it a stub.
    pub action: Option<String>,
    texts: Vec<Option<String>>,
    /// The `function` elements.
    pub functions: Vec<FunctionElement>,
    /// What has no place in the grammar: the path inside the record (`wish`, `cpr/@check`,
    /// `function[2]/note`) and the text.
    pub extra: BTreeMap<String, String>,
}

/// A `function` of an employee as the file says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionElement {
    texts: BTreeMap<FunctionPlace, String>,
}

impl FunctionElement {
    /// The text at `place`; none if absent or blank.
    pub fn get(&self, place: FunctionPlace) -> Option<&str> {
        self.texts.get(&place).map(String::as_str)
    }

    /// Sets the text at `place`, trimmed.
    pub fn set(&mut self, place: FunctionPlace, text: &str) {
        match text.trim() {
            "" => drop(self.texts.remove(&place)),
            text => drop(self.texts.insert(place, text.to_owned())),
        }
    }
}

impl Record {
    /// A record that says nothing but its key.
    pub fn new(kind: RecordKind, native_no: i64, client: &str) -> Self {
        Self {
            kind,
            native_no,
            client: client.to_owned(),
            last_changed: None,
            action: None,
            texts: vec![None; kind.elements().len()],
            functions: Vec::new(),
            extra: BTreeMap::new(),
        }
    }

    /// Its key.
    pub fn native(&self) -> NativeKey {
        NativeKey::number(self.native_no)
    }

    /// The text of the child element `name`; none if absent, blank or not in the grammar.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.places().find(|(it, _)| it.name == name && it.attribute.is_none())?.1
    }

    /// Sets the text of the child element `name`. A name outside the grammar becomes an extra.
    pub fn set(&mut self, name: &str, text: &str) {
        self.set_place(name, None, text);
    }

    /// Sets the attribute `attribute` of the child element `name`.
    pub fn set_attribute(&mut self, name: &str, attribute: &str, text: &str) {
        self.set_place(name, Some(attribute), text);
    }

    /// Every place of its grammar with the text there, in order.
    pub fn places(&self) -> impl Iterator<Item = (&'static Element, Option<&str>)> {
        self.kind.elements().iter().zip(self.texts.iter().map(Option::as_deref))
    }

    /// Takes the texts out, place by place.
    pub(super) fn take_places(
        &mut self,
    ) -> impl Iterator<Item = (&'static Element, String)> + use<> {
        let texts = std::mem::take(&mut self.texts);
        self.kind.elements().iter().zip(texts).filter_map(|(place, text)| Some((place, text?)))
    }

    /// The text of that meaning; none if absent, blank or not in the grammar.
    pub(super) fn text_of(&self, meaning: Meaning) -> Option<&str> {
        self.places().find(|(it, _)| it.meaning == meaning)?.1
    }

    /// Where the text of the place of that index is kept.
    pub(super) fn slot_at(&mut self, index: usize) -> Option<&mut Option<String>> {
        self.texts.get_mut(index)
    }

    /// Where the text of `name`, or its attribute, is kept, if the grammar has that place.
    pub(super) fn slot(
        &mut self,
        name: &str,
        attribute: Option<&str>,
    ) -> Option<&mut Option<String>> {
        let index = self
            .kind
            .elements()
            .iter()
            .position(|it| it.name == name && it.attribute == attribute)?;
        self.texts.get_mut(index)
    }

    /// Where the text of that meaning is kept, if the grammar has it.
    pub(super) fn slot_of(&mut self, meaning: Meaning) -> Option<&mut Option<String>> {
        let index = self.kind.elements().iter().position(|it| it.meaning == meaning)?;
        self.texts.get_mut(index)
    }

    fn set_place(&mut self, name: &str, attribute: Option<&str>, text: &str) {
        let text = Some(text.trim()).filter(|it| !it.is_empty()).map(str::to_owned);
        let path = match attribute {
            None => name.to_owned(),
            Some(attribute) => format!("{name}/@{attribute}"),
        };
        match (self.slot(name, attribute), text) {
            (Some(slot), text) => *slot = text,
            (None, Some(text)) => drop(self.extra.insert(path, text)),
            (None, None) => drop(self.extra.remove(&path)),
        }
    }
}

/// A record holds names and national numbers: only its key is printed.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} of client {} …", self.kind.element(), self.native_no, self.client)
    }
}
