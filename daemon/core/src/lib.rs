//! The pure core of Sluice.

pub mod id;
pub mod money;
pub mod observation;
pub mod order;
pub mod time;
