//! Orders (订单): what they are, how merchants see them, and one folder per kind with its decisions.

mod attempt;
mod callback;
mod object;
mod payee;
mod payment;
pub mod recharge;

pub use attempt::{Attempt, AttemptState};
pub use callback::Callback;
pub use object::{CallbackBrief, CallbackState, OrderObject};
pub use payee::{Payee, PayeeKind};
pub use payment::{Method, Payment};
pub use recharge::Recharge;
