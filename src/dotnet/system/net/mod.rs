//! `System.Uri` and `System.Net`: URIs, addresses, escaping for the web.

mod address;
mod entities;
mod ip_address;
mod status_code;
mod units;
pub mod uri;
mod web_utility;

use crate::dotnet::member::TypeDef;

pub static TYPES: &[&TypeDef] = &[
    &uri::URI,
    &uri::builder::URI_BUILDER,
    &uri::KIND,
    &uri::PARTIAL,
    &uri::HOST_NAME_TYPE,
    &uri::FORMAT,
    &uri::COMPONENTS,
    &ip_address::IP_ADDRESS,
    &ip_address::ADDRESS_FAMILY,
    &status_code::HTTP_STATUS_CODE,
    &web_utility::WEB_UTILITY,
];
