//! The flags of `serve` that concern its operators.

use crate::drivers::live::AccessLogFormat;
use crate::drivers::live::egress::Pattern;
use crate::drivers::live::observe::Options;
use clap::{Args, ValueEnum};
use std::net::SocketAddr;
use std::sync::Arc;

#[derive(Args, Debug)]
#[command(next_help_heading = "Operation")]
pub struct ObserveArguments {
    /// One line per request on standard output.
    #[arg(long, value_enum, default_value = "text")]
    access_log: AccessLog,
    /// Where /health, /ready and /metrics are answered, on a port of their own [default: nowhere].
    #[arg(long, value_name = "ADDRESS:PORT")]
    admin: Option<SocketAddr>,
    /// Hosts that send-request, send-one-way-request and redirects may call: `api.example.com`, `*.example.com`,
    /// `host:port` [default: any]. No call ever reaches the admin listener.
    #[arg(long, value_name = "HOST[,HOST...]", value_delimiter = ',')]
    egress_allow: Option<Vec<Pattern>>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum AccessLog {
    Text,
    Json,
    Off,
}

impl ObserveArguments {
    pub fn egress_allow(&self) -> Option<Arc<[Pattern]>> {
        self.egress_allow.as_deref().map(Arc::from)
    }

    pub fn options(&self) -> Options {
        let access_log = match self.access_log {
            AccessLog::Text => Some(AccessLogFormat::Text),
            AccessLog::Json => Some(AccessLogFormat::Json),
            AccessLog::Off => None,
        };
        Options { access_log, admin: self.admin }
    }
}
