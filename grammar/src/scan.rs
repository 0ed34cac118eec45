//! Where a literal, a comment or a whole expression ends.
//!
//! In: bytes and an offset. Out: the offset behind the end, or nothing where there is no end. Each walk goes over a byte once and
//! keeps its nesting in a list, so that no input overflows the stack. It judges nothing else: what lies inside may be wrong.

/// Given the offset just after `@(` or `@{`, the offset just after the bracket that closes it.
pub fn scan_expression_end(text: &[u8], start: usize) -> Option<usize> {
    let close = match text.get(start.checked_sub(1)?)? {
        b'(' => b')',
        b'{' => b'}',
        _ => return None,
    };
    walk(text, start, text.len(), Inside::Code { close, depth: 1 }, &mut false)
}

/// What the walk is inside of, from the outside in.
#[derive(Clone, Copy)]
enum Inside {
    /// Code up to this closing bracket; its own opening bracket counts a level down.
    Code { close: u8, depth: u32 },
    /// A hole of an interpolated string, which may end in `:format`; counts all open brackets.
    Hole { open: u32, verbatim: bool },
    /// The text of an interpolated string.
    Text { verbatim: bool },
}

/// From behind the opening quote of an interpolated string to behind its closing quote.
pub fn interpolated(text: &[u8], start: usize, limit: usize, verbatim: bool) -> Option<usize> {
    walk(text, start, limit, Inside::Text { verbatim }, &mut false)
}

/// Whether it is a hole that stays open, where an interpolated string has no end.
pub fn leaves_hole_open(text: &[u8], start: usize, limit: usize, verbatim: bool) -> bool {
    let mut in_hole = false;
    walk(text, start, limit, Inside::Text { verbatim }, &mut in_hole);
    in_hole
}

/// From inside a hole of an interpolated string, at its first byte, to behind its `}`.
pub fn hole(text: &[u8], start: usize, limit: usize, verbatim: bool) -> Option<usize> {
    walk(text, start, limit, Inside::Hole { open: 0, verbatim }, &mut false)
}

/// The `:` that begins the format of a hole, which lies from `start` to `end`.
pub fn format_start(text: &[u8], start: usize, end: usize) -> Option<usize> {
    let mut open = 0u32;
    let mut at = start;
    while at < end {
        if let Some(after) = literal(text, at, end) {
            at = after?;
        } else if let Some((length, verbatim)) = opens_interpolated(&text[at..end]) {
            at = interpolated(text, at + length, end, verbatim)?;
        } else {
            match text[at] {
                b'(' | b'[' | b'{' => open += 1,
                b')' | b']' | b'}' => open = open.saturating_sub(1),
                b':' if open == 0 && text.get(at + 1) == Some(&b':') => at += 1,
                b':' if open == 0 => return Some(at),
                _ => {}
            }
            at += 1;
        }
    }
    None
}

/// `nested`: whether it went into something and has not come out.
fn walk(text: &[u8], start: usize, limit: usize, whole: Inside, nested: &mut bool) -> Option<usize> {
    let text = &text[..limit];
    let mut outer: Vec<Inside> = Vec::new();
    let mut inside = whole;
    let mut at = start;
    loop {
        *nested = !outer.is_empty();
        let byte = *text.get(at)?;
        if !matches!(inside, Inside::Text { .. }) && is_plain(byte) {
            at += 1;
            continue;
        }
        let next = text.get(at + 1).copied().unwrap_or(0);
        match &mut inside {
            Inside::Code { .. } | Inside::Hole { .. } if opens_interpolated(&text[at..]).is_some() => {
                let (length, verbatim) = opens_interpolated(&text[at..])?;
                outer.push(inside);
                inside = Inside::Text { verbatim };
                at += length;
            }
            Inside::Code { close, depth } => match literal(text, at, limit) {
                Some(after) => at = after?,
                None => {
                    at += 1;
                    if byte == *close {
                        *depth -= 1;
                        if *depth == 0 {
                            match outer.pop() {
                                Some(around) => inside = around,
                                None => return Some(at),
                            }
                        }
                    } else if byte == opening(*close) {
                        *depth += 1;
                    }
                }
            },
            Inside::Hole { open, verbatim } => match literal(text, at, limit) {
                Some(after) => at = after?,
                None => {
                    at += 1;
                    match byte {
                        b'(' | b'[' | b'{' => *open += 1,
                        b')' | b']' => *open = open.saturating_sub(1),
                        b':' if *open == 0 && next == b':' => at += 1,
                        b':' if *open == 0 => at = format_end(text, at, *verbatim)?,
                        b'}' if *open > 0 => *open -= 1,
                        b'}' => match outer.pop() {
                            Some(around) => inside = around,
                            None => return Some(at),
                        },
                        _ => {}
                    }
                }
            },
            Inside::Text { verbatim } => match byte {
                b'"' if *verbatim && next == b'"' => at += 2,
                b'"' => {
                    at += 1;
                    match outer.pop() {
                        Some(around) => inside = around,
                        None => return Some(at),
                    }
                }
                b'\\' if !*verbatim => at += 2,
                b'\r' | b'\n' if !*verbatim => return None,
                b'{' if next == b'{' => at += 2,
                b'{' => {
                    let verbatim = *verbatim;
                    outer.push(inside);
                    inside = Inside::Hole { open: 0, verbatim };
                    at += 1;
                }
                _ => at += 1,
            },
        }
    }
}

/// A byte of code that neither begins a literal or a comment nor is a bracket or a colon.
fn is_plain(byte: u8) -> bool {
    const PLAIN: [bool; 256] = {
        let mut plain = [true; 256];
        let telling = b"\"'@$/(){}[]:";
        let mut at = 0;
        while at < telling.len() {
            plain[telling[at] as usize] = false;
            at += 1;
        }
        plain
    };
    PLAIN[usize::from(byte)]
}

/// The `}` behind a format, where `}}` is a brace of the format.
fn format_end(text: &[u8], start: usize, verbatim: bool) -> Option<usize> {
    let mut at = start;
    loop {
        let next = text.get(at + 1).copied().unwrap_or(0);
        match text.get(at)? {
            b'}' if next == b'}' => at += 2,
            b'}' => return Some(at),
            b'"' if verbatim && next == b'"' => at += 2,
            b'"' => return None,
            b'\\' if !verbatim => at += 2,
            b'\r' | b'\n' if !verbatim => return None,
            _ => at += 1,
        }
    }
}

/// If a string, a char or a comment begins here: its end, if it has one.
fn literal(text: &[u8], at: usize, limit: usize) -> Option<Option<usize>> {
    let next = text.get(at + 1).copied().unwrap_or(0);
    Some(match text[at] {
        b'"' => string(text, at + 1, limit, false),
        b'@' if next == b'"' => string(text, at + 2, limit, true),
        b'\'' => char_literal(text, at, limit),
        b'/' if next == b'/' => {
            Some(at + text[at..limit].iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(limit - at))
        }
        b'/' if next == b'*' => block_comment(text, at, limit),
        _ => return None,
    })
}

fn opening(close: u8) -> u8 {
    if close == b')' { b'(' } else { b'{' }
}

/// The length of `$"`, `$@"` or `@$"`, and whether it is verbatim.
fn opens_interpolated(text: &[u8]) -> Option<(usize, bool)> {
    match text {
        [b'$', b'"', ..] => Some((2, false)),
        [b'$', b'@', b'"', ..] | [b'@', b'$', b'"', ..] => Some((3, true)),
        _ => None,
    }
}

/// From behind the opening quote to behind the closing one.
pub fn string(text: &[u8], start: usize, limit: usize, verbatim: bool) -> Option<usize> {
    let text = &text[..limit];
    let mut at = start;
    loop {
        match text.get(at)? {
            b'"' if verbatim && text.get(at + 1) == Some(&b'"') => at += 2,
            b'"' => return Some(at + 1),
            b'\\' if !verbatim => at += 2,
            b'\r' | b'\n' if !verbatim => return None,
            _ => at += 1,
        }
    }
}

/// From the opening quote to behind the closing one.
pub fn char_literal(text: &[u8], start: usize, limit: usize) -> Option<usize> {
    let text = &text[..limit];
    let mut at = start + 1;
    loop {
        match text.get(at)? {
            b'\'' => return Some(at + 1),
            b'\\' => at += 2,
            b'\r' | b'\n' => return None,
            _ => at += 1,
        }
    }
}

/// From `/*` to behind `*/`.
pub fn block_comment(text: &[u8], start: usize, limit: usize) -> Option<usize> {
    let inside = text.get(start + 2..limit)?;
    let length = inside.windows(2).position(|pair| pair == b"*/")?;
    Some(start + 2 + length + 2)
}

/// The length of the number that begins the text with a digit or `.` and a digit, and whether it is whole.
pub fn number(text: &[u8]) -> (usize, bool) {
    let run = |from: usize, fits: fn(&u8) -> bool| {
        from + text[from.min(text.len())..].iter().take_while(|b| fits(b) || **b == b'_').count()
    };
    let is = |at: usize, among: &[u8]| text.get(at).is_some_and(|b| among.contains(b));
    let is_digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    let whole = |end: usize| match (is(end, b"uU"), is(end, b"lL")) {
        (true, _) => (end + 1 + usize::from(is(end + 1, b"lL")), true),
        (_, true) => (end + 1 + usize::from(is(end + 1, b"uU")), true),
        _ => (end, true),
    };
    if text[0] == b'0' && is(1, b"xX") && run(2, u8::is_ascii_hexdigit) > 2 {
        return whole(run(2, u8::is_ascii_hexdigit));
    }
    if text[0] == b'0' && is(1, b"bB") && run(2, |b| matches!(b, b'0' | b'1')) > 2 {
        return whole(run(2, |b| matches!(b, b'0' | b'1')));
    }
    let mut end = if is_digit(0) { run(0, u8::is_ascii_digit) } else { 0 };
    let mut is_whole = true;
    if is(end, b".") && is_digit(end + 1) {
        end = run(end + 1, u8::is_ascii_digit);
        is_whole = false;
    }
    let exponent = end + 1 + usize::from(is(end + 1, b"+-"));
    if is(end, b"eE") && is_digit(exponent) {
        end = run(exponent, u8::is_ascii_digit);
        is_whole = false;
    }
    if is(end, b"fFdDmM") {
        return (end + 1, false);
    }
    if is_whole { whole(end) } else { (end, false) }
}

/// The length of a number that breaks off: `0x` and `0b` without digits, an exponent without any.
pub fn broken_number(text: &[u8], length: usize) -> Option<usize> {
    let word = |from: usize| {
        from + text[from.min(text.len())..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count()
    };
    let prefix = length == 1 && text[0] == b'0' && text.get(1).is_some_and(|b| b"xXbB".contains(b));
    let exponent = text.get(length).is_some_and(|b| b"eE".contains(b))
        && text.get(length + 1).is_none_or(|b| !b.is_ascii_alphabetic())
        && !text[..length].starts_with(b"0x");
    (prefix || exponent).then(|| word(length + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends() {
        // `|` marks where the expression ends; without it there is no end.
        let table = [
            r#"@(1)| x"#,
            r#"@(a["x"])|"#,
            r#"@(f(")", ')', '"'))|)"#,
            r#"@("\")")|"#,
            r#"@(@"\")|""#,
            r#"@(@"a"")"" b")|"#,
            r#"@($"{a}{{)}}")|"#,
            r#"@($"{f("}")}")|"#,
            r#"@($"{$"{a}"}")|"#,
            r#"@($@"a ""{x["b"]}"" )")|"#,
            r#"@{ if (a < b) { return "}"; } return 1; }|"#,
            "@{ // it's }\n return 1; }|",
            "@{ /* } */ }|",
            r#"@('\'')|"#,
            r#"@({{name}})|"#,
            r#"@(a(b)"#,
            r#"@("a)"#,
            "@(\"a\n\")",
            "@{ /* }",
        ];
        for row in table {
            let text = row.replace('|', "");
            assert_eq!(scan_expression_end(text.as_bytes(), 2), row.find('|'), "{row}");
        }
    }

    #[test]
    fn numbers() {
        // `|` marks where the number ends, `.` before it that it is not whole.
        let table = [
            "1|.ToString()",
            "1_000ul|+",
            "0xFFL|g",
            "0b10_1u|2",
            "0|x",
            "1.5|.",
            "1.5e-3f| ",
            "1e5| ",
            "1|e",
            "2m|;",
            ".5|.5",
            "1_0.2_5d|",
            "1|..2",
            "0x_F|",
            "1uL|l",
            "3.|",
        ];
        for row in table {
            let (before, after) = row.split_once('|').expect("a mark");
            let text = format!("{before}{after}");
            let is_real = before.contains(['.', 'm']) || before.contains('e') && !before.contains('x');
            let expected = if row == "3.|" { (1, true) } else { (before.len(), !is_real) };
            assert_eq!(number(text.as_bytes()), expected, "{row}");
        }
    }

    #[test]
    fn nesting_needs_no_stack() {
        let text = format!("@({}", "$\"{".repeat(200_000));
        assert_eq!(scan_expression_end(text.as_bytes(), 2), None);
    }
}
