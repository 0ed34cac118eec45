//! What few requests have: certificates, a private endpoint, a workspace, a GraphQL resolver's fields.

use super::exchange::{GraphQl, PrivateEndpoint, Rare, Vnet, Workspace};
use super::text;
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, TypeDef, enum_value, indexer, property, type_of};
use crate::dotnet::system::collections::dictionary_put;
use crate::dotnet::system::crypto::x509;
use crate::dotnet::system::json::{Wanted, token};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use std::sync::Arc;

type Result<T = Value> = std::result::Result<T, Fault>;

/// A part of [`Rare`]; what is absent is null, so nobody gets here without it.
fn of<T>(cx: &Call<'_>, pick: impl Fn(&Rare) -> Option<T>) -> Result<T> {
    pick(&cx.exchange.rare).ok_or_else(Fault::null_reference)
}

// ---- certificates

/// The name of .NET's certificate class.
const CERTIFICATE: &str = "System.Security.Cryptography.X509Certificates.X509Certificate2";

/// The `X509Certificate2` of a certificate's bytes.
pub fn certificate(cx: &mut Call<'_>, bytes: &[u8]) -> Result {
    x509::of_bytes(cx, bytes, "")
}

/// `context.Deployment.Certificates`, by id.
pub fn certificates(cx: &mut Call<'_>, _: &[Value]) -> Result {
    let deployment = Arc::clone(&cx.exchange.deployment);
    let made = super::maps::new_dictionary(cx, TypeId::named(CERTIFICATE), false)?;
    for own in &deployment.certificates {
        let id = cx.new_str(&own.id)?;
        let value = match &own.key {
            Some(key) => x509::of_parts(cx, &own.data, key)?,
            None => certificate(cx, &own.data)?,
        };
        dictionary_put(cx, made, id, value)?;
    }
    Ok(made)
}

// ---- where the gateway runs, and how the request came

pub static SUSTAINABILITY: TypeDef = TypeDef::new(
    "Apim.ISustainabilityInfo",
    Kind::Interface,
    &[&[property("CarbonIntensityCategory CurrentCarbonIntensity { get; }", |cx, _| {
        let value = cx.exchange.deployment.carbon_intensity as i64;
        Ok(Value::Enum { ty: type_of("CarbonIntensityCategory"), value })
    })]],
)
.unnameable();

pub static CARBON_INTENSITY: TypeDef = TypeDef::new(
    "Apim.CarbonIntensityCategory",
    Kind::Enum,
    &[&[
        enum_value("NotAvailable = 0", 0),
        enum_value("VeryLow = 1", 1),
        enum_value("Low = 2", 2),
        enum_value("Medium = 3", 3),
        enum_value("High = 4", 4),
        enum_value("VeryHigh = 5", 5),
    ]],
);

pub static FOUNDRY: TypeDef = TypeDef::new(
    "Apim.IFoundry",
    Kind::Interface,
    &[&[property("string Deployment { get; }", |cx, _| {
        let deployment = of(cx, |rare| rare.foundry_deployment.clone())?;
        text(cx, &deployment)
    })]],
)
.unnameable();

fn vnet(cx: &Call<'_>) -> Result<Vnet> {
    of(cx, |rare| rare.vnet.clone())
}

pub static VNET: TypeDef = TypeDef::new(
    "Apim.IAzureVnetInfo",
    Kind::Interface,
    &[&[
        property("int VnetTrafficTag { get; }", |cx, _| Ok(Value::Int32(vnet(cx)?.traffic_tag))),
        property("int SubnetId { get; }", |cx, _| Ok(Value::Int32(vnet(cx)?.subnet_id))),
        property("int PrivateLinkId { get; }", |cx, _| Ok(Value::Int32(vnet(cx)?.private_link_id))),
        property("string SnatVip { get; }", |cx, _| {
            let vip = vnet(cx)?.snat_vip;
            text(cx, &vip)
        }),
    ]],
)
.unnameable();

fn endpoint(cx: &mut Call<'_>, pick: fn(&PrivateEndpoint) -> &str) -> Result {
    let endpoint = of(cx, |rare| rare.private_endpoint.clone())?;
    text(cx, pick(&endpoint))
}

pub static PRIVATE_ENDPOINT: TypeDef = TypeDef::new(
    "Apim.IPrivateEndpointConnection",
    Kind::Interface,
    &[&[
        property("string Name { get; }", |cx, _| endpoint(cx, |own| &own.name)),
        property("string GroupId { get; }", |cx, _| endpoint(cx, |own| &own.group_id)),
        property("string MemberName { get; }", |cx, _| endpoint(cx, |own| &own.member_name)),
    ]],
)
.unnameable();

fn workspace(cx: &mut Call<'_>, pick: fn(&Workspace) -> &str) -> Result {
    let workspace = of(cx, |rare| rare.workspace.clone())?;
    text(cx, pick(&workspace))
}

pub static WORKSPACE: TypeDef = TypeDef::new(
    "Apim.IWorkspace",
    Kind::Interface,
    &[&[
        property("string Id { get; }", |cx, _| workspace(cx, |own| &own.id)),
        property("string Name { get; }", |cx, _| workspace(cx, |own| &own.name)),
    ]],
)
.unnameable();

// ---- GraphQL

/// Which fields an `IGraphQLDataObject` shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fields {
    Arguments,
    Parent,
}

fn fields(cx: &mut Call<'_>, which: Fields) -> Result {
    cx.heap.new_extension(type_of("IGraphQLDataObject"), which)
}

pub static GRAPHQL: TypeDef = TypeDef::new(
    "Apim.IGraphQL",
    Kind::Interface,
    &[&[
        property("IGraphQLDataObject Arguments { get; }", |cx, _| fields(cx, Fields::Arguments)),
        property("IGraphQLDataObject GraphQLArguments { get; }", |cx, _| fields(cx, Fields::Arguments)),
        property("IGraphQLDataObject Parent { get; }", |cx, _| fields(cx, Fields::Parent)),
    ]],
)
.unnameable();

/// A field that is absent is null.
pub static GRAPHQL_DATA: TypeDef = TypeDef::new(
    "Apim.IGraphQLDataObject",
    Kind::Interface,
    &[&[indexer("JToken this[string name] { get; }", |cx, a| {
        let which = *cx.this::<Fields>(a[0])?;
        let name = cx.text(a[1], "name")?.into_owned();
        let all = |own: &GraphQl| match which {
            Fields::Arguments => own.arguments.clone(),
            Fields::Parent => own.parent.clone(),
        };
        let all = of(cx, |rare| rare.graphql.as_ref().map(all))?;
        let Some((_, json)) = all.iter().find(|(own, _)| **own == *name) else { return Ok(Value::Null) };
        let json = cx.new_str(json)?;
        token::parse(cx, json, "json", Wanted::Token)
    })]],
)
.unnameable();
