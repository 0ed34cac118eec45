//! How a call reaches its server: what is checked of the server, as whom the gateway comes, and through which proxy.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Calls over equal transports to one server share connections.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Transport {
    /// The server's certificate leads to an authority that is trusted, and is valid now.
    pub validate_chain: bool,
    /// The server's certificate is one for the host that was called.
    pub validate_name: bool,
    /// Shown to a server that asks for a client certificate.
    pub certificate: Option<Arc<ClientIdentity>>,
    pub proxy: Option<ProxyServer>,
}

impl Default for Transport {
    fn default() -> Transport {
        Transport { validate_chain: true, validate_name: true, certificate: None, proxy: None }
    }
}

impl Transport {
    /// `base` with what policies of this request have set; `None` stays the default.
    pub fn with(
        base: Option<&Arc<Transport>>,
        certificate: Option<&Arc<ClientIdentity>>,
        proxy: Option<&ProxyServer>,
    ) -> Option<Arc<Transport>> {
        if certificate.is_none() && proxy.is_none() {
            return base.cloned();
        }
        let mut own = base.map_or_else(Transport::default, |base| Transport::clone(base));
        if let Some(certificate) = certificate {
            own.certificate = Some(Arc::clone(certificate));
        }
        if let Some(proxy) = proxy {
            own.proxy = Some(proxy.clone());
        }
        Some(Arc::new(own))
    }
}

/// A certificate with its private key. `Debug` shows no key.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientIdentity {
    /// DER, the own certificate first, then those that lead to its root.
    pub chain: Vec<Vec<u8>>,
    /// DER of PKCS #8.
    pub key: Vec<u8>,
}

impl fmt::Debug for ClientIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientIdentity").field("chain", &self.chain.len()).finish_non_exhaustive()
    }
}

impl Hash for ClientIdentity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // The rest is told apart by comparing. A certificate's end is its signature: unlike any other's.
        let own = self.chain.first().map_or(&[][..], Vec::as_slice);
        own[own.len().saturating_sub(32)..].hash(state);
    }
}

/// An HTTP proxy. Its user and password are secrets: `Debug` prints neither.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ProxyServer {
    /// `http://host:port`.
    pub url: Box<str>,
    pub username: Option<Box<str>>,
    pub password: Option<Box<str>>,
}

impl fmt::Debug for ProxyServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyServer").field("url", &self.url).finish_non_exhaustive()
    }
}
