//! Which file of the layout says what: paths to the parts of an estate. Files without a meaning are findings.

use super::Loader;
use super::apis::ApiFiles;
use super::certificates::CertificateFiles;
use super::products::ProductFiles;
use crate::source::FileId;
use std::collections::BTreeMap;

/// One file of the layout.
pub(super) struct Text<'a> {
    pub(super) parts: Vec<&'a str>,
    pub(super) file: FileId,
}

/// The files of each kind, by name.
#[derive(Default)]
pub(super) struct Layout<'a> {
    pub(super) policy: Option<FileId>,
    pub(super) apis: BTreeMap<&'a str, ApiFiles<'a>>,
    pub(super) products: BTreeMap<&'a str, ProductFiles<'a>>,
    /// Information file and document.
    pub(super) fragments: BTreeMap<&'a str, (Option<FileId>, Option<FileId>)>,
    pub(super) certificates: BTreeMap<&'a str, CertificateFiles>,
    pub(super) named_values: Vec<(&'a str, FileId)>,
    pub(super) backends: Vec<(&'a str, FileId)>,
    pub(super) subscriptions: Vec<(&'a str, FileId)>,
    pub(super) users: Vec<(&'a str, FileId)>,
    pub(super) groups: Vec<(&'a str, FileId)>,
    pub(super) schemas: Vec<(&'a str, FileId)>,
    pub(super) version_sets: Vec<(&'a str, FileId)>,
    /// Sections and names that overrides may name, beyond those with a file above.
    pub(super) without_effect: Vec<(&'static str, &'a str)>,
}

/// Folder names come as `named values` and as `namedValues`.
pub(super) fn kind(folder: &str) -> String {
    folder.chars().filter(|c| !matches!(c, ' ' | '-' | '_')).map(|c| c.to_ascii_lowercase()).collect()
}

impl Loader<'_> {
    pub(super) fn sort<'a>(&mut self, texts: &[Text<'a>]) -> Layout<'a> {
        let mut layout = Layout::default();
        for text in texts {
            let file = text.file;
            let folder = text.parts.first().map(|first| kind(first)).unwrap_or_default();
            match (folder.as_str(), &text.parts[..]) {
                (_, ["policy.xml"]) => layout.policy = Some(file),
                (_, ["portcullis.yaml" | "portcullis.yml"]) => self.settings(file),
                ("apis", [_, name, rest @ ..]) if !rest.is_empty() => {
                    self.api_file(file, rest, layout.apis.entry(name).or_default());
                }
                ("products", [_, name, rest @ ..]) if !rest.is_empty() => {
                    self.product_file(file, rest, layout.products.entry(name).or_default());
                }
                ("certificates", [_, name, rest @ ..]) if !rest.is_empty() => {
                    self.certificate_file(file, rest, layout.certificates.entry(name).or_default());
                }
                ("backends", [_, name, "backendInformation.json"]) => layout.backends.push((*name, file)),
                ("namedvalues", [_, name, "namedValueInformation.json"]) => layout.named_values.push((*name, file)),
                ("policyfragments", [_, name, "policyFragmentInformation.json"]) => {
                    layout.fragments.entry(name).or_default().0 = Some(file);
                }
                ("policyfragments", [_, name, "policy.xml"]) => {
                    layout.fragments.entry(name).or_default().1 = Some(file);
                }
                ("subscriptions", [_, name, "subscriptionInformation.json"]) => {
                    layout.subscriptions.push((*name, file))
                }
                ("users", [_, name, "userInformation.json"]) => layout.users.push((*name, file)),
                ("groups", [_, name, "groupInformation.json"]) => layout.groups.push((*name, file)),
                ("schemas", [_, name, "schemaInformation.json"]) => layout.schemas.push((*name, file)),
                (
                    "versionsets" | "apiversionsets",
                    [_, name, "versionSetInformation.json" | "apiVersionSetInformation.json"],
                ) => layout.version_sets.push((*name, file)),
                ("tags" | "loggers" | "diagnostics" | "gateways", [what, name, ..]) => {
                    let section = match folder.as_str() {
                        "tags" => "tags",
                        "loggers" => "loggers",
                        "diagnostics" => "diagnostics",
                        _ => "gateways",
                    };
                    layout.without_effect.push((section, *name));
                    self.without_effect(file, what);
                }
                ("caches", [..]) => {
                    let message = "`caches` has no effect here: policies keep what they cache in this process";
                    self.part(file, message.to_owned());
                }
                ("workspaces", _) => self.refuse(file, "", "workspaces are not served"),
                ("authorizationproviders" | "credentialproviders", _) => {
                    self.refuse(file, "", "credential providers are not served");
                }
                (_, [name]) if name.starts_with("configuration.") && name.ends_with(".yaml") => {
                    if self.given.overrides.is_none_or(|own| self.sources.path(own) != self.sources.path(file)) {
                        self.part(file, "the file has no effect unless --env names its environment".to_owned());
                    }
                }
                _ => self.not_understood(file),
            }
        }
        layout
    }
}
