//! `System.Text.Encoding` and the encodings that .NET Core has without help: text to bytes and back.
//!
//! What cannot be said is replaced, or as [`fallback`] says.

mod codec;
pub mod fallback;
mod utf7;

use crate::dotnet::call::{Call, bool, int, long};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::{Object, Str};
use crate::dotnet::member::{
    Kind, Native, Row, TypeDef, constructor, method, property, property_set, static_method, static_property, type_of,
};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use codec::{PAGES, Page};
use fallback::Fallback;

type Result<T = Value> = std::result::Result<T, Fault>;

/// An encoding object.
#[derive(Clone, Debug)]
struct Encoding {
    page: Page,
    /// `GetPreamble()` gives the byte order mark.
    marked: bool,
    /// Made by the program, not one of the shared ones.
    own: bool,
    /// A clone: its fallbacks may be changed.
    open: bool,
    encodes: Fallback,
    decodes: Fallback,
}

impl Encoding {
    fn new(page: Page, marked: bool, own: bool) -> Encoding {
        Encoding { page, marked, own, open: false, encodes: Fallback::Own, decodes: Fallback::Own }
    }
}

pub static ENCODING: TypeDef =
    TypeDef::new("System.Text.Encoding", Kind::Class, &[STATICS, TEXT, FACTS, FALLBACKS]).is_abstract();

macro_rules! derived {
    ($id:ident, $name:literal, $rows:expr) => {
        pub static $id: TypeDef =
            TypeDef::new(concat!("System.Text.", $name), Kind::Class, &[$rows]).base("Encoding").off_list();
    };
}

derived!(
    UTF8,
    "UTF8Encoding",
    &[
        constructor("UTF8Encoding()", |cx, _| own(cx, Page::Utf8, false)),
        constructor("UTF8Encoding(bool encoderShouldEmitUTF8Identifier)", |cx, a| own(cx, Page::Utf8, bool(a[0]))),
        constructor("UTF8Encoding(bool encoderShouldEmitUTF8Identifier, bool throwOnInvalidBytes)", |cx, a| {
            strict(cx, Page::Utf8, bool(a[0]), bool(a[1]))
        }),
        method("string ToString()", |cx, a| {
            let own = this(cx, a[0])?.own;
            cx.new_str(if own { "System.Text.UTF8Encoding" } else { "System.Text.UTF8Encoding+UTF8EncodingSealed" })
        }),
    ]
);
derived!(
    ASCII,
    "ASCIIEncoding",
    &[
        constructor("ASCIIEncoding()", |cx, _| own(cx, Page::Ascii, false)),
        method("string ToString()", |cx, a| {
            let own = this(cx, a[0])?.own;
            cx.new_str(if own { "System.Text.ASCIIEncoding" } else { "System.Text.ASCIIEncoding+ASCIIEncodingSealed" })
        }),
    ]
);
derived!(
    UNICODE,
    "UnicodeEncoding",
    &[
        constructor("UnicodeEncoding()", |cx, _| own(cx, Page::Utf16, true)),
        constructor("UnicodeEncoding(bool bigEndian, bool byteOrderMark)", |cx, a| {
            own(cx, if bool(a[0]) { Page::Utf16Big } else { Page::Utf16 }, bool(a[1]))
        }),
        constructor("UnicodeEncoding(bool bigEndian, bool byteOrderMark, bool throwOnInvalidBytes)", |cx, a| {
            strict(cx, if bool(a[0]) { Page::Utf16Big } else { Page::Utf16 }, bool(a[1]), bool(a[2]))
        }),
    ]
);
derived!(
    UTF32,
    "UTF32Encoding",
    &[
        constructor("UTF32Encoding()", |cx, _| own(cx, Page::Utf32, true)),
        constructor("UTF32Encoding(bool bigEndian, bool byteOrderMark)", |cx, a| {
            own(cx, if bool(a[0]) { Page::Utf32Big } else { Page::Utf32 }, bool(a[1]))
        }),
        constructor("UTF32Encoding(bool bigEndian, bool byteOrderMark, bool throwOnInvalidCharacters)", |cx, a| {
            strict(cx, if bool(a[0]) { Page::Utf32Big } else { Page::Utf32 }, bool(a[1]), bool(a[2]))
        }),
    ]
);
derived!(UTF7, "UTF7Encoding", &[constructor("UTF7Encoding()", |cx, _| own(cx, Page::Utf7, false))]);

/// `System.Text.EncodingInfo`: an encoding that there is.
pub static INFO: TypeDef = TypeDef::new(
    "System.Text.EncodingInfo",
    Kind::Class,
    &[&[
        property("int CodePage { get; }", |cx, a| Ok(Value::Int32(*cx.this::<Page>(a[0])? as i32))),
        property("string Name { get; }", |cx, a| {
            let name = cx.this::<Page>(a[0])?.web_name();
            cx.new_str(name)
        }),
        property("string DisplayName { get; }", |cx, a| {
            let title = cx.this::<Page>(a[0])?.title();
            cx.new_str(title)
        }),
        method("Encoding GetEncoding()", |cx, a| {
            let page = *cx.this::<Page>(a[0])?;
            shared(cx, page)
        }),
    ]],
)
.off_list();

const STATICS: &[Row] = &[
    static_property("Encoding UTF8 { get; }", |cx, _| shared(cx, Page::Utf8)),
    static_property("Encoding Default { get; }", |cx, _| make(cx, Encoding::new(Page::Utf8, false, false))),
    static_property("Encoding ASCII { get; }", |cx, _| shared(cx, Page::Ascii)),
    static_property("Encoding Unicode { get; }", |cx, _| shared(cx, Page::Utf16)),
    static_property("Encoding BigEndianUnicode { get; }", |cx, _| shared(cx, Page::Utf16Big)),
    static_property("Encoding UTF32 { get; }", |cx, _| shared(cx, Page::Utf32)),
    static_property("Encoding UTF7 { get; }", |cx, _| shared(cx, Page::Utf7)),
    static_method("Encoding GetEncoding(string name)", by_name),
    static_method("Encoding GetEncoding(int codepage)", by_page),
    static_method("EncodingInfo[] GetEncodings()", |cx, _| {
        let ty = type_of("EncodingInfo");
        let items = PAGES.iter().map(|&page| cx.heap.new_extension(ty, page)).collect::<Result<Vec<_>>>()?;
        cx.heap.new_array(TypeId::array(ty), items)
    }),
    static_method("byte[] Convert(Encoding srcEncoding, Encoding dstEncoding, byte[] bytes)", convert),
    static_method(
        "byte[] Convert(Encoding srcEncoding, Encoding dstEncoding, byte[] bytes, int index, int count)",
        convert,
    ),
];

const TEXT: &[Row] = &[
    method("byte[] GetBytes(string s)", get_bytes),
    method("byte[] GetBytes(char[] chars)", |cx, a| get_bytes(cx, of_chars(a)?)),
    method("byte[] GetBytes(char[] chars, int index, int count)", |cx, a| get_bytes(cx, of_chars(a)?)),
    method("byte[] GetBytes(string s, int index, int count)", get_bytes),
    method("int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex)", |cx, a| {
        write_bytes(cx, of_chars(a)?)
    }),
    method("int GetBytes(string s, int charIndex, int charCount, byte[] bytes, int byteIndex)", write_bytes),
    method("int GetByteCount(string s)", byte_count),
    method("int GetByteCount(char[] chars)", |cx, a| byte_count(cx, of_chars(a)?)),
    method("int GetByteCount(char[] chars, int index, int count)", |cx, a| byte_count(cx, of_chars(a)?)),
    method("int GetByteCount(string s, int index, int count)", byte_count),
    method("string GetString(byte[] bytes)", get_string),
    method("string GetString(byte[] bytes, int index, int count)", get_string),
    method("int GetCharCount(byte[] bytes)", char_count),
    method("int GetCharCount(byte[] bytes, int index, int count)", char_count),
    method("char[] GetChars(byte[] bytes)", get_chars),
    method("char[] GetChars(byte[] bytes, int index, int count)", get_chars),
    method("int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)", write_chars),
    method("int GetMaxByteCount(int charCount)", |cx, a| {
        let page = this(cx, a[0])?.page;
        most(a[1], |count| page.most_bytes(count), "charCount", "Too many characters. The resulting number of bytes")
    }),
    method("int GetMaxCharCount(int byteCount)", |cx, a| {
        let page = this(cx, a[0])?.page;
        most(a[1], |count| page.most_chars(count), "byteCount", "Too many bytes. The resulting number of chars")
    }),
    method("byte[] GetPreamble()", |cx, a| {
        let own = this(cx, a[0])?;
        cx.heap.new_bytes(if own.marked { own.page.mark().to_vec() } else { Vec::new() })
    }),
];

/// A fact that depends on the code page alone.
macro_rules! fact {
    ($signature:literal, $pages:pat) => {
        property($signature, |cx, a| Ok(Value::Bool(matches!(this(cx, a[0])?.page, $pages))))
    };
}

const NAME: Native = |cx, a| {
    let name = this(cx, a[0])?.page.web_name();
    cx.new_str(name)
};

const FACTS: &[Row] = &[
    method("bool Equals(object value)", |cx, a| {
        let own = this(cx, a[0])?;
        let same = |other: &Encoding| {
            (other.page, other.marked, &other.encodes, &other.decodes)
                == (own.page, own.marked, &own.encodes, &own.decodes)
        };
        Ok(Value::Bool(cx.heap.extension::<Encoding>(a[1]).is_some_and(same)))
    }),
    method("int GetHashCode()", |cx, a| Ok(Value::Int32(this(cx, a[0])?.page as i32))),
    method("object Clone()", |cx, a| {
        let own = this(cx, a[0])?;
        // UTF-8's shared one stays what it is.
        let named = own.own || own.page != Page::Utf8;
        make(cx, Encoding { own: named, open: true, ..own })
    }),
    property("int CodePage { get; }", |cx, a| Ok(Value::Int32(this(cx, a[0])?.page as i32))),
    property("int WindowsCodePage { get; }", |cx, a| {
        Ok(Value::Int32(match this(cx, a[0])?.page {
            Page::Ascii | Page::Latin1 => 1252,
            _ => 1200,
        }))
    }),
    property("string WebName { get; }", NAME),
    property("string BodyName { get; }", NAME),
    property("string HeaderName { get; }", NAME),
    property("string EncodingName { get; }", |cx, a| {
        let title = this(cx, a[0])?.page.title();
        cx.new_str(title)
    }),
    fact!("bool IsBrowserDisplay { get; }", Page::Utf8 | Page::Latin1),
    fact!("bool IsBrowserSave { get; }", Page::Utf8 | Page::Latin1 | Page::Utf16),
    fact!("bool IsMailNewsDisplay { get; }", Page::Utf8 | Page::Latin1 | Page::Ascii | Page::Utf7),
    fact!("bool IsMailNewsSave { get; }", Page::Utf8 | Page::Latin1 | Page::Ascii | Page::Utf7),
    fact!("bool IsSingleByte { get; }", Page::Ascii | Page::Latin1),
    property("bool IsReadOnly { get; }", |cx, a| Ok(Value::Bool(!this(cx, a[0])?.open))),
    method("bool IsAlwaysNormalized()", |cx, a| Ok(Value::Bool(this(cx, a[0])?.page == Page::Latin1))),
    method("bool IsAlwaysNormalized(NormalizationForm form)", |cx, a| {
        let composed = a[1].integer() == Some(1);
        Ok(Value::Bool(composed && this(cx, a[0])?.page == Page::Latin1))
    }),
];

const FALLBACKS: &[Row] = &[
    property_set(
        "DecoderFallback DecoderFallback { get; set; }",
        |cx, a| fallback::of(cx, a[0], false),
        |cx, a| {
            changeable(cx, a[0])?;
            let given = fallback::given(cx, a[1], "value")?;
            cx.this_mut::<Encoding>(a[0])?.decodes = given;
            Ok(Value::Null)
        },
    ),
    property_set(
        "EncoderFallback EncoderFallback { get; set; }",
        |cx, a| fallback::of(cx, a[0], true),
        |cx, a| {
            changeable(cx, a[0])?;
            let given = fallback::given(cx, a[1], "value")?;
            cx.this_mut::<Encoding>(a[0])?.encodes = given;
            Ok(Value::Null)
        },
    ),
    static_method(
        "Encoding GetEncoding(int codepage, EncoderFallback encoderFallback, DecoderFallback decoderFallback)",
        |cx, a| {
            let made = by_page(cx, a)?;
            with_fallbacks(cx, made, a)
        },
    ),
    static_method(
        "Encoding GetEncoding(string name, EncoderFallback encoderFallback, DecoderFallback decoderFallback)",
        |cx, a| {
            let made = by_name(cx, a)?;
            with_fallbacks(cx, made, a)
        },
    ),
    method("Decoder GetDecoder()", |cx, a| fallback::coder(cx, a[0], false)),
    method("Encoder GetEncoder()", |cx, a| fallback::coder(cx, a[0], true)),
    static_method("void RegisterProvider(EncodingProvider provider)", |_, a| {
        if a[0].is_null() { Err(Fault::argument_null("provider")) } else { Ok(Value::Null) }
    }),
];

fn changeable(cx: &Call<'_>, encoding: Value) -> Result<()> {
    if this(cx, encoding)?.open { Ok(()) } else { Err(Fault::invalid_operation("Instance is read-only.")) }
}

fn with_fallbacks(cx: &mut Call<'_>, made: Value, a: &[Value]) -> Result {
    let encodes = fallback::given(cx, a[1], "value")?;
    let decodes = fallback::given(cx, a[2], "value")?;
    let of = this(cx, made)?;
    let named = of.page != Page::Utf8;
    make(cx, Encoding { own: named, open: true, encodes, decodes, ..of })
}

fn this(cx: &Call<'_>, value: Value) -> Result<Encoding> {
    cx.this::<Encoding>(value).cloned()
}

fn make(cx: &mut Call<'_>, encoding: Encoding) -> Result {
    let ty = type_of(match encoding.page {
        Page::Utf8 => "UTF8Encoding",
        Page::Ascii => "ASCIIEncoding",
        Page::Utf16 | Page::Utf16Big => "UnicodeEncoding",
        Page::Utf32 | Page::Utf32Big => "UTF32Encoding",
        Page::Utf7 => "UTF7Encoding",
        Page::Latin1 => "Encoding",
    });
    cx.heap.new_extension(ty, encoding)
}

/// The encoding that a `StringWriter` says it has.
pub fn utf8(cx: &mut Call<'_>) -> Result {
    shared(cx, Page::Utf8)
}

/// The text of an array of bytes.
pub fn decode(cx: &mut Call<'_>, encoding: Value, bytes: Value) -> Result {
    get_string(cx, &[encoding, bytes])
}

pub fn utf16(cx: &mut Call<'_>) -> Result {
    shared(cx, Page::Utf16)
}

fn shared(cx: &mut Call<'_>, page: Page) -> Result {
    make(cx, Encoding::new(page, true, false))
}

/// An encoding that throws at what it cannot say, if told.
fn strict(cx: &mut Call<'_>, page: Page, marked: bool, throws: bool) -> Result {
    let fallback = if throws { Fallback::Throw } else { Fallback::Own };
    let encoding = Encoding { encodes: fallback.clone(), decodes: fallback, ..Encoding::new(page, marked, true) };
    make(cx, encoding)
}

fn own(cx: &mut Call<'_>, page: Page, marked: bool) -> Result {
    make(cx, Encoding::new(page, marked, true))
}

const PROVIDERS: &str =
    "For information on defining a custom encoding, see the documentation for the Encoding.RegisterProvider method.";

fn by_name(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let name = cx.text(a[0], "name")?;
    match Page::named(&name) {
        Some(page) => {
            drop(name);
            shared(cx, page)
        }
        None => Err(Fault::argument(&format!("'{name}' is not a supported encoding name. {PROVIDERS}"), "name")),
    }
}

fn by_page(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let page = int(a[0]);
    if let Some(&page) = PAGES.iter().find(|&&own| own as i32 == page) {
        return shared(cx, page);
    }
    match page {
        0 => make(cx, Encoding::new(Page::Utf8, false, false)),
        1 | 2 | 3 | 42 => Err(Fault::argument(&format!("{page} is not a supported code page."), "codepage")),
        1..=65535 => Err(Fault::not_supported(format!("No data is available for encoding {page}. {PROVIDERS}"))),
        _ => Err(Fault::out_of_range("Valid values are between 0 and 65535, inclusive.", "codepage")),
    }
}

// ---- arguments

fn null_array(parameter: &str) -> Fault {
    let message = format!("Array cannot be null. (Parameter '{parameter}')");
    Fault::throw("System.ArgumentNullException", message)
}

/// `index` and `count` must not be negative and lie inside; `names` are those of the two and of what is outside.
fn range(index: Value, count: Value, len: usize, names: [&str; 3], of: &str) -> Result<(usize, usize)> {
    let whole = |value, name| {
        usize::try_from(int(value)).map_err(|_| Fault::out_of_range("Non-negative number required.", name))
    };
    let (index, count) = (whole(index, names[0])?, whole(count, names[1])?);
    if index > len || count > len - index {
        let message = format!("Index and count must refer to a location within the {of}.");
        return Err(Fault::out_of_range(&message, names[2]));
    }
    Ok((index, count))
}

fn is_text(cx: &Call<'_>, value: Value) -> bool {
    cx.heap.str(value).is_some()
}

/// The arguments, whose first after the receiver is a `char[]`: only the row can tell a null one from a null string.
fn of_chars(a: &[Value]) -> Result<&[Value]> {
    if a[1].is_null() { Err(null_array("chars")) } else { Ok(a) }
}

/// The units of a string or `char[]`.
fn units(cx: &Call<'_>, value: Value) -> Result<Vec<u16>> {
    if let Some(chars) = cx.heap.items(value) {
        return Ok(chars.iter().map(|v| v.integer().unwrap_or_default() as u16).collect());
    }
    let message = "String reference not set to an instance of a String. (Parameter 's')";
    let text = cx.heap.str(value).ok_or_else(|| Fault::throw("System.ArgumentNullException", message))?;
    Ok(text.to_wide())
}

fn encoded(cx: &mut Call<'_>, a: &[Value]) -> Result<Vec<u8>> {
    let own = this(cx, a[0])?;
    if let ([_, text], Page::Utf8 | Page::Ascii | Page::Latin1) = (a, own.page)
        && let Some(Str::Ascii(text)) = cx.heap.str(*text)
    {
        let bytes = text.as_bytes().to_vec();
        cx.charge_fuel(bytes.len() / 16 + 1)?;
        return Ok(bytes);
    }
    let mut text = units(cx, a[1])?;
    if let [_, _, index, count] = *a {
        let (outside, of) = if is_text(cx, a[1]) { ("index", "string") } else { ("chars", "buffer") };
        let (index, count) = range(index, count, text.len(), ["index", "count", outside], of)?;
        text = text[index..index + count].to_vec();
    }
    cx.charge_fuel(text.len() / 16 + 1)?;
    fallback::encode(own.page, &text, &own.encodes)
}

fn get_bytes(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let bytes = encoded(cx, a)?;
    cx.heap.new_bytes(bytes)
}

fn byte_count(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if let ([_, Value::Null], page) = (a, this(cx, a[0])?.page) {
        return Err(Fault::argument_null(if matches!(page, Page::Utf8 | Page::Ascii) { "chars" } else { "s" }));
    }
    Ok(Value::Int32(encoded(cx, a)?.len() as i32))
}

/// Where a write into a buffer of this length starts.
fn place(index: Value, len: usize, parameter: &str) -> Result<usize> {
    usize::try_from(int(index)).ok().filter(|&at| at <= len).ok_or_else(|| Fault::index(parameter))
}

fn write_bytes(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let encoding = this(cx, a[0])?;
    if a[1].is_null() {
        return Err(null_array(if encoding.page == Page::Ascii { "chars" } else { "s" }));
    }
    let text = units(cx, a[1])?;
    let len = cx.heap.bytes(a[4]).ok_or_else(|| null_array("bytes"))?.len();
    // Each of the runtime's encodings has words of its own.
    let outside = if is_text(cx, a[1]) && encoding.page != Page::Ascii { "s" } else { "chars" };
    let of = if is_text(cx, a[1]) || matches!(encoding.page, Page::Ascii | Page::Utf8) { "string" } else { "buffer" };
    let (index, count) = range(a[2], a[3], text.len(), ["charIndex", "charCount", outside], of)?;
    let at = place(a[5], len, "byteIndex")?;
    cx.charge_fuel(count / 16 + 1)?;
    let made = fallback::encode(encoding.page, &text[index..index + count], &encoding.encodes)?;
    if made.len() > len - at {
        let title = encoding.page.title();
        let message = format!(
            "The output byte buffer is too small to contain the encoded data, encoding '{title}' fallback 'System.Text.EncoderReplacementFallback'."
        );
        return Err(Fault::argument(&message, "bytes"));
    }
    if let Value::Object(handle) = a[4] {
        if let Object::Bytes(bytes) = cx.heap.get_mut(handle) {
            bytes[at..at + made.len()].copy_from_slice(&made);
        }
    }
    Ok(Value::Int32(made.len() as i32))
}

fn decoded(cx: &mut Call<'_>, a: &[Value]) -> Result<Vec<u16>> {
    let own = this(cx, a[0])?;
    let mut bytes = cx.heap.bytes(a[1]).ok_or_else(|| null_array("bytes"))?;
    if let [_, _, index, count] = *a {
        let (index, count) = range(index, count, bytes.len(), ["index", "count", "bytes"], "buffer")?;
        bytes = &bytes[index..index + count];
    }
    let (length, text) = (bytes.len(), fallback::decode(own.page, bytes, &own.decodes)?);
    cx.charge_fuel(length / 16 + 1)?;
    Ok(text)
}

fn get_string(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if let ([_, bytes], Page::Utf8 | Page::Ascii | Page::Latin1) = (a, this(cx, a[0])?.page)
        && let Some(bytes) = cx.heap.bytes(*bytes).filter(|bytes| bytes.is_ascii())
        && let Ok(text) = String::from_utf8(bytes.to_vec())
    {
        cx.charge_fuel(text.len() / 16 + 1)?;
        return cx.new_str(&text);
    }
    if let ([_, _, index, count], Page::Ascii) = (a, this(cx, a[0])?.page) {
        for (value, name) in [(index, "byteIndex"), (count, "byteCount")] {
            if int(*value) < 0 {
                return Err(Fault::out_of_range("Non-negative number required.", name));
            }
        }
    }
    let text = decoded(cx, a)?;
    cx.heap.new_wide(&text)
}

fn char_count(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Int32(decoded(cx, a)?.len() as i32))
}

fn get_chars(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let chars = decoded(cx, a)?.into_iter().map(Value::Char).collect();
    cx.heap.new_array(TypeId::array(crate::dotnet::types::char()), chars)
}

fn write_chars(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let encoding = this(cx, a[0])?;
    let bytes = cx.heap.bytes(a[1]).ok_or_else(|| null_array("bytes"))?;
    let len = cx.heap.items(a[4]).ok_or_else(|| null_array("chars"))?.len();
    let (index, count) = range(a[2], a[3], bytes.len(), ["byteIndex", "byteCount", "bytes"], "buffer")?;
    let at = place(a[5], len, "charIndex")?;
    let made = fallback::decode(encoding.page, &bytes[index..index + count], &encoding.decodes)?;
    cx.charge_fuel(count / 16 + 1)?;
    if made.len() > len - at {
        let title = encoding.page.title();
        let message = format!(
            "The output char buffer is too small to contain the decoded characters, encoding '{title}' fallback 'System.Text.DecoderReplacementFallback'."
        );
        return Err(Fault::argument(&message, "chars"));
    }
    if let Value::Object(handle) = a[4] {
        if let Object::Array { items, .. } = cx.heap.get_mut(handle) {
            for (place, &unit) in items[at..].iter_mut().zip(&made) {
                *place = Value::Char(unit);
            }
        }
    }
    Ok(Value::Int32(made.len() as i32))
}

fn most(count: Value, of: impl Fn(i64) -> i64, parameter: &str, too_many: &str) -> Result {
    let count = long(count);
    if count < 0 {
        return Err(Fault::out_of_range("Non-negative number required.", parameter));
    }
    match i32::try_from(of(count)) {
        Ok(most) => Ok(Value::Int32(most)),
        Err(_) => {
            let message = format!("{too_many} is larger than what can be returned as an int.");
            Err(Fault::out_of_range(&message, parameter))
        }
    }
}

fn convert(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let read =
        |cx: &Call<'_>, value, name| cx.heap.extension::<Encoding>(value).cloned().ok_or_else(|| null_array(name));
    let (from, to) = (read(cx, a[0], "srcEncoding")?, read(cx, a[1], "dstEncoding")?);
    let none = || if a.len() > 3 { null_array("bytes") } else { Fault::argument_null("bytes") };
    let mut bytes = cx.heap.bytes(a[2]).ok_or_else(none)?;
    if let [_, _, _, index, count] = *a {
        let (index, count) = range(index, count, bytes.len(), ["index", "count", "bytes"], "buffer")?;
        bytes = &bytes[index..index + count];
    }
    let (length, text) = (bytes.len(), fallback::decode(from.page, bytes, &from.decodes)?);
    cx.charge_fuel(length / 8 + 1)?;
    let made = fallback::encode(to.page, &text, &to.encodes)?;
    cx.heap.new_bytes(made)
}
