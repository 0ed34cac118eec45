//! Expressions that others wrote: policies, and cases that a real C# compiler judged. Skipped where they are not beside the checkout.

use crate::tokens::scan_expression_end;
use crate::{LanguageVersion, SyntaxError, parse_block, parse_expression};
use std::path::{Path, PathBuf};

fn shared(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(path)
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
    found.sort();
}

fn errors(code: &str, is_block: bool) -> Vec<SyntaxError> {
    // What is right also prints, to text that prints the same again.
    super::broken::read(code);
    if is_block {
        parse_block(code, LanguageVersion::CSharp7).errors
    } else {
        parse_expression(code, LanguageVersion::CSharp7).errors
    }
}

/// Expressions as text: an expression in an escaped attribute ends where the attribute does.
fn expressions(text: &str) -> Vec<(bool, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].find('@').map(|offset| at + offset) {
        at = next + 1;
        let is_block = match text.as_bytes().get(at) {
            Some(b'(') => false,
            Some(b'{') => true,
            _ => continue,
        };
        // Only where a value begins: `@(` inside a comment of the document or of a string is none.
        if !matches!(text[..next].trim_end().as_bytes().last(), Some(b'"' | b'\'' | b'>' | b'[')) {
            continue;
        }
        let raw_end = scan_expression_end(text.as_bytes(), at + 1);
        let quote = text[..next].chars().next_back().filter(|c| matches!(c, '"' | '\''));
        let stop = if let Some(quote) = quote { text[at..].find(quote) } else { text[at..].find('<') };
        let inside = |code: &str| {
            code.trim_end().strip_suffix(if is_block { '}' } else { ')' }).map(|code| code[1..].to_string())
        };
        let escaped = stop.map(|length| &text[at..at + length]).filter(|code| {
            code.contains("&quot;") || code.contains("&lt;") || code.contains("&gt;") || code.contains("&amp;")
        });
        if let Some(code) = escaped {
            let plain = code
                .replace("&quot;", "\"")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&apos;", "'")
                .replace("&amp;", "&");
            found.extend(inside(&plain).map(|code| (is_block, code)));
        } else if let Some(end) = raw_end {
            found.extend(inside(&text[at..end]).map(|code| (is_block, code)));
            at = end;
        }
    }
    found
}

/// Files whose C# is wrong, and why.
const WRONG: [(&str, &str); 7] = [
    ("http-data-source-policy-4", "a statement has no `;`"),
    ("set-graphql-resolver-policy-6", "a statement has no `;`"),
    ("set-body-policy-4", "`<tag>` stands for a value"),
    ("validate-graphql-request-policy-3", "`<>` is no operator"),
    ("call-out-to-an-http-endpoint-and-cache-the-response", "strings are broken: `\"latlong=\"\"\"`"),
    ("loopback-request-for-service-at-same-api-management-service", "strings are broken: `\"scheme=\"\" param=\"\"\"`"),
    ("pre-authorize-requests-based-on-http-method-with-validate-jwt", "strings are broken: `\"patch=\"\"\"`"),
];

#[test]
fn policies() {
    let mut paths = Vec::new();
    for folder in ["corpus/snippets", "corpus/docs"] {
        files(&shared(folder), &mut paths);
    }
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in &paths {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        let name = path.file_stem().map(|name| name.to_string_lossy()).unwrap_or_default();
        if WRONG.iter().any(|(wrong, _)| *wrong == name) {
            assert!(
                expressions(&text).iter().any(|(is_block, code)| !errors(code, *is_block).is_empty()),
                "{name} is right"
            );
            continue;
        }
        for (is_block, code) in expressions(&text) {
            count += 1;
            if let Some(error) = errors(&code, is_block).first() {
                let start = error.span.start as usize;
                wrong.push(format!(
                    "{}: {} [{}]\n    {}",
                    path.display(),
                    error.message,
                    error.csharp.unwrap_or(""),
                    code[start.saturating_sub(60)..].chars().take(120).collect::<String>().replace('\n', " ")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(paths.is_empty() || count > 600, "{count}");
}

/// Expressions of others, right or wrong: what reads also prints, to text that prints the same again.
#[test]
fn others_print_a_second_time() {
    let mut paths = Vec::new();
    for folder in ["corpus/wild", "corpus/docs-2018"] {
        files(&shared(folder), &mut paths);
    }
    let mut seen = std::collections::HashSet::new();
    for path in &paths {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        for (is_block, code) in expressions(&text) {
            if seen.insert(code.clone()) {
                errors(&code, is_block);
            }
        }
    }
    assert!(paths.is_empty() || seen.len() > 1000, "{}", seen.len());
}

#[test]
fn oracle() {
    let mut paths = Vec::new();
    files(&shared("oracle/cases"), &mut paths);
    let (mut count, mut wrong) = (0, Vec::new());
    for path in paths.iter().filter(|path| !path.to_string_lossy().contains("expected")) {
        let expected =
            std::fs::read_to_string(path.with_extension("expected.jsonl")).expect("each file of cases has its results");
        let cases = std::fs::read_to_string(path).expect("it was just listed");
        for (case, expected) in cases.lines().zip(expected.lines()) {
            count += 1;
            let code = field(case, "code").expect("a case has code");
            let is_block = field(case, "kind").as_deref() == Some("block");
            let refused = field(expected, "compile_error");
            // Tuple equality needs the types.
            let expected =
                refused.as_deref().filter(|error| !error.contains("tuple equality")).map(|error| &error[..6]);
            let expected = expected.filter(|code| SYNTAX_ERRORS.contains(code));
            let errors = errors(&code, is_block);
            if errors.first().map(|error| error.csharp) != expected.map(Some) {
                wrong.push(format!("{:?}: {:?}\n   {code}\n   {errors:?}", field(case, "id"), refused));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Mistakes that this package finds.
const SYNTAX_ERRORS: [&str; 12] = [
    "CS1001", "CS1002", "CS1003", "CS1009", "CS1010", "CS1012", "CS1021", "CS1023", "CS1026", "CS1525", "CS8107",
    "CS8181",
];

/// A string field of a line of JSON.
fn field(line: &str, name: &str) -> Option<String> {
    let key = format!("\"{name}\":");
    let rest = line[line.find(&key)? + key.len()..].trim_start().strip_prefix('"')?;
    let mut text = String::new();
    let mut chars = rest.chars();
    let mut high = None;
    loop {
        match chars.next()? {
            '"' => return Some(text),
            '\\' => match chars.next()? {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'r' => text.push('\r'),
                'b' => text.push('\u{8}'),
                'f' => text.push('\u{c}'),
                'u' => {
                    let code = u32::from_str_radix(&chars.by_ref().take(4).collect::<String>(), 16).ok()?;
                    match (high.take(), code) {
                        (_, 0xd800..=0xdbff) => high = Some(code),
                        (Some(high), 0xdc00..=0xdfff) => {
                            text.extend(char::from_u32(0x10000 + ((high - 0xd800) << 10) + (code - 0xdc00)))
                        }
                        _ => text.extend(char::from_u32(code)),
                    }
                }
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
}
