//! The audit: the provider's own books against the daemon's orders, against its ledger, against what the merchant
//! received. Nothing lost, nothing twice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sluice_sim::stand::Stand;

use super::crowd::Placed;
use super::database::Database;
use super::until;

/// What came of a crowd's orders.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    pub(crate) orders: usize,
    pub(crate) completed: usize,
    pub(crate) closed: BTreeMap<String, usize>,
    /// Open for ever: their money waits for a person.
    pub(crate) waiting_for_a_person: usize,
    pub(crate) payments: usize,
    pub(crate) suspended: usize,
    pub(crate) callbacks: usize,
    pub(crate) asked_again: usize,
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let closed: Vec<_> = self.closed.iter().map(|(reason, n)| format!("{n} {reason}")).collect();
        write!(
            f,
            "{} orders ({} asked for more than once): {} completed, closed: {}; {} wait for a person; {} payments at \
             the provider, each booked once, {} of them in suspense; {} callbacks received, all verified; ledger zero",
            self.orders,
            self.asked_again,
            self.completed,
            closed.join(", "),
            self.waiting_for_a_person,
            self.payments,
            self.suspended,
            self.callbacks
        )
    }
}

#[derive(Debug, Deserialize)]
struct OrderRow {
    order_id: String,
    client_id: String,
    number: String,
    user: String,
    state: i64,
    reason: Option<String>,
    amount: i64,
    fee: i64,
    paid_ref: Option<String>,
    channel_ref: String,
}

const ORDERS: &str = "SELECT json_object('order_id', order_id, 'client_id', client_id, 'number', merchant_order_no, \
    'user', user_ref, 'state', o.state, 'reason', closed_reason, 'amount', amount_minor, 'fee', fee_minor, \
    'paid_ref', paid_ref, 'channel_ref', a.channel_ref) FROM orders o JOIN attempt a USING (order_id)";

/// What each credit took from the channel and gave to which account.
const CREDITS: &str = "SELECT json_array(j.order_id, c.minor, u.account, -u.minor) FROM journal j \
    JOIN posting c ON c.journal_id = j.journal_id AND c.account = 'channel:alipay:clearing' AND c.minor > 0 \
    JOIN posting u ON u.journal_id = j.journal_id AND u.account LIKE 'user:%' WHERE j.kind = 'recharge_credit'";

const SUSPENSE: &str = "SELECT json_array(order_id, key, amount_minor) FROM suspense";

const CALLBACKS: &str =
    "SELECT json_array(order_id, callback_id, kind, state, body) FROM callback ORDER BY callback_id";

/// A payment in the provider's books.
#[derive(Debug, Deserialize)]
struct Payment {
    channel_order_no: String,
    amount_minor: i64,
}

/// Waits until the daemon has nothing left to do by itself, and knows of every payment.
pub(crate) async fn settled(stand: &Stand, db: &Database, within: Duration) {
    until("nothing is left to do", within, async || {
        let tasks =
            db.texts("SELECT kind || ' ' || subject || ' ' || coalesce(last_error, '') FROM task").await;
        if !tasks.is_empty() {
            return Err(format!("{} tasks, such as {}", tasks.len(), tasks[0]));
        }
        let known = known_payments(db).await;
        let unknown: Vec<_> =
            payments(stand).await.into_iter().filter(|(_, p)| !known.contains(&p.channel_order_no)).collect();
        if unknown.is_empty() { Ok(()) } else { Err(format!("unknown payments: {unknown:?}")) }
    })
    .await;
}

async fn known_payments(db: &Database) -> BTreeSet<String> {
    let sql = "SELECT paid_ref FROM orders WHERE paid_ref IS NOT NULL UNION SELECT key FROM suspense";
    db.texts(sql).await.into_iter().collect()
}

/// All payments in the provider's books, with the number that Sluice sent.
async fn payments(stand: &Stand) -> Vec<(String, Payment)> {
    let mut all = Vec::new();
    for order in stand.control().orders().await.unwrap() {
        let channel_ref = order["channel_ref"].as_str().unwrap().to_owned();
        let list: Vec<Payment> = serde_json::from_value(order["payments"].clone()).unwrap();
        all.extend(list.into_iter().map(|payment| (channel_ref.clone(), payment)));
    }
    all
}

/// Holds all books against each other. `lies`: the provider stated wrong amounts at times, signed as ever, so that what
/// is booked may be one fen more than what was paid.
pub(crate) async fn audit(stand: &Stand, db: &Database, placed: &[Placed], lies: bool) -> Summary {
    let orders: Vec<OrderRow> = rows(db, ORDERS).await;
    every_number_is_one_order(&orders, placed);
    let mut summary = Summary { orders: orders.len(), ..Summary::default() };
    summary.asked_again = placed.iter().filter(|order| order.asked > 1).count();
    for order in &orders {
        match (order.state, &order.reason) {
            (4, None) => summary.completed += 1,
            (5, Some(reason)) => *summary.closed.entry(reason.clone()).or_default() += 1,
            _ => summary.waiting_for_a_person += 1,
        }
    }
    let credited = money(stand, db, &orders, lies, &mut summary).await;
    balances(stand, &credited).await;
    summary.callbacks = callbacks(stand, db, &orders).await;
    ledger_holds(stand).await;
    summary
}

fn every_number_is_one_order(orders: &[OrderRow], placed: &[Placed]) {
    let stored: BTreeMap<_, _> =
        orders.iter().map(|o| ((o.client_id.as_str(), o.number.as_str()), o.order_id.as_str())).collect();
    assert_eq!(stored.len(), orders.len(), "a merchant's number stands for two orders");
    for one in placed {
        let found = stored.get(&(one.client_id.as_str(), one.merchant_order_no.as_str()));
        assert_eq!(
            found,
            Some(&one.order_id.as_str()),
            "{} was answered with another order",
            one.merchant_order_no
        );
    }
    assert_eq!(stored.len(), placed.len(), "there are orders that nobody was told of");
}

/// What each user of each app was credited.
type Credited = BTreeMap<(String, String), i64>;

/// Each payment at the provider is credited once or in suspense once, and nothing else is.
async fn money(
    stand: &Stand,
    db: &Database,
    orders: &[OrderRow],
    lies: bool,
    summary: &mut Summary,
) -> Credited {
    let mut credited_to = Credited::new();
    let by_ref: BTreeMap<_, _> = orders.iter().map(|o| (o.channel_ref.as_str(), o)).collect();
    let mut credits: BTreeMap<String, (i64, String, i64)> = BTreeMap::new();
    for (order_id, taken, account, given) in rows::<(String, i64, String, i64)>(db, CREDITS).await {
        let twice = credits.insert(order_id.clone(), (taken, account, given));
        assert!(twice.is_none(), "{order_id} is credited twice");
    }
    let mut suspense: BTreeMap<(String, String), i64> = BTreeMap::new();
    for (order_id, key, amount) in rows::<(String, String, i64)>(db, SUSPENSE).await {
        suspense.insert((order_id, key), amount);
    }
    for (channel_ref, payment) in payments(stand).await {
        let order = by_ref.get(channel_ref.as_str());
        let order =
            order.unwrap_or_else(|| panic!("the provider has {channel_ref}, which is no order of ours"));
        summary.payments += 1;
        let paid = payment.amount_minor;
        // What the provider said, signed, of this payment.
        let stated = |amount: i64| amount == paid || (lies && amount == paid + 1);
        let credited = if order.paid_ref.as_ref() == Some(&payment.channel_order_no) {
            credits.remove(&order.order_id)
        } else {
            None
        };
        let suspended = suspense.remove(&(order.order_id.clone(), payment.channel_order_no.clone()));
        match (credited, suspended) {
            (Some((taken, account, given)), None) => {
                let wanted = format!("user:{}:{}:available", order.client_id, order.user);
                assert!(stated(taken), "{taken} of {payment:?} for {order:?}");
                assert_eq!((taken, account), (order.amount, wanted), "{order:?}");
                assert_eq!(given, taken - order.fee, "{order:?}");
                assert_eq!(order.state, 4, "credited and told: {order:?}");
                *credited_to.entry((order.client_id.clone(), order.user.clone())).or_default() += given;
            }
            (None, Some(amount)) => {
                summary.suspended += 1;
                assert!(stated(amount), "{amount} of {payment:?} for {order:?}");
            }
            other => panic!("{payment:?} of {order:?} is booked as {other:?}"),
        }
    }
    assert!(credits.is_empty(), "credited without a payment: {credits:?}");
    assert!(suspense.is_empty(), "in suspense without a payment: {suspense:?}");
    credited_to
}

/// What users are told that they have is what they were credited.
async fn balances(stand: &Stand, credited: &Credited) {
    for index in 0..stand.file().apps.len() {
        let merchant = stand.merchant(index).await.unwrap();
        for ((client_id, user), sum) in credited {
            if client_id == merchant.client_id() {
                let asked =
                    merchant.request("GET", &format!("/v1/balances?user_ref={user}")).send().await.unwrap();
                let told: Value = asked.into_verified().unwrap();
                assert_eq!(told["available"]["minor"], *sum, "{user} of {client_id}: {told}");
            }
        }
    }
}

/// Every final fact was received, verified, with the very body that is stored.
async fn callbacks(stand: &Stand, db: &Database, orders: &[OrderRow]) -> usize {
    let mut stored: BTreeMap<String, Vec<(String, String, String, String)>> = BTreeMap::new();
    for (order_id, id, kind, state, body) in
        rows::<(String, String, String, String, String)>(db, CALLBACKS).await
    {
        stored.entry(order_id).or_default().push((id, kind, state, body));
    }
    let mut count = 0;
    for order in orders {
        let received = stand.control().received(&order.order_id).await.unwrap();
        count += received.len();
        let unverified: Vec<_> = received.iter().filter(|one| one["verified"] != true).collect();
        assert!(unverified.is_empty(), "unverified callbacks: {unverified:?}");
        let callbacks = stored.remove(&order.order_id).unwrap_or_default();
        let kinds: BTreeSet<_> = callbacks.iter().map(|(_, kind, ..)| kind).collect();
        assert_eq!(kinds.len(), callbacks.len(), "a fact has two callbacks: {callbacks:?}");
        let wanted = match order.state {
            4 => "recharge.paid",
            5 => "recharge.closed",
            _ => continue,
        };
        let (id, kind, state, body) = callbacks.last().unwrap_or_else(|| panic!("no callback of {order:?}"));
        assert_eq!((kind.as_str(), state.as_str()), (wanted, "delivered"), "{order:?}");
        let got = received.iter().any(|one| {
            one["headers"]["sluice-callback"] == id.as_str() && one["body_base64"] == base64_of(body).as_str()
        });
        assert!(got, "{id} of {order:?} is delivered, and was not received: {received:?}");
    }
    count
}

fn base64_of(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// `sluiced ledger check` beside the live daemon.
pub(crate) async fn ledger_holds(stand: &Stand) {
    let check = stand.sluiced(&["ledger", "check", "--json"]).await.unwrap();
    let said: Value = serde_json::from_slice(&check.stdout).unwrap();
    assert!(check.status.success() && said["ok"] == true, "{said}");
}

async fn rows<T: DeserializeOwned>(db: &Database, sql: &'static str) -> Vec<T> {
    db.json(sql).await.into_iter().map(|row| serde_json::from_value(row).unwrap()).collect()
}
