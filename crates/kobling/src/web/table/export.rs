//! A table as a file.

use super::{Cell, Key, Table};
use crate::web::language::Language;
use rust_xlsxwriter::{Format as Style, Workbook, XlsxError};
use serde::Deserialize;

/// Characters with which a cell begins that spreadsheets take for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
/// Characters that may stand in the name of a sheet.
const SHEET_NAME_MAX: usize = 31;

/// As which file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// Comma-separated; semicolons where spreadsheets expect them.
    Csv,
    /// A workbook.
    Xlsx,
}

impl Format {
    pub(super) const ALL: [Self; 2] = [Self::Csv, Self::Xlsx];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Xlsx => "XLSX",
        }
    }

    /// What the file is.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

impl Table {
    /// The table's name as a file.
    pub(crate) fn file_name(&self, format: Format) -> String {
        let good =
            |it: char| if it.is_ascii_alphanumeric() { it.to_ascii_lowercase() } else { '-' };
        let stem: String = self.caption.chars().map(good).collect();
        format!("{}.{}", stem.trim_matches('-'), format.name())
    }

    /// All its rows as a file.
    pub(crate) fn file(&self, lang: Language, format: Format) -> Result<Vec<u8>, XlsxError> {
        match format {
            Format::Csv => Ok(self.csv(lang).into_bytes()),
            Format::Xlsx => self.xlsx(),
        }
    }

    fn csv(&self, lang: Language) -> String {
        let separator = match lang {
            Language::Danish | Language::Dutch => ';',
            Language::English => ',',
        };
        // Spreadsheets take a file without the mark for one in the machine's own letters.
        let mut text = String::from("\u{feff}");
        let mut line = |cells: &mut dyn Iterator<Item = String>| {
            let cells: Vec<String> = cells.collect();
            text.push_str(&cells.join(&separator.to_string()));
            text.push_str("\r\n");
        };
        line(&mut self.columns.iter().map(|it| quoted(&harmless(&it.head), separator)));
        for row in &self.rows {
            line(&mut row.iter().map(|it| quoted(&plain(it), separator)));
        }
        text
    }

    fn xlsx(&self) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let good = |it: char| if "[]:*?/\\'".contains(it) { ' ' } else { it };
        let name: String = self.caption.chars().map(good).take(SHEET_NAME_MAX).collect();
        sheet.set_name(name.trim())?;
        let bold = Style::new().set_bold();
        for (column, it) in (0..).zip(&self.columns) {
            sheet.write_string_with_format(0, column, &it.head, &bold)?;
        }
        for (line, row) in (1..).zip(&self.rows) {
            for (column, it) in (0..).zip(row) {
                // A string is never taken for a formula.
                match number(it) {
                    Some(n) => sheet.write_number(line, column, n)?,
                    None => sheet.write_string(line, column, &it.text)?,
                };
            }
        }
        sheet.set_freeze_panes(1, 0)?;
        sheet.autofit();
        book.save_to_buffer()
    }
}

/// A cell as a program reads it: a number without the marks for thousands.
fn plain(cell: &Cell) -> String {
    match &cell.key {
        Key::Number(n) if is_number(cell) => n.to_string(),
        Key::Number(_) | Key::Text(_) | Key::None => harmless(&cell.text),
    }
}

/// The number that a cell shows; none if it shows something else, such as a day.
fn number(cell: &Cell) -> Option<f64> {
    match &cell.key {
        Key::Number(n) if is_number(cell) => n.to_string().parse().ok(),
        Key::Number(_) | Key::Text(_) | Key::None => None,
    }
}

fn is_number(cell: &Cell) -> bool {
    let Key::Number(n) = &cell.key else { return false };
    Language::ALL.iter().any(|it| it.number(*n) == cell.text)
}

/// The text, with a mark in front that keeps a spreadsheet from taking it for a formula.
fn harmless(text: &str) -> String {
    if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

fn quoted(text: &str, separator: char) -> String {
    if text.contains([separator, '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Holds;
    use super::*;

    fn table() -> Table {
        let mut table = Table::new("Held plans", &[("Name", Holds::Text), ("n", Holds::Numbers)]);
        table.rows = vec![
            vec![Cell::text("=HYPERLINK(\"http://x\")"), Cell::number(Language::Danish, -1_200)],
            vec![Cell::text("Ø; \"å\""), Cell::none()],
        ];
        table
    }

    #[test]
    fn no_cell_of_a_csv_file_is_a_formula_and_a_negative_number_stays_one() {
        let text = table().csv(Language::Danish);
        assert_eq!(
            text,
            "\u{feff}Name;n\r\n\"'=HYPERLINK(\"\"http://x\"\")\";-1200\r\n\"Ø; \"\"å\"\"\";\r\n"
        );
    }

    #[test]
    fn a_workbook_holds_texts_as_texts() {
        let bytes = table().file(Language::English, Format::Xlsx).unwrap();
        assert_eq!(bytes.get(..2), Some(b"PK".as_slice()));
        assert_eq!(table().file_name(Format::Xlsx), "held-plans.xlsx");
    }
}
