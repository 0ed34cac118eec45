//! Expressions that only look: trees over what the exchange shows and constants, of texts in ASCII and plain numbers.
//!
//! Such a tree makes nothing on its way to its result and cannot fail: where something is not as usual (a text that is not
//! ASCII, or long; several values of a header; a variable of another type; a number that is none), it gives up, and the
//! instructions behind it, which stand for the same expression, run instead. They may: a look changes nothing.
//! `lower/glance.rs` writes them, `vm/glance.rs` runs them.

use super::op::Comparison;
use crate::dotnet::context::LookUp;
use std::ops::Range;

/// An expression that only looks.
#[derive(Debug)]
pub struct Glance {
    pub what: What,
    /// The fuel that it takes: its nodes.
    pub cost: u32,
}

/// By the type of the result.
#[derive(Debug)]
pub enum What {
    Test(Test),
    Number(Number),
    Text(Made),
    /// A string that is there, as it is.
    Kept(LookUp),
}

/// A `bool`.
#[derive(Debug)]
pub enum Test {
    Constant(bool),
    Look(LookUp, Option<bool>),
    /// A look-up finds something.
    Has(LookUp),
    /// A text is this one.
    Is(Text, Box<[u8]>),
    IsNull(Text),
    /// [`crate::dotnet::member::Brief::Test`] of a text and a constant.
    Holds(fn(&[u8], &[u8]) -> Option<bool>, Text, Box<[u8]>),
    /// [`crate::dotnet::member::Brief::Void`].
    IsVoid(fn(&[u8]) -> bool, Text),
    Compare(Comparison, Number, i32),
    Not(Box<Test>),
    Both(Box<(Test, Test)>),
    Either(Box<(Test, Test)>),
}

/// An `int`.
#[derive(Debug)]
pub enum Number {
    Look(LookUp, Option<i32>),
    /// [`crate::dotnet::member::Brief::Integer`].
    Of(fn(&[u8]) -> Option<i64>, Text),
}

/// A `string`.
#[derive(Debug)]
pub enum Text {
    Null,
    Constant(Box<[u8]>),
    Look(LookUp, Option<Box<[u8]>>),
    /// A part of one that nothing has to be written for: [`crate::dotnet::member::Brief::Part`].
    Part(fn(&[u8]) -> Range<usize>, Box<Text>),
    /// The second where the first is null.
    Else(Box<(Text, Text)>),
    Made(Box<Made>),
}

/// A text that has to be written.
#[derive(Debug)]
pub enum Made {
    /// One after the other; null is empty.
    Join(Box<[Text]>),
    /// [`crate::dotnet::member::Brief::Change`].
    Change(fn(&mut [u8]), Text),
    Part(fn(&[u8]) -> Range<usize>, Text),
    /// A number as `ToString()` writes it.
    Decimal(Number),
}
