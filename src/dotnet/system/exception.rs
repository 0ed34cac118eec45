//! `System.Exception` and the exception types that natives throw or C# code names.
//!
//! In: messages and inner exceptions. Out: exception objects of the heap. There is no stack trace to show.

use super::enumerate;
use super::object;
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::{Exception, Object};
use crate::dotnet::inherit::is_subtype;
use crate::dotnet::member::{Kind, Row, TypeDef, constructor, indexer_set, method, property, property_set};
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

pub static EXCEPTION: TypeDef = TypeDef::new("System.Exception", Kind::Class, &[ROWS]);

const ROWS: &[Row] = &[
    constructor("Exception()", new),
    constructor("Exception(string message)", new),
    constructor("Exception(string message, Exception innerException)", new),
    property("IDictionary Data { get; }", data).doc("What the program notes about it, by key."),
    method("Exception GetBaseException()", get_base),
    method("Type GetType()", |cx, a| Ok(Value::Type(cx.heap.type_of(a[0])))),
    property_set("int HResult { get; set; }", h_result, |cx, a| {
        get_mut(cx, a[0])?.h_result = Some(crate::dotnet::call::int(a[1]));
        Ok(Value::Null)
    }),
    property_set(
        "string HelpLink { get; set; }",
        |cx, a| Ok(get(cx, a[0])?.help_link.unwrap_or(Value::Null)),
        |cx, a| {
            get_mut(cx, a[0])?.help_link = Some(a[1]);
            Ok(Value::Null)
        },
    ),
    property("Exception InnerException { get; }", |cx, a| Ok(get(cx, a[0])?.inner.unwrap_or(Value::Null))),
    property("string Message { get; }", message),
    property_set(
        "string Source { get; set; }",
        |cx, a| Ok(get(cx, a[0])?.source.unwrap_or(Value::Null)),
        |cx, a| {
            get_mut(cx, a[0])?.source = Some(a[1]);
            Ok(Value::Null)
        },
    ),
    property("string StackTrace { get; }", stack_trace).doc("Where it was thrown; expressions have no stack to show."),
    property("MethodBase TargetSite { get; }", |cx, a| {
        get(cx, a[0])?;
        Ok(Value::Null)
    })
    .doc("The method that threw it: null, as an expression is none."),
    method("string ToString()", object::to_string),
];

/// What the run-time says when the program gives no message.
const MESSAGES: &[(&str, &str)] = &[
    ("System.ArgumentException", "Value does not fall within the expected range."),
    ("System.ArgumentNullException", "Value cannot be null."),
    ("System.ArgumentOutOfRangeException", "Specified argument was out of the range of valid values."),
    ("System.FormatException", "One of the identified items was in an invalid format."),
    ("System.InvalidCastException", "Specified cast is not valid."),
    ("System.InvalidOperationException", "Operation is not valid due to the current state of the object."),
    ("System.Collections.Generic.KeyNotFoundException", "The given key was not present in the dictionary."),
    ("System.NullReferenceException", "Object reference not set to an instance of an object."),
    ("System.IndexOutOfRangeException", "Index was outside the bounds of the array."),
    ("System.ArithmeticException", "Overflow or underflow in the arithmetic operation."),
    ("System.OverflowException", "Arithmetic operation resulted in an overflow."),
    ("System.DivideByZeroException", "Attempted to divide by zero."),
    ("System.NotSupportedException", "Specified method is not supported."),
    ("System.NotImplementedException", "The method or operation is not implemented."),
    ("System.TimeoutException", "The operation has timed out."),
    ("System.UnauthorizedAccessException", "Attempted to perform an unauthorized operation."),
    ("System.SystemException", "System error."),
    ("System.ApplicationException", "Error in the application."),
    ("System.AggregateException", "One or more errors occurred."),
    ("System.ObjectDisposedException", "Cannot access a disposed object."),
    ("System.RankException", "Attempted to operate on an array with the incorrect number of dimensions."),
    ("System.ArrayTypeMismatchException", "Attempted to access an element as a type incompatible with the array."),
    ("System.IO.IOException", "I/O error occurred."),
    ("System.Security.Cryptography.CryptographicException", "Error occurred during a cryptographic operation."),
    ("System.Security.SecurityException", "Security error."),
    ("System.Xml.XmlException", "An XML error has occurred."),
    ("System.UriFormatException", "One of the identified items was in an invalid format."),
];

macro_rules! exceptions {
    ($($id:ident $name:literal $dotnet:literal : $base:literal $([$($more:expr),*])?;)*) => {
        $(
            pub static $id: TypeDef = TypeDef::new($dotnet, Kind::Class, &[&[
                constructor(concat!($name, "()"), new),
                constructor(concat!($name, "(string message)"), new),
                constructor(concat!($name, "(string message, Exception innerException)"), new),
            ] $($(, $more)*)?]).base($base).off_list();
        )*
        /// All exception types but `System.Exception` and those whose constructors take a parameter name first.
        pub static DERIVED: &[&TypeDef] = &[$(&$id),*];
    };
}

exceptions! {
    SYSTEM "SystemException" "System.SystemException": "Exception";
    APPLICATION "ApplicationException" "System.ApplicationException": "Exception";
    ARGUMENT "ArgumentException" "System.ArgumentException": "SystemException" [&[
        constructor("ArgumentException(string message, string paramName)", new_argument),
        constructor("ArgumentException(string message, string paramName, Exception innerException)", new_argument),
        property("string ParamName { get; }", param_name)
    ]];
    FORMAT "FormatException" "System.FormatException": "SystemException";
    INVALID_CAST "InvalidCastException" "System.InvalidCastException": "SystemException";
    INVALID_OPERATION "InvalidOperationException" "System.InvalidOperationException": "SystemException";
    KEY_NOT_FOUND "KeyNotFoundException" "System.Collections.Generic.KeyNotFoundException": "SystemException";
    NULL_REFERENCE "NullReferenceException" "System.NullReferenceException": "SystemException";
    INDEX "IndexOutOfRangeException" "System.IndexOutOfRangeException": "SystemException";
    ARITHMETIC "ArithmeticException" "System.ArithmeticException": "SystemException";
    OVERFLOW "OverflowException" "System.OverflowException": "ArithmeticException";
    DIVIDE "DivideByZeroException" "System.DivideByZeroException": "ArithmeticException";
    NOT_SUPPORTED "NotSupportedException" "System.NotSupportedException": "SystemException";
    NOT_IMPLEMENTED "NotImplementedException" "System.NotImplementedException": "SystemException";
    TIMEOUT "TimeoutException" "System.TimeoutException": "SystemException";
    UNAUTHORIZED "UnauthorizedAccessException" "System.UnauthorizedAccessException": "SystemException";
    RANK "RankException" "System.RankException": "SystemException";
    ARRAY_TYPE "ArrayTypeMismatchException" "System.ArrayTypeMismatchException": "SystemException";
    IO "IOException" "System.IO.IOException": "SystemException";
    CRYPTOGRAPHIC "CryptographicException" "System.Security.Cryptography.CryptographicException": "SystemException";
    CRYPTOGRAPHIC_UNEXPECTED "CryptographicUnexpectedOperationException" "System.Security.Cryptography.CryptographicUnexpectedOperationException": "CryptographicException";
    PLATFORM "PlatformNotSupportedException" "System.PlatformNotSupportedException": "NotSupportedException";
    SERIALIZATION "SerializationException" "System.Runtime.Serialization.SerializationException": "SystemException";
    SECURITY "SecurityException" "System.Security.SecurityException": "SystemException";
    XML "XmlException" "System.Xml.XmlException": "SystemException";
    BINDER "RuntimeBinderException" "Microsoft.CSharp.RuntimeBinder.RuntimeBinderException": "Exception";
    URI_FORMAT "UriFormatException" "System.UriFormatException": "FormatException";
    AGGREGATE "AggregateException" "System.AggregateException": "Exception" [&[
        constructor("AggregateException(string message, params Exception[] innerExceptions)", new_aggregate),
        constructor("AggregateException(params Exception[] innerExceptions)", new_aggregate_unnamed),
        constructor("AggregateException(string message, IEnumerable<Exception> innerExceptions)", new_aggregate),
        constructor("AggregateException(IEnumerable<Exception> innerExceptions)", new_aggregate_unnamed),
        property("ReadOnlyCollection<Exception> InnerExceptions { get; }", |cx, a| {
            let all = get(cx, a[0])?.all.to_vec();
            collection(cx, all)
        }),
        method("AggregateException Flatten()", flatten),
        method("Exception GetBaseException()", get_base_of_all),
        method("void Handle(Func<Exception, bool> predicate)", handle)
    ]];
    TIME_ZONE_NOT_FOUND "TimeZoneNotFoundException" "System.TimeZoneNotFoundException": "Exception";
    INVALID_TIME_ZONE "InvalidTimeZoneException" "System.InvalidTimeZoneException": "Exception";
    DECODER_FALLBACK "DecoderFallbackException" "System.Text.DecoderFallbackException": "ArgumentException";
    ENCODER_FALLBACK "EncoderFallbackException" "System.Text.EncoderFallbackException": "ArgumentException";
    JSON "JsonException" "Newtonsoft.Json.JsonException": "Exception";
    JSON_READER "JsonReaderException" "Newtonsoft.Json.JsonReaderException": "JsonException";
    JSON_WRITER "JsonWriterException" "Newtonsoft.Json.JsonWriterException": "JsonException";
    JSON_SERIALIZATION "JsonSerializationException" "Newtonsoft.Json.JsonSerializationException": "JsonException";
    REGEX_TIMEOUT "RegexMatchTimeoutException" "System.Text.RegularExpressions.RegexMatchTimeoutException": "TimeoutException";
}

/// `System.Reflection.MethodBase`: there is never one.
pub static METHOD_BASE: TypeDef =
    TypeDef::new("System.Reflection.MethodBase", Kind::Class, &[]).is_abstract().off_list();

pub static ARGUMENT_NULL: TypeDef = TypeDef::new(
    "System.ArgumentNullException",
    Kind::Class,
    &[&[
        constructor("ArgumentNullException()", new),
        constructor("ArgumentNullException(string paramName)", new_parameter),
        constructor("ArgumentNullException(string paramName, string message)", new_parameter),
        constructor("ArgumentNullException(string message, Exception innerException)", new),
    ]],
)
.base("ArgumentException")
.off_list();

pub static ARGUMENT_OUT_OF_RANGE: TypeDef = TypeDef::new(
    "System.ArgumentOutOfRangeException",
    Kind::Class,
    &[&[
        constructor("ArgumentOutOfRangeException()", new),
        constructor("ArgumentOutOfRangeException(string paramName)", new_parameter),
        constructor("ArgumentOutOfRangeException(string paramName, string message)", new_parameter),
        constructor("ArgumentOutOfRangeException(string message, Exception innerException)", new),
        constructor(
            "ArgumentOutOfRangeException(string paramName, object actualValue, string message)",
            new_out_of_range,
        ),
    ]],
)
.base("ArgumentException")
.off_list();

pub static OBJECT_DISPOSED: TypeDef = TypeDef::new(
    "System.ObjectDisposedException",
    Kind::Class,
    &[&[
        constructor("ObjectDisposedException(string objectName)", new_disposed),
        constructor("ObjectDisposedException(string objectName, string message)", new_disposed),
    ]],
)
.base("InvalidOperationException")
.off_list();

fn default_message(ty: TypeId) -> String {
    let name = ty.dotnet_name();
    match MESSAGES.iter().find(|(own, _)| *own == name) {
        Some((_, message)) => (*message).to_owned(),
        None => format!("Exception of type '{name}' was thrown."),
    }
}

fn make(cx: &mut Call<'_>, message: String, inner: Value) -> Result {
    let ty = if is_subtype(cx.returns, types::exception()) { cx.returns } else { types::exception() };
    cx.heap.charge(message.len())?;
    let inner = Some(inner).filter(|v| !v.is_null());
    cx.heap.alloc(Object::Exception(Box::new(Exception {
        ty,
        message,
        inner,
        thrown: false,
        source: None,
        help_link: None,
        h_result: None,
        data: None,
        all: Box::default(),
    })))
}

fn text(cx: &Call<'_>, value: Option<&Value>) -> Option<String> {
    value.and_then(|&v| cx.heap.text(v)).map(std::borrow::Cow::into_owned)
}

fn new(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let message = text(cx, a.first()).unwrap_or_else(|| default_message(cx.returns));
    make(cx, message, a.get(1).copied().unwrap_or(Value::Null))
}

fn with_parameter(message: &str, parameter: Option<String>) -> String {
    match parameter {
        Some(name) if !name.is_empty() => format!("{message} (Parameter '{name}')"),
        _ => message.to_owned(),
    }
}

fn new_argument(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let message = text(cx, a.first()).unwrap_or_else(|| default_message(cx.returns));
    let message = with_parameter(&message, text(cx, a.get(1)));
    make(cx, message, a.get(2).copied().unwrap_or(Value::Null))
}

fn new_parameter(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let message = text(cx, a.get(1)).unwrap_or_else(|| default_message(cx.returns));
    let message = with_parameter(&message, text(cx, a.first()));
    make(cx, message, Value::Null)
}

fn new_out_of_range(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let message = text(cx, a.get(2)).unwrap_or_else(|| default_message(cx.returns));
    let mut message = with_parameter(&message, text(cx, a.first()));
    if !a[1].is_null() {
        message.push_str(&format!("\nActual value was {}.", object::display(cx, a[1])?));
    }
    make(cx, message, Value::Null)
}

fn new_disposed(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let message = text(cx, a.get(1)).unwrap_or_else(|| default_message(cx.returns));
    let message = match text(cx, a.first()) {
        Some(name) if !name.is_empty() => format!("{message}\nObject name: '{name}'."),
        _ => message,
    };
    make(cx, message, Value::Null)
}

fn aggregate(cx: &mut Call<'_>, text: String, inners: Value) -> Result {
    if inners.is_null() {
        return Err(Fault::argument_null("innerExceptions"));
    }
    let inners = enumerate::collect(cx, inners)?;
    if inners.iter().any(|inner| inner.is_null()) {
        let message = "An element of innerExceptions was null.";
        return Err(Fault::throw("System.ArgumentException", message));
    }
    aggregate_of(cx, text, inners)
}

fn aggregate_of(cx: &mut Call<'_>, mut message: String, inners: Vec<Value>) -> Result {
    for &inner in &inners {
        let own = format!(" ({})", get(cx, inner)?.message);
        cx.charge_fuel(1 + own.len() / 16)?;
        cx.heap.room(message.len() + own.len())?;
        message.push_str(&own);
    }
    let made = make(cx, message, inners.first().copied().unwrap_or(Value::Null))?;
    cx.heap.charge(inners.len() * size_of::<Value>())?;
    get_mut(cx, made)?.all = inners.into();
    Ok(made)
}

/// `ReadOnlyCollection<Exception>` of these.
fn collection(cx: &mut Call<'_>, items: Vec<Value>) -> Result {
    cx.heap.charge(items.len() * size_of::<Value>())?;
    let ty = TypeId::generic("System.Collections.ObjectModel.ReadOnlyCollection", &[types::exception()]);
    cx.heap.alloc(Object::List { ty, items, version: 0 })
}

fn is_aggregate(cx: &Call<'_>, value: Value) -> bool {
    is_subtype(cx.heap.type_of(value), TypeId::named("System.AggregateException"))
}

/// The message without those of what it holds.
fn own_message(cx: &Call<'_>, value: Value) -> Result<String> {
    let exception = get(cx, value)?;
    let mut own = exception.message.as_str();
    for &inner in exception.all.iter().rev() {
        own = own.strip_suffix(&format!(" ({})", get(cx, inner)?.message)).unwrap_or(own);
    }
    Ok(own.to_owned())
}

/// `Flatten()`: those inside aggregates take their places, level by level.
fn flatten(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let message = own_message(cx, a[0])?;
    let (mut found, mut waiting, mut at) = (Vec::new(), vec![a[0]], 0);
    while at < waiting.len() {
        let all = get(cx, waiting[at])?.all.to_vec();
        at += 1;
        for inner in all {
            cx.charge_fuel(1)?;
            if is_aggregate(cx, inner) { waiting.push(inner) } else { found.push(inner) }
        }
    }
    let ty = cx.heap.type_of(a[0]);
    cx.returns = ty;
    aggregate_of(cx, message, found)
}

/// The innermost, as long as each holds one alone.
fn get_base_of_all(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let mut last = a[0];
    loop {
        cx.charge_fuel(1)?;
        let exception = get(cx, last)?;
        if is_aggregate(cx, last) && exception.all.len() != 1 {
            return Ok(last);
        }
        match exception.inner {
            Some(inner) => last = inner,
            None => return Ok(last),
        }
    }
}

/// Throws what the predicate does not take.
fn handle(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[1].is_null() {
        return Err(Fault::argument_null("predicate"));
    }
    let message = own_message(cx, a[0])?;
    let mut left = Vec::new();
    let all = get(cx, a[0])?.all.clone();
    for &inner in &all {
        if !cx.test(a[1], &[inner])? {
            left.push(inner);
        }
    }
    if left.is_empty() {
        return Ok(Value::Null);
    }
    cx.returns = TypeId::named("System.AggregateException");
    let made = aggregate_of(cx, message, left)?;
    get_mut(cx, made)?.thrown = true;
    Err(Fault::Rethrow(made))
}

/// `Data`: made when it is first asked for.
fn data(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if let Some(data) = get(cx, a[0])?.data {
        return Ok(data);
    }
    let data = cx.heap.new_extension(TypeId::named("System.Collections.ListDictionaryInternal"), Notes::default())?;
    get_mut(cx, a[0])?.data = Some(data);
    Ok(data)
}

/// Keys and values in the order in which they came.
#[derive(Debug, Default)]
struct Notes(Vec<(Value, Value)>);

/// `System.Collections.IDictionary`, as far as `Data` needs it.
pub static DICTIONARY: TypeDef = TypeDef::new("System.Collections.IDictionary", Kind::Interface, &[NOTES])
    .interfaces(&["ICollection", "IEnumerable"])
    .off_list();

pub static NOTES_TYPE: TypeDef = TypeDef::new("System.Collections.ListDictionaryInternal", Kind::Class, &[NOTES])
    .interfaces(&["IDictionary"])
    .off_list()
    .unnameable();

const NOTES: &[Row] = &[
    property("int Count { get; }", |cx, a| Ok(Value::Int32(cx.this::<Notes>(a[0])?.0.len() as i32))),
    property("bool IsReadOnly { get; }", |_, _| Ok(Value::Bool(false))),
    property("bool IsFixedSize { get; }", |_, _| Ok(Value::Bool(false))),
    property("ICollection Keys { get; }", |cx, a| {
        let keys = cx.this::<Notes>(a[0])?.0.iter().map(|note| note.0).collect();
        cx.heap.new_array(TypeId::array(types::object()), keys)
    }),
    property("ICollection Values { get; }", |cx, a| {
        let values = cx.this::<Notes>(a[0])?.0.iter().map(|note| note.1).collect();
        cx.heap.new_array(TypeId::array(types::object()), values)
    }),
    indexer_set(
        "object this[object key] { get; set; }",
        |cx, a| {
            let at = find(cx, a)?;
            at.map_or(Ok(Value::Null), |at| cx.this::<Notes>(a[0]).map(|notes| notes.0[at].1))
        },
        |cx, a| {
            let at = find(cx, a)?;
            cx.heap.charge(2 * size_of::<Value>())?;
            let notes = &mut cx.this_mut::<Notes>(a[0])?.0;
            match at {
                Some(at) => notes[at].1 = a[2],
                None => notes.push((a[1], a[2])),
            }
            Ok(Value::Null)
        },
    ),
    method("void Add(object key, object value)", |cx, a| {
        if find(cx, a)?.is_some() {
            let key = object::display(cx, a[1])?;
            let message = format!("Item has already been added. Key in dictionary: '{key}'  Key being added: '{key}'");
            return Err(Fault::throw("System.ArgumentException", message));
        }
        cx.heap.charge(2 * size_of::<Value>())?;
        cx.this_mut::<Notes>(a[0])?.0.push((a[1], a[2]));
        Ok(Value::Null)
    }),
    method("bool Contains(object key)", |cx, a| Ok(Value::Bool(find(cx, a)?.is_some()))),
    method("void Remove(object key)", |cx, a| {
        if let Some(at) = find(cx, a)? {
            cx.this_mut::<Notes>(a[0])?.0.remove(at);
        }
        Ok(Value::Null)
    }),
    method("void Clear()", |cx, a| {
        cx.this_mut::<Notes>(a[0])?.0.clear();
        Ok(Value::Null)
    }),
    method("IEnumerator<KeyValuePair<object, object>> GetEnumerator()", |cx, a| {
        let notes = cx.this::<Notes>(a[0])?.0.clone();
        let pair = TypeId::generic("System.Collections.Generic.KeyValuePair", &[types::object(), types::object()]);
        let mut items = Vec::new();
        for (key, value) in notes {
            items.push(cx.heap.new_record(pair, &[key, value])?);
        }
        let ty = TypeId::generic("System.Collections.Generic.IEnumerator", &[pair]);
        enumerate::enumerator(cx, ty, enumerate::Cursor::Owned(items.into_iter()))
    }),
];

fn find(cx: &mut Call<'_>, a: &[Value]) -> Result<Option<usize>> {
    if a[1].is_null() {
        return Err(Fault::argument_null("key"));
    }
    let keys: Vec<Value> = cx.this::<Notes>(a[0])?.0.iter().map(|note| note.0).collect();
    cx.charge_fuel(keys.len())?;
    for (at, key) in keys.into_iter().enumerate() {
        if object::equals(cx, key, a[1])? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

fn new_aggregate(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let message = text(cx, a.first()).unwrap_or_else(|| default_message(cx.returns));
    aggregate(cx, message, a[1])
}

fn new_aggregate_unnamed(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let message = default_message(cx.returns);
    aggregate(cx, message, a[0])
}

/// The exception behind a value; null throws `NullReferenceException`.
pub fn get<'a>(cx: &'a Call<'_>, value: Value) -> Result<&'a Exception> {
    match value {
        Value::Object(handle) => match cx.heap.get(handle) {
            Object::Exception(exception) => Ok(exception),
            _ => Err(Fault::null_reference()),
        },
        _ => Err(Fault::null_reference()),
    }
}

fn get_base(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let mut last = a[0];
    while let Some(inner) = get(cx, last)?.inner {
        cx.charge_fuel(1)?;
        last = inner;
    }
    Ok(last)
}

fn message(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let message = get(cx, a[0])?.message.clone();
    cx.new_str(&message)
}

fn get_mut<'a>(cx: &'a mut Call<'_>, value: Value) -> Result<&'a mut Exception> {
    if let Value::Object(handle) = value
        && let Object::Exception(exception) = cx.heap.get_mut(handle)
    {
        return Ok(exception);
    }
    Err(Fault::null_reference())
}

fn stack_trace(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if get(cx, a[0])?.thrown { cx.new_str("   at the policy expression") } else { Ok(Value::Null) }
}

fn param_name(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let message = get(cx, a[0])?.message.clone();
    let name = message.rsplit_once("(Parameter '").and_then(|(_, rest)| rest.split_once("')")).map(|(name, _)| name);
    name.map_or(Ok(Value::Null), |name| cx.new_str(name))
}

fn h_result(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if let Some(own) = get(cx, a[0])?.h_result {
        return Ok(Value::Int32(own));
    }
    let code: u32 = match get(cx, a[0])?.ty.dotnet_name().as_str() {
        "System.ArgumentException" => 0x8007_0057,
        "System.ArgumentNullException" | "System.NullReferenceException" => 0x8000_4003,
        "System.ArgumentOutOfRangeException" => 0x8013_1502,
        "System.FormatException" => 0x8013_1537,
        "System.InvalidCastException" => 0x8000_4002,
        "System.InvalidOperationException" => 0x8013_1509,
        "System.Collections.Generic.KeyNotFoundException" => 0x8013_1577,
        "System.IndexOutOfRangeException" => 0x8013_1508,
        "System.OverflowException" => 0x8013_1516,
        "System.DivideByZeroException" => 0x8002_0012,
        "System.NotSupportedException" => 0x8013_1515,
        "System.NotImplementedException" => 0x8000_4001,
        "System.TimeoutException" => 0x8013_1505,
        _ => 0x8013_1500,
    };
    Ok(Value::Int32(code as i32))
}

/// `exception.ToString()`: type, message and the inner exceptions.
pub fn to_text(cx: &mut Call<'_>, value: Value) -> Result<String> {
    let mut out = String::new();
    let mut next = Some(value);
    let mut depth = 0;
    while let Some(value) = next {
        let exception = get(cx, value)?;
        if depth > 0 {
            out.push_str("\n ---> ");
        }
        out.push_str(&exception.ty.clr_name());
        if !exception.message.is_empty() {
            out.push_str(": ");
            out.push_str(&exception.message);
        }
        next = exception.inner;
        depth += 1;
        cx.charge_fuel(1 + out.len() / 64)?;
    }
    for _ in 1..depth {
        out.push_str("\n   --- End of inner exception stack trace ---");
    }
    let all = get(cx, value)?.all.clone();
    for (at, &inner) in all.iter().enumerate().skip(1) {
        cx.heap.enter()?;
        let text = to_text(cx, inner);
        cx.heap.leave();
        out.push_str(&format!("\n ---> (Inner Exception #{at}) {}<---\n", text?));
        cx.heap.room(out.len())?;
    }
    Ok(out)
}
