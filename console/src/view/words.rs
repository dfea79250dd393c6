//! How states, diagnoses and other words of the daemon look: a sign, a word, a meaning.

use sluice_proto::v1 as pb;

use super::theme::{Role, Signs};
use crate::text::time::span;
use sluice_core::time::Timestamp;

/// An order's state: its sign, number and name.
pub(super) fn state(order: &pb::Order, signs: &Signs) -> (String, Role) {
    let (sign, role) = match order.state {
        5 if order.r#type == "refund" => (signs.closed, Role::Warn),
        0 => (signs.created, Role::Dim),
        1 => (signs.submitted, Role::Info),
        2 => (signs.pending, Role::Info),
        3 => (signs.paid, Role::Good),
        4 => (signs.completed, Role::Good),
        5 => (signs.closed, Role::Dim),
        _ => (signs.refund, Role::Warn),
    };
    (format!("{sign} {} {}", order.state, order.state_name), role)
}

/// A diagnosis: its code and title.
pub(super) fn diagnosis(view: &pb::OrderView) -> (String, Role) {
    let Some(d) = &view.diagnosis else { return (String::new(), Role::Dim) };
    // In a column: codes under codes, titles under titles.
    let code = if d.code.len() > 2 { "" } else { &d.code };
    (format!("{code:2} {}", d.title), diagnosis_role(view))
}

/// How much a diagnosis matters.
pub(super) fn diagnosis_role(view: &pb::OrderView) -> Role {
    let code = view.diagnosis.as_ref().map_or("", |d| d.code.as_str());
    match code {
        _ if view.limbo => Role::Bad,
        "a" | "b" | "c3" => Role::Text,
        "c2" | "d1" => Role::Good,
        "e1" | "e2" | "e3" => Role::Dim,
        "c1" => Role::Info,
        "u" | "c4" | "c5" | "d2" | "late" => Role::Warn,
        _ => Role::Bad,
    }
}

/// What the channel said last. The presence is what was known before where that was no usable answer.
pub(super) fn answer(a: &pb::Attempt) -> String {
    let said =
        [a.code.as_str(), &a.message].into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ");
    match a.presence.as_str() {
        "" | "unknown" => said,
        known if a.unknown_since_ms != 0 => format!("{said} (before: {known})").trim_start().to_owned(),
        known => format!("{known} {said}").trim_end().to_owned(),
    }
}

/// The next automatic step with its countdown, by the daemon's clock.
pub(super) fn next_step(view: &pb::OrderView, daemon_now: Timestamp) -> String {
    let Some(step) = view.next_step.as_ref() else { return String::new() };
    if step.at_ms == 0 {
        return step.text.clone();
    }
    let left = Timestamp(step.at_ms).since(daemon_now);
    // A due step is picked up within the daemon's next look at its tasks.
    if left.as_millis() == 0 {
        format!("{} now", step.text)
    } else {
        format!("{} in {}", step.text, span(left))
    }
}

/// The same for a narrow column: the countdown first.
pub(super) fn next_step_short(view: &pb::OrderView, daemon_now: Timestamp) -> String {
    let Some(step) = view.next_step.as_ref().filter(|s| s.at_ms != 0) else {
        return next_step(view, daemon_now);
    };
    let left = Timestamp(step.at_ms).since(daemon_now);
    if left.as_millis() == 0 { format!("now {}", step.text) } else { format!("{} {}", span(left), step.text) }
}

/// A channel's health.
pub(super) fn health(channel: &pb::Channel, signs: &Signs) -> (String, Role) {
    let (sign, role) = match channel.health.as_str() {
        "ok" => (signs.up, Role::Good),
        "degraded" => (signs.pending, Role::Warn),
        _ => (signs.down, Role::Bad),
    };
    (format!("{sign} {}", channel.health), role)
}

/// A circuit breaker, with how long until its probe.
pub(super) fn breaker(channel: &pb::Channel, daemon_now: Timestamp) -> (String, Role) {
    let role = match channel.breaker.as_str() {
        "closed" => Role::Dim,
        "half_open" => Role::Warn,
        _ => Role::Bad,
    };
    let left = Timestamp(channel.breaker_until_ms).since(daemon_now);
    let name = channel.breaker.replace('_', "-");
    let text = if left.as_secs() > 0 { format!("{name}, probe in {}", span(left)) } else { name };
    (text, role)
}

/// Where a fact came from.
pub(super) fn origin(origin: &str) -> Role {
    match origin {
        "api" | "gate" => Role::Info,
        "channel" | "notification" | "observation" => Role::Accent,
        "ledger" => Role::Good,
        "operator" => Role::Warn,
        _ => Role::Text,
    }
}

/// A callback's state.
pub(super) fn callback(c: &pb::Callback, signs: &Signs) -> (String, Role) {
    match c.state.as_str() {
        _ if c.stuck => (format!("{} stuck", signs.alert), Role::Bad),
        "delivered" => (format!("{} delivered", signs.completed), Role::Good),
        "superseded" => (format!("{} superseded", signs.closed), Role::Dim),
        other => (format!("{} {other}", signs.pending), Role::Info),
    }
}

/// Parts per million as a percentage, with what that means.
pub(super) fn success(ppm: u32, counted: bool) -> (String, Role) {
    let role = match ppm {
        _ if !counted => Role::Dim,
        990_000.. => Role::Good,
        900_000.. => Role::Warn,
        _ => Role::Bad,
    };
    (crate::cli::channels::percent(ppm, counted), role)
}
