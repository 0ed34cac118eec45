//! Objects that are no data, as the serializer writes them: their readable properties, or what their own type makes of
//! itself (exceptions, string builders, types).
//!
//! In: any object that is no value, sequence or dictionary. Out: its token.

use super::serialize::{Rules, object};
use super::token::{self, Result, Type};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::inherit;
use crate::dotnet::member::{Code, Form};
use crate::dotnet::system::enumerate::{call_native, find_member};
use crate::dotnet::system::{display, reflection};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

/// Properties in the order in which their type declares them, where the table's order is another; others are not written.
const DECLARED: &[(&str, &[&str])] = &[
    ("Apim.BasicAuthCredentials", &["UserId", "Password"]),
    (
        "Apim.IContextApi",
        &[
            "IsCurrentRevision",
            "Revision",
            "Version",
            "Id",
            "Name",
            "Path",
            "Protocols",
            "ServiceUrl",
            "SubscriptionKeyParameterNames",
        ],
    ),
    ("Apim.IApi", &["Id", "Name", "Path", "Protocols", "ServiceUrl", "SubscriptionKeyParameterNames"]),
    ("Apim.IDeployment", &["GatewayId", "Region", "ServiceId", "ServiceName", "Certificates"]),
    ("Apim.ILastError", &["Source", "Reason", "Message", "Scope", "Section", "Path", "PolicyId"]),
    (
        "Apim.IProduct",
        &["Apis", "ApprovalRequired", "Groups", "Id", "Name", "State", "SubscriptionLimit", "SubscriptionRequired"],
    ),
    ("Apim.IUser", &["Email", "FirstName", "Groups", "Id", "Identities", "LastName", "Note", "RegistrationDate"]),
    ("Apim.ISubscription", &["CreatedDate", "EndDate", "Id", "Key", "Name", "PrimaryKey", "SecondaryKey", "StartDate"]),
    ("Apim.IPrivateEndpointConnection", &["Name", "GroupId", "MemberName"]),
    ("Apim.IUrl", &["Host", "Path", "Port", "Query", "QueryString", "Scheme"]),
    (
        "Apim.IRequest",
        &[
            "Body",
            "Certificate",
            "Headers",
            "IpAddress",
            "MatchedParameters",
            "Method",
            "OriginalUrl",
            "PrivateEndpointConnection",
            "Url",
        ],
    ),
    ("Apim.IResponse", &["Body", "Headers", "StatusCode", "StatusReason"]),
    (
        "Apim.IProxyRequestContext",
        &[
            "Api",
            "Deployment",
            "Elapsed",
            "LastError",
            "Operation",
            "Product",
            "Request",
            "RequestId",
            "Response",
            "Subscription",
            "Timestamp",
            "Tracing",
            "User",
            "Variables",
        ],
    ),
    (
        "System.Security.Cryptography.HMAC",
        &[
            "ProduceLegacyHmacValues",
            "Key",
            "HashName",
            "HashSize",
            "Hash",
            "InputBlockSize",
            "OutputBlockSize",
            "CanTransformMultipleBlocks",
            "CanReuseTransform",
        ],
    ),
    (
        "System.Security.Cryptography.HashAlgorithm",
        &["HashSize", "Hash", "InputBlockSize", "OutputBlockSize", "CanTransformMultipleBlocks", "CanReuseTransform"],
    ),
    ("System.Security.Cryptography.Oid", &["Value", "FriendlyName"]),
    (
        "System.Text.Encoding",
        &[
            "BodyName",
            "EncodingName",
            "HeaderName",
            "WebName",
            "WindowsCodePage",
            "IsBrowserDisplay",
            "IsBrowserSave",
            "IsMailNewsDisplay",
            "IsMailNewsSave",
            "IsSingleByte",
            "EncoderFallback",
            "DecoderFallback",
            "IsReadOnly",
            "CodePage",
        ],
    ),
];

/// Types whose objects show nothing.
const EMPTY: &[&str] = &["Apim.IMessageBody", "System.Object", "System.Random", "System.IO.StringReader"];

/// The token of an object.
pub fn token_of(cx: &mut Call<'_>, value: Value) -> Result {
    if let Value::Type(ty) = value {
        let name = cx.new_str(&reflection::full_name(ty, true))?;
        return token::new_leaf(cx, Type::String, name);
    }
    let ty = cx.heap.type_of(value);
    let chain: Vec<&'static str> =
        std::iter::successors(ty.def(), |def| def.base_type()?.def()).map(|def| def.name).collect();
    let own = chain.first().copied().unwrap_or_default();
    match own {
        "System.DBNull" => return token::new_leaf(cx, Type::Null, Value::Null),
        "System.Globalization.CultureInfo" => {
            let text = cx.new_str("(Default)")?;
            return token::new_leaf(cx, Type::String, text);
        }
        "System.Text.RegularExpressions.Match" => {
            let message =
                "Self referencing loop detected with type 'System.Text.RegularExpressions.Match'. Path 'Groups'.";
            return Err(Fault::throw("Newtonsoft.Json.JsonSerializationException", message));
        }
        "System.Text.StringBuilder" => return builder(cx, value),
        "System.Version" => {
            let text = display::to_str(cx, value)?;
            return token::new_leaf(cx, Type::String, text);
        }
        _ if chain.contains(&"System.Exception") => return exception(cx, value, own, &chain),
        _ => {}
    }
    let declared = DECLARED.iter().find(|(name, _)| chain.contains(name));
    let pairs = match declared {
        Some((_, names)) => {
            let mut pairs = Vec::with_capacity(names.len());
            for name in *names {
                if let Some(field) = property(cx, value, name)? {
                    pairs.push((cx.new_str(name)?, field));
                }
            }
            pairs
        }
        None => properties(cx, value)?,
    };
    if pairs.is_empty() && !EMPTY.contains(&own) {
        return Err(Fault::not_supported(format!("{} cannot be written as JSON here.", ty.csharp_name())));
    }
    object(cx, pairs, Rules::default())
}

/// What a property says, where the type has it.
fn property(cx: &mut Call<'_>, value: Value, name: &str) -> Result<Option<Value>> {
    let ty = cx.heap.type_of(value);
    // An interface has the members of those that it extends.
    let found = std::iter::once(ty)
        .chain(inherit::parents(ty).iter().copied())
        .find_map(|ty| find_member(ty, Form::Property, name, 0));
    let Some(((native, _), declaring)) = found else { return Ok(None) };
    let returns = declaring.def().and_then(|def| def.members().iter().find(|member| member.name == name));
    let returns = returns.map_or(crate::dotnet::types::object(), |member| member.returns);
    call_native(cx, native, declaring, returns, &[value]).map(Some)
}

/// All readable properties, those of the type itself first.
fn properties(cx: &mut Call<'_>, value: Value) -> Result<Vec<(Value, Value)>> {
    let mut pairs = Vec::new();
    let mut own: Option<TypeId> = Some(cx.heap.type_of(value));
    while let Some(at) = own {
        let Some(def) = at.def() else { break };
        for member in def.members() {
            if member.row.form == Form::Property
                && !member.row.is_static
                && let Code::Native(native) | Code::GetSet(native, _) = member.row.code
            {
                let field = call_native(cx, native, at, member.returns, &[value])?;
                pairs.push((cx.new_str(member.name)?, field));
            }
        }
        own = def.base_type();
    }
    Ok(pairs)
}

/// A string builder says what it would tell a formatter.
fn builder(cx: &mut Call<'_>, value: Value) -> Result {
    let most = property(cx, value, "MaxCapacity")?.unwrap_or(Value::Null);
    let capacity = property(cx, value, "Capacity")?.unwrap_or(Value::Null);
    let text = display::to_str(cx, value)?;
    named(
        cx,
        &[
            ("m_MaxCapacity", most),
            ("Capacity", capacity),
            ("m_StringValue", text),
            ("m_currentThread", Value::Int32(0)),
        ],
    )
}

/// An exception too. There are no stacks to tell of.
fn exception(cx: &mut Call<'_>, value: Value, class: &str, chain: &[&str]) -> Result {
    let parameter = property(cx, value, "ParamName")?.filter(|name| !name.is_null());
    let message = property(cx, value, "Message")?.unwrap_or(Value::Null);
    let mut text = cx.heap.text(message).unwrap_or_default().into_owned();
    // The message is shown with the parameter's name and the value behind it, but kept without them.
    if let Some(name) = parameter {
        let mark = format!(" (Parameter '{}')", cx.heap.text(name).unwrap_or_default());
        text.truncate(text.rfind(&mark).unwrap_or(text.len()));
    }
    let message = match class {
        "System.Exception" if text == "Exception of type 'System.Exception' was thrown." => Value::Null,
        _ => cx.new_str(&text)?,
    };
    let class = cx.new_str(class)?;
    let inner = property(cx, value, "InnerException")?.unwrap_or(Value::Null);
    let number = property(cx, value, "HResult")?.unwrap_or(Value::Null);
    let help = property(cx, value, "HelpLink")?.unwrap_or(Value::Null);
    let source = property(cx, value, "Source")?.unwrap_or(Value::Null);
    let mut fields = vec![
        ("ClassName", class),
        ("Message", message),
        ("Data", Value::Null),
        ("InnerException", inner),
        ("HelpURL", help),
        ("StackTraceString", Value::Null),
        ("RemoteStackTraceString", Value::Null),
        ("RemoteStackIndex", Value::Int32(0)),
        ("ExceptionMethod", Value::Null),
        ("HResult", number),
        ("Source", source),
        ("WatsonBuckets", Value::Null),
    ];
    if chain.contains(&"System.ArgumentException") {
        fields.push(("ParamName", parameter.unwrap_or(Value::Null)));
    }
    if chain.contains(&"System.ArgumentOutOfRangeException") {
        fields.push(("ActualValue", property(cx, value, "ActualValue")?.unwrap_or(Value::Null)));
    }
    named(cx, &fields)
}

fn named(cx: &mut Call<'_>, fields: &[(&str, Value)]) -> Result {
    let mut pairs = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        pairs.push((cx.new_str(name)?, *value));
    }
    object(cx, pairs, Rules::default())
}
