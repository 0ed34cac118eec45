//! What the configuration knows of a request: API, operation, product, subscription, user, deployment, last error.
//!
//! `context.Api` reads the exchange; the APIs of a product are objects that hold the same facts, so each member reads both.

use super::exchange::{ApiFacts, BackendFacts, BackendKind, Group, Identity};
use super::{Seen, instant, opt_str, part, text};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, TypeDef, enum_value, property, type_of};
use crate::dotnet::types::{self, TypeId};
use crate::dotnet::value::{HostObject, Value};
use std::sync::Arc;

type Result<T = Value> = std::result::Result<T, Fault>;

/// An API of a product.
#[derive(Clone, Debug)]
struct ApiObject(Arc<ApiFacts>);

fn api(cx: &Call<'_>, this: Value) -> Result<Arc<ApiFacts>> {
    match this {
        Value::Host(_) => cx.exchange.api.clone().ok_or_else(Fault::null_reference),
        other => Ok(cx.this::<ApiObject>(other)?.0.clone()),
    }
}

/// A text of an API: of the one that is called without a look at what `this` is.
macro_rules! api_text {
    ($signature:literal, $name:ident) => {
        property($signature, |cx, a| text(cx, &api(cx, a[0])?.$name))
            .shown(|exchange, _| Seen::text(exchange.api.as_ref().map(|api| &*api.$name)))
    };
}

pub static API: TypeDef = TypeDef::new(
    "Apim.IApi",
    Kind::Interface,
    &[&[
        api_text!("string Id { get; }", id),
        api_text!("string Name { get; }", name),
        api_text!("string Path { get; }", path),
        property("IEnumerable<string> Protocols { get; }", |cx, a| {
            let api = api(cx, a[0])?;
            let items = api.protocols.iter().map(|p| cx.new_str(p)).collect::<Result<Vec<_>>>()?;
            cx.heap.new_array(TypeId::array(types::string()), items)
        }),
        property("IUrl ServiceUrl { get; }", |cx, a| match &api(cx, a[0])?.service_url {
            Some(url) => super::url::new_url(cx, url.clone()),
            None => Ok(Value::Null),
        }),
        property("ISubscriptionKeyParameterNames SubscriptionKeyParameterNames { get; }", |cx, a| {
            let names = KeyNames(api(cx, a[0])?);
            cx.heap.new_extension(type_of("ISubscriptionKeyParameterNames"), names)
        }),
    ]],
)
.unnameable();

pub static CONTEXT_API: TypeDef = TypeDef::new(
    "Apim.IContextApi",
    Kind::Interface,
    &[&[
        property("bool IsCurrentRevision { get; }", |cx, a| Ok(Value::Bool(api(cx, a[0])?.is_current_revision))),
        property("string Revision { get; }", |cx, a| text(cx, &api(cx, a[0])?.revision)),
        property("string Version { get; }", |cx, a| opt_str(cx, api(cx, a[0])?.version.as_deref())),
    ]],
)
.interfaces(&["IApi"])
.unnameable();

#[derive(Debug)]
struct KeyNames(Arc<ApiFacts>);

pub static KEY_NAMES: TypeDef = TypeDef::new(
    "Apim.ISubscriptionKeyParameterNames",
    Kind::Interface,
    &[&[
        property("string Header { get; }", |cx, a| text(cx, &cx.this::<KeyNames>(a[0])?.0.clone().key_header)),
        property("string Query { get; }", |cx, a| text(cx, &cx.this::<KeyNames>(a[0])?.0.clone().key_query)),
    ]],
)
.unnameable();

macro_rules! exchange_part {
    ($cx:ident, $field:ident) => {
        $cx.exchange.$field.clone().ok_or_else(Fault::null_reference)?
    };
}

/// A text that a part of the exchange holds.
macro_rules! fact {
    ($signature:literal, $of:ident.$name:ident) => {
        shown!($signature, |exchange, _| Seen::text(exchange.$of.as_ref().map(|facts| &*facts.$name)))
    };
}

pub static OPERATION: TypeDef = TypeDef::new(
    "Apim.IOperation",
    Kind::Interface,
    &[&[
        fact!("string Id { get; }", operation.id),
        fact!("string Method { get; }", operation.method),
        fact!("string Name { get; }", operation.name),
        fact!("string UrlTemplate { get; }", operation.url_template),
    ]],
)
.unnameable();

fn subscription_limit(cx: &mut Call<'_>, _: &[Value]) -> Result {
    Ok(exchange_part!(cx, product).subscription_limit.map_or(Value::Null, Value::Int32))
}

fn groups(cx: &mut Call<'_>, groups: &[Group]) -> Result {
    let ty = type_of("IGroup");
    let items = groups.iter().map(|g| cx.heap.new_extension(ty, g.clone())).collect::<Result<Vec<_>>>()?;
    cx.heap.new_array(TypeId::array(ty), items)
}

pub static PRODUCT: TypeDef = TypeDef::new(
    "Apim.IProduct",
    Kind::Interface,
    &[&[
        property("IEnumerable<IApi> Apis { get; }", |cx, _| {
            let ty = type_of("IApi");
            let product = exchange_part!(cx, product);
            let apis = product.apis.iter().map(|api| cx.heap.new_extension(ty, ApiObject(api.clone())));
            let items = apis.collect::<Result<Vec<_>>>()?;
            cx.heap.new_array(TypeId::array(ty), items)
        }),
        property("bool ApprovalRequired { get; }", |cx, _| {
            Ok(Value::Bool(exchange_part!(cx, product).approval_required))
        }),
        property("IEnumerable<IGroup> Groups { get; }", |cx, _| groups(cx, &exchange_part!(cx, product).groups)),
        fact!("string Id { get; }", product.id),
        fact!("string Name { get; }", product.name),
        property("ProductState State { get; }", |cx, _| {
            let value = i64::from(exchange_part!(cx, product).published);
            Ok(Value::Enum { ty: type_of("ProductState"), value })
        }),
        property("int? SubscriptionsLimit { get; }", subscription_limit),
        property("int? SubscriptionLimit { get; }", subscription_limit),
        property("bool SubscriptionRequired { get; }", |cx, _| {
            Ok(Value::Bool(exchange_part!(cx, product).subscription_required))
        }),
    ]],
)
.unnameable();

pub static PRODUCT_STATE: TypeDef = TypeDef::new(
    "Apim.ProductState",
    Kind::Enum,
    &[&[enum_value("NotPublished = 0", 0), enum_value("Published = 1", 1)]],
);

pub static GROUP: TypeDef = TypeDef::new(
    "Apim.IGroup",
    Kind::Interface,
    &[&[
        property("string Id { get; }", |cx, a| text(cx, &cx.this::<Group>(a[0])?.id.clone())),
        property("string Name { get; }", |cx, a| text(cx, &cx.this::<Group>(a[0])?.name.clone())),
    ]],
)
.unnameable();

pub static IDENTITY: TypeDef = TypeDef::new(
    "Apim.IUserIdentity",
    Kind::Interface,
    &[&[
        property("string Id { get; }", |cx, a| text(cx, &cx.this::<Identity>(a[0])?.id.clone())),
        property("string Provider { get; }", |cx, a| text(cx, &cx.this::<Identity>(a[0])?.provider.clone())),
    ]],
)
.unnameable();

pub static USER: TypeDef = TypeDef::new(
    "Apim.IUser",
    Kind::Interface,
    &[&[
        fact!("string Email { get; }", user.email),
        fact!("string FirstName { get; }", user.first_name),
        property("IEnumerable<IGroup> Groups { get; }", |cx, _| groups(cx, &exchange_part!(cx, user).groups)),
        fact!("string Id { get; }", user.id),
        property("IEnumerable<IUserIdentity> Identities { get; }", |cx, _| {
            let ty = type_of("IUserIdentity");
            let user = exchange_part!(cx, user);
            let items =
                user.identities.iter().map(|i| cx.heap.new_extension(ty, i.clone())).collect::<Result<Vec<_>>>()?;
            cx.heap.new_array(TypeId::array(ty), items)
        }),
        fact!("string LastName { get; }", user.last_name),
        property("string Note { get; }", |cx, _| opt_str(cx, exchange_part!(cx, user).note.as_deref())),
        property("DateTime RegistrationDate { get; }", |cx, _| {
            let date = exchange_part!(cx, user).registration_date;
            Ok(instant(date.unwrap_or(crate::effect::Moment(0))))
        }),
    ]],
)
.unnameable();

pub static SUBSCRIPTION: TypeDef = TypeDef::new(
    "Apim.ISubscription",
    Kind::Interface,
    &[&[
        property("DateTime CreatedDate { get; }", |cx, _| {
            Ok(instant(exchange_part!(cx, subscription).created.unwrap_or(crate::effect::Moment(0))))
        }),
        property("DateTime? EndDate { get; }", |cx, _| {
            Ok(exchange_part!(cx, subscription).end.map_or(Value::Null, instant))
        }),
        fact!("string Id { get; }", subscription.id),
        fact!("string Key { get; }", subscription.key),
        property("string Name { get; }", |cx, _| opt_str(cx, exchange_part!(cx, subscription).name.as_deref())),
        fact!("string PrimaryKey { get; }", subscription.primary_key),
        fact!("string SecondaryKey { get; }", subscription.secondary_key),
        property("DateTime? StartDate { get; }", |cx, _| {
            Ok(exchange_part!(cx, subscription).start.map_or(Value::Null, instant))
        }),
    ]],
)
.unnameable();

pub static DEPLOYMENT: TypeDef = TypeDef::new(
    "Apim.IDeployment",
    Kind::Interface,
    &[&[
        property("IReadOnlyDictionary<string, X509Certificate2> Certificates { get; }", super::rare::certificates),
        property("IGateway Gateway { get; }", |_, _| Ok(part(HostObject::Gateway))),
        property("string GatewayId { get; }", |cx, _| text(cx, &cx.exchange.deployment.clone().gateway_id)),
        property("string Region { get; }", |cx, _| text(cx, &cx.exchange.deployment.clone().region)),
        property("string ServiceId { get; }", |cx, _| text(cx, &cx.exchange.deployment.clone().service_id)),
        property("string ServiceName { get; }", |cx, _| text(cx, &cx.exchange.deployment.clone().service_name)),
        property("ISustainabilityInfo SustainabilityInfo { get; }", |_, _| Ok(part(HostObject::Sustainability))),
    ]],
)
.unnameable();

pub static GATEWAY: TypeDef = TypeDef::new(
    "Apim.IGateway",
    Kind::Interface,
    &[&[
        property("string Id { get; }", |cx, _| text(cx, &cx.exchange.deployment.clone().gateway_id)),
        property("string InstanceId { get; }", |cx, _| text(cx, &cx.exchange.deployment.clone().gateway_id)),
        property("bool IsManaged { get; }", |cx, _| Ok(Value::Bool(&*cx.exchange.deployment.gateway_id == "managed"))),
    ]],
)
.unnameable();

macro_rules! error_text {
    ($cx:ident, $field:ident) => {{
        let error = $cx.exchange.last_error.clone().ok_or_else(Fault::null_reference)?;
        opt_str($cx, error.$field.as_deref())
    }};
}

pub static LAST_ERROR: TypeDef = TypeDef::new(
    "Apim.ILastError",
    Kind::Interface,
    &[&[
        property("string Source { get; }", |cx, _| {
            let error = cx.exchange.last_error.clone().ok_or_else(Fault::null_reference)?;
            text(cx, &error.source)
        }),
        property("string Reason { get; }", |cx, _| error_text!(cx, reason)),
        property("string Message { get; }", |cx, _| {
            let error = cx.exchange.last_error.clone().ok_or_else(Fault::null_reference)?;
            text(cx, &error.message)
        }),
        property("string Scope { get; }", |cx, _| error_text!(cx, scope)),
        property("string Section { get; }", |cx, _| error_text!(cx, section)),
        property("string Path { get; }", |cx, _| error_text!(cx, path)),
        property("string PolicyId { get; }", |cx, _| error_text!(cx, policy_id)),
        property("int HttpErrorCode { get; }", |cx, _| {
            let error = cx.exchange.last_error.clone().ok_or_else(Fault::null_reference)?;
            Ok(Value::Int32(i32::from(error.status)))
        }),
    ]],
)
.unnameable();

pub static BACKEND: TypeDef = TypeDef::new(
    "Apim.IBackend",
    Kind::Interface,
    &[&[
        property("string Id { get; }", |cx, _| {
            let id = cx.exchange.backend.as_ref().map(|backend| Arc::clone(&backend.id));
            opt_str(cx, id.as_deref())
        }),
        property("BackendType Type { get; }", |cx, _| {
            let is_pool = cx.exchange.backend.as_ref().is_some_and(|own| own.kind != BackendKind::Single);
            Ok(Value::Enum { ty: type_of("BackendType"), value: i64::from(is_pool) })
        }),
        property("string AzureRegion { get; }", |cx, _| {
            let exchange = &cx.exchange;
            let region = |of: &Option<Arc<BackendFacts>>| of.as_ref().and_then(|own| own.region.clone());
            let region = region(&exchange.steering.member).or_else(|| region(&exchange.backend));
            opt_str(cx, region.as_deref())
        }),
    ]],
)
.unnameable();

pub static BACKEND_TYPE: TypeDef =
    TypeDef::new("Apim.BackendType", Kind::Enum, &[&[enum_value("Single = 0", 0), enum_value("Pool = 1", 1)]]);
