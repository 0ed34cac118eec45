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

use super::set_query_parameter::ESCAPED;
use super::values;
use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, Section, Spec, Support};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use percent_encoding::utf8_percent_encode;

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
    let operation = exchange.operation.as_ref().map_or("", |operation| &*operation.url_template);
    let filled = fill(&template, operation, &exchange.matched_parameters)?;
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

/// The template with the parameters of the operation in place of `{name}`. Values were decoded when they were matched:
/// they are escaped again, so that none can begin a query or a segment of its own. The rest of a path keeps its slashes.
fn fill(template: &str, operation: &str, parameters: &[(Box<str>, Box<str>)]) -> Result<String, Fault> {
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
        if operation.contains(&format!("{{*{name}}}")) {
            let segments: Vec<String> = value.split('/').map(|s| utf8_percent_encode(s, ESCAPED).to_string()).collect();
            out.push_str(&segments.join("/"));
        } else {
            out.extend(utf8_percent_encode(value, ESCAPED));
        }
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

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn values_stay_in_their_place() {
        let rows = [
            ("/put/{id}", "/get/{id}", "7", "/put/7"),
            ("/put/{id}", "/get/{id}", "a?b=c/d", "/put/a%3Fb%3Dc%2Fd"),
            ("/put?x={id}", "/get/{id}", "a&b", "/put?x=a%26b"),
            ("/put/{id}", "/get/{*id}", "a/b c", "/put/a/b%20c"),
        ];
        for (template, operation, value, expected) in rows {
            let filled = fill(template, operation, &[("id".into(), value.into())]);
            assert_eq!(filled.ok().as_deref(), Some(expected), "{template} with {value}");
        }
        assert!(fill("/put/{other}", "/get/{id}", &[("id".into(), "7".into())]).is_err());
    }
}
