//! An exchange from the JSON of a context file (`default.json` shows every field).
//!
//! Variables that are no plain JSON are written `{"$type": T, "value": V}`.

use super::exchange::{
    ApiFacts, BackendFacts, BackendKind, CarbonIntensity, DeployedCertificate, Deployment, Exchange, GraphQl, Group,
    Identity, LastError, OperationFacts, PrivateEndpoint, ProductFacts, Rare, SubscriptionFacts, Symbol, UserFacts,
    Vnet, Workspace,
};
use super::message::new_response;
use crate::dotnet::call::{Call, Host};
use crate::dotnet::fault::Fault;
use crate::dotnet::heap::Heap;
use crate::dotnet::system::enumerate::Stage;
use crate::dotnet::system::json;
use crate::dotnet::system::net::uri::normalized;
use crate::dotnet::system::xml::read::{self, Wanted};
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::{DateTime, Kind, Value};
use crate::effect::Moment;
use crate::message::{Body, HeaderName, HeaderValue, Headers, Method, Request, Response, StatusCode, Url};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};
use std::fmt;
use std::sync::Arc;

/// The context that expressions see when nobody gives another.
pub const DEFAULT: &str = include_str!("default.json");

/// Why a context file cannot be used: the field and what is wrong with it.
#[derive(Debug)]
pub struct ContextError(String);

impl fmt::Display for ContextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ContextError {}

type Result<T> = std::result::Result<T, ContextError>;

fn wrong<T>(field: &str, why: impl fmt::Display) -> Result<T> {
    Err(ContextError(format!("`{field}`: {why}")))
}

fn fault(field: &str) -> impl Fn(Fault) -> ContextError {
    let field = field.to_owned();
    move |_| ContextError(format!("`{field}`: the value does not fit into the request's memory"))
}

/// Reads the text of a context file. Variables are made in `heap`.
pub fn parse(text: &str, heap: &mut Heap) -> Result<Exchange> {
    let json: Json = serde_json::from_str(text).map_err(|error| ContextError(format!("not valid JSON: {error}")))?;
    read(&json, heap)
}

/// Reads a context from JSON. Variables are made in `heap`.
pub fn read(json: &Json, heap: &mut Heap) -> Result<Exchange> {
    let Json::Object(root) = json else { return wrong("$", "a context is a JSON object") };
    let empty = Map::new();
    let request = object(root, "Request").unwrap_or(&empty);
    let url = url(request, "Url")?.unwrap_or_else(|| Url::parse("http://localhost/").expect("a literal URL"));
    let mut exchange = Exchange {
        request_id: match text(root, "RequestId") {
            Some(id) => parse_guid(id).ok_or_else(|| ContextError("`RequestId`: not a GUID".into()))?,
            None => [0; 16],
        },
        timestamp: time(root, "Timestamp")?.unwrap_or(Moment::UNIX_EPOCH),
        elapsed: match text(root, "Elapsed") {
            Some(span) => Some(parse_span(span).ok_or_else(|| ContextError("`Elapsed`: not a time span".into()))?),
            None => None,
        },
        tracing: flag(root, "Tracing"),
        original_url: self::url(request, "OriginalUrl")?.unwrap_or_else(|| url.clone()),
        request: Request {
            method: match text(request, "Method").unwrap_or("GET").parse::<Method>() {
                Ok(method) => method,
                Err(error) => return wrong("Request.Method", error),
            },
            url,
            headers: headers(request)?,
            body: body(request.get("Body"))?,
        },
        client_ip: text(request, "IpAddress").unwrap_or("127.0.0.1").into(),
        response: object(root, "Response").map(response).transpose()?,
        matched_parameters: matched(request),
        api: object(root, "Api").map(api).transpose()?.map(Arc::new),
        operation: object(root, "Operation").map(|o| Arc::new(operation(o))),
        product: object(root, "Product").map(product).transpose()?.map(Arc::new),
        subscription: object(root, "Subscription").map(subscription).transpose()?.map(Arc::new),
        user: object(root, "User").map(user).transpose()?.map(Arc::new),
        deployment: Arc::new(deployment(object(root, "Deployment").unwrap_or(&empty))?),
        last_error: object(root, "LastError").map(last_error),
        variables: Vec::new(),
        request_body_consumed: false,
        response_body_consumed: false,
        traces: Vec::new(),
        backend: object(root, "Backend").map(backend).transpose()?.map(Arc::new),
        steering: Default::default(),
        rare: Arc::new(rare(root, request)?),
    };
    for (name, value) in object(root, "Variables").unwrap_or(&empty) {
        let mut still = Still;
        let mut cx = Call {
            heap,
            exchange: &mut exchange,
            host: &mut still,
            type_arguments: &[],
            returns: types::object(),
            outs: &mut Vec::new(),
        };
        let value = variable(name, value, &mut cx)?;
        exchange.set_variable(Symbol::of(name), value);
    }
    Ok(exchange)
}

/// A backend entity, to be looked at: a pool has no members here.
fn backend(of: &Map<String, Json>) -> Result<BackendFacts> {
    Ok(BackendFacts {
        id: text(of, "Id").unwrap_or_default().into(),
        workspace: None,
        url: url(of, "Url")?,
        headers: Vec::new(),
        query: None,
        transport: None,
        region: optional(of, "AzureRegion"),
        at: 0,
        kind: match text(of, "Type") {
            None | Some("Single") => BackendKind::Single,
            Some("Pool") => BackendKind::Pool { cookie: None },
            Some(other) => return wrong("Backend.Type", format!("`{other}` is no BackendType")),
        },
        has_breaker: false,
        failure_response: None,
    })
}

// ---- fields

fn object<'a>(of: &'a Map<String, Json>, name: &str) -> Option<&'a Map<String, Json>> {
    of.get(name)?.as_object()
}

fn text<'a>(of: &'a Map<String, Json>, name: &str) -> Option<&'a str> {
    of.get(name)?.as_str()
}

fn owned(of: &Map<String, Json>, name: &str) -> Box<str> {
    text(of, name).unwrap_or_default().into()
}

fn optional(of: &Map<String, Json>, name: &str) -> Option<Box<str>> {
    text(of, name).map(Into::into)
}

fn flag(of: &Map<String, Json>, name: &str) -> bool {
    of.get(name).and_then(Json::as_bool).unwrap_or(false)
}

fn items<'a>(of: &'a Map<String, Json>, name: &str) -> impl Iterator<Item = &'a Map<String, Json>> + use<'a> {
    of.get(name).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_object)
}

fn time(of: &Map<String, Json>, name: &str) -> Result<Option<Moment>> {
    match text(of, name) {
        None => Ok(None),
        Some(text) => {
            parse_moment(text).map(Some).map_or_else(|| wrong(name, "not a time like 2024-05-17T09:30:15Z"), Ok)
        }
    }
}

fn url(of: &Map<String, Json>, name: &str) -> Result<Option<Url>> {
    match text(of, name) {
        None => Ok(None),
        // As an HTTP message would carry it.
        Some(text) => {
            let carried = normalized(text).unwrap_or_else(|| text.to_owned());
            Url::parse(&carried).map(Some).or_else(|error| wrong(name, error))
        }
    }
}

/// An RFC 3339 time, to 100 ns.
pub fn parse_moment(text: &str) -> Option<Moment> {
    let stamp: jiff::Timestamp = text.parse().ok()?;
    let ticks = i64::try_from(stamp.as_nanosecond() / 100).ok()?;
    Some(Moment(Moment::UNIX_EPOCH.0.checked_add(ticks)?))
}

/// A .NET time span in its constant form, `[-][d.]hh:mm:ss[.fffffff]`, in ticks.
pub fn parse_span(text: &str) -> Option<i64> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let mut parts = text.rsplit(':');
    let seconds = parts.next()?;
    let minutes: i64 = parts.next()?.parse().ok()?;
    let hours = parts.next()?;
    let (days, hours) = hours.split_once('.').map_or(("0", hours), |(d, h)| (d, h));
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let fraction: i64 = format!("{fraction:0<7}").get(..7)?.parse().ok()?;
    let whole = |text: &str| text.parse::<i64>().ok().filter(|n| (0..=10_675_199).contains(n));
    let total = ((whole(days)? * 24 + whole(hours)?) * 60 + minutes) * 60 + whole(seconds)?;
    let ticks = total.checked_mul(Moment::TICKS_PER_SECOND)?.checked_add(fraction)?;
    Some(if negative { -ticks } else { ticks })
}

/// A GUID in the form `D`, as its 16 bytes in the order of the text.
pub fn parse_guid(text: &str) -> Option<[u8; 16]> {
    let digits: Vec<u8> = text.bytes().filter(|b| *b != b'-').collect();
    let mut bytes = [0; 16];
    if digits.len() != 32 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// A GUID's 16 bytes, in the order of the text, in the form `D`.
pub fn show_guid(bytes: [u8; 16]) -> String {
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

// ---- messages

fn headers(of: &Map<String, Json>) -> Result<Headers> {
    let mut headers = Headers::new();
    for (name, value) in object(of, "Headers").into_iter().flatten() {
        let Ok(name) = name.parse::<HeaderName>() else { return wrong(name, "not the name of a header") };
        for text in texts(value) {
            match HeaderValue::from_str(&text).or_else(|_| HeaderValue::from_bytes(text.as_bytes())) {
                Ok(value) if headers.append(name.clone(), value.clone()) => {}
                _ => return wrong(name.as_str(), "not the value of a header"),
            }
        }
    }
    Ok(headers)
}

fn texts(value: &Json) -> Vec<String> {
    match value {
        Json::Array(items) => items.iter().flat_map(texts).collect(),
        Json::String(text) => vec![text.clone()],
        Json::Null => Vec::new(),
        other => vec![other.to_string()],
    }
}

/// JSON null: no body; a string: its text; `{"base64": S}`: bytes; other JSON: its compact text.
fn body(json: Option<&Json>) -> Result<Body> {
    Ok(match json {
        None | Some(Json::Null) => Body::Empty,
        Some(Json::String(text)) => Body::Bytes(text.clone().into()),
        Some(Json::Object(map)) if map.len() == 1 && map.contains_key("base64") => {
            match STANDARD.decode(text(map, "base64").unwrap_or_default()) {
                Ok(bytes) => Body::Bytes(bytes.into()),
                Err(error) => return wrong("Body.base64", error),
            }
        }
        Some(other) => Body::Bytes(other.to_string().into()),
    })
}

fn response(of: &Map<String, Json>) -> Result<Response> {
    let code = of.get("StatusCode").and_then(Json::as_u64).unwrap_or(200);
    let status = u16::try_from(code).ok().and_then(|code| StatusCode::from_u16(code).ok());
    let Some(status) = status else { return wrong("Response.StatusCode", "not an HTTP status") };
    Ok(Response { status, reason: optional(of, "StatusReason"), headers: headers(of)?, body: body(of.get("Body"))? })
}

fn matched(request: &Map<String, Json>) -> Vec<(Box<str>, Box<str>)> {
    let parameters = object(request, "MatchedParameters").into_iter().flatten();
    parameters.map(|(name, value)| (name.as_str().into(), texts(value).concat().into())).collect()
}

// ---- facts

fn api(of: &Map<String, Json>) -> Result<ApiFacts> {
    let empty = Map::new();
    let names = object(of, "SubscriptionKeyParameterNames").unwrap_or(&empty);
    let protocols = of.get("Protocols").map(texts).unwrap_or_default();
    Ok(ApiFacts {
        id: owned(of, "Id"),
        name: owned(of, "Name"),
        path: owned(of, "Path"),
        revision: owned(of, "Revision"),
        version: optional(of, "Version"),
        is_current_revision: flag(of, "IsCurrentRevision"),
        protocols: protocols.into_iter().map(Into::into).collect(),
        service_url: url(of, "ServiceUrl")?,
        key_header: text(names, "Header").unwrap_or("Ocp-Apim-Subscription-Key").into(),
        key_query: text(names, "Query").unwrap_or("subscription-key").into(),
    })
}

fn operation(of: &Map<String, Json>) -> OperationFacts {
    OperationFacts {
        id: owned(of, "Id"),
        method: owned(of, "Method"),
        name: owned(of, "Name"),
        url_template: owned(of, "UrlTemplate"),
    }
}

fn groups(of: &Map<String, Json>) -> Vec<Group> {
    items(of, "Groups").map(|g| Group { id: owned(g, "Id"), name: owned(g, "Name") }).collect()
}

fn product(of: &Map<String, Json>) -> Result<ProductFacts> {
    let limit = of.get("SubscriptionLimit").or_else(|| of.get("SubscriptionsLimit")).and_then(Json::as_i64);
    Ok(ProductFacts {
        id: owned(of, "Id"),
        name: owned(of, "Name"),
        published: text(of, "State") != Some("NotPublished"),
        subscription_limit: limit.and_then(|n| i32::try_from(n).ok()),
        subscription_required: flag(of, "SubscriptionRequired"),
        approval_required: flag(of, "ApprovalRequired"),
        apis: items(of, "Apis").map(|a| api(a).map(Arc::new)).collect::<Result<_>>()?,
        groups: groups(of),
    })
}

fn subscription(of: &Map<String, Json>) -> Result<SubscriptionFacts> {
    Ok(SubscriptionFacts {
        id: owned(of, "Id"),
        name: optional(of, "Name"),
        key: owned(of, "Key"),
        primary_key: owned(of, "PrimaryKey"),
        secondary_key: owned(of, "SecondaryKey"),
        allow_tracing: false,
        created: time(of, "CreatedDate")?,
        start: time(of, "StartDate")?,
        end: time(of, "EndDate")?,
    })
}

fn user(of: &Map<String, Json>) -> Result<UserFacts> {
    let identity = |i| Identity { id: owned(i, "Id"), provider: owned(i, "Provider") };
    Ok(UserFacts {
        id: owned(of, "Id"),
        email: owned(of, "Email"),
        first_name: owned(of, "FirstName"),
        last_name: owned(of, "LastName"),
        note: optional(of, "Note"),
        registration_date: time(of, "RegistrationDate")?,
        groups: groups(of),
        identities: items(of, "Identities").map(identity).collect(),
    })
}

fn deployment(of: &Map<String, Json>) -> Result<Deployment> {
    let mut certificates = Vec::new();
    for (id, encoded) in object(of, "Certificates").into_iter().flatten() {
        certificates.push(DeployedCertificate { id: id.as_str().into(), data: base64(id, encoded)?, key: None });
    }
    let mut authorities = Vec::new();
    for encoded in of.get("CertificateAuthorities").and_then(Json::as_array).into_iter().flatten() {
        authorities.push(base64("CertificateAuthorities", encoded)?);
    }
    let sustainability = object(of, "SustainabilityInfo").and_then(|info| text(info, "CurrentCarbonIntensity"));
    Ok(Deployment {
        gateway_id: text(of, "GatewayId").unwrap_or("managed").into(),
        region: owned(of, "Region"),
        service_id: owned(of, "ServiceId"),
        service_name: owned(of, "ServiceName"),
        certificates,
        authorities,
        carbon_intensity: match sustainability {
            None | Some("NotAvailable") => CarbonIntensity::NotAvailable,
            Some("VeryLow") => CarbonIntensity::VeryLow,
            Some("Low") => CarbonIntensity::Low,
            Some("Medium") => CarbonIntensity::Medium,
            Some("High") => CarbonIntensity::High,
            Some("VeryHigh") => CarbonIntensity::VeryHigh,
            Some(other) => return wrong("CurrentCarbonIntensity", format!("`{other}` is no CarbonIntensityCategory")),
        },
    })
}

fn base64(name: &str, encoded: &Json) -> Result<Arc<[u8]>> {
    let bytes = encoded.as_str().and_then(|text| STANDARD.decode(text).ok());
    bytes.map(Arc::from).map_or_else(|| wrong(name, "not text in base64"), Ok)
}

fn rare(root: &Map<String, Json>, request: &Map<String, Json>) -> Result<Rare> {
    let certificate = request.get("Certificate").filter(|value| !value.is_null());
    let whole = |of: &Map<String, Json>, name| of.get(name).and_then(Json::as_i64).unwrap_or_default() as i32;
    let fields = |of: &Map<String, Json>, name| {
        object(of, name)
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.as_str().into(), value.to_string().into()))
            .collect()
    };
    Ok(Rare {
        client_certificate: certificate.map(|encoded| base64("Request.Certificate", encoded)).transpose()?,
        private_endpoint: object(request, "PrivateEndpointConnection").map(|of| PrivateEndpoint {
            name: owned(of, "Name"),
            group_id: owned(of, "GroupId"),
            member_name: owned(of, "MemberName"),
        }),
        vnet: object(request, "AzureVnetInfo").map(|of| Vnet {
            traffic_tag: whole(of, "VnetTrafficTag"),
            subnet_id: whole(of, "SubnetId"),
            private_link_id: whole(of, "PrivateLinkId"),
            snat_vip: owned(of, "SnatVip"),
        }),
        foundry_deployment: object(request, "Foundry").and_then(|of| optional(of, "Deployment")),
        workspace: object(root, "Workspace").map(|of| Workspace { id: owned(of, "Id"), name: owned(of, "Name") }),
        graphql: object(root, "GraphQL")
            .map(|of| GraphQl { arguments: fields(of, "Arguments"), parent: fields(of, "Parent") }),
    })
}

fn last_error(of: &Map<String, Json>) -> LastError {
    LastError {
        source: owned(of, "Source"),
        reason: optional(of, "Reason"),
        message: owned(of, "Message"),
        scope: optional(of, "Scope"),
        section: optional(of, "Section"),
        path: optional(of, "Path"),
        policy_id: optional(of, "PolicyId"),
        status: 500,
    }
}

// ---- variables

/// What stands for the VM while variables are made: nothing of it is needed.
struct Still;

impl Host for Still {
    fn invoke(&mut self, _: &mut Heap, _: &mut Exchange, _: Value, _: &[Value]) -> std::result::Result<Value, Fault> {
        Err(Fault::not_supported("No code runs while a context is read."))
    }

    fn pass_all(
        &mut self,
        _: &mut Heap,
        _: &Exchange,
        _: &[Stage],
        _: &[Value],
        _: &mut Vec<Value>,
    ) -> std::result::Result<bool, Fault> {
        Ok(false)
    }

    fn begin_iterator(
        &mut self,
        _: &mut Heap,
        _: Value,
    ) -> std::result::Result<Box<dyn std::any::Any + Send + Sync>, Fault> {
        Err(Fault::not_supported("No code runs while a context is read."))
    }

    fn advance(
        &mut self,
        _: &mut Heap,
        _: &mut Exchange,
        _: &mut (dyn std::any::Any + Send + Sync),
    ) -> std::result::Result<Option<Value>, Fault> {
        Ok(None)
    }

    fn operate(
        &mut self,
        _: &mut Heap,
        _: &mut Exchange,
        _: Value,
        _: &[Value],
        _: &mut Vec<(u8, Value)>,
    ) -> std::result::Result<Value, Fault> {
        Err(Fault::not_supported("No code runs while a context is read."))
    }

    fn now(&self) -> Moment {
        Moment::UNIX_EPOCH
    }

    fn random(&mut self) -> u64 {
        0
    }
}

fn variable(name: &str, json: &Json, cx: &mut Call<'_>) -> Result<Value> {
    if let Json::Object(map) = json
        && let Some(type_name) = text(map, "$type")
    {
        return typed_variable(name, type_name, map.get("value").unwrap_or(&Json::Null), cx);
    }
    match json {
        Json::Null => Ok(Value::Null),
        Json::Bool(value) => Ok(Value::Bool(*value)),
        Json::String(text) => cx.heap.new_str(text).map_err(fault(name)),
        Json::Number(number) => Ok(match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => i32::try_from(whole).map_or(Value::Int64(whole), Value::Int32),
            (None, real) => Value::Double(real.unwrap_or_default()),
        }),
        Json::Array(_) | Json::Object(_) => token(name, json, cx),
    }
}

/// A Newtonsoft token.
fn token(name: &str, json: &Json, cx: &mut Call<'_>) -> Result<Value> {
    json::parse_without_dates(cx, &json.to_string()).map_err(fault(name))
}

fn typed_variable(name: &str, type_name: &str, json: &Json, cx: &mut Call<'_>) -> Result<Value> {
    let plain = texts(json).concat();
    if type_name == "JToken" {
        return token(name, json, cx);
    }
    if let ("Authorization", Json::Object(map)) = (type_name, json) {
        let empty = Map::new();
        let claims = object(map, "Claims").unwrap_or(&empty);
        let made = super::credentials::new_authorization(cx, text(map, "AccessToken").unwrap_or_default(), claims);
        return made.map_err(fault(name));
    }
    if let "XElement" | "XDocument" = type_name {
        let wanted = if type_name == "XElement" { Wanted::Element } else { Wanted::Document };
        let text = cx.heap.new_str(&plain).map_err(fault(name))?;
        return read::parse(cx, text, false, wanted).map_err(fault(name));
    }
    let heap = &mut *cx.heap;
    let bad = || ContextError(format!("`{name}`: `{plain}` is no {type_name}"));
    match type_name {
        "long" => plain.parse().map(Value::Int64).map_err(|_| bad()),
        "double" => plain.parse().map(Value::Double).map_err(|_| bad()),
        "decimal" => heap.new_decimal(plain.parse().map_err(|_| bad())?).map_err(fault(name)),
        "DateTime" => {
            let kind = if plain.ends_with('Z') { Kind::Utc } else { Kind::Unspecified };
            let text = if kind == Kind::Utc { plain.clone() } else { format!("{plain}Z") };
            let moment = parse_moment(&text).ok_or_else(bad)?;
            Ok(Value::DateTime(DateTime::new(moment.0.clamp(0, DateTime::MAX_TICKS), kind)))
        }
        "TimeSpan" => parse_span(&plain).map(Value::TimeSpan).ok_or_else(bad),
        "Guid" => heap.new_guid(parse_guid(&plain).ok_or_else(bad)?).map_err(fault(name)),
        "byte[]" => heap.new_bytes(STANDARD.decode(&plain).map_err(|_| bad())?).map_err(fault(name)),
        "string[]" => {
            let strings = texts(json).iter().map(|t| heap.new_str(t)).collect::<std::result::Result<Vec<_>, _>>();
            let strings = strings.map_err(fault(name))?;
            heap.new_array(TypeId::array(types::string()), strings).map_err(fault(name))
        }
        "Jwt" => super::credentials::new_jwt(heap, &plain).map_err(fault(name)),
        "IResponse" => match json {
            Json::Object(map) => new_response(heap, response(map)?).map_err(fault(name)),
            _ => Err(bad()),
        },
        _ => wrong(name, format!("the type `{type_name}` is not known here")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        let cases = [
            ("00:00:00.1230000", Some(1_230_000)),
            ("1.02:03:04", Some((((24 + 2) * 60 + 3) * 60 + 4) * 10_000_000)),
            ("-00:00:01", Some(-10_000_000)),
            ("nonsense", None),
        ];
        for (text, ticks) in cases {
            assert_eq!(parse_span(text), ticks, "{text}");
        }
    }
}
