//! Provider protocols, sans-IO: an operation becomes request bytes, an answer becomes an observation.
//!
//! Reading order: [`protocol`] is the seam that the daemon's executor drives; [`rsa`] holds the keys; then one
//! folder per provider, of which [`alipay`] is the first. Nothing here owns a socket, a clock, a file or a random
//! source (`clippy.toml` beside the manifest keeps it so): time is an argument, bytes go in and values come out, and
//! every protocol can be tested from recorded messages.

pub mod alipay;
pub mod protocol;
pub mod rsa;

/// What each provider can do, in the order of the documents.
pub const PROVIDERS: [&protocol::Capabilities; 1] = [&alipay::CAPABILITIES];
