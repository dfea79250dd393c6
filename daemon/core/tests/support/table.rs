//! Tables as accountants read them: a fact a line, then what is to be seen.

use sluice_core::change::TaskKind;
use sluice_core::diagnose::{CallbackFacts, diagnose, next_step};
use sluice_core::each_order;
use sluice_core::id::OrderId;
use sluice_core::order::{AnyOrder, CallbackBrief};

use super::audit::planned_tasks;
use super::story::Story;
use super::wallet::Wallet;

/// Plays a table and compares each line: `fact | columns`, or `fact | refused Why`, which changes nothing.
pub fn check(mut story: Story, columns: impl Fn(&Story) -> Vec<String>, table: &str) -> Story {
    for line in table.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let (fact, want) = line.split_once('|').expect("fact | columns");
        let want: Vec<_> = want.split_whitespace().collect();
        let got = match story.play(fact.trim()) {
            Ok(()) => columns(&story),
            Err(why) => vec!["refused".to_owned(), why],
        };
        assert_eq!(got, want, "after `{}` in\n{table}", fact.trim());
    }
    story
}

/// The state's number, with the reason where it is closed.
pub fn state(order: &AnyOrder) -> String {
    let reason = each_order!(order, o => o.closed_reason);
    format!("{}{}", order.state_number(), reason.map(|r| format!("/{}", r.name())).unwrap_or_default())
}

/// The newest callback as `type:state`, or `-`.
pub fn callback(callbacks: &[CallbackBrief]) -> String {
    let newest = callbacks.last();
    newest.map_or("-".into(), |c| {
        let fact = c.r#type.split('.').next_back().unwrap_or_default();
        format!("{fact}:{}", c.state.name())
    })
}

pub fn flags(order: &AnyOrder) -> String {
    let flags: Vec<_> = order.flags().iter().cloned().collect();
    if flags.is_empty() { "-".into() } else { flags.join(",") }
}

/// Where it stands and who acts next: the diagnosis' code, and the kind of the next step.
pub fn stands(story: &Story, order: &AnyOrder) -> (&'static str, &'static str) {
    let tasks = planned_tasks(&story.wallet, order.id());
    (diagnose(order, &CallbackFacts::default()).code, next_step(order, &tasks).kind)
}

/// What is planned: s submit, r requery, c close, w watch.
pub fn plan(wallet: &Wallet, order: OrderId) -> String {
    let letters =
        [(TaskKind::Submit, 's'), (TaskKind::Requery, 'r'), (TaskKind::Close, 'c'), (TaskKind::Watch, 'w')];
    let planned: String =
        letters.iter().filter(|(kind, _)| wallet.task(*kind, order).is_some()).map(|(_, l)| *l).collect();
    if planned.is_empty() { "-".into() } else { planned }
}

/// The columns of a withdrawal of `u1`: its state, what the user can spend and what is held, what the channel holds for
/// us, our fees, suspense, the newest callback, the flags, and what is planned.
pub fn of_withdraw(story: &Story) -> Vec<String> {
    let (wallet, order) = (&story.wallet, story.last());
    let money = |account: &str| wallet.balance(account).to_string();
    vec![
        state(order),
        money("user:app_1:u1:available"),
        money("user:app_1:u1:held"),
        money("channel:alipay:clearing"),
        money("fee:service"),
        money("suspense"),
        callback(order.callbacks()),
        flags(order),
        plan(wallet, order.id()),
    ]
}

/// The columns of a refund of the recharge `r` of `u1`: its own state (`-`: none yet), the recharge's, what was refunded
/// of it, what the user can spend and what is held, what the channel holds for us, our fees, the newest callback of the
/// refund, and what is planned for it.
pub fn of_refund(story: &Story) -> Vec<String> {
    let wallet = &story.wallet;
    let (of_refund, callback, plan) = match story.last() {
        AnyOrder::Refund(refund) => {
            (state(story.last()), callback(&refund.callbacks), plan(wallet, refund.id))
        }
        _ => ("-".into(), "-".into(), "-".into()),
    };
    let money = |account: &str| wallet.balance(account).to_string();
    vec![
        of_refund,
        state(story.order("r")),
        story.order("r").refunds().refunded.to_string(),
        money("user:app_1:u1:available"),
        money("user:app_1:u1:held"),
        money("channel:alipay:clearing"),
        money("fee:service"),
        callback,
        plan,
    ]
}
