//! `IUrl`: the exchange's two URLs, and URLs that facts hold.

use super::{Seen, part, text};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, TypeDef, method, property, type_of};
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::{HostObject, Value};
use crate::message::Url;

type Result<T = Value> = std::result::Result<T, Fault>;

/// A URL that no request carries (an API's service URL).
#[derive(Debug)]
struct UrlObject(Url);

pub fn new_url(cx: &mut Call<'_>, url: Url) -> Result {
    cx.heap.new_extension(type_of("IUrl"), UrlObject(url))
}

fn url<'a>(cx: &'a Call<'_>, this: Value) -> Result<&'a Url> {
    match this {
        Value::Host(HostObject::OriginalUrl) => Ok(&cx.exchange.original_url),
        Value::Host(_) => Ok(&cx.exchange.request.url),
        other => Ok(&cx.this::<UrlObject>(other)?.0),
    }
}

/// A text part of a URL; one of the exchange's goes straight into the heap.
macro_rules! url_text {
    ($signature:literal, $pick:expr) => {{
        const PICK: fn(&Url) -> &str = $pick;
        const CODE: crate::dotnet::member::Shown = |exchange, part| match part {
            HostObject::OriginalUrl => Seen::text(Some(PICK(&exchange.original_url))),
            _ => Seen::text(Some(PICK(&exchange.request.url))),
        };
        property($signature, |cx, a| match a[0] {
            Value::Host(part) => {
                let Call { heap, exchange, .. } = cx;
                CODE(exchange, part).or_fault(heap)
            }
            other => {
                let part = PICK(&cx.this::<UrlObject>(other)?.0).to_owned();
                text(cx, &part)
            }
        })
        .shown(CODE)
    }};
}

pub static URL: TypeDef = TypeDef::new(
    "Apim.IUrl",
    Kind::Interface,
    &[&[
        url_text!("string Host { get; }", |url| &url.host),
        url_text!("string Path { get; }", |url| &url.path),
        property("int Port { get; }", |cx, a| Ok(Value::Int32(i32::from(url(cx, a[0])?.effective_port())))),
        property("IHttpQuery Query { get; }", |cx, a| match a[0] {
            Value::Host(HostObject::OriginalUrl) => Ok(part(HostObject::OriginalUrlQuery)),
            Value::Host(_) => Ok(part(HostObject::RequestUrlQuery)),
            other => {
                let map = super::maps::query_map(cx.this::<UrlObject>(other)?.0.query.as_deref().unwrap_or_default());
                cx.heap.new_extension(super::maps::dictionary_of(TypeId::array(types::string())), map)
            }
        }),
        property("string QueryString { get; }", |cx, a| {
            let query = url(cx, a[0])?.query.as_ref().filter(|q| !q.is_empty()).map(|q| format!("?{q}"));
            text(cx, &query.unwrap_or_default())
        }),
        url_text!("string Scheme { get; }", |url| url.scheme),
        method("string ToString()", |cx, a| {
            let url = url(cx, a[0])?.to_string();
            text(cx, &url)
        }),
        method("Uri ToUri()", |cx, a| {
            let url = url(cx, a[0])?.to_string();
            crate::dotnet::system::net::uri::parse_absolute(cx, &url)
        }),
    ]],
)
.unnameable();
