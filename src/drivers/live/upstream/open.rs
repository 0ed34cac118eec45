//! Opens a connection: to the server or its proxy, under TLS where its URL says so, in the protocol that both speak.

use super::head::{Bounded, HeadBound};
use super::proxy;
use super::tls;
use super::{Authority, Place, Upstream, failed};
use crate::drivers::headers::FREE_HEADERS;
use crate::drivers::live::body::LiveBody;
use crate::drivers::live::local::Local;
use crate::effect::{Failure, FailureKind, Http2};
use crate::gateway::model::ECHO_HOST;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub type Alone = (http1::SendRequest<LiveBody>, HeadBound);

pub enum Opened {
    Http1(http1::SendRequest<LiveBody>, HeadBound),
    Http2(http2::SendRequest<LiveBody>),
}

/// Named after the server, never after what was sent to it.
fn named(authority: &Authority, error: &dyn std::fmt::Display) -> Failure {
    failed(FailureKind::Connection, format!("{}:{}: {error}", authority.host, authority.port))
}

impl Authority {
    fn bare_host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }
}

impl Upstream {
    pub(super) async fn open(&self, authority: &Authority, place: Place) -> Result<Opened, Failure> {
        let stream = self.reach(authority).await?;
        if !self.under_tls(authority) {
            let multiplexed = authority.way.http2 == Http2::Yes && self.limits.stand_in.is_none();
            return self.speak(stream, multiplexed, authority, place).await;
        }
        let stream = self.secure(authority, stream).await?;
        let multiplexed = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        if authority.way.http2 == Http2::Yes && !multiplexed {
            return Err(named(authority, &"the server does not speak HTTP/2"));
        }
        self.speak(stream, multiplexed, authority, place).await
    }

    /// A connection that nobody else uses, and that may change its protocol.
    pub(super) async fn open_alone(&self, authority: &Authority) -> Result<Alone, Failure> {
        let place = Place::take(&authority.crowd);
        let stream = self.reach(authority).await?;
        if self.under_tls(authority) {
            let stream = self.secure(authority, stream).await?;
            return self.alone(stream, authority, place).await;
        }
        self.alone(stream, authority, place).await
    }

    fn under_tls(&self, authority: &Authority) -> bool {
        authority.tls && self.limits.stand_in.is_none()
    }

    /// Bytes to the server, through a proxy or not.
    async fn reach(&self, authority: &Authority) -> Result<TcpStream, Failure> {
        let bare = authority.bare_host();
        let own = if bare == ECHO_HOST { self.echo.get().copied() } else { None };
        let proxy = authority.way.transport.as_ref().and_then(|transport| transport.proxy.as_ref());
        let stream = match (self.limits.stand_in.or(own), proxy) {
            (Some(address), _) => TcpStream::connect(address).await,
            (None, Some(proxy)) => {
                let place = proxy::place(proxy).map_err(|error| named(authority, &error))?;
                let host = place.host.trim_start_matches('[').trim_end_matches(']');
                let mut stream = self
                    .egress
                    .connect(host, place.effective_port())
                    .await
                    .map_err(|error| named(authority, &format!("no connection to the proxy: {error}")))?;
                match authority.reads_all() {
                    Some(_) => Ok(stream),
                    None => {
                        let target = format!("{}:{}", authority.host, authority.port);
                        proxy::connect(&mut stream, &target, proxy).await.map(|()| stream)
                    }
                }
            }
            (None, None) => self.egress.connect(bare, authority.port).await,
        };
        let stream = stream.map_err(|error| named(authority, &error))?;
        stream.set_nodelay(true).map_err(|error| named(authority, &error))?;
        Ok(stream)
    }

    async fn secure(&self, authority: &Authority, stream: TcpStream) -> Result<TlsStream<TcpStream>, Failure> {
        let connector = match authority.connector.get() {
            Some(ready) => ready,
            None => {
                let transport = authority.way.transport.as_deref();
                let made = tls::configuration(transport, authority.way.http2, &self.limits.authorities);
                let made = made.map_err(|error| named(authority, &error))?;
                authority.connector.get_or_init(|| TlsConnector::from(made))
            }
        };
        let name = rustls::pki_types::ServerName::try_from(authority.bare_host().to_owned());
        let name = name.map_err(|error| named(authority, &error))?;
        connector.connect(name, stream).await.map_err(|error| named(authority, &error))
    }

    async fn speak<T>(
        &self,
        stream: T,
        multiplexed: bool,
        authority: &Authority,
        place: Place,
    ) -> Result<Opened, Failure>
    where
        T: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        if multiplexed {
            let mut builder = http2::Builder::new(Local);
            builder
                .timer(TokioTimer::new())
                .keep_alive_interval(Some(Duration::from_secs(30)))
                .keep_alive_timeout(Duration::from_secs(20));
            let (sender, connection) =
                builder.handshake(TokioIo::new(stream)).await.map_err(|error| named(authority, &error))?;
            tokio::task::spawn_local(async move {
                drop(connection.await);
                drop(place);
            });
            return Ok(Opened::Http2(sender));
        }
        let bound = HeadBound::new();
        let io = TokioIo::new(Bounded::new(stream, &bound));
        let (sender, connection) = self.http1().handshake(io).await.map_err(|error| named(authority, &error))?;
        // How it ends is told to whoever waits for a response or reads a body.
        tokio::task::spawn_local(async move {
            drop(connection.await);
            drop(place);
        });
        Ok(Opened::Http1(sender, bound))
    }

    async fn alone<T>(&self, stream: T, authority: &Authority, place: Place) -> Result<Alone, Failure>
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let bound = HeadBound::new();
        let io = TokioIo::new(Bounded::new(stream, &bound));
        let (sender, connection) = self.http1().handshake(io).await.map_err(|error| named(authority, &error))?;
        tokio::task::spawn_local(async move {
            drop(connection.with_upgrades().await);
            drop(place);
        });
        Ok((sender, bound))
    }

    fn http1(&self) -> http1::Builder {
        let mut builder = http1::Builder::new();
        if self.limits.most_headers != FREE_HEADERS {
            builder.max_headers(self.limits.most_headers);
        }
        builder
    }
}
