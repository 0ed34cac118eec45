//! Each rule of the grammar has its own small case: the source and how the tree prints. A source alone prints as itself.

use crate::syntax::print;
use crate::{LanguageVersion, SyntaxError, parse_block, parse_expression};

const EXPRESSIONS: &[(&str, &str)] = &[
    // Literals.
    ("1", ""),
    ("1_000", "1000"),
    ("0xFF", "255"),
    ("0b1010_1010", "170"),
    ("1u + 2L + 3ul + 4Lu", "1U + 2L + 3UL + 4UL"),
    ("1.5 + .5 + 1e3 + 1.5e-3f + 2m + 1_0.2_5d", "1.5 + .5 + 1e3 + 1.5e-3F + 2M + 10.25D"),
    ("1.ToString()", ""),
    ("1.5.ToString()", ""),
    ("'a' + '\\'' + '\\x41' + '\\u0042'", "'a' + '\\'' + 'A' + 'B'"),
    ("\"a\\tb\" + @\"c:\\\"\"d\"", "\"a\\u0009b\" + \"c:\\\\\\\"d\""),
    ("\"é😀\\ud83d\"", "\"\\u00E9\\uD83D\\uDE00\\uD83D\""),
    ("true || false == null", ""),
    ("default(int) + default(List<string>)", ""),
    ("$\"a{b}{{c}} {d,-5:N2}\"", "$\"a{b}{{c}} {d, -5:N2}\""),
    ("$@\"a\"\"{b[\"c\"]}\\\"", "$\"a\\\"{b[\"c\"]}\\\\\""),
    ("$\"{(a ? b : c)}{$\"{d}\"}{e:yyyy-MM-dd'T'HH:mm}\"", ""),
    ("$\"{a.Select(x => x[\"}\"])}\"", "$\"{a.Select((x) => x[\"}\"])}\""),
    ("$\"{global::System.Math.PI:F2}\"", ""),
    ("f({{count}}, \"{{text}}\")", ""),
    ("{{count}} + 1", ""),
    // Names and types.
    ("@class + \\u0061b + @from + naïve", "@class + ab + @from + naïve"),
    ("this.a + base.b", ""),
    ("global::System.Math.Abs(1)", ""),
    ("string.Empty + int.MaxValue", ""),
    (
        "typeof(int?) + typeof(List<>) + typeof(Dictionary<,>) + typeof(void) + typeof(int[][,]) + typeof((int a, string))",
        "",
    ),
    ("sizeof(int)", ""),
    ("nameof(a.b)", ""),
    ("nameof", "@nameof"),
    ("checked(a + b) + unchecked(c)", ""),
    // Access, calls.
    ("a.b.c<int>.d", ""),
    ("a?.b.c()?.d[0]", ""),
    ("a?[0]?.b", ""),
    ("a ?\n .b", "a?.b"),
    ("a ? .5 : 1", ""),
    ("f()(g)[1, 2](a: 1, b: ref c, out d, out var e, out int g, out _)", ""),
    ("a++ + b-- - ++c - --d", ""),
    ("a - -b - - -c + +d", "a - -b - - -c + +d"),
    // `new`.
    ("new A()", ""),
    ("new A.B<int> { C = 1, D = { E = 2 }, F = { 1, 2 } }", ""),
    ("new A(1) { [\"k\"] = v, [1, 2] = w, }", "new A(1) { [\"k\"] = v, [1, 2] = w }"),
    ("new List<int> { 1, 2, }", "new List<int> { 1, 2 }"),
    ("new D { { \"a\", 1 }, { \"b\", 2 } }", ""),
    ("new D { }", "new D {  }"),
    ("new { a, b.c, d = e, }", "new { a, b.c, d = e }"),
    ("new int[3]", ""),
    ("new int[3][]", ""),
    ("new int[2, 3] { { 1, 2, 3 }, { 4, 5, 6 } }", ""),
    ("new int?[] { 1, null }", ""),
    ("new string[][] { new[] { \"a\" } }", "new string[][] { new[] { \"a\" } }"),
    ("new[,] { { 1 }, { 2 } }", ""),
    // Operators, from tight to loose.
    ("a * b / c % d + e - f << g >> h < i", ""),
    ("a < b == c > d != e <= f", ""),
    ("a & b ^ c | d && e || f ?? g", ""),
    ("a ?? b ?? throw new E()", ""),
    ("!a && ~b == +c", ""),
    ("a = b += c -= d *= e /= f %= g &= h |= i ^= j <<= k >>= l", ""),
    ("a ? b : c ? d : e", ""),
    ("a ? throw b : c = d", ""),
    ("a is int && b is string s || c is var d", ""),
    ("a is null || b is 1 + 2 || c is -1 || d is A.B", ""),
    ("a is int? ? b : c", ""),
    ("a is B ? c : d", ""),
    ("a is B[] ? c : d", ""),
    ("a as string ?? b as int? ?? c as D<E>", ""),
    ("a as B ? [c] : d", "!"),
    // Generic or less than.
    ("f(a < b, c > d)", ""),
    ("f(a<b, c>(d))", ""),
    ("(a < b, c > d)", ""),
    ("(a<b, c> d, e) = f", ""),
    ("f(out a<b, c> d)", ""),
    ("f(a < b, c > (d) + e, g < h)", "f(a<b, c>(d) + e, g < h)"),
    ("a < b || c > d", ""),
    ("a<b>.c + d<e<f>>.g + (h >> 2)", ""),
    ("x.As<Dictionary<string, List<int[]>>>()", ""),
    // Casts.
    ("(int)a + (string)b.c + (A)d", ""),
    ("(a) - b", ""),
    ("(int)-1", ""),
    ("(A)!b + (A)(c) + (A)\"d\" + (A)this + (List<int>)e + (int?)f + (int[])g", ""),
    ("(a.b) + c", ""),
    ("((A)b).c", ""),
    ("(A<B>)c", ""),
    // Lambdas.
    ("x => x + 1", "(x) => x + 1"),
    ("() => { }", "() => { }"),
    ("(x, y) => x", ""),
    ("(int x, ref string y, out List<int> z) => x", ""),
    ("(int? x, int[] y) => x", ""),
    ("x => y => x ? y : z", "(x) => (y) => x ? y : z"),
    ("f(x => { return x; }, 1)", "f((x) => { return x; }, 1)"),
    ("delegate { return 1; }", ""),
    ("delegate (int x) { return x; }", ""),
    ("a.Where(from => from.b).Select(select => select)", "a.Where((@from) => @from.b).Select((@select) => @select)"),
    // Tuples and deconstruction.
    ("(1, b: \"c\", (d, e))", ""),
    ("(a, b) = (b, a)", ""),
    ("(var a, int b) = c", ""),
    ("var (a, (b, _)) = c", ""),
    ("((int, string))a", ""),
    // Queries.
    ("from a in b select a", ""),
    (
        "from int a in b where a > 1 let c = a orderby c, a descending, c ascending select c",
        "from int a in b where a > 1 let c = a orderby c, a descending, c select c",
    ),
    (
        "from a in b from c in d join e in f on a equals e join X g in h on a equals g into i group a by c into j select j.Key",
        "",
    ),
    ("from a in b select from c in a select c into d select d", ""),
    ("(from a in b select a).First()", ""),
    ("f(from a in b select a, from)", "f(from a in b select a, @from)"),
    ("from a in b select new { a.c, d = a.e ? 1 : 2 }", ""),
    ("c ? from a in b select a : d", ""),
    ("from + where", "@from + @where"),
];

const STATEMENTS: &[(&str, &str)] = &[
    (";", ""),
    ("{ } { ; }", "{ } { ; }"),
    ("int a, b = 1; var c = 2; const int d = 3;", ""),
    ("int? a = null; A.B<C>[] d = e; (int x, string y) f = (1, g); int[] h = { 1, 2 };", ""),
    ("ref int a = ref b;", ""),
    ("a.b(); c = 1; d++; new E(); f?.g();", ""),
    ("a < b > c;", "a<b> c;"),
    ("a[0] = 1; a<b>.c(); (a).b();", ""),
    ("if (a) b(); else if (c) d(); else { e(); }", ""),
    ("if (a) if (b) c(); else d();", ""),
    ("while (a) b(); do { c(); } while (d); do e(); while (f);", ""),
    ("for (; ; ) { break; }", ""),
    ("for (int i = 0, j = 1; i < j; i++, j--) continue;", ""),
    ("for (i = 0, j = 1; ; ) ;", ""),
    (
        "foreach (var a in b) c(a); foreach (int d in e) { } foreach (var (f, g) in h) { } foreach ((var i, int j) in k) { }",
        "",
    ),
    (
        "switch (a) { case 1: case 2: return b; case string s when s.c > 1: break; case A.B: case null: goto case 1; default: goto default; }",
        "",
    ),
    ("switch (a) { case int _ when b ? c : d: break; case \"x\" when e: { break; } }", ""),
    ("switch (a) { }", "switch (a) { }"),
    ("return; return a; return (b, c);", ""),
    ("throw; throw new E(\"f\");", ""),
    ("try { } catch { }", ""),
    ("try { a(); } catch (E e) when (e.f) { throw; } catch (G) { } catch when (h) { } finally { i(); }", ""),
    ("using (var a = b()) using (c) d();", ""),
    ("lock (a) { }", ""),
    ("checked { a(); } unchecked { b(); }", ""),
    ("a: b(); goto a;", ""),
    (
        "int F(int a, string b = \"c\", params int[] d) => a + 1; void G() { } T H<T>(T a) { return a; } ref int I(int[] a) => ref a[0];",
        "",
    ),
    (
        "var f = delegate (int a) { return a; }; Func<int, int> g = x => { return x; };",
        "var f = delegate (int a) { return a; }; Func<int, int> g = (x) => { return x; };",
    ),
    ("var a = from b in c where b.d select b; a.e();", ""),
    ("var (a, b) = c; (a, b) = d; (var e, int f) = g;", ""),
    ("A a = new A { B = 1 }; { } c();", ""),
    ("var when = 1; f(out var from); f(nameof(when));", "var @when = 1; f(out var @from); f(nameof(@when));"),
    (
        "var x = a.b<c>(d).Where(e => e.f > 1 && e.g < 2).ToList();",
        "var x = a.b<c>(d).Where((e) => e.f > 1 && e.g < 2).ToList();",
    ),
    ("/* a */ b(); // c", "b();"),
    ("switch (a) { case (B) when c: break; case (D)e when f: break; }", ""),
    ("var a = from b in c where (b) select (b);", ""),
    ("var a = from b in c join d in e on (f) equals (g) orderby (h) descending group (i) by (j);", ""),
];

#[test]
fn expressions() {
    prints(EXPRESSIONS, |source| {
        let parsed = parse_expression(source, LanguageVersion::CSharp7);
        (parsed.tree.map(|tree| print::expression(&tree)), parsed.errors)
    });
}

#[test]
fn statements() {
    prints(STATEMENTS, |source| {
        let parsed = parse_block(source, LanguageVersion::CSharp7);
        (parsed.tree.map(|tree| print::statements(&tree)), parsed.errors)
    });
}

fn prints(table: &[(&str, &str)], read: impl Fn(&str) -> (Option<String>, Vec<SyntaxError>)) {
    let mut wrong = Vec::new();
    for (source, expected) in table {
        let (printed, errors) = read(source);
        let expected = if expected.is_empty() { source } else { expected };
        if *expected == "!" {
            assert!(!errors.is_empty(), "{source} should be refused");
        } else if printed.as_deref() != Some(expected) || !errors.is_empty() {
            wrong.push(format!("{source}\n   {printed:?}\n   {errors:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong, the compiler's code, our words, and the text that is marked.
const MISTAKES: &[(&str, &str, &str, &str)] = &[
    ("return 1", "CS1002", "expected `;` after `1`", "1"),
    ("return (1;", "CS1026", "expected `)` after `1`, found `;`", ";"),
    ("return 1 == ;", "CS1525", "expected an expression after `==`, found `;`", ";"),
    ("return a[1;", "CS1003", "expected `]` after `1`, found `;`", ";"),
    ("if (a) { b(); ", "CS1513", "expected `}`: a block is not closed after `;`", ";"),
    ("b(); }", "CS1022", "this `}` closes nothing", "}"),
    ("else b();", "CS1513", "this `else` belongs to no `if`", "else"),
    ("return a ? b;", "CS1003", "expected `:` after `b`, found `;`", ";"),
    ("var a = \"b;", "CS1010", "this string has no closing `\"` on its line", "\""),
    ("var a = @\"b;", "CS1039", "this string has no closing `\"`", "@\""),
    ("return \"\\q\";", "CS1009", "`\\q` is no escape sequence", "\\q"),
    ("return '';", "CS1011", "this character literal is empty", "''"),
    ("return 'ab';", "CS1012", "a character literal holds one character", "'ab'"),
    ("return 99999999999999999999;", "CS1021", "this number is too large", "99999999999999999999"),
    ("return #a;", "CS1056", "`#` means nothing in C#", "#"),
    ("/* a", "CS1035", "this comment has no `*/`", "/*"),
    ("if (a) int b = 1;", "CS1023", "a declaration or a label cannot stand alone here; put it in braces", "int b = 1;"),
    ("try { }", "CS1524", "expected `catch` or `finally` after the block of `try`", "try"),
    (
        "int a = default;",
        "CS8107",
        "feature 'default literal' is not available in C# 7.0: it needs language version 7.1 or greater",
        "default",
    ),
    ("var a = await b;", "CS4033", "`await` is not available in policy expressions", "await"),
    ("unsafe { }", "CS0227", "unsafe code is not available in policy expressions", "unsafe"),
    ("int* a;", "CS0214", "pointers are not available in policy expressions", "int"),
    ("class A { }", "", "types cannot be declared in a policy expression", "class"),
    ("f(async () => 1);", "", "`async` lambdas are not available in policy expressions", "async"),
    ("var a = stackalloc int[1];", "CS0214", "`stackalloc` is not available in policy expressions", "stackalloc"),
    ("return $\"{a\";", "CS8076", "a `{` in this string has no closing `}`", "$\""),
    ("return $\"a;", "CS1010", "this string has no closing `\"` on its line", "$\""),
    ("return $\"{a +}\";", "CS1733", "expected an expression after `+`", "+"),
    ("return $\"}\";", "CS8086", "a `}` in an interpolated string is written twice: `}}`", "}"),
    (
        "return from a in b where a;",
        "CS0742",
        "expected `select` or `group` to end the query after `a`, found `;`",
        ";",
    ),
    ("switch (a) { case 1 b(); }", "CS1003", "expected `:` after `1`, found `b`", "b"),
    ("int = 5;", "CS1001", "expected a name after `int`, found `=`", "="),
    ("foreach (var a b) { }", "CS1515", "expected `in` after `a`, found `b`", "b"),
    ("new List<int> a;", "CS1526", "expected `(`, `[` or `{` after `>`, found `a`", "a"),
];

#[test]
fn mistakes() {
    let mut wrong = Vec::new();
    for (source, code, message, marked) in MISTAKES {
        let errors = parse_block(source, LanguageVersion::CSharp7).errors;
        let seen = errors
            .first()
            .map(|e| (e.csharp.unwrap_or(""), &*e.message, &source[e.span.start as usize..e.span.end as usize]));
        if errors.len() != 1 || seen != Some((code, message, marked)) {
            wrong.push(format!("{source}\n   {} errors: {seen:?}", errors.len()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Several mistakes in one text: each is found, and what follows from it is not.
const SEVERAL: &[(&str, &[(&str, &str)])] = &[
    ("var a = b(;\nreturn c +;", &[("CS1525", ";"), ("CS1525", ";")]),
    ("var a = b()\nvar c = d;\nreturn e", &[("CS1002", ")"), ("CS1002", "e")]),
    ("if (a { b(); }\nc d e;\nreturn;", &[("CS1026", "{"), ("CS1002", "d")]),
    ("if (a b) c(); else d();\nreturn 1 2;", &[("CS1026", "b"), ("CS1002", "1")]),
    ("f(x => { return 1 +; });\ng(;", &[("CS1525", ";"), ("CS1525", ";")]),
    ("try { a( } catch (E e { }\nreturn 1", &[("CS1525", "}"), ("CS1026", "{"), ("CS1002", "1")]),
    ("switch (a) { case 1 b(); break; case 2: c( ; break; }", &[("CS1003", "b"), ("CS1525", ";")]),
    ("if (a) { b(c;\nd();\nreturn 1", &[("CS1026", ";"), ("CS1002", "1"), ("CS1513", "1")]),
    ("a();\n}\nb(;", &[("CS1022", "}"), ("CS1525", ";")]),
    ("var s = \"a;\nvar t = \"b;\nreturn s t;", &[("CS1010", "\""), ("CS1010", "\""), ("CS1002", "s")]),
    ("var a = # b;\nvar c = await d;\nreturn 1 +;", &[("CS1056", "#"), ("CS4033", "await"), ("CS1525", ";")]),
    ("for (int i = 0; i < 3; i++ { a(); }\nb(;", &[("CS1026", "{"), ("CS1525", ";")]),
    ("foreach (var a b) { c(; }\nd(;", &[("CS1515", "b"), ("CS1525", ";"), ("CS1525", ";")]),
    ("do { a(; } while (b);\nreturn", &[("CS1525", ";"), ("CS1525", "n")]),
    ("var a = new A { B = 1; C = 2 };\nd(;", &[("CS1513", ";"), ("CS1525", ";")]),
    ("return a ? b;\n", &[("CS1003", ";")]),
];

#[test]
fn several_mistakes() {
    let mut wrong = Vec::new();
    for (source, expected) in SEVERAL {
        let parsed = parse_block(source, LanguageVersion::CSharp7);
        let marked = |e: &SyntaxError| source[e.span.start as usize..e.span.end as usize].to_string();
        let seen: Vec<_> = parsed.errors.iter().map(|e| (e.csharp.unwrap_or(""), marked(e))).collect();
        if !seen.iter().map(|(code, marked)| (*code, &**marked)).eq(expected.iter().copied()) || parsed.tree.is_none() {
            wrong.push(format!("{source}\n   {seen:?} {}", if parsed.tree.is_none() { "no tree" } else { "" }));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn later_versions() {
    for source in ["default", "0x_FF", "f(in a)", "(in int a) => a"] {
        let codes: Vec<_> =
            parse_expression(source, LanguageVersion::CSharp7).errors.iter().map(|e| e.csharp).collect();
        assert_eq!(codes, [Some("CS8107")], "{source}");
        assert_eq!(parse_expression(source, LanguageVersion::CSharp7_3).errors, [], "{source}");
    }
}
