//! The payees that an app's withdrawals may go to, where its rules ask for a list.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sluice_core::order::Payee;
use sluice_core::risk::Rules;
use sluice_proto::v1 as pb;
use tonic::Status;

use crate::clock;
use crate::daemon::Daemon;
use crate::ops::act::Deed;
use crate::ops::cursor::{page, page_key, page_size};
use crate::ops::status::internal;
use crate::ops::transaction::{no_such_app, told, write};
use crate::risk::payee_key;
use crate::store::read::audit::AuditRow;
use crate::store::read::risk::PayeeRow;
use crate::store::risk::RiskRecord;
use crate::store::unit::{AuditDraft, Record};

pub(super) async fn list(d: &Daemon, ask: pb::ListPayeesRequest) -> Result<pb::ListPayeesReply, Status> {
    let wait = wait(d, &ask.client_id).await?;
    let size = page_size(ask.limit);
    let after = page_key(&ask.cursor)?.unwrap_or_default();
    let rows = d.store.payees(&ask.client_id, &after, size + 1).await?;
    let (rows, next_cursor) = page(rows, size, |row| row.payee_key.clone());
    Ok(pb::ListPayeesReply { items: rows.into_iter().map(|row| listed(row, wait)).collect(), next_cursor })
}

/// How long a payee has to wait, as the rule is now; `None`: the app has no such rule.
async fn wait(d: &Daemon, client_id: &str) -> Result<Option<Duration>, Status> {
    if !d.store.is_app(client_id).await? {
        return Err(no_such_app());
    }
    let Some(row) = d.store.risk_rules(client_id).await? else { return Ok(None) };
    let rules = Rules::from_json(&row.document).map_err(|why| internal(&why))?;
    Ok(rules.withdraw.payee_allow_list.map(|list| list.wait))
}

fn listed(row: PayeeRow, wait: Option<Duration>) -> pb::ListedPayee {
    pb::ListedPayee {
        key: row.payee_key,
        masked: row.masked,
        added_at_ms: row.added_at.millis(),
        added_by: row.added_by,
        payable_at_ms: wait.map_or(0, |wait| (row.added_at + wait).millis()),
    }
}

/// A payee on the list from now on.
pub(super) struct AddPayee {
    client_id: String,
    payee: Payee,
}

impl AddPayee {
    pub(super) fn new(ask: pb::AddPayeeRequest) -> Result<Self, Status> {
        let account = ask.account.trim().to_owned();
        // As withdrawals are read: another account could never be asked for.
        let (payee, most) = match ask.kind.as_str() {
            "alipay" => (Payee::Alipay { account, name: String::new() }, 100),
            "bank" => (Payee::Bank { account, name: String::new(), bank: String::new() }, 64),
            "wechat" => (Payee::Wechat { openid: account, name: None }, 128),
            _ => return Err(Status::invalid_argument("kind: alipay, bank or wechat")),
        };
        let length = payee.account().chars().count();
        if !(1..=most).contains(&length) || payee.account().chars().any(char::is_control) {
            return Err(Status::invalid_argument(format!("account: 1 to {most} visible characters")));
        }
        Ok(Self { client_id: ask.client_id, payee })
    }
}

impl Deed for AddPayee {
    const ACTION: &'static str = "payee.add";
    type Reply = pb::AddPayeeReply;

    fn target(&self) -> String {
        format!("{} {}", self.client_id, self.payee.masked())
    }

    async fn carry_out(&self, d: &Arc<Daemon>, mut audit: AuditDraft) -> Result<Option<Self::Reply>, Status> {
        let wait = wait(d, &self.client_id).await?;
        let key = payee_key(&d.vault, &self.client_id, &self.payee);
        if let Some(there) = d.store.payee(&self.client_id, &key).await? {
            return Err(Status::failed_precondition(format!(
                "this payee is on the list since {}",
                there.added_at
            )));
        }
        let (client_id, masked, at) = (self.client_id.clone(), self.payee.masked(), clock::now());
        let by = audit.operator.clone();
        audit.before = json!({"listed": false});
        audit.after =
            json!({"listed": true, "payee": masked, "key": key, "payable_at": wait.map(|wait| at + wait)});
        let summary = format!("{masked} is on the payee list of {client_id}, by {by}");
        let told = told("payee.listed", summary, &client_id, json!({"payee": masked, "by": by}), at);
        let record = RiskRecord::ListPayee { client_id, payee_key: key, masked, at, by };
        let Some(audit_seq) = write(d, vec![], vec![Record::Risk(record)], told, audit).await? else {
            return Ok(None);
        };
        self.reply(d, audit_seq).await.map(Some)
    }

    async fn repeat(&self, d: &Arc<Daemon>, row: AuditRow) -> Result<Self::Reply, Status> {
        self.reply(d, row.seq).await
    }
}

impl AddPayee {
    async fn reply(&self, d: &Daemon, audit_seq: i64) -> Result<pb::AddPayeeReply, Status> {
        let wait = wait(d, &self.client_id).await?;
        let key = payee_key(&d.vault, &self.client_id, &self.payee);
        let row = d.store.payee(&self.client_id, &key).await?;
        Ok(pb::AddPayeeReply { payee: row.map(|row| listed(row, wait)), audit_seq })
    }
}

/// A payee off the list.
pub(super) struct RemovePayee {
    pub(super) client_id: String,
    pub(super) key: String,
}

impl Deed for RemovePayee {
    const ACTION: &'static str = "payee.remove";
    type Reply = pb::RemovePayeeReply;

    fn target(&self) -> String {
        format!("{} {}", self.client_id, self.key)
    }

    async fn carry_out(&self, d: &Arc<Daemon>, mut audit: AuditDraft) -> Result<Option<Self::Reply>, Status> {
        let there = d.store.payee(&self.client_id, &self.key).await?;
        let there = there.ok_or_else(|| Status::not_found("no such payee is on this app's list"))?;
        let (client_id, at, by) = (self.client_id.clone(), clock::now(), audit.operator.clone());
        audit.before = json!({"listed": true, "payee": there.masked, "added_at": there.added_at,
                              "added_by": there.added_by});
        audit.after = json!({"listed": false});
        let summary = format!("{} is off the payee list of {client_id}, by {by}", there.masked);
        let told = told("payee.unlisted", summary, &client_id, json!({"payee": there.masked, "by": by}), at);
        let record = RiskRecord::UnlistPayee { client_id, payee_key: self.key.clone() };
        let written = write(d, vec![], vec![Record::Risk(record)], told, audit).await?;
        Ok(written.map(|audit_seq| pb::RemovePayeeReply { audit_seq }))
    }

    async fn repeat(&self, _: &Arc<Daemon>, row: AuditRow) -> Result<Self::Reply, Status> {
        Ok(pb::RemovePayeeReply { audit_seq: row.seq })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payees_that_can_be_listed() {
        for (kind, account, want) in [
            ("alipay", "2088102146225135", Some("app_1 alipay 208***135")),
            ("bank", " 6222021234567890 ", Some("app_1 bank 622***890")),
            ("wechat", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", Some("app_1 wechat oUp***S6o")),
            ("bank", &"6".repeat(65), None),
            ("bank", "  ", None),
            ("bank", "622\n202", None),
            ("paypal", "x", None),
            ("", "x", None),
        ] {
            let ask = pb::AddPayeeRequest {
                client_id: "app_1".to_owned(),
                kind: kind.to_owned(),
                account: account.to_owned(),
                ..Default::default()
            };
            let target = AddPayee::new(ask).ok().map(|deed| deed.target());
            assert_eq!(target.as_deref(), want, "{kind} {account:?}");
        }
    }
}
