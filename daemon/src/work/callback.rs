//! Delivering a callback: sign it as it is sent, post it, and take only `success` for an acknowledgement.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use sluice_core::change::{Change, Event, Guard, Origin, TaskChange};
use sluice_core::id::OrderKind;
use sluice_core::order::{CallbackState, recharge};
use sluice_core::schedule::CallbackSchedule;
use sluice_core::signing::{CallbackText, OrderType};

use super::drop_task;
use super::endpoint::{NoAddress, PublicOnly, literal_is_refused};
use crate::clock;
use crate::config::CallbackConfig;
use crate::daemon::Daemon;
use crate::order::{Extra, OrderError, decide};
use crate::store::read::callbacks::CallbackRow;
use crate::store::unit::{CallbackTried, LeasedTask, Outcome, Record, Unit};
use crate::wallet::{WalletError, off_thread};

/// What is kept of an answer's body, and the most that is read of it.
const BODY_KEPT: usize = 1024;

/// Sends callbacks.
pub(crate) struct CallbackClient {
    http: reqwest::Client,
    schedule: CallbackSchedule,
    timeout: Duration,
    allow_private: bool,
    allow_http: bool,
}

impl CallbackClient {
    pub(crate) fn new(config: &CallbackConfig) -> Result<Self, String> {
        let mut http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(config.timeout)
            .pool_max_idle_per_host(config.per_endpoint)
            .user_agent(concat!("sluice/", env!("CARGO_PKG_VERSION")));
        if !config.allow_private_addresses {
            http = http.dns_resolver(Arc::new(PublicOnly));
        }
        Ok(Self {
            http: http.build().map_err(|e| e.to_string())?,
            schedule: CallbackSchedule(config.schedule.clone()),
            timeout: config.timeout,
            allow_private: config.allow_private_addresses,
            allow_http: config.allow_http,
        })
    }
}

/// What an endpoint made of it.
struct Answer {
    status: Option<u16>,
    body: Vec<u8>,
    /// Empty: acknowledged. Else the class of the failure.
    error: &'static str,
    detail: String,
}

impl Answer {
    fn failed(error: &'static str, detail: impl Into<String>) -> Self {
        Self { status: None, body: Vec::new(), error, detail: detail.into() }
    }
}

/// Carries out one callback task.
pub(super) async fn deliver(d: &Arc<Daemon>, task: &LeasedTask) -> Result<(), OrderError> {
    let Some(callback) = d.store.callback(&task.id.subject).await? else { return drop_task(d, task).await };
    if callback.state == CallbackState::Superseded {
        return drop_task(d, task).await;
    }
    let (request, key_id, password_version) = signed(d, &callback).await?;
    let (at, began) = (clock::now(), Instant::now());
    let answer = match request {
        Ok(request) => send(d, request).await,
        Err(answer) => answer,
    };
    let acknowledged = answer.error.is_empty();
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
        decide(d, callback.order_id, extra, |order, ctx| {
            recharge::acknowledge(order, &callback.callback_id, ctx)
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

type Signed = (Result<reqwest::Request, Answer>, String, i64);

/// The request, signed with the newest wallet key and the current password.
async fn signed(d: &Arc<Daemon>, callback: &CallbackRow) -> Result<Signed, OrderError> {
    let order_type = match callback.order_id.kind() {
        OrderKind::Recharge | OrderKind::Refund => OrderType::Recharge,
        OrderKind::Withdraw => OrderType::Withdraw,
        OrderKind::Trade => OrderType::Trade,
    };
    let now = clock::now();
    let missing = |what: &str| WalletError::Key(what.to_owned());
    let sealed = d.store.current_password(&callback.client_id, order_type).await?;
    let sealed = sealed.ok_or_else(|| missing("the app has no password"))?;
    let password = d.credentials.password(&callback.client_id, order_type, &sealed)?;
    let key = d.wallet_keys.current(now).cloned().ok_or_else(|| missing("no wallet key is active"))?;
    let (key_id, version) = (key.key_id.clone(), sealed.version);

    let url = match url::Url::parse(&callback.url) {
        Ok(url) => url,
        Err(error) => return Ok((Err(Answer::failed("url", error.to_string())), key_id, version)),
    };
    if url.scheme() != "https" && !d.callbacks.allow_http {
        return Ok((Err(Answer::failed("refused_address", "http is not allowed")), key_id, version));
    }
    if !d.callbacks.allow_private && literal_is_refused(&url) {
        return Ok((Err(Answer::failed("refused_address", NoAddress::Refused.to_string())), key_id, version));
    }
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
    let request = d
        .callbacks
        .http
        .post(url)
        .header("content-type", "application/json")
        .header("sluice-key", &key_id)
        .header("sluice-type", order_type.name())
        .header("sluice-callback", &callback.callback_id)
        .header("sluice-timestamp", timestamp)
        .header("sluice-nonce", nonce)
        .header("sluice-signature", format!("v1={signature}"))
        .body(callback.body.clone())
        .build()
        .map_err(|e| Answer::failed("url", e.to_string()));
    Ok((request, key_id, version))
}

async fn send(d: &Daemon, request: reqwest::Request) -> Answer {
    match tokio::time::timeout(d.callbacks.timeout, exchange(d, request)).await {
        Ok(answer) => answer,
        Err(_) => Answer::failed(
            "timeout",
            format!("no answer within {}", humantime::format_duration(d.callbacks.timeout)),
        ),
    }
}

async fn exchange(d: &Daemon, request: reqwest::Request) -> Answer {
    let mut response = match d.callbacks.http.execute(request).await {
        Ok(response) => response,
        Err(error) => return classified(&error.without_url()),
    };
    let status = response.status();
    let mut body = Vec::new();
    while body.len() < BODY_KEPT {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk[..chunk.len().min(BODY_KEPT - body.len())]),
            Ok(None) => break,
            Err(error) => {
                return Answer { status: Some(status.as_u16()), body, ..classified(&error.without_url()) };
            }
        }
    }
    let (error, detail) = if !status.is_success() {
        ("status", format!("HTTP {}", status.as_u16()))
    } else if body.trim_ascii() != b"success" {
        ("body", "the body is not `success`".to_owned())
    } else {
        ("", String::new())
    };
    Answer { status: Some(status.as_u16()), body, error, detail }
}

/// Names a failure by what the endpoint's owner has to look at.
fn classified(error: &reqwest::Error) -> Answer {
    let mut innermost: &dyn std::error::Error = error;
    let mut class = if error.is_timeout() {
        "timeout"
    } else if error.is_connect() {
        "connect"
    } else {
        "transport"
    };
    while let Some(source) = innermost.source() {
        innermost = source;
        match innermost.downcast_ref::<NoAddress>() {
            Some(NoAddress::Refused) => class = "refused_address",
            Some(NoAddress::Unresolved) => class = "dns",
            None => {}
        }
        if innermost.is::<tokio_rustls::rustls::Error>() {
            class = "tls";
        }
    }
    Answer::failed(class, innermost.to_string())
}
