//! Where this process connects to for policies: hosts that `--egress-allow` names, where it is given, and never the
//! admin listener, by whatever name or address.

use super::observe::counts::Counts;
use crate::effect::{Failure, FailureKind};
use crate::message::Url;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpStream;

/// A host, with all its subdomains or without; a port or any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    host: Box<str>,
    below: bool,
    port: Option<u16>,
}

impl std::str::FromStr for Pattern {
    type Err = String;

    /// `api.example.com`, `*.example.com`, `10.0.0.7:8443`, `[::1]:80`.
    fn from_str(text: &str) -> Result<Pattern, String> {
        let (host, port) = match text.rsplit_once(':') {
            // The colons of a bare IPv6 address are its own.
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                (host, Some(port.parse().map_err(|_| format!("`{port}` is no port"))?))
            }
            _ => (text, None),
        };
        let (host, below) = match host.strip_prefix("*.") {
            Some(rest) => (rest, true),
            None => (host, false),
        };
        let host = plain(host);
        if host.is_empty() || host.contains(['*', '/', ' ', '@', '?', '#']) {
            return Err(format!("`{text}` is no host: write `api.example.com`, `*.example.com` or `host:port`"));
        }
        Ok(Pattern { host, below, port })
    }
}

/// A host as it is compared: in lower case, without brackets and the root's dot.
fn plain(host: &str) -> Box<str> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase().into()
}

impl Pattern {
    fn admits(&self, host: &str, port: u16) -> bool {
        let named = match self.below {
            true => host.strip_suffix(&*self.host).is_some_and(|before| before.len() > 1 && before.ends_with('.')),
            false => *self.host == *host,
        };
        named && self.port.is_none_or(|own| own == port)
    }
}

/// One worker's rule.
pub struct Egress {
    /// `None`: any host.
    allow: Option<Arc<[Pattern]>>,
    admin: Option<SocketAddr>,
    counts: Arc<Counts>,
}

impl Egress {
    pub fn new(allow: Option<Arc<[Pattern]>>, admin: Option<SocketAddr>, counts: Arc<Counts>) -> Egress {
        Egress { allow, admin, counts }
    }

    /// For calls whose target a policy chooses: `send-request`, `send-one-way-request`, redirects to another host.
    pub fn permits(&self, url: &Url) -> Result<(), Failure> {
        let Some(allow) = &self.allow else { return Ok(()) };
        let (host, port) = (plain(&url.host), url.effective_port());
        if allow.iter().any(|pattern| pattern.admits(&host, port)) {
            return Ok(());
        }
        Err(self.refused(&format!("calls to `{}` are not allowed (--egress-allow)", url.authority())))
    }

    /// Whether a call goes to the port of the admin listener, on whatever machine.
    pub fn nears_admin(&self, url: &Url) -> bool {
        self.admin.is_some_and(|admin| admin.port() == url.effective_port())
    }

    /// For every call, also one that a proxy would make: its URL must not lead to the admin listener.
    pub async fn spares_admin(&self, url: &Url) -> Result<(), Failure> {
        if !self.nears_admin(url) {
            return Ok(());
        }
        let (host, port) = (plain(&url.host), url.effective_port());
        // A name that leads nowhere leads not to the listener.
        let Ok(addresses) = tokio::net::lookup_host((&*host, port)).await else { return Ok(()) };
        for address in addresses {
            if self.is_admin(address.ip()) {
                return Err(self.refused(ADMIN));
            }
        }
        Ok(())
    }

    /// Connects, but not to the admin listener.
    pub async fn connect(&self, host: &str, port: u16) -> io::Result<TcpStream> {
        if self.admin.is_none_or(|admin| admin.port() != port) {
            return TcpStream::connect((host, port)).await;
        }
        let mut failure = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for address in tokio::net::lookup_host((host, port)).await? {
            if self.is_admin(address.ip()) {
                self.counts.egress_refused.add(1);
                failure = io::Error::new(io::ErrorKind::PermissionDenied, ADMIN);
                continue;
            }
            match TcpStream::connect(address).await {
                // From an address to itself: this machine, by an address of one of its networks.
                Ok(stream) if stream.local_addr()?.ip() == address.ip() => {
                    self.counts.egress_refused.add(1);
                    failure = io::Error::new(io::ErrorKind::PermissionDenied, ADMIN);
                }
                Ok(stream) => return Ok(stream),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// Whether this address, on the admin's port, is known to be the admin listener's.
    fn is_admin(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        ip.is_loopback() || ip.is_unspecified() || self.admin.is_some_and(|admin| admin.ip().to_canonical() == ip)
    }

    fn refused(&self, message: &str) -> Failure {
        self.counts.egress_refused.add(1);
        Failure { kind: FailureKind::Refused, message: message.into() }
    }
}

const ADMIN: &str = "policies do not reach the admin listener";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_admit_what_they_name() {
        // Pattern, URL, whether it is admitted.
        let table = [
            ("api.example.com", "https://API.example.com./x", true),
            ("api.example.com", "https://xapi.example.com/", false),
            ("api.example.com:8443", "https://api.example.com:8443/", true),
            ("api.example.com:8443", "https://api.example.com/", false),
            ("*.example.com", "http://a.b.example.com/", true),
            ("*.example.com", "http://example.com/", false),
            ("*.example.com", "http://badexample.com/", false),
            ("10.0.0.7", "http://10.0.0.7:81/", true),
            ("[::1]:80", "http://[::1]/", true),
            ("::1", "http://[::1]:9/", true),
        ];
        for (pattern, url, admitted) in table {
            let allow: Arc<[Pattern]> = Arc::new([pattern.parse().expect("a pattern")]);
            let egress = Egress::new(Some(allow), None, Arc::default());
            let url = Url::parse(url).expect("a URL");
            assert_eq!(egress.permits(&url).is_ok(), admitted, "{pattern} {url}");
        }
        for wrong in ["", "*", "a:b", "http://x", "*.*.x"] {
            assert!(wrong.parse::<Pattern>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_admin_listener_is_known_by_each_of_its_addresses() {
        let egress = Egress::new(None, "192.0.2.1:9901".parse().ok(), Arc::default());
        for (ip, is) in [
            ("127.0.0.1", true),
            ("127.9.9.9", true),
            ("0.0.0.0", true),
            ("::1", true),
            ("::", true),
            ("::ffff:127.0.0.1", true),
            ("::ffff:192.0.2.1", true),
            ("192.0.2.2", false),
        ] {
            assert_eq!(egress.is_admin(ip.parse().expect("an address")), is, "{ip}");
        }
    }
}
