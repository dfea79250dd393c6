//! What risk rules need as statements: conditions and entries of new orders, and what operators decide.

use sluice_core::id::{OrderId, OrderKind};
use sluice_core::risk::{Condition, Counter, Day, Entry};
use sluice_core::signing::OrderType;

use crate::store::risk::{Recount, RiskRecord};
use crate::store::script::{Script, Value, values};

/// A condition, as part of the statement that checks all guards.
pub(super) fn condition(script: &mut Script, condition: &Condition) {
    match condition {
        Condition::RulesUnchanged { client_id, version } => script.add(
            "coalesce((SELECT version FROM risk_rules WHERE client_id = ?), 0) = ?",
            values![client_id, *version],
        ),
        Condition::UserMay { client_id, user_ref, act } => {
            let forbidden: Vec<_> = act.forbidden_in().map(|state| Value::from(state.name())).collect();
            let marks = vec!["?"; forbidden.len()].join(", ");
            script.add(
                &format!(
                    "NOT EXISTS (SELECT 1 FROM app_user \
                     WHERE client_id = ? AND user_ref = ? AND state IN ({marks}))"
                ),
                values![client_id, user_ref].into_iter().chain(forbidden).collect(),
            );
        }
        Condition::UserOpenedBy { client_id, user_ref, by } => script.add(
            "EXISTS (SELECT 1 FROM app_user WHERE client_id = ? AND user_ref = ? AND opened_at <= ?)",
            values![client_id, user_ref, *by],
        ),
        Condition::PayeeListedBy { client_id, payee_key, by } => script.add(
            "EXISTS (SELECT 1 FROM risk_payee WHERE client_id = ? AND payee_key = ? AND added_at <= ?)",
            values![client_id, payee_key, *by],
        ),
        Condition::OrdersAtMost { counter, orders } => {
            let mut bound = counter_values(counter);
            bound.extend(values![*orders]);
            script.add(
                "(SELECT coalesce(sum(orders), 0) FROM risk_usage \
                 WHERE day = ? AND client_id = ? AND order_type = ? AND user_ref = ?) <= ?",
                bound,
            );
        }
        Condition::AmountAtMost { counter, currency, minor } => {
            let mut bound = counter_values(counter);
            bound.extend(values![currency.code(), *minor]);
            script.add(
                "coalesce((SELECT amount_minor FROM risk_usage \
                 WHERE day = ? AND client_id = ? AND order_type = ? AND user_ref = ? AND currency = ?), 0) <= ?",
                bound,
            );
        }
    }
}

/// What is written with a new order.
pub(super) fn entry(script: &mut Script, entry: &Entry) {
    match entry {
        Entry::OpenUser { client_id, user_ref, at } => script.statement(
            "INSERT INTO app_user (client_id, user_ref, state, opened_at) VALUES (?, ?, 'normal', ?) \
             ON CONFLICT (client_id, user_ref) DO NOTHING",
            values![client_id, user_ref, *at],
        ),
        Entry::Count { counter, amount } => {
            let mut bound = counter_values(counter);
            bound.extend(values![amount.currency.code(), amount.minor]);
            script.statement(
                "INSERT INTO risk_usage (day, client_id, order_type, user_ref, currency, amount_minor, orders) \
                 VALUES (?, ?, ?, ?, ?, ?, 1) ON CONFLICT (day, client_id, order_type, user_ref, currency) \
                 DO UPDATE SET amount_minor = amount_minor + excluded.amount_minor, orders = orders + 1",
                bound,
            );
        }
    }
}

/// A counter's key, but for its currency. The whole app's has no user.
fn counter_values(counter: &Counter) -> Vec<Value> {
    values![
        counter.day.number(),
        &counter.client_id,
        counter.order_type.name(),
        counter.user_ref.as_deref().unwrap_or_default()
    ]
}

/// What operators decide.
pub(super) fn record(script: &mut Script, record: &RiskRecord) {
    match record {
        RiskRecord::Rules { client_id, version, document, at, by } => script.statement(
            "INSERT INTO risk_rules (client_id, version, document, changed_at, changed_by) VALUES (?, ?, ?, ?, ?) \
             ON CONFLICT (client_id) DO UPDATE SET version = excluded.version, document = excluded.document, \
             changed_at = excluded.changed_at, changed_by = excluded.changed_by",
            values![client_id, *version, document, *at, by],
        ),
        RiskRecord::Recount(recount) => recount_usage(script, recount),
        RiskRecord::UserState { client_id, user_ref, state, at } => script.statement(
            "INSERT INTO app_user (client_id, user_ref, state, opened_at) VALUES (?, ?, ?, ?) \
             ON CONFLICT (client_id, user_ref) DO UPDATE SET state = excluded.state",
            values![client_id, user_ref, state.name(), *at],
        ),
        RiskRecord::Suspend { client_id, order_type, at, by, reason } => script.statement(
            "INSERT INTO app_suspension (client_id, order_type, suspended_at, suspended_by, reason) \
             VALUES (?, ?, ?, ?, ?) ON CONFLICT (client_id, order_type) DO NOTHING",
            values![client_id, suspended(*order_type), *at, by, reason],
        ),
        RiskRecord::Resume { client_id, order_type } => script.statement(
            "DELETE FROM app_suspension WHERE client_id = ? AND order_type = ?",
            values![client_id, suspended(*order_type)],
        ),
        // One that is listed already goes on with its time: adding it again neither shortens nor renews the wait.
        RiskRecord::ListPayee { client_id, payee_key, masked, at, by } => script.statement(
            "INSERT INTO risk_payee (client_id, payee_key, masked, added_at, added_by) VALUES (?, ?, ?, ?, ?) \
             ON CONFLICT (client_id, payee_key) DO NOTHING",
            values![client_id, payee_key, masked, *at, by],
        ),
        RiskRecord::UnlistPayee { client_id, payee_key } => script.statement(
            "DELETE FROM risk_payee WHERE client_id = ? AND payee_key = ?",
            values![client_id, payee_key],
        ),
    }
}

/// How a suspension names what it stops: '' is the whole app.
fn suspended(order_type: Option<OrderType>) -> &'static str {
    order_type.map_or("", OrderType::name)
}

/// Makes an app's counters of today, and of yesterday for a clock that is a little behind, from its orders.
///
/// Exact, whatever is created at the same time: an order that was judged by the former rules is refused by the guard on
/// their version, and judged anew.
fn recount_usage(script: &mut Script, recount: &Recount) {
    let Recount { client_id, rules, today, offset } = recount;
    script.statement("DELETE FROM risk_usage WHERE client_id = ?", values![client_id]);
    for order_type in OrderType::ALL {
        let of_type = rules.of(order_type);
        for (counted, user_ref) in [(of_type.counts_users(), "user_ref"), (of_type.counts_app(), "''")] {
            if !counted {
                continue;
            }
            // Ids sort by time: the orders of two days are one stretch of the index.
            let since = OrderId::new(OrderKind::Recharge, today.before().starts_at(*offset), 0);
            script.statement(
                &format!(
                    "INSERT INTO risk_usage (day, client_id, order_type, user_ref, currency, amount_minor, orders) \
                     SELECT (created_at + ?) / {DAY_MILLIS} AS day, client_id, kind, {user_ref} AS who, currency, \
                     sum(amount_minor), count(*) FROM orders WHERE client_id = ? AND kind = ? AND ulid >= ? \
                     GROUP BY day, who, currency"
                ),
                values![offset.millis(), client_id, order_type.name(), since.ulid()],
            );
        }
    }
}

const DAY_MILLIS: i64 = 86_400_000;

/// Forgets counters of days that are over.
pub(super) fn expire(script: &mut Script, before: Day) {
    script.statement("DELETE FROM risk_usage WHERE day < ?", values![before.number()]);
}
