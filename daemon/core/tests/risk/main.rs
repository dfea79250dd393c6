//! Risk: each rule at its edge, and limits that hold whatever comes.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod database;
mod documents;
mod limits;
mod tables;
