//! `docs/states.md`: the machines' tables as diagrams and tables for people.

use super::kind::Kind;
use super::machine::{State as _, Trigger as _};
use super::{ClosedReason, RefundState, recharge, refund, trade, withdraw};
use crate::diagnose;

/// The page, whole.
pub fn markdown() -> String {
    let mut page = "# The states of orders\n\n\
        <!-- Generated from daemon/core/src/order/: UPDATE=1 cargo test -p sluice-core --test docs -->\n\n\
        The only ways that there are: whatever else happens is refused, and changes nothing. The numbers are what \
        merchants see. *Open* orders wait for their money to move.\n\n"
        .to_owned();
    machine::<recharge::Details>(&mut page, "Recharge (充值)");
    machine::<withdraw::Details>(&mut page, "Withdraw (提现)");
    machine::<trade::Details>(&mut page, "Trade (交易)");
    machine::<refund::Details>(&mut page, "Refund (退款)");
    derived(&mut page);
    reasons(&mut page);
    diagnoses(&mut page);
    page
}

fn machine<K: Kind>(page: &mut String, title: &str) {
    page.push_str(&format!("## {title}\n\n"));
    diagram::<K>(page);
    states::<K>(page);
    steps::<K>(page);
}

fn diagram<K: Kind>(page: &mut String) {
    page.push_str("```mermaid\nstateDiagram-v2\n");
    for state in K::State::ALL {
        page.push_str(&format!("    {0}: {1} {0}\n", state.name(), state.number()));
    }
    if let Some(first) = K::State::ALL.first() {
        page.push_str(&format!("    [*] --> {}\n", first.name()));
    }
    for step in K::TRANSITIONS {
        page.push_str(&format!("    {} --> {}: {}\n", step.0.name(), step.2.name(), step.1.name()));
    }
    page.push_str("```\n\n");
}

fn states<K: Kind>(page: &mut String) {
    page.push_str("| state | name | open | meaning |\n| --- | --- | --- | --- |\n");
    for state in K::State::ALL {
        let open = if state.is_open() { "yes" } else { "no" };
        page.push_str(&format!(
            "| {} | `{}` | {open} | {} |\n",
            state.number(),
            state.name(),
            state.meaning()
        ));
    }
}

fn steps<K: Kind>(page: &mut String) {
    page.push_str("\n| from | what happened | to |\n| --- | --- | --- |\n");
    for step in K::TRANSITIONS {
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
    page.push('\n');
}

fn derived(page: &mut String) {
    page.push_str(
        "## Refunded orders\n\nA paid recharge or a settled trade shows one of these instead, as its refunds stand. \
         Its own machine goes on beneath: an acknowledgement completes it all the same.\n\n\
         | state | name | meaning |\n| --- | --- | --- |\n",
    );
    for state in RefundState::ALL {
        page.push_str(&format!("| {} | `{}` | {} |\n", state.number(), state.name(), state.meaning()));
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
         in its commands.\n\n| code | meaning |\n| --- | --- |\n",
    );
    for (code, meaning) in diagnose::CODES {
        page.push_str(&format!("| `{code}` | {meaning} |\n"));
    }
}
