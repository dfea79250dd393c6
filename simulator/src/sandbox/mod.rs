//! The sandbox: a daemon with everything around it, in one folder, on free loopback ports.
//!
//! [`Sandbox::start`] does, in this order: folder → ports → keys → configuration → gateways and sample merchant →
//! operator and apps (offline) → daemon → wallet keys → traffic → `sandbox.json`, last.

mod config;
mod file;
mod layout;
mod setup;
pub(crate) mod supervise;

use anyhow::{Context as _, bail};
use axum::Router;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::alipay::Settings;
use crate::client::{Merchant, parse_wallet_keys};
use crate::keys::{SigningKey, VerifyingKey};
use crate::merchant::SampleMerchant;
use crate::server;
use crate::simulator::Simulator;
use crate::traffic::{Plans, Traffic};
pub use config::{ConfigError, TIME_SCALE};
pub use file::{App, Daemon, SandboxFile};
use layout::{Layout, write_secret};
use setup::{Listeners, State};
pub use supervise::run_guarded;
use supervise::{Spec, Supervisor};

/// What a sandbox is asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its folder.
    pub dir: PathBuf,
    /// Traffic, if any.
    pub traffic: Option<Plans>,
    /// The traffic uses only so many of the apps; absent: all.
    pub traffic_apps: Option<usize>,
    /// Draws the chances of faults.
    pub seed: u64,
    /// How many apps; at least two.
    pub apps: usize,
    /// Changes to the daemon's configuration, `key.key=value`.
    pub overrides: Vec<String>,
}

impl Options {
    /// Two apps in `dir` and no traffic.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        let dir = dir.into();
        Self { dir, traffic: None, traffic_apps: None, seed: 1, apps: 2, overrides: vec![] }
    }
}

/// A running sandbox.
#[derive(Debug)]
pub struct Sandbox {
    layout: Layout,
    publication: Arc<Publication>,
    simulator: Arc<Simulator>,
    sample: Arc<SampleMerchant>,
    merchants: Vec<Merchant>,
    traffic: Option<Traffic>,
    daemon: Supervisor,
    servers: Servers,
    /// Held, so that no other sandbox uses the folder.
    _lock: File,
}

impl Sandbox {
    /// Starts everything and returns when all is ready.
    ///
    /// # Errors
    /// If the folder is in use, a port cannot be bound, or the daemon does not start; says what the daemon said.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let apps = options.apps.max(2);
        let program = supervise::find_program("sluiced")?;
        let layout = Layout::create(&options.dir)
            .with_context(|| format!("cannot use the folder {}", options.dir.display()))?;
        let lock = lock(&layout)?;
        layout::remove_if_there(&layout.sandbox_json())?;

        let (former, listeners) = match setup::former(&layout, apps).await {
            Some((state, listeners)) => {
                tracing::info!("going on with the database and the secrets of the former sandbox");
                (Some(state), listeners)
            }
            None => {
                layout.clear()?;
                setup::make_keys(&layout, apps).await?;
                (None, Listeners::bind(None).await?)
            }
        };
        let ports = listeners.ports;
        let (api, sim, merchant) = (url(ports.api), url(ports.simulator), url(ports.merchant));
        let addresses = config::Addresses { api: format!("127.0.0.1:{}", ports.api), simulator: sim.clone() };
        write_secret(&layout.config(), &config::text(&layout, &addresses, &options.overrides)?)?;

        let simulator = Simulator::new(alipay(&layout, &sim)?, options.seed);
        if former.is_some() && layout.provider_books().is_file() {
            simulator.load(&layout.provider_books()).context("the providers' books cannot be read")?;
        }
        let sample = Arc::<SampleMerchant>::default();
        if former.is_some() && layout.merchant_books().is_file() {
            sample.books().load(&layout.merchant_books()).context("the merchant's books cannot be read")?;
        }
        let mut servers = Servers::new();
        servers.serve(listeners.simulator, simulator.router());
        servers.serve(listeners.merchant, sample.router());

        let ready_url = format!("{api}/readyz");
        let spec = Spec { program, config: layout.config(), log: layout.daemon_log(), ready_url };
        setup::register_operator(&layout, &spec).await?;
        let state = match former {
            Some(state) => state,
            None => setup::register_apps(&layout, &spec, ports, apps).await?,
        };
        let publication =
            Arc::new(Publication::new(layout.sandbox_json(), describe(&layout, &state, api, sim, merchant)));
        let restarted = Arc::clone(&publication);
        let (daemon, pid) = Supervisor::start(spec, move |pid| restarted.set_pid(pid)).await?;
        publication.set_pid(pid);

        let file = with_wallet_keys(publication.file()).await?;
        let mut merchants = vec![];
        for (index, app) in file.apps.iter().enumerate() {
            let name = setup::callback_name(index);
            sample.add_app(&app.client_id, &name, app.passwords.clone(), &app.wallet_keys)?;
            let merchant = file.merchant(index)?;
            merchant.login().await.with_context(|| format!("{} cannot log in", app.client_id))?;
            merchants.push(merchant);
        }
        let traffic = options.traffic.map(|plans| {
            let busy = merchants.iter().take(options.traffic_apps.unwrap_or(usize::MAX)).cloned().collect();
            Traffic::start(busy, Arc::clone(&simulator), Arc::clone(&sample), plans)
        });
        publication.publish(file.apps)?;
        Ok(Self { layout, publication, simulator, sample, merchants, traffic, daemon, servers, _lock: lock })
    }

    /// What `sandbox.json` says now.
    pub fn file(&self) -> SandboxFile {
        self.publication.file()
    }

    /// Where `sandbox.json` stands.
    pub fn path(&self) -> PathBuf {
        self.layout.sandbox_json()
    }

    /// The provider gateways.
    pub fn simulator(&self) -> &Arc<Simulator> {
        &self.simulator
    }

    /// The sample merchant.
    pub fn sample(&self) -> &Arc<SampleMerchant> {
        &self.sample
    }

    /// The apps' clients, logged in, in the order of the file.
    pub fn merchants(&self) -> &[Merchant] {
        &self.merchants
    }

    /// The traffic, if any was asked for.
    pub fn traffic(&self) -> Option<&Traffic> {
        self.traffic.as_ref()
    }

    /// Stops everything: traffic, daemon, gateways; saves the providers' books and the merchant's.
    pub async fn stop(self) {
        drop(self.traffic);
        self.daemon.stop().await;
        self.servers.stop().await;
        if let Err(error) = self.simulator.save(&self.layout.provider_books()) {
            tracing::warn!(%error, "the providers' books are lost");
        }
        if let Err(error) = self.sample.books().save(&self.layout.merchant_books()) {
            tracing::warn!(%error, "the merchant's books are lost");
        }
        let _ = layout::remove_if_there(&self.layout.sandbox_json());
        self.layout.remove_socket();
    }
}

/// The two HTTP servers of the sandbox.
#[derive(Debug)]
struct Servers {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Servers {
    fn new() -> Self {
        Self { stop: watch::Sender::new(false), tasks: vec![] }
    }

    fn serve(&mut self, listener: TcpListener, router: Router) {
        let mut stopped = self.stop.subscribe();
        let stopped = async move { drop(stopped.wait_for(|stop| *stop).await) };
        self.tasks.push(tokio::spawn(server::serve(listener, router, stopped)));
    }

    async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            let _ = task.await;
        }
    }
}

/// `sandbox.json` as it stands: written once all is ready, and again with every new process.
#[derive(Debug)]
struct Publication {
    path: PathBuf,
    inner: Mutex<(SandboxFile, bool)>,
}

impl Publication {
    fn new(path: PathBuf, file: SandboxFile) -> Self {
        Self { path, inner: Mutex::new((file, false)) }
    }

    fn file(&self) -> SandboxFile {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    fn set_pid(&self, pid: u32) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, is_out) = &mut *inner;
        file.daemons.iter_mut().for_each(|daemon| daemon.pid = pid);
        if *is_out && let Err(error) = file.write(&self.path) {
            tracing::error!(%error, "sandbox.json cannot be written");
        }
    }

    fn publish(&self, apps: Vec<App>) -> std::io::Result<()> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, is_out) = &mut *inner;
        file.apps = apps;
        *is_out = true;
        file.write(&self.path)
    }
}

/// Everything but the wallet keys, which only a running daemon knows.
fn describe(layout: &Layout, state: &State, api: String, sim: String, merchant: String) -> SandboxFile {
    let ops = format!("unix:{}", layout.ops_socket().display());
    let token_file = layout.secret("operator.token");
    let app = |(index, app): (usize, &setup::Registered)| App {
        client_id: app.client_id.clone(),
        client_secret: app.client_secret.clone(),
        key_id: app.key_id.clone(),
        private_key_file: layout.app_key(index),
        passwords: app.passwords.clone(),
        wallet_keys: BTreeMap::new(),
        callback_url: setup::callback_url(state.ports, index),
    };
    SandboxFile {
        daemons: vec![Daemon { name: "sluiced-1".to_owned(), pid: 0, api: api.clone(), ops: ops.clone() }],
        api,
        sim,
        merchant,
        store: format!("sqlite://{}", layout.database().display()),
        config: layout.config(),
        apps: state.apps.iter().enumerate().map(app).collect(),
        env: [
            ("SLUICE_ENDPOINT".to_owned(), ops.clone()),
            ("SLUICE_TOKEN_FILE".to_owned(), token_file.display().to_string()),
        ]
        .into(),
        operator_token_file: token_file,
        ops,
    }
}

async fn with_wallet_keys(mut file: SandboxFile) -> anyhow::Result<SandboxFile> {
    let http = crate::plain_http(Duration::from_secs(10));
    let answer = http.get(format!("{}/v1/wallet-keys", file.api)).send().await?.error_for_status()?;
    let keys = parse_wallet_keys(&answer.bytes().await?).map_err(anyhow::Error::msg)?;
    file.apps.iter_mut().for_each(|app| app.wallet_keys.clone_from(&keys));
    Ok(file)
}

fn alipay(layout: &Layout, base_url: &str) -> anyhow::Result<Settings> {
    Ok(Settings {
        app_id: config::ALIPAY_APP_ID.to_owned(),
        seller_id: config::ALIPAY_SELLER_ID.to_owned(),
        app_public_key: VerifyingKey::from_pem(&fs::read_to_string(layout.secret("alipay-app.pub.pem"))?)?,
        private_key: SigningKey::from_pem(&fs::read_to_string(layout.secret("alipay.pem"))?.into())?,
        base_url: base_url.to_owned(),
        time_scale: TIME_SCALE,
    })
}

fn lock(layout: &Layout) -> anyhow::Result<File> {
    let lock = File::create(layout.lock())?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(_) => {
            bail!("another sandbox runs in {}", layout.lock().parent().unwrap_or(Path::new(".")).display())
        }
    }
}

fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}
