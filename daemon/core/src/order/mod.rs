//! Orders (订单): what they are, how merchants see them, and one folder per kind with its decisions.
//!
//! Reading order: [`machine`] (states and the only ways between them), [`kind`] (what all orders have), then a kind:
//! [`recharge`], [`withdraw`], [`trade`], [`refund`], each with its machine and one file per decision.
//! [`disbursement`] is what withdrawals and refunds share: money that goes out through a channel.

mod acknowledge;
mod admission;
mod any;
mod attempt;
mod callback;
mod closed;
pub mod disbursement;
mod draft;
pub mod fact;
pub mod kind;
pub mod machine;
mod object;
pub mod page;
mod payee;
mod payment;
pub mod recharge;
pub mod refund;
mod refunds;
mod refusal;
pub mod trade;
pub mod withdraw;

pub use acknowledge::{acknowledge, acknowledge_any};
pub use admission::Admission;
pub use any::AnyOrder;
pub use attempt::{Attempt, AttemptState};
pub use callback::Callback;
pub use closed::ClosedReason;
pub use fact::{Fact, Source};
pub use kind::{Kind, Order};
pub use machine::{NoTransition, State, Transition, Trigger};
pub use object::{CallbackBrief, CallbackState, OrderObject, TradeMode, TradeTo};
pub use payee::{Payee, PayeeKind};
pub use payment::{Method, Payment};
pub use refunds::{RefundState, Refunds};
pub use refusal::Refusal;

/// Money from a payer through a channel to a user.
pub type Recharge = Order<recharge::Details>;
/// Money from a user through a channel to a payee.
pub type Withdraw = Order<withdraw::Details>;
/// Money from a user to the app, or to another user of it.
pub type Trade = Order<trade::Details>;
/// Money of a recharge or a trade going back.
pub type Refund = Order<refund::Details>;
