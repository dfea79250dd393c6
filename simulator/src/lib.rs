//! Everything around a Sluice daemon that is not Sluice: payment providers on their real wire protocol with
//! faults on demand, a merchant, traffic, and the sandbox that starts it all beside a daemon.
//!
//! Nothing here is shared with the daemon: protocols and signatures are written a second time, from the
//! documents, so that two implementations have to agree.
//!
//! A reading order:
//! - [`provider`]: what gateways have in common (books, payer, teller, recipes, faults, limits); [`alipay`]: one gateway.
//! - [`simulator`]: the gateways under one address; [`control`]: what tests do to them.
//! - [`client`]: the merchant's side of Sluice's API; [`merchant`]: the sample merchant that is called back.
//! - [`traffic`]: merchants, their users and payers by themselves.
//! - [`sandbox`]: all of it with a daemon; [`stand`]: the same from a test; [`demo`]: the same as a show.

pub mod alipay;
pub mod cli;
pub mod client;
pub mod clock;
pub mod control;
pub mod demo;
pub mod keys;
pub mod merchant;
pub mod provider;
pub mod sandbox;
pub mod secret;
pub mod server;
pub mod simulator;
pub mod stand;
pub mod traffic;

use std::time::Duration;

/// An HTTP client for loopback: no proxy whatever the environment says, no redirects.
pub(crate) fn plain_http(timeout: Duration) -> reqwest::Client {
    #[expect(
        clippy::expect_used,
        reason = "building fails only if TLS cannot be set up, and no TLS is used here"
    )]
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(timeout)
        .tcp_nodelay(true)
        .build()
        .expect("an HTTP client without TLS settings")
}
