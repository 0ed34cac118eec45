//! What a session remembers, and what a line gives.
//!
//! In: lines of C# and commands. Out: text. Never: a terminal. Variables stay because the statements that made them run again before each
//! line: evaluation is the same each time, so that nobody can tell.

use crate::dotnet::context::from_json;
use crate::dotnet::types::TypeId;
use crate::eval::{Form, Outcome, Settings, bind, evaluate};
use portcullis_grammar::syntax::{Expr, ExprKind, UnaryOp};
use portcullis_grammar::{LanguageVersion, parse_expression};
use serde_json::Value as Json;

pub struct Session {
    settings: Settings,
    context: Json,
    /// Statements of earlier lines.
    kept: Vec<String>,
}

/// What a line gave.
#[derive(Debug, PartialEq)]
pub enum Reply {
    Text(String),
    Failure(String),
    Nothing,
    Quit,
}

/// The commands, and what each does.
pub const COMMANDS: &[(&str, &str)] = &[
    (":context", "FILE    evaluate against the context (JSON) in a file"),
    (":help", "            this list"),
    (":quit", "            end"),
    (":reset", "           forget all variables"),
    (":type", "EXPR        the static type of an expression"),
];

impl Default for Session {
    fn default() -> Session {
        let context = serde_json::from_str(from_json::DEFAULT).expect("the built-in context is JSON");
        Session::new(Settings::default(), context)
    }
}

/// Whether brackets stay open, or a string or comment that may go over several lines.
pub fn is_incomplete(text: &str) -> bool {
    let text = text.trim();
    if text.starts_with(':') {
        return false;
    }
    let closed = |tail: &str| {
        [("{", "}"), ("(", ")")].iter().all(|(open, close)| {
            let whole = format!("{open}{text}{tail}\n{close}");
            portcullis_grammar::tokens::scan_expression_end(whole.as_bytes(), 1).is_some()
        })
    };
    // A literal that must end on its line is a mistake of this line, not one that goes on.
    let left_open = |quote: &str| closed(quote) && !closed(&format!("\n{quote}"));
    !closed("") && !left_open("\"") && !left_open("'")
}

impl Session {
    pub fn new(settings: Settings, context: Json) -> Session {
        Session { settings, context, kept: Vec::new() }
    }

    /// Evaluates a line (or several that belong together).
    pub fn line(&mut self, text: &str) -> Reply {
        let text = text.trim();
        if text.is_empty() {
            return Reply::Nothing;
        }
        if text.starts_with(':') {
            return self.command(text);
        }
        let wrapped = text.strip_prefix("@(").and_then(|inner| inner.strip_suffix(')'));
        if let Some(block) = text.strip_prefix("@{").and_then(|inner| inner.strip_suffix('}')) {
            return show(&self.evaluate(&format!("{{ {block} }}")));
        }
        let text = wrapped.unwrap_or(text);
        let alone = text.strip_suffix(';').unwrap_or(text).trim_end();
        let parsed = parse_expression(alone, self.version());
        match parsed.tree {
            Some(tree) if parsed.errors.is_empty() => self.expression(&tree, alone),
            _ => self.statements(text),
        }
    }

    /// The names of the variables so far.
    pub fn variables(&self) -> Vec<String> {
        self.locals("").into_iter().map(|(name, _)| name).collect()
    }

    /// The static type of an expression; what is wrong with it otherwise.
    pub fn type_of(&self, expression: &str) -> Result<TypeId, String> {
        const NAME: &str = "__it";
        let code = format!("{} var {NAME} = ({expression}\n); return null;", self.kept.join("\n"));
        let program = bind(Form::Block, &code, &self.settings.typing)?;
        let locals = program.functions.first().map(|entry| &entry.locals[..]).unwrap_or_default();
        let found = locals.iter().find(|local| &*local.name == NAME);
        found.map(|local| local.ty).ok_or_else(|| "it has no type".to_owned())
    }

    fn version(&self) -> LanguageVersion {
        if self.settings.typing.csharp_7_3 { LanguageVersion::CSharp7_3 } else { LanguageVersion::CSharp7 }
    }

    fn command(&mut self, text: &str) -> Reply {
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        match (name, rest.trim()) {
            (":quit" | ":q", _) => Reply::Quit,
            (":help" | ":h", _) => {
                let lines: Vec<String> = COMMANDS.iter().map(|(name, what)| format!("{name} {what}")).collect();
                Reply::Text(format!(
                    "C# expressions and statements; variables stay. An empty line ends an unfinished one.\n{}",
                    lines.join("\n")
                ))
            }
            (":reset", _) => {
                self.kept.clear();
                Reply::Nothing
            }
            (":type" | ":t", expression) if !expression.is_empty() => match self.type_of(expression) {
                Ok(ty) => Reply::Text(ty.csharp_name()),
                Err(why) => Reply::Failure(why),
            },
            (":context", path) if !path.is_empty() => {
                let read = std::fs::read_to_string(path).map_err(|error| error.to_string());
                match read.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string())) {
                    Ok(context) => {
                        self.context = context;
                        Reply::Nothing
                    }
                    Err(why) => Reply::Failure(format!("{path}: {why}")),
                }
            }
            _ => Reply::Failure(format!("`{text}` is no command; `:help` lists them")),
        }
    }

    fn expression(&mut self, tree: &Expr, text: &str) -> Reply {
        let outcome = self.evaluate(&format!("return {text}\n;"));
        if matches!(outcome, Outcome::CompileError(_)) {
            // A call that gives nothing is a statement.
            let alone = self.evaluate(&format!("{text}\n; return null;"));
            if let (Outcome::Value(_), true) = (&alone, is_statement(tree)) {
                self.kept.push(format!("{text}\n;"));
                return Reply::Nothing;
            }
        }
        if matches!(outcome, Outcome::Value(_)) && is_statement(tree) && self.may_change(tree, text) {
            self.kept.push(format!("{text}\n;"));
        }
        show(&outcome)
    }

    fn statements(&mut self, text: &str) -> Reply {
        let mut text = text.to_owned();
        let compiles = |text: &str| {
            let code = format!("{}\n{text}\nreturn null;", self.kept.join("\n"));
            bind(Form::Block, &code, &self.settings.typing)
        };
        if let Err(why) = compiles(&text) {
            text.push(';');
            if compiles(&text).is_err() {
                return Reply::Failure(why);
            }
        }
        let before = self.variables();
        let new: Vec<String> = self.locals(&text).into_iter().map(|(name, _)| name).collect();
        let last = new.iter().rev().find(|name| !before.contains(name));
        let shown = last.map(|name| self.evaluate(&format!("{text}\nreturn @{name};")));
        let outcome = match shown {
            Some(shown @ (Outcome::Value(_) | Outcome::Exception { .. })) => shown,
            _ => self.evaluate(&format!("{text}\nreturn null;")),
        };
        let Outcome::Value(value) = &outcome else { return show(&outcome) };
        let returns = self.returns(&text);
        if !returns {
            self.kept.push(text);
        }
        if last.is_none() && !returns && value.type_name == "null" { Reply::Nothing } else { show(&outcome) }
    }

    /// Whether these statements end by `return`, which would keep later lines from running.
    fn returns(&self, text: &str) -> bool {
        const MARK: &str = "__end";
        let code = format!("{text}\nreturn \"{MARK}\";");
        match self.evaluate(&code) {
            Outcome::Value(value) => value.text != MARK,
            _ => true,
        }
    }

    /// Variables that are in scope behind these statements.
    fn locals(&self, more: &str) -> Vec<(String, TypeId)> {
        let code = format!("{}\n{more}\nreturn null;", self.kept.join("\n"));
        let Ok(program) = bind(Form::Block, &code, &self.settings.typing) else { return Vec::new() };
        let locals = program.functions.into_iter().next().map(|entry| entry.locals).unwrap_or_default();
        locals.into_iter().filter(|local| !local.name.is_empty()).map(|local| (local.name.into(), local.ty)).collect()
    }

    fn evaluate(&self, code: &str) -> Outcome {
        let code = format!("{}\n{code}", self.kept.join("\n"));
        evaluate(Form::Block, &code, &self.context, &self.settings)
    }

    /// Whether a call or assignment concerns the variables, so that later lines must see it.
    fn may_change(&self, tree: &Expr, text: &str) -> bool {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let words: Vec<&str> = text.split(|c| !is_word(c)).collect();
        !matches!(tree.kind, ExprKind::Invocation { .. })
            || words.contains(&"out")
            || self.variables().iter().any(|name| words.contains(&&**name))
    }
}

/// Whether C# takes the expression as a statement.
fn is_statement(tree: &Expr) -> bool {
    match &tree.kind {
        ExprKind::Invocation { .. } | ExprKind::Assign { .. } => true,
        ExprKind::Unary { op, .. } => matches!(
            op,
            UnaryOp::PreIncrement | UnaryOp::PreDecrement | UnaryOp::PostIncrement | UnaryOp::PostDecrement
        ),
        ExprKind::ConditionalAccess { rest, .. } => is_statement(rest),
        _ => false,
    }
}

fn show(outcome: &Outcome) -> Reply {
    match outcome {
        Outcome::Value(value) => Reply::Text(format!("{}    {}", value.text, value.type_name)),
        Outcome::Exception { type_name, message } => Reply::Failure(format!("{type_name}: {message}")),
        Outcome::CompileError(error) | Outcome::BadContext(error) => Reply::Failure(error.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_build_on_each_other() {
        let mut session = Session::default();
        for (line, expected) in [
            ("1 + 1", "2    System.Int32"),
            ("@(\"a\".Length)", "1    System.Int32"),
            ("var list = new List<int> { 3, 1 };", "[3, 1]    System.Collections.Generic.List<System.Int32>"),
            ("list.Add(2)", ""),
            ("list.OrderBy(x => x).First()", "1    System.Int32"),
            ("list.Count;", "3    System.Int32"),
            ("int n = 5", "5    System.Int32"),
            ("n++", "5    System.Int32"),
            ("n", "6    System.Int32"),
            ("n += 10", "16    System.Int32"),
            ("int.TryParse(\"7\", out var seven)", "True    System.Boolean"),
            ("seven * 2", "14    System.Int32"),
            ("int twice(int x) { return 2 * x; }", ""),
            ("twice(n)", "32    System.Int32"),
            ("if (n > 3) { n = 3; }", ""),
            ("n", "3    System.Int32"),
            ("if (n > 2) return \"big\"; return \"small\";", "big    System.String"),
            ("@{ var inner = n; return inner; }", "3    System.Int32"),
            (":type list.Select(x => x.ToString())", "IEnumerable<string>"),
            ("n / 0", "System.DivideByZeroException: Attempted to divide by zero."),
            ("1 / 0", "CS0020 Division by constant zero"),
            ("int.Parse(\"x\")", "System.FormatException: Input string was not in a correct format."),
            (":reset", ""),
            ("n", "CS0103 The name 'n' does not exist in the current context"),
        ] {
            let found = match session.line(line) {
                Reply::Text(text) | Reply::Failure(text) => text,
                Reply::Nothing | Reply::Quit => String::new(),
            };
            assert_eq!(found, expected, "{line}");
        }
        assert_eq!(session.line(":quit"), Reply::Quit);
    }

    #[test]
    fn open_brackets_go_on() {
        for (text, open) in [
            ("1 + 1", false),
            ("new[] { 1,", true),
            ("f(", true),
            ("f(\")\"", true),
            ("\"abc", false),
            ("@\"abc", true),
            ("/* a", true),
            (")", false),
            (":type f(", false),
            ("if (a) {\n  b();", true),
            ("$\"{a", true),
        ] {
            assert_eq!(is_incomplete(text), open, "{text}");
        }
    }
}
