use super::value::{Value, date_number};

/// Rows given to a statement as a relation: what `{rows name type, …}` stands for.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    columns: Vec<Vec<Value>>,
}

impl Rows {
    /// Rows of one column.
    pub fn column<T: Into<Value>>(values: impl IntoIterator<Item = T>) -> Self {
        Self { columns: Vec::new() }.and(values)
    }

    /// The same rows with one column more. All columns are equally long.
    #[must_use]
    pub fn and<T: Into<Value>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        self.columns.push(values.into_iter().map(Into::into).collect());
        self
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn columns(&self) -> &[Vec<Value>] {
        &self.columns
    }

    /// All rows as one JSON array, for `json_each`: an array per row, or bare values where there
    /// is one column. Bytes are written in hex, dates as their numbers.
    pub(super) fn json(&self) -> String {
        let mut json = String::from("[");
        for row in 0..self.len() {
            json.push_str(if row == 0 { "" } else { "," });
            let cells = self.columns.iter().filter_map(|column| column.get(row));
            if self.columns.len() == 1 {
                cells.for_each(|cell| append(&mut json, cell));
                continue;
            }
            for (index, cell) in cells.enumerate() {
                json.push(if index == 0 { '[' } else { ',' });
                append(&mut json, cell);
            }
            json.push(']');
        }
        json.push(']');
        json
    }
}

fn append(json: &mut String, value: &Value) {
    match value {
        Value::Null => json.push_str("null"),
        Value::Int(it) => json.push_str(&it.to_string()),
        Value::Bool(it) => json.push_str(if *it { "1" } else { "0" }),
        Value::Date(it) => json.push_str(&date_number(*it).to_string()),
        Value::Instant(it) => json.push_str(&it.as_microsecond().to_string()),
        Value::Bytes(it) => append_hex(json, it),
        Value::Uuid(it) => append_hex(json, it.as_bytes()),
        Value::Text(it) | Value::Json(it) => {
            json.push_str(&serde_json::Value::from(it.as_str()).to_string());
        }
    }
}

fn append_hex(json: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    json.push('"');
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            json.extend(DIGITS.get(usize::from(nibble)).map(|it| char::from(*it)));
        }
    }
    json.push('"');
}
