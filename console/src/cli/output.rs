//! What commands write: tables for people, JSON for programs. Foreign text is made visible in both.

use std::io::{self, IsTerminal, Write};

use serde_json::Value;

use crate::exit::{Exit, Failure};
use crate::text::sanitize::{Charset, terminal_safe_json, visible};
use crate::text::width::{Align, width};

/// A column of a table: its head and where its text stands.
pub type Column = (&'static str, Align);

/// Where a command's answer goes.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// Answer in JSON.
    pub json: bool,
    /// What the terminal can show.
    pub charset: Charset,
}

impl Output {
    /// Prints a JSON value, indented.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn value(self, value: &Value) -> Result<(), Failure> {
        let text =
            serde_json::to_string_pretty(value).map_err(|e| Failure::new(Exit::Unexpected, e.to_string()))?;
        self.write(&terminal_safe_json(&text))
    }

    /// Prints a JSON value on one line.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn value_line(self, value: &Value) -> Result<(), Failure> {
        self.write(&terminal_safe_json(&value.to_string()))
    }

    /// Prints a table, each column as wide as its widest text.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn table(self, columns: &[Column], rows: &[Vec<String>]) -> Result<(), Failure> {
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.iter().map(|cell| visible(cell, self.charset).into_owned()).collect())
            .collect();
        let widths: Vec<usize> = columns
            .iter()
            .enumerate()
            .map(|(i, (head, _))| {
                rows.iter().filter_map(|r| r.get(i)).map(|c| width(c)).max().unwrap_or(0).max(width(head))
            })
            .collect();
        let heads: Vec<String> = columns.iter().map(|(head, _)| (*head).to_owned()).collect();
        for row in std::iter::once(&heads).chain(&rows) {
            let mut line = String::new();
            for ((cell, (_, align)), wide) in row.iter().zip(columns).zip(&widths) {
                let pad = " ".repeat(wide.saturating_sub(width(cell)));
                match align {
                    Align::Left => line += &format!("{cell}{pad}  "),
                    Align::Right => line += &format!("{pad}{cell}  "),
                }
            }
            self.write(line.trim_end())?;
        }
        Ok(())
    }

    /// Prints lines of `name  value`, leaving out what has no value.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn facts(self, facts: &[(&str, String)]) -> Result<(), Failure> {
        let wide = facts.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
        for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
            self.line(&format!("{name:wide$}  {value}"))?;
        }
        Ok(())
    }

    /// Prints one line, made safe.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn line(self, text: &str) -> Result<(), Failure> {
        self.write(&visible(text, self.charset))
    }

    fn write(self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        writeln!(out, "{text}").and_then(|()| out.flush()).map_err(|e| cannot_write(&e))
    }
}

/// Writes a remark to standard error, where it does not disturb a program that reads the answer.
pub fn remark(text: &str, charset: Charset) {
    for line in text.lines() {
        // Nobody can be told that standard error is closed.
        let _ = writeln!(io::stderr(), "{}", visible(line, charset));
    }
}

/// Whether somebody sits on both ends.
pub fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// A reader that went away (`| head`) wanted no more: that is no failure of ours.
fn cannot_write(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Failure::new(Exit::Ok, "");
    }
    Failure::new(Exit::Unexpected, format!("standard output cannot be written: {error}"))
}
