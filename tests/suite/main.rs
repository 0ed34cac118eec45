//! The one integration test binary; each module is a suite.

mod cases;
mod layers;
mod broken_input;
mod corpus;
mod messages;
mod planted;
mod sequences;
#[cfg(feature = "live")]
mod serve;
mod support;
