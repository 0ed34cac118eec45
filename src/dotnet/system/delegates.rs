//! Delegate types: `Func`, `Action` and their relatives. What a delegate takes and gives is its `Invoke` row.

use crate::dotnet::member::{Form, Kind, Row, TypeDef};

macro_rules! delegate {
    ($name:ident, $dotnet:literal, [$($parameter:literal),*], $invoke:literal) => {
        pub static $name: TypeDef =
            TypeDef::new($dotnet, Kind::Delegate, &[&[Row::unbuilt(Form::Method, false, $invoke)]])
                .parameters(&[$($parameter),*])
                .base("MulticastDelegate");
    };
}

delegate!(FUNC_0, "System.Func", ["out R"], "R Invoke()");
delegate!(FUNC_1, "System.Func", ["in A", "out R"], "R Invoke(A arg)");
delegate!(FUNC_2, "System.Func", ["in A", "in B", "out R"], "R Invoke(A arg1, B arg2)");
delegate!(FUNC_3, "System.Func", ["in A", "in B", "in C", "out R"], "R Invoke(A arg1, B arg2, C arg3)");
delegate!(FUNC_4, "System.Func", ["in A", "in B", "in C", "in D", "out R"], "R Invoke(A arg1, B arg2, C arg3, D arg4)");
delegate!(
    FUNC_5,
    "System.Func",
    ["in A", "in B", "in C", "in D", "in E", "out R"],
    "R Invoke(A arg1, B arg2, C arg3, D arg4, E arg5)"
);
delegate!(
    FUNC_6,
    "System.Func",
    ["in A", "in B", "in C", "in D", "in E", "in F", "out R"],
    "R Invoke(A arg1, B arg2, C arg3, D arg4, E arg5, F arg6)"
);
delegate!(ACTION_0, "System.Action", [], "void Invoke()");
delegate!(ACTION_1, "System.Action", ["in A"], "void Invoke(A obj)");
delegate!(ACTION_2, "System.Action", ["in A", "in B"], "void Invoke(A arg1, B arg2)");
delegate!(ACTION_3, "System.Action", ["in A", "in B", "in C"], "void Invoke(A arg1, B arg2, C arg3)");
delegate!(ACTION_4, "System.Action", ["in A", "in B", "in C", "in D"], "void Invoke(A arg1, B arg2, C arg3, D arg4)");
delegate!(PREDICATE, "System.Predicate", ["in T"], "bool Invoke(T obj)");
delegate!(COMPARISON, "System.Comparison", ["in T"], "int Invoke(T x, T y)");
delegate!(CONVERTER, "System.Converter", ["in A", "out R"], "R Invoke(A input)");

/// Every delegate type of this file.
pub static TYPES: &[&TypeDef] = &[
    &FUNC_0,
    &FUNC_1,
    &FUNC_2,
    &FUNC_3,
    &FUNC_4,
    &FUNC_5,
    &FUNC_6,
    &ACTION_0,
    &ACTION_1,
    &ACTION_2,
    &ACTION_3,
    &ACTION_4,
    &PREDICATE,
    &COMPARISON,
    &CONVERTER,
];
