//! `sandbox.json`: everything one needs to use a running sandbox.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::layout::write_atomically;
use crate::client::{Credentials, Error, Merchant, Passwords};
use crate::control::Control;
use crate::secret::Secret;

/// The content of `sandbox.json`. URLs have no trailing slash, paths are absolute, keys are PEM.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SandboxFile {
    /// The merchant API.
    pub api: String,
    /// The ops API's address, as in `SLUICE_ENDPOINT`.
    pub ops: String,
    /// An admin's token.
    pub operator_token_file: PathBuf,
    /// The provider gateways and their control API.
    pub sim: String,
    /// The sample merchant.
    pub merchant: String,
    /// The database.
    pub store: String,
    /// The daemon's configuration.
    pub config: PathBuf,
    /// The daemons.
    pub daemons: Vec<Daemon>,
    /// The apps.
    pub apps: Vec<App>,
    /// Makes a bare `sluice` connect as an admin.
    pub env: BTreeMap<String, String>,
}

/// A running daemon.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Daemon {
    /// Its name in the sandbox.
    pub name: String,
    /// Its process.
    pub pid: u32,
    /// Its merchant API.
    pub api: String,
    /// Its ops API.
    pub ops: String,
}

/// An app that may use the API.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct App {
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// The id of its key.
    pub key_id: String,
    /// Its private key.
    pub private_key_file: PathBuf,
    /// Its access passwords as they were when the sandbox started.
    pub passwords: Passwords,
    /// The daemon's public keys by id.
    pub wallet_keys: BTreeMap<String, String>,
    /// Where it is called back.
    pub callback_url: String,
}

impl SandboxFile {
    /// Reads the file.
    ///
    /// # Errors
    /// If it is missing or of another form.
    pub fn read(path: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(path)?)?)
    }

    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        write_atomically(path, &serde_json::to_string_pretty(self)?)
    }

    /// A client for the app with this index; it has no token yet.
    ///
    /// # Errors
    /// [`Error`] if there is no such app or its key cannot be read.
    pub fn merchant(&self, index: usize) -> Result<Merchant, Error> {
        let app = self.apps.get(index).ok_or_else(|| Error::Shape(format!("there is no app {index}")))?;
        let private_key = fs::read_to_string(&app.private_key_file)
            .map_err(|error| Error::Shape(format!("{}: {error}", app.private_key_file.display())))?;
        let credentials = Credentials {
            client_id: app.client_id.clone(),
            client_secret: app.client_secret.clone(),
            key_id: app.key_id.clone(),
            private_key: private_key.into(),
            passwords: app.passwords.clone(),
            wallet_keys: app.wallet_keys.clone(),
        };
        Merchant::new(&self.api, &credentials)
    }

    /// The control API.
    pub fn control(&self) -> Control {
        Control::new(&self.sim, &self.merchant)
    }
}
