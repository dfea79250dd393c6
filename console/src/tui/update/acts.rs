//! Acts: a requery goes at once, everything else asks first.

use super::desk;
use crate::cli::credentials::PasswordType;
use crate::text::money;
use crate::tui::effect::{Act, Effect, Secret};
use crate::tui::state::dialog::{Dialog, Field, FieldName, Focus, Grace, Purpose, Value};
use crate::tui::state::input::Input;
use crate::tui::state::layer::Layer;
use crate::tui::state::target::Role;
use crate::tui::state::{State, Tone};

/// How many characters of an order's id have to be typed.
const TYPED: usize = 4;

/// A requery can only bring facts, so it is not asked about.
pub(super) fn requery(state: &mut State) -> Vec<Effect> {
    let Some(order_id) = state.target_order() else { return Vec::new() };
    state.requerying.insert(order_id.clone(), state.now);
    state.say(Tone::Plain, format!("{order_id}: asking its channel, up to 10 s"));
    let request_id = state.request_id();
    vec![Effect::Act(Act::Requery { order_id, request_id })]
}

pub(super) fn ask_replay(state: &mut State) {
    let Some(callback) = state.target_callback() else { return };
    let request_id = state.request_id();
    let last = last_of(&callback.order_id, TYPED);
    let whereto =
        if callback.url.is_empty() { "the order's notify URL".to_owned() } else { callback.url.clone() };
    let again = match callback.state.as_str() {
        "delivered" => {
            "The merchant acknowledged it before and gets it once more, with the same state_version."
        }
        _ => "The merchant has not acknowledged it yet.",
    };
    let dialog = Dialog {
        target: vec![
            ("order", callback.order_id.clone()),
            ("merchant no", callback.merchant_order_no.clone()),
            ("amount", money::full(callback.amount.as_ref())),
            ("callback", format!("{}  {}", callback.r#type, callback.callback_id)),
            (
                "state",
                format!("{}, {} attempts  →  pending, attempt due now", callback.state, callback.attempts),
            ),
        ],
        effects: vec![
            format!("Sends the same body again to {whereto}, signed anew."),
            "Its schedule starts over; no money moves.".to_owned(),
            again.to_owned(),
        ],
        fields: vec![
            Field {
                name: FieldName::Reason,
                value: Value::Text { input: Input::default(), required: false },
            },
            Field {
                name: FieldName::Confirmation,
                value: Value::Typed {
                    input: Input::default(),
                    accepted: vec![last, callback.order_id.clone(), callback.merchant_order_no.clone()],
                },
            },
        ],
        decisions: Vec::new(),
        focus: Focus::Cancel,
        problem: None,
        request_id,
        purpose: Purpose::Replay { callback_id: callback.callback_id, order_id: callback.order_id },
    };
    state.layers.push(Layer::Dialog(Box::new(dialog)));
}

pub(super) fn ask_rotate(state: &mut State) {
    let Some(app) = state.target_app().cloned() else { return };
    let request_id = state.request_id();
    let dialog = Dialog {
        target: vec![
            ("app", app.client_id.clone()),
            ("name", format!("{} ({})", app.name, app.merchant)),
            (
                "versions",
                app.passwords
                    .iter()
                    .map(|p| format!("{} v{}", p.r#type, p.version))
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
        ],
        effects: vec![
            "Callbacks not yet delivered are signed with the new one. It is shown once, here.".to_owned(),
        ],
        fields: vec![
            Field { name: FieldName::Kind, value: Value::Kind(PasswordType::Recharge) },
            Field { name: FieldName::Reason, value: Value::Text { input: Input::default(), required: true } },
            Field { name: FieldName::Grace, value: Value::Grace(Grace::None) },
            Field { name: FieldName::RevokeTokens, value: Value::Switch(false) },
            Field {
                name: FieldName::Confirmation,
                value: Value::Typed { input: Input::default(), accepted: vec![app.client_id.clone()] },
            },
        ],
        decisions: Vec::new(),
        focus: Focus::Cancel,
        problem: None,
        request_id,
        purpose: Purpose::Rotate { client_id: app.client_id },
    };
    state.layers.push(Layer::Dialog(Box::new(dialog)));
}

/// Enter in a dialog.
pub(super) fn press_button(state: &mut State) -> Vec<Effect> {
    // The link or the role may have changed while the dialog stood open.
    let allowed = |purpose: &Purpose| match purpose {
        Purpose::Replay { .. } | Purpose::Decide { .. } | Purpose::Resolve { .. } => {
            state.may_act(Role::Operator)
        }
        Purpose::Rotate { .. } => state.may_act(Role::Admin),
    };
    let problem = match state.layers.last() {
        Some(Layer::Dialog(dialog)) if dialog.focus == Focus::Confirm => {
            allowed(&dialog.purpose).err().or_else(|| dialog.missing())
        }
        _ => None,
    };
    let Some(Layer::Dialog(dialog)) = state.layers.last_mut() else { return Vec::new() };
    match dialog.focus {
        Focus::Field(_) => dialog.next_field(),
        Focus::Cancel => {
            let verb = dialog.verb();
            state.layers.pop();
            state.say(Tone::Plain, format!("{verb}: cancelled, nothing was changed"));
        }
        Focus::Confirm if problem.is_some() => dialog.problem = problem,
        Focus::Confirm => return confirmed(state),
    }
    Vec::new()
}

fn confirmed(state: &mut State) -> Vec<Effect> {
    let Some(Layer::Dialog(dialog)) = state.layers.pop() else { return Vec::new() };
    let reason = dialog.text(FieldName::Reason);
    let act = match dialog.purpose.clone() {
        Purpose::Replay { callback_id, order_id } => {
            state.say(Tone::Plain, format!("{callback_id}: being sent again"));
            Act::Replay { callback_id, order_id, reason, request_id: dialog.request_id.clone() }
        }
        Purpose::Rotate { client_id } => {
            state.say(Tone::Plain, format!("{client_id}: rotating"));
            let kind = match dialog.value(FieldName::Kind) {
                Some(Value::Kind(kind)) => kind.name(),
                _ => PasswordType::Recharge.name(),
            };
            let grace = match dialog.value(FieldName::Grace) {
                Some(Value::Grace(grace)) => grace.duration(),
                _ => Grace::None.duration(),
            };
            let revoke_tokens = matches!(dialog.value(FieldName::RevokeTokens), Some(Value::Switch(true)));
            let request_id = dialog.request_id.clone();
            Act::Rotate { client_id, kind: kind.to_owned(), reason, grace, revoke_tokens, request_id }
        }
        purpose @ (Purpose::Decide { .. } | Purpose::Resolve { .. }) => {
            let Some(act) = desk::act(&dialog, purpose, reason) else { return Vec::new() };
            state.say(Tone::Plain, format!("{}: under way", dialog.verb()));
            act
        }
    };
    vec![Effect::Act(act)]
}

/// Several passwords go as lines of `type password`, a single one alone.
pub(super) fn copy_secrets(state: &mut State) -> Vec<Effect> {
    let Some(Layer::Secrets(secrets)) = state.layers.last_mut() else { return Vec::new() };
    secrets.copied = true;
    let text = match secrets.passwords.as_slice() {
        [one] => one.password.expose().to_owned(),
        many => many.iter().map(|p| format!("{} {}\n", p.kind, p.password.expose())).collect(),
    };
    vec![Effect::Copy(Secret::new(text))]
}

fn last_of(id: &str, count: usize) -> String {
    let skip = id.chars().count().saturating_sub(count);
    id.chars().skip(skip).collect()
}
