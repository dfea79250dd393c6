//! The Sluice operations console: a terminal UI and the same acts as commands, over `sluice.ops.v1`.
//!
//! Reading order: [`config`] says which daemon; [`client`] reaches it, and its [`client::watch`] is the live feed.
//! [`cli`] has the commands, one file per noun. [`tui`] is the screens' logic (state, a pure update, effects), [`view`]
//! draws the state, one file per view. [`text`] makes foreign text, widths, times and money fit for a screen.
//! [`exit`] is how all of it ends.
//!
//! The console keeps no truth of its own: it shows what the daemon says and asks it to act.

pub mod cli;
pub mod client;
pub mod config;
pub mod exit;
pub mod text;
pub mod tui;
pub mod view;
