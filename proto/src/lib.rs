//! `sluice.ops.v1`: the operators' gRPC API. The code in `generated/` is made from the files in `sluice/ops/v1`
//! and committed, so that no protoc is needed to build; a test fails when they differ.

mod convert;

/// The messages and the service.
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used
)]
pub mod v1 {
    include!("generated/sluice.ops.v1.rs");
}

pub use convert::BadOrder;

/// The compiled `.proto` files, for gRPC reflection.
pub const DESCRIPTOR: &[u8] = include_bytes!("generated/descriptor.bin");
