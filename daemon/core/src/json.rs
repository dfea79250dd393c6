//! Strict JSON: no duplicate keys, no floats, no deep nesting. Two readers of one body can't disagree on it.

use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// How deeply objects and arrays may nest.
pub const MAX_DEPTH: usize = 16;

/// Reads a body strictly.
///
/// # Errors
/// Says what is wrong and where, for people.
pub fn parse_strict(body: &[u8]) -> Result<Value, String> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = Strict { depth: 0 }.deserialize(&mut reader).map_err(|e| e.to_string())?;
    reader.end().map_err(|e| e.to_string())?;
    Ok(value)
}

struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: Error>(&self) -> Result<usize, E> {
        if self.depth < MAX_DEPTH {
            Ok(self.depth + 1)
        } else {
            Err(E::custom(format_args!("nested deeper than {MAX_DEPTH}")))
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;
    fn deserialize<D: serde::Deserializer<'de>>(self, d: D) -> Result<Value, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }

    fn visit_i64<E: Error>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_u64<E: Error>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Value, E> {
        Err(E::custom("a number that is no plain integer of 64 bits"))
    }

    fn visit_str<E: Error>(self, v: &str) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let depth = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Self { depth })? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let depth = self.deeper()?;
        let mut members = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(Self { depth })?;
            if members.insert(key, value).is_some() {
                return Err(A::Error::custom("a key stands twice"));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_taken_and_what_is_refused() {
        let deep = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
        for (body, ok) in [
            (r#"{"a": 1, "b": ["x", null, true, -5]}"#.to_owned(), true),
            (deep(16), true),
            (deep(17), false),
            (deep(100_000), false),
            (r#"{"a": 1, "a": 2}"#.to_owned(), false),
            (r#"{"a": 1, "\u0061": 2}"#.to_owned(), false),
            (r#"{"a": {"b": 1, "b": 1}}"#.to_owned(), false),
            ("1.0".to_owned(), false),
            ("1e3".to_owned(), false),
            ("-0".to_owned(), false),
            ("18446744073709551616".to_owned(), false),
            ("NaN".to_owned(), false),
            ("{} {}".to_owned(), false),
            ("{\"a\": \"\u{1}\"}".to_owned(), false),
            ("\u{feff}{}".to_owned(), false),
            (r#""\ud800""#.to_owned(), false),
            ("{'a': 1}".to_owned(), false),
            ("{\"a\": 1,}".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(parse_strict(body.as_bytes()).is_ok(), ok, "{}", &body[..body.len().min(40)]);
        }
        assert!(parse_strict(b"\"\xff\"").is_err());
    }

    proptest! {
        #[test]
        fn never_panics(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse_strict(&body);
        }
    }
}
