//! TLS of a real server: certificates of both sides, their replacement, and what is turned away.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what is expected of a server is what is tested"
)]

mod support;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use dsa_signal::access::{Clients, Gate};
use dsa_signal::grpc::v1::policy_service_client::PolicyServiceClient;
use dsa_signal::grpc::{Doors, Edge, EdgeMetrics, TlsFiles, TlsHandle};
use dsa_signal::wire::v1::GetPolicyRequest;
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use support::{Options, TestServer};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion, version};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};

/// An authority of our own.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "An authority");
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A certificate for a name, with its key, both in PEM.
    fn sign(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        (certificate.pem(), key.serialize_pem())
    }
}

/// Files of a server, which may change.
struct Files {
    folder: tempfile::TempDir,
    files: TlsFiles,
}

impl Files {
    fn new((certificate, key): &(String, String), client_ca: Option<&Authority>, client_required: bool) -> Self {
        let folder = tempfile::TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name);
        if let Some(ca) = client_ca {
            std::fs::write(path("ca.pem"), ca.0.pem()).unwrap();
        }
        let client_ca = client_ca.map(|_| path("ca.pem"));
        let files = TlsFiles { certificate: path("cert.pem"), key: path("key.pem"), client_ca, client_required };
        let files = Files { folder, files };
        files.write(certificate, key);
        files
    }

    fn write(&self, certificate: &str, key: &str) {
        let path = |name: &str| self.folder.path().join(name);
        std::fs::write(path("cert.pem"), certificate).unwrap();
        std::fs::write(path("key.pem"), key).unwrap();
    }

    fn handle(&self) -> TlsHandle {
        TlsHandle::new(self.files.clone(), &self.files.read().unwrap(), &EdgeMetrics::default()).unwrap()
    }
}

async fn serve(tls: &TlsHandle, clients: Option<&str>) -> TestServer {
    let gate = clients.map(|text| Arc::new(ArcSwap::from_pointee(Gate::new(Clients::parse(text).unwrap(), None))));
    let doors = Doors { gate, ..Doors::default() };
    let edge = Edge { doors, tls: Some(tls.clone()), ..Edge::default() };
    TestServer::start_with(Options { edge, ..Options::default() }).await
}

/// A client that trusts an authority and may have a certificate of its own.
fn client(
    trusted: &Authority,
    own: Option<&(String, String)>,
    versions: &[&'static SupportedProtocolVersion],
) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.0.der().clone()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match own {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let key = KeyPair::from_pem(key).unwrap().serialize_der();
            let chain = pem(certificate);
            builder.with_client_auth_cert(chain, PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key))).unwrap()
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    TlsConnector::from(Arc::new(config))
}

fn pem(text: &str) -> Vec<tokio_rustls::rustls::pki_types::CertificateDer<'static>> {
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    tokio_rustls::rustls::pki_types::CertificateDer::pem_slice_iter(text.as_bytes()).collect::<Result<_, _>>().unwrap()
}

const BOTH: &[&SupportedProtocolVersion] = &[&version::TLS12, &version::TLS13];

async fn shake(server: &TestServer, client: &TlsConnector) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(server.address).await?;
    client.connect("localhost".try_into().unwrap(), stream).await
}

async fn channel(server: &TestServer, client: &TlsConnector) -> Result<Channel, tonic::transport::Error> {
    let (address, client) = (server.address, client.clone());
    let connector = tower::service_fn(move |_| {
        let client = client.clone();
        async move {
            let stream = TcpStream::connect(address).await?;
            client.connect("localhost".try_into().unwrap(), stream).await.map(TokioIo::new)
        }
    });
    Endpoint::from_static("http://localhost")
        .connect_timeout(Duration::from_secs(5))
        .connect_with_connector(connector)
        .await
}

async fn ask(channel: Channel) -> Result<(), Status> {
    PolicyServiceClient::new(channel).get_policy(GetPolicyRequest {}).await.map(|_| ())
}

#[tokio::test]
async fn both_versions_of_tls_are_spoken_and_nothing_in_the_clear() {
    let authority = Authority::new();
    let files = Files::new(&authority.sign("localhost"), None, true);
    let server = serve(&files.handle(), None).await;
    for (offered, expected) in
        [(&version::TLS12, ProtocolVersion::TLSv1_2), (&version::TLS13, ProtocolVersion::TLSv1_3)]
    {
        let client = client(&authority, None, &[offered]);
        let stream = shake(&server, &client).await.unwrap();
        let (_, session) = stream.get_ref();
        assert_eq!((session.protocol_version(), session.alpn_protocol()), (Some(expected), Some(&b"h2"[..])));
        let suite = format!("{:?}", session.negotiated_cipher_suite().unwrap().suite());
        assert!(expected == ProtocolVersion::TLSv1_3 || suite.contains("ECDHE"), "{suite}");
        ask(channel(&server, &client).await.unwrap()).await.unwrap();
    }
    assert!(shake(&server, &client(&Authority::new(), None, BOTH)).await.is_err(), "another authority");
    let clear = Endpoint::from_shared(format!("http://{}", server.address)).unwrap().connect_lazy();
    assert!(ask(clear).await.is_err());
}

#[tokio::test]
async fn a_client_certificate_names_its_client() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let files = Files::new(&authority.sign("localhost"), Some(&clients), true);
    let known = "shop-a read certificate:shop-a.example\nshop-b score certificate:shop-b.example";
    let server = serve(&files.handle(), Some(known)).await;
    let as_client = async |own: Option<&(String, String)>| {
        let channel = channel(&server, &client(&authority, own, BOTH)).await.map_err(|_| Code::Unavailable)?;
        ask(channel).await.map_err(|status| status.code())
    };
    assert_eq!(as_client(Some(&clients.sign("shop-a.example"))).await, Ok(()));
    assert_eq!(as_client(Some(&clients.sign("shop-b.example"))).await, Err(Code::PermissionDenied));
    assert_eq!(as_client(Some(&clients.sign("shop-c.example"))).await, Err(Code::Unauthenticated));
    assert!(as_client(Some(&Authority::new().sign("shop-a.example"))).await.is_err(), "signed by another authority");
    assert!(as_client(None).await.is_err(), "a certificate is required");

    let files = Files::new(&authority.sign("localhost"), Some(&clients), false);
    let server = serve(&files.handle(), Some(known)).await;
    let without = channel(&server, &client(&authority, None, BOTH)).await.unwrap();
    assert_eq!(ask(without).await.unwrap_err().code(), Code::Unauthenticated, "then a token is needed");
}

#[tokio::test]
async fn certificates_are_replaced_under_connections_that_live_on() {
    let (first, second) = (Authority::new(), Authority::new());
    let files = Files::new(&first.sign("localhost"), None, true);
    let handle = files.handle();
    let server = serve(&handle, None).await;
    let before = channel(&server, &client(&first, None, BOTH)).await.unwrap();
    ask(before.clone()).await.unwrap();
    let (certificate, key) = second.sign("localhost");
    files.write(&certificate, "no key");
    assert!(handle.replace(&files.files.read().unwrap()).is_err());
    files.write(&certificate, &first.sign("localhost").1);
    let unfit = handle.replace(&files.files.read().unwrap()).unwrap_err().to_string();
    assert!(unfit.contains("does not fit") && !unfit.contains("BEGIN"), "{unfit}");
    ask(channel(&server, &client(&first, None, BOTH)).await.unwrap()).await.unwrap();
    files.write(&certificate, &key);
    handle.replace(&files.files.read().unwrap()).unwrap();
    ask(channel(&server, &client(&second, None, BOTH)).await.unwrap()).await.unwrap();
    assert!(shake(&server, &client(&first, None, BOTH)).await.is_err());
    ask(before).await.unwrap();
}

#[test]
fn files_that_make_no_tls_are_named_without_what_is_in_them() {
    let authority = Authority::new();
    let pair = authority.sign("localhost");
    let invalid = |files: &Files| {
        let bytes = files.files.read().map_err(|invalid| invalid.to_string())?;
        TlsHandle::new(files.files.clone(), &bytes, &EdgeMetrics::default()).map(|_| ()).map_err(|one| one.to_string())
    };
    let files = Files::new(&pair, Some(&authority), true);
    assert_eq!(invalid(&files), Ok(()));
    std::fs::write(files.folder.path().join("ca.pem"), "nothing").unwrap();
    assert!(invalid(&files).unwrap_err().contains("ca.pem"));
    std::fs::remove_file(files.folder.path().join("ca.pem")).unwrap();
    assert!(invalid(&files).unwrap_err().contains("ca.pem"));
    files.write(&pair.1, &pair.1);
    assert!(
        invalid(&Files::new(&(pair.1.clone(), pair.1.clone()), None, true)).unwrap_err().contains("no certificate")
    );
    assert!(Path::new(&files.files.certificate).exists());
}
