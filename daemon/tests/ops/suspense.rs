//! Money in suspense at the desk: what is listed, what one operator decides, what needs two, what comes of it.

use sluice_proto::v1 as pb;
use sluice_sim::client::{Merchant, NewRecharge, Order};
use sluice_sim::control::Act;
use sluice_sim::provider::Plan;
use sluice_sim::stand::Stand;
use tonic::Code;

use crate::client::{Desk, admin, desk, detail, refused};
use crate::support::{SOON, stand, until};

/// Up to 30.00 one operator decides; the provider is asked often.
const SETTINGS: [&str; 2] =
    ["desk.four_eyes_above={CNY = 3000}", r#"channels.alipay.requery_schedule=["300ms","300ms","1s","2s"]"#];

struct Scene {
    stand: Stand,
    merchant: Merchant,
    alice: Desk,
    bob: Desk,
}

impl Scene {
    async fn open() -> Self {
        let stand = stand(&SETTINGS).await;
        let merchant = stand.merchant(0).await.unwrap();
        let (alice, bob) = (desk(&stand, "alice").await, desk(&stand, "bob").await);
        Self { stand, merchant, alice, bob }
    }

    /// An order of 20.00 that was paid and then paid again, this time with so much.
    async fn paid_again(&self, number: &str, minor: i64) -> (Order, pb::Suspense) {
        let order = self.merchant.create_recharge(&NewRecharge::new(number, 2_000)).await.unwrap();
        let control = self.stand.control();
        control.pay(&order, Plan::Now).await.unwrap();
        self.stand.wait_for_state(&self.merchant, &order.order_id, &[4], SOON).await.unwrap();
        let act =
            Act { again: true, amount_minor: Some(minor), ..Act::pay(order.payment.clone(), Plan::Now) };
        control.act(order.channel_ref.as_deref().unwrap(), &act).await.unwrap();
        let row = self.is(&order, "open").await;
        (order, row)
    }

    /// Waits until the order's money in suspense is so.
    async fn is(&self, order: &Order, state: &str) -> pb::Suspense {
        until("the money in suspense", SOON, async || {
            let rows = rows(&mut self.alice.clone(), &order.order_id).await;
            rows.iter().find(|row| row.state == state).cloned().ok_or_else(|| format!("{rows:?}"))
        })
        .await
    }

    /// What the order's user and suspense hold, in fen.
    async fn holds(&self) -> (i64, i64) {
        let accounts = self.stand.sluice_json(&["ledger", "accounts"]).await.unwrap();
        let holds = |end: &str| {
            let all = accounts.as_array().unwrap();
            let found = all.iter().find(|a| a["account"].as_str().unwrap().ends_with(end));
            found.map_or(0, |a| a["balance"]["minor"].as_i64().unwrap())
        };
        (holds(":u1:available"), holds("suspense"))
    }
}

async fn rows(desk: &mut Desk, order_id: &str) -> Vec<pb::Suspense> {
    let ask = pb::ListSuspenseRequest { all: true, order_id: order_id.to_owned(), ..Default::default() };
    desk.list_suspense(ask).await.unwrap().into_inner().items
}

fn decision(row: &pb::Suspense, decision: &str, request_id: &str) -> pb::DecideSuspenseRequest {
    pb::DecideSuspenseRequest {
        request_id: request_id.to_owned(),
        order_id: row.order_id.clone(),
        key: row.key.clone(),
        decision: decision.to_owned(),
        reason: "INC-21".to_owned(),
    }
}

async fn decide(
    desk: &mut Desk,
    row: &pb::Suspense,
    what: &str,
    request_id: &str,
) -> pb::DecideSuspenseReply {
    desk.decide_suspense(decision(row, what, request_id)).await.unwrap().into_inner()
}

fn effect<'a>(row: &'a pb::Suspense, name: &str) -> &'a str {
    let action = row.actions.iter().find(|action| action.name == name).unwrap();
    assert!(action.enabled, "{action:?}");
    &action.effect
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_operator_decides_on_a_small_sum() {
    let mut scene = Scene::open().await;
    let (order, row) = scene.paid_again("D-1", 2_000).await;
    assert_eq!((row.reason.as_str(), row.proposal.as_str(), row.four_eyes), ("paid_twice", "refund", false));
    assert_eq!((row.user_ref.as_str(), row.channel.as_str()), ("u1", "alipay"));
    assert!(!row.evidence_id.is_empty() && row.text.contains("second payment"), "{row:?}");
    assert_eq!(effect(&row, "apply"), "user u1 +20.00, suspense -20.00 CNY");
    assert_eq!(effect(&row, "refund"), "20.00 CNY goes back to the payer through alipay");
    assert_eq!(effect(&row, "keep"), "stays in suspense, knowingly: nothing moves");

    for (ask, code, says) in [
        (decision(&row, "burn", "x"), Code::InvalidArgument, "apply, refund or keep"),
        (decision(&row, "keep", ""), Code::InvalidArgument, "request_id"),
        (
            pb::DecideSuspenseRequest { reason: " ".to_owned(), ..decision(&row, "keep", "x") },
            Code::InvalidArgument,
            "reason",
        ),
        (
            pb::DecideSuspenseRequest { key: "1".to_owned(), ..decision(&row, "keep", "x") },
            Code::NotFound,
            "no money in suspense",
        ),
        (
            pb::DecideSuspenseRequest { order_id: "rch_1".to_owned(), ..decision(&row, "keep", "x") },
            Code::NotFound,
            "no order",
        ),
    ] {
        refused(scene.alice.decide_suspense(ask).await, code, says);
    }

    let before = scene.holds().await;
    let done = decide(&mut scene.alice, &row, "apply", "a-1").await;
    let applied = done.suspense.clone().unwrap();
    assert_eq!((done.decided, applied.state.as_str()), (true, "applied"));
    assert_eq!(
        (&applied.decided_by[..], applied.decided_reason.as_str()),
        (&["alice".to_owned()][..], "INC-21")
    );
    assert!(applied.decided_at_ms > 0 && applied.actions.is_empty() && applied.waiting.is_none());
    let after = scene.holds().await;
    assert_eq!((after.0 - before.0, after.1 - before.1), (2_000, -2_000));

    // The same request again acts once; the same id for something else does not act at all.
    let again = decide(&mut scene.alice, &row, "apply", "a-1").await;
    assert_eq!(again, done);
    refused(scene.alice.decide_suspense(decision(&row, "keep", "a-1")).await, Code::AlreadyExists, "another");
    refused(
        scene.bob.decide_suspense(decision(&row, "refund", "b-1")).await,
        Code::FailedPrecondition,
        "applied",
    );
    assert_eq!(scene.holds().await, after);

    let mut ops = admin(&scene.stand).await;
    let audit = ops.list_audit(pb::ListAuditRequest::default()).await.unwrap().into_inner().items;
    let entry = audit.iter().find(|entry| entry.seq == done.audit_seq).unwrap();
    assert_eq!((entry.action.as_str(), entry.operator.as_str()), ("suspense.decide", "alice"));
    assert_eq!(entry.target, format!("{} {}", row.order_id, row.key));
    let (before, after): (serde_json::Value, serde_json::Value) =
        (serde_json::from_str(&entry.before_json).unwrap(), serde_json::from_str(&entry.after_json).unwrap());
    assert_eq!(before, serde_json::json!({"state": "open", "waiting": null}));
    assert_eq!((&after["state"], &after["by"]), (&"applied".into(), &serde_json::json!(["alice"])));
    let timeline = detail(&mut ops, &order.order_id).await.timeline;
    let told = timeline.iter().find(|entry| entry.kind == "suspense.decided").unwrap();
    assert!(told.summary.ends_with("applied, by alice"), "{}", told.summary);

    // What waits comes first; what is decided only if it is asked for.
    let (open, _) = scene.paid_again("D-2", 1_000).await;
    let list = async |all, limit, cursor: String| {
        let ask = pb::ListSuspenseRequest { all, limit, cursor, ..Default::default() };
        scene.alice.clone().list_suspense(ask).await.unwrap().into_inner()
    };
    let waits = list(false, 10, String::new()).await.items;
    assert_eq!(waits.iter().map(|row| row.order_id.as_str()).collect::<Vec<_>>(), [&open.order_id]);
    let first = list(true, 1, String::new()).await;
    let second = list(true, 1, first.next_cursor.clone()).await;
    assert_eq!((first.items[0].order_id.as_str(), first.items.len()), (open.order_id.as_str(), 1));
    assert_eq!((&second.items[0].order_id, second.next_cursor.as_str()), (&order.order_id, ""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_sum_needs_two_operators() {
    let mut scene = Scene::open().await;
    let (order, row) = scene.paid_again("D-large", 3_001).await;
    assert!(row.four_eyes && row.waiting.is_none(), "{row:?}");
    let before = scene.holds().await;

    // Alice says refund, says it again, and Bob says something else: each time it waits.
    for (who, what, request_id) in
        [("alice", "refund", "a-1"), ("alice", "refund", "a-2"), ("bob", "keep", "b-1")]
    {
        let desk = if who == "alice" { &mut scene.alice } else { &mut scene.bob };
        let reply = decide(desk, &row, what, request_id).await;
        let shown = reply.suspense.unwrap();
        let waiting = shown.waiting.clone().unwrap();
        assert_eq!((reply.decided, shown.state.as_str(), shown.actions.len()), (false, "proposed", 3));
        assert_eq!(
            (waiting.by.as_str(), waiting.decision.as_str(), waiting.reason.as_str()),
            (who, what, "INC-21")
        );
        assert_eq!((waiting.kind.as_str(), waiting.amount.unwrap().minor), ("suspense", 3_001));
    }
    assert_eq!(scene.holds().await, before, "nothing has moved");
    let proposals =
        scene.alice.list_proposals(pb::ListProposalsRequest::default()).await.unwrap().into_inner();
    assert_eq!(
        proposals.items.iter().map(|p| (p.by.as_str(), p.key.as_str())).collect::<Vec<_>>(),
        [("bob", row.key.as_str())]
    );

    // A repeated request does not become a second voice, also where it is the first one's.
    assert!(!decide(&mut scene.bob, &row, "keep", "b-1").await.decided);
    let done = decide(&mut scene.alice, &row, "keep", "a-3").await;
    let kept = done.suspense.unwrap();
    assert_eq!(
        (done.decided, kept.state.as_str(), &kept.decided_by[..]),
        (true, "kept", &["bob".to_owned(), "alice".to_owned()][..])
    );
    assert_eq!(scene.holds().await, before);
    let none =
        scene.alice.list_proposals(pb::ListProposalsRequest { order_id: order.order_id.clone() }).await;
    assert_eq!(none.unwrap().into_inner().items, []);

    // Both at once, many times over: one waits, the other carries out, whoever comes first.
    for round in 0..5 {
        let (_, row) = scene.paid_again(&format!("D-at-once-{round}"), 3_100 + round).await;
        let before = scene.holds().await;
        let (mut alice, mut bob) = (scene.alice.clone(), scene.bob.clone());
        let ids = (format!("a-at-{round}"), format!("b-at-{round}"));
        let (a, b) =
            tokio::join!(decide(&mut alice, &row, "apply", &ids.0), decide(&mut bob, &row, "apply", &ids.1));
        assert_eq!(u8::from(a.decided) + u8::from(b.decided), 1, "{a:?} {b:?}");
        let after = scene.holds().await;
        assert_eq!((after.0 - before.0, before.1 - after.1), (3_100 + round, 3_100 + round), "once");
    }
    let check = scene.stand.sluiced(&["ledger", "check"]).await.unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_goes_back_to_the_payer_and_what_fails_waits_again() {
    let mut scene = Scene::open().await;
    let (order, row) = scene.paid_again("D-back", 3_500).await;
    let before = scene.holds().await;
    assert!(!decide(&mut scene.alice, &row, "refund", "a-1").await.decided);
    let done = decide(&mut scene.bob, &row, "refund", "b-1").await;
    assert!(done.decided && ["refunding", "refunded"].contains(&done.suspense.unwrap().state.as_str()));
    let refunded = scene.is(&order, "refunded").await;
    assert_eq!(refunded.decided_by, ["alice", "bob"]);
    let after = scene.holds().await;
    assert_eq!((after.0, before.1 - after.1), (before.0, 3_500));
    let at_provider = scene.stand.control().order(order.channel_ref.as_deref().unwrap()).await.unwrap();
    assert_eq!(at_provider["refunded_minor"], 3_500, "{at_provider}");
    // It is no refund of the order's, and the merchant hears nothing of it.
    let now = scene.merchant.recharge(&order.order_id).await.unwrap();
    assert_eq!((now.state, now.refunded.unwrap().minor), (4, 0));
    let mut ops = admin(&scene.stand).await;
    let refunds = pb::ListOrdersRequest { kinds: vec!["refund".to_owned()], ..Default::default() };
    let refund = ops.list_orders(refunds).await.unwrap().into_inner().items[0].order.clone().unwrap();
    assert_eq!(refund.original_order_id, order.order_id);
    assert_eq!(scene.merchant.refunds(&order.order_id, "").await.unwrap().items.len(), 0);
    let asked = scene.merchant.refund_of(&order.order_id, &refund.order_id).await.unwrap_err();
    assert_eq!(asked.code(), Some("order_not_found"));
    assert_eq!(scene.stand.control().received(&order.order_id).await.unwrap().len(), 1);

    // The provider refuses refunds that end in 99: the money is where it was, and is decided on anew.
    let (order, row) = scene.paid_again("D-refused", 2_099).await;
    let before = scene.holds().await;
    let done = decide(&mut scene.alice, &row, "refund", "a-2").await;
    assert!(done.decided);
    let open = until("the refund fails", SOON, async || {
        let rows = rows(&mut scene.alice.clone(), &order.order_id).await;
        let failed = rows[0].state == "open" && rows[0].decided_by.is_empty() && rows[0].actions.len() == 3;
        if failed { Ok(rows[0].clone()) } else { Err(format!("{rows:?}")) }
    })
    .await;
    assert_eq!(scene.holds().await, before);
    assert!(decide(&mut scene.alice, &open, "apply", "a-3").await.decided);
    let after = scene.holds().await;
    assert_eq!((after.0 - before.0, before.1 - after.1), (2_099, 2_099));
    let check = scene.stand.sluiced(&["ledger", "check"]).await.unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
}
