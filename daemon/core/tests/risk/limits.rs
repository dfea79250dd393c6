//! Limits of a day hold exactly: over any history, with orders that are judged long before they are written, and rules
//! that change in between. What was written is counted again by hand.

use std::time::Duration;

use proptest::prelude::*;
use sluice_core::money::{Amount, Currency};
use sluice_core::risk::{Asked, Day, Passed, Rules};
use sluice_core::signing::OrderType;
use sluice_core::time::Timestamp;

use crate::database::{APP, Database, offset};

const USERS: [&str; 3] = ["u1", "u2", "u3"];

#[derive(Clone, Debug)]
struct Limits {
    user_amount: i64,
    user_count: usize,
    app_amount: i64,
}

impl Limits {
    fn rules(&self) -> Rules {
        let Self { user_amount, user_count, app_amount } = self;
        Rules::from_json(&format!(
            r#"{{"trade": {{"user_daily_amount": {{"CNY": {user_amount}}}, "user_daily_count": {user_count},
                "app_daily_amount": {{"CNY": {app_amount}}}}}}}"#
        ))
        .unwrap()
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// Judged now; written after so many further orders were judged.
    Order {
        user: usize,
        minor: i64,
        held_back: usize,
    },
    Hours(u64),
    Limits(Limits),
}

fn limits() -> impl Strategy<Value = Limits> {
    (50i64..300, 1usize..8, 100i64..600).prop_map(|(user_amount, user_count, app_amount)| Limits {
        user_amount,
        user_count,
        app_amount,
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        12 => (0..USERS.len(), 1i64..120, 0usize..6)
            .prop_map(|(user, minor, held_back)| Step::Order { user, minor, held_back }),
        2 => (1u64..20).prop_map(Step::Hours),
        1 => limits().prop_map(Step::Limits),
    ];
    prop::collection::vec(step, 1..80)
}

/// An order that was judged and is not written.
struct Judged {
    order: Written,
    passed: Passed,
    version: i64,
    due: usize,
}

#[derive(Clone, Copy)]
struct Written {
    user: usize,
    minor: i64,
    at: Timestamp,
}

impl Written {
    fn date(&self) -> time::Date {
        self.at.at_offset(time::UtcOffset::from_hms(8, 0, 0).unwrap()).date()
    }
}

fn asked(user: usize, minor: i64) -> Asked<'static> {
    Asked {
        client_id: APP,
        order_type: OrderType::Trade,
        user_ref: USERS[user],
        recipient: None,
        amount: Amount::new(minor, Currency::CNY),
        notify_host: None,
        source: "198.51.100.1".parse().unwrap(),
        payee_key: None,
    }
}

/// What a person with the list of the day's orders would say.
fn by_hand(limits: &Limits, written: &[Written], new: &Written) -> Result<(), &'static str> {
    let today = written.iter().filter(|w| w.date() == new.date());
    let of_user: Vec<_> = today.clone().filter(|w| w.user == new.user).collect();
    if of_user.len() + 1 > limits.user_count {
        return Err("user_daily_count");
    }
    if of_user.iter().map(|w| w.minor).sum::<i64>() + new.minor > limits.user_amount {
        return Err("user_daily_amount");
    }
    if today.map(|w| w.minor).sum::<i64>() + new.minor > limits.app_amount {
        return Err("app_daily_amount");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn limits_hold_exactly(first in limits(), steps in steps()) {
        let mut now = Timestamp::parse_rfc3339("2026-11-25T10:00:00+08:00").unwrap();
        let mut limits = first;
        let mut database = Database::with(&limits.rules().to_json().to_string());
        let mut written: Vec<Written> = Vec::new();
        let mut waiting: Vec<Judged> = Vec::new();
        for (turn, step) in steps.into_iter().enumerate() {
            match step {
                Step::Hours(hours) => now = now + Duration::from_secs(hours * 3_600),
                Step::Limits(changed) => {
                    limits = changed;
                    database.in_force.rules = limits.rules();
                    database.in_force.version += 1;
                }
                Step::Order { user, minor, held_back } => {
                    let order = Written { user, minor, at: now };
                    match database.judge(&asked(user, minor), now) {
                        Ok(passed) => waiting.push(Judged {
                            order,
                            passed,
                            version: database.in_force.version,
                            due: turn + held_back,
                        }),
                        // By its value alone: no list of orders could make it pass.
                        Err(rule) => {
                            let alone = by_hand(&limits, &[], &order);
                            prop_assert_eq!(alone, Err(rule));
                        }
                    }
                }
            }
            let (due, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|j| j.due <= turn);
            waiting = later;
            for judged in due {
                let got = database.write(judged.passed);
                if judged.version != database.in_force.version {
                    prop_assert_eq!(got, Err("outdated"));
                    continue;
                }
                prop_assert_eq!(got, by_hand(&limits, &written, &judged.order));
                if got.is_ok() {
                    written.push(judged.order);
                }
            }
        }
        // The counters are what a recount of the orders gives.
        for ((counter, currency), counted) in &database.counted {
            let of_counter = written.iter().filter(|w| {
                counter.user_ref.as_deref().is_none_or(|user_ref| USERS[w.user] == user_ref)
                    && Day::of(w.at, offset()) == counter.day
            });
            let again = of_counter.fold((0, 0), |(orders, minor), w| (orders + 1, minor + w.minor));
            prop_assert_eq!((*currency, *counted), (Currency::CNY, again));
        }
    }
}
