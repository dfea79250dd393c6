//! A leaked access password: the new one is shown once, the old one is refused, and the screen forgets.

use sluice_sim::client::{NewRecharge, OrderType};

use crate::desk::Desk;

pub(crate) async fn cuts_a_leaked_password_off(desk: &mut Desk) {
    let client_id = desk.merchant.client_id().to_owned();
    let old = desk.merchant.password(OrderType::Recharge);
    let terminal = &mut desk.terminal;
    terminal.press(&["6", "g"]).await;
    terminal.choose("j", &client_id[client_id.len() - 8..]).await;
    terminal.press(&["R"]).await;
    terminal.until("Rotate an access password").await;
    terminal.press(&["Tab", "Tab"]).await;
    terminal.type_text("leaked in a log").await;
    // Past grace and tokens, as they are.
    terminal.press(&["Tab", "Tab", "Tab"]).await;
    terminal.type_text(&client_id).await;
    let screen = terminal.until("leaked in a log").await;
    assert!(screen.contains(&format!("app           {client_id}")), "{screen}");
    terminal.press(&["Tab", "Enter"]).await;
    let screen = terminal.until(&format!("New password of {client_id}")).await;
    let new = shown(&screen);
    assert!(!new.is_empty() && new != old.expose(), "{screen}");

    let refused = desk.merchant.request("GET", "/v1/recharges").password(old).send().await.unwrap();
    assert_eq!((refused.status, refused.error_code().as_deref()), (401, Some("signature_invalid")));
    desk.merchant.set_password(OrderType::Recharge, new.as_str());
    desk.merchant.create_recharge(&NewRecharge::new("ROTATED-1", 100)).await.unwrap();

    let terminal = &mut desk.terminal;
    terminal.press(&["Escape"]).await;
    terminal.until_gone(&new).await;
    assert!(!terminal.scrollback().await.contains(&new), "the password can be scrolled back to");
    terminal.press(&["7"]).await;
    let screen = terminal.until("password.rotate").await;
    assert!(!screen.contains(&new));
}

/// The password on the screen: `recharge   v2     PASSWORD`.
fn shown(screen: &str) -> String {
    let mut words =
        screen.split_whitespace().skip_while(|word| *word != "New").skip_while(|word| *word != "v2");
    words.nth(1).unwrap().to_owned()
}
