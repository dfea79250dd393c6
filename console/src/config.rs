//! Which daemon, as whom, and how it looks: command line over environment over profile over default.
//!
//! Profiles live in `$XDG_CONFIG_HOME/sluice/config.toml` (default `~/.config/sluice/config.toml`):
//!
//! ```toml
//! default = "staging"
//!
//! [profiles.prod]
//! endpoint = "https://ops.wallet.example:9443"
//! token_file = "/home/alice/.config/sluice/prod.token"
//! ca_file = "/home/alice/.config/sluice/ca.pem"
//! colour = "red"
//! read_only = true
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;

use crate::client::Target;
use crate::exit::{Exit, Failure};
use crate::text::sanitize::Charset;

/// Where a daemon listens that nobody configured otherwise.
pub const DEFAULT_ENDPOINT: &str = "unix:/run/sluice/ops.sock";

/// The options of every command.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Connection and output")]
pub struct Options {
    /// The daemon's ops API: unix:PATH, http://LOOPBACK:PORT or https://HOST:PORT [default: unix:/run/sluice/ops.sock]
    #[arg(long, global = true, env = "SLUICE_ENDPOINT", hide_env_values = true, value_name = "ADDRESS")]
    pub endpoint: Option<String>,
    /// A file that holds the operator's token
    #[arg(long, global = true, env = "SLUICE_TOKEN_FILE", hide_env_values = true, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Certificates (PEM) to trust besides the system's
    #[arg(long, global = true, env = "SLUICE_CA_FILE", hide_env_values = true, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// A profile of the configuration file
    #[arg(long, global = true, env = "SLUICE_PROFILE", hide_env_values = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// The configuration file [default: ~/.config/sluice/config.toml]
    #[arg(long, global = true, env = "SLUICE_CONFIG", hide_env_values = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Refuse every act that changes something
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Answer in JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Draw with ASCII only (also chosen by SLUICE_ASCII and by a locale that is not UTF-8)
    #[arg(long, global = true)]
    pub ascii: bool,
}

/// The configuration file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    default: Option<String>,
    #[serde(default)]
    profiles: BTreeMap<String, Profile>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    endpoint: Option<String>,
    token_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    colour: Option<ProfileColour>,
    #[serde(default)]
    read_only: bool,
}

/// The colour that a profile's name is shown in, so that nobody mistakes production for staging.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProfileColour {
    /// For where mistakes cost money.
    Red,
    /// In between.
    Yellow,
    /// For where mistakes are free.
    Green,
    /// Free to choose.
    Blue,
    /// Free to choose.
    Magenta,
    /// Free to choose.
    Cyan,
}

/// What the options, the environment and the profile come to.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The profile's name, if one is used.
    pub profile: Option<String>,
    /// The profile's colour.
    pub colour: Option<ProfileColour>,
    /// The daemon.
    pub target: Target,
    /// No act that changes something.
    pub read_only: bool,
    /// Answer in JSON.
    pub json: bool,
    /// What the terminal can show.
    pub charset: Charset,
}

impl Settings {
    /// Resolves the options with `env` as the environment.
    ///
    /// # Errors
    /// The configuration file cannot be read, or the profile or the endpoint is not valid.
    pub fn resolve(options: &Options, env: impl Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let file = read_file(options, &env)?;
        // An endpoint that is given outright stands alone: a default profile's token belongs to another daemon.
        let default = if options.endpoint.is_some() { None } else { file.default.clone() };
        let name = options.profile.clone().or(default);
        let profile = match &name {
            None => Profile::default(),
            Some(name) => file.profiles.get(name).cloned().ok_or_else(|| unknown_profile(name, &file))?,
        };
        let endpoint =
            options.endpoint.clone().or(profile.endpoint).unwrap_or_else(|| DEFAULT_ENDPOINT.to_owned());
        let address = endpoint.parse().map_err(|e| {
            Failure::new(Exit::Usage, format!("the endpoint {endpoint:?} is not usable: {e}"))
        })?;
        Ok(Self {
            profile: name,
            colour: profile.colour,
            target: Target {
                address,
                token_file: options.token_file.clone().or(profile.token_file),
                ca_file: options.ca_file.clone().or(profile.ca_file),
            },
            read_only: options.read_only || profile.read_only,
            json: options.json,
            charset: charset(options.ascii, &env),
        })
    }
}

fn read_file(options: &Options, env: &impl Fn(&str) -> Option<String>) -> Result<File, Failure> {
    let (path, required) = match &options.config {
        Some(path) => (path.clone(), true),
        None => match default_path(env) {
            Some(path) => (path, false),
            None => return Ok(File::default()),
        },
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => toml::from_str(&text).map_err(|e| {
            Failure::new(Exit::Usage, format!("{} is not valid: {}", path.display(), e.message()))
        }),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && !required => Ok(File::default()),
        Err(e) => Err(Failure::new(Exit::Usage, format!("{} cannot be read: {e}", path.display()))),
    }
}

fn default_path(env: &impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let set = |name| env(name).filter(|v| !v.is_empty());
    let base = set("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(Path::new(&set("HOME")?).join(".config")))?;
    Some(base.join("sluice").join("config.toml"))
}

fn unknown_profile(name: &str, file: &File) -> Failure {
    let known: Vec<&str> = file.profiles.keys().map(String::as_str).collect();
    let failure = Failure::new(Exit::Usage, format!("there is no profile {name:?}"));
    if known.is_empty() {
        failure.next("write it into ~/.config/sluice/config.toml under [profiles.NAME]")
    } else {
        failure.next(format!("the configuration has: {}", known.join(", ")))
    }
}

/// UTF-8, unless told otherwise by the option, by SLUICE_ASCII, or by the first of the locale's variables that is set.
/// A container without any locale still has a terminal of this century.
fn charset(ascii: bool, env: &impl Fn(&str) -> Option<String>) -> Charset {
    let set = |name| env(name).filter(|v: &String| !v.is_empty());
    if ascii || set("SLUICE_ASCII").is_some_and(|v| v != "0") {
        return Charset::Ascii;
    }
    match ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).map(|locale| locale.to_ascii_lowercase()) {
        Some(locale) if !locale.contains("utf-8") && !locale.contains("utf8") => Charset::Ascii,
        _ => Charset::Utf8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UTF8: (&str, &str) = ("LANG", "zh_CN.UTF-8");

    fn settings(options: &Options, vars: &[(&str, &str)]) -> Result<Settings, Failure> {
        Settings::resolve(options, |name| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn options_over_profile_over_default() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join(".config/sluice");
        std::fs::create_dir_all(&dir).unwrap();
        let text = "default = 'staging'\n[profiles.staging]\nendpoint = 'unix:/s'\ntoken_file = '/s.token'\n\
                    [profiles.prod]\nendpoint = 'https://p'\ncolour = 'red'\nread_only = true\n";
        std::fs::write(dir.join("config.toml"), text).unwrap();
        let home = home.path().to_str().unwrap();
        let vars = [("HOME", home), UTF8];

        let plain = settings(&Options::default(), &vars).unwrap();
        assert_eq!(plain.target.address.to_string(), "unix:/s");
        assert_eq!(plain.profile.as_deref(), Some("staging"));
        assert_eq!(plain.target.token_file, Some("/s.token".into()));

        let prod = Options { profile: Some("prod".into()), ..Options::default() };
        let prod = settings(&prod, &vars).unwrap();
        assert_eq!((prod.colour, prod.read_only), (Some(ProfileColour::Red), true));

        let given = Options { endpoint: Some("unix:/x".into()), ..Options::default() };
        let given = settings(&given, &vars).unwrap();
        assert_eq!((given.target.address.to_string().as_str(), given.target.token_file), ("unix:/x", None));

        let none = Options { profile: Some("nope".into()), ..Options::default() };
        let failure = settings(&none, &vars).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.to_string().contains("prod, staging"), "{failure}");

        let bare = settings(&Options::default(), &[("HOME", "/nonexistent"), UTF8]).unwrap();
        assert_eq!(bare.target.address.to_string(), DEFAULT_ENDPOINT);
    }

    #[test]
    fn charset_follows_option_variable_and_locale() {
        let ascii = Options { ascii: true, ..Options::default() };
        let default = Options::default();
        for (options, vars, want) in [
            (&default, &[UTF8][..], Charset::Utf8),
            (&default, &[("LC_ALL", "C"), UTF8], Charset::Ascii),
            (&default, &[("LC_ALL", ""), ("LC_CTYPE", "C.utf8")], Charset::Utf8),
            (&default, &[], Charset::Utf8),
            (&default, &[("LANG", "zh_CN.GBK")], Charset::Ascii),
            (&default, &[("SLUICE_ASCII", "1"), UTF8], Charset::Ascii),
            (&ascii, &[UTF8], Charset::Ascii),
        ] {
            assert_eq!(settings(options, vars).unwrap().charset, want, "{vars:?}");
        }
    }
}
