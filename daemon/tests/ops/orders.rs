//! What is shown of orders, and what an operator does with them.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use sluice_proto::v1 as pb;
use sluice_sim::client::NewRecharge;
use sluice_sim::provider::Plan;
use sluice_sim::stand::Stand;
use tonic::Code;

use crate::client::{Ops, admin, complete, detail, id, place, refused};
use crate::support::{SOON, stand, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_from_every_side() {
    let stand = stand(&[]).await;
    let (merchant, mut ops) = (stand.merchant(0).await.unwrap(), admin(&stand).await);
    let order = complete(&stand, &merchant, "N-1").await;
    let callback_id = order.more["callbacks"][0]["callback_id"].as_str().unwrap().to_owned();

    // By any number, spaces around it or not.
    let known = detail(&mut ops, &order.order_id).await;
    let view = known.view.clone().unwrap();
    let shown = view.order.clone().unwrap();
    for number in [
        order.order_id.clone(),
        " N-1\n".to_owned(),
        order.channel_ref.clone().unwrap(),
        shown.channel_order_no.clone(),
        callback_id.clone(),
    ] {
        let found =
            ops.find_orders(pb::FindOrdersRequest { number: number.clone() }).await.unwrap().into_inner();
        assert_eq!(found.items.iter().map(id).collect::<Vec<_>>(), [order.order_id.as_str()], "{number}");
    }
    refused(ops.find_orders(pb::FindOrdersRequest::default()).await, Code::InvalidArgument, "number");
    for unknown in ["rch_01KBFZ0P5Q7WJQ0C0X3M9N4T2A", "N-1", "", "\u{1b}[2J"] {
        let answer = ops.get_order(pb::GetOrderRequest { order_id: unknown.to_owned() }).await;
        refused(answer, Code::NotFound, "no order");
    }

    // The order object, its diagnosis and what comes next.
    assert_eq!((shown.state, shown.state_name.as_str()), (4, "completed"));
    assert_eq!(shown.amount, Some(pb::Money { minor: 8_888, currency: "CNY".to_owned() }));
    assert_eq!(view.diagnosis.unwrap().code, "c2");
    assert_eq!(view.next_step.unwrap().kind, "none");
    assert_eq!(view.attempts[0].presence, "paid");

    // One axis: every origin that a paid order has.
    let origins: BTreeSet<_> = known.timeline.iter().map(|e| e.origin.as_str()).collect();
    let wanted = ["api", "gate", "channel", "notification", "ledger", "callback", "order"];
    assert!(wanted.iter().all(|o| origins.contains(o)), "{origins:?}");
    assert!(known.timeline.is_sorted_by_key(|e| e.seq));
    for journal in &known.journals {
        assert_eq!(journal.postings.iter().map(|p| p.debit_minor).sum::<i64>(), 0, "{journal:?}");
    }
    assert_eq!(known.journals.len(), 1);
    assert_eq!((known.callbacks[0].state.as_str(), known.callbacks[0].stuck), ("delivered", false));
    assert!(known.callbacks[0].delivered_at_ms > 0);
    let enabled: Vec<_> = known.actions.iter().map(|a| (a.name.as_str(), a.enabled)).collect();
    assert_eq!(enabled, [("requery", true), ("replay_callback", true)]);
    assert!(known.actions[0].effect.contains("it stays paid"), "{:?}", known.actions);

    evidence_is_readable_and_masked(&mut ops, &known).await;
    callback_with_its_attempts(&mut ops, &callback_id).await;
}

async fn evidence_is_readable_and_masked(ops: &mut Ops, known: &pb::OrderDetail) {
    let mut operations = BTreeSet::new();
    for evidence_id in known.timeline.iter().map(|e| e.evidence_id.clone()).filter(|id| !id.is_empty()) {
        let evidence = ops.get_evidence(pb::GetEvidenceRequest { evidence_id }).await.unwrap().into_inner();
        operations.insert(evidence.op.clone());
        let all = format!("{}{}", evidence.request, evidence.response);
        assert!(evidence.request.contains(&known.view.as_ref().unwrap().attempts[0].channel_ref), "{all}");
        // Signatures are noise, payers are nobody's business.
        assert!(!all.contains("buyer_id=2088") && !all.contains("\"buyer_user_id\":\"2088"), "{all}");
        let longest =
            all.split(|c: char| !c.is_ascii_alphanumeric() && c != '+' && c != '/').map(str::len).max();
        assert!(longest < Some(200), "a signature is shown whole: {all}");
        assert_eq!(evidence.order_id, id(known.view.as_ref().unwrap()));
    }
    assert!(operations.contains("create") && operations.contains("notify"), "{operations:?}");
    let nowhere = pb::GetEvidenceRequest { evidence_id: "evd_x".to_owned() };
    refused(ops.get_evidence(nowhere).await, Code::NotFound, "evidence_kept");
}

async fn callback_with_its_attempts(ops: &mut Ops, callback_id: &str) {
    let ask = pb::GetCallbackRequest { callback_id: callback_id.to_owned() };
    let shown = ops.get_callback(ask).await.unwrap().into_inner();
    assert!(shown.body.starts_with("{\n") && shown.body.contains("\"recharge.paid\""), "{}", shown.body);
    let attempt = &shown.attempts[0];
    assert_eq!((attempt.no, attempt.status, attempt.error.as_str(), attempt.by.as_str()), (1, 200, "", ""));
    assert_eq!((attempt.password_version, attempt.key_id.is_empty()), (1, false));
    let unknown = ops.get_callback(pb::GetCallbackRequest { callback_id: "cbk_x".to_owned() }).await;
    refused(unknown, Code::NotFound, "no callback");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_filtered_and_paged() {
    let stand = stand(&[]).await;
    let mut ops = admin(&stand).await;
    let (first, second) = (stand.merchant(0).await.unwrap(), stand.merchant(1).await.unwrap());
    let mut placed = Vec::new();
    for n in 0..5 {
        placed.push(place(&first, &format!("P-{n}")).await.order_id);
    }
    let other = complete(&stand, &second, "Q-0").await;

    // Page by page, newest first, nothing twice.
    let mut ask =
        pb::ListOrdersRequest { client_id: first.client_id().to_owned(), limit: 2, ..Default::default() };
    let mut listed = Vec::new();
    loop {
        let page = ops.list_orders(ask.clone()).await.unwrap().into_inner();
        assert!(page.items.len() <= 2);
        listed.extend(page.items.iter().map(|v| id(v).to_owned()));
        if page.next_cursor.is_empty() {
            break;
        }
        ask.cursor = page.next_cursor;
    }
    placed.reverse();
    assert_eq!(listed, placed);

    let all = pb::ListOrdersRequest::default();
    for (what, ask, want) in [
        ("everything", all.clone(), 6),
        ("state", pb::ListOrdersRequest { states: vec![4], ..all.clone() }, 1),
        ("states", pb::ListOrdersRequest { states: vec![1, 2, 4], ..all.clone() }, 6),
        ("text, of the merchant's number", pb::ListOrdersRequest { text: "P-".to_owned(), ..all.clone() }, 5),
        (
            "text, of the channel's number",
            pb::ListOrdersRequest { text: other.channel_ref.clone().unwrap()[4..].to_owned(), ..all.clone() },
            1,
        ),
        ("channel", pb::ListOrdersRequest { channel: "alipay".to_owned(), ..all.clone() }, 6),
        ("no such channel", pb::ListOrdersRequest { channel: "cash".to_owned(), ..all.clone() }, 0),
        ("from the future", pb::ListOrdersRequest { from_ms: i64::MAX / 4, ..all.clone() }, 0),
        ("until long ago", pb::ListOrdersRequest { to_ms: 1, ..all.clone() }, 0),
        ("from long ago", pb::ListOrdersRequest { from_ms: 1, ..all.clone() }, 6),
        ("limbo", pb::ListOrdersRequest { limbo: true, ..all.clone() }, 0),
    ] {
        assert_eq!(ops.list_orders(ask).await.unwrap().into_inner().items.len(), want, "{what}");
    }
    for (ask, says) in [
        (pb::ListOrdersRequest { states: vec![7], ..all.clone() }, "no state 7"),
        (pb::ListOrdersRequest { cursor: "garbage".to_owned(), ..all.clone() }, "cursor"),
        (pb::ListOrdersRequest { text: "x".repeat(201), ..all.clone() }, "text"),
    ] {
        refused(ops.list_orders(ask).await, Code::InvalidArgument, says);
    }

    let ask = pb::ListCallbacksRequest { client_id: second.client_id().to_owned(), ..Default::default() };
    let callbacks = ops.list_callbacks(ask).await.unwrap().into_inner().items;
    assert_eq!(callbacks.iter().map(|c| c.order_id.as_str()).collect::<Vec<_>>(), [other.order_id.as_str()]);

    let apps =
        ops.list_apps(pb::ListAppsRequest { text: first.client_id().to_owned() }).await.unwrap().into_inner();
    assert_eq!(apps.items.len(), 1);
    assert_eq!(apps.items[0].passwords.iter().map(|p| p.version).collect::<Vec<_>>(), [1, 1, 1]);
    assert_eq!((apps.items[0].keys[0].state.as_str(), apps.items[0].status.as_str()), ("active", "active"));
    let channels = ops.list_channels(pb::ListChannelsRequest {}).await.unwrap().into_inner().items;
    let alipay = &channels[0];
    assert_eq!(
        (alipay.channel.as_str(), alipay.provider.as_str(), alipay.health.as_str()),
        ("alipay", "alipay", "ok")
    );
    assert!(alipay.calls >= 6 && alipay.success_ppm == 1_000_000 && alipay.can_query, "{alipay:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limbo_is_found_and_asked_about_once_per_request() {
    // One query by schedule, which fails; the others are ours.
    let stand = stand(&[r#"channels.alipay.requery_schedule=["500ms","10m"]"#]).await;
    let (merchant, mut ops, control) =
        (stand.merchant(0).await.unwrap(), admin(&stand).await, stand.control());
    let order = place(&merchant, "L-1").await;
    control.faults(json!([{"channel": "alipay", "op": "query", "fault": "timeout"}])).await.unwrap();
    control.pay(&order, Plan::Never).await.unwrap();
    let overview = until("the order falls into limbo", SOON, async || {
        let overview = ops.overview(pb::OverviewRequest {}).await.unwrap().into_inner();
        if overview.limbo == 1 { Ok(overview) } else { Err(format!("{overview:?}")) }
    })
    .await;
    assert!(
        overview.alerts.iter().any(|a| a.kind == "limbo" && a.since_ms == overview.limbo_oldest_ms),
        "{overview:?}"
    );
    assert!(overview.created_1m >= 1 && overview.open_orders >= 1 && overview.trial_balance_zero);
    assert_eq!((overview.created_spark.len(), overview.paid_spark.len()), (60, 60));
    let limbo = pb::ListOrdersRequest { limbo: true, ..Default::default() };
    let listed = ops.list_orders(limbo).await.unwrap().into_inner().items;
    assert_eq!(listed.iter().map(id).collect::<Vec<_>>(), [order.order_id.as_str()]);
    assert_eq!(listed[0].diagnosis.as_ref().unwrap().code, "u");

    // The channel still says nothing: no observation, and that is an answer too.
    let requery = |request_id: &str| pb::RequeryRequest {
        request_id: request_id.to_owned(),
        order_id: order.order_id.clone(),
        wait_ms: 8_000,
    };
    let none = ops.requery(requery("r-0")).await.unwrap().into_inner();
    assert_eq!((none.answered, none.presence.as_str()), (false, "unknown"));

    // Nor within the time that this operator waits; the answer comes later, and is a fact all the same.
    control.faults(json!([])).await.unwrap();
    let asked = queries(&stand).await;
    let slow = place(&merchant, "L-0").await;
    until("the schedule asks its one time", SOON, async || match queries(&stand).await - asked {
        0 => Err("not yet".to_owned()),
        _ => Ok(()),
    })
    .await;
    control.pay(&slow, Plan::Never).await.unwrap();
    control.faults(json!([{"channel": "alipay", "op": "query", "fault": {"slow_ms": 600}}])).await.unwrap();
    let impatient = pb::RequeryRequest { order_id: slow.order_id.clone(), wait_ms: 100, ..requery("r-slow") };
    let late = ops.requery(impatient).await.unwrap().into_inner();
    assert_eq!((late.answered, late.code.as_str()), (false, "timeout"));
    stand.wait_for_state(&merchant, &slow.order_id, &[4], SOON).await.unwrap();

    control.faults(json!([])).await.unwrap();
    let (mut twin, before) = (ops.clone(), queries(&stand).await);
    // The same request twice at once, and once more: one query.
    let (one, other) = tokio::join!(ops.requery(requery("r-1")), twin.requery(requery("r-1")));
    let (one, other) = (one.unwrap().into_inner(), other.unwrap().into_inner());
    assert_eq!((one.answered, one.presence.as_str()), (true, "paid"));
    assert_eq!((other.answered, other.audit_seq), (true, one.audit_seq));
    assert_eq!(one.order.as_ref().map(|v| v.limbo), Some(false));
    stand.wait_for_state(&merchant, &order.order_id, &[4], SOON).await.unwrap();
    let again = ops.requery(requery("r-1")).await.unwrap().into_inner();
    assert_eq!((again.presence.as_str(), again.audit_seq), ("paid", one.audit_seq));
    assert_eq!(again.order.and_then(|v| v.order).map(|o| o.state), Some(4), "as it stands now");
    assert_eq!(queries(&stand).await, before + 1);

    let misuse = pb::RequeryRequest { order_id: place(&merchant, "L-2").await.order_id, ..requery("r-1") };
    refused(ops.requery(misuse).await, Code::AlreadyExists, "order.requery");
    let nowhere =
        pb::RequeryRequest { order_id: "rch_01KBFZ0P5Q7WJQ0C0X3M9N4T2A".to_owned(), ..requery("r-2") };
    refused(ops.requery(nowhere).await, Code::NotFound, "no order");
    refused(ops.requery(requery("")).await, Code::InvalidArgument, "request_id");
    refused(ops.requery(requery("has space")).await, Code::InvalidArgument, "request_id");
}

/// How often the channel was asked.
async fn queries(stand: &Stand) -> i64 {
    let counts = stand.control().counts().await.unwrap();
    let queries = counts["counts"].as_array().unwrap().iter().filter(|c| c["op"] == "query");
    queries.map(|c| c["count"].as_i64().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stuck_callback_is_replayed_and_a_superseded_one_is_not() {
    let stand = stand(&["recharge.min_expires_in=1s", r#"callback.schedule=["0s","100ms"]"#]).await;
    let (merchant, mut ops, control) =
        (stand.merchant(0).await.unwrap(), admin(&stand).await, stand.control());
    control.answer(merchant.client_id(), json!("http_500")).await.unwrap();
    let order = place(&merchant, "S-1").await;
    control.pay(&order, Plan::Now).await.unwrap();
    let stuck = until("the callback is stuck", SOON, async || {
        let ask = pb::ListCallbacksRequest { stuck: true, ..Default::default() };
        ops.list_callbacks(ask).await.unwrap().into_inner().items.pop().ok_or_else(|| "none is".to_owned())
    })
    .await;
    assert_eq!(
        (stuck.order_id.as_str(), stuck.stuck, stuck.last_status),
        (order.order_id.as_str(), true, 500)
    );

    control.answer(merchant.client_id(), json!("success")).await.unwrap();
    let replay = |callback_id: &str, request_id: &str| pb::ReplayCallbackRequest {
        request_id: request_id.to_owned(),
        callback_id: callback_id.to_owned(),
        reason: "the merchant is back".to_owned(),
    };
    let done = ops.replay_callback(replay(&stuck.callback_id, "p-1")).await.unwrap().into_inner();
    stand.wait_for_state(&merchant, &order.order_id, &[4], SOON).await.unwrap();
    let received = control.received(&order.order_id).await.unwrap().len();
    // Once more with the same request: the answer of then, and nothing is sent.
    let again = ops.replay_callback(replay(&stuck.callback_id, "p-1")).await.unwrap().into_inner();
    assert_eq!(again.audit_seq, done.audit_seq);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(control.received(&order.order_id).await.unwrap().len(), received);
    let ask = pb::GetCallbackRequest { callback_id: stuck.callback_id.clone() };
    let attempts = ops.get_callback(ask).await.unwrap().into_inner().attempts;
    let last = attempts.last().unwrap();
    assert_eq!((last.error.as_str(), last.by.is_empty()), ("", false), "{attempts:?}");

    // Closed, and the merchant not told; then paid late: the news of the closing would mislead.
    control.answer(merchant.client_id(), json!("http_500")).await.unwrap();
    let mut recharge = NewRecharge::new("S-2", 500);
    recharge.expires_in = Some("1s".to_owned());
    let late = merchant.create_recharge(&recharge).await.unwrap();
    stand.wait_for_state(&merchant, &late.order_id, &[5], SOON).await.unwrap();
    control.pay(&late, Plan::Now).await.unwrap();
    stand.wait_for_state(&merchant, &late.order_id, &[3], SOON).await.unwrap();
    let callbacks = detail(&mut ops, &late.order_id).await.callbacks;
    let states: Vec<_> = callbacks.iter().map(|c| (c.r#type.as_str(), c.state.as_str())).collect();
    assert_eq!(states[0], ("recharge.closed", "superseded"), "{states:?}");
    refused(
        ops.replay_callback(replay(&callbacks[0].callback_id, "p-2")).await,
        Code::FailedPrecondition,
        "a newer fact",
    );
    refused(ops.replay_callback(replay("cbk_x", "p-3")).await, Code::NotFound, "no callback");
}
