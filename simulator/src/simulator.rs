//! All provider gateways together, and the control API over them, as one service.

use axum::Router;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::alipay::{Alipay, Settings};
use crate::control;
use crate::provider::books::{Everything, Record};
use crate::provider::order::Order;
use crate::provider::{Gateway, Rules};

/// How long the payer's browser waits for a page.
const BROWSER_TIMEOUT: Duration = Duration::from_secs(10);

/// The provider gateways under one address.
pub struct Simulator {
    /// Faults, limits and counts.
    pub rules: Arc<Rules>,
    alipay: Arc<Alipay>,
    base_url: String,
    browser: reqwest::Client,
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Simulator({})", self.base_url)
    }
}

impl Simulator {
    /// Gateways with empty books, reached at the address in `alipay`.
    pub fn new(alipay: Settings, seed: u64) -> Arc<Self> {
        let rules = Arc::new(Rules::seeded(seed));
        let base_url = alipay.base_url.clone();
        let alipay = Alipay::new(alipay, Arc::clone(&rules));
        Arc::new(Self { rules, alipay, base_url, browser: crate::plain_http(BROWSER_TIMEOUT) })
    }

    /// The routes of all gateways and of the control API.
    pub fn router(self: &Arc<Self>) -> Router {
        self.alipay.router().merge(control::router(Arc::clone(self)))
    }

    /// The gateways.
    pub fn gateways(&self) -> Vec<Arc<dyn Gateway>> {
        vec![Arc::<Alipay>::clone(&self.alipay)]
    }

    /// The address of all this; no trailing slash.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The payer's browser.
    pub(crate) fn browser(&self) -> &reqwest::Client {
        &self.browser
    }

    /// The gateway whose books know a payment with this number, and the payment.
    pub fn find(&self, channel_ref: &str) -> Option<(Arc<dyn Gateway>, Order)> {
        self.gateways().into_iter().find_map(|gateway| {
            let order = gateway.books().get(channel_ref)?;
            Some((gateway, order))
        })
    }

    /// The payment, refund or payout with this number.
    pub fn record(&self, channel_ref: &str) -> Option<Record> {
        self.gateways().into_iter().find_map(|gateway| gateway.books().record(channel_ref))
    }

    /// Writes the providers' books to a file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> std::io::Result<()> {
        let mut all = Everything::default();
        for gateway in self.gateways() {
            all.extend(gateway.books().all());
        }
        std::fs::write(path, serde_json::to_vec(&all)?)
    }

    /// Takes the books back from a file.
    ///
    /// # Errors
    /// If the file cannot be read or is no such file.
    pub fn load(&self, path: &Path) -> std::io::Result<()> {
        let all: Everything = serde_json::from_slice(&std::fs::read(path)?)?;
        for gateway in self.gateways() {
            gateway.books().restore(all.of(gateway.channel()));
        }
        Ok(())
    }
}
