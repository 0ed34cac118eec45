//! The .NET types that expressions may use: one table per type, read by the checker, the VM, the manual and completion.
//!
//! In: nothing. Out: rows (signature, code, documentation) and the values, heap and faults that their code works with.
//! Never: I/O, a clock, randomness of its own. To add a type: a file in `system/`, a row in [`TABLES`].

pub mod call;
pub mod canonical;
pub mod context;
pub mod fault;
pub mod heap;
pub mod inherit;
pub mod listing;
pub mod member;
pub mod system;
pub mod types;
pub mod value;

use member::TypeDef;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::sync::LazyLock;
use types::DefId;

/// Every table of the program.
static TABLES: &[&[&TypeDef]] = &[
    system::delegates::TYPES,
    system::crypto::hashing::TYPES,
    system::crypto::oid::TYPES,
    system::crypto::random::TYPES,
    system::crypto::rsa::TYPES,
    system::crypto::secure_string::TYPES,
    system::crypto::symmetric::TYPES,
    system::crypto::x509::TYPES,
    system::calendar::TYPES,
    system::culture::TYPES,
    system::version::TYPES,
    system::time_zone::TYPES,
    system::TYPES,
    system::stream::TYPES,
    system::net::TYPES,
    system::collections::TYPES,
    system::linq::TYPES,
    system::json::TYPES,
    system::regex::TYPES,
    system::xml::TYPES,
    system::exception::DERIVED,
    system::tuple::TYPES,
    system::string::runes::TYPES,
    system::encoding::fallback::TYPES,
    context::TYPES,
];

#[derive(Default)]
struct Index {
    defs: Vec<&'static TypeDef>,
    by_name: FxHashMap<(usize, &'static str), DefId>,
    /// Aliases (`string`), simple names (`List`) and names nested in a type (`TimeZoneInfo.AdjustmentRule`).
    by_csharp_name: FxHashMap<Cow<'static, str>, SmallVec<[(usize, DefId); 1]>>,
    by_address: FxHashMap<usize, DefId>,
}

impl Index {
    /// The first of a name and arity counts.
    fn name(&mut self, name: Cow<'static, str>, arity: usize, id: DefId) {
        let same = self.by_csharp_name.entry(name).or_default();
        if !same.iter().any(|(own, _)| *own == arity) {
            same.push((arity, id));
        }
    }
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index::default();
    for def in TABLES.iter().copied().flatten().copied() {
        let id = DefId(index.defs.len() as u32);
        let arity = def.parameters.len();
        index.defs.push(def);
        index.by_name.insert((arity, def.name), id);
        index.by_address.insert(std::ptr::from_ref(def) as usize, id);
        for name in [def.alias, Some(def.simple_name())].into_iter().flatten() {
            index.name(name.into(), arity, id);
        }
        if let Some((namespace, nested)) = def.name.split_once('+') {
            let outer = namespace.rsplit('.').next().unwrap_or(namespace);
            index.name(format!("{outer}.{nested}").into(), arity, id);
        }
    }
    index
});

/// All rows of the type table.
pub fn type_defs() -> &'static [&'static TypeDef] {
    &INDEX.defs
}

/// The row behind an id.
pub fn def(id: DefId) -> &'static TypeDef {
    INDEX.defs[id.0 as usize]
}

/// The id of a row.
pub(crate) fn def_id(def: &'static TypeDef) -> DefId {
    let found = INDEX.by_address.get(&(std::ptr::from_ref(def) as usize)).copied();
    found.unwrap_or(DefId(u32::MAX))
}

/// A row by its full .NET name (`System.Collections.Generic.List`) and its number of type parameters.
pub fn find_def(name: &str, arity: usize) -> Option<DefId> {
    INDEX.by_name.get(&(arity, name)).copied()
}

/// A row by the name that C# source uses with the platform's usings in scope: `string`, `List`, `TimeZoneInfo.AdjustmentRule`.
pub fn find_by_csharp_name(name: &str, arity: usize) -> Option<DefId> {
    INDEX.by_csharp_name.get(name)?.iter().find(|(own, _)| *own == arity).map(|(_, id)| *id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_stands_in_one_table() {
        let mut seen = rustc_hash::FxHashSet::default();
        for def in type_defs() {
            assert!(seen.insert((def.parameters.len(), def.name)), "{} stands in two", def.name);
        }
    }

    #[test]
    fn every_row_of_every_type_parses() {
        for def in type_defs() {
            let _ = def.base_type();
            let _ = def.interface_types();
            assert_eq!(def.members().len(), def.rows.iter().map(|rows| rows.len()).sum::<usize>(), "{}", def.name);
        }
    }
}
