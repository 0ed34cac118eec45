//! A certificate (RFC 5280) as it was read: the parts that .NET shows, and whether another one signed it.
//!
//! In: DER. Out: fields. Unknown extensions are kept as they are; nothing is trusted here.

use super::super::der::{self, Item, Reader};
use super::super::hashing::Algorithm;
use super::super::key::{Key, RSA_OID, Signature};
use crate::dotnet::system::date_time::UNIX_EPOCH;
use crate::dotnet::system::format::date_time::{HOUR, MINUTE, SECOND, date};

#[derive(Debug)]
pub struct Certificate {
    pub raw: Vec<u8>,
    /// The part that is signed.
    signed: Vec<u8>,
    signature: Vec<u8>,
    /// 1 to 3.
    pub version: i32,
    /// As it is encoded, most significant byte first.
    pub serial: Vec<u8>,
    pub signature_algorithm: String,
    pub issuer: Vec<u8>,
    pub subject: Vec<u8>,
    /// In UTC ticks.
    pub not_before: i64,
    pub not_after: i64,
    pub key_algorithm: String,
    /// Encoded; empty where there are none.
    pub key_parameters: Vec<u8>,
    pub public_key: Vec<u8>,
    pub extensions: Vec<Extension>,
}

#[derive(Clone, Debug)]
pub struct Extension {
    pub oid: String,
    pub critical: bool,
    pub value: Vec<u8>,
}

impl Certificate {
    /// Reads DER; what follows the certificate is ignored.
    pub fn read(bytes: &[u8]) -> Option<Certificate> {
        let whole = Reader(bytes).item(der::SEQUENCE)?;
        let mut outer = Reader(whole.content);
        let signed = outer.item(der::SEQUENCE)?;
        let mut fields = Reader(signed.content);
        let version = match fields.optional(0xA0) {
            Some(item) => Reader(item.content).number()? as i32 + 1,
            None => 1,
        };
        let serial = fields.content(der::INTEGER)?.to_vec();
        fields.item(der::SEQUENCE)?;
        let issuer = fields.item(der::SEQUENCE)?.raw.to_vec();
        let mut validity = fields.sequence()?;
        let (not_before, not_after) = (time(validity.any()?)?, time(validity.any()?)?);
        let subject = fields.item(der::SEQUENCE)?.raw.to_vec();
        let mut key = fields.sequence()?;
        let mut algorithm = key.sequence()?;
        let key_algorithm = algorithm.oid()?;
        let key_parameters = algorithm.0.to_vec();
        let public_key = bits(key.content(der::BIT_STRING)?)?.to_vec();
        let mut extensions = Vec::new();
        while let Some(item) = fields.any() {
            if item.tag == 0xA3 {
                let mut list = Reader(item.content).sequence()?;
                while let Some(mut one) = list.sequence() {
                    let oid = one.oid()?;
                    let critical = one.optional(0x01).is_some_and(|flag| flag.content.first().is_some_and(|&b| b != 0));
                    extensions.push(Extension { oid, critical, value: one.content(der::OCTET_STRING)?.to_vec() });
                }
            }
        }
        let signature_algorithm = outer.sequence()?.oid()?;
        let signature = bits(outer.content(der::BIT_STRING)?)?.to_vec();
        Some(Certificate {
            raw: whole.raw.to_vec(),
            signed: signed.raw.to_vec(),
            signature,
            version,
            serial,
            signature_algorithm,
            issuer,
            subject,
            not_before,
            not_after,
            key_algorithm,
            key_parameters,
            public_key,
            extensions,
        })
    }

    pub fn extension(&self, oid: &str) -> Option<&[u8]> {
        self.extensions.iter().find(|own| own.oid == oid).map(|own| own.value.as_slice())
    }

    /// The RSA key, where it is one.
    pub fn rsa_key(&self) -> Option<Key> {
        (self.key_algorithm == RSA_OID).then(|| Key::read_public(&self.public_key)).flatten()
    }

    pub fn thumbprint(&self, algorithm: Algorithm) -> Vec<u8> {
        algorithm.hash(&self.raw).to_vec()
    }

    /// Same issuer and serial number, which is when .NET takes certificates for equal.
    pub fn same(&self, other: &Certificate) -> bool {
        self.issuer == other.issuer && self.serial == other.serial
    }

    fn is_authority(&self) -> bool {
        let constraints = self.extension("2.5.29.19").and_then(|value| Reader(value).sequence());
        constraints.and_then(|mut fields| fields.optional(0x01)).is_some_and(|flag| flag.content != [0])
    }

    fn holds_at(&self, ticks: i64) -> bool {
        (self.not_before..=self.not_after).contains(&ticks)
    }

    /// Whether that certificate's key made this one's signature. Signatures other than RSA's count as not made.
    pub fn is_signed_by(&self, issuer: &Certificate) -> bool {
        let algorithm = match self.signature_algorithm.as_str() {
            "1.2.840.113549.1.1.4" => Algorithm::Md5,
            "1.2.840.113549.1.1.5" => Algorithm::Sha1,
            "1.2.840.113549.1.1.11" => Algorithm::Sha256,
            "1.2.840.113549.1.1.12" => Algorithm::Sha384,
            "1.2.840.113549.1.1.13" => Algorithm::Sha512,
            _ => return false,
        };
        let Some(key) = issuer.rsa_key() else { return false };
        self.issuer == issuer.subject
            && key.verify(&algorithm.hash(&self.signed), &self.signature, algorithm, Signature::Pkcs1)
    }

    /// Whether a chain of signatures leads from here to an authority, every link in its time.
    pub fn leads_to(&self, authorities: &[Certificate], others: &[Certificate], now: i64) -> bool {
        self.link(authorities, others, now, 8)
    }

    fn link(&self, authorities: &[Certificate], others: &[Certificate], now: i64, depth: usize) -> bool {
        if !self.holds_at(now) {
            return false;
        }
        let anchored = authorities.iter().any(|own| own.raw == self.raw || own.holds_at(now) && self.is_signed_by(own));
        anchored
            || depth > 0
                && others
                    .iter()
                    .filter(|other| other.is_authority() && other.raw != self.raw)
                    .any(|other| self.is_signed_by(other) && other.link(authorities, others, now, depth - 1))
    }
}

/// The whole bytes of a bit string.
fn bits(content: &[u8]) -> Option<&[u8]> {
    content.split_first().map(|(_, bytes)| bytes)
}

/// `UTCTime` or `GeneralizedTime`, to ticks.
fn time(item: Item<'_>) -> Option<i64> {
    let text = std::str::from_utf8(item.content).ok()?.strip_suffix('Z')?;
    let (year, rest) = match item.tag {
        0x17 => {
            let short: i64 = text.get(..2)?.parse().ok()?;
            (if short < 50 { 2000 + short } else { 1900 + short }, text.get(2..)?)
        }
        0x18 => (text.get(..4)?.parse().ok()?, text.get(4..)?),
        _ => return None,
    };
    let part = |at: usize| rest.get(at..at + 2).map_or(Some(0), |digits| digits.parse::<i64>().ok());
    let day = date(year, part(0)?, part(2)?)?;
    let clock = part(4)? * HOUR + part(6)? * MINUTE + part(8)? * SECOND;
    // Before 1970 nobody had certificates; a year of 1950 is a way to write "always".
    (day + clock > UNIX_EPOCH - 20 * 366 * 24 * HOUR).then_some(day + clock)
}
