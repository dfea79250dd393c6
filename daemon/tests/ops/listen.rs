//! Where the ops API listens, and what is served besides: health and reflection.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use sluice_proto::v1 as pb;
use sluice_proto::v1::ops_client::OpsClient;
use sluice_sim::stand::Stand;
use tonic::transport::{Certificate, Channel, ClientTlsConfig};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1 as reflection;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;

use crate::client::{Bearer, connect, socket};
use crate::support::{SOON, programs, stand, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_socket_is_private_and_health_and_reflection_need_no_token() {
    let stand = stand(&[]).await;
    let mode = std::fs::metadata(socket(&stand)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let mut health = HealthClient::new(connect(&stand).await);
    for (service, want) in [("sluice.ops.v1.Ops", true), ("", true), ("sluice.ops.v2.Ops", false)] {
        let answer = health.check(HealthCheckRequest { service: service.to_owned() }).await;
        let serving = answer.is_ok_and(|a| a.into_inner().status() == ServingStatus::Serving);
        assert_eq!(serving, want, "{service}");
    }

    let mut reflect = ServerReflectionClient::new(connect(&stand).await);
    let ask = reflection::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(reflection::server_reflection_request::MessageRequest::ListServices(
            String::new(),
        )),
    };
    let mut answers = reflect.server_reflection_info(tokio_stream::once(ask)).await.unwrap().into_inner();
    let listed = format!("{:?}", answers.message().await.unwrap());
    for service in ["sluice.ops.v1.Ops", "grpc.health.v1.Health"] {
        assert!(listed.contains(service), "{listed}");
    }
}

/// A second daemon on the sandbox's configuration, with its own address for everything.
fn daemon(stand: &Stand, settings: &[(&str, &str)]) -> tokio::process::Command {
    let mut command = tokio::process::Command::new(programs().join("sluiced"));
    command
        .arg("--config")
        .arg(&stand.file().config)
        .env("SLUICED_SERVER__LISTEN", "127.0.0.1:0")
        .env("SLUICED_OPS__SOCKET", "")
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plaintext_off_loopback_is_refused_and_so_is_a_socket_in_use() {
    let stand = stand(&[]).await;
    let in_use = socket(&stand).display().to_string();
    for (settings, says) in [
        (vec![("SLUICED_OPS__LISTEN", "0.0.0.0:0")], "tls_cert_file"),
        (vec![("SLUICED_OPS__LISTEN", "[::]:0")], "tls_cert_file"),
        (vec![("SLUICED_OPS__LISTEN", "here")], "not an address"),
        (vec![("SLUICED_OPS__SOCKET", in_use.as_str())], "another process answers"),
        (
            vec![("SLUICED_OPS__LISTEN", "0.0.0.0:0"), ("SLUICED_OPS__TLS_CERT_FILE", "/nowhere.pem")],
            "one is set without the other",
        ),
        (
            vec![
                ("SLUICED_OPS__LISTEN", "0.0.0.0:0"),
                ("SLUICED_OPS__TLS_CERT_FILE", "/nowhere.pem"),
                ("SLUICED_OPS__TLS_KEY_FILE", "/nowhere.key"),
            ],
            "/nowhere.pem",
        ),
    ] {
        let started = daemon(&stand, &settings).output();
        let output = tokio::time::timeout(SOON, started).await.expect("it goes on serving").unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(says), "{settings:?}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_tls_with_a_token() {
    let stand = stand(&[]).await;
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ops/tls");
    let file = |name: &str| files.join(name).display().to_string();
    let address = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap()
    };
    let _second = daemon(
        &stand,
        &[
            ("SLUICED_OPS__LISTEN", &address.to_string()),
            ("SLUICED_OPS__TLS_CERT_FILE", &file("server.pem")),
            ("SLUICED_OPS__TLS_KEY_FILE", &file("server.key")),
        ],
    )
    .stderr(Stdio::null())
    .spawn()
    .unwrap();

    let ca = Certificate::from_pem(std::fs::read(file("ca.pem")).unwrap());
    let tls = ClientTlsConfig::new().ca_certificate(ca).domain_name("ops.test");
    let endpoint = Channel::from_shared(format!("https://{address}")).unwrap().tls_config(tls).unwrap();
    let channel =
        until("the second daemon serves", SOON, async || endpoint.connect().await.map_err(|e| e.to_string()))
            .await;
    let token = std::fs::read_to_string(&stand.file().operator_token_file).unwrap();
    let mut ops = OpsClient::with_interceptor(channel, Bearer::new(Some(token.trim())));
    let hello = ops.hello(pb::HelloRequest {}).await.unwrap().into_inner();
    assert_eq!(hello.role, "admin");

    // Plaintext gets nowhere on the same address.
    let plain = Channel::from_shared(format!("http://{address}")).unwrap();
    let plain = plain.connect_timeout(Duration::from_secs(5)).connect_lazy();
    let mut ops = OpsClient::with_interceptor(plain, Bearer::new(Some(token.trim())));
    assert!(ops.hello(pb::HelloRequest {}).await.is_err());
}
