//! `docs/database.md`, made from the migrations and their comments: compared, or rewritten with `UPDATE=1`.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sqlx::{Connection as _, Executor as _, Row as _};

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// All of SQLite's migrations as one text, in their order.
fn migrations() -> String {
    let mut files: Vec<_> =
        std::fs::read_dir(folder("migrations/sqlite")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_database_page_is_what_the_migrations_say() {
    let path = folder("docs/database.md");
    let fresh = page(&Schema::read(&migrations()));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == fresh, "docs/database.md is stale; UPDATE=1 cargo test -p sluiced --test docs");
}

/// The reader below is held against SQLite's own: nothing is left out.
#[tokio::test]
async fn every_column_is_on_the_page() {
    let schema = Schema::read(&migrations());
    let mut db = sqlx::SqliteConnection::connect("sqlite::memory:").await.unwrap();
    db.execute(sqlx::AssertSqlSafe(migrations())).await.unwrap();
    let rows = db
        .fetch_all(
            "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_xinfo(m.name) c WHERE m.type = 'table' \
             AND m.name NOT LIKE 'sqlite%' ORDER BY m.rowid, c.cid",
        )
        .await
        .unwrap();
    let mut real: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows {
        real.entry(row.get(0)).or_default().push(row.get(1));
    }
    let read: BTreeMap<_, _> = schema
        .tables
        .iter()
        .map(|table| (table.name.clone(), table.columns.iter().map(|column| column.name.clone()).collect()))
        .collect();
    assert_eq!(read, real);
    for table in &schema.tables {
        assert!(!table.comment.is_empty(), "`{}` has no comment", table.name);
    }
}

#[derive(Default)]
struct Schema {
    comment: String,
    tables: Vec<Table>,
}

struct Table {
    name: String,
    comment: String,
    columns: Vec<Column>,
    /// Keys and checks over several columns, and indexes.
    rules: Vec<Rule>,
}

struct Rule {
    /// Its name, if it is an index.
    index: Option<String>,
    text: String,
}

struct Column {
    name: String,
    kind: String,
    note: String,
}

impl Schema {
    /// Reads the form in which our migrations are written; panics at anything else, so that nothing is left out.
    fn read(sql: &str) -> Self {
        let mut schema = Self::default();
        let mut comment: Vec<&str> = Vec::new();
        let mut lines = sql.lines();
        while let Some(line) = lines.next() {
            if let Some(text) = line.strip_prefix("-- note ") {
                schema.note(text);
            } else if let Some(text) = line.strip_prefix("--") {
                comment.push(text.trim());
            } else if line.trim().is_empty() {
                // A comment that stands alone is about the whole.
                if schema.tables.is_empty() {
                    schema.comment = std::mem::take(&mut comment).join(" ");
                }
                comment.clear();
            } else if let Some(name) =
                line.strip_prefix("CREATE TABLE ").and_then(|rest| rest.strip_suffix(" ("))
            {
                let comment = std::mem::take(&mut comment).join(" ");
                let mut table = Table { name: name.to_owned(), comment, columns: vec![], rules: vec![] };
                for line in lines.by_ref().take_while(|line| !line.starts_with(')')) {
                    table.take(line);
                }
                schema.tables.push(table);
            } else {
                // Any other statement goes on to its semicolon, which a note may follow.
                let mut whole = line.to_owned();
                while !whole.split("--").next().unwrap().trim_end().ends_with(';') {
                    whole.push(' ');
                    whole.push_str(lines.next().unwrap_or_else(|| panic!("not ended: {whole}")).trim());
                }
                schema.change(&whole);
            }
        }
        schema
    }

    /// A statement that changes what is there, on one line.
    fn change(&mut self, statement: &str) {
        let (sql, note) = statement.split_once(';').unwrap();
        let note = note.trim().trim_start_matches("--").trim();
        let words: Vec<&str> = sql.split_whitespace().collect();
        match words.as_slice() {
            ["ALTER", "TABLE", table, "ADD", "COLUMN", column @ ..] => {
                self.table(table).take(&format!("{}, -- {note}", column.join(" ")));
            }
            ["ALTER", "TABLE", table, "RENAME", "COLUMN", from, "TO", to] => {
                (*to).clone_into(&mut self.table(table).column(from).name);
            }
            ["ALTER", "TABLE", table, "DROP", "COLUMN", column] => {
                self.table(table).columns.retain(|c| c.name != *column);
            }
            ["DROP", "TABLE", table] => self.tables.retain(|t| t.name != *table),
            ["DROP", "INDEX", index] => {
                for table in &mut self.tables {
                    table.rules.retain(|rule| rule.index.as_deref() != Some(*index));
                }
            }
            ["CREATE", "INDEX", index, "ON", table, columns @ ..] => {
                self.table(table).index(index, format!("index {}", columns.join(" ")));
            }
            ["CREATE", "UNIQUE", "INDEX", index, "ON", table, columns @ ..] => {
                self.table(table).index(index, format!("unique index {}", columns.join(" ")));
            }
            // They move rows, and no column.
            ["UPDATE" | "INSERT", ..] => {}
            _ => panic!("not read: {statement}"),
        }
    }

    /// `table.column: text`: what a column of an earlier migration means by now.
    fn note(&mut self, text: &str) {
        let (name, note) = text.split_once(": ").unwrap_or_else(|| panic!("not read: note {text}"));
        let (table, column) = name.split_once('.').unwrap();
        note.clone_into(&mut self.table(table).column(column).note);
    }

    fn table(&mut self, name: &str) -> &mut Table {
        self.tables.iter_mut().find(|table| table.name == name).unwrap_or_else(|| panic!("no table {name}"))
    }
}

impl Table {
    fn index(&mut self, name: &str, text: String) {
        self.rules.push(Rule { index: Some(name.to_owned()), text });
    }

    fn column(&mut self, name: &str) -> &mut Column {
        let found = self.columns.iter_mut().find(|column| column.name == name);
        found.unwrap_or_else(|| panic!("no column {name}"))
    }

    /// One line within the table: `name TYPE rules, -- note`, or a rule over several columns.
    fn take(&mut self, line: &str) {
        let (definition, note) = line.split_once("--").unwrap_or((line, ""));
        let definition = definition.trim().trim_end_matches(',');
        if ["PRIMARY KEY", "UNIQUE", "CHECK", "FOREIGN KEY"].iter().any(|rule| definition.starts_with(rule)) {
            self.rules.push(Rule { index: None, text: definition.to_owned() });
            return;
        }
        let (name, kind) = definition.split_once(' ').unwrap_or_else(|| panic!("not read: {line}"));
        let (name, kind, note) = (name.to_owned(), kind.trim().to_owned(), note.trim().to_owned());
        self.columns.push(Column { name, kind, note });
    }
}

fn page(schema: &Schema) -> String {
    let about = schema.comment.split(" A comment above").next().unwrap();
    let mut page = format!(
        "# The database\n\n<!-- Generated from migrations/sqlite/: UPDATE=1 cargo test -p sluiced --test docs -->\n\n\
         {about}\n\nNothing secret stands here in the clear: passwords, keys and exchanges are sealed (AES-256-GCM under \
         the master key, bound to what they belong to), tokens and secrets are kept as digests. Orders and the ledger \
         are kept for ever; nonces, tokens, evidence and events of no order expire.\n\n"
    );
    for table in &schema.tables {
        page.push_str(&format!("- [`{0}`](#{0}) {1}\n", table.name, table.comment));
    }
    for table in &schema.tables {
        page.push_str(&format!("\n## {}\n\n{}\n\n", table.name, table.comment));
        page.push_str("| column | type | notes |\n| --- | --- | --- |\n");
        for column in &table.columns {
            page.push_str(&format!("| `{}` | {} | {} |\n", column.name, kind(&column.kind), column.note));
        }
        if !table.rules.is_empty() {
            page.push('\n');
        }
        for rule in &table.rules {
            page.push_str(&format!("- {}\n", rule.text));
        }
    }
    page
}

/// A column's type for people: null is named where it may be, not where it may not.
fn kind(sql: &str) -> String {
    let may_be_null = !sql.contains("NOT NULL");
    let text = sql
        .replace(" NOT NULL", "")
        .replace("INTEGER", "integer")
        .replace("TEXT", "text")
        .replace("BLOB", "bytes");
    let text =
        text.replace("REFERENCES ", "→ ").replace("PRIMARY KEY", "primary key").replace("UNIQUE", "unique");
    let may_be_null = may_be_null && !text.contains("primary key");
    if may_be_null { format!("{text}, or null") } else { text }
}
