//! `System.Uri` and the enums that its members take.
//!
//! In: texts. Out: their parts, as .NET Core 3.1 reads and writes them, quirks included. One is left out: where a path holds
//! Unicode behind an empty host, 3.1 (and no later one) shows the path twice. Never: a look-up or a connection.

mod authority;
pub mod builder;
mod check;
mod escape;
mod idn;
mod parse;
mod parts;
mod resolve;
mod syntax;

use super::units::{NONE, ascii, ascii_of, escaped_byte, is_hex, push, push_escaped};
use crate::dotnet::call::{self, Call, char as char_of, enumeration, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{
    Kind, Native, Row, TypeDef, constructor, enum_value, method, operator, property, static_method, text_constant,
    type_of,
};
use crate::dotnet::system::string::search;
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::Value;
use check::Found;
use escape::{BadSequence, Escaping, Unescaping, escape, unescape};
use parse::{Absolute, HostKind, Problem, Uri, UriKind, part};
use parts::Form;
use resolve::Failure;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static URI: TypeDef = TypeDef::new("System.Uri", Kind::Class, &[CONSTRUCTORS, PARTS, TEXT, STATICS]);

pub static KIND: TypeDef = TypeDef::new(
    "System.UriKind",
    Kind::Enum,
    &[&[enum_value("RelativeOrAbsolute = 0", 0), enum_value("Absolute = 1", 1), enum_value("Relative = 2", 2)]],
);

pub static PARTIAL: TypeDef = TypeDef::new(
    "System.UriPartial",
    Kind::Enum,
    &[&[
        enum_value("Authority = 1", 1),
        enum_value("Path = 2", 2),
        enum_value("Query = 3", 3),
        enum_value("Scheme = 0", 0),
    ]],
);

pub static HOST_NAME_TYPE: TypeDef = TypeDef::new(
    "System.UriHostNameType",
    Kind::Enum,
    &[&[
        enum_value("Unknown = 0", 0),
        enum_value("Basic = 1", 1),
        enum_value("Dns = 2", 2),
        enum_value("IPv4 = 3", 3),
        enum_value("IPv6 = 4", 4),
    ]],
)
.off_list();

pub static FORMAT: TypeDef = TypeDef::new(
    "System.UriFormat",
    Kind::Enum,
    &[&[enum_value("UriEscaped = 1", 1), enum_value("Unescaped = 2", 2), enum_value("SafeUnescaped = 3", 3)]],
)
.off_list();

/// A set of flags: values add up.
pub static COMPONENTS: TypeDef = TypeDef::new(
    "System.UriComponents",
    Kind::Enum,
    &[&[
        enum_value("Scheme = 1", 1),
        enum_value("UserInfo = 2", 2),
        enum_value("Host = 4", 4),
        enum_value("Port = 8", 8),
        enum_value("SchemeAndServer = 13", 13),
        enum_value("Path = 16", 16),
        enum_value("Query = 32", 32),
        enum_value("PathAndQuery = 48", 48),
        enum_value("HttpRequestUrl = 61", 61),
        enum_value("Fragment = 64", 64),
        enum_value("AbsoluteUri = 127", 127),
        enum_value("StrongPort = 128", 128),
        enum_value("HostAndPort = 132", 132),
        enum_value("StrongAuthority = 134", 134),
        enum_value("NormalizedHost = 256", 256),
        enum_value("KeepDelimiter = 1073741824", 1_073_741_824),
        enum_value("SerializationInfoString = -2147483648", -2_147_483_648),
    ]],
)
.off_list();

// ---- making one

const CONSTRUCTORS: &[Row] = &[
    constructor("Uri(string uriString)", |cx, a| make(cx, a[0], false, UriKind::Absolute)),
    constructor("Uri(string uriString, bool dontEscape)", |cx, a| make(cx, a[0], call::bool(a[1]), UriKind::Absolute)),
    constructor("Uri(Uri baseUri, string relativeUri, bool dontEscape)", |cx, a| {
        let text = cx.heap.str(a[1]).map(|text| text.to_wide()).unwrap_or_default();
        combine(cx, a[0], &text, call::bool(a[2]))
    }),
    constructor("Uri(string uriString, UriKind uriKind)", |cx, a| {
        let kind = kind_of(a[1])?;
        make(cx, a[0], false, kind)
    }),
    constructor("Uri(Uri baseUri, string relativeUri)", |cx, a| {
        let text = cx.heap.str(a[1]).map(|text| text.to_wide()).unwrap_or_default();
        combine(cx, a[0], &text, false)
    }),
    constructor("Uri(Uri baseUri, Uri relativeUri)", |cx, a| {
        let base = absolute_base(cx, a[0])?;
        let made = match cx.heap.extension::<Uri>(a[1]) {
            Some(relative) => base.resolve(relative).map_err(failed)?,
            None => base.clone(),
        };
        new(cx, made)
    }),
    static_method("bool TryCreate(string uriString, UriKind uriKind, out Uri result)", |cx, a| {
        let kind = kind_of(a[1])?;
        let made = cx.heap.str(a[0]).map(|text| text.to_wide()).and_then(|text| Uri::create(&text, kind));
        answer(cx, made, 2)
    }),
    static_method("bool TryCreate(Uri baseUri, string relativeUri, out Uri result)", |cx, a| {
        let text = cx.heap.str(a[1]).map(|text| text.to_wide());
        let relative = text.and_then(|text| Uri::create(&text, UriKind::Either));
        let made = match relative {
            Some(relative) if relative.absolute.is_some() => Some(relative),
            Some(relative) => resolved(cx, a[0], &relative),
            None => None,
        };
        answer(cx, made, 2)
    }),
    static_method("bool TryCreate(Uri baseUri, Uri relativeUri, out Uri result)", |cx, a| {
        let made = cx.heap.extension::<Uri>(a[1]).and_then(|relative| resolved(cx, a[0], relative));
        answer(cx, made, 2)
    }),
];

fn new(cx: &mut Call<'_>, uri: Uri) -> Result {
    let size = uri.original.len() * 4 + size_of::<Absolute>();
    cx.charge_fuel(size / 16)?;
    cx.heap.charge(size)?;
    cx.heap.new_extension(type_of("Uri"), uri)
}

/// The `Uri` of an absolute text, for other parts of this program.
pub fn parse_absolute(cx: &mut Call<'_>, text: &str) -> Result {
    let text: Vec<u16> = text.encode_utf16().collect();
    let uri = Uri::parse(&text, false, UriKind::Absolute).map_err(|problem| failed(problem.into()))?;
    new(cx, uri)
}

/// An absolute URI as `AbsoluteUri` writes it; `None` where the text is none.
pub fn normalized(text: &str) -> Option<String> {
    let text: Vec<u16> = text.encode_utf16().collect();
    let uri = Uri::parse(&text, false, UriKind::Absolute).ok()?;
    let made = uri.absolute.as_ref()?.parts(part::ABSOLUTE, Form::Escaped, false).ok()?;
    String::from_utf16(&made).ok()
}

fn failed(failure: Failure) -> Fault {
    let message = match failure {
        Failure::Text(problem) => problem.message(),
        Failure::Sequence => "Invalid URI: There is an invalid sequence in the string.",
    };
    Fault::throw("System.UriFormatException", message)
}

fn bad_sequence(_: BadSequence) -> Fault {
    failed(Failure::Sequence)
}

fn kind_of(value: Value) -> Result<UriKind> {
    match enumeration(value) {
        0 => Ok(UriKind::Either),
        1 => Ok(UriKind::Absolute),
        2 => Ok(UriKind::Relative),
        other => {
            let message = format!("The value '{other}' passed for the UriKind parameter is invalid.");
            Err(Fault::throw("System.ArgumentException", message))
        }
    }
}

fn make(cx: &mut Call<'_>, text: Value, user_escaped: bool, kind: UriKind) -> Result {
    let text = cx.str(text, "uriString")?.to_wide();
    cx.charge_fuel(text.len() / 8)?;
    let uri = Uri::parse(&text, user_escaped, kind).map_err(|problem| failed(problem.into()))?;
    new(cx, uri)
}

fn absolute_base<'a>(cx: &'a Call<'_>, value: Value) -> Result<&'a Uri> {
    let base = cx.heap.extension::<Uri>(value).ok_or_else(|| Fault::argument_null("baseUri"))?;
    if base.absolute.is_none() {
        let message = "Specified argument was out of the range of valid values. (Parameter 'baseUri')";
        return Err(Fault::throw("System.ArgumentOutOfRangeException", message));
    }
    Ok(base)
}

fn combine(cx: &mut Call<'_>, base: Value, text: &[u16], user_escaped: bool) -> Result {
    let base = absolute_base(cx, base)?;
    let relative = Uri::parse(text, user_escaped, UriKind::Either).map_err(|problem| failed(problem.into()))?;
    let made = base.resolve(&relative).map_err(failed)?;
    new(cx, made)
}

fn resolved(cx: &Call<'_>, base: Value, relative: &Uri) -> Option<Uri> {
    let base = cx.heap.extension::<Uri>(base).filter(|base| base.absolute.is_some())?;
    base.resolve(relative).ok()
}

fn answer(cx: &mut Call<'_>, made: Option<Uri>, parameter: u8) -> Result {
    let found = made.is_some();
    let value = match made {
        Some(uri) => new(cx, uri)?,
        None => Value::Null,
    };
    cx.set_out(parameter, value);
    Ok(Value::Bool(found))
}

// ---- its parts

fn this<'a>(cx: &'a Call<'_>, value: Value) -> Result<&'a Uri> {
    cx.this::<Uri>(value)
}

fn absolute<'a>(cx: &'a Call<'_>, value: Value) -> Result<(&'a Uri, &'a Absolute)> {
    let uri = this(cx, value)?;
    let own = uri.absolute.as_deref().ok_or_else(not_absolute)?;
    Ok((uri, own))
}

fn not_absolute() -> Fault {
    Fault::invalid_operation("This operation is not supported for a relative URI.")
}

/// A text made of an absolute URI.
fn text(cx: &mut Call<'_>, value: Value, make: impl Fn(&Uri, &Absolute) -> parts_of::Text) -> Result {
    let (uri, own) = absolute(cx, value)?;
    let made = make(uri, own).map_err(bad_sequence)?;
    cx.charge_fuel(made.len() / 8 + 1)?;
    cx.heap.new_wide(&made)
}

mod parts_of {
    pub type Text = Result<Vec<u16>, super::escape::BadSequence>;
}

fn escaped(uri: &Uri, own: &Absolute, wanted: u32) -> parts_of::Text {
    own.parts(wanted, Form::Escaped, uri.user_escaped)
}

macro_rules! escaped_part {
    ($name:literal, $wanted:expr) => {
        property(concat!("string ", $name, " { get; }"), |cx, a| text(cx, a[0], |uri, own| escaped(uri, own, $wanted)))
    };
}

macro_rules! fact {
    ($name:literal, $fact:expr) => {
        property(concat!("bool ", $name, " { get; }"), |cx, a| {
            let of: fn(&Absolute) -> bool = $fact;
            Ok(Value::Bool(of(absolute(cx, a[0])?.1)))
        })
    };
}

const PARTS: &[Row] = &[
    property("string AbsolutePath { get; }", |cx, a| text(cx, a[0], |uri, _| uri.absolute_path())),
    escaped_part!("AbsoluteUri", part::ABSOLUTE),
    escaped_part!("Authority", part::HOST | part::PORT),
    property("string DnsSafeHost { get; }", |cx, a| {
        text(cx, a[0], |_, own| Ok(if own.host_kind == HostKind::V6 { dns_host(own) } else { own.host.clone() }))
    }),
    escaped_part!("Fragment", part::FRAGMENT | part::KEEP_DELIMITER),
    escaped_part!("Host", part::HOST),
    property("UriHostNameType HostNameType { get; }", |cx, a| {
        let kind = match absolute(cx, a[0])?.1.host_kind {
            HostKind::Unknown => 0,
            HostKind::Basic | HostKind::Loose => 1,
            HostKind::Dns => 2,
            HostKind::V4 => 3,
            HostKind::V6 => 4,
        };
        Ok(host_name_type(kind))
    }),
    property("string IdnHost { get; }", |cx, a| text(cx, a[0], |_, own| Ok(dns_host(own)))),
    property("bool IsAbsoluteUri { get; }", |cx, a| Ok(Value::Bool(this(cx, a[0])?.absolute.is_some()))),
    fact!("IsDefaultPort", |own| !own.has_other_port),
    fact!("IsFile", |own| own.syntax.name == "file"),
    fact!("IsLoopback", |own| own.is_loopback),
    fact!("IsUnc", |own| own.shape.unc),
    property("string LocalPath { get; }", |cx, a| text(cx, a[0], |uri, own| own.local_path(uri.user_escaped))),
    property("string OriginalString { get; }", |cx, a| {
        let original = this(cx, a[0])?.original.clone();
        cx.heap.new_wide(&original)
    }),
    property("string PathAndQuery { get; }", |cx, a| {
        text(cx, a[0], |uri, own| {
            let made = escaped(uri, own, part::PATH | part::QUERY)?;
            let drive = own.shape.drive && ascii(&made, 0) == '/';
            Ok(if drive { made[1..].to_vec() } else { made })
        })
    }),
    property("int Port { get; }", |cx, a| Ok(Value::Int32(absolute(cx, a[0])?.1.port.map_or(-1, i32::from)))),
    escaped_part!("Query", part::QUERY | part::KEEP_DELIMITER),
    escaped_part!("Scheme", part::SCHEME),
    property("string[] Segments { get; }", segments),
    property("bool UserEscaped { get; }", |cx, a| Ok(Value::Bool(this(cx, a[0])?.user_escaped))),
    escaped_part!("UserInfo", part::USER_INFO),
];

fn host_name_type(kind: i64) -> Value {
    Value::Enum { ty: type_of("UriHostNameType"), value: kind }
}

/// The host as the DNS takes it: Punycode; an address of version 6 without brackets, with its zone.
fn dns_host(own: &Absolute) -> Vec<u16> {
    match own.host_kind {
        HostKind::Dns => idn::to_ascii(&own.host).encode_utf16().collect(),
        HostKind::V6 => {
            let mut host = own.host[1..own.host.len() - 1].to_vec();
            host.extend(own.zone.iter().flatten());
            host
        }
        HostKind::V4 | HostKind::Loose | HostKind::Basic | HostKind::Unknown => own.host.clone(),
    }
}

fn segments(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let (uri, own) = absolute(cx, a[0])?;
    let path = escaped(uri, own, part::PATH | part::KEEP_DELIMITER).map_err(bad_sequence)?;
    let parts: Vec<&[u16]> = path.split_inclusive(|&unit| ascii_of(unit) == '/').collect();
    cx.charge_fuel(path.len() / 8 + parts.len())?;
    let items = parts.into_iter().map(|part| cx.heap.new_wide(part)).collect::<Result<Vec<_>>>()?;
    cx.heap.new_array(TypeId::array(types::string()), items)
}

// ---- as text, and against others

const TEXT: &[Row] = &[
    method("bool Equals(object comparand)", |cx, a| same_uri(cx, a[0], a[1])),
    method("string GetComponents(UriComponents components, UriFormat format)", components),
    method("int GetHashCode()", |cx, a| {
        let remote = this(cx, a[0])?.remote().map_err(bad_sequence)?;
        let hash = remote.iter().fold(0x811C_9DC5u32, |hash, &unit| {
            // Case does not matter to the paths of drives and servers.
            (hash ^ u32::from(ascii_lower(unit))).wrapping_mul(0x0100_0193)
        });
        Ok(Value::Int32(hash as i32))
    }),
    method("string GetLeftPart(UriPartial part)", |cx, a| {
        let server = part::SERVER | part::USER_INFO;
        let own = absolute(cx, a[0])?.1;
        let wanted = match enumeration(a[1]) {
            0 => part::SCHEME | part::KEEP_DELIMITER,
            1 if !own.shape.authority || own.shape.drive => return cx.new_str(""),
            1 => server,
            2 => server | part::PATH,
            3 => server | part::PATH | part::QUERY,
            other => {
                return Err(Fault::argument(&format!("The subcomponent, {other}, of this uri is not valid."), "part"));
            }
        };
        text(cx, a[0], |uri, own| escaped(uri, own, wanted))
    }),
    method("bool IsBaseOf(Uri uri)", |cx, a| {
        let other = cx.heap.extension::<Uri>(a[1]).ok_or_else(|| Fault::argument_null("uri"))?;
        Ok(Value::Bool(this(cx, a[0])?.is_base_of(other).map_err(bad_sequence)?))
    }),
    method("bool IsWellFormedOriginalString()", |cx, a| Ok(Value::Bool(is_well_formed(this(cx, a[0])?)))),
    method("string MakeRelative(Uri toUri)", |cx, a| {
        let other = cx.heap.extension::<Uri>(a[1]).ok_or_else(|| Fault::argument_null("toUri"))?;
        let own = this(cx, a[0])?;
        if own.absolute.is_none() || other.absolute.is_none() {
            return Err(not_absolute());
        }
        match own.way_to(other).map_err(bad_sequence)? {
            Some(way) => cx.heap.new_wide(&way),
            None => to_string(cx, &a[1..]),
        }
    }),
    method("Uri MakeRelativeUri(Uri uri)", |cx, a| {
        let other = cx.heap.extension::<Uri>(a[1]).ok_or_else(|| Fault::argument_null("uri"))?;
        let own = this(cx, a[0])?;
        let Some(to) = other.absolute.as_ref().filter(|_| own.absolute.is_some()) else {
            return Err(not_absolute());
        };
        let Some(mut way) = own.way_to(other).map_err(bad_sequence)? else { return Ok(a[1]) };
        let path = other.absolute_path().map_err(bad_sequence)?;
        if resolve::has_colon_first(&way) && !(to.shape.drive && way == path) {
            way.splice(0..0, "./".encode_utf16());
        }
        way.extend(escaped(other, to, part::QUERY | part::FRAGMENT).map_err(bad_sequence)?);
        let made = Uri::parse(&way, false, UriKind::Relative).map_err(|problem| failed(problem.into()))?;
        new(cx, made)
    }),
    method("string ToString()", to_string),
    operator("bool op_Equality(Uri uri1, Uri uri2)", |cx, a| Ok(Value::Bool(same(cx, a)?))),
    operator("bool op_Inequality(Uri uri1, Uri uri2)", |cx, a| Ok(Value::Bool(!same(cx, a)?))),
];

/// Whether something, perhaps a text, is the same URI.
fn same_uri(cx: &mut Call<'_>, uri: Value, other: Value) -> Result {
    let own = this(cx, uri)?;
    let parsed = cx.heap.str(other).and_then(|text| Uri::create(&text.to_wide(), UriKind::Either));
    let same = match cx.heap.extension::<Uri>(other).or(parsed.as_ref()) {
        Some(other) => own.equals(other).map_err(bad_sequence)?,
        None => false,
    };
    Ok(Value::Bool(same))
}

fn ascii_lower(unit: u16) -> u16 {
    if ascii_of(unit).is_ascii_uppercase() { unit + 32 } else { unit }
}

fn same(cx: &Call<'_>, a: &[Value]) -> Result<bool> {
    match (cx.heap.extension::<Uri>(a[0]), cx.heap.extension::<Uri>(a[1])) {
        (Some(one), Some(other)) => one.equals(other).map_err(bad_sequence),
        (one, other) => Ok(one.is_none() && other.is_none()),
    }
}

fn to_string(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let uri = this(cx, a[0])?;
    if uri.absolute.is_none() {
        let shown = uri.shown.clone();
        return cx.heap.new_wide(&shown);
    }
    text(cx, a[0], |uri, own| own.parts(part::ABSOLUTE, Form::Display, uri.user_escaped))
}

fn form_of(value: Value) -> Result<Form> {
    match enumeration(value) {
        1 => Ok(Form::Escaped),
        2 => Ok(Form::Unescaped),
        3 => Ok(Form::SafeUnescaped),
        _ => {
            let message = "Specified argument was out of the range of valid values. (Parameter 'format')";
            Err(Fault::throw("System.ArgumentOutOfRangeException", message))
        }
    }
}

fn components(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let wanted = enumeration(a[1]) as u32;
    if wanted & part::SERIALIZATION != 0 && wanted != part::SERIALIZATION {
        let message = "UriComponents.SerializationInfoString must not be combined with other UriComponents.";
        return Err(Fault::out_of_range(message, "components"));
    }
    let form = form_of(a[2])?;
    let uri = this(cx, a[0])?;
    if uri.absolute.is_none() && wanted == part::SERIALIZATION {
        let mut made = Vec::new();
        match form {
            Form::Escaped => escape(&uri.shown, &mut made, Escaping::part([NONE, NONE], true)).map_err(bad_sequence)?,
            Form::SafeUnescaped | Form::Display => {
                unescape(&uri.shown, &mut made, [NONE; 3], Unescaping::SAFE, false, false);
            }
            Form::Unescaped => unescape(&uri.shown, &mut made, [NONE; 3], Unescaping::ALL, false, false),
        }
        return cx.heap.new_wide(&made);
    }
    text(cx, a[0], |uri, own| own.parts(wanted, form, uri.user_escaped))
}

/// Whether the text needs no repair: everything escaped that must be (Unicode need not), slashes where they belong.
fn is_well_formed(uri: &Uri) -> bool {
    let Some(own) = &uri.absolute else {
        let found = check::check(&uri.shown, 0, uri.shown.len(), NONE, None, false).0;
        return !resolve::has_colon_first(&uri.shown) && found.escaped_so && !found.backslash;
    };
    if own.shape.implicit_file {
        return false;
    }
    let parts = part::USER_INFO | part::PATH | part::QUERY | part::FRAGMENT;
    if own.not_escaped_so & !own.only_unicode & parts != 0 {
        return false;
    }
    let text = &own.text;
    if own.shape.authority {
        let second = own.scheme + own.syntax.name.len() + 2;
        if second >= own.user || ascii(text, second - 1) == '\\' || ascii(text, second) == '\\' {
            return false;
        }
        let another = second + 1 < own.user && matches!(ascii(text, second + 1), '/' | '\\');
        if (own.shape.unc || own.shape.drive) && another {
            return false;
        }
    }
    let bar = own.shape.drive && ascii(text, own.path + own.secured() - 1) == '|';
    if own.lacks_first_slash && own.query > own.path || own.has_backslash || bar {
        return false;
    }
    if own.host_kind != HostKind::V6 {
        let found = own.check(own.user, own.path, '/').0;
        let escaped = found.escaped_so && !found.reserved && !found.backslash;
        if !escaped && !is_fine_unicode(&found) {
            return false;
        }
    }
    if own.scheme_is_odd && own.shape.authority {
        let colon = own.scheme + own.syntax.name.len();
        if [ascii(text, colon + 1), ascii(text, colon + 2)] != ['/', '/'] || colon + 3 > text.len() {
            return false;
        }
    }
    true
}

fn is_fine_unicode(found: &Found) -> bool {
    found.shown_so && found.unicode && !found.bad_unicode
}

// ---- helpers on texts

const ESCAPE_DATA: Native = |cx, a| escaped_text(cx, a[0], Escaping::DATA);
const ESCAPE_TEXT: Native = |cx, a| escaped_text(cx, a[0], Escaping::TEXT);

const STATICS: &[Row] = &[
    static_method("UriHostNameType CheckHostName(string name)", |cx, a| {
        Ok(host_name_type(cx.heap.str(a[0]).map_or(0, |name| check_host(&name.to_wide()))))
    }),
    static_method("bool CheckSchemeName(string schemeName)", |cx, a| {
        Ok(Value::Bool(cx.heap.text(a[0]).is_some_and(|name| syntax::is_scheme(&name))))
    }),
    static_method(
        "int Compare(Uri uri1, Uri uri2, UriComponents partsToCompare, UriFormat compareFormat, StringComparison comparisonType)",
        compare,
    ),
    static_method("string EscapeDataString(string stringToEscape)", ESCAPE_DATA),
    static_method("string EscapeUriString(string stringToEscape)", ESCAPE_TEXT),
    static_method("int FromHex(char digit)", |_, a| {
        let digit = ascii_of(char_of(a[0])).to_digit(16);
        let digit = digit.ok_or_else(|| Fault::throw("System.ArgumentException", "digit"))?;
        Ok(Value::Int32(digit as i32))
    }),
    static_method("string HexEscape(char character)", |cx, a| {
        let byte = u8::try_from(char_of(a[0])).map_err(|_| {
            let message = "Specified argument was out of the range of valid values. (Parameter 'character')";
            Fault::throw("System.ArgumentOutOfRangeException", message)
        })?;
        let mut out = Vec::new();
        push_escaped(&mut out, byte);
        cx.heap.new_wide(&out)
    }),
    static_method("char HexUnescape(string pattern, ref int index)", |cx, a| {
        let text = cx.heap.str(a[0]).ok_or_else(Fault::null_reference)?.to_wide();
        let at = usize::try_from(int(a[1])).ok().filter(|&at| at < text.len()).ok_or_else(|| {
            let message = "Specified argument was out of the range of valid values. (Parameter 'index')";
            Fault::throw("System.ArgumentOutOfRangeException", message)
        })?;
        let (unit, next) = match escaped_byte(&text, at) {
            Some(byte) => (u16::from(byte), at + 3),
            None => (text[at], at + 1),
        };
        cx.set_out(1, Value::Int32(next as i32));
        Ok(Value::Char(unit))
    }),
    static_method("bool IsHexDigit(char character)", |_, a| Ok(Value::Bool(is_hex(ascii_of(char_of(a[0])))))),
    static_method("bool IsHexEncoding(string pattern, int index)", |cx, a| {
        let text = cx.heap.str(a[0]).ok_or_else(Fault::null_reference)?.to_wide();
        // Too little text is asked about first, in a subtraction that may overflow.
        if (text.len() as i32).wrapping_sub(int(a[1])) < 3 {
            return Ok(Value::Bool(false));
        }
        let at = usize::try_from(int(a[1])).map_err(|_| Fault::index_of_array())?;
        Ok(Value::Bool(escaped_byte(&text, at).is_some()))
    }),
    static_method("bool IsWellFormedUriString(string uriString, UriKind uriKind)", |cx, a| {
        if a[0].is_null() {
            return Ok(Value::Bool(false));
        }
        let kind = kind_of(a[1])?;
        let text = cx.heap.str(a[0]).map(|text| text.to_wide());
        let uri = text.and_then(|text| Uri::create(&text, kind));
        Ok(Value::Bool(uri.is_some_and(|uri| is_well_formed(&uri))))
    }),
    static_method("string UnescapeDataString(string stringToUnescape)", |cx, a| {
        let text = cx.str(a[0], "stringToUnescape")?.to_wide();
        cx.charge_fuel(text.len() / 8)?;
        if !text.iter().any(|&unit| ascii_of(unit) == '%') {
            return Ok(a[0]);
        }
        let mut out = Vec::with_capacity(text.len());
        unescape(&text, &mut out, [NONE; 3], Unescaping::ALL, false, false);
        cx.heap.new_wide(&out)
    }),
    text_constant("string SchemeDelimiter", "://"),
    text_constant("string UriSchemeFile", "file"),
    text_constant("string UriSchemeFtp", "ftp"),
    text_constant("string UriSchemeGopher", "gopher"),
    text_constant("string UriSchemeHttp", "http"),
    text_constant("string UriSchemeHttps", "https"),
    text_constant("string UriSchemeMailto", "mailto"),
    text_constant("string UriSchemeNetPipe", "net.pipe"),
    text_constant("string UriSchemeNetTcp", "net.tcp"),
    text_constant("string UriSchemeNews", "news"),
    text_constant("string UriSchemeNntp", "nntp"),
];

fn escaped_text(cx: &mut Call<'_>, value: Value, how: Escaping) -> Result {
    let text = cx.str(value, "stringToEscape")?.to_wide();
    cx.charge_fuel(text.len() / 8)?;
    if text.len() >= 0xFFF0 {
        return Err(failed(Failure::Text(Problem::SizeLimit)));
    }
    let mut out = Vec::with_capacity(text.len() + 16);
    escape(&text, &mut out, how).map_err(bad_sequence)?;
    cx.heap.new_wide(&out)
}

fn check_host(name: &[u16]) -> i64 {
    if name.is_empty() || name.len() > i16::MAX as usize {
        return 0;
    }
    let whole = |end: Option<usize>, name: &[u16]| end == Some(name.len());
    if ascii(name, 0) == '[' && whole(super::address::v6_of_host(name, 1), name) {
        return 4;
    }
    if whole(super::address::lenient_v4(name, 0, false).map(|(_, end)| end), name) {
        return 3;
    }
    if whole(authority::domain_name(name, 0, false), name) {
        return 2;
    }
    let mut bracketed = vec![b'['.into()];
    bracketed.extend_from_slice(name);
    push(&mut bracketed, "]");
    if whole(super::address::v6_of_host(&bracketed, 1), &bracketed) { 4 } else { 0 }
}

fn compare(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let order = match (a[0].is_null(), a[1].is_null()) {
        (true, true) => Some(0),
        (true, false) => Some(-1),
        (false, true) => Some(1),
        (false, false) => None,
    };
    if let Some(order) = order {
        return Ok(Value::Int32(order));
    }
    let (one, other) = (this(cx, a[0])?, this(cx, a[1])?);
    let texts = match (&one.absolute, &other.absolute) {
        (Some(_), None) => return Ok(Value::Int32(1)),
        (None, Some(_)) => return Ok(Value::Int32(-1)),
        (None, None) => [one.original.clone(), other.original.clone()],
        (Some(first), Some(second)) => {
            let (wanted, form) = (enumeration(a[2]) as u32, form_of(a[3])?);
            let first = first.parts(wanted, form, one.user_escaped).map_err(bad_sequence)?;
            [first, second.parts(wanted, form, other.user_escaped).map_err(bad_sequence)?]
        }
    };
    let (first, second) = (cx.heap.new_wide(&texts[0])?, cx.heap.new_wide(&texts[1])?);
    search::compare_two(cx, &[first, second, a[4]])
}

#[cfg(test)]
mod tests;
