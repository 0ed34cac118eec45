//! Distinguished names as text, and the names of other kinds that a certificate carries.

use super::super::der::{self, Item, Reader};
use super::super::oid::name_of;
use super::certificate::Certificate;
use std::fmt::Write;

const COMMON: &str = "2.5.4.3";
const UNIT: &str = "2.5.4.11";
const ORGANIZATION: &str = "2.5.4.10";
const EMAIL: &str = "1.2.840.113549.1.9.1";
const PRINCIPAL: &str = "1.3.6.1.4.1.311.20.2.3";

/// `X509NameType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameType {
    Simple,
    Email,
    Principal,
    Dns,
    DnsFromAlternative,
    Url,
}

impl NameType {
    pub fn of(value: i64) -> Option<NameType> {
        use NameType::{Dns, DnsFromAlternative, Email, Principal, Simple, Url};
        [Simple, Email, Principal, Dns, DnsFromAlternative, Url].get(usize::try_from(value).ok()?).copied()
    }
}

/// Attributes, relative name by relative name.
fn attributes(name: &[u8]) -> Vec<Vec<(String, Item<'_>)>> {
    let mut found = Vec::new();
    let Some(mut names) = Reader(name).sequence() else { return found };
    while let Some(set) = names.content(der::SET) {
        let mut set = Reader(set);
        let mut parts = Vec::new();
        while let Some(mut attribute) = set.sequence() {
            let (Some(oid), Some(value)) = (attribute.oid(), attribute.any()) else { continue };
            parts.push((oid, value));
        }
        found.push(parts);
    }
    found
}

/// `CN=a, O=b`; .NET shows the last part of the encoding first, its old methods the first.
pub fn text(name: &[u8], last_first: bool) -> String {
    let mut names = attributes(name);
    if last_first {
        names.reverse();
    }
    let one = |(oid, value): &(String, Item<'_>)| {
        let label = name_of(oid).map_or_else(|| format!("OID.{oid}"), str::to_owned);
        format!("{label}={}", quoted(&value_text(*value)))
    };
    let names: Vec<_> = names.iter().map(|parts| parts.iter().map(one).collect::<Vec<_>>().join(" + ")).collect();
    names.join(", ")
}

fn quoted(value: &str) -> String {
    let special = |c: char| matches!(c, ',' | '+' | '=' | '"' | '\n' | '<' | '>' | '#' | ';');
    let blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}');
    if value.is_empty() || value.starts_with(blank) || value.ends_with(blank) || value.contains(special) {
        return format!("\"{}\"", value.replace('"', "\"\""));
    }
    value.to_owned()
}

fn value_text(value: Item<'_>) -> String {
    match value.tag {
        0x0C => String::from_utf8_lossy(value.content).into_owned(),
        0x12 | 0x13 | 0x14 | 0x16 | 0x1A => value.content.iter().map(|&byte| char::from(byte)).collect(),
        0x1E => {
            let units: Vec<_> =
                value.content.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        0x1C => value
            .content
            .chunks_exact(4)
            .map(|c| char::from_u32(u32::from_be_bytes([c[0], c[1], c[2], c[3]])).unwrap_or('\u{FFFD}'))
            .collect(),
        _ => value.raw.iter().fold(String::from("#"), |mut out, byte| {
            let _ = write!(out, "{byte:02X}");
            out
        }),
    }
}

/// The last value of an attribute.
fn attribute(name: &[u8], oid: &str) -> Option<String> {
    let names = attributes(name);
    names.iter().flatten().rev().find(|(own, _)| own == oid).map(|(_, value)| value_text(*value))
}

/// `GetNameInfo`: empty where there is no such name.
pub fn info(certificate: &Certificate, kind: NameType, of_issuer: bool) -> String {
    let (name, alternative) =
        if of_issuer { (&certificate.issuer, "2.5.29.18") } else { (&certificate.subject, "2.5.29.17") };
    let alternative = |tag: u8| certificate.extension(alternative).and_then(|value| alternative_name(value, tag));
    let found = match kind {
        NameType::Simple => [COMMON, UNIT, ORGANIZATION, EMAIL]
            .iter()
            .find_map(|oid| attribute(name, oid))
            .or_else(|| alternative(0x81))
            .or_else(|| Some(value_text(attributes(name).first()?.first()?.1))),
        NameType::Email => alternative(0x81).or_else(|| attribute(name, EMAIL)),
        NameType::Principal => alternative(0xA0),
        NameType::Dns => alternative(0x82).or_else(|| attribute(name, COMMON)),
        NameType::DnsFromAlternative => alternative(0x82),
        NameType::Url => alternative(0x86),
    };
    found.unwrap_or_default()
}

/// The first name of this kind among `GeneralNames`.
fn alternative_name(value: &[u8], tag: u8) -> Option<String> {
    let mut names = Reader(value).sequence()?;
    while let Some(name) = names.any() {
        if name.tag != tag {
            continue;
        }
        if tag != 0xA0 {
            return Some(String::from_utf8_lossy(name.content).into_owned());
        }
        let mut other = Reader(name.content);
        if other.oid()? == PRINCIPAL {
            return Reader(other.content(0xA0)?).any().map(value_text);
        }
    }
    None
}
