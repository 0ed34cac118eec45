//! Mistakes in the markup and in what policies declare.

use super::super::support::{NOTHING_KNOWN, Random, read_with};
use super::{Tally, right_files};
use portcullis::diagnostics::{Diagnostics, Finding, Severity};
use portcullis::document::spec::{Expected, Gateway, Kind, Scope};
use portcullis::document::{
    self, Attribute, Child, Document, DocumentKind, Element, Options, Section, Statement, Value,
};
use portcullis::source::{Sources, Span};
use portcullis::xml::{self, TextForm};

/// Enough of each kind that one miss does not decide.
const ROUNDS: usize = 60;

/// Stands in where the corpus is absent.
const SAMPLE: &str = r#"<policies>
  <inbound>
    <base />
    <set-variable name="user" value="@(context.Request.Headers.GetValueOrDefault("X-User", ""))" />
    <choose>
      <when condition="@((string)context.Variables["user"] == "" && context.Request.Method != "GET")">
        <return-response>
          <set-status code="401" reason="Unauthorized" />
          <set-header name="WWW-Authenticate" exists-action="override">
            <value>Basic</value>
          </set-header>
        </return-response>
      </when>
    </choose>
    <choose>
      <when condition="@(context.Request.Url.Path.StartsWith("/v2"))">
        <set-backend-service base-url="https://example.org/v2" />
      </when>
      <otherwise>
        <set-backend-service base-url="https://example.org" />
      </otherwise>
    </choose>
    <rewrite-uri template="/v1" copy-unmatched-params="true" />
  </inbound>
  <backend>
    <forward-request timeout="10" buffer-response="false" />
  </backend>
  <outbound>
    <base />
    <find-and-replace from="a" to="b" />
  </outbound>
</policies>"#;

/// A change of the text: what stood there, and what stands there now.
struct Edit {
    at: Span,
    text: String,
}

struct Plant {
    /// Any of these codes says what was planted.
    codes: &'static [&'static str],
    edits: Vec<Edit>,
    /// Where it must be found.
    place: u32,
}

fn plant(codes: &'static [&'static str], at: Span, text: impl Into<String>) -> Option<Plant> {
    Some(Plant { codes, place: at.start, edits: vec![Edit { at, text: text.into() }] })
}

/// A file that is right, with the parts that mistakes are planted into.
struct Field<'a> {
    sources: &'a Sources,
    document: &'a Document,
    elements: Vec<(&'a Element, bool)>,
}

type Planter = fn(&Field<'_>, &mut Random) -> Option<Plant>;

/// Every kind of mistake that these layers find.
const PLANTERS: &[(&str, Planter)] = &[
    ("a misspelt policy", |field, random| {
        field.rename_element(true, &["policy::unknown_element", "policy::wrong_child"], random)
    }),
    ("a misspelt child", |field, random| field.rename_element(false, &["policy::unknown_element"], random)),
    ("a misspelt attribute", |field, random| {
        let (_, attribute) = field.attribute(random, |_| true)?;
        let name = misspelt(&attribute.name, random);
        plant(&["policy::unknown_attribute"], attribute.name_span, name)
    }),
    ("a required attribute left out", |field, random| {
        let (element, attribute) =
            field.attribute(random, |attribute| attribute.spec.is_some_and(|spec| spec.required))?;
        let mut found = plant(&["policy::missing_attribute"], field.whole(attribute), "")?;
        found.place = element.name_span.start;
        Some(found)
    }),
    ("a policy in the wrong section", |field, random| {
        let (section, policy) = random
            .pick(&[(Section::Outbound, "<rewrite-uri template=\"/\" />"), (Section::Inbound, "<forward-request />")]);
        plant(&["policy::wrong_section"], field.inside(section)?, policy)
    }),
    ("base twice", |field, _| {
        let base = field.elements.iter().find(|(element, _)| element.name() == "base")?.0;
        plant(&["policy::usage_limit"], field.after(base.span), "<base />")
    }),
    ("two policies in backend", |field, _| {
        let block = field.document.section(Section::Backend).filter(|block| block.statements.len() == 1)?;
        plant(
            &["policy::usage_limit"],
            field.after(block.statements[0].span()),
            "<set-variable name=\"q\" value=\"q\" />",
        )
    }),
    ("a section twice", |field, _| {
        let block = field.document.section(Section::Inbound)?;
        (field.document.kind == DocumentKind::Policies).then_some(())?;
        plant(&["policy::usage_limit"], field.after(block.span), "<inbound />")
    }),
    ("a policy beside the sections", |field, _| {
        let block = field.document.section(Section::Inbound)?;
        (field.document.kind == DocumentKind::Policies).then_some(())?;
        plant(&["policy::root"], field.after(block.span), "<set-status code=\"200\" />")
    }),
    ("a policy of another scope", |field, _| {
        plant(&["policy::wrong_scope"], field.inside(Section::Inbound)?, "<quota calls=\"1\" renewal-period=\"300\" />")
    }),
    ("a policy that the gateway lacks", |field, _| {
        let text = "<rate-limit-by-key calls=\"1\" renewal-period=\"60\" counter-key=\"q\" />";
        plant(&["policy::wrong_gateway"], field.inside(Section::Inbound)?, text)
    }),
    ("a policy that is not built", |field, _| {
        plant(&["policy::not_built"], field.inside(Section::Outbound)?, "<jsonp callback-parameter-name=\"q\" />")
    }),
    ("a policy as a child that cannot be", |field, random| {
        let header = field.named("set-header", random)?;
        plant(&["policy::wrong_child"], field.before_end(header)?, "<set-method>GET</set-method>")
    }),
    ("a child once too often", |field, random| {
        let choose = field.named("choose", random).filter(|choose| choose.element("otherwise").is_some())?;
        plant(&["policy::wrong_child"], field.before_end(choose)?, "<otherwise />")
    }),
    ("children in the wrong order", |field, random| {
        let choose = field.named("choose", random).filter(|choose| choose.element("otherwise").is_none())?;
        let first = choose.elements("when").next()?;
        let mut found = plant(&["policy::child_order"], field.before(first.span), "<otherwise />")?;
        found.place = first.name_span.start;
        Some(found)
    }),
    ("a required child left out", |field, _| {
        plant(&["policy::missing_child"], field.inside(Section::Inbound)?, "<choose></choose>")
    }),
    ("a constant of the wrong kind", |field, random| {
        let typed = |attribute: &Attribute| {
            let kind = attribute.spec.map(|spec| spec.kind);
            matches!(attribute.value, Value::Constant(_))
                && kind.is_some_and(|kind| {
                    kind.expected() != Expected::Text && kind != Kind::Any || matches!(kind, Kind::Enum(_))
                })
        };
        let (_, attribute) = field.attribute(random, typed)?;
        plant(&["policy::bad_value"], attribute.value.span(), "nonsense")
    }),
    ("an expression where none may stand", |field, random| {
        let (_, attribute) =
            field.attribute(random, |attribute| attribute.spec.is_some_and(|spec| !spec.expression))?;
        plant(&["policy::expression_not_allowed"], attribute.value.span(), "@(1 + 1)")
    }),
    ("text after an expression", |field, random| {
        let (_, attribute) = field.attribute(random, |attribute| matches!(attribute.value, Value::Expression(_)))?;
        let span = attribute.value.span();
        let mut found = plant(&["policy::mixed_expression"], Span { start: span.end, ..span }, "/more")?;
        found.place = span.end;
        Some(found)
    }),
    ("text between statements", |field, random| {
        let section = random.pick(&[Section::Inbound, Section::Outbound]);
        plant(&["policy::text"], field.inside(section)?, "...")
    }),
    ("a named value that nothing defines", |field, random| {
        let (_, attribute) = field.attribute(random, |attribute| attribute.value.text().is_some())?;
        plant(&["reference::named_value"], attribute.value.span(), "{{planted-name}}")
    }),
    ("an end tag left out", |field, random| {
        let (element, end) = field.end_tag(random)?;
        let mut found = plant(&["xml::unclosed"], end, "")?;
        found.place = element.name_span.start;
        Some(found)
    }),
    ("a misspelt end tag", |field, random| {
        let (element, end) = field.end_tag(random)?;
        plant(&["xml::mismatch"], end, format!("</{}>", misspelt(element.name(), random)))
    }),
    ("an end tag too many", |field, random| {
        let (_, end) = field.end_tag(random)?;
        plant(&["xml::mismatch"], field.after(end), "</planted>")
    }),
    ("a quote left out", |field, random| {
        let (_, attribute) = field.attribute(random, |_| true)?;
        let whole = field.whole(attribute);
        plant(&["xml::malformed", "xml::unclosed", "xml::expression"], Span { start: whole.end - 1, ..whole }, "")
    }),
    ("no quotes at all", |field, random| {
        let (_, attribute) = field.attribute(random, |attribute| {
            attribute.value.text().is_some_and(|text| !text.is_empty() && !text.contains([' ', '/', '"', '>']))
        })?;
        let value = attribute.value.text()?.to_owned();
        let span = field.whole(attribute);
        plant(&["xml::malformed"], Span { start: attribute.name_span.end, ..span }, format!("={value}"))
    }),
    ("a bare ampersand", |field, random| {
        let (_, attribute) = field.attribute(random, |attribute| attribute.value.text().is_some())?;
        let span = attribute.value.span();
        plant(&["xml::entity"], Span { end: span.start, ..span }, "a&b ")
    }),
    ("an attribute twice", |field, random| {
        let (_, attribute) = field.attribute(random, |_| true)?;
        let whole = field.whole(attribute);
        plant(&["xml::duplicate_attribute"], Span { start: whole.end, ..whole }, format!(" {}=\"q\"", attribute.name))
    }),
    ("a bracket of an expression left out", |field, random| {
        let (_, attribute) = field.attribute(random, |attribute| matches!(attribute.value, Value::Expression(_)))?;
        let span = attribute.value.span();
        let mut found =
            plant(&["xml::expression", "policy::mixed_expression"], Span { start: span.end - 1, ..span }, "")?;
        found.place = span.start;
        Some(found)
    }),
    ("a document type", |field, _| {
        let start = field.document.span;
        plant(&["xml::dtd"], Span { end: start.start, ..start }, "<!DOCTYPE policies []>")
    }),
    ("a comment without end", |field, random| {
        let section = random.pick(&[Section::Inbound, Section::Outbound]);
        plant(&["xml::unclosed", "xml::malformed", "xml::comment"], field.inside(section)?, "<!-- planted")
    }),
    ("a start tag without end", |field, random| {
        let header = field.named("set-header", random)?;
        let tag = field.sources.slice(header.span);
        let close = header.attributes.last().map(|attribute| field.whole(attribute).end)?;
        let bracket = close + field.sources.slice(Span { start: close, ..header.span }).find('>')? as u32;
        tag.starts_with('<').then_some(())?;
        let mut found = plant(&["xml::unclosed"], Span { start: bracket, end: bracket + 1, ..header.span }, "")?;
        found.place = header.name_span.start;
        Some(found)
    }),
];

impl<'a> Field<'a> {
    fn new(sources: &'a Sources, document: &'a Document) -> Field<'a> {
        let mut field = Field { sources, document, elements: Vec::new() };
        for (_, block) in document.blocks() {
            block.statements.iter().for_each(|statement| field.collect_statement(statement));
        }
        field
    }

    fn collect_statement(&mut self, statement: &'a Statement) {
        self.elements.push((&statement.element, true));
        self.collect_children(&statement.element);
    }

    fn collect_children(&mut self, element: &'a Element) {
        for child in &element.children {
            match child {
                Child::Statement(statement) => self.collect_statement(statement),
                Child::Element(element) => {
                    self.elements.push((element, false));
                    self.collect_children(element);
                }
            }
        }
    }

    fn attribute(
        &self,
        random: &mut Random,
        fits: impl Fn(&Attribute) -> bool,
    ) -> Option<(&'a Element, &'a Attribute)> {
        let all: Vec<(&Element, &Attribute)> = self
            .elements
            .iter()
            .flat_map(|&(element, _)| element.attributes.iter().map(move |a| (element, a)))
            .filter(|(_, a)| fits(a))
            .collect();
        (!all.is_empty()).then(|| random.pick(&all))
    }

    fn named(&self, name: &str, random: &mut Random) -> Option<&'a Element> {
        let all: Vec<&Element> =
            self.elements.iter().map(|(element, _)| *element).filter(|element| element.name() == name).collect();
        (!all.is_empty()).then(|| random.pick(&all))
    }

    /// From the attribute's name to its closing quote.
    fn whole(&self, attribute: &Attribute) -> Span {
        let file = self.sources.text(attribute.name_span.file);
        let value = attribute.value.span();
        let open = file[attribute.name_span.end as usize..]
            .find(['"', '\''])
            .map_or(0, |at| at + attribute.name_span.end as usize);
        let quote = file.as_bytes()[open] as char;
        let from = (value.end as usize).max(open + 1);
        let close = file[from..].find(quote).map_or(from, |at| from + at + 1);
        Span { start: attribute.name_span.start, end: close as u32, ..value }
    }

    fn after(&self, span: Span) -> Span {
        Span { start: span.end, ..span }
    }

    fn before(&self, span: Span) -> Span {
        Span { end: span.start, ..span }
    }

    /// Just behind the start tag of a section.
    fn inside(&self, section: Section) -> Option<Span> {
        let block = self.document.section(section).filter(|_| self.document.kind == DocumentKind::Policies)?;
        let text = self.sources.slice(block.span);
        let at = block.span.start + text.find('>')? as u32 + 1;
        (!text[..text.find('>')?].ends_with('/')).then_some(Span { start: at, end: at, ..block.span })
    }

    fn end_of(&self, element: &Element) -> Option<Span> {
        let text = self.sources.slice(element.span);
        let at = text.rfind("</")?;
        text[at..].strip_prefix("</")?.trim_end_matches('>').trim().eq(element.name()).then_some(())?;
        Some(Span { start: element.span.start + at as u32, ..element.span })
    }

    fn before_end(&self, element: &Element) -> Option<Span> {
        self.end_of(element).map(|end| self.before(end))
    }

    fn end_tag(&self, random: &mut Random) -> Option<(&'a Element, Span)> {
        let all: Vec<(&Element, Span)> =
            self.elements.iter().filter_map(|&(element, _)| Some((element, self.end_of(element)?))).collect();
        (!all.is_empty()).then(|| random.pick(&all))
    }

    fn rename_element(&self, policy: bool, codes: &'static [&'static str], random: &mut Random) -> Option<Plant> {
        let all: Vec<&Element> =
            self.elements.iter().filter(|(_, is_policy)| *is_policy == policy).map(|(element, _)| *element).collect();
        let element = (!all.is_empty()).then(|| random.pick(&all))?;
        let name = misspelt(element.name(), random);
        let mut edits = vec![Edit { at: element.name_span, text: name.clone() }];
        edits.extend(self.end_of(element).map(|end| Edit { at: end, text: format!("</{name}>") }));
        Some(Plant { codes, place: element.name_span.start, edits })
    }
}

/// A name with a letter too many, or two letters swapped.
fn misspelt(name: &str, random: &mut Random) -> String {
    let at = 1 + random.below(name.len() - 1);
    let mut letters: Vec<char> = name.chars().collect();
    if random.below(2) == 0 || at + 1 >= letters.len() || letters[at] == letters[at + 1] || letters.contains(&':') {
        letters.insert(at, 'q');
    } else {
        letters.swap(at, at + 1);
    }
    letters.into_iter().collect()
}

fn planted(bytes: &[u8], plant: &Plant) -> Vec<u8> {
    let mut edits: Vec<&Edit> = plant.edits.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.at.start));
    let mut bytes = bytes.to_vec();
    for edit in edits {
        bytes.splice(edit.at.range(), edit.text.bytes());
    }
    bytes
}

const OPTIONS: Options<'static> =
    Options { scope: Some(Scope::Api), gateway: Some(Gateway::Consumption), ..NOTHING_KNOWN };

/// The files of the corpus that have no error.
#[test]
fn planted_mistakes_are_found_in_their_place_and_alone() {
    let files = right_files(SAMPLE, |name, bytes| read_with(name, bytes, TextForm::Auto, &OPTIONS).1);
    let mut random = Random::new(7);
    let mut tally = Tally::default();
    for &(title, planter) in PLANTERS {
        tally.rounds(title, ROUNDS, |tally, _| {
            let (name, bytes) = &files[random.below(files.len())];
            let mut sources = Sources::new();
            let file = sources.add(name, bytes.clone()).expect("small");
            let mut found = Diagnostics::new();
            let tree = xml::read(&sources, file, TextForm::Auto, &mut found);
            let document = document::read(&tree, &OPTIONS, &mut found)?;
            let plant = planter(&Field::new(&sources, &document), &mut random)?;
            let line = sources.place(file, plant.place).line;
            let (after, found) = read_with(name, planted(bytes, &plant), TextForm::Auto, &OPTIONS);
            let line_of = |finding: &Finding| after.place(finding.span.file, finding.span.start).line;
            let hit = |finding: &&Finding| plant.codes.contains(&finding.code.name) && line_of(finding) == line;
            let hits = found.iter().filter(hit).count();
            let errors = || found.iter().filter(|finding| finding.severity == Severity::Error);
            let others = errors().filter(|finding| !hit(finding)).count();
            tally.count(title, hits, others, || {
                let seen = errors().take(5).map(|finding| format!("{} {}", line_of(finding), finding.code.name));
                format!("{name}:{line} {:?}", seen.collect::<Vec<_>>())
            });
            Some(())
        });
    }
    tally.end();
}
