//! The daemon's configuration in the sandbox: the real one, with every schedule shortened by one factor.

use std::time::Duration;
use toml::{Table, Value};

use super::layout::Layout;

/// Schedules are divided by this: a minute becomes a second. Network timeouts are no schedules.
pub const TIME_SCALE: u32 = 60;

/// Alipay's names for the sandbox's one merchant.
pub(super) const ALIPAY_APP_ID: &str = "2021000199990001";
pub(super) const ALIPAY_SELLER_ID: &str = "2088102146225135";

const CALLBACK_SCHEDULE: [&str; 14] =
    ["0s", "5s", "15s", "30s", "1m", "3m", "10m", "20m", "30m", "1h", "2h", "4h", "6h", "10h"];
const REQUERY_SCHEDULE: [&str; 7] = ["1m", "2m", "3m", "5m", "10m", "15m", "30m"];
const PAYOUT_WATCH: [&str; 6] = ["10m", "1h", "6h", "1d", "1d", "1d"];

/// Why a configuration cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// `--set` wants `a.b.c=value`.
    #[error("--set {0}: not of the form key.key=value")]
    Override(String),
    /// `--set` names a key beneath a value.
    #[error("--set {0}: {1} is a value and has no keys")]
    NoTable(String, String),
    /// A duration of our own is none.
    #[error("duration: {0}")]
    Duration(#[from] humantime::DurationError),
    /// It cannot be written as TOML.
    #[error("TOML: {0}")]
    Toml(#[from] toml::ser::Error),
}

/// Where the daemon listens and whom it talks to.
#[derive(Clone, Debug)]
pub(super) struct Addresses {
    /// The merchant API, `host:port`.
    pub(super) api: String,
    /// The gateways, a URL.
    pub(super) simulator: String,
}

/// The configuration as TOML text; `overrides` are `key.key=value`, the value in TOML or else a text.
pub(super) fn text(
    layout: &Layout,
    addresses: &Addresses,
    overrides: &[String],
) -> Result<String, ConfigError> {
    let path = |path: std::path::PathBuf| Value::from(path.to_string_lossy().into_owned());
    let mut root = toml::toml! {
        [server]
        shutdown_timeout = "10s"

        [log]
        format = "text"
        filter = "info"

        [callback]
        timeout = "5s"
        allow_http = true
        allow_private_addresses = true

        [limits]
        app_per_second = 20000
        app_burst = 20000
        network_per_second = 20000
        network_burst = 20000
        refused_per_second = 20000
        refused_burst = 20000

        [task]
        lease = "20s"

        [channels.alipay]
        provider = "alipay"
        create_timeout = "5s"
        query_timeout = "1s"
        late = "credit"
        breaker_cooldown = "500ms"
    };
    let set = |root: &mut Table, key: &str, value: Value| insert(root, key, key, value);
    set(&mut root, "server.listen", addresses.api.as_str().into())?;
    set(&mut root, "server.public_url", format!("http://{}", addresses.api).into())?;
    set(&mut root, "ops.socket", path(layout.ops_socket().to_owned()))?;
    set(&mut root, "store.url", format!("sqlite://{}", layout.database().display()).into())?;
    set(&mut root, "secrets.master_key_file", path(layout.secret("master.key")))?;
    set(&mut root, "callback.schedule", scaled(&CALLBACK_SCHEDULE)?)?;
    set(&mut root, "callback.stuck_after", scaled_one("2m")?)?;
    set(
        &mut root,
        "channels.alipay.gateway_url",
        format!("{}/alipay/gateway.do", addresses.simulator).into(),
    )?;
    set(&mut root, "channels.alipay.app_id", ALIPAY_APP_ID.into())?;
    set(&mut root, "channels.alipay.seller_id", ALIPAY_SELLER_ID.into())?;
    set(&mut root, "channels.alipay.private_key_file", path(layout.secret("alipay-app.pem")))?;
    set(&mut root, "channels.alipay.provider_public_key_file", path(layout.secret("alipay.pub.pem")))?;
    set(&mut root, "channels.alipay.requery_schedule", scaled(&REQUERY_SCHEDULE)?)?;
    set(&mut root, "channels.alipay.limbo_after", scaled_one("2m")?)?;
    set(&mut root, "channels.alipay.expiry_margin", scaled_one("1m")?)?;
    set(&mut root, "channels.alipay.payout_watch", scaled(&PAYOUT_WATCH)?)?;
    set(&mut root, "channels.alipay.refund_spacing", scaled_one("3s")?)?;
    set(&mut root, "channels.alipay.refusal_margin", scaled_one("10s")?)?;
    for text in overrides {
        let (key, value) = text.split_once('=').ok_or_else(|| ConfigError::Override(text.clone()))?;
        if key.split('.').any(str::is_empty) {
            return Err(ConfigError::Override(text.clone()));
        }
        insert(&mut root, key, text, parse_value(value))?;
    }
    let head = format!(
        "# Written by `sluice-sim sandbox`. The real schedules, {TIME_SCALE} times faster; timeouts of the network\n\
         # are the real ones.\n\n"
    );
    Ok(head + &toml::to_string_pretty(&root)?)
}

/// A value of TOML, or, where it is none, the text itself: `--set a.b=1s` needs no quotes.
fn parse_value(text: &str) -> Value {
    let table = format!("value = {text}").parse::<Table>();
    table.ok().and_then(|mut table| table.remove("value")).unwrap_or_else(|| text.into())
}

fn insert(root: &mut Table, key: &str, whole: &str, value: Value) -> Result<(), ConfigError> {
    match key.split_once('.') {
        None => {
            root.insert(key.to_owned(), value);
            Ok(())
        }
        Some((head, rest)) => {
            let inner = root.entry(head).or_insert_with(|| Table::new().into());
            let inner = inner
                .as_table_mut()
                .ok_or_else(|| ConfigError::NoTable(whole.to_owned(), head.to_owned()))?;
            insert(inner, rest, whole, value)
        }
    }
}

fn scaled(real: &[&str]) -> Result<Value, ConfigError> {
    Ok(Value::Array(real.iter().map(|text| scaled_one(text)).collect::<Result<_, _>>()?))
}

fn scaled_one(real: &str) -> Result<Value, ConfigError> {
    let scaled = humantime::parse_duration(real)? / TIME_SCALE;
    // Whole milliseconds read better than 83ms 333us 333ns.
    let rounded = Duration::from_millis(u64::try_from(scaled.as_millis()).unwrap_or(u64::MAX));
    Ok(humantime::format_duration(rounded).to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(overrides: &[&str]) -> Result<Table, ConfigError> {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::create(dir.path()).unwrap();
        let addresses = Addresses { api: "127.0.0.1:1".into(), simulator: "http://127.0.0.1:2".into() };
        let overrides: Vec<_> = overrides.iter().map(|text| (*text).to_owned()).collect();
        Ok(text(&layout, &addresses, &overrides)?.parse().unwrap())
    }

    #[test]
    fn schedules_are_sixty_times_faster() {
        let config = config(&[]).unwrap();
        let alipay = &config["channels"]["alipay"];
        assert_eq!(alipay["limbo_after"].as_str(), Some("2s"));
        assert_eq!(alipay["expiry_margin"].as_str(), Some("1s"));
        let words = |value: &Value| {
            value.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
        };
        let requery: Vec<String> = words(&alipay["requery_schedule"]);
        assert_eq!(requery, ["1s", "2s", "3s", "5s", "10s", "15s", "30s"]);
        let callback: Vec<String> = words(&config["callback"]["schedule"]);
        assert_eq!(callback[..6], ["0s", "83ms", "250ms", "500ms", "1s", "3s"]);
        assert_eq!(config["callback"]["stuck_after"].as_str(), Some("2s"));
        assert_eq!(alipay["gateway_url"].as_str(), Some("http://127.0.0.1:2/alipay/gateway.do"));
    }

    #[test]
    fn overrides_need_no_quotes() {
        let config = config(&[
            "recharge.min_expires_in=1s",
            "callback.per_endpoint=2",
            "channels.alipay.late=\"suspend\"",
        ])
        .unwrap();
        assert_eq!(config["recharge"]["min_expires_in"].as_str(), Some("1s"));
        assert_eq!(config["callback"]["per_endpoint"].as_integer(), Some(2));
        assert_eq!(config["channels"]["alipay"]["late"].as_str(), Some("suspend"));
    }

    #[test]
    fn bad_overrides_say_so() {
        assert!(matches!(config(&["nonsense"]), Err(ConfigError::Override(_))));
        assert!(matches!(config(&["a..b=1"]), Err(ConfigError::Override(_))));
        assert!(matches!(config(&["log.format.x=1"]), Err(ConfigError::NoTable(..))));
    }
}
