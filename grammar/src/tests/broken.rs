//! No text makes the parser panic, hang or run out of stack.

use crate::syntax::print;
use crate::tokens::scan_expression_end;
use crate::{LanguageVersion, Span, parse_block, parse_expression};

const SEEDS: &[&str] = &[
    "context.Request.Headers.GetValueOrDefault(\"X\", @\"a\"\"b\").Split(',').Select(x => x.Trim()).Where(x => x != null && x.Length > 1).ToList()",
    "$\"a{(b ? c : d),-5:N2}e{{f}}{g[\"h\"]}\" + $@\"{i}\" + 'j' + 1.5e3m + 0xFFul /* k */",
    "var a = new Dictionary<string, List<int?>> { [\"b\"] = new[] { 1, 2 }, { \"c\", d } }; foreach (var (e, f) in g) { if (e is string s) continue; }",
    "switch (a) { case int b when b > 1: return (c, d: e); default: throw new E($\"{f}\"); } // g",
    "from a in b join c in d on a.e equals c.f into g let h = g.Count() orderby h descending group a by h into i select new { i.Key, J = i }",
    "try { int F(out int a) => a = (int)-1; F(out var b); using (var c = d?.e[0]) lock (c) { } } catch (E f) when (f.g == null) { goto h; } finally { h: ; }",
    "var (a, (b, _)) = ((int, string))c; a <<= b >> 1; d = e as F<G, H[]> ?? throw i; for (int j = 0; j < 3; j++) do { k--; } while (!l);",
];

/// xorshift64*: the same texts on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % limit.max(1) as u64) as usize
    }
}

/// Reads the text in all ways, and what prints a second time.
pub fn read(text: &str) {
    for version in [LanguageVersion::CSharp7, LanguageVersion::CSharp7_3] {
        let expression = parse_expression(text, version);
        assert!(expression.tree.is_some() || !expression.errors.is_empty(), "{text}");
        let block = parse_block(text, version);
        assert!(block.tree.is_some() || !block.errors.is_empty(), "{text}");
        for error in expression.errors.iter().chain(&block.errors) {
            let Span { start, end } = error.span;
            assert!(text.get(start as usize..end as usize).is_some(), "{text:?}: {error:?}");
        }
        if let (Some(tree), []) = (&expression.tree, &expression.errors[..]) {
            let printed = print::expression(tree);
            let again = parse_expression(&printed, version);
            assert_eq!(again.errors, [], "{text}\n{printed}");
            assert_eq!(again.tree.map(|tree| print::expression(&tree)), Some(printed));
        }
        if let (Some(tree), []) = (&block.tree, &block.errors[..]) {
            let printed = print::statements(tree);
            let again = parse_block(&printed, version);
            assert_eq!(again.errors, [], "{text}\n{printed}");
            assert_eq!(again.tree.map(|tree| print::statements(&tree)), Some(printed));
        }
    }
}

#[test]
fn mutated() {
    let mut random = Random(20_170_307);
    let pieces: Vec<&str> =
        SEEDS.iter().flat_map(|seed| seed.split_inclusive([' ', '.', '(', ')', '<', '"', ','])).collect();
    for round in 0..3000 {
        let mut text: String = SEEDS[round % SEEDS.len()].to_string();
        for _ in 0..=random.below(3) {
            let mut at = random.below(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            match random.below(4) {
                0 => text.truncate(at),
                1 => text.insert_str(at, pieces[random.below(pieces.len())]),
                2 => text.insert(at, char::from(random.below(96) as u8 + 32)),
                _ => {
                    let mut end = (at + random.below(8)).min(text.len());
                    while !text.is_char_boundary(end) {
                        end += 1;
                    }
                    text.replace_range(at..end, "");
                }
            }
        }
        read(&text);
    }
}

#[test]
fn random() {
    let mut random = Random(7);
    for _ in 0..3000 {
        let bytes: Vec<u8> = (0..random.below(60)).map(|_| random.below(256) as u8).collect();
        scan_expression_end(&bytes, 2);
        read(&String::from_utf8_lossy(&bytes));
        let alphabet = [
            "(", ")", "{", "}", "<", ">", "[", "]", "a", "$\"", "\"", "@", "'", "\\", "/*", "?", ":", ".", ",", "=>",
            "from ", "é", "{{", "1", "-", ";",
        ];
        let text: String = (0..random.below(30)).map(|_| alphabet[random.below(alphabet.len())]).collect();
        read(&text);
    }
}

#[test]
fn nested_too_deep() {
    let many = 20_000;
    for (open, middle, close) in [
        ("(", "a", ")"),
        ("!", "a", ""),
        ("- ", "a", ""),
        ("a[", "b", "]"),
        ("a.b(", "c", ")"),
        ("a.", "b", ""),
        ("a?.", "b", ""),
        ("a ? b : ", "c", ""),
        ("a ?? ", "b", ""),
        ("a = ", "b", ""),
        ("x => ", "x", ""),
        ("(x) => { return ", "x", "; }"),
        ("(int)", "a", ""),
        ("a<", "b", ">"),
        ("new A<", "b", ">()"),
        ("new[] { ", "1", " }"),
        ("new { a = ", "1", " }"),
        ("a as B ", "", ""),
        ("from a in ", "b", " select a"),
        ("from a in b select ", "c", ""),
        ("from a in b orderby c, ", "d", ""),
        ("from a in b select a into c ", "select c", ""),
        ("$\"{", "a", "}\""),
        ("{ ", ";", " }"),
        ("if (a) ", ";", ""),
        ("if (a) ; else ", ";", ""),
        ("if (a) if (a) ; else ", ";", ""),
        ("while (a) ", ";", ""),
        ("a: ", ";", ""),
        ("switch (a) { case 1: ", ";", " }"),
        ("a + ", "b", ""),
        ("a && b || ", "c", ""),
        ("(a, ", "b", ")"),
        ("var (", "a", ", b) = c;"),
        ("a()", "", ""),
        ("a[0]", "", ""),
    ] {
        let text = format!("{}{middle}{}", open.repeat(many), close.repeat(many));
        let errors = [
            parse_expression(&text, LanguageVersion::CSharp7).errors,
            parse_block(&text, LanguageVersion::CSharp7).errors,
        ];
        assert!(errors.iter().all(|errors| !errors.is_empty()), "{open}");
    }
}

#[test]
fn long_but_flat() {
    let many = 20_000;
    let sum = vec!["a.b"; 1000].join(" + ");
    read(&sum);
    read(&format!("f({})", vec!["a < b"; many / 10].join(", ")));
    read(&"a = b + c; if (d) { e(); } else f();".repeat(many / 10));
    read(&format!("\"{}\"", "x".repeat(1 << 18)));
    read(&format!("$\"{}\"", "x{a}".repeat(many / 10)));
    for long in ["1", "_", "x", " ", "\n", ".1", "1e", "é", "0x"] {
        read(&format!("1 + {}", long.repeat(1 << 17)));
    }
    read(&format!("1 //{}", "x".repeat(1 << 18)));
    read(&"else ".repeat(many));
    read(&"a<b,".repeat(many));
    read(&"var (a, ".repeat(many));
}
