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
    let copy = values::flag(cx, arguments[1])?;
    let Call { heap, exchange, .. } = cx;
    let Some(template) = heap.text(arguments[0]) else {
        return Err(Fault::invalid_operation("The template of rewrite-uri is null."));
    };
    let operation = exchange.operation.as_ref().map_or("", |operation| &*operation.url_template);
    let base = super::set_backend_service::base_path(exchange);
    let mut target = String::with_capacity(base.len() + template.len() + 32);
    target.push_str(base);
    if !template.starts_with('/') {
        target.push('/');
    }
    let base = target.len() - usize::from(!template.starts_with('/'));
    fill(&template, operation, &exchange.matched_parameters, &mut target)?;
    let mut query = match target[base..].find('?') {
        Some(at) => {
            let query = target[base + at + 1..].to_owned();
            target.truncate(base + at);
            query
        }
        None => String::new(),
    };
    if copy {
        let own = query.len();
        for pair in exchange.request.url.query.as_deref().unwrap_or_default().split('&').filter(|p| !p.is_empty()) {
            let name = name_of(pair);
            let is_named = query_names(operation).any(|named| named.eq_ignore_ascii_case(name))
                || query[..own].split('&').any(|own| name_of(own).eq_ignore_ascii_case(name));
            if !is_named {
                if !query.is_empty() {
                    query.push('&');
                }
                query.push_str(pair);
            }
        }
    }
    exchange.request.url.path = target;
    exchange.request.url.query = (!query.is_empty()).then_some(query);
    Ok(Value::Null)
}

/// The name of a query's `name=value`.
fn name_of(pair: &str) -> &str {
    pair.split('=').next().unwrap_or_default()
}

/// Writes the template with the parameters of the operation in place of `{name}`. Values were decoded when they were
/// matched: they are escaped again, so that none can begin a query or a segment of its own. The rest of a path keeps its
/// slashes.
fn fill(template: &str, operation: &str, parameters: &[(Box<str>, Box<str>)], out: &mut String) -> Result<(), Fault> {
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
        let is_rest = operation
            .match_indices("{*")
            .any(|(at, _)| operation[at + 2..].strip_prefix(name).is_some_and(|after| after.starts_with('}')));
        for (at, segment) in value.split('/').enumerate() {
            if at > 0 {
                out.push_str(if is_rest { "/" } else { "%2F" });
            }
            out.extend(utf8_percent_encode(segment, ESCAPED));
        }
        rest = &rest[open + close + 1..];
    }
    out.push_str(rest);
    Ok(())
}

/// The query parameters that an operation's template names.
fn query_names(template: &str) -> impl Iterator<Item = &str> {
    let query = template.split_once('?').map_or("", |(_, query)| query);
    query.split('&').map(name_of).filter(|name| !name.is_empty())
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
            let mut filled = String::new();
            assert!(fill(template, operation, &[("id".into(), value.into())], &mut filled).is_ok());
            assert_eq!(filled, expected, "{template} with {value}");
        }
        assert!(fill("/put/{other}", "/get/{id}", &[("id".into(), "7".into())], &mut String::new()).is_err());
    }
}
