//! RSA keys and what is done with them: the numbers, their encodings, encryption and signatures.
//!
//! In: keys and bytes. Out: bytes, or what went wrong in OpenSSL's words, which .NET Core passes on. No objects here.

use super::der::{self, Reader};
use super::hashing::Algorithm;
use crate::dotnet::call::Host;
use md5::Md5;
use rsa::rand_core::{CryptoRng, Error, RngCore};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BigUint, Oaep, Pkcs1v15Encrypt, Pkcs1v15Sign, Pss, RsaPrivateKey, RsaPublicKey};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

/// `1.2.840.113549.1.1.1`
pub const RSA_OID: &str = "1.2.840.113549.1.1.1";

/// The numbers of a key as they came: big-endian, without leading zeros.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    pub modulus: Vec<u8>,
    pub exponent: Vec<u8>,
    pub private: Option<PrivateNumbers>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrivateNumbers {
    pub d: Vec<u8>,
    pub p: Vec<u8>,
    pub q: Vec<u8>,
    pub dp: Vec<u8>,
    pub dq: Vec<u8>,
    pub inverse_q: Vec<u8>,
}

/// An RSA key, with or without its private half.
#[derive(Clone, Debug)]
pub struct Key {
    pub numbers: Numbers,
    public: RsaPublicKey,
    private: Option<RsaPrivateKey>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    Pkcs1,
    Oaep(Algorithm),
}

impl Encryption {
    /// The most bytes that a key of this many takes, where .NET pads itself: OpenSSL does it for the others.
    pub fn most(self, key: usize) -> Option<usize> {
        match self {
            Encryption::Pkcs1 | Encryption::Oaep(Algorithm::Sha1) => None,
            Encryption::Oaep(hash) => Some(key.saturating_sub(2 * hash.bits() as usize / 8 + 2)),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    Pkcs1,
    Pss,
}

/// The request's own random numbers in the form that the library takes.
pub struct Noise<'a>(pub &'a mut dyn Host);

impl RngCore for Noise<'_> {
    fn next_u32(&mut self) -> u32 {
        self.0.random() as u32
    }
    fn next_u64(&mut self) -> u64 {
        self.0.random()
    }
    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.0.random().to_le_bytes()[..chunk.len()]);
        }
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Noise<'_> {}

type Outcome<T> = Result<T, &'static str>;

const TOO_LARGE: &str = "error:0406D06E:rsa routines:RSA_padding_add_PKCS1_type_2:data too large for key size";
const TOO_LARGE_OAEP: &str = "error:0409A06E:rsa routines:RSA_padding_add_PKCS1_OAEP_mgf1:data too large for key size";
const BAD_PADDING: &str = "error:04065072:rsa routines:rsa_ossl_private_decrypt:padding check failed";
const NO_PRIVATE: &str = "error:04084093:rsa routines::value missing";
const NO_PRIVATE_SIGN: &str = "error:04075093:rsa routines:RSA_sign:value missing";
const WRONG_HASH: &str = "error:04075083:rsa routines:RSA_sign:invalid message length";

impl Key {
    /// A key of these numbers; `None` where they make no key.
    pub fn new(numbers: Numbers) -> Option<Key> {
        let big = |bytes: &[u8]| BigUint::from_bytes_be(bytes);
        let (n, e) = (big(&numbers.modulus), big(&numbers.exponent));
        if numbers.modulus.is_empty() || n.bits() > 16_384 || numbers.exponent.is_empty() {
            return None;
        }
        let private = match &numbers.private {
            Some(own) => {
                let primes = if own.p.is_empty() { Vec::new() } else { vec![big(&own.p), big(&own.q)] };
                Some(RsaPrivateKey::from_components(n.clone(), e.clone(), big(&own.d), primes).ok()?)
            }
            None => None,
        };
        Some(Key { numbers, public: RsaPublicKey::new_unchecked(n, e), private })
    }

    pub fn generate(bits: usize, noise: &mut Noise<'_>) -> Option<Key> {
        let key = RsaPrivateKey::new(noise, bits).ok()?;
        let [p, q] = key.primes() else { return None };
        let private = PrivateNumbers {
            d: key.d().to_bytes_be(),
            p: p.to_bytes_be(),
            q: q.to_bytes_be(),
            dp: key.dp()?.to_bytes_be(),
            dq: key.dq()?.to_bytes_be(),
            inverse_q: key.crt_coefficient()?.to_bytes_be(),
        };
        let numbers =
            Numbers { modulus: key.n().to_bytes_be(), exponent: key.e().to_bytes_be(), private: Some(private) };
        Some(Key { numbers, public: key.to_public_key(), private: Some(key) })
    }

    pub fn bits(&self) -> usize {
        self.public.n().bits()
    }

    pub fn has_private(&self) -> bool {
        self.private.is_some()
    }

    /// The same modulus and exponent.
    pub fn matches(&self, other: &Key) -> bool {
        self.public == other.public
    }

    /// The key without its private half.
    pub fn without_private(&self) -> Key {
        let numbers = Numbers { private: None, ..self.numbers.clone() };
        Key { numbers, public: self.public.clone(), private: None }
    }

    /// Fuel for one operation: multiplications of words.
    pub fn cost(&self, private: bool) -> usize {
        let words = self.bits() / 64 + 1;
        let bits = if private { self.bits() } else { self.public.e().bits() };
        words * words * bits / 8 + 100
    }

    pub fn encrypt(&self, data: &[u8], padding: Encryption, noise: &mut Noise<'_>) -> Outcome<Vec<u8>> {
        match padding {
            Encryption::Pkcs1 => self.public.encrypt(noise, Pkcs1v15Encrypt, data).map_err(|_| TOO_LARGE),
            Encryption::Oaep(hash) => self.public.encrypt(noise, oaep(hash), data).map_err(|_| TOO_LARGE_OAEP),
        }
    }

    pub fn decrypt(&self, data: &[u8], padding: Encryption, noise: &mut Noise<'_>) -> Outcome<Vec<u8>> {
        let key = self.private.as_ref().ok_or(NO_PRIVATE)?;
        if data.len() != self.bits().div_ceil(8) {
            return Err("The length of the data to decrypt is not valid for the size of this key.");
        }
        match padding {
            Encryption::Pkcs1 => key.decrypt_blinded(noise, Pkcs1v15Encrypt, data),
            Encryption::Oaep(hash) => key.decrypt_blinded(noise, oaep(hash), data),
        }
        .map_err(|_| BAD_PADDING)
    }

    pub fn sign(
        &self,
        hash: &[u8],
        algorithm: Algorithm,
        padding: Signature,
        noise: &mut Noise<'_>,
    ) -> Outcome<Vec<u8>> {
        let key = self.private.as_ref().ok_or(NO_PRIVATE_SIGN)?;
        if hash.len() != hash_len(algorithm) {
            return Err(WRONG_HASH);
        }
        match padding {
            Signature::Pkcs1 => key.sign_with_rng(noise, pkcs1(algorithm), hash),
            Signature::Pss => key.sign_with_rng(noise, pss(algorithm), hash),
        }
        .map_err(|_| "error:04075070:rsa routines:RSA_sign:digest too big for rsa key")
    }

    pub fn verify(&self, hash: &[u8], signature: &[u8], algorithm: Algorithm, padding: Signature) -> bool {
        if hash.len() != hash_len(algorithm) || signature.len() != self.bits().div_ceil(8) {
            return false;
        }
        match padding {
            Signature::Pkcs1 => self.public.verify(pkcs1(algorithm), hash, signature),
            Signature::Pss => self.public.verify(pss(algorithm), hash, signature),
        }
        .is_ok()
    }

    // ---- encodings

    /// `RSAPublicKey` (PKCS #1).
    pub fn write_public(&self) -> Vec<u8> {
        let (n, e) = (der::write_integer(&self.numbers.modulus), der::write_integer(&self.numbers.exponent));
        der::write(der::SEQUENCE, &[&n, &e])
    }

    /// `RSAPrivateKey` (PKCS #1).
    pub fn write_private(&self) -> Option<Vec<u8>> {
        let own = self.numbers.private.as_ref()?;
        let mut content = der::write_integer(&[]);
        for number in
            [&self.numbers.modulus, &self.numbers.exponent, &own.d, &own.p, &own.q, &own.dp, &own.dq, &own.inverse_q]
        {
            content.extend(der::write_integer(number));
        }
        Some(der::write(der::SEQUENCE, &[&content]))
    }

    /// `PrivateKeyInfo` (PKCS #8).
    pub fn write_pkcs8(&self) -> Option<Vec<u8>> {
        let key = der::write(der::OCTET_STRING, &[&self.write_private()?]);
        Some(der::write(der::SEQUENCE, &[&der::write_integer(&[]), &algorithm_identifier(), &key]))
    }

    /// `SubjectPublicKeyInfo`.
    pub fn write_public_info(&self) -> Vec<u8> {
        let key = der::write(der::BIT_STRING, &[&[0], &self.write_public()]);
        der::write(der::SEQUENCE, &[&algorithm_identifier(), &key])
    }

    pub fn read_public(bytes: &[u8]) -> Option<Key> {
        let mut key = Reader(bytes).sequence()?;
        let mut number = || Some(der::unsigned(key.content(der::INTEGER)?).to_vec());
        Key::new(Numbers { modulus: number()?, exponent: number()?, private: None })
    }

    pub fn read_private(bytes: &[u8]) -> Option<Key> {
        let mut key = Reader(bytes).sequence()?;
        let mut number = || Some(der::unsigned(key.content(der::INTEGER)?).to_vec());
        let version = number()?;
        let (modulus, exponent) = (number()?, number()?);
        let private = PrivateNumbers {
            d: number()?,
            p: number()?,
            q: number()?,
            dp: number()?,
            dq: number()?,
            inverse_q: number()?,
        };
        version.is_empty().then_some(())?;
        Key::new(Numbers { modulus, exponent, private: Some(private) })
    }

    pub fn read_pkcs8(bytes: &[u8]) -> Option<Key> {
        let mut info = Reader(bytes).sequence()?;
        info.number()?;
        (info.sequence()?.oid()? == RSA_OID).then_some(())?;
        Key::read_private(info.content(der::OCTET_STRING)?)
    }
}

fn algorithm_identifier() -> Vec<u8> {
    der::write(der::SEQUENCE, &[&der::write_oid(RSA_OID), &der::write(der::NULL, &[])])
}

fn hash_len(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Md5 => 16,
        Algorithm::Sha1 => 20,
        Algorithm::Sha256 => 32,
        Algorithm::Sha384 => 48,
        Algorithm::Sha512 => 64,
    }
}

fn oaep(algorithm: Algorithm) -> Oaep {
    match algorithm {
        Algorithm::Md5 => Oaep::new::<Md5>(),
        Algorithm::Sha1 => Oaep::new::<Sha1>(),
        Algorithm::Sha256 => Oaep::new::<Sha256>(),
        Algorithm::Sha384 => Oaep::new::<Sha384>(),
        Algorithm::Sha512 => Oaep::new::<Sha512>(),
    }
}

fn pss(algorithm: Algorithm) -> Pss {
    match algorithm {
        Algorithm::Md5 => Pss::new::<Md5>(),
        Algorithm::Sha1 => Pss::new::<Sha1>(),
        Algorithm::Sha256 => Pss::new::<Sha256>(),
        Algorithm::Sha384 => Pss::new::<Sha384>(),
        Algorithm::Sha512 => Pss::new::<Sha512>(),
    }
}

/// PKCS #1 v1.5: the hash stands behind its algorithm's identifier (`DigestInfo`).
fn pkcs1(algorithm: Algorithm) -> Pkcs1v15Sign {
    let oid = match algorithm {
        Algorithm::Md5 => "1.2.840.113549.2.5",
        Algorithm::Sha1 => "1.3.14.3.2.26",
        Algorithm::Sha256 => "2.16.840.1.101.3.4.2.1",
        Algorithm::Sha384 => "2.16.840.1.101.3.4.2.2",
        Algorithm::Sha512 => "2.16.840.1.101.3.4.2.3",
    };
    let len = hash_len(algorithm);
    let identifier = der::write(der::SEQUENCE, &[&der::write_oid(oid), &der::write(der::NULL, &[])]);
    let whole = der::write(der::SEQUENCE, &[&identifier, &der::write(der::OCTET_STRING, &[&vec![0; len]])]);
    Pkcs1v15Sign { hash_len: Some(len), prefix: whole[..whole.len() - len].into() }
}
