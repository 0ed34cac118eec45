//! HTTP proxies: `CONNECT` for what must pass unread, the absolute form of a URL for plain HTTP.

use crate::message::{ProxyServer, Url};
use base64::Engine as _;
use http::header::HeaderValue;
use std::io;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The longest head of a proxy's answer.
const LONGEST_HEAD: usize = 16 * 1024;

/// Where the proxy is. Between the gateway and a proxy only plain HTTP is spoken, as the `proxy` policy has it.
pub fn place(proxy: &ProxyServer) -> Result<Url, String> {
    let url = Url::parse(proxy.url.trim()).map_err(|why| format!("the proxy's URL cannot be used: {why}"))?;
    if url.scheme == "http" { Ok(url) } else { Err("the URL of a proxy begins with http://".into()) }
}

/// Who the gateway is, for a proxy that wants to know.
pub fn credentials(proxy: &ProxyServer) -> Option<HeaderValue> {
    let user = proxy.username.as_deref()?;
    let pair = format!("{user}:{}", proxy.password.as_deref().unwrap_or_default());
    let text = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Asks the proxy at the other end of `stream` to connect on to `authority` (`host:port`).
pub async fn connect(stream: &mut TcpStream, authority: &str, proxy: &ProxyServer) -> io::Result<()> {
    let mut request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n").into_bytes();
    if let Some(credentials) = credentials(proxy) {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(credentials.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    stream.write_all(&request).await?;
    let head = head(stream).await?;
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut fields);
    let parsed = response.parse(&head);
    match (parsed, response.code) {
        (Ok(_), Some(200..=299)) => Ok(()),
        (Ok(_), Some(407)) => Err(io::Error::other("the proxy wants other credentials (407)")),
        (Ok(_), Some(status)) => Err(io::Error::other(format!("the proxy does not connect: status {status}"))),
        _ => Err(io::Error::other("what the proxy answers is no HTTP")),
    }
}

/// Reads to the head's end and not a byte further: those are the server's.
async fn head(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    const END: &[u8] = b"\r\n\r\n";
    let mut head = Vec::new();
    let mut seen = vec![0; 4096];
    while head.len() < LONGEST_HEAD {
        let count = stream.peek(&mut seen).await?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let before = head.len();
        head.extend_from_slice(&seen[..count]);
        let from = before.saturating_sub(END.len() - 1);
        let end = head[from..].windows(END.len()).position(|own| own == END).map(|at| from + at + END.len());
        let used = end.map_or(count, |end| end - before);
        head.truncate(before + used);
        stream.read_exact(&mut seen[..used]).await?;
        if end.is_some() {
            return Ok(head);
        }
    }
    Err(io::Error::other("the head of the proxy's answer is too long"))
}
