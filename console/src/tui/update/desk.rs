//! Decisions about money: what is asked before one, what came of it.

use sluice_proto::v1 as pb;

use crate::cli::desk::Decision;
use crate::cli::payouts::Outcome;
use crate::text::money;
use crate::text::time::ago;
use crate::tui::effect::{Act, Acted, Ask};
use crate::tui::state::desk::{Undecided, UnknownPayout};
use crate::tui::state::dialog::{Dialog, Field, FieldName, Focus, Purpose, Value};
use crate::tui::state::input::Input;
use crate::tui::state::layer::Layer;
use crate::tui::state::{AwaitedAudit, State, Tone};

/// Asks what to decide, and has it confirmed.
pub(super) fn ask(state: &mut State) {
    let Ok(undecided) = state.undecided() else { return };
    let request_id = state.request_id();
    let dialog = match undecided {
        Undecided::Suspense(s) => of_suspense(state, *s, request_id),
        Undecided::Payout(payout) => of_payout(state, *payout, request_id),
    };
    state.layers.push(Layer::Dialog(Box::new(dialog)));
}

fn of_suspense(state: &State, s: pb::Suspense, request_id: String) -> Dialog {
    let first = first_decision(state, s.waiting.as_ref());
    // What is asked for most likely stands there first: what the other one decided, else what is proposed.
    let wished = s.waiting.as_ref().map_or(s.proposal.as_str(), |p| &p.decision);
    let decision = Decision::from_name(wished).unwrap_or(Decision::Keep);
    let eyes = s.four_eyes.then(|| four_eyes(state, s.waiting.as_ref(), "decided"));
    Dialog {
        target: facts([
            ("order", s.order_id.clone()),
            ("merchant no", s.merchant_order_no.clone()),
            ("user", format!("{} of {}", s.user_ref, s.client_id)),
            ("amount", format!("{}, at {}", money::full(s.amount.as_ref()), s.channel)),
            ("payment", s.key.clone()),
            ("decided", first),
        ]),
        effects: eyes.into_iter().collect(),
        fields: vec![
            Field { name: FieldName::Decision, value: Value::Decision(decision) },
            reason(),
            confirmation(&s.merchant_order_no, &s.order_id),
        ],
        decisions: s.actions,
        focus: Focus::Cancel,
        problem: None,
        request_id,
        purpose: Purpose::Decide { order_id: s.order_id, key: s.key },
    }
}

fn of_payout(state: &State, payout: UnknownPayout, request_id: String) -> Dialog {
    let waiting = payout.waiting.as_ref();
    let wished = waiting.map_or("", |p| p.decision.as_str());
    let of = Outcome::of(&payout.order_id);
    Dialog {
        target: facts([
            ("order", payout.order_id.clone()),
            ("merchant no", payout.merchant_order_no.clone()),
            ("amount", format!("{}, at {}", money::full(payout.amount.as_ref()), payout.channel)),
            ("channel ref", payout.channel_ref.clone()),
            ("payee", payout.payee.clone()),
            ("said", first_decision(state, waiting)),
            ("their line", waiting.map(|p| p.bill_line.clone()).unwrap_or_default()),
        ]),
        effects: vec![four_eyes(state, waiting, "said")],
        fields: vec![
            Field {
                name: FieldName::Outcome,
                value: Value::Outcome { chosen: Outcome::from_name(wished).unwrap_or(of[0]), of },
            },
            Field {
                name: FieldName::BillLine,
                value: Value::Text { input: Input::default(), required: true },
            },
            reason(),
            confirmation(&payout.merchant_order_no, &payout.order_id),
        ],
        decisions: Vec::new(),
        focus: Focus::Cancel,
        problem: None,
        request_id,
        purpose: Purpose::Resolve { order_id: payout.order_id },
    }
}

fn facts<const N: usize>(facts: [(&'static str, String); N]) -> Vec<(&'static str, String)> {
    facts.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

fn reason() -> Field {
    Field { name: FieldName::Reason, value: Value::Text { input: Input::default(), required: true } }
}

/// Money moves by this, so a whole number has to be typed.
fn confirmation(merchant_order_no: &str, order_id: &str) -> Field {
    let accepted = vec![merchant_order_no.to_owned(), order_id.to_owned()];
    Field { name: FieldName::Confirmation, value: Value::Typed { input: Input::default(), accepted } }
}

/// What the first operator decided, when and why.
fn first_decision(state: &State, waiting: Option<&pb::Proposal>) -> String {
    waiting.map_or_else(String::new, |p| {
        format!("{} by {}, {}: {}", p.decision, p.by, ago(p.at_ms, state.daemon_now()), p.reason)
    })
}

/// What this decision is among the two that are needed. `verb`: what the first operator did.
fn four_eyes(state: &State, waiting: Option<&pb::Proposal>, verb: &str) -> String {
    let me = state.link.hello.as_ref().map_or("", |h| h.operator.as_str());
    match waiting {
        None => "Needs two operators: nothing moves until another one says the same.".to_owned(),
        Some(p) if p.by == me => format!(
            "You {verb} {} already: another operator has to. Anything else from you replaces it.",
            p.decision
        ),
        Some(p) => format!(
            "{} {verb} {}: the same from you carries it out; anything else replaces it, and waits.",
            p.by, p.decision
        ),
    }
}

/// The act of a confirmed dialog.
pub(super) fn act(dialog: &Dialog, purpose: Purpose, reason: String) -> Option<Act> {
    let request_id = dialog.request_id.clone();
    match purpose {
        Purpose::Decide { order_id, key } => match dialog.value(FieldName::Decision) {
            Some(Value::Decision(decision)) => {
                Some(Act::Decide { order_id, key, decision: *decision, reason, request_id })
            }
            _ => None,
        },
        Purpose::Resolve { order_id } => match dialog.value(FieldName::Outcome) {
            Some(Value::Outcome { chosen, .. }) => {
                let bill_line = dialog.text(FieldName::BillLine);
                Some(Act::Resolve { order_id, outcome: *chosen, bill_line, reason, request_id })
            }
            _ => None,
        },
        Purpose::Replay { .. } | Purpose::Rotate { .. } => None,
    }
}

/// Tells what came of a decision; gives what has to be asked anew.
pub(super) fn done(state: &mut State, acted: Acted) -> Vec<Ask> {
    let (order_id, counts, outcome, seq) = match acted {
        Acted::Decide(reply) => {
            let s = reply.suspense.unwrap_or_default();
            (s.order_id, reply.decided, s.state, reply.audit_seq)
        }
        Acted::Resolve(reply) => {
            let order = reply.order.and_then(|v| v.order).unwrap_or_default();
            let state_name = format!("{} {}", order.state, order.state_name);
            (order.order_id, reply.resolved, state_name, reply.audit_seq)
        }
        Acted::Requery(_) | Acted::Replay(_) | Acted::Rotate { .. } => return Vec::new(),
    };
    let (tone, outcome) = if counts {
        (Tone::Good, outcome)
    } else {
        (Tone::Warning, "waits for a second operator".to_owned())
    };
    state.say(tone, format!("{order_id}: {outcome}   audit #{seq}"));
    state.awaited_audit = Some(AwaitedAudit { seq, outcome });
    vec![Ask::Desk, Ask::Overview, Ask::Order(order_id.clone()), Ask::Journal(order_id)]
}
