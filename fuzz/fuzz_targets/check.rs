//! Lexer, parser, printer and checker: any text gives a tree or errors inside the text, and what parses prints to what parses alike.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::eval::{Form, Settings, bind};
use portcullis_grammar::syntax::print;
use portcullis_grammar::{LanguageVersion, parse_block, parse_expression};

fuzz_target!(|text: &str| {
    let version = LanguageVersion::CSharp7_3;
    let expression = parse_expression(text, version);
    for error in &expression.errors {
        assert!(error.span.start <= error.span.end && error.span.end as usize <= text.len());
    }
    if let (Some(tree), true) = (&expression.tree, expression.errors.is_empty()) {
        let printed = print::expression(tree);
        let again = parse_expression(&printed, version);
        assert_eq!(again.tree.as_ref().map(print::expression).as_ref(), Some(&printed));
    }
    let block = parse_block(text, version);
    if let (Some(tree), true) = (&block.tree, block.errors.is_empty()) {
        let printed = print::statements(tree);
        let again = parse_block(&printed, version);
        assert_eq!(again.tree.as_ref().map(print::statements).as_ref(), Some(&printed));
    }
    let typing = Settings::default().typing;
    let _ = bind(Form::Expression, text, &typing);
    let _ = bind(Form::Block, text, &typing);
});
