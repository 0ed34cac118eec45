//! Texts in the small languages that members read: formats, numbers, dates, patterns, JSON, XML, URIs.

use super::random::Random;
use std::fmt::Write;

/// A C# string literal.
pub fn literal(text: &str) -> String {
    let mut out = String::from("\"");
    for unit in text.encode_utf16() {
        match unit {
            0x22 => out.push_str("\\\""),
            0x5C => out.push_str("\\\\"),
            0x20..0x7F => out.push(unit as u8 as char),
            0x0A => out.push_str("\\n"),
            0x0D => out.push_str("\\r"),
            0x09 => out.push_str("\\t"),
            _ => {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out.push('"');
    out
}

/// What a string parameter of this member reads, by the names of its type, itself and its parameter.
pub fn for_parameter(random: &mut Random, owner: &str, member: &str, parameter: &str) -> String {
    let numbers =
        ["SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Single", "Double", "Decimal"];
    let parses = member.starts_with("Parse") || member.starts_with("TryParse");
    match (owner, member, parameter) {
        (_, _, "format" | "formats") if numbers.contains(&owner) => number_format(random),
        ("DateTime" | "DateTimeOffset", _, "format" | "formats") => date_format(random),
        ("TimeSpan", _, "format" | "formats") => span_format(random),
        ("Guid", _, "format") => random.pick(&["N", "D", "B", "P", "X", "d", "", "Q"]).to_owned(),
        ("Enum" | "String" | "StringBuilder" | "StringWriter", "ToString", "format") => {
            random.pick(&["G", "D", "X", "F", "g", "", "Z"]).to_owned()
        }
        (_, _, "format") if owner != "Enum" => composite(random),
        (_, _, "format") => random.pick(&["G", "D", "X", "F", "g", "d", "x", "", "Q"]).to_owned(),
        ("DateTime" | "DateTimeOffset", _, _) if parses => date_text(random),
        ("TimeSpan", _, _) if parses => span_text(random),
        ("Guid", _, _) => guid_text(random),
        ("Boolean", _, _) if parses => {
            random.pick(&["true", "False", " TRUE ", "yes", "", "1", "tru", "\0true\0"]).to_owned()
        }
        ("Char", _, _) => random.pick(&["a", "Z", "", "ab", "5", " ", "é", "\u{1F600}", "a1 B"]).to_owned(),
        _ if numbers.contains(&owner) && parses => number_text(random),
        ("Convert", "FromBase64String" | "FromBase64CharArray", _) => base64(random),
        ("Convert", "ToDateTime", "value") => date_text(random),
        ("Convert", "ToBoolean", "value") => random.pick(&["true", "False", " TRUE ", "yes", "", "1"]).to_owned(),
        ("Convert", "ToChar", "value") => random.pick(&["a", "", "ab", "5"]).to_owned(),
        ("Convert", _, "value") => number_text(random),
        ("Enum", _, "value") => {
            random.pick(&["Ordinal", "ordinal", "Monday", "1", "99", "", "None, Indented", "-1"]).to_owned()
        }
        ("Regex", _, "pattern") => pattern(random),
        ("Regex", _, "replacement") => replacement(random),
        ("Regex", _, "input") => subject(random),
        ("Regex", ".ctor", _) => pattern(random),
        ("Regex", "GroupNumberFromName" | "Result", _) => replacement(random),
        ("JToken" | "JObject" | "JArray" | "JsonConvert" | "JRaw", "Parse" | "DeserializeObject", _) => json(random, 3),
        ("JToken" | "JObject" | "JArray" | "JContainer", "SelectToken" | "SelectTokens", _) => json_path(random),
        ("JToken" | "JObject" | "JArray" | "JContainer" | "JProperty", _, "propertyName" | "name" | "key") => {
            key(random)
        }
        ("XElement" | "XDocument", "Parse", _) => xml(random, 3),
        ("XComment" | "XText" | "XCData" | "XProcessingInstruction", _, _) => {
            random.pick(&["text", "a<b&c", "", "--", "]]>", "é", "?>"]).to_owned()
        }
        (_, _, "uriString" | "relativeUri" | "baseUri") | ("Uri", _, _) => uri(random),
        ("WebUtility", _, _) => web(random),
        ("IPAddress", _, _) => address(random),
        ("Encoding", _, "name" | "encodingName") => random
            .pick(&["utf-8", "UTF-16", "us-ascii", "iso-8859-1", "unicode", "utf-7", "utf-32", "nope", "utf-16BE"])
            .to_owned(),
        ("TimeZoneInfo", _, "id") => random
            .pick(&["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Nowhere/Else", "Australia/Sydney"])
            .to_owned(),
        ("XName" | "XNamespace", _, _) => {
            random.pick(&["a", "{urn:x}a", "urn:x", "", "1a", "{}b", "{urn:x}", "a:b"]).to_owned()
        }
        ("Version", _, _) => {
            random.pick(&["1.2", "1.2.3.4", "1", "a.b", "1.2.-3", "99999999999.1", " 1.2 "]).to_owned()
        }
        _ => general(random),
    }
}

pub fn general(random: &mut Random) -> String {
    let all: &[&str] = &[
        "",
        " ",
        "a",
        "A",
        "abc",
        "ABC",
        "aBc",
        "Hello, World",
        "  trim me\t",
        "a,b,,c",
        "one two  three",
        "0123456789",
        "aaa",
        "abcabc",
        "\u{e9}",
        "e\u{301}",
        "stra\u{df}e",
        "STRASSE",
        "\u{130}stanbul",
        "\u{131}",
        "\u{1F600}",
        "x\u{1F600}y",
        "co-op",
        "coop",
        "\u{fb01}",
        "\n",
        "a\r\nb\nc",
        "null",
        "true",
        "42",
        "-1",
        "1.5",
        "NaN",
        "key",
        "x=1&y=2",
        "a\0b",
        "\u{200d}",
        "\u{ad}",
        "Z",
        "z",
        "_",
        "\u{3a3}\u{3c2}\u{3c3}",
        "\u{c5}",
        "\u{212b}",
        "tab\tquote\"back\\",
        "\u{ff21}",
        "\u{4e2d}\u{6587}",
        "b",
        "c",
        "ab",
        "bc",
        "a.b.c",
        "/path/to",
        "%41%2F",
        "<b>&amp;</b>",
        "\u{1c4}",
        "\u{2028}",
    ];
    if random.chance(80) {
        return random.pick(all).to_owned();
    }
    let letters: &[&str] = &["a", "b", "c", "A", "B", " ", ",", "1", "\u{e9}", "\u{df}", "-", ".", "\u{1F600}", "\t"];
    (0..random.below(9)).map(|_| random.pick(letters)).collect()
}

fn joined(random: &mut Random, most: usize, pieces: &[&str]) -> String {
    (0..1 + random.below(most)).map(|_| random.pick(pieces)).collect()
}

pub fn number_format(random: &mut Random) -> String {
    if random.chance(50) {
        let letter = random.pick(&[
            "C", "D", "E", "F", "G", "N", "P", "R", "X", "c", "d", "e", "f", "g", "n", "p", "r", "x", "Q", "B",
        ]);
        return match random.below(6) {
            0..2 => letter.to_owned(),
            5 => format!("{letter}{}", random.pick(&["15", "20", "30", "99", "100"])),
            _ => format!("{letter}{}", random.below(12)),
        };
    }
    let pieces = [
        "0", "0", "#", "#", ".", ",", "%", "\u{2030}", "E+0", "e00", "E-000", "'q'", "\\x", ";", " ", "-", "+", "0.00",
        "#,##0", "000", "##", "$", "\"z\"", "0,,", "(", ")",
    ];
    joined(random, 7, &pieces)
}

pub fn date_format(random: &mut Random) -> String {
    if random.chance(35) {
        return random
            .pick(&[
                "d", "D", "f", "F", "g", "G", "M", "m", "O", "o", "R", "r", "s", "t", "T", "u", "U", "Y", "y", "Q", "",
                "x",
            ])
            .to_owned();
    }
    let pieces = [
        "d",
        "dd",
        "ddd",
        "dddd",
        "f",
        "ff",
        "fff",
        "fffffff",
        "F",
        "FFF",
        "FFFFFFF",
        "g",
        "h",
        "hh",
        "H",
        "HH",
        "K",
        "m",
        "mm",
        "M",
        "MM",
        "MMM",
        "MMMM",
        "s",
        "ss",
        "t",
        "tt",
        "y",
        "yy",
        "yyy",
        "yyyy",
        "yyyyy",
        "z",
        "zz",
        "zzz",
        ":",
        "/",
        "-",
        " ",
        "'T'",
        "\\d",
        "%d",
        ".",
        "yyyy-MM-dd",
        "HH:mm:ss",
        ",",
    ];
    joined(random, 6, &pieces)
}

pub fn span_format(random: &mut Random) -> String {
    if random.chance(40) {
        return random.pick(&["c", "g", "G", "t", "T", "", "Q"]).to_owned();
    }
    let pieces = [
        "d",
        "dd",
        "ddd",
        "h",
        "hh",
        "m",
        "mm",
        "s",
        "ss",
        "f",
        "fff",
        "fffffff",
        "F",
        "FFF",
        "\\:",
        "\\.",
        "'x'",
        "%h",
        "hh\\:mm\\:ss",
    ];
    joined(random, 5, &pieces)
}

fn composite(random: &mut Random) -> String {
    let pieces = [
        "{0}", "{1}", "{0,5}", "{0,-6}", "{0:X4}", "{1:0.0}", "{0:yyyy}", "a", " ", "{{", "}}", "{2}", "{0:}", "{0,0}",
        "{", "}", "{0:{{}", "{ 0}", "{0 }",
    ];
    if random.chance(75) { joined(random, 4, &pieces[..11]) } else { joined(random, 4, &pieces) }
}

pub fn number_text(random: &mut Random) -> String {
    let all: &[&str] = &[
        "0",
        "-0",
        "1",
        "-1",
        "+7",
        "42",
        " 42 ",
        "1,234",
        "1,2,3",
        "12,34.5",
        "1.5",
        "-1.5",
        ".5",
        "5.",
        "1e3",
        "1E-3",
        "1e400",
        "-1e400",
        "0x1F",
        "1F",
        "FF",
        "(5)",
        "5-",
        "\u{a4}5",
        "$5",
        "NaN",
        "Infinity",
        "-Infinity",
        "\u{221e}",
        "",
        " ",
        "abc",
        "2147483647",
        "2147483648",
        "-2147483648",
        "-2147483649",
        "4294967295",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "255",
        "256",
        "-128",
        "65535",
        "79228162514264337593543950335",
        "79228162514264337593543950336",
        "0.1",
        "1e-400",
        "4.9e-324",
        "1.7976931348623157e308",
        "3.4028235e38",
        "123456789.123456789",
        "0.1000000000000000055511151231257827",
        "1e23",
        "00012",
        "1 000",
        "\t3\n",
        "1.0000",
        "1\0",
        "\u{661}",
        "1e",
        "1e+",
        "--1",
        "+-1",
        "1.2.3",
        "0.00000000000000000000000000005",
        "1E5",
        "100e-2",
    ];
    if random.chance(75) {
        return random.pick(all).to_owned();
    }
    joined(random, 6, &["0", "1", "9", "5", ".", "-", "e", "+", ",", " ", "7"])
}

pub fn date_text(random: &mut Random) -> String {
    let all: &[&str] = &[
        "2024-02-29",
        "2023-02-29",
        "2024-05-17T09:30:15Z",
        "2024-05-17T09:30:15.1234567+02:00",
        "2024-05-17 09:30",
        "05/17/2024",
        "5/7/2024 1:02:03 PM",
        "17/05/2024",
        "Fri, 17 May 2024 09:30:15 GMT",
        "Friday, 17 May 2024",
        "May 17, 2024",
        "17 May 2024 09:30",
        "2024-05-17T24:00:00",
        "2024-05-17T09:30:60",
        "0001-01-01",
        "9999-12-31T23:59:59.9999999",
        "2024",
        "2024-05",
        "12:30",
        "1:2:3 am",
        "20240517",
        "2024-05-17T09:30:15-05:00",
        "",
        "today",
        "2024-05-17T09:30:15.123456789Z",
        "1970-01-01T00:00:00+14:00",
        "2024/5/7",
        "2024.05.17",
        "Mon, 17 May 2024 09:30:15 GMT",
        " 2024-05-17 ",
        "May 2024",
        "May 17",
        "10000-01-01",
        "2024-13-01",
        "2024-05-17T09:30:15,5Z",
        "2024-05-17T09",
        "2024-05-17Z",
        "12/31/1999 23:59:59",
    ];
    if random.chance(75) {
        return random.pick(all).to_owned();
    }
    let mut out = format!("{}-{:02}-{:02}", 1 + random.below(9999), 1 + random.below(13), 1 + random.below(31));
    if random.chance(70) {
        let _ = write!(out, "{}{:02}:{:02}", random.pick(&["T", " ", "  ", "t"]), random.below(25), random.below(61));
        if random.chance(60) {
            let _ = write!(
                out,
                ":{:02}{}",
                random.below(60),
                random.pick(&["", ".5", ".1234567", ".12345678", " PM", " AM"])
            );
        }
        out.push_str(random.pick(&["", "Z", "+01:00", "-0330", " GMT", " +5", "z"]));
    }
    out
}

pub fn span_text(random: &mut Random) -> String {
    random
        .pick(&[
            "1",
            "1.2",
            "1:2",
            "1:2:3",
            "1.2:3:4",
            "1.2:3:4.5",
            "-1:2:3",
            "24:00",
            "23:59:59.9999999",
            "1:60",
            "1:2:60",
            "10675199.02:48:05.4775807",
            "10675200",
            "",
            " 1:2:3 ",
            "1:2:3.12345678",
            "-10675199.02:48:05.4775808",
            "a",
            "1:2:3:4",
            "00:00:00",
            "1.24:0:0",
            "1:",
            ":1",
            "1:2:3.",
            "0:0:0.1",
            "1,2:3",
        ])
        .to_owned()
}

fn guid_text(random: &mut Random) -> String {
    random
        .pick(&[
            "0f8fad5b-d9cb-469f-a165-70867728950e",
            "{0F8FAD5B-D9CB-469F-A165-70867728950E}",
            "(0f8fad5b-d9cb-469f-a165-70867728950e)",
            "0f8fad5bd9cb469fa16570867728950e",
            "",
            "xyz",
            "{0x0f8fad5b,0xd9cb,0x469f,{0xa1,0x65,0x70,0x86,0x77,0x28,0x95,0x0e}}",
            "0f8fad5b-d9cb-469f-a165-70867728950",
            " 0f8fad5b-d9cb-469f-a165-70867728950e ",
        ])
        .to_owned()
}

fn base64(random: &mut Random) -> String {
    random
        .pick(&[
            "",
            "YQ==",
            "YWI=",
            "YWJj",
            " Y W J j ",
            "YQ",
            "YQ=",
            "Y===",
            "YQ==YQ==",
            "_-8=",
            "+/8=",
            "YWJj\n",
            "\u{e9}YWJ",
            "AAAA",
            "YR==",
        ])
        .to_owned()
}

/// A regular expression from a small grammar.
pub fn pattern(random: &mut Random) -> String {
    fn part(random: &mut Random, depth: usize) -> String {
        let atom = match random.below(if depth == 0 { 7 } else { 13 }) {
            0..3 => random.pick(&["a", "b", "c", "ab", "1", "x", " "]).to_owned(),
            3 => random.pick(&["\\d", "\\w", "\\s", "\\D", "\\W", "\\S", ".", "\\p{L}", "\\P{Lu}"]).to_owned(),
            4 => random.pick(&["[abc]", "[^a]", "[a-c1-3]", "[\\d-]", "[a-z-[b]]", "[\\w\\s]", "[^\\W\\d]"]).to_owned(),
            5 => random.pick(&["\\b", "^", "$", "\\B", "\\A", "\\z", "\\Z", "\\G"]).to_owned(),
            6 => random.pick(&["\\1", "\\k<n>", "\\t", "\\x41", "\\u0061", "\\.", "(?#c)"]).to_owned(),
            7 | 8 => format!("({})", alternatives(random, depth - 1)),
            9 => format!("(?:{})", alternatives(random, depth - 1)),
            10 => format!("(?<n>{})", alternatives(random, depth - 1)),
            11 => {
                let around = random.pick(&["?=", "?!", "?<=", "?<!", "?>", "?i:", "?x: ", "?s-i:", "?n:"]);
                format!("({around}{})", alternatives(random, depth - 1))
            }
            _ => format!("(?<-n>{})", alternatives(random, depth - 1)),
        };
        let times = if random.chance(35) {
            random.pick(&["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,3}?", "{,2}"])
        } else {
            ""
        };
        format!("{atom}{times}")
    }
    fn alternatives(random: &mut Random, depth: usize) -> String {
        let mut out = String::new();
        for at in 0..1 + random.below(2) {
            if at > 0 {
                out.push('|');
            }
            for _ in 0..1 + random.below(3) {
                out.push_str(&part(random, depth));
            }
        }
        out
    }
    alternatives(random, 2)
}

fn replacement(random: &mut Random) -> String {
    joined(random, 4, &["$0", "$1", "${n}", "$$", "$&", "$`", "$'", "$+", "$_", "x", "-", "$2", "${1}", "$", "${"])
}

pub fn subject(random: &mut Random) -> String {
    joined(random, 10, &["a", "b", "c", "ab", "1", "2", " ", "x", "A", "\n", ".", "-", "abc"])
}

fn key(random: &mut Random) -> String {
    random.pick(&["a", "b", "name", "list", "$ref", "A", "missing", "", "x y", "value"]).to_owned()
}

/// JSON, now and then as only Newtonsoft takes it.
pub fn json(random: &mut Random, depth: usize) -> String {
    let kind = if depth == 0 { random.below(6) } else { random.below(10) };
    match kind {
        0 => random
            .pick(&[
                "0",
                "1",
                "-5",
                "42",
                "9223372036854775807",
                "9223372036854775808",
                "1e5",
                "-0.0",
                "0.1",
                "1.50",
                "123456789012345678901234567890",
                "NaN",
                "0x1F",
                "1E400",
                "012",
                "-",
            ])
            .to_owned(),
        1 => random.pick(&["true", "false", "null", "undefined", "True"]).to_owned(),
        2..5 => {
            let text = random.pick(&[
                "",
                "a",
                "2024-05-17T09:30:15Z",
                "2024-05-17",
                "2024-05-17T09:30:15.5+02:00",
                "\\u00e9",
                "x\\ny",
                "/Date(0)/",
                "12",
                "1.5",
                "true",
                "\\/",
                "0f8fad5b-d9cb-469f-a165-70867728950e",
                "a'b",
                "2024-05-17T09:30:15",
            ]);
            if random.chance(90) { format!("\"{text}\"") } else { format!("'{text}'") }
        }
        5 => random.pick(&["1", "\"a\"", "[]", "{}", "/*c*/1", "[1,]", "new Date(1)"]).to_owned(),
        6 | 7 => {
            let items: Vec<String> = (0..random.below(4)).map(|_| json(random, depth - 1)).collect();
            format!("[{}]", items.join(random.pick(&[",", ", ", " , "])))
        }
        _ => {
            let names = ["a", "b", "name", "list", "$ref", "A", "x y", "value", "a.b"];
            let items: Vec<String> = (0..random.below(4))
                .map(|_| {
                    let name = random.pick(&names);
                    let value = json(random, depth - 1);
                    if random.chance(92) {
                        format!("\"{name}\":{value}")
                    } else {
                        format!("{}:{value}", name.replace([' ', '.'], "_"))
                    }
                })
                .collect();
            format!("{{{}}}", items.join(","))
        }
    }
}

fn json_path(random: &mut Random) -> String {
    let pieces = [
        "a",
        ".b",
        "..name",
        "[0]",
        "['a']",
        "[*]",
        ".*",
        "[?(@.a > 1)]",
        "[-1]",
        "[0:2]",
        "[::2]",
        "['a','b']",
        "[0,1]",
        "[?(@.name == 'x')]",
        "list",
        ".list",
        "$",
        "$.",
        "..*",
        "[?(@)]",
        "[?(@.a && @.b)]",
        "[-2:]",
        ".",
        "[",
        "['x y']",
        "[?(@ =~ /a/i)]",
        "..[0]",
    ];
    if random.chance(60) { format!("${}", joined(random, 3, &pieces[1..14])) } else { joined(random, 3, &pieces) }
}

/// XML, now and then not well-formed.
pub fn xml(random: &mut Random, depth: usize) -> String {
    if random.chance(3) {
        return random
            .pick(&["", "<a", "<a></b>", "text", "<a/><b/>", "<a b=1/>", "<a>&nope;</a>", "<p:a/>", "<a b='1' b='2'/>"])
            .to_owned();
    }
    element(random, depth)
}

fn element(random: &mut Random, depth: usize) -> String {
    let name = random.pick(&["a", "b", "item", "c", "A"]);
    let mut out = format!("<{name}");
    if random.chance(30) {
        out.push_str(random.pick(&[
            " x='1'",
            " y=\"&lt;q&gt;\"",
            " xmlns='urn:x'",
            " xmlns:p='urn:p' p:z='2'",
            " xml:space='preserve'",
            " x='a\tb&#10;c'",
            " id=\"&quot;'\"",
        ]));
    }
    if depth == 0 || random.chance(20) {
        out.push_str(random.pick(&["/>", " />", ">"]));
        if out.ends_with("/>") {
            return out;
        }
        let _ = write!(
            out,
            "{}</{name}>",
            random.pick(&["t", "1", "", "2024-05-17", "true", "&amp;", "a &lt; b", "<![CDATA[<x>]]>"])
        );
        return out;
    }
    out.push('>');
    for _ in 0..random.below(4) {
        match random.below(6) {
            0..3 => out.push_str(&element(random, depth - 1)),
            3 => out.push_str(random.pick(&["text", " ", "\n  ", "1.5", "&#233;", "&gt;"])),
            4 => out.push_str(random.pick(&["<!--c-->", "<?pi data?>", "<![CDATA[a]]>", "<!-- - -->"])),
            _ => out.push_str(random.pick(&["42", "true", "", " x "])),
        }
    }
    let _ = write!(out, "</{name}>");
    out
}

pub fn uri(random: &mut Random) -> String {
    let scheme = random.pick(&[
        "http://", "https://", "HTTP://", "ftp://", "", "file:///", "mailto:", "urn:", "//", "ws://", "x-y://",
    ]);
    let host = random.pick(&[
        "example.com",
        "EXAMPLE.com:80",
        "h:8080",
        "user:pw@h",
        "[::1]",
        "127.0.0.1:443",
        "a.b.c",
        "",
        "ex\u{e4}mple.org",
        "1.2.3",
        "h:99999",
        "-x",
    ]);
    let path = random.pick(&[
        "",
        "/",
        "/a/b",
        "/a/../b/./c",
        "/a%20b",
        "/a b",
        "/%41",
        "/\u{e9}",
        "/a//b",
        "\\a\\b",
        "/a;p=1",
        "/a%zz",
        "/..",
        "/a/",
    ]);
    let rest = random.pick(&["", "?q=1", "?q=a b&c=%20", "#f", "?x#y", "?", "#", "?\u{e9}=1", "?a=1?b=2", "#a#b"]);
    format!("{scheme}{host}{path}{rest}")
}

fn web(random: &mut Random) -> String {
    joined(
        random,
        5,
        &[
            "a",
            "&amp;",
            "&lt;",
            "<",
            ">",
            "\"",
            "'",
            "&#65;",
            "&#x41;",
            "&nope;",
            "&",
            "%20",
            "+",
            "%C3%A9",
            "%e9",
            "%",
            "\u{e9}",
            "\u{1F600}",
            " ",
            "&eacute;",
            "&#128512;",
            "&copy",
            "%2",
            "~",
            "_",
        ],
    )
}

pub fn address(random: &mut Random) -> String {
    random
        .pick(&[
            "127.0.0.1",
            "::1",
            "1.2.3",
            "256.1.1.1",
            "0x7f.1",
            "fe80::1%2",
            "::ffff:1.2.3.4",
            "1",
            "",
            "a",
            "2001:db8::",
            "1.2.3.4.5",
            "010.0.0.1",
            "[::1]",
            "1.2.3.4 ",
            "::",
            "4294967296",
            "2001:DB8:0:0:1::",
        ])
        .to_owned()
}
