//! What operators decide about money.

use std::collections::BTreeMap;

use serde::Deserialize;
use sluice_core::money::Currency;

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DeskConfig {
    /// Minor units by currency: above, and in any currency that is not named, two operators have to decide the same
    /// on money in suspense.
    pub(crate) four_eyes_above: BTreeMap<Currency, i64>,
}

impl Default for DeskConfig {
    fn default() -> Self {
        Self { four_eyes_above: BTreeMap::from([(Currency::CNY, 100_000)]) }
    }
}
