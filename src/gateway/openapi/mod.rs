//! OpenAPI 3.0, 3.1 and Swagger 2 to operations: method, path, name, required query parameters, and the server. In: a
//! text, JSON or YAML. Out: what the platform's import makes of it, and what it leaves out. Reads no other document.

mod raw;
mod reference;

use raw::{Call, Item, Parameter, Raw};
use std::collections::HashSet;

/// An operation as a definition declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    pub id: String,
    pub name: String,
    pub method: &'static str,
    /// With the required query parameters, as the platform imports them.
    pub template: String,
    /// As the definition writes it.
    pub path: String,
}

/// What a definition says.
#[derive(Clone, Debug, Default)]
pub struct Definition {
    pub title: Option<String>,
    pub operations: Vec<Declared>,
    /// The first https entry of `servers`, else the first; or Swagger's scheme, host and base path. May be relative.
    pub server: Option<String>,
    pub problems: Vec<Problem>,
}

/// Something that the definition says and an import leaves out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub message: String,
    /// A text of the definition that stands near it.
    pub near: String,
}

/// The reader's message, with the 1-based line and column when it knows them.
pub type Unreadable = (String, Option<(u32, u32)>);

const MOST_PROBLEMS: usize = 50;

/// Whether a definition is YAML: its name tells, or else how it begins.
pub fn is_yaml(path: &str, text: &str) -> bool {
    match path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).as_deref() {
        Some("yaml" | "yml") => true,
        Some("json") => false,
        _ => !text.trim_start().starts_with('{'),
    }
}

/// Reads a definition.
pub fn read(text: &str, yaml: bool, required_query_in_template: bool) -> Result<Definition, Unreadable> {
    let raw: Raw = if yaml {
        serde_yaml_ng::from_str(text).map_err(|error| {
            let at = error.location().map(|at| (at.line() as u32, at.column() as u32));
            (error.to_string(), at)
        })?
    } else {
        serde_json::from_str(text)
            .map_err(|error| (error.to_string(), Some((error.line() as u32, error.column() as u32))))?
    };
    known_version(&raw)?;
    let definition = Definition { title: raw.info.title.0.clone(), ..Definition::default() };
    let mut reader = Reader { raw: &raw, definition, names: Names::default(), required_query_in_template };
    reader.server();
    for (path, item) in raw.paths.0.iter().chain(&raw.more_paths.0) {
        reader.path(path, item);
    }
    Ok(reader.definition)
}

fn known_version(raw: &Raw) -> Result<(), Unreadable> {
    let refused =
        |kind: &str, version: &str, known: &str| Err((format!("this is {kind} {version}; {known} can be read"), None));
    match (raw.openapi.0.as_deref(), raw.swagger.0.as_deref()) {
        (Some(version), _) => match version.split('.').take(2).collect::<Vec<_>>()[..] {
            ["3", "0" | "1"] | ["3"] => Ok(()),
            _ => refused("OpenAPI", version, "3.0 and 3.1"),
        },
        (None, Some("2.0" | "2")) => Ok(()),
        (None, Some(version)) => refused("Swagger", version, "2.0"),
        (None, None) => Err(("neither `openapi` nor `swagger` says which kind of definition this is".to_owned(), None)),
    }
}

struct Reader<'r> {
    raw: &'r Raw,
    definition: Definition,
    names: Names,
    required_query_in_template: bool,
}

impl<'r> Reader<'r> {
    fn problem(&mut self, near: &str, message: String) {
        let problem = Problem { message, near: near.to_owned() };
        if self.definition.problems.len() < MOST_PROBLEMS && !self.definition.problems.contains(&problem) {
            self.definition.problems.push(problem);
        }
    }

    // ---- servers

    fn server(&mut self) {
        let raw = self.raw;
        if let (Some(_), Some(host)) = (&raw.swagger.0, raw.host.0.as_deref()) {
            let schemes: Vec<&str> = raw.schemes.iter().filter_map(|scheme| scheme.0.as_deref()).collect();
            let scheme = match schemes.first() {
                Some(first) if !schemes.contains(&"https") => first,
                _ => "https",
            };
            let base = raw.base_path.0.as_deref().unwrap_or("");
            let slash = if base.is_empty() || base.starts_with('/') { "" } else { "/" };
            self.definition.server = Some(format!("{scheme}://{host}{slash}{base}"));
            return;
        }
        let servers = if raw.servers.is_empty() { &raw.x_servers } else { &raw.servers };
        let urls: Vec<String> = servers.iter().map(|server| self.filled(server)).collect();
        let absolute = |url: &&String| url.contains("://");
        let https = urls.iter().find(|url| url.starts_with("https://"));
        self.definition.server = https.or(urls.iter().find(absolute)).or(urls.first()).cloned();
    }

    /// A server's URL with the defaults of its variables.
    fn filled(&mut self, server: &raw::Server) -> String {
        let written = server.url.0.as_deref().unwrap_or("");
        let mut url = String::new();
        let mut rest = written;
        while let Some((before, (name, after))) =
            rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        {
            url.push_str(before);
            match server.variables.get(name).and_then(|variable| variable.default.0.as_deref()) {
                Some(value) => url.push_str(value),
                None => {
                    self.problem(written, format!("the variable `{name}` of the server `{written}` has no default"));
                    url.push_str(&rest[before.len()..before.len() + name.len() + 2]);
                }
            }
            rest = after;
        }
        url + rest
    }

    // ---- operations

    fn path(&mut self, path: &str, item: &'r Item) {
        let item = match reference::item(self.raw, item) {
            Ok(item) => item,
            Err(why) => {
                return self.problem(path, format!("the path `{path}`: {why}"));
            }
        };
        if item.trace.is_some() {
            self.problem(path, format!("TRACE {path}: the platform imports no TRACE operations"));
        }
        for (method, call) in item.calls() {
            if item.servers.is_some() || call.servers.is_some() {
                let message = format!("{method} {path} names servers of its own, which the platform does not take");
                self.problem(path, message);
            }
            let parameters = self.parameters(path, method, item, call);
            let template = self.template(path, method, &parameters);
            let (id, name) = (call.id.0.as_deref(), call.summary.0.as_deref());
            let name = name.filter(|text| !text.trim().is_empty()).or(id.filter(|id| !id.trim().is_empty()));
            let id = self.names.of(id, method, path);
            let name = name.map_or_else(|| id.clone(), |text| text.chars().take(LONGEST_NAME).collect());
            self.definition.operations.push(Declared { id, name, method, template, path: path.to_owned() });
        }
    }

    /// An operation's parameters: its own instead of those of its path that have the same name and place.
    fn parameters(&mut self, path: &str, method: &str, item: &'r Item, call: &'r Call) -> Vec<&'r Parameter> {
        let mut parameters: Vec<&Parameter> = Vec::new();
        for written in item.parameters.iter().chain(&call.parameters) {
            match reference::parameter(self.raw, written) {
                Ok(found) => {
                    let same = |other: &&mut &Parameter| other.name.0 == found.name.0 && other.place.0 == found.place.0;
                    match parameters.iter_mut().find(same) {
                        Some(earlier) => *earlier = found,
                        None => parameters.push(found),
                    }
                }
                Err(why) => {
                    let near = written.reference.0.as_deref().unwrap_or(path);
                    self.problem(near, format!("{method} {path}: {why}"));
                }
            }
        }
        parameters
    }

    fn template(&mut self, path: &str, method: &str, parameters: &[&Parameter]) -> String {
        let mut template = if path.starts_with(['/', '*']) { path.to_owned() } else { format!("/{path}") };
        let in_path = path.split('?').next().unwrap_or(path);
        for parameter in parameters {
            let (Some(name), Some(place)) = (parameter.name.0.as_deref(), parameter.place.0.as_deref()) else {
                self.problem(path, format!("{method} {path}: a parameter has no `name`, or no `in`"));
                continue;
            };
            match place {
                "path" if !in_path.contains(&format!("{{{name}}}")) && !in_path.contains(&format!("{{*{name}}}")) => {
                    let message =
                        format!("{method} {path} declares the path parameter `{name}`, which is not in the path");
                    self.problem(path, message);
                }
                "cookie" => {
                    let message = format!("{method} {path}: the platform takes no cookie parameters, such as `{name}`");
                    self.problem(path, message);
                }
                "query" if parameter.required && self.required_query_in_template => {
                    let query = template.split_once('?').map_or("", |(_, query)| query);
                    let there = query.split('&').any(|pair| pair.split('=').next() == Some(name));
                    if !there {
                        let joint = if template.contains('?') { '&' } else { '?' };
                        template.push_str(&format!("{joint}{name}={{{name}}}"));
                    }
                }
                _ => {}
            }
        }
        template
    }
}

const LONGEST_NAME: usize = 300;

/// Gives operations the names that the platform's import gives them.
#[derive(Default)]
struct Names {
    taken: HashSet<String>,
}

impl Names {
    fn of(&mut self, id: Option<&str>, method: &str, path: &str) -> String {
        let base = match id.map(normalise).filter(|id| !id.is_empty()) {
            Some(id) => id,
            None => normalise(&format!("{method}-{path}")),
        };
        let mut name = base.clone();
        for suffix in 1u32.. {
            if self.taken.insert(name.clone()) {
                break;
            }
            name = format!("{base}-{suffix}");
        }
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

#[cfg(test)]
mod tests;
