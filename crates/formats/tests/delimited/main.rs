//! Delimited files: what is read, what is set aside, what is refused, and laws.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is tests; clippy knows those only by their attribute"
)]

mod cases;
mod entry;
mod laws;

use kobling_domain::people::NationalNumber;
use kobling_formats::delimited::{Layout, LayoutText, ReadError, Reader, Statement};

/// A member register.
const MEMBERS: &str = r#"
kind = "person"
key = "Medlemsnr"
date = "%d-%m-%Y"
from = "Indmeldt"
until = "Udmeldt"
count = "ANTAL"

[fields]
"person.name" = "Navn"
"person.email" = "E-mail"
"person.address_protected" = "Beskyttet"
"person.address" = "Adresse"
"#;

/// The same, and nothing proves that a file is whole.
fn undeclared() -> String {
    MEMBERS.replace("count = \"ANTAL\"\n", "")
}

fn layout(text: &str) -> Layout {
    Layout::parse(&toml::from_str::<LayoutText>(text).unwrap()).unwrap()
}

/// What each row of a file states, or the code it is set aside for; rows without a readable key
/// come last.
fn read(layout: &Layout, file: &[u8]) -> Result<Vec<Result<Statement, String>>, ReadError> {
    let mut reader = Reader::open(file, layout)?;
    let mut read = Vec::new();
    while let Some(row) = reader.next_row()? {
        let native = row.key.native(NationalNumber::masked);
        read.push(layout.read(&row, native).map_err(|it| format!("{} {}", it.line, it.code)));
    }
    reader.finish()?;
    read.extend(reader.problems().iter().map(|it| Err(format!("{} {}", it.line, it.code))));
    Ok(read)
}

fn refusal(layout: &Layout, file: &[u8]) -> String {
    read(layout, file).map(|it| it.len()).unwrap_err().to_string()
}
