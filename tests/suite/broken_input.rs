//! Broken input is normal input: whatever the bytes, `check` answers with findings, never a panic,
//! and every place lies inside the file. Seeded, so a failure repeats.

use super::support::{NOTHING_KNOWN, Random, check_with, corpus_files, with_stack};
use portcullis::cli::render::{Format, Look, render};
use portcullis::document::{NamedValues, Options, Scope};
use portcullis::xml::TextForm;

const FORMS: [TextForm; 3] = [TextForm::Auto, TextForm::Raw, TextForm::Escaped];

/// Documents that stand in where the corpus is absent, and that hold what the corpus holds little of.
const SEEDS: &[&str] = &[
    "\u{feff}<policies>\r\n<inbound><base /><set-variable name=\"x\" value=\"@(context.Variables[\"a\"])\" /></inbound></policies>",
    "<fragment><set-body template=\"liquid\">{\"a\":\"{{body.id}}\"}</set-body><!-- c --><![CDATA[ d ]]></fragment>",
    "<choose><when condition=\"@(1 &lt; 2 &amp;&amp; $&quot;{{x}}&quot; == &quot;&#x41;&quot;)\"><set-body>@{ return $\"{a}{{b}}\"; // c\n }</set-body></when></choose>",
    "<!DOCTYPE a [<!ENTITY b \"c\">]><policies><outbound>é😀&nbsp;</outbound></policies>",
];

fn check(name: &str, bytes: Vec<u8>, form: TextForm) {
    let length = bytes.len() as u32;
    let mut values = NamedValues::new();
    values.define("x", "@(1)", true);
    let options = Options { scope: Some(Scope::Api), named_values: &values, strict: true, ..NOTHING_KNOWN };
    let (sources, found) = check_with(name, bytes, form, &options);
    for format in [Format::Text, Format::Json] {
        render(&sources, &found[..found.len().min(5)], format, Look::PLAIN, &mut std::io::sink())
            .expect("a sink takes all");
    }
    for finding in found {
        assert!(finding.span.start <= finding.span.end && finding.span.end <= length, "{name}: {finding:?}");
        sources.place(finding.span.file, finding.span.start);
        let _ = sources.slice(finding.span);
    }
}

fn seeds() -> Vec<(String, Vec<u8>)> {
    let mut seeds: Vec<_> = SEEDS.iter().map(|text| ("seed".to_owned(), text.as_bytes().to_vec())).collect();
    for set in ["snippets", "docs", "docs-2018"] {
        seeds.extend(corpus_files(set));
    }
    seeds
}

#[test]
fn random_bytes() {
    with_stack(|| {
        let mut random = Random::new(1);
        const WORDS: &[&str] = &[
            "<",
            ">",
            "/",
            "=",
            "\"",
            "'",
            "@(",
            "@{",
            ")",
            "}",
            "{{",
            "}}",
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "<?",
            "?>",
            "<!DOCTYPE",
            "&",
            ";",
            "&quot;",
            "$\"",
            "@\"",
            "//",
            "/*",
            "*/",
            "\\",
            "\r\n",
            " ",
            "<policies>",
            "</policies>",
            "<inbound>",
            "</inbound>",
            "<set-header name=\"a\">",
            "<choose><when condition=\"",
            "é",
            "😀",
            "\u{feff}",
            "\u{a0}",
            "a",
        ];
        for round in 0..3_000 {
            let mut bytes = Vec::new();
            for _ in 0..random.below(60) {
                match random.below(8) {
                    0 => bytes.push(random.below(256) as u8),
                    _ => bytes.extend_from_slice(WORDS[random.below(WORDS.len())].as_bytes()),
                }
            }
            check(&format!("random {round}"), bytes, FORMS[random.below(3)]);
        }
    });
}

#[test]
fn truncated_and_mutated_documents() {
    with_stack(|| {
        let mut random = Random::new(2);
        let seeds = seeds();
        for round in 0..4_000 {
            let (name, bytes) = &seeds[random.below(seeds.len())];
            let mut bytes = bytes.clone();
            match random.below(5) {
                0 => bytes.truncate(random.below(bytes.len() + 1)),
                1 => {
                    let from = random.below(bytes.len() + 1);
                    let to = (from + random.below(30)).min(bytes.len());
                    bytes.drain(from..to);
                }
                2 => {
                    let (other, at) = (&seeds[random.below(seeds.len())].1, random.below(bytes.len() + 1));
                    let from = random.below(other.len() + 1);
                    let part = other[from..(from + random.below(200)).min(other.len())].to_vec();
                    bytes.splice(at..at, part);
                }
                _ => {
                    for _ in 0..=random.below(8) {
                        if bytes.is_empty() {
                            break;
                        }
                        let at = random.below(bytes.len());
                        bytes[at] = *b"<>\"'@(){}[]&;/=\\$!-\0\xff \n"[..].get(random.below(24)).unwrap_or(&b'x');
                    }
                }
            }
            check(&format!("{name}, round {round}"), bytes, FORMS[random.below(3)]);
        }
    });
}

/// Time and stack stay bounded where the input repeats what is costly.
#[test]
fn pathological_repetition() {
    with_stack(|| {
        let parts = [
            "<a>",
            "<choose><when condition=\"true\">",
            "<",
            "<!--",
            "<![CDATA[",
            "<?",
            "&",
            "@(",
            "<a b=\"@(",
            "<a b=\"@{\"",
            "$\"{",
            "<set-body>@{",
            "<a b='",
            "</a>",
            "{{",
            "<a b=\"@(1)x",
            "<!DOCTYPE",
            "<value>@(x) y",
            "\"",
            "<a b=\"&quot;@(\">",
        ];
        for part in parts {
            for prefix in ["", "<policies><inbound>", "<set-body>@(", "<set-variable name=\"a\" value=\"@("] {
                let text = format!("{prefix}{}", part.repeat(10_000));
                let begin = std::time::Instant::now();
                check(part, text.into_bytes(), TextForm::Auto);
                assert!(begin.elapsed().as_secs() < 10, "{prefix}{part} took {:?}", begin.elapsed());
            }
        }
    });
}
