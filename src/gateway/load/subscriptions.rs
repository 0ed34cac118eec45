//! `subscriptions/` to subscriptions with their keys.

use super::Loader;
use super::files::text;
use crate::diagnostics::{Finding, codes};
use crate::dotnet::context::SubscriptionFacts;
use crate::gateway::model::*;
use crate::source::{FileId, Span};
use std::sync::Arc;

impl Loader<'_> {
    pub(super) fn subscription(&mut self, name: &str, file: FileId) {
        let Some(properties) = self.properties(file) else { return };
        let primary = text(&properties, "primaryKey").unwrap_or("");
        let secondary = text(&properties, "secondaryKey").unwrap_or("");
        if primary.is_empty() && secondary.is_empty() {
            let message = format!("the subscription `{name}` has no keys here, so that no request can use it");
            self.found.push(Finding::new(codes::GATEWAY_PART, Span::new(file, 0, 0), message));
            return;
        }
        let scope = text(&properties, "scope").unwrap_or("");
        let scope = match scope.trim_matches('/').rsplit('/').take(2).collect::<Vec<_>>()[..] {
            ["apis", ..] | [""] => SubscriptionScope::AllApis,
            [api, "apis"] if self.gateway.apis.iter().any(|own| own.id.as_str() == api) => {
                SubscriptionScope::Api(ApiId::new(api))
            }
            [product, "products"] if self.gateway.products.iter().any(|own| own.id.as_str() == product) => {
                SubscriptionScope::Product(ProductId::new(product))
            }
            _ => {
                return self.reference(file, format!("the scope `{scope}` of `{name}` names nothing that is here"));
            }
        };
        self.gateway.subscriptions.push(Subscription {
            facts: Arc::new(SubscriptionFacts {
                id: name.into(),
                name: text(&properties, "displayName").map(Into::into),
                key: "".into(),
                primary_key: primary.into(),
                secondary_key: secondary.into(),
                allow_tracing: properties.get("allowTracing").and_then(serde_json::Value::as_bool).unwrap_or(false),
                ..SubscriptionFacts::default()
            }),
            scope,
            active: text(&properties, "state").is_none_or(|state| state.eq_ignore_ascii_case("active")),
        });
    }
}
