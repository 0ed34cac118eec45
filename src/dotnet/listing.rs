//! The table of types as a list: what policies may use, and what of it this version runs.
//!
//! In: the rows. Out: plain data that `portcullis types` prints and tests count. Decides nothing that the rows do not say.

use super::member::{Code, Form, Kind, Member, TypeDef};
use super::system::format::number;
use super::types::{Type, TypeId};
use super::value::Value;
use serde::Serialize;

/// A type with its members.
#[derive(Clone, Debug, Serialize)]
pub struct ListedType {
    /// The full name with type parameters: `System.Collections.Generic.List<T>`.
    #[serde(rename = "type")]
    pub name: String,
    /// `All`, or the names of the members that policies may use.
    pub allowed: String,
    pub members: Vec<ListedMember>,
}

/// A member that policies may use.
#[derive(Clone, Debug, Serialize)]
pub struct ListedMember {
    pub kind: &'static str,
    pub name: &'static str,
    #[serde(rename = "static")]
    pub is_static: bool,
    pub signature: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub extension: bool,
    pub supported: bool,
    /// Why it is not supported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub doc: &'static str,
}

/// Every type that policies may use, by name, with the members that they may use, in the order of their rows.
pub fn types() -> Vec<ListedType> {
    let mut found: Vec<_> = super::type_defs().iter().filter(|def| def.allowed).map(|def| list(def)).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// How many of the members are supported, and how many there are.
pub fn count(types: &[ListedType]) -> (usize, usize) {
    let members = || types.iter().flat_map(|listed| &listed.members);
    (members().filter(|member| member.supported).count(), members().count())
}

fn list(def: &'static TypeDef) -> ListedType {
    let parameters: Vec<_> = def.parameter_names().collect();
    let own = def.name.replace('+', ".");
    let name = if parameters.is_empty() { own } else { format!("{own}<{}>", parameters.join(", ")) };
    let rows = def.members();
    let members: Vec<_> = rows.iter().filter(|member| member.row.allowed).map(|member| describe(def, member)).collect();
    let allowed = if members.len() == rows.len() {
        "All".to_owned()
    } else {
        let mut names: Vec<_> = members.iter().map(|member| member.name).collect();
        names.dedup();
        names.join(", ")
    };
    ListedType { name, allowed, members }
}

fn describe(def: &TypeDef, member: &Member) -> ListedMember {
    let reason = match member.row.code {
        // The machine itself invokes delegates.
        Code::Unbuilt if def.kind == Kind::Delegate => None,
        Code::Unbuilt => Some("not built yet".to_owned()),
        Code::Refused(why) => Some(why.to_owned()),
        Code::Native(_) | Code::GetSet(..) | Code::Constant(_) | Code::Text(_) | Code::EnumValue(_) => {
            unknown_type(member).map(|what| format!("{what} a type that is not built yet"))
        }
    };
    ListedMember {
        kind: match member.row.form {
            Form::Constructor => "ctor",
            Form::Method => "method",
            // A field that is computed is a property to the rows.
            Form::Property if !member.row.signature.contains('{') => "field",
            Form::Property => "property",
            Form::Indexer => "indexer",
            Form::Field => "field",
            Form::Event => "event",
            Form::Operator => "operator",
        },
        name: match (member.row.form, def.name) {
            (Form::Indexer, "System.String" | "System.Text.StringBuilder") => "Chars",
            _ => member.name,
        },
        is_static: member.row.is_static && member.row.form != Form::Constructor,
        signature: signature(member),
        extension: member.is_extension && def.kind == Kind::Static,
        supported: reason.is_none(),
        reason,
        doc: member.row.doc,
    }
}

/// The row's own, with the value of a constant as reflection shows it.
fn signature(member: &Member) -> String {
    let own = member.row.signature;
    let value = match member.row.code {
        Code::Constant(_) if own.contains('=') || !own.starts_with("const ") => return own.to_owned(),
        Code::Constant(Value::Double(value)) if value.is_finite() => number::double_text(value),
        Code::Constant(Value::Double(value)) => format!("\"{}\"", number::double_text(value)),
        Code::Constant(Value::Single(value)) if value.is_finite() => number::single_text(value),
        Code::Constant(Value::Single(value)) => format!("\"{}\"", number::single_text(value)),
        Code::Constant(Value::Char(0)) => "\"\\u0000\"".to_owned(),
        Code::Constant(Value::Char(value)) => format!("\"{}\"", String::from_utf16_lossy(&[value])),
        Code::Constant(Value::UInt64(value)) => value.to_string(),
        Code::Constant(value) => match value.integer() {
            Some(value) => value.to_string(),
            None => return own.to_owned(),
        },
        _ => return own.to_owned(),
    };
    format!("{own} = {value}")
}

/// A signature may name a type that has no table: nobody can then call the member.
fn unknown_type(member: &Member) -> Option<&'static str> {
    if member.parameters.iter().any(|parameter| is_unknown(parameter.ty)) {
        return Some("takes");
    }
    is_unknown(member.returns).then_some("gives")
}

fn is_unknown(ty: TypeId) -> bool {
    match ty.get() {
        Type::Error => true,
        Type::Array(of, _) | Type::Nullable(of) => is_unknown(*of),
        Type::Named(_, arguments) => arguments.iter().any(|&of| is_unknown(of)),
        _ => false,
    }
}
