//! The flags of `serve` that concern its operators.

use crate::drivers::live::AccessLogFormat;
use crate::drivers::live::observe::Options;
use clap::{Args, ValueEnum};
use std::net::SocketAddr;

#[derive(Args, Debug)]
#[command(next_help_heading = "Operation")]
pub struct ObserveArguments {
    /// One line per request on standard output.
    #[arg(long, value_enum, default_value = "text")]
    access_log: AccessLog,
    /// Where /health, /ready and /metrics are answered, on a port of their own [default: nowhere].
    #[arg(long, value_name = "ADDRESS:PORT")]
    admin: Option<SocketAddr>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum AccessLog {
    Text,
    Json,
    Off,
}

impl ObserveArguments {
    pub fn options(&self) -> Options {
        let access_log = match self.access_log {
            AccessLog::Text => Some(AccessLogFormat::Text),
            AccessLog::Json => Some(AccessLogFormat::Json),
            AccessLog::Off => None,
        };
        Options { access_log, admin: self.admin }
    }
}
