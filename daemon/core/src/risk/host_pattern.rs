//! Hosts that callbacks may go to.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One host (`shop.example`, `203.0.113.7`, `[2001:db8::7]`), or all hosts under a domain at any depth (`*.shop.example`,
/// which is not `shop.example` itself). Ports are not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostPattern {
    /// This host.
    Exact(String),
    /// Every host under this domain.
    Under(String),
}

/// The text is no host pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a host such as shop.example or *.shop.example (no scheme, port or path; other scripts as xn--…)"
)]
pub struct NotAHost(String);

impl HostPattern {
    /// Whether a URL's host is meant, as URLs are normalised: lower case, other scripts as `xn--…`.
    pub fn matches(&self, host: &str) -> bool {
        match self {
            Self::Exact(wanted) => host == wanted,
            Self::Under(domain) => {
                host.strip_suffix(domain.as_str()).and_then(|sub| sub.strip_suffix('.')).is_some_and(is_name)
            }
        }
    }
}

impl FromStr for HostPattern {
    type Err = NotAHost;
    fn from_str(text: &str) -> Result<Self, NotAHost> {
        let wrong = || NotAHost(text.to_owned());
        let lower = text.to_ascii_lowercase();
        if let Some(literal) = lower.strip_prefix('[') {
            let ip: Ipv6Addr = literal.strip_suffix(']').and_then(|l| l.parse().ok()).ok_or_else(wrong)?;
            return Ok(Self::Exact(format!("[{ip}]")));
        }
        if let Some(domain) = lower.strip_prefix("*.") {
            // `*.com` would be no limit, and `*.0.113.7` part of an address.
            let ends_as_name =
                domain.rsplit('.').next().is_some_and(|l| l.bytes().any(|b| !b.is_ascii_digit()));
            if !is_name(domain) || !domain.contains('.') || !ends_as_name {
                return Err(wrong());
            }
            return Ok(Self::Under(domain.to_owned()));
        }
        if is_name(&lower) { Ok(Self::Exact(lower)) } else { Err(wrong()) }
    }
}

fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(host) => f.write_str(host),
            Self::Under(domain) => write!(f, "*.{domain}"),
        }
    }
}

impl Serialize for HostPattern {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HostPattern {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_is_everything_under_a_domain_and_nothing_else() {
        for (pattern, host, want) in [
            ("shop.example", "shop.example", true),
            ("Shop.Example", "shop.example", true),
            ("shop.example", "www.shop.example", false),
            ("shop.example", "shop.example.", false),
            ("*.shop.example", "pay.shop.example", true),
            ("*.shop.example", "a.b.shop.example", true),
            ("*.shop.example", "shop.example", false),
            ("*.shop.example", ".shop.example", false),
            ("*.shop.example", "evilshop.example", false),
            ("*.shop.example", "shop.example.evil.test", false),
            ("*.shop.example", "*.shop.example", false),
            ("203.0.113.7", "203.0.113.7", true),
            ("203.0.113.7", "203.0.113.70", false),
            ("[2001:DB8:0::7]", "[2001:db8::7]", true),
        ] {
            let parsed: HostPattern = pattern.parse().unwrap();
            assert_eq!(parsed.matches(host), want, "{pattern} {host}");
        }
    }

    #[test]
    fn what_is_no_host() {
        for bad in [
            "",
            "*",
            "*.",
            "*.com",
            "*.0.113.7",
            "a.*.example",
            "*.*.example.com",
            "https://shop.example",
            "shop.example:443",
            "shop.example/notify",
            "shop..example",
            "-shop.example",
            "shop.example.",
            "店.example",
            "shop example",
            "[2001:db8::7",
            "[shop.example]",
            "2001:db8::7",
        ] {
            assert_eq!(bad.parse::<HostPattern>(), Err(NotAHost(bad.to_owned())), "{bad}");
        }
    }
}
