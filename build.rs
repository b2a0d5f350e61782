//! Generates the wire types from `proto/`: messages, their proto3 JSON mapping, services, and the descriptors that
//! reflection serves.
//!
//! Not here: hand-written conversions (`src/wire/`). Kept true: no protoc on the machine is needed (protox compiles the
//! files), and messages know nothing of the transport (services are generated apart, into `OUT_DIR/services`).

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use prost::Message;

const PROTO_FILES: [&str; 7] = [
    "dsasignal/v1/assessment.proto",
    "dsasignal/v1/content.proto",
    "dsasignal/v1/decision_service.proto",
    "dsasignal/v1/policy_service.proto",
    "dsasignal/v1/promotion_service.proto",
    "dsasignal/v1/reputation_service.proto",
    "dsasignal/v1/scoring_service.proto",
];

/// These carry a `google.rpc.Status`, whose Rust type (tonic-types) has no JSON mapping. Nobody writes them as JSON here:
/// files hold content and assessments, and gRPC clients map JSON themselves.
const WITHOUT_JSON: [&str; 9] = [
    ".dsasignal.v1.ScoreResult",
    ".dsasignal.v1.BatchScoreListingsResponse",
    ".dsasignal.v1.BatchScorePostsResponse",
    ".dsasignal.v1.StreamScoreListingsResponse",
    ".dsasignal.v1.StreamScorePostsResponse",
    ".dsasignal.v1.StandingResult",
    ".dsasignal.v1.BatchGetStandingsResponse",
    ".dsasignal.v1.EventError",
    ".dsasignal.v1.RecordEventsResponse",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=policies/default"); // embedded; without this, a new file would not be noticed
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let descriptors = protox::compile(PROTO_FILES, ["proto"])?;
    let encoded = descriptors.encode_to_vec();
    fs::write(out.join("descriptors.bin"), &encoded)?;

    tonic_prost_build::configure()
        .build_client(false)
        .build_server(false)
        .compile_well_known_types(true) // that is: leave them to the extern paths below
        .btree_map(".") // sorted maps: equal content, equal bytes, and they move into the domain as they are
        .extern_path(".google.rpc.Status", "::tonic_types::Status")
        .extern_path(".google.protobuf", "::pbjson_types") // the same messages as prost-types, with serde
        .compile_fds(descriptors.clone())?;

    pbjson_build::Builder::new()
        .register_descriptors(&encoded)?
        .btree_map(["."])
        .exclude(WITHOUT_JSON)
        .extern_path(".google.protobuf", "::pbjson_types")
        .preserve_proto_field_names() // what we write uses the names of the contract; both spellings are read
        .emit_fields() // a reader of lines wants every column, `"risk": 0` too
        .build(&[".dsasignal.v1"])?;

    let services = out.join("services");
    fs::create_dir_all(&services)?;
    tonic_prost_build::configure()
        .out_dir(&services)
        .compile_well_known_types(true)
        .extern_path(".dsasignal.v1", "crate::wire::v1") // every message exists already: only services come out
        .extern_path(".google.rpc.Status", "::tonic_types::Status")
        .extern_path(".google.protobuf", "::pbjson_types")
        .compile_fds(descriptors)?;
    Ok(())
}
