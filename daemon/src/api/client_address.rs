//! Where a request came from: the peer, or whom the proxies in front that we trust name.

use std::net::IpAddr;

use http::HeaderMap;
use sluice_core::risk::{Network, client_address};

/// The client's address.
pub(super) fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    // Several headers are one list. What is no text is no address either.
    let values = headers.get_all("x-forwarded-for").iter();
    let hops = values.flat_map(|value| value.to_str().unwrap_or("?").split(','));
    client_address(peer, hops, trusted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn several_headers_are_one_list() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let cases: [(&[&[u8]], &str); 4] = [
            (&[], "10.0.0.1"),
            (&[b"192.0.2.66", b"203.0.113.7, 10.0.0.2"], "203.0.113.7"),
            (&[b"203.0.113.7", b"10.0.0.3"], "203.0.113.7"),
            (&[b"203.0.113.7", b"\xff"], "10.0.0.1"),
        ];
        for (headers, want) in cases {
            let mut map = HeaderMap::new();
            for value in headers {
                map.append("x-forwarded-for", HeaderValue::from_bytes(value).unwrap());
            }
            let got = of("10.0.0.1".parse().unwrap(), &map, &trusted);
            assert_eq!(got.to_string(), want, "{map:?}");
        }
    }
}
