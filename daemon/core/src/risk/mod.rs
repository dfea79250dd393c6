//! Risk (风控): what an app and its users may begin, and how fast they may ask.
//!
//! Reading order: [`Rules`] (an app's document), [`Rule`] (what can refuse, by name), [`InForce::check`] (the judgement),
//! [`Condition`] (what only the database can tell), [`UserState`], [`Day`] and [`DayOffset`] (when a daily limit begins
//! anew), [`HostPattern`] and [`Network`] (what rules are written in), [`client_address`] (where a request came from),
//! [`Bucket`] and [`Buckets`] (rate limits).
//!
//! A judgement has two halves. What the request's values tell (least and greatest amount, notify host, source network) is
//! refused at once. What depends on other orders, on the user or on the payee becomes conditions that the store checks in
//! the transaction that writes the order, beside the entries that it writes then: so a limit holds exactly however many
//! requests come at once.
//!
//! **What counts**: every order that was created that day, whatever becomes of it. So a counter only grows, and only in
//! the transaction that creates; a limit can be checked against the orders of the day; and an order that fails does not
//! open the way for the next, back and forth.
//!
//! **What is not judged**: refunds, captures, voids and closes, by no rule and by no user's state. They end what was begun
//! when the rules allowed it, and the money goes nowhere new: a frozen user's refund goes back to the payer. An operator
//! who wants to stop these too suspends the order type or the app, which the gate refuses whole (`access_denied`). What
//! channels tell is never refused: money under way settles, and its callbacks leave.

mod bucket;
mod buckets;
mod check;
mod condition;
mod day;
mod host_pattern;
mod network;
mod rule;
mod rules;
mod source;
mod user_state;

pub use bucket::{Bucket, Rate, retry_after_secs};
pub use buckets::Buckets;
pub use check::{Asked, InForce, Passed};
pub use condition::{Condition, Counter, Entry, Refusal};
pub use day::{Day, DayOffset, NotAnOffset};
pub use host_pattern::{HostPattern, NotAHost};
pub use network::{Network, NotANetwork};
pub use rule::Rule;
pub use rules::{InvalidRules, PayeeAllowList, PerCurrency, Rules, TypeRules};
pub use source::client_address;
pub use user_state::{UserAct, UserState};
