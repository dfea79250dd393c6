//! Creating an order: written down first, then sent, then answered with what the channel gave in time.
//!
//! One file per kind; here what they share: the same number again is the same order, whatever the rules say by now.

mod asking;
mod recharge;
mod refund;
mod trade;
mod withdraw;

pub(crate) use asking::Asking;
pub(crate) use recharge::recharge;
pub(in crate::order) use refund::unwritable;
pub(crate) use refund::{Original, refund};
pub(crate) use trade::trade;
pub(crate) use withdraw::withdraw;

use sluice_channels::protocol::EncodeError;
use sluice_core::change::{Change, Guard};
use sluice_core::id::{OrderId, OrderKind};
use sluice_core::order::{Admission, AnyOrder, Refusal};
use sluice_core::risk::Rule;
use sluice_core::time::Timestamp;

use super::OrderError;
use crate::clock;
use crate::daemon::Daemon;
use crate::store::unit::{Outcome, Unit};

/// What came of a creation.
#[derive(Debug)]
pub(crate) enum Created {
    /// Written down now; perhaps the channel has not answered yet.
    New(Box<AnyOrder>),
    /// The same was asked for before.
    Replayed(Box<AnyOrder>),
    /// The number stands for something else.
    Conflict,
    ChannelUnknown,
    Cannot(EncodeError),
    /// The core says no.
    Declined(Refusal),
    /// A risk rule that looks at nothing but the request.
    RefusedBy(Rule),
    /// Credentials, nonce, balance or a rule.
    Refused(Guard),
}

/// Under which name an order is asked for.
struct Name<'a> {
    kind: OrderKind,
    client_id: &'a str,
    merchant_order_no: &'a str,
    content_digest: &'a str,
}

impl Name<'_> {
    fn new_id(&self, now: Timestamp) -> OrderId {
        OrderId::new(self.kind, now, clock::random())
    }
}

/// Stores a new order. `Ok(None)`: it is written.
async fn store(
    d: &Daemon,
    name: &Name<'_>,
    admission: &Admission,
    change: Change,
) -> Result<Option<Created>, OrderError> {
    match d.store.commit(change).await? {
        Outcome::Done { .. } => Ok(None),
        Outcome::Refused(Guard::MerchantOrderNoFree { .. }) => existing(d, name, admission).await.map(Some),
        Outcome::Refused(guard) => {
            asking::open_refused(d, admission, &guard).await?;
            Ok(Some(Created::Refused(guard)))
        }
        Outcome::Repeated => Err(OrderError::Contended),
    }
}

/// A refusal holds for new orders only: what was created before the fee, the settings or the rules changed stands, and
/// a merchant that asks again must hear of it.
async fn unless_existing(
    d: &Daemon,
    name: &Name<'_>,
    admission: &Admission,
    refusal: Created,
) -> Result<Created, OrderError> {
    let found = d.store.order_by_merchant_no(name.client_id, name.kind, name.merchant_order_no).await?;
    if found.is_none() {
        return Ok(refusal);
    }
    existing(d, name, admission).await
}

async fn existing(d: &Daemon, name: &Name<'_>, admission: &Admission) -> Result<Created, OrderError> {
    let found = d.store.order_by_merchant_no(name.client_id, name.kind, name.merchant_order_no).await?;
    let found = found.ok_or(OrderError::Contended)?;
    if found.content_digest() != name.content_digest {
        return Ok(Created::Conflict);
    }
    // The nonce is spent, though nothing else happens: a captured request can't be played again.
    let change =
        Change { guards: admission.guards(), writes: vec![admission.nonce_write()], ..Change::default() };
    Ok(match d.store.commit(Unit::from(change)).await? {
        Outcome::Refused(guard) => Created::Refused(guard),
        Outcome::Done { .. } | Outcome::Repeated => Created::Replayed(Box::new(found)),
    })
}
