//! The one integration test binary; each module is a suite.

mod broken_input;
mod cases;
mod corpus;
mod dotnet;
mod layers;
mod messages;
mod planted;
mod planted_csharp;
mod sequences;
#[cfg(feature = "live")]
mod serve;
mod support;
mod types;
