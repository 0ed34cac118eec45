//! Types, interned process-wide: a `TypeId` is equal exactly when the type is.
//!
//! The number of types is bounded by the distinct types that documents name; nothing is ever removed.

use super::member::TypeDef;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::fmt::Write;
use std::sync::{LazyLock, Mutex, OnceLock};

/// An interned type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(u32);

/// A row of the type table: an index into [`crate::dotnet::type_defs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DefId(pub u32);

/// What a type is made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// A type of the table with its type arguments: `List<int>`, `string`.
    Named(DefId, Vec<TypeId>),
    /// An array of this rank.
    Array(TypeId, u8),
    /// `T?` of a value type.
    Nullable(TypeId),
    /// A value tuple; names are the compiler's knowledge only (empty where there are none).
    Tuple(Vec<TypeId>, Vec<Option<Box<str>>>),
    /// An anonymous type: property names and types in order.
    Anonymous(Vec<(Box<str>, TypeId)>),
    /// A type parameter of the enclosing generic type (`T` of `List<T>`), by position.
    TypeParameter(u8),
    /// A type parameter of a generic method, by position.
    MethodParameter(u8),
    /// A type parameter of a local function, while it is checked.
    LocalParameter(Box<LocalParameter>),
    /// `dynamic`, while a program is checked: what is done with it is bound at run time, where it is `object`.
    Dynamic,
    Void,
    /// The type of `null`.
    Null,
    /// What an erroneous expression has, and an unresolved named value: converts to and from everything.
    Error,
}

/// A type parameter as its local function declares it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LocalParameter {
    pub name: Box<str>,
    /// Where it is declared: tells it from others of its name.
    pub at: u32,
    /// `where T : class`, `where T : struct`, `where T : new()`.
    pub is_class: bool,
    pub is_struct: bool,
    /// `where T : unmanaged`, which is a struct too.
    pub is_unmanaged: bool,
    pub has_new: bool,
}

type Ids = FxHashMap<&'static Type, TypeId>;

/// Every type's id. Its length is the next id.
static IDS: LazyLock<Mutex<Ids>> = LazyLock::new(Mutex::default);

const POISON: &str = "the interner's lock is never held across a panic";

/// A type, and what is worked out of it once.
struct Interned {
    ty: Type,
    parents: OnceLock<Box<[TypeId]>>,
}

/// Every type by its id, in pages that never move: reading one takes no lock.
static PAGES: [OnceLock<Box<[OnceLock<Interned>]>>; MOST_PAGES] = [const { OnceLock::new() }; MOST_PAGES];
const MOST_PAGES: usize = 1 << 12;
const PAGE: usize = 1 << 10;

thread_local! {
    /// What this thread has asked for before.
    static SEEN: RefCell<Ids> = RefCell::default();
    /// The same by how the program's own text writes it: natives name the types that they make.
    static WRITTEN: RefCell<FxHashMap<Box<str>, TypeId>> = RefCell::default();
}

/// The type that a text of the program's own stands for, worked out once a thread.
pub(super) fn written(text: &str, work_out: impl FnOnce() -> TypeId) -> TypeId {
    if let Some(id) = WRITTEN.with_borrow(|written| written.get(text).copied()) {
        return id;
    }
    let id = work_out();
    WRITTEN.with_borrow_mut(|written| written.insert(text.into(), id));
    id
}

impl TypeId {
    /// Interns a type.
    pub fn of(ty: Type) -> TypeId {
        if let Some(id) = SEEN.with_borrow(|seen| seen.get(&ty).copied()) {
            return id;
        }
        let mut ids = IDS.lock().expect(POISON);
        let (ty, id) = match ids.get_key_value(&ty) {
            Some((&ty, &id)) => (ty, id),
            None => {
                let at = ids.len();
                assert!(at < PAGE * MOST_PAGES, "documents name fewer than four million types");
                let page = PAGES[at / PAGE].get_or_init(|| (0..PAGE).map(|_| OnceLock::new()).collect());
                let ty = &page[at % PAGE].get_or_init(|| Interned { ty, parents: OnceLock::new() }).ty;
                let id = TypeId(at as u32);
                ids.insert(ty, id);
                (ty, id)
            }
        };
        drop(ids);
        SEEN.with_borrow_mut(|seen| seen.insert(ty, id));
        id
    }

    /// The type behind this id.
    #[inline]
    pub fn get(self) -> &'static Type {
        &self.interned().ty
    }

    #[inline]
    fn interned(self) -> &'static Interned {
        let at = self.0 as usize;
        let page = PAGES[at / PAGE].get().expect("an id's page is there before the id");
        page[at % PAGE].get().expect("an id's type is there before the id")
    }

    /// What `work_out` says of this type, asked once: see [`crate::dotnet::inherit::parents`].
    pub(super) fn parents(self, work_out: impl FnOnce() -> Vec<TypeId>) -> &'static [TypeId] {
        self.interned().parents.get_or_init(|| work_out().into())
    }

    /// A type of the table without type arguments, by its .NET name.
    ///
    /// # Panics
    /// When the table has no such type: a broken promise of the program, not of its input.
    pub fn named(name: &str) -> TypeId {
        written(name, || TypeId::generic(name, &[]))
    }

    /// A type of the table with type arguments, by its .NET name without them (`System.Collections.Generic.List`).
    pub fn generic(name: &str, arguments: &[TypeId]) -> TypeId {
        let def = super::find_def(name, arguments.len()).unwrap_or_else(|| panic!("the type table has no `{name}`"));
        TypeId::of(Type::Named(def, arguments.to_vec()))
    }

    pub fn array(element: TypeId) -> TypeId {
        TypeId::of(Type::Array(element, 1))
    }

    pub fn nullable(of: TypeId) -> TypeId {
        TypeId::of(Type::Nullable(of))
    }

    /// The row of the table, for a named type.
    pub fn def(self) -> Option<&'static TypeDef> {
        match self.get() {
            Type::Named(def, _) => Some(super::def(*def)),
            _ => None,
        }
    }

    /// The type arguments of a named type, the element of an array or nullable.
    pub fn arguments(self) -> &'static [TypeId] {
        match self.get() {
            Type::Named(_, arguments) => arguments,
            Type::Tuple(elements, _) => elements,
            Type::Array(element, _) | Type::Nullable(element) => std::slice::from_ref(element),
            _ => &[],
        }
    }

    /// The .NET name as results print it: `System.Collections.Generic.List<System.Int32>`.
    pub fn dotnet_name(self) -> String {
        let mut out = String::new();
        self.write_name(&mut out, false);
        out
    }

    /// The name as the run-time prints it in messages: `System.Collections.Generic.List`1[System.Int32]`.
    pub fn clr_name(self) -> String {
        let generic = |name: String, arguments: &[TypeId]| {
            let list: Vec<_> = arguments.iter().map(|t| t.clr_name()).collect();
            // The parameters belong to the outer type: `List`1+Enumerator[System.Int32]`.
            let (outer, nested) = name.split_at(name.find('+').unwrap_or(name.len()));
            format!("{outer}`{}{nested}[{}]", list.len(), list.join(","))
        };
        match self.get() {
            Type::Named(def, arguments) if !arguments.is_empty() => {
                generic(super::def(*def).name.to_owned(), arguments)
            }
            Type::Nullable(of) => generic("System.Nullable".to_owned(), &[*of]),
            Type::Tuple(elements, _) if elements.len() > 7 => {
                let list: Vec<_> = elements[..7].iter().map(|t| t.clr_name()).collect();
                let rest = TypeId::of(Type::Tuple(elements[7..].to_vec(), Vec::new()));
                format!("System.ValueTuple`8[{},{}]", list.join(","), rest.clr_name())
            }
            Type::Tuple(elements, _) => generic("System.ValueTuple".to_owned(), elements),
            Type::Array(element, rank) => format!("{}[{}]", element.clr_name(), ",".repeat(usize::from(*rank) - 1)),
            _ => self.dotnet_name(),
        }
    }

    /// The name as a C# compiler's messages print it: `List<int>`.
    pub fn csharp_name(self) -> String {
        let mut out = String::new();
        self.write_name(&mut out, true);
        out
    }

    /// The name as the run-time binder's messages print it: `System.Collections.Generic.List<int>`.
    pub fn binder_name(self) -> String {
        let list = |items: &[TypeId]| items.iter().map(|ty| ty.binder_name()).collect::<Vec<_>>().join(",");
        match self.get() {
            Type::Named(def, arguments) => {
                let def = super::def(*def);
                match def.alias {
                    Some(alias) => alias.to_owned(),
                    None if arguments.is_empty() => def.name.replace('+', "."),
                    None => format!("{}<{}>", def.name.replace('+', "."), list(arguments)),
                }
            }
            Type::Array(element, rank) => {
                format!("{}[{}]", element.binder_name(), ",".repeat(usize::from(*rank) - 1))
            }
            Type::Nullable(of) => format!("{}?", of.binder_name()),
            Type::Tuple(elements, _) => format!("System.ValueTuple<{}>", list(elements)),
            Type::Anonymous(fields) => {
                let types: Vec<_> = fields.iter().map(|(_, ty)| *ty).collect();
                format!("<>f__AnonymousType0<{}>", list(&types))
            }
            Type::Dynamic => "object".to_owned(),
            _ => self.csharp_name(),
        }
    }

    fn write_name(self, out: &mut String, csharp: bool) {
        match self.get() {
            Type::Named(def, arguments) => {
                let def = super::def(*def);
                match def.alias {
                    Some(alias) if csharp => out.push_str(alias),
                    _ if csharp => out.push_str(def.simple_name()),
                    _ => out.push_str(def.name),
                }
                let open = |(at, argument): (usize, &TypeId)| matches!(argument.get(), Type::TypeParameter(own) if usize::from(*own) == at);
                if !arguments.is_empty() && arguments.iter().enumerate().all(open) {
                    let bare = |name: &'static str| name.trim_start_matches("out ").trim_start_matches("in ");
                    let names: Vec<_> = def.parameters.iter().map(|name| bare(name)).collect();
                    let _ = write!(out, "<{}>", names.join(", "));
                } else {
                    write_list(out, '<', '>', arguments.iter().copied(), csharp);
                }
            }
            Type::Array(element, rank) => {
                element.write_name(out, csharp);
                out.push('[');
                (1..*rank).for_each(|_| out.push(','));
                out.push(']');
            }
            Type::Nullable(of) if csharp => {
                of.write_name(out, csharp);
                out.push('?');
            }
            Type::Nullable(of) => {
                out.push_str("System.Nullable");
                write_list(out, '<', '>', std::iter::once(*of), csharp);
            }
            Type::Tuple(elements, _) if csharp => write_list(out, '(', ')', elements.iter().copied(), csharp),
            Type::Tuple(elements, _) => write_tuple(out, elements),
            Type::Anonymous(fields) if csharp => {
                out.push_str("<anonymous type: ");
                for (at, (name, ty)) in fields.iter().enumerate() {
                    let _ = write!(out, "{}{} {name}", if at == 0 { "" } else { ", " }, ty.csharp_name());
                }
                out.push('>');
            }
            Type::Anonymous(_) => out.push_str("<anonymous>"),
            Type::TypeParameter(at) => {
                let _ = write!(out, "T{at}");
            }
            Type::MethodParameter(at) => {
                let _ = write!(out, "M{at}");
            }
            Type::LocalParameter(parameter) => out.push_str(&parameter.name),
            Type::Dynamic => out.push_str(if csharp { "dynamic" } else { "System.Object" }),
            Type::Void => out.push_str(if csharp { "void" } else { "System.Void" }),
            Type::Null => out.push_str(if csharp { "<null>" } else { "null" }),
            Type::Error => out.push('?'),
        }
    }
}

/// Beyond seven elements, the rest is a tuple in the eighth place.
fn write_tuple(out: &mut String, elements: &[TypeId]) {
    out.push_str("System.ValueTuple");
    let (first, rest) = elements.split_at(elements.len().min(7));
    write_list(out, '<', '>', first.iter().copied(), false);
    if !rest.is_empty() {
        out.pop();
        out.push_str(", ");
        write_tuple(out, rest);
        out.push('>');
    }
}

fn write_list(out: &mut String, open: char, close: char, items: impl Iterator<Item = TypeId>, csharp: bool) {
    let mut first = true;
    for item in items {
        out.push_str(if first { "" } else { ", " });
        if first {
            out.push(open);
        }
        first = false;
        item.write_name(out, csharp);
    }
    if !first {
        out.push(close);
    }
}

macro_rules! well_known {
    ($($name:ident $dotnet:literal;)*) => {
        $(
            #[doc = concat!("`", $dotnet, "`")]
            pub fn $name() -> TypeId {
                static ID: LazyLock<TypeId> = LazyLock::new(|| TypeId::named($dotnet));
                *ID
            }
        )*
    };
}

well_known! {
    object "System.Object";
    string "System.String";
    boolean "System.Boolean";
    char "System.Char";
    sbyte "System.SByte";
    byte "System.Byte";
    int16 "System.Int16";
    uint16 "System.UInt16";
    int32 "System.Int32";
    uint32 "System.UInt32";
    int64 "System.Int64";
    uint64 "System.UInt64";
    single "System.Single";
    double "System.Double";
    decimal "System.Decimal";
    date_time "System.DateTime";
    date_time_offset "System.DateTimeOffset";
    time_span "System.TimeSpan";
    guid "System.Guid";
    exception "System.Exception";
    type_type "System.Type";
}

/// `byte[]`.
pub fn bytes() -> TypeId {
    static ID: LazyLock<TypeId> = LazyLock::new(|| TypeId::array(byte()));
    *ID
}

/// `void`.
pub fn void() -> TypeId {
    TypeId::of(Type::Void)
}

/// `dynamic`.
pub fn dynamic() -> TypeId {
    TypeId::of(Type::Dynamic)
}

/// The type of what is wrong already.
pub fn error() -> TypeId {
    TypeId::of(Type::Error)
}

/// The type of `null`.
pub fn null() -> TypeId {
    TypeId::of(Type::Null)
}
