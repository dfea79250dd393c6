//! The books: accounts, a statement that goes on at its end, journals, the proof.

use sluice::tui::effect::{Ask, Effect, Loaded, Msg};
use sluice::tui::state::State;
use sluice::tui::state::layer::Layer;
use sluice_proto::v1 as pb;

use super::sample::books;
use super::{notice, place, press, sample, send};

/// The question for a page of the sample's statement.
fn page(cursor: &str) -> Ask {
    Ask::Statement { account: books::ACCOUNT.into(), currency: "CNY".into(), cursor: cursor.into() }
}

fn answer(state: &mut State, cursor: &str, statement: pb::Statement) -> Vec<Effect> {
    send(state, Msg::Loaded(page(cursor), Ok(Loaded::Statement(Box::new(statement)))))
}

/// A console with the sample's statement open.
fn opened() -> State {
    let mut state = sample::state((80, 24));
    press(&mut state, "8/u_2071␛");
    assert_eq!(press(&mut state, "Gkk⏎"), [Effect::Ask(page(""))]);
    answer(&mut state, "", books::statement());
    state
}

fn entries(state: &State) -> Vec<i64> {
    let Some(Layer::Statement(pane)) = state.layers.last() else { panic!("{}", place(state)) };
    pane.lines.all().map(|row| row.line.entry).collect()
}

#[test]
fn from_an_account_to_its_lines_to_the_journals_to_the_order_and_back() {
    let mut state = opened();
    let account = format!("Ledger {} CNY", books::ACCOUNT);
    let statement = format!("{account} > statement {} 213930", books::ACCOUNT);
    assert_eq!(place(&state), statement);
    let order_id = "wdr_01KBFZ0P5Q7WJQ0C0X3M9N0003";
    assert_eq!(press(&mut state, "⏎"), [Effect::Ask(Ask::Journal(order_id.into()))]);
    let reply = Ok(Loaded::Journal(Box::new(books::journals())));
    send(&mut state, Msg::Loaded(Ask::Journal(order_id.into()), reply));
    assert_eq!(place(&state), format!("{statement} > journals 0003 71310"), "the line's own journal");
    press(&mut state, "j");
    assert_eq!(place(&state), format!("{statement} > journals 0003 71311"));
    assert_eq!(press(&mut state, "⏎"), [Effect::Ask(Ask::Order(order_id.into()))]);
    assert_eq!(place(&state), format!("{statement} > journals 0003 71311 > order 0003"));
    press(&mut state, "␛␛");
    assert_eq!(place(&state), statement);
    press(&mut state, "␛");
    assert_eq!(place(&state), account);
}

#[test]
fn at_its_end_a_statement_asks_for_older_lines_once() {
    let mut state = opened();
    assert_eq!(press(&mut state, "j"), [], "there is one more line");
    assert_eq!(press(&mut state, "j"), [Effect::Ask(page("older"))]);
    assert_eq!(press(&mut state, "jG"), [], "it is on its way");
    answer(&mut state, "older", books::older_statement());
    assert_eq!(entries(&state), [213_930, 213_411, 208_002, 120_300, 120_200, 120_100]);
    assert_eq!(place(&state).rsplit(' ').next(), Some("208002"), "the cursor stays");
    assert_eq!(press(&mut state, "G"), [], "that was all");
}

#[test]
fn new_lines_come_above_and_the_cursor_stays_on_its_line() {
    let mut state = opened();
    press(&mut state, "j");
    let mut newer = books::statement();
    newer.items[2] = pb::StatementLine { entry: 213_999, ..newer.items[0].clone() };
    answer(&mut state, "", newer.clone());
    assert_eq!(entries(&state), [213_999, 213_930, 213_411, 208_002]);
    assert!(place(&state).ends_with("213411"), "{}", place(&state));
    // So much is new that the pages do not join: no gap is shown as if there were none.
    newer.items.truncate(1);
    newer.items[0].entry = 900_000;
    answer(&mut state, "", newer);
    assert_eq!(entries(&state), [900_000]);
    assert!(notice(&state).contains("nothing is chosen"), "{}", notice(&state));
}

#[test]
fn an_answer_of_another_account_or_an_older_filter_changes_nothing() {
    let mut state = opened();
    let other = Ask::Statement { account: "suspense".into(), currency: "CNY".into(), cursor: String::new() };
    send(&mut state, Msg::Loaded(other, Ok(Loaded::Statement(Box::new(books::older_statement())))));
    assert_eq!(entries(&state), [213_930, 213_411, 208_002]);
    press(&mut state, "␛");
    let none = Ok(Loaded::Accounts(Box::default()));
    send(&mut state, Msg::Loaded(Ask::Accounts("typed before".into()), none));
    assert_eq!(state.accounts.total(), books::accounts().len());
}

#[test]
fn what_is_searched_in_the_ledger_is_asked_of_the_daemon() {
    let mut state = sample::state((80, 24));
    press(&mut state, "8/U_2071⏎");
    let none = Msg::Loaded(Ask::Find("U_2071".into()), Ok(Loaded::Orders(Vec::new())));
    let effects = sluice::tui::update::update(&mut state, sample::NOW, none);
    assert_eq!(effects, [Effect::Ask(Ask::Accounts("u_2071".into()))]);
    let found = books::accounts().into_iter().filter(|a| a.account.contains("u_2071")).collect();
    let reply = pb::ListAccountsReply { items: found, next_cursor: "more".into() };
    send(&mut state, Msg::Loaded(Ask::Accounts("u_2071".into()), Ok(Loaded::Accounts(Box::new(reply)))));
    assert_eq!((state.accounts.total(), state.more_accounts), (2, true));
}

#[test]
fn a_proof_is_asked_once_and_names_what_breaks_the_books() {
    for (trial, says) in [
        (books::trial(), "the books hold, 71,312 journals"),
        (books::broken_trial(), "do not hold: journal 71209 of rch_01KBFZ0P5Q7WJQ0C0X3M9N0231"),
    ] {
        let mut state = sample::state((80, 24));
        let prove = Ask::Trial { prove: true };
        assert_eq!(press(&mut state, "8pp"), [Effect::Ask(prove.clone())]);
        assert!(notice(&state).contains("being proved right now"), "{}", notice(&state));
        send(&mut state, Msg::Loaded(prove.clone(), Ok(Loaded::Trial(Box::new(trial.clone())))));
        assert!(notice(&state).contains(says), "{}", notice(&state));
        assert_eq!(state.trial, Some(trial));
        assert_eq!(press(&mut state, "p"), [Effect::Ask(prove)]);
    }
}
