//! Who calls, and what they may do. Asked of the database at every call: an operator who is disabled, or whose token
//! ends, loses access at once.

use sluice_core::signing::sha256_hex;
use sluice_core::time::Timestamp;
use tonic::Status;
use tonic::metadata::MetadataMap;

use crate::clock;
use crate::daemon::Daemon;

/// What an operator may do; each role may do all that the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// Sees everything but secrets.
    Viewer,
    /// Also asks channels and replays callbacks: brings facts, moves no money by hand.
    Operator,
    /// Also rotates and revokes credentials.
    Admin,
}

impl Role {
    const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Admin];

    /// As in the database and in the API.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }
}

/// The operator of a call.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) name: String,
    pub(super) role: Role,
    /// When the token ends, if it does.
    pub(super) expires_at: Option<Timestamp>,
    token_digest: String,
}

/// The caller by the token in the call's metadata, who must have at least the role `needed`.
pub(super) async fn authorize(d: &Daemon, metadata: &MetadataMap, needed: Role) -> Result<Caller, Status> {
    let token = bearer(metadata).ok_or_else(|| {
        Status::unauthenticated("no token: send the metadata `authorization: Bearer TOKEN`")
    })?;
    holder(d, sha256_hex(token.as_bytes()), needed).await
}

/// The same caller, looked at again: long streams end when the operator's access does.
pub(super) async fn still_authorized(d: &Daemon, caller: &Caller, needed: Role) -> Result<(), Status> {
    holder(d, caller.token_digest.clone(), needed).await.map(|_| ())
}

async fn holder(d: &Daemon, token_digest: String, needed: Role) -> Result<Caller, Status> {
    let found = d.store.operator(&token_digest, clock::now()).await?.ok_or_else(|| {
        Status::unauthenticated(
            "this token is not valid: it is unknown, has ended, or its operator is disabled; \
             `sluiced operator add` gives a new one",
        )
    })?;
    let role = Role::from_name(&found.role).ok_or_else(|| {
        Status::permission_denied(format!(
            "the operator {} has a role that this daemon does not know",
            found.name
        ))
    })?;
    if role < needed {
        return Err(Status::permission_denied(format!(
            "this needs the role {}; {} is {}",
            needed.name(),
            found.name,
            role.name()
        )));
    }
    Ok(Caller { name: found.name, role, expires_at: found.expires_at, token_digest })
}

/// The token of `authorization: Bearer TOKEN`.
fn bearer(metadata: &MetadataMap) -> Option<&str> {
    let (scheme, token) = metadata.get("authorization")?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_ordered() {
        assert!(Role::Viewer < Role::Operator && Role::Operator < Role::Admin);
        assert!(Role::ALL.iter().all(|r| Role::from_name(r.name()) == Some(*r)));
        assert_eq!(Role::from_name("root"), None);
    }

    #[test]
    fn only_a_bearer_token_is_one() {
        for (header, want) in [
            ("Bearer sop_1", Some("sop_1")),
            ("bearer  sop_1 ", Some("sop_1")),
            ("Bearer ", None),
            ("Bearer", None),
            ("Basic sop_1", None),
            ("sop_1", None),
        ] {
            let mut metadata = MetadataMap::new();
            metadata.insert("authorization", header.parse().unwrap());
            assert_eq!(bearer(&metadata), want, "{header}");
        }
        assert_eq!(bearer(&MetadataMap::new()), None);
    }
}
