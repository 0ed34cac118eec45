//! The gateway as data: APIs, operations, products, subscriptions, named values, backends, fragments, and which policy
//! document stands at which scope. Made by [`super::load`], compiled by the front half, routed by [`super::route`].

use super::backends::breaker::BreakerRule;
use super::backends::pool::PoolRule;
use super::route::OperationTable;
use crate::document::{NamedValues, SHORTEST_ANYWHERE, Secrets};
use crate::dotnet::context::{
    ApiFacts, Deployment, Network, OperationFacts, ProductFacts, Rare, SubscriptionFacts, UserFacts,
};
use crate::message::{ClientIdentity, Transport, Url};
use crate::source::{FileId, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

macro_rules! ids {
    ($($(#[$about:meta])* $name:ident)*) => { $(
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            pub fn new(id: impl Into<Box<str>>) -> $name {
                $name(id.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )* };
}

ids! {
    /// An API's resource name; a revision's ends in `;rev=n`.
    ApiId
    /// Unique inside its API.
    OperationId
    ProductId
    BackendId
    FragmentId
    WorkspaceId
}

/// Whose an entity is: a workspace's, by its place among [`Gateway::workspaces`], or the service's own.
pub type Space = Option<usize>;

/// One configuration, whole.
#[derive(Debug, Default)]
pub struct Gateway {
    /// Shared with the readings before and after this one that found them as they are.
    pub apis: Vec<Arc<Api>>,
    pub products: Vec<Product>,
    pub subscriptions: Vec<Subscription>,
    /// Requests need subscription keys where the APIs say so.
    pub checks_keys: bool,
    pub workspaces: Vec<Workspace>,
    /// The service's own; a workspace has others.
    pub named_values: NamedValues,
    pub backends: BTreeMap<BackendId, Backend>,
    pub fragments: BTreeMap<FragmentId, Fragment>,
    /// What `validate-content` may name.
    pub schemas: BTreeMap<Box<str>, Schema>,
    /// What lies in a Key Vault and is told by it.
    pub vault: BTreeSet<VaultSecret>,
    /// Certificates with private keys, by id.
    pub certificates: BTreeMap<Box<str>, Arc<ClientIdentity>>,
    /// The global policy document; without one the documented default applies ([`GLOBAL_DEFAULT`]).
    pub policy: Option<FileId>,
    pub deployment: Arc<Deployment>,
    pub network: Network,
    /// APIs answer by the protocols that they name alone; `None`: nobody says whether the gateway knows a call's protocol.
    pub enforces_protocols: Option<bool>,
    /// A URL began with `echo:`, so that whoever serves must start the echo service.
    pub uses_echo: bool,
    pub(crate) hidden: OnceLock<Arc<Secrets>>,
}

/// What the platform runs where no global policy document stands.
pub const GLOBAL_DEFAULT: &str =
    "<policies><inbound /><backend><forward-request /></backend><outbound /><on-error /></policies>";

/// The host that `echo:` URLs stand for.
pub const ECHO_HOST: &str = "echo.localhost";

/// APIs and what belongs to them, kept apart from the rest of the service.
#[derive(Debug)]
pub struct Workspace {
    pub id: WorkspaceId,
    /// What `context.Workspace` shows.
    pub facts: Arc<Rare>,
    pub policy: Option<FileId>,
    pub named_values: NamedValues,
}

#[derive(Debug)]
pub struct Api {
    pub id: ApiId,
    pub space: Space,
    pub facts: Arc<ApiFacts>,
    /// Where its path is written.
    pub declared: Span,
    /// How a request names this version, when the API belongs to a version set.
    pub versioning: Versioning,
    pub subscription_required: bool,
    /// The backend entity that requests go to, in place of the service URL.
    pub backend: Option<BackendId>,
    pub policy: Option<FileId>,
    pub operations: Vec<Operation>,
    /// Made when the first router needs it.
    pub(super) table: OnceLock<OperationTable>,
}

/// Where a request says which version it wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Versioning {
    /// None, or part of the path already.
    #[default]
    Path,
    Header {
        name: Box<str>,
        value: Box<str>,
    },
    Query {
        name: Box<str>,
        value: Box<str>,
    },
}

#[derive(Debug)]
pub struct Operation {
    pub id: OperationId,
    /// `method` is `*` where every method matches.
    pub facts: Arc<OperationFacts>,
    /// Where its template is written.
    pub declared: Span,
    pub policy: Option<FileId>,
}

#[derive(Debug)]
pub struct Product {
    pub id: ProductId,
    pub space: Space,
    pub facts: Arc<ProductFacts>,
    /// Where it is written.
    pub declared: Span,
    /// Without the revisions' numbers: a product holds all of them.
    pub apis: Vec<ApiId>,
    pub policy: Option<FileId>,
}

#[derive(Debug)]
pub struct Subscription {
    pub facts: Arc<SubscriptionFacts>,
    pub scope: SubscriptionScope,
    /// Its keys open something: neither its state nor its owner's forbids it.
    pub active: bool,
    /// `None`: it stands alone.
    pub owner: Option<Arc<UserFacts>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubscriptionScope {
    AllApis,
    /// All APIs of it.
    Workspace(WorkspaceId),
    /// With all of its revisions.
    Api(ApiId),
    Product(ProductId),
}

/// A backend entity: an HTTP service, or a pool of them.
#[derive(Debug)]
pub struct Backend {
    pub id: BackendId,
    pub space: Space,
    pub title: Option<Box<str>>,
    pub description: Option<Box<str>>,
    pub kind: BackendKind,
    /// A pool has none that is ever called.
    pub url: Option<Url>,
    /// `context.Backend.AzureRegion`.
    pub region: Option<Box<str>>,
    pub credentials: Credentials,
    /// TLS rules, client certificate and proxy; `None`: the defaults.
    pub transport: Option<Arc<Transport>>,
    pub breaker: Option<BreakerRule>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BackendKind {
    #[default]
    Single,
    Pool(PoolRule),
}

/// What is added to each request, named values filled in. Secrets: `Debug` prints none.
#[derive(Clone, Default)]
pub struct Credentials {
    pub headers: Vec<(Box<str>, Vec<Box<str>>)>,
    pub query: Vec<(Box<str>, Vec<Box<str>>)>,
    /// Scheme and parameter.
    pub authorization: Option<(Box<str>, Box<str>)>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

impl Backend {
    pub fn new(id: BackendId) -> Backend {
        Backend {
            id,
            space: None,
            title: None,
            description: None,
            kind: BackendKind::Single,
            url: None,
            region: None,
            credentials: Credentials::default(),
            transport: None,
            breaker: None,
        }
    }
}

/// A schema of the whole service.
#[derive(Debug)]
pub struct Schema {
    pub is_xml: bool,
    pub text: Box<str>,
}

/// A secret in a Key Vault.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VaultSecret {
    /// Its URL; without a version, the newest counts.
    pub identifier: Box<str>,
    /// The managed identity that may read it; `None`: the system's own.
    pub client_id: Option<Box<str>>,
}

#[derive(Debug)]
pub struct Fragment {
    pub id: FragmentId,
    pub space: Space,
    pub policy: FileId,
}

impl Gateway {
    pub fn api(&self, id: &ApiId) -> Option<&Api> {
        self.apis.iter().find(|api| api.id == *id).map(Arc::as_ref)
    }

    /// What logs, traces and reports must not show. Subscription keys are not among them: they are many, and a request
    /// knows its own.
    pub fn secrets(&self) -> &Arc<Secrets> {
        self.hidden.get_or_init(|| {
            // Not all that a backend adds is a secret: a version of one digit is none, and stands in many texts.
            let backends = self.backends.values().flat_map(Backend::secret_texts);
            let backends = backends.filter(|text| text.chars().count() >= SHORTEST_ANYWHERE);
            let values = self.spaces().flat_map(|space| self.named_values_of(space).secret_values());
            Arc::new(Secrets::new(values.chain(backends)))
        })
    }

    /// The service, and its workspaces.
    pub fn spaces(&self) -> impl Iterator<Item = Space> + use<> {
        std::iter::once(None).chain((0..self.workspaces.len()).map(Some))
    }

    /// The named values that documents and entities of a space may name.
    pub fn named_values_of(&self, space: Space) -> &NamedValues {
        space.and_then(|at| self.workspaces.get(at)).map_or(&self.named_values, |own| &own.named_values)
    }

    /// Whether an API takes a call that came with TLS, or without.
    pub fn takes(&self, api: usize, secure: bool) -> bool {
        self.enforces_protocols != Some(true) || self.apis.get(api).is_some_and(|own| own.speaks(secure))
    }

    pub fn workspace(&self, space: Space) -> Option<&Workspace> {
        self.workspaces.get(space?)
    }

    pub fn backend(&self, id: &str) -> Option<&Backend> {
        self.backends.get(&BackendId::new(id))
    }
}

impl Api {
    /// Whether it answers calls of this scheme; a WebSocket's handshake has that of its protocol.
    fn speaks(&self, secure: bool) -> bool {
        let schemes = if secure { ["https", "wss"] } else { ["http", "ws"] };
        self.facts.protocols.iter().any(|own| schemes.iter().any(|scheme| own.eq_ignore_ascii_case(scheme)))
    }
}

impl Backend {
    /// What it adds to requests as credentials.
    fn secret_texts(&self) -> impl Iterator<Item = &str> {
        let Credentials { headers, query, authorization } = &self.credentials;
        let lists = headers.iter().chain(query).flat_map(|(_, values)| values.iter().map(|value| &**value));
        let proxy = self.transport.as_ref().and_then(|transport| transport.proxy.as_ref());
        let password = proxy.and_then(|proxy| proxy.password.as_deref());
        lists.chain(authorization.iter().map(|(_, parameter)| &**parameter)).chain(password)
    }
}
