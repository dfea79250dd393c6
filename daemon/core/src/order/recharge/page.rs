//! `docs/states.md`: the machine's table as a diagram and tables for people.

use super::machine::{ClosedReason, State, TRANSITIONS};
use crate::diagnose;

/// The page, whole.
pub fn markdown() -> String {
    let mut page = "# The states of a recharge\n\n\
        <!-- Generated from daemon/core/src/order/recharge/: UPDATE=1 cargo test -p sluice-core --test docs -->\n\n\
        The only ways that there are: whatever else happens is refused, and changes nothing. The numbers are what \
        merchants see.\n\n"
        .to_owned();
    diagram(&mut page);
    states(&mut page);
    steps(&mut page);
    reasons(&mut page);
    diagnoses(&mut page);
    page
}

fn diagram(page: &mut String) {
    page.push_str("```mermaid\nstateDiagram-v2\n");
    for state in State::ALL {
        page.push_str(&format!("    {0}: {1} {0}\n", state.name(), state.number()));
    }
    page.push_str(&format!("    [*] --> {}\n", State::Created.name()));
    for step in TRANSITIONS {
        page.push_str(&format!("    {} --> {}: {}\n", step.0.name(), step.2.name(), step.1.name()));
    }
    page.push_str("```\n\n");
}

fn states(page: &mut String) {
    page.push_str("| state | name | waits for money | meaning |\n| --- | --- | --- | --- |\n");
    for state in State::ALL {
        let open = if state.is_open() { "yes" } else { "no" };
        page.push_str(&format!(
            "| {} | `{}` | {open} | {} |\n",
            state.number(),
            state.name(),
            state.meaning()
        ));
    }
}

fn steps(page: &mut String) {
    page.push_str("\n## Steps\n\n| from | what happened | to |\n| --- | --- | --- |\n");
    for step in TRANSITIONS {
        let (from, to) = (step.0, step.2);
        page.push_str(&format!(
            "| {} `{}` | {} | {} `{}` |\n",
            from.number(),
            from.name(),
            step.1.name(),
            to.number(),
            to.name()
        ));
    }
}

fn reasons(page: &mut String) {
    page.push_str("\n## `closed_reason`\n\n| reason | meaning |\n| --- | --- |\n");
    for reason in ClosedReason::ALL {
        page.push_str(&format!("| `{}` | {} |\n", reason.name(), reason.meaning()));
    }
}

fn diagnoses(page: &mut String) {
    page.push_str(
        "\n## Diagnoses\n\nWhere an order stands, in the words of the people on call: `diagnosis` in the console and \
         in its commands. `d1` to `d3` come with refunds.\n\n| code | meaning |\n| --- | --- |\n",
    );
    for (code, meaning) in diagnose::CODES {
        page.push_str(&format!("| `{code}` | {meaning} |\n"));
    }
}
