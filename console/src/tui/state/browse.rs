//! The lists of the views, whatever their rows are.

use sluice_core::time::Timestamp;

use super::list::{List, Row};
use super::{State, View};

/// What can be done with a list without looking at its rows.
pub trait Browse {
    /// The chosen row's id.
    fn chosen_id(&self) -> Option<&str>;
    /// The filter's text.
    fn filter(&self) -> &str;
    /// Shows only rows that contain `text`.
    fn set_filter(&mut self, text: &str);
    /// The operator came to this list anew.
    fn enter(&mut self);
    /// Moves the cursor by so many rows.
    fn step(&mut self, by: isize);
    /// Freezes the rows or goes on. Gives the chosen id if its row is gone.
    fn toggle_freeze(&mut self, now: Timestamp) -> Option<String>;
    /// Holds the places of the rows or goes on. Gives the chosen id if its row is gone.
    fn toggle_hold(&mut self) -> Option<String>;
}

impl<R: Row> Browse for List<R> {
    fn chosen_id(&self) -> Option<&str> {
        List::chosen_id(self)
    }

    fn filter(&self) -> &str {
        List::filter(self)
    }

    fn set_filter(&mut self, text: &str) {
        List::set_filter(self, text);
    }

    fn enter(&mut self) {
        List::enter(self);
    }

    fn step(&mut self, by: isize) {
        List::step(self, by);
    }

    fn toggle_freeze(&mut self, now: Timestamp) -> Option<String> {
        List::toggle_freeze(self, now)
    }

    fn toggle_hold(&mut self) -> Option<String> {
        List::toggle_hold(self)
    }
}

impl State {
    /// A view's list; none where a view has none.
    pub fn list(&self, view: View) -> Option<&dyn Browse> {
        Some(match view {
            View::Overview => return None,
            View::Orders => &self.orders,
            View::Limbo => &self.limbo,
            View::Callbacks => &self.callbacks,
            View::Channels => &self.channels,
            View::Apps => &self.apps,
            View::Audit => &self.audit,
            View::Ledger => &self.accounts,
            View::Desk => &self.desk,
        })
    }

    /// The same to change.
    pub fn list_mut(&mut self, view: View) -> Option<&mut dyn Browse> {
        Some(match view {
            View::Overview => return None,
            View::Orders => &mut self.orders,
            View::Limbo => &mut self.limbo,
            View::Callbacks => &mut self.callbacks,
            View::Channels => &mut self.channels,
            View::Apps => &mut self.apps,
            View::Audit => &mut self.audit,
            View::Ledger => &mut self.accounts,
            View::Desk => &mut self.desk,
        })
    }

    /// The filter of the current view's list.
    pub fn filter(&self) -> &str {
        self.list(self.view).map_or("", |list| list.filter())
    }

    /// Narrows a view's list.
    pub fn set_filter(&mut self, view: View, text: &str) {
        if let Some(list) = self.list_mut(view) {
            list.set_filter(text);
        }
    }
}
