//! Why a decision is not possible.

use super::machine::NoTransition;

/// Why a decision is not possible; changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The amount does not cover our fee.
    #[error("the amount is below the fee")]
    AmountBelowFee,
    /// The order is paid already.
    #[error("the order is paid")]
    OrderPaid,
    /// A payment of it waits for a person's decision.
    #[error("a payment of the order waits in suspense")]
    MoneyInSuspense,
    /// More would be refunded than was paid.
    #[error("more would be refunded than was paid")]
    RefundExceeds,
    /// More would be captured than was authorised.
    #[error("more would be captured than was authorised")]
    CaptureExceeds,
    /// The payout may be on its way already.
    #[error("the payout may be on its way")]
    MayBeSent,
    /// Only what is unknown can be resolved by people.
    #[error("the order's outcome is known; there is nothing to resolve")]
    NothingToResolve,
    /// The order is of another kind.
    #[error("the order is of another kind")]
    AnotherKind,
    /// The order is not in a state for it.
    #[error("the order is {0}")]
    WrongState(&'static str),
    /// Nothing is in suspense under this key, or it was decided.
    #[error("no such money is in suspense")]
    NotInSuspense,
    /// The state machine has no such step from here.
    #[error(transparent)]
    NoTransition(#[from] NoTransition),
}
