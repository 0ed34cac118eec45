//! A text from one form of expressions to the other. In: a tree. Out: what to write in place of which expression, so
//! that all else (comments, white space, CDATA, line ends, a byte order mark) stays byte for byte. Refuses a text that
//! would read differently afterwards.

use super::entity;
use super::mask::{Masked, Reading};
use super::tree::{NodeKind, Tree};
use super::{TextForm, read};
use crate::diagnostics::{Diagnostics, Finding, Severity, codes};
use crate::source::{FileId, Sources, Span};

/// What to write in place of a stretch of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub start: u32,
    pub end: u32,
    pub text: String,
}

/// The text of a file in a form, which is not [`TextForm::Auto`]. `None`: it has errors, or would change its meaning,
/// as was reported.
pub fn convert(
    sources: &Sources,
    file: FileId,
    from: TextForm,
    to: TextForm,
    found: &mut Diagnostics,
) -> Option<String> {
    let mut own = Diagnostics::new();
    let tree = read(sources, file, from, &mut own);
    let failed = own.has_errors();
    found.extend(own.into_sorted());
    if failed {
        return None;
    }
    let whole = Span::new(file, 0, tree.length());
    let edits = edits(&tree, to);
    let text = apply(&tree, whole, &edits);
    match same(&tree, &text, to, &edits) {
        Ok(()) => Some(text),
        Err(span) => {
            let form = if to == TextForm::Raw { "raw" } else { "escaped" };
            let message = format!("this cannot be written {form} without a change of meaning");
            found.push(Finding::new(codes::XML_FORM, span, message));
            None
        }
    }
}

/// Whether the text, left to be told apart, reads as it does in the form that it was written in.
pub fn tells_itself(text: &str, form: TextForm) -> bool {
    let Ok((sources, file)) = alone(text) else { return false };
    let tree = read(&sources, file, form, &mut Diagnostics::new());
    same(&tree, text, TextForm::Auto, &[]).is_ok()
}

/// The expressions that are written otherwise in a form, in order.
pub fn edits(tree: &Tree<'_>, to: TextForm) -> Vec<Edit> {
    let mut quotes = Vec::new();
    for node in &tree.nodes {
        if let NodeKind::Element(element) = &node.kind {
            quotes.extend(element.attributes.iter().map(|attribute| attribute.value));
        }
    }
    let quote_of = |masked: &Masked| {
        let after = quotes.partition_point(|value| value.start <= masked.start);
        let value = quotes.get(after.checked_sub(1)?).filter(|value| masked.end <= value.end)?;
        tree.text.as_bytes().get(value.start.checked_sub(1)? as usize).copied()
    };
    let edit = |masked: &Masked| {
        let written = tree.text.get(masked.start as usize..masked.end as usize)?;
        let text = match (to, masked.reading) {
            (TextForm::Raw, Reading::Escaped) => unescaped(written),
            (TextForm::Escaped, reading) => escaped(written, reading, quote_of(masked)),
            _ => return None,
        };
        (text != written).then_some(Edit { start: masked.start, end: masked.end, text })
    };
    tree.expressions.iter().filter_map(edit).collect()
}

/// A stretch of the tree's text with edits made, which are in order and do not overlap.
pub fn apply(tree: &Tree<'_>, span: Span, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(span.len() as usize);
    let mut at = span.start;
    for edit in edits.iter().filter(|edit| edit.start >= span.start && edit.end <= span.end) {
        out.push_str(tree.str(Span { start: at, end: edit.start, ..span }));
        out.push_str(&edit.text);
        at = edit.end;
    }
    out.push_str(tree.str(Span { start: at, ..span }));
    out
}

/// References replaced, line ends kept.
fn unescaped(written: &str) -> String {
    let mut out = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match entity::reference(rest) {
            Some((character, length)) => {
                out.push(character);
                rest = &rest[length..];
            }
            None => out.push('&'),
        }
    }
    out + rest
}

/// As an XML writer escapes, `>` included; but what is well-formed as it stands is left alone.
fn escaped(written: &str, reading: Reading, quote: Option<u8>) -> String {
    let breaks = |c: char| c == '<' || quote.is_some_and(|quote| c == quote as char);
    let sound = |at: usize| reading == Reading::Escaped && entity::reference(&written[at + 1..]).is_some();
    if !written.contains(breaks) && written.match_indices('&').all(|(at, _)| sound(at)) {
        return written.to_owned();
    }
    let code = if reading == Reading::Escaped { unescaped(written) } else { written.to_owned() };
    let mut out = String::with_capacity(code.len() + 16);
    for character in code.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if quote == Some(b'"') => out.push_str("&quot;"),
            '\'' if quote == Some(b'\'') => out.push_str("&apos;"),
            _ => out.push(character),
        }
    }
    out
}

// ---- the proof

fn alone(text: &str) -> Result<(Sources, FileId), crate::source::TooLarge> {
    let mut sources = Sources::new();
    let file = sources.add("", text.as_bytes().to_vec())?;
    Ok((sources, file))
}

/// Whether a text that was made by edits reads as the tree does; else the first place in the tree that would read
/// otherwise.
fn same(tree: &Tree<'_>, text: &str, form: TextForm, edits: &[Edit]) -> Result<(), Span> {
    let whole = Span::new(tree.file, 0, tree.length());
    let (sources, file) = alone(text).map_err(|_| whole)?;
    let mut found = Diagnostics::new();
    let other = read(&sources, file, form, &mut found);
    let (ours, theirs) = (outline(tree), outline(&other));
    for (at, (span, part)) in ours.iter().enumerate() {
        if theirs.get(at).is_none_or(|(_, other)| other != part) {
            return Err(*span);
        }
    }
    if ours.len() != theirs.len() {
        return Err(whole);
    }
    let error =
        found.findings().iter().filter(|finding| finding.severity == Severity::Error).map(|f| f.span.start).min();
    error.map_or(Ok(()), |at| Err(before_edits(tree, at, edits)))
}

/// The place in the tree that an offset in the text after the edits came from: for what an edit wrote, all of the edit.
fn before_edits(tree: &Tree<'_>, at: u32, edits: &[Edit]) -> Span {
    let mut longer = 0i64;
    for edit in edits {
        let start = i64::from(edit.start) + longer;
        if i64::from(at) < start {
            break;
        }
        if i64::from(at) < start + edit.text.len() as i64 {
            return Span::new(tree.file, edit.start, edit.end);
        }
        longer += edit.text.len() as i64 - i64::from(edit.end - edit.start);
    }
    let at = u32::try_from(i64::from(at) - longer).unwrap_or(0).min(tree.length());
    Span::new(tree.file, at, (at + 1).min(tree.length()))
}

/// Everything that a reader of the tree sees, in order, each with its place.
fn outline(tree: &Tree<'_>) -> Vec<(Span, String)> {
    let mut parts = Vec::new();
    for node in &tree.nodes {
        match &node.kind {
            NodeKind::Element(element) => {
                parts.push((element.name, format!("{:?} <{}", node.parent, tree.str(element.name))));
                for attribute in &element.attributes {
                    let value = tree.value(attribute);
                    parts.push((attribute.value, format!("{}={}", tree.str(attribute.name), value.text())));
                }
                if let Some(text) = tree.text_of(element) {
                    parts.push((element.inner, text.text().to_owned()));
                }
            }
            // Read with the element around it.
            NodeKind::Text => {}
            NodeKind::CData | NodeKind::Comment => parts.push((node.span, tree.str(node.span).to_owned())),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use TextForm::{Auto, Escaped, Raw};

    fn converted(text: &str, to: TextForm) -> Result<String, String> {
        let mut sources = Sources::new();
        let file = sources.add("t.xml", text.as_bytes().to_vec()).expect("small");
        let mut found = Diagnostics::new();
        convert(&sources, file, Auto, to, &mut found).ok_or_else(|| {
            let finding = &found.findings()[0];
            let place = sources.place(file, finding.span.start);
            format!("{}:{} {}", place.line, place.column, finding.code.name)
        })
    }

    #[test]
    fn both_ways() {
        // Raw and escaped; each becomes the other.
        let table = [
            (r#"<a b="@(x["y"] < 1 && z > 2)" />"#, "<a b=\"@(x[&quot;y&quot;] &lt; 1 &amp;&amp; z &gt; 2)\" />"),
            (r#"<a b='@(x["y"] == 'c')' />"#, "<a b='@(x[\"y\"] == &apos;c&apos;)' />"),
            ("<a>@(x < \"<\")</a>", "<a>@(x &lt; \"&lt;\")</a>"),
            ("<a>\r\n @{ return a\r\n\t< b; } \r\n</a>", "<a>\r\n @{ return a\r\n\t&lt; b; } \r\n</a>"),
            (
                r#"<a b="@(x.Replace("&amp;", "&"))" />"#,
                "<a b=\"@(x.Replace(&quot;&amp;amp;&quot;, &quot;&amp;&quot;))\" />",
            ),
            (
                "\u{feff}<?xml version=\"1.0\"?>\n<!-- @(\"<\") --><a c=\"1 &lt; 2\" b=\"@(\"é\")\"><![CDATA[@(\"<\")]]></a>\n",
                "\u{feff}<?xml version=\"1.0\"?>\n<!-- @(\"<\") --><a c=\"1 &lt; 2\" b=\"@(&quot;é&quot;)\"><![CDATA[@(\"<\")]]></a>\n",
            ),
        ];
        for (raw, escaped) in table {
            assert_eq!(converted(raw, Escaped).as_deref(), Ok(escaped), "{raw}");
            assert_eq!(converted(escaped, Raw).as_deref(), Ok(raw), "{escaped}");
            assert_eq!(converted(raw, Raw).as_deref(), Ok(raw), "raw text stays as it is");
            assert_eq!(converted(escaped, Escaped).as_deref(), Ok(escaped), "escaped text stays as it is");
        }
    }

    #[test]
    fn what_is_well_formed_in_both_forms_is_left_alone() {
        for text in ["<a b=\"@(x => x > 1)\" />", "<a>@(f(\"x\"))</a>", "<a b=\"1 &amp; 2\">3 &gt; 4</a>", ""] {
            assert_eq!(converted(text, Raw).as_deref(), Ok(text));
            assert_eq!(converted(text, Escaped).as_deref(), Ok(text));
        }
    }

    #[test]
    fn a_mixture_becomes_one_form() {
        let mixed = "<a b=\"@(x[\"y\"] == \"\" &amp;&amp; z)\" c=\"@(&quot;d&quot;)\" />";
        let raw = r#"<a b="@(x["y"] == "" && z)" c="@("d")" />"#;
        assert_eq!(converted(mixed, Raw).as_deref(), Ok(raw));
        let escaped = "<a b=\"@(x[&quot;y&quot;] == &quot;&quot; &amp;&amp; z)\" c=\"@(&quot;d&quot;)\" />";
        assert_eq!(converted(mixed, Escaped).as_deref(), Ok(escaped));
        let half = "<a b=\"@(x == &quot;y&quot; && z)\" />";
        let whole = "<a b=\"@(x == &quot;y&quot; &amp;&amp; z)\" />";
        assert_eq!(converted(half, Escaped).as_deref(), Ok(whole));
    }

    #[test]
    fn what_would_change_is_refused() {
        let table = [
            // A carriage return in a verbatim string has no raw spelling.
            ("<a b=\"@(@&quot;x&#13;y&quot;)\" />", Raw, "1:7 xml::form"),
            ("<a><b></a>", Raw, "1:5 xml::unclosed"),
            ("<a><c/><b>@($\"{c[\"d\"]}&{e}\")\"</b></a>", Escaped, "1:11 xml::form"),
            ("<a b=\"@(f(\"x\")\"/>", Escaped, "1:7 xml::expression"),
        ];
        for (text, to, expected) in table {
            assert_eq!(converted(text, to).err().as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_form_that_cannot_be_told_is_known() {
        assert!(tells_itself(r#"<a b="@("&lt;")" />"#, Raw));
        assert!(!tells_itself("<a>@(\"&lt;\")</a>", Raw), "reads as escaped");
    }
}
