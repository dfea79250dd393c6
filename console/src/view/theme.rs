//! Colours and signs in one place. Views ask for a meaning; what that looks like depends on what the terminal can do.
//! State is never told by colour alone, so without colours nothing is lost.

use ratatui::style::{Color, Modifier, Style};

use crate::config::ProfileColour;
use crate::text::sanitize::Charset;

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// None: `NO_COLOR`, or a terminal without.
    None,
    /// The sixteen that the operator's terminal theme defines.
    Ansi16,
    /// Any.
    True,
}

/// What a text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the meanings")]
pub enum Role {
    Text,
    Strong,
    Dim,
    Accent,
    Good,
    Info,
    Warn,
    Bad,
    Head,
    Rule,
    Key,
    /// A key that can do nothing now.
    Off,
    Chosen,
    /// The chosen row where the keys go elsewhere.
    ChosenBehind,
    Tab,
    TabOpen,
    Banner,
    Button,
    ButtonFocused,
    Danger,
    Field,
    FieldFocused,
    Profile(Option<ProfileColour>),
}

/// What the terminal can do.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    /// Colours.
    pub depth: Depth,
    /// Characters.
    pub charset: Charset,
}

/// Signs, each one column wide.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the names are what they stand for")]
pub struct Signs {
    pub up: &'static str,
    pub down: &'static str,
    pub waiting: &'static str,
    pub alert: &'static str,
    pub cursor: &'static str,
    pub rule: &'static str,
    pub corners: [&'static str; 4],
    pub side: &'static str,
    pub evidence: &'static str,
    pub step: &'static str,
    pub created: &'static str,
    pub submitted: &'static str,
    pub pending: &'static str,
    pub paid: &'static str,
    pub completed: &'static str,
    pub closed: &'static str,
    pub refund: &'static str,
    pub bars: &'static [&'static str; 8],
}

const UTF8: Signs = Signs {
    up: "●",
    down: "▲",
    waiting: "○",
    alert: "▲",
    cursor: "▌",
    rule: "─",
    corners: ["╭", "╮", "╰", "╯"],
    side: "│",
    evidence: "◆",
    step: "▸",
    created: "○",
    submitted: "◔",
    pending: "◑",
    paid: "●",
    completed: "✓",
    closed: "×",
    refund: "↺",
    bars: &["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
};

const ASCII: Signs = Signs {
    up: "*",
    down: "!",
    waiting: "o",
    alert: "!",
    cursor: ">",
    rule: "-",
    corners: ["+", "+", "+", "+"],
    side: "|",
    evidence: "#",
    step: ">",
    created: "o",
    submitted: ".",
    pending: "~",
    paid: "$",
    completed: "+",
    closed: "x",
    refund: "<",
    bars: &["_", ".", ":", "-", "=", "+", "*", "#"],
};

impl Theme {
    /// What the environment says of the terminal.
    pub fn from_env(charset: Charset, env: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| env(name).filter(|v| !v.is_empty());
        let depth = if set("NO_COLOR").is_some() || set("TERM").is_none_or(|t| t == "dumb") {
            Depth::None
        } else if set("COLORTERM").is_some_and(|c| c == "truecolor" || c == "24bit") {
            Depth::True
        } else {
            Depth::Ansi16
        };
        Self { depth, charset }
    }

    /// The signs.
    pub const fn signs(self) -> &'static Signs {
        match self.charset {
            Charset::Utf8 => &UTF8,
            Charset::Ascii => &ASCII,
        }
    }

    /// How a meaning looks.
    pub fn style(self, role: Role) -> Style {
        let base = Style::new();
        match role {
            Role::Text => base,
            Role::Strong => base.add_modifier(Modifier::BOLD),
            Role::Dim | Role::Rule => self.paint(base, Hue::Grey),
            Role::Off => self.paint(base, Hue::Grey).add_modifier(Modifier::DIM),
            Role::Accent => self.paint(base, Hue::Teal),
            Role::Key => self.paint(base, Hue::Teal).add_modifier(Modifier::BOLD),
            Role::Good => self.paint(base, Hue::Green),
            Role::Info => self.paint(base, Hue::Blue),
            Role::Warn => self.paint(base, Hue::Amber),
            Role::Bad => self.paint(base, Hue::Red).add_modifier(Modifier::BOLD),
            Role::Head => self.paint(base, Hue::Grey).add_modifier(Modifier::BOLD),
            Role::Chosen => match self.depth {
                Depth::True => base.bg(Color::Rgb(38, 62, 78)).add_modifier(Modifier::BOLD),
                _ => base.add_modifier(Modifier::REVERSED),
            },
            Role::ChosenBehind => base.add_modifier(Modifier::UNDERLINED),
            Role::Tab => self.paint(base, Hue::Grey),
            Role::TabOpen => base.add_modifier(Modifier::BOLD | Modifier::REVERSED),
            Role::Banner => self.paint(base, Hue::Red).add_modifier(Modifier::BOLD | Modifier::REVERSED),
            Role::Button => base.add_modifier(Modifier::BOLD),
            Role::ButtonFocused => base.add_modifier(Modifier::BOLD | Modifier::REVERSED),
            Role::Danger => self.paint(base, Hue::Red).add_modifier(Modifier::BOLD | Modifier::REVERSED),
            Role::Field => self.paint(base, Hue::Grey).add_modifier(Modifier::UNDERLINED),
            Role::FieldFocused => base.add_modifier(Modifier::UNDERLINED | Modifier::BOLD),
            Role::Profile(colour) => {
                let base = base.add_modifier(Modifier::BOLD | Modifier::REVERSED);
                let hue = match colour {
                    Some(ProfileColour::Red) => Hue::Red,
                    Some(ProfileColour::Yellow) => Hue::Amber,
                    Some(ProfileColour::Green) => Hue::Green,
                    Some(ProfileColour::Blue) => Hue::Blue,
                    Some(ProfileColour::Magenta) => Hue::Magenta,
                    Some(ProfileColour::Cyan) | None => Hue::Teal,
                };
                self.paint(base, hue)
            }
        }
    }

    fn paint(self, style: Style, hue: Hue) -> Style {
        match self.depth {
            Depth::None => style,
            Depth::Ansi16 => style.fg(hue.ansi()),
            Depth::True => style.fg(hue.rgb()),
        }
    }
}

/// The palette. Its true colours are told apart by people who are colour-blind too: blue-green against vermilion and
/// amber, never plain red against green.
#[derive(Clone, Copy)]
enum Hue {
    Grey,
    Teal,
    Green,
    Blue,
    Amber,
    Red,
    Magenta,
}

impl Hue {
    const fn ansi(self) -> Color {
        match self {
            Self::Grey => Color::DarkGray,
            Self::Teal => Color::Cyan,
            Self::Green => Color::Green,
            Self::Blue => Color::Blue,
            Self::Amber => Color::Yellow,
            Self::Red => Color::Red,
            Self::Magenta => Color::Magenta,
        }
    }

    const fn rgb(self) -> Color {
        match self {
            Self::Grey => Color::Rgb(125, 140, 150),
            Self::Teal => Color::Rgb(86, 194, 214),
            Self::Green => Color::Rgb(70, 190, 150),
            Self::Blue => Color::Rgb(110, 165, 240),
            Self::Amber => Color::Rgb(232, 171, 64),
            Self::Red => Color::Rgb(240, 108, 72),
            Self::Magenta => Color::Rgb(204, 135, 190),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn theme(vars: &[(&str, &str)]) -> Theme {
        Theme::from_env(Charset::Utf8, |n| vars.iter().find(|(k, _)| *k == n).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn depth_follows_the_environment() {
        for (vars, want) in [
            (&[("TERM", "xterm-256color")][..], Depth::Ansi16),
            (&[("TERM", "xterm"), ("COLORTERM", "truecolor")], Depth::True),
            (&[("TERM", "xterm"), ("COLORTERM", "truecolor"), ("NO_COLOR", "1")], Depth::None),
            (&[("TERM", "xterm"), ("NO_COLOR", "")], Depth::Ansi16),
            (&[("TERM", "dumb")], Depth::None),
            (&[], Depth::None),
        ] {
            assert_eq!(theme(vars).depth, want, "{vars:?}");
        }
    }

    #[test]
    fn without_colours_no_style_has_one() {
        let theme = theme(&[("NO_COLOR", "1")]);
        for role in [
            Role::Bad,
            Role::Warn,
            Role::Good,
            Role::Danger,
            Role::Banner,
            Role::Profile(Some(ProfileColour::Red)),
        ] {
            assert_eq!((theme.style(role).fg, theme.style(role).bg), (None, None), "{role:?}");
        }
    }

    #[test]
    fn every_sign_is_one_column_and_ascii_is_ascii() {
        for (signs, ascii) in [(UTF8, false), (ASCII, true)] {
            let all = [
                signs.up,
                signs.down,
                signs.waiting,
                signs.alert,
                signs.cursor,
                signs.rule,
                signs.side,
                signs.evidence,
                signs.step,
                signs.created,
                signs.submitted,
                signs.pending,
                signs.paid,
                signs.completed,
                signs.closed,
                signs.refund,
            ];
            for sign in all.iter().chain(&signs.corners).chain(signs.bars) {
                assert_eq!(crate::text::width::width(sign), 1, "{sign}");
                assert!(!ascii || sign.is_ascii(), "{sign}");
            }
        }
    }
}
