//! How fast this process may be asked.

use std::num::NonZeroU32;

use serde::Deserialize;
use sluice_core::risk::Rate;

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LimitsConfig {
    pub(crate) app_per_second: NonZeroU32,
    pub(crate) app_burst: NonZeroU32,
    pub(crate) network_per_second: NonZeroU32,
    pub(crate) network_burst: NonZeroU32,
    pub(crate) refused_per_second: NonZeroU32,
    pub(crate) refused_burst: NonZeroU32,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        let n = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        Self {
            app_per_second: n(200),
            app_burst: n(400),
            network_per_second: n(1000),
            network_burst: n(2000),
            refused_per_second: n(10),
            refused_burst: n(100),
        }
    }
}

impl LimitsConfig {
    /// Verified requests of one app, where its rules say nothing else.
    pub(crate) const fn app(&self) -> Rate {
        Rate { per_second: self.app_per_second, burst: self.app_burst }
    }

    /// Verified requests from one source network.
    pub(crate) const fn network(&self) -> Rate {
        Rate { per_second: self.network_per_second, burst: self.network_burst }
    }

    /// Requests from one source network that the gate refuses.
    pub(crate) const fn refused(&self) -> Rate {
        Rate { per_second: self.refused_per_second, burst: self.refused_burst }
    }
}
