//! What a configuration is read with besides its own files: named values from outside, the overrides of an environment,
//! and the secrets that a Key Vault told. Shows none of them in `Debug`.

use super::files::strip_bom;
use crate::diagnostics::{Diagnostics, Finding, codes};
use crate::document::{NamedValue, NamedValues};
use crate::gateway::model::VaultSecret;
use crate::source::{FileId, Place, Sources, Span};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

#[derive(Clone, Default)]
pub struct Given {
    /// Override the named values of the files, and supply those that files never hold.
    pub named_values: NamedValues,
    /// From environment variables, whose names have no `-` and no `.`, by [`folded`] name.
    by_variable: BTreeMap<String, String>,
    /// The text of `configuration.<env>.yaml`.
    pub overrides: Option<FileId>,
    /// What `{#token#}` in the overrides stands for.
    pub tokens: BTreeMap<String, String>,
    /// What a Key Vault told. `None`: no vault is asked, and a value that lies in one is a finding.
    pub vault: Option<BTreeMap<VaultSecret, Result<String, String>>>,
    /// What is known and not served is a warning: what is left of the configuration is served.
    pub allow_unsupported: bool,
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Given").field("overrides", &self.overrides).finish_non_exhaustive()
    }
}

impl From<NamedValues> for Given {
    fn from(named_values: NamedValues) -> Given {
        Given { named_values, ..Given::default() }
    }
}

/// `key-service` and `KEY_SERVICE` are one name.
fn folded(name: &str) -> String {
    name.chars().map(|c| if matches!(c, '-' | '.') { '_' } else { c.to_ascii_uppercase() }).collect()
}

impl Given {
    /// The value of an environment variable. It is a secret, since nobody says otherwise.
    pub fn define_variable(&mut self, name: &str, value: String) {
        self.by_variable.insert(folded(name), value);
    }

    /// What is given for the named value of this name.
    pub fn find(&self, name: &str) -> Option<NamedValue> {
        let by_variable = || {
            let value = self.by_variable.get(&folded(name))?.clone();
            Some(NamedValue { value, secret: true })
        };
        self.named_values.find(name).cloned().or_else(by_variable)
    }

    /// Everything that is given, for documents that stand alone. Variables have their folded names.
    pub fn all(&self) -> NamedValues {
        let mut all = NamedValues::new();
        for (name, value) in &self.by_variable {
            all.define(name, value.clone(), true);
        }
        for name in self.named_values.names() {
            if let Some(own) = self.named_values.find(name) {
                all.define(name, own.value.clone(), own.secret);
            }
        }
        all
    }
}

/// A file of named values. JSON and YAML hold `name: value`, or `name: {value: ..., secret: true}`; a `.env` file holds
/// `NAME=value`, and all of it is secret.
pub fn named_values(file: FileId, sources: &Sources, found: &mut Diagnostics) -> NamedValues {
    let text = strip_bom(sources.text(file));
    let name = sources.path(file).rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    let mut wrong = |place: Option<Place>, message: String| {
        let offset = place.and_then(|place| sources.offset(file, place)).unwrap_or(0);
        found.push(Finding::new(codes::GATEWAY_FILE, Span::new(file, offset, offset), message));
    };
    if name == ".env" || name.ends_with(".env") || name.starts_with(".env.") {
        return environment_file(text, &mut wrong);
    }
    let read = if name.ends_with(".yaml") || name.ends_with(".yml") {
        serde_yaml_ng::from_str::<Value>(text).map_err(|error| {
            let at = error.location().map(|at| Place { line: at.line() as u32, column: at.column() as u32 });
            (at, error.to_string())
        })
    } else {
        serde_json::from_str::<Value>(text).map_err(|error| {
            let at = Place { line: (error.line() as u32).max(1), column: (error.column() as u32).max(1) };
            (Some(at), error.to_string())
        })
    };
    let mut values = NamedValues::new();
    match read {
        Ok(Value::Object(members)) => {
            for (name, value) in members {
                let secret = value.get("secret").and_then(Value::as_bool).unwrap_or(false);
                match value.as_str().or_else(|| value.get("value")?.as_str()) {
                    Some(text) => values.define(&name, text, secret),
                    None => wrong(None, format!("`{name}` is neither a text nor an object with `value`")),
                }
            }
        }
        Ok(_) => wrong(None, "the file holds no names and values".to_owned()),
        Err((place, message)) => wrong(place, message),
    }
    values
}

/// Puts stars over every value of a file of named values, so that no finding quotes one; names stay.
pub fn hide_values(file: FileId, sources: &mut Sources) {
    let text = sources.text(file).to_owned();
    let values = text.lines().filter_map(|line| {
        let at = line.find(['=', ':'])?;
        let value = line[at + 1..].trim().trim_end_matches(',').trim_matches(['"', '\'']);
        (!value.is_empty()).then_some(value)
    });
    for value in values {
        sources.hide(file, value);
    }
}

/// `NAME=value` lines; `#` begins a comment line, quotes around a value go, `\n` and the like count in double quotes.
fn environment_file(text: &str, wrong: &mut impl FnMut(Option<Place>, String)) -> NamedValues {
    let mut values = NamedValues::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let place = Place { line: number as u32 + 1, column: 1 };
        let Some((name, value)) = line.split_once('=') else {
            wrong(Some(place), "a line of a .env file is `NAME=value`".to_owned());
            continue;
        };
        let (name, value) = (name.trim(), value.trim());
        let value = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => match value[1..].strip_suffix(quote) {
                Some(inner) if quote == '"' => unescaped(inner),
                Some(inner) => inner.to_owned(),
                None => {
                    wrong(Some(place), format!("the value of `{name}` has no closing quote"));
                    continue;
                }
            },
            _ => value.split(" #").next().unwrap_or_default().trim_end().to_owned(),
        };
        values.define(name, value, true);
    }
    values
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, characters.clone().next()) {
            ('\\', Some(next)) => {
                characters.next();
                out.push(match next {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    other => other,
                });
            }
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_named_values_are_read() {
        // File, text, what `show` makes of it.
        let table: &[(&str, &str, &str)] = &[
            ("v.json", r#"{"a":"1","b":{"value":"2","secret":true}}"#, "a=1 b=2*"),
            ("v.json", "{\n\"a\": }", "2:6 expected value at line 2 column 6"),
            ("v.json", r#"{"a":1}"#, "1:1 `a` is neither a text nor an object with `value`"),
            ("v.yaml", "a: one\nb:\n  value: '2'\n  secret: true\n", "a=one b=2*"),
            ("v.yml", "- a\n", "1:1 the file holds no names and values"),
            (
                "prod.env",
                "# c\nexport A=1\nB='x y'\nC=\"l\\n\\\"q\\\"\" \nD=v # note\n\n",
                "A=1* B=x y* C=l\n\"q\"* D=v*",
            ),
            (".env", "A\n", "1:1 a line of a .env file is `NAME=value`"),
            (".env.local", "A='x\n", "1:1 the value of `A` has no closing quote"),
        ];
        for (path, text, shown) in table {
            let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
            let file = sources.add(*path, text.as_bytes().to_vec()).expect("a small text");
            let values = named_values(file, &sources, &mut found);
            let mut lines: Vec<_> = values
                .names()
                .filter_map(|name| {
                    let own = values.find(name)?;
                    Some(format!("{name}={}{}", own.value, if own.secret { "*" } else { "" }))
                })
                .collect();
            lines.extend(found.into_sorted().into_iter().map(|finding| {
                let place = sources.place(finding.span.file, finding.span.start);
                format!("{}:{} {}", place.line, place.column, finding.message)
            }));
            assert_eq!(lines.join(" "), *shown, "{path}: {text}");
            hide_values(file, &mut sources);
            assert_eq!(sources.text(file).len(), text.len());
        }
    }

    #[test]
    fn variables_stand_for_names_that_they_cannot_spell() {
        let mut given = Given::default();
        given.define_variable("KEY_SERVICE", "v".to_owned());
        assert_eq!(given.find("key-service").map(|own| (own.value, own.secret)), Some(("v".to_owned(), true)));
        given.named_values.define("key-service", "file", false);
        assert_eq!(given.find("key-service").map(|own| own.value).as_deref(), Some("file"));
        assert!(given.find("other").is_none() && !format!("{given:?}").contains("file"));
        assert_eq!(given.all().names().collect::<Vec<_>>(), ["KEY_SERVICE", "key-service"]);
    }
}
