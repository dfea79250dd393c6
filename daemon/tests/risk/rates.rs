//! How fast one may ask: by app, by network, and after refusals.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice_sim::client::{Exchange, Merchant, Request};
use sluice_sim::stand::Stand;

use crate::scene::Scene;

/// A read that costs nothing.
fn read(merchant: &Merchant) -> Request {
    merchant.request("GET", "/v1/balances?user_ref=u1")
}

async fn from(request: Request, source: &str) -> Exchange {
    request.header("X-Forwarded-For", source).send().await.unwrap()
}

fn status(answer: &Exchange) -> (u16, bool) {
    (answer.status, answer.is_signed())
}

/// What a 429 says to wait.
fn wait(answer: &Exchange) -> Duration {
    assert_eq!((answer.status, answer.error_code().as_deref()), (429, Some("rate_limited")));
    let seconds: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=10).contains(&seconds), "{seconds}");
    Duration::from_secs(seconds)
}

pub(crate) async fn of_an_app(stand: Arc<Stand>) {
    let (scene, other) = (Scene::new(stand.clone()).await, Scene::new(stand).await);
    scene.rules(&["rate.per_second=1", "rate.burst=3"]).await;
    let began = Instant::now();
    // Each from another network: it is the app that asks too much.
    for n in 0..3 {
        assert_eq!(status(&from(read(&scene.merchant), &format!("10.1.{n}.1")).await), (200, true));
    }
    let signed = read(&scene.merchant).header("X-Forwarded-For", "10.1.4.1").sign().unwrap();
    let refused = signed.send().await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(1), "too slow a machine for this test");
    // Signed: the merchant can believe it.
    refused.verify().unwrap();
    tokio::time::sleep(wait(&refused)).await;
    // The very same request may be sent again.
    assert_eq!(status(&signed.send().await.unwrap()), (200, true));
    assert_eq!(status(&from(read(&other.merchant), "10.1.5.1").await), (200, true));
}

/// The configured burst of a network.
const BURST: usize = 40;

pub(crate) async fn of_a_network(stand: Arc<Stand>) {
    let (scene, other) = (Scene::new(stand.clone()).await, Scene::new(stand).await);
    let began = Instant::now();
    let mut passed = 0;
    let refused = loop {
        let merchant = if passed % 2 == 0 { &scene.merchant } else { &other.merchant };
        let answer = from(read(merchant), &format!("10.2.0.{}", passed % 200)).await;
        if answer.status != 200 {
            break answer;
        }
        passed += 1;
        assert!(passed < 1_000, "nothing is refused");
    };
    let more = 2 * usize::try_from(began.elapsed().as_secs()).unwrap() + 2;
    assert!((BURST..=BURST + more).contains(&passed), "{passed} in {:?}", began.elapsed());
    refused.verify().unwrap();
    assert_eq!(status(&from(read(&scene.merchant), "10.2.1.1").await), (200, true), "the network beside it");
    tokio::time::sleep(wait(&refused)).await;
    assert_eq!(status(&from(read(&scene.merchant), "10.2.0.9").await), (200, true));
}

pub(crate) async fn of_refused_ones(stand: Arc<Stand>) {
    let scene = Scene::new(stand).await;
    let wrong = || read(&scene.merchant).password("spw_guess");
    let mut answers = Vec::new();
    for n in 0..9 {
        answers.push(from(wrong(), &format!("10.3.0.{n}")).await);
        // One that verifies passes in between, however many were refused.
        if n % 3 == 2 {
            assert_eq!(status(&from(read(&scene.merchant), "10.3.0.50").await), (200, true));
        }
    }
    assert!(answers.iter().all(|answer| !answer.is_signed()));
    let codes: Vec<_> = answers.iter().map(|answer| answer.error_code().unwrap()).collect();
    assert_eq!(codes[..5], ["signature_invalid"; 5]);
    assert!(codes[5..].contains(&"rate_limited".to_owned()), "{codes:?}");
    let last = answers.iter().rfind(|answer| answer.status == 429).unwrap();
    tokio::time::sleep(wait(last)).await;
    assert_eq!(from(wrong(), "10.3.0.1").await.status, 401);
    assert_eq!(from(wrong(), "10.3.1.1").await.status, 401, "the network beside it");
}

/// Tokens have no signature; guesses are slowed, and the right secret is not.
pub(crate) async fn of_guesses(stand: Arc<Stand>) {
    let scene = Scene::new(stand).await;
    let http = reqwest::Client::new();
    let guess = async |secret: &str| {
        let body = serde_json::json!({
            "grant_type": "client_credentials", "client_id": scene.app(), "client_secret": secret,
        });
        let request = http.post(format!("{}/v1/token", scene.stand.file().api)).body(body.to_string());
        request.header("X-Forwarded-For", "10.4.0.1").send().await.unwrap()
    };
    let mut statuses = Vec::new();
    for n in 0..8 {
        statuses.push(guess(&format!("ssc_{n}")).await.status().as_u16());
    }
    assert_eq!(statuses[..5], [401; 5]);
    assert!(statuses[5..].contains(&429), "{statuses:?}");
    let app = scene.stand.file().apps.iter().find(|app| app.client_id == scene.app()).unwrap();
    assert_eq!(guess(app.client_secret.expose()).await.status().as_u16(), 200);
}

/// Every request names another source; without trusted proxies all come from where they come from.
pub(crate) async fn of_liars(stand: Arc<Stand>) {
    let scene = Scene::new(stand).await;
    let mut codes = Vec::new();
    for n in 0..8 {
        let wrong = read(&scene.merchant).password("spw_guess");
        codes.push(from(wrong, &format!("10.5.{n}.1")).await.error_code().unwrap());
    }
    assert!(codes.contains(&"rate_limited".to_owned()), "{codes:?}");
    assert_eq!(status(&from(read(&scene.merchant), "10.5.9.1").await), (200, true));
}
