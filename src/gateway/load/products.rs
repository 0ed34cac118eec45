//! `products/` to products, with the APIs and groups that they hold. Links come as folders, and as the lists `apis.json`
//! and `groups.json` of earlier exports.

use super::Loader;
use super::files::{strip_bom, text};
use crate::diagnostics::codes;
use crate::dotnet::context::ProductFacts;
use crate::gateway::model::*;
use crate::source::FileId;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Default)]
pub(super) struct ProductFiles<'a> {
    pub(super) information: Option<FileId>,
    policy: Option<FileId>,
    apis: Vec<(&'a str, FileId)>,
    groups: Vec<(&'a str, FileId)>,
    lists: Vec<(&'static str, FileId)>,
    any: Option<FileId>,
}

impl Loader<'_> {
    pub(super) fn product_file<'a>(&mut self, file: FileId, rest: &[&'a str], files: &mut ProductFiles<'a>) {
        files.any.get_or_insert(file);
        match rest {
            ["productInformation.json"] => files.information = Some(file),
            ["policy.xml"] => files.policy = Some(file),
            ["apis", api, "productApiInformation.json"] => files.apis.push((api, file)),
            ["groups", group, "productGroupInformation.json"] => files.groups.push((group, file)),
            ["apis.json"] => files.lists.push(("apis", file)),
            ["groups.json"] => files.lists.push(("groups", file)),
            ["tags.json"] | ["tags", ..] => self.without_effect(file, "tags"),
            _ => self.not_understood(file),
        }
    }

    pub(super) fn product(&mut self, name: &str, files: ProductFiles<'_>) {
        let Some(file) = files.information else {
            if let Some(file) = files.any {
                self.error(file, "", format!("the product `{name}` has no productInformation.json"));
            }
            return;
        };
        if self.gateway.products.iter().any(|own| own.id.as_str() == name) {
            return self.twice(file, "products", name);
        }
        let Some(properties) = self.properties(file) else { return };
        self.other_members(
            file,
            &properties,
            &[
                "displayName",
                "description",
                "terms",
                "subscriptionRequired",
                "approvalRequired",
                "subscriptionsLimit",
                "state",
            ],
            "a product",
        );
        let own = |names: &[(&str, FileId)]| names.iter().map(|(name, file)| ((*name).to_owned(), *file)).collect();
        let (mut apis, mut groups): (Vec<_>, Vec<_>) = (own(&files.apis), own(&files.groups));
        for (what, list) in files.lists {
            let names = self.names_of(list);
            let into = if what == "apis" { &mut apis } else { &mut groups };
            into.extend(names.into_iter().map(|name| (name, list)));
        }
        let mut holds = Vec::new();
        let mut facts_of_apis = Vec::new();
        for (api, file) in apis {
            let base = api.split(";rev=").next().unwrap_or(&api);
            match self.apis.get(base).filter(|_| self.has_api(base)) {
                Some(revisions) => {
                    let current = |at: &&usize| self.gateway.apis[**at].facts.is_current_revision;
                    if let Some(&shown) = revisions.iter().find(current).or(revisions.first()) {
                        facts_of_apis.push(Arc::clone(&self.gateway.apis[shown].facts));
                    }
                    holds.push(ApiId::new(base));
                }
                None => {
                    let message = format!("the product `{name}` names the API `{api}`, which is not here");
                    self.report(codes::GATEWAY_REFERENCE, file, &api, message);
                }
            }
        }
        let state = text(&properties, "state").unwrap_or("notPublished");
        if !state.eq_ignore_ascii_case("published") && !state.eq_ignore_ascii_case("notPublished") {
            self.error(file, "state", format!("`{state}` is no state of a product"));
        }
        let published = state.eq_ignore_ascii_case("published");
        let flag = |key: &str, usual| properties.get(key).and_then(Value::as_bool).unwrap_or(usual);
        let limit = properties.get("subscriptionsLimit").and_then(Value::as_i64);
        let facts = ProductFacts {
            id: name.into(),
            name: text(&properties, "displayName").unwrap_or(name).into(),
            published,
            subscription_limit: limit.and_then(|limit| i32::try_from(limit).ok()),
            subscription_required: flag("subscriptionRequired", true),
            approval_required: flag("approvalRequired", false),
            apis: facts_of_apis,
            groups: groups.into_iter().map(|(group, file)| self.group_of(file, &group)).collect(),
        };
        self.gateway.products.push(Product {
            id: ProductId::new(name),
            space: self.space,
            facts: Arc::new(facts),
            declared: self.at(file, "displayName"),
            apis: holds,
            policy: files.policy,
        });
    }

    /// An API is in one open product at most.
    pub(super) fn check_open_products(&mut self) {
        let mut open: BTreeMap<&ApiId, &Product> = BTreeMap::new();
        let mut twice = Vec::new();
        for product in self.gateway.products.iter().filter(|own| own.facts.is_open()) {
            for api in &product.apis {
                if let Some(first) = open.insert(api, product) {
                    let message = format!(
                        "the API `{api}` is in two open products, `{}` and `{}`: the platform takes one",
                        first.id, product.id
                    );
                    twice.push((product.declared, message));
                }
            }
        }
        for (span, message) in twice {
            self.found.push(crate::diagnostics::Finding::new(codes::GATEWAY_ROUTE, span, message));
        }
    }

    /// A list of links: `[{"name": "a"}, ...]`.
    fn names_of(&mut self, file: FileId) -> Vec<String> {
        let read = serde_json::from_str::<Vec<Value>>(strip_bom(self.sources.text(file)));
        let items = match read {
            Ok(items) => items,
            Err(error) => {
                self.unreadable(file, &error.to_string(), Some((error.line() as u32, error.column() as u32)));
                return Vec::new();
            }
        };
        let mut names = Vec::new();
        for item in items {
            match item.get("name").and_then(Value::as_str) {
                Some(name) => names.push(name.to_owned()),
                None => self.error(file, "", "an entry of the list has no name".to_owned()),
            }
        }
        names
    }
}
