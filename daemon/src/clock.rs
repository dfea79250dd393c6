//! The time and chance that the core is told.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand;
use sluice_core::time::Timestamp;

/// Now, by the system's clock.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Fresh random bytes.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Fails only if the operating system has no entropy source: nothing of ours may go on then.
    if rand::fill(&mut bytes).is_err() {
        tracing::error!("the operating system gives no random bytes; stopping");
        std::process::abort();
    }
    bytes
}

/// Fresh random bits.
pub(crate) fn random() -> u128 {
    u128::from_le_bytes(random_bytes())
}

/// A new secret of 256 random bits, such as `sat_…`.
pub(crate) fn new_secret(prefix: &str) -> zeroize::Zeroizing<String> {
    let text = data_encoding::BASE32_NOPAD.encode(&random_bytes::<32>()).to_lowercase();
    zeroize::Zeroizing::new(format!("{prefix}_{text}"))
}

/// A new id, such as `evd_…`.
pub(crate) fn new_id(prefix: &str) -> String {
    sluice_core::id::new_id(prefix, now(), random())
}
