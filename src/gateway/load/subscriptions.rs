//! `subscriptions/` to subscriptions: what their keys open, in which state, and whose they are.

use super::Loader;
use super::files::{moment, text};
use crate::diagnostics::{Finding, codes};
use crate::dotnet::context::SubscriptionFacts;
use crate::gateway::model::*;
use crate::source::{FileId, Span};
use serde_json::Value;
use std::sync::Arc;

/// The subscription that every service has, for all of its APIs.
const ALL_ACCESS: &str = "master";

const STATES: [&str; 6] = ["active", "suspended", "submitted", "rejected", "cancelled", "expired"];

impl Loader<'_> {
    pub(super) fn subscription(&mut self, name: &str, file: FileId) {
        let Some(properties) = self.properties(file) else { return };
        self.other_members(
            file,
            &properties,
            &[
                "displayName",
                "scope",
                "ownerId",
                "primaryKey",
                "secondaryKey",
                "state",
                "allowTracing",
                "createdDate",
                "startDate",
                "endDate",
                "expirationDate",
                "notificationDate",
                "stateComment",
            ],
            "a subscription",
        );
        if !self.names.insert(("subscriptions", name.into())) {
            return self.twice(file, "subscriptions", name);
        }
        let primary = self.key(file, text(&properties, "primaryKey"));
        let secondary = self.key(file, text(&properties, "secondaryKey"));
        if primary.is_empty() && secondary.is_empty() {
            let message = format!("the subscription `{name}` has no keys here, so that no request can use it");
            self.found.push(Finding::new(codes::GATEWAY_PART, Span::new(file, 0, 0), message));
            return;
        }
        let state = text(&properties, "state").unwrap_or("active").to_ascii_lowercase();
        if !STATES.contains(&state.as_str()) {
            return self.error(file, "state", format!("`{state}` is no state of a subscription"));
        }
        let written = text(&properties, "scope").unwrap_or("");
        let Some(scope) = self.scope(name, written) else {
            let message = format!("the scope `{written}` of `{name}` names nothing that is here");
            return self.report(codes::GATEWAY_REFERENCE, file, "scope", message);
        };
        for key in [&primary, &secondary] {
            match self.keys.get(key) {
                Some(other) if **other != *name => {
                    let message = format!("the subscriptions `{name}` and `{other}` have the same key");
                    return self.error(file, "", message);
                }
                _ if key.is_empty() => {}
                _ => drop(self.keys.insert(key.clone(), name.into())),
            }
        }
        let owner = text(&properties, "ownerId").filter(|id| !id.is_empty()).map(str::to_owned);
        let owner = owner.map(|id| self.owner(file, &id));
        let may_call = owner.as_ref().is_none_or(|owner| owner.may_call);
        self.gateway.subscriptions.push(Subscription {
            facts: Arc::new(SubscriptionFacts {
                id: name.into(),
                name: text(&properties, "displayName").map(Into::into),
                key: "".into(),
                primary_key: primary,
                secondary_key: secondary,
                created: moment(&properties, "createdDate"),
                start: moment(&properties, "startDate"),
                end: moment(&properties, "endDate").or_else(|| moment(&properties, "expirationDate")),
                allow_tracing: properties.get("allowTracing").and_then(Value::as_bool).unwrap_or(false),
            }),
            scope,
            active: state == "active" && may_call,
            owner: owner.map(|owner| owner.facts),
        });
    }

    /// A key as it is written, or the named value that it is.
    fn key(&mut self, file: FileId, written: Option<&str>) -> Box<str> {
        let written = written.unwrap_or_default();
        self.sources.hide(file, written);
        self.with_named_values(file, written).into()
    }

    /// `/products/p`, `/apis/a`, `/apis`; the service itself is all of its APIs. Resource paths of the platform end so,
    /// with `/workspaces/w` before it in a workspace.
    fn scope(&self, name: &str, written: &str) -> Option<SubscriptionScope> {
        let parts: Vec<&str> = written.split('/').filter(|part| !part.is_empty()).collect();
        // What stands after `.../service/{name}`.
        let service = parts.iter().position(|part| part.eq_ignore_ascii_case("service")).map_or(0, |at| at + 2);
        let workspace = self.gateway.workspace(self.space).map(|own| &own.id);
        let below = match parts.get(service..).unwrap_or_default() {
            ["workspaces", id, below @ ..] => {
                workspace.filter(|own| own.as_str().eq_ignore_ascii_case(id))?;
                below
            }
            below => below,
        };
        match below {
            [] | ["apis"] if workspace.is_some() => workspace.cloned().map(SubscriptionScope::Workspace),
            [] | ["apis"] => Some(SubscriptionScope::AllApis),
            ["apis", api] => {
                let base = api.split(";rev=").next().unwrap_or(api);
                self.has_api(base).then(|| SubscriptionScope::Api(ApiId::new(base)))
            }
            ["products", product] => {
                let same = |own: &Product| own.id.as_str() == *product && own.space == self.space;
                let known = self.gateway.products.iter().any(same);
                known.then(|| SubscriptionScope::Product(ProductId::new(*product)))
            }
            _ if name == ALL_ACCESS && written.is_empty() => Some(SubscriptionScope::AllApis),
            _ => None,
        }
    }
}
