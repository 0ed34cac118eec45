//! Declarations of locals and constants.

use super::ErrorKind;
use super::access::Operand;
use super::ir::{Const, ExprKind, Span, Stmt, StmtKind};
use super::scope::{Binder, Readonly, Symbol, erroneous, is_error};
use crate::dotnet::inherit::is_value_type;
use crate::dotnet::member::Kind;
use crate::dotnet::types::{self, Type, TypeId};
use portcullis_grammar::syntax::{self, ByRef, ExprKind as S};

impl Binder<'_> {
    pub(super) fn local_declaration(
        &mut self,
        local: &syntax::LocalDeclaration,
        span: Span,
        readonly: Readonly,
        out: &mut Vec<Stmt>,
    ) {
        if local.by_ref != ByRef::No {
            return self.reference_locals(local, out);
        }
        let inferred = matches!(local.of.kind, syntax::TypeKind::Var);
        let ty = if inferred { None } else { Some(self.resolve_type(&local.of)) };
        for declarator in &local.declarators {
            let at = declarator.span;
            // A local whose type is written is in scope in its own initializer.
            let name = &declarator.name;
            let declared =
                ty.filter(|_| !local.is_const).map(|ty| self.declare_local(&name.text, name.span, ty, readonly));
            let value = match (&declarator.value, ty) {
                (Some(tree), _) if matches!(tree.kind, S::Ref(_)) => {
                    let message = "Cannot initialize a by-value variable with a reference";
                    Some(self.error(ErrorKind::Type, "CS8171", tree.span, message))
                }
                (Some(tree), Some(ty)) => {
                    if let (S::ArrayInitializer(items), Type::Array(element, 1)) = (&tree.kind, ty.get()) {
                        Some(self.array_of(*element, &items.elements, ty, tree.span))
                    } else if let (S::ArrayInitializer(items), Type::Array(..)) = (&tree.kind, ty.get()) {
                        Some(self.new_grid(ty, &[], Some(items), tree.span))
                    } else if matches!(tree.kind, S::Lambda(_)) && ty_is_delegate(ty) {
                        // The lambda may not use the variable before it is assigned, but its name is taken.
                        let operand = self.operand(tree);
                        Some(self.convert(operand, ty, tree.span))
                    } else {
                        let operand = self.operand(tree);
                        Some(self.convert(operand, ty, tree.span))
                    }
                }
                (Some(tree), None) if matches!(tree.kind, S::ArrayInitializer(_)) => {
                    let message = "Cannot initialize an implicitly-typed variable with an array initializer";
                    Some(self.error(ErrorKind::Type, "CS0820", at, message))
                }
                (Some(tree), None) => {
                    let operand = self.operand(tree);
                    let value = match &operand {
                        Operand::Lambda(_) => {
                            self.error(
                                ErrorKind::Type,
                                "CS0815",
                                tree.span,
                                "Cannot assign lambda expression to an implicitly-typed variable",
                            );
                            erroneous(tree.span)
                        }
                        Operand::Group(_) => {
                            self.error(
                                ErrorKind::Type,
                                "CS0815",
                                tree.span,
                                "Cannot assign method group to an implicitly-typed variable",
                            );
                            erroneous(tree.span)
                        }
                        Operand::Default(_) => {
                            let message = "Cannot assign default to an implicitly-typed variable";
                            self.error(ErrorKind::Type, "CS0815", tree.span, message)
                        }
                        Operand::Tuple(..) => {
                            let message =
                                "Cannot assign a tuple with an element without a type to an implicitly-typed variable";
                            self.error(ErrorKind::Type, "CS0815", tree.span, message)
                        }
                        _ => self.value(operand).unwrap_or_else(|| erroneous(tree.span)),
                    };
                    if matches!(value.ty.get(), Type::Null | Type::Void) {
                        let message =
                            format!("Cannot assign {} to an implicitly-typed variable", value.ty.csharp_name());
                        Some(self.error(ErrorKind::Type, "CS0815", tree.span, message))
                    } else {
                        Some(value)
                    }
                }
                (None, None) => {
                    self.error(ErrorKind::Type, "CS0818", at, "Implicitly-typed variables must be initialized");
                    Some(erroneous(at))
                }
                (None, Some(_)) => None,
            };
            let own = ty.or(value.as_ref().map(|v| v.ty)).unwrap_or_else(types::error);
            if declared.is_some() && own.def().is_some_and(|def| def.kind == Kind::Static) {
                let message = format!("Cannot declare a variable of static type '{}'", own.csharp_name());
                self.error(ErrorKind::Type, "CS0723", local.of.span, message);
            }
            if matches!(own.get(), Type::Void) {
                self.error(ErrorKind::Type, "CS1547", at, "Keyword 'void' cannot be used in this context");
            }
            if local.is_const && inferred {
                self.error(ErrorKind::Type, "CS0822", at, "Implicitly-typed variables cannot be constant");
            } else if local.is_const && !is_error(own) && !may_be_constant(own) {
                let message = format!("The type '{}' cannot be declared const", own.csharp_name());
                self.error(ErrorKind::Type, "CS0283", local.of.span, message);
            }
            if local.is_const {
                let literal = declarator.value.as_ref().is_none_or(|tree| !matches!(tree.kind, S::Interpolated(_)));
                let reference = !is_value_type(own) && own != types::string();
                match value.map(|v| v.kind).map(|kind| if literal { kind } else { ExprKind::Context }) {
                    Some(kind) if reference && !matches!(kind, ExprKind::Const(Const::Null) | ExprKind::Error) => {
                        let message = format!(
                            "'{}' is of type '{}'. A const field of a reference type other than string can only be initialized with null.",
                            declarator.name.text,
                            own.csharp_name()
                        );
                        self.error(ErrorKind::Type, "CS0134", at, message);
                        self.declare(
                            &declarator.name.text,
                            declarator.name.span,
                            Symbol::Constant(Const::Null, types::error()),
                        );
                    }
                    Some(ExprKind::Const(constant)) => {
                        self.declare(&declarator.name.text, declarator.name.span, Symbol::Constant(constant, own))
                    }
                    Some(ExprKind::Error) => self.declare(
                        &declarator.name.text,
                        declarator.name.span,
                        Symbol::Constant(Const::Null, types::error()),
                    ),
                    Some(_) => {
                        let message =
                            format!("The expression being assigned to '{}' must be constant", declarator.name.text);
                        self.error(ErrorKind::Type, "CS0133", at, message);
                        self.declare(
                            &declarator.name.text,
                            declarator.name.span,
                            Symbol::Constant(Const::Null, types::error()),
                        );
                    }
                    None => {
                        self.error(ErrorKind::Type, "CS0145", at, "A const field requires a value to be provided");
                    }
                }
                continue;
            }
            let id = match declared {
                Some(id) => id,
                None => self.declare_local(&declarator.name.text, declarator.name.span, own, readonly),
            };
            out.push(Stmt { kind: StmtKind::Declare { local: id, value }, span: at });
        }
        if inferred && local.declarators.len() > 1 {
            self.error(ErrorKind::Type, "CS0819", span, "Implicitly-typed variables cannot have multiple declarators");
        }
    }
}

/// Whether a `const` may have this type.
pub(super) fn may_be_constant(ty: TypeId) -> bool {
    !is_value_type(ty) || super::convert::numeric(ty).is_some() || super::convert::is_enum(ty) || ty == types::boolean()
}

pub(super) fn ty_is_delegate(ty: TypeId) -> bool {
    super::lookup::delegate_signature(ty).is_some()
}
