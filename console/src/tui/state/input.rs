//! A line that is being typed.

use crate::tui::key::{Code, Key};

/// The longest text that is taken; longer than any number or sensible reason.
const LONGEST: usize = 500;

/// Text typed at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    text: String,
}

impl Input {
    /// What was typed so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Takes a key; says whether it was one for typing.
    pub fn press(&mut self, key: Key) -> bool {
        match (key.code, key.ctrl) {
            (Code::Char('u'), true) => self.text.clear(),
            (Code::Char('w'), true) => {
                let kept = self.text.trim_end().rfind(' ').map_or(0, |at| at + 1);
                self.text.truncate(kept);
            }
            (Code::Char(c), false) => self.push(c),
            (Code::Backspace, _) => {
                self.text.pop();
            }
            _ => return false,
        }
        true
    }

    /// Takes pasted text: its first line that is not blank, without control characters.
    pub fn paste(&mut self, text: &str) {
        let line = text.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
        line.chars().filter(|c| !c.is_control()).for_each(|c| self.push(c));
    }

    fn push(&mut self, c: char) {
        if self.text.chars().count() < LONGEST {
            self.text.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_and_pasting() {
        let mut input = Input::default();
        "leaked in a log".chars().for_each(|c| assert!(input.press(Key::plain(Code::Char(c)))));
        input.press(Key::ctrl('w'));
        assert_eq!(input.text(), "leaked in a ");
        input.paste("\n  A-1\x1b[2J  \nsecond line");
        assert_eq!(input.text(), "leaked in a A-1[2J");
        input.press(Key::plain(Code::Backspace));
        assert_eq!(input.text(), "leaked in a A-1[2");
        input.press(Key::ctrl('u'));
        assert_eq!(input.text(), "");
        assert!(!input.press(Key::plain(Code::Enter)));
        input.paste(&"x".repeat(2_000));
        assert_eq!(input.text().len(), LONGEST);
    }
}
