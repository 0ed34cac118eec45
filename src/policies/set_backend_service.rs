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

use crate::document::spec::{Attr, Kind, Need, Reference, Section, Spec, Support};

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
