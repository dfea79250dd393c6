//! The pure core of Sluice: it takes values and gives values, and knows no clock, socket, database or random source.
//!
//! Reading order: [`money`], [`id`], [`time`] (the words); [`order`] (what orders are, and how a fact changes them);
//! [`change`] (what a decision asks of the store); [`ledger`] and [`fee`] (where the money goes); [`observation`]
//! (what channels say); [`diagnose`] (where an order stands, for people); [`schedule`] and [`breaker`] (when to try
//! again); [`signing`], [`json`], [`password`], [`risk`] (what the gate checks); [`code`] (what it answers).

pub mod breaker;
pub mod change;
pub mod code;
pub mod diagnose;
pub mod fee;
pub mod id;
pub mod json;
pub mod ledger;
pub mod money;
pub mod observation;
pub mod order;
pub mod password;
pub mod policy;
pub mod risk;
pub mod schedule;
pub mod signing;
pub mod time;
