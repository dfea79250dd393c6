//! Creating a recharge: written down first, then sent, then answered with what the channel gave in time.

use sluice_channels::protocol::{EncodeError, HttpRequest};
use sluice_core::change::{Change, CredentialCheck, Guard, Write};
use sluice_core::id::{OrderId, OrderKind};
use sluice_core::order::recharge::{self, Creation, NewRecharge, Refusal};
use sluice_core::order::{Attempt, Recharge};
use sluice_core::policy::Context;
use sluice_core::time::Timestamp;
use tracing::Instrument;

use super::settle::submitted;
use super::{Extra, OrderError};
use crate::channel::Urgency;
use crate::channel::operation::Begun;
use crate::clock;
use crate::daemon::Daemon;
use crate::store::unit::{Outcome, Unit};

/// What the gate hands over with a mutating request.
#[derive(Clone, Debug)]
pub(crate) struct Admission {
    pub(crate) check: CredentialCheck,
    pub(crate) nonce: String,
    pub(crate) nonce_until: Timestamp,
    pub(crate) request_id: String,
}

/// What came of a creation.
#[derive(Debug)]
pub(crate) enum Created {
    /// Written down now; perhaps its payment is pending.
    New(Box<Recharge>),
    /// The same was asked for before.
    Replayed(Box<Recharge>),
    /// The number stands for something else.
    Conflict,
    AmountBelowFee,
    ChannelUnknown,
    Cannot(EncodeError),
    /// Credentials or nonce.
    Refused(Guard),
}

/// Creates a recharge, or finds that it was created before.
pub(crate) async fn create(
    d: &std::sync::Arc<Daemon>,
    new: NewRecharge,
    admission: Admission,
) -> Result<Created, OrderError> {
    let Some(channel) = d.channels.get(&new.channel).cloned() else { return Ok(Created::ChannelUnknown) };
    let fee = d.store.fee_rule(&new.client_id, admission.check.order_type, &new.channel).await?;
    let ctx = Context { now: clock::now(), random: clock::random(), policy: &channel.policy };
    let id = OrderId::new(OrderKind::Recharge, ctx.now, clock::random());
    let mut with = Creation {
        id,
        credentials: admission.check.clone(),
        nonce: (admission.nonce.clone(), admission.nonce_until),
        request_id: admission.request_id.clone(),
        fee,
        ready: None,
    };
    // Written by the protocol before anything is stored: what it can't write is refused, and nothing changes.
    let draft = match recharge::create(new.clone(), with.clone(), &ctx) {
        Ok((order, _)) => order,
        Err(Refusal::AmountBelowFee) => {
            return unless_existing(d, new, admission, Created::AmountBelowFee).await;
        }
        Err(other) => return Err(other.into()),
    };
    let Some(attempt) = draft.attempt() else { return Err(OrderError::ChannelGone(new.channel)) };
    let to_send = match channel.begin(channel.create_order(&draft, attempt)).await {
        Ok(Begun::Ready(payment)) => {
            with.ready = Some(payment);
            None
        }
        Ok(Begun::ToSend(request)) => Some(request),
        Err(error) => return unless_existing(d, new, admission, Created::Cannot(error)).await,
    };
    let (client_id, number, digest) =
        (new.client_id.clone(), new.merchant_order_no.clone(), new.content_digest.clone());
    let (order, change) = recharge::create(new, with, &ctx)?;
    match d.store.commit(change).await? {
        Outcome::Done { .. } => {}
        Outcome::Refused(Guard::MerchantOrderNoFree { .. }) => {
            return existing(d, &client_id, &number, &digest, admission).await;
        }
        Outcome::Refused(guard) => return Ok(Created::Refused(guard)),
        Outcome::Repeated => return Err(OrderError::Contended),
    }
    let Some(request) = to_send else { return Ok(Created::New(Box::new(order))) };
    Ok(Created::New(Box::new(first_sending(d, order, request).await)))
}

/// Sends for the first time. Goes on to its end even if the merchant hangs up; a crash leaves it to the task.
async fn first_sending(d: &std::sync::Arc<Daemon>, order: Recharge, request: HttpRequest) -> Recharge {
    let (daemon, mine) = (d.clone(), order.clone());
    let sending = async move {
        let attempt: Attempt = mine.attempt()?.clone();
        let channel = daemon.channels.get(&attempt.channel)?.clone();
        let learned =
            channel.submit(&daemon.vault, &mine, &attempt, Some(request), true, Urgency::Person).await;
        match submitted(&daemon, mine.id, attempt.no, learned, Extra::default()).await {
            Ok(after) => after,
            Err(error) => {
                tracing::warn!(order = %mine.id, %error, "the answer to a creation was not stored; a task goes on");
                None
            }
        }
    };
    d.under_way.spawn(sending.in_current_span()).await.ok().flatten().unwrap_or(order)
}

/// A refusal holds for new orders only: what was created before the fee or the settings changed stands, and a merchant
/// that asks again must hear of it.
async fn unless_existing(
    d: &Daemon,
    new: NewRecharge,
    admission: Admission,
    refusal: Created,
) -> Result<Created, OrderError> {
    let (client_id, number) = (&new.client_id, &new.merchant_order_no);
    if d.store.recharge_by_merchant_no(client_id, number).await?.is_none() {
        return Ok(refusal);
    }
    existing(d, client_id, number, &new.content_digest, admission).await
}

async fn existing(
    d: &Daemon,
    client_id: &str,
    number: &str,
    digest: &str,
    admission: Admission,
) -> Result<Created, OrderError> {
    let found = d.store.recharge_by_merchant_no(client_id, number).await?;
    let found = found.ok_or(OrderError::Contended)?;
    if found.content_digest != digest {
        return Ok(Created::Conflict);
    }
    // The nonce is spent, though nothing else happens: a captured request can't be played again.
    let change = Change {
        guards: vec![
            Guard::Credentials(admission.check.clone()),
            Guard::NonceUnused { client_id: client_id.to_owned(), nonce: admission.nonce.clone() },
        ],
        writes: vec![Write::Nonce {
            client_id: client_id.to_owned(),
            nonce: admission.nonce,
            until: admission.nonce_until,
        }],
        ..Change::default()
    };
    Ok(match d.store.commit(Unit::from(change)).await? {
        Outcome::Refused(guard) => Created::Refused(guard),
        Outcome::Done { .. } | Outcome::Repeated => Created::Replayed(Box::new(found)),
    })
}
