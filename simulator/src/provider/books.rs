//! A provider's books: every payment it has heard of, in memory, oldest first.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::order::Order;
use crate::clock;

/// How many orders are kept. Beyond that the oldest settled ones are forgotten.
pub const CAPACITY: usize = 200_000;

/// How many of the oldest orders are looked at for a settled one when the books are full.
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
    orders: BTreeMap<u64, Order>,
    by_ref: HashMap<String, u64>,
    by_code: HashMap<String, u64>,
    by_number: HashMap<String, u64>,
    next: u64,
    forgotten: u64,
}

/// A page of orders, oldest first.
#[derive(Debug)]
pub struct Page {
    /// The orders.
    pub orders: Vec<Order>,
    /// Give it as `after` to get the next page; absent on the last one.
    pub next: Option<u64>,
    /// Orders that were forgotten because the books were full.
    pub forgotten: u64,
}

impl Default for Books {
    fn default() -> Self {
        Self::with_capacity(CAPACITY)
    }
}

impl Books {
    /// Books that hold at most `capacity` orders (more only if none of the oldest is settled).
    pub fn with_capacity(capacity: usize) -> Self {
        // From the clock, so that a sandbox started again on the same database repeats no number.
        let next_number = AtomicU64::new(u64::try_from(clock::now_ms()).unwrap_or_default());
        Self { inner: Mutex::default(), capacity, next_number }
    }

    /// Thirteen digits that no other call returns.
    pub fn next_number(&self) -> u64 {
        self.next_number.fetch_add(1, Ordering::Relaxed)
    }

    /// Writes down a new order, unless its number is known.
    ///
    /// # Errors
    /// The order that stands under this number.
    pub fn insert(&self, order: Order) -> Result<Order, Box<Order>> {
        let now = order.created_at;
        let mut inner = self.lock();
        if let Some(known) = inner.find(&order.channel_ref, now) {
            return Err(Box::new(known.clone()));
        }
        let place = inner.next;
        inner.next += 1;
        inner.by_ref.insert(order.channel_ref.clone(), place);
        inner.by_code.insert(order.code.clone(), place);
        if let Some(number) = &order.channel_order_no {
            inner.by_number.insert(number.clone(), place);
        }
        inner.orders.insert(place, order.clone());
        inner.forget_beyond(self.capacity, now);
        Ok(order)
    }

    /// The order with this number, as it stands now.
    pub fn get(&self, channel_ref: &str) -> Option<Order> {
        self.lock().find(channel_ref, clock::now_ms()).cloned()
    }

    /// The number of the order with this code.
    pub fn by_code(&self, code: &str) -> Option<String> {
        let inner = self.lock();
        let place = inner.by_code.get(code)?;
        Some(inner.orders.get(place)?.channel_ref.clone())
    }

    /// The merchant's number of the order with this number of the provider's own.
    pub fn by_channel_order_no(&self, number: &str) -> Option<String> {
        let inner = self.lock();
        let place = inner.by_number.get(number)?;
        Some(inner.orders.get(place)?.channel_ref.clone())
    }

    /// Changes the order with this number, atomically; `None` if there is none.
    pub fn change<R>(&self, channel_ref: &str, change: impl FnOnce(&mut Order) -> R) -> Option<(R, Order)> {
        let mut inner = self.lock();
        let order = inner.find(channel_ref, clock::now_ms())?;
        let was_open = order.channel_order_no.is_some();
        let answer = change(order);
        let order = order.clone();
        if let (false, Some(number)) = (was_open, &order.channel_order_no) {
            let place = inner.by_ref.get(channel_ref).copied()?;
            inner.by_number.insert(number.clone(), place);
        }
        Some((answer, order))
    }

    /// At most `limit` orders that came after place `after`, oldest first.
    pub fn page(&self, after: Option<u64>, limit: usize, wanted: impl Fn(&Order) -> bool) -> Page {
        let now = clock::now_ms();
        let mut inner = self.lock();
        let from = after.map_or(0, |place| place.saturating_add(1));
        let mut page = Page { orders: vec![], next: None, forgotten: inner.forgotten };
        let mut last = None;
        for (place, order) in inner.orders.range_mut(from..) {
            order.expire(now);
            if !wanted(order) {
                continue;
            }
            if page.orders.len() == limit {
                page.next = last;
                break;
            }
            page.orders.push(order.clone());
            last = Some(*place);
        }
        page
    }

    /// Everything, for saving.
    pub fn all(&self) -> Vec<Order> {
        self.lock().orders.values().cloned().collect()
    }

    /// Takes back what [`Books::all`] gave; numbers already known are left alone.
    pub fn restore(&self, orders: Vec<Order>) {
        for order in orders {
            let _ = self.insert(order);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn find(&mut self, channel_ref: &str, now: i64) -> Option<&mut Order> {
        let place = self.by_ref.get(channel_ref)?;
        let order = self.orders.get_mut(place)?;
        order.expire(now);
        Some(order)
    }

    fn forget_beyond(&mut self, capacity: usize, now: i64) {
        while self.orders.len() > capacity {
            let settled = self
                .orders
                .iter()
                .take(EVICTION_WINDOW)
                .find(|(_, order)| order.is_settled(now))
                .map(|(p, _)| *p);
            let Some(order) = settled.and_then(|place| self.orders.remove(&place)) else { return };
            self.by_ref.remove(&order.channel_ref);
            self.by_code.remove(&order.code);
            if let Some(number) = &order.channel_order_no {
                self.by_number.remove(number);
            }
            self.forgotten += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::order::tests::order;
    use super::*;

    fn numbered(number: u64) -> Order {
        let mut order = order(&format!("A{number}"), 100);
        order.code = format!("c{number}");
        order.expires_at = i64::MAX;
        order
    }

    #[test]
    fn one_order_a_number() {
        let books = Books::default();
        books.insert(numbered(1)).unwrap();
        let mut other = numbered(1);
        other.amount_minor = 5;
        assert_eq!(books.insert(other).unwrap_err().amount_minor, 100);
        assert!(books.get("A2").is_none());
        assert_eq!(books.by_code("c1").as_deref(), Some("A1"));
    }

    #[test]
    fn pages_cover_everything_once() {
        let books = Books::default();
        for number in 0..10 {
            books.insert(numbered(number)).unwrap();
        }
        let mut seen = vec![];
        let mut after = None;
        loop {
            let page = books.page(after, 3, |order| order.channel_ref != "A4");
            seen.extend(page.orders.into_iter().map(|order| order.channel_ref));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, ["A0", "A1", "A2", "A3", "A5", "A6", "A7", "A8", "A9"]);
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
        let page = books.page(None, 10, |_| true);
        let left: Vec<_> = page.orders.iter().map(|order| order.channel_ref.as_str()).collect();
        assert_eq!(left, ["A0", "A2"], "the open one stays, the closed one goes");
        assert_eq!(page.forgotten, 1);
        assert!(books.get("A1").is_none());
    }
}
