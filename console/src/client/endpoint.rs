//! Where the daemon listens: `unix:PATH`, `http://` on loopback, or `https://`.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use tonic::transport::Uri;

/// The address of a daemon's ops API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A Unix socket.
    Unix(PathBuf),
    /// Plain HTTP/2, on this machine only.
    Loopback(Uri),
    /// HTTP/2 over TLS.
    Tls(Uri),
}

/// Why a text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadAddress {
    /// No scheme that we know.
    Unknown,
    /// Plaintext would leave the machine.
    PlaintextOffLoopback,
    /// A socket's path is missing.
    NoPath,
}

impl fmt::Display for BadAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "expected unix:PATH, http://127.0.0.1:PORT or https://HOST:PORT",
            Self::PlaintextOffLoopback => {
                "http:// is for loopback addresses only, the token would be readable: use https://"
            }
            Self::NoPath => "unix: needs the path of a socket",
        })
    }
}

impl std::error::Error for BadAddress {}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let text = text.trim();
        if let Some(path) = text.strip_prefix("unix:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return if path.is_empty() { Err(BadAddress::NoPath) } else { Ok(Self::Unix(path.into())) };
        }
        let uri: Uri = text.trim_end_matches('/').parse().map_err(|_| BadAddress::Unknown)?;
        let host = uri.host().filter(|h| !h.is_empty()).ok_or(BadAddress::Unknown)?;
        match uri.scheme_str() {
            Some("https") => Ok(Self::Tls(uri)),
            Some("http") if is_loopback(host) => Ok(Self::Loopback(uri)),
            Some("http") => Err(BadAddress::PlaintextOffLoopback),
            _ => Err(BadAddress::Unknown),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            // A URI without a path displays a slash that nobody wrote.
            Self::Loopback(uri) | Self::Tls(uri) => f.write_str(uri.to_string().trim_end_matches('/')),
        }
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, want) in [
            ("unix:/run/sluice/ops.sock", Ok("unix:/run/sluice/ops.sock")),
            ("unix:///run/sluice/ops.sock", Ok("unix:/run/sluice/ops.sock")),
            ("http://127.0.0.1:9443/", Ok("http://127.0.0.1:9443")),
            ("http://[::1]:9443", Ok("http://[::1]:9443")),
            ("http://localhost:9443", Ok("http://localhost:9443")),
            (" https://ops.example:9443\n", Ok("https://ops.example:9443")),
            ("http://10.0.0.7:9443", Err(BadAddress::PlaintextOffLoopback)),
            ("http://ops.example", Err(BadAddress::PlaintextOffLoopback)),
            ("http://127.0.0.1.evil.example", Err(BadAddress::PlaintextOffLoopback)),
            ("unix:", Err(BadAddress::NoPath)),
            ("ftp://127.0.0.1", Err(BadAddress::Unknown)),
            ("127.0.0.1:9443", Err(BadAddress::Unknown)),
            ("", Err(BadAddress::Unknown)),
        ] {
            let got = text.parse::<Address>().map(|a| a.to_string());
            assert_eq!(got, want.map(str::to_owned), "{text:?}");
        }
    }
}
