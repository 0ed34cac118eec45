//! `set-query-parameter` sets, appends to, or deletes a query parameter of the request.
//!
//! - `value`: holds expressions allowed; required unless delete
//!
//! At run time:
//! - changes the request only

use super::values;
use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, ChildSpec, Section, Spec, Support, Text};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

pub static SPEC: Spec = Spec::new("set-query-parameter")
    .title("Set query string parameter")
    .sections(&[Section::Inbound, Section::Backend])
    .also(&[Section::Outbound, Section::OnError])
    .support(Support::Built)
    .attributes(&[
        Attr::text("name").required().expression(),
        Attr::one_of("exists-action", &["override", "skip", "append", "delete"]).expression().default("override"),
    ])
    .children(&[ChildSpec::new("value").repeats().text(Text::VALUE)]);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let mut registers =
        vec![out.attribute(&statement.element, "name"), out.attribute(&statement.element, "exists-action")];
    for value in statement.element.elements("value") {
        registers.push(out.content(value));
    }
    out.native(set, "set-query-parameter", &registers);
}

/// All but what a URL may hold unescaped.
pub const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

fn set(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let name = values::text(cx, arguments[0])?;
    let action = values::text(cx, arguments[1])?;
    let mut texts = Vec::new();
    for value in &arguments[2..] {
        texts.push(values::text(cx, *value)?);
    }
    let url = &mut values::request(cx).url;
    let query = url.query.take().unwrap_or_default();
    let own = |pair: &&str| {
        let written = pair.split('=').next().unwrap_or_default().replace('+', " ");
        percent_encoding::percent_decode_str(&written).decode_utf8_lossy().eq_ignore_ascii_case(&name)
    };
    let mut pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    let exists = pairs.iter().any(own);
    let keeps_all = matches!((&*action, exists), ("append", _) | ("skip", true));
    if !keeps_all {
        pairs.retain(|pair| !own(pair));
    }
    let mut pairs: Vec<String> = pairs.into_iter().map(str::to_owned).collect();
    if action != "delete" && !(action == "skip" && exists) {
        let name = utf8_percent_encode(&name, ESCAPED).to_string();
        pairs.extend(texts.iter().map(|text| format!("{name}={}", utf8_percent_encode(text, ESCAPED))));
    }
    url.query = (!pairs.is_empty()).then(|| pairs.join("&"));
    Ok(Value::Null)
}
