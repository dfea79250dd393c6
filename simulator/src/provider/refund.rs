//! A refund: a part of a payment on its way back.

use serde::{Deserialize, Serialize};

use super::Plan;
use super::course::{Course, Due, Fate, Outcome, Standing};
use super::order::{Order, Refusal, State};
use super::recipe::RefundRecipe;
use crate::clock;

/// Money that goes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The merchant's number of the refund.
    pub request_no: String,
    /// Minor units.
    pub amount_minor: i64,
    /// When the provider heard of it.
    #[serde(with = "clock::text")]
    pub requested_at: i64,
    /// How it gets on.
    #[serde(flatten)]
    pub course: Course,
    /// What its amount makes it do by itself.
    pub recipe: Option<RefundRecipe>,
    /// Whether the notification of its success has been started.
    #[serde(default)]
    pub told: bool,
}

impl Refund {
    /// What has gone back, minor units.
    pub fn refunded_minor(&self) -> i64 {
        if self.course.state == Standing::Success { self.amount_minor } else { 0 }
    }

    /// What is on its way back, minor units.
    pub fn refunding_minor(&self) -> i64 {
        if self.course.state == Standing::Dealing { self.amount_minor } else { 0 }
    }

    /// How the provider tells of it.
    pub fn plan(&self) -> Plan {
        self.recipe.map_or(Plan::Now, RefundRecipe::plan)
    }

    /// What happens next by itself.
    pub fn next(&self) -> Option<Due> {
        self.course.next
    }
}

/// A refund that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requested {
    /// Its place in the order.
    pub index: usize,
    /// It was booked by this call; else it had been asked for before.
    pub new: bool,
}

impl Order {
    /// Money that went back, minor units.
    pub fn refunded_minor(&self) -> i64 {
        self.refunds.iter().map(Refund::refunded_minor).sum()
    }

    /// Money on its way back, minor units.
    pub fn refunding_minor(&self) -> i64 {
        self.refunds.iter().map(Refund::refunding_minor).sum()
    }

    /// The refund with this number.
    pub fn find_refund(&self, request_no: &str) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.request_no == request_no)
    }

    /// Asks for a refund. The same number with the same amount again changes nothing. `fate` is asked how a new one
    /// ends; by default as its amount's recipe says, or else well and at once.
    ///
    /// # Errors
    /// [`Refusal::NotPaid`], [`Refusal::TooMuch`], [`Refusal::RefundDiffers`], [`Refusal::Amount`],
    /// [`Refusal::Declined`] for one that has failed.
    pub fn refund(
        &mut self,
        request_no: &str,
        amount_minor: i64,
        now: i64,
        fate: impl FnOnce() -> Option<Fate>,
    ) -> Result<Requested, Refusal> {
        if let Some(index) = self.refunds.iter().position(|refund| refund.request_no == request_no) {
            return match &self.refunds[index] {
                known if known.amount_minor != amount_minor => Err(Refusal::RefundDiffers),
                known if known.course.state == Standing::Failed => Err(Refusal::Declined),
                _ => Ok(Requested { index, new: false }),
            };
        }
        match self.state {
            _ if amount_minor <= 0 => return Err(Refusal::Amount),
            State::Paid => {}
            _ => return Err(Refusal::NotPaid),
        }
        if amount_minor > self.paid_minor() - self.refunded_minor() - self.refunding_minor() {
            return Err(Refusal::TooMuch);
        }
        let said = fate();
        // What a control call has said counts, and the amount's recipe no more.
        let recipe = if said.is_some() { None } else { RefundRecipe::of(amount_minor) };
        let fate = said.or_else(|| recipe.map_or(Some(Fate::now(Outcome::Success)), RefundRecipe::fate));
        let course = Course::begin(fate, now);
        let failed = course.state == Standing::Failed;
        let request_no = request_no.to_owned();
        self.refunds.push(Refund {
            request_no,
            amount_minor,
            requested_at: now,
            course,
            recipe,
            told: false,
        });
        if failed {
            Err(Refusal::Declined)
        } else {
            Ok(Requested { index: self.refunds.len() - 1, new: true })
        }
    }

    /// Decides how a refund ends; `None` if there is none with this number.
    ///
    /// # Errors
    /// [`Refusal::Over`] if it has come to another end.
    pub fn decide_refund(&mut self, request_no: &str, fate: Fate, now: i64) -> Option<Result<(), Refusal>> {
        let refund = self.refunds.iter_mut().find(|refund| refund.request_no == request_no)?;
        Some(refund.course.decide(fate, now))
    }

    /// The place of the refund with this number, if it has succeeded and nobody has been told so; it counts as told
    /// from then on.
    pub fn untold_refund(&mut self, request_no: &str) -> Option<usize> {
        let untold = |refund: &Refund| {
            refund.request_no == request_no && refund.course.state == Standing::Success && !refund.told
        };
        let index = self.refunds.iter().position(untold)?;
        self.refunds[index].told = true;
        Some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::super::order::tests::order;
    use super::*;

    fn paid(minor: i64) -> Order {
        let mut order = order("A1", minor);
        order.pay(minor, false, 1, || "1".into()).unwrap();
        order
    }

    #[test]
    fn a_number_means_one_amount() {
        let mut order = paid(100);
        let no = || None;
        assert_eq!(order.refund("R", 60, 2, no), Ok(Requested { index: 0, new: true }));
        assert_eq!(order.refund("R", 60, 2, no), Ok(Requested { index: 0, new: false }));
        assert_eq!(order.refund("R", 50, 2, no), Err(Refusal::RefundDiffers));
        assert_eq!(order.refund("S", 41, 2, no), Err(Refusal::TooMuch));
        assert_eq!(order.refund("S", 40, 2, no), Ok(Requested { index: 1, new: true }));
        assert_eq!((order.refunded_minor(), order.refunding_minor()), (100, 0));
    }

    #[test]
    fn what_is_on_its_way_counts_and_what_failed_does_not() {
        let mut order = paid(100);
        let dealing = || Some(Fate { outcome: Outcome::Success, after_ms: 1_000 });
        let failed = || Some(Fate::now(Outcome::Failed));
        order.refund("R1", 60, 0, dealing).unwrap();
        assert_eq!((order.refunded_minor(), order.refunding_minor()), (0, 60));
        assert_eq!(order.refund("R2", 60, 0, dealing), Err(Refusal::TooMuch));
        assert_eq!(order.refund("R3", 40, 0, failed), Err(Refusal::Declined));
        assert_eq!(order.refund("R3", 40, 0, || None), Err(Refusal::Declined), "and stays so");
        assert_eq!(order.decide_refund("R1", Fate::now(Outcome::Failed), 1), Some(Ok(())));
        assert_eq!(order.decide_refund("R9", Fate::now(Outcome::Failed), 1), None);
        assert_eq!(order.refund("R4", 100, 1, || None), Ok(Requested { index: 2, new: true }));
    }

    #[test]
    fn a_success_is_told_once() {
        let mut order = paid(100);
        order.refund("R", 60, 0, || Some(Fate { outcome: Outcome::Success, after_ms: 10 })).unwrap();
        assert_eq!(order.untold_refund("R"), None);
        order.advance(10);
        assert_eq!(order.untold_refund("R"), Some(0));
        assert_eq!(order.untold_refund("R"), None);
    }
}
