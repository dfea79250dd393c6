//! Trade (交易): balance payment from a user to the app, or to another user of the same app. No channel is needed.
//!
//! Reading order: [`machine`], this file (what only a trade has), then one file per decision: [`create`] (at once, or
//! held), [`capture`], [`release`] (voided or expired).

mod capture;
mod create;
mod machine;
mod release;

pub use capture::capture;
pub use create::{Creation, NewTrade, create};
pub use machine::{State, TRANSITIONS, Trigger};
pub use release::{expire, void};

use serde::{Deserialize, Serialize};

use super::kind::{Kind, Order};
use super::object::{OrderObject, TradeMode, TradeTo};
use super::{AnyOrder, Trade, Transition};
use crate::fee::FeeRule;
use crate::id::OrderKind;
use crate::ledger::Account;
use crate::ledger::postings::{Fee, User};
use crate::money::Amount;

/// What only a trade has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// The user who is paid; none: the app.
    pub to_user_ref: Option<String>,
    /// In one step or two.
    pub mode: TradeMode,
    /// Our fee rule, for the fee on what is captured.
    pub fee_rule: FeeRule,
    /// What is held for it, in minor units; 0: nothing any more.
    pub held: i64,
    /// What reached the payee, in minor units; none: nothing yet.
    pub captured: Option<i64>,
}

impl Kind for Details {
    const KIND: OrderKind = OrderKind::Trade;
    type State = State;
    type Trigger = Trigger;
    const TRANSITIONS: &'static [Transition<State, Trigger>] = TRANSITIONS;
    const ACKNOWLEDGED: &'static [(&'static str, State, Trigger)] =
        &[("trade.settled", State::Settled, Trigger::Acknowledged)];

    fn show(order: &Order<Self>, object: &mut OrderObject) {
        let details = &order.details;
        object.to = Some(match details.to_user_ref.clone() {
            Some(user_ref) => TradeTo::User { user_ref },
            None => TradeTo::App { app: true },
        });
        object.mode = Some(details.mode);
        object.captured = details.captured.map(|minor| Amount::new(minor, order.amount.currency));
    }

    fn any(order: Order<Self>) -> AnyOrder {
        AnyOrder::Trade(order)
    }
}

impl Trade {
    /// The account that is paid.
    pub fn payee(&self) -> Account {
        let client_id = self.client_id.clone();
        match self.details.to_user_ref.clone() {
            Some(user_ref) => Account::UserAvailable { client_id, user_ref },
            None => Account::AppSettlement { client_id },
        }
    }

    pub(in crate::order) fn payer(&self) -> User<'_> {
        User { client_id: &self.client_id, user_ref: &self.user_ref }
    }

    fn fee_on(&self, minor: i64) -> Fee {
        Fee { minor: self.details.fee_rule.on(minor), bearer: self.fee_terms.bearer }
    }
}
