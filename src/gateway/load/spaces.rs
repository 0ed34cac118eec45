//! The service and its workspaces, each with entities of its own: in which order they are read, and what they may name of
//! each other. Names are unique in all of the service; an entity names those of its own space alone.

use super::Loader;
use super::deployment;
use super::files::text;
use super::layout::{Layout, Text};
use super::texts::Around;
use super::versions::VersionSet;
use crate::diagnostics::codes;
use crate::dotnet::context::{DeployedCertificate, Rare, Workspace as Shown};
use crate::gateway::model::*;
use crate::source::FileId;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Loader<'_> {
    /// Entities go before those that name them.
    pub(super) fn everything(&mut self, texts: &[Text<'_>]) {
        let mut service = self.sort(texts, false);
        self.gateway.policy = service.policy;
        self.gateway.deployment = deployment();
        self.gateway.checks_keys = true;
        self.apply_overrides(&service);
        let mut layouts = Vec::new();
        for (at, (name, own)) in std::mem::take(&mut service.workspaces).into_iter().enumerate() {
            self.workspace(name, &own);
            layouts.push((Some(at), own));
        }
        layouts.insert(0, (None, service));
        let mut certificates = Vec::new();
        for (space, layout) in &mut layouts {
            self.within(*space, |loader| loader.entities(layout, &mut certificates));
        }
        if let Some(deployment) = Arc::get_mut(&mut self.gateway.deployment) {
            deployment.certificates = certificates;
        }
        self.pools();
        self.check_revisions();
        self.check_open_products();
        for (name, file) in std::mem::take(&mut layouts[0].1.users) {
            self.user(name, file);
        }
        for (space, layout) in layouts {
            self.within(space, |loader| {
                for (name, file) in layout.subscriptions {
                    loader.subscription(name, file);
                }
            });
        }
    }

    fn workspace(&mut self, name: &str, layout: &Layout<'_>) {
        let properties = layout.information.and_then(|file| self.properties(file)).unwrap_or_default();
        if let Some(file) = layout.information {
            self.other_members(file, &properties, &["displayName", "description"], "a workspace");
        }
        let shown = text(&properties, "displayName").unwrap_or(name);
        let workspace = Shown { id: name.into(), name: shown.into() };
        self.gateway.workspaces.push(Workspace {
            id: WorkspaceId::new(name),
            facts: Arc::new(Rare { workspace: Some(workspace), ..Rare::default() }),
            policy: layout.policy,
            named_values: Default::default(),
        });
    }

    /// Reads with the named values of a space.
    fn within(&mut self, space: Space, read: impl FnOnce(&mut Self)) {
        self.swap_values(space);
        self.space = space;
        read(self);
        self.space = None;
        self.swap_values(space);
    }

    fn swap_values(&mut self, space: Space) {
        if let Some(own) = space.and_then(|at| self.gateway.workspaces.get_mut(at)) {
            std::mem::swap(&mut own.named_values, &mut self.gateway.named_values);
        }
    }

    fn entities(&mut self, layout: &mut Layout<'_>, certificates: &mut Vec<DeployedCertificate>) {
        for &(name, file) in &layout.named_values {
            self.named_value(name, file);
        }
        self.values_from_outside();
        self.check_named_values(&layout.named_values);
        for (name, files) in std::mem::take(&mut layout.certificates) {
            certificates.extend(self.certificate_entity(name, files));
        }
        self.backends(std::mem::take(&mut layout.backends));
        for (name, (information, policy)) in std::mem::take(&mut layout.fragments) {
            self.fragment(name, information, policy);
        }
        for (name, file) in std::mem::take(&mut layout.schemas) {
            self.schema(name, file);
        }
        let version_sets: BTreeMap<Box<str>, VersionSet> = std::mem::take(&mut layout.version_sets)
            .into_iter()
            .filter_map(|(name, file)| Some((name.into(), self.version_set(name, file)?)))
            .collect();
        let space = self.space;
        let own_backends = self.gateway.backends.values().filter(|own| own.space == space);
        let around = Around {
            workspace: self.gateway.workspace(space).map(|own| own.id.as_str().into()),
            allow_unsupported: self.given.allow_unsupported,
            backends: own_backends.map(|own| own.id.clone()).collect(),
            version_sets: version_sets.clone(),
        };
        self.kept.surround(space, around);
        for (name, files) in std::mem::take(&mut layout.apis) {
            self.api(name, files, &version_sets);
        }
        for (name, file) in std::mem::take(&mut layout.groups) {
            self.group(name, file);
        }
        for (name, files) in std::mem::take(&mut layout.products) {
            self.product(name, files);
        }
    }

    fn fragment(&mut self, name: &str, information: Option<FileId>, policy: Option<FileId>) {
        if let Some(properties) = information.and_then(|file| self.properties(file)).filter(|own| !own.is_empty())
            && let Some(file) = information
        {
            // What it does is what its policy.xml says.
            let known = ["description", "format"];
            self.other_members(file, &properties, &known, "a fragment");
        }
        let id = FragmentId::new(name);
        match (policy, information) {
            (Some(policy), _) if self.gateway.fragments.contains_key(&id) => self.twice(policy, "fragments", name),
            (Some(policy), _) => {
                let fragment = Fragment { id: id.clone(), space: self.space, policy };
                self.gateway.fragments.insert(id, fragment);
            }
            (None, Some(file)) => self.error(file, "", format!("the fragment `{name}` has no policy.xml")),
            (None, None) => {}
        }
    }

    /// Two entities of a kind with one name, in different spaces.
    pub(super) fn twice(&mut self, file: FileId, what: &str, name: &str) {
        let message = format!("there are two {what} `{name}`: names are unique in the service and all its workspaces");
        self.report(codes::GATEWAY_FILE, file, "", message);
    }

    /// Whether an API, by its name without a revision, belongs to the space that is read.
    pub(super) fn has_api(&self, name: &str) -> bool {
        let first = self.apis.get(name).and_then(|revisions| revisions.first());
        first.is_some_and(|&at| self.gateway.apis[at].space == self.space)
    }
}
