//! How things are written on a screen: foreign text made safe, widths, times and money.

pub mod kinds;
pub mod money;
pub mod sanitize;
pub mod time;
pub mod width;

/// A code and what it means; a code that is a word says nothing beside its title.
pub(crate) fn named_diagnosis(code: &str, title: &str) -> String {
    if code.len() > 2 { title.to_owned() } else { format!("{code} {title}") }
}
