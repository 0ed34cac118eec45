//! The live driver: a forwarding HTTP proxy on hyper and tokio. In: a configuration and sockets. A worker is a
//! thread with its own runtime, listener and connection pools; it owns each of its requests from accept to close.

mod body;
mod cache;
mod clock;
mod counters;
mod deadline;
mod drive;
pub mod echo;
mod effects;
pub mod egress;
mod exchange;
mod front;
mod local;
pub mod observe;
mod options;
mod reload;
mod response;
mod server;
mod state;
mod upstream;
mod vault;
mod worker;

pub use front::activity::Patience;
pub use front::forwarded::{Fields as ForwardedFields, Network, Trust};
pub use front::tls::{ClientCertificates, TlsFiles, certificates};
pub use observe::access_log::Format as AccessLogFormat;
pub use options::{Listener, Options};
pub use reload::{Current, Watcher};
pub use server::{Server, start};
pub use state::{Embedded, State};
pub use upstream::{Authorities, Limits as UpstreamLimits};
pub use vault::{Tokens, Vault, VaultRule};
pub use worker::Configuration;
