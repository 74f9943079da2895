//! Rows that came in no file.

use super::layout::Layout;
use super::read::digest;
use super::{Problem, Row};
use kobling_domain::id::RecordNo;
use std::collections::BTreeMap;

impl Layout {
    /// The row in whose columns these texts stand, and nothing in those that are not named. Columns
    /// that the layout does not have are left out.
    ///
    /// # Errors
    ///
    /// Refuses a key that cannot be read.
    pub fn row(
        &self,
        record_no: RecordNo,
        texts: &BTreeMap<String, String>,
    ) -> Result<Row, Problem> {
        let text = |column: &String| texts.get(column).map_or("", String::as_str).trim().to_owned();
        let cells: Vec<String> = self.columns.iter().map(text).collect();
        let line = u64::try_from(record_no.0).unwrap_or_default();
        match self.key(&cells) {
            Ok(key) => Ok(Row { key, record_no, line, digest: digest(&cells), cells }),
            Err((code, text)) => Err(Problem { line, record_no, code, text }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Code, LayoutText, Reader};
    use super::*;

    fn layout() -> Layout {
        let text: LayoutText = serde_json::from_str(
            r#"{"kind": "person", "key": "id", "fields": {"person.email": "person.email"}}"#,
        )
        .unwrap();
        Layout::parse(&text).unwrap()
    }

    fn texts(all: &[(&str, &str)]) -> BTreeMap<String, String> {
        all.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn a_record_that_came_in_no_file_is_the_row_it_would_be_in_one() {
        let layout = layout();
        let file = "id;person.email\nM1;aase@example.org\n";
        let in_file = Reader::open(file.as_bytes(), &layout).unwrap().next_row().unwrap().unwrap();
        let given = texts(&[("person.email", " aase@example.org "), ("id", "M1")]);
        let row = layout.row(RecordNo(1), &given).unwrap();
        assert_eq!((row.digest, &row.key), (in_file.digest, &in_file.key));
    }

    #[test]
    fn a_key_that_may_be_a_national_number_is_refused() {
        let refused = layout().row(RecordNo(1), &texts(&[("id", "7101809991")])).unwrap_err();
        assert_eq!(refused.code, Code::KeyMayBeNumber);
        let refused = layout().row(RecordNo(1), &texts(&[])).unwrap_err();
        assert_eq!(refused.code, Code::KeyUnreadable);
    }
}
