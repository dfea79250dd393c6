//! What holds at every step of every history, and over all books of a wallet.

use std::collections::BTreeMap;

use sluice_core::change::{Event, Origin, SuspenseReason, SuspenseState, TaskKind};
use sluice_core::diagnose::{CODES, CallbackFacts, PlannedTask, diagnose, next_step};
use sluice_core::each_order;
use sluice_core::id::OrderId;
use sluice_core::order::disbursement::Sending;
use sluice_core::order::{
    AnyOrder, CallbackState, ClosedReason, Kind, Order, OrderObject, State, Trigger, refund,
};

use super::wallet::Wallet;

/// A new order: version 1, and its first steps are the machine's.
pub fn first_step(order: &AnyOrder, events: &[Event]) {
    assert_eq!((order.row_version(), order.state_version()), (1, 1), "{order:?}");
    each_order!(order, o => walk(o, first_state(o), events));
}

fn first_state<K: Kind>(_: &Order<K>) -> K::State {
    K::State::ALL[0]
}

/// A changed order: only steps of the machine, and one new version if a merchant sees a difference.
pub fn step(before: &AnyOrder, after: &AnyOrder, events: &[Event]) {
    match (before, after) {
        (AnyOrder::Recharge(b), AnyOrder::Recharge(a)) => walk(a, b.state, events),
        (AnyOrder::Withdraw(b), AnyOrder::Withdraw(a)) => walk(a, b.state, events),
        (AnyOrder::Trade(b), AnyOrder::Trade(a)) => walk(a, b.state, events),
        (AnyOrder::Refund(b), AnyOrder::Refund(a)) => walk(a, b.state, events),
        _ => panic!("{before:?} became {after:?}"),
    }
    let grown = after.state_version() - before.state_version();
    assert!((0..=1).contains(&grown), "the version grows by {grown}");
    if facts(before) != facts(after) {
        assert_eq!(grown, 1, "unseen: {before:?} became {after:?}");
    }
}

/// What a merchant sees and what a version is given for: all but the channel's number and the callbacks' progress.
fn facts(order: &AnyOrder) -> OrderObject {
    let mut object = order.object();
    object.state_version = 0;
    object.channel_order_no = None;
    object.callbacks.clear();
    object
}

/// The steps that a decision says it took lead, one by one and by the machine's table, to where the order now is.
fn walk<K: Kind>(after: &Order<K>, before: K::State, events: &[Event]) {
    let mut at = before;
    for event in events.iter().filter(|e| e.order == Some(after.id) && e.origin == Origin::Order) {
        let Some(from) = event.detail.get("from").and_then(|n| n.as_u64()) else { continue };
        let to = event.detail["to"].as_u64();
        assert_eq!(from, u64::from(at.number()), "{}", event.summary);
        let step = K::TRANSITIONS.iter().find(|t| {
            let summary = format!("{} → {}: {}", t.0.name(), t.2.name(), t.1.name());
            t.0 == at && Some(u64::from(t.2.number())) == to && summary == event.summary
        });
        at = step.unwrap_or_else(|| panic!("no such step: {}", event.summary)).2;
    }
    assert_eq!(at, after.state, "a step without an event: {before:?} → {:?}", after.state);
}

/// All books of a wallet.
pub fn audit(wallet: &Wallet) {
    trial_balance(wallet);
    held(wallet);
    suspense(wallet);
    for order in wallet.orders.values() {
        callbacks(wallet, order);
        planned(wallet, order);
        refunds(wallet, order);
        let code = diagnose(order, &CallbackFacts::default()).code;
        assert!(CODES.iter().any(|(known, _)| *known == code), "{code}");
    }
}

fn trial_balance(wallet: &Wallet) {
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for journal in wallet.journals.values() {
        for (account, gain) in journal.effects() {
            *sums.entry(account.to_string()).or_default() += gain;
        }
    }
    assert_eq!(sums, wallet.balances, "each balance is the sum of its postings");
    let all = wallet.journals.values().flat_map(|j| &j.postings).map(|p| p.minor).sum::<i64>();
    assert_eq!(all, 0, "the trial balance");
}

/// What is held is what the open orders hold, account by account.
fn held(wallet: &Wallet) {
    let mut holds: BTreeMap<String, i64> = BTreeMap::new();
    for order in wallet.orders.values().filter(|o| o.is_open()) {
        let user = format!("user:{}:{}:held", order.client_id(), order.user_ref());
        let (account, minor) = match order {
            AnyOrder::Recharge(_) => continue,
            AnyOrder::Withdraw(o) => (user, o.held()),
            AnyOrder::Trade(o) => (user, o.details.held),
            AnyOrder::Refund(o) if o.details.source == refund::Source::App => {
                (format!("app:{}:held", o.client_id), o.details.held)
            }
            AnyOrder::Refund(o) => (user, o.details.held),
        };
        *holds.entry(account).or_default() += minor;
    }
    for (account, balance) in wallet.balances.iter().filter(|(account, _)| account.ends_with(":held")) {
        assert_eq!(holds.remove(account).unwrap_or(0), *balance, "{account}");
    }
    assert!(holds.values().all(|minor| *minor == 0), "held without an account: {holds:?}");
}

/// Suspense has what came in and was not decided on, less what went out without its hold.
fn suspense(wallet: &Wallet) {
    let waiting: i64 = wallet
        .suspense
        .values()
        .filter(|(_, state)| !matches!(state, SuspenseState::Applied | SuspenseState::Refunded))
        .map(|(s, _)| match s.reason {
            SuspenseReason::PaidOutAfterRelease => -s.amount.minor,
            _ => s.amount.minor,
        })
        .sum();
    assert_eq!(wallet.balance("suspense"), waiting);
}

/// At most one undelivered callback per order, with a task that delivers it; rows and lists agree.
fn callbacks(wallet: &Wallet, order: &AnyOrder) {
    let open: Vec<_> = order.callbacks().iter().filter(|c| c.state == CallbackState::Pending).collect();
    assert!(open.len() <= 1, "{open:?}");
    for callback in order.callbacks() {
        assert_eq!(wallet.callbacks[&callback.callback_id], (order.id(), callback.state));
        let planned = wallet.tasks.contains_key(&(TaskKind::Callback.name(), callback.callback_id.clone()));
        assert_eq!(planned, callback.state == CallbackState::Pending, "{callback:?}");
    }
}

/// An open order has something planned, or waits for a person; a closed one is left alone.
fn planned(wallet: &Wallet, order: &AnyOrder) {
    let tasks = planned_tasks(wallet, order.id());
    let has = |kind| tasks.iter().any(|t: &PlannedTask| t.kind == kind);
    let next = next_step(order, &tasks);
    let flagged = |flag: &str| order.flags().contains(flag);
    let for_a_person = order.undecided() > 0 || flagged("contradicted") || flagged("refunded_after_release");
    let goes_on = match order {
        AnyOrder::Recharge(_) => for_a_person || has(TaskKind::Close),
        AnyOrder::Trade(_) => has(TaskKind::Close),
        AnyOrder::Withdraw(_) | AnyOrder::Refund(_) => has(TaskKind::Submit) || has(TaskKind::Requery),
    };
    let sending = match order {
        AnyOrder::Withdraw(o) => o.details.sending,
        AnyOrder::Refund(o) => o.details.sending,
        AnyOrder::Recharge(_) | AnyOrder::Trade(_) => Sending::default(),
    };
    assert!(sending.refused_at.is_none() || !has(TaskKind::Submit), "retired, and to be sent: {order:?}");
    if order.is_open() {
        assert!(goes_on, "nothing is planned for {order:?}");
        assert_ne!(next.kind, "none");
    } else {
        assert!(!has(TaskKind::Submit) && !has(TaskKind::Requery), "still asked for: {order:?}");
    }
    assert_eq!(next.kind == "operator", for_a_person, "{next:?}");
    // A payout may come back from the bank; what was given up after it was sent may have gone out after all.
    let is_watchable = match order {
        AnyOrder::Withdraw(o) => match o.closed_reason {
            Some(reason) => reason == ClosedReason::Rejected && o.suspense_keys.is_empty(),
            None => matches!(order.state_number(), 3 | 4),
        },
        AnyOrder::Refund(o) => o.state == refund::State::Failed && !flagged("refunded_after_release"),
        AnyOrder::Recharge(_) | AnyOrder::Trade(_) => false,
    };
    assert!(!has(TaskKind::Watch) || is_watchable, "watched: {order:?}");
}

pub fn planned_tasks(wallet: &Wallet, order: OrderId) -> Vec<PlannedTask> {
    let planned = |kind| wallet.task(kind, order).map(|t| PlannedTask { kind, due_at: t.due_at });
    TaskKind::ALL.into_iter().filter_map(planned).collect()
}

/// An order's sums are those of its refunds, never above what was paid; the fee's parts add up.
fn refunds(wallet: &Wallet, order: &AnyOrder) {
    let (paid, fee) = match order {
        AnyOrder::Recharge(o) => (o.amount.minor, if o.fee_terms.returned { o.fee } else { 0 }),
        AnyOrder::Trade(o) => (o.details.captured.unwrap_or(0), if o.fee_terms.returned { o.fee } else { 0 }),
        _ => return,
    };
    let of_it: Vec<_> = wallet
        .orders
        .values()
        .filter_map(|o| o.refund().ok())
        .filter(|r| r.details.original == order.id())
        .filter(|r| !matches!(r.details.source, refund::Source::Suspense(_)))
        .collect();
    let open = of_it.iter().filter(|r| r.state.is_open());
    let done = of_it.iter().filter(|r| !r.state.is_open() && r.state != refund::State::Failed);
    let sums = order.refunds();
    assert_eq!(sums.refunding, open.clone().map(|r| r.amount.minor).sum::<i64>());
    assert_eq!(sums.refunded, done.clone().map(|r| r.amount.minor).sum::<i64>());
    assert_eq!(
        (sums.open as usize, sums.failed as usize),
        (open.clone().count(), of_it.len() - open.clone().count() - done.clone().count())
    );
    assert!(sums.refunding + sums.refunded <= paid, "more refunded than paid: {order:?}");
    assert!(of_it.iter().all(|r| r.details.fee_returned >= 0 && r.details.held >= 0));
    let parts = open.chain(done).map(|r| r.details.fee_returned).sum::<i64>();
    assert_eq!(sums.fee_returned, parts);
    assert!(parts <= fee, "more of the fee returned than it was");
    if !of_it.is_empty() && sums.refunding + sums.refunded == paid {
        assert_eq!(parts, fee, "the parts of the fee add up");
    }
}
