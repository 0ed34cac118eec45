//! The flags of `serve` that concern its operators.

use crate::drivers::live::AccessLogFormat;
use crate::drivers::live::egress::Pattern;
use crate::drivers::live::observe::Options;
use crate::drivers::live::observe::otlp::Target;
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
    /// Send spans to an OpenTelemetry collector: OTLP over HTTP, in JSON. Headers come from
    /// OTEL_EXPORTER_OTLP_HEADERS, the service's name from OTEL_SERVICE_NAME.
    #[arg(long, value_name = "URL")]
    otlp: Option<String>,
    /// Of requests that name no trace, sample this part.
    #[arg(long, default_value_t = 1.0, value_name = "0..1", requires = "otlp")]
    otlp_sample: f64,
    /// Let callers have requests traced: with a debug token (Apim-Debug-Authorization), or with the key of a
    /// subscription that allows it (Ocp-Apim-Trace). Traces are fetched from the admin listener, from this machine.
    #[arg(long, requires = "admin")]
    tracing: bool,
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

    /// `Err` says what is wrong with them.
    pub fn options(&self) -> Result<Options, String> {
        let access_log = match self.access_log {
            AccessLog::Text => Some(AccessLogFormat::Text),
            AccessLog::Json => Some(AccessLogFormat::Json),
            AccessLog::Off => None,
        };
        let otlp = match &self.otlp {
            Some(url) => {
                let variable = |name| std::env::var(name).ok();
                let target = Target::new(url, self.otlp_sample).map_err(|why| format!("--otlp {url}: {why}"))?;
                let (headers, service) = (variable("OTEL_EXPORTER_OTLP_HEADERS"), variable("OTEL_SERVICE_NAME"));
                Some(target.with_environment(headers.as_deref(), service.as_deref())?)
            }
            None => None,
        };
        Ok(Options { access_log, admin: self.admin, otlp, tracing: self.tracing })
    }
}
