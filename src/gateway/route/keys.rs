//! Subscription keys: which products and APIs a key opens.

use super::path::{decoded, query_value};
use super::{Grant, Refusal, Router};
use crate::dotnet::context::{SubscriptionFacts, UserFacts};
use crate::gateway::model::{ApiId, Gateway, SubscriptionScope};
use crate::message::Headers;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What one key opens, and whose it is.
#[derive(Debug)]
pub(super) struct Key {
    facts: Arc<SubscriptionFacts>,
    scope: KeyScope,
    active: bool,
    owner: Option<Arc<UserFacts>>,
}

#[derive(Clone, Debug)]
enum KeyScope {
    All,
    Workspace(usize),
    Api(ApiId),
    Product(usize),
}

/// The keys of all subscriptions.
pub(super) fn keys(gateway: &Gateway) -> FxHashMap<Box<str>, Key> {
    let mut keys = FxHashMap::default();
    for subscription in &gateway.subscriptions {
        let scope = match &subscription.scope {
            SubscriptionScope::AllApis => Some(KeyScope::All),
            SubscriptionScope::Workspace(id) => {
                gateway.workspaces.iter().position(|own| own.id == *id).map(KeyScope::Workspace)
            }
            SubscriptionScope::Api(id) => Some(KeyScope::Api(id.clone())),
            SubscriptionScope::Product(id) => {
                gateway.products.iter().position(|product| product.id == *id).map(KeyScope::Product)
            }
        };
        let Some(scope) = scope else { continue };
        for key in [&subscription.facts.primary_key, &subscription.facts.secondary_key] {
            if !key.is_empty() {
                let facts = SubscriptionFacts { key: key.clone(), ..(*subscription.facts).clone() };
                let key_facts = Key {
                    facts: Arc::new(facts),
                    scope: scope.clone(),
                    active: subscription.active,
                    owner: subscription.owner.clone(),
                };
                keys.insert(key.clone(), key_facts);
            }
        }
    }
    keys
}

impl Router {
    /// Checks the subscription key and finds the product that the request runs under.
    pub fn authorise(
        &self,
        gateway: &Gateway,
        api: usize,
        headers: &Headers,
        query: Option<&str>,
    ) -> Result<Grant, Refusal> {
        if !self.checks_keys {
            return Ok(Grant::default());
        }
        let facts = &gateway.apis[api].facts;
        let in_header = self.key_headers[api].as_ref().and_then(|name| headers.first(name));
        let in_header = in_header.map(|value| String::from_utf8_lossy(value.as_bytes()));
        let key = in_header.or_else(|| query_value(query.unwrap_or(""), &facts.key_query).map(decoded));
        let Some(key) = key else {
            return match self.open_products[api] {
                Some(product) => Ok(Grant { product: Some(product), ..Grant::default() }),
                None if !gateway.apis[api].subscription_required => Ok(Grant::default()),
                None => Err(Refusal::KeyMissing),
            };
        };
        let found = self.keys.get(&*key).filter(|key| key.active).ok_or(Refusal::KeyInvalid)?;
        let product = match &found.scope {
            KeyScope::All => None,
            KeyScope::Workspace(own) if gateway.apis[api].space == Some(*own) => None,
            KeyScope::Api(own) if *own.as_str() == *facts.id => None,
            KeyScope::Product(product) if self.products[api].contains(product) => Some(*product),
            KeyScope::Workspace(_) | KeyScope::Api(_) | KeyScope::Product(_) => return Err(Refusal::KeyInvalid),
        };
        Ok(Grant { product, subscription: Some(Arc::clone(&found.facts)), user: found.owner.clone() })
    }
}
