//! `set-backend-service` chooses the backend of this request.
//!
//! - `backend-id`: the reserved value dapr switches to Dapr mode, which is refused
//! - `sf-resolve-condition`, `sf-service-instance-name`, `sf-partition-key`, `sf-listener-name`, `sf-replica-type`
//!   (in the page's example and schema): Service Fabric only; refused
//! - `dapr-app-id`, `dapr-method`, `dapr-namespace`: self-hosted only; refused
//!
//! At run time:
//! - replaces only the base; operation path suffix and query are appended afterwards
//! - last one executed wins
//! - a backend-id set by a parent scope through base can only be overridden with backend-id, not base-url
//! - a trailing slash on base-url does not double: `http://contoso.com/api/8.2/` plus /partners/15 gives
//!   `http://contoso.com/api/8.2/partners/15` (page example)
//! - backend entity brings credentials, TLS, circuit breaker and pool
//! - Dapr: target becomes `http://localhost:3500/v1.0/invoke/{app-id}[.{namespace}]/method/{method}`, inbound only,
//!   self-hosted only

use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, Kind, Need, Reference, Section, Spec, Support};
use crate::dotnet::call::Call;
use crate::dotnet::context::{BackendFacts, Exchange};
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use crate::message::Url;
use std::sync::Arc;

pub static SPEC: Spec = Spec::new("set-backend-service")
    .title("Set backend service")
    .sections(&[Section::Inbound, Section::Backend])
    .also(&[Section::Outbound, Section::OnError])
    .support(Support::Built)
    .attributes(&[
        Attr::new("base-url", Kind::Url).required_when("one of base-url or backend-id").expression(),
        Attr::text("backend-id").required_when("one of base-url or backend-id").expression().refers(Reference::Backend),
        Attr::bool("sf-resolve-condition").expression(),
        Attr::text("sf-service-instance-name").expression(),
        Attr::text("sf-partition-key").expression(),
        Attr::text("sf-listener-name").expression(),
        Attr::one_of("sf-replica-type", &["primary", "secondary"]).expression(),
        Attr::text("dapr-app-id").required_when("when backend-id=dapr").expression(),
        Attr::text("dapr-method").required_when("when backend-id=dapr").expression(),
        Attr::text("dapr-namespace").expression(),
    ])
    .needs(&[Need::AnyOf(&["base-url", "backend-id"])]);

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    for attribute in &statement.element.attributes {
        let why = match &*attribute.name {
            name if name.starts_with("sf-") => "there is no Service Fabric cluster here",
            name if name.starts_with("dapr-") => "there is no Dapr sidecar here",
            "backend-id" if attribute.value.text().is_some_and(|id| id.trim().eq_ignore_ascii_case("dapr")) => {
                "there is no Dapr sidecar here"
            }
            _ => continue,
        };
        let what = format!("`{}` of `set-backend-service` cannot run here: {why}", attribute.name);
        out.refuse(what, attribute.name_span);
    }
    let base = out.attribute(&statement.element, "base-url");
    let id = out.attribute(&statement.element, "backend-id");
    let scope = out.scope();
    out.native(set, "set-backend-service", &[base, id, scope]);
}

/// The path of the backend's base URL, without a slash at its end.
pub fn base_path(exchange: &Exchange) -> &str {
    let steered = exchange.steering.base_path.as_deref();
    let service = || exchange.api.as_ref().and_then(|api| api.service_url.as_ref()).map(|url| url.path.as_str());
    steered.or_else(service).unwrap_or_default().trim_end_matches('/')
}

fn set(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let Call { heap, exchange, .. } = cx;
    let exchange = &mut **exchange;
    let id = heap.text(arguments[1]).unwrap_or_default();
    let scope = arguments[2].integer().and_then(|scope| u32::try_from(scope).ok()).unwrap_or(0);
    if id.is_empty() {
        let text = heap.text(arguments[0]).unwrap_or_default();
        if exchange.backend.is_some() && exchange.steering.backend_scope.is_some_and(|wider| wider > scope) {
            let kept = exchange.backend.as_ref().map_or("", |backend| &backend.id);
            let message = format!("base-url has no effect: a wider scope has named the backend `{kept}`");
            exchange.trace("set-backend-service", message);
            return Ok(Value::Null);
        }
        let url = Url::parse(text.trim()).map_err(|why| {
            Fault::policy("BackendConnectionFailure", format!("The base URL `{text}` cannot be used: {why}."))
        })?;
        leave_backend(exchange);
        rebase(exchange, &url);
        return Ok(Value::Null);
    }
    // A workspace's documents name its own backends, the service's document those of the service.
    let workspace = exchange.rare.workspace.as_ref().map(|own| &own.id);
    let workspace = workspace.filter(|_| exchange.steering.service_document != Some(scope));
    let suits = |own: &&Arc<BackendFacts>| own.workspace.as_ref() == workspace && own.id.eq_ignore_ascii_case(&id);
    let found = exchange.steering.outside.backends.iter().find(suits).cloned();
    let found = found.ok_or_else(|| Fault::policy("BackendNotFound", format!("There is no backend `{id}`.")))?;
    use_backend(exchange, found);
    exchange.steering.backend_scope = Some(scope);
    Ok(Value::Null)
}

/// The request goes to this backend entity. Which of a pool's members takes it is known when it is forwarded.
pub fn use_backend(exchange: &mut Exchange, backend: Arc<BackendFacts>) {
    if exchange.backend.as_ref().is_none_or(|own| own.at != backend.at) {
        leave_backend(exchange);
    }
    if let Some(url) = &backend.url {
        rebase(exchange, url);
    }
    exchange.backend = Some(backend);
}

fn leave_backend(exchange: &mut Exchange) {
    exchange.backend = None;
    exchange.steering.backend_scope = None;
    exchange.steering.member = None;
    exchange.steering.tried.clear();
}

/// Puts another base URL before the request's own path.
pub fn rebase(exchange: &mut Exchange, url: &Url) {
    let before = base_path(exchange);
    let path = &exchange.request.url.path;
    let old =
        path.strip_prefix(before).filter(|rest| rest.is_empty() || rest.starts_with('/')).map_or(0, |_| before.len());
    let base = url.path.trim_end_matches('/');
    let is_same = before == base;
    let is_bare = exchange.steering.has_bare_path && path[old..] == *"/";
    let current = &mut exchange.request.url;
    if is_bare {
        current.path.clear();
        current.path.push_str(base);
    } else if current.path[..old] != *base {
        current.path.replace_range(..old, base);
    }
    if current.path.is_empty() {
        current.path.push('/');
    }
    current.scheme = url.scheme;
    current.host = Arc::clone(&url.host);
    current.port = url.port;
    if !is_same || exchange.steering.base_path.is_none() {
        exchange.steering.base_path = Some(base.into());
    }
}
