use super::*;

/// The operations as `METHOD template = id "name"`, the server, and the problems.
fn outline(text: &str) -> Vec<String> {
    let definition = match read(text, !text.trim_start().starts_with('{'), true) {
        Ok(definition) => definition,
        Err((message, place)) => return vec![format!("unreadable: {message} {place:?}")],
    };
    let mut lines: Vec<String> = definition.server.iter().map(|server| format!("at {server}")).collect();
    let operations = definition.operations.iter();
    lines.extend(operations.map(|o| format!("{} {} = {} {:?}", o.method, o.template, o.id, o.name)));
    lines.extend(definition.problems.iter().map(|problem| format!("! {}", problem.message)));
    lines
}

#[test]
fn names_follow_the_import_rule() {
    let long = "a".repeat(90);
    let table = [
        ("getOrders", "getorders"),
        ("Get Orders!", "get-orders"),
        ("__a--b__", "a-b"),
        ("GET-/foo/{bar}?buzz={quix}", "get-foo-bar-buzz-quix"),
        (&long, &long[..76]),
    ];
    for (id, name) in table {
        assert_eq!(normalise(id), name, "{id}");
    }
    let mut names = Names::default();
    let given: Vec<_> =
        ["list", "list", "list-1", "List", "?"].iter().map(|id| names.of(Some(id), "GET", "/foo")).collect();
    assert_eq!(given, ["list", "list-1", "list-1-1", "list-2", "get-foo"]);
    assert_eq!(names.of(None, "POST", "/orders/{id}"), "post-orders-id");
}

#[test]
fn definitions_become_operations() {
    let table: &[(&str, &[&str])] = &[
        // OpenAPI 3.0 in YAML: parameters of the path, by reference, required or not.
        (
            "openapi: 3.0.1
info: {title: Shop, version: 1.0}
servers: [{url: 'http://a/'}, {url: 'https://b/v1'}]
paths:
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true}
      - {name: page, in: query, required: true}
    get:
      operationId: getOrder
      summary: One order
      parameters:
        - $ref: '#/components/parameters/view'
        - {name: x, in: query}
    head:
      parameters: [{name: page, in: query, required: false}]
  x-note: {no: path}
components:
  parameters:
    view: {name: view, in: query, required: true}
",
            &[
                "at https://b/v1",
                "GET /orders/{id}?page={page}&view={view} = getorder \"One order\"",
                "HEAD /orders/{id} = head-orders-id \"head-orders-id\"",
            ],
        ),
        // Swagger 2 in JSON.
        (
            r##"{"swagger":"2.0","host":"h:8080","basePath":"b","schemes":["http"],
                "parameters":{"a":{"$ref":"#/parameters/b"},"b":{"$ref":"#/parameters/c"},"c":{"in":"query","name":"q","required":true}},
                "paths":{"/a":{"post":{"parameters":[{"$ref":"#/parameters/a"},{"in":"body","name":"body","required":true}]}}}}"##,
            &["at http://h:8080/b", "POST /a?q={q} = post-a \"post-a\""],
        ),
        ("swagger: 2.0\nhost: h\nschemes: [http, https]\npaths:\n", &["at https://h"]),
        // OpenAPI 3.1: path items as components; no paths at all.
        (
            "openapi: 3.1.0\npaths:\n  /a:\n    $ref: '#/components/pathItems/a'\n  /b: {$ref: '#/paths/~1a'}\n\
             components:\n  pathItems:\n    a:\n      put: {operationId: putA, parameters: [{$ref: '#/components/pathItems/a/parameters/0'}]}\n\
             \x20     parameters: [{in: query, name: n, required: true}]\n",
            &["PUT /a?n={n} = puta \"putA\"", "PUT /b?n={n} = puta-1 \"putA\""],
        ),
        ("openapi: '3.1'\nwebhooks: {}\n", &[]),
        // Servers with variables; relative ones; x-servers of Swagger 2.
        (
            "openapi: 3.0.3\nservers:\n  - url: '{scheme}://{host}.example/{gone}'\n    variables: {scheme: {default: https}, host: {default: api}}\npaths: {}\n",
            &[
                "at https://api.example/{gone}",
                "! the variable `gone` of the server `{scheme}://{host}.example/{gone}` has no default",
            ],
        ),
        ("openapi: 3.0.3\nservers: [{url: /v1}, {url: 'http://a'}]\n", &["at http://a"]),
        ("openapi: 3.0.3\nservers: [{url: /v1}]\n", &["at /v1"]),
        ("swagger: '2.0'\nx-servers: [{url: 'https://a'}]\n", &["at https://a"]),
        // Paths told apart by their query.
        (
            "openapi: 3.0.0\npaths: {}\nx-ms-paths:\n  /a?op=copy:\n    post: {parameters: [{in: query, name: op, required: true}, {in: query, name: to, required: true}]}\n",
            &["POST /a?op=copy&to={to} = post-a-op-copy \"post-a-op-copy\""],
        ),
        // What the platform leaves out, and what leads nowhere.
        (
            "openapi: 3.0.0\npaths:\n  /a:\n    trace: {}\n    get:\n      servers: [{url: 'https://other'}]\n      parameters:\n        - {in: cookie, name: c}\n        - {in: path, name: p, required: true}\n        - {$ref: 'other.yaml#/p'}\n        - {$ref: '#/components/parameters/gone'}\n        - {$ref: '#/components/parameters/loop'}\n        - {in: query}\n  /b: {$ref: '#/paths/~1b'}\n\
             components: {parameters: {loop: {$ref: '#/components/parameters/loop'}}}\n",
            &[
                "GET /a = get-a \"get-a\"",
                "! TRACE /a: the platform imports no TRACE operations",
                "! GET /a names servers of its own, which the platform does not take",
                "! GET /a: `other.yaml#/p` lies in another document, which the platform does not take",
                "! GET /a: `#/components/parameters/gone` refers to nothing in the definition",
                "! GET /a: `#/components/parameters/loop` leads from reference to reference",
                "! GET /a: the platform takes no cookie parameters, such as `c`",
                "! GET /a declares the path parameter `p`, which is not in the path",
                "! GET /a: a parameter has no `name`, or no `in`",
                "! the path `/b`: `#/paths/~1b` leads from reference to reference",
            ],
        ),
        // No definition of a known kind.
        ("openapi: 4.0.0\n", &["unreadable: this is OpenAPI 4.0.0; 3.0 and 3.1 can be read None"]),
        ("swagger: '1.2'\n", &["unreadable: this is Swagger 1.2; 2.0 can be read None"]),
        ("info: {}\n", &["unreadable: neither `openapi` nor `swagger` says which kind of definition this is None"]),
        ("{\n\"openapi\": }", &["unreadable: expected value at line 2 column 12 Some((2, 12))"]),
    ];
    for (text, expected) in table {
        assert_eq!(outline(text), *expected, "{text}");
    }
}

#[test]
fn a_required_query_parameter_may_stay_outside_of_the_template() {
    let text = "openapi: 3.0.0\npaths: {/a: {get: {parameters: [{in: query, name: q, required: true}]}}}";
    assert_eq!(read(text, true, false).expect("reads").operations[0].template, "/a");
}

#[test]
fn an_alias_bomb_is_never_unfolded() {
    let mut text = "openapi: 3.0.0\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..12 {
        let previous = format!("*a{}", level - 1);
        text.push_str(&format!("a{level}: &a{level} [{}]\n", vec![previous; 10].join(",")));
    }
    // What is passed over is not unfolded; what is read has a shape that a bomb does not have.
    assert!(read(&text, true, true).is_ok_and(|definition| definition.operations.is_empty()));
    text.push_str("paths: {/x: *a11}\n");
    assert!(read(&text, true, true).is_err());
}
