//! Named texts in the APIOps artifact layout to a [`Gateway`]. In: (relative path, bytes). Out: the model and findings;
//! what is not understood is a finding of its own, never dropped in silence. Reads no disk.

mod apis;
mod backend;
mod definition;
mod files;
mod given;
mod named_values;
mod products;
mod subscriptions;
#[cfg(test)]
mod tests;

use super::model::*;
use crate::diagnostics::{Diagnostics, Finding, codes};
use crate::document::NamedValues;
use crate::dotnet::context::{ApiFacts, Deployment, OperationFacts};
use crate::message::Url;
use crate::source::{FileId, Sources, Span};
use apis::{ApiFiles, VersionSet};
use products::ProductFiles;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use definition::of_definition;
pub use given::{Given, named_values};

/// One file of the layout.
struct Text<'a> {
    parts: Vec<&'a str>,
    file: FileId,
}

/// Reads a configuration. Findings show paths below `root`. `given` overrides the named values of the files, and supplies those that files never hold.
pub fn load(
    texts: Vec<(String, Vec<u8>)>,
    root: &str,
    given: &Given,
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

/// A gateway of one API with a policy document at API scope: every method, every path, no subscription.
pub fn single(policy: impl Into<Option<FileId>>, backend: Option<Url>, named_values: NamedValues) -> Gateway {
    let policy = policy.into();
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
    let declared = Span::new(policy.unwrap_or(FileId(0)), 0, 0);
    let operation =
        OperationFacts { id: "any".into(), method: "*".into(), name: "any".into(), url_template: "/*".into() };
    Gateway {
        apis: vec![Api {
            id: ApiId::new("api"),
            facts: Arc::new(facts),
            declared,
            versioning: Versioning::Path,
            subscription_required: false,
            backend: None,
            policy,
            operations: vec![Operation {
                id: OperationId::new("any"),
                facts: Arc::new(operation),
                declared,
                policy: None,
            }],
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
    given: &'a Given,
    gateway: Gateway,
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
        let given = self.given.all();
        for name in given.names() {
            if let (Some(value), None) = (given.find(name), self.gateway.named_values.find(name)) {
                self.gateway.named_values.define(name, value.value.clone(), value.secret);
            }
        }
        self.backends(backends);
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
}
