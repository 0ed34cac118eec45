//! What an expression reads of the exchange by names that it spells out: worked out when it is compiled, so that it takes
//! neither a call nor a search for what is known.
//!
//! In: the exchange, and a default where the member takes one. Out: what there is to be seen, or what the member would
//! answer. Never: a wait, a change.

use super::Symbol;
use super::exchange::Exchange;
use super::maps::{self, HEADERS, MATCHED, QUERY, VARIABLES};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Heap;
use crate::dotnet::inherit;
use crate::dotnet::member::{Member, Shown};
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::{HostObject, Value};
use crate::message::{Headers, Wanted};

type Result<T = Value> = std::result::Result<T, Fault>;

/// A prepared look-up.
#[derive(Debug)]
pub enum LookUp {
    /// `Variables["name"]`.
    Variable(Symbol),
    /// `Variables.GetValueOrDefault<T>("name", default)`.
    VariableAs(Symbol, TypeId),
    /// `Headers.GetValueOrDefault("name", default)` of the request or the response.
    Header(HostObject, Wanted),
    /// `MatchedParameters["name"]`.
    Matched(Box<str>),
    /// `MatchedParameters.GetValueOrDefault("name", default)`.
    MatchedOr(Box<str>),
    /// `Query.GetValueOrDefault("name", default)` of one of the URLs.
    Query(HostObject, Box<str>),
    /// A property that only shows what the exchange holds.
    Shown(HostObject, Shown),
}

/// What is there to be seen, before anything is made of it.
#[derive(Clone, Copy, Debug)]
pub enum Seen<'e> {
    /// A text: bytes that should be UTF-8.
    Bytes(&'e [u8]),
    Value(Value),
    /// It is not there: a default's turn.
    Missing,
    /// It takes more than a look.
    Rare,
}

impl<'e> Seen<'e> {
    #[inline]
    pub fn text(text: Option<&'e str>) -> Seen<'e> {
        text.map_or(Seen::Missing, |text| Seen::Bytes(text.as_bytes()))
    }

    /// As a value, of a part that is there unless the program is wrong.
    #[inline]
    pub fn or_fault(self, heap: &mut Heap) -> Result {
        match self {
            Seen::Bytes(bytes) => heap.new_text(bytes),
            Seen::Value(value) => Ok(value),
            Seen::Missing | Seen::Rare => Err(Fault::null_reference()),
        }
    }
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
                LookUp::Header(map, Wanted::new(key.parse().ok()?))
            }
            ("Item", HostObject::MatchedParameters) if of(&MATCHED) => LookUp::Matched(key.into()),
            ("GetValueOrDefault", HostObject::MatchedParameters) if of(&MATCHED) => LookUp::MatchedOr(key.into()),
            ("GetValueOrDefault", HostObject::RequestUrlQuery | HostObject::OriginalUrlQuery)
                if of(&QUERY) && maps::is_plain_name(&key) =>
            {
                LookUp::Query(map, key.into())
            }
            _ => return None,
        })
    }

    /// What a map is asked for by `ContainsKey`: something is seen where it is there.
    pub fn presence(member: &Member, map: HostObject, key: &[u16]) -> Option<LookUp> {
        if member.name != "ContainsKey" {
            return None;
        }
        let key = String::from_utf16(key).ok()?;
        let def = crate::dotnet::def(member.def);
        let of = |own: &'static _| std::ptr::eq(def, own);
        Some(match map {
            HostObject::Variables if of(&VARIABLES) => LookUp::VariableAs(Symbol::of(&key), types::object()),
            HostObject::RequestHeaders | HostObject::ResponseHeaders if of(&HEADERS) => {
                LookUp::Header(map, Wanted::new(key.parse().ok()?))
            }
            HostObject::MatchedParameters if of(&MATCHED) => LookUp::MatchedOr(key.into()),
            HostObject::RequestUrlQuery | HostObject::OriginalUrlQuery if of(&QUERY) && maps::is_plain_name(&key) => {
                LookUp::Query(map, key.into())
            }
            _ => return None,
        })
    }

    /// Whether it looks at the request.
    pub fn is_of_request(&self) -> bool {
        match self {
            LookUp::Header(of, _) => *of == HostObject::RequestHeaders,
            LookUp::Query(of, _) => *of == HostObject::RequestUrlQuery,
            LookUp::Shown(of, _) => matches!(of, HostObject::Request | HostObject::RequestUrl),
            LookUp::Variable(_) | LookUp::VariableAs(..) | LookUp::Matched(_) | LookUp::MatchedOr(_) => false,
        }
    }

    /// Looks, without making anything. The two that are asked for most need no call.
    #[inline(always)]
    pub fn see<'e>(&self, heap: &Heap, exchange: &'e Exchange) -> Seen<'e> {
        match self {
            LookUp::Header(..) | LookUp::Variable(_) => self.see_at_once(heap, exchange),
            _ => self.see_other(heap, exchange),
        }
    }

    #[inline(never)]
    fn see_other<'e>(&self, heap: &Heap, exchange: &'e Exchange) -> Seen<'e> {
        self.see_at_once(heap, exchange)
    }

    /// The same for whoever asks for all of them alike.
    #[inline(always)]
    pub fn see_at_once<'e>(&self, heap: &Heap, exchange: &'e Exchange) -> Seen<'e> {
        match self {
            LookUp::Header(of, name) => match headers(exchange, *of).map(|headers| headers.find(name)) {
                Some(Some((one, false))) => Seen::Bytes(one.as_bytes()),
                Some(None) => Seen::Missing,
                // Several values, or no response.
                Some(Some((_, true))) | None => Seen::Rare,
            },
            LookUp::Variable(symbol) => exchange.variable_of(*symbol).map_or(Seen::Rare, Seen::Value),
            LookUp::VariableAs(symbol, wanted) => match exchange.variable_of(*symbol) {
                Some(value) if is_plainly(heap, value, *wanted) => Seen::Value(value),
                Some(_) => Seen::Rare,
                None => Seen::Missing,
            },
            LookUp::Matched(name) => match maps::matched_value(exchange, name) {
                Some(value) => Seen::Bytes(value.as_bytes()),
                None => Seen::Rare,
            },
            LookUp::MatchedOr(name) => Seen::text(maps::matched_value(exchange, name)),
            LookUp::Query(of, name) => match maps::plain_parameter(query(exchange, *of).as_bytes(), name.as_bytes()) {
                Some(value) => value.map_or(Seen::Missing, Seen::Bytes),
                None => Seen::Rare,
            },
            LookUp::Shown(of, code) => match code(exchange, *of) {
                Seen::Missing => Seen::Rare,
                seen => seen,
            },
        }
    }

    /// What the member answers.
    #[inline]
    pub fn run(&self, heap: &mut Heap, exchange: &Exchange, default: Value) -> Result {
        match self.see(heap, exchange) {
            Seen::Bytes(bytes) => heap.new_text(bytes),
            Seen::Value(value) => Ok(value),
            Seen::Missing => Ok(default),
            Seen::Rare => self.rare(heap, exchange, default),
        }
    }

    /// What the member answers where a look does not tell.
    #[cold]
    fn rare(&self, heap: &mut Heap, exchange: &Exchange, default: Value) -> Result {
        match self {
            LookUp::Variable(symbol) => Err(maps::missing_key(symbol.name())),
            LookUp::VariableAs(symbol, wanted) => {
                exchange.variable_of(*symbol).map_or(Ok(default), |value| inherit::cast(heap, value, *wanted))
            }
            LookUp::Header(of, name) => {
                let headers = headers(exchange, *of).ok_or_else(Fault::null_reference)?;
                heap.new_str(&maps::several(headers, &name.name))
            }
            LookUp::Matched(name) => Err(maps::missing_key(name)),
            LookUp::Query(of, name) => match maps::joined_query(query(exchange, *of), name) {
                Some(value) => heap.new_str(&value),
                None => Ok(default),
            },
            LookUp::MatchedOr(_) | LookUp::Shown(..) => Err(Fault::null_reference()),
        }
    }
}

/// A value that a cast leaves as it is, by a look at it alone.
fn is_plainly(heap: &Heap, value: Value, wanted: TypeId) -> bool {
    match value {
        Value::Text { .. } => wanted == types::string() || wanted == types::object(),
        Value::Bool(_) => wanted == types::boolean() || wanted == types::object(),
        Value::Int32(_) => wanted == types::int32() || wanted == types::object(),
        value => wanted == types::object() || wanted == types::string() && heap.is_str(value),
    }
}

fn headers(exchange: &Exchange, of: HostObject) -> Option<&Headers> {
    match of {
        HostObject::ResponseHeaders => exchange.response.as_ref().map(|response| &response.headers),
        _ => Some(&exchange.request.headers),
    }
}

fn query(exchange: &Exchange, of: HostObject) -> &str {
    let url = match of {
        HostObject::OriginalUrlQuery => &exchange.original_url,
        _ => &exchange.request.url,
    };
    url.query.as_deref().unwrap_or_default()
}
