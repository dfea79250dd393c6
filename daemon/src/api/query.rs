//! Reading a target's query parameter by parameter; what is wrong is named.

use std::collections::BTreeMap;

use sluice_core::time::Timestamp;

use super::answer::Fault;

/// The parameters that were not read yet. The gate has refused doubled names and odd spellings before.
pub(super) struct Query(BTreeMap<String, String>);

impl Query {
    pub(super) fn of(query: &str) -> Self {
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        Self(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// A parameter's value.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// An RFC 3339 time.
    pub(super) fn time(&mut self, name: &str) -> Result<Option<Timestamp>, Fault> {
        let Some(text) = self.take(name) else { return Ok(None) };
        let time = Timestamp::parse_rfc3339(&text);
        time.map(Some).ok_or_else(|| Fault::field(name, "not an RFC 3339 time"))
    }

    /// The page's size.
    pub(super) fn limit(&mut self, usual: u32, most: u32) -> Result<u32, Fault> {
        let Some(text) = self.take("limit") else { return Ok(usual) };
        let limit = text.parse().ok().filter(|n| (1..=most).contains(n));
        limit.ok_or_else(|| Fault::field("limit", format_args!("not within 1 to {most}")))
    }

    /// Nothing may be left.
    pub(super) fn finish(self) -> Result<(), Fault> {
        match self.0.keys().next() {
            Some(name) => Err(Fault::field(name, "no such parameter")),
            None => Ok(()),
        }
    }
}
