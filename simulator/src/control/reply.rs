//! Refusals of the control calls, and the reading of their bodies.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::json;

/// A control call that is not done: a status, a stable code, and why.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refused {
    /// 400: not JSON, or not of the shape that the call wants.
    pub(crate) fn malformed(message: String) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "malformed", message }
    }

    /// 404.
    pub(crate) fn not_found(message: String) -> Self {
        Self { status: StatusCode::NOT_FOUND, code: "not_found", message }
    }

    /// 409: the order's state does not allow it.
    pub(crate) fn conflict(message: String) -> Self {
        Self { status: StatusCode::CONFLICT, code: "conflict", message }
    }

    /// 422: of the right shape, with a value that makes no sense.
    pub(crate) fn invalid(message: String) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, code: "invalid", message }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({ "error": { "code": self.code, "message": self.message } });
        (self.status, Json(body)).into_response()
    }
}

/// Reads a JSON body, whatever its content type says.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|error| Refused::malformed(error.to_string()))
}
