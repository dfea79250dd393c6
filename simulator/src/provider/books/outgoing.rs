//! Money that leaves: refunds, which stand with their payment, and payouts.

use super::{Books, Entry};
use crate::clock;
use crate::provider::course::Fate;
use crate::provider::order::{Order, Refusal};
use crate::provider::payout::Payout;
use crate::provider::refund::Requested;

/// A payout that was asked for.
#[derive(Debug)]
pub struct PaidOut {
    /// As it stands now.
    pub payout: Payout,
    /// It was booked by this call; else it stood there before.
    pub new: bool,
}

impl Books {
    /// Asks for a refund of the payment with this number; see [`Order::refund`]. `None` if there is no such payment.
    ///
    /// # Errors
    /// As [`Order::refund`], and [`Refusal::Funds`].
    pub fn refund(
        &self,
        channel_ref: &str,
        request_no: &str,
        amount_minor: i64,
        fate: impl FnOnce() -> Option<Fate>,
    ) -> Option<(Result<Requested, Refusal>, Order)> {
        let now = clock::now_ms();
        let mut inner = self.lock();
        let covered = inner.covers(amount_minor);
        inner.payment(channel_ref, now, |order| {
            let known = order.find_refund(request_no).is_some();
            let requested = match known || covered {
                true => order.refund(request_no, amount_minor, now, fate),
                false => Err(Refusal::Funds),
            };
            (requested, order.clone())
        })
    }

    /// The payment whose refund has this number.
    pub fn by_refund(&self, request_no: &str) -> Option<String> {
        let inner = self.lock();
        inner.payment_at(*inner.index.refunds.get(request_no)?)
    }

    /// Decides how a refund ends; `None` if there is none with this number.
    ///
    /// # Errors
    /// [`Refusal::Over`].
    pub fn decide_refund(&self, request_no: &str, fate: Fate) -> Option<Result<Order, Refusal>> {
        let channel_ref = self.by_refund(request_no)?;
        let (decided, order) =
            self.change(&channel_ref, |order| order.decide_refund(request_no, fate, clock::now_ms()))?;
        Some(decided?.map(|()| order))
    }

    /// Books a payout, or finds the one that stands under its number. `make` makes a new one, under the lock: what
    /// it takes from elsewhere is used, or it is not taken.
    ///
    /// # Errors
    /// [`Refusal::Funds`].
    pub fn pay_out(&self, channel_ref: &str, make: impl FnOnce(i64) -> Payout) -> Result<PaidOut, Refusal> {
        let now = clock::now_ms();
        let mut inner = self.lock();
        if let Some(payout) = inner.payout(channel_ref, now, |payout| payout.clone()) {
            return Ok(PaidOut { payout, new: false });
        }
        let payout = make(now);
        let leaves = payout.paid_out_minor() + payout.paying_out_minor() - payout.returned_minor();
        if !inner.covers(leaves) {
            return Err(Refusal::Funds);
        }
        inner.add(Entry::Payout(payout.clone()), self.capacity, now);
        Ok(PaidOut { payout, new: true })
    }

    /// The payout with this number of the merchant's, as it stands now.
    pub fn payout(&self, channel_ref: &str) -> Option<Payout> {
        self.lock().payout(channel_ref, clock::now_ms(), |payout| payout.clone())
    }

    /// The payout with this number of the provider's own, as it stands now.
    pub fn payout_by_number(&self, number: &str) -> Option<Payout> {
        let mut inner = self.lock();
        let place = *inner.index.numbers.get(number)?;
        inner.touch(place, clock::now_ms(), |entry| match entry {
            Entry::Payout(payout) => Some(payout.clone()),
            Entry::Payment(_) => None,
        })?
    }

    /// Decides how a payout ends; `None` if there is none with this number.
    ///
    /// # Errors
    /// [`Refusal::Over`].
    pub fn decide_payout(&self, channel_ref: &str, fate: Fate) -> Option<Result<Payout, Refusal>> {
        let now = clock::now_ms();
        let decide = |payout: &mut Payout| payout.course.decide(fate, now).map(|()| payout.clone());
        self.lock().payout(channel_ref, now, decide)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::Sums;
    use super::super::tests::numbered;
    use super::*;
    use crate::provider::Channel;
    use crate::provider::course::{Course, Outcome, Standing};
    use crate::provider::payout::Payee;

    pub(in super::super) fn payout(channel_ref: &str, amount_minor: i64, fate: Option<Fate>) -> Payout {
        Payout {
            channel: Channel::Alipay,
            channel_ref: channel_ref.to_owned(),
            channel_order_no: format!("o{channel_ref}"),
            fund_order_no: format!("f{channel_ref}"),
            amount_minor,
            currency: "CNY".to_owned(),
            title: "提现".to_owned(),
            payee: Payee {
                identity: "a@b.example".into(),
                identity_type: "ALIPAY_LOGON_ID".into(),
                name: None,
            },
            created_at: 0,
            course: Course::begin(fate, 0),
            recipe: None,
        }
    }

    fn books_with(paid: i64) -> Books {
        let books = Books::default();
        books.insert(Order { amount_minor: paid, ..numbered(1) }).unwrap();
        books.change("A1", |order| order.pay(paid, false, 1, || "t1".into())).unwrap().0.unwrap();
        books
    }

    #[test]
    fn sums_follow_whatever_happens() {
        let books = books_with(1_000);
        let success = || Some(Fate::now(Outcome::Success));
        books.refund("A1", "R1", 300, success).unwrap().0.unwrap();
        books.refund("A1", "R2", 200, || Some(Fate { outcome: Outcome::Success, after_ms: 1_000_000 }));
        books.pay_out("P1", |_| payout("P1", 50, success())).unwrap();
        books.pay_out("P2", |_| payout("P2", 30, None)).unwrap();
        let expected = Sums {
            paid_minor: 1_000,
            refunded_minor: 300,
            refunding_minor: 200,
            paid_out_minor: 50,
            paying_out_minor: 30,
            returned_minor: 0,
        };
        assert_eq!(books.sums(), expected);
        books.decide_refund("R2", Fate::now(Outcome::Failed)).unwrap().unwrap();
        books.decide_payout("P1", Fate::now(Outcome::Returned)).unwrap().unwrap();
        books.decide_payout("P2", Fate::now(Outcome::Success)).unwrap().unwrap();
        let expected = Sums {
            refunding_minor: 0,
            paid_out_minor: 80,
            paying_out_minor: 0,
            returned_minor: 50,
            ..expected
        };
        assert_eq!(books.sums(), expected);
    }

    #[test]
    fn an_account_with_a_limit_runs_dry() {
        let books = books_with(1_000);
        let success = || Some(Fate::now(Outcome::Success));
        books.set_available(Some(100));
        assert_eq!(books.refund("A1", "R1", 101, success).unwrap().0, Err(Refusal::Funds));
        assert!(books.get("A1").unwrap().refunds.is_empty(), "and is not written down");
        books.refund("A1", "R1", 60, success).unwrap().0.unwrap();
        assert!(matches!(books.pay_out("P1", |_| payout("P1", 41, success())), Err(Refusal::Funds)));
        assert!(books.payout("P1").is_none());
        books.pay_out("P1", |_| payout("P1", 40, success())).unwrap();
        assert_eq!(books.available(), Some(0));
        books.refund("A1", "R1", 60, success).unwrap().0.unwrap();
        books.decide_payout("P1", Fate::now(Outcome::Returned)).unwrap().unwrap();
        assert_eq!(books.available(), Some(40));
        books.set_available(None);
        books.pay_out("P2", |_| payout("P2", 1_000_000, success())).unwrap();
    }

    #[test]
    fn one_payout_a_number() {
        let books = Books::default();
        let first = books.pay_out("P1", |_| payout("P1", 50, None)).unwrap();
        let again = books.pay_out("P1", |_| unreachable!("it stands there")).unwrap();
        assert!(first.new && !again.new);
        for number in ["oP1", "fP1"] {
            assert_eq!(books.payout_by_number(number).unwrap().channel_ref, "P1");
            assert_eq!(books.by_channel_order_no(number), None, "no payment");
        }
        assert!(books.decide_payout("P9", Fate::now(Outcome::Failed)).is_none());
        let failed = books.decide_payout("P1", Fate::now(Outcome::Failed)).unwrap().unwrap();
        assert_eq!(failed.course.state, Standing::Failed);
        assert!(matches!(books.decide_payout("P1", Fate::now(Outcome::Success)), Some(Err(Refusal::Over))));
    }
}
