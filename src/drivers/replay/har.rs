//! HAR 1.2, entry by entry: memory does not grow with the recording's length.

use crate::message::{Body, HeaderName, HeaderValue, Headers, Method, Request, Response, StatusCode, Url};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::io::Read;

/// What each entry is handed to: the request, and the backend's response. An error stops the reading.
pub type See<'s> = dyn FnMut(usize, Request, Option<Response>) -> Result<(), String> + 's;

/// Reads a recording and hands over each entry.
pub fn read(source: impl Read, see: &mut See<'_>) -> Result<(), String> {
    let mut json = serde_json::Deserializer::from_reader(std::io::BufReader::new(source));
    Root { see }.deserialize(&mut json).map_err(|error| error.to_string())
}

struct Root<'s, 'c> {
    see: &'s mut See<'c>,
}

impl<'de> DeserializeSeed<'de> for Root<'_, '_> {
    type Value = ();
    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(InMap { see: self.see, wanted: "log" })
    }
}

/// Goes into one field of an object and passes over the others.
struct InMap<'s, 'c> {
    see: &'s mut See<'c>,
    wanted: &'static str,
}

impl<'de> Visitor<'de> for InMap<'_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with `{}`", self.wanted)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut found = false;
        while let Some(key) = map.next_key::<String>()? {
            if key != self.wanted {
                map.next_value::<de::IgnoredAny>()?;
            } else if self.wanted == "log" {
                found = true;
                map.next_value_seed(Log { see: self.see })?;
            } else {
                found = true;
                map.next_value_seed(Entries { see: self.see })?;
            }
        }
        if found { Ok(()) } else { Err(de::Error::custom(format!("no `{}`: this is no HAR recording", self.wanted))) }
    }
}

struct Log<'s, 'c> {
    see: &'s mut See<'c>,
}

impl<'de> DeserializeSeed<'de> for Log<'_, '_> {
    type Value = ();
    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(InMap { see: self.see, wanted: "entries" })
    }
}

struct Entries<'s, 'c> {
    see: &'s mut See<'c>,
}

impl<'de> DeserializeSeed<'de> for Entries<'_, '_> {
    type Value = ();
    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut number = 0;
        while let Some(entry) = seq.next_element::<Entry>()? {
            number += 1;
            let (request, response) =
                entry.messages().map_err(|why| de::Error::custom(format!("entry {number}: {why}")))?;
            (self.see)(number, request, response).map_err(de::Error::custom)?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Entry {
    request: HarRequest,
    response: Option<HarResponse>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarRequest {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<Pair>,
    post_data: Option<PostData>,
}

#[derive(Deserialize)]
struct HarResponse {
    status: i64,
    #[serde(rename = "statusText", default)]
    status_text: String,
    #[serde(default)]
    headers: Vec<Pair>,
    content: Option<Content>,
}

#[derive(Deserialize)]
struct Pair {
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct PostData {
    text: Option<String>,
    #[serde(default)]
    params: Vec<Parameter>,
}

#[derive(Deserialize)]
struct Parameter {
    name: String,
    value: Option<String>,
}

#[derive(Deserialize)]
struct Content {
    text: Option<String>,
    encoding: Option<String>,
}

impl Entry {
    fn messages(self) -> Result<(Request, Option<Response>), String> {
        let method = Method::from_bytes(self.request.method.as_bytes())
            .map_err(|_| format!("`{}` is no method", self.request.method))?;
        let url = Url::parse(&self.request.url).map_err(|why| format!("`{}`: {why}", self.request.url))?;
        let body = match self.request.post_data {
            Some(PostData { text: Some(text), .. }) if !text.is_empty() => Body::Bytes(text.into()),
            Some(PostData { params, .. }) if !params.is_empty() => {
                let pairs: Vec<_> =
                    params.into_iter().map(|p| format!("{}={}", p.name, p.value.unwrap_or_default())).collect();
                Body::Bytes(pairs.join("&").into())
            }
            _ => Body::Empty,
        };
        let mut headers = headers(self.request.headers);
        if !headers.contains("host")
            && let Ok(host) = HeaderValue::from_str(&url.authority())
        {
            let _ = headers.set(http::header::HOST, host);
        }
        let request = Request { method, url, headers, body };
        let response = match self.response {
            // 0: the recording has no response.
            Some(response) if response.status > 0 => Some(response.message()?),
            _ => None,
        };
        Ok((request, response))
    }
}

impl HarResponse {
    fn message(self) -> Result<Response, String> {
        let status = u16::try_from(self.status).ok().and_then(|code| StatusCode::from_u16(code).ok());
        let mut response = Response::new(status.ok_or_else(|| format!("{} is no HTTP status", self.status))?);
        response.reason = (!self.status_text.is_empty()).then(|| self.status_text.into());
        response.headers = headers(self.headers);
        // The recorded text is decoded already.
        for name in ["content-encoding", "transfer-encoding", "content-length"] {
            response.headers.remove(name);
        }
        if let Some(Content { text: Some(text), encoding }) = self.content {
            let bytes = match encoding.as_deref() {
                Some("base64") => STANDARD.decode(text.trim()).map_err(|error| format!("the content: {error}"))?,
                _ => text.into_bytes(),
            };
            if !bytes.is_empty() {
                response.body = Body::Bytes(bytes.into());
            }
        }
        Ok(response)
    }
}

/// Pseudo headers of HTTP/2 are left out.
fn headers(pairs: Vec<Pair>) -> Headers {
    let mut headers = Headers::new();
    for pair in pairs {
        if let (Ok(name), Ok(value)) = (pair.name.parse::<HeaderName>(), HeaderValue::from_bytes(pair.value.as_bytes()))
        {
            let _ = headers.append(name, value);
        }
    }
    headers
}
