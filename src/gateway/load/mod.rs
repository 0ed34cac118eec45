//! Named texts in the APIOps artifact layout to a [`Gateway`]. In: (relative path, bytes). Out: the model and findings;
//! what is not understood is a finding of its own, never dropped in silence. Reads no disk.

mod apis;
mod backend;
mod certificates;
mod definition;
mod files;
mod given;
mod layout;
mod named_values;
mod overrides;
mod people;
mod products;
mod schemas;
mod settings;
mod subscriptions;
#[cfg(test)]
mod tests;

use super::model::*;
use super::openapi::Definition;
use crate::diagnostics::{Diagnostics, Finding, codes};
use crate::document::NamedValues;
use crate::dotnet::context::{ApiFacts, Deployment, Group, OperationFacts};
use crate::message::Url;
use crate::source::{FileId, Sources, Span};
use apis::VersionSet;
use files::Properties;
use layout::Text;
use people::User;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use definition::of_definition;
pub use given::{Given, hide_values, named_values};

/// What one load leaves for the next: definitions that were read, by their text.
#[derive(Debug, Default)]
pub struct Kept {
    definitions: FxHashMap<(Box<str>, apis::Reading), (Definition, u64)>,
    load: u64,
}

/// Reads a configuration. Findings show paths below `root`.
pub fn load(
    texts: Vec<(String, Vec<u8>)>,
    root: &str,
    given: &Given,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Gateway {
    reload(texts, root, given, sources, &mut Kept::default(), found)
}

/// Reads a configuration, but for definitions that an earlier load has read.
pub fn reload(
    texts: Vec<(String, Vec<u8>)>,
    root: &str,
    given: &Given,
    sources: &mut Sources,
    kept: &mut Kept,
    found: &mut Diagnostics,
) -> Gateway {
    let (mut paths, mut binaries) = (Vec::new(), BTreeMap::new());
    for (path, bytes) in texts {
        let path = path.replace('\\', "/");
        // Nothing of a key file is ever shown.
        let (bytes, binary) = if certificates::is_binary(&path) { (Vec::new(), Some(bytes)) } else { (bytes, None) };
        let shown = if root.is_empty() { path.clone() } else { format!("{}/{path}", root.trim_end_matches('/')) };
        match sources.add(shown.clone(), bytes) {
            Ok(file) => {
                binaries.extend(binary.map(|bytes| (file, bytes)));
                paths.push((path, file));
            }
            Err(_) => {
                let file = sources.add(shown, Vec::new()).expect("an empty text is small");
                found.push(Finding::new(codes::GATEWAY_FILE, Span::new(file, 0, 0), "the file is too large"));
            }
        }
    }
    paths.sort();
    let texts: Vec<Text<'_>> =
        paths.iter().map(|(path, file)| Text { parts: path.split('/').collect(), file: *file }).collect();
    kept.load += 1;
    let mut loader = Loader { binaries, kept: std::mem::take(kept), ..Loader::new(sources, found, given) };
    loader.everything(&texts);
    let Loader { gateway, kept: read, .. } = loader;
    *kept = read;
    let load = kept.load;
    kept.definitions.retain(|_, (_, used)| *used == load);
    gateway
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
    kept: Kept,
    gateway: Gateway,
    /// Certificates and keys, whose bytes are no text.
    binaries: BTreeMap<FileId, Vec<u8>>,
    /// What `configuration.<env>.yaml` says of the entity of an information file.
    overrides: BTreeMap<FileId, Properties>,
    /// By name, with their places among [`Gateway::apis`]: an API and its revisions.
    apis: BTreeMap<Box<str>, Vec<usize>>,
    groups: BTreeMap<Box<str>, Group>,
    users: BTreeMap<Box<str>, User>,
}

impl<'a> Loader<'a> {
    fn new(sources: &'a mut Sources, found: &'a mut Diagnostics, given: &'a Given) -> Loader<'a> {
        Loader {
            sources,
            found,
            given,
            kept: Kept::default(),
            gateway: Gateway::default(),
            binaries: BTreeMap::new(),
            overrides: BTreeMap::new(),
            apis: BTreeMap::new(),
            groups: BTreeMap::new(),
            users: BTreeMap::new(),
        }
    }

    /// Entities go before those that name them.
    fn everything(&mut self, texts: &[Text<'_>]) {
        let layout = self.sort(texts);
        self.gateway.policy = layout.policy;
        self.gateway.deployment = deployment();
        self.gateway.checks_keys = true;
        self.apply_overrides(&layout);
        for &(name, file) in &layout.named_values {
            self.named_value(name, file);
        }
        self.values_from_outside();
        self.check_named_values(&layout.named_values);
        let mut certificates = Vec::new();
        for (name, files) in layout.certificates {
            certificates.extend(self.certificate_entity(name, files));
        }
        if let Some(deployment) = Arc::get_mut(&mut self.gateway.deployment) {
            deployment.certificates = certificates;
        }
        self.backends(layout.backends);
        for (name, (information, policy)) in layout.fragments {
            if let Some(properties) = information.and_then(|file| self.properties(file)).filter(|own| !own.is_empty())
                && let Some(file) = information
            {
                let known = ["description", "format", "value"];
                self.other_members(file, &properties, &known, "a fragment");
            }
            match (policy, information) {
                (Some(policy), _) => {
                    let id = FragmentId::new(name);
                    self.gateway.fragments.insert(id.clone(), Fragment { id, policy });
                }
                (None, Some(file)) => self.error(file, "", format!("the fragment `{name}` has no policy.xml")),
                (None, None) => {}
            }
        }
        for (name, file) in layout.schemas {
            self.schema(name, file);
        }
        let version_sets: BTreeMap<&str, VersionSet> = layout
            .version_sets
            .into_iter()
            .filter_map(|(name, file)| Some((name, self.version_set(name, file)?)))
            .collect();
        for (name, files) in layout.apis {
            self.api(name, files, &version_sets);
        }
        self.check_revisions();
        for (name, file) in layout.groups {
            self.group(name, file);
        }
        for (name, files) in layout.products {
            self.product(name, files);
        }
        self.check_open_products();
        for (name, file) in layout.users {
            self.user(name, file);
        }
        for (name, file) in layout.subscriptions {
            self.subscription(name, file);
        }
    }
}
