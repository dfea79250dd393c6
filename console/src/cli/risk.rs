//! `sluice risk show|set|clear`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use sluice_proto::v1 as pb;

use super::confirm::confirm;
use super::{Context, apps, json};
use crate::client::{DEADLINE, answer};
use crate::exit::{Exit, Failure};
use crate::text::{money, time};

/// Apps' risk rules.
#[derive(Debug, Subcommand)]
pub enum Risk {
    /// Show an app's rules, and what is used of its daily limits
    #[command(
        after_help = "Examples:\n  sluice risk show app_demo\n  sluice risk show app_demo --json | jq .rules"
    )]
    Show {
        /// The app
        client_id: String,
    },
    /// Set rules of an app; they count for the next order
    ///
    /// A rule is named by its place in the document, such as withdraw.max.CNY; docs/risk.md lists all. Amounts are
    /// minor units. What is not named stays as it is. With --file the whole document is replaced.
    #[command(
        after_help = "Examples:\n  sluice risk set app_demo withdraw.max.CNY=500000 withdraw.user_daily_count=3 --reason 'contract of May'\n  \
                            sluice risk set app_demo 'recharge.notify_hosts=[\"shop.example\", \"*.pay.example\"]' --reason INC-30\n  \
                            sluice risk set app_demo withdraw.payee_allow_list.wait=2h --reason INC-31 --yes\n  \
                            sluice risk set app_demo --file rules.json --reason 'as agreed' --yes --json"
    )]
    Set(Set),
    /// Take rules away from an app: those that are named, or all
    #[command(
        after_help = "Examples:\n  sluice risk clear app_demo withdraw.max.CNY --reason 'contract of June'\n  \
                            sluice risk clear app_demo --reason 'a test is over' --yes"
    )]
    Clear(Clear),
}

/// What to set.
#[derive(Args, Debug)]
pub struct Set {
    /// The app
    client_id: String,
    /// A rule and its value, JSON or plain text
    #[arg(value_name = "RULE=VALUE", required_unless_present = "file")]
    rules: Vec<String>,
    /// A file with the whole document, JSON
    #[arg(long, value_name = "FILE", conflicts_with = "rules")]
    file: Option<PathBuf>,
    /// Why; goes into the audit log
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Don't ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// What to take away.
#[derive(Args, Debug)]
pub struct Clear {
    /// The app
    client_id: String,
    /// A rule, or what stands above several, such as withdraw; none: all rules
    #[arg(value_name = "RULE")]
    rules: Vec<String>,
    /// Why; goes into the audit log
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Don't ask for confirmation
    #[arg(long)]
    yes: bool,
}

impl Risk {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Show { client_id } => {
                let rules = get(client_id.trim(), context).await?;
                show(&rules, None, context)
            }
            Self::Set(set) => set.run(context).await,
            Self::Clear(clear) => clear.run(context).await,
        }
    }
}

impl Set {
    async fn run(self, context: &Context) -> Result<Exit, Failure> {
        context.may_change()?;
        let current = get(self.client_id.trim(), context).await?;
        let document = match &self.file {
            Some(path) => {
                let text = std::fs::read_to_string(path);
                let text = text.map_err(|e| usage(format!("{} cannot be read: {e}", path.display())))?;
                serde_json::from_str(&text).map_err(|e| usage(format!("{}: {e}", path.display())))?
            }
            None => {
                let mut document = document(&current)?;
                for rule in &self.rules {
                    let (name, value) =
                        rule.split_once('=').ok_or_else(|| usage(format!("{rule}: not RULE=VALUE")))?;
                    put(&mut document, name.trim(), plain_or_json(value.trim()))?;
                }
                document
            }
        };
        change(&current, &document, self.reason, self.yes, context).await
    }
}

impl Clear {
    async fn run(self, context: &Context) -> Result<Exit, Failure> {
        context.may_change()?;
        let current = get(self.client_id.trim(), context).await?;
        let mut document = document(&current)?;
        if self.rules.is_empty() {
            document = json!({});
        }
        for rule in &self.rules {
            if !take(&mut document, rule.trim()) {
                return Err(Failure::new(
                    Exit::NotFound,
                    format!("{} has no rule {rule}", current.client_id),
                )
                .next(format!("`sluice risk show {}` shows those that it has", current.client_id)));
            }
        }
        change(&current, &document, self.reason, self.yes, context).await
    }
}

async fn get(client_id: &str, context: &Context) -> Result<pb::RiskRules, Failure> {
    let request = pb::GetRiskRulesRequest { client_id: client_id.to_owned() };
    answer(context.client.risk().get_risk_rules(request), DEADLINE).await
}

fn document(rules: &pb::RiskRules) -> Result<Value, Failure> {
    serde_json::from_str(&rules.document_json)
        .map_err(|e| Failure::new(Exit::Unexpected, format!("the daemon sent rules that are no JSON: {e}")))
}

/// Shows what changes, asks, and has the daemon do it.
async fn change(
    current: &pb::RiskRules,
    document: &Value,
    reason: String,
    yes: bool,
    context: &Context,
) -> Result<Exit, Failure> {
    let app = apps::exactly(&current.client_id, context).await?;
    let changes = differences(&self::document(current)?, document);
    if changes.is_empty() {
        return Err(usage(format!("{} has just these rules already", app.client_id)));
    }
    let effect = format!(
        "changes the risk rules of {} ({}, {}) for every order from now on:\n  {}\n",
        app.client_id,
        app.name,
        app.merchant,
        changes.join("\n  ")
    );
    confirm(&effect, &app.client_id, yes, context)?;
    let request = pb::SetRiskRulesRequest {
        request_id: context.request_id(),
        client_id: app.client_id,
        document_json: document.to_string(),
        version_seen: current.version,
        reason,
    };
    let reply = answer(context.client.risk().set_risk_rules(request), DEADLINE).await?;
    show(&reply.rules.unwrap_or_default(), Some(reply.audit_seq), context)
}

fn show(rules: &pb::RiskRules, audit_seq: Option<i64>, context: &Context) -> Result<Exit, Failure> {
    let document = document(rules)?;
    if context.output.json {
        let mut value = json!({
            "client_id": rules.client_id, "version": rules.version, "rules": document,
            "changed_at": json::time(rules.changed_at_ms), "changed_by": json::text(&rules.changed_by),
            "day": rules.day, "day_ends_at": json::time(rules.day_ends_at_ms),
            "usage": rules.usage.iter().map(usage_json).collect::<Vec<_>>(),
        });
        if let Some(seq) = audit_seq {
            value["audit_seq"] = json!(seq);
        }
        context.output.value(&value)?;
        return Ok(Exit::Ok);
    }
    let now = context.now();
    let changed = match rules.version {
        0 => "never".to_owned(),
        _ => format!("{} by {}", context.clock.long(rules.changed_at_ms, now), rules.changed_by),
    };
    let mut facts = vec![
        ("app".to_owned(), rules.client_id.clone()),
        ("version".to_owned(), rules.version.to_string()),
        ("changed".to_owned(), changed),
    ];
    let flat = flat(&document);
    if flat.is_empty() {
        facts.push(("rules".to_owned(), "none".to_owned()));
    }
    facts.extend(flat);
    facts.push(("day".to_owned(), format!("{}, ends {}", rules.day, time::ago(rules.day_ends_at_ms, now))));
    facts.extend(rules.usage.iter().map(usage_fact));
    facts.extend(audit_seq.map(|seq| ("audit".to_owned(), format!("#{seq}"))));
    let facts: Vec<_> = facts.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    context.output.facts(&facts)?;
    Ok(Exit::Ok)
}

/// What was used of a day's limit, for people.
pub(super) fn usage_fact(used: &pb::RiskUsage) -> (String, String) {
    let currency = used.amount.as_ref().map_or("", |m| m.currency.as_str());
    let text = format!("{} in {} orders", money::full(used.amount.as_ref()), used.orders);
    (format!("today {} {currency}", used.r#type), text)
}

/// What was used of a day's limit.
pub(super) fn usage_json(used: &pb::RiskUsage) -> Value {
    json!({"type": used.r#type, "orders": used.orders, "amount": json::money(used.amount.as_ref())})
}

fn usage(what: String) -> Failure {
    Failure::new(Exit::Usage, what)
}

/// JSON where it is some, else a text: `2h` needs no quotes.
fn plain_or_json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
}

/// Puts a value at a place such as `withdraw.max.CNY`.
fn put(document: &mut Value, name: &str, value: Value) -> Result<(), Failure> {
    let wrong = || usage(format!("{name}: not the name of a rule, such as withdraw.max.CNY"));
    let mut at = document;
    for part in name.split('.') {
        if part.is_empty() {
            return Err(wrong());
        }
        let members = at.as_object_mut().ok_or_else(wrong)?;
        at = members.entry(part).or_insert_with(|| Value::Object(Map::new()));
    }
    *at = value;
    Ok(())
}

/// Takes away what stands at a place, and what is empty after that; whether there was anything.
fn take(document: &mut Value, name: &str) -> bool {
    let Some(members) = document.as_object_mut() else { return false };
    let Some((part, rest)) = name.split_once('.') else { return members.remove(name).is_some() };
    let Some(inner) = members.get_mut(part) else { return false };
    let taken = take(inner, rest);
    if taken && inner.as_object().is_some_and(Map::is_empty) {
        members.remove(part);
    }
    taken
}

/// A document as lines of `place, value`, as `risk set` takes them.
fn flat(document: &Value) -> Vec<(String, String)> {
    fn walk(at: &Value, name: String, lines: &mut Vec<(String, String)>) {
        match at {
            Value::Object(members) => {
                for (part, inner) in members {
                    let name = if name.is_empty() { part.clone() } else { format!("{name}.{part}") };
                    walk(inner, name, lines);
                }
            }
            Value::String(text) => lines.push((name, text.clone())),
            other => lines.push((name, other.to_string())),
        }
    }
    let mut lines = Vec::new();
    walk(document, String::new(), &mut lines);
    lines
}

/// What becomes different, a line a rule.
fn differences(before: &Value, after: &Value) -> Vec<String> {
    let (before, after) = (flat(before), flat(after));
    let of = |lines: &[(String, String)], name: &str| {
        lines.iter().find(|(n, _)| n == name).map_or_else(|| "off".to_owned(), |(_, value)| value.clone())
    };
    let mut names: Vec<&String> = before.iter().chain(&after).map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    let changed = names.into_iter().filter(|name| of(&before, name) != of(&after, name));
    changed.map(|name| format!("{name}: {} → {}", of(&before, name), of(&after, name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_by_their_places() {
        let mut document = json!({"withdraw": {"max": {"CNY": 1}}});
        put(&mut document, "withdraw.max.CNY", plain_or_json("500000")).unwrap();
        put(&mut document, "withdraw.payee_allow_list.wait", plain_or_json("2h")).unwrap();
        put(&mut document, "trade.networks", plain_or_json(r#"["10.0.0.0/8"]"#)).unwrap();
        let want = json!({
            "withdraw": {"max": {"CNY": 500_000}, "payee_allow_list": {"wait": "2h"}},
            "trade": {"networks": ["10.0.0.0/8"]},
        });
        assert_eq!(document, want);
        for bad in ["", "withdraw..max", ".max", "withdraw.max.CNY.x"] {
            assert!(put(&mut document, bad, json!(1)).is_err(), "{bad}");
        }
        assert_eq!(document, want);
        assert!(take(&mut document, "withdraw.max.CNY") && take(&mut document, "trade"));
        assert!(!take(&mut document, "withdraw.max.CNY") && !take(&mut document, "recharge"));
        assert_eq!(document, json!({"withdraw": {"payee_allow_list": {"wait": "2h"}}}));
    }

    #[test]
    fn what_changes_is_said() {
        let before = json!({"trade": {"user_daily_count": 3, "min": {"CNY": 1}}});
        let after =
            json!({"trade": {"user_daily_count": 4, "min": {"CNY": 1}}, "recharge": {"max": {"CNY": 9}}});
        assert_eq!(
            differences(&before, &after),
            ["recharge.max.CNY: off → 9", "trade.user_daily_count: 3 → 4"]
        );
        assert_eq!(differences(&after, &json!({})).len(), 3);
        assert_eq!(differences(&after, &after), [""; 0]);
    }
}
