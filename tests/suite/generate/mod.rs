//! Well-typed C# from a seed, over the whole table of types and members.
//!
//! In: a seed. Out: expressions and statement blocks; the same seed gives the same text. A few of them are refused by the compiler all the
//! same (a constant overflows, an overload is ambiguous): a real compiler then has to refuse them too. Nothing reads a clock, a file or an
//! unseeded random number.

mod atoms;
mod calls;
mod language;
mod random;
mod texts;

use portcullis::dotnet::inherit::is_subtype;
use portcullis::dotnet::member::{Kind, type_of};
use portcullis::dotnet::types::{self, Type, TypeId};
use portcullis::eval::Form;
use random::Random;

/// A program, and whether it is an expression or statements.
pub struct Case {
    pub form: Form,
    pub code: String,
}

/// Text of an expression; a primary one can be a receiver as it stands.
struct Text {
    code: String,
    primary: bool,
}

impl Text {
    fn primary(code: impl Into<String>) -> Text {
        Text { code: code.into(), primary: true }
    }

    fn other(code: impl Into<String>) -> Text {
        Text { code: code.into(), primary: false }
    }

    fn receiver(self) -> String {
        if self.primary { self.code } else { format!("({})", self.code) }
    }
}

/// What programs come from.
pub struct Generator {
    random: Random,
    tables: &'static calls::Tables,
    /// Variables in scope.
    locals: Vec<(String, TypeId)>,
    names: u32,
}

/// The types that a program's result or a variable may have.
const VALUES: &[&str] = &[
    "bool",
    "char",
    "sbyte",
    "byte",
    "short",
    "ushort",
    "int",
    "uint",
    "long",
    "ulong",
    "float",
    "double",
    "decimal",
    "string",
    "string",
    "DateTime",
    "DateTimeOffset",
    "TimeSpan",
    "Guid",
    "Uri",
    "byte[]",
    "char[]",
    "int[]",
    "string[]",
    "List<int>",
    "List<string>",
    "Dictionary<string, int>",
    "HashSet<int>",
    "IEnumerable<int>",
    "IEnumerable<string>",
    "StringBuilder",
    "JToken",
    "JObject",
    "JArray",
    "XElement",
    "XAttribute",
    "Match",
    "int?",
    "double?",
    "DateTime?",
    "KeyValuePair<string, int>",
    "Tuple<int, string>",
    "Version",
];

impl Generator {
    pub fn new(seed: u64) -> Generator {
        Generator { random: Random::new(seed), tables: calls::tables(), locals: Vec::new(), names: 0 }
    }

    /// The next program: a member of the tables called, C#'s operators, or statements.
    pub fn case(&mut self) -> Case {
        self.locals.clear();
        self.names = 0;
        let depth = 1 + self.random.below(2) as i32;
        match self.random.below(10) {
            0..5 => self.member_case(depth),
            5..7 => {
                let ty = self.value_type();
                let text = self.expression(ty, depth + 1);
                Case { form: Form::Expression, code: text.code }
            }
            _ => Case { form: Form::Block, code: self.block(depth) },
        }
    }

    fn value_type(&mut self) -> TypeId {
        loop {
            let ty = type_of(self.random.pick(VALUES));
            if ty != types::error() {
                return ty;
            }
        }
    }

    fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    /// An expression that converts to `ty`.
    fn expression(&mut self, ty: TypeId, depth: i32) -> Text {
        let fitting: Vec<usize> =
            (0..self.locals.len()).filter(|&at| self.locals[at].1 == ty || is_subtype(self.locals[at].1, ty)).collect();
        if !fitting.is_empty() && self.random.chance(if depth > 0 { 35 } else { 60 }) {
            let at = fitting[self.random.below(fitting.len())];
            return Text::primary(self.locals[at].0.clone());
        }
        if depth <= 0 {
            return self.atom(ty, depth);
        }
        match self.random.below(10) {
            0..2 => self.atom(ty, depth),
            2..5 => self.operators(ty, depth),
            _ => self.call_giving(ty, depth).unwrap_or_else(|| Text::primary("null")),
        }
    }

    /// A lambda for a delegate type.
    fn lambda(&mut self, ty: TypeId, depth: i32) -> Option<Text> {
        let def = ty.def().filter(|def| def.kind == Kind::Delegate)?;
        let arguments = ty.arguments();
        let (parameters, result) = match def.simple_name() {
            "Func" | "Converter" => (arguments[..arguments.len() - 1].to_vec(), Some(arguments[arguments.len() - 1])),
            "Action" => (arguments.to_vec(), None),
            "Predicate" => (arguments.to_vec(), Some(types::boolean())),
            "Comparison" => (vec![arguments[0]; 2], Some(types::int32())),
            "MatchEvaluator" => (vec![type_of("Match")], Some(types::string())),
            _ => return None,
        };
        let names: Vec<String> = parameters.iter().map(|_| self.name("p")).collect();
        let before = self.locals.len();
        self.locals.extend(names.iter().cloned().zip(parameters));
        let body = match result {
            Some(result) => self.expression(result, depth.min(2) - 1).code,
            None => "{ }".to_owned(),
        };
        self.locals.truncate(before);
        let names = names.join(", ");
        Some(Text::other(if names.contains(',') || names.is_empty() {
            format!("({names}) => {body}")
        } else {
            format!("{names} => {body}")
        }))
    }
}

/// How C# writes a type, where it can.
fn type_name(ty: TypeId) -> String {
    match ty.get() {
        Type::Named(def, arguments) if !arguments.is_empty() => {
            let def = portcullis::dotnet::def(*def);
            let list: Vec<String> = arguments.iter().map(|&argument| type_name(argument)).collect();
            match def.name.rsplit_once('+') {
                Some((outer, nested)) => {
                    let outer = outer.rsplit('.').next().unwrap_or(outer);
                    format!("{outer}<{}>.{nested}", list.join(", "))
                }
                None => format!("{}<{}>", def.simple_name(), list.join(", ")),
            }
        }
        Type::Named(def, _) => {
            let def = portcullis::dotnet::def(*def);
            match def.name.rsplit_once('.') {
                _ if def.alias.is_some() => def.alias.unwrap_or_default().to_owned(),
                Some((_, last)) => last.replace('+', "."),
                None => def.name.to_owned(),
            }
        }
        Type::Array(element, _) => format!("{}[]", type_name(*element)),
        Type::Nullable(of) => format!("{}?", type_name(*of)),
        Type::Tuple(elements, _) => {
            let list: Vec<String> = elements.iter().map(|&element| type_name(element)).collect();
            format!("({})", list.join(", "))
        }
        _ => ty.csharp_name(),
    }
}
