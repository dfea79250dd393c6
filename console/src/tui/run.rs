//! The loop: wait for one message, update, start the effects, draw when there is something new and the pace allows.
//! Nothing in it ever waits for the network.

use std::io;
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use ratatui::Terminal;
use sluice_core::time::Timestamp;
use tokio::sync::mpsc::{self, Receiver, UnboundedReceiver, UnboundedSender};
use tokio::time::{Instant, MissedTickBehavior};

use super::effect::{Effect, Msg};
use super::idle::IdleFile;
use super::pace::Pace;
use super::perform::Work;
use super::state::State;
use super::terminal::Screen;
use super::update::update;
use crate::client::watch::Feed;
use crate::view;
use crate::view::theme::Theme;

/// How long a stop that the system refuses (no shell to come back from) is waited for.
const STOP_WAIT: Duration = Duration::from_millis(200);

/// What the operating system says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// End; the number of the signal.
    End(i32),
    /// The shell continued us.
    Continued,
}

/// How the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The operator left.
    Quit,
    /// A signal ended it.
    Signal(i32),
}

/// Where messages come from.
#[derive(Debug)]
pub struct Sources<I, S> {
    /// Keys, pastes, resizes.
    pub input: I,
    /// Signals.
    pub signals: S,
    /// The live feed.
    pub feed: Receiver<Feed>,
    /// This machine's time.
    pub now: fn() -> Timestamp,
}

/// Everything that stays the same while the loop runs.
#[derive(Debug)]
pub struct Setting<W> {
    /// Who does the effects.
    pub work: W,
    /// How things look.
    pub theme: Theme,
    /// The testing aid.
    pub idle: IdleFile,
}

/// Runs until the operator leaves or a signal ends it.
///
/// # Errors
/// The terminal is gone.
pub async fn run<B, W, I, S>(
    state: &mut State,
    terminal: &mut Terminal<B>,
    mut sources: Sources<I, S>,
    mut setting: Setting<W>,
) -> io::Result<Ended>
where
    B: Screen,
    W: Work,
    I: Stream<Item = io::Result<Msg>> + Unpin,
    S: Stream<Item = Signal> + Unpin,
{
    let (sender, mut answers): (UnboundedSender<Msg>, UnboundedReceiver<Msg>) = mpsc::unbounded_channel();
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut pace = Pace::default();
    let mut drawing = Drawing { dirty: true, urgent: true, marked: false };
    let mut under_way: usize = 0;
    loop {
        let now = Instant::now();
        let next_draw = pace.next(drawing.urgent, now);
        if drawing.dirty && next_draw <= now {
            draw(terminal, state, setting.theme)?;
            pace.drawn(Instant::now());
            drawing = Drawing { dirty: false, urgent: false, marked: false };
        }
        let quiet = !drawing.dirty && !drawing.marked && under_way == 0;
        // In this order: keys before answers before the feed, and only when nothing waits is it quiet.
        let msg = tokio::select! {
            biased;
            Some(signal) = sources.signals.next() => match signal {
                Signal::End(number) => return Ok(Ended::Signal(number)),
                Signal::Continued => {
                    resume(terminal)?;
                    drawing = Drawing { dirty: true, urgent: true, marked: false };
                    continue;
                }
            },
            input = sources.input.next() => match input {
                Some(msg) => {
                    drawing.urgent = true;
                    msg?
                }
                // The terminal is closed.
                None => return Ok(Ended::Quit),
            },
            Some(answer) = answers.recv() => {
                under_way = under_way.saturating_sub(1);
                answer
            }
            _ = tick.tick() => Msg::Tick,
            Some(feed) = sources.feed.recv() => Msg::Feed(feed),
            () = tokio::time::sleep_until(next_draw), if drawing.dirty => continue,
            () = std::future::ready(()), if quiet => {
                setting.idle.mark();
                drawing.marked = true;
                continue;
            }
        };
        if matches!(msg, Msg::Key(_) | Msg::Paste(_)) {
            setting.idle.key();
        }
        drawing.dirty = true;
        for effect in update(state, (sources.now)(), msg) {
            match effect {
                Effect::Ask(ask) => {
                    under_way += 1;
                    setting.work.ask(ask, sender.clone());
                }
                Effect::Act(act) => {
                    under_way += 1;
                    setting.work.act(act, sender.clone());
                }
                Effect::Copy(secret) => terminal.backend_mut().copy(secret.expose())?,
                Effect::Repaint => clear(terminal)?,
                Effect::Suspend => suspend(terminal, &mut sources.signals).await?,
                Effect::Quit => return Ok(Ended::Quit),
            }
        }
    }
}

/// What is to be drawn.
#[derive(Clone, Copy, Debug)]
struct Drawing {
    dirty: bool,
    urgent: bool,
    /// The idle marker was set since the last draw.
    marked: bool,
}

fn draw<B: Screen>(terminal: &mut Terminal<B>, state: &mut State, theme: Theme) -> io::Result<()> {
    terminal.backend_mut().begin_frame()?;
    let drawn = terminal.draw(|frame| view::draw(frame.buffer_mut(), state, theme));
    let size = drawn.map(|frame| (frame.area.width, frame.area.height)).map_err(broken);
    terminal.backend_mut().end_frame()?;
    state.size = size?;
    Ok(())
}

async fn suspend<B: Screen>(
    terminal: &mut Terminal<B>,
    signals: &mut (impl Stream<Item = Signal> + Unpin),
) -> io::Result<()> {
    terminal.backend_mut().leave()?;
    terminal.backend_mut().stop()?;
    // The stop may reach us a moment after the call; the shell's continue ends the wait.
    tokio::select! {
        _ = signals.next() => {}
        () = tokio::time::sleep(STOP_WAIT) => {}
    }
    resume(terminal)
}

fn resume<B: Screen>(terminal: &mut Terminal<B>) -> io::Result<()> {
    terminal.backend_mut().enter()?;
    clear(terminal)
}

/// The next draw sends every cell.
fn clear<B: Screen>(terminal: &mut Terminal<B>) -> io::Result<()> {
    terminal.clear().map_err(broken)
}

fn broken(error: impl std::error::Error) -> io::Error {
    io::Error::other(error.to_string())
}
