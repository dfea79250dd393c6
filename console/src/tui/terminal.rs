//! The terminal: taken over and given back whole, whatever ends the console.

use std::io::{self, Stdout, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute};
use ratatui::backend::{Backend, CrosstermBackend, TestBackend};
use rustix::process::{Signal, kill_current_process_group};
use zeroize::Zeroizing;

/// What the run loop needs of a terminal besides drawing.
pub trait Screen: Backend {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// The terminal is gone.
    fn enter(&mut self) -> io::Result<()>;
    /// Gives the terminal back as it was.
    ///
    /// # Errors
    /// The terminal is gone.
    fn leave(&mut self) -> io::Result<()>;
    /// The terminal is to show nothing of a frame before [`Screen::end_frame`].
    ///
    /// # Errors
    /// The terminal is gone.
    fn begin_frame(&mut self) -> io::Result<()>;
    /// The frame is whole.
    ///
    /// # Errors
    /// The terminal is gone.
    fn end_frame(&mut self) -> io::Result<()>;
    /// Sends text to the terminal's clipboard. Whether it takes it cannot be known.
    ///
    /// # Errors
    /// The terminal is gone.
    fn copy(&mut self, text: &str) -> io::Result<()>;
    /// Stops this process and its group, as Ctrl-Z would without raw mode.
    ///
    /// # Errors
    /// The signal cannot be sent.
    fn stop(&mut self) -> io::Result<()>;
}

impl Screen for CrosstermBackend<Stdout> {
    fn enter(&mut self) -> io::Result<()> {
        enable_raw_mode()?;
        execute!(self, EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)
    }

    fn leave(&mut self) -> io::Result<()> {
        restore()
    }

    fn begin_frame(&mut self) -> io::Result<()> {
        execute!(self, BeginSynchronizedUpdate)
    }

    fn end_frame(&mut self) -> io::Result<()> {
        execute!(self, EndSynchronizedUpdate)
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        Write::write_all(self, clipboard(text, std::env::var_os("TMUX").is_some()).as_bytes())?;
        Write::flush(self)
    }

    fn stop(&mut self) -> io::Result<()> {
        // The whole group, so that a parent that waits for us (such as make) is stopped with us and the shell notices.
        Ok(kill_current_process_group(Signal::TSTP)?)
    }
}

/// In tests: what was asked of the terminal leaves no trace but the frames.
impl Screen for TestBackend {
    fn enter(&mut self) -> io::Result<()> {
        Ok(())
    }
    fn leave(&mut self) -> io::Result<()> {
        Ok(())
    }
    fn begin_frame(&mut self) -> io::Result<()> {
        Ok(())
    }
    fn end_frame(&mut self) -> io::Result<()> {
        Ok(())
    }
    fn copy(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }
    fn stop(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The sequence that hands text to the terminal's clipboard (OSC 52). tmux takes it for itself or drops it, so inside
/// tmux it goes a second time wrapped for the terminal around it; which of the two is heard is tmux's configuration
/// (`set-clipboard`, `allow-passthrough`).
fn clipboard(text: &str, in_tmux: bool) -> Zeroizing<String> {
    let encoded = Zeroizing::new(STANDARD.encode(text));
    let mut sequence = Zeroizing::new(String::with_capacity(2 * encoded.len() + 32));
    for part in ["\x1b]52;c;", &encoded, "\x07"] {
        sequence.push_str(part);
    }
    if in_tmux {
        for part in ["\x1bPtmux;\x1b\x1b]52;c;", &encoded, "\x07\x1b\\"] {
            sequence.push_str(part);
        }
    }
    sequence
}

/// Gives the terminal back: all of it is tried, the first failure told.
fn restore() -> io::Result<()> {
    let mut out = io::stdout();
    let screen = execute!(
        out,
        EndSynchronizedUpdate,
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    disable_raw_mode().and(screen)
}

/// From now on a panic, in whatever thread, first gives the terminal back, then tells, then ends the console: half a
/// console over a broken thread would show a state that is no longer true.
pub fn restore_on_panic() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let _ = restore();
        tell(info);
        std::process::exit(101);
    }));
}

/// Gives the terminal back when it goes.
#[derive(Debug)]
pub struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing given back.
        let _ = restore();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clipboard_is_reached_inside_tmux_too() {
        let plain = "\x1b]52;c;5a+G56CB\x07";
        assert_eq!(clipboard("密码", false).as_str(), plain);
        let wrapped = "\x1bPtmux;\x1b\x1b]52;c;5a+G56CB\x07\x1b\\";
        assert_eq!(clipboard("密码", true).as_str(), format!("{plain}{wrapped}"));
    }
}
