//! `.http` files: HTTP messages as text, split by lines that begin with `###`.

use crate::effect::FailureKind;
use crate::message::{Body, HeaderName, HeaderValue, Headers, Method, Request, Response, StatusCode, Url};

/// What is wrong with a message, and on which line of the file (from 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    pub line: usize,
    pub message: String,
}

/// A message's text: its lines, and the line of the file that it begins on.
#[derive(Clone, Debug)]
pub struct Part<'t> {
    pub line: usize,
    pub lines: Vec<&'t str>,
}

/// The messages of a file.
pub fn split(text: &str) -> Vec<Part<'_>> {
    let mut parts = vec![Part { line: 1, lines: Vec::new() }];
    for (at, line) in text.lines().enumerate() {
        if line.starts_with("###") {
            parts.push(Part { line: at + 2, lines: Vec::new() });
        } else if let Some(part) = parts.last_mut() {
            part.lines.push(line);
        }
    }
    for part in &mut parts {
        while part
            .lines
            .first()
            .is_some_and(|line| line.trim().is_empty() || line.starts_with('#') || line.starts_with("//"))
        {
            part.lines.remove(0);
            part.line += 1;
        }
        while part.lines.last().is_some_and(|line| line.trim().is_empty()) {
            part.lines.pop();
        }
    }
    parts.retain(|part| !part.lines.is_empty());
    parts
}

/// Header lines up to the empty line, and the body after it. Names that begin with `!` assert absence.
#[derive(Clone, Debug, Default)]
pub struct Rest {
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
}

fn rest(lines: &[&str], line: usize) -> Result<Rest, Wrong> {
    let mut found = Rest::default();
    for (at, text) in lines.iter().enumerate() {
        if text.trim().is_empty() {
            found.body = Some(lines[at + 1..].join("\n"));
            break;
        }
        if let Some(name) = text.strip_prefix('!') {
            found.headers.push((format!("!{}", name.trim().trim_end_matches(':')), String::new()));
            continue;
        }
        let Some((name, value)) = text.split_once(':') else {
            return Err(Wrong { line: line + at, message: format!("`{text}` is no header line") });
        };
        found.headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    Ok(found)
}

/// A request line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub method: String,
    pub url: String,
}

/// A message that was read: a request (line and rest) or a response.
#[derive(Clone, Debug)]
pub enum Message {
    Request(Line, Rest),
    Response { status: u16, reason: Option<String>, rest: Rest },
}

pub fn message(part: &Part<'_>) -> Result<Message, Wrong> {
    message_of(&part.lines, part.line)
}

fn message_of(lines: &[&str], line: usize) -> Result<Message, Wrong> {
    let first = lines.first().copied().unwrap_or_default();
    let wrong = |message: String| Wrong { line, message };
    if first.starts_with("HTTP/") {
        let mut words = first.splitn(3, ' ');
        let status = words.nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| wrong(format!("`{first}` is no status line")))?;
        let reason = words.next().map(str::to_owned);
        return Ok(Message::Response { status, reason, rest: rest(&lines[1..], line + 1)? });
    }
    let mut words = first.split_whitespace();
    match (words.next(), words.next()) {
        (Some(method), Some(url)) => {
            let own = Line { method: method.to_owned(), url: url.to_owned() };
            Ok(Message::Request(own, rest(&lines[1..], line + 1)?))
        }
        (Some(url), None) if url.contains("://") || url.starts_with('/') => {
            Ok(Message::Request(Line { method: "GET".into(), url: url.to_owned() }, rest(&lines[1..], line + 1)?))
        }
        _ => Err(wrong(format!("`{first}` is neither a request line nor a status line"))),
    }
}

/// What a backend does with a call.
#[derive(Debug)]
pub enum Recorded {
    Response(Response),
    /// `!connection` or `!timeout` in place of a status line.
    Fails(FailureKind),
}

/// An answer: the call that it belongs to, if that is said, and what is answered.
pub fn answer(part: &Part<'_>) -> Result<(Option<Line>, Recorded), Wrong> {
    let first = part.lines.first().copied().unwrap_or_default();
    let is_answer = |line: &str| line.starts_with("HTTP/") || line.starts_with('!');
    let (line, lines, at) = if is_answer(first) {
        (None, &part.lines[..], part.line)
    } else {
        let Message::Request(line, _) = message_of(&part.lines[..1], part.line)? else {
            unreachable!("it does not begin with HTTP/")
        };
        let skip = part.lines.iter().position(|line| is_answer(line)).unwrap_or(1);
        (Some(line), &part.lines[skip..], part.line + skip)
    };
    match lines.first().map(|line| line.trim()) {
        Some("!connection") => return Ok((line, Recorded::Fails(FailureKind::Connection))),
        Some("!timeout") => return Ok((line, Recorded::Fails(FailureKind::Timeout))),
        _ => {}
    }
    match message_of(lines, at)? {
        Message::Response { status, reason, rest } => {
            Ok((line, Recorded::Response(response(status, reason, &rest, at)?)))
        }
        Message::Request(..) => Err(Wrong {
            line: at,
            message: "an answer has a status line `HTTP/1.1 200 OK`, or is `!connection` or `!timeout`".into(),
        }),
    }
}

fn response(status: u16, reason: Option<String>, rest: &Rest, line: usize) -> Result<Response, Wrong> {
    let status =
        StatusCode::from_u16(status).map_err(|_| Wrong { line, message: format!("{status} is no HTTP status") })?;
    let mut response = Response::new(status);
    response.reason = reason.map(Into::into);
    response.headers = headers(&rest.headers, line)?;
    response.body = body(rest);
    Ok(response)
}

fn body(rest: &Rest) -> Body {
    match &rest.body {
        Some(text) if !text.is_empty() => Body::Bytes(text.clone().into()),
        _ => Body::Empty,
    }
}

pub fn headers(list: &[(String, String)], line: usize) -> Result<Headers, Wrong> {
    let mut headers = Headers::new();
    for (name, value) in list {
        let parsed = (name.parse::<HeaderName>(), HeaderValue::from_bytes(value.as_bytes()));
        let added = match parsed {
            (Ok(name), Ok(value)) => headers.append(name, value),
            _ => false,
        };
        if !added {
            return Err(Wrong { line, message: format!("`{name}: {value}` is no header") });
        }
    }
    Ok(headers)
}

/// A request that a caller sends. A path alone is completed by the Host header, or `gateway.example`.
pub fn request(part: &Part<'_>) -> Result<Request, Wrong> {
    let Message::Request(own, rest) = message(part)? else {
        return Err(Wrong { line: part.line, message: "a request begins with a method and a URL".into() });
    };
    let mut headers = headers(&rest.headers, part.line)?;
    let text = if own.url.starts_with('/') {
        let host = headers.first("host").and_then(|host| host.to_str().ok()).unwrap_or("gateway.example").to_owned();
        format!("https://{host}{}", own.url)
    } else {
        own.url.clone()
    };
    let url = Url::parse(&text).map_err(|why| Wrong { line: part.line, message: format!("`{text}`: {why}") })?;
    let method = Method::from_bytes(own.method.as_bytes())
        .map_err(|_| Wrong { line: part.line, message: format!("`{}` is no method", own.method) })?;
    if !headers.contains("host")
        && let Ok(host) = HeaderValue::from_str(&url.authority())
    {
        let _ = headers.set(http::header::HOST, host);
    }
    Ok(Request { method, url, headers, body: body(&rest) })
}
