//! OpenAPI 3 and Swagger 2 documents to operations: method, path, name, parameters. Everything else in them is passed over.

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;

/// An operation as a definition declares it.
#[derive(Debug, PartialEq, Eq)]
pub struct Declared {
    pub id: String,
    pub name: String,
    pub method: &'static str,
    /// With the required query parameters, as the platform imports them.
    pub template: String,
}

/// What a definition says.
#[derive(Debug, Default)]
pub struct Definition {
    pub operations: Vec<Declared>,
    /// The first `servers` entry (https preferred), or Swagger's scheme, host and base path.
    pub server: Option<String>,
    pub problems: Vec<String>,
}

/// How far a definition may repeat itself through references.
const LONGEST_REFERENCE_CHAIN: usize = 16;
const MOST_PROBLEMS: usize = 50;

/// Reads a definition. `Err` is the reader's message with the 1-based line and column when it knows them.
pub fn read(
    text: &str,
    yaml: bool,
    required_query_in_template: bool,
) -> Result<Definition, (String, Option<(u32, u32)>)> {
    let raw: Raw = if yaml {
        serde_yaml_ng::from_str(text).map_err(|error| {
            let at = error.location().map(|at| (at.line() as u32, at.column() as u32));
            (error.to_string(), at)
        })?
    } else {
        serde_json::from_str(text)
            .map_err(|error| (error.to_string(), Some((error.line() as u32, error.column() as u32))))?
    };
    if raw.openapi.is_none() && raw.swagger.is_none() {
        return Err(("neither `openapi` nor `swagger` says which kind of definition this is".to_owned(), None));
    }
    Ok(raw.define(required_query_in_template))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Raw {
    openapi: Option<Scalar>,
    swagger: Option<Scalar>,
    paths: Pairs<Item>,
    #[serde(rename = "x-ms-paths")]
    more_paths: Pairs<Item>,
    servers: Vec<Server>,
    components: Components,
    parameters: HashMap<String, Parameter>,
    host: Option<String>,
    #[serde(rename = "basePath")]
    base_path: Option<String>,
    schemes: Vec<String>,
}

/// `3.0.1` or `"2.0"`; YAML reads the bare `2.0` as a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(IgnoredAny),
}

#[derive(Deserialize)]
struct Server {
    #[serde(default)]
    url: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Components {
    parameters: HashMap<String, Parameter>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Item {
    get: Option<Call>,
    put: Option<Call>,
    post: Option<Call>,
    delete: Option<Call>,
    options: Option<Call>,
    head: Option<Call>,
    patch: Option<Call>,
    trace: Option<Call>,
    parameters: Vec<Parameter>,
    #[serde(rename = "$ref")]
    reference: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Call {
    #[serde(rename = "operationId")]
    id: Option<String>,
    summary: Option<String>,
    parameters: Vec<Parameter>,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Parameter {
    #[serde(rename = "$ref")]
    reference: Option<String>,
    name: String,
    #[serde(rename = "in")]
    place: String,
    required: bool,
}

impl Raw {
    fn define(self, required_query_in_template: bool) -> Definition {
        let mut definition = Definition { server: self.server(), ..Definition::default() };
        let mut names = Names::default();
        for (path, item) in self.paths.0.iter().chain(&self.more_paths.0) {
            if item.reference.is_some() {
                definition.problem(format!("the path `{path}` is a reference to another document, which is not read"));
                continue;
            }
            for (method, call) in item.calls() {
                let mut query = Vec::new();
                for parameter in item.parameters.iter().chain(&call.parameters) {
                    match self.resolve(parameter) {
                        Some(found) if found.place == "query" && found.required => query.push(found.name.clone()),
                        Some(_) => {}
                        None => definition.problem(format!(
                            "{method} {path} refers to the parameter `{}`, which the definition does not hold",
                            parameter.reference.as_deref().unwrap_or_default()
                        )),
                    }
                }
                let mut template = path.clone();
                if required_query_in_template {
                    query.sort_unstable();
                    query.dedup();
                    for name in query {
                        let joint = if template.contains('?') { '&' } else { '?' };
                        template.push_str(&format!("{joint}{name}={{{name}}}"));
                    }
                }
                let id = names.of(call.id.as_deref(), method, path);
                let title = call.summary.as_deref().filter(|text| !text.trim().is_empty()).or(call.id.as_deref());
                let name = title.map_or_else(|| id.clone(), |text| text.chars().take(300).collect());
                definition.operations.push(Declared { id, name, method, template });
            }
        }
        definition
    }

    fn server(&self) -> Option<String> {
        if self.swagger.is_some() {
            let host = self.host.as_deref()?;
            let scheme = if self.schemes.is_empty() || self.schemes.iter().any(|scheme| scheme == "https") {
                "https"
            } else {
                &self.schemes[0]
            };
            return Some(format!("{scheme}://{host}{}", self.base_path.as_deref().unwrap_or("")));
        }
        let https = self.servers.iter().find(|server| server.url.starts_with("https://"));
        https.or(self.servers.first()).map(|server| server.url.clone())
    }

    fn resolve<'a>(&'a self, parameter: &'a Parameter) -> Option<&'a Parameter> {
        let mut at = parameter;
        for _ in 0..LONGEST_REFERENCE_CHAIN {
            let Some(reference) = &at.reference else { return Some(at) };
            at = match reference.strip_prefix("#/components/parameters/") {
                Some(name) => self.components.parameters.get(name)?,
                None => self.parameters.get(reference.strip_prefix("#/parameters/")?)?,
            };
        }
        None
    }
}

impl Item {
    fn calls(&self) -> impl Iterator<Item = (&'static str, &Call)> {
        [
            ("GET", &self.get),
            ("PUT", &self.put),
            ("POST", &self.post),
            ("DELETE", &self.delete),
            ("OPTIONS", &self.options),
            ("HEAD", &self.head),
            ("PATCH", &self.patch),
            ("TRACE", &self.trace),
        ]
        .into_iter()
        .filter_map(|(method, call)| Some((method, call.as_ref()?)))
    }
}

impl Definition {
    fn problem(&mut self, text: String) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(text);
        }
    }
}

/// Gives operations the names that the platform's import gives them.
#[derive(Default)]
struct Names {
    taken: HashMap<String, u32>,
}

impl Names {
    fn of(&mut self, id: Option<&str>, method: &str, path: &str) -> String {
        let base = match id.map(str::trim).filter(|id| !id.is_empty()) {
            Some(id) => normalise(id),
            None => normalise(&format!("{method}{path}")),
        };
        let count = self.taken.entry(base.clone()).or_insert(0);
        let name = if *count == 0 { base.clone() } else { format!("{base}-{count}") };
        *count += 1;
        name
    }
}

/// Lower case, every run of other characters one dash, trimmed, at most 76 characters.
pub fn normalise(id: &str) -> String {
    let mut name = String::with_capacity(id.len());
    for character in id.chars() {
        if character.is_ascii_alphanumeric() {
            name.push(character.to_ascii_lowercase());
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    let mut name = name.trim_matches('-').to_owned();
    name.truncate(76);
    name.trim_end_matches('-').to_owned()
}

/// A map in the order of the document.
struct Pairs<T>(Vec<(String, T)>);

impl<T> Default for Pairs<T> {
    fn default() -> Pairs<T> {
        Pairs(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Pairs<T>, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Reader<T> {
            type Value = Pairs<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of paths")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<T>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    if key.starts_with('/') || key.starts_with('*') {
                        pairs.push((key, map.next_value()?));
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Pairs(pairs))
            }
        }
        from.deserialize_map(Reader(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_import_rule() {
        let table = [
            ("getOrders", "getorders"),
            ("Get Orders!", "get-orders"),
            ("__a--b__", "a-b"),
            ("GET/orders/{id}", "get-orders-id"),
        ];
        for (id, name) in table {
            assert_eq!(normalise(id), name, "{id}");
        }
        let mut names = Names::default();
        let given: Vec<_> = (0..3).map(|_| names.of(Some("list"), "GET", "/")).collect();
        assert_eq!(given, ["list", "list-1", "list-2"]);
        assert_eq!(names.of(None, "POST", "/orders/{id}"), "post-orders-id");
    }

    #[test]
    fn both_kinds_of_definition_are_read() {
        let openapi = "openapi: 3.0.1\nservers: [{url: 'http://a/'}, {url: 'https://b/v1'}]\npaths:\n  /orders/{id}:\n    \
                       parameters: [{name: id, in: path, required: true}]\n    get:\n      operationId: getOrder\n      \
                       parameters:\n        - $ref: '#/components/parameters/view'\n        - {name: x, in: query}\n\
                       components:\n  parameters:\n    view: {name: view, in: query, required: true}\n";
        let definition = read(openapi, true, true).expect("reads");
        assert_eq!(definition.server.as_deref(), Some("https://b/v1"));
        assert_eq!(definition.operations[0].template, "/orders/{id}?view={view}");
        assert_eq!(definition.operations[0].id, "getorder");
        let swagger = r##"{"swagger":"2.0","host":"h","basePath":"/b","schemes":["http"],"paths":{"/a":{"post":{"parameters":[{"$ref":"#/parameters/gone"}]}}}}"##;
        let definition = read(swagger, false, true).expect("reads");
        assert_eq!(definition.server.as_deref(), Some("http://h/b"));
        assert_eq!(definition.operations[0].id, "post-a");
        assert_eq!(definition.problems.len(), 1);
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
}
