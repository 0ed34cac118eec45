//! Where C# ends: walks the tokens of an expression as far as strings, chars, comments and brackets go.
//! Says which stretch of a text is code and which is the inside of a literal or comment; judges nothing else.

/// What a byte of C# belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    Code,
    /// A string's text; `interpolated` where `{{` is an escaped brace.
    Str {
        interpolated: bool,
    },
    Char,
    Comment,
}

/// Deeper interpolations than anyone writes; the walk is recursive in them.
const MAX_NESTED_STRINGS: u32 = 32;

/// Whether an expression begins at the start of the text.
pub fn begins_expression(text: &[u8]) -> bool {
    matches!(text, [b'@', b'(' | b'{', ..])
}

/// The end of the expression `@(...)` or `@{...}` that begins the text: the offset after its closing bracket.
/// `None` where a literal, a comment or the expression itself has no end.
pub fn expression_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let close = match bytes {
        [b'@', b'(', ..] => b')',
        [b'@', b'{', ..] => b'}',
        _ => return None,
    };
    let mut walk = Walk { bytes, at: 2, visit: |_, _, _| {} };
    walk.code(bytes[1], close, 0)
}

/// The stretches of C# code, in order: calls `visit(start, end, region)`. A broken literal ends the walk, and the
/// rest counts as code.
pub fn regions(code: &str, visit: impl FnMut(usize, usize, Region)) {
    let mut walk = Walk { bytes: code.as_bytes(), at: 0, visit };
    // No bracket closes the text as a whole, so the walk goes on to the end.
    walk.code(0, 0, 0);
    let at = walk.at;
    if at < code.len() {
        (walk.visit)(at, code.len(), Region::Code);
    }
}

struct Walk<'a, V> {
    bytes: &'a [u8],
    at: usize,
    visit: V,
}

impl<V: FnMut(usize, usize, Region)> Walk<'_, V> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Walks code up to the bracket that closes it, and answers with the offset after it.
    fn code(&mut self, open: u8, close: u8, nested: u32) -> Option<usize> {
        if nested > MAX_NESTED_STRINGS {
            return None;
        }
        let mut depth = 1u32;
        let mut from = self.at;
        macro_rules! literal {
            ($walked:expr) => {{
                if self.at > from {
                    (self.visit)(from, self.at, Region::Code);
                }
                from = self.at;
                $walked?;
                from = from.max(self.at);
            }};
        }
        while self.at < self.bytes.len() {
            let byte = self.bytes[self.at];
            match byte {
                b'"' => literal!(self.string(1, false)),
                b'@' if self.peek(1) == b'"' => literal!(self.string(2, true)),
                b'$' if self.peek(1) == b'"' => literal!(self.interpolated(2, false, nested)),
                b'$' if self.peek(1) == b'@' && self.peek(2) == b'"' => literal!(self.interpolated(3, true, nested)),
                b'@' if self.peek(1) == b'$' && self.peek(2) == b'"' => literal!(self.interpolated(3, true, nested)),
                b'\'' => literal!(self.char()),
                b'/' if self.peek(1) == b'/' => literal!(self.line_comment()),
                b'/' if self.peek(1) == b'*' => literal!(self.block_comment()),
                _ => {
                    self.at += 1;
                    if byte == open && open != 0 {
                        depth += 1;
                    } else if byte == close && close != 0 {
                        depth -= 1;
                        if depth == 0 {
                            (self.visit)(from, self.at, Region::Code);
                            return Some(self.at);
                        }
                    }
                }
            }
        }
        if self.at > from {
            (self.visit)(from, self.at, Region::Code);
        }
        None
    }

    fn string(&mut self, quote_length: usize, verbatim: bool) -> Option<()> {
        let start = self.at;
        let mut at = start + quote_length;
        loop {
            match (self.bytes.get(at)?, verbatim) {
                (b'"', true) if self.bytes.get(at + 1) == Some(&b'"') => at += 2,
                (b'"', _) => break,
                (b'\\', false) => at += 2,
                (b'\n' | b'\r', false) => return None,
                _ => at += 1,
            }
        }
        self.at = at + 1;
        (self.visit)(start, self.at, Region::Str { interpolated: false });
        Some(())
    }

    fn interpolated(&mut self, quote_length: usize, verbatim: bool, nested: u32) -> Option<()> {
        const TEXT: Region = Region::Str { interpolated: true };
        let mut start = self.at;
        self.at += quote_length;
        loop {
            let next = self.bytes.get(self.at + 1);
            match (self.bytes.get(self.at)?, verbatim) {
                (b'"', true) if next == Some(&b'"') => self.at += 2,
                (b'"', _) => break,
                (b'\\', false) => self.at += 2,
                (b'\n' | b'\r', false) => return None,
                (b'{', _) if next == Some(&b'{') => self.at += 2,
                (b'{', _) => {
                    (self.visit)(start, self.at, TEXT);
                    self.at += 1;
                    let hole = self.at;
                    self.code(b'{', b'}', nested + 1)?;
                    debug_assert!(self.at > hole);
                    start = self.at;
                }
                _ => self.at += 1,
            }
        }
        self.at += 1;
        (self.visit)(start, self.at, TEXT);
        Some(())
    }

    fn char(&mut self) -> Option<()> {
        let start = self.at;
        let mut at = start + 1;
        loop {
            match self.bytes.get(at)? {
                b'\'' => break,
                b'\\' => at += 2,
                b'\n' | b'\r' => return None,
                _ => at += 1,
            }
        }
        self.at = at + 1;
        (self.visit)(start, self.at, Region::Char);
        Some(())
    }

    fn line_comment(&mut self) -> Option<()> {
        let start = self.at;
        let rest = &self.bytes[start..];
        let length = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        self.at += length;
        (self.visit)(start, self.at, Region::Comment);
        Some(())
    }

    fn block_comment(&mut self) -> Option<()> {
        let start = self.at;
        let length = memchr::memmem::find(&self.bytes[start + 2..], b"*/")?;
        self.at = start + 2 + length + 2;
        (self.visit)(start, self.at, Region::Comment);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends() {
        // `|` marks where the expression ends; without it, there is no end.
        let table = [
            r#"@(1)| x"#,
            r#"@(a["x"])|"#,
            r#"@(f(")", ')', '"'))|)"#,
            r#"@("\")")|"#,
            r#"@(@"\")|""#,
            r#"@(@"a"")"" b")|"#,
            r#"@($"{a}{{)}}")|"#,
            r#"@($"{f("}")}")|"#,
            r#"@($@"a ""{x["b"]}"" )")|"#,
            r#"@(@$"{x}")|"#,
            r#"@{ if (a < b) { return "}"; } return 1; }|"#,
            "@{ // it's }\n return 1; }|",
            "@{ /* } */ }|",
            r#"@('\'')|"#,
            r#"@(a(b)"#,
            r#"@("a)"#,
            "@(\"a\n\")",
            "@{ /* }",
            r#"@{ { }"#,
            r#"x"#,
        ];
        for row in table {
            let text = row.replace('|', "");
            assert_eq!(expression_end(&text), row.find('|'), "{row}");
        }
    }

    #[test]
    fn regions_cover_the_text() {
        let code = r#"a + "b" + $"c{d + "e"}f" /* g */ + 'h'"#;
        let mut seen = Vec::new();
        regions(code, |start, end, region| seen.push((&code[start..end], region)));
        let (text, plain) = (Region::Str { interpolated: true }, Region::Str { interpolated: false });
        assert_eq!(
            seen,
            [
                ("a + ", Region::Code),
                ("\"b\"", plain),
                (" + ", Region::Code),
                ("$\"c", text),
                ("d + ", Region::Code),
                ("\"e\"", plain),
                ("}", Region::Code),
                ("f\"", text),
                (" ", Region::Code),
                ("/* g */", Region::Comment),
                (" + ", Region::Code),
                ("'h'", Region::Char),
            ]
        );
    }

    #[test]
    fn nesting_is_bounded() {
        let text = format!("@({}", "$\"{".repeat(100_000));
        assert_eq!(expression_end(&text), None);
    }
}
