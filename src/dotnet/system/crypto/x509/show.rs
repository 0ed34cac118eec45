//! A certificate as text: what `ToString` prints.

use super::super::der::{self, Reader};
use super::super::hashing::Algorithm;
use super::super::oid::name_of;
use super::certificate::{Certificate, Extension};
use super::hex;
use super::name::{self, NameType};
use crate::dotnet::system::format::date_time::{Zone, format};
use std::fmt::Write;

/// `11/21/2026 08:46:58`
pub fn date(ticks: i64) -> String {
    format(ticks.max(0), Zone::Local, "MM/dd/yyyy HH:mm:ss").unwrap_or_default()
}

pub fn short(own: &Certificate) -> String {
    format!(
        "[Subject]\n  {}\n\n[Issuer]\n  {}\n\n[Serial Number]\n  {}\n\n{}",
        name::text(&own.subject, true),
        name::text(&own.issuer, true),
        hex(&own.serial),
        dates(own)
    )
}

fn dates(own: &Certificate) -> String {
    format!(
        "[Not Before]\n  {}\n\n[Not After]\n  {}\n\n[Thumbprint]\n  {}\n",
        date(own.not_before),
        date(own.not_after),
        hex(&own.thumbprint(Algorithm::Sha1))
    )
}

pub fn long(own: &Certificate) -> String {
    let mut out = format!("[Version]\n  V{}\n", own.version);
    for (title, encoded, of_issuer) in [("Subject", &own.subject, false), ("Issuer", &own.issuer, true)] {
        let _ = write!(out, "\n[{title}]\n  {}\n", name::text(encoded, true));
        for (label, kind) in [
            ("Simple Name", NameType::Simple),
            ("Email Name", NameType::Email),
            ("UPN Name", NameType::Principal),
            ("DNS Name", NameType::Dns),
        ] {
            let found = name::info(own, kind, of_issuer);
            if !found.is_empty() {
                let _ = writeln!(out, "  {label}: {found}");
            }
        }
    }
    let _ = write!(out, "\n[Serial Number]\n  {}\n\n{}", hex(&own.serial), dates(own));
    let label = name_of(&own.signature_algorithm).unwrap_or_default();
    let _ = write!(out, "\n[Signature Algorithm]\n  {label}({})\n", own.signature_algorithm);
    let _ = write!(
        out,
        "\n[Public Key]\n  Algorithm: {}\n  Length: {}\n  Key Blob: {}\n  Parameters: {}\n",
        name_of(&own.key_algorithm).unwrap_or_default(),
        own.rsa_key().map(|key| key.bits().to_string()).unwrap_or_default(),
        hex(&own.public_key),
        hex(&own.key_parameters)
    );
    if !own.extensions.is_empty() {
        out.push_str("\n[Extensions]");
        for one in &own.extensions {
            let _ = write!(out, "\n* {}({}):\n  {}", name_of(&one.oid).unwrap_or_default(), one.oid, extension(one));
        }
        out.push('\n');
    }
    out
}

/// An extension as OpenSSL prints it; those that it is not known how to print, in hexadecimal.
pub fn extension(own: &Extension) -> String {
    let known = match own.oid.as_str() {
        "2.5.29.14" => Reader(&own.value).content(der::OCTET_STRING).map(colons),
        "2.5.29.15" => key_usage(&own.value),
        "2.5.29.17" | "2.5.29.18" => alternative_names(&own.value),
        "2.5.29.19" => basic_constraints(&own.value),
        "2.5.29.35" => authority_key(&own.value),
        "2.5.29.37" => extended_usage(&own.value),
        _ => None,
    };
    known.unwrap_or_else(|| hex(&own.value))
}

fn colons(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

fn key_usage(value: &[u8]) -> Option<String> {
    const NAMES: [&str; 9] = [
        "Digital Signature",
        "Non Repudiation",
        "Key Encipherment",
        "Data Encipherment",
        "Key Agreement",
        "Certificate Sign",
        "CRL Sign",
        "Encipher Only",
        "Decipher Only",
    ];
    let bits = Reader(value).content(der::BIT_STRING)?.get(1..)?;
    let set = |at: usize| bits.get(at / 8).is_some_and(|byte| byte & (0x80 >> (at % 8)) != 0);
    let names: Vec<_> = NAMES.iter().enumerate().filter(|(at, _)| set(*at)).map(|(_, name)| *name).collect();
    Some(names.join(", "))
}

fn extended_usage(value: &[u8]) -> Option<String> {
    let mut list = Reader(value).sequence()?;
    let mut names = Vec::new();
    while let Some(oid) = list.oid() {
        names.push(name_of(&oid).map_or(oid, str::to_owned));
    }
    Some(names.join(", "))
}

fn basic_constraints(value: &[u8]) -> Option<String> {
    let mut fields = Reader(value).sequence()?;
    let authority = fields.optional(0x01).is_some_and(|flag| flag.content != [0]);
    let depth = fields.number().map(|depth| format!(", pathlen:{depth}")).unwrap_or_default();
    Some(format!("CA:{}{depth}", if authority { "TRUE" } else { "FALSE" }))
}

fn authority_key(value: &[u8]) -> Option<String> {
    let mut fields = Reader(value).sequence()?;
    let key = fields.content(0x80)?;
    fields.is_empty().then(|| format!("keyid:{}\n", colons(key)))
}

fn alternative_names(value: &[u8]) -> Option<String> {
    let mut list = Reader(value).sequence()?;
    let mut names = Vec::new();
    while let Some(name) = list.any() {
        let text = String::from_utf8_lossy(name.content);
        names.push(match name.tag {
            0x81 => format!("email:{text}"),
            0x82 => format!("DNS:{text}"),
            0x86 => format!("URI:{text}"),
            0x87 => match *name.content {
                [a, b, c, d] => format!("IP Address:{a}.{b}.{c}.{d}"),
                _ => {
                    let groups =
                        name.content.chunks(2).map(|pair| pair.iter().fold(0u16, |n, &b| n << 8 | u16::from(b)));
                    format!("IP Address:{}", groups.map(|group| format!("{group:X}")).collect::<Vec<_>>().join(":"))
                }
            },
            0xA0 => "othername:<unsupported>".to_owned(),
            _ => return None,
        });
    }
    Some(names.join(", "))
}
