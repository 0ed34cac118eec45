//! The one integration test binary; each module is a suite.

mod corpus;
mod support;
