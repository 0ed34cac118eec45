//! `proxy` calls the backend through a forward proxy.
//!
//! - `url`: http://host:port only
//!
//! At run time:
//! - applies to forwarded requests; send-request needs its own nested proxy
//! - plain HTTP to the proxy only; Basic or NTLM auth

use super::values;
use crate::bytecode::builder::Builder;
use crate::bytecode::op::Reg;
use crate::document::Statement;
use crate::document::spec::{Attr, Kind, Section, Spec, Support};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use crate::message::{ProxyServer, Transport, Url};

pub static SPEC: Spec =
    Spec::new("proxy").title("Set HTTP proxy").sections(&[Section::Inbound]).support(Support::Built).attributes(&[
        Attr::new("url", Kind::Url).required().expression(),
        Attr::text("username").expression(),
        Attr::text("password").expression().secret(),
    ]);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let registers = evaluate(statement, out);
    apply(&registers, out);
}

pub fn evaluate(statement: &Statement, out: &mut Builder<'_>) -> Vec<Reg> {
    ["url", "username", "password"].map(|name| out.attribute(&statement.element, name)).into()
}

pub fn apply(registers: &[Reg], out: &mut Builder<'_>) {
    out.native(set, "proxy", registers);
}

fn set(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let url = values::text(cx, arguments[0])?;
    let parsed = Url::parse(url.trim())
        .map_err(|why| Fault::invalid_operation(format!("The URL of the proxy cannot be used: {why}.")))?;
    if parsed.scheme != "http" {
        return Err(Fault::invalid_operation("The URL of the proxy must begin with http://."));
    }
    let mut word = |value: Value| match value {
        Value::Null => Ok(None),
        value => values::text(cx, value).map(|text| Some(text.into_boxed_str())),
    };
    let (username, password) = (word(arguments[1])?, word(arguments[2])?);
    let proxy = ProxyServer { url: url.trim().into(), username, password };
    let steering = &mut cx.exchange.steering;
    if steering.outgoing.is_some() {
        steering.outgoing_transport = Transport::with(steering.outgoing_transport.as_ref(), None, Some(&proxy));
    } else {
        steering.proxy = Some(Box::new(proxy));
    }
    Ok(Value::Null)
}
