//! XML and policy documents: any bytes give findings inside the file, and a unit only without errors.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::diagnostics::Diagnostics;
use portcullis::document::{NamedValues, Options};
use portcullis::source::Sources;
use portcullis::xml::TextForm;
use portcullis::{compile, policies, typed};

fuzz_target!(|bytes: &[u8]| {
    for form in [TextForm::Auto, TextForm::Escaped] {
        let mut sources = Sources::default();
        let Ok(file) = sources.add("policy.xml", bytes.to_vec()) else { return };
        let mut values = NamedValues::default();
        values.define("x", "@(1)", true);
        let options = Options::new(policies::SPECS, &values);
        let mut found = Diagnostics::new();
        compile::compile(&sources, file, form, &options, &typed::Options::default(), &mut found);
        for finding in found.into_sorted() {
            assert!(finding.span.start <= finding.span.end && finding.span.end as usize <= bytes.len());
        }
    }
});
