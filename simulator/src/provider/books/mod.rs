//! A provider's books: every payment and payout it has heard of, in memory, oldest first.
//!
//! Payments are here; `outgoing` has refunds and payouts, `page` the listing. Whatever is due by itself happens
//! when an entry is next looked at, so that no timer is needed for the truth.

mod outgoing;
mod page;
mod sums;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::order::Order;
use super::payout::Payout;
use crate::clock;
pub use outgoing::PaidOut;
pub use page::{Everything, Page, Record};
pub use sums::Sums;

/// How many entries are kept. Beyond that the oldest settled ones are forgotten.
pub const CAPACITY: usize = 200_000;

/// How many of the oldest entries are looked at for a settled one when the books are full.
const EVICTION_WINDOW: usize = 64;

/// The books of one provider.
#[derive(Debug)]
pub struct Books {
    inner: Mutex<Inner>,
    capacity: usize,
    next_number: AtomicU64,
}

#[derive(Debug, Default)]
struct Inner {
    /// By order of arrival.
    entries: BTreeMap<u64, Entry>,
    index: Index,
    next: u64,
    forgotten: u64,
    sums: Sums,
    /// What the merchant's account held when it was last said, less what the books added up to then; absent: there
    /// is always enough.
    opening: Option<i64>,
}

/// Where entries stand, by the names that they have.
#[derive(Debug, Default)]
struct Index {
    payments: HashMap<String, u64>,
    codes: HashMap<String, u64>,
    /// The provider's own numbers, of payments and of payouts.
    numbers: HashMap<String, u64>,
    /// A refund stands with its payment.
    refunds: HashMap<String, u64>,
    payouts: HashMap<String, u64>,
}

#[derive(Clone, Debug)]
enum Entry {
    Payment(Order),
    Payout(Payout),
}

impl Default for Books {
    fn default() -> Self {
        Self::with_capacity(CAPACITY)
    }
}

impl Books {
    /// Books that hold at most `capacity` entries (more only if none of the oldest is settled).
    pub fn with_capacity(capacity: usize) -> Self {
        // From the clock, so that a sandbox started again on the same database repeats no number.
        let next_number = AtomicU64::new(u64::try_from(clock::now_ms()).unwrap_or_default());
        Self { inner: Mutex::default(), capacity, next_number }
    }

    /// Thirteen digits that no other call returns.
    pub fn next_number(&self) -> u64 {
        self.next_number.fetch_add(1, Ordering::Relaxed)
    }

    /// Writes down a new payment, unless its number is known.
    ///
    /// # Errors
    /// The payment that stands under this number.
    pub fn insert(&self, order: Order) -> Result<Order, Box<Order>> {
        let now = order.created_at;
        let mut inner = self.lock();
        if let Some(known) = inner.payment(&order.channel_ref, now, |known| known.clone()) {
            return Err(Box::new(known));
        }
        inner.add(Entry::Payment(order.clone()), self.capacity, now);
        Ok(order)
    }

    /// The payment with this number, as it stands now.
    pub fn get(&self, channel_ref: &str) -> Option<Order> {
        self.lock().payment(channel_ref, clock::now_ms(), |order| order.clone())
    }

    /// The number of the payment with this code.
    pub fn by_code(&self, code: &str) -> Option<String> {
        let inner = self.lock();
        inner.payment_at(*inner.index.codes.get(code)?)
    }

    /// The merchant's number of the payment with this number of the provider's own.
    pub fn by_channel_order_no(&self, number: &str) -> Option<String> {
        let inner = self.lock();
        inner.payment_at(*inner.index.numbers.get(number)?)
    }

    /// Changes the payment with this number, atomically; `None` if there is none.
    pub fn change<R>(&self, channel_ref: &str, change: impl FnOnce(&mut Order) -> R) -> Option<(R, Order)> {
        let mut inner = self.lock();
        inner.payment(channel_ref, clock::now_ms(), |order| (change(order), order.clone()))
    }

    /// What the books add up to now.
    pub fn sums(&self) -> Sums {
        let mut inner = self.lock();
        inner.advance_all(clock::now_ms());
        inner.sums
    }

    /// What the merchant's account at the provider holds; `None`: always enough.
    pub fn available(&self) -> Option<i64> {
        let inner = self.lock();
        inner.opening.map(|opening| opening + inner.sums.net())
    }

    /// Says what the merchant's account holds now; payments add to it, refunds and payouts are taken from it. `None`:
    /// always enough.
    pub fn set_available(&self, minor: Option<i64>) {
        let mut inner = self.lock();
        inner.opening = minor.map(|minor| minor - inner.sums.net());
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Does something to the payment with this number after letting happen what is due, and keeps index and sums.
    fn payment<R>(&mut self, channel_ref: &str, now: i64, act: impl FnOnce(&mut Order) -> R) -> Option<R> {
        let place = *self.index.payments.get(channel_ref)?;
        self.touch(place, now, |entry| match entry {
            Entry::Payment(order) => Some(act(order)),
            Entry::Payout(_) => None,
        })?
    }

    /// The same for a payout.
    fn payout<R>(&mut self, channel_ref: &str, now: i64, act: impl FnOnce(&mut Payout) -> R) -> Option<R> {
        let place = *self.index.payouts.get(channel_ref)?;
        self.touch(place, now, |entry| match entry {
            Entry::Payout(payout) => Some(act(payout)),
            Entry::Payment(_) => None,
        })?
    }

    fn touch<R>(&mut self, place: u64, now: i64, act: impl FnOnce(&mut Entry) -> R) -> Option<R> {
        let entry = self.entries.get_mut(&place)?;
        let before = Sums::of(entry);
        entry.advance(now);
        let answer = act(entry);
        self.sums.change(before, Sums::of(entry));
        self.index.add(entry, place);
        Some(answer)
    }

    fn advance_all(&mut self, now: i64) {
        for entry in self.entries.values_mut() {
            let before = Sums::of(entry);
            entry.advance(now);
            self.sums.change(before, Sums::of(entry));
        }
    }

    fn payment_at(&self, place: u64) -> Option<String> {
        match self.entries.get(&place)? {
            Entry::Payment(order) => Some(order.channel_ref.clone()),
            Entry::Payout(_) => None,
        }
    }

    /// Whether the merchant's account has so much.
    fn covers(&self, minor: i64) -> bool {
        self.opening.is_none_or(|opening| opening + self.sums.net() >= minor)
    }

    fn add(&mut self, entry: Entry, capacity: usize, now: i64) {
        let place = self.next;
        self.next += 1;
        self.sums.change(Sums::default(), Sums::of(&entry));
        self.index.add(&entry, place);
        self.entries.insert(place, entry);
        self.forget_beyond(capacity, now);
    }

    fn forget_beyond(&mut self, capacity: usize, now: i64) {
        while self.entries.len() > capacity {
            let oldest = self.entries.iter().take(EVICTION_WINDOW);
            let settled = oldest.filter(|(_, entry)| entry.is_settled(now)).map(|(place, _)| *place).next();
            let Some(entry) = settled.and_then(|place| self.entries.remove(&place)) else { return };
            self.index.remove(&entry);
            self.forgotten += 1;
        }
    }
}

impl Index {
    /// Notes every name that the entry has by now.
    fn add(&mut self, entry: &Entry, place: u64) {
        let mut note = |names: fn(&mut Self) -> &mut HashMap<String, u64>, name: &str| {
            if !names(self).contains_key(name) {
                names(self).insert(name.to_owned(), place);
            }
        };
        entry.names(&mut note);
    }

    fn remove(&mut self, entry: &Entry) {
        entry.names(&mut |names, name| {
            names(self).remove(name);
        });
    }
}

impl Entry {
    fn advance(&mut self, now: i64) {
        match self {
            Entry::Payment(order) => order.advance(now),
            Entry::Payout(payout) => payout.course.advance(now),
        }
    }

    fn is_settled(&self, now: i64) -> bool {
        match self {
            Entry::Payment(order) => order.is_settled(now),
            Entry::Payout(payout) => payout.is_settled(),
        }
    }

    /// Every name of the entry, with the part of the index that it belongs to.
    fn names(&self, note: &mut impl FnMut(fn(&mut Index) -> &mut HashMap<String, u64>, &str)) {
        match self {
            Entry::Payment(order) => {
                note(|index| &mut index.payments, &order.channel_ref);
                note(|index| &mut index.codes, &order.code);
                let own = order.payments.iter().map(|payment| &payment.channel_order_no);
                for number in order.channel_order_no.iter().chain(own) {
                    note(|index| &mut index.numbers, number);
                }
                for refund in &order.refunds {
                    note(|index| &mut index.refunds, &refund.request_no);
                }
            }
            Entry::Payout(payout) => {
                note(|index| &mut index.payouts, &payout.channel_ref);
                note(|index| &mut index.numbers, &payout.channel_order_no);
                note(|index| &mut index.numbers, &payout.fund_order_no);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::order::tests::order;
    use super::*;

    pub(super) fn numbered(number: u64) -> Order {
        let mut order = order(&format!("A{number}"), 100);
        order.code = format!("c{number}");
        order.expires_at = i64::MAX;
        order
    }

    #[test]
    fn one_payment_a_number() {
        let books = Books::default();
        books.insert(numbered(1)).unwrap();
        let mut other = numbered(1);
        other.amount_minor = 5;
        assert_eq!(books.insert(other).unwrap_err().amount_minor, 100);
        assert!(books.get("A2").is_none());
        assert_eq!(books.by_code("c1").as_deref(), Some("A1"));
    }

    #[test]
    fn every_number_of_the_providers_finds_its_payment() {
        let books = Books::default();
        books.insert(numbered(1)).unwrap();
        assert_eq!(books.by_channel_order_no("t1"), None);
        for (number, again) in [("t1", false), ("t2", true)] {
            books.change("A1", |order| order.pay(100, again, 1, || number.to_owned())).unwrap().0.unwrap();
        }
        for number in ["t1", "t2"] {
            assert_eq!(books.by_channel_order_no(number).as_deref(), Some("A1"), "{number}");
        }
        assert_eq!(books.sums().paid_minor, 200);
    }

    #[test]
    fn full_books_forget_the_oldest_settled() {
        let books = Books::with_capacity(2);
        for number in 0..2 {
            books.insert(numbered(number)).unwrap();
        }
        let closed = |order: &mut Order| {
            order.scan(1, || "1".into());
            order.close(super::super::order::ClosedBy::Merchant, 2).unwrap();
        };
        books.change("A1", closed).unwrap();
        books.insert(numbered(2)).unwrap();
        let page = books.page(None, 10, |_, _| true);
        let left: Vec<_> = page.records.iter().map(Record::channel_ref).collect();
        assert_eq!(left, ["A0", "A2"], "the open one stays, the closed one goes");
        assert_eq!(page.forgotten, 1);
        assert!(books.get("A1").is_none() && books.by_code("c1").is_none());
    }
}
