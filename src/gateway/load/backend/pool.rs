//! The members of a pool: named when it is read, found once all backends are known.

use super::{last_segment, number, object};
use crate::gateway::backends::pool::{Member, PoolRule};
use crate::gateway::load::Loader;
use crate::gateway::load::files::{Properties, is_set, text};
use crate::gateway::model::{BackendId, BackendKind, Space};
use crate::message::HeaderName;
use crate::source::FileId;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The platform's limit of a pool.
const MOST_MEMBERS: usize = 30;

/// The members of a pool as they are named, before all backends are known.
pub(super) struct NamedMember {
    id: String,
    weight: Option<u32>,
    priority: Option<u32>,
}

pub(in crate::gateway::load) struct NamedPool {
    pub(super) file: FileId,
    pub(super) space: Space,
    pub(super) id: BackendId,
    pub(super) members: Vec<NamedMember>,
    pub(super) cookie: Option<Box<str>>,
}

impl Loader<'_> {
    /// Finds the members of pools, now that the backends of all spaces are known, and their places with them.
    pub(in crate::gateway::load) fn pools(&mut self) {
        let places: BTreeMap<String, u32> =
            self.gateway.backends.keys().zip(0..).map(|(id, at)| (id.as_str().to_ascii_lowercase(), at)).collect();
        let named = std::mem::take(&mut self.pools);
        let pools: BTreeSet<BackendId> = named.iter().map(|pool| pool.id.clone()).collect();
        for pool in named {
            self.pool(pool, &places, &pools);
        }
    }

    pub(super) fn members(
        &mut self,
        name: &str,
        file: FileId,
        pool: &Properties,
    ) -> Option<(Vec<NamedMember>, Option<Box<str>>)> {
        self.other_members(file, pool, &["services", "sessionAffinity"], "`pool`");
        let services = pool.get("services").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        if services.is_empty() {
            self.error(file, "pool", format!("the pool `{name}` has no members"));
            return None;
        }
        if services.len() > MOST_MEMBERS {
            self.error(file, "services", format!("the pool `{name}` has more than {MOST_MEMBERS} members"));
            return None;
        }
        let mut members = Vec::new();
        for service in services {
            let service = service.as_object();
            let Some((service, id)) = service.and_then(|service| Some((service, text(service, "id")?))) else {
                self.error(file, "services", format!("a member of the pool `{name}` has no id"));
                return None;
            };
            self.other_members(file, service, &["id", "weight", "priority", "preferredCarbonEmission"], "a member");
            if service.get("preferredCarbonEmission").is_some_and(is_set) {
                self.without_effect_of(file, "preferredCarbonEmission", "here, where no region's emission is known");
            }
            let mut part = |part: &'static str| match number(service, part) {
                Ok(number @ (None | Some(0..=100))) => Some(number),
                Ok(Some(_)) | Err(_) => {
                    self.error(file, part, format!("the {part} of a member is between 0 and 100"));
                    None
                }
            };
            let (weight, priority) = (part("weight")?, part("priority")?);
            members.push(NamedMember { id: last_segment(id).to_owned(), weight, priority });
        }
        let mut cookie = None;
        if let Some(affinity) = object(pool, "sessionAffinity").filter(|own| !own.is_empty()) {
            self.other_members(file, affinity, &["sessionId"], "`sessionAffinity`");
            let session = object(affinity, "sessionId");
            let source = session.and_then(|own| text(own, "source")).unwrap_or("Cookie");
            if !source.eq_ignore_ascii_case("cookie") {
                self.refuse(file, "source", &format!("a session's source `{source}` is not served: Cookie is"));
                return None;
            }
            let name = session.and_then(|own| text(own, "name")).unwrap_or_default();
            // A cookie's name is a token, as a header's.
            if name.parse::<HeaderName>().is_err() {
                self.error(file, "sessionAffinity", format!("`{name}` cannot be a cookie's name"));
                return None;
            }
            cookie = Some(name.into());
        }
        Some((members, cookie))
    }

    fn pool(&mut self, pool: NamedPool, places: &BTreeMap<String, u32>, pools: &BTreeSet<BackendId>) {
        let weighted = pool.members.iter().any(|member| member.weight.is_some());
        let mut rule = PoolRule { members: Vec::new(), cookie: pool.cookie };
        for member in pool.members {
            let at = places.get(&member.id.to_ascii_lowercase()).copied();
            let of = at.and_then(|at| self.gateway.backends.values().nth(at as usize));
            let of = of.filter(|own| own.space == pool.space);
            match (at, of) {
                (Some(at), Some(found)) if !pools.contains(&found.id) => rule.members.push(Member {
                    backend: at,
                    weight: if weighted { member.weight.unwrap_or(1) } else { 1 },
                    priority: member.priority.unwrap_or(1),
                }),
                (Some(_), Some(_)) => {
                    let message = format!("the member `{}` of `{}` is a pool itself", member.id, pool.id);
                    self.error(pool.file, &member.id, message);
                }
                _ => {
                    let message =
                        format!("the pool `{}` names the backend `{}`, which is not here", pool.id, member.id);
                    self.unknown(pool.file, &member.id, message, &member.id);
                }
            }
        }
        if let Some(own) = self.gateway.backends.get_mut(&pool.id) {
            own.kind = BackendKind::Pool(rule);
        }
    }
}
