//! Many statements with numbered parameters, sent to the database in one round trip.

use sqlx::AssertSqlSafe;
use sqlx::sqlite::{Sqlite, SqliteArguments};

/// A value to be bound.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

impl From<i64> for Value {
    fn from(v: i64) -> Self {
        Self::Int(v)
    }
}

impl From<u32> for Value {
    fn from(v: u32) -> Self {
        Self::Int(v.into())
    }
}

impl From<u16> for Value {
    fn from(v: u16) -> Self {
        Self::Int(v.into())
    }
}

impl From<bool> for Value {
    fn from(v: bool) -> Self {
        Self::Int(v.into())
    }
}

impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Self::Text(v.to_owned())
    }
}

impl From<String> for Value {
    fn from(v: String) -> Self {
        Self::Text(v)
    }
}

impl From<&String> for Value {
    fn from(v: &String) -> Self {
        Self::Text(v.clone())
    }
}

impl From<Vec<u8>> for Value {
    fn from(v: Vec<u8>) -> Self {
        Self::Blob(v)
    }
}

impl From<sluice_core::time::Timestamp> for Value {
    fn from(v: sluice_core::time::Timestamp) -> Self {
        Self::Int(v.millis())
    }
}

impl From<sluice_core::id::OrderId> for Value {
    fn from(v: sluice_core::id::OrderId) -> Self {
        Self::Text(v.to_string())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Self {
        v.map_or(Self::Null, Into::into)
    }
}

/// The values of a statement, in the order of its `?`.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::script::Value::from($value)),*] };
}
pub(crate) use values;

/// Statements and their values. Only shapes go into the text, so that few texts exist and all are cached.
#[derive(Default)]
pub(crate) struct Script {
    sql: String,
    values: Vec<Value>,
}

impl Script {
    /// Adds a statement, or a part of one, whose `?` are replaced by `$1`, `$2`, … over the whole script.
    pub(crate) fn add(&mut self, sql: &str, values: Vec<Value>) {
        let mut next = self.values.len();
        for (i, part) in sql.split('?').enumerate() {
            if i > 0 {
                next += 1;
                self.sql.push('$');
                self.sql.push_str(&next.to_string());
            }
            self.sql.push_str(part);
        }
        debug_assert_eq!(next - self.values.len(), values.len(), "{sql}");
        self.values.extend(values);
    }

    /// Adds a whole statement.
    pub(crate) fn statement(&mut self, sql: &str, values: Vec<Value>) {
        self.add(sql, values);
        self.sql.push_str(";\n");
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sql.is_empty()
    }

    /// The query that runs it.
    pub(crate) fn query(&self) -> Result<sqlx::query::Query<'static, Sqlite, SqliteArguments>, sqlx::Error> {
        use sqlx::Arguments as _;
        let mut arguments = SqliteArguments::default();
        for value in &self.values {
            match value.clone() {
                Value::Null => arguments.add(None::<i64>),
                Value::Int(v) => arguments.add(v),
                Value::Text(v) => arguments.add(v),
                Value::Blob(v) => arguments.add(v),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        // Texts of this program only; everything from outside is bound.
        Ok(sqlx::query_with(AssertSqlSafe(self.sql.clone()), arguments))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_over_the_whole_script() {
        let mut script = Script::default();
        script.statement("UPDATE a SET b = ? WHERE c = ?", values![1_i64, "x"]);
        script.statement("DELETE FROM d WHERE e = ?", values![None::<i64>]);
        assert_eq!(script.sql, "UPDATE a SET b = $1 WHERE c = $2;\nDELETE FROM d WHERE e = $3;\n");
        assert_eq!(script.values.len(), 3);
    }
}
