//! Rotation under fire: clients sign with the old password without pause, by reads and by writes, while it is rotated.
//! Of what they send after the rotation has returned, nothing is accepted.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use sluice_sim::client::{Merchant, NewRecharge, OrderType, Request};
use sluice_sim::secret::Secret;
use sluice_sim::stand::Stand;
use tokio::task::JoinSet;

use support::database::Database;
use support::{SOON, measured, stand};

const CLIENTS: usize = 8;

/// Orders whose password was not the current one any more when they were written.
const ACTED_ON_AFTER: &str = "SELECT count(*) FROM event a JOIN event r ON r.client_id = a.client_id AND r.seq < a.seq \
    WHERE a.kind = 'gate.accepted' AND r.kind = 'password.rotated' \
    AND r.detail ->> '$.order_type' = a.detail ->> '$.order_type' \
    AND r.detail ->> '$.version' > a.detail ->> '$.password_version'";

/// What a client saw of one request.
struct Shot {
    sent: Instant,
    status: u16,
    code: Option<String>,
    /// The answer is signed, and verifies with the password that signed the request.
    verified: bool,
}

impl Shot {
    fn accepted(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// What clients fire at.
#[derive(Clone)]
enum Aim {
    /// Reads of this order, lists, and creations.
    Recharges(String),
    /// Reads alone: balances and statements.
    Accounts,
}

impl Aim {
    fn order_type(&self) -> OrderType {
        match self {
            Self::Recharges(_) => OrderType::Recharge,
            Self::Accounts => OrderType::Trade,
        }
    }

    /// The `n`th request of a client that marks its orders.
    fn request(&self, merchant: &Merchant, mark: &str, n: usize) -> Request {
        match (self, n % 3) {
            (Self::Recharges(order_id), 0) => merchant.request("GET", &format!("/v1/recharges/{order_id}")),
            (Self::Recharges(_), 1) => merchant.request("GET", "/v1/recharges?limit=1"),
            (Self::Recharges(_), _) => {
                // A page needs no exchange with the provider: as many as fit.
                let mut page = NewRecharge::new(format!("{mark}-{n}"), 100);
                page.method = "page".to_owned();
                merchant.request("POST", "/v1/recharges").json(&page)
            }
            (Self::Accounts, 0) => merchant.request("GET", "/v1/statements?user_ref=u1"),
            (Self::Accounts, _) => merchant.request("GET", "/v1/balances?user_ref=u1"),
        }
    }
}

/// Clients that sign with one password, whatever happens.
struct Fire {
    stop: Arc<AtomicBool>,
    clients: JoinSet<Vec<Shot>>,
}

impl Fire {
    /// Opens fire with the password that is used now.
    fn open(merchant: &Merchant, aim: &Aim, mark: &str) -> Self {
        let password = merchant.password(aim.order_type());
        let stop = Arc::<AtomicBool>::default();
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            let (merchant, aim, password, stop) =
                (merchant.clone(), aim.clone(), password.clone(), stop.clone());
            let mark = format!("{mark}-{client}");
            clients.spawn(async move {
                let mut shots = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let request = aim.request(&merchant, &mark, shots.len());
                    let signed = request.password(password.clone()).sign().unwrap();
                    let sent = Instant::now();
                    let answer = signed.send().await.unwrap();
                    shots.push(Shot {
                        sent,
                        status: answer.status,
                        code: answer.error_code(),
                        verified: answer.verify().is_ok(),
                    });
                }
                shots
            });
        }
        Self { stop, clients }
    }

    async fn cease(mut self) -> Vec<Shot> {
        self.stop.store(true, Ordering::Relaxed);
        let mut shots = Vec::new();
        while let Some(client) = self.clients.join_next().await {
            shots.extend(client.unwrap());
        }
        shots
    }
}

/// Before the rotation began everything was accepted; after it had returned nothing was.
fn assert_cut(shots: &[Shot], began: Instant, returned: Instant) -> (usize, usize, usize) {
    let before: Vec<_> = shots.iter().filter(|shot| shot.sent < began).collect();
    let during = shots.iter().filter(|shot| shot.sent >= began && shot.sent <= returned).count();
    let after: Vec<_> = shots.iter().filter(|shot| shot.sent > returned).collect();
    assert!(before.len() >= CLIENTS && after.len() >= CLIENTS, "too few shots to prove anything");
    // What was sent just before may arrive after.
    let surely = began - Duration::from_millis(500);
    for shot in before.iter().filter(|shot| shot.sent < surely) {
        assert!(shot.accepted() && shot.verified, "refused before: {} {:?}", shot.status, shot.code);
    }
    let accepted = after.iter().filter(|shot| shot.accepted()).count();
    assert_eq!(
        accepted,
        0,
        "of {} sent after the rotation had returned, {accepted} were accepted",
        after.len()
    );
    for shot in &after {
        assert_eq!((shot.status, shot.code.as_deref()), (401, Some("signature_invalid")));
        assert!(!shot.verified, "a refusal for a stale password must prove nothing");
    }
    (before.len(), during, after.len())
}

async fn rotate(stand: &Stand, client_id: &str, order_type: &str, more: &[&str]) -> Value {
    let args = ["password", "rotate", client_id, "--type", order_type, "--reason", "a drill", "--yes"];
    let args: Vec<_> = args.into_iter().chain(more.iter().copied()).collect();
    stand.sluice_json(&args).await.unwrap()
}

/// A request that is answered at once with the new password, by a client that has just switched.
async fn assert_served(merchant: &Merchant, number: &str) {
    let order = merchant.create_recharge(&NewRecharge::new(number, 100)).await.unwrap();
    assert_eq!(merchant.recharge(&order.order_id).await.unwrap().order_id, order.order_id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_signed_with_the_old_password_is_accepted_after_a_rotation() {
    let stand = stand(&[]).await;
    let merchant = stand.merchant(0).await.unwrap();
    let client_id = merchant.client_id().to_owned();
    let order = merchant.create_recharge(&NewRecharge::new("R-0", 100)).await.unwrap();
    let mut versions = Vec::new();
    let mut said = Vec::new();
    // By an operator, by the merchant itself, and so on: version upon version.
    for round in 0..4 {
        let fire = Fire::open(&merchant, &Aim::Recharges(order.order_id.clone()), &format!("F{round}"));
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        let began = Instant::now();
        let returned = if round % 2 == 0 {
            let rotated = rotate(&stand, &client_id, "recharge", &[]).await;
            let returned = Instant::now();
            versions.push(rotated["version"].as_i64().unwrap());
            merchant.set_password(OrderType::Recharge, rotated["password"].as_str().unwrap());
            returned
        } else {
            let chosen = format!("a quite long pass phrase of round {round}, 8LqZ");
            merchant.rotate_password(OrderType::Recharge, &chosen.replace(' ', "-")).await.unwrap();
            Instant::now()
        };
        assert_served(&merchant, &format!("R-{round}-new")).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        let (before, during, after) = assert_cut(&fire.cease().await, began, returned);
        said.push(format!("{before} before, {during} during, 0 of {after} after"));
    }
    assert_eq!(versions, [2, 4], "each rotation is one version");
    // Exactly, by the order in which the database wrote: none was acted on after the rotation's own transaction,
    // whenever it was sent.
    let late = Database::open(&stand).await.number(ACTED_ON_AFTER).await;
    assert_eq!(late, 0, "orders that an older password created after a rotation was written");
    support::assert_no_panic(&stand);
    measured(format!("{CLIENTS} clients, accepted with the old password in each of 4 rotations: {said:?}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leaked_key_is_revoked_under_fire() {
    let stand = stand(&[]).await;
    let (merchant, other) = (stand.merchant(0).await.unwrap(), stand.merchant(1).await.unwrap());
    let order = merchant.create_recharge(&NewRecharge::new("K-0", 100)).await.unwrap();
    let fire = Fire::open(&merchant, &Aim::Recharges(order.order_id), "K");
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let began = Instant::now();
    let (client_id, key_id) = (merchant.client_id(), merchant.key_id());
    let args = ["merchant-key", "revoke", client_id, key_id, "--reason", "a drill", "--yes"];
    stand.sluice_json(&args).await.unwrap();
    let returned = Instant::now();
    tokio::time::sleep(Duration::from_millis(400)).await;
    let (before, during, after) = assert_cut(&fire.cease().await, began, returned);
    assert_served(&other, "K-other").await;
    measured(format!("a key revoked: {before} before, {during} during, 0 of {after} accepted after"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_of_money_are_cut_off_too() {
    let stand = stand(&[]).await;
    let merchant = stand.merchant(0).await.unwrap();
    let fire = Fire::open(&merchant, &Aim::Accounts, "");
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let began = Instant::now();
    // Two operators in one moment: each makes a version of its own.
    let client_id = merchant.client_id();
    let (one, two) =
        tokio::join!(rotate(&stand, client_id, "trade", &[]), rotate(&stand, client_id, "trade", &[]));
    let returned = Instant::now();
    let newest = if one["version"].as_i64() > two["version"].as_i64() { &one } else { &two };
    let mut versions = [one["version"].as_i64().unwrap(), two["version"].as_i64().unwrap()];
    versions.sort_unstable();
    assert_eq!(versions, [2, 3]);
    merchant.set_password(OrderType::Trade, newest["password"].as_str().unwrap());
    assert!(merchant.request("GET", "/v1/balances?user_ref=u1").send().await.unwrap().verify().is_ok());
    tokio::time::sleep(Duration::from_millis(400)).await;
    let (before, during, after) = assert_cut(&fire.cease().await, began, returned);
    measured(format!(
        "balances and statements: {before} before, {during} during, 0 of {after} accepted after"
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn grace_tokens_types_and_callbacks() {
    let stand = stand(&[]).await;
    let (merchant, control) = (stand.merchant(0).await.unwrap(), stand.control());
    let client_id = merchant.client_id().to_owned();

    // Within the grace both count, each answered with the one that signed the request; after it only the new one.
    let old = merchant.password(OrderType::Recharge);
    let rotated = rotate(&stand, &client_id, "recharge", &["--grace", "2s"]).await;
    let over = Instant::now() + Duration::from_secs(2);
    let new = rotated["password"].as_str().unwrap().to_owned();
    merchant.set_password(OrderType::Recharge, new.as_str());
    let list = |password: &Secret| merchant.request("GET", "/v1/recharges").password(password.clone()).send();
    assert!(list(&old).await.unwrap().verify().is_ok(), "within the grace");
    // It may be the leaked one: it cannot choose the next.
    let thief = stand.merchant(0).await.unwrap();
    let refused =
        thief.rotate_password(OrderType::Recharge, "the-choice-of-a-thief-8Kq2Lx").await.unwrap_err();
    assert_eq!(refused.code(), Some("signature_invalid"));
    // Callbacks never wait for the grace: they carry the current password.
    control.password(&client_id, OrderType::Recharge, &new).await.unwrap();
    let order = merchant.create_recharge(&NewRecharge::new("G-1", 100)).await.unwrap();
    control.pay(&order, sluice_sim::provider::Plan::Now).await.unwrap();
    stand.wait_for_state(&merchant, &order.order_id, &[4], SOON).await.unwrap();
    let received = control.received(&order.order_id).await.unwrap();
    assert_eq!((received.len(), &received[0]["verified"]), (1, &true.into()), "{received:?}");
    tokio::time::sleep_until((over + Duration::from_millis(50)).into()).await;
    let refused = list(&old).await.unwrap();
    assert_eq!((refused.status, refused.is_signed()), (401, false), "the grace is over");
    assert!(list(&new.as_str().into()).await.unwrap().verify().is_ok());

    // A callback that waits is signed anew with the password of the day.
    control.answer(&client_id, "http_500".into()).await.unwrap();
    let order = merchant.create_recharge(&NewRecharge::new("G-2", 100)).await.unwrap();
    control.pay(&order, sluice_sim::provider::Plan::Now).await.unwrap();
    stand.wait_for_state(&merchant, &order.order_id, &[3], SOON).await.unwrap();
    let rotated = rotate(&stand, &client_id, "recharge", &[]).await;
    let newest = rotated["password"].as_str().unwrap();
    control.password(&client_id, OrderType::Recharge, newest).await.unwrap();
    merchant.set_password(OrderType::Recharge, newest);
    control.answer(&client_id, "verify".into()).await.unwrap();
    stand.wait_for_state(&merchant, &order.order_id, &[4], SOON).await.unwrap();

    // One type's rotation leaves the others alone; `all` changes the three, and tokens go when that is wished.
    let asked = merchant.request("GET", "/v1/balances?user_ref=u1").send().await.unwrap();
    assert!(asked.verify().is_ok(), "the trade password still counts");
    let rotated = rotate(&stand, &client_id, "all", &["--revoke-tokens"]).await;
    let text = rotated.to_string();
    for word in ["recharge", "withdraw", "trade"] {
        assert!(text.contains(word), "no {word} password in the answer");
    }
    let refused = merchant.request("GET", "/v1/recharges").send().await.unwrap();
    assert_eq!(refused.error_code().as_deref(), Some("token_invalid"));
    merchant.login().await.unwrap();
    let refused = merchant.request("GET", "/v1/balances?user_ref=u1").send().await.unwrap();
    assert_eq!(refused.error_code().as_deref(), Some("signature_invalid"), "the old trade password");

    // Tokens can go alone, and a new one is had at once.
    merchant.set_password(OrderType::Recharge, find(&rotated, "recharge"));
    stand.sluice_json(&["tokens", "revoke", &client_id, "--reason", "a drill", "--yes"]).await.unwrap();
    let refused = merchant.request("GET", "/v1/recharges").send().await.unwrap();
    assert_eq!(refused.error_code().as_deref(), Some("token_invalid"));
    merchant.login().await.unwrap();
    assert_served(&merchant, "G-3").await;

    // Weak, reused and shared passwords are not taken, and nothing changes.
    let current = merchant.password(OrderType::Recharge);
    for (chosen, why) in [
        ("short", "too short"),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "guessable"),
        ("with a blank in it, 9dK2mQx7Lp", "a blank"),
        (current.expose(), "the current one"),
        (new.as_str(), "one of the last ten"),
    ] {
        let refused = merchant.rotate_password(OrderType::Recharge, chosen).await.unwrap_err();
        assert_eq!(refused.code(), Some("field_invalid"), "{why}: {refused}");
    }
    assert_served(&merchant, "G-4").await;
    support::assert_no_panic(&stand);
    measured("grace, tokens, types, callbacks and refused passwords held");
}

/// The password of a type, wherever the answer holds it.
fn find<'a>(rotated: &'a Value, order_type: &str) -> &'a str {
    let list = rotated["passwords"].as_array().unwrap();
    let one = list.iter().find(|one| one["type"] == order_type).unwrap();
    one["password"].as_str().unwrap()
}
