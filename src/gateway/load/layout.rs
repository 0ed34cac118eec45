//! Which file of the layout says what: paths to the parts of an estate. Files without a meaning are findings.

use super::Loader;
use super::apis::ApiFiles;
use super::certificates::CertificateFiles;
use super::products::ProductFiles;
use crate::source::FileId;
use smallvec::SmallVec;
use std::collections::BTreeMap;

/// One file of the layout.
pub(super) struct Text<'a> {
    pub(super) parts: SmallVec<[&'a str; 6]>,
    pub(super) file: FileId,
}

/// The files of each kind, by name.
#[derive(Default)]
pub(super) struct Layout<'a> {
    pub(super) policy: Option<FileId>,
    /// The workspaces of the service, each a layout of its own with an information file.
    pub(super) workspaces: BTreeMap<&'a str, Layout<'a>>,
    pub(super) information: Option<FileId>,
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
    pub(super) fn sort<'a>(&mut self, texts: &[Text<'a>], is_workspace: bool) -> Layout<'a> {
        let mut layout = Layout::default();
        let mut workspaces: BTreeMap<&'a str, Vec<Text<'a>>> = BTreeMap::new();
        let mut last = ("", String::new());
        for text in texts {
            let file = text.file;
            let first = text.parts.first().copied().unwrap_or_default();
            if last.0 != first {
                last = (first, kind(first));
            }
            let folder = last.1.as_str();
            match (folder, &text.parts[..]) {
                (_, ["policy.xml"]) => layout.policy = Some(file),
                (_, ["workspaceInformation.json"]) if is_workspace => layout.information = Some(file),
                ("users" | "gateways" | "caches" | "workspaces", [what, _, ..]) if is_workspace => {
                    self.refuse(file, "", &format!("a workspace has no `{what}`"));
                }
                (_, ["portcullis.yaml" | "portcullis.yml"]) if !is_workspace => self.settings(file),
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
                    let section = match folder {
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
                ("workspaces", [_, name, rest @ ..]) if !rest.is_empty() => {
                    workspaces.entry(name).or_default().push(Text { parts: rest.into(), file });
                }
                ("authorizationproviders" | "credentialproviders", _) => {
                    self.refuse(file, "", "credential providers are not served");
                }
                (_, [name]) if !is_workspace && name.starts_with("configuration.") && name.ends_with(".yaml") => {
                    if self.given.overrides.is_none_or(|own| self.sources.path(own) != self.sources.path(file)) {
                        self.part(file, "the file has no effect unless --env names its environment".to_owned());
                    }
                }
                _ => self.not_understood(file),
            }
        }
        for (name, texts) in workspaces {
            let own = self.sort(&texts, true);
            layout.workspaces.insert(name, own);
        }
        layout
    }
}
