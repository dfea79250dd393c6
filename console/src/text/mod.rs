//! How things are written on a screen: foreign text made safe, widths, times and money.

pub mod money;
pub mod sanitize;
pub mod time;
pub mod width;
