//! Networks that requests come from.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A network such as `203.0.113.0/24` or `2001:db8::/32`; a single address is one of its own. An IPv4 address that came
/// in IPv6 form (`::ffff:203.0.113.7`) is taken as IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network(IpNet);

/// Why a text is no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotANetwork {
    /// Neither an address nor a network.
    #[error("`{0}` is not a network such as 203.0.113.0/24 or 2001:db8::/32")]
    Malformed(String),
    /// It could be meant wider or narrower than it reads.
    #[error("`{given}` names an address inside of {network}; write one or the other")]
    HostBits {
        /// As written.
        given: String,
        /// The network with this prefix.
        network: String,
    },
    /// It could never match.
    #[error("`{0}` is IPv4 in IPv6 form; write it as IPv4")]
    MappedV4(String),
}

impl Network {
    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// The network that shares one rate limit with an address: /24 of IPv4, /64 of IPv6, which is what one customer of a
    /// provider commonly has.
    pub fn around(address: IpAddr) -> Self {
        let address = address.to_canonical();
        let network = match address {
            IpAddr::V4(v4) => Ipv4Net::new(v4, 24).map(IpNet::from),
            IpAddr::V6(v6) => Ipv6Net::new(v6, 64).map(IpNet::from),
        };
        Self(network.map_or(IpNet::from(address), |network| network.trunc()))
    }
}

impl FromStr for Network {
    type Err = NotANetwork;
    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let single = text.parse::<IpAddr>().map(IpNet::from);
        let network: IpNet =
            single.or_else(|_| text.parse()).map_err(|_| NotANetwork::Malformed(text.to_owned()))?;
        if matches!(network.addr(), IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some()) {
            return Err(NotANetwork::MappedV4(text.to_owned()));
        }
        if network.trunc() != network {
            let network = network.trunc().to_string();
            return Err(NotANetwork::HostBits { given: text.to_owned(), network });
        }
        Ok(Self(network))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_and_out() {
        for (network, address, want) in [
            ("203.0.113.0/24", "203.0.113.0", true),
            ("203.0.113.0/24", "203.0.113.255", true),
            ("203.0.113.0/24", "203.0.114.0", false),
            ("203.0.113.0/24", "203.0.112.255", false),
            ("203.0.113.7", "203.0.113.7", true),
            ("203.0.113.7", "203.0.113.8", false),
            ("203.0.113.0/24", "::ffff:203.0.113.9", true),
            ("0.0.0.0/0", "198.51.100.1", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::", false),
            ("::/0", "203.0.113.7", false),
        ] {
            let parsed: Network = network.parse().unwrap();
            assert_eq!(parsed.contains(address.parse().unwrap()), want, "{network} {address}");
        }
    }

    #[test]
    fn what_is_no_network() {
        for bad in [
            "",
            "203.0.113.0/33",
            "203.0.113/24",
            "203.0.113.7/24",
            "2001:db8::1/64",
            "::ffff:203.0.113.0/120",
            "shop",
        ] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
        let narrower = "203.0.113.7/24".parse::<Network>().unwrap_err().to_string();
        assert!(narrower.contains("203.0.113.0/24"), "{narrower}");
    }

    #[test]
    fn neighbours_share_a_network() {
        for (address, network) in [
            ("203.0.113.7", "203.0.113.0/24"),
            ("::ffff:203.0.113.7", "203.0.113.0/24"),
            ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ] {
            assert_eq!(Network::around(address.parse().unwrap()).to_string(), network);
        }
    }
}
