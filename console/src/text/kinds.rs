//! What orders of one kind have and others have not, in words.

use sluice_proto::v1 as pb;
use sluice_proto::v1::trade_to::Payee;

use super::money;

/// Who gets the money: of a trade the other user or the app, of a withdrawal the payee, masked; else nothing.
pub fn paid_to(order: &pb::Order) -> String {
    match order.to.as_ref().and_then(|to| to.payee.as_ref()) {
        Some(Payee::UserRef(user)) => format!("user {user}"),
        Some(Payee::App(_)) => "the app".to_owned(),
        None => order.payee.clone(),
    }
}

/// The fee, and who bears it where that is not the user.
pub fn fee(order: &pb::Order) -> String {
    let fee = money::full(order.fee.as_ref());
    if order.fee_borne_by == "app" { format!("{fee}, borne by the app") } else { fee }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_paid_and_who_bears_the_fee() {
        let trade = |payee| pb::Order { to: Some(pb::TradeTo { payee: Some(payee) }), ..Default::default() };
        let withdraw = pb::Order { payee: "alipay 208…123".into(), ..Default::default() };
        for (order, want) in [
            // A user may be called like the app: the words tell them apart.
            (trade(Payee::UserRef("app".into())), "user app"),
            (trade(Payee::App(true)), "the app"),
            (withdraw, "alipay 208…123"),
            (pb::Order::default(), ""),
        ] {
            assert_eq!(paid_to(&order), want);
        }
        let fee_of = |borne_by: &str| {
            let money = pb::Money { minor: 53, currency: "CNY".into() };
            fee(&pb::Order { fee: Some(money), fee_borne_by: borne_by.into(), ..Default::default() })
        };
        assert_eq!(
            [fee_of("user"), fee_of("app"), fee_of("")],
            ["0.53 CNY", "0.53 CNY, borne by the app", "0.53 CNY"]
        );
    }
}
