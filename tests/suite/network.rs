//! What happens at the sockets: TLS, HTTP/2, proxies, WebSockets, limits. Certificates live for one test.

use super::program::{Folder, command_at};
use super::script::{Script, Told, call, get, need, respond, text_of};
use super::wire::{Backend, Client, OK, PATIENCE, Received, backend, configuration, read_head, say, to, until};
use portcullis::drivers::live::{
    Authorities, ClientCertificates, Embedded, Network, Options, Patience, Server, TlsFiles, start,
};
use portcullis::drivers::process::{PassThrough, Poll, Program};
use portcullis::effect::{Answer, Effect, Http2, OutboundCall};
use portcullis::gateway::Gateway;
use portcullis::message::{ClientIdentity, ProxyServer, Transport};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn serve_as<P: Program>(gateway: Gateway, program: P, change: impl FnOnce(&mut Options)) -> Server<P> {
    let mut options = Options::new("127.0.0.1:0".parse().expect("an address"));
    options.workers = 1;
    options.drain_timeout = Duration::from_secs(2);
    change(&mut options);
    start(options, configuration(gateway, program), Arc::new(Embedded::new(1 << 20))).expect("it listens")
}

// ---- certificates

pub type Authority = CertifiedIssuer<'static, KeyPair>;

pub fn authority() -> Authority {
    let mut about = CertificateParams::new(Vec::new()).expect("names");
    about.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(about, KeyPair::generate().expect("a key")).expect("signed")
}

pub struct Issued {
    pub der: CertificateDer<'static>,
    pub key: Vec<u8>,
    pub pem: String,
}

pub fn issue(by: &Authority, name: &str) -> Issued {
    let key = KeyPair::generate().expect("a key");
    let about = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    let certificate = about.signed_by(&key, by).expect("signed");
    let pem = format!("{}{}", certificate.pem(), key.serialize_pem());
    Issued { der: certificate.der().clone(), key: key.serialize_der(), pem }
}

/// A client that trusts this authority, and may show a certificate.
pub fn client(trusted: &Authority, own: Option<&Issued>) -> Arc<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(trusted.der().clone()).expect("an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots);
    Arc::new(match own {
        Some(own) => {
            let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.key.clone()));
            builder.with_client_auth_cert(vec![own.der.clone()], key).expect("a pair")
        }
        None => builder.with_no_client_auth(),
    })
}

/// The server's certificate, and what it answers to a GET.
pub fn ask(
    address: SocketAddr,
    config: &Arc<rustls::ClientConfig>,
    name: &str,
) -> std::io::Result<(CertificateDer<'static>, String)> {
    let tcp = TcpStream::connect(address)?;
    tcp.set_read_timeout(Some(PATIENCE))?;
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    let session = rustls::ClientConnection::new(Arc::clone(config), name).expect("a session");
    let mut stream = rustls::StreamOwned::new(session, tcp);
    stream.write_all(b"GET /x HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n")?;
    let mut text = String::new();
    let _ = stream.read_to_string(&mut text);
    let shown = stream.conn.peer_certificates().expect("a certificate")[0].clone().into_owned();
    Ok((shown, text))
}

#[test]
fn tls_serves_by_name_reloads_and_shows_client_certificates_to_policies() {
    let (root, backend) = (authority(), backend(|_, out| say(out, OK)));
    let (first, second, caller) = (issue(&root, "a.test"), issue(&root, "b.test"), issue(&root, "caller"));
    let shown = "@(context.Request.Certificate == null ? &quot;none&quot; : context.Request.Certificate.Thumbprint)";
    let policy = format!(
        "<policies><inbound><return-response><set-header name=\"X-Who\"><value>{shown}</value></set-header>\
         <set-header name=\"X-Url\"><value>@(context.Request.OriginalUrl.Scheme)</value></set-header>\
         </return-response></inbound><backend /><outbound /><on-error /></policies>"
    );
    let folder = Folder::new("tls", &[("policy.xml", &policy), ("tls/a.pem", &first.pem), ("tls/b.pem", &second.pem)]);
    let backend_url = format!("http://{}", backend.address);
    let (first_pem, second_pem) = (folder.file("tls/a.pem"), folder.file("tls/b.pem"));
    let (_command, [secure, plain], _out) = command_at(
        ["https://127.0.0.1:0", "127.0.0.1:0"],
        &[
            &folder.file("policy.xml"),
            "--backend",
            &backend_url,
            "--tls-certificate",
            &first_pem,
            "--tls-certificate",
            &second_pem,
        ],
        &[],
    );
    let anonymous = client(&root, None);
    for (name, expected) in [("a.test", &first), ("b.test", &second)] {
        assert_eq!(ask(secure, &anonymous, name).expect("answers").0, expected.der, "{name}");
    }
    let (_, text) = ask(secure, &anonymous, "a.test").expect("answers");
    assert!(text.contains("x-who: none") && text.contains("x-url: https"), "{text}");
    let (_, text) = ask(secure, &client(&root, Some(&caller)), "a.test").expect("answers");
    use sha1::{Digest, Sha1};
    let thumbprint: String = Sha1::digest(&caller.der).iter().map(|byte| format!("{byte:02X}")).collect();
    assert!(text.contains(&format!("x-who: {thumbprint}")), "{text}");
    let told = Client::new(plain).ask("GET /x HTTP/1.1\nHost: g\n\n");
    assert_eq!((told.header("x-who"), told.header("x-url")), (Some("none"), Some("http")));
    // A file that is no certificate changes nothing; the next good one is taken.
    folder.write("tls/a.pem", "nonsense");
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(ask(secure, &anonymous, "a.test").expect("answers").0, first.der);
    let renewed = issue(&root, "a.test");
    folder.write("tls/a.pem", &renewed.pem);
    until("the new certificate is shown", || {
        ask(secure, &anonymous, "a.test").is_ok_and(|(shown, _)| shown == renewed.der)
    });
}

// ---- backends

/// A backend under TLS. It tells whether it was shown a certificate.
pub fn secure_backend(certificate: &Issued, clients: ClientCertificates, root: &Authority, name: &str) -> SocketAddr {
    let folder = Folder::new(name, &[("own.pem", &certificate.pem), ("ca.pem", &root.pem())]);
    let authorities = (clients == ClientCertificates::Require).then(|| folder.0.join("ca.pem"));
    let files =
        TlsFiles { certificates: vec![(folder.0.join("own.pem"), None)], clients, client_authorities: authorities };
    let config = files.read().expect("certificates");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        for tcp in listener.incoming().flatten() {
            let session = rustls::ServerConnection::new(Arc::clone(&config)).expect("a session");
            let mut stream = rustls::StreamOwned::new(session, tcp);
            let (mut head, mut piece) = (Vec::new(), [0; 1024]);
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read(&mut piece) {
                    Ok(count) if count > 0 => head.extend_from_slice(&piece[..count]),
                    _ => break,
                }
            }
            let who = if stream.conn.peer_certificates().is_some() { "known" } else { "anybody" };
            let length = who.len();
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{who}");
            let _ = stream.write_all(answer.as_bytes());
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    address
}

/// A gateway that makes this call for each request, and answers with what came of it.
fn calling(url: String, change: fn(&mut OutboundCall), transport: Option<Transport>) -> Script {
    let transport = transport.map(Arc::new);
    Script::new(move |queue, _, told| match told {
        Told::Begin => {
            let mut own = call(get(&url));
            own.transport.clone_from(&transport);
            change(&mut own);
            need(queue, 1, Effect::Send(own));
        }
        Told::Answer(_, answer) => respond(queue, text_of(answer)),
        Told::Sent | Told::Left => queue.push_back(Poll::Finished),
    })
}

fn outcome(url: String, change: fn(&mut OutboundCall), transport: Option<Transport>, root: &Authority) -> String {
    let trusted = vec![root.der().clone()];
    let gateway = to("127.0.0.1:9".parse().expect("an address"));
    let server = serve_as(gateway, calling(url, change, transport), |options| {
        options.upstream.authorities = Arc::new(Authorities::with(trusted));
    });
    Client::new(server.address()).ask("GET / HTTP/1.1\nHost: g\n\n").text()
}

#[test]
fn a_backends_certificate_is_checked_as_its_transport_says() {
    let (root, other) = (authority(), authority());
    let good = secure_backend(&issue(&root, "localhost"), ClientCertificates::Off, &root, "tls-good");
    let misnamed = secure_backend(&issue(&root, "else.test"), ClientCertificates::Off, &root, "tls-misnamed");
    let unknown = secure_backend(&issue(&other, "localhost"), ClientCertificates::Off, &root, "tls-unknown");
    let table = [
        (good, true, true, true),
        (misnamed, true, true, false),
        (misnamed, true, false, true),
        (misnamed, false, true, false),
        (misnamed, false, false, true),
        (unknown, true, true, false),
        (unknown, true, false, false),
        (unknown, false, true, true),
    ];
    for (at, (backend, validate_chain, validate_name, passes)) in table.into_iter().enumerate() {
        let transport = Transport { validate_chain, validate_name, ..Transport::default() };
        let url = format!("https://localhost:{}/", backend.port());
        let told = outcome(url, |_| (), Some(transport), &root);
        assert_eq!(told == "anybody", passes, "row {at}: {told}");
        assert!(passes || told.contains("Connection"), "row {at}: {told}");
    }
}

#[test]
fn a_client_certificate_is_shown_to_a_backend_that_asks() {
    let root = authority();
    let own = issue(&root, "gateway");
    let backend = secure_backend(&issue(&root, "localhost"), ClientCertificates::Require, &root, "mutual");
    let url = || format!("https://localhost:{}/", backend.port());
    let identity = ClientIdentity { chain: vec![own.der.to_vec()], key: own.key.clone() };
    let transport = Transport { certificate: Some(Arc::new(identity)), ..Transport::default() };
    assert_eq!(outcome(url(), |_| (), Some(transport), &root), "known");
    assert!(outcome(url(), |_| (), None, &root).contains("Connection"));
}

fn through(proxy: SocketAddr) -> Transport {
    let url = format!("http://{proxy}").into();
    let proxy = ProxyServer { url, username: Some("me".into()), password: Some("secret".into()) };
    Transport { proxy: Some(proxy), ..Transport::default() }
}

#[test]
fn plain_calls_go_through_a_proxy_in_the_absolute_form() {
    let proxy = backend(|request, out| match request.first.contains("refused") {
        true => say(out, "HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n"),
        false => say(out, OK),
    });
    let root = authority();
    let told = outcome("http://backend.test:81/x?y=1".into(), |_| (), Some(through(proxy.address)), &root);
    assert_eq!(told, "ok");
    let seen = proxy.seen.lock().expect("unpoisoned")[0].clone();
    assert_eq!(seen.first, "GET http://backend.test:81/x?y=1 HTTP/1.1");
    assert_eq!(seen.header("host"), Some("backend.test:81"));
    // base64 of "me:secret"
    assert_eq!(seen.header("proxy-authorization"), Some("Basic bWU6c2VjcmV0"));
    let told = outcome("http://backend.test/refused".into(), |_| (), Some(through(proxy.address)), &root);
    assert!(told.contains("407"), "{told}");
}

#[test]
fn calls_under_tls_go_through_a_proxy_unread() {
    let root = authority();
    let backend = secure_backend(&issue(&root, "backend.test"), ClientCertificates::Off, &root, "behind-proxy");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    let proxy = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a connection");
        let mut out = stream.try_clone().expect("a handle");
        let mut from = BufReader::new(stream);
        let head = read_head(&mut from).expect("a head");
        say(&mut out, "HTTP/1.1 200 Connected\r\n\r\n");
        let mut server = TcpStream::connect(backend).expect("connects");
        let mut back = server.try_clone().expect("a handle");
        std::thread::spawn(move || std::io::copy(&mut back, &mut out));
        let _ = std::io::copy(&mut from, &mut server);
        head
    });
    let told = outcome("https://backend.test/".into(), |_| (), Some(through(address)), &root);
    assert_eq!(told, "anybody");
    let head: Received = proxy.join().expect("it ends");
    assert_eq!(head.first, "CONNECT backend.test:443 HTTP/1.1");
    assert_eq!(head.header("proxy-authorization"), Some("Basic bWU6c2VjcmV0"));
}

// ---- HTTP/2

#[test]
fn http2_is_spoken_on_both_sides_without_being_negotiated() {
    // The gateway itself is the backend that speaks HTTP/2.
    let last = backend(|_, out| say(out, OK));
    let inner = serve_as(to(last.address), PassThrough::default(), |_| ());
    let url = format!("http://{}/inner", inner.address());
    let outer = serve_as(to(last.address), calling(url, |own| own.http2 = Http2::Yes, None), |_| ());
    let address = outer.address();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let answers = runtime.block_on(async move {
        use http_body_util::{BodyExt as _, Empty};
        let stream = tokio::net::TcpStream::connect(address).await.expect("connects");
        let (sender, connection) = hyper::client::conn::http2::handshake::<_, _, Empty<bytes::Bytes>>(
            hyper_util::rt::TokioExecutor::new(),
            hyper_util::rt::TokioIo::new(stream),
        )
        .await
        .expect("a handshake");
        tokio::spawn(connection);
        let mut answers = Vec::new();
        for _ in 0..3 {
            let request = http::Request::get(format!("http://{address}/x")).body(Empty::new()).expect("a request");
            let response = sender.clone().send_request(request).await.expect("a response");
            assert_eq!(response.version(), http::Version::HTTP_2);
            answers.push(response.into_body().collect().await.expect("a body").to_bytes());
        }
        answers
    });
    assert_eq!(answers, ["ok"; 3]);
    let seen = last.seen.lock().expect("unpoisoned");
    assert_eq!((seen.len(), seen[0].first.as_str()), (3, "GET /base/inner HTTP/1.1"));
}

// ---- connections that stay

#[test]
fn a_websocket_is_a_pipe_after_its_handshake() {
    let backend: Backend = backend(|request, out| {
        if request.header("upgrade") != Some("websocket") {
            return say(out, OK);
        }
        say(
            out,
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s\r\n\r\n",
        );
        let (mut echo, mut from) = (out.try_clone().expect("a handle"), out.try_clone().expect("a handle"));
        let _ = std::io::copy(&mut from, &mut echo);
        false
    });
    let url = |scheme: &str| {
        let url = portcullis::message::Url::parse(&format!("{scheme}://{}/chat", backend.address)).expect("a URL");
        portcullis::gateway::single(portcullis::source::FileId(0), Some(url), Default::default())
    };
    let handshake = "GET /room HTTP/1.1\nHost: g\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: k\n\n";
    let server = serve_as(url("ws"), PassThrough::default(), |_| ());
    let mut client = Client::new(server.address());
    let answer = client.ask(handshake);
    assert_eq!((answer.status(), answer.header("sec-websocket-accept")), (101, Some("s")));
    assert_eq!(answer.header("upgrade"), Some("websocket"));
    for text in ["one", "another"] {
        client.to.write_all(text.as_bytes()).expect("sends");
        let mut back = vec![0; text.len()];
        client.from.read_exact(&mut back).expect("comes back");
        assert_eq!(back, text.as_bytes());
    }
    assert_eq!(backend.seen.lock().expect("unpoisoned")[0].first, "GET /chat/room HTTP/1.1");
    // It holds a drain up to its deadline, and no longer.
    let begun = Instant::now();
    server.drain();
    assert!((1..4).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    assert_eq!(client.from.read(&mut [0]).unwrap_or(0), 0);
    // An HTTP API passes no upgrade on.
    let server = serve_as(url("http"), PassThrough::default(), |_| ());
    assert_eq!(Client::new(server.address()).ask(handshake).status(), 200);
}

#[test]
fn chunks_of_a_response_are_held_back_unless_they_are_events() {
    for (kind, count) in [("text/event-stream", 2), ("text/plain", 1)] {
        let backend = backend(move |_, out| {
            say(
                out,
                &format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n"),
            );
            std::thread::sleep(Duration::from_millis(500));
            say(out, "3\r\ntwo\r\n0\r\n\r\n")
        });
        let url = format!("http://{}/", backend.address);
        let program = Script::new(move |queue, _, told| match told {
            Told::Begin => {
                let mut own = call(get(&url));
                own.buffer_response = true;
                need(queue, 1, Effect::Forward(own));
            }
            Told::Answer(_, Answer::Response(response)) => queue.push_back(Poll::Respond(response)),
            Told::Answer(_, answer) => respond(queue, text_of(answer)),
            Told::Sent | Told::Left => queue.push_back(Poll::Finished),
        });
        let server = serve_as(to(backend.address), program, |_| ());
        let mut client = Client::new(server.address());
        client.to.write_all(b"GET / HTTP/1.1\r\nHost: g\r\n\r\n").expect("sends");
        let head = read_head(&mut client.from).expect("a head");
        let mut pieces = Vec::new();
        assert!(super::wire::read_body(&mut client.from, &head, |piece| pieces.push(piece.to_vec())));
        assert_eq!((pieces.len(), pieces.concat()), (count, b"onetwo".to_vec()), "{kind}");
    }
}

// ---- limits

#[test]
fn clients_that_take_too_long_or_send_too_much_are_turned_away() {
    let backend = backend(|_, out| say(out, OK));
    let second = Duration::from_secs(1);
    let server = serve_as(to(backend.address), PassThrough::default(), |options| {
        options.patience = Patience { head: second, idle: 2 * second, body: second, send: second };
        options.longest_body = 10;
        options.connections = 2;
    });
    let ended = |client: &mut Client| {
        let begun = Instant::now();
        let mut rest = Vec::new();
        let _ = client.from.read_to_end(&mut rest);
        begun.elapsed()
    };
    // A head that never ends, a body that never comes, a connection that rests.
    for (sent, least, most) in [
        ("GET / HTTP/1.1\r\nHost: g\r\nX-", 700, 4000),
        ("", 700, 4000),
        ("POST / HTTP/1.1\r\nHost: g\r\nContent-Length: 5\r\n\r\nab", 700, 4000),
        ("GET / HTTP/1.1\r\nHost: g\r\n\r\n", 1500, 6000),
    ] {
        let mut client = Client::new(server.address());
        client.to.write_all(sent.as_bytes()).expect("sends");
        let took = ended(&mut client).as_millis();
        assert!((least..most).contains(&took), "{sent:?}: {took} ms");
    }
    let mut client = Client::new(server.address());
    assert_eq!(client.ask("POST / HTTP/1.1\nHost: g\nContent-Length: 10\n\n0123456789").status(), 200);
    let long = "POST / HTTP/1.1\nHost: g\nContent-Length: 11\n\n01234567890";
    assert_eq!(Client::new(server.address()).ask(long).status(), 413);
    let chunked = "POST / HTTP/1.1\nHost: g\nTransfer-Encoding: chunked\n\n6\n012345\n6\n012345\n0\n\n";
    assert_ne!(Client::new(server.address()).ask(chunked).status(), 200);
    drop(client);
    // A third connection is served when one of two ends.
    let mut taken: Vec<Client> = (0..2).map(|_| Client::new(server.address())).collect();
    for client in &mut taken {
        assert_eq!(client.ask("GET / HTTP/1.1\nHost: g\n\n").status(), 200);
    }
    let mut third = Client::new(server.address());
    third.to.write_all(b"GET / HTTP/1.1\r\nHost: g\r\n\r\n").expect("sends");
    third.to.set_read_timeout(Some(Duration::from_millis(300))).expect("a timeout");
    assert!(third.from.fill_buf().is_err());
    third.to.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    drop(taken.pop());
    assert_eq!(third.read(false).status(), 200);
}

#[test]
fn only_proxies_that_are_named_say_where_a_request_came_from() {
    let program = || {
        Script::new(|queue, exchange, told| match told {
            Told::Begin => respond(queue, format!("{} {}", exchange.client_ip, exchange.original_url)),
            Told::Answer(..) => {}
            Told::Sent | Told::Left => queue.push_back(Poll::Finished),
        })
    };
    let request = "GET /x HTTP/1.1\nHost: g\nX-Forwarded-For: 6.6.6.6, 1.2.3.4\nX-Forwarded-Proto: https\n\
                   X-Forwarded-Host: api.test\n\n";
    for (network, told) in [("10.0.0.0/8", "127.0.0.1 http://g/x"), ("127.0.0.0/8", "1.2.3.4 https://api.test/x")] {
        let network: Network = network.parse().expect("a network");
        let gateway = to("127.0.0.1:9".parse().expect("an address"));
        let server = serve_as(gateway, program(), |options| options.trust.networks = vec![network]);
        assert_eq!(Client::new(server.address()).ask(request).text(), told);
    }
}
