//! Which policies run: a row per policy that has a lowering.

use super::{
    authentication_certificate, base, cache_lookup_value, cache_remove_value, cache_store_value, check_header, choose,
    find_and_replace, forward_request, include_fragment, limit_concurrency, mock_response, proxy, retry,
    return_response, rewrite_uri, send_one_way_request, send_request, set_backend_service, set_body, set_header,
    set_method, set_query_parameter, set_status, set_variable, trace, wait,
};
use crate::bytecode::builder::Lower;

/// Policies that are built, by element.
static ROWS: &[(&str, Lower)] = &[
    ("authentication-certificate", authentication_certificate::lower),
    ("base", base::lower),
    ("cache-lookup-value", cache_lookup_value::lower),
    ("cache-remove-value", cache_remove_value::lower),
    ("cache-store-value", cache_store_value::lower),
    ("check-header", check_header::lower),
    ("choose", choose::lower),
    ("find-and-replace", find_and_replace::lower),
    ("forward-request", forward_request::lower),
    ("include-fragment", include_fragment::lower),
    ("limit-concurrency", limit_concurrency::lower),
    ("mock-response", mock_response::lower),
    ("proxy", proxy::lower),
    ("retry", retry::lower),
    ("return-response", return_response::lower),
    ("rewrite-uri", rewrite_uri::lower),
    ("send-one-way-request", send_one_way_request::lower),
    ("send-request", send_request::lower),
    ("set-backend-service", set_backend_service::lower),
    ("set-body", set_body::lower),
    ("set-header", set_header::lower),
    ("set-method", set_method::lower),
    ("set-query-parameter", set_query_parameter::lower),
    ("set-status", set_status::lower),
    ("set-variable", set_variable::lower),
    ("trace", trace::lower),
    ("wait", wait::lower),
];

/// The lowering of a policy; `None`: known and not built.
pub fn find(name: &str) -> Option<Lower> {
    ROWS.iter().find(|(own, _)| *own == name).map(|(_, lower)| *lower)
}
