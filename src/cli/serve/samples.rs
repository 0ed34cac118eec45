//! Calls to try, for whoever starts with the echo service.

use crate::gateway::Gateway;

/// Calls of the first few operations, for whoever tries the echo service. `{base}` stands for the address.
pub fn calls(gateway: &Gateway) -> Vec<String> {
    let mut calls = Vec::new();
    for api in &gateway.apis {
        for operation in api.operations.iter().take(6) {
            let template = operation.facts.url_template.replace("/*", "/anything").replace("{*", "{");
            let mut url = String::new();
            for part in template.split_inclusive('}') {
                match part.split_once('{') {
                    Some((before, _)) => url.extend([before, "42"]),
                    None => url.push_str(part),
                }
            }
            let path = format!("/{}{url}", api.facts.path).replace("//", "/");
            let method = match &*operation.facts.method {
                "GET" | "*" => String::new(),
                "HEAD" => "-I ".to_owned(),
                "POST" | "PUT" | "PATCH" => {
                    format!(
                        "-X {} -H 'Content-Type: application/json' -d '{{\"quantity\":2}}' ",
                        operation.facts.method
                    )
                }
                method => format!("-X {method} "),
            };
            let key = match gateway.subscriptions.first() {
                Some(first) if api.subscription_required => {
                    format!("-H '{}: {}' ", api.facts.key_header, first.facts.primary_key)
                }
                _ => String::new(),
            };
            calls.push(format!("{method}{key}'{{base}}{path}'"));
        }
    }
    calls
}
