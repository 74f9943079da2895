use super::lex::{is_space, name};

/// One attribute of a tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attribute<'a> {
    pub(super) name: &'a [u8],
    /// As written, references unresolved.
    pub(super) value: &'a [u8],
    /// Where it stands in the tag, white space before it included.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The attributes of a tag that was cut out whole, quotes paired: `<name a="…">`.
pub(super) struct Attributes<'a> {
    tag: &'a [u8],
    at: usize,
}

impl<'a> Attributes<'a> {
    pub(super) fn of(tag: &'a [u8]) -> Self {
        Self { tag, at: 1 + name(tag.get(1..).unwrap_or_default()).len() }
    }

    fn attribute(&mut self) -> Result<Option<Attribute<'a>>, &'static str> {
        let start = self.at;
        let rest = self.tag.get(start..).unwrap_or_default();
        let spaces = rest.iter().take_while(|it| is_space(**it)).count();
        let rest = rest.get(spaces..).unwrap_or_default();
        if matches!(rest, b">" | b"/>") {
            return Ok(None);
        }
        if spaces == 0 {
            return Err("no white space before an attribute");
        }
        let equals = rest.iter().position(|it| *it == b'=').ok_or("an attribute has no value")?;
        let (name, value) = rest.split_at(equals);
        let name = name.trim_ascii_end();
        if name.is_empty() || name.iter().any(|it| is_space(*it) || matches!(it, b'"' | b'\'')) {
            return Err("an attribute has no name or no value");
        }
        let value = value.get(1..).unwrap_or_default();
        let spaces_after = value.iter().take_while(|it| is_space(**it)).count();
        let value = value.get(spaces_after..).unwrap_or_default();
        let (quote, value_on) = value.split_first().ok_or("an attribute has no value")?;
        if !matches!(quote, b'"' | b'\'') {
            return Err("an attribute's value has no quotes");
        }
        let bytes = memchr::memchr(*quote, value_on).ok_or("an attribute's value has no end")?;
        self.at = start + spaces + equals + 1 + spaces_after + 1 + bytes + 1;
        let value = value_on.get(..bytes).unwrap_or_default();
        Ok(Some(Attribute { name, value, start, end: self.at }))
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Result<Attribute<'a>, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        let attribute = self.attribute();
        if attribute.is_err() {
            self.at = self.tag.len().saturating_sub(1);
        }
        attribute.transpose()
    }
}
