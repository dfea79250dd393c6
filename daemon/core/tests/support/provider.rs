//! A provider with books of its own: it takes payments, pays out and gives back, and tells the truth late, twice or out of
//! order, while its answers get lost or lie.

use std::collections::BTreeMap;

use sluice_core::observation::{Observation, Presence, Trouble};
use sluice_core::order::disbursement::Disbursed;
use sluice_core::order::recharge::Submission;
use sluice_core::order::{Attempt, Refund};
use sluice_core::time::Timestamp;

use super::{cny, recharge, seen, unknown};

/// What it charges us for a payout: 1 %, half-up. It may say so, or not.
pub const PAYOUT_FEE_PPM: i64 = 10_000;

fn payout_fee(minor: i64) -> i64 {
    (minor + 50) / 100
}

/// Numbers from a seed.
#[derive(Clone, Debug)]
pub struct Dice(pub u64);

impl Dice {
    /// One of `0..sides` (splitmix64).
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}

struct Payment {
    minor: i64,
    closed: bool,
    /// What was paid, with the provider's number: the first is what a query tells of.
    paid: Vec<(i64, String)>,
    given_back: i64,
}

/// Money on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Out {
    Dealing,
    Done,
    Failed,
    Returned,
}

struct Outgoing {
    minor: i64,
    is_payout: bool,
    state: Out,
    /// The payment that is given back.
    of: Option<String>,
}

#[derive(Default)]
pub struct Provider {
    /// What it holds for us.
    pub balance: i64,
    /// Answers are true and arrive.
    pub honest: bool,
    /// All that it ever told by itself: the number that we sent, and what it says.
    pub mail: Vec<(String, Observation)>,
    payments: BTreeMap<String, Payment>,
    outgoing: BTreeMap<String, Outgoing>,
    /// Payouts still on the wire, until when.
    wire: Vec<(Timestamp, String, i64)>,
    numbers: u32,
}

impl Provider {
    /// Whether this exchange goes wrong in one of `one_in` ways.
    fn fault(&self, dice: &mut Dice, one_in: u64) -> bool {
        let fault = dice.roll(one_in) == 0;
        fault && !self.honest
    }

    /// What a query is answered.
    pub fn query(&self, number: &str, dice: &mut Dice) -> Observation {
        if self.fault(dice, 8) {
            return unknown(Trouble::Unreachable);
        }
        if self.fault(dice, 16) {
            return unknown(Trouble::NotSent);
        }
        if self.fault(dice, 8) {
            return seen(Presence::NotFound);
        }
        self.truth(number)
    }

    /// What its books say of a number.
    pub fn truth(&self, number: &str) -> Observation {
        if let Some(out) = self.outgoing.get(number) {
            return out.observation();
        }
        let Some(payment) = self.payments.get(number) else { return seen(Presence::NotFound) };
        match payment.paid.first() {
            Some((minor, no)) => paid(*minor, no),
            None if payment.closed => seen(Presence::Closed),
            None => seen(Presence::Unpaid),
        }
    }

    pub fn create(&mut self, number: &str, minor: i64, dice: &mut Dice) -> Submission {
        if self.fault(dice, 6) {
            return Submission::Observed(unknown(Trouble::Unreachable));
        }
        let is_new = !self.payments.contains_key(number);
        if is_new && self.fault(dice, 12) {
            return Submission::Refused { code: "40004".into(), message: "no".into() };
        }
        let fresh = Payment { minor, closed: false, paid: Vec::new(), given_back: 0 };
        self.payments.entry(number.to_owned()).or_insert(fresh);
        if self.fault(dice, 6) {
            return Submission::Observed(unknown(Trouble::Unreachable));
        }
        match self.truth(number) {
            Observation { presence: Presence::Unpaid, .. } => recharge::accepted(),
            other => Submission::Observed(other),
        }
    }

    pub fn close(&mut self, number: &str, dice: &mut Dice) -> Observation {
        if self.fault(dice, 6) {
            return unknown(Trouble::Unreachable);
        }
        if let Some(payment) = self.payments.get_mut(number) {
            payment.closed |= payment.paid.is_empty();
        }
        if self.fault(dice, 6) { unknown(Trouble::Unreachable) } else { self.truth(number) }
    }

    pub fn pay_out(&mut self, attempt: &Attempt, minor: i64, now: Timestamp, dice: &mut Dice) -> Disbursed {
        if !self.honest && dice.roll(8) == 0 {
            // Slow, but shorter on its way than the margin after a refusal.
            let at = now + std::time::Duration::from_secs(1 + dice.roll(8));
            self.wire.push((at, attempt.channel_ref.clone(), minor));
            return Disbursed::Observed(unknown(Trouble::Unreachable));
        }
        let out = Outgoing { minor, is_payout: true, state: Out::Dealing, of: None };
        self.disburse(&attempt.channel_ref, out, dice)
    }

    pub fn give_back(&mut self, refund: &Refund, dice: &mut Dice) -> Disbursed {
        let of = refund.details.payment.as_ref().expect("a refund through a channel").channel_ref.clone();
        let out =
            Outgoing { minor: refund.amount.minor, is_payout: false, state: Out::Dealing, of: Some(of) };
        self.disburse(&refund.attempts[0].channel_ref, out, dice)
    }

    fn disburse(&mut self, number: &str, out: Outgoing, dice: &mut Dice) -> Disbursed {
        if self.fault(dice, 10) {
            return Disbursed::Observed(unknown(Trouble::NotSent));
        }
        if self.fault(dice, 6) {
            return Disbursed::Observed(unknown(Trouble::Unreachable));
        }
        if !self.outgoing.contains_key(number) {
            if self.fault(dice, 5) {
                return Disbursed::Refused { code: "40004".into(), message: "no".into() };
            }
            self.accept(number, out);
        } else if out.is_payout && self.fault(dice, 6) {
            // Of the copy: the first goes on.
            return Disbursed::Refused { code: "40005".into(), message: "again".into() };
        }
        if self.fault(dice, 6) {
            return Disbursed::Observed(unknown(Trouble::Unreachable));
        }
        Disbursed::Observed(self.truth(number))
    }

    fn accept(&mut self, number: &str, out: Outgoing) {
        if let Some(of) = &out.of {
            let payment = self.payments.get_mut(of).expect("the payment is known");
            payment.given_back += out.minor;
            let paid: i64 = payment.paid.iter().map(|(minor, _)| minor).sum();
            assert!(payment.given_back <= paid, "more is given back than was paid");
        }
        self.outgoing.insert(number.to_owned(), out);
    }

    /// What was slow on the wire arrives.
    pub fn arrive(&mut self, now: Timestamp) {
        let (here, slow) = std::mem::take(&mut self.wire).into_iter().partition(|(at, ..)| *at <= now);
        self.wire = slow;
        for (_, number, minor) in here {
            let out = Outgoing { minor, is_payout: true, state: Out::Dealing, of: None };
            self.outgoing.entry(number).or_insert(out);
        }
    }

    /// The nth payer who can still pay does: the sum asked for, another, or a second time.
    pub fn payer_pays(&mut self, nth: usize, dice: &mut Dice) {
        let payable: Vec<_> =
            self.payments.iter().filter(|(_, p)| !p.closed).map(|(n, _)| n.clone()).collect();
        if payable.is_empty() {
            return;
        }
        let number = &payable[nth % payable.len()];
        let payment = self.payments.get_mut(number).expect("it was listed");
        if !payment.paid.is_empty() && dice.roll(4) > 0 {
            return;
        }
        let odd = dice.roll(8) == 0 && !self.honest;
        let minor = payment.minor + i64::from(odd);
        self.numbers += 1;
        let no = format!("T{}", self.numbers);
        payment.paid.push((minor, no.clone()));
        self.balance += minor;
        self.mail.push((number.clone(), paid(minor, &no)));
    }

    /// The nth of what is on its way out ends, or comes back.
    pub fn progress(&mut self, nth: usize, dice: &mut Dice) {
        let mut moving: Vec<_> = self.outgoing.iter_mut().filter(|(_, o)| o.is_moving()).collect();
        if moving.is_empty() {
            return;
        }
        let nth = nth % moving.len();
        let (number, out) = &mut moving[nth];
        let failed = dice.roll(4) == 0;
        let fee = if out.is_payout { payout_fee(out.minor) } else { 0 };
        out.state = match out.state {
            Out::Dealing if failed => Out::Failed,
            Out::Dealing => {
                self.balance -= out.minor + fee;
                Out::Done
            }
            _ => {
                self.balance += out.minor;
                Out::Returned
            }
        };
        self.mail.push((number.to_string(), out.observation()));
        if out.state == Out::Failed
            && let Some(of) = &out.of
        {
            self.payments.get_mut(of).expect("the payment is known").given_back -= out.minor;
        }
    }

    /// Everything ends: what is on the wire arrives, and all that is dealt with is done or has failed.
    pub fn finish(&mut self, dice: &mut Dice) {
        self.honest = true;
        self.arrive(Timestamp(i64::MAX));
        while let Some(nth) =
            self.outgoing.values().filter(|o| o.is_moving()).position(|o| o.state == Out::Dealing)
        {
            self.progress(nth, dice);
        }
    }
}

impl Outgoing {
    fn is_moving(&self) -> bool {
        self.state == Out::Dealing || (self.is_payout && self.state == Out::Done)
    }

    fn observation(&self) -> Observation {
        let of = |presence| Observation {
            amount: Some(cny(self.minor)),
            fee: (self.is_payout && self.minor % 2 == 0).then(|| cny(payout_fee(self.minor))),
            ..seen(presence)
        };
        match (self.state, self.is_payout) {
            (Out::Dealing, true) => unknown(Trouble::InProgress),
            (Out::Dealing, false) => seen(Presence::Refunding),
            (Out::Done, true) => of(Presence::Paid),
            (Out::Done, false) | (Out::Returned, _) => of(Presence::Refunded),
            (Out::Failed, _) => seen(Presence::Failed),
        }
    }
}

fn paid(minor: i64, no: &str) -> Observation {
    Observation { amount: Some(cny(minor)), channel_order_no: Some(no.to_owned()), ..seen(Presence::Paid) }
}
