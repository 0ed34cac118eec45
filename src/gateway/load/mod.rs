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
mod spaces;
mod subscriptions;
#[cfg(test)]
mod tests;
mod texts;
mod versions;

use super::model::*;
use crate::diagnostics::{Diagnostics, Finding, codes};
use crate::document::NamedValues;
use crate::dotnet::context::{ApiFacts, Deployment, Group, OperationFacts};
use crate::message::Url;
use crate::source::{FileId, Sources, Span};
use backend::NamedPool;
use files::Properties;
use layout::Text;
use people::User;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

pub use definition::of_definition;
pub use given::{Given, hide_values, named_values};
pub use texts::{FileText, Kept};

/// Reads a configuration: paths below `root`, and what the files hold. Findings show paths with `root`.
pub fn load(
    texts: Vec<(String, Vec<u8>)>,
    root: &str,
    given: &Given,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Gateway {
    let mut files: Vec<_> =
        texts.into_iter().map(|(path, bytes)| Arc::new(FileText::new(root, &path, bytes))).collect();
    // Findings come in the order of paths.
    files.sort_by(|a, b| a.path().cmp(b.path()));
    reload(&files, given, sources, &mut Kept::default(), found)
}

/// Reads a configuration, but for the APIs that are as an earlier reading found them.
pub fn reload(
    files: &[Arc<FileText>],
    given: &Given,
    sources: &mut Sources,
    kept: &mut Kept,
    found: &mut Diagnostics,
) -> Gateway {
    let placed = kept.place(files, sources);
    for (_, file) in placed.iter().filter(|(text, _)| text.is_too_large()) {
        found.push(Finding::new(codes::GATEWAY_FILE, Span::new(*file, 0, 0), "the file is too large"));
    }
    let mut texts: Vec<Text<'_>> =
        placed.iter().map(|(text, file)| Text { parts: text.path().split('/').collect(), file: *file }).collect();
    texts.sort_by(|a, b| a.parts.cmp(&b.parts));
    let binaries = placed.iter().filter_map(|(text, file)| Some((*file, text.binary()?))).collect();
    let mut loader = Loader { binaries, kept: std::mem::take(kept), ..Loader::new(sources, found, given) };
    loader.everything(&texts);
    let Loader { gateway, kept: mut read, .. } = loader;
    read.end();
    *kept = read;
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
        apis: vec![Arc::new(Api {
            id: ApiId::new("api"),
            space: None,
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
            table: OnceLock::new(),
        })],
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
    /// Whose entities are read just now.
    space: Space,
    /// Certificates and keys, whose bytes are no text.
    binaries: BTreeMap<FileId, &'a [u8]>,
    /// What `configuration.<env>.yaml` says of the entity of an information file.
    overrides: BTreeMap<FileId, Properties>,
    /// By name, with their places among [`Gateway::apis`]: an API and its revisions.
    apis: BTreeMap<Box<str>, Vec<usize>>,
    groups: BTreeMap<(Space, Box<str>), Group>,
    users: BTreeMap<Box<str>, User>,
    /// Pools whose members are not looked for yet.
    pools: Vec<NamedPool>,
    /// Every key, with the subscription that has it.
    keys: FxHashMap<Box<str>, Box<str>>,
    /// Kinds and names of entities that are kept nowhere else by name.
    names: FxHashSet<(&'static str, Box<str>)>,
}

impl<'a> Loader<'a> {
    fn new(sources: &'a mut Sources, found: &'a mut Diagnostics, given: &'a Given) -> Loader<'a> {
        Loader {
            sources,
            found,
            given,
            kept: Kept::default(),
            gateway: Gateway::default(),
            space: None,
            binaries: BTreeMap::new(),
            overrides: BTreeMap::new(),
            apis: BTreeMap::new(),
            groups: BTreeMap::new(),
            users: BTreeMap::new(),
            pools: Vec::new(),
            keys: FxHashMap::default(),
            names: FxHashSet::default(),
        }
    }
}
