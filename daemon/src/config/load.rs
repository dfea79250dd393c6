//! Reading and checking a configuration.

use std::path::Path;

use toml::{Table, Value};

use super::{Config, env};

/// Why a configuration is not usable, for the person who wrote it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("{0}")]
    Read(#[from] std::io::Error),
    #[error("{0}")]
    Syntax(Box<toml::de::Error>),
    #[error("{0}")]
    Environment(String),
    #[error("unknown key `{key}`{}", nearest_hint(.nearest))]
    UnknownKey { key: String, nearest: Option<String> },
    #[error("{0}")]
    Value(String),
}

fn nearest_hint(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |n| format!("; did you mean `{n}`?"))
}

/// Reads a file, puts the environment over it, and checks everything that can be checked without starting.
pub(crate) fn load(path: &Path, vars: impl Iterator<Item = (String, String)>) -> Result<Config, ConfigError> {
    let text = std::fs::read_to_string(path)?;
    let mut table: Table = text.parse().map_err(|error| ConfigError::Syntax(Box::new(error)))?;
    env::overlay(&mut table, vars).map_err(ConfigError::Environment)?;
    from_table(table)
}

fn from_table(table: Table) -> Result<Config, ConfigError> {
    refuse_unknown_keys(&table)?;
    // toml says the key on a second line, and ends it.
    let wrong = |e: toml::de::Error| ConfigError::Value(e.to_string().trim_end().replace('\n', " "));
    let config: Config = Value::Table(table).try_into().map_err(wrong)?;
    check(&config)?;
    Ok(config)
}

/// An unknown key is named together with the nearest known one.
fn refuse_unknown_keys(table: &Table) -> Result<(), ConfigError> {
    let example = env::example();
    for (section, value) in table {
        let known = example.get(section).ok_or_else(|| unknown("", section, example.keys()))?;
        let (Some(value), Some(known)) = (value.as_table(), known.as_table()) else { continue };
        if section == "channels" {
            let Some(keys) = known.get("alipay").and_then(Value::as_table) else { continue };
            for (channel, settings) in value {
                let prefix = format!("channels.{channel}.");
                for key in settings.as_table().into_iter().flat_map(Table::keys) {
                    if !keys.contains_key(key) {
                        return Err(unknown(&prefix, key, keys.keys()));
                    }
                }
            }
        } else if let Some(key) = value.keys().find(|k| !known.contains_key(*k)) {
            return Err(unknown(&format!("{section}."), key, known.keys()));
        }
    }
    Ok(())
}

fn unknown<'a>(prefix: &str, key: &str, known: impl Iterator<Item = &'a String>) -> ConfigError {
    let nearest = known
        .map(|k| (strsim::jaro_winkler(key, k), k))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, k)| format!("{prefix}{k}"));
    ConfigError::UnknownKey { key: format!("{prefix}{key}"), nearest }
}

fn check(config: &Config) -> Result<(), ConfigError> {
    let wrong = |what: String| Err(ConfigError::Value(what));
    if config.ops.socket.as_os_str().is_empty() && config.ops.listen.is_empty() {
        return wrong("ops: neither `socket` nor `listen` is set; the console could not connect".to_owned());
    }
    if url::Url::parse(&config.server.public_url).is_err() || config.server.public_url.ends_with('/') {
        return wrong("server.public_url: not an absolute URL without a slash at its end".to_owned());
    }
    let prefix = &config.server.public_prefix;
    if !prefix.is_empty() && (!prefix.starts_with('/') || prefix.ends_with('/')) {
        return wrong("server.public_prefix: begins with a slash, and does not end with one".to_owned());
    }
    if config.callback.schedule.is_empty() {
        return wrong("callback.schedule: empty; no callback would ever be sent".to_owned());
    }
    if config.task.concurrency == 0 || config.callback.per_endpoint == 0 {
        return wrong("task.concurrency and callback.per_endpoint: at least 1".to_owned());
    }
    for (section, expiry) in [("recharge", config.recharge.expiry()), ("trade", config.trade.expiry())] {
        if !(expiry.min <= expiry.usual && expiry.usual <= expiry.max) {
            return wrong(format!(
                "{section}: min_expires_in ≤ default_expires_in ≤ max_expires_in does not hold"
            ));
        }
    }
    for (name, channel) in &config.channels {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b);
        if name.is_empty() || name.len() > 32 || !name.bytes().all(plain) {
            return wrong(format!("channels.{name}: a channel's name has 1 to 32 of a-z 0-9 _ -"));
        }
        if channel.requery_schedule.is_empty() {
            return wrong(format!("channels.{name}.requery_schedule: empty"));
        }
        if !(0..=1_000_000).contains(&channel.fee_ppm) {
            return wrong(format!("channels.{name}.fee_ppm: not within 0 to 1000000"));
        }
        let slowest = channel.query_timeout.max(channel.create_timeout).max(config.callback.timeout);
        // A close asks twice and tells once.
        if config.task.lease < slowest * 3 {
            return wrong(format!("task.lease: shorter than three times the slowest exchange of {name}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example_with(edit: impl FnOnce(&mut Table)) -> Result<Config, ConfigError> {
        let mut table = env::example();
        edit(&mut table);
        from_table(table)
    }

    fn set(table: &mut Table, section: &str, key: &str, value: impl Into<Value>) {
        if let Some(section) = table.get_mut(section).and_then(Value::as_table_mut) {
            section.insert(key.to_owned(), value.into());
        }
    }

    #[test]
    fn the_annotated_example_loads_and_its_values_are_the_defaults() {
        let shown = example_with(|_| ()).unwrap();
        let bare = example_with(|t| {
            for section in ["log", "callback", "recharge", "trade", "risk", "limits", "desk", "task"] {
                t.remove(section);
            }
        })
        .unwrap();
        assert_eq!(format!("{:?}", shown.callback), format!("{:?}", bare.callback));
        assert_eq!(format!("{:?}", shown.recharge), format!("{:?}", bare.recharge));
        assert_eq!(format!("{:?}", shown.trade), format!("{:?}", bare.trade));
        assert_eq!(format!("{:?}", shown.task), format!("{:?}", bare.task));
        assert_eq!(format!("{:?}", shown.risk), format!("{:?}", bare.risk));
        assert_eq!(format!("{:?}", shown.limits), format!("{:?}", bare.limits));
        assert_eq!(format!("{:?}", shown.desk), format!("{:?}", bare.desk));
        assert_eq!(format!("{:?}", shown.log), format!("{:?}", bare.log));
    }

    #[test]
    fn mistakes_are_named() {
        for (section, key, value, want) in [
            (
                "server",
                "lisen",
                Value::from("x"),
                "unknown key `server.lisen`; did you mean `server.listen`?",
            ),
            ("callback", "timeot", Value::from("1s"), "did you mean `callback.timeout`?"),
            (
                "callback",
                "timeout",
                Value::from("ten"),
                "invalid value: string \"ten\", expected a duration in `callback.timeout`",
            ),
            ("server", "public_url", Value::from("wallet.example"), "server.public_url"),
            ("recharge", "min_expires_in", Value::from("9d"), "min_expires_in"),
            ("task", "lease", Value::from("5s"), "task.lease"),
            (
                "desk",
                "four_eyes_above",
                Value::Table(Table::from_iter([("YUAN".to_owned(), 1.into())])),
                "currency",
            ),
            ("limits", "app_burst", Value::from(0), "limits.app_burst"),
            ("risk", "day_offset", Value::from("+8"), "risk.day_offset"),
            ("server", "trusted_proxies", Value::Array(vec!["10.0.0.1/8".into()]), "10.0.0.0/8"),
        ] {
            let error = example_with(|t| set(t, section, key, value)).unwrap_err().to_string();
            assert!(error.contains(want) && !error.contains('\n'), "{key}: {error}");
        }
        let error = example_with(|t| {
            t.insert("chanels".to_owned(), Value::Table(Table::new()));
        });
        assert!(error.unwrap_err().to_string().contains("did you mean `channels`?"));
    }

    #[test]
    fn every_key_of_the_example_is_a_variable() {
        let vars = [
            ("SLUICED_SERVER__LISTEN", "127.0.0.1:9"),
            ("SLUICED_CALLBACK__ALLOW_HTTP", "true"),
            ("SLUICED_CALLBACK__SCHEDULE", "[\"1s\", \"2s\"]"),
            ("SLUICED_SERVER__TRUSTED_PROXIES", "[\"10.0.0.0/8\"]"),
            ("SLUICED_LIMITS__REFUSED_BURST", "7"),
            ("SLUICED_DESK__FOUR_EYES_ABOVE", "{CNY = 5000, USD = 0}"),
            ("SLUICED_CHANNELS__ALIPAY__APP_ID", "42"),
            ("SLUICED_CHANNELS__ALIPAY__FEE_PPM", "6000"),
            ("HOME", "/root"),
        ];
        let mut table = env::example();
        let owned = vars.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        env::overlay(&mut table, owned).unwrap();
        let config = from_table(table).unwrap();
        assert_eq!(config.server.listen.port(), 9);
        assert!(config.callback.allow_http);
        assert_eq!(config.callback.schedule.len(), 2);
        assert_eq!(config.server.trusted_proxies.len(), 1);
        assert_eq!(config.limits.refused_burst.get(), 7);
        assert_eq!(config.desk.four_eyes_above.values().copied().collect::<Vec<_>>(), [5_000, 0]);
        let alipay = &config.channels["alipay"];
        assert_eq!((alipay.app_id.as_str(), alipay.fee_ppm), ("42", 6000));

        let mut table = env::example();
        let wrong = [("SLUICED_CALLBACK__ALLOW_HTTP".to_owned(), "yes".to_owned())];
        assert!(env::overlay(&mut table, wrong.into_iter()).unwrap_err().contains("true or false"));
    }
}
