//! State machines: what every kind's has in common.

use std::fmt::Debug;

/// Where an order stands, by its own machine. The numbers are what merchants see.
pub trait State: Copy + Debug + Eq + Send + Sync + 'static {
    /// Every state, in the order of the numbers.
    const ALL: &'static [Self];

    /// The number that merchants see.
    fn number(self) -> u8;

    /// As in the order object's `state_name`.
    fn name(self) -> &'static str;

    /// In a sentence, for the documents.
    fn meaning(self) -> &'static str;

    /// Whether it still waits for its money to move.
    fn is_open(self) -> bool;

    /// The name of the event that tells of having reached it.
    fn event(self) -> &'static str;

    /// The state of a number.
    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|s| s.number() == number)
    }
}

/// What moves an order.
pub trait Trigger: Copy + Debug + Eq + Send + Sync + 'static {
    /// In words, for events and the diagram.
    fn name(self) -> &'static str;
}

/// One allowed step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition<S, T>(pub S, pub T, pub S);

/// The machine has no such step; whoever asked for it was late, or wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a {from} order takes no `{trigger}`")]
pub struct NoTransition {
    /// The state's name.
    pub from: &'static str,
    /// The trigger's name.
    pub trigger: &'static str,
}

/// Where a step leads.
///
/// # Errors
/// The table has no such step.
pub fn next<S: State, T: Trigger>(
    table: &[Transition<S, T>],
    from: S,
    trigger: T,
) -> Result<S, NoTransition> {
    table
        .iter()
        .find(|t| t.0 == from && t.1 == trigger)
        .map(|t| t.2)
        .ok_or(NoTransition { from: from.name(), trigger: trigger.name() })
}

/// Writes a kind's states and triggers with all that the documents and the database need.
macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $number:literal, $word:literal, $event:literal, $open:literal, $meaning:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $(#[doc = concat!($number, ": ", $meaning, ".")] $variant,)+
        }

        impl $crate::order::State for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];
            fn number(self) -> u8 {
                match self { $(Self::$variant => $number),+ }
            }
            fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
            fn event(self) -> &'static str {
                match self { $(Self::$variant => $event),+ }
            }
            fn is_open(self) -> bool {
                match self { $(Self::$variant => $open),+ }
            }
            fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),+ }
            }
        }
    };
}
pub(super) use states;

macro_rules! triggers {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal, $meaning:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = $meaning] $variant,)+
        }

        impl $crate::order::Trigger for $name {
            fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}
pub(super) use triggers;
