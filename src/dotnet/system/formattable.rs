//! `System.FormattableString`: an interpolated string that is not formatted yet.
//!
//! In: a composite format and its arguments, which the checker makes of the pieces. Out: the text, when it is asked for.

use super::string::composite;
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, TypeDef, method, property, static_method};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;

type Result<T = Value> = std::result::Result<T, Fault>;

/// The format, and the array of the arguments.
#[derive(Debug)]
struct Formattable {
    format: Value,
    arguments: Value,
}

pub static FORMATTABLE_STRING: TypeDef = TypeDef::new(
    "System.FormattableString",
    Kind::Class,
    &[&[
        property("int ArgumentCount { get; }", |cx, a| {
            let arguments = cx.this::<Formattable>(a[0])?.arguments;
            Ok(Value::Int32(cx.heap.items(arguments).unwrap_or_default().len() as i32))
        })
        .doc("How many holes the string has."),
        property("string Format { get; }", |cx, a| Ok(cx.this::<Formattable>(a[0])?.format))
            .doc("The string with a number in place of each value."),
        method("object GetArgument(int index)", |cx, a| {
            let arguments = cx.this::<Formattable>(a[0])?.arguments;
            let at = usize::try_from(int(a[1])).ok();
            let found = at.and_then(|at| cx.heap.items(arguments).unwrap_or_default().get(at).copied());
            found.ok_or_else(Fault::index_of_array)
        }),
        method("object[] GetArguments()", |cx, a| Ok(cx.this::<Formattable>(a[0])?.arguments)),
        method("string ToString()", |cx, a| text(cx, a[0])),
        method("string ToString(IFormatProvider formatProvider)", |cx, a| text(cx, a[0])),
        method("string ToString(string ignored, IFormatProvider formatProvider)", |cx, a| text(cx, a[0])),
        static_method("string CurrentCulture(FormattableString formattable)", of_argument),
        static_method("string Invariant(FormattableString formattable)", of_argument),
    ]],
)
.interfaces(&["IFormattable"])
.is_abstract()
.off_list();

fn of_argument(cx: &mut Call<'_>, a: &[Value]) -> Result {
    if a[0].is_null() {
        return Err(Fault::argument_null("formattable"));
    }
    text(cx, a[0])
}

fn text(cx: &mut Call<'_>, formattable: Value) -> Result {
    let &Formattable { format, arguments } = cx.this(formattable)?;
    composite::format_array(cx, &[format, arguments])
}

/// A string of its format and the array of its arguments.
pub fn make(cx: &mut Call<'_>, a: &[Value]) -> Result {
    cx.heap.new_extension(TypeId::named("System.FormattableString"), Formattable { format: a[0], arguments: a[1] })
}
