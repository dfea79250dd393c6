//! Bytes that are no proper HTTP, or proper HTTP that proxies and servers are known to disagree on.

use crate::case::{Case, World, wire};

const BAD: (u16, &str) = (400, "");
const TOO_MANY: (u16, &str) = (431, "");
const CLOSED: (u16, &str) = (0, "");
/// The body did not arrive whole, so that nothing could be verified.
const LOST: (u16, &str) = (408, "request_timeout");
const MISSING: (u16, &str) = (401, "token_missing");

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = no_http();
    cases.extend(lengths());
    cases.extend(heads());
    cases.extend(proper());
    cases
}

fn bytes(name: &str, want: (u16, &'static str), bytes: impl Into<Vec<u8>>) -> Case {
    let bytes = bytes.into();
    wire(name, want, move |_| bytes.clone())
}

fn no_http() -> Vec<Case> {
    vec![
        bytes("nothing", CLOSED, ""),
        bytes("blank lines", CLOSED, "\r\n\r\n\r\n"),
        bytes("HTTP/0.9", BAD, "GET /healthz\r\n\r\n"),
        bytes("HTTP/3.0", BAD, "GET /healthz HTTP/3.0\r\n\r\n"),
        bytes("the preface of HTTP/2", CLOSED, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        bytes("a TLS handshake", BAD, [&[0x16, 3, 1, 0, 0xa5, 1, 0, 0, 0xa1, 3, 3][..], &[7; 160]].concat()),
        bytes("zeros", BAD, vec![0; 4_096]),
        bytes("random letters", TOO_MANY, "x".repeat(64 * 1024)),
        bytes("SMTP", BAD, "EHLO shop.example\r\nMAIL FROM:<a@b>\r\n\r\n"),
        bytes("half a head, then nothing", CLOSED, "POST /v1/recharges HTTP/1.1\r\nHost: x\r\nSluice-K"),
        wire("half a body, then nothing", LOST, |w| {
            let mut half = w.post().sign().unwrap().to_wire();
            half.truncate(half.len() - 10);
            half
        }),
    ]
}

/// Where a body ends: whatever two readers could see differently is refused, or ends the connection.
fn lengths() -> Vec<Case> {
    let post = |headers: &str, body: &str| {
        format!("POST /v1/recharges HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n{body}")
    };
    vec![
        bytes("two lengths", BAD, post("Content-Length: 2\r\nContent-Length: 3", "{}x")),
        bytes("a negative length", BAD, post("Content-Length: -1", "{}")),
        bytes("a length with a sign", BAD, post("Content-Length: +2", "{}")),
        bytes("a length beyond 64 bits", BAD, post("Content-Length: 99999999999999999999", "{}")),
        bytes("a length that is none", BAD, post("Content-Length: two", "{}")),
        bytes("a length list", BAD, post("Content-Length: 2, 3", "{}")),
        bytes("an unknown transfer coding", BAD, post("Transfer-Encoding: gzip", "{}")),
        bytes("chunked, and then something else", BAD, post("Transfer-Encoding: chunked, gzip", "0\r\n\r\n")),
        bytes(
            "chunks in HTTP/1.0",
            BAD,
            "POST /v1/recharges HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        wire("a length and chunks: no second request is smuggled", MISSING, smuggled),
        chunks("chunks whose size is none", "zz\r\n{}\r\n0\r\n\r\n".to_owned()),
        chunks("chunks whose size overflows", "fffffffffffffffff\r\n{}\r\n0\r\n\r\n".to_owned()),
        chunks("a chunk that is shorter than it says", "5\r\n{}\r\n0\r\n\r\n".to_owned()),
        chunks("a chunk extension of 64 KiB", format!("2;{}\r\n{{}}\r\n0\r\n\r\n", "x".repeat(64 * 1024))),
    ]
}

/// A signed head, and then these chunks.
fn chunks(name: &str, chunks: String) -> Case {
    wire(name, LOST, move |w| {
        let wire = String::from_utf8(w.post_body("{}").sign().unwrap().to_wire()).unwrap();
        let (head, _) = wire.split_once("\r\nContent-Length:").unwrap();
        format!("{head}\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}").into_bytes()
    })
}

/// One unsigned POST whose "body" is a signed creation: a server that goes by the length reads two requests.
fn smuggled(w: &World) -> Vec<u8> {
    let mut head = b"POST /v1/recharges HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\
                     Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        .to_vec();
    head.extend(w.post().sign().unwrap().to_wire());
    head
}

fn heads() -> Vec<Case> {
    let get = |headers: &str| {
        format!("GET /v1/recharges HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n\r\n")
    };
    let many: Vec<_> = (0..200).map(|n| format!("X-{n}: y")).collect();
    vec![
        bytes("a header of 64 KiB", TOO_MANY, get(&format!("X: {}", "a".repeat(64 * 1024)))),
        bytes("200 headers", TOO_MANY, get(&many.join("\r\n"))),
        bytes(
            "a target of 64 KiB",
            TOO_MANY,
            format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(66 * 1024)),
        ),
        bytes("a folded header", BAD, get("X: a\r\n b")),
        bytes("a blank before the colon", BAD, get("Sluice-Key : a")),
        bytes("a header without a name", BAD, get(": a")),
        bytes("a header without a colon", BAD, get("Sluice-Key")),
        bytes("a zero byte in a header", BAD, get("Sluice-Key: a\0b")),
        bytes("a carriage return in a header", BAD, get("Sluice-Key: a\rb")),
        bytes("a zero byte in the target", BAD, "GET /v1/rech\0arges HTTP/1.1\r\nHost: x\r\n\r\n"),
        bytes("a blank in the target", BAD, "GET /v1/rech arges HTTP/1.1\r\nHost: x\r\n\r\n"),
        wire("a signing header with letters beyond ASCII", (400, "header_malformed"), |w| {
            let wire =
                w.get().header("Sluice-Key", "KEY").header("Connection", "close").sign().unwrap().to_wire();
            String::from_utf8(wire).unwrap().replace("Sluice-Key: KEY", "Sluice-Key: 密钥").into_bytes()
        }),
    ]
}

/// Unusual, and right.
fn proper() -> Vec<Case> {
    let close = |w: &World| w.get().header("Connection", "close").sign().unwrap().to_wire();
    vec![
        wire("HTTP/1.0", (200, ""), move |w| {
            String::from_utf8(close(w)).unwrap().replace("HTTP/1.1", "HTTP/1.0").into_bytes()
        }),
        wire("the target with scheme and host", (200, ""), move |w| {
            String::from_utf8(close(w)).unwrap().replace("GET /v1", "GET http://sluice/v1").into_bytes()
        }),
        wire("lines that end in a line feed alone", (200, ""), move |w| {
            String::from_utf8(close(w)).unwrap().replace("\r\n", "\n").into_bytes()
        }),
        wire("pipelined: three requests before the first answer", (200, ""), move |w| {
            let one = || w.get().sign().unwrap().to_wire();
            [one(), one(), close(w)].concat()
        })
        .answers(3),
        wire("an upgrade that is not offered", (200, ""), move |w| {
            let request = w.get().header("Connection", "close, Upgrade").header("Upgrade", "h2c");
            request.sign().unwrap().to_wire()
        }),
    ]
}
