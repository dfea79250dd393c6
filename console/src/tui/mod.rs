//! The screens' logic. [`state`] is what is known, [`update`](mod@update) changes it and returns effects, [`keymap`]
//! says what keys mean; [`run`](mod@run) loops, [`perform`] does the effects, [`terminal`] owns the screen. Drawing is
//! in [`crate::view`].

pub mod effect;
pub mod idle;
pub mod input;
pub mod key;
pub mod keymap;
pub mod pace;
pub mod perform;
pub mod run;
pub mod state;
pub mod terminal;
pub mod update;

use std::io;

use crossterm::event::EventStream;
use futures_util::StreamExt as _;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::cli;
use crate::client::{Client, watch};
use crate::config::Settings;
use crate::exit::{Exit, Failure};
use crate::text::time::Clock;
use crate::view::theme::Theme;
use idle::IdleFile;
use run::{Ended, Setting, Signal, Sources};
use state::{Profile, State};
use terminal::{Guard, Screen as _};

/// How many frames of the feed may wait before the connection task waits for us.
const FEED_BUFFER: usize = 1024;
/// How many orders the whole state brings.
const SNAPSHOT: u32 = 500;

/// Opens the screens on this terminal and runs until the operator leaves.
///
/// # Errors
/// There is no token, or the terminal cannot be used.
pub async fn open(settings: &Settings) -> Result<Ended, Failure> {
    let client = Client::new(&settings.target)?;
    let env = |name: &str| std::env::var(name).ok();
    let theme = Theme::from_env(settings.charset, env);
    let profile = Profile {
        name: settings.profile.clone().unwrap_or_else(|| client.address.clone()),
        colour: settings.colour,
        read_only: settings.read_only,
    };
    let mut state = State::new(profile, Clock::system(), cli::request_id(), cli::now());
    let (sender, feed) = mpsc::channel(FEED_BUFFER);
    let watching = tokio::spawn(watch::follow(client.clone(), SNAPSHOT, sender));
    let idle = IdleFile::new(std::env::var_os("SLUICE_IDLE_FILE").map(Into::into));
    let ended = on_terminal(&mut state, feed, Setting { work: client, theme, idle }).await;
    watching.abort();
    ended.map_err(|e| Failure::new(Exit::Unexpected, format!("the terminal cannot be used: {e}")))
}

async fn on_terminal(
    state: &mut State,
    feed: mpsc::Receiver<watch::Feed>,
    setting: Setting<Client>,
) -> io::Result<Ended> {
    let signals = signals()?;
    terminal::restore_on_panic();
    let _guard = Guard;
    let mut backend = CrosstermBackend::new(io::stdout());
    backend.enter()?;
    let mut terminal = Terminal::new(backend)?;
    terminal.clear()?;
    let input = EventStream::new().filter_map(|event| async {
        match event {
            Ok(event) => input::message(event).map(Ok),
            Err(e) => Some(Err(e)),
        }
    });
    let sources = Sources { input: Box::pin(input), signals, feed, now: cli::now };
    run::run(state, &mut terminal, sources, setting).await
}

/// The signals that end us, and the one that continues us, in one stream.
fn signals() -> io::Result<ReceiverStream<Signal>> {
    let (sender, receiver) = mpsc::channel(8);
    let all = [
        (SignalKind::terminate(), None),
        (SignalKind::hangup(), None),
        (SignalKind::interrupt(), None),
        (SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()), Some(Signal::Continued)),
    ];
    for (kind, meaning) in all {
        let mut stream = signal(kind)?;
        let sender = sender.clone();
        let meaning = meaning.unwrap_or(Signal::End(kind.as_raw_value()));
        tokio::spawn(async move {
            while stream.recv().await.is_some() {
                if sender.send(meaning).await.is_err() {
                    break;
                }
            }
        });
    }
    Ok(ReceiverStream::new(receiver))
}
