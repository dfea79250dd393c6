//! The operations on an attempt: create, query, close. Each is one exchange, read by the protocol.

use std::sync::Arc;

use sluice_channels::protocol::{
    CreateAnswer, CreateOrder, CreateStep, EncodeError, HttpRequest, HttpResponse, Lookup,
};
use sluice_core::observation::{Observation, Trouble};
use sluice_core::order::recharge::Submission;
use sluice_core::order::{AnyOrder, Attempt, Payment, Recharge};

use super::disbursement::Disbursement;
use super::exchange::Exchange;
use super::{Channel, Urgency};
use crate::clock;
use crate::store::unit::Evidence;
use crate::wallet::off_thread;
use crate::wallet::vault::Vault;

/// What an operation learned, with the exchange that proves it. No evidence: nothing was sent.
pub(crate) struct Learned<T> {
    pub(crate) what: T,
    pub(crate) evidence: Option<Evidence>,
}

impl<T> Learned<T> {
    pub(crate) fn evidence_id(&self) -> Option<String> {
        self.evidence.as_ref().map(|e| e.evidence_id.clone())
    }
}

/// How a creation goes on.
pub(crate) enum Begun {
    /// Nothing to send.
    Ready(Payment),
    /// To be sent after the order is written down.
    ToSend(HttpRequest),
}

impl Channel {
    /// The creation of an order in the protocol's terms.
    pub(crate) fn create_order(&self, order: &Recharge, attempt: &Attempt) -> CreateOrder {
        CreateOrder {
            channel_ref: attempt.channel_ref.clone(),
            amount: order.amount,
            subject: order.details.subject.clone(),
            method: order.details.method,
            expires_at: order.expires_at.unwrap_or(order.created_at),
            notify_url: self.notify_url.clone(),
            return_url: order.details.return_url.clone(),
        }
    }

    /// Writes a creation, before anything is stored: what can't be written is refused.
    pub(crate) async fn begin(self: &Arc<Self>, order: CreateOrder) -> Result<Begun, EncodeError> {
        let channel = self.clone();
        let step = off_thread(move || channel.protocol.create(&order, clock::now())).await;
        Ok(match step.unwrap_or(Err(EncodeError::CannotDo("sign")))? {
            CreateStep::Ready(payment) => Begun::Ready(payment),
            CreateStep::Send(request) => Begun::ToSend(request),
        })
    }

    /// Sends a creation. `first`: no earlier try of this number may exist.
    pub(crate) async fn submit(
        self: &Arc<Self>,
        vault: &Vault,
        order: &Recharge,
        attempt: &Attempt,
        request: Option<HttpRequest>,
        first: bool,
        urgency: Urgency,
    ) -> Learned<Submission> {
        let create = self.create_order(order, attempt);
        let request = match request {
            Some(request) => request,
            None => match self.begin(create.clone()).await {
                Ok(Begun::ToSend(request)) => request,
                Ok(Begun::Ready(payment)) => {
                    let what = Submission::Accepted { payment, channel_order_no: None };
                    return Learned { what, evidence: None };
                }
                Err(error) => return unsent(Submission::Observed(cannot(&error))),
            },
        };
        let timeout = self.config.create_timeout;
        let Some(exchange) = self.exchange(request, timeout, urgency).await else {
            return unsent(Submission::Observed(paused()));
        };
        let what = match &exchange.answer {
            Err(seen) => CreateAnswer::Observed(seen.clone()),
            Ok(answer) => {
                let (channel, answer) = (self.clone(), answer.clone());
                off_thread(move || channel.protocol.create_answer(&create, first, &answer))
                    .await
                    .unwrap_or_else(|| CreateAnswer::Observed(unread()))
            }
        };
        let heard = match &what {
            CreateAnswer::Observed(seen) => seen.clone(),
            _ => Observation::of(sluice_core::observation::Presence::Unpaid, "", ""),
        };
        self.note(exchange.latency, &heard);
        let what = match what {
            CreateAnswer::Accepted { payment, channel_order_no } => {
                Submission::Accepted { payment, channel_order_no }
            }
            CreateAnswer::Refused { code, message } => Submission::Refused { code, message },
            CreateAnswer::Observed(seen) => Submission::Observed(seen),
        };
        self.learned(vault, &order.clone().into(), "create", &exchange, what)
    }

    /// Asks how an attempt stands: a payment, a payout or a refund.
    pub(crate) async fn query(
        self: &Arc<Self>,
        vault: &Vault,
        order: &AnyOrder,
        attempt: &Attempt,
        urgency: Urgency,
    ) -> Learned<Observation> {
        match Disbursement::of(order, attempt) {
            Some(what) => self.ask_disbursement(vault, order, what, urgency).await,
            None => self.look(vault, order, attempt, urgency, Look::Query).await,
        }
    }

    /// Tells the channel to take no payment any more.
    pub(crate) async fn close(
        self: &Arc<Self>,
        vault: &Vault,
        order: &AnyOrder,
        attempt: &Attempt,
        urgency: Urgency,
    ) -> Learned<Observation> {
        self.look(vault, order, attempt, urgency, Look::Close).await
    }

    async fn look(
        self: &Arc<Self>,
        vault: &Vault,
        order: &AnyOrder,
        attempt: &Attempt,
        urgency: Urgency,
        look: Look,
    ) -> Learned<Observation> {
        let lookup = Lookup {
            channel_ref: attempt.channel_ref.clone(),
            channel_order_no: attempt.channel_order_no.clone(),
            amount: order.amount(),
            sent_at: attempt.sent_at,
        };
        let (channel, asked) = (self.clone(), lookup.clone());
        let request = off_thread(move || match look {
            Look::Query => channel.protocol.query(&asked, clock::now()),
            Look::Close => channel.protocol.close(&asked, clock::now()),
        });
        let request = match request.await {
            Some(Ok(request)) => request,
            Some(Err(error)) => return unsent(cannot(&error)),
            None => return unsent(unread()),
        };
        let op = if look == Look::Query { "query" } else { "close" };
        self.observe(vault, order, op, request, urgency, move |channel, answer| match look {
            Look::Query => channel.protocol.query_answer(&lookup, answer),
            Look::Close => channel.protocol.close_answer(&lookup, answer),
        })
        .await
    }

    /// One exchange whose answer is an observation.
    pub(super) async fn observe(
        self: &Arc<Self>,
        vault: &Vault,
        order: &AnyOrder,
        op: &'static str,
        request: HttpRequest,
        urgency: Urgency,
        read: impl FnOnce(&Self, &HttpResponse) -> Observation + Send + 'static,
    ) -> Learned<Observation> {
        let Some(exchange) = self.exchange(request, self.config.query_timeout, urgency).await else {
            return unsent(paused());
        };
        let seen = match &exchange.answer {
            Err(seen) => seen.clone(),
            Ok(answer) => {
                let (channel, answer) = (self.clone(), answer.clone());
                off_thread(move || read(&channel, &answer)).await.unwrap_or_else(unread)
            }
        };
        self.note(exchange.latency, &seen);
        self.learned(vault, order, op, &exchange, seen)
    }

    /// One exchange, if the breaker lets it pass.
    pub(super) async fn exchange(
        &self,
        request: HttpRequest,
        timeout: std::time::Duration,
        urgency: Urgency,
    ) -> Option<Exchange> {
        // A person never waits behind a schedule.
        let _slot = match urgency {
            Urgency::Automatic => self.slots.acquire().await.ok(),
            Urgency::Person => None,
        };
        if !self.admit(urgency) {
            return None;
        }
        Some(self.send(request, timeout).await)
    }

    pub(super) fn learned<T>(
        &self,
        vault: &Vault,
        order: &AnyOrder,
        op: &'static str,
        exchange: &Exchange,
        what: T,
    ) -> Learned<T> {
        let evidence = exchange.evidence(vault, Some(order.id().to_string()), &self.name, op);
        if let Err(error) = &evidence {
            tracing::error!(%error, "evidence can't be sealed");
        }
        Learned { what, evidence: evidence.ok() }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Query,
    Close,
}

pub(super) fn unsent<T>(what: T) -> Learned<T> {
    Learned { what, evidence: None }
}

pub(super) fn paused() -> Observation {
    Observation::unknown(Trouble::NotSent, "breaker_open", "not sent: the channel failed too often just now")
}

pub(super) fn cannot(error: &EncodeError) -> Observation {
    Observation::unknown(Trouble::NotSent, "not_sent", error.to_string())
}

pub(super) fn unread() -> Observation {
    Observation::unknown(Trouble::Garbage, "not_read", "the answer could not be read")
}
