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

/// A range variable that is declared again in its scope.
pub fn declared_twice(query: &Query) -> Option<&Name> {
    let mut names = vec![&query.from.name];
    let mut body = &query.body;
    loop {
        for clause in &body.clauses {
            let (first, second) = match clause {
                QueryClause::From(from) => (Some(&from.name), None),
                QueryClause::Let { name, .. } => (Some(name), None),
                QueryClause::Join(join) => (Some(&join.name), join.into.as_ref()),
                QueryClause::Where { .. } | QueryClause::OrderBy { .. } => (None, None),
            };
            // The joined variable of a group join is gone after it.
            let lasting = second.or(first);
            for name in first.into_iter().chain(second) {
                if names.iter().any(|own| own.text == name.text) {
                    return Some(name);
                }
            }
            names.extend(lasting);
        }
        let next = body.continuation.as_ref()?;
        names = vec![&next.name];
        body = &next.body;
    }
}

/// The keys of joins, with the names that may not stand in them (none for any that is not in scope): what stands left of `equals` may
/// not name the joined variable, what stands right no other one.
pub fn join_keys(query: &Query) -> Vec<(Span, Vec<Box<str>>, &'static str)> {
    let mut keys = Vec::new();
    for join in joins(query) {
        keys.push((join.left_key.span, vec![join.name.text.clone()], "CS1937"));
        keys.push((join.right_key.span, Vec::new(), "CS1938"));
    }
    keys
}

/// Where the joined variable begins the left key of a join.
pub fn swapped_keys(query: &Query) -> Vec<&Name> {
    joins(query)
        .into_iter()
        .filter_map(|join| root(&join.left_key).filter(|name| name.text == join.name.text))
        .collect()
}

fn joins(query: &Query) -> Vec<&JoinClause> {
    let mut found = Vec::new();
    let mut body = &query.body;
    loop {
        found.extend(body.clauses.iter().filter_map(|clause| match clause {
            QueryClause::Join(join) => Some(&**join),
            _ => None,
        }));
        let Some(next) = &body.continuation else { return found };
        body = &next.body;
    }
}

/// The name that an expression begins with.
fn root(tree: &Expr) -> Option<&Name> {
    let mut tree = tree;
    loop {
        tree = match &tree.kind {
            ExprKind::Name(name) => return Some(&name.name),
            ExprKind::Member { target, .. } => target,
            ExprKind::Invocation { target, .. } => target,
            _ => return None,
        };
    }
}

/// What stands at a place of a query, for its errors.
#[derive(Clone, Copy, PartialEq)]
pub enum At {
    /// Where the call of a clause is reported.
    Call(&'static str),
    Source,
    Let,
    Selected,
}

pub fn places(query: &Query, span: Span) -> Vec<(Span, At)> {
    let mut places = vec![(query.from.source.span, At::Source)];
    let mut body = &query.body;
    loop {
        for clause in &body.clauses {
            match clause {
                QueryClause::From(from) => places.push((from.span, At::Call("CS1943"))),
                QueryClause::Let { value, span, .. } => {
                    places.push((value.span, At::Let));
                    places.push((*span, At::Call("CS1942")));
                }
                QueryClause::Join(join) => places.push((join.span, At::Call("CS1941"))),
                QueryClause::Where { span, .. } | QueryClause::OrderBy { span, .. } => {
                    places.push((*span, At::Call("CS1942")));
                }
            }
        }
        if let QueryEnd::Select { value, .. } = &body.end {
            places.push((value.span, At::Selected));
        }
        let last_is_from = matches!(body.clauses.last(), Some(QueryClause::From(_)));
        places.push((span, At::Call(if last_is_from { "CS1943" } else { "CS1942" })));
        let Some(next) = &body.continuation else { return places };
        body = &next.body;
    }
}

/// Says what is wrong with the calls that a query stands for in the words of queries.
pub fn speak(error: &mut super::TypeError, places: &[(Span, At)]) {
    let at = |wanted: fn(At) -> bool| places.iter().find(|(span, at)| *span == error.span && wanted(*at));
    let (csharp, message) = match error.csharp {
        Some("CS1061") if at(|at| matches!(at, At::Call(_))).is_some() => {
            let mut quoted = error.message.split('\'');
            let (ty, method) = (quoted.nth(1).unwrap_or_default(), quoted.nth(1).unwrap_or_default());
            let message = format!(
                "Could not find an implementation of the query pattern for source type '{ty}'.  '{method}' not found."
            );
            // One that is enumerated in two ways could be told how.
            (if ty == "JObject" { "CS1934" } else { "CS1936" }, message)
        }
        // Of null.
        Some("CS0023") if at(|at| matches!(at, At::Call(_))).is_some() => {
            ("CS0186", "Use of null is not valid in this context".to_owned())
        }
        Some("CS0411" | "CS1503") => match at(|at| matches!(at, At::Call(_))) {
            Some((_, At::Call(code))) => {
                (*code, "The type of the expression in the clause is incorrect.  Type inference failed.".to_owned())
            }
            _ => return,
        },
        Some("CS0828" | "CS0815" | "CS0428") if at(|at| at == At::Let).is_some() => {
            ("CS1932", "The value cannot be assigned to a range variable".to_owned())
        }
        Some("CS0815" | "CS0428") if at(|at| at == At::Selected).is_some() => (
            "CS1942",
            "The type of the expression in the select clause is incorrect.  Type inference failed.".to_owned(),
        ),
        Some("CS0815") if at(|at| at == At::Source).is_some() => {
            ("CS1936", "Could not find an implementation of the query pattern for an anonymous method".to_owned())
        }
        Some("CS0428") if at(|at| at == At::Source).is_some() => {
            ("CS0119", "A method group is not valid in the given context".to_owned())
        }
        _ => return,
    };
    error.csharp = Some(csharp);
    error.message = message;
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
        of_query: true,
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
