//! How the sample merchant answers its callbacks.

use serde::{Deserialize, Serialize};

/// What an app answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// 200 `success`, whether or not the signature verified: after a rotation by an operator nobody tells the
    /// sample merchant the new password, and the order must complete all the same.
    #[default]
    Success,
    /// As a merchant should: 200 `success` if the signature verified, 401 otherwise.
    Verify,
    /// 200 with another body.
    WrongBody,
    /// 500.
    #[serde(rename = "http_500")]
    Http500,
    /// The connection is reset.
    Close,
    /// No answer at all.
    Timeout,
    /// 200 `success`, this many milliseconds late.
    SlowMs(u64),
}
