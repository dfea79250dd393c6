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
        let encoded = zeroize::Zeroizing::new(STANDARD.encode(text));
        Write::write_all(self, b"\x1b]52;c;")?;
        Write::write_all(self, encoded.as_bytes())?;
        Write::write_all(self, b"\x07")?;
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
