//! The books as they are shown: pages of records, and everything for saving.

use serde::{Deserialize, Serialize};

use super::{Books, Entry, Inner, Sums};
use crate::clock;
use crate::provider::order::Order;
use crate::provider::payout::Payout;
use crate::provider::refund::Refund;
use crate::provider::{Channel, Kind};

/// One line of the books.
#[derive(Clone, Debug)]
pub enum Record {
    /// A payment, with its refunds.
    Payment(Order),
    /// A refund by itself.
    Refund {
        /// The payment that it is of.
        order: Order,
        /// The refund.
        refund: Refund,
    },
    /// A payout.
    Payout(Payout),
}

impl Record {
    /// What it is.
    pub fn kind(&self) -> Kind {
        match self {
            Record::Payment(_) => Kind::Payment,
            Record::Refund { .. } => Kind::Refund,
            Record::Payout(_) => Kind::Payout,
        }
    }

    /// The merchant's number.
    pub fn channel_ref(&self) -> &str {
        match self {
            Record::Payment(order) => &order.channel_ref,
            Record::Refund { refund, .. } => &refund.request_no,
            Record::Payout(payout) => &payout.channel_ref,
        }
    }
}

/// A page of records, oldest first; a payment is followed by its refunds.
#[derive(Debug)]
pub struct Page {
    /// The records.
    pub records: Vec<Record>,
    /// Give it as `after` to get the next page; absent on the last one.
    pub next: Option<u64>,
    /// Payments and payouts that were forgotten because the books were full.
    pub forgotten: u64,
}

/// Everything that the books hold, for saving.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Everything {
    orders: Vec<Order>,
    #[serde(default)]
    payouts: Vec<Payout>,
}

impl Books {
    /// The records that came after place `after`, by kind and state; at most `limit`, or more only where a single
    /// payment has more refunds.
    pub fn page(&self, after: Option<u64>, limit: usize, wanted: impl Fn(Kind, &str) -> bool) -> Page {
        let now = clock::now_ms();
        let mut inner = self.lock();
        let Inner { entries, sums, forgotten, .. } = &mut *inner;
        let from = after.map_or(0, |place| place.saturating_add(1));
        let mut page = Page { records: vec![], next: None, forgotten: *forgotten };
        let mut last = None;
        for (place, entry) in entries.range_mut(from..) {
            let before = Sums::of(entry);
            entry.advance(now);
            sums.change(before, Sums::of(entry));
            let records = records(entry, &wanted);
            if records.is_empty() {
                continue;
            }
            if !page.records.is_empty() && page.records.len() + records.len() > limit {
                page.next = last;
                break;
            }
            page.records.extend(records);
            last = Some(*place);
        }
        page
    }

    /// The payment, refund or payout with this number of the merchant's.
    pub fn record(&self, channel_ref: &str) -> Option<Record> {
        if let Some(order) = self.get(channel_ref) {
            return Some(Record::Payment(order));
        }
        if let Some(payout) = self.payout(channel_ref) {
            return Some(Record::Payout(payout));
        }
        self.refund_record(channel_ref)
    }

    /// The refund with this number.
    pub fn refund_record(&self, request_no: &str) -> Option<Record> {
        let order = self.get(&self.by_refund(request_no)?)?;
        let refund = order.find_refund(request_no)?.clone();
        Some(Record::Refund { order, refund })
    }

    /// Everything, for saving.
    pub fn all(&self) -> Everything {
        let mut all = Everything::default();
        for entry in self.lock().entries.values() {
            match entry {
                Entry::Payment(order) => all.orders.push(order.clone()),
                Entry::Payout(payout) => all.payouts.push(payout.clone()),
            }
        }
        all
    }

    /// Takes back what [`Books::all`] gave; numbers already known are left alone.
    pub fn restore(&self, all: Everything) {
        for order in all.orders {
            let _ = self.insert(order);
        }
        for payout in all.payouts {
            let channel_ref = payout.channel_ref.clone();
            let _ = self.pay_out(&channel_ref, |_| payout);
        }
    }
}

impl Everything {
    /// What belongs to one provider.
    pub fn of(&self, channel: Channel) -> Self {
        let orders = self.orders.iter().filter(|order| order.channel == channel).cloned();
        let payouts = self.payouts.iter().filter(|payout| payout.channel == channel).cloned();
        Self { orders: orders.collect(), payouts: payouts.collect() }
    }

    /// Adds another provider's.
    pub fn extend(&mut self, other: Self) {
        self.orders.extend(other.orders);
        self.payouts.extend(other.payouts);
    }
}

fn records(entry: &Entry, wanted: &impl Fn(Kind, &str) -> bool) -> Vec<Record> {
    match entry {
        Entry::Payment(order) => {
            let own = wanted(Kind::Payment, order.state.word()).then(|| Record::Payment(order.clone()));
            let refunds = order.refunds.iter().filter(|r| wanted(Kind::Refund, r.course.state.word()));
            let refund = |refund: &Refund| Record::Refund { order: order.clone(), refund: refund.clone() };
            own.into_iter().chain(refunds.map(refund)).collect()
        }
        Entry::Payout(payout) => {
            let own = wanted(Kind::Payout, payout.course.state.word());
            own.then(|| Record::Payout(payout.clone())).into_iter().collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::outgoing::tests::payout;
    use super::super::tests::numbered;
    use super::*;
    use crate::provider::course::{Fate, Outcome};

    /// Ten payments; the third and the sixth are paid, the sixth has two refunds; then two payouts.
    fn books() -> Books {
        let books = Books::default();
        for number in 0..10 {
            books.insert(numbered(number)).unwrap();
        }
        for number in ["A3", "A6"] {
            books.change(number, |order| order.pay(100, false, 1, || number.into())).unwrap().0.unwrap();
        }
        for (number, outcome) in [("R1", Outcome::Success), ("R2", Outcome::Failed)] {
            let _ = books.refund("A6", number, 10, || Some(Fate::now(outcome))).unwrap();
        }
        for number in ["P1", "P2"] {
            books.pay_out(number, |_| payout(number, 5, None)).unwrap();
        }
        books
    }

    fn walk(books: &Books, limit: usize, wanted: impl Fn(Kind, &str) -> bool) -> Vec<String> {
        let (mut seen, mut after) = (vec![], None);
        loop {
            let page = books.page(after, limit, &wanted);
            assert!(page.records.len() <= limit.max(3));
            seen.extend(page.records.iter().map(|record| record.channel_ref().to_owned()));
            after = page.next;
            if after.is_none() {
                return seen;
            }
        }
    }

    #[test]
    fn pages_cover_everything_once() {
        let books = books();
        let all = ["A0", "A1", "A2", "A3", "A4", "A5", "A6", "R1", "R2", "A7", "A8", "A9", "P1", "P2"];
        for limit in 1..16 {
            assert_eq!(walk(&books, limit, |_, _| true), all, "{limit} a page");
        }
    }

    #[test]
    fn pages_show_what_is_wanted() {
        let books = books();
        assert_eq!(walk(&books, 1, |_, state| state == "paid"), ["A3", "A6"]);
        assert_eq!(walk(&books, 9, |kind, _| kind == Kind::Refund), ["R1", "R2"]);
        assert_eq!(walk(&books, 9, |_, state| state == "failed"), ["R2"]);
        assert_eq!(walk(&books, 9, |kind, _| kind == Kind::Payout), ["P1", "P2"]);
    }

    #[test]
    fn what_is_saved_comes_back() {
        let (books, again) = (books(), Books::default());
        let text = serde_json::to_string(&books.all()).unwrap();
        again.restore(serde_json::from_str::<Everything>(&text).unwrap().of(Channel::Alipay));
        assert_eq!(walk(&again, 100, |_, _| true), walk(&books, 100, |_, _| true));
        assert_eq!(again.sums(), books.sums());
        for (number, kind) in [("A6", Kind::Payment), ("R2", Kind::Refund), ("P1", Kind::Payout)] {
            assert_eq!(again.record(number).unwrap().kind(), kind);
        }
    }
}
