//! Many small scenarios on one sandbox: each is named, all run, and all that failed are listed.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use futures_util::StreamExt as _;
use sluice_sim::stand::Stand;
use tokio::task::{LocalSet, spawn_local};

use super::measured;

type Running = Pin<Box<dyn Future<Output = ()>>>;

/// What happens, and how it is played.
pub(crate) struct Scenario {
    name: &'static str,
    play: Box<dyn Fn(Arc<Stand>) -> Running>,
}

/// A scenario from an async function that takes the sandbox.
pub(crate) fn scenario<F>(name: &'static str, play: impl Fn(Arc<Stand>) -> F + 'static) -> Scenario
where
    F: Future<Output = ()> + 'static,
{
    Scenario { name, play: Box::new(move |stand| Box::pin(play(stand))) }
}

/// Plays all, so many at once. One at a time where they change what all share, such as the faults.
pub(crate) async fn play(stand: Stand, at_once: usize, scenarios: Vec<Scenario>) {
    let (stand, began, count) = (Arc::new(stand), Instant::now(), scenarios.len());
    let played = futures_util::stream::iter(scenarios).map(|scenario| {
        let stand = stand.clone();
        // A task of its own: one that panics does not end the others.
        async move { spawn_local((scenario.play)(stand)).await.err().map(|error| (scenario.name, error)) }
    });
    let all = played.buffer_unordered(at_once).filter_map(std::future::ready).collect();
    let failed: Vec<_> = LocalSet::new().run_until(all).await;
    for (name, error) in failed.iter() {
        measured(format!("FAILED {name}: {error}"));
    }
    let names: Vec<_> = failed.iter().map(|(name, _)| *name).collect();
    assert!(names.is_empty(), "{} of {count} scenarios failed: {names:?}", names.len());
    super::assert_no_panic(&stand);
    measured(format!("{count} scenarios held, {:.1} s", began.elapsed().as_secs_f32()));
}
