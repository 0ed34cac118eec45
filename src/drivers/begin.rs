//! What a matched request begins with, whichever driver brings it.

use crate::dotnet::context::{Exchange, LastError, Steering};
use crate::effect::Moment;
use crate::gateway::{Gateway, Grant, Match, Place, Refusal};
use crate::message::{Body, Headers, Method, Request, Url};
use crate::policies::hops::HOPS;
use std::sync::Arc;

/// A request as its caller sent it, without hop-by-hop fields.
#[derive(Debug)]
pub struct Caller {
    pub original_url: Url,
    pub address: Box<str>,
    pub method: Method,
    pub headers: Headers,
    pub body: Body,
}

impl Caller {
    /// The exchange of this request; `path` is the normalised path that was matched.
    pub fn exchange(
        self,
        gateway: &Gateway,
        place: &Match,
        grant: &Grant,
        path: &str,
        now: Moment,
        request_id: [u8; 16],
    ) -> Exchange {
        let api = &gateway.apis[place.api];
        let url = backend_url(api.facts.service_url.as_ref(), &self.original_url, &path[place.suffix..]);
        let mut exchange = self.begun(gateway, url, now, request_id);
        exchange.matched_parameters = place.parameters.clone();
        exchange.steering.has_bare_path = path.len() == place.suffix;
        if let Some(workspace) = gateway.workspace(api.space) {
            exchange.rare = Arc::clone(&workspace.facts);
        }
        exchange.api = Some(Arc::clone(&api.facts));
        exchange.operation = Some(Arc::clone(&api.operations[place.operation].facts));
        exchange.product = grant.product.map(|product| Arc::clone(&gateway.products[product].facts));
        exchange.subscription = grant.subscription.clone();
        exchange.user = grant.user.clone();
        exchange
    }

    /// The exchange of a request that the gateway refuses: its machine begins in `<on-error>`, with the answer that the
    /// caller gets unless a policy says otherwise.
    pub fn refused(
        self,
        gateway: &Gateway,
        place: Place,
        refusal: Refusal,
        now: Moment,
        request_id: [u8; 16],
    ) -> Exchange {
        let api = place.api.map(|api| &*gateway.apis[api]);
        let url = self.original_url.clone();
        let base = match api {
            Some(api) => format!("{}://{}/{}", url.scheme, url.authority(), api.facts.path),
            None => String::new(),
        };
        let response = refusal.response(api, &base);
        let (source, reason, message) = refusal.error();
        let mut exchange = self.begun(gateway, url, now, request_id);
        if let Some(workspace) = api.and_then(|api| gateway.workspace(api.space)) {
            exchange.rare = Arc::clone(&workspace.facts);
        }
        exchange.api = api.map(|api| Arc::clone(&api.facts));
        exchange.operation =
            api.zip(place.operation).map(|(api, operation)| Arc::clone(&api.operations[operation].facts));
        exchange.last_error = Some(LastError {
            source: source.into(),
            reason: Some(reason.into()),
            message: message.into(),
            status: response.status.as_u16(),
            ..LastError::default()
        });
        exchange.response = Some(response);
        exchange
    }

    fn begun(mut self, gateway: &Gateway, url: Url, now: Moment, request_id: [u8; 16]) -> Exchange {
        let hops = self.headers.first(HOPS).and_then(|value| value.to_str().ok()?.parse().ok());
        if hops.is_some() {
            self.headers.remove(HOPS);
        }
        Exchange {
            request_id,
            timestamp: now,
            elapsed: None,
            tracing: false,
            request: Request { method: self.method, url, headers: self.headers, body: self.body },
            original_url: self.original_url,
            client_ip: self.address,
            response: None,
            matched_parameters: Vec::new(),
            api: None,
            operation: None,
            product: None,
            subscription: None,
            user: None,
            deployment: Arc::clone(&gateway.deployment),
            last_error: None,
            variables: Vec::new(),
            request_body_consumed: false,
            response_body_consumed: false,
            traces: Vec::new(),
            backend: None,
            steering: Steering { hops: hops.unwrap_or(0), ..Steering::default() },
            rare: Default::default(),
        }
    }
}

/// The API's backend and what follows the API's path; without a backend, the gateway's own URL.
fn backend_url(service: Option<&Url>, original: &Url, suffix: &str) -> Url {
    let query = original.query.clone();
    let Some(service) = service else {
        return Url { path: suffix_path("", suffix), query, ..original.clone() };
    };
    let path = suffix_path(service.path.trim_end_matches('/'), suffix);
    Url { scheme: service.scheme, host: service.host.clone(), port: service.port, path, query }
}

fn suffix_path(base: &str, suffix: &str) -> String {
    let mut path = String::with_capacity(base.len() + suffix.len() + 1);
    path.push_str(base);
    path.push_str(suffix);
    if path.is_empty() {
        path.push('/');
    }
    path
}
