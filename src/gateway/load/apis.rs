//! `apis/` and `version sets/` to APIs and their operations.

use super::files::{near, strip_bom, text};
use super::{KEY_HEADER, KEY_QUERY, Loader};
use crate::diagnostics::{Finding, codes};
use crate::dotnet::context::{ApiFacts, OperationFacts};
use crate::gateway::model::*;
use crate::gateway::{openapi, template};
use crate::source::{FileId, Span};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A definition larger than this is refused (the platform takes 4 MB inline).
const LARGEST_DEFINITION: usize = 16 << 20;

#[derive(Default)]
pub(super) struct ApiFiles<'a> {
    pub(super) information: Option<FileId>,
    pub(super) definitions: Vec<(FileId, &'a str)>,
    pub(super) policy: Option<FileId>,
    pub(super) operations: BTreeMap<&'a str, FileId>,
    pub(super) any: Option<FileId>,
}

pub(super) struct VersionSet {
    name: Box<str>,
    scheme: Box<str>,
    header: Option<Box<str>>,
    query: Option<Box<str>>,
}

impl Loader<'_> {
    pub(super) fn version_set(&mut self, name: &str, file: FileId) -> Option<VersionSet> {
        let properties = self.properties(file)?;
        Some(VersionSet {
            name: name.into(),
            scheme: text(&properties, "versioningScheme").unwrap_or("Segment").into(),
            header: text(&properties, "versionHeaderName").map(Into::into),
            query: text(&properties, "versionQueryName").map(Into::into),
        })
    }

    pub(super) fn api(&mut self, name: &str, files: ApiFiles<'_>, version_sets: &BTreeMap<&str, VersionSet>) {
        let Some(file) = files.information else {
            if let Some(file) = files.any {
                self.error(file, "", format!("the API `{name}` has no apiInformation.json"));
            }
            return;
        };
        let Some(properties) = self.properties(file) else { return };
        let kind = text(&properties, "type").or(text(&properties, "apiType")).unwrap_or("http");
        if !kind.eq_ignore_ascii_case("http") {
            return self.refuse(file, "type", &format!("APIs of type `{kind}` are not served yet"));
        }
        let (base_name, revision) = name.split_once(";rev=").map_or((name, None), |(base, rev)| (base, Some(rev)));
        let mut path = text(&properties, "path").unwrap_or("").trim_matches('/').to_owned();
        let version = text(&properties, "apiVersion").filter(|version| !version.is_empty());
        let mut versioning = Versioning::Path;
        if let (Some(version), Some(reference)) = (version, text(&properties, "apiVersionSetId")) {
            let set = reference.rsplit('/').next().unwrap_or(reference);
            match version_sets.get(set) {
                None => return self.error(file, "apiVersionSetId", format!("there is no version set `{set}`")),
                Some(set) => match (&*set.scheme.to_ascii_lowercase(), &set.header, &set.query) {
                    ("segment", ..) => path = format!("{path}/{version}").trim_matches('/').to_owned(),
                    ("header", Some(name), _) => {
                        versioning = Versioning::Header { name: name.clone(), value: version.into() };
                    }
                    ("query", _, Some(name)) => {
                        versioning = Versioning::Query { name: name.clone(), value: version.into() };
                    }
                    _ => {
                        let why = format!("the version set `{}` does not say how a request names a version", set.name);
                        return self.error(file, "apiVersionSetId", why);
                    }
                },
            }
        }
        let current = properties.get("isCurrent").and_then(Value::as_bool).unwrap_or(revision.is_none());
        if let (false, Some(revision)) = (current, revision) {
            path = format!("{path};rev={revision}");
        }
        let translate =
            text(&properties, "translateRequiredQueryParameters").is_none_or(|to| !to.eq_ignore_ascii_case("query"));
        let definition = self.definition(name, &files.definitions, translate);
        let service_url = match text(&properties, "serviceUrl").filter(|url| !url.is_empty()) {
            Some(url) => match self.url(url) {
                Ok(url) => Some(url),
                Err(why) => return self.error(file, "serviceUrl", format!("the serviceUrl of `{name}`: {why}")),
            },
            // A relative server, such as `/v1`, names no backend.
            None => definition.as_ref().and_then(|found| self.url(found.server.as_deref()?).ok()),
        };
        let keys = properties.get("subscriptionKeyParameterNames").and_then(Value::as_object);
        let key = |part: &str, usual: &str| keys.and_then(|keys| text(keys, part)).unwrap_or(usual).into();
        let protocols = match properties.get("protocols").and_then(Value::as_array) {
            Some(list) => list.iter().filter_map(Value::as_str).map(Into::into).collect(),
            None => vec!["https".into()],
        };
        let facts = ApiFacts {
            id: base_name.into(),
            name: text(&properties, "displayName").unwrap_or(name).into(),
            path: path.clone().into(),
            revision: text(&properties, "apiRevision").or(revision).unwrap_or("1").into(),
            version: version.map(Into::into),
            is_current_revision: current,
            protocols,
            service_url,
            key_header: key("header", KEY_HEADER),
            key_query: key("query", KEY_QUERY),
        };
        let mut policies = files.operations;
        let definition_file = files.definitions.first().map_or(file, |(file, _)| *file);
        let operations = self.operations(definition_file, definition, &mut policies);
        for (operation, file) in policies {
            let message = format!("the API `{name}` has no operation `{operation}`");
            let span = Span::new(file, 0, 0);
            let help = near(operation, operations.iter().map(|operation| operation.id.as_str()));
            let finding = Finding::new(codes::GATEWAY_REFERENCE, span, message);
            self.found.push(match help {
                Some(help) => finding.help(help),
                None => finding,
            });
        }
        if operations.is_empty() {
            let message = format!("the API `{name}` has no operations, so that every call of it is answered with 404");
            let finding = Finding::new(codes::GATEWAY_PART, Span::new(file, 0, 0), message)
                .help("operations come from specification.yaml or specification.json beside it");
            self.found.push(finding);
        }
        let backend = self.backend_of_api(name, file, &properties);
        self.gateway.apis.push(Api {
            id: ApiId::new(name),
            facts: Arc::new(facts),
            declared: self.at(file, "path"),
            versioning,
            subscription_required: properties.get("subscriptionRequired").and_then(Value::as_bool).unwrap_or(true),
            backend,
            policy: files.policy,
            operations,
        });
    }

    /// The operations of a definition, each with its policy, which is taken out of `policies`.
    pub(super) fn operations(
        &mut self,
        file: FileId,
        definition: Option<openapi::Definition>,
        policies: &mut BTreeMap<&str, FileId>,
    ) -> Vec<Operation> {
        let mut operations = Vec::new();
        for declared in definition.map(|found| found.operations).unwrap_or_default() {
            if let Err(why) = template::parse(&declared.template) {
                self.error(file, &declared.path, format!("{} {}: {why}", declared.method, declared.template));
                continue;
            }
            let folder = policies.keys().copied().find(|folder| openapi::normalise(folder) == declared.id);
            let facts = OperationFacts {
                id: folder.map_or(declared.id.as_str(), |folder| folder).into(),
                method: declared.method.into(),
                name: declared.name.into(),
                url_template: declared.template.into(),
            };
            operations.push(Operation {
                id: OperationId::new(facts.id.clone()),
                facts: Arc::new(facts),
                declared: self.at(file, &declared.path),
                policy: folder.and_then(|folder| policies.remove(folder)),
            });
        }
        operations
    }

    pub(super) fn definition(
        &mut self,
        api: &str,
        files: &[(FileId, &str)],
        required_query_in_template: bool,
    ) -> Option<openapi::Definition> {
        let mut definition = None;
        for &(file, name) in files {
            let yaml = match name.rsplit('.').next() {
                Some("yaml" | "yml") => true,
                Some("json") => false,
                _ => {
                    self.refuse(file, "", &format!("the definition `{name}` of `{api}` is not OpenAPI"));
                    continue;
                }
            };
            if definition.is_some() {
                self.error(file, "", format!("the API `{api}` has a second definition"));
                continue;
            }
            if self.sources.text(file).len() > LARGEST_DEFINITION {
                self.error(file, "", "the definition is too large".to_owned());
                continue;
            }
            match openapi::read(strip_bom(self.sources.text(file)), yaml, required_query_in_template) {
                Ok(read) => {
                    for problem in &read.problems {
                        self.report(codes::GATEWAY_PART, file, &problem.near, problem.message.clone());
                    }
                    definition = Some(read);
                }
                Err((message, place)) => self.unreadable(file, &message, place),
            }
        }
        definition
    }
}
