//! An OpenAPI definition alone to a gateway of one API, whose path is empty: no directory is needed to serve it.

use super::files::strip_bom;
use super::{Given, Loader, single};
use crate::diagnostics::{Diagnostics, Finding, Severity, codes};
use crate::gateway::model::*;
use crate::gateway::openapi;
use crate::message::Url;
use crate::source::{FileId, Sources, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A gateway of one API with the definition's operations. `policy` stands at API scope; without `backend`, requests go
/// where `servers` says.
pub fn of_definition(
    definition: FileId,
    policy: Option<FileId>,
    backend: Option<Url>,
    given: &Given,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Gateway {
    let text = strip_bom(sources.text(definition));
    let name =
        if openapi::is_yaml(sources.path(definition), text) { "specification.yaml" } else { "specification.json" };
    let mut loader = Loader::new(sources, found, given);
    let read = loader.definition("api", &[(definition, name)], true);
    let title = read.as_ref().and_then(|read| read.title.clone());
    let backend = match (backend, read.as_ref().and_then(|read| read.server.as_deref())) {
        (None, server) => loader.server(definition, server),
        (given, _) => given,
    };
    let declares = read.is_some();
    let declared = read.map(|read| read.operations).unwrap_or_default();
    let operations = loader.operations("api", declared, definition, BTreeMap::new());
    if declares && operations.is_empty() {
        loader.report(codes::GATEWAY_PART, definition, "paths", "the definition has no operations".to_owned());
    }
    let mut gateway = single(policy, backend, given.all());
    if let Some(api) = gateway.apis.first_mut().and_then(Arc::get_mut) {
        if let Some(title) = title {
            Arc::make_mut(&mut api.facts).name = title.into();
        }
        api.declared = Span::new(definition, 0, 0);
        api.operations = operations;
    }
    gateway
}

impl Loader<'_> {
    /// The backend that `servers` names. A policy may name another, or none may be needed, so its lack is no error.
    fn server(&mut self, definition: FileId, server: Option<&str>) -> Option<Url> {
        let why = match server {
            Some(server) => match self.url(server) {
                Ok(url) => return Some(url),
                Err(_) if !server.contains("://") => {
                    format!("the server `{server}` is relative to where the definition lies")
                }
                Err(why) => format!("the server `{server}`: {why}"),
            },
            None => "the definition names no server".to_owned(),
        };
        let span = self.at(definition, server.unwrap_or_default());
        let finding = Finding::new(codes::GATEWAY_PART, span, why).severity(Severity::Warning);
        self.found.push(finding.help("give --backend URL, or name a backend in a policy"));
        None
    }
}
