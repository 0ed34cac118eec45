//! What is read from a document that is right: statements with their paths, values with their places.

use super::*;
use crate::diagnostics::Diagnostics;
use crate::source::Sources;
use crate::xml::{self, TextForm};

/// One line for each statement and value: its path, then what C# or the policy reads, and where that was written.
fn outline(text: &str, values: &NamedValues) -> Vec<String> {
    let mut sources = Sources::new();
    let file = sources.add("t.xml", text.as_bytes().to_vec()).expect("small");
    let mut found = Diagnostics::new();
    let tree = xml::read(&sources, file, TextForm::Auto, &mut found);
    let options = Options::new(crate::policies::SPECS, values);
    let document = read(&tree, &options, &mut found).expect("a policy document");
    assert!(!found.has_errors(), "{:?}", found.findings());
    let mut lines = Vec::new();
    for (section, block) in document.blocks() {
        lines.push(format!("{:?} {}", document.kind, section.map_or("-", Section::name)));
        for statement in &block.statements {
            describe_statement(&sources, statement, &mut lines);
        }
    }
    lines
}

fn describe_statement(sources: &Sources, statement: &Statement, lines: &mut Vec<String>) {
    lines.push(format!("{} = {}", statement.path, sources.slice(statement.element.name_span)));
    describe(sources, &statement.element, &statement.path, lines);
}

fn describe(sources: &Sources, element: &Element, path: &str, lines: &mut Vec<String>) {
    let mut value = |what: String, value: &Value| {
        let text = match value {
            Value::Constant(text) => format!("{:?}", text.text()),
            Value::Expression(code) => format!("{:?} {:?}", code.kind, code.text.text()),
        };
        lines.push(format!("{what} {text} from {:?}", sources.slice(value.span())));
    };
    for attribute in &element.attributes {
        value(format!("{path}/@{}", attribute.name), &attribute.value);
    }
    if let Some(text) = &element.text {
        value(format!("{path}/text"), text);
    }
    for child in &element.children {
        match child {
            Child::Statement(statement) => describe_statement(sources, statement, lines),
            Child::Element(element) => describe(sources, element, &format!("{path}/{}", element.name()), lines),
        }
    }
}

#[test]
fn statements_have_paths_and_values_have_places() {
    let text = r#"<policies>
  <inbound>
    <base />
    <choose><when condition="@(a["b"] == 1)"><set-status code=" 200 " /></when></choose>
    <choose>
      <when condition="true" />
      <when condition="@(x &lt; y)"><set-header name="h"><value> @{ return 1; } </value><value> v </value></set-header></when>
    </choose>
  </inbound>
</policies>"#;
    let expected = [
        "Policies inbound",
        "base[1] = base",
        "choose[1] = choose",
        r#"choose[1]/when/@condition Expression "a[\"b\"] == 1" from "@(a[\"b\"] == 1)""#,
        "choose[1]/when[1]/set-status[1] = set-status",
        r#"choose[1]/when[1]/set-status[1]/@code " 200 " from " 200 ""#,
        "choose[2] = choose",
        r#"choose[2]/when/@condition "true" from "true""#,
        r#"choose[2]/when/@condition Expression "x < y" from "@(x &lt; y)""#,
        "choose[2]/when[2]/set-header[1] = set-header",
        r#"choose[2]/when[2]/set-header[1]/@name "h" from "h""#,
        r#"choose[2]/when[2]/set-header[1]/value/text Block " return 1; " from "@{ return 1; }""#,
        r#"choose[2]/when[2]/set-header[1]/value/text "v" from "v""#,
    ];
    assert_eq!(outline(text, &NamedValues::new()), expected);
}

#[test]
fn bodies_are_taken_as_they_are_written() {
    let table = [
        ("<set-body> a &lt; <![CDATA[<b>]]> </set-body>", r#"" a < <b> ""#),
        ("<set-body><a b='&lt;'>c<!-- d --></a></set-body>", r#""<a b='&lt;'>c<!-- d --></a>""#),
        (
            "<set-body template=\"liquid\">{% if a %}{{ b }}{{c}}{% endif %}</set-body>",
            r#""{% if a %}{{ b }}{{c}}{% endif %}""#,
        ),
        ("<set-body>\n  @(context.RequestId)\n</set-body>", "Expression \"context.RequestId\""),
    ];
    for (text, expected) in table {
        let lines = outline(text, &NamedValues::new());
        let body = lines.iter().find_map(|line| line.strip_prefix("set-body[1]/text ")).expect("a body");
        assert!(body.starts_with(expected), "{body}");
    }
}

#[test]
fn named_values_are_replaced_and_remembered() {
    let mut values = NamedValues::new();
    values.define("code", "@(1 + 2)", false);
    values.define("host", "example.org", true);
    let text = r#"<fragment><set-variable name="a" value="{{code}}" /><set-variable name="b" value="@("https://{{host}}/" + {{gone}})" /></fragment>"#;
    let expected = [
        "Fragment -",
        "set-variable[1] = set-variable",
        r#"set-variable[1]/@name "a" from "a""#,
        r#"set-variable[1]/@value Expression "1 + 2" from "{{code}}""#,
        "set-variable[2] = set-variable",
        r#"set-variable[2]/@name "b" from "b""#,
        r#"set-variable[2]/@value Expression "\"https://example.org/\" + __named_value_0" from "@(\"https://{{host}}/\" + {{gone}})""#,
    ];
    assert_eq!(outline(text, &values), expected);
}

#[test]
fn bare_statements_go_where_they_belong() {
    let table = [
        ("<set-variable name=\"a\" value=\"1\" /><set-body>x</set-body>", "Bare inbound"),
        ("<set-variable name=\"a\" value=\"1\" /><forward-request />", "Bare backend"),
        ("<choose><when condition=\"true\"><cache-store duration=\"1\" /></when></choose>", "Bare outbound"),
        ("<outbound><base /></outbound>", "Bare outbound"),
        (
            "<http-data-source><http-request><set-method>GET</set-method><set-url>u</set-url></http-request></http-data-source>",
            "Resolver -",
        ),
    ];
    for (text, expected) in table {
        assert_eq!(outline(text, &NamedValues::new())[0], expected, "{text}");
    }
}
