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

#[cfg(test)]
mod tests {
    use super::*;
    use sluice_core::change::{Change, Guard, Write};
    use sluice_core::money::{Amount, Currency};
    use sluice_core::risk::{DayOffset, Rules, UserAct, UserState};
    use sluice_core::time::Timestamp;
    use sqlx::{Connection as _, Executor as _, SqliteConnection};

    use crate::store::Store;
    use crate::store::unit::{Outcome, Record, Unit};

    const APP: &str = "app_1";

    /// 2026-11-25 in China begins.
    const MIDNIGHT: Timestamp = Timestamp(1_795_536_000_000);

    /// An empty store with one app, and a hand that writes into it what no unit would.
    async fn store(dir: &tempfile::TempDir) -> (Store, SqliteConnection) {
        let url = format!("sqlite://{}", dir.path().join("store.db").display());
        let store = Store::open(&url).await.unwrap();
        let mut hand = SqliteConnection::connect(&url).await.unwrap();
        hand.execute(
            "INSERT INTO merchant VALUES ('m', 'M', 'active', 0); \
             INSERT INTO app (client_id, merchant_id, name, secret_digest, status, order_types, created_at) \
             VALUES ('app_1', 'm', 'a', '', 'active', 'trade', 0), ('app_2', 'm', 'b', '', 'active', 'trade', 0)",
        )
        .await
        .unwrap();
        (store, hand)
    }

    async fn write(store: &Store, record: RiskRecord) {
        let unit = Unit { records: vec![Record::Risk(record)], ..Unit::default() };
        assert!(matches!(store.commit(unit).await.unwrap(), Outcome::Done { .. }));
    }

    fn counter(user_ref: Option<&str>, day: Day) -> Counter {
        let user_ref = user_ref.map(str::to_owned);
        Counter { client_id: APP.to_owned(), order_type: OrderType::Trade, user_ref, day }
    }

    #[tokio::test]
    async fn conditions_at_their_edges() {
        let dir = tempfile::tempdir().unwrap();
        let (store, _hand) = store(&dir).await;
        let (app, today) = (|| APP.to_owned(), Day::of(MIDNIGHT, DayOffset::default()));
        let (state, at) = (UserState::NoPay, MIDNIGHT);
        write(&store, RiskRecord::UserState { client_id: app(), user_ref: "u1".to_owned(), state, at }).await;
        let (payee_key, by) = ("k".to_owned(), String::new());
        write(
            &store,
            RiskRecord::ListPayee { client_id: app(), payee_key, masked: String::new(), at: MIDNIGHT, by },
        )
        .await;
        let count = |user: Option<&str>, minor, currency: &str| {
            let amount = Amount::new(minor, currency.parse::<Currency>().unwrap());
            Write::Risk(Entry::Count { counter: counter(user, today), amount })
        };
        let writes =
            vec![count(Some("u1"), 30, "CNY"), count(Some("u1"), 12, "CNY"), count(Some("u1"), 5, "USD")];
        store.commit(Change { writes, ..Change::default() }).await.unwrap();

        let rules =
            |client_id: &str, version| Condition::RulesUnchanged { client_id: client_id.to_owned(), version };
        let may = |user: &str, act| Condition::UserMay { client_id: app(), user_ref: user.to_owned(), act };
        let opened = |user: &str, by| Condition::UserOpenedBy {
            client_id: app(),
            user_ref: user.to_owned(),
            by: Timestamp(MIDNIGHT.millis() + by),
        };
        let listed = |client_id: &str, by| Condition::PayeeListedBy {
            client_id: client_id.to_owned(),
            payee_key: "k".to_owned(),
            by: Timestamp(MIDNIGHT.millis() + by),
        };
        let orders = |user, day, orders| Condition::OrdersAtMost { counter: counter(user, day), orders };
        let amount = |user, currency: &str, minor| Condition::AmountAtMost {
            counter: counter(user, today),
            currency: currency.parse().unwrap(),
            minor,
        };
        for (condition, holds) in [
            (rules(APP, 0), true),
            (rules(APP, 1), false),
            (may("u1", UserAct::Pay), false),
            (may("u1", UserAct::Receive), true),
            (may("nobody", UserAct::Pay), true),
            (opened("u1", 0), true),
            (opened("u1", -1), false),
            (opened("nobody", 0), false),
            (listed(APP, 0), true),
            (listed(APP, -1), false),
            (listed("app_2", 0), false),
            (orders(Some("u1"), today, 3), true),
            (orders(Some("u1"), today, 2), false),
            (orders(Some("u1"), today.before(), 0), true),
            (orders(None, today, 0), true),
            (amount(Some("u1"), "CNY", 42), true),
            (amount(Some("u1"), "CNY", 41), false),
            (amount(Some("u1"), "USD", 5), true),
            (amount(Some("u1"), "USD", 4), false),
            (amount(Some("u2"), "CNY", 0), true),
        ] {
            let guards = vec![Guard::Risk(condition.clone())];
            let outcome = store.commit(Change { guards, ..Change::default() }).await.unwrap();
            assert_eq!(matches!(outcome, Outcome::Done { .. }), holds, "{condition:?}");
        }
    }

    #[tokio::test]
    async fn a_day_is_counted_anew_where_it_begins() {
        const HOUR: i64 = 3_600_000;
        let dir = tempfile::tempdir().unwrap();
        let (store, mut hand) = store(&dir).await;
        let placed = [
            (-25 * HOUR, "u1", 1),
            (-24 * HOUR, "u1", 10),
            (-1, "u1", 100),
            (0, "u1", 1_000),
            (7 * HOUR, "u2", 10_000),
            (8 * HOUR, "u1", 100_000),
            (24 * HOUR - 1, "u1", 1_000_000),
        ];
        for (n, (after, user_ref, minor)) in placed.into_iter().enumerate() {
            let at = Timestamp(MIDNIGHT.millis() + after);
            let insert = sqlx::query(
                "INSERT INTO orders (order_id, kind, client_id, merchant_order_no, user_ref, amount_minor, currency, \
                 fee_minor, metadata, content_digest, machine_state, state_version, row_version, flags, created_at, \
                 updated_at) VALUES ($1, 'trade', 'app_1', $2, $3, $4, 'CNY', 0, '{}', '', 5, 1, 1, '[]', $5, $5)",
            );
            let id = OrderId::new(OrderKind::Trade, at, n as u128).to_string();
            let insert = insert.bind(id).bind(n.to_string()).bind(user_ref).bind(minor).bind(at.millis());
            insert.execute(&mut hand).await.unwrap();
        }
        let rules = r#"{"trade": {"user_daily_count": 9, "app_daily_amount": {"CNY": 9}}}"#;
        let rules = Rules::from_json(rules).unwrap();
        // Of the same moment, counted with days that begin at another hour.
        for (offset, today, u1, u2, app, yesterday) in [
            ("+08:00", 20_782, (3, 1_101_000), (1, 10_000), 1_111_000, (2, 110)),
            ("+00:00", 20_782, (2, 1_100_000), (0, 0), 1_100_000, (2, 1_100)),
        ] {
            let offset: DayOffset = offset.parse().unwrap();
            let now = Timestamp(MIDNIGHT.millis() + 10 * HOUR);
            let day = Day::of(now, offset);
            assert_eq!(day.number(), today);
            let recount = Recount { client_id: APP.to_owned(), rules: rules.clone(), today: day, offset };
            write(&store, RiskRecord::Recount(Box::new(recount))).await;
            let of = async |user: Option<&str>, day| {
                let rows = store.risk_usage(APP, user, day).await.unwrap();
                rows.first().map_or((0, 0), |row| (row.orders, row.amount.minor))
            };
            assert_eq!(of(Some("u1"), day).await, u1, "{offset}");
            assert_eq!(of(Some("u2"), day).await, u2, "{offset}");
            assert_eq!(of(None, day).await.1, app, "{offset}");
            assert_eq!(of(Some("u1"), day.before()).await, yesterday, "{offset}");
        }
        // Without a rule nothing is counted; and what is over is forgotten.
        let (today, offset) = (Day::of(MIDNIGHT, DayOffset::default()), DayOffset::default());
        let expire = |usage_before| Record::Expire {
            nonces_before: MIDNIGHT,
            evidence_before: MIDNIGHT,
            events_before: MIDNIGHT,
            usage_before,
        };
        let unit = Unit { records: vec![expire(today)], ..Unit::default() };
        store.commit(unit).await.unwrap();
        assert!(store.risk_usage(APP, None, today.before()).await.unwrap().is_empty());
        assert!(!store.risk_usage(APP, None, today).await.unwrap().is_empty());
        let recount = Recount { client_id: APP.to_owned(), rules: Rules::default(), today, offset };
        write(&store, RiskRecord::Recount(Box::new(recount))).await;
        assert!(store.risk_usage(APP, None, today).await.unwrap().is_empty());
    }
}
