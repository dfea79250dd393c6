//! Where a request came from, seen through proxies.

use std::net::{IpAddr, SocketAddr};

use super::network::Network;

/// The client's address. `peer` is who is connected to us; `forwarded` are the addresses of `X-Forwarded-For`, in the
/// order of the header. Each proxy adds the address that it was called from at the right, so what the proxies that we
/// trust have added is read from there; the first address that is no such proxy is the client, and what stands left of it
/// is only its word. Without trusted proxies the header says nothing.
pub fn client_address<'a>(
    peer: IpAddr,
    forwarded: impl DoubleEndedIterator<Item = &'a str>,
    trusted: &[Network],
) -> IpAddr {
    let is_proxy = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    for hop in forwarded.rev() {
        if !is_proxy(client) {
            break;
        }
        // A hop that is no address hides the client: the proxy that wrote it is all that is known.
        let Some(address) = address_of(hop.trim()) else { break };
        client = address.to_canonical();
    }
    client
}

/// Some proxies add the port.
fn address_of(hop: &str) -> Option<IpAddr> {
    hop.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|with_port| with_port.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_trusted_proxies_say_counts() {
        let proxies = ["10.0.0.0/8", "2001:db8::/32"];
        for (trusted, peer, forwarded, want) in [
            (&proxies[..], "198.51.100.1", "203.0.113.7", "198.51.100.1"),
            (&[][..], "10.0.0.1", "203.0.113.7", "10.0.0.1"),
            (&proxies[..], "10.0.0.1", "203.0.113.7", "203.0.113.7"),
            (&proxies[..], "::ffff:10.0.0.1", "203.0.113.7", "203.0.113.7"),
            (&proxies[..], "10.0.0.1", "192.0.2.66, 203.0.113.7", "203.0.113.7"),
            (&proxies[..], "10.0.0.1", "203.0.113.7, 10.0.0.2", "203.0.113.7"),
            (&proxies[..], "10.0.0.1", "192.0.2.66,203.0.113.7 ,10.0.0.2", "203.0.113.7"),
            (&proxies[..], "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
            (&proxies[..], "10.0.0.1", "203.0.113.7:4711", "203.0.113.7"),
            (&proxies[..], "2001:db8::1", "[2001:db9::7]:4711", "2001:db9::7"),
            (&proxies[..], "10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
            (&proxies[..], "10.0.0.1", "203.0.113.7, unknown", "10.0.0.1"),
            (&proxies[..], "10.0.0.1", "203.0.113.7, unknown, 10.0.0.2", "10.0.0.2"),
            (&proxies[..], "10.0.0.1", "", "10.0.0.1"),
        ] {
            let trusted: Vec<Network> = trusted.iter().map(|n| n.parse().unwrap()).collect();
            let got = client_address(peer.parse().unwrap(), forwarded.split(','), &trusted);
            assert_eq!(got.to_string(), want, "{peer} {forwarded}");
        }
    }
}
