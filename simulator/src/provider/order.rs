//! One payment in a provider's books, and what may happen to it.

use serde::{Deserialize, Serialize};

use super::Channel;
use super::recipe::Recipe;
use super::refund::Refund;
use crate::clock;

/// Where a payment stands at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A code was issued, nobody has scanned it; the provider's own answer is "no such trade".
    Issued,
    /// The payer has opened it and has not paid.
    Waiting,
    /// Paid.
    Paid,
    /// Closed before it was paid.
    Closed,
}

impl State {
    /// As in JSON.
    pub fn word(self) -> &'static str {
        match self {
            State::Issued => "issued",
            State::Waiting => "waiting",
            State::Paid => "paid",
            State::Closed => "closed",
        }
    }
}

/// Who closed a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosedBy {
    /// The merchant's server asked for it.
    Merchant,
    /// Its time ran out.
    Expiry,
    /// The provider itself (`{"action": "close"}`).
    Provider,
}

/// How the payer gets to the payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A code to scan.
    Qr,
    /// A page in the browser.
    Page,
}

/// Money that came in. A payment normally has one; the recipe `paid_twice` gives it two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The provider's own number.
    pub channel_order_no: String,
    /// Minor units.
    pub amount_minor: i64,
    /// When it was booked.
    #[serde(with = "clock::text")]
    pub paid_at: i64,
}

/// How the notifications of a payment went so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notifications {
    /// Tries, whether or not they reached anybody.
    pub sent: u32,
    /// Tries that were acknowledged.
    pub acknowledged: u32,
    /// What came back last: a status and body, or an error.
    pub last: Option<String>,
}

/// What a notification tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The payment with this index was booked.
    Paid(usize),
    /// The refund with this index has succeeded.
    Refunded(usize),
}

/// Why the provider does not do what it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The provider takes the money of one number once.
    #[error("the order is paid already, and the provider takes the money of one number once")]
    AlreadyPaid,
    /// Only a waiting payment can be closed.
    #[error("the order is not waiting for its payer")]
    NotWaiting,
    /// Only a paid payment can be refunded.
    #[error("the order is not paid")]
    NotPaid,
    /// More than what was paid.
    #[error("more than what was paid and not yet refunded")]
    TooMuch,
    /// The refund's number was used for another amount.
    #[error("the refund's number was used for another amount")]
    RefundDiffers,
    /// Amounts are positive.
    #[error("the amount must be positive")]
    Amount,
    /// The provider will not do it: it has failed, now or before.
    #[error("the provider declines it")]
    Declined,
    /// The merchant's account at the provider lacks the money.
    #[error("the merchant's account at the provider lacks the money")]
    Funds,
    /// It has come to an end that cannot change to this one.
    #[error("it has come to another end already")]
    Over,
}

/// A payment in the books.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    /// The provider it belongs to.
    pub channel: Channel,
    /// The merchant's number, as the merchant's server sent it.
    pub channel_ref: String,
    /// The provider's own number; absent until the payer opens the payment.
    pub channel_order_no: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Who closed it, if it is closed.
    pub closed_by: Option<ClosedBy>,
    /// How the payer gets to it.
    pub method: Method,
    /// What is to be paid, minor units.
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// What the payer reads.
    pub subject: String,
    /// The last path segment of the code or page.
    pub code: String,
    /// Where notifications go.
    pub notify_url: Option<String>,
    /// When the books first heard of it.
    #[serde(with = "clock::text")]
    pub created_at: i64,
    /// When the payer opened it.
    #[serde(with = "clock::text::option")]
    pub scanned_at: Option<i64>,
    /// When it was closed.
    #[serde(with = "clock::text::option")]
    pub closed_at: Option<i64>,
    /// From when on the payer cannot open it, and a waiting one is closed.
    #[serde(with = "clock::text")]
    pub expires_at: i64,
    /// Money that came in.
    pub payments: Vec<Payment>,
    /// Money that went back.
    pub refunds: Vec<Refund>,
    /// How its notifications went.
    pub notifications: Notifications,
    /// What its amount makes it do by itself.
    pub recipe: Option<Recipe>,
    /// Set once the recipe's one surprise has happened.
    #[serde(default)]
    pub recipe_done: bool,
}

impl Order {
    /// Money that came in, minor units.
    pub fn paid_minor(&self) -> i64 {
        self.payments.iter().map(|payment| payment.amount_minor).sum()
    }

    /// Nothing more is to be expected: such orders leave the books first when they are full.
    pub fn is_settled(&self, now: i64) -> bool {
        match self.state {
            State::Paid => self.notifications.acknowledged > 0 && self.refunding_minor() == 0,
            State::Closed => true,
            State::Issued | State::Waiting => self.expires_at < now,
        }
    }

    /// Lets happen what is due by now.
    pub fn advance(&mut self, now: i64) {
        self.expire(now);
        self.refunds.iter_mut().for_each(|refund| refund.course.advance(now));
    }

    /// A waiting payment whose time ran out is closed, silently, as providers do. (A code that nobody scanned
    /// has no trade that could be closed.)
    pub fn expire(&mut self, now: i64) {
        let waits_for_ever = self.recipe == Some(Recipe::WaitsForEver);
        if self.state == State::Waiting && now >= self.expires_at && !waits_for_ever {
            self.end(ClosedBy::Expiry, self.expires_at);
        }
    }

    /// The payer opens the payment. Opening it again changes nothing.
    pub fn scan(&mut self, now: i64, channel_order_no: impl FnOnce() -> String) {
        if self.state == State::Issued {
            self.state = State::Waiting;
            self.scanned_at = Some(now);
            self.channel_order_no = Some(channel_order_no());
        }
    }

    /// The payer pays; `again` lets a paid order take money a second time. A closed order takes it: the payment
    /// that was on its way when the close was answered is the case that costs money.
    ///
    /// # Errors
    /// [`Refusal::AlreadyPaid`], [`Refusal::Amount`].
    pub fn pay(
        &mut self,
        amount_minor: i64,
        again: bool,
        now: i64,
        mut channel_order_no: impl FnMut() -> String,
    ) -> Result<Event, Refusal> {
        if amount_minor <= 0 {
            return Err(Refusal::Amount);
        }
        if self.state == State::Paid && !again {
            return Err(Refusal::AlreadyPaid);
        }
        self.scan(now, &mut channel_order_no);
        let number = match (&self.channel_order_no, self.payments.is_empty()) {
            (Some(number), true) => number.clone(),
            _ => channel_order_no(),
        };
        self.state = State::Paid;
        self.closed_by = None;
        self.payments.push(Payment { channel_order_no: number, amount_minor, paid_at: now });
        Ok(Event::Paid(self.payments.len() - 1))
    }

    /// Closes a waiting payment.
    ///
    /// # Errors
    /// [`Refusal::NotWaiting`] in any other state.
    pub fn close(&mut self, by: ClosedBy, now: i64) -> Result<(), Refusal> {
        if self.state != State::Waiting {
            return Err(Refusal::NotWaiting);
        }
        self.end(by, now);
        Ok(())
    }

    fn end(&mut self, by: ClosedBy, at: i64) {
        self.state = State::Closed;
        self.closed_by = Some(by);
        self.closed_at = Some(at);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn order(channel_ref: &str, amount_minor: i64) -> Order {
        Order {
            channel: Channel::Alipay,
            channel_ref: channel_ref.into(),
            channel_order_no: None,
            state: State::Issued,
            closed_by: None,
            method: Method::Qr,
            amount_minor,
            currency: "CNY".into(),
            subject: "充值".into(),
            code: "c".into(),
            notify_url: None,
            created_at: 0,
            scanned_at: None,
            closed_at: None,
            expires_at: 1_000,
            payments: vec![],
            refunds: vec![],
            notifications: Notifications::default(),
            recipe: None,
            recipe_done: false,
        }
    }

    /// One letter an act: s scan, p pay, P pay again, c close, x the time runs out, r refund 60 of 100.
    #[test]
    fn acts_and_states() {
        let table = [
            ("", State::Issued, 0, 0),
            ("s", State::Waiting, 0, 0),
            ("ss", State::Waiting, 0, 0),
            ("p", State::Paid, 100, 0),
            ("sp", State::Paid, 100, 0),
            ("pp", State::Paid, 100, 0),
            ("pP", State::Paid, 200, 0),
            ("c", State::Issued, 0, 0),
            ("sc", State::Closed, 0, 0),
            ("scp", State::Paid, 100, 0),
            ("x", State::Issued, 0, 0),
            ("sx", State::Closed, 0, 0),
            ("sxp", State::Paid, 100, 0),
            ("pc", State::Paid, 100, 0),
            ("r", State::Issued, 0, 0),
            ("pr", State::Paid, 100, 60),
            ("prr", State::Paid, 100, 60),
        ];
        for (acts, state, paid, refunded) in table {
            let mut order = order("A1", 100);
            let mut next = 0;
            let mut number = || {
                next += 1;
                next.to_string()
            };
            for (index, act) in acts.chars().enumerate() {
                match act {
                    's' => order.scan(1, &mut number),
                    'p' => drop(order.pay(100, false, 2, &mut number)),
                    'P' => drop(order.pay(100, true, 2, &mut number)),
                    'c' => drop(order.close(ClosedBy::Merchant, 3)),
                    'x' => order.expire(1_000),
                    'r' => drop(order.refund(&format!("R{index}"), 60, 4, || None)),
                    _ => unreachable!(),
                }
            }
            let got = (order.state, order.paid_minor(), order.refunded_minor());
            assert_eq!(got, (state, paid, refunded), "after {acts:?}");
        }
    }

    #[test]
    fn second_payment_has_its_own_number() {
        let mut order = order("A1", 100);
        let mut next = 0;
        let mut number = || {
            next += 1;
            next.to_string()
        };
        order.pay(100, false, 1, &mut number).unwrap();
        assert_eq!(order.pay(100, false, 1, &mut number), Err(Refusal::AlreadyPaid));
        order.pay(100, true, 1, &mut number).unwrap();
        assert_eq!(order.payments[0].channel_order_no, "1");
        assert_eq!(order.payments[1].channel_order_no, "2");
        assert_eq!(order.channel_order_no.as_deref(), Some("1"));
    }

    #[test]
    fn a_waiter_for_ever_does_not_expire() {
        let mut order = order("A1", 193);
        order.recipe = Some(Recipe::WaitsForEver);
        order.scan(1, || "1".into());
        order.expire(1_000_000);
        assert_eq!(order.state, State::Waiting);
    }
}
