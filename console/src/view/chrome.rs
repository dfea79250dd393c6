//! The frame of every screen: title, tabs, the banner of a lost link, the notice, the footer.

use ratatui::layout::Rect;

use super::pen::Pen;
use super::theme::Role;
use crate::text::money::count;
use crate::text::time::{age, skew};
use crate::text::width::{Keep, cut, width};
use crate::tui::keymap::{Action, Binding, Place, alive};
use crate::tui::state::link::LinkStatus;
use crate::tui::state::{MOST_ROWS, State, Tone, View};

/// Draws the frame; gives the area of the body.
pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State) -> Rect {
    title(pen, Rect { height: 1, ..area }, state);
    tabs(pen, Rect { y: area.y + 1, height: 1, ..area }, state);
    let bottom = area.bottom() - 1;
    footer(pen, Rect { y: bottom, height: 1, ..area }, state);
    match state.search() {
        Some(search) => {
            let x = pen.put(area.x, bottom - 1, area.right(), " / ", Role::Accent);
            let x = pen.put(x, bottom - 1, area.right(), search.input.text(), Role::Strong);
            let x = pen.put(x, bottom - 1, area.right(), pen.signs().cursor, Role::Accent);
            let hint = "   any number: the merchant's, ours, the channel's, a callback's";
            pen.put(x, bottom - 1, area.right(), hint, Role::Dim);
        }
        None => notice(pen, Rect { y: bottom - 1, height: 1, ..area }, state),
    }
    let lost = banner(pen, Rect { y: area.y + 2, height: 1, ..area }, state);
    let top = area.y + 2 + u16::from(lost);
    Rect { y: top, height: (bottom - 1).saturating_sub(top), ..area }
}

fn title(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let signs = pen.signs();
    let (sign, word, role) = match &state.link.status {
        LinkStatus::Up => (signs.up, "live", Role::Good),
        LinkStatus::Connecting => (signs.waiting, "connecting", Role::Warn),
        LinkStatus::Lost { .. } => (signs.down, "no link", Role::Bad),
    };
    let (link, clock) = (format!(" {sign} {word}"), state.clock.wall(state.now));
    let skew = format!("  daemon {}  ", skew(state.link.skew_ms));
    // A clock that is off makes every age and countdown suspect.
    let skewed = if state.link.skew_ms.abs() >= 2_000 { Role::Warn } else { Role::Dim };
    let right =
        [(link.as_str(), role), (skew.as_str(), skewed), (clock.as_str(), Role::Text), (" ", Role::Text)];
    // The link and the clock are always there; what stands left of them gives way.
    let end = pen.pieces_right(area.x, area.y, area.right(), &right);
    let name = format!(" {} ", cut(&state.profile.name, 28, Keep::End, pen.theme.charset));
    let mut x = pen.put(area.x, area.y, end, " SLUICE ", Role::Key);
    x = pen.put(x, area.y, end, &name, Role::Profile(state.profile.colour));
    if state.profile.read_only {
        x = pen.put(x, area.y, end, " read-only", Role::Warn);
    }
    if let Some(hello) = &state.link.hello {
        let who = format!("  {} ({})", hello.operator, hello.role);
        let daemon = format!(" · {} {}", hello.daemon, hello.version);
        for text in [who, daemon] {
            if width(&text) <= usize::from(end.saturating_sub(x)) {
                x = pen.put(x, area.y, end, &text, Role::Dim);
            }
        }
    }
}

/// The views with what waits in them: in full, or closer together where the screen is narrow.
fn tabs(pen: &mut Pen<'_>, area: Rect, state: &State) {
    type Form = fn(usize, View, Option<u64>) -> String;
    const FORMS: [Form; 2] = [
        |key, view, number| match number {
            Some(n) => format!(" {key} {} {} ", view.name(), count(n)),
            None => format!(" {key} {} ", view.name()),
        },
        |key, view, number| match number {
            Some(n) => format!("{key}{}({}) ", view.short_name(), count(n)),
            None => format!("{key}{} ", view.short_name()),
        },
    ];
    let labels = |form: Form| -> Vec<String> {
        (1..).zip(View::ALL).map(|(key, view)| form(key, view, tab_count(state, view))).collect()
    };
    let [full, close] = FORMS.map(labels);
    let fits = full.iter().map(|label| width(label)).sum::<usize>() <= usize::from(area.width);
    let mut x = area.x;
    for (view, label) in View::ALL.into_iter().zip(if fits { full } else { close }) {
        let role = match (view == state.view, tab_count(state, view)) {
            (true, _) => Role::TabOpen,
            (false, Some(_)) => Role::Warn,
            (false, None) => Role::Tab,
        };
        x = pen.put(x, area.y, area.right(), &label, role);
    }
}

/// What waits in a view; nothing where nothing does. The list is newer than the overview, unless it is full.
fn tab_count(state: &State, view: View) -> Option<u64> {
    let overview = state.overview.as_ref()?;
    let (listed, counted) = match view {
        View::Limbo => (state.limbo.total(), overview.limbo),
        View::Callbacks => (state.callbacks.total(), overview.callbacks_stuck),
        View::Desk => (state.desk.all().filter(|row| row.is_waiting()).count(), overview.suspense_open),
        _ => return None,
    };
    let number = if listed < MOST_ROWS { listed as u64 } else { counted };
    (number > 0).then_some(number)
}

/// The link's loss: since when, why, and when it is tried again. Everything below is as old as that.
fn banner(pen: &mut Pen<'_>, area: Rect, state: &State) -> bool {
    let LinkStatus::Lost { since, why, attempt, retry_at } = &state.link.status else { return false };
    let wait = retry_at.since(state.now).as_secs();
    let next = if wait == 0 { "trying now".to_owned() } else { format!("next try in {wait}s") };
    let stale = age(since.millis(), state.now);
    let sign = pen.signs().alert;
    // The reason comes last: it may be long, and the rest must not be cut.
    let text = format!(" {sign} no connection; rows are {stale} old · {next} (failed {attempt}×) · {why}")
        .replace('×', " times");
    pen.cell(area.x, area.y, area.width, &text, (crate::text::width::Align::Left, Keep::Start), Role::Banner);
    true
}

fn notice(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let Some(notice) = &state.notice else { return };
    let role = match notice.tone {
        Tone::Plain => Role::Text,
        Tone::Good => Role::Good,
        Tone::Warning => Role::Warn,
        Tone::Bad => Role::Bad,
    };
    let x = pen.pieces(area.x, area.y, area.right(), &[(" ", role), (pen.signs().step, role), (" ", role)]);
    let room = usize::from(area.right().saturating_sub(x));
    let text = cut(
        &crate::text::sanitize::visible(&notice.text, pen.theme.charset),
        room,
        Keep::Start,
        pen.theme.charset,
    );
    pen.put(x, area.y, area.right(), &text, role);
}

/// The keys that are alive here; help and quit at the right are never cut. One that can do nothing now stays in its
/// place, grey and in brackets; pressing it says why.
fn footer(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let shown = alive(Place::of(state)).filter(|b| b.footer);
    let (right, left): (Vec<&Binding>, Vec<&Binding>) =
        shown.partition(|b| matches!(b.action, Action::Help | Action::Quit));
    let right: Vec<String> = right.into_iter().map(label).collect();
    let gap = [("  ", Role::Text)];
    let pieces: Vec<(&str, Role)> =
        right.iter().flat_map(|l| split(l, true).into_iter().chain(gap)).collect();
    let end = pen.pieces_right(area.x, area.y, area.right(), &pieces);
    let mut x = area.x + 1;
    for binding in left {
        let can = (binding.can)(state).is_ok();
        let label = label(binding);
        let text = if can { label } else { format!("({label})") };
        if usize::from(end.saturating_sub(x)) < width(&text) + 2 {
            break;
        }
        x = pen.pieces(x, area.y, end, &split(&text, can)) + 2;
    }
}

fn label(binding: &Binding) -> String {
    let key = binding.keys.first().map(ToString::to_string).unwrap_or_default();
    format!("{key} {}", binding.label)
}

/// A key and its word, each in its own look.
fn split(label: &str, can: bool) -> [(&str, Role); 3] {
    let (key, word) = label.split_once(' ').unwrap_or((label, ""));
    if can {
        [(key, Role::Key), (" ", Role::Text), (word, Role::Text)]
    } else {
        [(key, Role::Off), (" ", Role::Off), (word, Role::Off)]
    }
}
