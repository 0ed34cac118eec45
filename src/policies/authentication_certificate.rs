//! `authentication-certificate` calls the backend with a client certificate.
//!
//! - `certificate-id`: matched case-insensitively since March 2024
//! - `body`: expression giving byte\[] (PFX) when not in the store
//! - `password`: for body
//!
//! At run time:
//! - selects the client certificate for the backend TLS handshake
//! - Key Vault certificates should be referenced by id because rotation changes the thumbprint
//! - also a child of send-request, send-one-way-request, http-data-source and sql-data-source

use super::values;
use crate::bytecode::builder::Builder;
use crate::bytecode::op::Reg;
use crate::document::Statement;
use crate::document::spec::{Attr, Kind, Need, Section, Spec, Support};
use crate::dotnet::call::Call;
use crate::dotnet::context::DeployedCertificate;
use crate::dotnet::fault::Fault;
use crate::dotnet::system::crypto::x509;
use crate::dotnet::value::Value;
use crate::message::{ClientIdentity, Transport};
use std::sync::Arc;

pub static SPEC: Spec = Spec::new("authentication-certificate")
    .title("Authenticate with client certificate")
    .sections(&[Section::Inbound])
    .support(Support::Built)
    .attributes(&[
        Attr::text("thumbprint").required_when("thumbprint or certificate-id or body").expression(),
        Attr::text("certificate-id").required_when("thumbprint or certificate-id or body").expression(),
        Attr::new("body", Kind::Any).expression(),
        Attr::text("password").required_when("body holds a password-protected certificate").expression().secret(),
    ])
    .needs(&[Need::AnyOf(&["thumbprint", "certificate-id", "body"])]);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let registers = evaluate(statement, out);
    apply(&registers, out);
}

pub fn evaluate(statement: &Statement, out: &mut Builder<'_>) -> Vec<Reg> {
    ["thumbprint", "certificate-id", "body", "password"].map(|name| out.attribute(&statement.element, name)).into()
}

pub fn apply(registers: &[Reg], out: &mut Builder<'_>) {
    out.native(set, "authentication-certificate", registers);
}

fn set(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let identity = if !matches!(arguments[2], Value::Null) {
        let body = values::bytes(cx, arguments[2])?;
        let password = values::text(cx, arguments[3])?;
        // Opening a file takes thousands of rounds over its password.
        cx.charge_fuel(body.len() + 100_000)?;
        let parts = x509::parts(&body, &password)
            .map_err(|why| Fault::invalid_operation(format!("The client certificate cannot be read: {why}.")))?;
        let key = parts.key.ok_or_else(|| Fault::invalid_operation("The client certificate has no private key."))?;
        Arc::new(ClientIdentity { chain: parts.chain, key })
    } else {
        let (thumbprint, id) = (values::text(cx, arguments[0])?, values::text(cx, arguments[1])?);
        cx.charge_fuel(1000)?;
        let read = |own: &DeployedCertificate| {
            let parts = x509::parts(&own.data, "").ok()?;
            let fits = !id.is_empty() || parts.thumbprint.eq_ignore_ascii_case(thumbprint.trim());
            let key = own.key.as_deref().map(<[u8]>::to_vec).or(parts.key).filter(|_| fits)?;
            Some(ClientIdentity { chain: parts.chain, key })
        };
        let of_id = |own: &&DeployedCertificate| id.is_empty() || own.id.eq_ignore_ascii_case(&id);
        let found = cx.exchange.deployment.certificates.iter().filter(of_id).find_map(read);
        let found = found.ok_or_else(|| {
            let named = if id.is_empty() { &thumbprint } else { &id };
            Fault::invalid_operation(format!("There is no client certificate `{named}` with a private key."))
        })?;
        Arc::new(found)
    };
    let steering = &mut cx.exchange.steering;
    if steering.outgoing.is_some() {
        steering.outgoing_transport = Transport::with(steering.outgoing_transport.as_ref(), Some(&identity), None);
    } else {
        steering.certificate = Some(identity);
    }
    Ok(Value::Null)
}
