//! What may come next, from the tables: members of the static type before the cursor, variables, types, keywords, commands.
//!
//! In: the text up to the cursor, and a session. Out: where the unfinished word begins, and the words that could stand there.

use super::session::{COMMANDS, Session};
use crate::dotnet::inherit::{parents, substitute};
use crate::dotnet::member::{Form, Kind, Member, TypeDef};
use crate::dotnet::types::{self, Type, TypeId};
use crate::dotnet::{find_by_csharp_name, type_defs};

/// Keywords that an expression or a statement may begin with or hold.
const KEYWORDS: &[&str] = &[
    "as",
    "break",
    "case",
    "catch",
    "checked",
    "context",
    "continue",
    "default",
    "do",
    "else",
    "false",
    "finally",
    "for",
    "foreach",
    "from",
    "group",
    "if",
    "in",
    "into",
    "is",
    "join",
    "let",
    "new",
    "null",
    "orderby",
    "out",
    "return",
    "select",
    "switch",
    "throw",
    "true",
    "try",
    "typeof",
    "unchecked",
    "using",
    "var",
    "when",
    "where",
    "while",
];

/// The position of the word at the end of the text, and what it could become, in order.
pub fn complete(session: &Session, text: &str) -> (usize, Vec<String>) {
    if text.trim_start().starts_with(':') && !text.contains(char::is_whitespace) {
        let names = COMMANDS.iter().map(|(name, _)| *name).filter(|name| name.starts_with(text));
        return (0, names.map(str::to_owned).collect());
    }
    let start =
        text.rfind(|c: char| !is_word(c)).map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let word = &text[start..];
    let before = text[..start].trim_end();
    let mut found: Vec<String> = match before.strip_suffix('.') {
        Some(before) => members(session, receiver(before.strip_suffix('?').unwrap_or(before))),
        None if word.is_empty() => Vec::new(),
        None => {
            let types = type_defs().iter().filter(|def| def.allowed && !def.unnameable && !def.name.contains('+'));
            let types = types.map(|def| def.alias.unwrap_or(def.simple_name()).to_owned());
            session.variables().into_iter().chain(KEYWORDS.iter().map(|&k| k.to_owned())).chain(types).collect()
        }
    };
    found.retain(|name| name.starts_with(word));
    found.sort();
    found.dedup();
    (start, found)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The expression that ends here: names, calls, indexes and literals joined by dots, with `new` in front.
fn receiver(text: &str) -> &str {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut at = chars.len();
    loop {
        let end = at;
        // Brackets, from the last one to its opening.
        while at > 0 && matches!(chars[at - 1].1, ')' | ']' | '}' | '"' | '\'') {
            let Some(open) = opening(&chars, at - 1) else { return "" };
            at = open;
            // `new[] { ... }`
            while chars[open].1 == '{' && at > 0 && chars[at - 1].1.is_whitespace() {
                at -= 1;
            }
            if at > 0 && matches!(chars[at - 1].1, '$' | '@') {
                at -= 1;
            }
        }
        while at > 0 && is_word(chars[at - 1].1) {
            at -= 1;
        }
        // `List<int>` after `new`.
        if at == end && at > 0 && chars[at - 1].1 == '>' {
            let Some(open) = opening(&chars, at - 1) else { return "" };
            at = open;
            continue;
        }
        if at == end {
            break;
        }
        let ahead: String = chars[..at].iter().map(|(_, c)| c).collect();
        let trimmed = ahead.trim_end();
        if let Some(shorter) = trimmed.strip_suffix("new").filter(|rest| !rest.ends_with(is_word)) {
            at = shorter.chars().count();
            break;
        }
        match trimmed.strip_suffix("?.").or(trimmed.strip_suffix('.')) {
            Some(shorter) => at = shorter.chars().count(),
            None if trimmed.ends_with('>') && trimmed.len() == ahead.len() => {}
            None => break,
        }
    }
    let start = chars.get(at).map_or(text.len(), |(start, _)| *start);
    text[start..].trim()
}

/// The bracket or quote that the one at `at` closes.
fn opening(chars: &[(usize, char)], at: usize) -> Option<usize> {
    let quote = chars[at].1;
    if matches!(quote, '"' | '\'') {
        let is_start = |&here: &usize| {
            let escapes = chars[..here].iter().rev().take_while(|(_, c)| *c == '\\').count();
            chars[here].1 == quote && escapes % 2 == 0
        };
        return (0..at).rev().find(is_start);
    }
    let mut open = Vec::new();
    let mut here = at;
    loop {
        match chars[here].1 {
            c @ (')' | ']' | '}' | '>') if c != '>' || quote == '>' => open.push(c),
            c @ ('(' | '[' | '{' | '<') if c != '<' || quote == '>' => {
                open.pop();
                if open.is_empty() {
                    return Some(here);
                }
            }
            '"' | '\'' => here = opening(chars, here)?,
            _ => {}
        }
        here = here.checked_sub(1)?;
    }
}

fn members(session: &Session, receiver: &str) -> Vec<String> {
    if receiver.is_empty() {
        return Vec::new();
    }
    if let Ok(ty) = session.type_of(receiver) {
        return of_value(ty);
    }
    match find_by_csharp_name(receiver, 0) {
        Some(def) => {
            let members = crate::dotnet::def(def).members().iter();
            members
                .filter(|member| member.row.is_static && is_shown(member))
                .map(|member| member.name.to_owned())
                .collect()
        }
        None => Vec::new(),
    }
}

fn of_value(ty: TypeId) -> Vec<String> {
    let ty = match ty.get() {
        Type::Nullable(of) => TypeId::generic("System.Nullable", &[*of]),
        _ => ty,
    };
    let family = family(ty);
    let mut found: Vec<String> = Vec::new();
    let is_interface = |def: &TypeDef| def.kind == Kind::Interface;
    let of_interface = ty.def().is_some_and(is_interface);
    for def in family.iter().filter_map(|ty| ty.def()) {
        // What a class implements of an interface is among its own members, if it is to be seen at all.
        if is_interface(def) && !of_interface {
            continue;
        }
        let own = def.members().iter().filter(|member| !member.row.is_static && is_shown(member));
        found.extend(own.map(|member| member.name.to_owned()));
    }
    if let Type::Anonymous(fields) = ty.get() {
        found.extend(fields.iter().map(|(name, _)| name.to_string()));
    }
    for def in type_defs().iter().filter(|def| def.kind == Kind::Static) {
        let extensions = def.members().iter().filter(|member| member.is_extension && is_shown_extension(member));
        let fitting = extensions.filter(|member| member.parameters.first().is_some_and(|this| fits(&family, this.ty)));
        found.extend(fitting.map(|member| member.name.to_owned()));
    }
    found
}

/// The type, its base classes and its interfaces, and `object`.
fn family(ty: TypeId) -> Vec<TypeId> {
    let mut found = vec![ty];
    let mut at = 0;
    while let Some(&ty) = found.get(at) {
        at += 1;
        for &parent in parents(ty) {
            if !found.contains(&parent) {
                found.push(parent);
            }
        }
    }
    if !found.contains(&types::object()) {
        found.push(types::object());
    }
    found
}

/// Whether the first parameter of an extension method could be one of these; a type parameter may be anything.
fn fits(family: &[TypeId], wanted: TypeId) -> bool {
    let fits_one = |own: &TypeId| match (own.get(), wanted.get()) {
        (_, Type::MethodParameter(_)) => true,
        (Type::Named(a, own), Type::Named(b, wanted)) => {
            a == b
                && own
                    .iter()
                    .zip(wanted)
                    .all(|(own, wanted)| own == wanted || substitute(*wanted, &[], &[types::error()]) != *wanted)
        }
        _ => *own == wanted,
    };
    family.iter().any(fits_one)
}

fn is_shown(member: &Member) -> bool {
    let named = matches!(member.row.form, Form::Method | Form::Property | Form::Field);
    named && member.row.allowed && !member.is_extension
}

fn is_shown_extension(member: &Member) -> bool {
    member.row.allowed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::repl::session::Reply;

    #[test]
    fn knows_what_comes_next() {
        let mut session = Session::default();
        assert!(matches!(session.line("var numbers = new List<int> { 1 };"), Reply::Text(_)));
        assert!(matches!(session.line("var name = \"x\";"), Reply::Text(_)));
        for (text, has, has_not) in [
            ("context.", "Request", "Length"),
            ("context.Request.Headers.GetV", "GetValueOrDefault", "Count"),
            ("name.", "Substring", "Add"),
            ("name.To", "ToUpper", "Substring"),
            ("name.Trim().", "Length", "Add"),
            ("\"a.b\".", "Split", "Add"),
            ("1 + name.Len", "Length", "Split"),
            ("numbers.", "Add", "Substring"),
            ("numbers.Wh", "Where", "Add"),
            ("numbers.Select(n => n.ToString()).", "ToList", "Add"),
            ("(1.5).", "CompareTo", "Length"),
            ("new List<string>().", "AddRange", "Substring"),
            ("new[] { 1, 2 }.", "Length", "Add"),
            ("string.", "IsNullOrEmpty", "Length"),
            ("Math.M", "Max", "Abs"),
            ("StringComparison.", "OrdinalIgnoreCase", "Length"),
            ("JObject.Parse(\"{}\")[\"a\"]?.", "Value", "Substring"),
            ("nam", "name", "numbers"),
            ("var x = con", "context", "name"),
            ("Date", "DateTime", "List"),
            ("fore", "foreach", "for"),
            (":t", ":type", ":quit"),
            ("(DateTime?)null.", "", "x"),
        ] {
            let (_, found) = complete(&session, text);
            assert!(has.is_empty() || found.iter().any(|name| name == has), "{text}: no {has} in {found:?}");
            assert!(!found.iter().any(|name| name == has_not), "{text}: {has_not} in {found:?}");
        }
    }

    #[test]
    fn the_receiver_is_what_the_dot_stands_behind() {
        for (text, expected) in [
            ("a + b", "b"),
            ("f(a.b, c)", "f(a.b, c)"),
            ("x = a.b[0].c(\")\")", "a.b[0].c(\")\")"),
            ("return new List<int>()", "new List<int>()"),
            ("(a + b)", "(a + b)"),
            ("if (x) y", "y"),
            ("a?.b", "a?.b"),
            ("$\"{a}\"", "$\"{a}\""),
            ("f(", ""),
        ] {
            assert_eq!(receiver(text), expected, "{text}");
        }
    }
}
