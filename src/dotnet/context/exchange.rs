//! One request on its way through the gateway: what policies read and change.

use crate::dotnet::value::Value;
use crate::effect::{Moment, Severity, TraceMessage};
use crate::message::{ClientIdentity, ProxyServer, Request, Response, StatusCode, Transport, Url};
use rustc_hash::FxHashSet;
use smallvec::SmallVec;
use std::cell::RefCell;
use std::sync::{Arc, LazyLock, Mutex};

/// A variable's name, interned process-wide (names come from documents, so their number is bounded by them).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(&'static str);

static SYMBOLS: LazyLock<Mutex<FxHashSet<&'static str>>> = LazyLock::new(Mutex::default);

thread_local! {
    /// What this thread has asked for before.
    static SEEN: RefCell<FxHashSet<&'static str>> = RefCell::default();
}

impl Symbol {
    pub fn of(name: &str) -> Symbol {
        if let Some(name) = SEEN.with_borrow(|seen| seen.get(name).copied()) {
            return Symbol(name);
        }
        let mut symbols = SYMBOLS.lock().expect("the symbol table's lock is never held across a panic");
        let name = match symbols.get(name) {
            Some(&name) => name,
            None => {
                let name: &'static str = Box::leak(name.into());
                symbols.insert(name);
                name
            }
        };
        drop(symbols);
        SEEN.with_borrow_mut(|seen| seen.insert(name));
        Symbol(name)
    }

    pub fn name(self) -> &'static str {
        self.0
    }
}

/// The state of one request.
#[derive(Debug)]
pub struct Exchange {
    pub request_id: [u8; 16],
    pub timestamp: Moment,
    /// `context.Elapsed` when it is fixed from outside (ticks); else it is now minus `timestamp`.
    pub elapsed: Option<i64>,
    pub tracing: bool,
    pub request: Request,
    /// As the caller wrote it.
    pub original_url: Url,
    pub client_ip: Box<str>,
    /// The backend has answered, a policy has answered, or an error has.
    pub response: Option<Response>,
    pub matched_parameters: Vec<(Box<str>, Box<str>)>,
    pub api: Option<Arc<ApiFacts>>,
    pub operation: Option<Arc<OperationFacts>>,
    pub product: Option<Arc<ProductFacts>>,
    pub subscription: Option<Arc<SubscriptionFacts>>,
    pub user: Option<Arc<UserFacts>>,
    pub deployment: Arc<Deployment>,
    pub last_error: Option<LastError>,
    /// In the order they were first set.
    pub variables: Vec<(Symbol, Value)>,
    /// Bodies that an expression has read without `preserveContent`: the next read is an error.
    pub request_body_consumed: bool,
    pub response_body_consumed: bool,
    /// What `context.Trace` and policies tell; the machine hands it on.
    pub traces: Vec<TraceMessage>,
    /// The backend entity in use.
    pub backend: Option<Arc<BackendFacts>>,
    pub steering: Steering,
    pub rare: Arc<Rare>,
}

/// Where policies act, and where the request goes.
#[derive(Debug, Default)]
pub struct Steering {
    /// Policies change the response (outbound, on-error, `return-response`), not the request.
    pub on_response: bool,
    /// The request that a `send-request` is putting together: its children change this one.
    pub outgoing: Option<Box<Request>>,
    /// How that request is sent, where its policy says something of it.
    pub outgoing_transport: Option<Arc<Transport>>,
    /// The path of the backend's base URL, before the request's own; `None`: that of the API's service URL.
    pub base_path: Option<Box<str>>,
    /// Somebody may look at the request after it was forwarded: the backend gets a copy.
    pub keeps_request: bool,
    /// The box that the response came in, for the way out.
    pub response_box: Option<Box<Response>>,
    /// Whom this request may call.
    pub outside: Arc<Outside>,
    /// How often this request has passed this gateway, or another that counts as it does.
    pub hops: u32,
    /// The place of the service's own document in the request's chain: others are the workspace's, if there is one.
    pub service_document: Option<u32>,
    /// The request's own path is empty: the slash that stands for it is nobody's.
    pub has_bare_path: bool,
    /// The scope whose policy named the backend entity, by its place in the request's chain.
    pub backend_scope: Option<u32>,
    /// Who takes the call: the backend entity in use, or a member of its pool.
    pub member: Option<Arc<BackendFacts>>,
    /// The backends that this request has called, by their places, last one last.
    pub tried: SmallVec<[u32; 4]>,
    /// What the caller's cookie is to say of the member that takes the call.
    pub new_session: Option<Box<str>>,
    /// The response is the gateway's own, because no backend can take calls: `retry` leaves it to its condition.
    pub unavailable: bool,
    /// The client certificate of `authentication-certificate`: goes before that of the backend entity.
    pub certificate: Option<Arc<ClientIdentity>>,
    /// The proxy of `proxy`: goes before that of the backend entity.
    pub proxy: Option<Box<ProxyServer>>,
}

/// What lies outside of the gateway, and how it is reached. Shared by all requests of a configuration.
#[derive(Debug, Default)]
pub struct Outside {
    /// The backend entities that `backend-id` may name, in the gateway's order.
    pub backends: Vec<Arc<BackendFacts>>,
    pub network: Network,
}

/// How calls meet the gateway itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// The gateway cannot call itself, as in an internal virtual network.
    pub internal: bool,
    /// Hosts that are the gateway's own, besides those that callers use; each with a port or for all ports.
    pub hosts: Vec<Box<str>>,
    /// A request passes the gateway at most this often.
    pub most_hops: u32,
}

impl Default for Network {
    fn default() -> Network {
        Network { internal: false, hosts: Vec::new(), most_hops: 8 }
    }
}

/// A backend entity as policies use it. Its values may be secrets: `Debug` prints none.
#[derive(Clone)]
pub struct BackendFacts {
    pub id: Arc<str>,
    /// The workspace that it belongs to.
    pub workspace: Option<Box<str>>,
    /// A pool has none.
    pub url: Option<Url>,
    pub headers: Vec<(crate::message::HeaderName, crate::message::HeaderValue)>,
    /// Added to the query, encoded.
    pub query: Option<Box<str>>,
    /// TLS rules, client certificate and proxy; `None`: the defaults.
    pub transport: Option<Arc<Transport>>,
    pub region: Option<Box<str>>,
    /// Its place among the gateway's backends.
    pub at: u32,
    pub kind: BackendKind,
    /// It has a breaker: the driver is asked before a call, and told how the call ended.
    pub has_breaker: bool,
    /// Status and reason phrase while the breaker is open, where they are not the usual ones.
    pub failure_response: Option<(u16, Option<Box<str>>)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackendKind {
    Single,
    /// Its members take the calls. With the cookie by which a session keeps its member.
    Pool {
        cookie: Option<Box<str>>,
    },
}

impl std::fmt::Debug for BackendFacts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BackendFacts").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Exchange {
    /// A message for the trace.
    pub fn trace(&mut self, source: &str, message: impl Into<Box<str>>) {
        let message = message.into();
        self.traces.push(TraceMessage {
            source: source.into(),
            severity: Severity::Verbose,
            message,
            metadata: Vec::new(),
        });
    }

    /// The variable of this name. A run-time name needs no symbol to be looked for.
    pub fn variable(&self, name: &str) -> Option<Value> {
        self.variables.iter().find(|(own, _)| own.name() == name).map(|(_, value)| *value)
    }

    /// The variable of a name that a document spells out. Symbols of one name are one text.
    pub fn variable_of(&self, symbol: Symbol) -> Option<Value> {
        self.variables.iter().find(|(own, _)| std::ptr::eq(own.name(), symbol.name())).map(|(_, value)| *value)
    }

    /// Takes a response out of its box.
    pub fn set_response(&mut self, mut boxed: Box<Response>) {
        self.response = Some(std::mem::replace(&mut *boxed, Response::new(StatusCode::OK)));
        self.steering.response_box = Some(boxed);
    }

    /// Boxes a response, in the box that one came in.
    pub fn boxed(&mut self, response: Response) -> Box<Response> {
        match self.steering.response_box.take() {
            Some(mut boxed) => {
                *boxed = response;
                boxed
            }
            None => Box::new(response),
        }
    }

    pub fn set_variable(&mut self, symbol: Symbol, value: Value) {
        match self.variables.iter_mut().find(|(own, _)| *own == symbol) {
            Some((_, own)) => *own = value,
            None => self.variables.push((symbol, value)),
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct ApiFacts {
    pub id: Box<str>,
    pub name: Box<str>,
    pub path: Box<str>,
    pub revision: Box<str>,
    pub version: Option<Box<str>>,
    pub is_current_revision: bool,
    pub protocols: Vec<Box<str>>,
    pub service_url: Option<Url>,
    pub key_header: Box<str>,
    pub key_query: Box<str>,
}

#[derive(Clone, Debug, Default)]
pub struct OperationFacts {
    pub id: Box<str>,
    pub method: Box<str>,
    pub name: Box<str>,
    pub url_template: Box<str>,
}

#[derive(Clone, Debug, Default)]
pub struct ProductFacts {
    pub id: Box<str>,
    pub name: Box<str>,
    /// `Published` or `NotPublished`.
    pub published: bool,
    pub subscription_limit: Option<i32>,
    pub subscription_required: bool,
    pub approval_required: bool,
    pub apis: Vec<Arc<ApiFacts>>,
    pub groups: Vec<Group>,
}

impl ProductFacts {
    /// Its APIs may be called without a key.
    pub fn is_open(&self) -> bool {
        !self.subscription_required
    }
}

#[derive(Clone, Debug, Default)]
pub struct Group {
    pub id: Box<str>,
    pub name: Box<str>,
}

#[derive(Clone, Debug, Default)]
pub struct Identity {
    pub id: Box<str>,
    pub provider: Box<str>,
}

#[derive(Clone, Debug, Default)]
pub struct UserFacts {
    pub id: Box<str>,
    pub email: Box<str>,
    pub first_name: Box<str>,
    pub last_name: Box<str>,
    pub note: Option<Box<str>>,
    pub registration_date: Option<Moment>,
    pub groups: Vec<Group>,
    pub identities: Vec<Identity>,
}

/// Its keys are secrets: `Debug` does not print them.
#[derive(Clone, Default)]
pub struct SubscriptionFacts {
    pub id: Box<str>,
    pub name: Option<Box<str>>,
    pub key: Box<str>,
    pub primary_key: Box<str>,
    pub secondary_key: Box<str>,
    /// Requests with its keys may be traced.
    pub allow_tracing: bool,
    pub created: Option<Moment>,
    pub start: Option<Moment>,
    pub end: Option<Moment>,
}

impl std::fmt::Debug for SubscriptionFacts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SubscriptionFacts").field("id", &self.id).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, Default)]
pub struct Deployment {
    pub gateway_id: Box<str>,
    pub region: Box<str>,
    pub service_id: Box<str>,
    pub service_name: Box<str>,
    pub certificates: Vec<DeployedCertificate>,
    /// What `Verify` trusts: the certificates of authorities, in DER.
    pub authorities: Vec<Arc<[u8]>>,
    pub carbon_intensity: CarbonIntensity,
}

/// A certificate that the gateway holds. `Debug` shows neither.
#[derive(Clone)]
pub struct DeployedCertificate {
    pub id: Box<str>,
    /// DER, PEM, or PKCS #12 without a password.
    pub data: Arc<[u8]>,
    /// DER of PKCS #8, where it stands apart.
    pub key: Option<Arc<[u8]>>,
}

impl std::fmt::Debug for DeployedCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeployedCertificate").field("id", &self.id).finish_non_exhaustive()
    }
}

/// `CarbonIntensityCategory`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CarbonIntensity {
    #[default]
    NotAvailable = 0,
    VeryLow = 1,
    Low = 2,
    Medium = 3,
    High = 4,
    VeryHigh = 5,
}

/// What few requests have.
#[derive(Clone, Debug, Default)]
pub struct Rare {
    /// The certificate that the caller showed, in DER.
    pub client_certificate: Option<Arc<[u8]>>,
    pub private_endpoint: Option<PrivateEndpoint>,
    pub vnet: Option<Vnet>,
    /// The deployment of a model in Microsoft Foundry.
    pub foundry_deployment: Option<Box<str>>,
    pub workspace: Option<Workspace>,
    /// Inside a GraphQL resolver.
    pub graphql: Option<GraphQl>,
}

#[derive(Clone, Debug, Default)]
pub struct PrivateEndpoint {
    pub name: Box<str>,
    pub group_id: Box<str>,
    pub member_name: Box<str>,
}

#[derive(Clone, Debug, Default)]
pub struct Vnet {
    pub traffic_tag: i32,
    pub subnet_id: i32,
    pub private_link_id: i32,
    pub snat_vip: Box<str>,
}

#[derive(Clone, Debug, Default)]
pub struct Workspace {
    pub id: Box<str>,
    pub name: Box<str>,
}

/// A field's arguments and its parent's fields, as JSON texts by name.
#[derive(Clone, Debug, Default)]
pub struct GraphQl {
    pub arguments: Vec<(Box<str>, Box<str>)>,
    pub parent: Vec<(Box<str>, Box<str>)>,
}

/// `context.LastError`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastError {
    pub source: Box<str>,
    pub reason: Option<Box<str>>,
    pub message: Box<str>,
    pub scope: Option<Box<str>>,
    pub section: Option<Box<str>>,
    pub path: Option<Box<str>>,
    pub policy_id: Option<Box<str>>,
    /// The status that the caller gets unless `on-error` says otherwise.
    pub status: u16,
}
