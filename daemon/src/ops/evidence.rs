//! The raw bytes of an exchange with a channel, opened and masked for people.

use std::sync::Arc;

use sluice_channels::protocol::Protocol;
use sluice_proto::v1 as pb;
use tonic::Status;

use super::status::internal;
use super::view::small;
use crate::channel::Channel;
use crate::daemon::Daemon;
use crate::wallet::off_thread;

/// One exchange. What can't be masked is not shown.
pub(super) async fn get(d: &Arc<Daemon>, evidence_id: String) -> Result<pb::Evidence, Status> {
    let evidence_id = evidence_id.trim().to_owned();
    let row = d.store.evidence(&evidence_id).await?.ok_or_else(|| {
        Status::not_found("there is no such exchange; they are kept for a limited time (store.evidence_kept)")
    })?;
    let channel = d.channels.get(&row.channel).cloned();
    let (daemon, id) = (d.clone(), evidence_id.clone());
    let (sealed_request, sealed_response) = (row.request, row.response);
    let opened = off_thread(move || {
        let show = |part: &str, sealed: &[u8]| {
            let bytes = daemon.vault.open(&format!("evidence:{id}:{part}"), sealed)?;
            Ok::<_, crate::wallet::vault::VaultError>(shown(channel.as_deref(), &bytes))
        };
        Ok::<_, crate::wallet::vault::VaultError>((
            show("request", &sealed_request)?,
            show("response", &sealed_response)?,
        ))
    });
    let opened = opened.await.ok_or_else(|| internal(&"evidence could not be opened"))?;
    let (request, response) = opened.map_err(|e| internal(&e))?;
    Ok(pb::Evidence {
        evidence_id,
        order_id: row.order_id.unwrap_or_default(),
        channel: row.channel,
        op: row.op,
        at_ms: row.at.millis(),
        latency_ms: small(row.latency_ms),
        http_status: row.http_status.unwrap_or_default(),
        request,
        response,
        error: row.error,
    })
}

fn shown(channel: Option<&Channel>, message: &[u8]) -> String {
    match channel {
        _ if message.is_empty() => String::new(),
        Some(channel) => masked(channel.protocol.as_ref(), message),
        None => {
            "(not shown: its channel is not configured any more, and only that knows what to mask)".to_owned()
        }
    }
}

/// A message with its head, if it has one: the target's query and the body are masked as the protocol says.
fn masked(protocol: &dyn Protocol, message: &[u8]) -> String {
    let Some((head, body)) = split_head(message) else { return body_for_people(protocol, message) };
    let mut lines = head.lines();
    let mut text = first_line(protocol, lines.next().unwrap_or_default());
    for header in lines {
        text.push('\n');
        text.push_str(&header.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>());
    }
    let body = body_for_people(protocol, body);
    if body.is_empty() { text } else { format!("{text}\n\n{body}") }
}

/// The executor keeps `METHOD URL` or a status, then headers, an empty line, and the body; a notification is a body.
fn split_head(message: &[u8]) -> Option<(&str, &[u8])> {
    let at = message.windows(2).position(|w| w == b"\n\n")?;
    let (head, body) = (std::str::from_utf8(&message[..at]).ok()?, &message[at + 2..]);
    let first = head.lines().next()?;
    let request = first.split_once(' ').is_some_and(|(method, url)| {
        matches!(method, "GET" | "POST") && (url.starts_with("http://") || url.starts_with("https://"))
    });
    let response = first.len() == 3 && first.bytes().all(|b| b.is_ascii_digit());
    (request || response).then_some((head, body))
}

/// `POST https://gateway?…`: the query's fields one a line.
fn first_line(protocol: &dyn Protocol, line: &str) -> String {
    match line.split_once('?') {
        Some((target, query)) => {
            let fields = protocol.masked(query.as_bytes());
            format!("{target}?\n  {}", fields.replace('\n', "\n  "))
        }
        None => line.to_owned(),
    }
}

fn body_for_people(protocol: &dyn Protocol, body: &[u8]) -> String {
    if body.is_empty() {
        return String::new();
    }
    let masked = protocol.masked(body);
    match serde_json::from_str::<serde_json::Value>(&masked) {
        Ok(json @ (serde_json::Value::Object(_) | serde_json::Value::Array(_))) => {
            serde_json::to_string_pretty(&json).unwrap_or(masked)
        }
        _ => masked,
    }
}
