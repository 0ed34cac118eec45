//! A request's scopes to its chain of units: from the narrowest scope to the widest, then the fragments.

use crate::bytecode::unit::Unit;
use crate::document::{Scope, Section};
use crate::dotnet::heap::Constants;
use std::sync::Arc;

/// A unit in its scope.
#[derive(Clone, Debug)]
pub struct Link {
    pub unit: Arc<Unit>,
    pub scope: Scope,
}

/// The units that a request runs, immutable and shared by all requests of an operation (and product).
#[derive(Debug)]
pub struct Chain {
    /// Scopes from the narrowest to the widest, then fragments.
    pub units: Vec<Link>,
    /// How many of `units` are scopes.
    scopes: usize,
    /// Fragments by id, as positions in `units`.
    fragments: Vec<(Box<str>, u32)>,
    /// Something may look at the request after it was forwarded.
    pub keeps_request: bool,
    /// The constants of `units`, in their order.
    pub constants: Arc<[Constants]>,
}

impl Chain {
    /// Scopes from the narrowest to the widest, and the fragments that their documents may include.
    pub fn new(scopes: Vec<Link>, fragments: Vec<(Box<str>, Arc<Unit>)>) -> Chain {
        let count = scopes.len();
        let mut units = scopes;
        let mut by_id = Vec::new();
        for (id, unit) in fragments {
            by_id.push((id, units.len() as u32));
            units.push(Link { unit, scope: Scope::Api });
        }
        let keeps_request = units.iter().any(|link| link.unit.keeps_request);
        let constants = units.iter().map(|link| link.unit.constants.clone()).collect();
        Chain { units, scopes: count, fragments: by_id, keeps_request, constants }
    }

    pub fn single(unit: Arc<Unit>) -> Chain {
        Chain::new(vec![Link { unit, scope: Scope::Operation }], Vec::new())
    }

    /// Where a section begins.
    pub fn first(&self, section: Section) -> Option<(u32, u32)> {
        self.from(0, section)
    }

    /// Where `<base/>` of the document at `slot` leads.
    pub fn base_of(&self, slot: u32, section: Section) -> Option<(u32, u32)> {
        self.from(slot as usize + 1, section)
    }

    fn from(&self, start: usize, section: Section) -> Option<(u32, u32)> {
        (start..self.scopes).find_map(|at| self.units[at].unit.section(section).map(|function| (at as u32, function)))
    }

    /// The place of the document at global scope.
    pub fn global(&self) -> Option<u32> {
        let last = self.scopes.checked_sub(1)?;
        (self.units[last].scope == Scope::Global).then_some(last as u32)
    }

    /// Whether a unit is a scope's document; else it is a fragment.
    pub fn is_scope(&self, slot: u32) -> bool {
        (slot as usize) < self.scopes
    }

    pub fn fragment(&self, id: &str) -> Option<(u32, u32)> {
        let slot = self.fragments.iter().find(|(own, _)| **own == *id)?.1;
        Some((slot, self.units[slot as usize].unit.body?))
    }
}
