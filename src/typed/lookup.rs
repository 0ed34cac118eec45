//! Types by name, and members by name through base classes, interfaces and extension classes.

use super::ir::Span;
use super::scope::{Binder, Symbol};
use super::{ErrorKind, Unbuilt};
use crate::diagnostics::suggest;
use crate::dotnet;
use crate::dotnet::inherit::{self, substitute};
use crate::dotnet::member::{Code, Form, Kind, Member, TypeDef};
use crate::dotnet::types::DefId;
use crate::dotnet::types::{self, Type, TypeId};
use portcullis_grammar::syntax;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::sync::LazyLock;

/// A member as a constructed type has it.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    pub member: &'static Member,
    /// The declaring type with its arguments: `List<int>`.
    pub owner: TypeId,
}

impl Found {
    /// A type of the member's signature, with the owner's arguments filled in.
    pub fn own(&self, ty: TypeId) -> TypeId {
        substitute(ty, self.owner.arguments(), &[])
    }
}

/// Namespaces whose types are in scope, as the platform's expressions have them.
const NAMESPACES: &[&str] = &[
    "System",
    "System.Collections.Generic",
    "System.Globalization",
    "System.IO",
    "System.Linq",
    "System.Net",
    "System.Security.Cryptography",
    "System.Security.Cryptography.X509Certificates",
    "System.Text",
    "System.Text.RegularExpressions",
    "System.Xml",
    "System.Xml.Linq",
    "Newtonsoft.Json",
    "Newtonsoft.Json.Linq",
    "Apim",
    "System.Collections",
];

const GENERIC_NAMESAKES: &[&str] =
    &["IEnumerable", "IEnumerator", "ICollection", "IList", "IDictionary", "IComparer", "IEqualityComparer"];

/// What a qualified name may be so far.
#[derive(Clone, Debug)]
pub enum NameOrNamespace {
    Type(TypeId),
    Namespace(String),
}

pub fn is_namespace(name: &str) -> bool {
    static KNOWN: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| {
        let spaces = dotnet::type_defs().iter().filter_map(|def| def.name.rsplit_once('.')).map(|(space, _)| space);
        let outer = |space: &'static str| space.match_indices('.').map(move |(at, _)| &space[..at]);
        spaces.flat_map(|space| outer(space).chain([space])).collect()
    });
    KNOWN.contains(name)
}

/// The types that need no namespace, by simple name and arity.
static SIMPLE: LazyLock<FxHashMap<(&'static str, usize), DefId>> = LazyLock::new(|| {
    let mut simple = FxHashMap::default();
    let rank = |def: &TypeDef| {
        NAMESPACES.iter().position(|space| def.name.rsplit_once('.').is_some_and(|(own, _)| own == *space))
    };
    let mut ranked: Vec<_> = dotnet::type_defs().iter().filter_map(|def| Some((rank(def)?, *def))).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    for (_, def) in ranked.into_iter().filter(|(_, def)| !def.name.contains('+')) {
        if let Some(id) = dotnet::find_def(def.name, def.parameters.len()) {
            simple.entry((def.simple_name(), def.parameters.len())).or_insert(id);
        }
    }
    simple
});

/// Extension methods by name.
static EXTENSIONS: LazyLock<FxHashMap<&'static str, Vec<Found>>> = LazyLock::new(|| {
    let mut by_name: FxHashMap<&'static str, Vec<Found>> = FxHashMap::default();
    let extends = |def: &TypeDef| def.rows.iter().flat_map(|rows| rows.iter()).any(|r| r.signature.contains("(this "));
    for def in dotnet::type_defs().iter().filter(|def| def.kind == Kind::Static && extends(def)) {
        for member in def.members().iter().filter(|member| member.is_extension) {
            by_name.entry(member.name).or_default().push(Found { member, owner: def.open_type() });
        }
    }
    by_name
});

/// The members of a type by name; `None` until that name is asked for.
type Members = FxHashMap<&'static str, Option<Vec<Found>>>;

thread_local! {
    /// What this thread has looked up before: it follows from the tables alone.
    static MEMBERS: RefCell<FxHashMap<TypeId, Members>> = RefCell::default();
}

impl Binder<'_> {
    /// A type by a simple name with its type arguments, as the usings of the platform find it.
    pub fn simple_type(&mut self, name: &str, arguments: &[TypeId], span: Span) -> Option<TypeId> {
        if name == "Extensions" && arguments.is_empty() {
            let message = "'Extensions' is an ambiguous reference between 'Newtonsoft.Json.Linq.Extensions' and 'System.Xml.Linq.Extensions'";
            self.error(ErrorKind::Name, "CS0104", span, message);
            return Some(types::error());
        }
        if let ("Nullable", [of]) = (name, arguments)
            && !super::scope::is_error(*of)
        {
            if !inherit::is_value_type(*of) || matches!(of.get(), Type::Nullable(_)) {
                let message = format!(
                    "The type '{}' must be a non-nullable value type in order to use it as parameter 'T' in the generic type or method 'Nullable<T>'",
                    of.csharp_name()
                );
                self.error(ErrorKind::Type, "CS0453", span, message);
                return Some(types::error());
            }
            return Some(TypeId::nullable(*of));
        }
        // The type below a tuple; it is named by no page, so policies write `(A, B)`.
        if name == "ValueTuple" && self.options.allow_off_list && (1..8).contains(&arguments.len()) {
            return Some(TypeId::of(Type::Tuple(arguments.to_vec(), Vec::new())));
        }
        // `System.Collections` itself is not in scope: the names that have a generic namesake mean that.
        if arguments.is_empty() && GENERIC_NAMESAKES.contains(&name) {
            return None;
        }
        let def = SIMPLE.get(&(name, arguments.len())).copied().or_else(|| {
            dotnet::find_by_csharp_name(name, arguments.len()).filter(|d| dotnet::def(*d).alias == Some(name))
        })?;
        if dotnet::def(def).unnameable && !self.options.allow_off_list {
            return None;
        }
        self.require_allowed_type(dotnet::def(def), span);
        Some(TypeId::of(Type::Named(def, arguments.to_vec())))
    }

    /// A type by its name in a namespace (`System.Text.Encoding`) or in a type (`TimeZoneInfo.AdjustmentRule`).
    pub fn qualified_type(
        &mut self,
        outer: &NameOrNamespace,
        name: &str,
        arguments: &[TypeId],
        span: Span,
    ) -> Option<TypeId> {
        let full = match outer {
            NameOrNamespace::Namespace(space) => format!("{space}.{name}"),
            NameOrNamespace::Type(ty) => format!("{}+{name}", ty.def()?.name),
        };
        // A type in a generic one (`List<int>.Enumerator`) has its type arguments too.
        let mut all = match outer {
            NameOrNamespace::Namespace(_) => Vec::new(),
            NameOrNamespace::Type(ty) => ty.arguments().to_vec(),
        };
        all.extend_from_slice(arguments);
        let def = dotnet::find_def(&full, all.len())?;
        self.require_allowed_type(dotnet::def(def), span);
        Some(TypeId::of(Type::Named(def, all)))
    }

    fn require_allowed_type(&mut self, def: &'static TypeDef, span: Span) {
        if !def.allowed && !self.options.allow_off_list {
            let message = format!("The type '{}' may not be used in policy expressions", def.name);
            let help = "see the platform's list of allowed .NET types".to_owned();
            self.error_help(ErrorKind::NotAllowed, "", span, message, Some(help));
        }
    }

    /// The type that the syntax names; reports and answers the error type otherwise.
    pub fn resolve_type(&mut self, ty: &syntax::Type) -> TypeId {
        match &ty.kind {
            syntax::TypeKind::Predefined(of) => predefined(*of),
            syntax::TypeKind::Nullable(of) => {
                let inner = self.resolve_type(of);
                if !inherit::is_value_type(inner) && !super::scope::is_error(inner)
                    || matches!(inner.get(), Type::Nullable(_))
                {
                    let message = format!(
                        "The type '{}' must be a non-nullable value type in order to use it as parameter 'T' in the \
                         generic type or method 'Nullable<T>'",
                        inner.csharp_name()
                    );
                    self.error(ErrorKind::Type, "CS0453", ty.span, message);
                    return types::error();
                }
                if super::scope::is_error(inner) { inner } else { TypeId::nullable(inner) }
            }
            syntax::TypeKind::Array { element, rank } => {
                let element = self.resolve_type(element);
                TypeId::of(Type::Array(element, u8::try_from(*rank).unwrap_or(u8::MAX)))
            }
            syntax::TypeKind::Tuple(elements) => {
                let written: Vec<_> = elements.iter().map(|e| e.name.as_ref()).collect();
                self.tuple_names(&written);
                let types = elements.iter().map(|e| self.resolve_type(&e.of)).collect();
                let named = elements.iter().any(|e| e.name.is_some());
                let names = elements.iter().map(|e| e.name.as_ref().map(|n| n.text.clone())).collect();
                TypeId::of(Type::Tuple(types, if named { names } else { Vec::new() }))
            }
            syntax::TypeKind::Named { parts, .. } => self.resolve_named(parts, ty.span),
            syntax::TypeKind::Var => {
                self.error(
                    ErrorKind::Type,
                    "CS0825",
                    ty.span,
                    "The contextual keyword 'var' may only appear within a local variable declaration",
                );
                types::error()
            }
            syntax::TypeKind::Omitted => {
                self.error(ErrorKind::Type, "CS7003", ty.span, "Unexpected use of an unbound generic name");
                types::error()
            }
            syntax::TypeKind::Error => types::error(),
        }
    }

    /// `List<>`: the generic type itself.
    pub fn unbound_type(&mut self, ty: &syntax::Type) -> Option<TypeId> {
        let syntax::TypeKind::Named { parts, .. } = &ty.kind else { return None };
        let last = parts.last()?;
        let open = |of: &syntax::Type| matches!(of.kind, syntax::TypeKind::Omitted);
        if last.arguments.is_empty() || !last.arguments.iter().all(open) {
            return None;
        }
        let space: Vec<&str> = parts[..parts.len() - 1].iter().map(|part| &*part.name.text).collect();
        let stand_in = vec![types::object(); last.arguments.len()];
        let found = if space.is_empty() {
            self.simple_type(&last.name.text, &stand_in, ty.span)
        } else {
            let space = NameOrNamespace::Namespace(space.join("."));
            self.qualified_type(&space, &last.name.text, &stand_in, ty.span)
        };
        found.and_then(|found| found.def()).map(|def| def.open_type())
    }

    /// A type parameter of a local function around here.
    pub fn type_parameter(&self, name: &str) -> Option<TypeId> {
        self.scopes.iter().rev().find_map(|scope| scope.types.get(name).copied())
    }

    /// Type arguments: static classes are none.
    pub fn resolve_arguments(&mut self, arguments: &[syntax::Type]) -> Vec<TypeId> {
        let mut found = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let ty = self.resolve_type(argument);
            if ty.def().is_some_and(|def| def.kind == Kind::Static) {
                let message = format!("'{}': static types cannot be used as type arguments", ty.csharp_name());
                self.error(ErrorKind::Type, "CS0718", argument.span, message);
            }
            found.push(ty);
        }
        found
    }

    fn resolve_named(&mut self, parts: &[syntax::GenericName], span: Span) -> TypeId {
        if let [only] = parts
            && only.arguments.is_empty()
            && let Some(found) = self.type_parameter(&only.name.text)
        {
            return found;
        }
        if let [only] = parts
            && only.arguments.is_empty()
            && &*only.name.text == "dynamic"
        {
            self.uses_dynamic = true;
            return types::dynamic();
        }
        let mut so_far: Option<NameOrNamespace> = None;
        for (at, part) in parts.iter().enumerate() {
            let arguments = self.resolve_arguments(&part.arguments);
            let name = &part.name.text;
            let found = match &so_far {
                None => self.simple_type(name, &arguments, part.name.span),
                Some(outer) => {
                    let outer = outer.clone();
                    self.qualified_type(&outer, name, &arguments, part.name.span)
                }
            };
            so_far = match found {
                Some(ty) => Some(NameOrNamespace::Type(ty)),
                None => {
                    let space = match &so_far {
                        None => name.to_string(),
                        Some(NameOrNamespace::Namespace(space)) => format!("{space}.{name}"),
                        Some(NameOrNamespace::Type(_)) => String::new(),
                    };
                    if let Some(NameOrNamespace::Type(outer)) = &so_far {
                        let message =
                            format!("The type name '{name}' does not exist in the type '{}'", outer.csharp_name());
                        self.error(ErrorKind::Name, "CS0426", span, message);
                        return types::error();
                    }
                    if at + 1 < parts.len() && is_namespace(&space) {
                        Some(NameOrNamespace::Namespace(space))
                    } else {
                        return self.unknown_type(name, arguments.len(), at > 0, span);
                    }
                }
            };
        }
        match so_far {
            Some(NameOrNamespace::Type(ty)) => ty,
            _ => self.unknown_type(&parts[0].name.text, 0, false, span),
        }
    }

    pub fn unknown_type(&mut self, name: &str, arity: usize, qualified: bool, span: Span) -> TypeId {
        if name == "var" {
            let message =
                "The contextual keyword 'var' may only appear within a local variable declaration or in script code";
            self.error(ErrorKind::Type, "CS0825", span, message);
            return types::error();
        }
        let variable = match self.find(name) {
            Some(Symbol::Function(_)) => false,
            Some(_) => true,
            None => name == "context" || self.declared_later(name),
        };
        if !qualified && arity == 0 && variable {
            let message = format!("'{name}' is a variable but is used like a type");
            self.error(ErrorKind::Name, "CS0118", span, message);
            return types::error();
        }
        if let Some(def) = dotnet::type_defs().iter().find(|d| d.simple_name() == name && d.parameters.len() != arity) {
            let message = format!(
                "Using the generic type '{}' requires {} type arguments",
                def.open_type().csharp_name(),
                def.parameters.len()
            );
            let code = if def.parameters.is_empty() { "CS0308" } else { "CS0305" };
            self.error(ErrorKind::Type, code, span, message);
            return types::error();
        }
        let code = if qualified { "CS0234" } else { "CS0246" };
        let message = format!("The type or namespace name '{name}' could not be found");
        let names = dotnet::type_defs().iter().filter(|d| d.allowed && !d.unnameable).map(|d| d.simple_name());
        let help = suggest::near_name(name, names).map(|near| format!("did you mean `{near}`?"));
        self.error_help(ErrorKind::Name, code, span, message, help);
        types::error()
    }

    /// Members of this name that a value (or the type itself) has: the most derived first. A member of a derived type
    /// hides those of its bases with the same signature.
    pub fn members(&self, ty: TypeId, name: &str) -> Vec<Found> {
        let ty = match ty.get() {
            Type::Nullable(of) => TypeId::generic("System.Nullable", &[*of]),
            _ => ty,
        };
        if let Some(bounds) = self.bounds.get(&ty) {
            let found = bounds.iter().flat_map(|bound| self.members(*bound, name)).next();
            if found.is_some() {
                return bounds.iter().flat_map(|bound| self.members(*bound, name)).collect();
            }
        }
        MEMBERS.with_borrow_mut(|all| {
            let members = all.entry(ty).or_insert_with(|| names_of(ty).into_iter().map(|name| (name, None)).collect());
            match members.get_mut(name) {
                Some(found) => found.get_or_insert_with(|| members_of(ty, name)).clone(),
                None => Vec::new(),
            }
        })
    }

    /// Extension methods of this name, from every static class.
    pub fn extensions(&self, name: &str) -> &'static [Found] {
        // The run-time binder looks for none.
        let known = EXTENSIONS.get(name).filter(|_| !self.at_run_time);
        known.map_or(&[], Vec::as_slice)
    }

    /// Names of members, for suggestions.
    pub fn member_names(&self, ty: TypeId) -> Vec<&'static str> {
        names_of(ty).into_iter().filter(|n| !n.starts_with('.') && !n.starts_with("op_")).collect()
    }

    /// Notes what a member needs: a row that is not built, or that policies may not use.
    pub fn note_use(&mut self, found: &Found, span: Span) {
        let def = dotnet::def(found.member.def);
        let shown = || {
            let name = if found.member.name == ".ctor" { "" } else { found.member.name };
            format!("{}{}{name}", def.simple_name(), if name.is_empty() { "" } else { "." })
        };
        match found.member.row.code {
            Code::Unbuilt if def.kind != Kind::Delegate => {
                self.unbuilt.push(Unbuilt { span, member: shown(), reason: None });
            }
            Code::Refused(reason) => self.unbuilt.push(Unbuilt { span, member: shown(), reason: Some(reason) }),
            _ => {}
        }
        if !found.member.row.allowed && !self.options.allow_off_list {
            let message = format!("'{}' may not be used in policy expressions", shown());
            let help = Some("it is not on the platform's list of allowed .NET members".to_owned());
            self.error_help(ErrorKind::NotAllowed, "", span, message, help);
        }
    }
}

/// The names of all members of a type, its bases, its interfaces and of object.
fn names_of(ty: TypeId) -> Vec<&'static str> {
    let mut names = Vec::new();
    let mut todo = vec![types::object(), ty];
    let mut seen = Vec::new();
    while let Some(ty) = todo.pop() {
        if seen.contains(&ty) {
            continue;
        }
        seen.push(ty);
        names.extend(ty.def().into_iter().flat_map(|def| def.members()).map(|member| member.name));
        todo.extend(inherit::parents(ty));
    }
    names
}

fn members_of(ty: TypeId, name: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut seen = Vec::new();
    collect(ty, name, &mut found, &mut seen);
    // Every interface has the members of object.
    let object = types::object();
    if !seen.contains(&object) {
        collect(object, name, &mut found, &mut seen);
    }
    found
}

fn collect(ty: TypeId, name: &str, found: &mut Vec<Found>, seen: &mut Vec<TypeId>) {
    if seen.contains(&ty) {
        return;
    }
    seen.push(ty);
    if let Some(def) = ty.def() {
        for member in def.members() {
            if member.name == name {
                let new = Found { member, owner: ty };
                if !found.iter().any(|old: &Found| hides(old, &new)) {
                    found.push(new);
                }
            }
        }
    }
    // What a class has of an interface it has by a member of its own; an interface has those of its bases.
    let interface = |ty: TypeId| ty.def().is_some_and(|def| def.kind == Kind::Interface);
    for &parent in inherit::parents(ty) {
        if interface(ty) || !interface(parent) || matches!(ty.get(), Type::Tuple(..)) {
            collect(parent, name, found, seen);
        }
    }
}

/// Whether a member of a derived type hides this one of a base: same form and same parameter types.
fn hides(derived: &Found, base: &Found) -> bool {
    let same_form = derived.member.row.form == base.member.row.form;
    let parameters = |f: &Found| f.member.parameters.iter().map(|p| f.own(p.ty)).collect::<Vec<_>>();
    // Conversions differ in what they give.
    let conversion =
        base.member.row.form == Form::Operator && derived.own(derived.member.returns) != base.own(base.member.returns);
    same_form
        && !conversion
        && (matches!(base.member.row.form, Form::Property | Form::Field)
            || derived.member.type_parameters.len() == base.member.type_parameters.len()
                && parameters(derived) == parameters(base))
}

pub fn predefined(of: syntax::PredefinedType) -> TypeId {
    use syntax::PredefinedType as P;
    match of {
        P::Bool => types::boolean(),
        P::Byte => types::byte(),
        P::SByte => types::sbyte(),
        P::Short => types::int16(),
        P::UShort => types::uint16(),
        P::Int => types::int32(),
        P::UInt => types::uint32(),
        P::Long => types::int64(),
        P::ULong => types::uint64(),
        P::Char => types::char(),
        P::Float => types::single(),
        P::Double => types::double(),
        P::Decimal => types::decimal(),
        P::String => types::string(),
        P::Object => types::object(),
        P::Void => types::void(),
    }
}

/// What a delegate type takes and gives.
#[derive(Clone, Debug)]
pub struct Signature {
    pub parameters: Vec<TypeId>,
    pub returns: TypeId,
}

/// The signature of a delegate type; `None` for any other type.
pub fn delegate_signature(ty: TypeId) -> Option<Signature> {
    let def = ty.def().filter(|def| def.kind == Kind::Delegate)?;
    let invoke = def.members().iter().find(|member| member.name == "Invoke")?;
    let own = |t| substitute(t, ty.arguments(), &[]);
    Some(Signature { parameters: invoke.parameters.iter().map(|p| own(p.ty)).collect(), returns: own(invoke.returns) })
}

/// The element type when a value is enumerated: `T` of the `IEnumerable<T>` that it is, or of a derived one.
pub fn element_type(ty: TypeId) -> Option<TypeId> {
    if ty == types::string() {
        return Some(types::char());
    }
    if let Type::Array(element, _) = ty.get() {
        return Some(*element);
    }
    let enumerable = dotnet::find_def("System.Collections.Generic.IEnumerable", 1)?;
    find_construction(ty, enumerable).map(|construction| construction.arguments()[0])
}

/// The construction of a generic definition among a type's bases and interfaces.
pub fn find_construction(ty: TypeId, def: types::DefId) -> Option<TypeId> {
    constructions(ty, def).next()
}

/// The one construction of a generic type that a type is; none where it is several: type inference then learns nothing.
pub fn only_construction(ty: TypeId, def: types::DefId) -> Option<TypeId> {
    let mut all = constructions(ty, def);
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

/// A generic type as all that a type is of it: itself, or as bases and interfaces say, the nearest first.
fn constructions(ty: TypeId, def: types::DefId) -> impl Iterator<Item = TypeId> {
    let mut todo = vec![ty];
    let mut seen = Vec::new();
    std::iter::from_fn(move || {
        while let Some(ty) = todo.pop() {
            if seen.contains(&ty) {
                continue;
            }
            seen.push(ty);
            todo.extend(inherit::parents(ty).iter().rev());
            if matches!(ty.get(), Type::Named(own, _) if *own == def) {
                return Some(ty);
            }
        }
        None
    })
}
