//! `set-backend-service` chooses the backend of this request.
//!
//! - `backend-id`: the reserved value dapr switches to Dapr mode
//! - `sf-resolve-condition`: Service Fabric only
//! - `sf-service-instance-name`: Service Fabric only
//! - `sf-partition-key`: Service Fabric only
//! - `sf-listener-name`: Service Fabric only
//! - `sf-replica-type`: Service Fabric only; appears in the example and schema
//! - `dapr-app-id`: self-hosted only
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

use super::values;
use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, Kind, Need, Reference, Section, Spec, Support};
use crate::dotnet::call::Call;
use crate::dotnet::context::Exchange;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;
use crate::message::Url;

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
    let base = out.attribute(&statement.element, "base-url");
    let id = out.attribute(&statement.element, "backend-id");
    out.native(set, "set-backend-service", &[base, id]);
}

/// The path of the backend's base URL, without a slash at its end.
pub fn base_path(exchange: &Exchange) -> String {
    let steered = exchange.steering.base_path.as_deref();
    let service = || exchange.api.as_ref().and_then(|api| api.service_url.as_ref()).map(|url| url.path.as_str());
    steered.or_else(service).unwrap_or_default().trim_end_matches('/').to_owned()
}

fn set(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    let id = values::text(cx, arguments[1])?;
    let mut url = if id.is_empty() {
        let text = values::text(cx, arguments[0])?;
        cx.exchange.backend = None;
        Url::parse(text.trim()).map_err(|why| {
            Fault::policy("BackendConnectionFailure", format!("The base URL `{text}` cannot be used: {why}."))
        })?
    } else {
        let backends = cx.exchange.steering.backends.clone();
        let found = backends.iter().find(|backend| backend.id.eq_ignore_ascii_case(&id));
        let found = found.ok_or_else(|| Fault::policy("BackendNotFound", format!("There is no backend `{id}`.")))?;
        cx.exchange.backend = Some((&*found.id).into());
        found.url.clone()
    };
    let before = base_path(cx.exchange);
    let current = &mut cx.exchange.request.url;
    let rest = current.path.strip_prefix(&*before).filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let rest = rest.unwrap_or(&current.path).to_owned();
    let base = url.path.trim_end_matches('/').to_owned();
    url.path = format!("{base}{rest}");
    if url.path.is_empty() {
        url.path.push('/');
    }
    url.query = current.query.take();
    *current = url;
    cx.exchange.steering.base_path = Some(base.into());
    Ok(Value::Null)
}
