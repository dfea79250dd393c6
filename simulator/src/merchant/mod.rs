//! The sample merchant: receives Sluice's callbacks, verifies them, books them, and answers as it is told.

mod answer;
mod books;
mod received;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Extension, Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::client::verify::{Unverified, WalletKeys, verify_callback};
use crate::client::{OrderType, Passwords};
use crate::control::reply::{Refused, parse};
use crate::keys::KeyError;
use crate::secret::Secret;
use crate::server::Hangup;
pub use answer::Answer;
pub use books::{Ask, Books, Refundable};
use received::Log;
pub use received::{Received, Totals};

/// How long a callback is left without an answer by `timeout`.
const SILENCE: Duration = Duration::from_secs(60);

/// The most callbacks that one listing shows.
const LISTED: usize = 1_000;

/// The server of all apps.
#[derive(Debug, Default)]
pub struct SampleMerchant {
    apps: Mutex<Apps>,
    log: Log,
    books: Books,
}

#[derive(Debug, Default)]
struct Apps {
    by_id: HashMap<String, App>,
    /// Other names under which an app is called back.
    names: HashMap<String, String>,
}

impl Apps {
    /// The app with this id or name.
    fn find(&self, name: &str) -> Option<(&str, &App)> {
        let id = self.names.get(name).map_or(name, String::as_str);
        self.by_id.get_key_value(id).map(|(id, app)| (id.as_str(), app))
    }
}

#[derive(Debug)]
struct App {
    passwords: Passwords,
    wallet_keys: Arc<WalletKeys>,
    answer: Answer,
}

impl SampleMerchant {
    /// Serves one more app, called back at `/callback/{client_id}` and `/callback/{name}`.
    ///
    /// # Errors
    /// [`KeyError`] if a wallet key (PEM by id) is none.
    pub fn add_app(
        &self,
        client_id: &str,
        name: &str,
        passwords: Passwords,
        wallet_keys: &BTreeMap<String, String>,
    ) -> Result<(), KeyError> {
        let wallet_keys = Arc::new(WalletKeys::parse(wallet_keys)?);
        let mut apps = self.lock();
        apps.by_id.insert(client_id.to_owned(), App { passwords, wallet_keys, answer: Answer::default() });
        apps.names.insert(name.to_owned(), client_id.to_owned());
        Ok(())
    }

    /// Tells the merchant a new password; `false` if there is no such app.
    pub fn set_password(&self, client_id: &str, order_type: OrderType, password: impl Into<Secret>) -> bool {
        let mut apps = self.lock();
        let app = apps.by_id.get_mut(client_id);
        app.map(|app| app.passwords.set(order_type, password.into())).is_some()
    }

    /// What has come in so far.
    pub fn totals(&self) -> Totals {
        self.log.totals()
    }

    /// The callbacks of an order, oldest first.
    pub fn received(&self, order_id: &str) -> Vec<Received> {
        self.log.of_order(order_id)
    }

    /// What the merchant believes.
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// The merchant's routes.
    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/callback/{client_id}", post(callback))
            .route("/control/received", get(list_received))
            .route("/control/totals", get(show_totals))
            .route("/control/books", get(show_books))
            .route("/control/answers", put(set_answer))
            .route("/control/passwords", put(set_password))
            .with_state(Arc::clone(self))
    }

    /// Whose callback this is, how the app answers now, and whether the callback is genuine; `None` if there is no
    /// such app.
    fn judge(&self, name: &str, headers: &HeaderMap, body: &[u8]) -> Option<Judgement> {
        let (client_id, answer, keys, passwords) = {
            let apps = self.lock();
            let (client_id, app) = apps.find(name)?;
            (client_id.to_owned(), app.answer, Arc::clone(&app.wallet_keys), app.passwords.clone())
        };
        let verdict = verify_callback(&client_id, headers, body, &keys, &passwords);
        Some(Judgement { client_id, answer, verdict })
    }

    fn lock(&self) -> MutexGuard<'_, Apps> {
        self.apps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Judgement {
    client_id: String,
    answer: Answer,
    verdict: Result<(), Unverified>,
}

async fn callback(
    State(merchant): State<Arc<SampleMerchant>>,
    Extension(hangup): Extension<Hangup>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(Judgement { client_id, answer, verdict }) = merchant.judge(&name, &headers, &body) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let answered = match answer {
        Answer::Success => "success",
        Answer::Verify if verdict.is_ok() => "success",
        Answer::Verify => "refused",
        Answer::WrongBody => "wrong_body",
        Answer::Http500 => "http_500",
        Answer::Close => "close",
        Answer::Timeout => "timeout",
        Answer::SlowMs(_) => "slow",
    };
    // Stored first, acknowledged then: so also where the answer does not arrive.
    if verdict.is_ok() {
        merchant.books.take(&client_id, &body);
    }
    merchant.log.add(Received {
        verified: verdict.is_ok(),
        why_not: verdict.err().map(|why| why.to_string()),
        answered,
        ..Received::now(client_id, &headers, &body)
    });
    match answer {
        Answer::Verify if answered == "refused" => StatusCode::UNAUTHORIZED.into_response(),
        Answer::Success | Answer::Verify => "success".into_response(),
        Answer::WrongBody => "thank you".into_response(),
        Answer::Http500 => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Answer::Close => {
            hangup.now();
            StatusCode::BAD_GATEWAY.into_response()
        }
        Answer::Timeout => {
            tokio::time::sleep(SILENCE).await;
            hangup.now();
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
        Answer::SlowMs(ms) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            "success".into_response()
        }
    }
}

#[derive(Deserialize)]
struct Listing {
    order_id: Option<String>,
    limit: Option<usize>,
}

async fn list_received(
    State(merchant): State<Arc<SampleMerchant>>,
    Query(listing): Query<Listing>,
) -> Json<Value> {
    let received = match &listing.order_id {
        Some(order_id) => merchant.log.of_order(order_id),
        None => merchant.log.latest(listing.limit.unwrap_or(100).min(LISTED)),
    };
    Json(json!({ "received": received }))
}

#[derive(Deserialize)]
struct WhoseBooks {
    client_id: String,
}

async fn show_books(
    State(merchant): State<Arc<SampleMerchant>>,
    query: Result<Query<WhoseBooks>, QueryRejection>,
) -> Result<Json<Value>, Refused> {
    let Query(WhoseBooks { client_id }) = query.map_err(|error| Refused::malformed(error.body_text()))?;
    if !merchant.lock().by_id.contains_key(&client_id) {
        return Err(no_app(&client_id));
    }
    Ok(Json(merchant.books.show(&client_id)))
}

async fn show_totals(State(merchant): State<Arc<SampleMerchant>>) -> Json<Totals> {
    Json(merchant.totals())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAnswer {
    client_id: String,
    answer: Answer,
}

async fn set_answer(
    State(merchant): State<Arc<SampleMerchant>>,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    let NewAnswer { client_id, answer } = parse(&body)?;
    match merchant.lock().by_id.get_mut(&client_id) {
        Some(app) => app.answer = answer,
        None => return Err(no_app(&client_id)),
    }
    Ok(Json(json!({ "client_id": client_id, "answer": answer })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    client_id: String,
    r#type: OrderType,
    password: Secret,
}

async fn set_password(
    State(merchant): State<Arc<SampleMerchant>>,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    let NewPassword { client_id, r#type, password } = parse(&body)?;
    if !merchant.set_password(&client_id, r#type, password) {
        return Err(no_app(&client_id));
    }
    Ok(Json(json!({ "client_id": client_id, "type": r#type })))
}

fn no_app(client_id: &str) -> Refused {
    Refused::not_found(format!("there is no app {client_id}"))
}
