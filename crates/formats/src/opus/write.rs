//! The XML that Opus would have written of records.

use super::{Form, FunctionElement, FunctionPlace, Record};
use quick_xml::escape::escape;
use std::io::{self, Write};

/// Begins an extract.
pub fn write_start(out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<kmd>\n")
}

/// Ends an extract.
pub fn write_end(out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"</kmd>\n")
}

/// Writes one record, indented as Opus does it, elements in Opus's order.
pub fn write_record(out: &mut impl Write, record: &Record) -> io::Result<()> {
    tree(record).write(out, 1)
}

/// An element to be written.
struct Node {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Node>,
}

fn tree(record: &Record) -> Node {
    let mut root = Node::new(record.kind.element());
    root.attribute("id", &record.native_no.to_string());
    root.attribute("client", &record.client);
    root.attribute("lastChanged", record.last_changed.as_deref().unwrap_or_default());
    root.attribute("action", record.action.as_deref().unwrap_or_default());
    for (element, text) in record.places() {
        let Some(text) = text else { continue };
        let child = root.child(element.name, 1);
        match element.attribute {
            None => text.clone_into(&mut child.text),
            Some(attribute) => child.attribute(attribute, text),
        }
    }
    root.children.extend(record.functions.iter().map(function));
    for (path, text) in &record.extra {
        root.extra(path, text);
    }
    root
}

fn function(element: &FunctionElement) -> Node {
    let mut node = Node::new("function");
    for place in FunctionPlace::ALL {
        let Some(text) = element.get(*place) else { continue };
        match place.form() {
            Form::Attribute => node.attribute(place.name(), text),
            Form::Child => text.clone_into(&mut node.child(place.name(), 1).text),
        }
    }
    node
}

impl Node {
    fn new(name: &str) -> Self {
        let name = name.to_owned();
        Self { name, attributes: Vec::new(), text: String::new(), children: Vec::new() }
    }

    fn attribute(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.attributes.push((name.to_owned(), text.to_owned()));
        }
    }

    /// The child of that name with that number among its equals; made if need be, with those
    /// before it.
    fn child(&mut self, name: &str, number: usize) -> &mut Self {
        let mut found = 0;
        let index = self.children.iter().position(|it| {
            found += usize::from(it.name == name);
            it.name == name && found == number
        });
        let index = index.unwrap_or_else(|| {
            let missing = number.saturating_sub(found);
            self.children.extend((0..missing).map(|_| Self::new(name)));
            self.children.len().saturating_sub(1)
        });
        // The index is that of a child found or just made.
        #[expect(clippy::indexing_slicing, reason = "found or made above")]
        &mut self.children[index]
    }

    /// Puts `text` where `path` leads.
    fn extra(&mut self, path: &str, text: &str) {
        let mut node = self;
        for step in path.split('/') {
            if step == "text()" {
                break;
            }
            if let Some(attribute) = step.strip_prefix('@') {
                node.attribute(attribute, text);
                return;
            }
            let (name, number) = step
                .strip_suffix(']')
                .and_then(|it| it.split_once('['))
                .map_or((step, 1), |(name, number)| (name, number.parse().unwrap_or(1)));
            node = node.child(name, number);
        }
        text.clone_into(&mut node.text);
    }

    fn write(&self, out: &mut impl Write, depth: usize) -> io::Result<()> {
        write!(out, "{:depth$}<{}", "", self.name)?;
        for (name, text) in &self.attributes {
            write!(out, " {name}=\"{}\"", escape(text.as_str()))?;
        }
        if self.text.is_empty() && self.children.is_empty() {
            return out.write_all(b"/>\n");
        }
        write!(out, ">{}", escape(self.text.as_str()))?;
        if !self.children.is_empty() {
            out.write_all(b"\n")?;
            for child in &self.children {
                child.write(out, depth + 1)?;
            }
            write!(out, "{:depth$}", "")?;
        }
        writeln!(out, "</{}>", self.name)
    }
}
