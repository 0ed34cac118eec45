//! How the documents of a request's scopes fit together: which one a section begins with, and where `<base/>` leads.
//! A chain goes from the narrowest scope to the widest. A document that does not define a section is passed over, as
//! one that held nothing but `<base/>`; one that defines it without `<base/>` leaves the wider ones out.

use super::spec::Section;
use super::tree::{Block, Document};

/// The document with which a section begins, if any defines it.
pub fn first(chain: &[&Document], section: Section) -> Option<usize> {
    next_from(chain, section, 0)
}

/// Where `<base/>` leads from the document at `index`; `None`: nowhere, and it does nothing.
pub fn base_of(chain: &[&Document], section: Section, index: usize) -> Option<usize> {
    next_from(chain, section, index + 1)
}

fn next_from(chain: &[&Document], section: Section, from: usize) -> Option<usize> {
    (from..chain.len()).find(|&index| chain[index].section(section).is_some())
}

/// The blocks of a section that can be reached, from the narrowest on. `calls_base` tells whether a block holds
/// `<base/>`, at whatever depth.
pub fn reached<'d>(
    chain: &[&'d Document],
    section: Section,
    calls_base: impl Fn(&Block) -> bool,
) -> Vec<(usize, &'d Block)> {
    let mut blocks = Vec::new();
    let mut next = first(chain, section);
    while let Some(index) = next {
        let Some(block) = chain[index].section(section) else { break };
        blocks.push((index, block));
        next = if calls_base(block) { base_of(chain, section, index) } else { None };
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Diagnostics;
    use crate::document::{NamedValues, Options, read};
    use crate::source::Sources;
    use crate::xml::{self, TextForm};

    fn document(text: &str) -> Document {
        let mut sources = Sources::new();
        let file = sources.add("t.xml", text.as_bytes().to_vec()).expect("small");
        let mut found = Diagnostics::new();
        let tree = xml::read(&sources, file, TextForm::Auto, &mut found);
        let values = NamedValues::new();
        let options = Options::new(crate::policies::SPECS, &values);
        read(&tree, &options, &mut found).expect("a policy document")
    }

    #[test]
    fn base_leads_to_the_next_that_defines_the_section() {
        let operation = document("<policies><inbound><base /></inbound><outbound /></policies>");
        let api = document("<policies><outbound><base /></outbound></policies>");
        let global = document("<policies><inbound /><backend><forward-request /></backend><outbound /></policies>");
        let chain = [&operation, &api, &global];
        let calls_base = |block: &Block| block.statements.iter().any(|statement| statement.name() == "base");
        let table = [
            (Section::Inbound, vec![0, 2]),
            (Section::Backend, vec![2]),
            // The operation defines it without base.
            (Section::Outbound, vec![0]),
            (Section::OnError, vec![]),
        ];
        for (section, expected) in table {
            let found: Vec<usize> = reached(&chain, section, calls_base).into_iter().map(|(index, _)| index).collect();
            assert_eq!(found, expected, "{section:?}");
        }
    }
}
