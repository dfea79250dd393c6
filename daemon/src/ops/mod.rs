//! The operators' gRPC service, `sluice.ops.v1`.
//!
//! Reading order: [`listen`] (where it is served), [`service`] (every call with the role that it needs; [`ledger`],
//! [`desk`] and [`risk`] are services of their own), [`auth`] (who calls), then one file per group of calls. What changes something is a [`act::Deed`]: carried out once per request
//! id, to its end, and audited. Knows nothing of SQL, HTTP or protocols; decides nothing about orders.

mod act;
mod actions;
mod apps;
mod audit;
mod auth;
mod callbacks;
mod channels;
mod credentials;
mod cursor;
mod desk;
mod evidence;
mod figures;
mod ledger;
mod listen;
mod orders;
mod overview;
mod rates;
mod requery;
mod risk;
mod service;
mod status;
mod transaction;
mod view;
mod watch;

pub(crate) use listen::bind;
