//! `apis/` and `version sets/` to APIs and their operations. Operations come from the definition beside the API, and from
//! `operations/<name>/operationInformation.json`, which goes before it.

use super::files::{Properties, is_set, near, strip_bom, text};
use super::texts::FileText;
use super::versions::{VersionSet, version};
use super::{KEY_HEADER, KEY_QUERY, Loader};
use crate::diagnostics::{Finding, Severity, codes};
use crate::dotnet::context::{ApiFacts, OperationFacts};
use crate::gateway::model::*;
use crate::gateway::openapi::{self, Declared};
use crate::gateway::template;
use crate::source::{FileId, Span};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// A definition larger than this is refused (the platform takes 4 MB inline).
const LARGEST_DEFINITION: usize = 16 << 20;

const PROPERTIES: &[&str] = &[
    "displayName",
    "description",
    "path",
    "protocols",
    "serviceUrl",
    "type",
    "apiType",
    "apiRevision",
    "apiRevisionDescription",
    "isCurrent",
    "isOnline",
    "apiVersion",
    "apiVersionDescription",
    "apiVersionSetId",
    "apiVersionSet",
    "subscriptionRequired",
    "subscriptionKeyParameterNames",
    "authenticationSettings",
    "format",
    "value",
    "wsdlSelector",
    "sourceApiId",
    "translateRequiredQueryParameters",
    "termsOfServiceUrl",
    "contact",
    "license",
    "mcpTools",
    "mcpProperties",
    "backendId",
];

#[derive(Default)]
pub(super) struct ApiFiles<'a> {
    pub(super) information: Option<FileId>,
    definitions: Vec<(FileId, &'a str)>,
    policy: Option<FileId>,
    /// Document and information file.
    operations: BTreeMap<&'a str, (Option<FileId>, Option<FileId>)>,
    resolvers: Option<FileId>,
    schemas: Vec<(&'a str, FileId)>,
    any: Option<FileId>,
    all: Vec<FileId>,
}

/// An API as an earlier reading found it.
#[derive(Debug)]
pub(super) struct KeptApi {
    files: Vec<(FileId, Arc<FileText>)>,
    overrides: Option<Properties>,
    api: Arc<Api>,
    found: Vec<Finding>,
    uses_echo: bool,
    /// The last reading that used it.
    pub(super) used: u64,
}

/// What an API answers with, where it is not what its definition says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Http,
    /// Queries pass through to a GraphQL service.
    GraphQl,
    WebSocket,
}

const OF_OPERATIONS: &[&str] =
    &["displayName", "description", "method", "urlTemplate", "templateParameters", "request", "responses", "policies"];

/// How a definition is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Reading {
    yaml: bool,
    required_query_in_template: bool,
}

impl Loader<'_> {
    /// Reads a definition unless that was done before.
    fn kept_definition(&mut self, file: FileId, reading: Reading) -> Result<openapi::Definition, openapi::Unreadable> {
        let text = strip_bom(self.sources.text(file));
        let key = (text.into(), reading);
        let load = self.kept.reading;
        if let Some((definition, used)) = self.kept.definitions.get_mut(&key) {
            *used = load;
            return Ok(definition.clone());
        }
        let definition = openapi::read(text, reading.yaml, reading.required_query_in_template)?;
        self.kept.definitions.insert(key, (definition.clone(), load));
        Ok(definition)
    }

    pub(super) fn api_file<'a>(&mut self, file: FileId, rest: &[&'a str], api: &mut ApiFiles<'a>) {
        api.any.get_or_insert(file);
        api.all.push(file);
        match rest {
            ["apiInformation.json"] => api.information = Some(file),
            ["policy.xml"] => api.policy = Some(file),
            [definition] if definition.starts_with("specification.") => api.definitions.push((file, definition)),
            ["operations", operation, "policy.xml"] => api.operations.entry(operation).or_default().0 = Some(file),
            ["operations", operation, "operationInformation.json"] => {
                api.operations.entry(operation).or_default().1 = Some(file);
            }
            ["resolvers", ..] => api.resolvers = Some(file),
            ["schemas", schema, "apiSchemaInformation.json"] => api.schemas.push((schema, file)),
            ["releases" | "tags" | "tags.json" | "diagnostics", ..] => self.without_effect(file, rest[0]),
            _ => self.not_understood(file),
        }
    }

    /// Reads an API, unless an earlier reading did and nothing of it has changed since.
    pub(super) fn api(&mut self, name: &str, files: ApiFiles<'_>, version_sets: &BTreeMap<Box<str>, VersionSet>) {
        let Some(file) = files.information else {
            if let Some(file) = files.any {
                self.error(file, "", format!("the API `{name}` has no apiInformation.json"));
            }
            return;
        };
        let base_name = name.split(";rev=").next().unwrap_or(name);
        if self.apis.contains_key(base_name) && !self.has_api(base_name) {
            return self.twice(file, "APIs", base_name);
        }
        let key = (self.space, name.into());
        let own: Option<Vec<_>> =
            files.all.iter().map(|&file| Some((file, Arc::clone(self.kept.file(file)?)))).collect();
        let own = own.unwrap_or_default();
        let overrides = self.overrides.get(&file);
        let same = |kept: &KeptApi| {
            let files = kept.files.len() == own.len()
                && kept.files.iter().zip(&own).all(|(old, new)| old.0 == new.0 && Arc::ptr_eq(&old.1, &new.1));
            files && kept.overrides.as_ref() == overrides
        };
        if let Some(kept) = self.kept.apis.get_mut(&key).filter(|kept| same(kept)) {
            kept.used = self.kept.reading;
            self.found.extend(kept.found.iter().cloned());
            self.gateway.uses_echo |= kept.uses_echo;
            let api = Arc::clone(&kept.api);
            return self.add_api(base_name, api);
        }
        let overrides = overrides.cloned();
        let before = std::mem::take(self.found);
        let echo_before = std::mem::take(&mut self.gateway.uses_echo);
        let read = self.read_api(name, file, files, version_sets);
        let found = std::mem::replace(self.found, before);
        let uses_echo = std::mem::replace(&mut self.gateway.uses_echo, echo_before);
        self.found.extend(found.findings().iter().cloned());
        self.gateway.uses_echo |= uses_echo;
        let Some(api) = read.map(Arc::new) else { return };
        let kept = KeptApi {
            files: own,
            overrides,
            api: Arc::clone(&api),
            found: found.findings().to_vec(),
            uses_echo,
            used: self.kept.reading,
        };
        self.kept.apis.insert(key, kept);
        self.add_api(base_name, api);
    }

    fn add_api(&mut self, base_name: &str, api: Arc<Api>) {
        self.apis.entry(base_name.into()).or_default().push(self.gateway.apis.len());
        self.gateway.apis.push(api);
    }

    /// `None` after a finding that keeps the API from being served.
    fn read_api(
        &mut self,
        name: &str,
        file: FileId,
        files: ApiFiles<'_>,
        version_sets: &BTreeMap<Box<str>, VersionSet>,
    ) -> Option<Api> {
        let properties = self.properties(file)?;
        self.other_members(file, &properties, PROPERTIES, "an API");
        for (part, why) in [
            ("value", "a definition inside apiInformation.json is not read: it lies beside it"),
            ("mcpTools", "MCP servers are not served"),
            ("mcpProperties", "MCP servers are not served"),
        ] {
            if properties.get(part).is_some_and(is_set) {
                self.refuse(file, part, why);
                return None;
            }
        }
        let kind = self.api_kind(file, &properties, files.resolvers)?;
        let (base_name, revision) = name.split_once(";rev=").map_or((name, None), |(base, rev)| (base, Some(rev)));
        let (path, versioning) = self.api_path(file, &properties, version_sets)?;
        let current = properties.get("isCurrent").and_then(Value::as_bool).unwrap_or(revision.is_none());
        let own_revision = text(&properties, "apiRevision").filter(|own| !own.is_empty());
        if let (Some(folder), Some(own)) = (revision, own_revision)
            && folder != own
        {
            self.error(file, "apiRevision", format!("the folder is that of revision {folder}, the file of {own}"));
        }
        let translate =
            text(&properties, "translateRequiredQueryParameters").is_none_or(|to| !to.eq_ignore_ascii_case("query"));
        let definition = if kind == Kind::Http { self.definition(name, &files.definitions, translate) } else { None };
        let service_url = match text(&properties, "serviceUrl").filter(|url| !url.is_empty()) {
            Some(url) => match self.url(url) {
                Ok(url) => Some(url),
                Err(why) => {
                    self.error(file, "serviceUrl", format!("the serviceUrl of `{name}`: {why}"));
                    None
                }
            },
            // A relative server, such as `/v1`, names no backend.
            None => definition.as_ref().and_then(|found| self.url(found.server.as_deref()?).ok()),
        };
        let keys = properties.get("subscriptionKeyParameterNames").and_then(Value::as_object);
        let key = |part: &str, usual: &str| {
            keys.and_then(|keys| text(keys, part)).filter(|name| !name.is_empty()).unwrap_or(usual).into()
        };
        let facts = ApiFacts {
            id: base_name.into(),
            name: text(&properties, "displayName").unwrap_or(base_name).into(),
            path: path.into(),
            revision: own_revision.or(revision).unwrap_or("1").into(),
            version: version(&properties).map(Into::into),
            is_current_revision: current,
            protocols: self.protocols(file, &properties, kind),
            service_url,
            key_header: key("header", KEY_HEADER),
            key_query: key("query", KEY_QUERY),
        };
        let declared = match kind {
            Kind::Http => definition.map(|found| found.operations).unwrap_or_default(),
            Kind::GraphQl => ["POST", "GET"].map(|method| own_operation(method, "/")).into(),
            Kind::WebSocket => vec![Declared { id: "onhandshake".into(), ..own_operation("GET", "/*") }],
        };
        let definition_file = files.definitions.first().map_or(file, |(file, _)| *file);
        let operation_files: Vec<_> = files.operations.values().copied().collect();
        let operations = self.operations(name, declared, definition_file, files.operations);
        if operations.is_empty() {
            let message = format!("the API `{name}` has no operations, so that every call of it is answered with 404");
            let finding = Finding::new(codes::GATEWAY_PART, Span::new(file, 0, 0), message)
                .help("operations come from specification.yaml or specification.json beside it");
            self.found.push(finding);
        }
        let operation_files: Vec<FileId> = operation_files.into_iter().filter_map(|(_, own)| own).collect();
        self.api_schemas(name, &files.schemas, &operation_files);
        let backend = self.backend_of_api(name, file, &properties);
        Some(Api {
            id: ApiId::new(name),
            space: self.space,
            facts: Arc::new(facts),
            declared: self.at(file, "path"),
            versioning,
            subscription_required: properties.get("subscriptionRequired").and_then(Value::as_bool).unwrap_or(true),
            backend,
            policy: files.policy,
            operations,
            table: OnceLock::new(),
        })
    }

    /// The schemas of an API, and what its operations name of them.
    fn api_schemas(&mut self, api: &str, schemas: &[(&str, FileId)], operations: &[FileId]) {
        for &(_, file) in schemas {
            let Some(properties) = self.properties(file) else { continue };
            self.other_members(file, &properties, &["contentType", "document"], "a schema of an API");
            if text(&properties, "contentType").is_none_or(str::is_empty) {
                self.error(file, "contentType", "the schema has no contentType".to_owned());
            }
        }
        for &file in operations {
            let Some(properties) = self.overridden(file) else { continue };
            let mut open: Vec<&Value> = properties.values().collect();
            let mut named: Vec<&str> = Vec::new();
            while let Some(value) = open.pop() {
                match value {
                    Value::Array(items) => open.extend(items),
                    Value::Object(members) => {
                        named.extend(members.get("schemaId").and_then(Value::as_str).filter(|id| !id.is_empty()));
                        open.extend(members.values());
                    }
                    _ => {}
                }
            }
            for id in named {
                if !schemas.iter().any(|(own, _)| own.eq_ignore_ascii_case(id)) {
                    let message = format!("the API `{api}` has no schema `{id}`");
                    self.report(codes::GATEWAY_REFERENCE, file, id, message);
                }
            }
        }
    }

    /// `None`: refused.
    fn api_kind(&mut self, file: FileId, properties: &Properties, resolvers: Option<FileId>) -> Option<Kind> {
        let kind = text(properties, "type").or(text(properties, "apiType")).unwrap_or("http").to_ascii_lowercase();
        if let Some(file) = resolvers {
            self.refuse(file, "", "GraphQL resolvers are not served");
            return None;
        }
        match kind.as_str() {
            "http" | "soap" => Some(Kind::Http),
            "websocket" => Some(Kind::WebSocket),
            "graphql" if text(properties, "serviceUrl").is_some_and(|url| !url.is_empty()) => Some(Kind::GraphQl),
            "graphql" => {
                self.refuse(file, "type", "synthetic GraphQL APIs are not served: this one has no serviceUrl");
                None
            }
            _ => {
                self.refuse(file, "type", &format!("APIs of type `{kind}` are not served"));
                None
            }
        }
    }

    fn protocols(&mut self, file: FileId, properties: &Properties, kind: Kind) -> Vec<Box<str>> {
        let Some(list) = properties.get("protocols").and_then(Value::as_array).filter(|list| !list.is_empty()) else {
            return vec![if kind == Kind::WebSocket { "wss".into() } else { "https".into() }];
        };
        let mut protocols = Vec::new();
        for protocol in list.iter().filter_map(Value::as_str) {
            if !matches!(protocol.to_ascii_lowercase().as_str(), "http" | "https" | "ws" | "wss") {
                self.error(file, "protocols", format!("`{protocol}` is no protocol of an API"));
            }
            protocols.push(protocol.into());
        }
        protocols
    }

    /// The operations of a definition and of `files`, each with its policy.
    pub(super) fn operations(
        &mut self,
        api: &str,
        declared: Vec<Declared>,
        definition: FileId,
        mut files: BTreeMap<&str, (Option<FileId>, Option<FileId>)>,
    ) -> Vec<Operation> {
        let mut operations = Vec::new();
        // Folders by the name that the import gives.
        let folders: BTreeMap<String, &str> =
            files.keys().map(|folder| (openapi::normalise(folder), *folder)).collect();
        let places = self.places(definition, &declared);
        for (declared, at) in declared.into_iter().zip(places) {
            let folder = folders.get(&declared.id).copied();
            let (policy, information) = folder.and_then(|folder| files.remove(folder)).unwrap_or_default();
            let id = folder.unwrap_or(&declared.id).to_owned();
            operations.extend(self.operation(api, &id, Some((declared, at)), definition, policy, information));
        }
        for (folder, (policy, information)) in files {
            match (policy, information) {
                (_, Some(file)) => operations.extend(self.operation(api, folder, None, file, policy, information)),
                (Some(file), None) => {
                    let message = format!("the API `{api}` has no operation `{folder}`");
                    let finding = Finding::new(codes::GATEWAY_REFERENCE, Span::new(file, 0, 0), message);
                    let help = near(folder, operations.iter().map(|operation| operation.id.as_str()));
                    self.found.push(match help {
                        Some(help) => finding.help(help),
                        None => finding,
                    });
                }
                (None, None) => {}
            }
        }
        operations
    }

    /// Where the definition writes each path. Paths come in its order, so that each is looked for behind the last one.
    fn places(&self, definition: FileId, declared: &[Declared]) -> Vec<Span> {
        let text = self.sources.text(definition);
        let mut from = 0;
        let place = |declared: &Declared| {
            let Some(found) = text.get(from..).and_then(|rest| rest.find(&declared.path)) else {
                // Written otherwise, such as `\/a` in JSON: the others are not looked for to the end each time.
                from = text.len();
                return Span::new(definition, 0, 0);
            };
            from += found;
            Span::new(definition, from as u32, (from + declared.path.len()) as u32)
        };
        declared.iter().map(place).collect()
    }

    fn operation(
        &mut self,
        api: &str,
        id: &str,
        declared: Option<(Declared, Span)>,
        file: FileId,
        policy: Option<FileId>,
        information: Option<FileId>,
    ) -> Option<Operation> {
        let own = information.and_then(|file| self.properties(file)).unwrap_or_default();
        if let Some(file) = information {
            self.other_members(file, &own, OF_OPERATIONS, "an operation");
            if own.get("policies").is_some_and(is_set) {
                self.refuse(file, "policies", "an operation's policy is read from its policy.xml, not from `policies`");
            }
        }
        let own = |key: &str| text(&own, key).map(str::to_owned);
        let (name, method, written, place) = match declared {
            Some((declared, at)) => (declared.name, declared.method.to_owned(), declared.template, at),
            None => (id.to_owned(), String::new(), String::new(), Span::new(file, 0, 0)),
        };
        let method = own("method").unwrap_or(method).to_ascii_uppercase();
        let written = own("urlTemplate").unwrap_or(written);
        let at = information.unwrap_or(file);
        if method != "*" && http::Method::from_bytes(method.as_bytes()).is_err() {
            self.error(at, "method", format!("`{method}` is no method of the operation `{id}` of `{api}`"));
            return None;
        }
        if let Err(why) = template::parse(&written) {
            let place = if information.is_some() { self.at(at, &written) } else { place };
            self.found.push(Finding::new(codes::GATEWAY_FILE, place, format!("{method} {written}: {why}")));
            return None;
        }
        let declared = match information {
            Some(file) => self.at(file, "urlTemplate"),
            None => place,
        };
        let facts = OperationFacts {
            id: id.into(),
            method: method.into(),
            name: own("displayName").unwrap_or(name).into(),
            url_template: written.into(),
        };
        Some(Operation { id: OperationId::new(id), facts: Arc::new(facts), declared, policy })
    }

    /// One revision of an API is the current one.
    pub(super) fn check_revisions(&mut self) {
        let mut wrong = Vec::new();
        for (name, revisions) in &self.apis {
            let mut current =
                revisions.iter().map(|&at| &self.gateway.apis[at]).filter(|api| api.facts.is_current_revision);
            if let (Some(first), Some(second)) = (current.next(), current.next()) {
                let message = format!("the API `{name}` has two current revisions, `{}` and `{}`", first.id, second.id);
                wrong.push(Finding::new(codes::GATEWAY_ROUTE, second.declared, message));
            }
        }
        self.found.extend(wrong);
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
                    let message =
                        format!("the definition `{name}` of `{api}` is not read: operations come from OpenAPI");
                    let finding = Finding::new(codes::GATEWAY_REFUSED, Span::new(file, 0, 0), message)
                        .severity(Severity::Warning)
                        .help("or from operations/<name>/operationInformation.json");
                    self.found.push(finding);
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
            match self.kept_definition(file, Reading { yaml, required_query_in_template }) {
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

/// An operation that the kind of API brings with it.
fn own_operation(method: &'static str, template: &str) -> Declared {
    Declared {
        id: method.to_ascii_lowercase(),
        name: method.to_owned(),
        method,
        template: template.to_owned(),
        path: String::new(),
    }
}
