//! The arguments of `serve`, in groups; each group says what it sets.

use super::observe::ObserveArguments;
use crate::cli::configuration::Besides;
use crate::drivers::live::Options;
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Serve traffic with policies: a forwarding HTTP proxy.
///
/// CONFIG is a directory in the APIOps artifact layout (apis/, backends/, named values/, policy fragments/, products/,
/// subscriptions/, policy.xml), an OpenAPI definition, or one policy document, which then acts at API scope for every
/// method and path.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  portcullis serve policies/quickstart
      An API whose backend is the embedded echo service; prints calls to try.
  portcullis serve policy.xml --backend https://api.example.com/v1
      One policy document before one backend.
  portcullis serve openapi.yaml --policy policy.xml
      The operations of a definition, before the backend that its `servers` name.
  portcullis serve artifacts/ --listen 0.0.0.0:8080 --named-values secrets.json --access-log json

A backend URL `echo:/path` leads to a small service inside this program that answers with what it received.
The configuration is read again when its files change and on SIGHUP; one with errors changes nothing.
SIGTERM and SIGINT let requests under way end (--drain-timeout), then exit 0.
Exit codes: 0 stopped by a signal, 2 wrong usage, unreadable files, or a configuration with errors.")]
pub struct Arguments {
    #[command(flatten)]
    pub source: Source,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    pub listen: SocketAddr,
    /// Worker threads [default: one per core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub workers: Option<u16>,
    /// Room for cached values, in MiB.
    #[arg(long, default_value_t = 256, value_name = "MIB")]
    pub cache_size: usize,
    #[command(flatten)]
    pub limits: LimitArguments,
    #[command(flatten)]
    pub observe: ObserveArguments,
}

/// What is served, and how it is read.
#[derive(Args, Debug)]
pub struct Source {
    /// An artifact directory, an OpenAPI definition (*.yaml, *.yml, *.json), or a policy document.
    pub config: PathBuf,
    /// The backend of a policy document, or of a definition instead of the one that its `servers` name.
    #[arg(long, value_name = "URL")]
    pub backend: Option<String>,
    /// The policy document of a definition, at API scope.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    #[command(flatten)]
    pub besides: Besides,
    /// Serve documents that hold policies or .NET members that are not supported yet; they fail when they are reached.
    #[arg(long)]
    pub allow_unsupported: bool,
    /// Do not read the configuration again when its files change.
    #[arg(long)]
    pub no_watch: bool,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Limits")]
pub struct LimitArguments {
    /// Connections at once.
    #[arg(long, default_value_t = 65_536, value_name = "N")]
    connections: usize,
    /// The longest body that a policy may read, in MiB.
    #[arg(long, default_value_t = 64, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=4096))]
    body_limit: u64,
    /// Seconds that requests under way are given when the service stops.
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    drain_timeout: u64,
}

impl Arguments {
    /// The driver's options; `Err` says what is wrong with the arguments.
    pub fn options(&self) -> Result<Options, String> {
        let mut options = Options::new(self.listen);
        if let Some(workers) = self.workers {
            options.workers = usize::from(workers);
        }
        options.observe = self.observe.options()?;
        options.egress_allow = self.observe.egress_allow();
        self.limits.set(&mut options);
        Ok(options)
    }
}

impl LimitArguments {
    fn set(&self, options: &mut Options) {
        options.connections = self.connections.max(1);
        options.body_limit = self.body_limit << 20;
        options.drain_timeout = Duration::from_secs(self.drain_timeout);
    }
}
