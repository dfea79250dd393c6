//! What the terminal reports, as messages.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::effect::Msg;
use super::key::{Code, Key};

/// The message of a terminal event; none for what means nothing to us.
pub fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) => key_of(key).map(Msg::Key),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(columns, rows) => Some(Msg::Resize(columns, rows)),
        Event::FocusGained | Event::FocusLost | Event::Mouse(_) => None,
    }
}

fn key_of(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    // Alt, Super and their kin mean nothing here; their letter alone must not act.
    if !(event.modifiers - KeyModifiers::SHIFT - KeyModifiers::CONTROL).is_empty() {
        return None;
    }
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    let code = match event.code {
        KeyCode::Char(c) if ctrl => Code::Char(c.to_ascii_lowercase()),
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => Code::BackTab,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::Backspace => Code::Backspace,
        _ => return None,
    };
    Some(Key { code, ctrl, repeat: event.kind == KeyEventKind::Repeat })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        use KeyModifiers as M;
        let key = |code, modifiers| key_of(KeyEvent::new(code, modifiers));
        for (code, modifiers, want) in [
            (KeyCode::Char('R'), M::SHIFT, Some(Key::plain(Code::Char('R')))),
            (KeyCode::Char('Z'), M::CONTROL | M::SHIFT, Some(Key::ctrl('z'))),
            (KeyCode::Char('r'), M::ALT, None),
            (KeyCode::Enter, M::NONE, Some(Key::plain(Code::Enter))),
            (KeyCode::Enter, M::ALT, None),
            (KeyCode::Tab, M::SHIFT, Some(Key::plain(Code::BackTab))),
            (KeyCode::F(5), M::NONE, None),
        ] {
            assert_eq!(key(code, modifiers), want, "{code:?} {modifiers:?}");
        }
        let held = KeyEvent::new_with_kind(KeyCode::Enter, M::NONE, KeyEventKind::Repeat);
        assert!(key_of(held).is_some_and(|k| k.repeat));
        let released = KeyEvent::new_with_kind(KeyCode::Enter, M::NONE, KeyEventKind::Release);
        assert_eq!(key_of(released), None);
    }
}
