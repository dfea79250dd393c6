//! docs/commands.md and the key tables of docs/console.md are written from the code. `UPDATE=1` writes them anew.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Arg, Command, CommandFactory as _};
use sluice::cli::Cli;
use sluice::exit::Exit;
use sluice::tui::keymap::{Place, alive};

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name)
}

/// Compares with the file, or writes it.
fn hold(name: &str, want: &str) {
    if std::env::var_os("UPDATE").is_some_and(|v| !v.is_empty()) {
        std::fs::write(docs(name), want).unwrap();
    }
    let have = std::fs::read_to_string(docs(name)).unwrap_or_default();
    assert!(
        have == want,
        "docs/{name} is not what the code says: UPDATE=1 cargo test -p sluice --test documents"
    );
}

#[test]
fn the_commands() {
    let mut root = Cli::command();
    root.build();
    let mut text = String::from(
        "# The commands of `sluice`\n\n\
         Written from the code by `UPDATE=1 cargo test -p sluice --test documents`; do not edit.\n\n\
         `sluice` without a command opens the screens ([console.md](console.md)). The same acts exist as commands. Each \
         answers in tables for people, and with `--json` for programs; remarks and errors go to standard error. An ID is \
         any number of an order: ours, the merchant's, `channel_ref`, the provider's, or a callback's id, with white \
         space around it trimmed.\n\n## Exit codes\n\n| code | meaning |\n| --- | --- |\n",
    );
    for exit in Exit::ALL {
        writeln!(text, "| {} | {} |", exit as u8, exit.meaning()).unwrap();
    }
    text.push_str("\n## Options of every command\n\n");
    options(&mut text, root.get_arguments().filter(|a| a.is_global_set()));
    text.push_str(PROFILES);
    leaves(&mut text, &root, "sluice");
    hold("commands.md", &text);
}

const PROFILES: &str = "\nThe configuration file names daemons as profiles:\n\n```toml\ndefault = \"staging\"      # used when neither \
    --profile nor --endpoint is given\n\n[profiles.prod]\nendpoint = \"https://ops.wallet.example:9443\"\ntoken_file = \
    \"/home/alice/.config/sluice/prod.token\"\nca_file = \"/home/alice/.config/sluice/ca.pem\"\ncolour = \"red\"           # red, \
    yellow, green, blue, magenta or cyan: on every screen and dialog\nread_only = true         # no act that changes \
    something\n```\n";

fn leaves(text: &mut String, command: &Command, path: &str) {
    for sub in command.get_subcommands() {
        let path = format!("{path} {}", sub.get_name());
        if sub.get_subcommands().next().is_some() {
            leaves(text, sub, &path);
            continue;
        }
        let about = sub.get_long_about().or(sub.get_about()).unwrap_or_default();
        writeln!(text, "\n## `{path}`\n\n{about}\n").unwrap();
        let own: Vec<&Arg> = sub
            .get_arguments()
            .filter(|a| !a.is_global_set() && a.get_id() != "help" && a.get_id() != "version")
            .collect();
        if !own.is_empty() {
            options(text, own.into_iter());
            text.push('\n');
        }
        let examples = sub.get_after_help().unwrap_or_else(|| panic!("{path} has no example")).to_string();
        let lines: Vec<&str> = examples.lines().skip(1).map(|l| l.strip_prefix("  ").unwrap_or(l)).collect();
        assert!(lines.iter().any(|l| l.contains(&path)), "{path}: its example is of another command");
        writeln!(text, "```sh\n{}\n```", lines.join("\n")).unwrap();
    }
}

fn options<'a>(text: &mut String, arguments: impl Iterator<Item = &'a Arg>) {
    text.push_str("| option | meaning |\n| --- | --- |\n");
    for argument in arguments {
        let value = argument.get_value_names().and_then(|v| v.first()).map(ToString::to_string);
        let takes = argument.get_action().takes_values();
        let name = match argument.get_long() {
            Some(long) if takes => format!("--{long} {}", value.unwrap_or_default()),
            Some(long) => format!("--{long}"),
            None => argument.get_id().to_string().to_uppercase(),
        };
        let mut help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        let choices: Vec<String> = argument
            .get_possible_values()
            .iter()
            .filter(|_| takes)
            .map(|v| format!("`{}`", v.get_name()))
            .collect();
        if !choices.is_empty() {
            write!(help, ": {}", choices.join(", ")).unwrap();
        }
        if let Some(variable) = argument.get_env() {
            write!(help, " (`{}`)", variable.to_string_lossy()).unwrap();
        }
        if argument.is_required_set() && argument.get_long().is_some() {
            help.push_str("; required");
        }
        writeln!(text, "| `{name}` | {help} |").unwrap();
    }
}

#[test]
fn the_keys() {
    const BEGIN: &str = "<!-- keys: written from the code -->\n";
    const END: &str = "<!-- end of keys -->\n";
    let mut keys = String::from(BEGIN);
    // What is alive in most places is said once.
    let everywhere = |b: &sluice::tui::keymap::Binding| b.places.len() >= 14;
    keys.push_str("\n**Everywhere but where text is typed**\n\n| key | does |\n| --- | --- |\n");
    for binding in sluice::tui::keymap::BINDINGS.iter().filter(|b| everywhere(b)) {
        line(&mut keys, binding);
    }
    let own = |place| alive(place).filter(|b| !everywhere(b)).collect::<Vec<_>>();
    let same = |a: &Place, b: &Place| {
        let actions = |place| own(place).into_iter().map(|b| b.action).collect::<Vec<_>>();
        actions(*a) == actions(*b)
    };
    for places in Place::ALL.chunk_by(same) {
        let names: Vec<&str> = places.iter().map(|p| p.name()).collect();
        write!(keys, "\n**{}**\n\n| key | does |\n| --- | --- |\n", names.join(", ")).unwrap();
        own(places[0]).into_iter().for_each(|b| line(&mut keys, b));
    }
    keys.push('\n');
    keys.push_str(END);
    let have = std::fs::read_to_string(docs("console.md")).unwrap();
    let (before, rest) = have.split_once(BEGIN).expect("docs/console.md lost its mark for the keys");
    let (_, after) = rest.split_once(END).expect("docs/console.md lost its mark for the end of the keys");
    hold("console.md", &format!("{before}{keys}{after}"));
}

fn line(text: &mut String, binding: &sluice::tui::keymap::Binding) {
    let keys: Vec<String> = binding.keys.iter().map(|k| format!("`{k}`")).collect();
    writeln!(text, "| {} | {} |", keys.join(" "), binding.help).unwrap();
}
