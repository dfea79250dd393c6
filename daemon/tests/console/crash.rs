//! The daemon is killed: the rows stay, acts wait with their reason, and what happened meanwhile comes by itself.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::desk::Desk;
use crate::support::{SOON, until};

pub(crate) async fn is_survived(desk: &mut Desk) {
    desk.recharge("CRASH-before").await;
    let terminal = &mut desk.terminal;
    terminal.press(&["2", "g"]).await;
    terminal.until("CRASH-before").await;

    // The sandbox brings the daemon back soon; the console is to see it dead for as long as we look.
    desk.line.cut();
    let pid = i32::try_from(desk.stand.file().daemons[0].pid).ok().and_then(Pid::from_raw).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    let aged =
        |screen: &str| screen.contains("no connection; rows are ") && !screen.contains("rows are 0s old");
    terminal.until_it("the banner tells no age", aged).await;
    terminal.press(&["r"]).await;
    let screen = terminal.until("requery: no connection to the daemon").await;
    assert!(screen.contains("CRASH-before") && screen.contains("(r requery)"), "{screen}");
    // Reading goes on.
    terminal.press(&["5"]).await;
    terminal.until("alipay").await;
    terminal.press(&["2", "?"]).await;
    terminal.until("Keys in Orders").await;
    terminal.press(&["Escape"]).await;

    let missed: Vec<String> = (1..=5).map(|n| format!("CRASH-{n}")).collect();
    for number in &missed {
        // Until the daemon is back it is asked again, as a merchant does that got no answer.
        let asked = async || desk.try_recharge(number).await.map_err(|error| error.to_string());
        until("the daemon takes orders again", Duration::from_secs(30), asked).await;
    }
    let screen = desk.terminal.screen().await;
    assert!(screen.contains("▲ no link") && !screen.contains("CRASH-1"), "{screen}");
    desk.line.mend();
    let terminal = &mut desk.terminal;
    terminal.until("connected again; nothing was missed").await;
    terminal
        .until_it("an order is missing", |screen| missed.iter().all(|number| screen.contains(number)))
        .await;
    let after = desk.recharge("CRASH-after").await;
    desk.terminal.until("CRASH-after").await;
    desk.stand.wait_for_state(&desk.merchant, &after.order_id, &[1, 2], SOON).await.unwrap();
}
