//! Raw to escaped and back: the same document each time.

use super::program::{Folder, portcullis};
use super::support::{corpus_files, with_stack};
use portcullis::diagnostics::{Diagnostics, codes};
use portcullis::source::Sources;
use portcullis::xml::TextForm;
use portcullis::xml::forms::convert;

fn converted(text: &str, from: TextForm, to: TextForm) -> Option<String> {
    let mut sources = Sources::new();
    let file = sources.add("t.xml", text.as_bytes().to_vec()).expect("small");
    convert(&sources, file, from, to, &mut Diagnostics::new())
}

/// In the raw form; `None`: the text has errors anyway.
fn raw_of(text: &str) -> Option<Option<String>> {
    let mut sources = Sources::new();
    let file = sources.add("t.xml", text.as_bytes().to_vec()).expect("small");
    let mut found = Diagnostics::new();
    let raw = convert(&sources, file, TextForm::Auto, TextForm::Raw, &mut found);
    let broken = raw.is_none() && found.findings().iter().all(|finding| finding.code != codes::XML_FORM);
    (!broken).then_some(raw)
}

/// Text follows an expression, which `check` refuses too.
const REFUSED: &[&str] = &["docs-2018/api-management-sample-send-request-7.xml"];

/// Every published document that reads without an error converts to both forms, and from each to the other and back
/// to the same bytes. That the meaning stays is what `convert` itself proves, or it refuses.
#[test]
fn published_documents_go_there_and_back() {
    use TextForm::{Auto, Escaped, Raw};
    let files = ["snippets", "docs", "docs-2018", "wild"].into_iter().flat_map(|set| {
        corpus_files(set).into_iter().map(move |(name, bytes)| (format!("{set}/{name}"), bytes)).collect::<Vec<_>>()
    });
    with_stack(|| {
        let mut wrong = Vec::new();
        for (name, bytes) in files {
            let Ok(text) = String::from_utf8(bytes) else { continue };
            let Some(raw) = raw_of(&text) else { continue };
            let (Some(raw), Some(escaped)) = (raw, converted(&text, Auto, Escaped)) else {
                if !REFUSED.contains(&name.as_str()) {
                    wrong.push(format!("{name}: refused"));
                }
                continue;
            };
            for (what, from, to, text, expected) in
                [("raw to escaped", Raw, Escaped, &raw, &escaped), ("escaped to raw", Escaped, Raw, &escaped, &raw)]
            {
                let got = converted(text, from, to);
                // A document may hold a spelling of its own, such as `&#34;`; its raw form has one escaped form.
                let again = || converted(&raw, Raw, Escaped).and_then(|escaped| converted(&escaped, Escaped, Raw));
                if got.as_ref() != Some(expected) && again().as_ref() != Some(&raw) {
                    wrong.push(format!("{name}: {what}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

fn command(arguments: &[&str]) -> (i32, String, String) {
    portcullis(&[&["convert"], arguments].concat())
}

#[test]
fn the_command_writes_where_it_is_told() {
    let (raw, escaped) = (r#"<a b="@(c["d"])" />"#, "<a b=\"@(c[&quot;d&quot;])\" />");
    let folder = Folder::new("convert", &[("a.xml", raw), ("b.xml", raw), ("broken.xml", "<a>"), ("out/.keep", "")]);
    let path = |name: &str| folder.file(name);
    assert_eq!(command(&[&path("a.xml")]), (0, escaped.to_owned(), String::new()), "the other form by default");
    assert_eq!(command(&["--to", "raw", &path("a.xml")]).1, raw);
    assert_eq!(command(&["--output", &path("out"), &path("a.xml"), &path("b.xml")]).0, 0);
    assert_eq!(std::fs::read_to_string(path("out/b.xml")).ok().as_deref(), Some(escaped));
    let (code, _, said) = command(&["--in-place", "--to", "escaped", &path("broken.xml"), &path("a.xml")]);
    assert_eq!((code, said.contains("xml::unclosed")), (1, true), "{said}");
    assert_eq!(std::fs::read_to_string(path("a.xml")).ok().as_deref(), Some(escaped), "the others are converted");
    assert_eq!(command(&[&path("a.xml"), &path("b.xml")]).0, 2, "several files on standard output");
}
