//! Tests of the whole package: against policies and C# cases beside the checkout, and by small cases.

mod broken;
mod cases;
mod outside;
