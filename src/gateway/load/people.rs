//! `users/` and `groups/`: who owns subscriptions, and what groups they and products belong to. Exports hold no users;
//! one that a subscription names and no file describes is known by its id alone.

use super::Loader;
use super::files::{moment, text};
use crate::dotnet::context::{Group, Identity, UserFacts};
use crate::source::FileId;
use serde_json::Value;
use std::sync::Arc;

/// The groups that every service has.
const BUILT_IN: [(&str, &str); 3] =
    [("administrators", "Administrators"), ("developers", "Developers"), ("guests", "Guests")];

/// The user that every service begins with.
const ADMINISTRATOR: &str = "1";

#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) facts: Arc<UserFacts>,
    /// Neither blocked nor deleted.
    pub(super) may_call: bool,
}

impl Loader<'_> {
    pub(super) fn group(&mut self, name: &str, file: FileId) {
        let Some(properties) = self.properties(file) else { return };
        self.other_members(
            file,
            &properties,
            &["displayName", "description", "externalId", "type", "builtIn"],
            "a group",
        );
        let shown = text(&properties, "displayName").unwrap_or(name);
        self.groups
            .insert((self.space, name.to_ascii_lowercase().into()), Group { id: name.into(), name: shown.into() });
    }

    /// The group of an id or a resource path that ends in one.
    pub(super) fn group_of(&mut self, file: FileId, reference: &str) -> Group {
        let id = reference.trim_matches('/').rsplit('/').next().unwrap_or(reference);
        if let Some(own) = self.groups.get(&(self.space, id.to_ascii_lowercase().into())) {
            return own.clone();
        }
        match BUILT_IN.iter().find(|(own, _)| own.eq_ignore_ascii_case(id)) {
            Some((id, name)) => Group { id: (*id).into(), name: (*name).into() },
            None => {
                self.part(file, format!("the group `{id}` has no groupInformation.json: its id is taken for its name"));
                Group { id: id.into(), name: id.into() }
            }
        }
    }

    pub(super) fn user(&mut self, name: &str, file: FileId) {
        let Some(properties) = self.properties(file) else { return };
        let known = ["firstName", "lastName", "email", "state", "note", "identities", "registrationDate", "groups"];
        self.other_members(file, &properties, &known, "a user");
        let own = |key: &str| text(&properties, key).unwrap_or_default().into();
        let state = text(&properties, "state").unwrap_or("active").to_ascii_lowercase();
        if !matches!(state.as_str(), "active" | "blocked" | "pending" | "deleted") {
            self.error(file, "state", format!("`{state}` is no state of a user"));
        }
        let mut groups = Vec::new();
        for group in properties.get("groups").and_then(Value::as_array).into_iter().flatten() {
            let reference =
                group.as_str().or_else(|| group.get("id")?.as_str()).or_else(|| group.get("name")?.as_str());
            match reference {
                Some(reference) => groups.push(self.group_of(file, reference)),
                None => self.error(file, "groups", "a group is an id, or an object with one".to_owned()),
            }
        }
        let developers = self.group_of(file, "developers");
        if !groups.iter().any(|group| group.id == developers.id) {
            groups.push(developers);
        }
        let identity = |of: &Value| {
            let part = |key: &str| of.get(key).and_then(Value::as_str).unwrap_or_default().into();
            Identity { id: part("id"), provider: part("provider") }
        };
        let identities = properties.get("identities").and_then(Value::as_array);
        let facts = UserFacts {
            id: name.into(),
            email: own("email"),
            first_name: own("firstName"),
            last_name: own("lastName"),
            note: text(&properties, "note").map(Into::into),
            registration_date: moment(&properties, "registrationDate"),
            groups,
            identities: identities.into_iter().flatten().map(identity).collect(),
        };
        let may_call = !matches!(state.as_str(), "blocked" | "deleted");
        self.users.insert(name.into(), User { facts: Arc::new(facts), may_call });
    }

    /// The user that a subscription belongs to, by id or a resource path that ends in one.
    pub(super) fn owner(&mut self, file: FileId, reference: &str) -> User {
        let id = reference.trim_matches('/').rsplit('/').next().unwrap_or(reference);
        if let Some(own) = self.users.get(id) {
            return own.clone();
        }
        let mut facts = UserFacts { id: id.into(), ..UserFacts::default() };
        if id == ADMINISTRATOR {
            facts.first_name = "Administrator".into();
            facts.groups = vec![self.group_of(file, "administrators"), self.group_of(file, "developers")];
        } else {
            self.part(file, format!("the user `{id}` has no userInformation.json: context.User shows the id alone"));
        }
        let user = User { facts: Arc::new(facts), may_call: true };
        self.users.insert(id.into(), user.clone());
        user
    }
}
