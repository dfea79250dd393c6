//! What an operator can safely do with an order, and what it would change.

use sluice_core::money::Amount;
use sluice_core::order::recharge::{ClosedReason, State};
use sluice_core::order::{CallbackState, Recharge};
use sluice_core::policy::LatePolicy;
use sluice_proto::v1 as pb;

use super::auth::Role;
use crate::channel::Channel;
use crate::daemon::Daemon;
use crate::store::read::callbacks::CallbackRow;

/// The acts that there are for this order, possible or not: they keep their place, and say why not.
pub(super) fn of(d: &Daemon, role: Role, order: &Recharge, callbacks: &[CallbackRow]) -> Vec<pb::Action> {
    let channel = order.attempt().and_then(|a| d.channels.get(&a.channel));
    vec![
        action("requery", role, requery(order, channel.map(AsRef::as_ref))),
        action("replay_callback", role, replay(order, callbacks.last())),
    ]
}

/// `Ok`: the effect. `Err`: why it can't be done now, by anybody.
fn action(name: &str, role: Role, possible: Result<String, String>) -> pb::Action {
    let possible = possible.and_then(|effect| {
        if role >= Role::Operator { Ok(effect) } else { Err("it needs the role operator".to_owned()) }
    });
    let (enabled, effect, why_not) = match possible {
        Ok(effect) => (true, effect, String::new()),
        Err(why_not) => (false, String::new(), why_not),
    };
    pb::Action { name: name.to_owned(), enabled, why_not, effect }
}

fn requery(order: &Recharge, channel: Option<&Channel>) -> Result<String, String> {
    let channel = channel.ok_or("its channel is not configured any more")?;
    if !channel.protocol.capabilities().query {
        return Err(format!("{} can't be asked", channel.name));
    }
    let asks = format!("asks {} now", channel.name);
    let credit = Amount::new(order.amount.minor - order.fee, order.amount.currency);
    let credits = format!("{credit} is credited to user {} and the merchant is told", order.user_ref);
    let late = match (order.closed_reason, channel.policy.late) {
        (Some(ClosedReason::ClosedByMerchant | ClosedReason::RefusedByChannel), _)
        | (_, LatePolicy::Suspend) => "a payment goes into suspense".to_owned(),
        (_, LatePolicy::Credit) => format!("if it was paid late, {credits}"),
    };
    Ok(match order.state {
        State::Created | State::Submitted | State::Waiting => {
            format!("{asks}: if paid, {credits}; if closed there, it closes; else nothing changes")
        }
        State::Paid | State::Completed => {
            format!("{asks}: it stays paid; a second payment would go into suspense")
        }
        State::Closed => format!("{asks}: {late}; else nothing changes"),
    })
}

fn replay(order: &Recharge, newest: Option<&CallbackRow>) -> Result<String, String> {
    let Some(callback) = newest else {
        return Err(match order.notify_url {
            Some(_) => "there is no callback yet".to_owned(),
            None => "the order has no notify URL".to_owned(),
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
