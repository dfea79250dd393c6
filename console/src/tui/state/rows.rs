//! What makes the daemon's messages rows of a list.

use sluice_proto::v1 as pb;

use super::list::Row;

impl Row for pb::OrderView {
    fn id(&self) -> &str {
        self.order.as_ref().map_or("", |o| &o.order_id)
    }

    fn haystack(&self) -> String {
        let Some(o) = &self.order else { return String::new() };
        let diagnosis = self.diagnosis.as_ref().map_or("", |d| &d.title);
        let amount = crate::text::money::full(o.amount.as_ref());
        lower(&[
            &o.order_id,
            &o.merchant_order_no,
            &o.channel_ref,
            &o.channel_order_no,
            &o.user_ref,
            &o.client_id,
            &o.channel,
            &o.state_name,
            &o.flags.join(" "),
            &amount,
            diagnosis,
        ])
    }
}

impl Row for pb::Callback {
    fn id(&self) -> &str {
        &self.callback_id
    }

    fn haystack(&self) -> String {
        lower(&[
            &self.callback_id,
            &self.order_id,
            &self.merchant_order_no,
            &self.client_id,
            &self.r#type,
            &self.state,
            &self.endpoint,
            &self.last_error,
        ])
    }
}

impl Row for pb::Channel {
    fn id(&self) -> &str {
        &self.channel
    }

    fn haystack(&self) -> String {
        lower(&[&self.channel, &self.provider, &self.health, &self.breaker])
    }
}

impl Row for pb::App {
    fn id(&self) -> &str {
        &self.client_id
    }

    fn haystack(&self) -> String {
        lower(&[&self.client_id, &self.name, &self.merchant, &self.status])
    }
}

/// An audit entry with its sequence number as an id.
#[derive(Clone, Debug)]
pub struct AuditRow {
    id: String,
    /// The entry.
    pub entry: pb::AuditEntry,
}

impl From<pb::AuditEntry> for AuditRow {
    fn from(entry: pb::AuditEntry) -> Self {
        Self { id: entry.seq.to_string(), entry }
    }
}

impl Row for AuditRow {
    fn id(&self) -> &str {
        &self.id
    }

    fn haystack(&self) -> String {
        let e = &self.entry;
        lower(&[&self.id, &e.operator, &e.action, &e.target, &e.reason, &e.request_id])
    }
}

fn lower(parts: &[&str]) -> String {
    parts.join("\u{1f}").to_lowercase()
}
