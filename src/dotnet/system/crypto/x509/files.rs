//! Certificate files outside of any request: DER, PEM with its key, PKCS #12.

use super::super::hashing::Algorithm;
use super::super::key::Key;
use super::certificate::Certificate;
use super::pkcs12::{self, Trouble};
use crate::dotnet::fault::Fault;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A certificate file in its parts, read outside of any request.
#[derive(Debug)]
pub struct Parts {
    /// DER, the own certificate first.
    pub chain: Vec<Vec<u8>>,
    /// DER of PKCS #8.
    pub key: Option<Vec<u8>>,
    /// SHA-1, in capital hexadecimal digits.
    pub thumbprint: String,
}

/// More rounds over a password than any file in use asks for.
const MOST_ROUNDS: u64 = 10_000_000;

/// Reads DER, PEM with its key, or PKCS #12 under a password.
pub fn parts(data: &[u8], password: &str) -> std::result::Result<Parts, String> {
    let (chain, key) = if let Some(found) = Certificate::read(data) {
        (vec![found], None)
    } else if std::str::from_utf8(data).is_ok_and(|text| text.contains("-----BEGIN ")) {
        pem_parts(data)?
    } else if pkcs12::is_pkcs12(data) {
        let mut left = MOST_ROUNDS;
        let mut pay = |rounds: u64| {
            left = left.checked_sub(rounds).ok_or_else(|| Fault::throw("System.Exception", "too many rounds"))?;
            Ok(())
        };
        let contents = pkcs12::read(data, password, &mut pay).map_err(|trouble| match trouble {
            Trouble::Broken => "the PKCS #12 file cannot be read".to_owned(),
            Trouble::Mac => "the password does not fit".to_owned(),
            Trouble::Fault(_) => "the PKCS #12 file asks for too many rounds over its password".to_owned(),
        })?;
        contents.into_chain().ok_or("the PKCS #12 file holds no certificate")?
    } else {
        return Err("the file is neither a certificate in DER or PEM nor a PKCS #12 file".to_owned());
    };
    let Some(own) = chain.first() else { return Err("the file holds no certificate".to_owned()) };
    let thumbprint = own.thumbprint(Algorithm::Sha1).iter().map(|byte| format!("{byte:02X}")).collect();
    Ok(Parts { thumbprint, chain: chain.into_iter().map(|own| own.raw).collect(), key })
}

type Pieces = (Vec<Certificate>, Option<Vec<u8>>);

fn pem_parts(data: &[u8]) -> std::result::Result<Pieces, String> {
    let text = std::str::from_utf8(data).unwrap_or_default();
    let mut chain = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("-----BEGIN CERTIFICATE-----") {
        let der = pem(&rest.as_bytes()[at..], "CERTIFICATE").and_then(|der| Certificate::read(&der));
        chain.push(der.ok_or("a certificate in the file cannot be read")?);
        rest = &rest[at + 1..];
    }
    if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("ENCRYPTED\n") {
        return Err("the private key is encrypted: put it into a PKCS #12 file".to_owned());
    }
    let pkcs1 = || Key::read_private(&pem(data, "RSA PRIVATE KEY")?)?.write_pkcs8();
    let key = pem(data, "PRIVATE KEY").or_else(pkcs1);
    if key.is_none() && text.contains("PRIVATE KEY-----") {
        return Err("the private key is not in PKCS #8 (`BEGIN PRIVATE KEY`)".to_owned());
    }
    Ok((chain, key))
}

/// The bytes between `-----BEGIN label-----` and its end.
pub(super) fn pem(data: &[u8], label: &str) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(data).ok()?;
    let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = rest.split_once("-----END")?;
    let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    STANDARD.decode(body).ok()
}
