//! Hidden limits: providers throttle without saying where.

use serde::{Deserialize, Serialize};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Channel, Op};

/// A hidden limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// At which provider.
    pub channel: Channel,
    /// On which exchange.
    pub op: Op,
    /// How many calls a minute, spread evenly: at most one second's worth may come at once.
    pub per_minute: u32,
}

/// The limits in force.
#[derive(Debug, Default)]
pub struct Limits(Mutex<Vec<Bucket>>);

#[derive(Debug)]
struct Bucket {
    limit: Limit,
    tokens: f64,
    filled_at: i64,
}

impl Limits {
    /// Replaces the whole list; every limit starts with its burst unused.
    pub fn replace(&self, limits: Vec<Limit>, now_ms: i64) {
        let full = |limit: Limit| Bucket { tokens: burst(&limit), filled_at: now_ms, limit };
        *self.lock() = limits.into_iter().map(full).collect();
    }

    /// The list.
    pub fn list(&self) -> Vec<Limit> {
        self.lock().iter().map(|bucket| bucket.limit.clone()).collect()
    }

    /// Takes one call out of the budget; `false` if it is too frequent.
    pub fn admit(&self, channel: Channel, op: Op, now_ms: i64) -> bool {
        let mut buckets = self.lock();
        let mut admitted = true;
        for bucket in buckets.iter_mut().filter(|b| b.limit.channel == channel && b.limit.op == op) {
            let elapsed = now_ms.saturating_sub(bucket.filled_at).max(0) as f64;
            let refill = elapsed * f64::from(bucket.limit.per_minute) / 60_000.0;
            bucket.tokens = (bucket.tokens + refill).min(burst(&bucket.limit));
            bucket.filled_at = now_ms;
            if bucket.tokens >= 1.0 {
                bucket.tokens -= 1.0;
            } else {
                admitted = false;
            }
        }
        admitted
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Bucket>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn burst(limit: &Limit) -> f64 {
    if limit.per_minute == 0 { 0.0 } else { (f64::from(limit.per_minute) / 60.0).max(1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admits_its_rate_and_no_more() {
        let limits = Limits::default();
        limits.replace(vec![Limit { channel: Channel::Alipay, op: Op::Query, per_minute: 120 }], 0);
        let admitted = (0..10_000).filter(|ms| limits.admit(Channel::Alipay, Op::Query, *ms)).count();
        assert!((20..=22).contains(&admitted), "2/s for 10 s and a burst of 2, got {admitted}");
        assert!(limits.admit(Channel::Alipay, Op::Create, 0), "no limit there");
    }

    #[test]
    fn zero_admits_nothing() {
        let limits = Limits::default();
        limits.replace(vec![Limit { channel: Channel::Alipay, op: Op::Query, per_minute: 0 }], 0);
        let admitted = (0..1_000).filter(|ms| limits.admit(Channel::Alipay, Op::Query, *ms)).count();
        assert_eq!(admitted, 0);
    }
}
