//! The teller: gives back and pays out, at once or as it was said, and has the merchant told of it.

use std::sync::Arc;
use std::time::Duration;

use super::books::{PaidOut, Record};
use super::course::{Fate, Presets};
use super::order::{Event, Order, Refusal};
use super::payout::Payout;
use super::refund::Requested;
use super::{Gateway, Kind};
use crate::clock;

/// Asks for a refund of a payment, and has it told as soon as it has succeeded. `None` if the provider does not know
/// the payment.
///
/// # Errors
/// As [`Order::refund`], and [`Refusal::Funds`].
pub fn refund(
    gateway: &Arc<dyn Gateway>,
    presets: &Presets,
    channel_ref: &str,
    request_no: &str,
    amount_minor: i64,
) -> Option<(Result<Requested, Refusal>, Order)> {
    let preset = || presets.take(Kind::Refund, request_no);
    let (requested, order) = gateway.books().refund(channel_ref, request_no, amount_minor, preset)?;
    if requested.is_ok_and(|requested| requested.new) {
        tell(gateway, &order, request_no);
    }
    Some((requested, order))
}

/// Books a payout or finds the one that stands under its number. `make` makes it of how it will end, where that was
/// said before, and the time.
///
/// # Errors
/// [`Refusal::Funds`].
pub fn pay_out(
    gateway: &dyn Gateway,
    presets: &Presets,
    channel_ref: &str,
    make: impl FnOnce(Option<Fate>, i64) -> Payout,
) -> Result<PaidOut, Refusal> {
    gateway.books().pay_out(channel_ref, |now| make(presets.take(Kind::Payout, channel_ref), now))
}

/// Decides how a refund or payout ends; `None` if the provider does not know the number.
///
/// # Errors
/// [`Refusal::Over`] if it has come to another end.
pub fn decide(
    gateway: &Arc<dyn Gateway>,
    kind: Kind,
    number: &str,
    fate: Fate,
) -> Option<Result<Record, Refusal>> {
    let books = gateway.books();
    Some(match kind {
        Kind::Payment => return None,
        Kind::Payout => books.decide_payout(number, fate)?.map(Record::Payout),
        Kind::Refund => match books.decide_refund(number, fate)? {
            Ok(order) => {
                tell(gateway, &order, number);
                Ok(books.refund_record(number)?)
            }
            Err(refusal) => Err(refusal),
        },
    })
}

/// Has the merchant told of a refund that has succeeded, now or when its time has come.
fn tell(gateway: &Arc<dyn Gateway>, order: &Order, request_no: &str) {
    tell_now(&**gateway, &order.channel_ref, request_no);
    let Some(due) = order.find_refund(request_no).and_then(|refund| refund.next()) else { return };
    let wait = Duration::from_millis(u64::try_from(due.at - clock::now_ms()).unwrap_or_default());
    let (gateway, channel_ref, request_no) =
        (Arc::clone(gateway), order.channel_ref.clone(), request_no.to_owned());
    tokio::spawn(async move {
        tokio::time::sleep(wait).await;
        tell_now(&*gateway, &channel_ref, &request_no);
    });
}

fn tell_now(gateway: &dyn Gateway, channel_ref: &str, request_no: &str) {
    let told = gateway.books().change(channel_ref, |order| order.untold_refund(request_no));
    if let Some((Some(index), order)) = told {
        let plan = order.refunds[index].plan();
        gateway.notify(&order, Event::Refunded(index), plan);
    }
}
