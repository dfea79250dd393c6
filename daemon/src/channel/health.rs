//! A channel's last five minutes: how often it answered, and how fast.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sluice_core::time::Timestamp;

use crate::clock;

/// One bar of the latency sparkline.
const BUCKET: Duration = Duration::from_secs(10);
const BUCKETS: usize = 30;

/// Latencies kept of one bucket: enough for a median and a p99.
const SAMPLES: usize = 500;

#[derive(Default)]
pub(crate) struct Health {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    buckets: VecDeque<Bucket>,
    last_error: Option<(Timestamp, String)>,
    last_notification_at: Option<Timestamp>,
}

struct Bucket {
    began: Instant,
    calls: u64,
    failures: u64,
    millis: Vec<u32>,
}

/// The figures of the last five minutes.
#[derive(Clone, Debug, Default)]
pub(crate) struct HealthFigures {
    pub(crate) calls: u64,
    pub(crate) failures: u64,
    pub(crate) p50_ms: u32,
    pub(crate) p99_ms: u32,
    /// Median per bucket, oldest first; 0: no call.
    pub(crate) spark: Vec<u32>,
    pub(crate) last_error: Option<(Timestamp, String)>,
    pub(crate) last_notification_at: Option<Timestamp>,
}

impl Health {
    /// Notes an exchange, with what was wrong if anything was.
    pub(crate) fn note(&self, latency: Duration, error: Option<String>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.roll();
        let millis = u32::try_from(latency.as_millis()).unwrap_or(u32::MAX);
        if let Some(bucket) = inner.buckets.back_mut() {
            bucket.calls += 1;
            bucket.failures += u64::from(error.is_some());
            if bucket.millis.len() < SAMPLES {
                bucket.millis.push(millis);
            }
        }
        if let Some(error) = error {
            inner.last_error = Some((clock::now(), error));
        }
    }

    /// Notes that a notification came in and was believed.
    pub(crate) fn notified(&self) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.last_notification_at = Some(clock::now());
    }

    /// The figures now.
    pub(crate) fn figures(&self) -> HealthFigures {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.roll();
        let mut all: Vec<u32> = inner.buckets.iter().flat_map(|b| b.millis.iter().copied()).collect();
        all.sort_unstable();
        HealthFigures {
            calls: inner.buckets.iter().map(|b| b.calls).sum(),
            failures: inner.buckets.iter().map(|b| b.failures).sum(),
            p50_ms: percentile(&all, 50),
            p99_ms: percentile(&all, 99),
            spark: inner
                .buckets
                .iter()
                .map(|b| {
                    let mut millis = b.millis.clone();
                    millis.sort_unstable();
                    // A call that took no measurable time still is a call.
                    if millis.is_empty() { 0 } else { percentile(&millis, 50).max(1) }
                })
                .collect(),
            last_error: inner.last_error.clone(),
            last_notification_at: inner.last_notification_at,
        }
    }
}

impl Inner {
    /// Begins new buckets up to now, and forgets the old ones.
    fn roll(&mut self) {
        let now = Instant::now();
        let fresh = |began| Bucket { began, calls: 0, failures: 0, millis: Vec::new() };
        match self.buckets.back().map(|b| b.began) {
            Some(last) if now.duration_since(last) < BUCKET * BUCKETS as u32 => {
                let mut began = last + BUCKET;
                while began <= now {
                    self.buckets.push_back(fresh(began));
                    began += BUCKET;
                }
            }
            _ => {
                self.buckets.clear();
                self.buckets.push_back(fresh(now));
            }
        }
        while self.buckets.len() > BUCKETS {
            self.buckets.pop_front();
        }
    }
}

fn percentile(sorted: &[u32], percent: usize) -> u32 {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).copied().unwrap_or_default()
}
