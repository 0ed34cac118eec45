//! TLS towards clients. In: files of certificates and keys. Out: a configuration that chooses by server name; whoever
//! reads the files again puts a new one in its place. Client certificates are asked for, and checked only against
//! authorities that were given: what a certificate is worth is for policies to say.

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig, SignatureScheme};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the certificates come from.
#[derive(Clone, Debug, Default)]
pub struct TlsFiles {
    /// PEM of a certificate chain, and of its key when that stands in a file of its own. The first is for clients that
    /// name no server, or one that no certificate is for.
    pub certificates: Vec<(PathBuf, Option<PathBuf>)>,
    pub clients: ClientCertificates,
    /// PEM of authorities: client certificates must lead to one of them.
    pub client_authorities: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientCertificates {
    Off,
    /// A client may show one.
    #[default]
    Request,
    /// A client without one is turned away.
    Require,
}

impl TlsFiles {
    /// Every file that is read.
    pub fn paths(&self) -> Vec<PathBuf> {
        let pairs = self.certificates.iter().flat_map(|(chain, key)| [Some(chain), key.as_ref()]);
        pairs.chain([self.client_authorities.as_ref()]).flatten().cloned().collect()
    }

    /// Reads the files. What is wrong is said with the file's name.
    pub fn read(&self) -> Result<Arc<ServerConfig>, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut chosen = Vec::new();
        for (chain, key) in &self.certificates {
            chosen.push(Arc::new(certified(chain, key.as_deref().unwrap_or(chain), &provider)?));
        }
        if chosen.is_empty() {
            return Err("TLS needs a certificate".into());
        }
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let builder = match self.clients {
            ClientCertificates::Off => builder.with_no_client_auth(),
            asked => builder.with_client_cert_verifier(self.verifier(asked, &provider)?),
        };
        let mut config = builder.with_cert_resolver(Arc::new(ByName(chosen)));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    fn verifier(
        &self,
        asked: ClientCertificates,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ClientCertVerifier>, String> {
        let mandatory = asked == ClientCertificates::Require;
        let Some(path) = &self.client_authorities else {
            return Ok(Arc::new(AnyClient { mandatory, algorithms: provider.signature_verification_algorithms }));
        };
        let mut roots = RootCertStore::empty();
        for certificate in certificates(path)? {
            roots.add(certificate).map_err(|error| wrong(path, error))?;
        }
        let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
        let builder = if mandatory { builder } else { builder.allow_unauthenticated() };
        builder.build().map_err(|error| wrong(path, error))
    }
}

fn wrong(path: &Path, why: impl std::fmt::Display) -> String {
    format!("{}: {why}", path.display())
}

/// The certificates of a PEM file.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = std::fs::read(path).map_err(|error| wrong(path, error))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let found = found.map_err(|error| wrong(path, error))?;
    if found.is_empty() { Err(wrong(path, "holds no certificate in PEM")) } else { Ok(found) }
}

fn certified(chain: &Path, key: &Path, provider: &CryptoProvider) -> Result<CertifiedKey, String> {
    let certificates = certificates(chain)?;
    let pem = std::fs::read(key).map_err(|error| wrong(key, error))?;
    let private = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| wrong(key, "holds no private key in PEM"))?;
    let private = provider.key_provider.load_private_key(private).map_err(|error| wrong(key, error))?;
    let certified = CertifiedKey::new(certificates, private);
    match certified.keys_match() {
        Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::KeyMismatch)) => {
            Err(wrong(key, format!("is not the key of {}", chain.display())))
        }
        Err(error @ rustls::Error::InvalidCertificate(_)) => Err(wrong(chain, error)),
        // A key that cannot tell its public half is taken at its word.
        Ok(()) | Err(_) => Ok(certified),
    }
}

/// The certificate for the name that a client asks for, else the first.
#[derive(Debug)]
struct ByName(Vec<Arc<CertifiedKey>>);

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let fits = |name: &str| {
            let name = rustls::pki_types::ServerName::try_from(name).ok()?;
            self.0.iter().find(|own| {
                let end = own.end_entity_cert().and_then(rustls::server::ParsedCertificate::try_from);
                end.is_ok_and(|end| rustls::client::verify_server_name(&end, &name).is_ok())
            })
        };
        hello.server_name().and_then(fits).or(self.0.first()).cloned()
    }
}

/// Takes any certificate whose key the client holds.
#[derive(Debug)]
struct AnyClient {
    mandatory: bool,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for AnyClient {
    fn client_auth_mandatory(&self) -> bool {
        self.mandatory
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
