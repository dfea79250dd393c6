//! Whatever happens, in whatever order and however often: the machine, the books and the callbacks hold.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

use proptest::prelude::*;
use sluice_core::change::TaskKind;
use sluice_core::diagnose::{CODES, CallbackFacts, diagnose};
use sluice_core::fee::FeeRule;
use sluice_core::order::recharge::{State, TRANSITIONS};
use sluice_core::order::{CallbackState, State as _};
use sluice_core::policy::LatePolicy;
use support::recharge::Books;
use support::{AMOUNT, policy};

fn facts() -> impl Strategy<Value = Vec<&'static str>> {
    let fact = prop::sample::select(vec![
        "accepted",
        "refused",
        "lost",
        "unpaid",
        "notfound",
        "unknown",
        "closed",
        "paid 8888 T1",
        "paid 8888 -",
        "notified 8888 T1",
        "notified 8888 T2",
        "notified 1 T3",
        "paid 8888 T3",
        "merchant-closes",
        "told closed",
        "told notfound",
        "told unknown",
        "ack",
        "wait 1m",
        "wait 3h",
    ]);
    prop::collection::vec(fact, 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn histories(facts in facts(), suspend: bool, fee in 0i64..100) {
        let late = if suspend { LatePolicy::Suspend } else { LatePolicy::Credit };
        let mut books = Books::create(policy(late), FeeRule { fixed: fee, ..FeeRule::default() });
        for fact in facts {
            let (state, version) = (books.order.state, books.order.state_version);
            // Refusals change nothing; everything else is checked.
            if books.play(fact).is_err() {
                prop_assert_eq!(books.order.state, state);
                continue;
            }
            let order = &books.order;
            let allowed = state == order.state
                || TRANSITIONS.iter().any(|t| t.0 == state && t.2 == order.state)
                // An attempt can be accepted and paid in one decision's facts.
                || (state == State::Created && order.state.number() <= 3);
            prop_assert!(allowed, "{state:?} → {:?} by {fact}", order.state);
            prop_assert!(order.state_version >= version);

            let paid = matches!(order.state, State::Paid | State::Completed);
            prop_assert_eq!(books.has_journal("recharge_credit"), paid, "{}", fact);
            prop_assert_eq!(books.user(), if paid { AMOUNT - fee } else { 0 });
            let suspended = books.suspended();
            prop_assert_eq!(books.balance("suspense"), suspended);
            prop_assert_eq!(
                books.balance("channel:alipay:clearing"),
                books.user() + suspended + if paid { fee } else { 0 }
            );

            let open = order.callbacks.iter().filter(|c| c.state == CallbackState::Pending).count();
            prop_assert!(open <= 1, "{} undelivered callbacks", open);
            prop_assert_eq!(order.closed_reason.is_some(), order.state == State::Closed);
            prop_assert!(CODES.iter().any(|(c, _)| *c == diagnose(&order.clone().into(), &CallbackFacts::default()).code));

            // Nothing is forgotten: an open order without money in suspense always has something planned.
            if order.state.is_open() && order.suspense_keys.is_empty() {
                prop_assert!(books.has_task(TaskKind::Close), "nothing closes it after {}", fact);
            }
            if paid {
                let planned = [TaskKind::Submit, TaskKind::Requery, TaskKind::Close];
                prop_assert!(planned.iter().all(|k| !books.has_task(*k)), "still asked for after {}", fact);
            }
        }
    }
}
