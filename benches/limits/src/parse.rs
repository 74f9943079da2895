use crate::{Failure, split};
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use std::path::Path;
use xxhash_rust::xxh3::xxh3_128;

const BUFFER_BYTES: usize = 1 << 16;

/// Reads every event; tells how many there were.
pub(crate) fn events(file: &Path) -> Result<u64, Failure> {
    let mut reader = Reader::from_file(file)?;
    let mut buffer = Vec::with_capacity(BUFFER_BYTES);
    let mut events = 0;
    loop {
        buffer.clear();
        if matches!(reader.read_event_into(&mut buffer)?, Event::Eof) {
            return Ok(events);
        }
        events += 1;
    }
}

/// Parses every record into its canonical form and hashes that.
pub(crate) fn canonical(file: &Path) -> Result<u64, Failure> {
    let (mut form, mut folded) = (Vec::new(), 0);
    let records = split::for_each_record(file, |record| {
        form.clear();
        for_each_value(record, |name, value| {
            form.extend_from_slice(name.as_bytes());
            form.push(b'=');
            form.extend_from_slice(value.as_bytes());
            form.push(b'\n');
        })?;
        folded ^= xxh3_128(&form);
        Ok(())
    })?;
    eprintln!("{folded:032x}");
    Ok(records)
}

/// Hands the name and the unescaped, trimmed text of each attribute and element to `each`.
pub(crate) fn for_each_value(
    record: &[u8],
    mut each: impl FnMut(&str, &str),
) -> Result<(), Failure> {
    let mut reader = Reader::from_str(std::str::from_utf8(record)?);
    let (mut text, mut depth) = (String::new(), 0_u32);
    loop {
        match reader.read_event()? {
            Event::Start(tag) | Event::Empty(tag) if depth == 0 => {
                depth = 1;
                for attribute in tag.attributes() {
                    let attribute = attribute?;
                    each(attribute.key.0, &attribute.value);
                }
            }
            Event::Start(_) => {
                text.clear();
                depth += 1;
            }
            Event::Text(it) => text.push_str(&it.xml10_content()),
            Event::CData(it) => text.push_str(&it),
            Event::GeneralRef(it) => {
                text.push_str(resolve_predefined_entity(&it).unwrap_or_default());
            }
            Event::End(tag) => {
                each(tag.name().0, text.trim());
                text.clear();
            }
            Event::Empty(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_) => {}
            Event::Eof => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_unescaped_and_trimmed() {
        let record =
            b"<employee id=\"2\"><numerator>37.000 </numerator><job>A &amp; B</job></employee>";
        let mut values = Vec::new();
        for_each_value(record, |name, value| values.push(format!("{name}={value}"))).unwrap();
        assert_eq!(values, ["id=2", "numerator=37.000", "job=A & B", "employee="]);
    }
}
