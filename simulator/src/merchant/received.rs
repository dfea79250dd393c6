//! The callbacks that came in, as many as are worth keeping.

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock;

/// The most callbacks kept of one order: the first few would be dropped, the last ones matter.
const PER_ORDER: usize = 64;

/// The most callbacks kept in all.
const IN_ALL: usize = 100_000;

/// One callback.
#[derive(Clone, Debug, Serialize)]
pub struct Received {
    /// When it came.
    #[serde(with = "clock::text")]
    pub at: i64,
    /// Which app it was for.
    pub client_id: String,
    /// Its headers; names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body_base64: String,
    /// Whether its signature verified with the password that the sample merchant knows.
    pub verified: bool,
    /// Why it did not.
    pub why_not: Option<String>,
    /// What the sample merchant did.
    pub answered: &'static str,
    /// The order it is about.
    pub order_id: Option<String>,
    /// Its type, such as `recharge.paid`.
    #[serde(rename = "type")]
    pub callback_type: Option<String>,
}

impl Received {
    /// A callback that has just come in.
    pub(super) fn now(client_id: String, headers: &HeaderMap, body: &[u8]) -> Self {
        let content: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let header = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        Self {
            at: clock::now_ms(),
            client_id,
            headers: headers.iter().map(header).collect(),
            body_base64: STANDARD.encode(body),
            verified: false,
            why_not: None,
            answered: "",
            order_id: text(content.pointer("/order/order_id")),
            callback_type: text(content.get("type")),
        }
    }
}

/// Totals since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// All callbacks.
    pub received: u64,
    /// Those that verified.
    pub verified: u64,
    /// Those that were answered with `success`.
    pub acknowledged: u64,
}

/// The callbacks that came in.
#[derive(Debug, Default)]
pub(super) struct Log(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Oldest first; the number counts up for ever.
    entries: BTreeMap<u64, Received>,
    by_order: HashMap<String, VecDeque<u64>>,
    next: u64,
    totals: Totals,
}

impl Log {
    pub(super) fn add(&self, received: Received) {
        let mut inner = self.lock();
        inner.totals.received += 1;
        inner.totals.verified += u64::from(received.verified);
        inner.totals.acknowledged += u64::from(received.answered == "success");
        let place = inner.next;
        inner.next += 1;
        if let Some(order_id) = &received.order_id {
            let places = inner.by_order.entry(order_id.clone()).or_default();
            places.push_back(place);
            if places.len() > PER_ORDER
                && let Some(oldest) = places.pop_front()
            {
                inner.entries.remove(&oldest);
            }
        }
        inner.entries.insert(place, received);
        if inner.entries.len() > IN_ALL {
            inner.drop_oldest();
        }
    }

    /// Those of an order, oldest first.
    pub(super) fn of_order(&self, order_id: &str) -> Vec<Received> {
        let inner = self.lock();
        let places = inner.by_order.get(order_id).into_iter().flatten();
        places.filter_map(|place| inner.entries.get(place).cloned()).collect()
    }

    /// The last `limit`, oldest first.
    pub(super) fn latest(&self, limit: usize) -> Vec<Received> {
        let inner = self.lock();
        let mut latest: Vec<_> = inner.entries.values().rev().take(limit).cloned().collect();
        latest.reverse();
        latest
    }

    pub(super) fn totals(&self) -> Totals {
        self.lock().totals
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn drop_oldest(&mut self) {
        let Some((_, oldest)) = self.entries.pop_first() else { return };
        let Some(order_id) = oldest.order_id else { return };
        if let Some(places) = self.by_order.get_mut(&order_id) {
            places.pop_front();
            if places.is_empty() {
                self.by_order.remove(&order_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn callback(order_id: &str) -> Received {
        let body = format!(r#"{{"type":"recharge.paid","order":{{"order_id":"{order_id}"}}}}"#);
        Received::now("app".into(), &HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn keeps_the_last_of_an_order() {
        let log = Log::default();
        for at in 0..100 {
            log.add(Received { at, ..callback("rch_1") });
        }
        log.add(callback("rch_2"));
        let kept = log.of_order("rch_1");
        assert_eq!(kept.len(), PER_ORDER);
        assert_eq!((kept[0].at, kept[PER_ORDER - 1].at), (36, 99));
        assert_eq!(log.of_order("rch_2").len(), 1);
        assert_eq!(log.of_order("rch_3").len(), 0);
        assert_eq!(log.totals().received, 101);
        assert_eq!(log.latest(1)[0].order_id.as_deref(), Some("rch_2"));
    }

    #[test]
    fn keeps_a_bounded_number() {
        let log = Log::default();
        for number in 0..IN_ALL + 10 {
            log.add(Received { order_id: Some(format!("rch_{number}")), ..callback("x") });
        }
        let inner = log.lock();
        assert_eq!((inner.entries.len(), inner.by_order.len()), (IN_ALL, IN_ALL));
    }
}
