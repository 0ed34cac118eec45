//! A whole artifact directory: every document in its scope, every reference between files, paths that clash, and what
//! nothing uses. In: the texts. Out: findings, all in one run, whatever is broken.

use super::Reading;
use crate::cli::configuration::texts;
use crate::diagnostics::{Code, Diagnostics, Finding, Severity, codes, near_name};
use crate::document::spec::Reference;
use crate::document::{Child, Element, NamedValues, Options, Scope, names_in};
use crate::gateway::load::Given;
use crate::gateway::{self, Router};
use crate::source::{FileId, Sources, Span};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Folders of the layout, by the letters of their names.
const FOLDERS: &[&str] = &[
    "apis",
    "backends",
    "namedvalues",
    "policyfragments",
    "products",
    "subscriptions",
    "versionsets",
    "apiversionsets",
    "workspaces",
];

/// `named values`, `namedValues` and `named-values` are one folder.
fn letters(folder: &str) -> String {
    folder.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether a directory is in the artifact layout: a folder of it holds entities with their information files.
pub fn is_layout(path: &Path) -> bool {
    let folders = |path: &Path| {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect::<Vec<_>>()
    };
    let known =
        |path: &Path| path.file_name().is_some_and(|name| FOLDERS.contains(&&*letters(&name.to_string_lossy())));
    let informed = |entity: &Path| {
        let files = std::fs::read_dir(entity).into_iter().flatten().flatten();
        files.into_iter().any(|file| file.file_name().to_string_lossy().ends_with("Information.json"))
    };
    folders(path).iter().filter(|path| known(path)).any(|path| folders(path).iter().any(|entity| informed(entity)))
}

/// What is declared in a folder of the layout: names, each with the file that declares it.
type Names = BTreeMap<String, FileId>;

#[derive(Default)]
struct Declared {
    backends: Names,
    fragments: Names,
    named_values: Names,
    version_sets: Names,
    certificates: Names,
    schemas: Names,
}

/// What documents and information files name.
#[derive(Default)]
struct Used {
    backends: BTreeSet<String>,
    fragments: BTreeSet<String>,
    named_values: BTreeSet<String>,
    certificates: BTreeSet<String>,
    schemas: BTreeSet<String>,
    /// An expression tells which backend it is.
    backend_told_at_run_time: bool,
    /// Every text of an information file that may be a path to an entity, in lower case.
    paths: BTreeSet<String>,
}

/// A file of the directory, by its path in it; the spelling of the first folder does not matter any more.
struct Entry {
    file: FileId,
    parts: Vec<String>,
    workspace: Option<String>,
}

/// Named values with what they hold, fragments and backends.
type MayName = (NamedValues, BTreeSet<String>, BTreeSet<String>);

/// Checks a directory of the layout.
pub fn check(
    path: &Path,
    given: &Given,
    reading: &mut Reading<'_>,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Result<(), String> {
    let first = sources.len() as u32;
    let mut own = Diagnostics::new();
    let root = path.display().to_string();
    let texts = texts(path)?;
    let overrides = given.overrides.map(|file| sources.text(file)).unwrap_or_default();
    let valueless = valueless(&texts, given, overrides);
    let mut with_stand_ins = given.clone();
    for (name, stand_in) in &valueless {
        with_stand_ins.named_values.define(name, *stand_in, true);
    }
    let gateway = gateway::load(texts, &root, &with_stand_ins, sources, &mut own);
    own.extend(Router::new(&gateway).1);
    let entries = entries(first, &root, sources);
    let declared = declared(&entries, sources);
    let strict = reading.options.strict;
    let mut used = used_in_files(&entries, sources);
    let mut missing = Vec::new();
    let with_values = |all: &NamedValues| {
        let mut named_values = NamedValues::new();
        for name in all.names().filter(|name| !valueless.contains_key(*name)) {
            if let Some(own) = all.find(name) {
                named_values.define(name, own.value.clone(), own.secret);
            }
        }
        named_values
    };
    // What the documents of the service, and of each workspace, may name.
    let mut spaces: BTreeMap<Option<&str>, MayName> = BTreeMap::new();
    for space in gateway.spaces() {
        let workspace = gateway.workspace(space).map(|own| own.id.as_str());
        let own = declared_names(&entries, workspace);
        spaces.insert(workspace, (with_values(gateway.named_values_of(space)), own.0, own.1));
    }
    for (name, file) in declared.named_values.iter().filter(|(name, _)| valueless.contains_key(*name)) {
        let message = format!("the named value `{name}` has no value here");
        let finding = Finding::new(codes::GATEWAY_REFUSED, Span::new(*file, 0, 0), message);
        own.push(finding.help("what it stands in is checked as far as that goes; give it by --named-values"));
    }

    for entry in entries.iter().filter(|entry| entry.is_policy()) {
        let Some((named_values, fragments, backends)) = spaces.get(&entry.workspace.as_deref()) else { continue };
        let options = Options {
            named_values,
            fragments: Some(fragments),
            backends: Some(backends),
            strict: true,
            scope: entry.scope(),
            ..reading.options
        };
        reading.compile(sources, entry.file, &options, &mut own, &mut |document| {
            let mut walk = Walk { declared: &declared, used: &mut used, missing: &mut missing, strict };
            document.blocks().flat_map(|(_, block)| &block.statements).for_each(|own| walk.element(&own.element));
        });
    }
    found.extend(own.into_sorted().into_iter().filter_map(|finding| softened(finding, strict, &valueless, sources)));
    found.extend(missing);
    found.extend(unused(&declared, &used));
    for product in gateway.products.iter().filter(|product| product.apis.is_empty()) {
        let is_own = |entry: &&Entry| {
            let parts: Vec<&str> = entry.parts.iter().map(String::as_str).collect();
            parts == ["products", product.id.as_str(), "productInformation.json"]
        };
        if let Some(entry) = entries.iter().find(is_own) {
            found.push(note(entry.file, format!("the product `{}` holds no API", product.id)));
        }
    }
    Ok(())
}

/// Named values that no file gives a value, as is usual of secrets, each with what stands in for it.
type Valueless = BTreeMap<String, &'static str>;

fn valueless(texts: &[(String, Vec<u8>)], given: &Given, overrides: &str) -> Valueless {
    let mut names = Valueless::new();
    let texts = || texts.iter().map(|(path, bytes)| (path, String::from_utf8_lossy(bytes)));
    for (path, text) in texts().filter(|(path, _)| path.ends_with("/namedValueInformation.json")) {
        let json = serde_json::from_str::<Json>(text.trim_start_matches('\u{feff}')).unwrap_or_default();
        let Some(properties) = json.get("properties").filter(|own| own.get("value").is_none_or(Json::is_null)) else {
            continue;
        };
        let folder = path.rsplit('/').nth(1).unwrap_or_default();
        let name = properties.get("displayName").and_then(Json::as_str).unwrap_or(folder);
        if given.find(name).is_none() && !overrides.contains(name) {
            names.insert(name.to_owned(), "secret.invalid");
        }
    }
    for (_, text) in texts().filter(|(path, _)| path.ends_with("/backendInformation.json")) {
        for (name, stand_in) in &mut names {
            let begins_url = |at: (usize, &str)| text[..at.0].trim_end_matches('"').trim_end().ends_with("\"url\":");
            if text.match_indices(&format!("{{{{{name}}}}}")).any(begins_url) {
                *stand_in = "https://secret.invalid";
            }
        }
    }
    names
}

fn note(file: FileId, message: String) -> Finding {
    Finding::new(codes::GATEWAY_UNUSED, Span::new(file, 0, 0), message)
}

/// The files below the root that were read since `first`.
fn entries(first: u32, root: &str, sources: &Sources) -> Vec<Entry> {
    let prefix = format!("{}/", root.trim_end_matches('/'));
    let entry = |file: FileId| {
        let path = sources.path(file).strip_prefix(&prefix)?;
        let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
        let in_workspace = parts.len() > 2 && letters(&parts[0]) == "workspaces";
        let workspace = in_workspace.then(|| parts.drain(..2).next_back()).flatten();
        if parts.len() > 1 {
            parts[0] = letters(&parts[0]);
        }
        Some(Entry { file, parts, workspace })
    };
    (first..sources.len() as u32).map(FileId).filter_map(entry).collect()
}

impl Entry {
    fn is_policy(&self) -> bool {
        self.parts.last().is_some_and(|name| name.to_ascii_lowercase().ends_with(".xml"))
    }

    fn is_information(&self) -> bool {
        self.parts.last().is_some_and(|name| name.ends_with("Information.json"))
    }

    /// Where a document is attached; `None` for a fragment, and for what has no place in the layout.
    fn scope(&self) -> Option<Scope> {
        let parts: Vec<&str> = self.parts.iter().map(String::as_str).collect();
        match parts[..] {
            ["policy.xml"] if self.workspace.is_some() => Some(Scope::Workspace),
            ["policy.xml"] => Some(Scope::Global),
            ["apis", _, "policy.xml"] => Some(Scope::Api),
            ["apis", _, "operations", _, "policy.xml"] => Some(Scope::Operation),
            ["apis", _, "resolvers", _, "policy.xml"] => Some(Scope::Resolver),
            ["products", _, "policy.xml"] => Some(Scope::Product),
            _ => None,
        }
    }
}

// ---- what is declared, and what is used

fn declared(entries: &[Entry], sources: &Sources) -> Declared {
    let mut declared = Declared::default();
    for Entry { file, parts, .. } in entries {
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let (names, name) = match parts[..] {
            ["backends", name, ..] => (&mut declared.backends, name.to_owned()),
            ["policyfragments", name, ..] => (&mut declared.fragments, name.to_owned()),
            ["namedvalues", name, "namedValueInformation.json"] => {
                (&mut declared.named_values, display_name(sources.text(*file)).unwrap_or_else(|| name.to_owned()))
            }
            ["versionsets" | "apiversionsets", name, ..] => (&mut declared.version_sets, name.to_owned()),
            ["certificates", name, ..] => (&mut declared.certificates, name.to_owned()),
            ["schemas", name, ..] | ["apis", _, "schemas", name, ..] => (&mut declared.schemas, name.to_owned()),
            _ => continue,
        };
        names.entry(name).or_insert(*file);
    }
    declared
}

/// The fragments and backends of the service or of one workspace.
fn declared_names(entries: &[Entry], workspace: Option<&str>) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut fragments, mut backends) = (BTreeSet::new(), BTreeSet::new());
    for entry in entries.iter().filter(|entry| entry.workspace.as_deref() == workspace) {
        match &entry.parts[..] {
            [folder, name, ..] if folder == "policyfragments" => drop(fragments.insert(name.clone())),
            [folder, name, ..] if folder == "backends" => drop(backends.insert(name.clone())),
            _ => {}
        }
    }
    (fragments, backends)
}

fn display_name(text: &str) -> Option<String> {
    let json: Json = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    json.get("properties")?.get("displayName")?.as_str().map(str::to_owned)
}

/// Named values in all texts, and what may be paths of entities in information files.
fn used_in_files(entries: &[Entry], sources: &Sources) -> Used {
    let mut used = Used::default();
    for entry in entries {
        let text = sources.text(entry.file);
        if entry.is_policy() || entry.is_information() {
            used.named_values.extend(names_in(text).map(|(start, end)| text[start + 2..end - 2].to_owned()));
        }
        if entry.is_information() {
            let json = serde_json::from_str::<Json>(text.trim_start_matches('\u{feff}'));
            let mut open: Vec<Json> = json.into_iter().collect();
            while let Some(value) = open.pop() {
                match value {
                    Json::String(text) if text.contains('/') => drop(used.paths.insert(text.to_ascii_lowercase())),
                    Json::Array(items) => open.extend(items),
                    Json::Object(members) => open.extend(members.into_iter().map(|(_, value)| value)),
                    _ => {}
                }
            }
        }
    }
    used
}

/// Goes through a document for what it names.
struct Walk<'a> {
    declared: &'a Declared,
    used: &'a mut Used,
    missing: &'a mut Vec<Finding>,
    strict: bool,
}

impl Walk<'_> {
    fn element(&mut self, element: &Element) {
        for attribute in &element.attributes {
            let refers = attribute.spec.and_then(|spec| spec.refers);
            let (constant, place) = (attribute.value.text().map(str::trim), attribute.value.span());
            match (refers, &*attribute.name, constant) {
                (Some(Reference::Backend), _, None) => self.used.backend_told_at_run_time = true,
                (Some(Reference::Backend), _, Some(name)) => drop(self.used.backends.insert(name.to_owned())),
                (Some(Reference::Fragment), _, Some(name)) => drop(self.used.fragments.insert(name.to_owned())),
                (None, "certificate-id", Some(name)) => {
                    self.used.certificates.insert(name.to_ascii_lowercase());
                    let code = codes::REFERENCE_CERTIFICATE;
                    self.look_up(code, "certificate", name, place, &self.declared.certificates);
                }
                (None, "schema-id", Some(name)) => {
                    self.used.schemas.insert(name.to_ascii_lowercase());
                    self.look_up(codes::REFERENCE_SCHEMA, "schema", name, place, &self.declared.schemas);
                }
                _ => {}
            }
        }
        for child in &element.children {
            match child {
                Child::Element(element) => self.element(element),
                Child::Statement(statement) => self.element(&statement.element),
            }
        }
    }

    /// Certificates and schemas of the whole service are no part of the layout, so their lack is an error only where
    /// that is asked for.
    fn look_up(&mut self, code: Code, what: &str, name: &str, span: Span, declared: &Names) {
        let known = declared.keys().any(|own| own.eq_ignore_ascii_case(name));
        if known || name.is_empty() || names_in(name).next().is_some() {
            return;
        }
        let mut finding = Finding::new(code, span, format!("the {what} `{name}` is not defined here"));
        if let Some(near) = near_name(name, declared.keys().map(String::as_str)) {
            finding = finding.help(format!("did you mean `{near}`?"));
        }
        self.missing.push(if self.strict { finding.severity(Severity::Error) } else { finding });
    }
}

/// What a repository cannot hold, or this version does not serve, is no mistake in it.
fn softened(finding: Finding, strict: bool, valueless: &Valueless, sources: &Sources) -> Option<Finding> {
    if finding.code == codes::REFERENCE_NAMED_VALUE {
        // That it has no value here was told at its own file.
        let written = sources.slice(finding.span).trim_matches(['{', '}']);
        return (!valueless.contains_key(written)).then_some(finding);
    }
    let refused = finding.code == codes::GATEWAY_REFUSED && !strict;
    Some(if refused { finding.severity(Severity::Warning) } else { finding })
}

fn unused(declared: &Declared, used: &Used) -> Vec<Finding> {
    let mut notes = Vec::new();
    let mut look = |what: &str, folders: &[&str], names: &Names, is_used: &dyn Fn(&str) -> bool| {
        for (name, file) in names {
            let lower = name.to_ascii_lowercase();
            let by_path = |path: &String| folders.iter().any(|folder| path.ends_with(&format!("{folder}/{lower}")));
            if !is_used(name) && !used.paths.iter().any(by_path) {
                notes.push(note(*file, format!("nothing uses the {what} `{name}`")));
            }
        }
    };
    look("backend", &["backends"], &declared.backends, &|name| {
        used.backend_told_at_run_time || used.backends.contains(name)
    });
    look("policy fragment", &["policyfragments"], &declared.fragments, &|name| used.fragments.contains(name));
    look("named value", &[], &declared.named_values, &|name| used.named_values.contains(name));
    look("version set", &["versionsets"], &declared.version_sets, &|_| false);
    look("certificate", &["certificates"], &declared.certificates, &|name| {
        used.certificates.contains(&name.to_ascii_lowercase())
    });
    look("schema", &["schemas"], &declared.schemas, &|name| used.schemas.contains(&name.to_ascii_lowercase()));
    notes
}
