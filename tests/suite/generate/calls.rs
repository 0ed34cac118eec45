//! Calls of the members that the tables list.

use super::{Case, Generator, Text, texts, type_name};
use portcullis::dotnet::inherit::{is_subtype, substitute};
use portcullis::dotnet::member::{Code, Form as RowForm, Kind, Member, Mode, Parameter, type_of};
use portcullis::dotnet::type_defs;
use portcullis::dotnet::types::{self, Type, TypeId};
use portcullis::eval::Form;
use std::collections::HashMap;
use std::sync::OnceLock;

/// A member of a closed type.
#[derive(Clone, Copy)]
pub struct Entry {
    owner: TypeId,
    member: &'static Member,
}

pub struct Tables {
    /// Each type that has members, with them: a program picks the type first, so that large tables do not crowd out small ones.
    by_owner: Vec<Vec<Entry>>,
    /// Members without type parameters of their own, by what they give.
    giving: HashMap<TypeId, Vec<Entry>>,
}

/// Generic types are closed with these.
const CLOSED: &[&str] = &[
    "List<int>",
    "List<string>",
    "Dictionary<string, int>",
    "HashSet<int>",
    "HashSet<string>",
    "Queue<int>",
    "Stack<string>",
    "KeyValuePair<string, int>",
    "Tuple<int, string>",
    "IEnumerable<int>",
    "IList<int>",
    "ICollection<string>",
    "IDictionary<string, int>",
    "ISet<int>",
    "IReadOnlyCollection<int>",
    "IReadOnlyDictionary<string, int>",
    "ILookup<int, string>",
    "IGrouping<int, string>",
];

/// Their results depend on the machine, on chance or on time, or their cases stand in files of their own.
const LEFT_OUT: &[&str] = &[
    "GetHashCode",
    "Now",
    "UtcNow",
    "Today",
    "NewGuid",
    "Load",
    "Save",
    "GetEncodings",
    "Finalize",
    "ClearCachedData",
    "GetSystemTimeZones",
    "LocalHash",
    "GenerateKey",
    "GenerateIV",
    "MatchTimeout",
    "Elapsed",
    "CacheSize",
    "StackTrace",
    "TargetSite",
    "GetLifetimeService",
    "HelpLink",
    "Source",
    "WriteTo",
    "WriteToAsync",
    "CreateReader",
    "CreateWriter",
    "SyncRoot",
    "CreateNavigator",
    "GetObjectData",
    "GetType",
    "Data",
    "Default",
    "Local",
    "CurrentTimeZone",
];
const LEFT_OUT_TYPES: &[&str] = &[
    "Apim.",
    "System.Security.Cryptography.",
    "System.TimeZone",
    "System.Object",
    "System.Action",
    "System.Func",
    "System.Predicate",
    "System.Comparison",
    "System.Converter",
    "System.ValueTuple",
];
const HASHES: &[&str] = &[
    "HMACSHA256",
    "HMACSHA1",
    "HMACMD5",
    "HMACSHA384",
    "HMACSHA512",
    "SHA1",
    "SHA256",
    "SHA384",
    "SHA512",
    "MD5",
    "HashAlgorithm",
    "HMAC",
];

pub fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut tables = Tables { by_owner: Vec::new(), giving: HashMap::new() };
        for def in type_defs() {
            let hash = HASHES.contains(&def.simple_name());
            if !def.allowed
                || def.name.contains('+')
                || !hash && LEFT_OUT_TYPES.iter().any(|prefix| def.name.starts_with(prefix))
            {
                continue;
            }
            let owners: Vec<TypeId> = if def.parameters.is_empty() {
                vec![def.open_type()]
            } else {
                CLOSED
                    .iter()
                    .map(|text| type_of(text))
                    .filter(|ty| ty.def().is_some_and(|own| std::ptr::eq(own, *def)))
                    .collect()
            };
            for owner in owners {
                let entries: Vec<Entry> = def
                    .members()
                    .iter()
                    .filter(|member| usable(owner, member))
                    .map(|member| Entry { owner, member })
                    .collect();
                for entry in &entries {
                    if entry.member.type_parameters.is_empty() {
                        tables
                            .giving
                            .entry(substitute(entry.member.returns, owner.arguments(), &[]))
                            .or_default()
                            .push(*entry);
                    }
                }
                if !entries.is_empty() {
                    tables.by_owner.push(entries);
                }
            }
        }
        tables
    })
}

fn usable(owner: TypeId, member: &Member) -> bool {
    let row = member.row;
    let built = !matches!(row.code, Code::Unbuilt | Code::Refused(_));
    let named = !LEFT_OUT.contains(&member.name);
    let types = member.parameters.iter().map(|p| p.ty).chain([member.returns]);
    let known = types.into_iter().all(|ty| is_known(substitute(ty, owner.arguments(), &[])));
    // An unseeded generator, a random key.
    let random = member.name == ".ctor"
        && member.parameters.is_empty()
        && (owner == type_of("Random") || type_name(owner).starts_with("HMAC"));
    let no_ref = member.parameters.iter().all(|p| p.mode != Mode::Ref);
    let enum_value = matches!(row.code, Code::EnumValue(_));
    let is_abstract = member.name == ".ctor" && owner.def().is_some_and(|def| def.is_abstract);
    built && row.allowed && named && known && !random && no_ref && !enum_value && !is_abstract
}

fn is_known(ty: TypeId) -> bool {
    match ty.get() {
        Type::Error => false,
        Type::Named(def, arguments) => {
            let name = portcullis::dotnet::def(*def).name;
            let machine = [
                "Stream",
                "XmlReader",
                "XmlWriter",
                "JsonReader",
                "JsonWriter",
                "JsonSerializer",
                "X509",
                "RSA",
                "TextWriter",
            ];
            !machine.iter().any(|part| name.contains(part)) && arguments.iter().all(|&argument| is_known(argument))
        }
        Type::Array(of, rank) => *rank == 1 && is_known(*of),
        Type::Nullable(of) => is_known(*of),
        _ => true,
    }
}

/// Operators by their metadata names.
const BINARY: &[(&str, &str)] = &[
    ("op_Addition", "+"),
    ("op_Subtraction", "-"),
    ("op_Multiply", "*"),
    ("op_Division", "/"),
    ("op_Modulus", "%"),
    ("op_Equality", "=="),
    ("op_Inequality", "!="),
    ("op_LessThan", "<"),
    ("op_GreaterThan", ">"),
    ("op_LessThanOrEqual", "<="),
    ("op_GreaterThanOrEqual", ">="),
];

/// A call, and the variables that its `out` arguments declare.
struct Call {
    text: Text,
    outs: Vec<String>,
}

impl Generator {
    /// A program around one member of the tables.
    pub(super) fn member_case(&mut self, depth: i32) -> Case {
        let entries = &self.tables.by_owner[self.random.below(self.tables.by_owner.len())];
        let entry = entries[self.random.below(entries.len())];
        let is_void = entry.member.returns == types::void();
        let sets = entry.member.has_setter && self.random.chance(50);
        if is_void || sets || self.random.chance(15) {
            return self.on_variable(entry, depth, is_void, sets);
        }
        let call = self.call(entry, depth, None);
        let code = match call.outs.is_empty() {
            true => call.text.code,
            false => format!("new object[] {{ {}, {} }}", call.text.code, call.outs.join(", ")),
        };
        Case { form: Form::Expression, code }
    }

    /// The receiver in a variable, so that what a call did to it shows.
    fn on_variable(&mut self, entry: Entry, depth: i32, is_void: bool, sets: bool) -> Case {
        let is_static = entry.member.row.is_static;
        let mut code = String::new();
        if !is_static {
            let receiver = self.expression(entry.owner, depth - 1);
            code.push_str(&format!("{} target = {}; ", type_name(entry.owner), receiver.code));
        }
        let (receiver, shown) = if is_static { (None, "\"done\"") } else { (Some("target"), "target") };
        if sets {
            let place = self.call(entry, depth, receiver);
            let ty = substitute(entry.member.returns, entry.owner.arguments(), &[]);
            let value = self.expression(ty, depth - 1);
            code.push_str(&format!("{0} = {1}; return new object[] {{ {0}, {shown} }};", place.text.code, value.code));
        } else {
            let call = self.call(entry, depth, receiver);
            let outs: String = call.outs.iter().map(|name| format!(", {name}")).collect();
            if is_void {
                code.push_str(&format!("{}; return new object[] {{ {shown}{outs} }};", call.text.code));
            } else {
                code.push_str(&format!(
                    "var result = {}; return new object[] {{ result, {shown}{outs} }};",
                    call.text.code
                ));
            }
        }
        Case { form: Form::Block, code }
    }

    /// A call that gives this type, or one that converts to it.
    pub(super) fn call_giving(&mut self, ty: TypeId, depth: i32) -> Option<Text> {
        let tables = self.tables;
        let entries = match tables.giving.get(&ty) {
            Some(entries) => entries,
            None => {
                let subtypes: Vec<&Vec<Entry>> =
                    tables.giving.iter().filter(|(sub, _)| is_subtype(**sub, ty)).map(|(_, entries)| entries).collect();
                if subtypes.is_empty() || ty == types::object() {
                    return Some(self.atom(ty, depth.min(0)));
                }
                // A map has no order of its own.
                let mut all: Vec<Entry> = subtypes.into_iter().flatten().copied().collect();
                all.sort_by_key(|entry| (entry.owner.dotnet_name(), entry.member.row.signature));
                let entry = all[self.random.below(all.len())];
                return Some(self.call(entry, depth, None).text);
            }
        };
        // By owner first, as above: `Convert` alone has a fifth of all members.
        let first = entries[self.random.below(entries.len())];
        let same: Vec<Entry> = entries.iter().filter(|entry| entry.owner == first.owner).copied().collect();
        let chosen = if self.random.chance(50) { first } else { same[self.random.below(same.len())] };
        Some(self.call(chosen, depth, None).text)
    }

    fn call(&mut self, entry: Entry, depth: i32, receiver: Option<&str>) -> Call {
        let Entry { owner, member } = entry;
        let own = type_name(owner);
        let choices: &[&str] = &["int", "string", "int", "string", "double", "char"];
        let method: Vec<TypeId> = member.type_parameters.iter().map(|_| type_of(self.random.pick(choices))).collect();
        let mut outs = Vec::new();
        if member.row.form == RowForm::Operator {
            let operands: Vec<String> =
                member.parameters.iter().map(|p| self.argument(entry, p, &method, depth, &mut outs)).collect();
            return Call { text: operator(member, owner, &operands), outs };
        }
        let mut receiver = receiver.map(str::to_owned);
        let mut parameters = &member.parameters[..];
        if member.is_extension && self.random.chance(85) {
            let this = substitute(parameters[0].ty, owner.arguments(), &method);
            receiver = Some(self.expression(this, depth - 1).receiver());
            parameters = &parameters[1..];
        } else if !member.row.is_static && receiver.is_none() {
            receiver = Some(self.expression(owner, depth - 1).receiver());
        }
        let target = receiver.unwrap_or_else(|| own.clone());
        let text = match member.row.form {
            RowForm::Field | RowForm::Property => Text::primary(format!("{target}.{}", member.name)),
            _ => {
                let list = self.arguments(entry, parameters, &method, depth, &mut outs);
                match member.row.form {
                    RowForm::Indexer => Text::primary(format!("{target}[{list}]")),
                    RowForm::Constructor => Text::other(format!("new {own}({list})")),
                    _ => {
                        let generics = if method.is_empty() || member.is_extension && self.random.chance(60) {
                            String::new()
                        } else {
                            format!("<{}>", method.iter().map(|&ty| type_name(ty)).collect::<Vec<_>>().join(", "))
                        };
                        Text::primary(format!("{target}.{}{generics}({list})", member.name))
                    }
                }
            }
        };
        Call { text, outs }
    }

    fn arguments(
        &mut self,
        entry: Entry,
        parameters: &[Parameter],
        method: &[TypeId],
        depth: i32,
        outs: &mut Vec<String>,
    ) -> String {
        let mut list = Vec::new();
        for parameter in parameters {
            if parameter.default.is_some() && self.random.chance(40) {
                break;
            }
            if parameter.is_params && self.random.chance(70) {
                let ty = substitute(parameter.ty, entry.owner.arguments(), method);
                let element = ty.arguments().first().copied().unwrap_or(types::object());
                for _ in 0..self.random.below(4) {
                    list.push(self.expression(element, depth - 1).code);
                }
                break;
            }
            list.push(self.argument(entry, parameter, method, depth, outs));
        }
        list.join(", ")
    }

    fn argument(
        &mut self,
        entry: Entry,
        parameter: &Parameter,
        method: &[TypeId],
        depth: i32,
        outs: &mut Vec<String>,
    ) -> String {
        let ty = substitute(parameter.ty, entry.owner.arguments(), method);
        if parameter.mode == Mode::Out {
            let name = self.name("out");
            let code = format!("out {} {name}", type_name(ty));
            outs.push(name);
            return code;
        }
        if ty == types::string() && self.random.chance(92) {
            let def = entry.owner.def().expect("members belong to types of the table");
            return texts::literal(&texts::for_parameter(
                &mut self.random,
                def.simple_name(),
                entry.member.name,
                parameter.name,
            ));
        }
        if ty == types::int32() && !self.is_number(entry.owner) && self.random.chance(85) {
            return self.small().code;
        }
        if ty == type_of("char[]") && parameter.name == "inArray" {
            return format!(
                "{}.ToCharArray()",
                texts::literal(&texts::for_parameter(&mut self.random, "Convert", "FromBase64String", "s"))
            );
        }
        if let Some(lambda) = self.lambda(ty, depth) {
            return lambda.code;
        }
        // A method's result comes without the conversion that its parameter has.
        self.expression(ty, depth - 1).code
    }

    /// Sizes and positions are small; numbers that are calculated with are not.
    fn is_number(&self, owner: TypeId) -> bool {
        let names = [
            "Math",
            "Convert",
            "BitConverter",
            "Random",
            "Int32",
            "Decimal",
            "Double",
            "TimeSpan",
            "JValue",
            "JToken",
            "DateTime",
        ];
        owner.def().is_some_and(|def| names.contains(&def.simple_name()) && def.kind != Kind::Interface)
    }
}

fn operator(member: &Member, owner: TypeId, operands: &[String]) -> Text {
    let code = match (member.name, operands) {
        ("op_Implicit" | "op_Explicit", [value]) => {
            format!("({})({value})", type_name(substitute(member.returns, owner.arguments(), &[])))
        }
        ("op_UnaryNegation", [value]) => format!("-({value})"),
        ("op_UnaryPlus", [value]) => format!("+({value})"),
        ("op_Increment", [value]) => format!("({value}) + 1"),
        ("op_Decrement", [value]) => format!("({value}) - 1"),
        (name, [left, right]) => match BINARY.iter().find(|(own, _)| *own == name) {
            Some((_, sign)) => format!("({left}) {sign} ({right})"),
            None => format!("({left}).Equals({right})"),
        },
        _ => "null".to_owned(),
    };
    Text::other(code)
}
