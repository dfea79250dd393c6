//! How a command ends: the exit codes scripts rely on, and failures that say what happened and what to do next.

use std::fmt;
use std::process::ExitCode;

use sluice_proto::BadOrder;
use tonic::{Code, Status};

/// The exit codes, stable and documented in docs/commands.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Ok = 0,
    /// Something that should not happen, on either side.
    Unexpected = 1,
    /// The command line or configuration is wrong, or a terminal or `--yes` is needed.
    Usage = 2,
    /// Nothing has this number, or several have.
    NotFound = 3,
    /// Asked, but the channel gave no usable answer.
    NoObservation = 4,
    /// The daemon refused: the role is too low, or the state does not allow it.
    Refused = 5,
    /// No connection, or the token is not accepted.
    NoConnection = 6,
}

impl Exit {
    /// Every code, in order.
    pub const ALL: [Self; 7] = [
        Self::Ok,
        Self::Unexpected,
        Self::Usage,
        Self::NotFound,
        Self::NoObservation,
        Self::Refused,
        Self::NoConnection,
    ];

    /// What the documents say of it.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Ok => {
                "done; for `order requery`: the channel gave an observation; for `audit verify` and `ledger trial`: \
                 chain and books hold; for `desk decide` and `payout resolve`: decided, or waiting for a second \
                 operator (`--json` says which)"
            }
            Self::Unexpected => {
                "an unexpected error, or `audit verify` found the chain or `ledger trial` the books broken"
            }
            Self::Usage => {
                "the command line or the configuration is wrong, or a terminal or `--yes` is needed"
            }
            Self::NotFound => "nothing has this number, or several have (they are listed with their apps)",
            Self::NoObservation => "`order requery`: the channel gave no observation in time",
            Self::Refused => "the daemon refused: the role is too low, or the state does not allow it",
            Self::NoConnection => "no connection to the daemon, or the token is not accepted",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command could not do its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What happened.
    pub what: String,
    /// What to do next.
    pub next: Option<String>,
}

impl Failure {
    /// A failure without advice.
    pub fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self { exit, what: what.into(), next: None }
    }

    /// The same with advice.
    #[must_use]
    pub fn next(self, advice: impl Into<String>) -> Self {
        Self { next: Some(advice.into()), ..self }
    }

    /// Whether a mutation that ended so may have happened all the same: its answer was lost, not refused.
    pub fn leaves_outcome_open(&self) -> bool {
        matches!(self.exit, Exit::NoConnection | Exit::Unexpected)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.next {
            Some(next) => write!(f, "\n  next: {next}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        let said = status.message().to_owned();
        // A broken connection under a running call comes as `Unknown` with the transport's error inside.
        let code = match status.code() {
            Code::Unknown | Code::Internal if std::error::Error::source(&status).is_some() => {
                Code::Unavailable
            }
            code => code,
        };
        match code {
            Code::Unauthenticated => Self::new(Exit::NoConnection, format!("the daemon does not accept the token: {said}"))
                .next("make one with `sluiced --config FILE operator add NAME --role ROLE` and name its file in --token-file"),
            Code::PermissionDenied => Self::new(Exit::Refused, format!("refused: {said}"))
                .next("this needs a higher role; `sluice overview` shows yours"),
            Code::NotFound => Self::new(Exit::NotFound, format!("not found: {said}"))
                .next("look for it with `sluice orders list --search TEXT`"),
            Code::FailedPrecondition | Code::Aborted | Code::AlreadyExists | Code::ResourceExhausted => {
                Self::new(Exit::Refused, format!("refused: {said}"))
            }
            Code::InvalidArgument | Code::OutOfRange => Self::new(Exit::Usage, format!("not valid: {said}")),
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => {
                Self::new(Exit::NoConnection, format!("no answer from the daemon: {}", root_cause(&status)))
                    .next("check that sluiced runs, and --endpoint (or SLUICE_ENDPOINT)")
            }
            Code::Unimplemented => Self::new(Exit::Unexpected, "the daemon does not know this call")
                .next("the daemon is older than this console; update it"),
            code => Self::new(Exit::Unexpected, format!("the daemon answered {code:?}: {said}"))
                .next("the daemon's log has the rest, under the same request id"),
        }
    }
}

impl From<BadOrder> for Failure {
    fn from(bad: BadOrder) -> Self {
        Self::new(Exit::Unexpected, bad.to_string())
    }
}

/// The innermost cause that an error names; the outer ones only say "transport error".
pub fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    match cause.downcast_ref::<Status>() {
        Some(status) => status.message().to_owned(),
        None => cause.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_exit_code_and_advice_where_there_is_some() {
        let mut broken = Status::unknown("h2 protocol error");
        broken.set_source(std::sync::Arc::new(std::io::Error::other("connection reset")));
        for (status, exit, says) in [
            (Status::unauthenticated("no"), Exit::NoConnection, "token"),
            (Status::permission_denied("needs the role admin"), Exit::Refused, "needs the role admin"),
            (Status::failed_precondition("it is closed"), Exit::Refused, "it is closed"),
            (Status::not_found("rch_1"), Exit::NotFound, "rch_1"),
            (Status::invalid_argument("limit"), Exit::Usage, "limit"),
            (Status::unavailable("down"), Exit::NoConnection, "down"),
            (broken, Exit::NoConnection, "connection reset"),
            (Status::unimplemented(""), Exit::Unexpected, "update it"),
            (Status::internal("x"), Exit::Unexpected, "Internal"),
        ] {
            let failure = Failure::from(status);
            assert_eq!(failure.exit, exit, "{failure}");
            assert!(failure.to_string().contains(says), "{failure}");
        }
    }
}
