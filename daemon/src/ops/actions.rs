//! What an operator can safely do with an order, and what it would change.

use sluice_core::each_order;
use sluice_core::money::Amount;
use sluice_core::order::recharge::State;
use sluice_core::order::{AnyOrder, CallbackState, ClosedReason, Recharge};
use sluice_core::policy::LatePolicy;
use sluice_proto::v1 as pb;
use tonic::Status;

use super::auth::Role;
use super::desk::payout;
use crate::channel::Channel;
use crate::daemon::Daemon;
use crate::store::read::callbacks::CallbackRow;

/// The acts that there are for this order, possible or not: they keep their place, and say why not.
pub(super) async fn of(
    d: &Daemon,
    role: Role,
    order: &AnyOrder,
    callbacks: &[CallbackRow],
) -> Result<Vec<pb::Action>, Status> {
    let channel = order.attempt().and_then(|a| d.channels.get(&a.channel));
    let mut actions = vec![
        action("requery", role, requery(order, channel.map(AsRef::as_ref))),
        action("replay_callback", role, replay(order, callbacks.last())),
    ];
    if let Some(possible) = payout::possible(d, order).await? {
        actions.push(action("resolve_payout", role, possible));
    }
    Ok(actions)
}

/// `Ok`: the effect. `Err`: why it can't be done now, by anybody.
pub(super) fn action(name: &str, role: Role, possible: Result<String, String>) -> pb::Action {
    let possible = possible.and_then(|effect| {
        if role >= Role::Operator { Ok(effect) } else { Err("it needs the role operator".to_owned()) }
    });
    let (enabled, effect, why_not) = match possible {
        Ok(effect) => (true, effect, String::new()),
        Err(why_not) => (false, String::new(), why_not),
    };
    pb::Action { name: name.to_owned(), enabled, why_not, effect }
}

fn requery(order: &AnyOrder, channel: Option<&Channel>) -> Result<String, String> {
    if order.attempt().is_none() {
        return Err("it needs no channel".to_owned());
    }
    let channel = channel.ok_or("its channel is not configured any more")?;
    if !channel.protocol.capabilities().query {
        return Err(format!("{} can't be asked", channel.name));
    }
    let asks = format!("asks {} now", channel.name);
    let effect = match order {
        AnyOrder::Recharge(order) => of_payment(order, channel.policy.late),
        order if !order.is_open() => "a payout that the bank returned is credited back".to_owned(),
        AnyOrder::Withdraw(_) => {
            "paid or definitely not paid ends it; anything else leaves the hold".to_owned()
        }
        _ => "given back or definitely not ends it; anything else leaves the hold".to_owned(),
    };
    Ok(format!("{asks}: {effect}"))
}

fn of_payment(order: &Recharge, late: LatePolicy) -> String {
    let borne = if order.fee_terms.bearer.is_user() { order.fee } else { 0 };
    let credit = Amount::new(order.amount.minor - borne, order.amount.currency);
    let credits = format!("{credit} is credited to user {} and the merchant is told", order.user_ref);
    match order.state {
        State::Created | State::Submitted | State::Waiting => {
            format!("if paid, {credits}; if closed there, it closes; else nothing changes")
        }
        State::Paid | State::Completed => "it stays paid; a second payment would go into suspense".to_owned(),
        State::Closed => {
            let late = match (order.closed_reason, late) {
                (Some(ClosedReason::ClosedByMerchant | ClosedReason::RefusedByChannel), _)
                | (_, LatePolicy::Suspend) => "a payment goes into suspense".to_owned(),
                (_, LatePolicy::Credit) => format!("if it was paid late, {credits}"),
            };
            format!("{late}; else nothing changes")
        }
    }
}

fn replay(order: &AnyOrder, newest: Option<&CallbackRow>) -> Result<String, String> {
    let Some(callback) = newest else {
        return Err(match each_order!(order, o => o.notify_url.is_some()) {
            true => "there is no callback yet".to_owned(),
            false => "the order has no notify URL".to_owned(),
        });
    };
    let sends = format!(
        "sends {} to {} now (attempt {}), signed with the current password",
        callback.kind,
        callback.endpoint,
        callback.attempts + 1
    );
    match callback.state {
        CallbackState::Superseded => Err("a newer fact took its place".to_owned()),
        CallbackState::Delivered => {
            Ok(format!("{sends}; it was acknowledged before, the order stays as it is"))
        }
        CallbackState::Pending | CallbackState::Stuck => {
            Ok(format!("{sends}; its schedule begins anew, and an acknowledgement completes a paid order"))
        }
    }
}
