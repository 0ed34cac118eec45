//! Units by what they were compiled from: documents with the same text and scope are compiled once, and a reload compiles
//! what has changed. Kept are units that gave no finding, so that what is wrong is told at every load.

use crate::bytecode::unit::Unit;
use crate::diagnostics::Diagnostics;
use crate::document::{NamedValue, NamedValues, Options, Scope};
use crate::gateway::{Gateway, Space};
use crate::source::{FileId, Source, Sources};
use crate::xml::TextForm;
use crate::{compile, policies, typed};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What earlier loads have compiled.
#[derive(Debug, Default)]
pub struct Units {
    by_text: FxHashMap<(Box<str>, Option<Scope>, Space), Kept>,
    /// The same by the text's place in memory, which spares reading it. Good as long as nothing around it has changed.
    by_source: FxHashMap<(usize, Option<Scope>, Space), Same>,
    /// What stood around documents in the last load, by space.
    around: BTreeMap<Space, Surroundings>,
    load: u64,
    /// How many documents were compiled so far.
    pub compiled: usize,
}

/// The text, its unit, and the last load that used it.
type Same = (Arc<Source>, Arc<Unit>, u64);

#[derive(Debug)]
struct Kept {
    unit: Arc<Unit>,
    around: Around,
    /// The last load that used it.
    load: u64,
}

/// What a document takes from outside its text.
#[derive(Debug, PartialEq)]
struct Around {
    values: Vec<(Box<str>, NamedValue)>,
    /// Where the text may name one.
    fragments: Option<Arc<BTreeSet<String>>>,
    backends: Option<Arc<BTreeSet<String>>>,
}

/// What all documents of a space share.
#[derive(Clone, Debug, PartialEq)]
pub struct Surroundings {
    pub named_values: NamedValues,
    pub fragments: Arc<BTreeSet<String>>,
    pub backends: Arc<BTreeSet<String>>,
}

impl Surroundings {
    pub fn new(gateway: &Gateway, space: Space) -> Surroundings {
        let fragments = gateway.fragments.values().filter(|own| own.space == space);
        let backends = gateway.backends.values().filter(|own| own.space == space);
        Surroundings {
            named_values: gateway.named_values_of(space).clone(),
            fragments: Arc::new(fragments.map(|own| own.id.as_str().to_owned()).collect()),
            backends: Arc::new(backends.map(|own| own.id.as_str().to_owned()).collect()),
        }
    }

    fn of(&self, text: &str) -> Around {
        let names = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
        Around {
            values: self.named_values.used_in(text),
            fragments: names("fragment").then(|| Arc::clone(&self.fragments)),
            backends: names("backend-id").then(|| Arc::clone(&self.backends)),
        }
    }
}

impl Units {
    /// A load begins: what none of its documents uses is forgotten at its end.
    pub fn begin(&mut self, around: BTreeMap<Space, Surroundings>) {
        self.load += 1;
        if self.around != around {
            self.by_source.clear();
            self.around = around;
        }
    }

    pub fn end(&mut self) {
        self.by_source.retain(|_, (_, _, load)| *load == self.load);
        // Others hold what was not looked for by its text.
        self.by_text.retain(|_, kept| kept.load == self.load || Arc::strong_count(&kept.unit) > 1);
    }

    /// The unit of a document. Traces name it by the file that it was first read from.
    pub fn unit(
        &mut self,
        sources: &Sources,
        file: FileId,
        scope: Option<Scope>,
        space: Space,
        found: &mut Diagnostics,
    ) -> Option<Arc<Unit>> {
        let source = sources.shared(file);
        let place = (Arc::as_ptr(source).addr(), scope, space);
        if let Some((_, unit, load)) = self.by_source.get_mut(&place) {
            *load = self.load;
            return Some(Arc::clone(unit));
        }
        let (unit, is_kept) = self.unit_of_text(sources, file, scope, space, found)?;
        if is_kept {
            self.by_source.insert(place, (Arc::clone(source), Arc::clone(&unit), self.load));
        }
        Some(unit)
    }

    /// The unit, and whether it is kept for the next load.
    fn unit_of_text(
        &mut self,
        sources: &Sources,
        file: FileId,
        scope: Option<Scope>,
        space: Space,
        found: &mut Diagnostics,
    ) -> Option<(Arc<Unit>, bool)> {
        let surroundings = self.around.get(&space)?;
        let text = sources.text(file);
        let around = surroundings.of(text);
        let key = (text.into(), scope, space);
        if let Some(kept) = self.by_text.get_mut(&key)
            && kept.around == around
        {
            kept.load = self.load;
            return Some((Arc::clone(&kept.unit), true));
        }
        let mut options = Options::new(policies::SPECS, &surroundings.named_values);
        options.scope = scope;
        options.fragments = Some(&surroundings.fragments);
        options.backends = Some(&surroundings.backends);
        options.strict = true;
        let mut own = Diagnostics::new();
        let unit = compile::compile(sources, file, TextForm::Auto, &options, &typed::Options::default(), &mut own);
        self.compiled += 1;
        let is_clean = own.is_empty();
        found.extend(own.into_sorted());
        let unit = unit?;
        let is_kept = is_clean && sources.first_bad_byte(file).is_none();
        if is_kept {
            self.by_text.insert(key, Kept { unit: Arc::clone(&unit), around, load: self.load });
        }
        Some((unit, is_kept))
    }
}
