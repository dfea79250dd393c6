//! Environment variables over the file's keys.

use toml::{Table, Value};

/// What every variable of ours begins with.
pub(super) const PREFIX: &str = "SLUICED_";

const EXAMPLE: &str = include_str!("../../../docs/sluiced.example.toml");

/// The annotated example, which holds every key.
pub(super) fn example() -> Table {
    EXAMPLE.parse().unwrap_or_default()
}

/// Puts the variables over the table. A variable's type is that of the same key in the example.
pub(super) fn overlay(table: &mut Table, vars: impl Iterator<Item = (String, String)>) -> Result<(), String> {
    let example = example();
    for (name, text) in vars {
        let Some(path) = name.strip_prefix(PREFIX) else { continue };
        let path: Vec<String> = path.split("__").map(str::to_lowercase).collect();
        let value = typed(&path, &text, &example).map_err(|why| format!("{name}: {why}"))?;
        let Some((last, parents)) = path.split_last() else { continue };
        let mut at = &mut *table;
        for parent in parents {
            let next = at.entry(parent.clone()).or_insert_with(|| Value::Table(Table::new()));
            at = next.as_table_mut().ok_or_else(|| format!("{name}: {parent} is no table"))?;
        }
        at.insert(last.clone(), value);
    }
    Ok(())
}

/// A value as it is written in the file.
fn in_toml(text: &str) -> Option<Value> {
    format!("v = {text}").parse::<Table>().ok()?.remove("v")
}

fn typed(path: &[String], text: &str, example: &Table) -> Result<Value, String> {
    let known = match path {
        // Any channel has the keys of the one in the example.
        [channels, _, key] if channels == "channels" => {
            example.get("channels").and_then(|c| c.get("alipay")).and_then(|c| c.get(key))
        }
        [section, key] => example.get(section).and_then(|s| s.get(key)),
        _ => None,
    };
    let wrong = |what: &str| format!("`{text}` is not {what}");
    match known {
        Some(Value::Integer(_)) => text.parse().map(Value::Integer).map_err(|_| wrong("a whole number")),
        Some(Value::Boolean(_)) => text.parse().map(Value::Boolean).map_err(|_| wrong("true or false")),
        Some(Value::Array(_)) => in_toml(text).ok_or_else(|| wrong("a list such as [\"1s\"]")),
        Some(Value::Table(_)) => in_toml(text).ok_or_else(|| wrong("a table such as {CNY = 100000}")),
        // An unknown key is refused later, by name, as one in the file is.
        _ => Ok(Value::String(text.to_owned())),
    }
}
