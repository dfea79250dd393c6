//! Finds the raw bytes of a JSON object's members.
//!
//! Alipay signs the bytes of a member exactly as they were sent, so they must be cut out, not parsed and written
//! again. The scan knows strings and their escapes: a lone `}` or a `"sign":` inside a text ends nothing. It works on
//! bytes because the texts inside are not always the UTF-8 that was asked for.

/// A member of the root object: the bytes between the key's quotes, and the bytes of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member<'a> {
    pub(super) key: &'a [u8],
    pub(super) value: &'a [u8],
}

/// More members than any answer has.
const MAX_MEMBERS: usize = 64;

/// The members of the one JSON object that `text` is. `None` for anything else, and for a key that stands twice:
/// which of the two was meant would be a guess. What is inside the values is not checked, only where they end.
pub(super) fn members(text: &[u8]) -> Option<Vec<Member<'_>>> {
    let mut at = Scanner { text, pos: 0 };
    let mut found: Vec<Member<'_>> = Vec::new();
    at.expect(b'{')?;
    if at.peek()? == b'}' {
        at.pos += 1;
    } else {
        loop {
            at.skip_space();
            let key = at.string()?;
            let key = key.get(1..key.len() - 1)?;
            at.expect(b':')?;
            at.skip_space();
            let value = at.value()?;
            if found.len() == MAX_MEMBERS || found.iter().any(|m| m.key == key) {
                return None;
            }
            found.push(Member { key, value });
            match at.next()? {
                b',' => {}
                b'}' => break,
                _ => return None,
            }
        }
    }
    at.skip_space();
    (at.pos == text.len()).then_some(found)
}

struct Scanner<'a> {
    text: &'a [u8],
    pos: usize,
}

impl<'a> Scanner<'a> {
    fn skip_space(&mut self) {
        while matches!(self.text.get(self.pos), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.pos += 1;
        }
    }

    /// The next byte that is no white space, left where it is.
    fn peek(&mut self) -> Option<u8> {
        self.skip_space();
        self.text.get(self.pos).copied()
    }

    /// The next byte that is no white space.
    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.pos += 1;
        Some(byte)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    fn value(&mut self) -> Option<&'a [u8]> {
        match self.text.get(self.pos)? {
            b'"' => self.string(),
            b'{' | b'[' => self.nested(),
            _ => self.literal(),
        }
    }

    /// A string with its quotes.
    fn string(&mut self) -> Option<&'a [u8]> {
        let start = self.pos;
        if *self.text.get(start)? != b'"' {
            return None;
        }
        let mut pos = start + 1;
        loop {
            match self.text.get(pos)? {
                b'"' => break,
                b'\\' => pos += 2,
                _ => pos += 1,
            }
        }
        self.pos = pos + 1;
        self.text.get(start..self.pos)
    }

    /// An object or an array, from its bracket to the matching one.
    fn nested(&mut self) -> Option<&'a [u8]> {
        let start = self.pos;
        let mut open: Vec<u8> = Vec::new();
        loop {
            match self.text.get(self.pos)? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' => open.push(b'}'),
                b'[' => open.push(b']'),
                close @ (b'}' | b']') if open.pop() != Some(*close) => return None,
                _ => {}
            }
            self.pos += 1;
            if open.is_empty() {
                return self.text.get(start..self.pos);
            }
        }
    }

    /// A number, `true`, `false` or `null`.
    fn literal(&mut self) -> Option<&'a [u8]> {
        let start = self.pos;
        while matches!(
            self.text.get(self.pos),
            Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'-' | b'.')
        ) {
            self.pos += 1;
        }
        (self.pos > start).then(|| &self.text[start..self.pos])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::value::RawValue;
    use std::collections::BTreeMap;

    fn value_of<'a>(text: &'a str, key: &str) -> Option<&'a str> {
        let all = members(text.as_bytes())?;
        let member = all.into_iter().find(|m| m.key == key.as_bytes())?;
        Some(std::str::from_utf8(member.value).unwrap())
    }

    #[test]
    fn values_are_cut_out_as_they_stand() {
        for (text, want) in [
            (r#"{"n":{"a":1},"sign":"s"}"#, Some(r#"{"a":1}"#)),
            (r#" { "n" : { "a" : [ 1 , {} ] } , "sign":"s" } "#, Some(r#"{ "a" : [ 1 , {} ] }"#)),
            (r#"{"n":{"a":"}"},"sign":"s"}"#, Some(r#"{"a":"}"}"#)),
            (r#"{"n":{"a":"{"}}"#, Some(r#"{"a":"{"}"#)),
            (r#"{"n":{"a":"\"}\\"},"cert":"x","sign":"s"}"#, Some(r#"{"a":"\"}\\"}"#)),
            (r#"{"n":{"a":"a\/b {\"sign\":\"x\"}"}}"#, Some(r#"{"a":"a\/b {\"sign\":\"x\"}"}"#)),
            (r#"{"sign":"\"n\":{}","n":{}}"#, Some("{}")),
            (r#"{"n":null}"#, Some("null")),
            (r#"{"n":-1.5e+3}"#, Some("-1.5e+3")),
            (r#"{"n":"text"}"#, Some(r#""text""#)),
            ("{}", None),
            ("", None),
            ("[]", None),
            (r#"{"n":{}"#, None),
            (r#"{"n":{}}x"#, None),
            (r#"{"n":{},}"#, None),
            (r#"{"n":}"#, None),
            (r#"{"n" {}}"#, None),
            (r#"{n:{}}"#, None),
            (r#"{"n":{"a":"#, None),
            (r#"{"n":{"a":"\"#, None),
            (r#"{"n":{]}"#, None),
            (r#"{"n":{},"n":{}}"#, None),
        ] {
            assert_eq!(value_of(text, "n"), want, "{text}");
        }
    }

    #[test]
    fn nesting_costs_memory_in_proportion_and_no_stack() {
        let deep = format!("{{\"n\":{}", "[".repeat(1_000_000));
        assert_eq!(members(deep.as_bytes()), None);
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            "[\\PC\"\\\\{}\\[\\]:,/]{0,12}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
                prop::collection::vec(("[a-z\"\\\\}]{0,4}", inner), 0..5)
                    .prop_map(|m| serde_json::Value::Object(m.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// serde_json's own raw values are the reference.
        #[test]
        fn agrees_with_serde_json(values in prop::collection::btree_map("[a-z_]{1,8}", json(), 0..6), pretty: bool) {
            let text = if pretty { serde_json::to_string_pretty(&values) } else { serde_json::to_string(&values) }.unwrap();
            let reference: BTreeMap<&str, &RawValue> = serde_json::from_str(&text).unwrap();
            let found = members(text.as_bytes()).unwrap();
            prop_assert_eq!(found.len(), reference.len());
            for member in found {
                let raw = reference[std::str::from_utf8(member.key).unwrap()];
                prop_assert_eq!(member.value, raw.get().as_bytes());
            }
        }

        #[test]
        fn never_panics(text in prop::collection::vec(any::<u8>(), 0..200)) {
            members(&text);
        }
    }
}
