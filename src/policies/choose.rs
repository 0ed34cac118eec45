//! `choose` runs the first branch whose condition holds, or the last resort.
//!
//! At run time:
//! - first true branch only; later conditions are not evaluated
//! - empty branches are fine

use super::values;
use crate::bytecode::builder::Builder;
use crate::document::Statement;
use crate::document::spec::{Attr, ChildSpec, Spec, Support};
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::value::Value;

pub static SPEC: Spec = Spec::new("choose")
    .title("Control flow")
    .support(Support::Built)
    .children(&[
        ChildSpec::new("when")
            .required()
            .repeats()
            .attributes(&[Attr::bool("condition").required().expression()])
            .children(&[ChildSpec::policies()]),
        ChildSpec::new("otherwise").children(&[ChildSpec::policies()]),
    ])
    .sequence();

pub fn lower(statement: &Statement, out: &mut Builder<'_>) {
    let end = out.label();
    for when in statement.element.elements("when") {
        let next = out.label();
        let condition = out.attribute(when, "condition");
        let is_expression = when.attribute("condition").is_some_and(|value| value.expression().is_some());
        // An expression is a bool already.
        let condition = if is_expression { condition } else { out.native(as_flag, "condition", &[condition]) };
        out.jump_unless(condition, next);
        out.statements(when.statements());
        out.jump(end);
        out.place(next);
        out.resume_step(statement);
    }
    if let Some(otherwise) = statement.element.element("otherwise") {
        out.statements(otherwise.statements());
    }
    out.place(end);
}

fn as_flag(cx: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Fault> {
    Ok(Value::Bool(values::flag(cx, arguments[0])?))
}
