//! Bytes to a [`Tree`] with a place on everything, raw policy text included: inside `@(...)` and `@{...}`, quotes and
//! angle brackets may stand unescaped. Broken input yields a tree and findings. Knows no policy.

mod build;
mod entity;
pub mod forms;
mod mask;
pub mod scan;
mod tree;

pub use tree::{Attribute, Element, Node, NodeId, NodeKind, Tree};

use crate::diagnostics::{Diagnostics, Finding, codes};
use crate::source::{FileId, Sources, Span};

/// How expressions are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextForm {
    /// Told by each expression, and by the file where one can be read both ways.
    #[default]
    Auto,
    /// As C# is; entities in expressions are ordinary text.
    Raw,
    /// As XML wants it: quotes and angle brackets as entities.
    Escaped,
}

/// Elements inside elements; the platform's own documents stay far below.
pub const MAX_DEPTH: usize = 200;
/// After so many the text is no policy, and what follows tells nothing.
const MAX_FINDINGS: usize = 100;

/// Reads a text. What is wrong with it is reported, and the tree holds what could be read.
pub fn read<'s>(sources: &'s Sources, file: FileId, form: TextForm, found: &mut Diagnostics) -> Tree<'s> {
    let text = sources.text(file);
    if let Some(at) = sources.first_bad_byte(file) {
        let utf16 = text.starts_with("??");
        let finding = Finding::new(codes::XML_ENCODING, Span::new(file, at, at + 1), "this is not UTF-8 text");
        found.push(if utf16 { finding.help("the file looks like UTF-16; save it as UTF-8") } else { finding });
    }
    let copy = mask::mask(text, file, form, found);
    build::build(text, file, copy, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every attribute value and text of a document, in order, and the findings as `line:column code`.
    fn outline(text: &str, form: TextForm) -> (Vec<String>, Vec<String>) {
        let mut sources = Sources::new();
        let file = sources.add("t.xml", text.as_bytes().to_vec()).expect("small");
        let mut found = Diagnostics::new();
        let tree = read(&sources, file, form, &mut found);
        let mut values = Vec::new();
        let mut open: Vec<NodeId> = tree.top.iter().rev().copied().collect();
        while let Some(id) = open.pop() {
            let Some(element) = tree.element(id) else { continue };
            values.push(format!("<{}>", tree.str(element.name)));
            values.extend(element.attributes.iter().map(|attribute| tree.value(attribute).text().to_owned()));
            values.extend(tree.text_of(element).map(|text| text.text().to_owned()));
            open.extend(element.children.iter().rev());
        }
        let findings = found.into_sorted().into_iter().map(|finding| {
            let place = sources.place(file, finding.span.start);
            format!("{}:{} {}", place.line, place.column, finding.code.name)
        });
        (values, findings.collect())
    }

    #[test]
    fn raw_and_escaped_expressions_read_alike() {
        use TextForm::{Auto, Escaped, Raw};
        let table: &[(TextForm, &str, &str)] = &[
            (Auto, r#"<a b="@(x["y"] < 1 && z > 2)" />"#, r#"@(x["y"] < 1 && z > 2)"#),
            (Auto, "<a b=\"@(x[&quot;y&quot;] &lt; 1 &amp;&amp; z &gt; 2)\" />", r#"@(x["y"] < 1 && z > 2)"#),
            (Raw, r#"<a b="@(x["y"] < 1)" c="@("&amp;")" />"#, r#"@(x["y"] < 1)|@("&amp;")"#),
            (Escaped, "<a b=\"@(&quot;&amp;lt;&quot;)\" />", r#"@("&lt;")"#),
            // Raw quotes and escaped operators in one expression: C# wants no entity there.
            (Auto, r#"<a b="@(x["y"] == "" &amp;&amp; z)" />"#, r#"@(x["y"] == "" && z)"#),
            // In a string it may be meant; an expression that is raw all the same says so.
            (Auto, r#"<a b="@(x.Replace("&amp;", "&"))" />"#, r#"@(x.Replace("&amp;", "&"))"#),
            // Both readings are good: the rest of the file decides.
            (Auto, r#"<a b='@("&lt;")' />"#, r#"@("<")"#),
            (Auto, r#"<a b='@("&lt;")' c="@("x")" />"#, r#"@("&lt;")|@("x")"#),
            (Auto, "<a b=\"@(&quot;it's&quot;)\" />", r#"@("it's")"#),
            (Auto, r#"<a b=' @( f(')', "'") ) ' />"#, r#" @( f(')', "'") ) "#),
            (
                Auto,
                "<a b=\"@{ var s = $\"{x[\"y\"]}\"; // it's }\r\n return s; }\" />",
                "@{ var s = $\"{x[\"y\"]}\"; // it's }\n return s; }",
            ),
            (Auto, r#"<a b="@(@"\")" c="1" />"#, r#"@(@"\")|1"#),
            (Auto, "<a b=\"x&#10;\r\n\ty &lt;\" />", "x\n  y <"),
            (Auto, "<a b=\"@(1)/@(\"x\")\" />", "@(1)/@(\"x\")"),
        ];
        for (form, text, expected) in table {
            let (values, findings) = outline(text, *form);
            assert_eq!(values[1..].join("|"), *expected, "{text}");
            assert!(findings.is_empty(), "{text}: {findings:?}");
        }
    }

    #[test]
    fn text_of_elements() {
        let table: &[(&str, &str)] = &[
            ("<a>@(x < y ? \"<\" : \"&\")</a>", "@(x < y ? \"<\" : \"&\")"),
            ("<a>\n@{ if (a < b) { return \"</a>\"; } }\n</a>", "\n@{ if (a < b) { return \"</a>\"; } }\n"),
            ("<a>@(x &lt; y)</a>", "@(x < y)"),
            ("<a>b &amp; <!-- c --> d<![CDATA[ <e> &amp; ]]></a>", "b &  d <e> &amp; "),
            ("<a>\u{a0}@(1 < 2)\u{a0}</a>", "\u{a0}@(1 < 2)\u{a0}"),
            ("<a>1\r\n2\r3</a>", "1\n2\n3"),
            ("<a><![CDATA[@(x < y)]]></a>", "@(x < y)"),
            ("<?xml version=\"1.0\"?>\n<a><?b c?>d</a>", "d"),
        ];
        for (text, expected) in table {
            let (values, findings) = outline(text, TextForm::Auto);
            assert_eq!(values[1..].join("|"), *expected, "{text}");
            assert!(findings.is_empty(), "{text}: {findings:?}");
        }
    }

    #[test]
    fn mistakes_are_found_once_and_in_place() {
        // Text, and the findings; what could be read is not lost, which the document layer relies on.
        let table: &[(&str, &[&str])] = &[
            ("<a><b></a>", &["1:5 xml::unclosed"]),
            ("<a>\n<b></c></b></a>", &["2:4 xml::mismatch"]),
            ("<a><value>1</vlaue></a>", &["1:12 xml::mismatch"]),
            ("<a></a></b>", &["1:8 xml::mismatch"]),
            ("<a><b>\n<b></a>", &["2:2 xml::unclosed"]),
            ("<a", &["1:1 xml::unclosed"]),
            ("<a\n<b/></a>", &["1:1 xml::unclosed"]),
            ("<a></a", &["1:4 xml::unclosed"]),
            ("<a b=\"1\" b=\"2\"/>", &["1:10 xml::duplicate_attribute"]),
            ("<a b=1 c=\"2\"/>", &["1:6 xml::malformed"]),
            ("<a b c=\"2\"/>", &["1:4 xml::malformed"]),
            ("<a b=\"x\"c=\"y\"/>", &["1:9 xml::malformed"]),
            ("<a b=\"x\"y\"\" c=\"1\"/><d/>", &["1:9 xml::malformed"]),
            ("<a b=\"x>\n<d/></a>", &["1:6 xml::unclosed"]),
            ("<a b=\"<x>\"/>", &["1:7 xml::malformed"]),
            ("<a b=\"x&y\"/>", &["1:8 xml::entity"]),
            ("<a>&nbsp;</a>", &["1:4 xml::entity"]),
            ("<a>&#0;</a>", &["1:4 xml::entity"]),
            ("<a>1 < 2</a>", &["1:6 xml::malformed"]),
            ("<a b=\"@(f(\"x\")\" c=\"1\"/>", &["1:7 xml::expression"]),
            ("<a>@(f(\"x\")</a><b/>", &["1:4 xml::expression"]),
            ("<a>@{ return \"x; }</a><b/>", &["1:4 xml::expression"]),
            ("<a b=\"@(x[\\\"y\\\"])\"/>", &["1:7 xml::expression"]),
            ("<!DOCTYPE a [<!ENTITY b \"c\">]><a/>", &["1:1 xml::dtd"]),
            ("<a><!-- b\n</a>", &["1:4 xml::unclosed"]),
            ("<a><![CDATA[ b</a>", &["1:4 xml::unclosed"]),
            ("<a/><!-- b -- c -->", &["1:12 xml::comment"]),
            ("<!-- b\n<!-- c --><a/>", &["1:1 xml::unclosed"]),
            ("<a><!-- b\n<c/></a>", &["1:4 xml::unclosed"]),
            ("\n<?xml version=\"1.0\"?><a/>", &["2:1 xml::malformed"]),
            ("<<<<<<< HEAD\n<a/>", &["1:1 xml::malformed"]),
        ];
        for (text, expected) in table {
            assert_eq!(outline(text, TextForm::Auto).1, *expected, "{text}");
        }
    }

    #[test]
    fn forms_can_be_forced() {
        let raw = r#"<a b="@(x["y"])" />"#;
        assert_eq!(outline(raw, TextForm::Escaped).1, ["1:7 xml::expression"]);
        let escaped = "<a b=\"@(x[&quot;)&quot;])\" />";
        assert_eq!(outline(escaped, TextForm::Escaped).1.len(), 0);
    }

    #[test]
    fn a_byte_order_mark_takes_no_place() {
        assert_eq!(outline("\u{feff}<a b=\"&\"/>", TextForm::Auto).1, ["1:7 xml::entity"]);
    }

    #[test]
    fn depth_is_bounded() {
        let text = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
        let (values, findings) = outline(&text, TextForm::Auto);
        assert_eq!((values.len(), findings.len()), (MAX_DEPTH, 1));
    }
}
