//! SQL text as each engine wants it.
//!
//! The text is the same for both: `$1`, `$2` … for single values, and at most one
//! `{rows name type, …}`, which stands for a table whose rows are given beside the values:
//!
//! ```sql
//! SELECT s.subject_no FROM {rows native_key bytes} AS given JOIN subject_key s ON …
//! ```
//!
//! Types in a rows placeholder are `int`, `text`, `bytes`, `uuid`, `date`, `instant`, `json`. Every relation has
//! one column more, `row_no`, counted from 1.
//!
//! `{skip locked}` at the end of a subquery takes a row that nobody else is taking: where there is
//! one writer at a time, that is any row.

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

const ROWS: &str = "{rows ";
const SKIP_LOCKED: &str = "{skip locked}";

/// `sql` for `engine`.
pub(super) fn render(sql: &str, engine: Engine) -> String {
    let Some((before, rest)) = sql.split_once(ROWS) else { return numbered(sql, engine) };
    let Some((columns, after)) = rest.split_once('}') else { return numbered(sql, engine) };
    let next = last_parameter(sql) + 1;
    let columns: Vec<(&str, &str)> =
        columns.split(',').filter_map(|it| it.trim().split_once(' ')).collect();
    let relation = match engine {
        Engine::Sqlite => relation_of_json(&columns, next),
        Engine::Postgres => relation_of_arrays(&columns, next),
    };
    format!("{}{relation}{}", numbered(before, engine), numbered(after, engine))
}

/// The limit, which limits nothing, keeps the rows a relation of their own. Without it SQLite may make
/// a table the outer loop, and look through all rows for each of its own: it knows nothing of their
/// number, and an `UPDATE` has no order of its relations that could tell.
fn relation_of_json(columns: &[(&str, &str)], parameter: usize) -> String {
    let mut select = String::new();
    for (index, (name, type_name)) in columns.iter().enumerate() {
        let cell = match columns.len() {
            1 => "value".to_owned(),
            _ => format!("value ->> {index}"),
        };
        let cell = match *type_name {
            "bytes" | "uuid" => format!("unhex({cell})"),
            _ => cell,
        };
        select.extend([cell.as_str(), " AS ", name, ", "]);
    }
    format!("(SELECT {select}key + 1 AS row_no FROM json_each(?{parameter}) LIMIT -1)")
}

fn relation_of_arrays(columns: &[(&str, &str)], first: usize) -> String {
    let arrays: Vec<String> = columns
        .iter()
        .zip(first..)
        .map(|((_, type_name), parameter)| format!("${parameter}::{}[]", native(type_name)))
        .collect();
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    format!(
        "(SELECT * FROM unnest({}) WITH ORDINALITY AS rows ({}, row_no))",
        arrays.join(", "),
        names.join(", ")
    )
}

/// The type PostgreSQL knows by another name.
fn native(type_name: &str) -> &str {
    match type_name {
        "int" => "bigint",
        "bytes" => "bytea",
        "instant" => "timestamptz",
        "json" => "jsonb",
        other => other,
    }
}

fn last_parameter(sql: &str) -> usize {
    sql.split('$')
        .skip(1)
        .filter_map(|it| {
            let digits: String = it.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        })
        .max()
        .unwrap_or(0)
}

/// SQLite would number `$n` by order of appearance, `?n` by its number.
fn numbered(sql: &str, engine: Engine) -> String {
    match engine {
        Engine::Sqlite => sql.replace(SKIP_LOCKED, "").replace('$', "?"),
        Engine::Postgres => sql.replace(SKIP_LOCKED, "FOR UPDATE SKIP LOCKED"),
    }
}

/// DDL text for `engine`: `{int}`, `{text}`, `{bytes}`, `{uuid}`, `{date}`, `{instant}`, `{json}`,
/// `{bool}` are column types; `{narrow}` and `{wide}` end a table of small and of large rows.
pub(super) fn render_ddl(ddl: &str, engine: Engine) -> String {
    let types: [(&str, &str, &str); 10] = [
        ("{int}", "INTEGER", "bigint"),
        ("{text}", "TEXT", "text COLLATE \"C\""),
        ("{bytes}", "BLOB", "bytea"),
        ("{uuid}", "BLOB", "uuid"),
        ("{date}", "INTEGER", "date"),
        ("{instant}", "INTEGER", "timestamptz"),
        ("{json}", "TEXT", "jsonb"),
        ("{bool}", "INTEGER", "boolean"),
        ("{narrow}", " STRICT, WITHOUT ROWID", ""),
        ("{wide}", " STRICT", ""),
    ];
    types.into_iter().fold(ddl.to_owned(), |text, (name, sqlite, postgres)| match engine {
        Engine::Sqlite => text.replace(name, sqlite),
        Engine::Postgres => text.replace(name, postgres),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQL: &str = "SELECT a FROM {rows a int, b bytes} AS r WHERE r.a > $2 AND r.a < $1";

    #[test]
    fn a_row_that_somebody_takes_is_skipped_where_there_are_several_writers() {
        let sql = "SELECT a FROM b WHERE c = $1 LIMIT 1 {skip locked}";
        assert_eq!(render(sql, Engine::Sqlite), "SELECT a FROM b WHERE c = ?1 LIMIT 1 ");
        let postgres = "SELECT a FROM b WHERE c = $1 LIMIT 1 FOR UPDATE SKIP LOCKED";
        assert_eq!(render(sql, Engine::Postgres), postgres);
    }

    #[test]
    fn sqlite_finds_what_it_updates_by_the_rows_and_not_the_rows_for_each_of_a_table() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let ddl = "CREATE TABLE t (a INTEGER, b INTEGER, c INTEGER, PRIMARY KEY (a, b)) STRICT;
                   CREATE TABLE u (a INTEGER, b INTEGER, c INTEGER, PRIMARY KEY (a, b)) STRICT;";
        connection.execute_batch(ddl).unwrap();
        for sql in [
            "UPDATE t SET c = given.c FROM {rows b int, c int} AS given
              WHERE t.a = $1 AND t.b = given.b",
            "UPDATE t SET c = u.c FROM {rows b int, c int} AS given CROSS JOIN u
              WHERE t.a = $1 AND t.b = given.b AND u.a = $1 AND u.b = given.b AND u.c = given.c",
        ] {
            let explained = format!("EXPLAIN QUERY PLAN {}", render(sql, Engine::Sqlite));
            let mut statement = connection.prepare(&explained).unwrap();
            let steps = statement.query_map((1, "[]"), |row| row.get::<_, String>(3)).unwrap();
            let plan: Vec<String> = steps.map(Result::unwrap).collect();
            assert!(plan.iter().any(|it| it == "SCAN given"), "{plan:#?}");
            let searched = plan.iter().filter(|it| it.starts_with("SEARCH"));
            assert!(searched.clone().all(|it| it.contains("(a=? AND b=?)")), "{plan:#?}");
        }
    }

    #[test]
    fn rows_are_bound_after_the_single_values() {
        assert_eq!(
            render(SQL, Engine::Sqlite),
            "SELECT a FROM (SELECT value ->> 0 AS a, unhex(value ->> 1) AS b, key + 1 AS row_no \
             FROM json_each(?3) LIMIT -1) AS r WHERE r.a > ?2 AND r.a < ?1"
        );
        assert_eq!(
            render(SQL, Engine::Postgres),
            "SELECT a FROM (SELECT * FROM unnest($3::bigint[], $4::bytea[]) WITH ORDINALITY AS \
             rows (a, b, row_no)) AS r WHERE r.a > $2 AND r.a < $1"
        );
    }
}
