//! A body's bytes as the type that an expression asks for.

use super::message::Charset;
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::system::json::{self, Wanted};
use crate::dotnet::system::xml;
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use bytes::Bytes;
use std::borrow::Cow;

type Result<T = Value> = std::result::Result<T, Fault>;

/// `Body.As<T>()`.
pub fn convert(cx: &mut Call<'_>, bytes: Bytes, charset: Charset, wanted: TypeId) -> Result {
    cx.charge_fuel(bytes.len() / 16)?;
    match wanted.dotnet_name().as_str() {
        "System.Byte[]" => cx.heap.new_bytes(bytes.to_vec()),
        "System.String" => {
            let text = decode(&bytes, charset);
            cx.new_str(&text)
        }
        "Newtonsoft.Json.Linq.JToken" => parse_json(cx, &bytes, charset, Wanted::Token),
        "Newtonsoft.Json.Linq.JObject" => parse_json(cx, &bytes, charset, Wanted::Object),
        "Newtonsoft.Json.Linq.JArray" => parse_json(cx, &bytes, charset, Wanted::Array),
        "System.Xml.Linq.XElement" | "System.Xml.Linq.XNode" => {
            parse_xml(cx, &bytes, charset, xml::read::Wanted::Element)
        }
        "System.Xml.Linq.XDocument" => parse_xml(cx, &bytes, charset, xml::read::Wanted::Document),
        name => Err(Fault::not_supported(format!("A body cannot be read as {name}."))),
    }
}

fn parse_xml(cx: &mut Call<'_>, bytes: &[u8], charset: Charset, wanted: xml::read::Wanted) -> Result {
    let text = decode(bytes, charset);
    let text = cx.new_str(&text)?;
    xml::read::load(cx, text, false, wanted)
}

fn parse_json(cx: &mut Call<'_>, bytes: &[u8], charset: Charset, wanted: Wanted) -> Result {
    let text = decode(bytes, charset);
    let text = cx.new_str(&text)?;
    json::token::parse(cx, text, "json", wanted)
}

/// A body's text: a byte order mark wins over the charset; what is no text becomes U+FFFD.
pub fn decode(bytes: &[u8], charset: Charset) -> Cow<'_, str> {
    let utf16 = |bytes: &[u8]| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        Cow::Owned(String::from_utf16_lossy(&units))
    };
    match (bytes, charset) {
        ([0xEF, 0xBB, 0xBF, rest @ ..], _) => String::from_utf8_lossy(rest),
        ([0xFF, 0xFE, rest @ ..], _) => utf16(rest),
        (_, Charset::Utf16) => utf16(bytes),
        (_, Charset::Latin1) => Cow::Owned(bytes.iter().map(|&b| char::from(b)).collect()),
        // Text that is right is looked at several bytes at a time.
        (_, Charset::Utf8) => match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(bytes),
        },
    }
}
