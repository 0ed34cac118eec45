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
use crate::dotnet::fault::{Fault, PolicyError};
use crate::dotnet::value::Value;
use memchr::memchr;
use percent_encoding::utf8_percent_encode;
use smallvec::SmallVec;

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
    let copy = out.flag_attribute(&statement.element, "copy-unmatched-params");
    out.native(rewrite, "rewrite-uri", &[template, copy]);
}

fn rewrite(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let copy = values::flag(cx, arguments[1])?;
    let Call { heap, exchange, .. } = cx;
    let Some(template) = heap.text(arguments[0]) else {
        return Err(Fault::invalid_operation("The template of rewrite-uri is null."));
    };
    let exchange = &mut **exchange;
    let pieces = pieces(&template, &exchange.matched_parameters)?;
    let operation = exchange.operation.as_ref().map_or("", |operation| &*operation.url_template);
    if leads_elsewhere(&pieces, operation) {
        return Err(Fault::Policy(Box::new(PolicyError {
            message: "A parameter of the URL is a dot segment, which would lead to another path.".into(),
            status: 400,
            caller_message: Some("Bad request".into()),
            ..PolicyError::default()
        })));
    }
    // Nothing fails from here on: the new path is written over the old one.
    exchange.steering.has_bare_path = false;
    let mut target = std::mem::take(&mut exchange.request.url.path);
    target.clear();
    target.push_str(super::set_backend_service::base_path(exchange));
    let base = target.len();
    if !template.starts_with('/') {
        target.push('/');
    }
    fill(&pieces, operation, &mut target);
    let own = target[base..].find('?').map(|at| {
        let query = target[base + at + 1..].to_owned();
        target.truncate(base + at);
        query
    });
    exchange.request.url.path = target;
    let query = &mut exchange.request.url.query;
    if !copy {
        *query = own.filter(|own| !own.is_empty());
    } else if own.is_some() || operation.contains('?') || query.as_deref().is_some_and(has_empty_pairs) {
        let joined = joined(own.unwrap_or_default(), query.as_deref().unwrap_or_default(), operation);
        *query = (!joined.is_empty()).then_some(joined);
    }
    Ok(Value::Null)
}

/// Whether a query is more than its pairs joined with `&`.
fn has_empty_pairs(query: &str) -> bool {
    query.is_empty() || query.starts_with('&') || query.ends_with('&') || query.contains("&&")
}

/// The template's own query and the pairs of the request's that neither it nor the operation names.
fn joined(mut query: String, old: &str, operation: &str) -> String {
    let own = query.len();
    for pair in old.split('&').filter(|pair| !pair.is_empty()) {
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
    query
}

/// The name of a query's `name=value`.
fn name_of(pair: &str) -> &str {
    pair.split('=').next().unwrap_or_default()
}

/// A stretch of the template, and the parameter (name and value) that follows it.
type Piece<'t> = (&'t str, Option<(&'t str, &'t str)>);

/// The template with the parameters of the operation in place of `{name}`.
fn pieces<'t>(template: &'t str, parameters: &'t [(Box<str>, Box<str>)]) -> Result<SmallVec<[Piece<'t>; 4]>, Fault> {
    let mut pieces = SmallVec::new();
    let mut rest = template;
    while let Some(open) = memchr(b'{', rest.as_bytes()) {
        let Some(close) = memchr(b'}', &rest.as_bytes()[open..]) else { break };
        let name = rest[open + 1..open + close].trim_start_matches('*');
        let found = parameters.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        let Some((_, value)) = found else {
            let message = format!("The operation's URL template has no parameter `{name}`.");
            return Err(Fault::invalid_operation(message));
        };
        pieces.push((&rest[..open], Some((name, &**value))));
        rest = &rest[open + close + 1..];
    }
    pieces.push((rest, None));
    Ok(pieces)
}

/// Whether a value makes a dot segment of the path: servers would resolve it, escaped or not.
fn leads_elsewhere(pieces: &[Piece<'_>], operation: &str) -> bool {
    let is_dots = |segment: &str| matches!(segment, "." | "..");
    if !pieces.iter().any(|(_, parameter)| parameter.is_some_and(|(_, value)| is_dots(value))) {
        return false;
    }
    let mut filled = String::new();
    fill(pieces, operation, &mut filled);
    filled.split('?').next().is_some_and(|path| path.split('/').any(is_dots))
}

/// Writes a filled template. Values were decoded when they were matched: they are escaped again, so that none can begin
/// a query or a segment of its own. The rest of a path keeps its slashes, unless an escaped one among them led up.
fn fill(pieces: &[Piece<'_>], operation: &str, out: &mut String) {
    for (text, parameter) in pieces {
        out.push_str(text);
        let Some((name, value)) = parameter else { continue };
        let segments = value.split('/');
        let slashes = is_rest(operation, name) && !segments.clone().any(|own| matches!(own, "." | ".."));
        for (at, segment) in segments.enumerate() {
            if at > 0 {
                out.push_str(if slashes { "/" } else { "%2F" });
            }
            out.extend(utf8_percent_encode(segment, ESCAPED));
        }
    }
}

/// Whether an operation's template takes the rest of the path under this name.
fn is_rest(operation: &str, name: &str) -> bool {
    let named = |after: &str| after.strip_prefix(name).is_some_and(|after| after.starts_with('}'));
    operation.match_indices("{*").any(|(at, _)| named(&operation[at + 2..]))
}

/// The query parameters that an operation's template names.
fn query_names(template: &str) -> impl Iterator<Item = &str> {
    let query = template.split_once('?').map_or("", |(_, query)| query);
    query.split('&').map(name_of).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{fill, leads_elsewhere, pieces};

    #[test]
    fn values_stay_in_their_place() {
        let rows = [
            ("/put/{id}", "/get/{id}", "7", "/put/7"),
            ("/put/{id}", "/get/{id}", "a?b=c/d", "/put/a%3Fb%3Dc%2Fd"),
            ("/put?x={id}", "/get/{id}", "a&b", "/put?x=a%26b"),
            ("/put/{id}", "/get/{*id}", "a/b c", "/put/a/b%20c"),
            ("/put/{id}", "/get/{*id}", "../../b", "/put/..%2F..%2Fb"),
            ("/put/a{id}", "/get/{id}", "..", "/put/a.."),
        ];
        for (template, operation, value, expected) in rows {
            let mut filled = String::new();
            let parameters = [("id".into(), value.into())];
            fill(&pieces(template, &parameters).expect("a parameter of the operation"), operation, &mut filled);
            assert_eq!(filled, expected, "{template} with {value}");
        }
        for (template, value, elsewhere) in
            [("/p/{id}", "..", true), ("/p/{id}/x", ".", true), ("/p/a{id}", "..", false), ("/p?q={id}", "..", false)]
        {
            let parameters = [("id".into(), value.into())];
            let pieces = pieces(template, &parameters).expect("a parameter of the operation");
            assert_eq!(leads_elsewhere(&pieces, "/get?k={id}"), elsewhere, "{template} with {value}");
        }
        assert!(pieces("/put/{other}", &[("id".into(), "7".into())]).is_err());
    }
}
