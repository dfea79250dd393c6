//! Reading a JSON object field by field; what is wrong is named.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};
use sluice_core::code::ApiCode;

use super::answer::Fault;

/// The members of an object that were not read yet.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn of(value: Value) -> Result<Self, Fault> {
        match value {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(Fault::because(ApiCode::JsonInvalid, "the body is not a JSON object")),
        }
    }

    /// A value; null counts as absent.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|v| !v.is_null())
    }

    /// A text that must be there, of so many characters, none of them a control character.
    pub(super) fn text(
        &mut self,
        name: &'static str,
        length: RangeInclusive<usize>,
    ) -> Result<String, Fault> {
        self.optional_text(name, length)?.ok_or_else(|| Fault::field(name, "missing"))
    }

    /// A text that may be absent.
    pub(super) fn optional_text(
        &mut self,
        name: &'static str,
        length: RangeInclusive<usize>,
    ) -> Result<Option<String>, Fault> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let Value::String(text) = value else { return Err(Fault::field(name, "not a text")) };
        if !length.contains(&text.chars().count()) {
            let (from, to) = (length.start(), length.end());
            return Err(Fault::field(name, format_args!("not {from} to {to} characters")));
        }
        if text.chars().any(is_unprintable) {
            return Err(Fault::field(name, "holds a control character"));
        }
        Ok(Some(text))
    }

    /// An object of texts, no larger than `limit` bytes altogether.
    pub(super) fn texts(
        &mut self,
        name: &'static str,
        limit: usize,
    ) -> Result<BTreeMap<String, String>, Fault> {
        let Some(value) = self.take(name) else { return Ok(BTreeMap::new()) };
        let Value::Object(members) = value else { return Err(Fault::field(name, "not an object of texts")) };
        let mut size = 0;
        let mut texts = BTreeMap::new();
        for (key, value) in members {
            let Value::String(text) = value else {
                return Err(Fault::field(name, "not an object of texts"));
            };
            size += key.len() + text.len();
            if size > limit {
                return Err(Fault::field(name, format_args!("over {limit} bytes")));
            }
            if key.chars().chain(text.chars()).any(is_unprintable) {
                return Err(Fault::field(name, "holds a control character"));
            }
            texts.insert(key, text);
        }
        Ok(texts)
    }

    /// Nothing may be left.
    pub(super) fn finish(self) -> Result<(), Fault> {
        match self.0.keys().next() {
            Some(name) => Err(Fault::because(ApiCode::JsonInvalid, format!("unknown field `{name}`"))),
            None => Ok(()),
        }
    }
}

/// Control characters, and the invisible ones that make a text read otherwise than it is.
pub(super) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
