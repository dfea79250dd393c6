//! Rate limits of this process: how fast apps and source networks may ask. Nothing durable.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sluice_core::risk::{Buckets, Network, Rate};
use sluice_core::time::Timestamp;

use crate::config::LimitsConfig;

/// Apps and networks that are remembered, in each of two generations.
const REMEMBERED: usize = 10_000;

/// Who asked how much, lately.
pub(crate) struct Limits {
    /// Limits go by a clock that nobody sets.
    began: Instant,
    rates: LimitsConfig,
    apps: Mutex<Buckets<String>>,
    networks: Mutex<Buckets<Network>>,
    refused: Mutex<Buckets<Network>>,
}

impl Limits {
    pub(crate) fn new(rates: LimitsConfig) -> Self {
        let networks = || Mutex::new(Buckets::new(REMEMBERED));
        let apps = Mutex::new(Buckets::new(REMEMBERED));
        Self { began: Instant::now(), rates, apps, networks: networks(), refused: networks() }
    }

    /// Lets a request pass whose signature holds, or says how long to wait. `of_app`: the rate that the app's rules say.
    pub(crate) fn verified(
        &self,
        client_id: &str,
        of_app: Option<Rate>,
        source: IpAddr,
    ) -> Result<(), Duration> {
        lock(&self.apps).take(client_id.to_owned(), of_app.unwrap_or(self.rates.app()), self.now())?;
        self.known(source)
    }

    /// Lets a request pass whose sender is known otherwise: by its client secret.
    pub(crate) fn known(&self, source: IpAddr) -> Result<(), Duration> {
        lock(&self.networks).take(Network::around(source), self.rates.network(), self.now())
    }

    /// Whether a refusal is still answered as what it is. Never asked about a request whose signature holds: who floods us
    /// from a network keeps nobody else of it out.
    pub(crate) fn refused(&self, source: IpAddr) -> Result<(), Duration> {
        lock(&self.refused).take(Network::around(source), self.rates.refused(), self.now())
    }

    fn now(&self) -> Timestamp {
        Timestamp(0) + self.began.elapsed()
    }
}

fn lock<K>(buckets: &Mutex<Buckets<K>>) -> MutexGuard<'_, Buckets<K>> {
    buckets.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    fn rate(burst: u32) -> Rate {
        Rate { per_second: NonZeroU32::MIN, burst: NonZeroU32::new(burst).unwrap() }
    }

    fn limits() -> Limits {
        let n = |n| NonZeroU32::new(n).unwrap();
        Limits::new(LimitsConfig {
            app_per_second: n(1),
            app_burst: n(2),
            network_per_second: n(1),
            network_burst: n(4),
            refused_per_second: n(1),
            refused_burst: n(1),
        })
    }

    #[test]
    fn each_app_and_each_network_has_its_own() {
        let limits = limits();
        let (here, neighbour, there) =
            ("203.0.113.7".parse().unwrap(), "203.0.113.8".parse().unwrap(), "198.51.100.1".parse().unwrap());
        let passes = |app, source| limits.verified(app, None, source).is_ok();
        assert!(passes("a", here) && passes("a", here) && !passes("a", here), "two of an app");
        assert!(passes("b", neighbour) && passes("b", here));
        assert!(!passes("c", neighbour), "four of a network");
        assert!(passes("d", there));
        assert!(limits.verified("e", Some(rate(1)), there).is_ok());
        assert!(limits.verified("e", Some(rate(1)), there).is_err(), "the app's own rate goes before");
    }

    #[test]
    fn refused_requests_take_nothing_from_verified_ones() {
        let (limits, here) = (limits(), "203.0.113.7".parse().unwrap());
        assert!(limits.refused(here).is_ok());
        for _ in 0..100 {
            assert!(limits.refused(here).is_err());
        }
        assert!(limits.verified("a", None, here).is_ok());
    }
}
