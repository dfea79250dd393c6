//! What a decision would change, in words: read off the very change that would be stored.

use sluice_core::change::{Change, Write};
use sluice_core::ledger::{Account, Journal};
use sluice_core::money::Amount;
use sluice_core::order::AnyOrder;

/// What a change does to the books, the order and the merchant.
pub(crate) fn effect(before: &AnyOrder, change: &Change) -> String {
    let mut parts: Vec<String> = change.writes.iter().filter_map(|write| part(before, write)).collect();
    if parts.is_empty() {
        parts.push("nothing moves".to_owned());
    }
    parts.join("; ")
}

fn part(before: &AnyOrder, write: &Write) -> Option<String> {
    match write {
        Write::Journal(journal) => Some(moves(journal)),
        Write::InsertOrder(refund) => {
            let channel = refund.attempt().map_or("", |a| a.channel.as_str());
            Some(format!("{} goes back to the payer through {channel}", refund.amount()))
        }
        Write::UpdateOrder(after) if after.id() == before.id() => {
            let moved = after.state_number() != before.state_number();
            moved.then(|| {
                format!(
                    "the order goes from {} {} to {} {}",
                    before.state_number(),
                    before.state_name(),
                    after.state_number(),
                    after.state_name()
                )
            })
        }
        Write::InsertCallback(callback) => Some(format!("the merchant is told {}", callback.kind)),
        _ => None,
    }
}

/// What each account gains: `suspense -88.88, user u1 +88.35, our fees +0.53 CNY`.
fn moves(journal: &Journal) -> String {
    let gains = journal.effects().into_iter().map(|(account, gain)| {
        let sign = if gain < 0 { '-' } else { '+' };
        let amount = Amount::new(gain.abs(), journal.currency).to_decimal();
        format!("{} {sign}{amount}", plain(account))
    });
    format!("{} {}", gains.collect::<Vec<_>>().join(", "), journal.currency)
}

fn plain(account: &Account) -> String {
    match account {
        Account::UserAvailable { user_ref, .. } => format!("user {user_ref}"),
        Account::UserHeld { user_ref, .. } => format!("held of user {user_ref}"),
        Account::AppSettlement { .. } => "the app".to_owned(),
        Account::AppHeld { .. } => "held of the app".to_owned(),
        Account::AppFeesDue { .. } => "fees that the app owes".to_owned(),
        Account::ChannelClearing { channel } => channel.clone(),
        Account::ChannelFee { channel } => format!("cost of {channel}"),
        Account::ServiceFee => "our fees".to_owned(),
        Account::Suspense => "suspense".to_owned(),
    }
}
