//! Constraints on the type parameters of .NET's generic methods, which signatures of rows do not say.

use super::ErrorKind;
use super::ir::Span;
use super::lookup::Found;
use super::scope::{Binder, is_error};
use crate::dotnet::inherit::{is_subtype, is_value_type};
use crate::dotnet::types::{Type, TypeId};

/// What a type argument must be.
enum Wanted {
    Class,
    Struct,
    Of(&'static str),
}

/// The constraint on the first type parameter of a method.
fn constraint(owner: &str, method: &str) -> Option<Wanted> {
    Some(match (owner, method) {
        (
            "System.Xml.Linq.XObject" | "Newtonsoft.Json.Linq.JToken",
            "Annotation" | "Annotations" | "RemoveAnnotations",
        ) => Wanted::Class,
        ("System.Enum", "Parse" | "TryParse") | ("System.Nullable", "Compare" | "Equals") => Wanted::Struct,
        ("Newtonsoft.Json.Linq.JToken", "Children") => Wanted::Of("Newtonsoft.Json.Linq.JToken"),
        ("System.Xml.Linq.Extensions", "Ancestors" | "InDocumentOrder" | "Remove") => {
            Wanted::Of("System.Xml.Linq.XNode")
        }
        ("System.Xml.Linq.Extensions", "Descendants" | "DescendantNodes" | "Elements" | "Nodes") => {
            Wanted::Of("System.Xml.Linq.XContainer")
        }
        ("Newtonsoft.Json.Linq.Extensions", "Ancestors" | "AncestorsAndSelf" | "AsJEnumerable" | "Children") => {
            Wanted::Of("Newtonsoft.Json.Linq.JToken")
        }
        ("Newtonsoft.Json.Linq.Extensions", "Descendants" | "DescendantsAndSelf") => {
            Wanted::Of("Newtonsoft.Json.Linq.JContainer")
        }
        _ => return None,
    })
}

impl Binder<'_> {
    /// Reports a type argument that the method does not take.
    pub fn check_member_constraints(&mut self, found: &Found, method: &[TypeId], span: Span) {
        let Some(&ty) = method.first() else { return };
        let owner = crate::dotnet::def(found.member.def).name;
        let value_two = owner == "Newtonsoft.Json.Linq.Extensions" && found.member.name == "Value" && method.len() == 2;
        let wanted = if value_two {
            Some(Wanted::Of("Newtonsoft.Json.Linq.JToken"))
        } else {
            constraint(owner, found.member.name)
        };
        let (Some(wanted), false) = (wanted, is_error(ty)) else { return };
        let reference = match ty.get() {
            Type::LocalParameter(own) => own.is_class,
            _ => !is_value_type(ty),
        };
        let shown = ty.csharp_name();
        match wanted {
            Wanted::Class if !reference => {
                let message = format!(
                    "The type '{shown}' must be a reference type in order to use it as parameter 'T' in the generic type or method '{}'",
                    found.member.name
                );
                self.error(ErrorKind::Type, "CS0452", span, message);
            }
            Wanted::Struct if reference || matches!(ty.get(), Type::Nullable(_)) => {
                let message = format!(
                    "The type '{shown}' must be a non-nullable value type in order to use it as parameter 'T' in the generic type or method '{}'",
                    found.member.name
                );
                self.error(ErrorKind::Type, "CS0453", span, message);
            }
            Wanted::Of(base) if !is_subtype(ty, TypeId::named(base)) => {
                let (code, how) = match ty.get() {
                    Type::Nullable(_) => ("CS0312", "nullable type"),
                    Type::LocalParameter(_) => ("CS0314", "boxing conversion or type parameter conversion"),
                    _ if is_value_type(ty) => ("CS0315", "boxing conversion"),
                    _ => ("CS0311", "implicit reference conversion"),
                };
                let message = format!(
                    "The type '{shown}' cannot be used as type parameter 'T' in the generic type or method '{}'. There is no {how} from '{shown}' to '{base}'.",
                    found.member.name
                );
                self.error(ErrorKind::Type, code, span, message);
            }
            Wanted::Class | Wanted::Struct | Wanted::Of(_) => {}
        }
    }
}
