//! Every policy: a module and a row each. What a policy declares and does stands in its own file.

mod action;
pub mod authentication_basic;
pub mod authentication_certificate;
pub mod authentication_managed_identity;
pub mod authentication_token;
pub mod authentication_token_store;
pub mod azure_openai_emit_token_metric;
pub mod azure_openai_semantic_cache_lookup;
pub mod azure_openai_semantic_cache_store;
pub mod azure_openai_token_limit;
pub mod base;
pub mod block;
pub mod cache_lookup;
pub mod cache_lookup_value;
pub mod cache_remove_value;
pub mod cache_store;
pub mod cache_store_value;
pub mod cache_value;
mod cached;
pub mod check_header;
pub mod choose;
pub mod cors;
pub mod cosmosdb_data_source;
pub mod cross_domain;
pub mod emit_metric;
pub mod find_and_replace;
pub mod forward_request;
pub mod get_authorization_context;
pub mod graphql_data_source;
pub mod hops;
pub mod http_data_source;
pub mod include_fragment;
pub mod invoke_dapr_binding;
pub mod invoke_request;
pub mod ip_filter;
pub mod json_to_xml;
pub mod jsonp;
pub mod limit_concurrency;
pub mod llm_content_safety;
pub mod llm_emit_token_metric;
pub mod llm_semantic_cache_lookup;
pub mod llm_semantic_cache_store;
pub mod llm_token_limit;
pub mod log_to_eventhub;
pub mod lowering;
pub mod mock_response;
pub mod proxy;
pub mod publish_event;
pub mod publish_to_dapr;
pub mod quota;
pub mod quota_by_key;
pub mod rate_limit;
pub mod rate_limit_by_key;
pub mod redirect_content_urls;
pub mod retry;
pub mod return_response;
pub mod rewrite_uri;
pub mod send_one_way_request;
pub mod send_request;
pub mod send_service_bus_message;
pub mod set_backend_service;
pub mod set_body;
pub mod set_graphql_resolver;
pub mod set_header;
pub mod set_method;
pub mod set_query_parameter;
pub mod set_request_metric_dimension_value;
pub mod set_status;
pub mod set_url;
pub mod set_variable;
pub mod sql_data_source;
pub mod trace;
pub mod validate_azure_ad_token;
pub mod validate_client_certificate;
pub mod validate_content;
pub mod validate_graphql_request;
pub mod validate_headers;
pub mod validate_jwt;
pub mod validate_odata_request;
pub mod validate_parameters;
pub mod validate_status_code;
pub mod values;
pub mod wait;
pub mod xml_to_json;
pub mod xsl_transform;

use crate::document::spec::Specs;

/// The table that documents are read by.
pub static SPECS: Specs = Specs(&[
    &authentication_basic::SPEC,
    &authentication_certificate::SPEC,
    &authentication_managed_identity::SPEC,
    &authentication_token::SPEC,
    &authentication_token_store::SPEC,
    &azure_openai_emit_token_metric::SPEC,
    &azure_openai_semantic_cache_lookup::SPEC,
    &azure_openai_semantic_cache_store::SPEC,
    &azure_openai_token_limit::SPEC,
    &base::SPEC,
    &block::SPEC,
    &cache_lookup::SPEC,
    &cache_lookup_value::SPEC,
    &cache_remove_value::SPEC,
    &cache_store::SPEC,
    &cache_store_value::SPEC,
    &cache_value::SPEC,
    &check_header::SPEC,
    &choose::SPEC,
    &cors::SPEC,
    &cosmosdb_data_source::SPEC,
    &cross_domain::SPEC,
    &emit_metric::SPEC,
    &find_and_replace::SPEC,
    &forward_request::SPEC,
    &get_authorization_context::SPEC,
    &graphql_data_source::SPEC,
    &http_data_source::SPEC,
    &include_fragment::SPEC,
    &invoke_dapr_binding::SPEC,
    &invoke_request::SPEC,
    &ip_filter::SPEC,
    &json_to_xml::SPEC,
    &jsonp::SPEC,
    &limit_concurrency::SPEC,
    &llm_content_safety::SPEC,
    &llm_emit_token_metric::SPEC,
    &llm_semantic_cache_lookup::SPEC,
    &llm_semantic_cache_store::SPEC,
    &llm_token_limit::SPEC,
    &log_to_eventhub::SPEC,
    &mock_response::SPEC,
    &proxy::SPEC,
    &publish_event::SPEC,
    &publish_to_dapr::SPEC,
    &quota::SPEC,
    &quota_by_key::SPEC,
    &rate_limit::SPEC,
    &rate_limit_by_key::SPEC,
    &redirect_content_urls::SPEC,
    &retry::SPEC,
    &return_response::SPEC,
    &rewrite_uri::SPEC,
    &send_one_way_request::SPEC,
    &send_request::SPEC,
    &send_service_bus_message::SPEC,
    &set_backend_service::SPEC,
    &set_body::SPEC,
    &set_graphql_resolver::SPEC,
    &set_header::SPEC,
    &set_method::SPEC,
    &set_query_parameter::SPEC,
    &set_request_metric_dimension_value::SPEC,
    &set_status::SPEC,
    &set_url::SPEC,
    &set_variable::SPEC,
    &sql_data_source::SPEC,
    &trace::SPEC,
    &validate_azure_ad_token::SPEC,
    &validate_client_certificate::SPEC,
    &validate_content::SPEC,
    &validate_graphql_request::SPEC,
    &validate_headers::SPEC,
    &validate_jwt::SPEC,
    &validate_odata_request::SPEC,
    &validate_parameters::SPEC,
    &validate_status_code::SPEC,
    &wait::SPEC,
    &xml_to_json::SPEC,
    &xsl_transform::SPEC,
]);

#[cfg(test)]
mod tests;
