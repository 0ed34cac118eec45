//! Units by what they were compiled from: documents with the same text and scope are compiled once, and a reload compiles
//! what has changed. Kept are units that gave no finding, so that what is wrong is told at every load.

use crate::bytecode::unit::Unit;
use crate::diagnostics::Diagnostics;
use crate::document::{NamedValue, NamedValues, Options, Scope};
use crate::source::{FileId, Sources};
use crate::xml::TextForm;
use crate::{compile, policies, typed};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What earlier loads have compiled.
#[derive(Debug, Default)]
pub struct Units {
    by_text: FxHashMap<(Box<str>, Option<Scope>), Kept>,
    load: u64,
    /// How many documents were compiled so far.
    pub compiled: usize,
}

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

/// What all documents of a load share.
pub struct Surroundings<'a> {
    pub named_values: &'a NamedValues,
    pub fragments: Arc<BTreeSet<String>>,
    pub backends: Arc<BTreeSet<String>>,
}

impl Surroundings<'_> {
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
    pub fn begin(&mut self) {
        self.load += 1;
    }

    pub fn end(&mut self) {
        self.by_text.retain(|_, kept| kept.load == self.load);
    }

    /// The unit of a document. Traces name it by the file that it was first read from.
    pub fn unit(
        &mut self,
        sources: &Sources,
        file: FileId,
        scope: Option<Scope>,
        surroundings: &Surroundings<'_>,
        found: &mut Diagnostics,
    ) -> Option<Arc<Unit>> {
        let text = sources.text(file);
        let around = surroundings.of(text);
        let key = (text.into(), scope);
        if let Some(kept) = self.by_text.get_mut(&key)
            && kept.around == around
        {
            kept.load = self.load;
            return Some(Arc::clone(&kept.unit));
        }
        let mut options = Options::new(policies::SPECS, surroundings.named_values);
        options.scope = scope;
        options.fragments = Some(&surroundings.fragments);
        options.backends = Some(&surroundings.backends);
        options.strict = true;
        let mut own = Diagnostics::new();
        let unit = compile::compile(sources, file, TextForm::Auto, &options, &typed::Options::default(), &mut own);
        self.compiled += 1;
        let is_clean = own.is_empty();
        found.extend(own.into_sorted());
        if let (Some(unit), true) = (&unit, is_clean && sources.first_bad_byte(file).is_none()) {
            self.by_text.insert(key, Kept { unit: Arc::clone(unit), around, load: self.load });
        }
        unit
    }
}
