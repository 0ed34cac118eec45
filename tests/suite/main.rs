//! The one integration test binary; each module is a suite.

mod broken_input;
mod broken_runs;
mod cases;
mod convert;
mod corpus;
mod dotnet;
#[cfg(feature = "live")]
mod estates;
mod generate;
mod generated;
mod glances;
mod growth;
#[cfg(feature = "live")]
mod hostile;
mod journals;
mod json_suites;
mod layers;
mod limits;
#[cfg(feature = "live")]
mod live_backends;
#[cfg(feature = "live")]
mod live_cases;
#[cfg(feature = "live")]
mod load;
mod messages;
#[cfg(feature = "live")]
mod network;
#[cfg(feature = "live")]
mod observe;
mod parity;
mod planted;
#[cfg(feature = "live")]
mod policy_sets;
mod program;
#[cfg(feature = "live")]
mod script;
#[cfg(feature = "live")]
mod secrets;
mod seeds;
mod sequences;
#[cfg(feature = "live")]
mod serve;
mod snippets;
mod sources;
mod support;
mod types;
#[cfg(feature = "live")]
mod vault;
#[cfg(feature = "live")]
mod verticals;
#[cfg(feature = "live")]
mod wire;
