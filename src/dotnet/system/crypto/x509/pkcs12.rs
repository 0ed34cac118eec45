//! PKCS #12 files (RFC 7292): a certificate and its private key under a password, read and written.
//!
//! In: bytes and a password. Out: certificates and an RSA key. The work of a password's many rounds is paid for with fuel
//! before it is done.

use super::super::der::{self, Reader};
use super::super::digest::Keyed;
use super::super::hashing::Algorithm;
use super::super::key::Key;
use super::super::symmetric::{KeyFileCipher, cbc};
use super::certificate::Certificate;
use crate::dotnet::fault::Fault;

/// Why a file cannot be read.
pub enum Trouble {
    /// It is no PKCS #12 file, or uses what is not known here.
    Broken,
    /// Wrong password.
    Mac,
    Fault(Fault),
}

/// Pays for this many rounds.
pub type Pay<'a> = &'a mut dyn FnMut(u64) -> Result<(), Fault>;

/// What a file holds.
#[derive(Debug, Default)]
pub struct Contents {
    certificates: Vec<(Certificate, Option<Vec<u8>>)>,
    keys: Vec<(Key, Option<Vec<u8>>)>,
    /// Keys of every algorithm, as PKCS #8.
    encoded_keys: Vec<Vec<u8>>,
}

const DATA: &str = "1.2.840.113549.1.7.1";
const ENCRYPTED_DATA: &str = "1.2.840.113549.1.7.6";
const PBE: &str = "1.2.840.113549.1.12.1.";
const BAG: &str = "1.2.840.113549.1.12.10.1.";
const X509: &str = "1.2.840.113549.1.9.22.1";
const LOCAL_KEY_ID: &str = "1.2.840.113549.1.9.21";
const ROUNDS: u64 = 2048;
const NESTING: u32 = 8;

/// Whether the bytes look like a PKCS #12 file.
pub fn is_pkcs12(bytes: &[u8]) -> bool {
    let outer = || {
        let mut fields = Reader(bytes).sequence()?;
        (fields.number()? == 3).then_some(())?;
        (fields.sequence()?.oid()? == DATA).then_some(())
    };
    outer().is_some()
}

/// Reads a file.
pub fn read(bytes: &[u8], password: &str, pay: Pay<'_>) -> Result<Contents, Trouble> {
    let broken = || Trouble::Broken;
    let mut outer = Reader(bytes).sequence().ok_or_else(broken)?;
    outer.number().filter(|&version| version == 3).ok_or_else(broken)?;
    let safe = data_content(&mut outer).ok_or_else(broken)?;
    let mut secret = Secret { text: password.to_owned(), wide: wide(password) };
    if let Some(mac) = outer.sequence() {
        let mac = Mac::read(mac).ok_or_else(broken)?;
        let fits = mac.fits(safe, &secret.wide, pay)?;
        if !fits {
            // No password is either an empty text with its end mark, or nothing at all.
            secret.wide = Vec::new();
            if !password.is_empty() || !mac.fits(safe, &secret.wide, pay)? {
                return Err(Trouble::Mac);
            }
        }
    }
    let mut contents = Contents::default();
    let mut infos = Reader(safe).sequence().ok_or_else(broken)?;
    while !infos.is_empty() {
        let mut info = infos.sequence().ok_or_else(broken)?;
        let oid = info.oid().ok_or_else(broken)?;
        let wrapped = info.content(0xA0).ok_or_else(broken)?;
        match oid.as_str() {
            DATA => {
                let inner = Reader(wrapped).content(der::OCTET_STRING).ok_or_else(broken)?;
                bags(inner, &secret, &mut contents, pay, NESTING)?;
            }
            ENCRYPTED_DATA => {
                let inner = encrypted(wrapped, &secret, pay)?;
                bags(&inner, &secret, &mut contents, pay, NESTING)?;
            }
            _ => return Err(Trouble::Broken),
        }
    }
    Ok(contents)
}

impl Contents {
    /// All certificates, that of the key first, and the key as PKCS #8.
    pub fn into_chain(mut self) -> Option<(Vec<Certificate>, Option<Vec<u8>>)> {
        let encoded = self.encoded_keys.pop();
        let rsa = self.keys.pop();
        let own = match &rsa {
            Some((key, id)) => self.certificates.iter().position(|(own, own_id)| {
                own_id.is_some() && own_id == id || own.rsa_key().is_some_and(|public| public.matches(key))
            }),
            // Of a key that is not RSA only its mark tells, which most files put on one certificate alone.
            None => self.certificates.iter().position(|(_, id)| id.is_some()),
        };
        let own = own.unwrap_or(0);
        if own < self.certificates.len() {
            self.certificates.swap(0, own);
        }
        let chain: Vec<Certificate> = self.certificates.into_iter().map(|(own, _)| own).collect();
        (!chain.is_empty()).then_some((chain, encoded))
    }

    /// The certificate that the key belongs to, else the last one.
    pub fn into_pair(mut self) -> Option<(Certificate, Option<Key>)> {
        let belongs = |certificate: &Certificate, id: &Option<Vec<u8>>, key: &Key, key_id: &Option<Vec<u8>>| {
            id.is_some() && id == key_id || certificate.rsa_key().is_some_and(|own| own.matches(key))
        };
        if let Some((key, key_id)) = self.keys.pop() {
            let found = self.certificates.iter().position(|(own, id)| belongs(own, id, &key, &key_id));
            if let Some(at) = found {
                return Some((self.certificates.swap_remove(at).0, Some(key)));
            }
        }
        self.certificates.pop().map(|(certificate, _)| (certificate, None))
    }
}

struct Secret {
    text: String,
    /// UTF-16, most significant byte first, with an end mark.
    wide: Vec<u8>,
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect()
}

/// The content of a `ContentInfo` of plain data.
fn data_content<'a>(outer: &mut Reader<'a>) -> Option<&'a [u8]> {
    let mut info = outer.sequence()?;
    (info.oid()? == DATA).then_some(())?;
    Reader(info.content(0xA0)?).content(der::OCTET_STRING)
}

struct Mac<'a> {
    algorithm: Algorithm,
    digest: &'a [u8],
    salt: &'a [u8],
    rounds: u64,
}

impl<'a> Mac<'a> {
    fn read(mut mac: Reader<'a>) -> Option<Mac<'a>> {
        let mut info = mac.sequence()?;
        let algorithm = match info.sequence()?.oid()?.as_str() {
            "1.2.840.113549.2.5" => Algorithm::Md5,
            "1.3.14.3.2.26" => Algorithm::Sha1,
            "2.16.840.1.101.3.4.2.1" => Algorithm::Sha256,
            "2.16.840.1.101.3.4.2.2" => Algorithm::Sha384,
            "2.16.840.1.101.3.4.2.3" => Algorithm::Sha512,
            _ => return None,
        };
        let digest = info.content(der::OCTET_STRING)?;
        let salt = mac.content(der::OCTET_STRING)?;
        let rounds = if mac.is_empty() { 1 } else { mac.number()? };
        Some(Mac { algorithm, digest, salt, rounds })
    }

    fn fits(&self, data: &[u8], password: &[u8], pay: Pay<'_>) -> Result<bool, Trouble> {
        let len = self.algorithm.hash(&[]).len();
        let key = derive(self.algorithm, password, self.salt, self.rounds, 3, len, pay)?;
        Ok(*self.algorithm.keyed_hash(&key, data) == *self.digest)
    }
}

/// Keys of a password (RFC 7292, appendix B.2). `purpose`: 1 key, 2 initialization vector, 3 MAC.
fn derive(
    algorithm: Algorithm,
    password: &[u8],
    salt: &[u8],
    rounds: u64,
    purpose: u8,
    len: usize,
    pay: Pay<'_>,
) -> Result<Vec<u8>, Trouble> {
    let block = if matches!(algorithm, Algorithm::Sha384 | Algorithm::Sha512) { 128 } else { 64 };
    let fill = |bytes: &[u8]| -> Vec<u8> {
        let len = bytes.len().div_ceil(block) * block;
        bytes.iter().copied().cycle().take(if bytes.is_empty() { 0 } else { len }).collect()
    };
    let mut input = [fill(salt), fill(password)].concat();
    let mut out = Vec::new();
    while out.len() < len {
        pay(rounds).map_err(Trouble::Fault)?;
        let mut hash = algorithm.hash(&[&vec![purpose; block][..], &input].concat());
        for _ in 1..rounds {
            hash = algorithm.hash(&hash);
        }
        out.extend_from_slice(&hash);
        let added: Vec<u8> = hash.iter().copied().cycle().take(block).collect();
        for chunk in input.chunks_mut(block) {
            let mut carry = 1u16;
            for (byte, add) in chunk.iter_mut().zip(&added).rev() {
                carry += u16::from(*byte) + u16::from(*add);
                *byte = carry as u8;
                carry >>= 8;
            }
        }
    }
    out.truncate(len);
    Ok(out)
}

/// PBKDF2 (RFC 8018).
fn stretch(
    algorithm: Algorithm,
    password: &[u8],
    salt: &[u8],
    rounds: u64,
    len: usize,
    pay: Pay<'_>,
) -> Result<Vec<u8>, Trouble> {
    let mut out = Vec::new();
    let mut at = 0u32;
    let keyed = Keyed::new(algorithm, password);
    while out.len() < len {
        pay(rounds.saturating_mul(2)).map_err(Trouble::Fault)?;
        at += 1;
        let mut last = vec![0; algorithm.hash(&[]).len()];
        keyed.hash_into(&[salt, &at.to_be_bytes()].concat(), &mut last);
        let mut block = last.clone();
        for _ in 1..rounds {
            keyed.hash_into(&last.clone(), &mut last);
            block.iter_mut().zip(&last).for_each(|(byte, add)| *byte ^= add);
        }
        out.extend(block);
    }
    out.truncate(len);
    Ok(out)
}

/// Decrypts as an `AlgorithmIdentifier` says.
fn decrypt(algorithm: Reader<'_>, data: &[u8], secret: &Secret, pay: Pay<'_>) -> Result<Vec<u8>, Trouble> {
    let mut algorithm = algorithm;
    let broken = || Trouble::Broken;
    let oid = algorithm.oid().ok_or_else(broken)?;
    let mut parameters = algorithm.sequence().ok_or_else(broken)?;
    if let Some(kind) = oid.strip_prefix(PBE) {
        let (cipher, key_len) = match kind {
            "3" => (KeyFileCipher::TripleDes, 24),
            "4" => (KeyFileCipher::TripleDes, 16),
            "5" => (KeyFileCipher::Rc2, 16),
            "6" => (KeyFileCipher::Rc2, 5),
            _ => return Err(Trouble::Broken),
        };
        let salt = parameters.content(der::OCTET_STRING).ok_or_else(broken)?;
        let rounds = parameters.number().ok_or_else(broken)?;
        let key = derive(Algorithm::Sha1, &secret.wide, salt, rounds, 1, key_len, pay)?;
        let iv = derive(Algorithm::Sha1, &secret.wide, salt, rounds, 2, 8, pay)?;
        return cbc(cipher, &key, &iv, data, false).ok_or_else(broken);
    }
    if oid != "1.2.840.113549.1.5.13" {
        return Err(Trouble::Broken);
    }
    let (cipher, key_len, iv, derivation) = scheme(parameters).ok_or_else(broken)?;
    let key = stretch(derivation.algorithm, secret.text.as_bytes(), derivation.salt, derivation.rounds, key_len, pay)?;
    cbc(cipher, &key, iv, data, false).ok_or_else(broken)
}

struct Derivation<'a> {
    algorithm: Algorithm,
    salt: &'a [u8],
    rounds: u64,
}

/// PBES2: cipher, length of its key, initialization vector, and how the key is made.
fn scheme(mut parameters: Reader<'_>) -> Option<(KeyFileCipher, usize, &[u8], Derivation<'_>)> {
    let mut derivation = parameters.sequence()?;
    (derivation.oid()? == "1.2.840.113549.1.5.12").then_some(())?;
    let mut how = derivation.sequence()?;
    let salt = how.content(der::OCTET_STRING)?;
    let rounds = how.number()?;
    how.optional(der::INTEGER);
    let algorithm = match how.sequence().map(|mut prf| prf.oid()) {
        None => Algorithm::Sha1,
        Some(oid) => match oid?.as_str() {
            "1.2.840.113549.2.7" => Algorithm::Sha1,
            "1.2.840.113549.2.9" => Algorithm::Sha256,
            "1.2.840.113549.2.10" => Algorithm::Sha384,
            "1.2.840.113549.2.11" => Algorithm::Sha512,
            _ => return None,
        },
    };
    let mut encryption = parameters.sequence()?;
    let (cipher, len) = match encryption.oid()?.as_str() {
        "2.16.840.1.101.3.4.1.2" => (KeyFileCipher::Aes, 16),
        "2.16.840.1.101.3.4.1.22" => (KeyFileCipher::Aes, 24),
        "2.16.840.1.101.3.4.1.42" => (KeyFileCipher::Aes, 32),
        "1.2.840.113549.3.7" => (KeyFileCipher::TripleDes, 24),
        _ => return None,
    };
    Some((cipher, len, encryption.content(der::OCTET_STRING)?, Derivation { algorithm, salt, rounds }))
}

fn encrypted(wrapped: &[u8], secret: &Secret, pay: Pay<'_>) -> Result<Vec<u8>, Trouble> {
    let parts = || {
        let mut data = Reader(wrapped).sequence()?;
        data.number()?;
        let mut content = data.sequence()?;
        content.oid()?;
        Some((content.sequence()?, content.content(0x80)?))
    };
    let (algorithm, data) = parts().ok_or(Trouble::Broken)?;
    decrypt(algorithm, data, secret, pay)
}

fn bags(bytes: &[u8], secret: &Secret, into: &mut Contents, pay: Pay<'_>, depth: u32) -> Result<(), Trouble> {
    let broken = || Trouble::Broken;
    let mut list = Reader(bytes).sequence().ok_or_else(broken)?;
    while !list.is_empty() {
        let mut bag = list.sequence().ok_or_else(broken)?;
        let oid = bag.oid().ok_or_else(broken)?;
        let value = bag.content(0xA0).ok_or_else(broken)?;
        let id = bag.content(der::SET).and_then(local_key_id);
        match oid.strip_prefix(BAG) {
            Some("1") => {
                into.encoded_keys.push(value.to_vec());
                into.keys.extend(Key::read_pkcs8(value).map(|key| (key, id)));
            }
            Some("2") => {
                let mut info = Reader(value).sequence().ok_or_else(broken)?;
                let algorithm = info.sequence().ok_or_else(broken)?;
                let data = info.content(der::OCTET_STRING).ok_or_else(broken)?;
                let plain = decrypt(algorithm, data, secret, pay)?;
                into.keys.extend(Key::read_pkcs8(&plain).map(|key| (key, id)));
                into.encoded_keys.push(plain);
            }
            Some("3") => {
                let mut info = Reader(value).sequence().ok_or_else(broken)?;
                if info.oid().as_deref() == Some(X509) {
                    let wrapped = info.content(0xA0).ok_or_else(broken)?;
                    let bytes = Reader(wrapped).content(der::OCTET_STRING).ok_or_else(broken)?;
                    into.certificates.push((Certificate::read(bytes).ok_or_else(broken)?, id));
                }
            }
            Some("6") if depth > 0 => bags(value, secret, into, pay, depth - 1)?,
            _ => {}
        }
    }
    Ok(())
}

fn local_key_id(attributes: &[u8]) -> Option<Vec<u8>> {
    let mut attributes = Reader(attributes);
    while let Some(mut attribute) = attributes.sequence() {
        if attribute.oid()? == LOCAL_KEY_ID {
            return Some(Reader(attribute.content(der::SET)?).content(der::OCTET_STRING)?.to_vec());
        }
    }
    None
}

// ---- writing

/// A file with a certificate and perhaps its key. `noise` gives 24 random bytes for the salts.
pub fn write(
    certificate: &Certificate,
    key: Option<&Key>,
    password: &str,
    noise: &[u8],
    pay: Pay<'_>,
) -> Result<Vec<u8>, Trouble> {
    let secret = wide(password);
    let (key_salt, mac_salt) = noise.split_at(noise.len() / 2);
    let wrap = |content: &[u8]| der::write(0xA0, &[content]);
    let id = der::write(der::OCTET_STRING, &[&[1, 0, 0, 0]]);
    let attribute = der::write(der::SEQUENCE, &[&der::write_oid(LOCAL_KEY_ID), &der::write(der::SET, &[&id])]);
    let attributes = der::write(der::SET, &[&attribute]);
    let attributes: &[u8] = if key.is_some() { &attributes } else { &[] };

    let bytes = der::write(der::OCTET_STRING, &[&certificate.raw]);
    let value = der::write(der::SEQUENCE, &[&der::write_oid(X509), &wrap(&bytes)]);
    let mut bags = der::write(der::SEQUENCE, &[&der::write_oid(&format!("{BAG}3")), &wrap(&value), attributes]);
    if let Some(plain) = key.and_then(Key::write_pkcs8) {
        let cipher_key = derive(Algorithm::Sha1, &secret, key_salt, ROUNDS, 1, 24, pay)?;
        let iv = derive(Algorithm::Sha1, &secret, key_salt, ROUNDS, 2, 8, pay)?;
        let data = cbc(KeyFileCipher::TripleDes, &cipher_key, &iv, &plain, true).ok_or(Trouble::Broken)?;
        let parameters = salt_and_rounds(key_salt);
        let algorithm = der::write(
            der::SEQUENCE,
            &[&der::write_oid(&format!("{PBE}3")), &der::write(der::SEQUENCE, &[&parameters])],
        );
        let info = der::write(der::SEQUENCE, &[&algorithm, &der::write(der::OCTET_STRING, &[&data])]);
        bags.extend(der::write(der::SEQUENCE, &[&der::write_oid(&format!("{BAG}2")), &wrap(&info), attributes]));
    }
    let info = |content: &[u8]| {
        let data = der::write(der::OCTET_STRING, &[content]);
        der::write(der::SEQUENCE, &[&der::write_oid(DATA), &wrap(&data)])
    };
    let safe = der::write(der::SEQUENCE, &[&info(&der::write(der::SEQUENCE, &[&bags]))]);
    let mac_key = derive(Algorithm::Sha1, &secret, mac_salt, ROUNDS, 3, 20, pay)?;
    let digest = der::write(der::OCTET_STRING, &[&Algorithm::Sha1.keyed_hash(&mac_key, &safe)]);
    let sha1 = der::write(der::SEQUENCE, &[&der::write_oid("1.3.14.3.2.26"), &der::write(der::NULL, &[])]);
    let digest = der::write(der::SEQUENCE, &[&sha1, &digest]);
    let mac = der::write(der::SEQUENCE, &[&digest, &salt_and_rounds(mac_salt)]);
    Ok(der::write(der::SEQUENCE, &[&der::write_integer(&[3]), &info(&safe), &mac]))
}

fn salt_and_rounds(salt: &[u8]) -> Vec<u8> {
    let mut out = der::write(der::OCTET_STRING, &[salt]);
    out.extend(der::write_integer(&ROUNDS.to_be_bytes()));
    out
}
