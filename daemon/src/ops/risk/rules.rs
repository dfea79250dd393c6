//! An app's rules: what they are, and what takes their place.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use sluice_core::change::Guard;
use sluice_core::risk::{Condition, Day, Rules};
use sluice_proto::v1 as pb;
use tonic::Status;

use super::usage;
use crate::clock;
use crate::daemon::Daemon;
use crate::ops::act::Deed;
use crate::ops::transaction::{facts, no_such_app, told, write};
use crate::store::read::audit::AuditRow;
use crate::store::risk::{Recount, RiskRecord};
use crate::store::unit::{AuditDraft, Record};

const DAY: Duration = Duration::from_secs(86_400);

/// The rules as they stand.
pub(super) async fn get(d: &Daemon, client_id: &str) -> Result<pb::RiskRules, Status> {
    if !d.store.is_app(client_id).await? {
        return Err(no_such_app());
    }
    let offset = d.config.risk.day_offset;
    let today = Day::of(clock::now(), offset);
    let used = d.store.risk_usage(client_id, None, today).await?;
    let mut rules = pb::RiskRules {
        client_id: client_id.to_owned(),
        document_json: "{}".to_owned(),
        day: today.to_string(),
        day_ends_at_ms: (today.starts_at(offset) + DAY).millis(),
        usage: used.into_iter().map(usage).collect(),
        ..Default::default()
    };
    if let Some(row) = d.store.risk_rules(client_id).await? {
        rules.document_json = row.document;
        rules.version = row.version;
        rules.changed_at_ms = row.changed_at.millis();
        rules.changed_by = row.changed_by;
    }
    Ok(rules)
}

/// A document that takes the former one's place.
pub(super) struct SetRules {
    client_id: String,
    rules: Rules,
    version_seen: i64,
}

impl SetRules {
    pub(super) fn new(ask: pb::SetRiskRulesRequest) -> Result<Self, Status> {
        let rules = Rules::from_json(&ask.document_json);
        let rules = rules.map_err(|why| Status::invalid_argument(format!("the document: {why}")))?;
        Ok(Self { client_id: ask.client_id, rules, version_seen: ask.version_seen })
    }
}

impl Deed for SetRules {
    const ACTION: &'static str = "risk_rules.set";
    type Reply = pb::SetRiskRulesReply;

    fn target(&self) -> String {
        self.client_id.clone()
    }

    async fn carry_out(&self, d: &Arc<Daemon>, mut audit: AuditDraft) -> Result<Option<Self::Reply>, Status> {
        let before = get(d, &self.client_id).await?;
        if before.version != self.version_seen {
            return Err(Status::aborted(format!(
                "the rules are of version {} by now, not {}; look at them, and try again",
                before.version, self.version_seen
            )));
        }
        let (client_id, version, at) = (self.client_id.clone(), self.version_seen + 1, clock::now());
        let document = self.rules.to_json();
        let former: Value = facts(&before.document_json);
        audit.before = json!({"version": before.version, "rules": former});
        audit.after = json!({"version": version, "rules": document});
        let by = audit.operator.clone();
        let summary = format!("risk rules of {client_id} are now version {version}, by {by}");
        let told = told("risk_rules.set", summary, &client_id, json!({"version": version, "by": by}), at);
        let guard = Condition::RulesUnchanged { client_id: client_id.clone(), version: self.version_seen };
        let offset = d.config.risk.day_offset;
        let recount = Recount {
            client_id: client_id.clone(),
            rules: self.rules.clone(),
            today: Day::of(at, offset),
            offset,
        };
        let rules = RiskRecord::Rules { client_id, version, document: document.to_string(), at, by };
        let records = vec![Record::Risk(rules), Record::Risk(RiskRecord::Recount(Box::new(recount)))];
        let Some(audit_seq) = write(d, vec![Guard::Risk(guard)], records, told, audit).await? else {
            return Ok(None);
        };
        self.reply(d, audit_seq).await.map(Some)
    }

    async fn repeat(&self, d: &Arc<Daemon>, row: AuditRow) -> Result<Self::Reply, Status> {
        self.reply(d, row.seq).await
    }
}

impl SetRules {
    async fn reply(&self, d: &Daemon, audit_seq: i64) -> Result<pb::SetRiskRulesReply, Status> {
        Ok(pb::SetRiskRulesReply { rules: Some(get(d, &self.client_id).await?), audit_seq })
    }
}
