//! Estates as users have them, served by the command itself: what their files say is seen at the sockets.

use super::network::{Issued, ask, authority, client, issue, secure_backend};
use super::program::{Folder, command, command_at, command_with, portcullis};
use super::wire::{Client, OK, Received, backend, read_head, say, until};
use http_body_util::Full;
use portcullis::drivers::live::{ClientCertificates, TlsFiles};
use std::io::{BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const SPECIFICATION: &str = "openapi: 3.0.0\npaths: {/x: {get: {operationId: x}, post: {operationId: post-x}}}\n";

/// A document that does this in `<backend>`, and shows errors.
fn document(inbound: &str, backend: &str) -> String {
    format!(
        "<policies><inbound>{inbound}</inbound><backend>{backend}</backend><outbound /><on-error>\
         <set-header name=\"X-Reason\"><value>@(context.LastError.Reason)</value></set-header></on-error></policies>"
    )
}

/// An API at `/a` before a backend, and what else the estate holds.
fn estate(name: &str, policy: &str, files: &[(&str, String)]) -> Folder {
    let api = r#"{"properties":{"path":"a","protocols":["https"],"subscriptionRequired":false}}"#;
    let folder = Folder::new(
        name,
        &[
            ("apis/a/apiInformation.json", api),
            ("apis/a/specification.yaml", SPECIFICATION),
            ("apis/a/policy.xml", policy),
        ],
    );
    for (path, text) in files {
        folder.write(path, text);
    }
    folder
}

fn get(address: SocketAddr) -> Received {
    Client::new(address).ask("GET /a/x HTTP/1.1\nHost: g\n\n")
}

#[test]
fn a_backend_entity_shows_its_certificate_and_is_checked_as_it_says() {
    let (root, other) = (authority(), authority());
    let own = issue(&root, "gateway");
    let asks = secure_backend(&issue(&root, "localhost"), ClientCertificates::Require, &root, "entity-asks");
    let unknown = secure_backend(&issue(&other, "localhost"), ClientCertificates::Require, &root, "entity-unknown");
    use sha1::{Digest, Sha1};
    let thumbprint: String = Sha1::digest(&own.der).iter().map(|byte| format!("{byte:02x}")).collect();
    let by_id = r#""credentials":{"certificateIds":["/certificates/own"]}"#.to_owned();
    let by_thumbprint = format!(r#""credentials":{{"certificate":["{thumbprint}"]}}"#);
    let unchecked = format!(r#"{by_id},"tls":{{"validateCertificateChain":false}}"#);
    let entity = |backend: SocketAddr, rest: &str| {
        format!(r#"{{"properties":{{"url":"https://localhost:{}","protocol":"http",{rest}}}}}"#, backend.port())
    };
    let table = [
        ("by its id", entity(asks, &by_id), "200 known"),
        ("by its thumbprint", entity(asks, &by_thumbprint), "200 known"),
        ("none is shown", entity(asks, r#""title":"t""#), "500 BackendConnectionFailure"),
        ("of an unknown authority", entity(unknown, &by_id), "500 BackendConnectionFailure"),
        ("which nobody checks", entity(unknown, &unchecked), "200 known"),
    ];
    let policy = document("<set-backend-service backend-id=\"b\" />", "<forward-request />");
    let files = [("certificates/own/own.pem", own.pem), ("root.pem", root.pem())];
    let folder = estate("entity-tls", &policy, &files);
    let root_file = folder.path().to_owned() + "/root.pem";
    for (what, information, said) in &table {
        folder.write("backends/b/backendInformation.json", information);
        let (_command, address, _out) = command(&[folder.path(), "--ca", &root_file]);
        let answer = get(address);
        let outcome = answer.header("x-reason").map_or_else(|| answer.text(), str::to_owned);
        assert_eq!(format!("{} {outcome}", answer.status()), *said, "{what}");
    }
    // The authority is known by the argument alone.
    folder.write("backends/b/backendInformation.json", &table[0].1);
    let (_command, address, _out) = command(&[folder.path()]);
    assert_eq!(get(address).header("x-reason"), Some("BackendConnectionFailure"));
}

/// A backend under TLS that offers these protocols, and tells which one a request came by.
fn versioned(certificate: &Issued, name: &str, protocols: &[&[u8]]) -> SocketAddr {
    let folder = Folder::new(name, &[("own.pem", &certificate.pem)]);
    let files = TlsFiles {
        certificates: vec![(folder.0.join("own.pem"), None)],
        clients: ClientCertificates::Off,
        client_authorities: None,
    };
    let mut config = Arc::unwrap_or_clone(files.read().expect("certificates"));
    config.alpn_protocols = protocols.iter().map(|own| own.to_vec()).collect();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a socket");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            while let Ok((tcp, _)) = listener.accept().await {
                let Ok(stream) = acceptor.accept(tcp).await else { continue };
                let speaks_2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                let service = hyper::service::service_fn(|request: http::Request<hyper::body::Incoming>| async move {
                    let told = format!("{:?}", request.version());
                    Ok::<_, std::convert::Infallible>(http::Response::new(Full::new(bytes::Bytes::from(told))))
                });
                let io = hyper_util::rt::TokioIo::new(stream);
                tokio::spawn(async move {
                    if speaks_2 {
                        let executor = hyper_util::rt::TokioExecutor::new();
                        let _ = hyper::server::conn::http2::Builder::new(executor).serve_connection(io, service).await;
                    } else {
                        let _ = hyper::server::conn::http1::Builder::new().serve_connection(io, service).await;
                    }
                });
            }
        });
    });
    address
}

#[test]
fn http_version_is_agreed_on_with_the_backend() {
    let root = authority();
    let own = issue(&root, "localhost");
    let both = versioned(&own, "alpn-both", &[b"h2", b"http/1.1"]);
    let old = versioned(&own, "alpn-old", &[b"http/1.1"]);
    let silent = versioned(&own, "alpn-silent", &[]);
    let table = [
        (both, "", "HTTP/1.1"),
        (both, "1", "HTTP/1.1"),
        (both, "2or1", "HTTP/2.0"),
        (both, "2", "HTTP/2.0"),
        (old, "2or1", "HTTP/1.1"),
        (silent, "2or1", "HTTP/1.1"),
        (old, "2", "BackendConnectionFailure"),
    ];
    for (at, (backend, version, said)) in table.into_iter().enumerate() {
        let attribute = if version.is_empty() { String::new() } else { format!("http-version=\"{version}\"") };
        let url = format!("https://localhost:{}", backend.port());
        let policy = document(
            &format!("<set-backend-service base-url=\"{url}\" />"),
            &format!("<forward-request {attribute} />"),
        );
        let folder = estate("alpn", &policy, &[("root.pem", root.pem())]);
        let root_file = folder.path().to_owned() + "/root.pem";
        let (_command, address, _out) = command(&[folder.path(), "--ca", &root_file]);
        // The second one finds the connection of the first.
        for _ in 0..2 {
            let answer = get(address);
            let outcome = answer.header("x-reason").map_or_else(|| answer.text(), str::to_owned);
            assert_eq!(outcome, said, "row {at}");
        }
    }
}

/// A backend that does as it is told before it reads a request's body.
fn reluctant(before: &'static str, reads: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut from = BufReader::new(stream.try_clone().expect("a handle"));
                let Some(head) = read_head(&mut from) else { return };
                let asked = head.header("expect").is_some_and(|own| own == "100-continue");
                say(&mut stream, before);
                if reads {
                    let mut body = [0; 5];
                    let well = from.read_exact(&mut body).is_ok();
                    let told = format!("{asked} {}", if well { String::from_utf8_lossy(&body) } else { "gone".into() });
                    say(&mut stream, &format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{told}", told.len()));
                }
                let _ = from.read(&mut [0; 64]);
            });
        }
    });
    address
}

#[test]
fn a_backend_is_given_this_long_to_want_a_body() {
    let table = [
        ("it wants it", reluctant("HTTP/1.1 100 Continue\r\n\r\n", true), "200 true hello"),
        (
            "it answers at once",
            reluctant("HTTP/1.1 413 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno", false),
            "413 no",
        ),
        ("it says nothing", reluctant("", false), "500 Timeout"),
    ];
    for (what, backend, said) in table {
        let inbound = format!("<set-backend-service base-url=\"http://{backend}\" />");
        let policy = document(&inbound, "<forward-request continue-timeout=\"1\" timeout=\"20\" />");
        let folder = estate("continue", &policy, &[]);
        let (_command, address, _out) = command(&[folder.path()]);
        let begun = Instant::now();
        let answer = Client::new(address).ask("POST /a/x HTTP/1.1\nHost: g\nContent-Length: 5\n\nhello");
        let outcome = answer.header("x-reason").map_or_else(|| answer.text(), str::to_owned);
        assert_eq!(format!("{} {outcome}", answer.status()), said, "{what}");
        assert!(begun.elapsed() < Duration::from_secs(10), "{what}: {:?}", begun.elapsed());
    }
}

#[test]
fn a_secret_that_changes_in_its_vault_is_in_force_without_a_reload() {
    let value = Arc::new(Mutex::new("first".to_owned()));
    let (told, back) = (Arc::clone(&value), backend(|_, out| say(out, OK)));
    let vault = backend(move |_, out| {
        let body = format!(r#"{{"value":"{}"}}"#, told.lock().expect("unpoisoned"));
        say(out, &format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
    });
    let inbound =
        "<set-backend-service backend-id=\"b\" /><set-header name=\"X-Key\"><value>{{key}}</value></set-header>"
            .to_owned();
    let key = r#"{"properties":{"displayName":"key","secret":true,"keyVault":{"secretIdentifier":"https://v.vault.azure.net/secrets/key"}}}"#;
    let entity = format!(
        r#"{{"properties":{{"url":"http://{}","protocol":"http","credentials":{{"header":{{"X-Own":["{{{{key}}}}"]}}}}}}}}"#,
        back.address
    );
    let files = [
        ("named values/key/namedValueInformation.json", key.to_owned()),
        ("backends/b/backendInformation.json", entity),
    ];
    let folder = estate("rotation", &document(&inbound, "<forward-request />"), &files);
    let vault_at = format!("http://{}", vault.address);
    let arguments =
        [folder.path(), "--key-vault", "token", "--key-vault-address", &vault_at, "--key-vault-refresh", "1"];
    let (_command, address, _out) = command_with(&arguments, &[("PORTCULLIS_KEY_VAULT_TOKEN", "t")]);
    let last = |name: &str| {
        assert_eq!(get(address).status(), 200);
        let seen = back.seen.lock().expect("unpoisoned");
        seen.last().and_then(|request| request.header(name)).map(str::to_owned)
    };
    assert_eq!((last("x-key").as_deref(), last("x-own").as_deref()), (Some("first"), Some("first")));
    "second".clone_into(&mut value.lock().expect("unpoisoned"));
    until("the second value is in force", || last("x-key").as_deref() == Some("second"));
    assert_eq!(last("x-own").as_deref(), Some("second"));
}

#[test]
fn protocols_are_enforced_where_the_gateway_ends_tls() {
    let root = authority();
    let own = issue(&root, "g.test");
    let policy = document("<return-response><set-status code=\"201\" /></return-response>", "");
    let folder = estate("protocols", &policy, &[("own.pem", own.pem)]);
    let pem = folder.file("own.pem");
    let (_command, [secure, plain], _out) =
        command_at(["https://127.0.0.1:0", "127.0.0.1:0"], &[folder.path(), "--tls-certificate", &pem], &[]);
    assert_eq!(get(plain).status(), 404);
    let trusted = client(&root, None);
    // The helper asks for /x: of the API at /a there is none.
    let (_, text) = ask(secure, &trusted, "g.test").expect("answers");
    assert!(text.starts_with("HTTP/1.1 404"), "{text}");
    folder.write(
        "apis/a/apiInformation.json",
        r#"{"properties":{"path":"","protocols":["https"],"subscriptionRequired":false}}"#,
    );
    until("the API has moved", || {
        ask(secure, &trusted, "g.test").is_ok_and(|(_, text)| text.starts_with("HTTP/1.1 201"))
    });
    assert_eq!(Client::new(plain).ask("GET /x HTTP/1.1\nHost: g\n\n").status(), 404);
    // Where somebody else ends TLS, nobody knows.
    let (_command, plain, _out) = command(&[folder.path()]);
    assert_eq!(Client::new(plain).ask("GET /x HTTP/1.1\nHost: g\n\n").status(), 201);
}

#[test]
fn what_needs_a_cluster_or_a_sidecar_is_refused_by_name() {
    let table = [
        (r#"base-url="http://b.example" sf-partition-key="1""#, "`sf-partition-key`", "there is no Service Fabric"),
        (r#"backend-id="dapr" dapr-app-id="a" dapr-method="m""#, "`dapr-method`", "there is no Dapr sidecar"),
    ];
    for (attributes, name, why) in table {
        let policy = document(&format!("<set-backend-service {attributes} />"), "<forward-request />");
        let folder = estate("refused", &policy, &[]);
        for (command, code) in [("check", 0), ("serve", 2)] {
            let (exit, out, error) = portcullis(&[command, folder.path()]);
            let said = out + &error;
            // Lines are wrapped.
            let said = said.split_whitespace().filter(|word| *word != "|").collect::<Vec<_>>().join(" ");
            assert!(said.contains(name) && said.contains(why), "{command}: {said}");
            assert_eq!(exit, code, "{command}: {said}");
        }
    }
}
