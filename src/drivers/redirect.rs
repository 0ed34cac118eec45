//! Where a redirect leads, and what becomes of the request on its way there. Both drivers follow by this rule.

use crate::gateway::route;
use crate::message::{Method, StatusCode, Url};
use http::header::{self, HeaderMap};

/// As many as browsers follow.
pub const MOST: usize = 20;

/// What is said of a call that goes further.
pub const ENDLESS: &str = "the backend redirects without end";

/// The next call.
#[derive(Debug)]
pub struct Onward {
    pub url: Url,
    pub method: Method,
    pub drops_body: bool,
    /// Another host or port: what was meant for the first one stays behind.
    pub elsewhere: bool,
}

/// `None`: the response is no redirect that can be followed.
pub fn onward(status: StatusCode, location: Option<&str>, method: &Method, from: &Url) -> Option<Onward> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let url = target(location?, from)?;
    let to_get = status == StatusCode::SEE_OTHER || (*method == Method::POST && matches!(status.as_u16(), 301 | 302));
    let drops_body = to_get && *method != Method::HEAD;
    let elsewhere = url.host != from.host || url.effective_port() != from.effective_port();
    Some(Onward { url, method: if drops_body { Method::GET } else { method.clone() }, drops_body, elsewhere })
}

impl Onward {
    pub fn fit_headers(&self, headers: &mut HeaderMap) {
        if self.drops_body {
            headers.remove(header::CONTENT_LENGTH);
            headers.remove(header::CONTENT_TYPE);
        }
        if self.elsewhere {
            headers.remove(header::AUTHORIZATION);
            headers.remove(header::COOKIE);
        }
        headers.remove(header::HOST);
    }
}

/// Never from `https` to `http`.
fn target(location: &str, from: &Url) -> Option<Url> {
    let location = location.split('#').next().unwrap_or_default().trim();
    let absolute = match location.find([':', '/', '?']) {
        Some(at) if location[at..].starts_with(':') => Some(location.to_owned()),
        _ if location.starts_with("//") => Some(format!("{}:{location}", from.scheme)),
        _ => None,
    };
    if let Some(absolute) = absolute {
        return Url::parse(&absolute).ok().filter(|url| url.is_tls() || !from.is_tls());
    }
    let (path, query) = match location.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (location, None),
    };
    let path = if path.starts_with('/') || (path.is_empty() && query.is_some()) {
        if path.is_empty() { from.path.clone() } else { path.to_owned() }
    } else {
        let folder = from.path.rfind('/').map_or("/", |at| &from.path[..=at]);
        format!("{folder}{path}")
    };
    Some(Url { path: route::normalise(&path).into_owned(), query, ..from.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_is_followed_as_rfc_9110_says() {
        // Status, method, Location, what comes of it from https://a.example/x/y?q=1.
        let table: &[(u16, &str, &str, &str)] = &[
            (302, "GET", "/z", "GET https://a.example/z"),
            (302, "GET", "z?w=2#part", "GET https://a.example/x/z?w=2"),
            (301, "POST", "../z", "GET https://a.example/z without body"),
            (308, "POST", "https://b.example/z", "POST https://b.example/z elsewhere"),
            (307, "PUT", "https://a.example:8443/z", "PUT https://a.example:8443/z elsewhere"),
            (303, "PUT", "/z", "GET https://a.example/z without body"),
            (303, "HEAD", "/z", "HEAD https://a.example/z"),
            (302, "GET", "http://a.example/z", "nowhere"),
            (304, "GET", "/z", "nowhere"),
            (302, "GET", "https://", "nowhere"),
            (302, "GET", "/z?back=https://c.example/", "GET https://a.example/z?back=https://c.example/"),
            (302, "GET", "//b.example/z", "GET https://b.example/z elsewhere"),
            (302, "GET", "?w=2", "GET https://a.example/x/y?w=2"),
            (302, "GET", "file:///etc/passwd", "nowhere"),
            (302, "GET", "mailto:a@b.example", "nowhere"),
            (302, "GET", "ftp://a.example/z", "nowhere"),
        ];
        let from = Url::parse("https://a.example/x/y?q=1").expect("a URL");
        for &(status, method, location, said) in table {
            let status = StatusCode::from_u16(status).expect("a status");
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            let shown = match onward(status, Some(location), &method, &from) {
                None => "nowhere".to_owned(),
                Some(next) => {
                    let body = if next.drops_body { " without body" } else { "" };
                    let elsewhere = if next.elsewhere { " elsewhere" } else { "" };
                    format!("{} {}{body}{elsewhere}", next.method, next.url)
                }
            };
            assert_eq!(shown, said, "{status} {method} {location}");
        }
    }
}
