//! What `context` shows: the exchange and the types through which expressions see it.
//!
//! Almost every part is a [`HostObject`] that reads the exchange where it stands; only what the exchange does not hold as
//! such (an answer in a variable, a group of a user) is an object in the heap.

/// A property of a part of `context` that only shows what the exchange holds.
macro_rules! shown {
    ($signature:literal, $code:expr) => {{
        const CODE: crate::dotnet::member::Shown = $code;
        property($signature, |cx, a| match a[0] {
            Value::Host(part) => {
                let Call { heap, exchange, .. } = cx;
                CODE(exchange, part).or_fault(heap)
            }
            _ => Err(Fault::null_reference()),
        })
        .shown(CODE)
    }};
}

pub mod body;
pub mod credentials;
mod exchange;
mod facts;
mod form;
pub mod from_json;
mod look_up;
pub mod maps;
pub mod message;
mod rare;
mod url;

pub use exchange::{
    ApiFacts, DeployedCertificate, Deployment, Exchange, Group, Identity, LastError, OperationFacts, ProductFacts,
    Symbol,
};
pub use exchange::{BackendFacts, BackendKind, Network, Outside, Steering, SubscriptionFacts, UserFacts};
pub use exchange::{CarbonIntensity, GraphQl, PrivateEndpoint, Rare, Vnet, Workspace};
pub use look_up::{LookUp, Seen};

use super::call::Call;
use super::fault::Fault;
use super::member::{Kind, TypeDef, method, property, type_of as type_named};
use super::types::{self, TypeId};
use super::value::{DateTime, HostObject, Kind as DateTimeKind, Value};
use crate::effect::Moment;

/// The types of the `context` graph.
pub static TYPES: &[&TypeDef] = &[
    &CONTEXT,
    &facts::API,
    &facts::CONTEXT_API,
    &facts::KEY_NAMES,
    &facts::OPERATION,
    &facts::PRODUCT,
    &facts::PRODUCT_STATE,
    &facts::GROUP,
    &facts::IDENTITY,
    &facts::USER,
    &facts::SUBSCRIPTION,
    &facts::DEPLOYMENT,
    &facts::GATEWAY,
    &facts::LAST_ERROR,
    &facts::BACKEND,
    &facts::BACKEND_TYPE,
    &url::URL,
    &maps::HEADERS,
    &maps::QUERY,
    &maps::CLAIMS,
    &maps::MATCHED,
    &maps::VARIABLES,
    &maps::EXTENSIONS,
    &message::REQUEST,
    &message::RESPONSE,
    &message::BODY,
    &rare::GRAPHQL,
    &rare::GRAPHQL_DATA,
    &rare::WORKSPACE,
    &rare::SUSTAINABILITY,
    &rare::CARBON_INTENSITY,
    &rare::FOUNDRY,
    &rare::VNET,
    &rare::PRIVATE_ENDPOINT,
    &credentials::AUTHORIZATION,
    &credentials::BASIC,
    &credentials::JWT,
    &credentials::EXTENSIONS,
    &form::EXTENSIONS,
];

type Result<T = Value> = std::result::Result<T, Fault>;

fn part(part: HostObject) -> Value {
    Value::Host(part)
}

fn present(is: bool, of: HostObject) -> Result {
    Ok(if is { Value::Host(of) } else { Value::Null })
}

fn text(cx: &mut Call<'_>, text: &str) -> Result {
    cx.heap.new_str(text)
}

fn opt_str(cx: &mut Call<'_>, text: Option<&str>) -> Result {
    match text {
        Some(text) => cx.heap.new_str(text),
        None => Ok(Value::Null),
    }
}

fn instant(moment: Moment) -> Value {
    Value::DateTime(DateTime::new(moment.0.clamp(0, DateTime::MAX_TICKS), DateTimeKind::Utc))
}

/// The part that a property of another part always is: present in every request, the same all along. Reading it costs
/// nothing but to name it.
pub fn fixed_part(of: HostObject, property: &str) -> Option<HostObject> {
    Some(match (of, property) {
        (HostObject::Context, "Deployment") => HostObject::Deployment,
        (HostObject::Context, "Request") => HostObject::Request,
        (HostObject::Context, "Variables") => HostObject::Variables,
        (HostObject::Request, "Headers") => HostObject::RequestHeaders,
        (HostObject::Request, "MatchedParameters") => HostObject::MatchedParameters,
        (HostObject::Request, "OriginalUrl") => HostObject::OriginalUrl,
        (HostObject::Request, "Url") => HostObject::RequestUrl,
        (HostObject::OriginalUrl, "Query") => HostObject::OriginalUrlQuery,
        (HostObject::RequestUrl, "Query") => HostObject::RequestUrlQuery,
        _ => return None,
    })
}

/// The part that a property of `context` is, where it is not null.
pub fn optional_part(property: &str) -> Option<HostObject> {
    Some(match property {
        "Api" => HostObject::Api,
        "Backend" => HostObject::Backend,
        "LastError" => HostObject::LastError,
        "Operation" => HostObject::Operation,
        "Product" => HostObject::Product,
        "Response" => HostObject::Response,
        "Subscription" => HostObject::Subscription,
        "User" => HostObject::User,
        _ => return None,
    })
}

/// The name of the class behind an interface, as texts and messages show it.
pub fn class_name(ty: TypeId) -> String {
    let name = ty.def().map(|def| def.name);
    let class = match name {
        Some("Apim.IApi") => "Apim.ApiInfo",
        Some("Apim.IContextApi") => "Apim.ContextApi",
        Some("Apim.ISubscriptionKeyParameterNames") => "Apim.KeyNames",
        Some("Apim.IDeployment") => "Apim.DeploymentInfo",
        Some("Apim.ILastError") => "Apim.ErrorInfo",
        Some("Apim.IOperation") => "Apim.OperationInfo",
        Some("Apim.IGroup") => "Apim.Group",
        Some("Apim.IUserIdentity") => "Apim.Identity",
        Some("Apim.IProduct") => "Apim.ProductInfo",
        Some("Apim.IUser") => "Apim.UserInfo",
        Some("Apim.ISubscription") => "Apim.SubscriptionInfo",
        Some("Apim.IPrivateEndpointConnection") => "Apim.PrivateEndpoint",
        Some("Apim.IUrl") => "Apim.Url",
        Some("Apim.IMessageBody") => "Apim.Body",
        Some("Apim.IRequest") => "Apim.RequestMessage",
        Some("Apim.IResponse") => "Apim.ResponseMessage",
        Some("Apim.IProxyRequestContext") => "Apim.ExpressionContext",
        _ => match name.and_then(crate::dotnet::system::hidden::class) {
            Some(class) => class,
            None => return ty.clr_name(),
        },
    };
    class.to_owned()
}

/// `context` itself.
pub static CONTEXT: TypeDef = TypeDef::new(
    "Apim.IProxyRequestContext",
    Kind::Interface,
    &[&[
        property("IContextApi Api { get; }", |cx, _| present(cx.exchange.api.is_some(), HostObject::Api)),
        property("IBackend Backend { get; }", |cx, _| present(cx.exchange.backend.is_some(), HostObject::Backend)),
        property("IDeployment Deployment { get; }", |_, _| Ok(part(HostObject::Deployment))),
        property("TimeSpan Elapsed { get; }", |cx, _| {
            let since = || cx.host.now().0.saturating_sub(cx.exchange.timestamp.0);
            Ok(Value::TimeSpan(cx.exchange.elapsed.unwrap_or_else(since)))
        }),
        property("ILastError LastError { get; }", |cx, _| {
            present(cx.exchange.last_error.is_some(), HostObject::LastError)
        }),
        property("IOperation Operation { get; }", |cx, _| {
            present(cx.exchange.operation.is_some(), HostObject::Operation)
        }),
        property("IProduct Product { get; }", |cx, _| present(cx.exchange.product.is_some(), HostObject::Product)),
        property("IRequest Request { get; }", |_, _| Ok(part(HostObject::Request))),
        property("Guid RequestId { get; }", |cx, _| cx.heap.new_guid(cx.exchange.request_id)),
        property("IResponse Response { get; }", |cx, _| present(cx.exchange.response.is_some(), HostObject::Response)),
        property("ISubscription Subscription { get; }", |cx, _| {
            present(cx.exchange.subscription.is_some(), HostObject::Subscription)
        }),
        property("DateTime Timestamp { get; }", |cx, _| Ok(instant(cx.exchange.timestamp))),
        property("bool Tracing { get; }", |cx, _| Ok(Value::Bool(cx.exchange.tracing))),
        property("IUser User { get; }", |cx, _| present(cx.exchange.user.is_some(), HostObject::User)),
        property("IVariables Variables { get; }", |_, _| Ok(part(HostObject::Variables))),
        property("IGraphQL GraphQL { get; }", |cx, _| present(cx.exchange.rare.graphql.is_some(), HostObject::GraphQl)),
        property("IWorkspace Workspace { get; }", |cx, _| {
            present(cx.exchange.rare.workspace.is_some(), HostObject::Workspace)
        }),
        method("void Trace(string message)", |cx, a| {
            let message: Box<str> = cx.heap.text(a[1]).unwrap_or_default().into();
            cx.heap.charge(message.len())?;
            cx.exchange.trace("context.Trace", message);
            Ok(Value::Null)
        }),
    ]],
)
.unnameable();

/// The type whose members a part of `context` has: that of the property that it is.
pub fn interface_of(part: HostObject) -> TypeId {
    match part {
        HostObject::RequestHeaders | HostObject::ResponseHeaders => type_named("IHttpHeaders"),
        HostObject::RequestUrlQuery | HostObject::OriginalUrlQuery => type_named("IHttpQuery"),
        HostObject::MatchedParameters => type_named("IMatchedParameters"),
        HostObject::Variables => type_named("IVariables"),
        _ => type_of(part),
    }
}

/// The run-time type of a part of `context`: what results print.
pub fn type_of(part: HostObject) -> TypeId {
    let string = types::string;
    type_named(match part {
        HostObject::Context => "IProxyRequestContext",
        HostObject::Api => "IContextApi",
        HostObject::ApiSubscriptionKeyNames => "ISubscriptionKeyParameterNames",
        HostObject::Backend => "IBackend",
        HostObject::Deployment => "IDeployment",
        HostObject::Gateway => "IGateway",
        HostObject::LastError => "ILastError",
        HostObject::Operation => "IOperation",
        HostObject::Product => "IProduct",
        HostObject::Request => "IRequest",
        HostObject::RequestUrl | HostObject::OriginalUrl | HostObject::ApiServiceUrl => "IUrl",
        HostObject::RequestBody | HostObject::ResponseBody => "IMessageBody",
        HostObject::PrivateEndpoint => "IPrivateEndpointConnection",
        HostObject::Response => "IResponse",
        HostObject::Subscription => "ISubscription",
        HostObject::User => "IUser",
        HostObject::RequestHeaders
        | HostObject::ResponseHeaders
        | HostObject::RequestUrlQuery
        | HostObject::OriginalUrlQuery => return maps::dictionary_of(TypeId::array(string())),
        HostObject::MatchedParameters => return maps::dictionary_of(string()),
        HostObject::Variables => return maps::dictionary_of(types::object()),
        HostObject::Sustainability => "ISustainabilityInfo",
        HostObject::Foundry => "IFoundry",
        HostObject::Vnet => "IAzureVnetInfo",
        HostObject::Workspace => "IWorkspace",
        HostObject::GraphQl => "IGraphQL",
    })
}
