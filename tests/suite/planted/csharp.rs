//! Mistakes in the C# of policies.

use super::super::support::{NOTHING_KNOWN, Random, check_with, with_stack};
use super::{Tally, right_files};
use portcullis::diagnostics::{Diagnostics, Finding, Severity};
use portcullis::document::spec::{Expected, Kind};
use portcullis::document::{self, Child, Code, CodeKind, Document, Element, Value};
use portcullis::source::Sources;
use portcullis::xml::{self, TextForm};
use portcullis_grammar::tokens::{Kind as T, Token, tokens};

/// Enough of each kind that one miss does not decide.
const ROUNDS: usize = 25;

/// Stands in where the corpus is absent, and holds what it holds little of.
const SAMPLE: &str = r#"<policies>
  <inbound>
    <base />
    <set-variable name="user" value="@(context.Request.Headers.GetValueOrDefault("X-User", ""))" />
    <choose>
      <when condition="@((string)context.Variables["user"] == "" && context.Request.Method != "GET")">
        <set-variable name="limit" value="@{
          var parts = context.Request.Url.Path.Split('/');
          var total = 0;
          foreach (var part in parts)
          {
              if (part.StartsWith("v")) { continue; }
              total = total + part.Length;
          }
          var names = new List<string>();
          names.Add(context.Operation.Name.ToString());
          string last = names.Count > 2 ? names[0].Replace("a", "b") : "none";
          return last + total.ToString();
        }" />
      </when>
    </choose>
    <set-header name="X-When" exists-action="override">
      <value>@(new DateTime(2020, 1, 2).AddDays(1 + 2).ToString("o"))</value>
    </set-header>
  </inbound>
  <outbound>
    <base />
    <set-body>@{
      var body = context.Response.Body.As<JObject>(preserveContent: true);
      if (body["items"] == null)
      {
          return "{}";
      }
      var kept = body["items"].Where(item => item["ok"].ToString() == "yes").Select(item => item["id"]);
      return new JObject(new JProperty("ids", kept), new JProperty("n", 1)).ToString();
    }</set-body>
  </outbound>
</policies>"#;

/// An expression as it stands in the file, character for character.
struct Field<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    is_block: bool,
    expected: Expected,
}

/// A change of the expression's text.
struct Plant {
    /// Any of these, ours or C#'s, says what was planted.
    codes: &'static [&'static str],
    from: usize,
    to: usize,
    new: String,
    /// It may as well be found where the expression begins.
    or_at_start: bool,
}

fn plant(codes: &'static [&'static str], from: u32, to: u32, new: impl Into<String>) -> Option<Plant> {
    Some(Plant { codes, from: from as usize, to: to as usize, new: new.into(), or_at_start: false })
}

const SYNTAX: &[&str] = &["csharp::syntax", "xml::expression", "xml::malformed", "xml::unclosed", "xml::mismatch"];

type Planter = fn(&Field<'_>, &mut Random) -> Option<Plant>;

const PLANTERS: &[(&str, Planter)] = &[
    ("a misspelt member", |field, random| {
        let at = field.pick(random, |at| field.is(at, T::Ident) && at > 0 && field.is(at - 1, T::Dot))?;
        let token = field.tokens[at];
        plant(
            &["CS1061", "CS0117", "CS0234", "CS0246", "CS0426"],
            token.start,
            token.end,
            format!("{}q", field.word(at)),
        )
    }),
    ("a misspelt name", |field, random| {
        let at = field.pick(random, |at| field.word(at) == "context")?;
        plant(&["CS0103"], field.tokens[at].start, field.tokens[at].end, "contxt")
    }),
    ("a misspelt type", |field, random| {
        let at = field.pick(random, |at| field.is(at, T::Ident) && at > 0 && field.is(at - 1, T::New))?;
        let token = field.tokens[at];
        plant(&["CS0246", "CS0234", "CS0103"], token.start, token.end, format!("{}q", field.word(at)))
    }),
    ("too many arguments", |field, random| {
        const ANY_COUNT: &[&str] = &["Format", "Concat", "Join", "Split", "Trim", "TrimEnd", "TrimStart", "Combine"];
        let at = field.pick(random, |at| field.is_call(at) && !ANY_COUNT.contains(&field.word(at)))?;
        let open = field.tokens[at + 1].end;
        let more = if field.is(at + 2, T::RParen) { "1, 2, 3, 4, 5, 6, 7" } else { "1, 2, 3, 4, 5, 6, 7, " };
        plant(&["csharp::call", "csharp::type"], open, open, more)
    }),
    ("an argument of the wrong type", |field, random| {
        const TEXT: &[&str] = &["GetValueOrDefault", "ContainsKey", "Replace", "StartsWith", "EndsWith", "Split"];
        let is_text = |at: usize| TEXT.contains(&field.word(at)) && field.is(at + 2, T::String);
        let at = field.pick(random, |at| field.is_call(at) && is_text(at))?;
        let argument = field.tokens[at + 2];
        plant(&["csharp::call"], argument.start, argument.end, "new object()")
    }),
    ("a value that is not returned", |field, _| {
        let at = field.is_block.then(|| field.tokens.iter().rposition(|token| token.kind == T::Return))??;
        // The last statement of the block itself.
        let inside = |kind: T| field.tokens[at..].iter().filter(|token| token.kind == kind).count();
        (inside(T::RBrace) == inside(T::LBrace) && !field.is(at + 1, T::Semicolon)).then_some(())?;
        let mut found = plant(&["CS0161"], field.tokens[at].start, field.tokens[at].end, "var planted =")?;
        found.or_at_start = true;
        Some(found)
    }),
    ("a variable without a value", |field, random| {
        field.statement(random, &["CS0165"], "int planted; if (planted > 1) { }")
    }),
    ("a variable of the wrong type", |field, random| field.statement(random, &["CS0029"], "int planted = \"text\";")),
    ("a variable that null makes", |field, random| field.statement(random, &["CS0815"], "var planted = null;")),
    ("a number as a condition", |field, random| field.statement(random, &["CS0029"], "if (1) { }")),
    ("an assignment to what is read-only", |field, random| {
        field.statement(random, &["CS0200"], "context.RequestId = Guid.NewGuid();")
    }),
    ("a newer version of C#", |field, random| field.statement(random, &["csharp::version"], "int planted = default;")),
    ("something to wait for", |field, random| {
        field.statement(random, &["csharp::not_supported", "CS4033"], "await context.Planted();")
    }),
    ("a constant that overflows", |field, random| {
        field.statement(random, &["CS0220"], "int planted = 2147483647 + 1;")
    }),
    ("a constant divided by zero", |field, random| field.statement(random, &["CS0020"], "var planted = 1 / 0;")),
    ("an expression as a statement", |field, random| field.statement(random, &["CS0201"], "context.Request;")),
    ("a jump out of nothing", |field, random| {
        let at = field.tokens.iter().position(|token| token.kind == T::Semicolon)?;
        let is_outside = field.is_block && !field.tokens[..at].iter().any(|t| matches!(t.kind, T::LBrace | T::For));
        let _ = random;
        is_outside.then(|| plant(&["CS0139"], field.tokens[at].end, field.tokens[at].end, " continue;"))?
    }),
    ("a name declared twice", |field, random| {
        let at = field.pick(random, |at| {
            field.is_block
                && field.word(at) == "var"
                && field.is(at + 1, T::Ident)
                && field.is(at + 2, T::Assign)
                && at > 0
                && field.is(at - 1, T::Semicolon)
        })?;
        let start = field.tokens[at].start;
        plant(&["CS0128", "CS0136"], start, start, format!("var {} = 0; ", field.word(at + 1)))
    }),
    ("an attribute of the wrong type", |field, _| {
        (field.expected == Expected::Boolean && !field.is_block).then_some(())?;
        plant(&["CS0029"], 0, field.text.len() as u32, "\"text\" + 1")
    }),
    ("a type that may not be used", |field, _| {
        (field.expected != Expected::Boolean && !field.is_block).then_some(())?;
        let text = "System.IO.File.ReadAllText(\"a\")";
        plant(&["dotnet::not_allowed", "CS0234", "CS0103", "CS0246"], 0, field.text.len() as u32, text)
    }),
    ("a bracket left out", |field, random| {
        let at = field.pick(random, |at| field.is(at, T::RParen))?;
        let mut found = plant(SYNTAX, field.tokens[at].start, field.tokens[at].end, "")?;
        found.or_at_start = true;
        Some(found)
    }),
    ("a bracket too many", |field, random| {
        let at = field.pick(random, |at| field.is_block && field.is(at, T::RParen))?;
        plant(SYNTAX, field.tokens[at].end, field.tokens[at].end, ")")
    }),
    ("a semicolon left out", |field, random| {
        let at = field.pick(random, |at| {
            let ends_line =
                |end: u32| field.text[end as usize..].trim_start_matches([' ', '\t', '\r']).starts_with('\n');
            field.is_block && field.is(at, T::Semicolon) && ends_line(field.tokens[at].end)
        })?;
        plant(&["CS1002", "csharp::syntax"], field.tokens[at].start, field.tokens[at].end, "")
    }),
    ("a quote left out", |field, random| {
        let at = field.pick(random, |at| field.is(at, T::String))?;
        let token = field.tokens[at];
        let mut found = plant(&["CS1010", "csharp::syntax", "xml::expression"], token.end - 1, token.end, "")?;
        found.or_at_start = true;
        Some(found)
    }),
    ("an unknown escape", |field, random| {
        let at = field.pick(random, |at| field.is(at, T::String))?;
        plant(&["CS1009"], field.tokens[at].start, field.tokens[at].end, "\"\\q\"")
    }),
    ("an operand of the wrong type", |field, random| {
        let at = field.pick(random, |at| field.is(at, T::Int) || field.is(at, T::String))?;
        plant(&["CS0019"], field.tokens[at].start, field.tokens[at].end, "(true - 1)")
    }),
    ("an operand left out", |field, random| {
        let at = field.pick(random, |at| field.is(at, T::EqualEqual) || field.is(at, T::AmpAmp))?;
        plant(&["CS1525"], field.tokens[at].end, field.tokens[at].end, " &&")
    }),
    ("a property that is called", |field, random| {
        const PROPERTIES: &[&str] = &["Url", "Method", "Request", "StatusCode", "Length", "Response"];
        let is_property = |at: usize| PROPERTIES.contains(&field.word(at)) && !field.is(at + 1, T::LParen);
        let at = field.pick(random, |at| at > 0 && field.is(at - 1, T::Dot) && is_property(at))?;
        plant(&["CS1955", "CS0149", "CS1061"], field.tokens[at].end, field.tokens[at].end, "()")
    }),
    ("a method that is not called", |field, random| {
        let at = field
            .pick(random, |at| field.word(at) == "ToString" && field.is_call(at) && field.is(at + 2, T::RParen))?;
        let codes = &["csharp::type", "csharp::call", "csharp::unknown_member", "csharp::unknown_name"];
        plant(codes, field.tokens[at + 1].start, field.tokens[at + 2].end, "")
    }),
];

impl Field<'_> {
    fn is(&self, at: usize, kind: T) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == kind)
    }

    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &self.text[token.start as usize..token.end as usize])
    }

    fn is_call(&self, at: usize) -> bool {
        self.is(at, T::Ident) && at > 0 && self.is(at - 1, T::Dot) && self.is(at + 1, T::LParen)
    }

    fn pick(&self, random: &mut Random, fits: impl Fn(usize) -> bool) -> Option<usize> {
        let all: Vec<usize> = (0..self.tokens.len()).filter(|&at| fits(at)).collect();
        (!all.is_empty()).then(|| random.pick(&all))
    }

    /// One more statement, behind another on its line.
    fn statement(&self, random: &mut Random, codes: &'static [&'static str], text: &str) -> Option<Plant> {
        let depth = |at: usize| {
            let count = |kind: T| self.tokens[..at].iter().filter(|token| token.kind == kind).count();
            count(T::LParen) - count(T::RParen)
        };
        // Nothing is wrong with variables in what is never reached.
        let goes_on = |at: usize| {
            let ends = |token: &Token| matches!(token.kind, T::Semicolon | T::LBrace | T::RBrace | T::Colon);
            let first = self.tokens[..at].iter().rposition(ends).map_or(0, |before| before + 1);
            !matches!(self.tokens[first].kind, T::Return | T::Throw | T::Continue | T::Break | T::Goto | T::If)
        };
        let at = self.pick(random, |at| {
            self.is_block && self.is(at, T::Semicolon) && depth(at) == 0 && !self.is(at + 1, T::Else) && goes_on(at)
        })?;
        plant(codes, self.tokens[at].end, self.tokens[at].end, format!(" {text}"))
    }
}

/// The expressions of a document, with what their places ask.
fn expressions(document: &Document) -> Vec<(&Code, Expected)> {
    let mut found = Vec::new();
    let mut open: Vec<&Element> =
        document.blocks().flat_map(|(_, block)| block.statements.iter().map(|s| &s.element)).collect();
    while let Some(element) = open.pop() {
        let attributes = element.attributes.iter().map(|a| (&a.value, a.spec.map_or(Kind::Text, |spec| spec.kind)));
        let text = element.text.iter().map(|text| (text, element.shape.text.map_or(Kind::Text, |spec| spec.kind)));
        for (value, kind) in attributes.chain(text) {
            if let Value::Expression(code) = value {
                found.push((code, kind.expected()));
            }
        }
        open.extend(element.children.iter().map(|child| match child {
            Child::Statement(statement) => &statement.element,
            Child::Element(element) => element,
        }));
    }
    found
}

#[test]
fn planted_csharp_mistakes_are_found_in_their_place_and_alone() {
    with_stack(|| {
        let mut files = right_files(SAMPLE, |name, bytes| check_with(name, bytes, TextForm::Auto, &NOTHING_KNOWN).1);
        files.retain(|(_, bytes)| bytes.contains(&b'@'));
        let mut random = Random::new(11);
        let mut tally = Tally::default();
        for &(title, planter) in PLANTERS {
            tally.rounds(title, ROUNDS, |tally, attempt| {
                let (name, bytes) = &files[if attempt % 10 == 0 { 0 } else { random.below(files.len()) }];
                let mut sources = Sources::new();
                let file = sources.add(name, bytes.clone()).expect("small");
                let mut found = Diagnostics::new();
                let tree = xml::read(&sources, file, TextForm::Auto, &mut found);
                let document = document::read(&tree, &NOTHING_KNOWN, &mut found)?;
                let codes = expressions(&document);
                if codes.is_empty() {
                    return None;
                }
                let (code, expected) = codes[random.below(codes.len())];
                let text = code.text.text();
                let start = code.text.source_span(0, 0).start;
                let written = &bytes[start as usize..(start as usize + text.len()).min(bytes.len())];
                if written != text.as_bytes() {
                    return None;
                }
                let is_block = code.kind == CodeKind::Block;
                let whole = portcullis_grammar::Span { start: 0, end: text.len() as u32 };
                let field = Field { text, tokens: tokens(text, whole, is_block).0, is_block, expected };
                let plant = planter(&field, &mut random)?;
                let mut changed = bytes.clone();
                changed.splice(start as usize + plant.from..start as usize + plant.to, plant.new.bytes());
                let (after, found) = check_with(name, changed, TextForm::Auto, &NOTHING_KNOWN);
                let mut lines = vec![sources.place(file, start + plant.from as u32).line];
                if plant.or_at_start {
                    let blank = text.len() - text.trim_start().len();
                    lines.extend([0, blank].map(|at| sources.place(file, start + at as u32).line));
                }
                let line_of = |finding: &Finding| after.place(finding.span.file, finding.span.start).line;
                let hit = |finding: &&&Finding| {
                    let codes = [Some(finding.code.name), finding.csharp.as_deref()];
                    lines.contains(&line_of(finding)) && codes.iter().flatten().any(|code| plant.codes.contains(code))
                };
                let errors: Vec<_> = found.iter().filter(|finding| finding.severity == Severity::Error).collect();
                let hits = errors.iter().filter(hit).count();
                tally.count(title, hits, errors.len() - hits, || {
                    let seen = errors.iter().take(4).map(|finding| {
                        let code = finding.csharp.as_deref().unwrap_or(finding.code.name);
                        format!("\n      {} {code} {}", line_of(finding), finding.message)
                    });
                    let excerpt: String = text[plant.from..].chars().take(40).collect();
                    format!("{name}:{lines:?} {excerpt:?}{}", seen.collect::<String>())
                });
                Some(())
            });
        }
        tally.end();
    });
}
