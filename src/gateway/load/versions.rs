//! Versions of APIs: the sets that say where a version stands in a request, and the paths that follow from it.

use super::Loader;
use super::files::{Properties, text};
use crate::diagnostics::codes;
use crate::gateway::model::Versioning;
use crate::source::FileId;
use serde_json::Value;
use std::collections::BTreeMap;

/// Where the version of an API stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct VersionSet {
    scheme: Box<str>,
    header: Option<Box<str>>,
    query: Option<Box<str>>,
}

impl VersionSet {
    fn of(properties: &Properties) -> VersionSet {
        let name = |key: &str| text(properties, key).filter(|name| !name.is_empty()).map(Into::into);
        VersionSet {
            scheme: text(properties, "versioningScheme").unwrap_or("Segment").to_ascii_lowercase().into(),
            header: name("versionHeaderName"),
            query: name("versionQueryName"),
        }
    }
}

impl Loader<'_> {
    pub(super) fn version_set(&mut self, _: &str, file: FileId) -> Option<VersionSet> {
        let properties = self.properties(file)?;
        let known = ["displayName", "description", "versioningScheme", "versionHeaderName", "versionQueryName"];
        self.other_members(file, &properties, &known, "a version set");
        let set = VersionSet::of(&properties);
        let near = match &*set.scheme {
            "segment" => return Some(set),
            "header" if set.header.is_some() => return Some(set),
            "query" if set.query.is_some() => return Some(set),
            "header" => "the scheme `Header` needs a versionHeaderName",
            "query" => "the scheme `Query` needs a versionQueryName",
            _ => "a versioningScheme is `Segment`, `Header` or `Query`",
        };
        self.error(file, "versioningScheme", near.to_owned());
        // APIs of it are read on, so that their own mistakes are seen.
        Some(VersionSet { scheme: "segment".into(), header: None, query: None })
    }

    /// The path of an API, the version in it where that is how it is versioned; `None` after a finding that keeps the API
    /// from being served.
    pub(super) fn api_path(
        &mut self,
        file: FileId,
        properties: &Properties,
        version_sets: &BTreeMap<Box<str>, VersionSet>,
    ) -> Option<(String, Versioning)> {
        let path = text(properties, "path").unwrap_or("").trim_matches('/').to_owned();
        if let Some(wrong) = path.chars().find(|c| matches!(c, '?' | '#' | '{' | '}' | '*' | '\\')) {
            self.error(file, "path", format!("the path of an API holds no `{wrong}`"));
            return None;
        }
        let Some(version) = version(properties) else { return Some((path, Versioning::Path)) };
        let Some(set) = self.version_set_of(file, properties, version_sets) else {
            self.error(file, "apiVersion", format!("the version `{version}` belongs to no version set"));
            return Some((path, Versioning::Path));
        };
        let value = version.into();
        Some(match (&*set.scheme, set.header, set.query) {
            ("header", Some(name), _) => (path, Versioning::Header { name, value }),
            ("query", _, Some(name)) => (path, Versioning::Query { name, value }),
            _ => (format!("{path}/{version}").trim_matches('/').to_owned(), Versioning::Path),
        })
    }

    /// The version set that an API names, or describes itself.
    fn version_set_of(
        &mut self,
        file: FileId,
        properties: &Properties,
        version_sets: &BTreeMap<Box<str>, VersionSet>,
    ) -> Option<VersionSet> {
        let inline = properties.get("apiVersionSet").and_then(Value::as_object);
        let reference = text(properties, "apiVersionSetId").or_else(|| text(inline?, "id"));
        let Some(reference) = reference else { return inline.map(VersionSet::of) };
        let id = reference.rsplit('/').next().unwrap_or(reference);
        let described = inline.filter(|inline| inline.contains_key("versioningScheme"));
        let found = version_sets.get(id).cloned().or_else(|| described.map(VersionSet::of));
        Some(found.unwrap_or_else(|| {
            // The API is read on, so that its other mistakes are seen in the same run.
            let message = format!("there is no version set `{id}`");
            self.report(codes::GATEWAY_REFERENCE, file, "apiVersionSetId", message);
            VersionSet::of(&Properties::new())
        }))
    }
}

/// The version that an API says it is.
pub(super) fn version(properties: &Properties) -> Option<&str> {
    text(properties, "apiVersion").filter(|version| !version.is_empty())
}
