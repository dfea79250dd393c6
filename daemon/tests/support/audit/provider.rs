//! The provider's own books: each payment is credited once or in suspense once; each refund and each payout is one
//! order's, with its amount, its payee and its end.

use std::collections::BTreeMap;

use serde::Deserialize;
use sluice_sim::stand::Stand;

use super::rows::{Books, OrderRow};

/// A payment, refund or payout in the provider's books.
#[derive(Debug, Deserialize)]
pub(super) struct Record {
    pub(super) kind: String,
    channel_ref: String,
    amount_minor: i64,
    state: String,
    payments: Vec<Payment>,
    paid_minor: i64,
    refunded_minor: i64,
    paid_out_minor: i64,
    returned_minor: i64,
    /// Refunds: the payment's number.
    payment: Option<String>,
    payee: Option<Payee>,
}

#[derive(Debug, Deserialize)]
struct Payee {
    identity: String,
}

/// Money that a payer gave.
#[derive(Debug, Deserialize)]
pub(super) struct Payment {
    channel_order_no: String,
    amount_minor: i64,
}

impl Payment {
    /// The provider's own number of it.
    pub(super) fn number(&self) -> &str {
        &self.channel_order_no
    }
}

/// The provider's books.
pub(super) struct Provider(pub(super) Vec<Record>);

impl Provider {
    pub(super) async fn read(stand: &Stand) -> Self {
        let orders = stand.control().orders().await.unwrap();
        Self(orders.into_iter().map(|order| serde_json::from_value(order).unwrap()).collect())
    }

    /// All payments, with the number that Sluice sent.
    pub(super) fn payments(&self) -> impl Iterator<Item = (&str, &Payment)> {
        self.0.iter().flat_map(|record| record.payments.iter().map(|one| (record.channel_ref.as_str(), one)))
    }

    pub(super) fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Record> {
        self.0.iter().filter(move |record| record.kind == kind)
    }

    /// What it took and has not given back or paid out.
    pub(super) fn in_hand(&self) -> i64 {
        let of = |record: &Record| {
            record.paid_minor - record.refunded_minor - record.paid_out_minor + record.returned_minor
        };
        self.0.iter().map(of).sum()
    }
}

/// Holds the provider's books against the orders. Answers by how much more was booked than was paid, because the
/// provider said so: without `lies`, nothing.
pub(super) fn agrees(provider: &Provider, books: &Books, lies: bool) -> i64 {
    refunds(provider, books);
    payouts(provider, books);
    payments(provider, books, lies)
}

fn order<'a>(by_ref: &BTreeMap<&str, &'a OrderRow>, channel_ref: &str) -> &'a OrderRow {
    by_ref
        .get(channel_ref)
        .unwrap_or_else(|| panic!("the provider has {channel_ref}, which is no order of ours"))
}

fn payments(provider: &Provider, books: &Books, lies: bool) -> i64 {
    let by_ref = books.by_ref();
    let mut credited: BTreeMap<&str, &OrderRow> =
        books.orders.iter().filter_map(|order| Some((order.paid_ref.as_deref()?, order))).collect();
    let mut suspense: BTreeMap<(&str, &str), i64> =
        books.suspense.iter().map(|one| ((one.order_id.as_str(), one.key.as_str()), one.amount)).collect();
    let mut lied = 0;
    for (channel_ref, payment) in provider.payments() {
        let order = order(&by_ref, channel_ref);
        let paid = payment.amount_minor;
        let of_order = credited.get(payment.number()).is_some_and(|one| one.order_id == order.order_id);
        let credit = if of_order { credited.remove(payment.number()) } else { None };
        let suspended = suspense.remove(&(&order.order_id, payment.number()));
        let booked = match (credit, suspended) {
            (Some(order), None) => {
                assert_eq!(order.machine, 4, "credited and told: {order:?}");
                order.amount
            }
            (None, Some(amount)) => amount,
            other => panic!("{payment:?} of {order:?} is booked as {other:?}"),
        };
        // What the provider said, signed, of this payment.
        assert!(booked == paid || (lies && booked == paid + 1), "{booked} of {payment:?} for {order:?}");
        lied += booked - paid;
    }
    assert!(credited.is_empty(), "credited without a payment: {credited:?}");
    assert!(suspense.is_empty(), "in suspense without a payment: {suspense:?}");
    lied
}

fn refunds(provider: &Provider, books: &Books) {
    let (by_ref, by_id) = (books.by_ref(), books.by_id());
    let through_channel = |order: &&OrderRow| order.kind == "refund" && order.channel_ref.is_some();
    let mut given: BTreeMap<&str, &OrderRow> = books
        .orders
        .iter()
        .filter(through_channel)
        .filter(|order| order.machine == 4)
        .map(|order| (order.order_id.as_str(), order))
        .collect();
    for record in provider.of_kind("refund") {
        let refund = order(&by_ref, &record.channel_ref);
        let original = by_id[refund.original.as_deref().unwrap()];
        assert_eq!((refund.kind.as_str(), refund.amount), ("refund", record.amount_minor), "{record:?}");
        assert_eq!(original.channel_ref, record.payment, "the payment of {record:?}");
        let fits = match record.state.as_str() {
            "success" => refund.machine == 4,
            // Refused at once, or accepted and never shown again: then people decide.
            "failed" => refund.machine == 5 || refund.machine < 3,
            _ => refund.machine < 3,
        };
        assert!(fits, "{record:?} and {refund:?}");
        if record.state == "success" {
            given.remove(refund.order_id.as_str());
        }
    }
    assert!(given.is_empty(), "given back by us alone: {given:?}");
}

fn payouts(provider: &Provider, books: &Books) {
    let by_ref = books.by_ref();
    let gone = |order: &&OrderRow| order.kind == "withdraw" && matches!(order.machine, 3 | 4 | 6);
    let mut paid_out: BTreeMap<&str, &OrderRow> =
        books.orders.iter().filter(gone).map(|order| (order.order_id.as_str(), order)).collect();
    for record in provider.of_kind("payout") {
        let withdrawal = order(&by_ref, &record.channel_ref);
        assert_eq!(
            (withdrawal.kind.as_str(), withdrawal.amount),
            ("withdraw", record.amount_minor),
            "{record:?}"
        );
        assert_eq!(withdrawal.payee.as_deref(), record.payee.as_ref().map(|payee| payee.identity.as_str()));
        let fits = match record.state.as_str() {
            "success" => withdrawal.machine == 4,
            "returned" => withdrawal.machine == 6,
            "failed" => withdrawal.machine == 5 && withdrawal.reason.as_deref() == Some("rejected"),
            _ => withdrawal.machine < 3,
        };
        assert!(fits, "{record:?} and {withdrawal:?}");
        if matches!(record.state.as_str(), "success" | "returned") {
            let once = paid_out.remove(withdrawal.order_id.as_str());
            assert!(once.is_some(), "paid out a second time: {record:?}");
        }
    }
    assert!(paid_out.is_empty(), "paid out by us alone: {paid_out:?}");
}
