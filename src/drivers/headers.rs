//! Header fields that belong to one connection, and those that a gateway writes itself.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use smallvec::SmallVec;

pub const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// As many header fields as hyper reads without an allocation per message; any other limit costs one.
pub const FREE_HEADERS: usize = 100;

fn is_hop_by_hop(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
    )
}

/// Removes the fields that concern this connection alone (RFC 9110, 7.6.1): the known ones, and those that
/// `Connection` lists. Fields that a message cannot do without stay, whatever `Connection` says.
pub fn strip_hop_by_hop(headers: &mut HeaderMap) {
    let mut gone: SmallVec<[HeaderName; 4]> = headers.keys().filter(|name| is_hop_by_hop(name)).cloned().collect();
    if gone.is_empty() {
        return;
    }
    // Whoever sent both meant the chunks (RFC 9112, 6.3): the length would cut the body elsewhere.
    if gone.contains(&header::TRANSFER_ENCODING) {
        gone.push(header::CONTENT_LENGTH);
    }
    for value in headers.get_all(header::CONNECTION) {
        for token in value.as_bytes().split(|&byte| byte == b',') {
            if let Ok(name) = HeaderName::from_bytes(token.trim_ascii())
                && !matches!(name, header::HOST | header::CONTENT_LENGTH | header::CONTENT_TYPE)
            {
                gone.push(name);
            }
        }
    }
    for name in &gone {
        headers.remove(name);
    }
}

/// Marks the caller's own Host, so that [`set_host`] can tell it from one that a policy wrote (even the same text).
pub fn mark_host(headers: &mut HeaderMap) {
    if let Some(host) = headers.get_mut(header::HOST) {
        host.set_sensitive(true);
    }
}

/// The Host of a forwarded request: the backend's, unless a policy wrote one.
pub fn set_host(headers: &mut HeaderMap, backend: &HeaderValue) {
    match headers.get_mut(header::HOST) {
        Some(written) if !written.is_sensitive() => {}
        Some(own) => own.clone_from(backend),
        None => {
            headers.insert(header::HOST, backend.clone());
        }
    }
}

/// Appends the caller's address to `X-Forwarded-For`.
pub fn add_forwarded_for(headers: &mut HeaderMap, client: &HeaderValue) {
    if !headers.contains_key(X_FORWARDED_FOR) {
        headers.insert(X_FORWARDED_FOR, client.clone());
        return;
    }
    let earlier: Vec<u8> =
        headers.get_all(X_FORWARDED_FOR).iter().map(HeaderValue::as_bytes).collect::<Vec<_>>().join(&b", "[..]);
    if earlier.is_empty() {
        headers.insert(X_FORWARDED_FOR, client.clone());
        return;
    }
    let chain = [&earlier[..], b", ", client.as_bytes()].concat();
    if let Ok(chain) = HeaderValue::from_bytes(&chain) {
        headers.insert(X_FORWARDED_FOR, chain);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(text: &str) -> HeaderMap {
        let mut map = HeaderMap::new();
        for line in text.split('|').filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(": ").expect("name: value");
            map.append(
                HeaderName::from_bytes(name.as_bytes()).expect("a name"),
                HeaderValue::from_str(value).expect("a value"),
            );
        }
        map
    }

    fn shown(map: &HeaderMap) -> String {
        let mut lines: Vec<_> =
            map.iter().map(|(name, value)| format!("{name}: {}", value.to_str().expect("text"))).collect();
        lines.sort();
        lines.join("|")
    }

    #[test]
    fn connection_fields_go() {
        let table = [
            ("Accept: a|X: b", "accept: a|x: b"),
            ("Connection: keep-alive|Keep-Alive: timeout=5|X: b", "x: b"),
            ("Connection: X, close|X: b|Y: c", "y: c"),
            ("Connection: X|Connection: Y|X: b|Y: c|Z: d", "z: d"),
            ("Connection: Host, Content-Length|Host: h|Content-Length: 3", "content-length: 3|host: h"),
            ("TE: trailers|Trailer: T|Upgrade: h2c|Proxy-Connection: x|Proxy-Authorization: secret", ""),
            ("Transfer-Encoding: chunked|A: b", "a: b"),
            ("Content-Length: 3|Transfer-Encoding: chunked|A: b", "a: b"),
            ("Connection: @@, ,X|X: b", ""),
        ];
        for (before, after) in table {
            let mut map = headers(before);
            strip_hop_by_hop(&mut map);
            assert_eq!(shown(&map), after, "{before}");
        }
    }

    #[test]
    fn host_is_the_backends_unless_a_policy_wrote_it() {
        let backend = HeaderValue::from_static("backend:81");
        let mut own = headers("Host: gateway");
        mark_host(&mut own);
        set_host(&mut own, &backend);
        assert_eq!(shown(&own), "host: backend:81");
        let mut written = headers("Host: gateway");
        mark_host(&mut written);
        written.insert(header::HOST, HeaderValue::from_static("gateway"));
        set_host(&mut written, &backend);
        assert_eq!(shown(&written), "host: gateway");
    }

    #[test]
    fn the_callers_address_ends_the_chain() {
        let client = HeaderValue::from_static("10.0.0.1");
        for (before, after) in [
            ("", "x-forwarded-for: 10.0.0.1"),
            ("X-Forwarded-For: a", "x-forwarded-for: a, 10.0.0.1"),
            ("X-Forwarded-For: a|X-Forwarded-For: b", "x-forwarded-for: a, b, 10.0.0.1"),
        ] {
            let mut map = headers(before);
            add_forwarded_for(&mut map, &client);
            assert_eq!(shown(&map), after);
        }
    }
}
