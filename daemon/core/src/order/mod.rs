//! Orders (订单).

mod object;
mod payment;

pub use object::{CallbackBrief, CallbackState, OrderObject};
pub use payment::{Method, Payment};
