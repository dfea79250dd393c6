//! The HTTP server of the gateways and of the sample merchant: an axum router whose handlers can also *hang up*,
//! because providers and merchants do that, and a client must survive it.

use axum::Router;
use axum::body::Body;
use http::Request;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

/// How long open requests may go on once the server is asked to stop.
const GRACE: Duration = Duration::from_secs(1);

/// In each request's extensions: lets the handler cut its connection instead of answering.
#[derive(Clone, Debug, Default)]
pub struct Hangup(Arc<AtomicBool>);

impl Hangup {
    /// Resets the connection (TCP RST) as soon as the handler returns; what it returns is not sent.
    pub fn now(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Serves `router` on `listener` until `stop` resolves, then lets open requests end within a second.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // Out of file descriptors, most likely: waiting is all that helps.
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        tokio::spawn(graceful.watcher().watch(connection(stream, router.clone())));
    }
    drop(listener);
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
}

fn connection(
    stream: TcpStream,
    router: Router,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> {
    let _ = stream.set_nodelay(true);
    let hangup = Hangup::default();
    let socket = Socket { stream, hangup: hangup.clone() };
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        let (router, hangup) = (router.clone(), hangup.clone());
        async move {
            request.extensions_mut().insert(hangup.clone());
            let answer = router.oneshot(request.map(Body::new)).await;
            match answer {
                Ok(answer) if !hangup.is_asked() => Ok(answer),
                // hyper drops a connection whose service fails, without a byte of answer.
                _ => Err(io::Error::from(io::ErrorKind::ConnectionReset)),
            }
        }
    });
    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service)
}

/// A TCP stream that resets instead of closing when a handler hung up.
struct Socket {
    stream: TcpStream,
    hangup: Hangup,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.hangup.is_asked() {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.hangup.is_asked() {
            return Poll::Ready(Ok(())); // an orderly FIN would spoil the reset
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
