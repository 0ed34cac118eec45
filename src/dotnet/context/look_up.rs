//! What an expression reads of the exchange by names that it spells out: worked out when it is compiled, so that it takes
//! neither a call nor a search for what is known.
//!
//! In: the exchange, and a default where the member takes one. Out: what the member would answer. Never: a wait, a change.

use super::Symbol;
use super::exchange::Exchange;
use super::maps::{self, HEADERS, MATCHED, QUERY, VARIABLES};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Heap;
use crate::dotnet::inherit;
use crate::dotnet::member::{Member, Shown};
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::{HostObject, Value};
use crate::message::{HeaderName, Headers};

type Result<T = Value> = std::result::Result<T, Fault>;

/// A prepared look-up.
#[derive(Debug)]
pub enum LookUp {
    /// `Variables["name"]`.
    Variable(Symbol),
    /// `Variables.GetValueOrDefault<T>("name", default)`.
    VariableAs(Symbol, TypeId),
    /// `Headers.GetValueOrDefault("name", default)` of the request or the response.
    Header(HostObject, HeaderName),
    /// Whether that is this text; where there is no such header, the answer is known.
    HeaderIs { of: HostObject, name: HeaderName, wanted: Box<str>, missing: bool },
    /// `MatchedParameters["name"]`.
    Matched(Box<str>),
    /// `MatchedParameters.GetValueOrDefault("name", default)`.
    MatchedOr(Box<str>),
    /// `Query.GetValueOrDefault("name", default)` of one of the URLs.
    Query(HostObject, Box<str>),
    /// A property that only shows what the exchange holds.
    Shown(HostObject, Shown),
}

impl LookUp {
    /// What a member of a map does with a key, where all of it can be prepared.
    pub fn new(member: &Member, map: HostObject, key: &[u16], type_arguments: &[TypeId]) -> Option<LookUp> {
        let key = String::from_utf16(key).ok()?;
        let def = crate::dotnet::def(member.def);
        let of = |own: &'static _| std::ptr::eq(def, own);
        Some(match (member.name, map) {
            ("Item", HostObject::Variables) if of(&VARIABLES) => LookUp::Variable(Symbol::of(&key)),
            ("GetValueOrDefault", HostObject::Variables) if of(&VARIABLES) => {
                let wanted = type_arguments.last().copied().unwrap_or_else(types::object);
                LookUp::VariableAs(Symbol::of(&key), wanted)
            }
            ("GetValueOrDefault", HostObject::RequestHeaders | HostObject::ResponseHeaders) if of(&HEADERS) => {
                LookUp::Header(map, key.parse().ok()?)
            }
            ("Item", HostObject::MatchedParameters) if of(&MATCHED) => LookUp::Matched(key.into()),
            ("GetValueOrDefault", HostObject::MatchedParameters) if of(&MATCHED) => LookUp::MatchedOr(key.into()),
            ("GetValueOrDefault", HostObject::RequestUrlQuery | HostObject::OriginalUrlQuery) if of(&QUERY) => {
                LookUp::Query(map, key.into())
            }
            _ => return None,
        })
    }

    /// Whether it looks at the request.
    pub fn is_of_request(&self) -> bool {
        match self {
            LookUp::Header(of, _) | LookUp::HeaderIs { of, .. } => *of == HostObject::RequestHeaders,
            LookUp::Query(of, _) => *of == HostObject::RequestUrlQuery,
            LookUp::Shown(of, _) => matches!(of, HostObject::Request | HostObject::RequestUrl),
            LookUp::Variable(_) | LookUp::VariableAs(..) | LookUp::Matched(_) | LookUp::MatchedOr(_) => false,
        }
    }

    #[inline]
    pub fn run(&self, heap: &mut Heap, exchange: &Exchange, default: Value) -> Result {
        match self {
            LookUp::Variable(symbol) => exchange.variable_of(*symbol).ok_or_else(|| maps::missing_key(symbol.name())),
            LookUp::HeaderIs { of, name, wanted, missing } => {
                let headers = headers(exchange, *of)?;
                Ok(Value::Bool(match headers.find(name) {
                    Some((one, false)) if one.as_bytes() == wanted.as_bytes() => true,
                    // Bytes that are no text are told with U+FFFD in their place.
                    Some((one, false)) => !wanted.is_ascii() && String::from_utf8_lossy(one.as_bytes()) == **wanted,
                    Some((_, true)) => maps::several(headers, name) == **wanted,
                    None => *missing,
                }))
            }
            LookUp::Header(of, name) => {
                let headers = headers(exchange, *of)?;
                match headers.find(name) {
                    Some((one, false)) => heap.new_text(one.as_bytes()),
                    Some((_, true)) => heap.new_str(&maps::several(headers, name)),
                    None => Ok(default),
                }
            }
            LookUp::Shown(of, code) => code(heap, exchange, *of),
            LookUp::Matched(name) => match maps::matched_value(exchange, name) {
                Some(value) => heap.new_str(value),
                None => Err(maps::missing_key(name)),
            },
            LookUp::MatchedOr(name) => match maps::matched_value(exchange, name) {
                Some(value) => heap.new_str(value),
                None => Ok(default),
            },
            LookUp::Query(of, name) => {
                let query = match of {
                    HostObject::OriginalUrlQuery => &exchange.original_url.query,
                    _ => &exchange.request.url.query,
                };
                match maps::joined_query(query.as_deref().unwrap_or_default(), name) {
                    Some(value) => heap.new_str(&value),
                    None => Ok(default),
                }
            }
            LookUp::VariableAs(symbol, wanted) => match exchange.variable_of(*symbol) {
                Some(value) if *wanted == types::string() && heap.is_str(value) => Ok(value),
                Some(value) => inherit::cast(heap, value, *wanted),
                None => Ok(default),
            },
        }
    }
}

fn headers(exchange: &Exchange, of: HostObject) -> Result<&Headers> {
    match of {
        HostObject::ResponseHeaders => match &exchange.response {
            Some(response) => Ok(&response.headers),
            None => Err(Fault::null_reference()),
        },
        _ => Ok(&exchange.request.headers),
    }
}
