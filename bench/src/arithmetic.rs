//! What an order costs, counted: every signature that anybody makes or checks, every exchange, every transaction.
//! A throughput can't exceed what the machine does of these; the rest is what Sluice adds.

use serde::Serialize;

use crate::raw::Raw;

/// Who signs and who checks at each step of an order's way, and in which workloads the step occurs.
const STEPS: [Step; 7] = [
    // The merchant's request, and Sluice's answer to it: one exchange, two signatures.
    Step { on: [true, true, true, false], signs: 1, verifies: 1, exchanges: 1 },
    Step { on: [true, true, true, false], signs: 1, verifies: 1, exchanges: 0 },
    // The request to the channel: posted to the gateway, and answered with a signature.
    Step { on: [false, true, true, false], signs: 1, verifies: 1, exchanges: 1 },
    Step { on: [false, true, true, false], signs: 1, verifies: 1, exchanges: 0 },
    // A page is only signed; the payer's browser brings it to the provider later.
    Step { on: [true, false, false, false], signs: 1, verifies: 0, exchanges: 0 },
    // The provider's notification of the payment.
    Step { on: [false, false, true, false], signs: 1, verifies: 1, exchanges: 1 },
    // The callback to the merchant.
    Step { on: [false, false, true, true], signs: 1, verifies: 1, exchanges: 1 },
];

struct Step {
    /// By workload, in the order of [`Workload::ALL`].
    on: [bool; 4],
    signs: u32,
    verifies: u32,
    exchanges: u32,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Workload {
    /// A recharge is created; its payment is a signed page.
    CreatePage,
    /// A recharge is created; its payment is a code that the provider gives.
    CreateQr,
    /// A recharge by code from creation to the acknowledged callback.
    Recharge,
    /// A callback.
    Callback,
}

impl Workload {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::CreatePage, Self::CreateQr, Self::Recharge, Self::Callback];

    /// As in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CreatePage => "orders created, page",
            Self::CreateQr => "orders created, qr",
            Self::Recharge => "whole recharges, qr",
            Self::Callback => "callbacks",
        }
    }

    /// What one of it costs.
    pub(crate) fn cost(self) -> Cost {
        let of = |part: fn(&Step) -> u32| {
            let on = |step: &&Step| Self::ALL.iter().zip(step.on).any(|(w, on)| *w == self && on);
            STEPS.iter().filter(on).map(part).sum()
        };
        Cost {
            signs: of(|s| s.signs),
            verifies: of(|s| s.verifies),
            exchanges: of(|s| s.exchanges),
            commits: match self {
                // Created; at once with its payment.
                Self::CreatePage => 1,
                // Created; submitted.
                Self::CreateQr => 2,
                // Created; submitted; paid and credited; acknowledged.
                Self::Recharge => 4,
                // Acknowledged. Leases are taken many at a time.
                Self::Callback => 1,
            },
        }
    }
}

/// What one order (or callback) costs, over all parties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Cost {
    /// RSA signatures made.
    pub(crate) signs: u32,
    /// RSA signatures checked.
    pub(crate) verifies: u32,
    /// HTTP exchanges.
    pub(crate) exchanges: u32,
    /// Durable transactions of the daemon.
    pub(crate) commits: u32,
}

/// A resource that an order can't do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Resource {
    /// All cores doing nothing but the signatures.
    Signatures,
    /// SQLite doing nothing but the transactions, in groups.
    Commits,
    /// All cores doing nothing but the exchanges.
    Http,
}

impl Resource {
    /// As in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Signatures => "signatures",
            Self::Commits => "commits",
            Self::Http => "HTTP",
        }
    }
}

/// The most of a workload that the machine allows per second, by resource, tightest first.
pub(crate) fn limits(raw: &Raw, cost: Cost) -> Vec<(Resource, f64)> {
    let per = |count: u32, rate: f64| f64::from(count) / rate;
    let signatures = per(cost.signs, raw.sign.all.per_second) + per(cost.verifies, raw.verify.all.per_second);
    let mut limits = vec![
        (Resource::Signatures, 1.0 / signatures),
        (Resource::Commits, 1.0 / per(cost.commits, raw.commit_grouped.per_second)),
        (Resource::Http, 1.0 / per(cost.exchanges, raw.http.per_second)),
    ];
    limits.sort_by(|a, b| a.1.total_cmp(&b.1));
    limits
}

/// The processor time of a cost's signatures, in milliseconds.
pub(crate) fn signature_ms(raw: &Raw, cost: Cost) -> f64 {
    f64::from(cost.signs) * raw.sign.cpu_ms + f64::from(cost.verifies) * raw.verify.cpu_ms
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::measure::Rate;
    use crate::raw::Cores;

    pub(crate) fn raw(sign: f64, verify: f64, commits: f64, http: f64) -> Raw {
        let rate = |per_second| Rate { per_second, rounds: vec![per_second] };
        let cores = |all: f64| Cores { one: rate(all / 2.0), all: rate(all), cpu_ms: 2_000.0 / all };
        Raw {
            sign: cores(sign),
            verify: cores(verify),
            append: rate(3_000.0),
            commit_alone: rate(commits / 5.0),
            commit_grouped: rate(commits),
            http: rate(http),
        }
    }

    #[test]
    fn every_signature_is_counted() {
        let cost = |signs, verifies, exchanges, commits| Cost { signs, verifies, exchanges, commits };
        for (workload, expected) in [
            (Workload::CreatePage, cost(3, 2, 1, 1)),
            (Workload::CreateQr, cost(4, 4, 2, 2)),
            (Workload::Recharge, cost(6, 6, 4, 4)),
            (Workload::Callback, cost(1, 1, 1, 1)),
        ] {
            assert_eq!(workload.cost(), expected, "{workload:?}");
        }
    }

    #[test]
    fn the_tightest_limit_is_first() {
        let cost = Workload::Recharge.cost();
        let limits_of =
            |raw: &Raw| limits(raw, cost).into_iter().map(|(r, n)| (r, n.round())).collect::<Vec<_>>();
        // 6/6000 + 6/60000 s for signatures; 4/10000 s; 4/60000 s.
        assert_eq!(
            limits_of(&raw(6_000.0, 60_000.0, 10_000.0, 60_000.0)),
            [(Resource::Signatures, 909.0), (Resource::Commits, 2_500.0), (Resource::Http, 15_000.0)]
        );
        assert_eq!(limits_of(&raw(6e9, 6e9, 100.0, 60_000.0))[0], (Resource::Commits, 25.0));
        let ms = signature_ms(&raw(6_000.0, 60_000.0, 1.0, 1.0), cost);
        assert!((ms - 2.2).abs() < 1e-9, "{ms}");
    }
}
