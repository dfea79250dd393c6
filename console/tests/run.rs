//! The run loop with a terminal in memory: keys while nothing answers, signals, the idle marker.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "common/sample/mod.rs"]
#[expect(dead_code, reason = "the snapshots show more of it")]
mod sample;

use std::io;
use std::path::Path;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use sluice::client::watch::Feed;
use sluice::text::sanitize::Charset;
use sluice::tui::effect::{Act, Ask, Loaded, Msg};
use sluice::tui::idle::IdleFile;
use sluice::tui::key::{Code, Key};
use sluice::tui::perform::Work;
use sluice::tui::run::{Ended, Setting, Signal, Sources, run};
use sluice::tui::state::{State, View};
use sluice::view::theme::{Depth, Theme};
use tokio::sync::mpsc::{self, Sender, UnboundedSender};
use tokio_stream::wrappers::ReceiverStream;

/// A daemon that answers about orders, and about nothing else, ever.
struct Slow;

impl Work for Slow {
    fn ask(&self, ask: Ask, answers: UnboundedSender<Msg>) {
        if matches!(ask, Ask::Order(_)) {
            answers.send(Msg::Loaded(ask, Ok(Loaded::Order(Box::new(sample::detail()))))).unwrap();
        }
    }

    fn act(&self, _: Act, _: UnboundedSender<Msg>) {}
}

/// A daemon that answers at once.
struct Prompt;

impl Work for Prompt {
    fn ask(&self, ask: Ask, answers: UnboundedSender<Msg>) {
        let loaded = match &ask {
            Ask::Overview => Loaded::Overview(Box::new(sample::overview())),
            Ask::Callbacks => Loaded::Callbacks(sample::callbacks()),
            Ask::Channels => Loaded::Channels(sample::channels()),
            Ask::Apps => Loaded::Apps(sample::apps()),
            Ask::Audit => Loaded::Audit(sample::audit()),
            _ => Loaded::Orders(sample::limbo()),
        };
        answers.send(Msg::Loaded(ask, Ok(loaded))).unwrap();
    }

    fn act(&self, _: Act, _: UnboundedSender<Msg>) {}
}

struct Console {
    state: State,
    terminal: Terminal<TestBackend>,
    keys: Sender<io::Result<Msg>>,
    signals: Sender<Signal>,
    feed: Sender<Feed>,
    sources: Option<Sources<ReceiverStream<io::Result<Msg>>, ReceiverStream<Signal>>>,
}

impl Console {
    fn new() -> Self {
        let (keys, input) = mpsc::channel(64);
        let (signals, signal) = mpsc::channel(8);
        let (feed, frames) = mpsc::channel(64);
        let sources = Sources {
            input: ReceiverStream::new(input),
            signals: ReceiverStream::new(signal),
            feed: frames,
            now: || sample::NOW,
        };
        let terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        Self { state: sample::state((80, 24)), terminal, keys, signals, feed, sources: Some(sources) }
    }

    async fn press(&self, keys: &str) {
        for c in keys.chars() {
            let code = if c == '⏎' { Code::Enter } else { Code::Char(c) };
            self.keys.send(Ok(Msg::Key(Key::plain(code)))).await.unwrap();
        }
    }

    async fn run<W: Work>(&mut self, work: W, idle: Option<&Path>) -> Ended {
        let theme = Theme { depth: Depth::None, charset: Charset::Utf8 };
        let setting = Setting { work, theme, idle: IdleFile::new(idle.map(Into::into)) };
        let sources = self.sources.take().unwrap();
        let running = run(&mut self.state, &mut self.terminal, sources, setting);
        tokio::time::timeout(Duration::from_secs(20), running).await.expect("the loop hangs").unwrap()
    }

    fn screen(&self) -> String {
        self.terminal.backend().to_string()
    }
}

#[tokio::test]
async fn keys_never_wait_for_the_network() {
    let mut console = Console::new();
    console.press("3rj4567⏎").await;
    let keys = console.keys.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        keys.send(Ok(Msg::Key(Key::plain(Code::Char('q'))))).await.unwrap();
    });
    assert_eq!(console.run(Slow, None).await, Ended::Quit);
    assert_eq!((console.state.view, console.state.layers.len()), (View::Audit, 1));
    assert!(console.screen().contains("Audit #418"), "{}", console.screen());
}

#[tokio::test]
async fn a_signal_ends_it() {
    let mut console = Console::new();
    console.signals.send(Signal::End(15)).await.unwrap();
    assert_eq!(console.run(Slow, None).await, Ended::Signal(15));
}

#[tokio::test]
async fn after_a_stop_everything_is_drawn_again() {
    let mut console = Console::new();
    let (signals, keys) = (console.signals.clone(), console.keys.clone());
    tokio::spawn(async move {
        keys.send(Ok(Msg::Key(Key::ctrl('z')))).await.unwrap();
        signals.send(Signal::Continued).await.unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
        keys.send(Ok(Msg::Key(Key::plain(Code::Char('q'))))).await.unwrap();
    });
    assert_eq!(console.run(Slow, None).await, Ended::Quit);
    assert!(console.screen().contains("SLUICE"));
}

#[tokio::test]
async fn the_idle_file_says_when_all_keys_are_drawn_and_answered() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("idle");
    let mut console = Console::new();
    console.press("23").await;
    console.feed.send(Feed::Heartbeat { now_ms: sample::NOW.millis() }).await.unwrap();
    let (keys, file) = (console.keys.clone(), path.clone());
    tokio::spawn(async move {
        let handled = |n: &str| {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            text.split_whitespace().nth(1) == Some(n)
        };
        while !handled("2") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        keys.send(Ok(Msg::Key(Key::plain(Code::Char('q'))))).await.unwrap();
    });
    assert_eq!(console.run(Prompt, Some(&path)).await, Ended::Quit);
    assert!(console.screen().contains("Limbo   3,708.88 CNY at risk"), "{}", console.screen());
}

#[tokio::test]
async fn it_is_not_idle_while_an_answer_is_awaited() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("idle");
    let mut console = Console::new();
    console.press("3r").await;
    let signals = console.signals.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(400)).await;
        signals.send(Signal::End(15)).await.unwrap();
    });
    console.run(Slow, Some(&path)).await;
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    assert_ne!(text.split_whitespace().nth(1), Some("2"), "{text:?}");
}
