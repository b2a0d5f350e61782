//! Encryption of connections to PostgreSQL, as the URL asks for it.
//!
//! Not here: connecting. Kept true: whoever asks for encryption talks to a server whose certificate and name were checked, or to nobody;
//! there is no way to ask for encryption without the check, because it would keep out only those who do not try.
//!
//! `sslmode` as in libpq, but for one thing: `require` checks too. `disable`, `allow`, `prefer` and no `sslmode` at all promise nothing, and
//! get nothing: a connection in clear.

use rustls_native_certs::load_native_certs;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::super::error::{StoreError, StoreFault};

/// How to reach a database.
#[derive(Clone)]
pub(super) struct Reach {
    pub(super) config: tokio_postgres::Config,
    /// Used if the configuration says so.
    pub(super) tls: MakeRustlsConnect,
}

impl Reach {
    /// As a URL says.
    pub(super) fn from_url(url: &str) -> Result<Self, StoreError> {
        let asked = Asked::of(url)?;
        let unreadable = |_| location("its parameters cannot be read");
        let mut config: tokio_postgres::Config = asked.rest.parse().map_err(unreadable)?;
        config.ssl_mode(if asked.encrypted { SslMode::Require } else { SslMode::Disable });
        let roots = match (&asked.roots, asked.encrypted) {
            (_, false) => RootCertStore::empty(),
            (Some(file), true) => roots_of(file)?,
            (None, true) => roots_of_the_system()?,
        };
        let client = ClientConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(|_| StoreError::new(StoreFault::Defect, "no TLS"))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Reach { config, tls: MakeRustlsConnect::new(client) })
    }
}

/// What a URL asks for, and the rest of it: the driver does not know `sslrootcert`, nor the modes that check.
struct Asked {
    rest: String,
    encrypted: bool,
    roots: Option<String>,
}

impl Asked {
    fn of(url: &str) -> Result<Self, StoreError> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut rest, mut encrypted, mut roots) = (Vec::new(), false, None);
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            // One of them, decoded.
            let mut pair = url::form_urlencoded::parse(parameter.as_bytes());
            match pair.next() {
                Some((name, mode)) if name == "sslmode" => {
                    encrypted = match &*mode {
                        "disable" | "allow" | "prefer" => false,
                        "require" | "verify-ca" | "verify-full" => true,
                        _ => return Err(location("its sslmode is none that there is")),
                    }
                }
                Some((name, file)) if name == "sslrootcert" => roots = Some(file.into_owned()),
                _ => rest.push(parameter),
            }
        }
        let rest = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
        Ok(Asked { rest, encrypted, roots })
    }
}

fn roots_of(file: &str) -> Result<RootCertStore, StoreError> {
    let unusable = || location("its sslrootcert names no file with certificates");
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|_| unusable())? {
        roots.add(certificate.map_err(|_| unusable())?).map_err(|_| unusable())?;
    }
    if roots.is_empty() { Err(unusable()) } else { Ok(roots) }
}

fn roots_of_the_system() -> Result<RootCertStore, StoreError> {
    let mut roots = RootCertStore::empty();
    // Some of a system's certificates are always too old to be read.
    let (_added, _ignored) = roots.add_parsable_certificates(load_native_certs().certs);
    if roots.is_empty() {
        Err(location("this system has no root certificates; name some: sslrootcert=FILE"))
    } else {
        Ok(roots)
    }
}

fn location(detail: &'static str) -> StoreError {
    StoreError::new(StoreFault::Location, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encryption_is_what_the_url_asks_for_and_the_driver_gets_the_rest() {
        for (url, rest, encrypted, roots) in [
            ("postgres://u@h/d", "postgres://u@h/d", false, None),
            ("postgres://u@h/d?sslmode=prefer&x=1", "postgres://u@h/d?x=1", false, None),
            ("postgres://u@h:1,i:2/d?a=%20&sslmode=require", "postgres://u@h:1,i:2/d?a=%20", true, None),
            ("postgres://h/d?sslmode=verify-full&sslrootcert=%2Fa%20b.pem", "postgres://h/d", true, Some("/a b.pem")),
        ] {
            let asked = Asked::of(url).unwrap();
            assert_eq!((&*asked.rest, asked.encrypted, asked.roots.as_deref()), (rest, encrypted, roots), "{url}");
        }
        let wrong = |url: &str| Reach::from_url(url).err().unwrap().fault;
        for url in ["postgres://h/d?sslmode=perhaps", "postgres://h/d?sslmode=require&sslrootcert=/nowhere.pem"] {
            assert_eq!(wrong(url), StoreFault::Location, "{url}");
        }
    }
}
