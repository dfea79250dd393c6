//! Payouts and refunds whose outcome no channel tells: two operators end them, on the provider's own bill.

use sluice_proto::v1 as pb;
use sluice_sim::client::{Merchant, NewRecharge, NewRefund, NewWithdrawal, Order};
use sluice_sim::provider::Plan;
use sluice_sim::provider::course::Outcome;
use sluice_sim::stand::Stand;
use tonic::Code;

use crate::client::{Desk, admin, complete, desk, detail, refused};
use crate::support::{SOON, stand, until};

const SETTINGS: [&str; 2] = [
    r#"channels.alipay.requery_schedule=["300ms","300ms","1s","2s"]"#,
    r#"channels.alipay.payout_watch=["1s"]"#,
];

/// What the bill says. It names somebody.
const LINE: &str = "2026-11-25 11:17:20 转账 -10.95 李四";

fn saying(order: &Order, outcome: &str, request_id: &str) -> pb::ResolvePayoutRequest {
    pb::ResolvePayoutRequest {
        request_id: request_id.to_owned(),
        order_id: order.order_id.clone(),
        outcome: outcome.to_owned(),
        bill_line: LINE.to_owned(),
        reason: "INC-22".to_owned(),
    }
}

async fn say(desk: &mut Desk, order: &Order, outcome: &str, request_id: &str) -> pb::ResolvePayoutReply {
    desk.resolve_payout(saying(order, outcome, request_id)).await.unwrap().into_inner()
}

async fn reaches(merchant: &Merchant, order: &Order, states: &[i64]) -> Order {
    until("the order's state", SOON, async || {
        let now = merchant.again(order).await.map_err(|error| error.to_string())?;
        if states.contains(&now.state) { Ok(now) } else { Err(format!("{now:?}")) }
    })
    .await
}

/// A payout that the provider works on for ever.
async fn unknown(merchant: &Merchant, number: &str) -> Order {
    let order = merchant.create_withdrawal(&NewWithdrawal::new(number, 1_095)).await.unwrap();
    reaches(merchant, &order, &[1, 2]).await
}

async fn proposals(desk: &mut Desk) -> Vec<pb::Proposal> {
    desk.list_proposals(pb::ListProposalsRequest::default()).await.unwrap().into_inner().items
}

async fn books_hold(stand: &Stand) {
    let check = stand.sluiced(&["ledger", "check"]).await.unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_operators_end_an_unknown_payout() {
    let stand = stand(&SETTINGS).await;
    let merchant = stand.merchant(0).await.unwrap();
    let (mut alice, mut bob, mut ops) =
        (desk(&stand, "alice").await, desk(&stand, "bob").await, admin(&stand).await);
    complete(&stand, &merchant, "P-money").await;
    let order = unknown(&merchant, "P-1").await;

    let actions = detail(&mut ops, &order.order_id).await.actions;
    let action = actions.iter().find(|action| action.name == "resolve_payout").unwrap();
    for part in
        ["paid: ", "held of user u1 -10.95", "failed: ", "user u1 +10.95", "to 5 closed", "withdraw.closed"]
    {
        assert!(action.enabled && action.effect.contains(part), "{part}: {action:?}");
    }
    for (ask, code, says) in [
        (saying(&order, "refunded", "x"), Code::InvalidArgument, "paid or failed"),
        (saying(&order, "", "x"), Code::InvalidArgument, "paid or failed"),
        (
            pb::ResolvePayoutRequest { bill_line: " ".to_owned(), ..saying(&order, "paid", "x") },
            Code::InvalidArgument,
            "bill_line",
        ),
        (
            pb::ResolvePayoutRequest { bill_line: "a\nb".to_owned(), ..saying(&order, "paid", "x") },
            Code::InvalidArgument,
            "bill_line",
        ),
        (
            pb::ResolvePayoutRequest { bill_line: "字".repeat(501), ..saying(&order, "paid", "x") },
            Code::InvalidArgument,
            "bill_line",
        ),
        (
            pb::ResolvePayoutRequest { reason: String::new(), ..saying(&order, "paid", "x") },
            Code::InvalidArgument,
            "reason",
        ),
    ] {
        refused(alice.resolve_payout(ask).await, code, says);
    }

    // One alone moves nothing, however often; another word takes the first one's place.
    for (who, outcome, request_id) in
        [("alice", "paid", "a-1"), ("alice", "paid", "a-2"), ("bob", "failed", "b-1")]
    {
        let desk = if who == "alice" { &mut alice } else { &mut bob };
        let reply = say(desk, &order, outcome, request_id).await;
        let waiting = reply.waiting.unwrap();
        assert_eq!((reply.resolved, waiting.by.as_str(), waiting.decision.as_str()), (false, who, outcome));
        assert_eq!((waiting.kind.as_str(), waiting.bill_line.as_str()), ("payout", LINE));
        let shown = reply.order.unwrap().order.unwrap();
        assert!([1, 2].contains(&shown.state), "{shown:?}");
    }
    assert_eq!(proposals(&mut alice).await.len(), 1);
    let done = say(&mut alice, &order, "failed", "a-3").await;
    assert_eq!((done.resolved, done.waiting), (true, None));
    let closed = reaches(&merchant, &order, &[5]).await;
    assert_eq!(closed.closed_reason.as_deref(), Some("rejected"));
    assert_eq!(proposals(&mut alice).await, []);
    assert!(say(&mut alice, &order, "failed", "a-3").await.resolved, "the same request again");
    refused(alice.resolve_payout(saying(&order, "paid", "a-3")).await, Code::AlreadyExists, "another");
    refused(bob.resolve_payout(saying(&order, "paid", "b-9")).await, Code::FailedPrecondition, "known");

    // The lines of the bill are in the audit log and on the operators' timeline, and nowhere else.
    let audit = ops.list_audit(pb::ListAuditRequest::default()).await.unwrap().into_inner().items;
    let of_order: Vec<_> = audit.iter().filter(|entry| entry.target == order.order_id).collect();
    assert_eq!(of_order.len(), 4);
    assert!(of_order.iter().all(|entry| entry.after_json.contains(LINE)));
    let last = of_order.iter().find(|entry| entry.seq == done.audit_seq).unwrap();
    assert!(
        last.before_json.contains(r#""by":"bob""#) && last.after_json.contains(r#"["bob","alice"]"#),
        "{last:?}"
    );
    let timeline = detail(&mut ops, &order.order_id).await.timeline;
    let told = timeline.iter().find(|entry| entry.kind == "payout.resolved").unwrap();
    assert!(told.detail_json.contains(LINE) && told.summary.ends_with("by bob and alice"), "{told:?}");
    let at_merchant = format!(
        "{:?}{:?}{:?}",
        merchant.timeline(&order).await.unwrap(),
        merchant.again(&order).await.unwrap(),
        until("the callback", SOON, async || {
            let received = stand.control().received(&order.order_id).await.unwrap();
            if received.is_empty() { Err("nothing".to_owned()) } else { Ok(received) }
        })
        .await
    );
    for hidden in ["李四", "alice", "bob", "INC-22"] {
        assert!(!at_merchant.contains(hidden), "{hidden} in {at_merchant}");
        assert!(hidden != "李四" || !crate::support::log(&stand).contains(hidden), "in the log");
    }
    books_hold(&stand).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_channel_says_meanwhile_counts() {
    let stand = stand(&SETTINGS).await;
    let merchant = stand.merchant(0).await.unwrap();
    let (mut alice, mut bob, mut ops) =
        (desk(&stand, "alice").await, desk(&stand, "bob").await, admin(&stand).await);
    complete(&stand, &merchant, "C-money").await;
    let order = unknown(&merchant, "C-1").await;
    assert!(!say(&mut alice, &order, "failed", "a-1").await.resolved);
    let reference = order.channel_ref.as_deref().unwrap();
    stand.control().payout_result(reference, Outcome::Success, 0).await.unwrap();
    reaches(&merchant, &order, &[3, 4]).await;
    assert_eq!(proposals(&mut alice).await, [], "what has its end waits no more");
    refused(bob.resolve_payout(saying(&order, "failed", "b-1")).await, Code::FailedPrecondition, "known");
    let actions = detail(&mut ops, &order.order_id).await.actions;
    let action = actions.iter().find(|action| action.name == "resolve_payout").unwrap();
    assert!(!action.enabled && action.why_not.contains("known"), "{action:?}");

    // Both at once: one waits, the other carries out.
    for round in 0..3 {
        let order = unknown(&merchant, &format!("C-at-once-{round}")).await;
        let ids = (format!("a-at-{round}"), format!("b-at-{round}"));
        let (a, b) =
            tokio::join!(say(&mut alice, &order, "paid", &ids.0), say(&mut bob, &order, "paid", &ids.1));
        assert_eq!(u8::from(a.resolved) + u8::from(b.resolved), 1, "{a:?} {b:?}");
        reaches(&merchant, &order, &[3, 4]).await;
    }

    // A recharge and a trade send nothing out.
    let recharge = merchant.create_recharge(&NewRecharge::new("C-recharge", 100)).await.unwrap();
    refused(
        alice.resolve_payout(saying(&recharge, "paid", "a-8")).await,
        Code::FailedPrecondition,
        "only withdrawals",
    );
    let actions = detail(&mut ops, &recharge.order_id).await.actions;
    assert!(actions.iter().all(|action| action.name != "resolve_payout"), "{actions:?}");
    books_hold(&stand).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_refund_ends_likewise() {
    let stand = stand(&SETTINGS).await;
    let merchant = stand.merchant(0).await.unwrap();
    let (mut alice, mut bob) = (desk(&stand, "alice").await, desk(&stand, "bob").await);
    let paid = complete(&stand, &merchant, "F-money").await;
    for (number, outcome, state, original) in [("F-1", "refunded", 4, 62), ("F-2", "failed", 5, 62)] {
        let refund = merchant.refund(&paid.order_id, &NewRefund::new(number, 1_095)).await.unwrap();
        refused(
            alice.resolve_payout(saying(&refund, "paid", "x")).await,
            Code::InvalidArgument,
            "refunded or failed",
        );
        // Whoever says it first needs a sent one.
        until("it is sent", SOON, async || {
            match alice.resolve_payout(saying(&refund, outcome, &format!("a-{number}"))).await {
                Ok(reply) if !reply.get_ref().resolved => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
        assert!(say(&mut bob, &refund, outcome, &format!("b-{number}")).await.resolved);
        reaches(&merchant, &refund, &[state]).await;
        assert_eq!(merchant.recharge(&paid.order_id).await.unwrap().state, original);
    }
    books_hold(&stand).await;
}

/// A payout went out though two operators had said that it had not: the user is charged, if there is anything to take.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_went_out_without_its_hold() {
    let stand = stand(&SETTINGS).await;
    let merchant = stand.merchant(0).await.unwrap();
    let (mut alice, mut bob, mut ops) =
        (desk(&stand, "alice").await, desk(&stand, "bob").await, admin(&stand).await);
    let recharge = merchant.create_recharge(&NewRecharge::new("U-money", 1_095)).await.unwrap();
    stand.control().pay(&recharge, Plan::Now).await.unwrap();
    stand.wait_for_state(&merchant, &recharge.order_id, &[4], SOON).await.unwrap();
    let order = unknown(&merchant, "U-1").await;
    assert!(!say(&mut alice, &order, "failed", "a-1").await.resolved);
    assert!(say(&mut bob, &order, "failed", "b-1").await.resolved);
    // The user spends what is free again, and the money goes out after all.
    let spent = NewWithdrawal::new("U-spent", 1_000);
    let spent = merchant.create_withdrawal(&spent).await.unwrap();
    reaches(&merchant, &spent, &[3, 4]).await;
    stand.control().payout_result(order.channel_ref.as_deref().unwrap(), Outcome::Success, 0).await.unwrap();
    let asked =
        pb::RequeryRequest { request_id: "q-1".to_owned(), order_id: order.order_id.clone(), wait_ms: 0 };
    assert!(ops.requery(asked).await.unwrap().into_inner().answered);

    let ask = pb::ListSuspenseRequest { order_id: order.order_id.clone(), ..Default::default() };
    let row = alice.list_suspense(ask.clone()).await.unwrap().into_inner().items.remove(0);
    assert_eq!(
        (row.reason.as_str(), row.proposal.as_str(), row.amount.as_ref().unwrap().minor),
        ("paid_out_after_release", "apply", 1_095)
    );
    let why: Vec<_> = row.actions.iter().map(|a| (a.name.as_str(), a.enabled, a.why_not.as_str())).collect();
    assert_eq!(
        (why[0].0, why[0].1, why[1].0, why[1].1, why[2].1),
        ("apply", false, "refund", false, true),
        "{why:?}"
    );
    assert!(
        why[0].2.contains("holds 0.95 CNY, 10.95 CNY are needed") && why[1].2.contains("missing"),
        "{why:?}"
    );
    let decision = |what: &str, request_id: &str| pb::DecideSuspenseRequest {
        request_id: request_id.to_owned(),
        order_id: row.order_id.clone(),
        key: row.key.clone(),
        decision: what.to_owned(),
        reason: "INC-23".to_owned(),
    };
    refused(
        alice.decide_suspense(decision("apply", "a-2")).await,
        Code::FailedPrecondition,
        "does not hold 10.95 CNY",
    );
    refused(
        alice.decide_suspense(decision("refund", "a-3")).await,
        Code::FailedPrecondition,
        "nothing to give back",
    );
    complete(&stand, &merchant, "U-more").await;
    let done = alice.decide_suspense(decision("apply", "a-4")).await.unwrap().into_inner();
    assert_eq!((done.decided, done.suspense.unwrap().state.as_str()), (true, "applied"));
    books_hold(&stand).await;
}
