//! TLS: certificates from files, replaced while connections live.
//!
//! Not here: when files are read again (`app/reload.rs`). Kept true: a pair that does not fit is never in force, the one before stays; TLS 1.2 and 1.3 with
//! the suites that rustls has, all of them with forward secrecy; nothing but HTTP/2 is agreed upon.
//!
//! A connection keeps what its handshake found. So a certificate that has been replaced lives on in connections of before, until
//! `max_connection_age`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;
use x509_cert::Certificate;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::Decode;
use x509_cert::der::asn1::{ObjectIdentifier, PrintableStringRef, TeletexStringRef, Utf8StringRef};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::metrics::EdgeMetrics;

/// Where certificates are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The server's certificate and its chain, PEM.
    pub certificate: PathBuf,
    /// Its key, PEM.
    pub key: PathBuf,
    /// The authorities that sign client certificates, PEM; without them, none is asked for.
    pub client_ca: Option<PathBuf>,
    /// Clients without a certificate are turned away in the handshake.
    pub client_required: bool,
}

/// Why files make no TLS. The words name the file, and nothing of what is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct InvalidTls(String);

impl fmt::Display for InvalidTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The bytes of the files, as read at one time.
#[derive(Clone, PartialEq, Eq)]
pub struct TlsBytes {
    certificate: Vec<u8>,
    key: Vec<u8>,
    client_ca: Option<Vec<u8>>,
}

impl TlsFiles {
    /// Reads the files.
    pub fn read(&self) -> Result<TlsBytes, InvalidTls> {
        Ok(TlsBytes {
            certificate: read(&self.certificate)?,
            key: read(&self.key)?,
            client_ca: self.client_ca.as_deref().map(read).transpose()?,
        })
    }

    /// Makes of them what handshakes need.
    fn settings(&self, bytes: &TlsBytes) -> Result<Settings, InvalidTls> {
        let chain = certificates(&self.certificate, &bytes.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&bytes.key)
            .map_err(|_| InvalidTls(format!("{}: no private key in PEM", self.key.display())))?;
        let ends = chain
            .iter()
            .filter_map(|one| Some(parsed(one)?.tbs_certificate.validity.not_after))
            .min_by_key(|end| end.to_unix_duration());
        let provider = Arc::new(ring::default_provider());
        let versions = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
        let builder = versions.map_err(|_| InvalidTls("this build has no TLS 1.2 and 1.3".to_owned()))?;
        let builder = match (&self.client_ca, &bytes.client_ca) {
            (Some(path), Some(ca)) => {
                let mut roots = RootCertStore::empty();
                let (added, _) = roots.add_parsable_certificates(certificates(path, ca)?);
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                let verifier = if self.client_required { verifier } else { verifier.allow_unauthenticated() };
                let none = || InvalidTls(format!("{}: no authority in it can be used", path.display()));
                builder.with_client_cert_verifier(verifier.build().ok().filter(|_| added > 0).ok_or_else(none)?)
            }
            _ => builder.with_no_client_auth(),
        };
        let unfit = |_| InvalidTls(format!("{}: the key does not fit the certificate", self.key.display()));
        let mut config = builder.with_single_cert(chain, key).map_err(unfit)?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        let ends = ends.map_or(0, |end| end.to_unix_duration().as_secs());
        Ok(Settings { config: Arc::new(config), ends })
    }
}

struct Settings {
    config: Arc<ServerConfig>,
    /// Seconds since 1970 when the first certificate of the chain ends.
    ends: u64,
}

/// What handshakes are made with now. Cheap to clone; clones change together.
#[derive(Clone)]
pub struct TlsHandle {
    current: Arc<ArcSwap<ServerConfig>>,
    files: Arc<TlsFiles>,
    metrics: EdgeMetrics,
}

impl fmt::Debug for TlsHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsHandle").field("files", &self.files).finish_non_exhaustive()
    }
}

impl TlsHandle {
    /// From files.
    pub fn new(files: TlsFiles, bytes: &TlsBytes, metrics: &EdgeMetrics) -> Result<TlsHandle, InvalidTls> {
        let Settings { config, ends } = files.settings(bytes)?;
        metrics.certificate_ends(ends);
        let current = Arc::new(ArcSwap::new(config));
        Ok(TlsHandle { current, files: Arc::new(files), metrics: metrics.clone() })
    }

    /// The files.
    pub fn files(&self) -> &TlsFiles {
        &self.files
    }

    /// Puts other certificates into force for the handshakes to come. If they do not fit, nothing changes.
    pub fn replace(&self, bytes: &TlsBytes) -> Result<(), InvalidTls> {
        let Settings { config, ends } = self.files.settings(bytes)?;
        self.current.store(config);
        self.metrics.certificate_ends(ends);
        Ok(())
    }

    /// For the next handshake.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.current.load_full())
    }
}

fn read(path: &Path) -> Result<Vec<u8>, InvalidTls> {
    std::fs::read(path).map_err(|error| InvalidTls(format!("{}: {}", path.display(), error.kind())))
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, InvalidTls> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    chain.ok_or_else(|| InvalidTls(format!("{}: no certificate in PEM", path.display())))
}

fn parsed(certificate: &CertificateDer<'_>) -> Option<Certificate> {
    Certificate::from_der(certificate).ok()
}

/// DNS names, URIs and the common name of the client's certificate. The handshake has verified it.
pub(super) fn client_names(stream: &TlsStream<TcpStream>) -> Vec<String> {
    let (_, session) = stream.get_ref();
    let first = session.peer_certificates().and_then(<[_]>::first);
    first.and_then(parsed).map(|certificate| names(&certificate)).unwrap_or_default()
}

fn names(certificate: &Certificate) -> Vec<String> {
    let alternative = certificate.tbs_certificate.get::<SubjectAltName>().ok().flatten();
    let general = alternative.iter().flat_map(|(_, names)| &names.0);
    let named = general.filter_map(|name| match name {
        GeneralName::DnsName(name) | GeneralName::UniformResourceIdentifier(name) => Some(name.to_string()),
        _ => None,
    });
    let subject = certificate.tbs_certificate.subject.0.iter();
    let common = subject.flat_map(|set| set.0.iter()).filter(|one| one.oid == COMMON_NAME).filter_map(text);
    named.chain(common).collect()
}

/// X.520, 6.2.2.
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// The value in the types of strings that certificates have in practice.
fn text(attribute: &AttributeTypeAndValue) -> Option<String> {
    let value = &attribute.value;
    let utf8 = value.decode_as::<Utf8StringRef<'_>>().map(|text| text.to_string());
    let printable = || value.decode_as::<PrintableStringRef<'_>>().map(|text| text.to_string());
    let teletex = || value.decode_as::<TeletexStringRef<'_>>().map(|text| text.to_string());
    utf8.or_else(|_| printable()).or_else(|_| teletex()).ok()
}
