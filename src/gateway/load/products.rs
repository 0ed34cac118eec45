//! `products/` to products, with the APIs and groups that they hold.

use super::Loader;
use super::files::text;
use crate::dotnet::context::ProductFacts;
use crate::gateway::model::*;
use crate::source::FileId;
use serde_json::Value;
use std::sync::Arc;

#[derive(Default)]
pub(super) struct ProductFiles<'a> {
    pub(super) information: Option<FileId>,
    pub(super) policy: Option<FileId>,
    pub(super) apis: Vec<(&'a str, FileId)>,
    pub(super) groups: Vec<&'a str>,
}

impl Loader<'_> {
    pub(super) fn product(&mut self, name: &str, files: ProductFiles<'_>) {
        let Some(file) = files.information else {
            if let Some(file) = files.policy.or(files.apis.first().map(|(_, file)| *file)) {
                self.error(file, "", format!("the product `{name}` has no productInformation.json"));
            }
            return;
        };
        let Some(properties) = self.properties(file) else { return };
        let mut apis = Vec::new();
        let mut facts_of_apis = Vec::new();
        for (api, file) in files.apis {
            match self.gateway.apis.iter().find(|own| own.id.as_str() == api) {
                Some(found) => {
                    apis.push(found.id.clone());
                    facts_of_apis.push(Arc::clone(&found.facts));
                }
                None => self.reference(file, format!("the product `{name}` names the API `{api}`, which is not here")),
            }
        }
        let flag = |key: &str, usual| properties.get(key).and_then(Value::as_bool).unwrap_or(usual);
        let facts = ProductFacts {
            id: name.into(),
            name: text(&properties, "displayName").unwrap_or(name).into(),
            published: text(&properties, "state").is_some_and(|state| state.eq_ignore_ascii_case("published")),
            subscription_limit: properties
                .get("subscriptionsLimit")
                .and_then(Value::as_i64)
                .and_then(|limit| i32::try_from(limit).ok()),
            subscription_required: flag("subscriptionRequired", true),
            approval_required: flag("approvalRequired", false),
            apis: facts_of_apis,
            groups: files
                .groups
                .iter()
                .map(|group| crate::dotnet::context::Group { id: (*group).into(), name: (*group).into() })
                .collect(),
        };
        self.gateway.products.push(Product {
            id: ProductId::new(name),
            facts: Arc::new(facts),
            apis,
            policy: files.policy,
        });
    }
}
