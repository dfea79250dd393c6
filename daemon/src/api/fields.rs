//! Reading a JSON object field by field; what is wrong is named.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};
use sluice_core::code::ApiCode;
use sluice_core::json::parse_strict;

use super::answer::Fault;

/// The members of an object that were not read yet.
pub(super) struct Fields {
    members: Map<String, Value>,
    /// The object's own name, where it is a member itself.
    within: Option<&'static str>,
}

impl Fields {
    pub(super) fn of(value: Value) -> Result<Self, Fault> {
        match value {
            Value::Object(members) => Ok(Self { members, within: None }),
            _ => Err(Fault::because(ApiCode::JsonInvalid, "the body is not a JSON object")),
        }
    }

    /// The members of a body that is one object.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Fault> {
        Self::of(parse_strict(body).map_err(|why| Fault::because(ApiCode::JsonInvalid, why))?)
    }

    /// The members of a member that is an object itself.
    pub(super) fn object(&mut self, name: &'static str) -> Result<Self, Fault> {
        match self.take(name) {
            Some(Value::Object(members)) => Ok(Self { members, within: Some(name) }),
            Some(_) => Err(Fault::field(name, "not an object")),
            None => Err(Fault::field(name, "missing")),
        }
    }

    /// A fault that names a member.
    fn fault(&self, name: &str, reason: impl std::fmt::Display) -> Fault {
        match self.within {
            Some(within) => Fault::field(&format!("{within}.{name}"), reason),
            None => Fault::field(name, reason),
        }
    }

    /// Whether there is such a member, and it is not null.
    pub(super) fn has(&self, name: &str) -> bool {
        self.members.get(name).is_some_and(|v| !v.is_null())
    }

    /// A value; null counts as absent.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name).filter(|v| !v.is_null())
    }

    /// A text that must be there, of so many characters, none of them a control character.
    pub(super) fn text(
        &mut self,
        name: &'static str,
        length: RangeInclusive<usize>,
    ) -> Result<String, Fault> {
        match self.optional_text(name, length)? {
            Some(text) => Ok(text),
            None => Err(self.fault(name, "missing")),
        }
    }

    /// A text that may be absent.
    pub(super) fn optional_text(
        &mut self,
        name: &'static str,
        length: RangeInclusive<usize>,
    ) -> Result<Option<String>, Fault> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let Value::String(text) = value else { return Err(self.fault(name, "not a text")) };
        if !length.contains(&text.chars().count()) {
            let (from, to) = (length.start(), length.end());
            return Err(self.fault(name, format_args!("not {from} to {to} characters")));
        }
        if text.chars().any(is_unprintable) {
            return Err(self.fault(name, "holds a control character"));
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
        let Value::Object(members) = value else { return Err(self.fault(name, "not an object of texts")) };
        let mut size = 0;
        let mut texts = BTreeMap::new();
        for (key, value) in members {
            let Value::String(text) = value else {
                return Err(self.fault(name, "not an object of texts"));
            };
            size += key.len() + text.len();
            if size > limit {
                return Err(self.fault(name, format_args!("over {limit} bytes")));
            }
            if key.chars().chain(text.chars()).any(is_unprintable) {
                return Err(self.fault(name, "holds a control character"));
            }
            texts.insert(key, text);
        }
        Ok(texts)
    }

    /// Nothing may be left.
    pub(super) fn finish(self) -> Result<(), Fault> {
        match self.members.keys().next() {
            Some(name) => {
                let within = self.within.map(|w| format!("{w}.")).unwrap_or_default();
                Err(Fault::because(ApiCode::JsonInvalid, format!("unknown field `{within}{name}`")))
            }
            None => Ok(()),
        }
    }
}

/// Control characters, and the invisible ones that make a text read otherwise than it is.
pub(super) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
