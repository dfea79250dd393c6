//! What an order costs, counted: every signature that anybody makes or checks, every exchange, every transaction.
//! A throughput can't exceed what the machine does of these; the rest is what Sluice adds.

use serde::Serialize;

use crate::raw::Raw;

/// A request of the merchant, and Sluice's answer to it: one exchange, two signatures.
const REQUEST: Step = Step { signs: 2, verifies: 2, exchanges: 1 };
/// A request to the channel, and the channel's answer.
const CHANNEL: Step = Step { signs: 2, verifies: 2, exchanges: 1 };
/// A page is only signed; the payer's browser brings it to the provider later.
const PAGE: Step = Step { signs: 1, verifies: 0, exchanges: 0 };
/// The provider's notification of the payment.
const NOTIFICATION: Step = Step { signs: 1, verifies: 1, exchanges: 1 };
/// The callback to the merchant.
const CALLBACK: Step = Step { signs: 1, verifies: 1, exchanges: 1 };

/// A part of an order's way: what all parties together do on it.
struct Step {
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
    /// A direct trade, from one of many users to the app, to the acknowledged callback.
    Trade,
    /// The same, all of one user: every one of them changes the same balance.
    HotTrade,
    /// A trade that is authorised and then captured, two requests, to the acknowledged callback.
    Capture,
    /// A part of a trade goes back to the payer, to the acknowledged callback.
    Refund,
    /// A withdrawal that the channel pays out at once, to the acknowledged callback.
    Withdrawal,
    /// A callback.
    Callback,
}

impl Workload {
    /// All of them.
    pub(crate) const ALL: [Self; 9] = [
        Self::CreatePage,
        Self::CreateQr,
        Self::Recharge,
        Self::Trade,
        Self::HotTrade,
        Self::Capture,
        Self::Refund,
        Self::Withdrawal,
        Self::Callback,
    ];

    /// As in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CreatePage => "orders created, page",
            Self::CreateQr => "orders created, qr",
            Self::Recharge => "whole recharges, qr",
            Self::Trade => "direct trades",
            Self::HotTrade => "trades of one user",
            Self::Capture => "authorise + capture",
            Self::Refund => "refunds of trades",
            Self::Withdrawal => "withdrawals",
            Self::Callback => "callbacks",
        }
    }

    /// What one of it costs.
    pub(crate) fn cost(self) -> Cost {
        let (steps, commits, journals) = self.way();
        let sum = |part: fn(&Step) -> u32| steps.iter().map(part).sum();
        Cost {
            signs: sum(|step| step.signs),
            verifies: sum(|step| step.verifies),
            exchanges: sum(|step| step.exchanges),
            commits,
            journals,
        }
    }

    /// Its steps, its durable transactions, and how many of them move money. Leases of tasks are no transactions of an
    /// order: they are taken many at a time.
    fn way(self) -> (&'static [Step], u32, u32) {
        match self {
            // Created, at once with its payment.
            Self::CreatePage => (&[REQUEST, PAGE], 1, 0),
            // Created; submitted.
            Self::CreateQr => (&[REQUEST, CHANNEL], 2, 0),
            // Created; submitted; paid and credited; acknowledged.
            Self::Recharge => (&[REQUEST, CHANNEL, NOTIFICATION, CALLBACK], 4, 1),
            // Created and settled, or paid back; acknowledged.
            Self::Trade | Self::HotTrade | Self::Refund => (&[REQUEST, CALLBACK], 2, 1),
            // Held; captured; acknowledged.
            Self::Capture => (&[REQUEST, REQUEST, CALLBACK], 3, 2),
            // Held; paid out; acknowledged.
            Self::Withdrawal => (&[REQUEST, CHANNEL, CALLBACK], 3, 2),
            // Acknowledged.
            Self::Callback => (&[CALLBACK], 1, 0),
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
    /// Those among them that move money, and so write a journal.
    pub(crate) journals: u32,
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
    let plain = cost.commits - cost.journals;
    let commits =
        per(plain, raw.commit_grouped.per_second) + per(cost.journals, raw.trade_grouped.per_second);
    let mut limits = vec![
        (Resource::Signatures, 1.0 / signatures),
        (Resource::Commits, 1.0 / commits),
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

    /// `commits`: order-like transactions in groups; trade-like ones are half as fast.
    pub(crate) fn raw(sign: f64, verify: f64, commits: f64, http: f64) -> Raw {
        let rate = |per_second| Rate { per_second, rounds: vec![per_second] };
        let cores = |all: f64| Cores { one: rate(all / 2.0), all: rate(all), cpu_ms: 2_000.0 / all };
        Raw {
            sign: cores(sign),
            verify: cores(verify),
            append: rate(3_000.0),
            commit_alone: rate(commits / 5.0),
            commit_grouped: rate(commits),
            trade_grouped: rate(commits / 2.0),
            http: rate(http),
        }
    }

    #[test]
    fn every_signature_is_counted() {
        let cost = |signs, verifies, exchanges, commits, journals| Cost {
            signs,
            verifies,
            exchanges,
            commits,
            journals,
        };
        let expected = [
            (Workload::CreatePage, cost(3, 2, 1, 1, 0)),
            (Workload::CreateQr, cost(4, 4, 2, 2, 0)),
            (Workload::Recharge, cost(6, 6, 4, 4, 1)),
            (Workload::Trade, cost(3, 3, 2, 2, 1)),
            (Workload::HotTrade, cost(3, 3, 2, 2, 1)),
            (Workload::Capture, cost(5, 5, 3, 3, 2)),
            (Workload::Refund, cost(3, 3, 2, 2, 1)),
            (Workload::Withdrawal, cost(5, 5, 3, 3, 2)),
            (Workload::Callback, cost(1, 1, 1, 1, 0)),
        ];
        assert_eq!(expected.map(|(workload, _)| workload), Workload::ALL);
        for (workload, expected) in expected {
            assert_eq!(workload.cost(), expected, "{workload:?}");
        }
    }

    #[test]
    fn the_tightest_limit_is_first() {
        let cost = Workload::Recharge.cost();
        let limits_of =
            |raw: &Raw| limits(raw, cost).into_iter().map(|(r, n)| (r, n.round())).collect::<Vec<_>>();
        // 6/6000 + 6/60000 s for signatures; 3/10000 + 1/5000 s; 4/60000 s.
        assert_eq!(
            limits_of(&raw(6_000.0, 60_000.0, 10_000.0, 60_000.0)),
            [(Resource::Signatures, 909.0), (Resource::Commits, 2_000.0), (Resource::Http, 15_000.0)]
        );
        assert_eq!(limits_of(&raw(6e9, 6e9, 100.0, 60_000.0))[0], (Resource::Commits, 20.0));
        let ms = signature_ms(&raw(6_000.0, 60_000.0, 1.0, 1.0), cost);
        assert!((ms - 2.2).abs() < 1e-9, "{ms}");
    }
}
