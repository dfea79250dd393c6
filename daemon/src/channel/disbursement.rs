//! Money going out: payouts and refunds. Written by the protocol, sent once it is noted that they are, and asked for.

use std::sync::Arc;

use sluice_channels::protocol::{DisbursementAnswer, EncodeError, HttpRequest, PayoutOrder, RefundOrder};
use sluice_core::observation::{Observation, Presence};
use sluice_core::order::disbursement::Disbursed;
use sluice_core::order::{AnyOrder, Attempt};

use super::operation::{Learned, cannot, paused, unread, unsent};
use super::{Channel, Urgency};
use crate::clock;
use crate::wallet::off_thread;
use crate::wallet::vault::Vault;

/// What a payee reads on a payout.
const PAYOUT_TITLE: &str = "提现";

/// A payout or a refund in the protocol's terms.
#[derive(Clone)]
pub(crate) enum Disbursement {
    Payout(PayoutOrder),
    Refund(RefundOrder),
}

impl Disbursement {
    /// None: no money of this order goes out through a channel.
    pub(crate) fn of(order: &AnyOrder, attempt: &Attempt) -> Option<Self> {
        match order {
            AnyOrder::Withdraw(order) => Some(Self::Payout(PayoutOrder {
                channel_ref: attempt.channel_ref.clone(),
                channel_order_no: attempt.channel_order_no.clone(),
                amount: order.amount,
                payee: order.details.payee.clone(),
                title: PAYOUT_TITLE.to_owned(),
                sent_at: attempt.sent_at,
            })),
            AnyOrder::Refund(order) => {
                let payment = order.details.payment.as_ref()?;
                Some(Self::Refund(RefundOrder {
                    channel_ref: payment.channel_ref.clone(),
                    channel_order_no: payment.channel_order_no.clone(),
                    refund_ref: attempt.channel_ref.clone(),
                    amount: order.amount,
                    paid: sluice_core::money::Amount::new(payment.minor, order.amount.currency),
                    reason: order.details.reason.clone(),
                    sent_at: attempt.sent_at,
                }))
            }
            AnyOrder::Recharge(_) | AnyOrder::Trade(_) => None,
        }
    }

    const fn op(&self) -> &'static str {
        match self {
            Self::Payout(_) => "payout",
            Self::Refund(_) => "refund",
        }
    }

    const fn query_op(&self) -> &'static str {
        match self {
            Self::Payout(_) => "payout_query",
            Self::Refund(_) => "refund_query",
        }
    }
}

impl Channel {
    /// Writes a payout or a refund, before anything is stored: what can't be written is refused.
    pub(crate) async fn write(self: &Arc<Self>, what: Disbursement) -> Result<HttpRequest, EncodeError> {
        let channel = self.clone();
        let written = off_thread(move || match &what {
            Disbursement::Payout(payout) => channel.protocol.payout(payout, clock::now()),
            Disbursement::Refund(refund) => channel.protocol.refund(refund, clock::now()),
        });
        written.await.unwrap_or(Err(EncodeError::CannotDo("sign")))
    }

    /// Sends it. The caller has noted before that it does.
    pub(crate) async fn disburse(
        self: &Arc<Self>,
        vault: &Vault,
        order: &AnyOrder,
        what: Disbursement,
        urgency: Urgency,
    ) -> Learned<Disbursed> {
        let request = match self.write(what.clone()).await {
            Ok(request) => request,
            Err(error) => return unsent(Disbursed::Observed(cannot(&error))),
        };
        let Some(exchange) = self.exchange(request, self.config.create_timeout, urgency).await else {
            return unsent(Disbursed::Observed(paused()));
        };
        let op = what.op();
        let answer = match &exchange.answer {
            Err(seen) => DisbursementAnswer::Observed(seen.clone()),
            Ok(answer) => {
                let (channel, answer) = (self.clone(), answer.clone());
                off_thread(move || match &what {
                    Disbursement::Payout(payout) => channel.protocol.payout_answer(payout, &answer),
                    Disbursement::Refund(refund) => channel.protocol.refund_answer(refund, &answer),
                })
                .await
                .unwrap_or_else(|| DisbursementAnswer::Observed(unread()))
            }
        };
        let heard = match &answer {
            DisbursementAnswer::Observed(seen) => seen.clone(),
            DisbursementAnswer::Refused { code, message } => {
                Observation::of(Presence::NotFound, code.clone(), message.clone())
            }
        };
        self.note(exchange.latency, &heard);
        let what = match answer {
            DisbursementAnswer::Observed(seen) => Disbursed::Observed(seen),
            DisbursementAnswer::Refused { code, message } => Disbursed::Refused { code, message },
        };
        self.learned(vault, order, op, &exchange, what)
    }

    /// Asks how it stands.
    pub(super) async fn ask_disbursement(
        self: &Arc<Self>,
        vault: &Vault,
        order: &AnyOrder,
        what: Disbursement,
        urgency: Urgency,
    ) -> Learned<Observation> {
        let (channel, asked) = (self.clone(), what.clone());
        let written = off_thread(move || match &asked {
            Disbursement::Payout(payout) => channel.protocol.payout_query(payout, clock::now()),
            Disbursement::Refund(refund) => channel.protocol.refund_query(refund, clock::now()),
        });
        let request = match written.await {
            Some(Ok(request)) => request,
            Some(Err(error)) => return unsent(cannot(&error)),
            None => return unsent(unread()),
        };
        let op = what.query_op();
        self.observe(vault, order, op, request, urgency, move |channel, answer| match &what {
            Disbursement::Payout(payout) => channel.protocol.payout_query_answer(payout, answer),
            Disbursement::Refund(refund) => channel.protocol.refund_query_answer(refund, answer),
        })
        .await
    }
}
