//! Reading a request's body: no more than is allowed, and no longer.

use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use sluice_core::code::ApiCode;

/// The most that a body may hold.
pub(super) const LIMIT: usize = 256 * 1024;

/// What is read and dropped of a larger one, so that the sender hears the answer.
const DRAINED: usize = 4 * 1024 * 1024;

/// A body, or why there is none. The gate says when that matters.
pub(super) type Body = Result<Vec<u8>, ApiCode>;

pub(super) async fn read(incoming: Incoming, within: Duration) -> Body {
    tokio::time::timeout(within, collect(incoming)).await.unwrap_or(Err(ApiCode::RequestTimeout))
}

async fn collect(mut incoming: Incoming) -> Body {
    let mut body = Vec::new();
    let mut seen = 0_usize;
    while let Some(frame) = incoming.frame().await {
        let Ok(frame) = frame else { return Err(ApiCode::RequestTimeout) };
        let Some(data) = frame.data_ref() else { continue };
        seen += data.len();
        if seen <= LIMIT {
            body.extend_from_slice(data);
        } else {
            body = Vec::new();
            if seen > DRAINED {
                break;
            }
        }
    }
    if seen > LIMIT { Err(ApiCode::BodyTooLarge) } else { Ok(body) }
}
