//! Query expressions to method calls, by the translation of the specification ("Query expression translation").
//!
//! Several range variables travel in a transparent identifier: a lambda parameter whose name begins with
//! [`TRANSPARENT`], of an anonymous type whose fields are in scope where the lambda's body is bound.

use super::ir::Span;
use super::lambda::TRANSPARENT;
use portcullis_grammar::syntax::{
    AnonymousMember, Argument, Body, Expr, ExprKind, GenericName, JoinClause, Lambda, Name, Parameter, Passing, Query,
    QueryBody, QueryClause, QueryEnd, Type,
};

/// The calls that a query stands for.
pub fn translate(query: &Query, span: Span) -> Expr {
    let mut translator = Translator { next: 0 };
    let from = &query.from;
    let source = cast(from.source.clone(), from.of.as_ref(), from.span);
    translator.body(source, Variables::One(from.name.clone()), &query.body, span)
}

/// The range variables in scope: one by its own name, or several in a transparent identifier.
#[derive(Clone)]
enum Variables {
    One(Name),
    Several(Name),
}

impl Variables {
    fn parameter(&self) -> Name {
        match self {
            Variables::One(name) | Variables::Several(name) => name.clone(),
        }
    }
}

struct Translator {
    next: u32,
}

impl Translator {
    fn fresh(&mut self, span: Span) -> Name {
        self.next += 1;
        Name { text: format!("{TRANSPARENT}{}", self.next).into(), span }
    }

    fn body(&mut self, mut source: Expr, mut variables: Variables, body: &QueryBody, span: Span) -> Expr {
        let mut clauses = body.clauses.iter().peekable();
        while let Some(clause) = clauses.next() {
            match clause {
                QueryClause::Where { condition, span } => {
                    source = call(source, "Where", vec![lambda(&[variables.parameter()], condition.clone())], *span);
                }
                QueryClause::OrderBy { keys, span } => {
                    for (at, key) in keys.iter().enumerate() {
                        let method = match (at, key.descending) {
                            (0, false) => "OrderBy",
                            (0, true) => "OrderByDescending",
                            (_, false) => "ThenBy",
                            (_, true) => "ThenByDescending",
                        };
                        source = call(source, method, vec![lambda(&[variables.parameter()], key.key.clone())], *span);
                    }
                }
                QueryClause::Let { name, value, span } => {
                    let pair = pair(&variables.parameter(), name, Some(value.clone()), *span);
                    source = call(source, "Select", vec![lambda(&[variables.parameter()], pair)], *span);
                    variables = Variables::Several(self.fresh(*span));
                }
                QueryClause::From(from) => {
                    let inner = cast(from.source.clone(), from.of.as_ref(), from.span);
                    let collection = lambda(&[variables.parameter()], inner);
                    // A final select is the result selector itself.
                    if clauses.peek().is_none()
                        && body.continuation.is_none()
                        && let QueryEnd::Select { value, .. } = &body.end
                    {
                        let result = lambda(&[variables.parameter(), from.name.clone()], value.clone());
                        return call(source, "SelectMany", vec![collection, result], span);
                    }
                    let pair = pair(&variables.parameter(), &from.name, None, from.span);
                    let result = lambda(&[variables.parameter(), from.name.clone()], pair);
                    source = call(source, "SelectMany", vec![collection, result], from.span);
                    variables = Variables::Several(self.fresh(from.span));
                }
                QueryClause::Join(join) => {
                    source = self.join(source, &variables, join);
                    variables = Variables::Several(self.fresh(join.span));
                }
            }
        }
        let result = self.end(source, &variables, &body.end, !body.clauses.is_empty(), span);
        match &body.continuation {
            None => result,
            Some(next) => self.body(result, Variables::One(next.name.clone()), &next.body, span),
        }
    }

    fn join(&mut self, source: Expr, variables: &Variables, join: &JoinClause) -> Expr {
        let inner = cast(join.source.clone(), join.of.as_ref(), join.span);
        let left = lambda(&[variables.parameter()], join.left_key.clone());
        let right = lambda(std::slice::from_ref(&join.name), join.right_key.clone());
        let (method, second) = match &join.into {
            Some(group) => ("GroupJoin", group.clone()),
            None => ("Join", join.name.clone()),
        };
        let result =
            lambda(&[variables.parameter(), second.clone()], pair(&variables.parameter(), &second, None, join.span));
        call(source, method, vec![inner, left, right, result], join.span)
    }

    fn end(&mut self, source: Expr, variables: &Variables, end: &QueryEnd, has_clauses: bool, span: Span) -> Expr {
        match end {
            QueryEnd::Select { value, .. } => {
                // `from x in xs where ... select x` needs no Select; a query without clauses does.
                if has_clauses && is_variable(value, variables) {
                    return source;
                }
                call(source, "Select", vec![lambda(&[variables.parameter()], value.clone())], span)
            }
            QueryEnd::Group { value, by, .. } => {
                let key = lambda(&[variables.parameter()], by.clone());
                let arguments = if is_variable(value, variables) {
                    vec![key]
                } else {
                    vec![key, lambda(&[variables.parameter()], value.clone())]
                };
                call(source, "GroupBy", arguments, span)
            }
        }
    }
}

fn is_variable(value: &Expr, variables: &Variables) -> bool {
    matches!((&value.kind, variables), (ExprKind::Name(name), Variables::One(own)) if name.name.text == own.text && name.arguments.is_empty())
}

fn name_expr(name: &Name) -> Expr {
    let kind = ExprKind::Name(GenericName { name: name.clone(), arguments: Vec::new() });
    Expr { kind, span: name.span }
}

/// `new { first, second = value }`.
fn pair(first: &Name, second: &Name, value: Option<Expr>, span: Span) -> Expr {
    let member = |name: &Name, value: Expr| AnonymousMember { name: Some(name.clone()), value };
    let value = value.unwrap_or_else(|| name_expr(second));
    Expr { kind: ExprKind::NewAnonymous(vec![member(first, name_expr(first)), member(second, value)]), span }
}

fn lambda(parameters: &[Name], body: Expr) -> Expr {
    let span = body.span;
    let parameter = |name: &Name| Parameter {
        of: None,
        passing: Passing::Value,
        is_params: false,
        name: name.clone(),
        default: None,
        span: name.span,
    };
    let lambda = Lambda {
        parameters: Some(parameters.iter().map(parameter).collect()),
        body: Body::Expr(Box::new(body)),
        is_delegate: false,
    };
    Expr { kind: ExprKind::Lambda(Box::new(lambda)), span }
}

fn call(target: Expr, method: &str, arguments: Vec<Expr>, span: Span) -> Expr {
    let name = GenericName { name: Name { text: method.into(), span }, arguments: Vec::new() };
    let target = Expr { span, kind: ExprKind::Member { target: Box::new(target), name } };
    let argument = |value: Expr| Argument { name: None, passing: Passing::Value, span: value.span, value };
    let arguments = arguments.into_iter().map(argument).collect();
    Expr { kind: ExprKind::Invocation { target: Box::new(target), arguments }, span }
}

/// `source.Cast<T>()` for a range variable with a type.
fn cast(source: Expr, of: Option<&Type>, span: Span) -> Expr {
    let Some(of) = of else { return source };
    let name = GenericName { name: Name { text: "Cast".into(), span }, arguments: vec![of.clone()] };
    let target = Expr { span, kind: ExprKind::Member { target: Box::new(source), name } };
    Expr { kind: ExprKind::Invocation { target: Box::new(target), arguments: Vec::new() }, span }
}
