//! Named texts in the APIOps artifact layout to a [`Gateway`]. In: (relative path, bytes). Out: the model and findings;
//! what is not understood is a finding of its own, never dropped in silence. Reads no disk.

mod backend;

use super::model::*;
use super::{openapi, template};
use crate::diagnostics::{Code, Diagnostics, Finding, codes};
use crate::document::NamedValues;
use crate::dotnet::context::{ApiFacts, Deployment, OperationFacts, ProductFacts, SubscriptionFacts};
use crate::message::Url;
use crate::source::{FileId, Place, Sources, Span};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

type Properties = Map<String, Value>;

/// A definition larger than this is refused (the platform takes 4 MB inline).
const LARGEST_DEFINITION: usize = 16 << 20;
const LARGEST_INFORMATION: usize = 1 << 20;

/// One file of the layout.
struct Text<'a> {
    parts: Vec<&'a str>,
    file: FileId,
}

/// Reads a configuration. Findings show paths below `root`. `given` overrides the named values of the files, and supplies those that files never hold.
pub fn load(
    texts: Vec<(String, Vec<u8>)>,
    root: &str,
    given: &NamedValues,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Gateway {
    let mut paths = Vec::new();
    for (path, bytes) in texts {
        let path = path.replace('\\', "/");
        let shown = if root.is_empty() { path.clone() } else { format!("{}/{path}", root.trim_end_matches('/')) };
        match sources.add(shown.clone(), bytes) {
            Ok(file) => paths.push((path, file)),
            Err(_) => {
                let file = sources.add(shown, Vec::new()).expect("an empty text is small");
                found.push(Finding::new(codes::GATEWAY_FILE, Span::new(file, 0, 0), "the file is too large"));
            }
        }
    }
    paths.sort();
    let texts: Vec<Text<'_>> =
        paths.iter().map(|(path, file)| Text { parts: path.split('/').collect(), file: *file }).collect();
    let mut loader = Loader { sources, found, given, gateway: Gateway::default() };
    loader.everything(&texts);
    loader.gateway
}

/// A gateway of one API with one policy document at API scope: every method, every path, no subscription.
pub fn single(policy: FileId, backend: Option<Url>, named_values: NamedValues) -> Gateway {
    let uses_echo = backend.as_ref().is_some_and(|url| &*url.host == ECHO_HOST);
    let facts = ApiFacts {
        id: "api".into(),
        name: "api".into(),
        revision: "1".into(),
        is_current_revision: true,
        protocols: vec!["http".into(), "https".into()],
        service_url: backend,
        key_header: KEY_HEADER.into(),
        key_query: KEY_QUERY.into(),
        ..ApiFacts::default()
    };
    let operation =
        OperationFacts { id: "any".into(), method: "*".into(), name: "any".into(), url_template: "/*".into() };
    Gateway {
        apis: vec![Api {
            id: ApiId::new("api"),
            facts: Arc::new(facts),
            versioning: Versioning::Path,
            subscription_required: false,
            policy: Some(policy),
            operations: vec![Operation { id: OperationId::new("any"), facts: Arc::new(operation), policy: None }],
        }],
        named_values,
        deployment: deployment(),
        uses_echo,
        ..Gateway::default()
    }
}

/// A backend URL as a configuration may write it: absolute, or `echo:/path` for the embedded echo service.
pub fn backend_url(text: &str) -> Result<Url, String> {
    let url = match text.strip_prefix("echo:") {
        Some(path) => Url::parse(&format!("http://{ECHO_HOST}/{}", path.trim_start_matches('/'))),
        None => Url::parse(text),
    };
    let url = url.map_err(|error| error.to_string())?;
    if url.query.is_some() {
        return Err("a backend's URL holds no query".to_owned());
    }
    Ok(url)
}

const KEY_HEADER: &str = "Ocp-Apim-Subscription-Key";
const KEY_QUERY: &str = "subscription-key";

fn deployment() -> Arc<Deployment> {
    Arc::new(Deployment {
        gateway_id: "managed".into(),
        region: "local".into(),
        service_id: "portcullis".into(),
        service_name: "portcullis".into(),
        ..Deployment::default()
    })
}

struct Loader<'a> {
    sources: &'a mut Sources,
    found: &'a mut Diagnostics,
    given: &'a NamedValues,
    gateway: Gateway,
}

#[derive(Default)]
struct ApiFiles<'a> {
    information: Option<FileId>,
    definitions: Vec<(FileId, &'a str)>,
    policy: Option<FileId>,
    operations: BTreeMap<&'a str, FileId>,
    any: Option<FileId>,
}

#[derive(Default)]
struct ProductFiles<'a> {
    information: Option<FileId>,
    policy: Option<FileId>,
    apis: Vec<(&'a str, FileId)>,
    groups: Vec<&'a str>,
}

struct VersionSet {
    name: Box<str>,
    scheme: Box<str>,
    header: Option<Box<str>>,
    query: Option<Box<str>>,
}

/// Folder names come as `named values` and as `namedValues`.
fn kind(folder: &str) -> String {
    folder.chars().filter(|c| !matches!(c, ' ' | '-' | '_')).map(|c| c.to_ascii_lowercase()).collect()
}

impl Loader<'_> {
    fn everything(&mut self, texts: &[Text<'_>]) {
        let mut apis: BTreeMap<&str, ApiFiles<'_>> = BTreeMap::new();
        let mut products: BTreeMap<&str, ProductFiles<'_>> = BTreeMap::new();
        let mut fragments: BTreeMap<&str, (Option<FileId>, Option<FileId>)> = BTreeMap::new();
        let (mut values, mut backends, mut subscriptions, mut version_sets) = (vec![], vec![], vec![], vec![]);
        for text in texts {
            let file = text.file;
            let folder = text.parts.first().map(|first| kind(first)).unwrap_or_default();
            match (folder.as_str(), &text.parts[..]) {
                (_, ["policy.xml"]) => self.gateway.policy = Some(file),
                ("apis", [_, name, rest @ ..]) => {
                    let api = apis.entry(name).or_default();
                    api.any.get_or_insert(file);
                    match rest {
                        ["apiInformation.json"] => api.information = Some(file),
                        ["policy.xml"] => api.policy = Some(file),
                        [definition] if definition.starts_with("specification.") => {
                            api.definitions.push((file, definition));
                        }
                        ["operations", operation, "policy.xml"] => {
                            api.operations.insert(operation, file);
                        }
                        ["releases" | "tags" | "diagnostics", ..] => self.without_effect(file, rest[0]),
                        _ => self.not_understood(file),
                    }
                }
                ("backends", [_, name, "backendInformation.json"]) => backends.push((*name, file)),
                ("namedvalues", [_, name, "namedValueInformation.json"]) => values.push((*name, file)),
                ("policyfragments", [_, name, "policyFragmentInformation.json"]) => {
                    fragments.entry(name).or_default().0 = Some(file);
                }
                ("policyfragments", [_, name, "policy.xml"]) => fragments.entry(name).or_default().1 = Some(file),
                ("products", [_, name, "productInformation.json"]) => {
                    products.entry(name).or_default().information = Some(file);
                }
                ("products", [_, name, "policy.xml"]) => products.entry(name).or_default().policy = Some(file),
                ("products", [_, name, "apis", api, "productApiInformation.json"]) => {
                    products.entry(name).or_default().apis.push((api, file));
                }
                ("products", [_, name, "groups", group, _]) => products.entry(name).or_default().groups.push(group),
                ("subscriptions", [_, name, "subscriptionInformation.json"]) => subscriptions.push((*name, file)),
                (
                    "versionsets" | "apiversionsets",
                    [_, name, "versionSetInformation.json" | "apiVersionSetInformation.json"],
                ) => {
                    version_sets.push((*name, file));
                }
                ("tags" | "groups" | "loggers" | "diagnostics" | "gateways", [_, _, ..]) => {
                    self.without_effect(file, text.parts[0]);
                }
                ("workspaces", _) => self.refuse(file, "", "workspaces are not served yet"),
                _ => self.not_understood(file),
            }
        }
        self.gateway.deployment = deployment();
        self.gateway.checks_keys = true;
        for (name, file) in values {
            self.named_value(name, file);
        }
        for name in self.given.names() {
            if let Some(value) = self.given.find(name) {
                self.gateway.named_values.define(name, value.value.clone(), value.secret);
            }
        }
        for (name, file) in backends {
            self.backend(name, file);
        }
        for (name, (information, policy)) in fragments {
            match (policy, information) {
                (Some(policy), _) => {
                    let id = FragmentId::new(name);
                    self.gateway.fragments.insert(id.clone(), Fragment { id, policy });
                }
                (None, Some(file)) => self.error(file, "", format!("the fragment `{name}` has no policy.xml")),
                (None, None) => {}
            }
        }
        let version_sets: BTreeMap<&str, VersionSet> =
            version_sets.into_iter().filter_map(|(name, file)| Some((name, self.version_set(name, file)?))).collect();
        for (name, files) in apis {
            self.api(name, files, &version_sets);
        }
        for (name, files) in products {
            self.product(name, files);
        }
        for (name, file) in subscriptions {
            self.subscription(name, file);
        }
    }

    // ---- entities

    fn named_value(&mut self, name: &str, file: FileId) {
        let Some(properties) = self.properties(file) else { return };
        let display = text(&properties, "displayName").unwrap_or(name).to_owned();
        let secret = properties.get("secret").and_then(Value::as_bool).unwrap_or(false);
        if self.given.find(&display).is_some() {
            return;
        }
        match text(&properties, "value") {
            Some(value) => self.gateway.named_values.define(&display, value, secret),
            None if properties.contains_key("keyVault") => self.missing_value(
                file,
                "keyVault",
                format!("the named value `{display}` lies in a Key Vault, which is not asked"),
                &display,
            ),
            None => {
                self.missing_value(file, "value", format!("the named value `{display}` has no value here"), &display);
            }
        }
    }

    fn missing_value(&mut self, file: FileId, near: &str, message: String, name: &str) {
        let finding = Finding::new(codes::GATEWAY_REFUSED, self.at(file, near), message)
            .help(format!("give `{name}` in the file of --named-values"));
        self.found.push(finding);
    }

    fn version_set(&mut self, name: &str, file: FileId) -> Option<VersionSet> {
        let properties = self.properties(file)?;
        Some(VersionSet {
            name: name.into(),
            scheme: text(&properties, "versioningScheme").unwrap_or("Segment").into(),
            header: text(&properties, "versionHeaderName").map(Into::into),
            query: text(&properties, "versionQueryName").map(Into::into),
        })
    }

    fn api(&mut self, name: &str, files: ApiFiles<'_>, version_sets: &BTreeMap<&str, VersionSet>) {
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
        let mut operations = Vec::new();
        let mut policies = files.operations;
        for declared in definition.map(|found| found.operations).unwrap_or_default() {
            if let Err(why) = template::parse(&declared.template) {
                let at = files.definitions.first().map_or(file, |(file, _)| *file);
                self.error(at, &declared.template, format!("{} {}: {why}", declared.method, declared.template));
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
                policy: folder.and_then(|folder| policies.remove(folder)),
            });
        }
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
        self.gateway.apis.push(Api {
            id: ApiId::new(name),
            facts: Arc::new(facts),
            versioning,
            subscription_required: properties.get("subscriptionRequired").and_then(Value::as_bool).unwrap_or(true),
            policy: files.policy,
            operations,
        });
    }

    fn definition(
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
                        let finding = Finding::new(codes::GATEWAY_PART, Span::new(file, 0, 0), problem.clone());
                        self.found.push(finding);
                    }
                    definition = Some(read);
                }
                Err((message, place)) => self.unreadable(file, &message, place),
            }
        }
        definition
    }

    fn product(&mut self, name: &str, files: ProductFiles<'_>) {
        let Some(file) = files.information else {
            if let Some(file) = files.policy.or(files.apis.first().map(|(_, file)| *file)) {
                self.error(file, "", format!("the product `{name}` has no productInformation.json"));
            }
            return;
        };
        let Some(properties) = self.properties(file) else { return };
        let mut apis = Vec::new();
        let mut facts_of_apis = Vec::new();
        for (api, file) in files.apis {
            match self.gateway.apis.iter().find(|own| own.id.as_str() == api) {
                Some(found) => {
                    apis.push(found.id.clone());
                    facts_of_apis.push(Arc::clone(&found.facts));
                }
                None => self.reference(file, format!("the product `{name}` names the API `{api}`, which is not here")),
            }
        }
        let flag = |key: &str, usual| properties.get(key).and_then(Value::as_bool).unwrap_or(usual);
        let facts = ProductFacts {
            id: name.into(),
            name: text(&properties, "displayName").unwrap_or(name).into(),
            published: text(&properties, "state").is_some_and(|state| state.eq_ignore_ascii_case("published")),
            subscription_limit: properties
                .get("subscriptionsLimit")
                .and_then(Value::as_i64)
                .and_then(|limit| i32::try_from(limit).ok()),
            subscription_required: flag("subscriptionRequired", true),
            approval_required: flag("approvalRequired", false),
            apis: facts_of_apis,
            groups: files
                .groups
                .iter()
                .map(|group| crate::dotnet::context::Group { id: (*group).into(), name: (*group).into() })
                .collect(),
        };
        self.gateway.products.push(Product {
            id: ProductId::new(name),
            facts: Arc::new(facts),
            apis,
            policy: files.policy,
        });
    }

    fn subscription(&mut self, name: &str, file: FileId) {
        let Some(properties) = self.properties(file) else { return };
        let primary = text(&properties, "primaryKey").unwrap_or("");
        let secondary = text(&properties, "secondaryKey").unwrap_or("");
        if primary.is_empty() && secondary.is_empty() {
            let message = format!("the subscription `{name}` has no keys here, so that no request can use it");
            self.found.push(Finding::new(codes::GATEWAY_PART, Span::new(file, 0, 0), message));
            return;
        }
        let scope = text(&properties, "scope").unwrap_or("");
        let scope = match scope.trim_matches('/').rsplit('/').take(2).collect::<Vec<_>>()[..] {
            ["apis", ..] | [""] => SubscriptionScope::AllApis,
            [api, "apis"] if self.gateway.apis.iter().any(|own| own.id.as_str() == api) => {
                SubscriptionScope::Api(ApiId::new(api))
            }
            [product, "products"] if self.gateway.products.iter().any(|own| own.id.as_str() == product) => {
                SubscriptionScope::Product(ProductId::new(product))
            }
            _ => {
                return self.reference(file, format!("the scope `{scope}` of `{name}` names nothing that is here"));
            }
        };
        self.gateway.subscriptions.push(Subscription {
            facts: Arc::new(SubscriptionFacts {
                id: name.into(),
                name: text(&properties, "displayName").map(Into::into),
                key: "".into(),
                primary_key: primary.into(),
                secondary_key: secondary.into(),
                ..SubscriptionFacts::default()
            }),
            scope,
            active: text(&properties, "state").is_none_or(|state| state.eq_ignore_ascii_case("active")),
        });
    }

    // ---- reading and reporting

    fn url(&mut self, text: &str) -> Result<Url, String> {
        let url = backend_url(text)?;
        self.gateway.uses_echo |= &*url.host == ECHO_HOST;
        Ok(url)
    }

    /// The `properties` of an information file.
    fn properties(&mut self, file: FileId) -> Option<Properties> {
        if self.sources.text(file).len() > LARGEST_INFORMATION {
            self.error(file, "", "the file is too large".to_owned());
            return None;
        }
        match serde_json::from_str::<Value>(strip_bom(self.sources.text(file))) {
            Ok(Value::Object(mut outer)) => match outer.remove("properties") {
                Some(Value::Object(properties)) => Some(properties),
                _ => {
                    self.error(file, "properties", "the file has no object `properties`".to_owned());
                    None
                }
            },
            Ok(_) => {
                self.error(file, "", "the file holds no JSON object".to_owned());
                None
            }
            Err(error) => {
                self.unreadable(file, &error.to_string(), Some((error.line() as u32, error.column() as u32)));
                None
            }
        }
    }

    fn unreadable(&mut self, file: FileId, message: &str, place: Option<(u32, u32)>) {
        let offset = place
            .and_then(|(line, column)| self.sources.offset(file, Place { line: line.max(1), column: column.max(1) }))
            .unwrap_or(0);
        let span = Span::new(file, offset, offset);
        self.found.push(Finding::new(codes::GATEWAY_FILE, span, message.to_owned()));
    }

    /// The place of a property's name, or the file's start.
    fn at(&self, file: FileId, near: &str) -> Span {
        let text = self.sources.text(file);
        let found = (!near.is_empty()).then(|| text.find(&format!("\"{near}\"")).or_else(|| text.find(near))).flatten();
        match found {
            Some(start) => {
                let quotes = if text[start..].starts_with('"') { 2 } else { 0 };
                Span::new(file, start as u32, (start + near.len() + quotes) as u32)
            }
            None => Span::new(file, 0, 0),
        }
    }

    fn report(&mut self, code: Code, file: FileId, near: &str, message: String) {
        let span = self.at(file, near);
        self.found.push(Finding::new(code, span, message));
    }

    fn error(&mut self, file: FileId, near: &str, message: String) {
        self.report(codes::GATEWAY_FILE, file, near, message);
    }

    fn refuse(&mut self, file: FileId, near: &str, message: &str) {
        self.report(codes::GATEWAY_REFUSED, file, near, message.to_owned());
    }

    fn reference(&mut self, file: FileId, message: String) {
        self.report(codes::GATEWAY_REFERENCE, file, "", message);
    }

    fn without_effect(&mut self, file: FileId, what: &str) {
        self.report(codes::GATEWAY_PART, file, "", format!("`{what}` has no effect here"));
    }

    fn not_understood(&mut self, file: FileId) {
        let message = "the file has no meaning in this layout, and was not read".to_owned();
        let severity = match self.sources.path(file).rsplit('/').next() {
            Some(name) if name.ends_with(".md") || name.starts_with('.') => return,
            _ => codes::GATEWAY_PART,
        };
        self.report(severity, file, "", message);
    }
}

fn strip_bom(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn text<'a>(properties: &'a Properties, key: &str) -> Option<&'a str> {
    properties.get(key)?.as_str()
}

/// Neither null nor empty.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    }
}

fn near<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    crate::diagnostics::near_name(name, names).map(|near| format!("did you mean `{near}`?"))
}

/// The file of `--named-values`: `{"name": "value", "other": {"value": "...", "secret": true}}`.
pub fn named_values(file: FileId, sources: &Sources, found: &mut Diagnostics) -> NamedValues {
    let mut values = NamedValues::new();
    let mut wrong = |offset: u32, message: String| {
        found.push(Finding::new(codes::GATEWAY_FILE, Span::new(file, offset, offset), message));
    };
    match serde_json::from_str::<Value>(strip_bom(sources.text(file))) {
        Ok(Value::Object(members)) => {
            for (name, value) in members {
                let secret = value.get("secret").and_then(Value::as_bool).unwrap_or(false);
                match value.as_str().or_else(|| value.get("value")?.as_str()) {
                    Some(text) => values.define(&name, text, secret),
                    None => wrong(0, format!("`{name}` is neither a text nor an object with `value`")),
                }
            }
        }
        Ok(_) => wrong(0, "the file holds no JSON object of names and values".to_owned()),
        Err(error) => {
            let place = Place { line: (error.line() as u32).max(1), column: (error.column() as u32).max(1) };
            wrong(sources.offset(file, place).unwrap_or(0), error.to_string());
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(texts: &[(&str, &str)]) -> (Gateway, Vec<String>) {
        let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
        let texts = texts.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        let gateway = load(texts, "", &NamedValues::new(), &mut sources, &mut found);
        let found = found
            .into_sorted()
            .into_iter()
            .map(|finding| {
                let place = sources.place(finding.span.file, finding.span.start);
                let path = sources.path(finding.span.file);
                format!("{path}:{}:{} {}: {}", place.line, place.column, finding.code.name, finding.message)
            })
            .collect();
        (gateway, found)
    }

    #[test]
    fn the_layout_is_read_in_both_spellings_of_its_folders() {
        for (values, fragments) in [("named values", "policy fragments"), ("namedValues", "policyFragments")] {
            let value = format!("{values}/k/namedValueInformation.json");
            let fragment = format!("{fragments}/f/policy.xml");
            let about = format!("{fragments}/f/policyFragmentInformation.json");
            let (gateway, found) = read(&[
                ("policy.xml", "<policies />"),
                (&value, r#"{"properties":{"displayName":"Key","value":"v","secret":true}}"#),
                (&fragment, "<fragment />"),
                (&about, r#"{"properties":{}}"#),
                (
                    "backends/b/backendInformation.json",
                    r#"{"properties":{"url":"https://b.example/v1","protocol":"http"}}"#,
                ),
                ("apis/a/apiInformation.json", "\u{feff}{\"properties\":{\"path\":\"a\",\"serviceUrl\":\"echo:/x\"}}"),
                (
                    "apis/a/specification.json",
                    r#"{"openapi":"3.0.0","paths":{"/o/{id}":{"get":{"operationId":"getO"}}}}"#,
                ),
                ("apis/a/operations/getO/policy.xml", "<policies />"),
            ]);
            assert_eq!(found, Vec::<String>::new());
            assert!(gateway.policy.is_some() && gateway.uses_echo);
            assert!(gateway.named_values.find("Key").is_some_and(|value| value.secret));
            assert_eq!(gateway.fragments.len(), 1);
            assert_eq!(
                gateway.backend("b").map(|backend| backend.url.to_string()).as_deref(),
                Some("https://b.example/v1")
            );
            let operation = &gateway.apis[0].operations[0];
            assert_eq!((operation.id.as_str(), operation.policy.is_some()), ("getO", true));
        }
    }

    #[test]
    fn what_is_not_served_is_named() {
        let table: &[(&str, &str, &str)] = &[
            (
                "backends/p/backendInformation.json",
                r#"{"properties":{"type":"Pool","pool":{}}}"#,
                "gateway::refused: backend pools",
            ),
            (
                "backends/p/backendInformation.json",
                r#"{"properties":{"url":"ftp://x"}}"#,
                "gateway::file: the url of the backend `p`",
            ),
            ("backends/p/backendInformation.json", "{\n \"properties\": [\n}", "3:1 gateway::file"),
            (
                "backends/p/backendInformation.json",
                r#"{"properties":{"url":"http://x","circuitBreaker":{"rules":[{}]}}}"#,
                "circuit breakers",
            ),
            (
                "namedValues/k/namedValueInformation.json",
                r#"{"properties":{"keyVault":{"secretIdentifier":"x"}}}"#,
                "lies in a Key Vault",
            ),
            ("namedValues/k/namedValueInformation.json", r#"{"properties":{"secret":true}}"#, "has no value here"),
            ("apis/a/policy.xml", "<policies/>", "has no apiInformation.json"),
            ("apis/a/apiInformation.json", r#"{"properties":{"path":"a","type":"graphql"}}"#, "APIs of type `graphql`"),
            ("apis/a/apiInformation.json", r#"{"properties":{"path":"a"}}"#, "has no operations"),
            (
                "apis/a/apiInformation.json",
                r#"{"properties":{"apiVersion":"1","apiVersionSetId":"x/s"}}"#,
                "no version set `s`",
            ),
            ("workspaces/w/policy.xml", "<policies/>", "gateway::refused: workspaces"),
            ("loggers/l/loggerInformation.json", "{}", "gateway::part: `loggers` has no effect"),
            ("unknown/x.json", "{}", "gateway::part: the file has no meaning"),
            ("subscriptions/s/subscriptionInformation.json", r#"{"properties":{"scope":"/apis"}}"#, "has no keys"),
            (
                "subscriptions/s/subscriptionInformation.json",
                r#"{"properties":{"scope":"/products/x","primaryKey":"k"}}"#,
                "names nothing",
            ),
            ("products/p/policy.xml", "<policies/>", "has no productInformation.json"),
        ];
        for (path, text, said) in table {
            let (_, found) = read(&[(path, text)]);
            assert!(found.len() == 1 && found[0].contains(said), "{path} {text}: {found:?}");
        }
    }

    #[test]
    fn an_operation_policy_without_its_operation_is_an_error() {
        let (_, found) = read(&[
            ("apis/a/apiInformation.json", r#"{"properties":{"path":"a"}}"#),
            ("apis/a/specification.yaml", "swagger: '2.0'\npaths: {/o: {get: {operationId: list}}}\n"),
            ("apis/a/operations/lists/policy.xml", "<policies/>"),
        ]);
        assert_eq!(
            found,
            ["apis/a/operations/lists/policy.xml:1:1 gateway::reference: the API `a` has no operation `lists`"]
        );
    }
}
