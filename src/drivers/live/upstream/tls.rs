//! TLS towards other servers, by the rules of a transport: whom to trust, what to check, as whom to come.

use crate::effect::Http2;
use crate::message::Transport;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::sync::{Arc, OnceLock};

/// The authorities that servers may come from: Mozilla's, the system's and the user's own. Read when first needed.
#[derive(Debug, Default)]
pub struct Authorities {
    own: Vec<CertificateDer<'static>>,
    all: OnceLock<Arc<RootCertStore>>,
}

impl Authorities {
    /// With certificates of the user's own.
    pub fn with(own: Vec<CertificateDer<'static>>) -> Authorities {
        Authorities { own, all: OnceLock::new() }
    }

    fn all(&self) -> Arc<RootCertStore> {
        let read = || {
            let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
            // A system without certificates, or with some that cannot be read, has fewer.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            roots.add_parsable_certificates(self.own.iter().cloned());
            Arc::new(roots)
        };
        Arc::clone(self.all.get_or_init(read))
    }
}

/// The configuration for connections of this transport.
pub fn configuration(
    transport: Option<&Transport>,
    http2: Http2,
    authorities: &Authorities,
) -> Result<Arc<ClientConfig>, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let builder = match transport {
        Some(transport) if !transport.validate_chain || !transport.validate_name => {
            let usual = WebPkiServerVerifier::builder_with_provider(authorities.all(), provider)
                .build()
                .map_err(|error| Error::General(error.to_string()))?;
            let lenient = Lenient { usual, chain: transport.validate_chain, name: transport.validate_name };
            builder.dangerous().with_custom_certificate_verifier(Arc::new(lenient))
        }
        _ => builder.with_root_certificates(authorities.all()),
    };
    let mut configuration = match transport.and_then(|transport| transport.certificate.as_ref()) {
        Some(identity) => {
            let chain = identity.chain.iter().map(|own| CertificateDer::from(own.clone())).collect();
            let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.clone()));
            builder.with_client_auth_cert(chain, key)?
        }
        None => builder.with_no_client_auth(),
    };
    configuration.alpn_protocols = match http2 {
        Http2::No => vec![b"http/1.1".to_vec()],
        Http2::Yes => vec![b"h2".to_vec()],
        Http2::WithFallback => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
    };
    Ok(Arc::new(configuration))
}

/// Leaves out what the transport says; signatures are checked all the same.
#[derive(Debug)]
struct Lenient {
    usual: Arc<WebPkiServerVerifier>,
    chain: bool,
    name: bool,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.chain {
            return match self.usual.verify_server_cert(end, intermediates, name, stapled, now) {
                // The name is looked at last: the chain was found good.
                Err(Error::InvalidCertificate(
                    CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
                )) if !self.name => Ok(ServerCertVerified::assertion()),
                other => other,
            };
        }
        if self.name {
            rustls::client::verify_server_name(&ParsedCertificate::try_from(end)?, name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}
