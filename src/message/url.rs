//! An absolute HTTP URL in parts, kept as written (percent-encoding included).

use std::fmt;
use std::sync::Arc;

/// An absolute `http` or `https` (or `ws`, `wss`) URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    pub scheme: &'static str,
    /// Without port; IPv6 addresses in brackets. Shared by the requests that go there.
    pub host: Arc<str>,
    /// As written; `None` is the scheme's default.
    pub port: Option<u16>,
    /// Begins with `/`; percent-encoding as written.
    pub path: String,
    /// Without the `?`; `None` when there is no `?`.
    pub query: Option<String>,
}

/// Why a text is no absolute URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlError(pub &'static str);

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Url {
    /// Parses `scheme://host[:port][/path][?query]`; a fragment is dropped, user information refused.
    pub fn parse(text: &str) -> Result<Url, UrlError> {
        let (scheme, rest) =
            text.split_once("://").ok_or(UrlError("an absolute URL begins with `http://` or `https://`"))?;
        let scheme = ["http", "https", "ws", "wss"].into_iter().find(|own| scheme.eq_ignore_ascii_case(own));
        let scheme = scheme.ok_or(UrlError("the scheme of a URL here is http or https"))?;
        let rest = rest.split('#').next().unwrap_or_default();
        let authority_end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(authority_end);
        if authority.contains('@') {
            return Err(UrlError("a URL with user information is refused"));
        }
        let (host, port) = split_port(authority)?;
        if host.is_empty() || host.bytes().any(|b| b.is_ascii_control() || b == b' ') {
            return Err(UrlError("the URL has no valid host"));
        }
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        let path = if path.is_empty() { "/".to_owned() } else { path.to_owned() };
        Ok(Url { scheme, host: host.into(), port, path, query })
    }

    /// The URL for its last user. What stays behind has neither path nor query.
    pub fn take(&mut self) -> Url {
        let (path, query) = (std::mem::take(&mut self.path), self.query.take());
        Url { scheme: self.scheme, host: Arc::clone(&self.host), port: self.port, path, query }
    }

    /// The port that a connection uses.
    pub fn effective_port(&self) -> u16 {
        self.port.unwrap_or(if self.is_tls() { 443 } else { 80 })
    }

    pub fn is_tls(&self) -> bool {
        matches!(self.scheme, "https" | "wss")
    }

    /// `host` or `host:port`, as a Host header says it.
    pub fn authority(&self) -> String {
        match self.port {
            Some(port) if port != if self.is_tls() { 443 } else { 80 } => format!("{}:{port}", self.host),
            _ => self.host.to_string(),
        }
    }

    /// Path and query, as a request line says them.
    pub fn target(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), UrlError> {
    let after_host = if authority.starts_with('[') { authority.find(']').map_or(0, |at| at + 1) } else { 0 };
    match authority[after_host..].rfind(':') {
        None => Ok((authority, None)),
        Some(at) => {
            let at = after_host + at;
            let digits = &authority[at + 1..];
            if digits.is_empty() {
                return Ok((&authority[..at], None));
            }
            let port = digits.parse().map_err(|_| UrlError("the URL's port is no number from 0 to 65535"))?;
            Ok((&authority[..at], Some(port)))
        }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority())?;
        f.write_str(&self.path)?;
        if let Some(query) = &self.query {
            write!(f, "?{query}")?;
        }
        Ok(())
    }
}
