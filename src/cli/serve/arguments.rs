//! The arguments of `serve`, in groups; each group says what it sets.

use super::observe::ObserveArguments;
use super::vault::VaultArguments;
use crate::cli::configuration::Besides;
use crate::drivers::live::{
    Authorities, ClientCertificates, ForwardedFields, Listener, Network, Options, Patience, TlsFiles, UpstreamLimits,
    certificates,
};
use clap::{Args, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// Serves traffic with policies: a forwarding HTTP proxy.
///
/// CONFIG is a directory in the APIOps artifact layout (apis/, backends/, named values/, policy
/// fragments/, products/, subscriptions/, policy.xml), an OpenAPI definition, or one policy document,
/// which then acts at API scope for every method and path.
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    after_help = "\
Examples:
  portcullis serve policies/quickstart
      An API whose backend is the embedded echo service; prints calls to try.
  portcullis serve policy.xml --backend https://api.example.com/v1
      One policy document before one backend.
  portcullis serve openapi.yaml --policy policy.xml
      The operations of a definition, before the backend that its `servers` name.
  portcullis serve artifacts/ --listen 0.0.0.0:8080 --named-values secrets.json --access-log json
  portcullis serve artifacts/ --listen https://0.0.0.0:8443 --tls-certificate site.pem,site.key

A backend URL `echo:/path` leads to a small service inside this program that answers with what it received.
The configuration is read again when its files change and on SIGHUP; one with errors changes nothing.
SIGTERM and SIGINT let requests under way end (--drain-timeout), then exit 0.
Exit codes: 0 stopped by a signal, 2 wrong usage, unreadable files, or a configuration with errors."
)]
pub struct Arguments {
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub clients: ClientArguments,
    /// Worker threads [default: one per core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub workers: Option<u16>,
    /// Room for cached values, in MiB.
    #[arg(long, default_value_t = 256, value_name = "MIB")]
    pub cache_size: usize,
    #[command(flatten)]
    pub backends: BackendArguments,
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
    #[command(flatten)]
    pub vault: VaultArguments,
    /// Serve documents that hold policies or .NET members that are not supported yet; they fail when they are reached.
    #[arg(long)]
    pub allow_unsupported: bool,
    /// Do not read the configuration again when its files change.
    #[arg(long)]
    pub no_watch: bool,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Clients")]
pub struct ClientArguments {
    /// Where to listen; `https://` before it for TLS; port 0 takes a free one. May be given several times. HTTP/2 is
    /// spoken where the client offers it (ALPN), or begins with it.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    pub listen: Vec<Listen>,
    /// PEM of a certificate chain with its key, or of the chain alone and, after a comma, the key. Several serve by the
    /// name that a client asks for (SNI), the first those that ask for none. Read again when the files change.
    #[arg(long, value_name = "FILE[,KEY]")]
    tls_certificate: Vec<String>,
    /// Whether clients are asked for a certificate (`context.Request.Certificate`).
    #[arg(long, value_enum, default_value = "request")]
    client_certificate: ClientCertificate,
    /// PEM of authorities that client certificates must come from; without it any is taken, for policies to judge.
    #[arg(long, value_name = "FILE")]
    client_ca: Option<PathBuf>,
    /// A network of proxies whose word counts about a request's client address, scheme and host. May be given several
    /// times; nobody else's word counts.
    #[arg(long, value_name = "CIDR")]
    trust_forwarded: Vec<Network>,
    /// Which fields those proxies write.
    #[arg(long, value_enum, default_value = "x-forwarded")]
    forwarded_fields: Fields,
}

/// `ADDRESS:PORT`, `http://ADDRESS:PORT` or `https://ADDRESS:PORT`.
#[derive(Clone, Copy, Debug)]
pub struct Listen(pub Listener);

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Listen, String> {
        let (tls, address) = match text.strip_prefix("https://") {
            Some(address) => (true, address),
            None => (false, text.strip_prefix("http://").unwrap_or(text)),
        };
        let address = address.parse::<SocketAddr>().map_err(|error| error.to_string())?;
        Ok(Listen(Listener { address, tls }))
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ClientCertificate {
    /// Not asked for.
    Off,
    /// Asked for; a client may have none.
    Request,
    /// Clients without one are turned away.
    Require,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Fields {
    /// X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host.
    XForwarded,
    /// Forwarded (RFC 7239).
    Forwarded,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Connections to backends")]
pub struct BackendArguments {
    /// PEM of authorities that backends' certificates may come from, beside Mozilla's and the system's. May be given
    /// several times.
    #[arg(long, value_name = "FILE")]
    ca: Vec<PathBuf>,
    /// Connections per worker to one backend; calls beyond them wait.
    #[arg(long, default_value_t = 8192, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    backend_connections: u32,
    /// Seconds until a connection to a backend must stand.
    #[arg(long, default_value_t = 30, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    connect_timeout: u64,
}

impl BackendArguments {
    fn set(&self, limits: &mut UpstreamLimits) -> Result<(), String> {
        let mut own = Vec::new();
        for path in &self.ca {
            own.extend(certificates(path)?);
        }
        limits.authorities = Arc::new(Authorities::with(own));
        limits.connections = self.backend_connections as usize;
        limits.connect_timeout = Duration::from_secs(self.connect_timeout);
        Ok(())
    }
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Limits")]
pub struct LimitArguments {
    /// Connections at once; those that come then wait.
    #[arg(long, default_value_t = 65_536, value_name = "N")]
    connections: usize,
    /// Requests at once on one HTTP/2 connection.
    #[arg(long, default_value_t = 128, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    streams: u32,
    /// Fields of a request's head; more are answered with 431.
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    header_count: u16,
    /// KiB of a request's head.
    #[arg(long, default_value_t = 64, value_name = "KIB", value_parser = clap::value_parser!(u16).range(8..=4096))]
    header_size: u16,
    /// The longest body of a request, in MiB; a longer one is answered with 413.
    #[arg(long, default_value_t = 1024, value_name = "MIB")]
    request_body: u64,
    /// Seconds for a request's head, from its first byte on, and for the TLS handshake.
    #[arg(long, default_value_t = 30, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    header_timeout: u64,
    /// Seconds for each KiB of a request's body.
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    body_timeout: u64,
    /// Seconds in which a client must take some of its response.
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    send_timeout: u64,
    /// Seconds that a connection is kept between two requests.
    #[arg(long, default_value_t = 75, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    idle_timeout: u64,
    /// Seconds for a request as a whole, from its head to its response's last byte; 0 is as long as it takes. What
    /// comes late is answered with 504, or broken off. A WebSocket has it for its handshake.
    #[arg(long, default_value_t = 0, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(..=31_536_000))]
    request_timeout: u64,
    /// The longest body that a policy may read, in MiB.
    #[arg(long, default_value_t = 64, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=4096))]
    body_limit: u64,
    /// Seconds that requests under way are given when the service stops.
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    drain_timeout: u64,
}

impl Arguments {
    /// The driver's options, but for the certificates; `Err` says what is wrong with the arguments.
    pub fn options(&self) -> Result<Options, String> {
        let mut options = Options::new(SocketAddr::from(([127, 0, 0, 1], 0)));
        self.clients.set(&mut options);
        self.backends.set(&mut options.upstream)?;
        if let Some(workers) = self.workers {
            options.workers = usize::from(workers);
        }
        options.observe = self.observe.options()?;
        options.egress_allow = self.observe.egress_allow();
        self.limits.set(&mut options);
        Ok(options)
    }
}

impl ClientArguments {
    fn set(&self, options: &mut Options) {
        options.listeners = self.listen.iter().map(|listen| listen.0).collect();
        options.trust.networks.clone_from(&self.trust_forwarded);
        options.trust.fields = match self.forwarded_fields {
            Fields::XForwarded => ForwardedFields::XForwarded,
            Fields::Forwarded => ForwardedFields::Forwarded,
        };
    }

    /// The files that TLS needs; `None` without a listener that speaks it.
    pub fn tls(&self) -> Option<TlsFiles> {
        let pair = |text: &String| match text.split_once(',') {
            Some((chain, key)) => (chain.into(), Some(key.into())),
            None => (text.into(), None),
        };
        self.listen.iter().any(|listen| listen.0.tls).then(|| TlsFiles {
            certificates: self.tls_certificate.iter().map(pair).collect(),
            clients: match self.client_certificate {
                ClientCertificate::Off => ClientCertificates::Off,
                ClientCertificate::Request => ClientCertificates::Request,
                ClientCertificate::Require => ClientCertificates::Require,
            },
            client_authorities: self.client_ca.clone(),
        })
    }
}

impl LimitArguments {
    fn set(&self, options: &mut Options) {
        options.streams = self.streams;
        options.most_headers = usize::from(self.header_count);
        options.longest_head = usize::from(self.header_size) << 10;
        options.request_timeout = (self.request_timeout > 0).then(|| Duration::from_secs(self.request_timeout));
        options.longest_body = self.request_body.saturating_mul(1 << 20);
        let seconds = Duration::from_secs;
        options.patience = Patience {
            head: seconds(self.header_timeout),
            idle: seconds(self.idle_timeout),
            body: seconds(self.body_timeout),
            send: seconds(self.send_timeout),
        };
        options.connections = self.connections.max(1);
        options.body_limit = self.body_limit << 20;
        options.drain_timeout = Duration::from_secs(self.drain_timeout);
    }
}
