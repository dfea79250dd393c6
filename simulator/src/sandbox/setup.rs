//! What has to exist before the daemon starts: keys, the operator, the apps. Made once; a sandbox started again
//! on the same folder finds them.

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use std::fs;
use tokio::net::TcpListener;

use super::layout::{Layout, write_secret};
use super::supervise::Spec;
use crate::client::Passwords;
use crate::keys;
use crate::secret::Secret;

/// The merchants of the sample apps, and what the apps are called.
const APPS: [(&str, &str); 4] = [
    ("Lotus Tea", "Tea shop"),
    ("Harbour Books", "Book shop"),
    ("Lotus Tea", "Tea club"),
    ("Jade Games", "Arcade"),
];

/// Where free ports are looked for.
const PORTS: std::ops::Range<u16> = 12_000..32_000;

/// How often, before the system is asked for any.
const ATTEMPTS: usize = 100;

/// What a sandbox has to remember to be started again on the same folder.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) ports: Ports,
    pub(super) apps: Vec<Registered>,
}

/// The ports: apps keep their callback URL, providers the notification URL of their orders.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Ports {
    pub(super) api: u16,
    pub(super) simulator: u16,
    pub(super) merchant: u16,
}

/// What `sluiced app add --json` says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Registered {
    pub(super) client_id: String,
    pub(super) client_secret: Secret,
    pub(super) key_id: String,
    pub(super) passwords: Passwords,
}

/// The ports, held.
pub(super) struct Listeners {
    pub(super) ports: Ports,
    pub(super) simulator: TcpListener,
    pub(super) merchant: TcpListener,
}

impl Listeners {
    /// Binds the given ports, or free ones.
    pub(super) async fn bind(ports: Option<Ports>) -> std::io::Result<Self> {
        let simulator = listen(ports.map(|ports| ports.simulator)).await?;
        let merchant = listen(ports.map(|ports| ports.merchant)).await?;
        // The daemon binds its own; this one only finds out which port is free.
        let api = listen(ports.map(|ports| ports.api)).await?.local_addr()?.port();
        let ports =
            Ports { api, simulator: simulator.local_addr()?.port(), merchant: merchant.local_addr()?.port() };
        Ok(Self { ports, simulator, merchant })
    }
}

/// Listens on the port, or on some free one below those that the system gives to outgoing connections: such a
/// connection could otherwise sit on the daemon's port while the daemon is being started again.
async fn listen(port: Option<u16>) -> std::io::Result<TcpListener> {
    if let Some(port) = port {
        return TcpListener::bind(("127.0.0.1", port)).await;
    }
    for _ in 0..ATTEMPTS {
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", fastrand::u16(PORTS))).await {
            return Ok(listener);
        }
    }
    TcpListener::bind("127.0.0.1:0").await
}

/// What a former sandbox left in this folder, if it is complete and its ports are free.
pub(super) async fn former(layout: &Layout, apps: usize) -> Option<(State, Listeners)> {
    let state: State = serde_json::from_slice(&fs::read(layout.secret("state.json")).ok()?).ok()?;
    let names = ["master.key", "alipay-app.pub.pem", "alipay.pem", "alipay.pub.pem"];
    let mut files = names.iter().map(|name| layout.secret(name)).chain([layout.database()]);
    let complete = files.all(|path| path.is_file())
        && state.apps.len() == apps
        && (0..apps).all(|index| layout.app_key(index).is_file());
    if !complete {
        return None;
    }
    let listeners = Listeners::bind(Some(state.ports)).await.ok()?;
    Some((state, listeners))
}

/// Makes all keys: Alipay's and ours there, each app's, and the daemon's master key.
pub(super) async fn make_keys(layout: &Layout, apps: usize) -> anyhow::Result<()> {
    let pairs = tokio::task::spawn_blocking(move || keys::generate_many(apps + 2)).await??;
    let mut pairs = pairs.into_iter();
    for name in ["alipay-app", "alipay"] {
        let pair = pairs.next().context("one key for each")?;
        write_secret(&layout.secret(&format!("{name}.pem")), pair.private.expose())?;
        write_secret(&layout.secret(&format!("{name}.pub.pem")), &pair.public)?;
    }
    for (index, pair) in pairs.enumerate() {
        write_secret(&layout.app_key(index), pair.private.expose())?;
        write_secret(&layout.app_public_key(index), &pair.public)?;
    }
    write_secret(&layout.secret("master.key"), &format!("{}\n", keys::random_hex(32)))?;
    Ok(())
}

/// Gives the sandbox's operator a token; each start gives a new one.
pub(super) async fn register_operator(layout: &Layout, spec: &Spec) -> anyhow::Result<()> {
    #[derive(Deserialize)]
    struct Operator {
        token: Secret,
    }
    let added = spec.offline(&["operator", "add", "sandbox", "--role", "admin", "--json"]).await?;
    let operator: Operator =
        serde_json::from_slice(&added).context("`sluiced operator add` gave no token")?;
    Ok(write_secret(&layout.secret("operator.token"), &format!("{}\n", operator.token.expose()))?)
}

/// Registers the apps and remembers them.
pub(super) async fn register_apps(
    layout: &Layout,
    spec: &Spec,
    ports: Ports,
    apps: usize,
) -> anyhow::Result<State> {
    let mut registered = vec![];
    for index in 0..apps {
        let (merchant, name) = APPS[index % APPS.len()];
        let name =
            if index < APPS.len() { name.to_owned() } else { format!("{name} {}", index / APPS.len() + 1) };
        let key = layout.app_public_key(index);
        let callback_url = callback_url(ports, index);
        let args = [
            "app",
            "add",
            "--merchant",
            merchant,
            "--name",
            &name,
            "--callback-url",
            &callback_url,
            "--public-key-file",
            &key.to_string_lossy(),
            "--json",
        ];
        let added = spec.offline(&args).await?;
        let app: Registered = serde_json::from_slice(&added).context("`sluiced app add` gave no app")?;
        registered.push(app);
    }
    let state = State { ports, apps: registered };
    write_secret(&layout.secret("state.json"), &serde_json::to_string(&state)?)?;
    Ok(state)
}

/// Where the app with this index is called back. An app has no id before it is registered, so the sample merchant
/// also knows it by its place.
pub(super) fn callback_url(ports: Ports, index: usize) -> String {
    format!("http://127.0.0.1:{}/callback/{}", ports.merchant, callback_name(index))
}

/// The last segment of [`callback_url`].
pub(super) fn callback_name(index: usize) -> String {
    format!("app-{}", index + 1)
}
