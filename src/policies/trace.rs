//! `trace` adds a message to the request trace, to telemetry and to resource logs.
//!
//! - `message`: holds expressions allowed
//! - `metadata/@value`: page: literal or expression in the syntax block; toolkit says literal
//!
//! At run time:
//! - goes to request tracing, Application Insights (severity at or above the diagnostic verbosity) and resource
//!   logs
//! - not sampled
//! - v2 gateways do not show it in the test console (2024 note)

use super::values;
use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, ChildSpec, Kind, Section, Spec, Support, Text};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use crate::effect::{Answer, Effect, Severity, TraceMessage};

pub static SPEC: Spec = Spec::new("trace")
    .title("Trace")
    .sections(&[Section::Inbound, Section::Backend, Section::Outbound])
    .also(&[Section::OnError])
    .support(Support::Built)
    .attributes(&[
        Attr::text("source").required(),
        Attr::one_of("severity", &["verbose", "information", "error"]).default("verbose"),
    ])
    .children(&[
        ChildSpec::new("message").required().text(Text::new(Kind::Text).expression().markup()),
        ChildSpec::new("metadata")
            .repeats()
            .attributes(&[Attr::text("name").required(), Attr::text("value").required().expression()]),
    ])
    // Before it had children, the message was the element's own text; published policies still write it so.
    .text(Text::VALUE);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let element = &statement.element;
    let message = match element.element("message") {
        Some(message) => out.content(message),
        None => out.content(element),
    };
    let mut registers = vec![out.attribute(element, "source"), out.attribute(element, "severity"), message];
    for metadata in element.elements("metadata") {
        registers.push(out.attribute(metadata, "name"));
        registers.push(out.attribute(metadata, "value"));
    }
    out.effect(begin, finish, "trace", &registers);
}

fn begin(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Option<Effect>, Fault> {
    let mut texts = Vec::new();
    for value in arguments {
        texts.push(values::text(cx, *value)?.into_boxed_str());
    }
    let severity = match &*texts[1] {
        "error" => Severity::Error,
        "information" => Severity::Information,
        _ => Severity::Verbose,
    };
    let metadata = texts[3..].chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
    let message = TraceMessage { source: texts[0].clone(), severity, message: texts[2].clone(), metadata };
    Ok(Some(Effect::Trace(Box::new(message))))
}

fn finish(_: &mut Call<'_>, _: &[Value], _: Answer) -> Result<Value, Fault> {
    Ok(Value::Null)
}
