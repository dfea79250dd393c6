//! Provider protocols, sans-IO. Reading order: [`protocol`] (the seam), then one folder per provider.

pub mod protocol;
