//! `rewrite-uri` replaces path and query of the request by a template.
//!
//! - `template`: path plus optional query with {param} from the operation template; an expression must be the whole
//!   value
//! - `copy-unmatched-params`: true in table and examples; the editor schema alone says false
//!
//! At run time:
//! - template is relative to the backend base URL
//! - only template parameters of the operation may be used in the path; new query parameters are fine
//! - query parameters not named in the ORIGINAL operation template are appended when copying is on; parameters
//!   named there are consumed even if the new template drops them
//! - example: /get?a=b&c=d on operation /get?a={b} with template /put gives /put?c=d, and /put with copying off

use super::values;
use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, Section, Spec, Support};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;

pub static SPEC: Spec = Spec::new("rewrite-uri")
    .title("Rewrite URL")
    .sections(&[Section::Inbound])
    .also(&[Section::Backend])
    .support(Support::Built)
    .attributes(&[
        Attr::text("template").required().expression(),
        Attr::bool("copy-unmatched-params").expression().default("true"),
    ]);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let template = out.attribute(&statement.element, "template");
    let copy = out.attribute(&statement.element, "copy-unmatched-params");
    out.native(rewrite, "rewrite-uri", &[template, copy]);
}

fn rewrite(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let template = values::text(cx, arguments[0])?;
    let copy = values::flag(cx, arguments[1])?;
    let exchange = &mut *cx.exchange;
    let filled = fill(&template, &exchange.matched_parameters)?;
    let (path, query) = filled.split_once('?').map_or((&*filled, None), |(path, query)| (path, Some(query)));
    let mut pairs: Vec<String> =
        query.into_iter().flat_map(|q| q.split('&')).filter(|p| !p.is_empty()).map(str::to_owned).collect();
    if copy {
        let named =
            exchange.operation.as_ref().map(|operation| query_names(&operation.url_template)).unwrap_or_default();
        let current = exchange.request.url.query.as_deref().unwrap_or_default();
        for pair in current.split('&').filter(|pair| !pair.is_empty()) {
            let name = pair.split('=').next().unwrap_or_default();
            let own = |other: &String| other.split('=').next().unwrap_or_default().eq_ignore_ascii_case(name);
            if !named.iter().any(|own| own.eq_ignore_ascii_case(name)) && !pairs.iter().any(own) {
                pairs.push(pair.to_owned());
            }
        }
    }
    let base = super::set_backend_service::base_path(exchange);
    let slash = if path.starts_with('/') { "" } else { "/" };
    exchange.request.url.path = format!("{}{slash}{path}", base.trim_end_matches('/'));
    exchange.request.url.query = (!pairs.is_empty()).then(|| pairs.join("&"));
    Ok(Value::Null)
}

/// The template with the parameters of the operation in place of `{name}`.
fn fill(template: &str, parameters: &[(Box<str>, Box<str>)]) -> Result<String, Fault> {
    let mut out = String::new();
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}') else { break };
        let name = rest[open + 1..open + close].trim_start_matches('*');
        let found = parameters.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        let Some((_, value)) = found else {
            let message = format!("The operation's URL template has no parameter `{name}`.");
            return Err(Fault::invalid_operation(message));
        };
        out.push_str(&rest[..open]);
        out.push_str(value);
        rest = &rest[open + close + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

/// The query parameters that an operation's template names.
fn query_names(template: &str) -> Vec<String> {
    let query = template.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter_map(|pair| pair.split('=').next()).filter(|n| !n.is_empty()).map(str::to_owned).collect()
}
