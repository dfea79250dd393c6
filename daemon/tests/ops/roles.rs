//! Every call needs its role, as the .proto says, and the server holds it.

use sluice_proto::v1 as pb;
use sluice_sim::stand::Stand;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Request, Status};

use crate::client::{A_MOMENT, Bearer, add_operator, connect, refused, with_token};
use crate::support::{SOON, stand, until};

const PROTOS: [&str; 2] = [
    include_str!("../../../proto/sluice/ops/v1/ops.proto"),
    include_str!("../../../proto/sluice/ops/v1/risk.proto"),
];

const ROLES: [&str; 3] = ["viewer", "operator", "admin"];

/// Each call, as `Service/Call`, with the role that its comment names.
fn calls() -> Vec<(String, &'static str)> {
    let (mut service, mut role) = ("", "");
    let mut calls = Vec::new();
    for line in PROTOS.iter().flat_map(|proto| proto.lines()).map(str::trim) {
        if let Some(rest) = line.strip_prefix("service ") {
            service = rest.trim_end_matches(" {");
        }
        if let Some((_, named)) = line.split_once("Role: ") {
            role = named.split('.').next().unwrap();
        }
        if let Some(rest) = line.strip_prefix("rpc ") {
            assert!(ROLES.contains(&role), "no role above: {line}");
            calls.push((format!("{service}/{}", rest.split('(').next().unwrap()), role));
            role = "";
        }
    }
    calls
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_needs_its_role() {
    let stand = stand(&[]).await;
    let calls = calls();
    assert_eq!(calls.len(), 37, "{calls:?}");
    for (rank, holds) in ROLES.iter().enumerate() {
        let token = add_operator(&stand, &format!("a.{holds}"), holds, &[]).await;
        for (call, needs) in &calls {
            let answer = bare_call(&stand, call, Some(&token)).await;
            let code = answer.as_ref().err().map_or(Code::Ok, Status::code);
            let needed = ROLES.iter().position(|role| role == needs).unwrap();
            if rank < needed {
                refused(
                    answer,
                    Code::PermissionDenied,
                    &format!("this needs the role {needs}; a.{holds} is {holds}"),
                );
            } else {
                // An empty request is wrong for most; that it is looked at at all is what the role allows.
                assert!(
                    !matches!(
                        code,
                        Code::PermissionDenied | Code::Unauthenticated | Code::Unimplemented | Code::Internal
                    ),
                    "{call} as {holds}: {answer:?}"
                );
            }
        }
    }
    for (call, _) in &calls {
        refused(bare_call(&stand, call, None).await, Code::Unauthenticated, "no token");
        refused(bare_call(&stand, call, Some("sop_guess")).await, Code::Unauthenticated, "not valid");
    }

    // A token that ends, and an operator who is disabled: in the middle of a watch, too.
    let short = add_operator(&stand, "short", "admin", &["--expires", "1s"]).await;
    let mut ops = with_token(&stand, Some(&short)).await;
    let hello = ops.hello(pb::HelloRequest {}).await.unwrap().into_inner();
    assert_eq!((hello.operator.as_str(), hello.role.as_str()), ("short", "admin"));
    assert!(hello.token_expires_at_ms > hello.now_ms && hello.started_at_ms <= hello.now_ms);
    until("the token ends", SOON, async || match ops.hello(pb::HelloRequest {}).await {
        Err(status) if status.code() == Code::Unauthenticated => Ok(()),
        other => Err(format!("{other:?}")),
    })
    .await;

    let token = add_operator(&stand, "leaver", "viewer", &[]).await;
    let mut ops = with_token(&stand, Some(&token)).await;
    let mut frames = ops.watch(pb::WatchRequest::default()).await.unwrap().into_inner();
    assert!(frames.message().await.unwrap().is_some());
    assert!(stand.sluiced(&["operator", "disable", "leaver"]).await.unwrap().status.success());
    refused(ops.hello(pb::HelloRequest {}).await, Code::Unauthenticated, "not valid");
    let ended = tokio::time::timeout(SOON, async {
        loop {
            if let Err(status) = frames.message().await {
                return status;
            }
        }
    });
    assert_eq!(ended.await.unwrap().code(), Code::Unauthenticated);
}

/// A call with an empty request, whatever it is; its first message, or how it was refused.
async fn bare_call(stand: &Stand, call: &str, token: Option<&str>) -> Result<(), Status> {
    let mut grpc = Grpc::new(connect(stand).await);
    grpc.ready().await.unwrap();
    let path = format!("/sluice.ops.v1.{call}").parse().unwrap();
    let mut request = Request::new(());
    *request.metadata_mut() = {
        use tonic::service::Interceptor as _;
        Bearer::new(token).call(Request::new(())).unwrap().metadata().clone()
    };
    let mut frames = grpc.server_streaming(request, path, Empty).await?.into_inner();
    match tokio::time::timeout(A_MOMENT.max(SOON), frames.message()).await {
        Ok(first) => first.map(drop),
        Err(_) => panic!("{call} answers nothing"),
    }
}

/// Sends nothing and does not care what comes.
struct Empty;

impl Codec for Empty {
    type Encode = ();
    type Decode = ();
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Empty {
    type Item = ();
    type Error = Status;

    fn encode(&mut self, (): (), _: &mut EncodeBuf<'_>) -> Result<(), Status> {
        Ok(())
    }
}

impl Decoder for Empty {
    type Item = ();
    type Error = Status;

    fn decode(&mut self, message: &mut DecodeBuf<'_>) -> Result<Option<()>, Status> {
        use prost::bytes::Buf as _;
        message.advance(message.remaining());
        Ok(Some(()))
    }
}
