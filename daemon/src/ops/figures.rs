//! The figures of the first screen, kept so that looking costs little: what happens is counted as it happens, the
//! ledger is summed now and then, what stands open is read at most twice a second however many look.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sluice_core::time::Timestamp;

use super::callbacks::stuck_before;
use super::rates::{Rates, SLOT_MILLIS};
use crate::clock;
use crate::daemon::Daemon;
use crate::order::view::limbo_bounds;
use crate::store::StoreError;
use crate::store::read::standing::Standing;

/// How often events are counted.
const TICK: Duration = Duration::from_secs(1);

/// How often the ledger's accounts are summed.
const TRIAL_BALANCE_EVERY: Duration = Duration::from_secs(30);

/// For how long what stands open is not read again.
const FRESH: Duration = Duration::from_millis(500);

/// Events that are counted at the start. Where an hour had more, its success ratio begins with less.
const LOOK_BACK: i64 = 200_000;

#[derive(Default)]
pub(super) struct Figures {
    rates: Mutex<Rates>,
    ledger: Mutex<LedgerLook>,
    /// Locked while it is read, so that many who look at once cause one reading.
    standing: tokio::sync::Mutex<Option<(Instant, Arc<Standing>)>>,
}

/// What the last look at the ledger found.
#[derive(Clone, Debug, Default)]
pub(super) struct LedgerLook {
    /// Currencies that do not sum to zero, with the difference.
    pub(super) off: Vec<(String, i64)>,
    /// Since when that is so.
    pub(super) off_since: Option<Timestamp>,
}

impl Figures {
    /// Counts until the daemon stops.
    pub(super) async fn follow(self: Arc<Self>, d: Arc<Daemon>) {
        let (mut counted, mut summed) = (None, None::<Instant>);
        loop {
            match self.count(&d, counted).await {
                Ok(upto) => counted = Some(upto),
                Err(error) => tracing::warn!(%error, "events can't be counted"),
            }
            if summed.is_none_or(|at| at.elapsed() >= TRIAL_BALANCE_EVERY) {
                match d.store.trial_balance_off().await {
                    Ok(off) => self.note_ledger(off),
                    Err(error) => tracing::warn!(%error, "the ledger can't be summed"),
                }
                summed = Some(Instant::now());
            }
            tokio::select! {
                () = tokio::time::sleep(TICK) => {}
                () = d.stopping.cancelled() => return,
            }
        }
    }

    /// Counts the events after `counted`; the number up to which it is done.
    async fn count(&self, d: &Daemon, counted: Option<i64>) -> Result<i64, StoreError> {
        let (newest, _) = d.store.newest_event().await?;
        let after = counted.unwrap_or(0).max(newest - LOOK_BACK);
        let steps = d.store.order_steps(after, newest, SLOT_MILLIS).await?;
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        for step in steps {
            rates.add(step.slot, &step.kind, step.count);
        }
        Ok(newest)
    }

    fn note_ledger(&self, off: Vec<(String, i64)>) {
        let mut look = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        if !off.is_empty() {
            tracing::error!(?off, "the trial balance is not zero; run: sluiced ledger check");
        }
        look.off_since = if off.is_empty() { None } else { look.off_since.or(Some(clock::now())) };
        look.off = off;
    }

    /// What is made of the rates, without waiting.
    pub(super) fn with_rates<T>(&self, look: impl FnOnce(&Rates) -> T) -> T {
        look(&self.rates.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the last look at the ledger found.
    pub(super) fn ledger(&self) -> LedgerLook {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What stands open, not older than [`FRESH`].
    pub(super) async fn standing(&self, d: &Daemon) -> Result<Arc<Standing>, StoreError> {
        let mut kept = self.standing.lock().await;
        if let Some((at, standing)) = &*kept
            && at.elapsed() < FRESH
        {
            return Ok(standing.clone());
        }
        let now = clock::now();
        let standing = Arc::new(d.store.standing(now, &limbo_bounds(d, now), stuck_before(d, now)).await?);
        *kept = Some((Instant::now(), standing.clone()));
        Ok(standing)
    }
}
