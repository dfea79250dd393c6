//! The committed code is what the `.proto` says. `UPDATE=1 cargo test -p sluice-proto` writes it anew.

use std::fs;
use std::path::Path;

use prost::Message;

const PROTOS: [&str; 2] = ["sluice/ops/v1/ops.proto", "sluice/ops/v1/risk.proto"];

const FILES: [&str; 2] = ["sluice.ops.v1.rs", "descriptor.bin"];

#[test]
fn committed_code_is_what_the_proto_file_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fresh = tempfile::tempdir().unwrap();
    let descriptors = protox::compile(PROTOS, [root]).unwrap();
    fs::write(fresh.path().join("descriptor.bin"), descriptors.encode_to_vec()).unwrap();
    tonic_prost_build::configure()
        .build_transport(true)
        .emit_rerun_if_changed(false)
        .out_dir(fresh.path())
        .compile_fds(descriptors)
        .unwrap();

    let committed = root.join("src/generated");
    for file in FILES {
        let (new, old) = (fresh.path().join(file), committed.join(file));
        if std::env::var_os("UPDATE").is_some() {
            fs::copy(&new, &old).unwrap();
        }
        assert!(
            fs::read(&new).unwrap() == fs::read(&old).unwrap_or_default(),
            "proto/src/generated/{file} differs from the .proto files; run: UPDATE=1 cargo test -p sluice-proto"
        );
    }
}
