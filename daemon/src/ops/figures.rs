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
use crate::store::read::ledger::TrialSums;
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
    /// When the sums were taken.
    pub(super) at: Option<Timestamp>,
    /// One per currency.
    pub(super) sums: Vec<TrialSums>,
    pub(super) journals: i64,
    /// Since when debits do not equal credits.
    pub(super) off_since: Option<Timestamp>,
    /// When the whole ledger was proved.
    pub(super) proved_at: Option<Timestamp>,
    /// The first entry that breaks the books, by name.
    pub(super) violation: Option<String>,
}

impl LedgerLook {
    /// Currencies in which debits do not equal credits, with the difference.
    pub(super) fn off(&self) -> impl Iterator<Item = (&str, i64)> {
        let off = |s: &TrialSums| s.debit - s.credit;
        self.sums.iter().filter(move |s| off(s) != 0).map(move |s| (s.currency.as_str(), off(s)))
    }
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
                if let Err(error) = self.sum(&d).await {
                    tracing::warn!(%error, "the ledger can't be summed");
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

    /// Takes the ledger's sums; where they are off, proves it, so that the entry that breaks it is named.
    async fn sum(&self, d: &Daemon) -> Result<(), StoreError> {
        let (sums, journals) = d.store.trial_sums().await?;
        let now = clock::now();
        let (is_off, is_named) = {
            let mut look = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
            (look.at, look.sums, look.journals) = (Some(now), sums, journals);
            let is_off = look.off().next().is_some();
            look.off_since = if is_off { look.off_since.or(Some(now)) } else { None };
            (is_off, look.violation.is_some())
        };
        if is_off {
            tracing::error!("the trial balance is not zero; run: sluiced ledger check");
            if !is_named {
                self.prove(d).await?;
            }
        }
        Ok(())
    }

    /// Proves the whole ledger now, and takes its sums anew.
    pub(super) async fn prove(&self, d: &Daemon) -> Result<(), StoreError> {
        let proof = d.store.prove_ledger().await?;
        let (sums, _) = d.store.trial_sums().await?;
        let now = clock::now();
        let mut look = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        (look.at, look.sums, look.journals) = (Some(now), sums, proof.journals);
        look.proved_at = Some(now);
        look.violation = proof.faults.into_iter().next();
        // It may name a user: not for the log.
        if look.violation.is_some() {
            tracing::error!("the books do not hold; run: sluiced ledger check");
        }
        Ok(())
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
