//! Users' states, set by operators.

use crate::signing::OrderType;

/// What an app's user may begin. Money under way settles in every state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UserState {
    /// Everything.
    #[default]
    Normal,
    /// No payments from the balance.
    NoPay,
    /// No payouts.
    NoWithdraw,
    /// Nothing new at all, neither out nor in.
    Frozen,
}

/// What a user does in a new order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserAct {
    /// Is credited by a recharge.
    Recharge,
    /// Is paid out.
    Withdraw,
    /// Pays a trade.
    Pay,
    /// Receives a trade.
    Receive,
}

impl UserState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Normal, Self::NoPay, Self::NoWithdraw, Self::Frozen];

    /// As in the database and in commands.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::NoPay => "no_pay",
            Self::NoWithdraw => "no_withdraw",
            Self::Frozen => "frozen",
        }
    }

    /// Reads the word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// Whether a user in this state may.
    pub const fn may(self, act: UserAct) -> bool {
        match self {
            Self::Normal => true,
            Self::NoPay => !matches!(act, UserAct::Pay),
            Self::NoWithdraw => !matches!(act, UserAct::Withdraw),
            Self::Frozen => false,
        }
    }
}

impl UserAct {
    /// What the user whose order it is does.
    pub const fn of(order_type: OrderType) -> Self {
        match order_type {
            OrderType::Recharge => Self::Recharge,
            OrderType::Withdraw => Self::Withdraw,
            OrderType::Trade => Self::Pay,
        }
    }

    /// The states in which it is not allowed.
    pub fn forbidden_in(self) -> impl Iterator<Item = UserState> {
        UserState::ALL.into_iter().filter(move |state| !state.may(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_what() {
        use UserAct::*;
        for (state, allowed) in [
            (UserState::Normal, vec![Recharge, Withdraw, Pay, Receive]),
            (UserState::NoPay, vec![Recharge, Withdraw, Receive]),
            (UserState::NoWithdraw, vec![Recharge, Pay, Receive]),
            (UserState::Frozen, vec![]),
        ] {
            for act in [Recharge, Withdraw, Pay, Receive] {
                assert_eq!(state.may(act), allowed.contains(&act), "{state:?} {act:?}");
                assert_eq!(act.forbidden_in().any(|s| s == state), !allowed.contains(&act));
            }
            assert_eq!(UserState::from_name(state.name()), Some(state));
        }
        assert_eq!(UserState::from_name("Normal"), None);
    }
}
