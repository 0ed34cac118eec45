//! Key Vault over its HTTP API: tokens, secrets, what changes and what fails.

use super::wire::{Backend, Received, backend, say};
use portcullis::diagnostics::Diagnostics;
use portcullis::drivers::live::{Tokens, Vault, VaultRule};
use portcullis::gateway::load::Given;
use portcullis::gateway::{self, VaultSecret};
use portcullis::message::Url;
use portcullis::source::Sources;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// A server that is both the token endpoint and the vault; it tells this value of the secret `key`.
fn service(value: Arc<Mutex<String>>) -> Backend {
    backend(move |received, out| {
        let answer = |status: &str, body: &str| {
            format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
        };
        let path = received.first.split(' ').nth(1).unwrap_or_default();
        let reply = if path.starts_with("/tenant/oauth2/v2.0/token") || path.starts_with("/identity") {
            answer("200 OK", r#"{"access_token":"T","expires_in":"3600"}"#)
        } else if received.header("authorization") != Some("Bearer T") {
            answer("401 Unauthorized", r#"{"error":{"code":"Unauthorized","message":"no token"}}"#)
        } else if path.starts_with("/secrets/key?api-version=") {
            let value = value.lock().expect("unpoisoned").clone();
            answer("200 OK", &format!(r#"{{"value":"{value}","id":"x"}}"#))
        } else {
            answer("404 Not Found", r#"{"error":{"code":"SecretNotFound","message":"there is no such secret"}}"#)
        };
        say(out, &reply);
        false
    })
}

fn url(service: &Backend, path: &str) -> Url {
    Url::parse(&format!("http://{}{path}", service.address)).expect("a URL")
}

fn secret(name: &str) -> VaultSecret {
    VaultSecret { identifier: format!("https://v.vault.azure.net/secrets/{name}").into(), client_id: None }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(future)
}

fn calls(service: &Backend, path: &str) -> Vec<Received> {
    let seen = service.seen.lock().expect("unpoisoned");
    seen.iter().filter(|call| call.first.contains(path)).cloned().collect()
}

#[test]
fn secrets_are_asked_for_once_and_noticed_when_they_change() {
    let value = Arc::new(Mutex::new("one".to_owned()));
    let service = service(Arc::clone(&value));
    let tokens = Tokens::Client {
        endpoint: url(&service, "/tenant/oauth2/v2.0/token"),
        id: "app".to_owned(),
        secret: "s&s".to_owned(),
    };
    let mut vault = Vault::new(VaultRule { address: Some(url(&service, "/")), tokens });
    let wanted: BTreeSet<VaultSecret> = [secret("key"), secret("none")].into();
    block_on(async {
        vault.ask(&wanted).await;
        vault.ask(&wanted).await;
        assert_eq!(vault.told()[&secret("key")], Ok("one".to_owned()));
        let why = vault.told()[&secret("none")].clone().expect_err("there is none");
        assert_eq!(why, "the vault answered 404: there is no such secret");
        assert_eq!(calls(&service, "/secrets/key").len(), 1);
        assert_eq!(calls(&service, "/token").len(), 1);
        let body = String::from_utf8(calls(&service, "/token")[0].body.clone()).expect("a form");
        assert_eq!(
            body,
            "grant_type=client_credentials&client_id=app&client_secret=s%26s&scope=https%3A%2F%2Fvault%2Eazure%2Enet%2F%2Edefault"
        );
        let mut failed = Vec::new();
        assert!(!vault.refresh(|secret, _| failed.push(secret.clone())).await);
        *value.lock().expect("unpoisoned") = "two".to_owned();
        assert!(vault.refresh(|secret, _| failed.push(secret.clone())).await);
        assert_eq!(vault.told()[&secret("key")], Ok("two".to_owned()));
        assert_eq!(failed, [secret("none"), secret("none")]);
        assert!(!format!("{vault:?}").contains("two"));
    });
}

#[test]
fn a_managed_identity_asks_its_endpoint() {
    let service = service(Arc::new(Mutex::new("v".to_owned())));
    for (header, value) in [("metadata", "true"), ("x-identity-header", "h")] {
        let secret_header = (header != "metadata").then(|| value.to_owned());
        let tokens = Tokens::ManagedIdentity { endpoint: url(&service, "/identity"), secret: secret_header };
        let mut vault = Vault::new(VaultRule { address: Some(url(&service, "/")), tokens });
        let own = VaultSecret { client_id: Some("c".into()), ..secret("key") };
        block_on(vault.ask(&[own.clone()].into()));
        assert_eq!(vault.told()[&own], Ok("v".to_owned()));
        let asked = calls(&service, "/identity").pop().expect("it was asked");
        assert_eq!(asked.header(header), Some(value));
        assert!(asked.first.contains("resource=https%3A%2F%2Fvault%2Eazure%2Enet&client_id=c"), "{}", asked.first);
    }
}

#[test]
fn a_vault_is_asked_over_https_and_for_secrets_only() {
    let tokens = Tokens::Given("t".to_owned());
    let mut vault = Vault::new(VaultRule { address: None, tokens });
    for (identifier, said) in [
        ("http://v.example/secrets/a", "over https only"),
        ("https://v.example/keys/a", "names no secret"),
        ("nowhere", "`nowhere`"),
    ] {
        let own = VaultSecret { identifier: identifier.into(), client_id: None };
        block_on(vault.ask(&[own.clone()].into()));
        let why = vault.told()[&own].clone().expect_err("it is refused");
        assert!(why.contains(said), "{why}");
    }
}

#[test]
fn what_a_vault_told_is_a_secret_named_value() {
    let file =
        r#"{"properties":{"displayName":"k","keyVault":{"secretIdentifier":"https://v.vault.azure.net/secrets/key"}}}"#;
    let read = |told: &[(VaultSecret, Result<String, String>)]| {
        let mut given = Given::default();
        given.vault = Some(told.iter().cloned().collect());
        let texts = vec![("namedValues/k/namedValueInformation.json".to_owned(), file.as_bytes().to_vec())];
        let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
        let gateway = gateway::load(texts, "", &given, &mut sources, &mut found);
        let said: Vec<_> = found.into_sorted().into_iter().map(|own| own.message).collect();
        (gateway, said)
    };
    let (gateway, said) = read(&[]);
    assert!(said.is_empty() && gateway.vault.contains(&secret("key")));
    let (gateway, said) = read(&[(secret("key"), Ok("told".to_owned()))]);
    assert!(said.is_empty());
    assert!(gateway.named_values.find("k").is_some_and(|own| own.secret && own.value == "told"));
    let (_, said) = read(&[(secret("key"), Err("gone".to_owned()))]);
    assert_eq!(said, ["the named value `k` could not be had from its Key Vault: gone"]);
}
