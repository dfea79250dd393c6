//! A list of rows with a cursor, a filter, freeze and hold. The cursor is a row's id, never its index: whatever the
//! feed does to the list, a key acts on the row that the operator chose, or on none.
//!
//! Most lists give a cursor to whoever comes to them. A live list does not: its newest row is another one in a moment,
//! so it follows the newest rows until the operator takes a cursor.

use std::collections::{HashMap, HashSet};

use sluice_core::time::Timestamp;

/// Something that can stand in a list.
pub trait Row: Clone {
    /// What it is known by.
    fn id(&self) -> &str;
    /// The text that a filter looks in, lower case.
    fn haystack(&self) -> String;
}

/// Rows by id, in the order of a rank.
#[derive(Clone, Debug)]
pub struct List<R> {
    rows: HashMap<String, R>,
    order: Vec<String>,
    rank: fn(&R) -> i64,
    cap: usize,
    chosen: Option<String>,
    /// Where the cursor stands or stood; after its row vanished the next step continues from there.
    seat: usize,
    lost: bool,
    live: bool,
    filter: String,
    frozen: Option<Frozen<R>>,
    held: Option<Vec<String>>,
    /// When it was last loaded as a whole.
    pub loaded_at: Option<Timestamp>,
}

#[derive(Clone, Debug)]
struct Frozen<R> {
    at: Timestamp,
    rows: Vec<R>,
}

impl<R: Row> List<R> {
    /// An empty list that shows rows by ascending `rank` and keeps at most `cap` of them.
    pub fn new(rank: fn(&R) -> i64, cap: usize) -> Self {
        Self {
            rows: HashMap::new(),
            order: Vec::new(),
            rank,
            cap,
            chosen: None,
            seat: 0,
            lost: false,
            live: false,
            filter: String::new(),
            frozen: None,
            held: None,
            loaded_at: None,
        }
    }

    /// The same for rows that come all the time, the newest first.
    pub fn live(rank: fn(&R) -> i64, cap: usize) -> Self {
        Self { live: true, ..Self::new(rank, cap) }
    }

    /// The rows as they are to be drawn.
    pub fn shown(&self) -> Vec<&R> {
        let passes = |row: &&R| self.filter.is_empty() || row.haystack().contains(&self.filter);
        if let Some(frozen) = &self.frozen {
            return frozen.rows.iter().filter(passes).collect();
        }
        let order = self.held.as_ref().unwrap_or(&self.order);
        order.iter().filter_map(|id| self.rows.get(id)).filter(passes).collect()
    }

    /// Every live row, whatever the filter and freeze show.
    pub fn all(&self) -> impl Iterator<Item = &R> {
        self.order.iter().filter_map(|id| self.rows.get(id))
    }

    /// How many rows there are without the filter.
    pub fn total(&self) -> usize {
        self.order.len()
    }

    /// The live row with this id.
    pub fn get(&self, id: &str) -> Option<&R> {
        self.rows.get(id)
    }

    /// The row that a key acts on.
    pub fn chosen(&self) -> Option<&R> {
        let id = self.chosen.as_deref()?;
        match &self.frozen {
            Some(frozen) => frozen.rows.iter().find(|r| r.id() == id),
            None => self.rows.get(id),
        }
    }

    /// The chosen row's id.
    pub fn chosen_id(&self) -> Option<&str> {
        self.chosen.as_deref()
    }

    /// Where the cursor stands, or stood before its row vanished.
    pub fn seat(&self) -> usize {
        self.seat
    }

    /// Adds a row or takes its new value over. Returns the chosen id if the row no longer passes the filter.
    pub fn put(&mut self, row: R) -> Option<String> {
        let id = row.id().to_owned();
        let rank = (self.rank)(&row);
        let moved = self.rows.get(&id).is_none_or(|old| (self.rank)(old) != rank);
        if moved {
            self.order.retain(|known| *known != id);
            let key = (rank, id.as_str());
            let place = self.order.partition_point(|known| match self.rows.get(known) {
                Some(other) => ((self.rank)(other), known.as_str()) < key,
                None => true,
            });
            self.order.insert(place, id.clone());
        }
        self.rows.insert(id, row);
        while self.order.len() > self.cap {
            if let Some(last) = self.order.pop() {
                self.rows.remove(&last);
            }
        }
        self.settle()
    }

    /// Takes a row out. Returns its id if it was the chosen one.
    pub fn remove(&mut self, id: &str) -> Option<String> {
        if self.rows.remove(id).is_some() {
            self.order.retain(|known| known != id);
        }
        self.settle()
    }

    /// Takes the whole list over at once. Returns the chosen id if its row is gone.
    pub fn replace(&mut self, rows: Vec<R>, now: Timestamp) -> Option<String> {
        self.loaded_at = Some(now);
        self.rows = rows.into_iter().map(|row| (row.id().to_owned(), row)).collect();
        let mut order: Vec<String> = self.rows.keys().cloned().collect();
        order.sort_by_key(|id| (self.rows.get(id).map(self.rank), id.clone()));
        for dropped in order.split_off(order.len().min(self.cap)) {
            self.rows.remove(&dropped);
        }
        self.order = order;
        self.settle()
    }

    /// Moves the cursor by so many rows; with no row chosen a single step takes up its last seat.
    pub fn step(&mut self, by: isize) {
        let ids = self.shown_ids();
        let Some(last) = ids.len().checked_sub(1) else { return };
        let to = match self.position(&ids) {
            Some(at) => at.saturating_add_signed(by).min(last),
            None if by.unsigned_abs() <= 1 => self.seat.min(last),
            None => self.seat.saturating_add_signed(by).min(last),
        };
        self.choose_at(&ids, to);
    }

    /// Moves the cursor to the first row.
    pub fn first(&mut self) {
        self.choose_at(&self.shown_ids(), 0);
    }

    /// Moves the cursor to the last row.
    pub fn last(&mut self) {
        let ids = self.shown_ids();
        self.choose_at(&ids, ids.len().saturating_sub(1));
    }

    /// The operator came to this list anew: if the cursor has no row, it takes one, or follows the newest rows.
    pub fn enter(&mut self) {
        match self.chosen {
            Some(_) => {}
            None if self.follows_by_itself() => self.follow(),
            None => self.step(0),
        }
    }

    /// Lets go of the cursor and shows the newest rows of a live list.
    pub fn follow(&mut self) {
        if self.live {
            (self.chosen, self.seat, self.lost) = (None, 0, false);
        }
    }

    /// How many rows of a live list stand above the cursor.
    pub fn newer(&self) -> Option<usize> {
        self.chosen.as_ref().filter(|_| self.live).map(|_| self.seat)
    }

    /// The filter's text.
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// Shows only rows that contain `text`. The operator does this, so the cursor may take the first row that is left.
    pub fn set_filter(&mut self, text: &str) {
        self.filter = text.trim().to_lowercase();
        let ids = self.shown_ids();
        if self.position(&ids).is_none() {
            self.chosen = None;
            if !self.follows_by_itself() {
                self.choose_at(&ids, 0);
            }
        }
    }

    /// Keeps drawing the rows as they are now, or goes on. Only this console is frozen; the feed goes on behind it.
    pub fn toggle_freeze(&mut self, now: Timestamp) -> Option<String> {
        if self.frozen.take().is_none() {
            let order = self.held.as_ref().unwrap_or(&self.order);
            let rows = order.iter().filter_map(|id| self.rows.get(id)).cloned().collect();
            self.frozen = Some(Frozen { at: now, rows });
        }
        self.settle()
    }

    /// Since when the list is frozen, and how many rows came since.
    pub fn frozen(&self) -> Option<(Timestamp, usize)> {
        let frozen = self.frozen.as_ref()?;
        let known: HashSet<&str> = frozen.rows.iter().map(Row::id).collect();
        Some((frozen.at, self.order.iter().filter(|id| !known.contains(id.as_str())).count()))
    }

    /// Lets values change without moving or adding rows, or goes on.
    pub fn toggle_hold(&mut self) -> Option<String> {
        self.held = match self.held {
            Some(_) => None,
            None => Some(self.order.clone()),
        };
        self.settle()
    }

    /// If the order is held: how many rows came since.
    pub fn held(&self) -> Option<usize> {
        let held: HashSet<&str> = self.held.as_ref()?.iter().map(String::as_str).collect();
        Some(self.order.iter().filter(|id| !held.contains(id.as_str())).count())
    }

    /// After a change: remembers the cursor's seat, or notices that its row is gone. Never chooses another row in its
    /// place; only a list that had nothing to choose from gets a cursor.
    fn settle(&mut self) -> Option<String> {
        let ids = self.shown_ids();
        if let Some(at) = self.position(&ids) {
            self.seat = at;
            return None;
        }
        let gone = self.chosen.take();
        self.lost = (self.lost || gone.is_some()) && !ids.is_empty();
        if gone.is_none() && !self.lost && !self.follows_by_itself() {
            self.choose_at(&ids, 0);
        }
        gone
    }

    /// A filter shows what was looked for, which is there to be acted on.
    fn follows_by_itself(&self) -> bool {
        self.live && self.filter.is_empty()
    }

    fn shown_ids(&self) -> Vec<String> {
        self.shown().into_iter().map(|row| row.id().to_owned()).collect()
    }

    fn position(&self, ids: &[String]) -> Option<usize> {
        let chosen = self.chosen.as_ref()?;
        ids.iter().position(|id| id == chosen)
    }

    fn choose_at(&mut self, ids: &[String], at: usize) {
        if let Some(id) = ids.get(at) {
            self.chosen = Some(id.clone());
            self.seat = at;
            self.lost = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug)]
    struct Item(&'static str, i64);

    impl Row for Item {
        fn id(&self) -> &str {
            self.0
        }
        fn haystack(&self) -> String {
            format!("{} {}", self.0, self.1)
        }
    }

    const NOW: Timestamp = Timestamp(1_000);

    fn list(items: &[Item]) -> List<Item> {
        let mut list = List::new(|i: &Item| i.1, 4);
        list.replace(items.to_vec(), NOW);
        list
    }

    /// The rows with the cursor in brackets: `a [b] c`.
    fn picture(list: &List<Item>) -> String {
        let mark =
            |i: &&Item| if list.chosen_id() == Some(i.0) { format!("[{}]", i.0) } else { i.0.to_owned() };
        list.shown().iter().map(mark).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_cursor_stays_on_its_row_whatever_moves() {
        type Change = fn(&mut List<Item>) -> Option<String>;
        let table: [(&str, Change, &str, Option<&str>); 8] = [
            ("a row comes above", |l| l.put(Item("x", 0)), "x a [b] c", None),
            ("its own rank changes", |l| l.put(Item("b", 9)), "a c [b]", None),
            ("its neighbour overtakes it", |l| l.put(Item("c", 1)), "a c [b]", None),
            ("the list is loaded again", |l| l.replace(vec![Item("b", 7), Item("z", 1)], NOW), "z [b]", None),
            ("a neighbour goes", |l| l.remove("a"), "[b] c", None),
            ("it goes: no other row is chosen", |l| l.remove("b"), "a c", Some("b")),
            ("it goes with all: nothing is left", |l| l.replace(vec![], NOW), "", Some("b")),
            ("it goes in a load: no other is chosen", |l| l.replace(vec![Item("a", 1)], NOW), "a", Some("b")),
        ];
        for (name, change, want, gone) in table {
            let mut list = list(&[Item("a", 1), Item("b", 2), Item("c", 3)]);
            list.step(1);
            assert_eq!(change(&mut list).as_deref(), gone, "{name}");
            assert_eq!(picture(&list), want, "{name}");
        }
    }

    #[test]
    fn after_a_loss_the_next_step_takes_the_old_seat() {
        let mut list = list(&[Item("a", 1), Item("b", 2), Item("c", 3)]);
        list.step(1);
        list.remove("b");
        list.put(Item("d", 4));
        assert_eq!(picture(&list), "a c d");
        list.step(1);
        assert_eq!(picture(&list), "a [c] d");
    }

    #[test]
    fn a_live_list_follows_its_newest_rows_until_a_cursor_is_taken() {
        let mut list = List::live(|i: &Item| i.1, 9);
        list.replace(vec![Item("c", 3), Item("d", 4)], NOW);
        list.enter();
        list.put(Item("b", 2));
        assert_eq!((picture(&list).as_str(), list.seat(), list.newer()), ("b c d", 0, None));
        list.step(1);
        list.put(Item("a", 1));
        assert_eq!((picture(&list).as_str(), list.newer()), ("a [b] c d", Some(1)));
        list.follow();
        assert_eq!((picture(&list).as_str(), list.seat()), ("a b c d", 0));
        list.step(isize::MAX / 2);
        assert_eq!(picture(&list), "a b c [d]");
        list.follow();
        list.set_filter("c");
        assert_eq!(picture(&list), "[c]");
    }

    #[test]
    fn an_empty_list_gets_a_cursor_with_its_first_row() {
        let mut list = list(&[]);
        list.put(Item("a", 1));
        assert_eq!(picture(&list), "[a]");
    }

    #[test]
    fn frozen_rows_stay_as_they_were_and_the_new_are_counted() {
        let mut list = list(&[Item("a", 1), Item("b", 2)]);
        list.toggle_freeze(NOW);
        list.put(Item("c", 0));
        list.remove("b");
        assert_eq!(picture(&list), "[a] b");
        assert_eq!(list.frozen(), Some((NOW, 1)));
        list.toggle_freeze(NOW);
        assert_eq!(picture(&list), "c [a]");
        assert_eq!(list.frozen(), None);
    }

    #[test]
    fn held_rows_keep_their_places_and_take_new_values() {
        let mut list = list(&[Item("a", 1), Item("b", 2)]);
        list.toggle_hold();
        list.put(Item("a", 9));
        list.put(Item("c", 0));
        assert_eq!(picture(&list), "[a] b");
        assert_eq!((list.held(), list.chosen().map(|i| i.1)), (Some(1), Some(9)));
        list.toggle_hold();
        assert_eq!(picture(&list), "c b [a]");
    }

    #[test]
    fn a_filter_narrows_and_the_cap_drops_the_last() {
        let mut list = list(&[Item("apple", 1), Item("pear", 2), Item("peach", 3)]);
        list.set_filter(" PE");
        assert_eq!(picture(&list), "[pear] peach");
        list.set_filter("");
        assert_eq!(picture(&list), "apple [pear] peach");
        for (id, rank) in [("q", 4), ("r", 5), ("s", 0)] {
            list.put(Item(id, rank));
        }
        assert_eq!(picture(&list), "s apple [pear] peach");
    }
}
