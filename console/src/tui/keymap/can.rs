//! Whether a key can do something now, or why not.

use crate::tui::effect::Ask;
use crate::tui::state::State;
use crate::tui::state::desk::DeskItem;
use crate::tui::state::dialog::{Focus, Value};
use crate::tui::state::layer::Layer;
use crate::tui::state::target::Role;

pub(super) fn always(_: &State) -> Result<(), String> {
    Ok(())
}

pub(super) fn something_chosen(state: &State) -> Result<(), String> {
    let chosen = match state.top() {
        Some(Layer::Order(pane)) => pane.chosen().is_some(),
        Some(Layer::Callback(pane)) => pane.attempt.is_some(),
        Some(Layer::Hits { list, .. }) => list.chosen_id().is_some(),
        Some(Layer::Statement(pane)) => pane.lines.chosen_id().is_some(),
        Some(Layer::Journal(pane)) => pane.position().is_some(),
        Some(Layer::Suspense(id)) => state.desk.get(id).is_some(),
        Some(_) => false,
        None => state.list(state.view).is_some_and(|list| list.chosen_id().is_some()),
    };
    if chosen { Ok(()) } else { Err("nothing is chosen: Down or j chooses".to_owned()) }
}

pub(super) fn filter_set(state: &State) -> Result<(), String> {
    if state.filter().is_empty() { Err("this is the top level, without a filter".to_owned()) } else { Ok(()) }
}

pub(super) fn can_requery(state: &State) -> Result<(), String> {
    let order_id = state.target_order().ok_or("no order is chosen: Down or j chooses")?;
    state.may_act(Role::Operator)?;
    if state.requerying.contains_key(&order_id) {
        return Err("its channel is being asked right now".to_owned());
    }
    offered(state, "requery")
}

pub(super) fn can_replay(state: &State) -> Result<(), String> {
    state.target_order().ok_or("nothing is chosen: Down or j chooses")?;
    state.target_callback().ok_or("this order has no callback yet")?;
    state.may_act(Role::Operator)?;
    offered(state, "replay_callback")
}

pub(super) fn can_rotate(state: &State) -> Result<(), String> {
    state.target_app().ok_or("no app is chosen: Down or j chooses")?;
    state.may_act(Role::Admin)
}

pub(super) fn can_decide(state: &State) -> Result<(), String> {
    state.undecided()?;
    state.may_act(Role::Operator)
}

pub(super) fn has_evidence(state: &State) -> Result<(), String> {
    let row = state.target_desk_row().ok_or("nothing is chosen: Down or j chooses")?;
    match &row.item {
        DeskItem::Suspense(s) if !s.evidence_id.is_empty() => Ok(()),
        DeskItem::Suspense(_) => Err("no exchange with the channel is kept of it".to_owned()),
        DeskItem::Payout(_) => Err("Enter opens its order: what the channel said is there".to_owned()),
    }
}

pub(super) fn can_prove(state: &State) -> Result<(), String> {
    if state.questions.is_in_flight(&Ask::Trial { prove: true }) {
        return Err("the ledger is being proved right now".to_owned());
    }
    if state.link.is_up() { Ok(()) } else { Err("no connection to the daemon".to_owned()) }
}

/// What the daemon says of the act on an opened order.
fn offered(state: &State, name: &str) -> Result<(), String> {
    let Some(Layer::Order(pane)) = state.top() else { return Ok(()) };
    let action = pane.detail.iter().flat_map(|d| &d.actions).find(|a| a.name == name);
    match action {
        Some(action) if !action.enabled => Err(action.why_not.clone()),
        _ => Ok(()),
    }
}

pub(super) fn has_timeline(state: &State) -> Result<(), String> {
    match state.top() {
        Some(Layer::Order(pane)) if pane.detail.is_some() => Ok(()),
        _ => Err("the order is not loaded yet".to_owned()),
    }
}

pub(super) fn on_a_choice(state: &State) -> Result<(), String> {
    let Some(Layer::Dialog(dialog)) = state.top() else { return Ok(()) };
    match dialog.focus {
        Focus::Field(i)
            if matches!(
                dialog.fields.get(i).map(|f| &f.value),
                Some(
                    Value::Kind(_)
                        | Value::Grace(_)
                        | Value::Switch(_)
                        | Value::Decision(_)
                        | Value::Outcome { .. }
                )
            ) =>
        {
            Ok(())
        }
        _ => Err("only a field with choices can be changed so".to_owned()),
    }
}
