//! A gateway's documents, compiled: each once, then linked into a chain per operation (and product).

use super::backends;
use super::process::{Poll, Process, Program};
use super::units::{Surroundings, Units};
use crate::bytecode::unit::Unit;
use crate::diagnostics::{Diagnostics, Severity, codes};
use crate::document::Scope;
use crate::dotnet::context::{Exchange, LastError, Outside};
use crate::effect::{Answer, EffectId, Moment};
use crate::gateway::backends::Backends;
use crate::gateway::model::GLOBAL_DEFAULT;
use crate::gateway::{BackendId, Gateway, Grant, Place, Space};
use crate::link::{Chain, Link};
use crate::policies::set_backend_service::use_backend;
use crate::source::{FileId, Sources};
use crate::vm::limits::Limits;
use crate::vm::machine::{Machine, Spare};
use crate::vm::observe::Observer;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The compiled documents of a gateway.
#[derive(Debug)]
pub struct Compiled {
    /// By the positions of API and operation in the gateway.
    chains: Vec<Vec<Chains>>,
    outside: Arc<Outside>,
    /// The backend entity of each API that has one, by its place among the gateway's.
    default_backends: Vec<Option<u32>>,
    backends: Backends,
    /// By the positions of APIs: for requests that match no operation.
    apis: Vec<Arc<Chain>>,
    /// For requests that match no API.
    nowhere: Arc<Chain>,
    limits: Limits,
}

/// The chains of one operation.
#[derive(Debug)]
struct Chains {
    /// Outside of any product.
    plain: Arc<Chain>,
    by_product: Vec<(usize, Arc<Chain>)>,
}

/// How a gateway is compiled.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    /// Documents may hold policies and members that are not built; they fail when they are reached.
    pub allow_unsupported: bool,
    pub limits: Limits,
}

/// Compiles a gateway's documents. What is wrong is in `found`; what is known and not built is an error unless allowed.
pub fn compile(gateway: &Gateway, sources: &mut Sources, rules: Rules, found: &mut Diagnostics) -> Compiled {
    recompile(gateway, sources, rules, &mut Units::default(), found)
}

/// Compiles what `units` does not hold from an earlier load.
pub fn recompile(
    gateway: &Gateway,
    sources: &mut Sources,
    rules: Rules,
    units: &mut Units,
    found: &mut Diagnostics,
) -> Compiled {
    let mut own = Diagnostics::new();
    let global_default = sources.add("(global default)", GLOBAL_DEFAULT.as_bytes().to_vec()).ok();
    units.begin(gateway.spaces().map(|space| (space, Surroundings::new(gateway, space))).collect());
    let mut unit = |file: FileId, scope, space| units.unit(sources, file, scope, space, &mut own);
    let fragments =
        gateway.fragments.values().filter_map(|f| Some((f.id.as_str().into(), unit(f.policy, None, f.space)?)));
    let mut chains = Linker { fragments: fragments.collect(), linked: FxHashMap::default() };
    let global = gateway.policy.or(global_default).and_then(|file| unit(file, Some(Scope::Global), None));
    let workspaces: Vec<Option<Arc<Unit>>> = gateway
        .workspaces
        .iter()
        .zip(0..)
        .map(|(own, at)| own.policy.and_then(|file| unit(file, Some(Scope::Workspace), Some(at))))
        .collect();
    let products: Vec<Option<Arc<Unit>>> =
        gateway.products.iter().map(|p| p.policy.and_then(|file| unit(file, Some(Scope::Product), p.space))).collect();
    let mut products_of: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    for (at, product) in gateway.products.iter().enumerate() {
        for api in &product.apis {
            let of_api = products_of.entry(api.as_str()).or_default();
            if of_api.last() != Some(&at) {
                of_api.push(at);
            }
        }
    }
    let workspace = |space: Space| (space.and_then(|at| workspaces[at].as_ref()), Scope::Workspace);
    let wide = |chains: &mut Linker, api: Option<&Arc<Unit>>, space: Space| {
        let (operation, product) = ((None, Scope::Operation), (None, Scope::Product));
        chains.link([operation, (api, Scope::Api), product, workspace(space), (global.as_ref(), Scope::Global)])
    };
    let nowhere = wide(&mut chains, None, None);
    let mut apis = Vec::with_capacity(gateway.apis.len());
    let mut of_apis = Vec::with_capacity(gateway.apis.len());
    for api in &gateway.apis {
        let api_unit = api.policy.and_then(|file| unit(file, Some(Scope::Api), api.space));
        let in_products = products_of.get(&*api.facts.id).map_or(&[][..], Vec::as_slice);
        let mut of_api = Vec::with_capacity(api.operations.len());
        for operation in &api.operations {
            let operation_unit = operation.policy.and_then(|file| unit(file, Some(Scope::Operation), api.space));
            let mut chain = |product: Option<usize>| {
                chains.link([
                    (operation_unit.as_ref(), Scope::Operation),
                    (api_unit.as_ref(), Scope::Api),
                    (product.and_then(|p| products[p].as_ref()), Scope::Product),
                    workspace(api.space),
                    (global.as_ref(), Scope::Global),
                ])
            };
            let by_product = in_products.iter().map(|&product| (product, chain(Some(product)))).collect();
            of_api.push(Chains { plain: chain(None), by_product });
        }
        of_apis.push(of_api);
        apis.push(wide(&mut chains, api_unit.as_ref(), api.space));
    }
    units.end();
    let unsupported = [codes::POLICY_NOT_BUILT, codes::DOTNET_NOT_BUILT];
    found.extend(own.into_sorted().into_iter().map(|finding| {
        if unsupported.contains(&finding.code) && !rules.allow_unsupported {
            finding.severity(Severity::Error)
        } else {
            finding
        }
    }));
    let backends = Backends::new(gateway);
    let outside = Arc::new(Outside { backends: backends::facts(gateway), network: gateway.network.clone() });
    let place =
        |id: &BackendId| gateway.backends.keys().position(|own| own == id).and_then(|at| u32::try_from(at).ok());
    let default_backends = gateway.apis.iter().map(|api| api.backend.as_ref().and_then(place)).collect();
    Compiled { chains: of_apis, apis, nowhere, outside, default_backends, backends, limits: rules.limits }
}

/// Makes chains: one for all operations whose documents are the same.
struct Linker {
    fragments: Vec<(Box<str>, Arc<Unit>)>,
    /// By the units of the scopes.
    linked: FxHashMap<[Option<*const Unit>; 5], Arc<Chain>>,
}

impl Linker {
    /// The chain of these scopes, from the narrowest on, and of the fragments that their documents include.
    fn link(&mut self, scopes: [(Option<&Arc<Unit>>, Scope); 5]) -> Arc<Chain> {
        let fragments = &self.fragments;
        let make = || {
            let links: Vec<Link> =
                scopes.iter().filter_map(|&(unit, scope)| Some(Link { unit: Arc::clone(unit?), scope })).collect();
            let mut included: Vec<(Box<str>, Arc<Unit>)> = Vec::new();
            let mut names: Vec<&str> =
                links.iter().flat_map(|link| link.unit.fragments.iter().map(|id| &**id)).collect();
            while let Some(name) = names.pop() {
                let found = fragments.iter().find(|(id, _)| **id == *name);
                if let Some((id, unit)) = found.filter(|(id, _)| !included.iter().any(|(own, _)| own == id)) {
                    included.push((id.clone(), Arc::clone(unit)));
                    names.extend(unit.fragments.iter().map(|id| &**id));
                }
            }
            Arc::new(Chain::new(links, included))
        };
        let key = scopes.map(|(unit, _)| unit.map(Arc::as_ptr));
        Arc::clone(self.linked.entry(key).or_insert_with(make))
    }
}

impl Compiled {
    /// The units of a request.
    pub fn chain(&self, place: Place, grant: &Grant) -> &Arc<Chain> {
        let (api, operation) = match (place.api, place.operation) {
            (Some(api), Some(operation)) => (api, operation),
            (Some(api), None) => return &self.apis[api],
            (None, _) => return &self.nowhere,
        };
        let chains = &self.chains[api][operation];
        let by_product = chains.by_product.iter().find(|(product, _)| Some(*product) == grant.product);
        by_product.map_or(&chains.plain, |(_, chain)| chain)
    }

    /// The machine of a request.
    pub fn machine(
        &self,
        place: Place,
        grant: &Grant,
        mut exchange: Exchange,
        spare: Spare,
        now: Moment,
        entropy: [u8; 32],
    ) -> Machine {
        let chain = self.chain(place, grant).clone();
        exchange.steering.outside = self.outside.clone();
        exchange.steering.service_document = chain.global();
        if let Some(backend) =
            place.api.and_then(|api| self.default_backends[api]).and_then(|at| self.outside.backends.get(at as usize))
        {
            use_backend(&mut exchange, backend.clone());
        }
        Machine::begin(chain, exchange, spare, &self.limits, now, entropy)
    }
}

impl Program for Compiled {
    type Process = Machine;

    fn backends(&self) -> Option<&Backends> {
        Some(&self.backends)
    }

    fn adopt(&mut self, before: &Compiled) {
        self.backends.adopt(&before.backends);
    }

    fn begin(
        &self,
        place: Place,
        grant: &Grant,
        exchange: Exchange,
        now: Moment,
        entropy: [u8; 32],
        spare: Option<Spare>,
    ) -> Machine {
        self.machine(place, grant, exchange, spare.unwrap_or_default(), now, entropy)
    }
}

impl Process for Machine {
    type Spare = Spare;

    fn into_spare(self) -> Spare {
        Machine::into_spare(self)
    }

    fn poll(&mut self) -> Poll {
        Machine::poll(self)
    }

    fn answer(&mut self, id: EffectId, answer: Answer, now: Moment) {
        Machine::answer(self, id, answer, now);
    }

    fn caller_left(&mut self, now: Moment) {
        Machine::caller_left(self, now);
    }

    fn last_error(&self) -> Option<&LastError> {
        self.exchange().last_error.as_ref()
    }

    fn observe(&mut self, observer: Box<dyn Observer>) {
        Machine::observe(self, observer);
    }

    fn sent(&mut self, now: Moment) {
        Machine::sent(self, now);
    }
}
