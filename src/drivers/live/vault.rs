//! Secrets of an Azure Key Vault, over its HTTPS API: asked for once, kept, and asked for again in the background. What a
//! vault no longer tells stays as it was. In: identifiers. Out: values. Runs beside the workers, never on one.

use crate::gateway::model::VaultSecret;
use crate::message::Url;
use bytes::Bytes;
use http::{Request, header};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// Where vaults are, and as whom they are asked.
#[derive(Clone, Debug)]
pub struct VaultRule {
    /// Asked in place of the host of every identifier.
    pub address: Option<Url>,
    pub tokens: Tokens,
}

/// Where the tokens come from. `Debug` shows none.
#[derive(Clone)]
pub enum Tokens {
    Given(String),
    /// The endpoint of the machine's own identity; `secret` is the header that App Service wants.
    ManagedIdentity {
        endpoint: Url,
        secret: Option<String>,
    },
    /// An application's own credentials, at the token endpoint of its tenant.
    Client {
        endpoint: Url,
        id: String,
        secret: String,
    },
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Tokens::Given(_) => "Given",
            Tokens::ManagedIdentity { .. } => "ManagedIdentity",
            Tokens::Client { .. } => "Client",
        })
    }
}

const API_VERSION: &str = "7.4";
const RESOURCE: &str = "https://vault.azure.net";
const LARGEST_ANSWER: usize = 1 << 20;
const PATIENCE: Duration = Duration::from_secs(20);
/// A token is asked for again this long before it ends.
const MARGIN: Duration = Duration::from_secs(120);

/// What is known of the vaults' secrets. `Debug` shows none.
pub struct Vault {
    rule: VaultRule,
    known: BTreeMap<VaultSecret, Result<String, String>>,
    tokens: BTreeMap<Option<Box<str>>, (String, Instant)>,
    tls: Option<tokio_rustls::TlsConnector>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("rule", &self.rule).finish_non_exhaustive()
    }
}

impl Vault {
    pub fn new(rule: VaultRule) -> Vault {
        Vault { rule, known: BTreeMap::new(), tokens: BTreeMap::new(), tls: None }
    }

    pub fn told(&self) -> &BTreeMap<VaultSecret, Result<String, String>> {
        &self.known
    }

    /// Asks for what is not known yet, or could not be had, and forgets what nobody wants.
    pub async fn ask(&mut self, wanted: &BTreeSet<VaultSecret>) {
        self.known.retain(|secret, _| wanted.contains(secret));
        for secret in wanted {
            if !self.known.get(secret).is_some_and(Result::is_ok) {
                let value = self.secret(secret).await;
                self.known.insert(secret.clone(), value);
            }
        }
    }

    /// Asks for everything again. Whether something has changed; what could not be had keeps its value, and is told.
    pub async fn refresh(&mut self, mut failed: impl FnMut(&VaultSecret, &str)) -> bool {
        let mut changed = false;
        for secret in self.known.keys().cloned().collect::<Vec<_>>() {
            match self.secret(&secret).await {
                Ok(value) => {
                    let value = Ok(value);
                    if self.known.get(&secret) != Some(&value) {
                        self.known.insert(secret, value);
                        changed = true;
                    }
                }
                Err(why) => failed(&secret, &why),
            }
        }
        changed
    }

    async fn secret(&mut self, secret: &VaultSecret) -> Result<String, String> {
        let identifier = Url::parse(&secret.identifier).map_err(|why| format!("`{}`: {why}", secret.identifier))?;
        if !identifier.path.starts_with("/secrets/") {
            return Err(format!("`{}` names no secret: its path begins with /secrets/", secret.identifier));
        }
        let mut url = match &self.rule.address {
            Some(address) => Url { path: identifier.path, ..address.clone() },
            None if identifier.is_tls() => identifier,
            None => return Err("a vault is asked over https only".to_owned()),
        };
        url.query = Some(format!("api-version={API_VERSION}"));
        let token = self.token(secret.client_id.as_deref()).await?;
        let request = Request::get(url.target()).header(header::AUTHORIZATION, format!("Bearer {token}"));
        let (status, answer) = self.send(&url, request, Bytes::new()).await?;
        if status == 401 {
            // A token may be withdrawn before its end.
            self.tokens.clear();
        }
        match answer.get("value").and_then(Value::as_str) {
            Some(value) if status == 200 => Ok(value.to_owned()),
            _ => Err(refused("the vault", status, &answer)),
        }
    }

    async fn token(&mut self, client: Option<&str>) -> Result<String, String> {
        if let Tokens::Given(token) = &self.rule.tokens {
            return Ok(token.clone());
        }
        let now = Instant::now();
        if let Some((token, end)) = self.tokens.get(&client.map(Into::into))
            && *end > now
        {
            return Ok(token.clone());
        }
        let escaped = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let (url, request, body) = match self.rule.tokens.clone() {
            Tokens::Given(token) => return Ok(token),
            Tokens::ManagedIdentity { endpoint, secret } => {
                let version = if secret.is_some() { "2019-08-01" } else { "2018-02-01" };
                let mut query = format!("api-version={version}&resource={}", escaped(RESOURCE));
                if let Some(client) = client {
                    query.push_str(&format!("&client_id={}", escaped(client)));
                }
                let url = Url { query: Some(query), ..endpoint };
                let request = Request::get(url.target());
                let request = match secret {
                    Some(secret) => request.header("x-identity-header", secret),
                    None => request.header("metadata", "true"),
                };
                (url, request, String::new())
            }
            Tokens::Client { endpoint, id, secret } => {
                let body = format!(
                    "grant_type=client_credentials&client_id={}&client_secret={}&scope={}",
                    escaped(&id),
                    escaped(&secret),
                    escaped(&format!("{RESOURCE}/.default"))
                );
                let request =
                    Request::post(endpoint.target()).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                (endpoint, request, body)
            }
        };
        let (status, answer) = self.send(&url, request, body.into()).await?;
        let Some(token) = answer.get("access_token").and_then(Value::as_str).filter(|_| status == 200) else {
            return Err(refused("the token endpoint", status, &answer));
        };
        // One endpoint writes the seconds as a number, another as a text.
        let seconds = answer.get("expires_in").and_then(|own| own.as_u64().or_else(|| own.as_str()?.parse().ok()));
        let lasts = Duration::from_secs(seconds.unwrap_or(300).min(86_400)).saturating_sub(MARGIN);
        self.tokens.insert(client.map(Into::into), (token.to_owned(), now + lasts));
        Ok(token.to_owned())
    }

    async fn send(&mut self, url: &Url, request: http::request::Builder, body: Bytes) -> Result<(u16, Value), String> {
        let host = url.authority();
        let request = request
            .header(header::HOST, &host)
            .header(header::CONTENT_LENGTH, body.len())
            .body(Full::new(body))
            .map_err(|error| error.to_string())?;
        let tls = if url.is_tls() { Some(self.tls()) } else { None };
        let name = url.host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = url.effective_port();
        let exchange = async move {
            let stream = TcpStream::connect((name.as_str(), port)).await.map_err(|error| error.to_string())?;
            match tls {
                Some(tls) => {
                    let server = rustls::pki_types::ServerName::try_from(name).map_err(|error| error.to_string())?;
                    converse(tls.connect(server, stream).await.map_err(|error| error.to_string())?, request).await
                }
                None => converse(stream, request).await,
            }
        };
        let within = tokio::time::timeout(PATIENCE, exchange).await;
        within.unwrap_or_else(|_| Err("no answer in time".to_owned())).map_err(|why| format!("{host}: {why}"))
    }

    fn tls(&mut self) -> tokio_rustls::TlsConnector {
        let make = || {
            let mut roots = rustls::RootCertStore::empty();
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let config = rustls::ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .expect("the provider has the default versions")
                .with_root_certificates(roots)
                .with_no_client_auth();
            tokio_rustls::TlsConnector::from(Arc::new(config))
        };
        self.tls.get_or_insert_with(make).clone()
    }
}

/// One request on a connection of its own. The answer is JSON, or null.
async fn converse<S>(stream: S, request: Request<Full<Bytes>>) -> Result<(u16, Value), String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let said = |error: hyper::Error| error.to_string();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(said)?;
    let asked = async {
        let response = sender.send_request(request).await.map_err(said)?;
        let status = response.status().as_u16();
        let body = super::body::gather(response.into_body(), LARGEST_ANSWER as u64).await;
        let body = body.map_err(|_| "the answer breaks off, or is too long".to_owned())?;
        Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
    };
    beside(asked, connection).await
}

/// Drives the connection until the answer is there.
async fn beside<T>(asked: impl Future<Output = T>, connection: impl Future) -> T {
    let mut asked = std::pin::pin!(asked);
    tokio::select! {
        biased;
        done = &mut asked => done,
        _ = connection => asked.await,
    }
}

/// What an endpoint says of itself, which is never a secret.
fn refused(who: &str, status: u16, answer: &Value) -> String {
    let said = ["/error/message", "/error_description", "/error/code", "/error"]
        .into_iter()
        .find_map(|path| answer.pointer(path)?.as_str());
    match said.and_then(|said| said.lines().next()) {
        Some(said) => format!("{who} answered {status}: {}", said.chars().take(200).collect::<String>()),
        None => format!("{who} answered {status}"),
    }
}
