//! Delivering a callback: sign it as it is sent, post it, and take only `success` for an acknowledgement.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use sluice_core::change::{Change, Event, Guard, Origin, TaskChange};
use sluice_core::order::{CallbackState, acknowledge_any};
use sluice_core::signing::CallbackText;

use super::drop_task;
use crate::callback::Outgoing;
use crate::clock;
use crate::daemon::Daemon;
use crate::order::{Extra, OrderError, decide};
use crate::store::read::callbacks::CallbackRow;
use crate::store::unit::{CallbackTried, LeasedTask, Outcome, Record, Unit};
use crate::wallet::{WalletError, off_thread};

/// Carries out one callback task.
pub(super) async fn deliver(d: &Arc<Daemon>, task: &LeasedTask) -> Result<(), OrderError> {
    let Some(callback) = d.store.callback(&task.id.subject).await? else { return drop_task(d, task).await };
    if callback.state == CallbackState::Superseded {
        return drop_task(d, task).await;
    }
    let (outgoing, key_id, password_version) = signed(d, &callback).await?;
    let (at, began) = (clock::now(), Instant::now());
    let answer = d.callbacks.send(outgoing).await;
    let acknowledged = answer.is_acknowledgement();
    let made = callback.attempts + 1 - callback.schedule_from;
    let chance = clock::random() as u32;
    let next = d.callbacks.schedule.wait_after(made, chance).filter(|_| !acknowledged);
    let tried = CallbackTried {
        callback_id: callback.callback_id.clone(),
        at,
        latency_ms: i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX),
        status: answer.status,
        error: answer.error,
        detail: answer.detail,
        body: answer.body,
        key_id,
        password_version,
        stuck: !acknowledged && next.is_none(),
    };
    if acknowledged {
        let extra = Extra {
            records: vec![Record::CallbackTried(tried)],
            lease: Some((task.id.clone(), task.fence)),
            audit: None,
        };
        decide(d, callback.order_id, extra, |subject, ctx| {
            acknowledge_any(&subject.order, &callback.callback_id, ctx)
        })
        .await?;
        return Ok(());
    }
    failed(d, task, &callback, tried, next).await
}

async fn failed(
    d: &Daemon,
    task: &LeasedTask,
    callback: &CallbackRow,
    tried: CallbackTried,
    next: Option<Duration>,
) -> Result<(), OrderError> {
    let now = clock::now();
    let error = format!("{} {}", tried.error, tried.detail);
    let (next_task, end) = match next {
        Some(wait) => (
            TaskChange::Schedule {
                task: task.id.clone(),
                due_at: now + wait,
                attempt: task.attempt + 1,
                last_error: Some(error.clone()),
            },
            "",
        ),
        None => (TaskChange::Drop(task.id.clone()), "; the schedule is used up"),
    };
    let attempt = callback.attempts + 1;
    let change = Change {
        guards: vec![Guard::TaskFence { task: task.id.clone(), fence: task.fence }],
        writes: vec![],
        tasks: vec![next_task],
        events: vec![Event {
            at: now,
            origin: Origin::Callback,
            kind: if next.is_none() { "callback.stuck" } else { "callback.failed" },
            summary: format!("{} attempt {attempt} failed: {error}{end}", callback.kind),
            order: Some(callback.order_id),
            client_id: Some(callback.client_id.clone()),
            evidence_id: None,
            detail: json!({"callback_id": callback.callback_id, "attempt": attempt, "status": tried.status,
                           "error": tried.error, "latency_ms": tried.latency_ms,
                           "password_version": tried.password_version, "key_id": tried.key_id}),
        }],
    };
    let unit = Unit { change, records: vec![Record::CallbackTried(tried)], audit: None };
    if let Outcome::Refused(_) = d.store.commit(unit).await? {
        tracing::debug!(callback = callback.callback_id, "our lease was over; nothing written");
    }
    Ok(())
}

/// The callback, signed with the newest wallet key and the current password; and which ones these are.
async fn signed(d: &Daemon, callback: &CallbackRow) -> Result<(Outgoing, String, i64), OrderError> {
    let order_type = callback.order_type;
    let now = clock::now();
    let missing = |what: &str| WalletError::Key(what.to_owned());
    let sealed = d.store.current_password(&callback.client_id, order_type).await?;
    let sealed = sealed.ok_or_else(|| missing("the app has no password"))?;
    let password = d.credentials.password(&callback.client_id, order_type, &sealed)?;
    let key = d.wallet_keys.current(now).cloned().ok_or_else(|| missing("no wallet key is active"))?;
    let (key_id, version) = (key.key_id.clone(), sealed.version);
    let (timestamp, nonce) = (now.secs().to_string(), hex::encode(clock::random_bytes::<16>()));
    let signing = {
        let (client_id, callback_id) = (callback.client_id.clone(), callback.callback_id.clone());
        let (body, timestamp, nonce) = (callback.body.clone(), timestamp.clone(), nonce.clone());
        off_thread(move || {
            let text = CallbackText {
                client_id: &client_id,
                key_id: &key.key_id,
                order_type,
                callback_id: &callback_id,
                timestamp: &timestamp,
                nonce: &nonce,
                body: body.as_bytes(),
            };
            key.sign(&text.signed_bytes(password.expose()))
        })
    };
    let signature = signing.await.ok_or_else(|| missing("the signature was not made"))?;
    let headers = vec![
        ("sluice-key", key_id.clone()),
        ("sluice-type", order_type.name().to_owned()),
        ("sluice-callback", callback.callback_id.clone()),
        ("sluice-timestamp", timestamp),
        ("sluice-nonce", nonce),
        ("sluice-signature", format!("v1={signature}")),
    ];
    let outgoing = Outgoing { url: callback.url.clone(), headers, body: callback.body.clone() };
    Ok((outgoing, key_id, version))
}
