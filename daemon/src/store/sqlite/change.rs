//! The core's writes, tasks and events as statements.

use serde_json::json;
use sluice_core::change::{Change, Event, Suspense, TaskChange, TaskKind, Write};
use sluice_core::each_order;
use sluice_core::ledger::Journal;
use sluice_core::order::{Attempt, Callback, Kind, Order, State as _};

use super::risk;
use crate::store::script::{Script, values};

pub(super) fn render(script: &mut Script, change: &Change) {
    for write in &change.writes {
        render_write(script, write);
    }
    for task in &change.tasks {
        render_task(script, task);
    }
    for event in &change.events {
        render_event(script, event);
    }
}

fn render_write(script: &mut Script, write: &Write) {
    match write {
        Write::InsertOrder(order) => each_order!(&**order, o => insert_order(script, o)),
        Write::UpdateOrder(order) => each_order!(&**order, o => update_order(script, o)),
        Write::InsertAttempt { order, attempt } => insert_attempt(script, &order.to_string(), attempt),
        Write::UpdateAttempt { order, attempt } => update_attempt(script, &order.to_string(), attempt),
        Write::Journal(journal) => post(script, journal),
        Write::Suspense(suspense) => suspend(script, suspense),
        Write::SuspenseDecided { order, key, state, at } => script.statement(
            "UPDATE suspense SET state = ?, decided_at = ? WHERE order_id = ? AND key = ?",
            values![state.name(), *at, *order, key],
        ),
        Write::InsertCallback(callback) => insert_callback(script, callback),
        Write::SupersedeCallback { callback_id, at } => script.statement(
            "UPDATE callback SET state = 'superseded', ended_at = ? \
             WHERE callback_id = ? AND state IN ('pending', 'stuck')",
            values![*at, callback_id],
        ),
        Write::CallbackDelivered { callback_id, at } => script.statement(
            "UPDATE callback SET state = 'delivered', ended_at = ? \
             WHERE callback_id = ? AND state IN ('pending', 'stuck')",
            values![*at, callback_id],
        ),
        Write::Nonce { client_id, nonce, until } => script.statement(
            "INSERT INTO nonce (client_id, nonce, until) VALUES (?, ?, ?)",
            values![client_id, nonce, *until],
        ),
        Write::Risk(entry) => risk::entry(script, entry),
    }
}

fn insert_order<K: Kind>(script: &mut Script, o: &Order<K>) {
    script.statement(
        "INSERT INTO orders (order_id, kind, client_id, merchant_order_no, user_ref, amount_minor, currency, \
         fee_minor, fee_bearer, fee_returnable, channel, notify_url, metadata, content_digest, machine_state, \
         state_version, row_version, flags, created_at, updated_at, paid_at, expires_at, original_order_id, details) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        values![
            o.id,
            K::KIND.name(),
            &o.client_id,
            &o.merchant_order_no,
            &o.user_ref,
            o.amount.minor,
            o.amount.currency.code(),
            o.fee,
            o.fee_terms.bearer.name(),
            o.fee_terms.returned,
            o.attempt().map(|a| a.channel.clone()),
            o.notify_url.clone(),
            json!(o.metadata).to_string(),
            &o.content_digest,
            i64::from(o.state.number()),
            o.state_version,
            o.row_version,
            json!(o.flags).to_string(),
            o.created_at,
            o.created_at,
            o.paid_at,
            o.expires_at,
            o.details.original(),
            json!(o.details).to_string(),
        ],
    );
}

fn update_order<K: Kind>(script: &mut Script, o: &Order<K>) {
    script.statement(
        "UPDATE orders SET machine_state = ?, closed_reason = ?, state_version = ?, row_version = row_version + 1, \
         fee_minor = ?, flags = ?, updated_at = CAST(unixepoch('subsec') * 1000 AS INTEGER), paid_at = ?, \
         unknown_since = ?, refunds_open = ?, refunds_failed = ?, refunding_minor = ?, refunded_minor = ?, \
         refund_fee_minor = ?, refund_next_at = ?, details = ? WHERE order_id = ?",
        values![
            i64::from(o.state.number()),
            o.closed_reason.map(|r| r.name()),
            o.state_version,
            o.fee,
            json!(o.flags).to_string(),
            o.paid_at,
            o.unknown_since(),
            o.refunds.open,
            o.refunds.failed,
            o.refunds.refunding,
            o.refunds.refunded,
            o.refunds.fee_returned,
            o.refunds.next_at,
            json!(o.details).to_string(),
            o.id,
        ],
    );
}

fn insert_attempt(script: &mut Script, order_id: &str, a: &Attempt) {
    script.statement(
        "INSERT INTO attempt (order_id, no, channel, channel_ref, channel_order_no, state, sends, queries, sent_at, \
         code, message) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        values![
            order_id,
            a.no,
            &a.channel,
            &a.channel_ref,
            a.channel_order_no.clone(),
            a.state.name(),
            a.sends,
            a.queries,
            a.sent_at,
            &a.code,
            &a.message,
        ],
    );
}

fn update_attempt(script: &mut Script, order_id: &str, a: &Attempt) {
    let presence = a.presence.map(|p| json!(p).as_str().unwrap_or_default().to_owned());
    script.statement(
        "UPDATE attempt SET channel_order_no = ?, state = ?, sends = ?, queries = ?, answered_at = ?, presence = ?, \
         unknown_since = ?, code = ?, message = ? WHERE order_id = ? AND no = ?",
        values![
            a.channel_order_no.clone(),
            a.state.name(),
            a.sends,
            a.queries,
            a.answered_at,
            presence,
            a.unknown_since,
            &a.code,
            &a.message,
            order_id,
            a.no,
        ],
    );
}

fn post(script: &mut Script, journal: &Journal) {
    let order = journal.order.to_string();
    let (kind, currency) = (journal.kind.name(), journal.currency.code());
    script.statement(
        "INSERT INTO journal (order_id, kind, key, currency, at) VALUES (?, ?, ?, ?, ?)",
        values![&order, kind, &journal.key, currency, journal.at],
    );
    for posting in &journal.postings {
        let account = posting.account.to_string();
        // In two steps: a row to be inserted is checked before it meets the one that is there, and a loss alone would
        // be a balance below zero.
        script.statement(
            "INSERT INTO account (account, currency, side, guarded, balance) VALUES (?, ?, ?, ?, 0) \
             ON CONFLICT (account, currency) DO NOTHING",
            values![&account, currency, posting.account.side().name(), posting.account.is_guarded()],
        );
        script.statement(
            "UPDATE account SET balance = balance + ? WHERE account = ? AND currency = ?",
            values![posting.gain(), &account, currency],
        );
        script.statement(
            "INSERT INTO posting (journal_id, account, currency, minor, balance_after) \
             SELECT j.journal_id, a.account, a.currency, ?, a.balance FROM journal j, account a \
             WHERE j.order_id = ? AND j.kind = ? AND j.key = ? AND a.account = ? AND a.currency = ?",
            values![posting.minor, &order, kind, &journal.key, &account, currency],
        );
    }
}

fn suspend(script: &mut Script, s: &Suspense) {
    script.statement(
        "INSERT INTO suspense (order_id, key, channel, amount_minor, currency, reason, proposal, state, created_at, \
         evidence_id) VALUES (?, ?, ?, ?, ?, ?, ?, 'open', ?, ?)",
        values![
            s.order,
            &s.key,
            &s.channel,
            s.amount.minor,
            s.amount.currency.code(),
            s.reason.name(),
            s.proposal.name(),
            s.at,
            s.evidence_id.clone(),
        ],
    );
}

fn insert_callback(script: &mut Script, c: &Callback) {
    script.statement(
        "INSERT INTO callback (callback_id, order_id, client_id, kind, url, endpoint, body, state, attempts, \
         created_at, schedule_from, last_error, last_detail, replay_by) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0, '', '', '')",
        values![
            &c.callback_id,
            c.order,
            &c.client_id,
            c.kind,
            &c.url,
            endpoint(&c.url),
            &c.body,
            c.state.name(),
            c.created_at,
        ],
    );
}

/// `scheme://host:port`: what shares one fate.
fn endpoint(url: &str) -> String {
    url::Url::parse(url).map_or_else(|_| url.to_owned(), |u| u.origin().ascii_serialization())
}

fn render_task(script: &mut Script, task: &TaskChange) {
    match task {
        TaskChange::Schedule { task, due_at, attempt, last_error } => {
            // The lane is what the task loads: an endpoint for callbacks, a channel for the rest, else the wallet itself.
            let lane = match task.kind {
                TaskKind::Callback => "(SELECT endpoint FROM callback WHERE callback_id = ?)",
                _ => "coalesce((SELECT channel FROM orders WHERE order_id = ?), 'wallet')",
            };
            let sql = format!(
                "INSERT INTO task (kind, subject, lane, due_at, attempt, fence, last_error) \
                 VALUES (?, ?, {lane}, ?, ?, 1, ?) ON CONFLICT (kind, subject) DO UPDATE SET \
                 due_at = excluded.due_at, attempt = excluded.attempt, fence = fence + 1, \
                 lease_owner = NULL, lease_until = NULL, last_error = excluded.last_error"
            );
            script.statement(
                &sql,
                values![
                    task.kind.name(),
                    &task.subject,
                    &task.subject,
                    *due_at,
                    *attempt,
                    last_error.clone()
                ],
            );
        }
        TaskChange::Drop(task) => script.statement(
            "DELETE FROM task WHERE kind = ? AND subject = ?",
            values![task.kind.name(), &task.subject],
        ),
    }
}

fn render_event(script: &mut Script, e: &Event) {
    script.statement(
        "INSERT INTO event (at, origin, kind, summary, order_id, client_id, evidence_id, detail) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        values![
            e.at,
            e.origin.name(),
            e.kind,
            &e.summary,
            e.order,
            e.client_id.clone(),
            e.evidence_id.clone(),
            e.detail.to_string(),
        ],
    );
}
