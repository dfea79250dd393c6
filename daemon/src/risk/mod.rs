//! Risk at the edge: apps' rules as they stand, their payees' keys, and how fast this process may be asked. What is
//! judged, and how, is in `sluice_core::risk`.

mod limits;
mod payees;
mod recount;
mod rules;

pub(crate) use limits::Limits;
pub(crate) use payees::payee_key;
pub(crate) use recount::recount;
pub(crate) use rules::RulesInForce;
