//! What `--json` prints: the order object field for field, and the operators' facts beside it. Times are RFC 3339,
//! absent values null.

use serde_json::{Value, json};
use sluice_core::order::OrderObject;
use sluice_core::time::Timestamp;
use sluice_proto::v1 as pb;

use crate::exit::{Exit, Failure};

/// An order object with `diagnosis`, `next_step` and `limbo`; a withdrawal's with its payee, masked.
///
/// # Errors
/// The daemon sent an order that this console cannot read.
pub fn order(view: &pb::OrderView) -> Result<Value, Failure> {
    let order =
        view.order.clone().ok_or_else(|| Failure::new(Exit::Unexpected, "the daemon sent an empty order"))?;
    let mut value = serde_json::to_value(OrderObject::try_from(order)?)
        .map_err(|e| Failure::new(Exit::Unexpected, format!("an order cannot be written: {e}")))?;
    value["diagnosis"] = view.diagnosis.as_ref().map_or(Value::Null, diagnosis);
    value["next_step"] = view.next_step.as_ref().map_or(Value::Null, next_step);
    value["limbo"] = json!(view.limbo);
    if let Some(order) = view.order.as_ref().filter(|o| !o.payee.is_empty()) {
        value["payee"] = json!(order.payee);
    }
    Ok(value)
}

/// Several of them.
///
/// # Errors
/// As [`order`].
pub fn orders(views: &[pb::OrderView]) -> Result<Value, Failure> {
    views.iter().map(order).collect::<Result<Vec<_>, _>>().map(Value::Array)
}

/// An order with everything known of it.
///
/// # Errors
/// As [`order`].
pub fn order_detail(detail: &pb::OrderDetail) -> Result<Value, Failure> {
    let view = detail.view.clone().unwrap_or_default();
    let mut value = order(&view)?;
    value["timeline"] = detail.timeline.iter().map(timeline_entry).collect();
    value["attempts"] = view.attempts.iter().map(attempt).collect();
    value["callbacks_detail"] = detail.callbacks.iter().map(callback).collect();
    value["journals"] = detail.journals.iter().map(journal).collect();
    value["actions"] = detail.actions.iter().map(action).collect();
    Ok(value)
}

/// One line of an order's timeline.
pub fn timeline_entry(e: &pb::TimelineEntry) -> Value {
    json!({
        "seq": e.seq, "at": time(e.at_ms), "origin": e.origin, "kind": e.kind, "summary": e.summary,
        "evidence_id": text(&e.evidence_id), "detail": embedded(&e.detail_json),
    })
}

/// A callback without its attempts.
pub fn callback(c: &pb::Callback) -> Value {
    json!({
        "callback_id": c.callback_id, "order_id": c.order_id, "client_id": c.client_id,
        "merchant_order_no": c.merchant_order_no, "type": c.r#type, "state": c.state, "stuck": c.stuck,
        "attempts": c.attempts, "amount": money(c.amount.as_ref()), "url": c.url, "endpoint": c.endpoint,
        "created_at": time(c.created_at_ms), "next_attempt_at": time(c.next_attempt_at_ms),
        "delivered_at": time(c.delivered_at_ms), "last_attempt_at": time(c.last_attempt_at_ms),
        "last_status": nonzero(c.last_status), "last_error": text(&c.last_error), "last_detail": text(&c.last_detail),
    })
}

/// A callback with its attempts and its body.
pub fn callback_detail(d: &pb::CallbackDetail) -> Value {
    let mut value = d.callback.as_ref().map_or_else(|| json!({}), callback);
    value["attempts_detail"] = d
        .attempts
        .iter()
        .map(|a| {
            json!({
                "no": a.no, "at": time(a.at_ms), "latency_ms": a.latency_ms, "status": nonzero(a.status),
                "error": text(&a.error), "detail": text(&a.detail), "body": a.body, "key_id": text(&a.key_id),
                "password_version": a.password_version, "by": text(&a.by),
            })
        })
        .collect();
    value["body"] = embedded(&d.body);
    value
}

/// A channel with its health.
pub fn channel(c: &pb::Channel) -> Value {
    json!({
        "channel": c.channel, "provider": c.provider, "health": c.health,
        "breaker": {"state": c.breaker, "until": time(c.breaker_until_ms)},
        "calls_5m": c.calls, "success_ppm": c.success_ppm, "p50_ms": c.p50_ms, "p99_ms": c.p99_ms,
        "latency_spark_ms": c.latency_spark,
        "last_error": text(&c.last_error), "last_error_at": time(c.last_error_at_ms),
        "limbo": c.limbo, "limbo_oldest": time(c.limbo_oldest_ms), "limbo_after_ms": c.limbo_after_ms,
        "methods": c.methods, "can_close": c.can_close, "can_query": c.can_query,
        "last_notification_at": time(c.last_notification_at_ms),
    })
}

/// An app with its passwords' versions and ages, and its keys.
pub fn app(a: &pb::App) -> Value {
    json!({
        "client_id": a.client_id, "name": a.name, "merchant": a.merchant, "status": a.status,
        "callback_url": text(&a.callback_url), "created_at": time(a.created_at_ms), "live_tokens": a.live_tokens,
        "passwords": a.passwords.iter().map(|p| json!({
            "type": p.r#type, "version": p.version, "created_at": time(p.created_at_ms),
            "grace_until": time(p.grace_until_ms), "last_used_at": time(p.last_used_at_ms),
        })).collect::<Vec<_>>(),
        "keys": a.keys.iter().map(merchant_key).collect::<Vec<_>>(),
    })
}

/// A merchant's public key.
pub fn merchant_key(k: &pb::MerchantKey) -> Value {
    json!({
        "key_id": k.key_id, "fingerprint": k.fingerprint, "bits": k.bits, "state": k.state,
        "created_at": time(k.created_at_ms), "not_after": time(k.not_after_ms), "revoked_at": time(k.revoked_at_ms),
    })
}

/// A line of the audit log.
pub fn audit(e: &pb::AuditEntry) -> Value {
    json!({
        "seq": e.seq, "at": time(e.at_ms), "operator": e.operator, "role": e.role, "action": e.action,
        "target": e.target, "reason": text(&e.reason), "before": embedded(&e.before_json),
        "after": embedded(&e.after_json), "request_id": e.request_id, "hash": e.hash,
    })
}

/// The figures of the first screen.
pub fn overview(hello: &pb::HelloReply, o: &pb::OverviewReply) -> Value {
    json!({
        "operator": hello.operator, "role": hello.role, "daemon": hello.daemon, "version": hello.version,
        "now": time(o.now_ms), "started_at": time(hello.started_at_ms),
        "token_expires_at": time(hello.token_expires_at_ms),
        "created_1m": o.created_1m, "paid_1m": o.paid_1m, "closed_1m": o.closed_1m, "refused_1m": o.refused_1m,
        "success_ppm_1h": o.success_ppm_1h, "ended_1h": o.ended_1h, "api_p50_ms": o.api_p50_ms, "api_p99_ms": o.api_p99_ms,
        "open_orders": o.open_orders, "limbo": o.limbo, "limbo_oldest": time(o.limbo_oldest_ms),
        "callbacks_stuck": o.callbacks_stuck, "callbacks_stuck_oldest": time(o.callbacks_stuck_oldest_ms),
        "callbacks_pending": o.callbacks_pending, "tasks_due": o.tasks_due, "suspense_open": o.suspense_open,
        "trial_balance_zero": o.trial_balance_zero,
        "alerts": o.alerts.iter().map(|a| json!({
            "severity": a.severity, "kind": a.kind, "text": a.text, "since": time(a.since_ms),
        })).collect::<Vec<_>>(),
    })
}

/// One event of the feed.
pub fn event(e: &pb::Event) -> Value {
    let mut value = e.entry.as_ref().map_or_else(|| json!({}), timeline_entry);
    value["cursor"] = json!(e.cursor);
    value["order_id"] = text(&e.order_id);
    value["client_id"] = text(&e.client_id);
    if let Some(view) = &e.order {
        // An event whose order cannot be read is still an event.
        value["order"] = order(view).unwrap_or(Value::Null);
    }
    value
}

fn diagnosis(d: &pb::Diagnosis) -> Value {
    json!({"code": d.code, "title": d.title, "text": d.text, "since": time(d.since_ms)})
}

fn next_step(s: &pb::NextStep) -> Value {
    json!({"kind": s.kind, "text": s.text, "at": time(s.at_ms)})
}

fn attempt(a: &pb::Attempt) -> Value {
    json!({
        "no": a.no, "channel": a.channel, "channel_ref": a.channel_ref, "channel_order_no": text(&a.channel_order_no),
        "state": a.state, "sent_at": time(a.sent_at_ms), "answered_at": time(a.answered_at_ms),
        "presence": text(&a.presence), "unknown_since": time(a.unknown_since_ms), "code": text(&a.code),
        "message": text(&a.message),
    })
}

fn journal(j: &pb::JournalEntry) -> Value {
    json!({
        "journal_id": j.journal_id, "kind": j.kind, "at": time(j.at_ms),
        "postings": j.postings.iter().map(|p| json!({
            "account": p.account, "debit_minor": p.debit_minor, "currency": p.currency,
        })).collect::<Vec<_>>(),
    })
}

pub(super) fn action(a: &pb::Action) -> Value {
    json!({"name": a.name, "enabled": a.enabled, "why_not": text(&a.why_not), "effect": a.effect})
}

pub(super) fn money(m: Option<&pb::Money>) -> Value {
    m.map_or(Value::Null, |m| json!({"minor": m.minor, "currency": m.currency}))
}

pub(super) fn time(ms: i64) -> Value {
    if ms == 0 { Value::Null } else { json!(Timestamp(ms)) }
}

pub(super) fn text(t: &str) -> Value {
    if t.is_empty() { Value::Null } else { json!(t) }
}

fn nonzero(n: u32) -> Value {
    if n == 0 { Value::Null } else { json!(n) }
}

/// JSON that came as text; text that is no JSON stays text.
fn embedded(json: &str) -> Value {
    if json.is_empty() { Value::Null } else { serde_json::from_str(json).unwrap_or_else(|_| json!(json)) }
}
