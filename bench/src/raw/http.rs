//! HTTP without anything behind it: a small JSON body posted to a server that reads it as JSON and answers with it.

use anyhow::Context as _;
use axum::Json;
use axum::body::Bytes;
use axum::routing::{Router, post};
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::measure::{Plan, ROUNDS, Rate, per_second};

/// Kept-alive connections.
const CONNECTIONS: usize = 64;

/// Exchanges per second over all connections.
pub(super) async fn measure(plan: &Plan) -> anyhow::Result<Rate> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = Router::new().route("/", post(|Json(body): Json<Value>| async move { Json(body) }));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let order = json!({ "merchant_order_no": "B1", "amount": { "minor": 8888, "currency": "CNY" },
                        "subject": "x".repeat(300), "method": "qr" });
    let body = Bytes::from(order.to_string());
    let mut rounds = Vec::with_capacity(ROUNDS);
    for round in 0..=ROUNDS {
        let rate = exchanges(address, &body, plan.raw).await?;
        // The first round warms up.
        if round > 0 {
            rounds.push(rate);
        }
    }
    server.abort();
    Ok(Rate::of(rounds))
}

async fn exchanges(address: SocketAddr, body: &Bytes, duration: Duration) -> anyhow::Result<f64> {
    let mut connections = JoinSet::new();
    let began = Instant::now();
    for _ in 0..CONNECTIONS {
        let body = body.clone();
        connections.spawn(async move {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            let mut count = 0_u64;
            while began.elapsed() < duration {
                exchange(&mut sender, address, body.clone()).await?;
                count += 1;
            }
            anyhow::Ok(count)
        });
    }
    let mut total = 0;
    while let Some(count) = connections.join_next().await {
        total += count.context("a connection of the bare HTTP load panicked")??;
    }
    Ok(per_second(total, began.elapsed()))
}

async fn exchange(
    sender: &mut SendRequest<Full<Bytes>>,
    address: SocketAddr,
    body: Bytes,
) -> anyhow::Result<()> {
    let request = Request::post("/")
        .header("host", address.to_string())
        .header("content-type", "application/json")
        .body(Full::new(body))?;
    sender.ready().await?;
    let answer = sender.send_request(request).await?;
    anyhow::ensure!(answer.status().is_success(), "bare HTTP answers {}", answer.status());
    answer.into_body().collect().await?;
    Ok(())
}
