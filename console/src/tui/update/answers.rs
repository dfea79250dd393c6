//! Answers to questions and acts.

use sluice_proto::v1 as pb;

use super::feed::put_order;
use super::keys::tell_gone;
use super::{desk, open, search};
use crate::cli::ledger::holds;
use crate::exit::Failure;
use crate::text::money;
use crate::tui::effect::{Act, Acted, Ask, Effect, Loaded};
use crate::tui::state::layer::{Layer, Secrets};
use crate::tui::state::list::{List, Row as _};
use crate::tui::state::{AwaitedAudit, State, Tone, View};

pub(super) fn loaded(state: &mut State, ask: Ask, answer: Result<Loaded, Failure>) -> Vec<Effect> {
    let mut effects: Vec<Effect> = state.questions.answered(&ask, state.now).into_iter().collect();
    match answer {
        Ok(loaded) => effects.extend(take(state, ask, loaded)),
        Err(failure) => failed(state, &ask, failure),
    }
    effects
}

fn take(state: &mut State, ask: Ask, loaded: Loaded) -> Vec<Effect> {
    let now = state.now;
    match (ask, loaded) {
        (Ask::Overview, Loaded::Overview(overview)) => {
            state.link.heard(now, Some(overview.now_ms));
            state.overview = Some(*overview);
        }
        (Ask::Limbo, Loaded::Orders(orders)) => {
            let gone = state.limbo.replace(orders, now);
            tell_gone(state, View::Limbo, gone);
        }
        (Ask::Callbacks, Loaded::Callbacks(callbacks)) => {
            let gone = state.callbacks.replace(callbacks, now);
            tell_gone(state, View::Callbacks, gone);
        }
        (Ask::Channels, Loaded::Channels(channels)) => {
            let gone = state.channels.replace(channels, now);
            tell_gone(state, View::Channels, gone);
        }
        (Ask::Apps, Loaded::Apps(apps)) => {
            let gone = state.apps.replace(apps, now);
            tell_gone(state, View::Apps, gone);
        }
        (Ask::Audit, Loaded::Audit(entries)) => {
            show_awaited_row(state, &entries);
            let gone = state.audit.replace(entries.into_iter().map(Into::into).collect(), now);
            tell_gone(state, View::Audit, gone);
        }
        (Ask::Search(_), Loaded::Orders(orders)) => {
            orders.into_iter().for_each(|view| put_order(state, view));
            state.orders.enter();
        }
        (Ask::Find(number), Loaded::Orders(hits)) => return found(state, &number, hits),
        (Ask::Order(id), Loaded::Order(detail)) => {
            if let Some(view) = detail.view.clone() {
                put_order(state, view);
            }
            for layer in &mut state.layers {
                if let Layer::Order(pane) = layer
                    && pane.order_id == id
                {
                    pane.detail = Some((*detail).clone());
                    pane.loaded_at = Some(now);
                    pane.fault = None;
                    if pane.chosen().is_none() {
                        pane.entry = pane.entries().last().map(|e| e.seq);
                    }
                }
            }
        }
        (Ask::Callback(id), Loaded::Callback(detail)) => {
            for layer in &mut state.layers {
                if let Layer::Callback(pane) = layer
                    && pane.callback_id == id
                {
                    pane.detail = Some((*detail).clone());
                    pane.fault = None;
                    pane.attempt = pane.attempt.or_else(|| pane.attempts().last().map(|a| a.no));
                }
            }
        }
        (Ask::Accounts(text), Loaded::Accounts(reply)) if text == state.accounts.filter() => {
            state.more_accounts = !reply.next_cursor.is_empty();
            let gone = state.accounts.replace(reply.items.into_iter().map(Into::into).collect(), now);
            tell_gone(state, View::Ledger, gone);
        }
        (Ask::Trial { prove }, Loaded::Trial(trial)) => {
            if prove {
                tell_proof(state, &trial);
            }
            state.trial = Some(*trial);
        }
        (Ask::Statement { account, currency, cursor }, Loaded::Statement(statement)) => {
            let mut gone = None;
            for layer in &mut state.layers {
                if let Layer::Statement(pane) = layer
                    && (&pane.account, &pane.currency) == (&account, &currency)
                {
                    gone = pane.take(&cursor, (*statement).clone(), now).or(gone);
                }
            }
            if gone.is_some() {
                state.say(Tone::Warning, "the chosen line is further down now; nothing is chosen");
            }
        }
        (Ask::Journal(id), Loaded::Journal(reply)) => {
            for layer in &mut state.layers {
                if let Layer::Journal(pane) = layer
                    && pane.order_id == id
                {
                    pane.take((*reply).clone());
                }
            }
        }
        (Ask::Desk, Loaded::Desk(rows)) => {
            let gone = state.desk.replace(rows, now);
            tell_gone(state, View::Desk, gone);
        }
        (Ask::Evidence(id), Loaded::Evidence(evidence)) => fill_pager(state, &id, evidence_text(&evidence)),
        // An answer of another kind than its question cannot come: the runtime pairs them.
        _ => {}
    }
    Vec::new()
}

fn found(state: &mut State, number: &str, mut hits: Vec<pb::OrderView>) -> Vec<Effect> {
    // An answer that comes late never covers a question or a password that is shown once.
    if matches!(state.layers.last(), Some(Layer::Dialog(_) | Layer::Secrets(_))) {
        return Vec::new();
    }
    match hits.len() {
        0 => search::no_exact_hit(state, number),
        1 => {
            let id = hits.remove(0).id().to_owned();
            state.set_filter(state.view, "");
            open::order(state, id)
        }
        _ => {
            let mut list =
                List::new(|v: &pb::OrderView| v.order.as_ref().map_or(0, |o| -o.created_at_ms), hits.len());
            list.replace(hits, state.now);
            state.set_filter(state.view, "");
            state.layers.push(Layer::Hits { number: number.to_owned(), list: Box::new(list) });
            Vec::new()
        }
    }
}

fn failed(state: &mut State, ask: &Ask, failure: Failure) {
    for layer in &mut state.layers {
        match (layer, ask) {
            (Layer::Order(pane), Ask::Order(id)) if pane.order_id == *id => {
                pane.fault = Some(failure.what.clone())
            }
            (Layer::Callback(pane), Ask::Callback(id)) if pane.callback_id == *id => {
                pane.fault = Some(failure.what.clone());
            }
            (Layer::Journal(pane), Ask::Journal(id)) if pane.order_id == *id => {
                pane.fault = Some(failure.what.clone());
            }
            (Layer::Statement(pane), Ask::Statement { account, .. }) if pane.account == *account => {
                pane.fault = Some(failure.what.clone());
            }
            _ => {}
        }
    }
    if let Ask::Evidence(id) = ask {
        fill_pager(state, id, failure.to_string());
    }
    // What nobody looks at fails in silence.
    if *ask == Ask::Desk && state.view != View::Desk {
        return;
    }
    // With the link down the banner says it all; the questions that repeat would only repeat it.
    if state.link.is_up() || matches!(ask, Ask::Find(_)) {
        state.say(Tone::Bad, failure.what);
    }
}

fn tell_proof(state: &mut State, trial: &pb::TrialBalance) {
    let journals = money::count(trial.journals);
    match (holds(trial), trial.violation.as_str()) {
        (true, _) => state.say(Tone::Good, format!("proved: the books hold, {journals} journals")),
        (false, "") => state.say(Tone::Bad, "the books do not hold: the trial balance is not zero"),
        (false, violation) => state.say(Tone::Bad, format!("the books do not hold: {violation}")),
    }
}

fn fill_pager(state: &mut State, evidence_id: &str, text: String) {
    for layer in &mut state.layers {
        if let Layer::Pager(pager) = layer
            && pager.evidence_id.as_deref() == Some(evidence_id)
        {
            pager.text = Some(text.clone());
        }
    }
}

fn evidence_text(e: &pb::Evidence) -> String {
    let status = if e.http_status == 0 { "no answer".to_owned() } else { format!("HTTP {}", e.http_status) };
    let mut text = format!("{} {} · {status} · {} ms · {}\n", e.channel, e.op, e.latency_ms, e.evidence_id);
    if !e.error.is_empty() {
        text += &format!("error: {}\n", e.error);
    }
    for (title, body) in [("request", &e.request), ("response", &e.response)] {
        if !body.is_empty() {
            text += &format!("\n── {title} ──\n{}\n", open::pretty(body));
        }
    }
    text
}

pub(super) fn acted(state: &mut State, act: Act, answer: Result<Acted, Failure>) -> Vec<Effect> {
    if let Act::Requery { order_id, .. } = &act {
        state.requerying.remove(order_id);
    }
    match answer {
        Ok(acted) => done(state, &act, acted),
        Err(failure) => {
            not_done(state, &act, &failure);
            Vec::new()
        }
    }
}

fn done(state: &mut State, act: &Act, acted: Acted) -> Vec<Effect> {
    let now = state.now;
    let mut asks = vec![Ask::Audit];
    match (act, acted) {
        (Act::Requery { order_id, .. }, Acted::Requery(reply)) => {
            state.awaited_audit = None;
            if let Some(view) = reply.order.clone() {
                put_order(state, view);
            }
            let said: Vec<&str> = [reply.presence.as_str(), &reply.code, &reply.message]
                .into_iter()
                .filter(|s| !s.is_empty())
                .collect();
            let (tone, what) = if reply.answered {
                (Tone::Good, said.join(" · "))
            } else {
                (Tone::Warning, format!("no usable answer {}", said.join(" · ")))
            };
            state.say(tone, format!("{order_id}: {}   audit #{}", what.trim_end(), reply.audit_seq));
            asks.push(Ask::Order(order_id.clone()));
        }
        (Act::Replay { order_id, .. }, Acted::Replay(reply)) => {
            state.awaited_audit = Some(AwaitedAudit { seq: reply.audit_seq, outcome: String::new() });
            let callback = reply.callback.unwrap_or_default();
            state.say(
                Tone::Good,
                format!("{}: {}   audit #{}", callback.callback_id, callback.state, reply.audit_seq),
            );
            asks.extend([Ask::Callbacks, Ask::Callback(callback.callback_id), Ask::Order(order_id.clone())]);
        }
        (Act::Rotate { client_id, grace, .. }, Acted::Rotate { passwords, audit_seq, revoked_tokens }) => {
            state.awaited_audit = Some(AwaitedAudit { seq: audit_seq, outcome: String::new() });
            state.layers.push(Layer::Secrets(Secrets {
                client_id: client_id.clone(),
                passwords,
                audit_seq,
                grace: *grace,
                revoked_tokens,
                copied: false,
            }));
            asks.push(Ask::Apps);
        }
        (Act::Decide { .. }, acted @ Acted::Decide(_)) | (Act::Resolve { .. }, acted @ Acted::Resolve(_)) => {
            asks.extend(desk::done(state, acted));
        }
        // An act is answered in kind: the runtime pairs them.
        _ => {}
    }
    let open: Vec<Ask> = state
        .layers
        .iter()
        .filter_map(|layer| match layer {
            Layer::Order(pane) => Some(Ask::Order(pane.order_id.clone())),
            Layer::Callback(pane) => Some(Ask::Callback(pane.callback_id.clone())),
            Layer::Journal(pane) => Some(Ask::Journal(pane.order_id.clone())),
            _ => None,
        })
        .collect();
    // Details are only asked for where they are looked at.
    let of_detail = |ask: &Ask| matches!(ask, Ask::Order(_) | Ask::Callback(_) | Ask::Journal(_));
    asks.retain(|ask| !of_detail(ask) || open.contains(ask));
    asks.into_iter().filter_map(|ask| state.questions.ask(ask, now)).collect()
}

/// Refused is not done; an answer that was lost leaves it open, and then the operator must look before doing it again.
fn not_done(state: &mut State, act: &Act, failure: &Failure) {
    let (subject, look) = match act {
        Act::Requery { order_id, .. } => (order_id, "press r again"),
        Act::Replay { callback_id, .. } => (callback_id, "look at its attempts before sending it again"),
        Act::Rotate { client_id, .. } => {
            (client_id, "it may be rotated: look at the version in Apps, and rotate again")
        }
        Act::Decide { order_id, .. } | Act::Resolve { order_id, .. } => {
            (order_id, "it may be decided: look at it in Desk and at its order before deciding again")
        }
    };
    let text = if failure.leaves_outcome_open() {
        format!("{subject}: {}; {look}", failure.what)
    } else {
        format!("{subject}: {}", failure.what)
    };
    state.say(Tone::Bad, text);
}

/// The audit row of an act of ours, as the log has it.
fn show_awaited_row(state: &mut State, entries: &[pb::AuditEntry]) {
    let Some(awaited) = &state.awaited_audit else { return };
    let Some(entry) = entries.iter().find(|e| e.seq == awaited.seq) else { return };
    let reason = if entry.reason.is_empty() { String::new() } else { format!(" “{}”", entry.reason) };
    let (operator, action, target) = (&entry.operator, &entry.action, &entry.target);
    let seq = money::count(u64::try_from(entry.seq).unwrap_or(0));
    let outcome = if awaited.outcome.is_empty() { String::new() } else { format!("; {}", awaited.outcome) };
    let text = format!("audit #{seq}: {operator} {action} {target}{reason}{outcome}");
    state.awaited_audit = None;
    state.say(Tone::Good, text);
}
