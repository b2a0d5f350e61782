//! Connections to PostgreSQL that are encrypted, and those that are refused: the server cannot prove its name, or the service its own.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "what is expected of a connection is what is tested")]

#[allow(dead_code, reason = "this test needs no crash")]
#[path = "store/cluster.rs"]
mod cluster;

use std::process::Command;

use cluster::Cluster;
use dsa_signal::store::{Location, StoreFault, open};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::TempDir;
use tokio_postgres::NoTls;

fn certificate(name: &str) -> CertifiedKey<rcgen::KeyPair> {
    generate_simple_self_signed([name.to_owned()]).unwrap()
}

/// Whether every connection of the service is encrypted; `None` if it has none.
async fn encrypted(cluster: &Cluster) -> Option<bool> {
    let (client, connection) = tokio_postgres::connect(&cluster.url(), NoTls).await.unwrap();
    let running = tokio::spawn(connection);
    let sql = "SELECT bool_and(s.ssl) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) \
               WHERE a.application_name = 'dsa-signal'";
    let answer = client.query_one(sql, &[]).await.unwrap().get(0);
    running.abort();
    answer
}

#[tokio::test]
async fn a_connection_is_encrypted_if_the_url_asks_for_it_and_the_server_proves_its_name() {
    let CertifiedKey { cert, signing_key } = certificate("127.0.0.1");
    let files = [("server.crt", &*cert.pem()), ("server.key", &*signing_key.serialize_pem())];
    let Some(cluster) = Cluster::create_with("-c ssl=on", &files) else { return };
    let folder = TempDir::new().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let url = |rest: &str| Location::Postgres(format!("{}?{rest}", cluster.url()));
    let (own, other) = (file("own.pem", &cert.pem()), file("other.pem", &certificate("127.0.0.1").cert.pem()));

    let store = open(&url(&format!("sslmode=verify-full&sslrootcert={own}"))).await.unwrap();
    assert_eq!(store.heads().await.unwrap(), []);
    assert_eq!(encrypted(&cluster).await, Some(true), "also the one that listens");
    drop(store);

    let by_name = format!("{}?sslmode=require&sslrootcert={own}", cluster.url().replace("127.0.0.1", "localhost"));
    for refused in
        [url(&format!("sslmode=require&sslrootcert={other}")), url("sslmode=require"), Location::Postgres(by_name)]
    {
        let error = open(&refused).await.unwrap_err();
        let known = matches!(error.fault, StoreFault::Unreachable | StoreFault::Location);
        assert!(
            known && error.to_string().contains("certificate") || error.to_string().contains("encrypted"),
            "{error}"
        );
    }
    let clear = open(&url("sslmode=disable")).await.unwrap();
    assert_eq!(clear.heads().await.unwrap(), []);
    assert_eq!(encrypted(&cluster).await, Some(false));
}

#[tokio::test]
async fn a_server_without_encryption_is_not_talked_to_in_clear_if_the_url_asks_for_it() {
    let Some(cluster) = Cluster::create() else { return };
    let folder = TempDir::new().unwrap();
    let roots = folder.path().join("roots.pem");
    std::fs::write(&roots, certificate("127.0.0.1").cert.pem()).unwrap();
    let url = format!("{}?sslmode=require&sslrootcert={}", cluster.url(), roots.display());
    let error = open(&Location::Postgres(url)).await.unwrap_err();
    assert!(error.fault == StoreFault::Unreachable && error.to_string().contains("encrypted"), "{error}");
}

#[tokio::test]
async fn a_wrong_password_is_told_as_such_and_shown_to_nobody() {
    let entries = "host all asker 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n";
    let Some(cluster) = Cluster::create_with("", &[("pg_hba.conf", entries)]) else { return };
    let (client, connection) = tokio_postgres::connect(&cluster.url(), NoTls).await.unwrap();
    let running = tokio::spawn(connection);
    client.batch_execute("CREATE ROLE asker LOGIN SUPERUSER PASSWORD 'open-sesame'").await.unwrap();
    running.abort();
    let url = |password: &str| cluster.url().replace("dsa@", &format!("asker:{password}@"));

    let store = open(&Location::Postgres(url("open-sesame"))).await.unwrap();
    assert_eq!(store.heads().await.unwrap(), []);
    let error = open(&Location::Postgres(url("hunter2"))).await.unwrap_err();
    assert_eq!(error.fault, StoreFault::AccessDenied);
    assert!(error.to_string().contains("28P01") && !error.to_string().contains("hunter2"), "{error}");

    // The program says the same, at once, and keeps the password to itself in every form of log.
    for command in [&["decisions", "list"][..], &["serve", "--listen", "127.0.0.1:0", "--metrics-listen", "off"]] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_dsa-signal"));
        let run = program.args(command).args(["--store", &url("hunter2")]).output().unwrap();
        let told = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
        assert_eq!(run.status.code(), Some(1), "{told}");
        assert!(told.contains("check user, password and rights") && !told.contains("hunter2"), "{told}");
    }
}
