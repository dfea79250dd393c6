//! A connection that sends whatever bytes it is given, at whatever pace.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// Connects to an API's address, such as `http://127.0.0.1:8080`.
pub(crate) async fn connect(api: &str) -> TcpStream {
    TcpStream::connect(api.trim_start_matches("http://")).await.unwrap()
}

/// Everything that comes back until the other side closes.
pub(crate) async fn read_all(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(ANSWER_WITHIN, stream.read_to_end(&mut bytes)).await;
    assert!(read.is_ok(), "the connection stays open after: {}", String::from_utf8_lossy(&bytes));
    // A reset after the answer is the other side's right: it has not read all that we sent.
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Sends bytes, ends our side, and reads everything.
pub(crate) async fn exchange(api: &str, bytes: &[u8]) -> String {
    let mut stream = connect(api).await;
    // A refusal may come, and the connection end, before all is sent.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    read_all(&mut stream).await
}

/// The status of the first answer, if there is one.
pub(crate) fn status(answer: &str) -> Option<u16> {
    answer.strip_prefix("HTTP/1.1 ").or(answer.strip_prefix("HTTP/1.0 "))?.get(..3)?.parse().ok()
}
