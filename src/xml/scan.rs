//! Where expressions begin and end, and which stretch of one is code and which a literal or comment: as the tokens of
//! C# have it, which the grammar knows.

use portcullis_grammar::Span;
use portcullis_grammar::tokens::{self, Kind};

/// What a stretch of C# belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    Code,
    /// A string. In an interpolated one, holes included, `{{` is an escaped brace.
    Str {
        interpolated: bool,
    },
    Char,
    Comment,
}

/// Whether an expression begins at the start of the text.
pub fn begins_expression(text: &[u8]) -> bool {
    matches!(text, [b'@', b'(' | b'{', ..])
}

/// The end of the expression `@(...)` or `@{...}` that begins the text: the offset after its closing bracket.
/// `None` where a literal, a comment or the expression itself has no end.
pub fn expression_end(text: &str) -> Option<usize> {
    if !begins_expression(text.as_bytes()) {
        return None;
    }
    tokens::scan_expression_end(text.as_bytes(), 2)
}

/// The stretches of C# code, in order and without gaps. From the first that is no token on, all counts as code.
pub fn regions(code: &str) -> Vec<(usize, usize, Region)> {
    let whole = Span { start: 0, end: code.len() as u32 };
    let (tokens, mistakes) = tokens::tokens(code, whole, true);
    let mistake = mistakes.iter().map(|mistake| mistake.span.start).min();
    let mut regions: Vec<(usize, usize, Region)> = Vec::new();
    let mut add = |start: usize, end: usize, region: Region| match regions.last_mut() {
        Some((_, last, same)) if *same == region && region == Region::Code => *last = end,
        _ if start < end => regions.push((start, end, region)),
        _ => {}
    };
    // Between tokens there is white space, or there are comments.
    let between = |start: usize, end: usize| match code.get(start..end).is_some_and(|gap| !gap.trim().is_empty()) {
        true => Region::Comment,
        false => Region::Code,
    };
    let mut at = 0;
    for token in tokens.iter().take_while(|token| mistake.is_none_or(|mistake| token.end <= mistake)) {
        let (start, end) = (token.start as usize, token.end as usize);
        add(at, start, between(at, start));
        let region = match token.kind {
            Kind::String | Kind::VerbatimString => Region::Str { interpolated: false },
            Kind::Interpolated | Kind::VerbatimInterpolated => Region::Str { interpolated: true },
            Kind::Char => Region::Char,
            _ => Region::Code,
        };
        add(start, end, region);
        at = end;
    }
    add(at, code.len(), if mistake.is_some() { Region::Code } else { between(at, code.len()) });
    regions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_begins_with_its_bracket() {
        let table = [
            ("@(1) x", Some(4)),
            ("@{ return \"}\"; }", Some(16)),
            ("@(", None),
            ("@", None),
            ("(1)", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(expression_end(text), expected, "{text}");
        }
    }

    #[test]
    fn regions_cover_the_text() {
        let code = r#"a + "b" + $"c{d + "e"}f" /* g */ + 'h' // i"#;
        let (text, plain) = (Region::Str { interpolated: true }, Region::Str { interpolated: false });
        let seen: Vec<(&str, Region)> =
            regions(code).into_iter().map(|(start, end, region)| (&code[start..end], region)).collect();
        assert_eq!(
            seen,
            [
                ("a + ", Region::Code),
                ("\"b\"", plain),
                (" + ", Region::Code),
                ("$\"c{d + \"e\"}f\"", text),
                (" /* g */ ", Region::Comment),
                ("+ ", Region::Code),
                ("'h'", Region::Char),
                (" // i", Region::Comment),
            ]
        );
    }

    #[test]
    fn what_is_no_token_is_code() {
        assert_eq!(regions("a # \"b"), [(0, 6, Region::Code)]);
    }
}
