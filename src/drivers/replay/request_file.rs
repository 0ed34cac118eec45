//! Files of requests as editors write them (VS Code REST Client, Visual Studio, JetBrains): messages split by `###`, and
//! beside them file variables, comments, a query continued on further lines, and bodies in files. In: the text and a way
//! to read files beside it. Out: the requests. Scripts and values that change from run to run are refused by name.

use super::http_file::{self, Part, Wrong};
use crate::message::{Body, Request};
use std::collections::BTreeMap;

/// How long a line may grow by its variables, in bytes.
const LONGEST: usize = 1 << 20;
/// How deep variables may stand in variables.
const DEEPEST: usize = 16;

/// Reads a file named in a body, relative to the file of requests.
pub type Read<'r> = &'r dyn Fn(&str) -> Result<Vec<u8>, String>;

/// For texts that stand alone.
pub fn no_files(name: &str) -> Result<Vec<u8>, String> {
    Err(format!("`< {name}`: a case holds its bodies itself"))
}

/// The requests of a file, in order.
pub fn requests(text: &str, read: Read<'_>) -> Result<Vec<Request>, Wrong> {
    let variables = Variables::of(text)?;
    let mut found = Vec::new();
    for part in http_file::split(text) {
        if let Some(request) = one(&part, &variables, read)? {
            found.push(request);
        }
    }
    Ok(found)
}

fn one(part: &Part<'_>, variables: &Variables<'_>, read: Read<'_>) -> Result<Option<Request>, Wrong> {
    let mut lines = part.lines.iter().enumerate().skip_while(|(_, line)| is_aside(line) || definition(line).is_some());
    let Some((begins, first)) = lines.next() else { return Ok(None) };
    let begins = part.line + begins;
    let mut url = (*first).to_owned();
    let mut head = Vec::new();
    let mut body: Option<Vec<&str>> = None;
    for (at, line) in lines {
        let wrong = |message: &str| Err(Wrong { line: part.line + at, message: message.into() });
        if line.starts_with("> {%") || line.starts_with("< {%") {
            return wrong(
                "scripts are not run: take it out; what is expected stands in a case folder's `expected.http`",
            );
        }
        match &mut body {
            Some(body) => body.push(line),
            None if line.trim().is_empty() => body = Some(Vec::new()),
            None if line.starts_with('#') || line.starts_with("//") => {}
            None if head.is_empty() && line.trim_start().starts_with(['?', '&']) => url.push_str(line.trim()),
            None => head.push(*line),
        }
    }
    let url = variables.fill(&url, begins)?;
    if let Some(name) = references(&url).next() {
        let message = format!("the variable `{name}` is not defined: write `@{name} = ...` on a line of its own above");
        return Err(Wrong { line: begins, message });
    }
    let mut texts = vec![url];
    for line in head {
        texts.push(variables.fill(line, begins)?);
    }
    let mut bytes = None;
    if let Some(body) = body {
        match body.first().and_then(|line| file_of(line)) {
            Some((name, filled)) if body.len() == 1 => {
                let wrong = |message| Wrong { line: begins, message };
                let content = read(name).map_err(wrong)?;
                bytes = Some(match filled {
                    false => content,
                    true => {
                        let text = String::from_utf8(content).map_err(|_| wrong(format!("`{name}` is not UTF-8")))?;
                        variables.fill(&text, begins)?.into_bytes()
                    }
                });
            }
            _ => {
                texts.push(String::new());
                for line in body {
                    texts.push(variables.fill(line, begins)?);
                }
            }
        }
    }
    let lines = texts.iter().map(String::as_str).collect();
    let mut request = http_file::request(&Part { line: begins, lines })?;
    if let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) {
        request.body = Body::Bytes(bytes.into());
    }
    Ok(Some(request))
}

/// An empty line or a comment.
fn is_aside(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with('#') || line.starts_with("//")
}

/// `@name = value`.
fn definition(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.strip_prefix('@')?.split_once('=')?;
    let name = name.trim();
    let valid = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    valid.then(|| (name, value.trim()))
}

/// `< file`, and `<@ file`, whose variables are filled in.
fn file_of(line: &str) -> Option<(&str, bool)> {
    match (line.strip_prefix("< "), line.strip_prefix("<@ ")) {
        (Some(name), _) => Some((name.trim(), false)),
        (_, Some(name)) => Some((name.trim(), true)),
        _ => None,
    }
}

/// The names in `{{name}}`.
fn references(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("{{").filter_map(|(at, _)| text[at + 2..].split_once("}}").map(|(name, _)| name.trim()))
}

/// The variables of a file, wherever in it they are defined.
struct Variables<'t>(BTreeMap<&'t str, &'t str>);

impl<'t> Variables<'t> {
    /// Definitions stand before a request line; a body's lines are its own.
    fn of(text: &'t str) -> Result<Variables<'t>, Wrong> {
        let mut found = BTreeMap::new();
        for part in http_file::split(text) {
            let before = part.lines.iter().take_while(|line| is_aside(line) || line.starts_with('@'));
            for (at, line) in before.enumerate().filter(|(_, line)| line.starts_with('@')) {
                let Some((name, value)) = definition(line) else {
                    let message = format!("`{line}` defines no variable: write `@name = value`");
                    return Err(Wrong { line: part.line + at, message });
                };
                found.insert(name, value);
            }
        }
        Ok(Variables(found))
    }

    /// Fills in what is defined; the rest stays as it is, for a body may hold braces of its own.
    fn fill(&self, text: &str, line: usize) -> Result<String, Wrong> {
        let mut filled = String::with_capacity(text.len());
        self.fill_into(&mut filled, text, 0).map_err(|message| Wrong { line, message })?;
        Ok(filled)
    }

    fn fill_into(&self, out: &mut String, text: &str, depth: usize) -> Result<(), String> {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            out.push_str(before);
            let name = after.split_once("}}").map(|(name, _)| name);
            match name.map(|name| (name.len(), name.trim())) {
                Some((_, name)) if name.starts_with('$') => {
                    return Err(format!(
                        "`{{{{{name}}}}}` differs from run to run: define a variable with a fixed value"
                    ));
                }
                Some((length, name)) if self.0.contains_key(name) => {
                    if depth == DEEPEST {
                        return Err(format!("the variable `{name}` is defined by itself"));
                    }
                    self.fill_into(out, self.0[name], depth + 1)?;
                    rest = &after[length + 2..];
                }
                _ => {
                    out.push_str("{{");
                    rest = after;
                }
            }
            if out.len() > LONGEST {
                return Err(format!("a line grows past {LONGEST} bytes by its variables"));
            }
        }
        out.push_str(rest);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Result<Vec<String>, String> {
        let read = |name: &str| match name {
            "./order.json" => Ok(b"{\"of\":\"{{who}}\"}".to_vec()),
            _ => Err(format!("{name}: no such file")),
        };
        let requests = requests(text, &read).map_err(|wrong| format!("{}: {}", wrong.line, wrong.message))?;
        let tell = |request: &Request| {
            let token = request.headers.first("x-token").and_then(|token| token.to_str().ok()).unwrap_or("-");
            let body = match &request.body {
                Body::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                _ => String::new(),
            };
            format!("{} {} {token} {body}", request.method, request.url)
        };
        Ok(requests.iter().map(tell).collect())
    }

    #[test]
    fn what_editors_write_is_read() {
        let text = "\
@host = https://api.example
@base={{host}}/v1
@who=me

### the first
# @name first
// a comment
GET {{base}}/orders
    ?top=1
    &of={{ who }}
# not a header
X-Token: {{who}}-{{left}}

###
@late = 7
POST {{host}}/orders/{{late}}

{\"a\": \"{{who}}\", \"b\": \"{{left}}\"}
###
PUT {{host}}/a

< ./order.json
###
PUT {{host}}/b

<@ ./order.json
### nothing but a note
# the end
";
        let expected = [
            "GET https://api.example/v1/orders?top=1&of=me me-{{left}} ",
            "POST https://api.example/orders/7 - {\"a\": \"me\", \"b\": \"{{left}}\"}",
            "PUT https://api.example/a - {\"of\":\"{{who}}\"}",
            "PUT https://api.example/b - {\"of\":\"me\"}",
        ];
        assert_eq!(told(text), Ok(expected.map(str::to_owned).to_vec()));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let table = [
            (
                "\nGET {{host}}/a",
                "2: the variable `host` is not defined: write `@host = ...` on a line of its own above",
            ),
            ("@host\nGET /a", "1: `@host` defines no variable: write `@name = value`"),
            ("@a={{b}}\n@b={{a}}\nGET /{{a}}", "3: the variable `a` is defined by itself"),
            ("GET /{{$guid}}", "1: `{{$guid}}` differs from run to run: define a variable with a fixed value"),
            ("POST /a\n\n< ./other.json", "1: ./other.json: no such file"),
            (
                "GET /a\n\n> {%\nclient.log(1)\n%}",
                "3: scripts are not run: take it out; what is expected stands in a case folder's `expected.http`",
            ),
        ];
        for (text, expected) in table {
            assert_eq!(told(text), Err(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn variables_do_not_grow_without_bound() {
        let mut text = String::from("@v0=xxxxxxxxxxxxxxxx\n");
        for at in 1..DEEPEST {
            let before = format!("{{{{v{}}}}}", at - 1).repeat(8);
            text.push_str(&format!("@v{at}={before}\n"));
        }
        text.push_str("GET /{{v15}}\n");
        let line = DEEPEST + 1;
        assert_eq!(told(&text), Err(format!("{line}: a line grows past {LONGEST} bytes by its variables")));
    }
}
