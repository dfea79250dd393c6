//! The question before an act that cannot be taken back.

use std::io::{BufRead, Write};

use super::Context;
use super::output::{is_interactive, remark};
use crate::exit::{Exit, Failure};
use crate::text::sanitize::visible;

/// Says what will happen and has `expected` typed, unless `--yes` was given.
///
/// # Errors
/// It was not typed, or there is no terminal to ask at.
pub(super) fn confirm(effect: &str, expected: &str, yes: bool, context: &Context) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !is_interactive() {
        return Err(Failure::new(
            Exit::Usage,
            "this needs a confirmation, and there is no terminal to ask at",
        )
        .next("add --yes if you are sure"));
    }
    remark(&format!("This {effect}."), context.output.charset);
    let mut err = std::io::stderr();
    let shown = visible(expected, context.output.charset);
    let mut typed = String::new();
    let asked = write!(err, "Type {shown} to go on: ").and_then(|()| err.flush());
    asked
        .and_then(|()| std::io::stdin().lock().read_line(&mut typed))
        .map_err(|e| Failure::new(Exit::Unexpected, format!("the terminal cannot be read: {e}")))?;
    if typed.trim() == expected {
        return Ok(());
    }
    Err(Failure::new(Exit::Usage, "not confirmed; nothing was changed"))
}
