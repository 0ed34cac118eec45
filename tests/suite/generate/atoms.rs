//! Small expressions of a type: literals at the edges of their range, a few objects with something in them.

use super::{Generator, Text, texts, type_name};
use portcullis::dotnet::inherit::is_subtype;
use portcullis::dotnet::member::{Code, Kind, type_of};
use portcullis::dotnet::types::{self, Type, TypeId};

/// A type as C# writes it, and expressions of it.
type Row = (&'static str, &'static [&'static str]);

const ATOMS: &[Row] = &[
    ("bool", &["true", "false"]),
    (
        "char",
        &[
            "'a'",
            "'Z'",
            "'5'",
            "' '",
            "'\\u00e9'",
            "'\\0'",
            "'\\uffff'",
            "'\\ud83d'",
            "'_'",
            "'\\u0131'",
            "'\\n'",
            "'x'",
            "','",
        ],
    ),
    ("sbyte", &["(sbyte)5", "(sbyte)-1", "sbyte.MaxValue", "sbyte.MinValue", "(sbyte)0"]),
    ("byte", &["(byte)7", "byte.MaxValue", "(byte)0", "(byte)65"]),
    ("short", &["(short)300", "(short)-2", "short.MaxValue", "short.MinValue", "(short)0"]),
    ("ushort", &["(ushort)9", "ushort.MaxValue", "(ushort)0", "(ushort)1000"]),
    (
        "int",
        &["0", "1", "2", "3", "5", "10", "-1", "-7", "100", "int.MaxValue", "int.MinValue", "255", "1234567", "16"],
    ),
    ("uint", &["0u", "1u", "7u", "uint.MaxValue", "3000000000u"]),
    (
        "long",
        &["0L", "1L", "-3L", "long.MaxValue", "long.MinValue", "10000000000L", "864000000000L", "638000000000000000L"],
    ),
    ("ulong", &["0UL", "1UL", "ulong.MaxValue", "9223372036854775808UL", "12UL"]),
    (
        "float",
        &[
            "0f",
            "1.5f",
            "-2.25f",
            "float.MaxValue",
            "float.Epsilon",
            "float.NaN",
            "float.PositiveInfinity",
            "0.1f",
            "1e10f",
            "16777217f",
        ],
    ),
    (
        "double",
        &[
            "0d",
            "1.5",
            "-2.5",
            "0.1",
            "3.14159",
            "1e20",
            "1e-5",
            "123456.789",
            "double.NaN",
            "double.PositiveInfinity",
            "double.NegativeInfinity",
            "double.MaxValue",
            "double.Epsilon",
            "-0.0",
            "2.5",
            "0.5",
            "1e15",
            "1e16",
            "9007199254740993d",
            "1e308",
            "-1.005",
            "99.995",
            "1234567.891",
            "0.000123456",
            "4.35",
            "2.675",
            "1d / 3",
        ],
    ),
    (
        "decimal",
        &[
            "0m",
            "1m",
            "1.50m",
            "-2.5m",
            "0.1m",
            "123456.789m",
            "decimal.MaxValue",
            "decimal.MinValue",
            "0.0000000000000000000000000001m",
            "1.005m",
            "100m",
            "2.5m",
            "3.5m",
            "-0.00m",
            "1m / 3m",
            "79228162514264337593543950335m",
            "7.99999m",
        ],
    ),
    (
        "DateTime",
        &[
            "new DateTime(2024, 2, 29)",
            "new DateTime(2024, 5, 17, 9, 30, 15, DateTimeKind.Utc)",
            "DateTime.MinValue",
            "DateTime.MaxValue",
            "new DateTime(1999, 12, 31, 23, 59, 59, 999)",
            "new DateTime(638515350151234567L)",
            "new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Local)",
            "DateTime.UnixEpoch",
            "new DateTime(2023, 3, 5, 13, 7, 9, 80)",
        ],
    ),
    (
        "DateTimeOffset",
        &[
            "new DateTimeOffset(2024, 5, 17, 9, 30, 15, TimeSpan.FromHours(2))",
            "DateTimeOffset.MinValue",
            "DateTimeOffset.MaxValue",
            "new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero)",
            "new DateTimeOffset(2023, 12, 31, 23, 59, 59, 123, new TimeSpan(-5, -30, 0))",
            "DateTimeOffset.FromUnixTimeSeconds(1700000000)",
        ],
    ),
    (
        "TimeSpan",
        &[
            "TimeSpan.Zero",
            "TimeSpan.FromMinutes(90)",
            "new TimeSpan(1, 2, 3, 4, 5)",
            "TimeSpan.FromTicks(-1)",
            "TimeSpan.MaxValue",
            "TimeSpan.MinValue",
            "TimeSpan.FromDays(1.5)",
            "new TimeSpan(-3, -4, -5)",
            "TimeSpan.FromTicks(1234567)",
            "TimeSpan.FromSeconds(0.001)",
        ],
    ),
    (
        "Guid",
        &[
            "Guid.Empty",
            "new Guid(\"0f8fad5b-d9cb-469f-a165-70867728950e\")",
            "new Guid(\"ffffffff-ffff-ffff-ffff-ffffffffffff\")",
        ],
    ),
    (
        "Uri",
        &[
            "new Uri(\"http://example.com/a/b?q=1#f\")",
            "new Uri(\"https://user:pw@EXAMPLE.com:8443/x%20y/../z\")",
            "new Uri(\"a/b?c\", UriKind.Relative)",
            "new Uri(\"mailto:a@b.c\")",
            "new Uri(\"http://[::1]:80/\")",
        ],
    ),
    ("Version", &["new Version(1, 2)", "new Version(1, 2, 3, 4)"]),
    (
        "byte[]",
        &[
            "new byte[] { 1, 2, 3, 255 }",
            "new byte[0]",
            "Encoding.UTF8.GetBytes(\"h\\u00e9llo\")",
            "new byte[] { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 }",
            "new byte[] { 0xff, 0xfe, 65, 0 }",
        ],
    ),
    (
        "char[]",
        &[
            "new[] { 'a', 'b', 'c' }",
            "\"hello\".ToCharArray()",
            "new char[0]",
            "new[] { ',', ' ' }",
            "new[] { '\\ud83d', '\\ude00' }",
        ],
    ),
    ("int[]", &["new[] { 3, 1, 2 }", "new int[0]", "new[] { 5, 5, -1, 0, 9 }", "new[] { 1 }"]),
    (
        "string[]",
        &[
            "new[] { \"b\", \"a\", \"c\" }",
            "new string[0]",
            "new[] { \"x\", null, \"\" }",
            "\"one two three\".Split(' ')",
            "new[] { \"B\", \"a\", \"A\", \"b\" }",
        ],
    ),
    ("object[]", &["new object[] { 1, \"a\", null, 2.5 }", "new object[0]", "new object[] { DateTime.MinValue, 7m }"]),
    ("double[]", &["new[] { 1.5, 2.5, -1.0 }", "new double[0]", "new[] { double.NaN, 1, 0 }"]),
    ("long[]", &["new[] { 5L, -1L }", "new long[0]"]),
    ("decimal[]", &["new[] { 1.10m, 2m }", "new decimal[0]"]),
    ("List<int>", &["new List<int> { 3, 1, 2 }", "new List<int>()", "new List<int> { 7, 7, 0, -4 }"]),
    (
        "List<string>",
        &["new List<string> { \"b\", \"a\" }", "new List<string>()", "new List<string> { \"x\", null, \"X\", \"\" }"],
    ),
    (
        "Dictionary<string, int>",
        &[
            "new Dictionary<string, int> { { \"a\", 1 }, { \"b\", 2 } }",
            "new Dictionary<string, int>()",
            "new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { [\"A\"] = 5 }",
        ],
    ),
    ("Dictionary<string, string>", &["new Dictionary<string, string> { { \"a\", \"1\" }, { \"k\", null } }"]),
    ("HashSet<int>", &["new HashSet<int> { 1, 2, 3 }", "new HashSet<int>()", "new HashSet<int> { 3, 9, 3 }"]),
    (
        "HashSet<string>",
        &[
            "new HashSet<string> { \"a\", \"B\" }",
            "new HashSet<string>(StringComparer.OrdinalIgnoreCase) { \"a\", \"A\" }",
        ],
    ),
    ("Queue<int>", &["new Queue<int>(new[] { 1, 2, 3 })", "new Queue<int>()"]),
    ("Stack<string>", &["new Stack<string>(new[] { \"a\", \"b\" })", "new Stack<string>()"]),
    ("KeyValuePair<string, int>", &["new KeyValuePair<string, int>(\"k\", 3)"]),
    ("Tuple<int, string>", &["Tuple.Create(1, \"x\")", "Tuple.Create(-2, (string)null)"]),
    (
        "IEnumerable<int>",
        &[
            "Enumerable.Range(1, 5)",
            "new[] { 4, 2, 4 }.Where(q => q > 2)",
            "Enumerable.Empty<int>()",
            "Enumerable.Repeat(7, 3)",
            "new[] { 9, 1, 5 }.Select(q => q * 2)",
        ],
    ),
    (
        "IEnumerable<string>",
        &["new[] { \"x\", \"yy\", \"z\" }.Select(q => q + q)", "Enumerable.Empty<string>()", "\"a,b,,c\".Split(',')"],
    ),
    ("IEnumerable<char>", &["\"hello\"", "\"\"", "new[] { 'x', 'y' }"]),
    ("IOrderedEnumerable<int>", &["new[] { 3, 1, 2 }.OrderBy(q => -q)"]),
    ("IOrderedEnumerable<string>", &["new[] { \"bb\", \"a\", \"cc\" }.OrderByDescending(q => q.Length)"]),
    ("IGrouping<int, string>", &["new[] { \"bb\", \"a\", \"cc\" }.GroupBy(q => q.Length).First()"]),
    ("ILookup<int, string>", &["new[] { \"bb\", \"a\", \"cc\" }.ToLookup(q => q.Length)"]),
    (
        "StringBuilder",
        &["new StringBuilder(\"abc\")", "new StringBuilder()", "new StringBuilder(\"Hello World\").Append(1)"],
    ),
    ("Random", &["new Random(42)", "new Random(-5)", "new Random(0)"]),
    (
        "Regex",
        &[
            "new Regex(\"a(b)?\")",
            "new Regex(@\"(?<n>\\d+)\", RegexOptions.IgnoreCase)",
            "new Regex(\"[a-c]+\", RegexOptions.RightToLeft)",
        ],
    ),
    (
        "Match",
        &["Regex.Match(\"xab1\", \"(a)(?<n>b)\")", "Regex.Match(\"a\", \"z\")", "Regex.Match(\"aabb\", \"(a|b)+\")"],
    ),
    ("MatchCollection", &["Regex.Matches(\"a1b22\", @\"\\d+\")"]),
    ("Group", &["Regex.Match(\"xab1\", \"(a)(?<n>b)\").Groups[1]"]),
    ("GroupCollection", &["Regex.Match(\"xab1\", \"(a)(?<n>b)\").Groups"]),
    ("CaptureCollection", &["Regex.Match(\"aabb\", \"(a|b)+\").Groups[1].Captures"]),
    ("Capture", &["Regex.Match(\"aabb\", \"(a|b)+\").Groups[1].Captures[1]"]),
    ("MatchEvaluator", &["m => m.Value.ToUpper() + m.Index", "m => \"[\" + m.Groups[1].Value + \"]\""]),
    (
        "JObject",
        &[
            "JObject.Parse(\"{\\\"a\\\":1,\\\"b\\\":[1,2.50,null,\\\"x\\\"],\\\"name\\\":{\\\"a\\\":true}}\")",
            "new JObject()",
            "new JObject(new JProperty(\"a\", 1), new JProperty(\"d\", DateTime.MinValue))",
        ],
    ),
    ("JArray", &["JArray.Parse(\"[1,\\\"a\\\",{\\\"b\\\":null},[2]]\")", "new JArray()", "new JArray(1, 2, 3)"]),
    (
        "JToken",
        &[
            "JToken.Parse(\"{\\\"a\\\":[{\\\"b\\\":1.50}]}\")",
            "JToken.FromObject(5)",
            "(JToken)\"text\"",
            "(JToken)null",
            "JToken.Parse(\"[1,2]\")",
            "(JToken)2.5",
            "JToken.Parse(\"\\\"2024-05-17T09:30:15Z\\\"\")",
        ],
    ),
    (
        "JValue",
        &[
            "new JValue(5)",
            "new JValue(\"s\")",
            "new JValue(1.5m)",
            "JValue.CreateNull()",
            "new JValue(true)",
            "new JValue(DateTime.MinValue)",
        ],
    ),
    ("JProperty", &["new JProperty(\"p\", 1)", "JObject.Parse(\"{\\\"a\\\":1,\\\"b\\\":2}\").Property(\"b\")"]),
    ("JContainer", &["new JArray(1, 2)", "JObject.Parse(\"{\\\"a\\\":1}\")"]),
    (
        "XElement",
        &[
            "XElement.Parse(\"<a x='1'><b>t</b><b>2</b><!--c--></a>\")",
            "new XElement(\"e\")",
            "new XElement(\"n\", 42)",
            "new XElement(XName.Get(\"r\", \"urn:x\"), new XAttribute(\"k\", true), \"v\")",
            "new XElement(\"d\", 1.5m)",
        ],
    ),
    (
        "XAttribute",
        &[
            "new XAttribute(\"x\", 1)",
            "XElement.Parse(\"<a x='1' y='two'/>\").LastAttribute",
            "new XAttribute(XNamespace.Xmlns + \"p\", \"urn:p\")",
        ],
    ),
    (
        "XDocument",
        &[
            "XDocument.Parse(\"<r><i>1</i><i>2</i></r>\")",
            "new XDocument()",
            "new XDocument(new XDeclaration(\"1.0\", \"utf-8\", null), new XElement(\"r\"))",
        ],
    ),
    ("XName", &["XName.Get(\"b\")", "XName.Get(\"a\", \"urn:x\")", "(XName)\"x\""]),
    ("XNamespace", &["XNamespace.Get(\"urn:x\")", "XNamespace.None"]),
    ("XText", &["new XText(\"t<&\")"]),
    ("XCData", &["new XCData(\"a<b\")"]),
    ("XComment", &["new XComment(\"c\")"]),
    (
        "XNode",
        &["new XText(\"t\")", "XElement.Parse(\"<a><b/>t<c/></a>\").FirstNode.NextNode", "new XElement(\"e\", 1)"],
    ),
    ("XContainer", &["XElement.Parse(\"<a><b/>t<c/></a>\")"]),
    ("XObject", &["new XAttribute(\"x\", 1)", "XElement.Parse(\"<a><b/>t<c/></a>\").FirstNode"]),
    ("XDeclaration", &["new XDeclaration(\"1.0\", \"utf-8\", \"yes\")"]),
    ("XDocumentType", &["new XDocumentType(\"html\", null, \"sys\", null)"]),
    ("XProcessingInstruction", &["new XProcessingInstruction(\"t\", \"d\")"]),
    ("IPAddress", &["IPAddress.Parse(\"10.1.2.3\")", "IPAddress.Parse(\"::1\")", "IPAddress.Parse(\"fe80::a:b\")"]),
    (
        "Encoding",
        &[
            "Encoding.UTF8",
            "Encoding.ASCII",
            "Encoding.Unicode",
            "Encoding.BigEndianUnicode",
            "Encoding.UTF32",
            "Encoding.GetEncoding(\"iso-8859-1\")",
            "Encoding.UTF7",
        ],
    ),
    ("CultureInfo", &["CultureInfo.InvariantCulture"]),
    ("IFormatProvider", &["CultureInfo.InvariantCulture", "null"]),
    (
        "StringComparer",
        &[
            "StringComparer.Ordinal",
            "StringComparer.OrdinalIgnoreCase",
            "StringComparer.InvariantCulture",
            "StringComparer.InvariantCultureIgnoreCase",
        ],
    ),
    ("IEqualityComparer<string>", &["StringComparer.Ordinal", "StringComparer.OrdinalIgnoreCase", "null"]),
    (
        "IComparer<string>",
        &["StringComparer.Ordinal", "StringComparer.OrdinalIgnoreCase", "StringComparer.InvariantCulture", "null"],
    ),
    ("IEqualityComparer<int>", &["EqualityComparer<int>.Default", "null"]),
    ("IComparer<int>", &["Comparer<int>.Default", "null"]),
    ("IComparer", &["StringComparer.Ordinal", "null"]),
    (
        "TimeZoneInfo",
        &[
            "TimeZoneInfo.Utc",
            "TimeZoneInfo.FindSystemTimeZoneById(\"Europe/Berlin\")",
            "TimeZoneInfo.FindSystemTimeZoneById(\"America/New_York\")",
        ],
    ),
    (
        "Exception",
        &[
            "new Exception(\"boom\")",
            "new ArgumentException(\"bad\", \"p\")",
            "new InvalidOperationException()",
            "new FormatException(\"f\", new Exception(\"inner\"))",
        ],
    ),
    (
        "Type",
        &[
            "typeof(int)",
            "typeof(string)",
            "typeof(DateTime)",
            "typeof(StringComparison)",
            "typeof(double)",
            "typeof(bool)",
        ],
    ),
    ("StringReader", &["new StringReader(\"ab\\nc\")"]),
    ("StringWriter", &["new StringWriter()"]),
    ("HMACSHA256", &["new HMACSHA256(new byte[] { 1, 2, 3 })"]),
    ("HMAC", &["new HMACSHA1(new byte[] { 1, 2, 3 })", "new HMACMD5(new byte[] { 9 })"]),
    ("HashAlgorithm", &["SHA256.Create()", "MD5.Create()", "SHA1.Create()", "SHA512.Create()"]),
    ("KeyedHashAlgorithm", &["new HMACSHA512(new byte[] { 4 })"]),
    ("Array", &["new[] { 3, 1, 2 }", "new[] { \"b\", \"a\" }", "new double[2]"]),
    ("Enum", &["StringComparison.Ordinal", "RegexOptions.IgnoreCase | RegexOptions.Singleline", "(DayOfWeek)9"]),
    ("IEnumerable", &["new[] { 1, 2 }", "new List<string> { \"q\" }"]),
];

/// What stands for `object`.
const OBJECTS: &[&str] =
    &["int", "string", "double", "decimal", "DateTime", "bool", "char", "long", "TimeSpan", "Guid", "int[]", "JObject"];

impl Generator {
    /// A small expression of this type.
    pub(super) fn atom(&mut self, ty: TypeId, depth: i32) -> Text {
        if ty == types::string() {
            if self.random.chance(3) {
                return Text::other("(string)null");
            }
            return Text::primary(texts::literal(&texts::general(&mut self.random)));
        }
        if ty == types::object() {
            if self.random.chance(5) {
                return Text::other("(object)null");
            }
            let of = type_of(self.random.pick(OBJECTS));
            return self.atom(of, depth);
        }
        if let Some(text) = self.row(ty) {
            return text;
        }
        match ty.get() {
            Type::Nullable(of) if self.random.chance(70) => {
                let inner = self.atom(*of, depth).code;
                return Text::other(format!("({}?)({inner})", type_name(*of)));
            }
            Type::Nullable(of) => return Text::other(format!("({}?)null", type_name(*of))),
            Type::Array(element, 1) => {
                let items: Vec<String> =
                    (0..self.random.below(4)).map(|_| self.atom(*element, depth - 1).code).collect();
                return Text::other(format!("new {}[] {{ {} }}", type_name(*element), items.join(", ")));
            }
            Type::Tuple(elements, _) => {
                let items: Vec<String> = elements.iter().map(|&element| self.atom(element, depth - 1).code).collect();
                return Text::primary(format!("({})", items.join(", ")));
            }
            _ => {}
        }
        let Some(def) = ty.def() else { return Text::primary("null") };
        if def.kind == Kind::Enum {
            let members: Vec<_> = def.members().iter().filter(|m| matches!(m.row.code, Code::EnumValue(_))).collect();
            if !members.is_empty() && self.random.chance(95) {
                return Text::primary(format!("{}.{}", type_name(ty), members[self.random.below(members.len())].name));
            }
            return Text::other(format!("({}){}", type_name(ty), self.random.below(9)));
        }
        if let Some(text) = self.lambda(ty, depth) {
            return text;
        }
        let arguments = ty.arguments();
        if let (&[of], "IEnumerable" | "ICollection" | "IList" | "List" | "IReadOnlyCollection") =
            (arguments, def.simple_name())
        {
            let name = type_name(of);
            let items: Vec<String> = (0..self.random.below(4)).map(|_| self.atom(of, depth - 1).code).collect();
            return Text::other(format!("new List<{name}> {{ {} }}", items.join(", ")));
        }
        let subtypes: Vec<TypeId> = ATOMS
            .iter()
            .map(|(name, _)| type_of(name))
            .filter(|&sub| sub != types::error() && is_subtype(sub, ty))
            .collect();
        if !subtypes.is_empty() {
            let of = subtypes[self.random.below(subtypes.len())];
            return self.atom(of, depth - 1);
        }
        if depth > -2
            && let Some(call) = self.call_giving(ty, depth - 1)
        {
            return call;
        }
        Text::other(format!("default({})", type_name(ty)))
    }

    fn row(&mut self, ty: TypeId) -> Option<Text> {
        let (_, all) = ATOMS.iter().find(|(name, _)| type_of(name) == ty)?;
        let code = self.random.pick(all);
        let primary = code.starts_with('"')
            || code.ends_with(')') && !code.starts_with('(') && !code.starts_with("new") && !code.contains("=>")
            || code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
        Some(if primary { Text::primary(code) } else { Text::other(code) })
    }

    /// A small number, as lengths and positions are.
    pub(super) fn small(&mut self) -> Text {
        Text::primary(self.random.pick(&["0", "1", "2", "3", "4", "1", "0", "2", "8"]))
            .sometimes_negative(self.random.below(25) == 0)
    }
}

impl Text {
    fn sometimes_negative(self, negative: bool) -> Text {
        if negative { Text::other("-1") } else { self }
    }
}
