//! `sluice payout resolve`.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use sluice_proto::v1 as pb;

use super::confirm::confirm;
use super::{Context, desk, find, json};
use crate::client::{DEADLINE, answer};
use crate::exit::{Exit, Failure};
use crate::text::money;

/// Payouts.
#[derive(Debug, Subcommand)]
pub enum Payout {
    /// Say how a payout or a refund of unknown outcome ended, by the provider's own bill
    ///
    /// Two operators have to say the same, each from the bill: the first one's waits as a proposal, and the money stays
    /// held. What the channel itself answers meanwhile counts, and nothing is left to resolve. Exit code 0 in both cases;
    /// with --json, `resolved` says which.
    #[command(after_help = "Examples:\n  sluice payout resolve W-20261124-0003 --outcome paid \\\n    \
                            --bill-line '2026-11-24 11:02:19 转账 -350.00 01KBFZ0P5Q7WJQ0C0X3M9N000301' --reason INC-22\n  \
                            sluice payout resolve W-20261124-0003 --outcome failed --bill-line 'not on the bill of 11-24' \\\n    \
                            --reason 'confirmed by Alipay, ticket 88121' --yes --json\n  \
                            sluice payout resolve F-20261124-0007 --outcome refunded \\\n    \
                            --bill-line '2026-11-24 11:04:50 退款 -88.88' --reason INC-23")]
    Resolve(Resolve),
}

/// What to say of which payout.
#[derive(Args, Debug)]
pub struct Resolve {
    /// Any number of the withdrawal or the refund
    order: String,
    /// How it ended
    #[arg(long, value_enum, value_name = "OUTCOME")]
    outcome: Outcome,
    /// What the provider's bill says of it, as it stands there; the evidence
    #[arg(long, value_name = "TEXT")]
    bill_line: String,
    /// Why; goes into the audit log
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Don't ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// How a payout or a refund ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Outcome {
    /// Of a withdrawal: the payee has the money
    Paid,
    /// Of a refund: the payer has the money back
    Refunded,
    /// Nobody has it, nor will by this payout or refund
    Failed,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Paid, Self::Refunded, Self::Failed];

    /// Those of this order, the more likely first: an id says of which kind it is.
    pub fn of(order_id: &str) -> [Self; 2] {
        let done = if order_id.starts_with("rfd_") { Self::Refunded } else { Self::Paid };
        [done, Self::Failed]
    }

    /// As in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Refunded => "refunded",
            Self::Failed => "failed",
        }
    }

    /// Reads the API's word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.name() == name)
    }

    /// What it changes once two operators have said it.
    pub const fn effect(self) -> &'static str {
        match self {
            Self::Paid => {
                "The held money is taken for good: the withdrawal is paid, and the merchant is told."
            }
            Self::Refunded => {
                "The held money is taken for good: the refund is done, and the merchant is told."
            }
            Self::Failed => {
                "The held money is free again: a withdrawal is closed as rejected, a refund has failed. The number is \
                 never sent again, and the merchant is told."
            }
        }
    }
}

impl Payout {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let Self::Resolve(resolve) = self;
        resolve.run(context).await
    }
}

impl Resolve {
    async fn run(self, context: &Context) -> Result<Exit, Failure> {
        context.may_change()?;
        let view = find::one_order(&self.order, context).await?;
        let order = view.order.unwrap_or_default();
        if !matches!(order.r#type.as_str(), "withdraw" | "refund") {
            let what = format!("{} is a {}: it sends no money out", order.order_id, order.r#type);
            return Err(Failure::new(Exit::Refused, what));
        }
        let possible = Outcome::of(&order.order_id);
        if !possible.contains(&self.outcome) {
            let [done, failed] = possible.map(Outcome::name);
            let what = format!("a {} is {done} or {failed}, not {}", order.r#type, self.outcome.name());
            return Err(Failure::new(Exit::Refused, what));
        }
        let question = format!(
            "says that what was sent of {} of order {} of {} is {}. When a second operator has said the same: {}",
            money::full(order.amount.as_ref()),
            order.merchant_order_no,
            order.client_id,
            self.outcome.name(),
            self.outcome.effect().trim_end_matches('.'),
        );
        confirm(&question, &order.merchant_order_no, self.yes, context)?;
        let request = pb::ResolvePayoutRequest {
            request_id: context.request_id(),
            order_id: order.order_id,
            outcome: self.outcome.name().to_owned(),
            bill_line: self.bill_line.trim().to_owned(),
            reason: self.reason,
        };
        let reply = answer(context.client.desk().resolve_payout(request), DEADLINE).await?;
        let view = reply.order.unwrap_or_default();
        if context.output.json {
            context.output.value(&json!({
                "resolved": reply.resolved, "waiting": reply.waiting.as_ref().map(desk::proposal),
                "order": json::order(&view)?, "audit_seq": reply.audit_seq,
            }))?;
        } else {
            let order = view.order.unwrap_or_default();
            context.output.facts(&[
                ("order", order.order_id),
                ("state", format!("{} {}", order.state, order.state_name)),
                ("next", if reply.resolved { String::new() } else { desk::SECOND.to_owned() }),
                ("audit", format!("#{}", reply.audit_seq)),
            ])?;
        }
        Ok(Exit::Ok)
    }
}
