//! Hashes: bytes in, a hash out, whole or piece by piece.
//!
//! With the feature `ring` the SHA family runs as machine code written for each processor, which takes half the time;
//! without it (and MD5 always) as portable Rust. Nothing else differs.

use super::hashing::Algorithm;
use md5::{Digest as _, Md5};
use std::fmt;
use std::ops::Deref;

/// A hash under way.
#[derive(Clone)]
pub struct Digest(State);

#[cfg(feature = "ring")]
#[derive(Clone)]
enum State {
    Md5(Md5),
    Sha(ring::digest::Context),
}

#[cfg(not(feature = "ring"))]
#[derive(Clone)]
enum State {
    Md5(Md5),
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
    Sha384(sha2::Sha384),
    Sha512(sha2::Sha512),
}

/// The most bytes of a hash.
const MOST: usize = 64;

/// A finished hash.
#[derive(Clone, Copy)]
pub struct Hash {
    bytes: [u8; MOST],
    len: usize,
}

impl Hash {
    fn of(own: &[u8]) -> Hash {
        let mut bytes = [0; MOST];
        bytes[..own.len()].copy_from_slice(own);
        Hash { bytes, len: own.len() }
    }
}

impl Deref for Hash {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest")
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hash")
    }
}

#[cfg(feature = "ring")]
impl Digest {
    pub fn new(algorithm: Algorithm) -> Digest {
        let sha = match algorithm {
            Algorithm::Md5 => return Digest(State::Md5(Md5::default())),
            Algorithm::Sha1 => &ring::digest::SHA1_FOR_LEGACY_USE_ONLY,
            Algorithm::Sha256 => &ring::digest::SHA256,
            Algorithm::Sha384 => &ring::digest::SHA384,
            Algorithm::Sha512 => &ring::digest::SHA512,
        };
        Digest(State::Sha(ring::digest::Context::new(sha)))
    }

    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Md5(hash) => hash.update(bytes),
            State::Sha(hash) => hash.update(bytes),
        }
    }

    pub fn finish(self) -> Hash {
        match self.0 {
            State::Md5(hash) => Hash::of(&hash.finalize()),
            State::Sha(hash) => Hash::of(hash.finish().as_ref()),
        }
    }
}

#[cfg(not(feature = "ring"))]
impl Digest {
    pub fn new(algorithm: Algorithm) -> Digest {
        Digest(match algorithm {
            Algorithm::Md5 => State::Md5(Default::default()),
            Algorithm::Sha1 => State::Sha1(Default::default()),
            Algorithm::Sha256 => State::Sha256(Default::default()),
            Algorithm::Sha384 => State::Sha384(Default::default()),
            Algorithm::Sha512 => State::Sha512(Default::default()),
        })
    }

    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Md5(hash) => hash.update(bytes),
            State::Sha1(hash) => hash.update(bytes),
            State::Sha256(hash) => hash.update(bytes),
            State::Sha384(hash) => hash.update(bytes),
            State::Sha512(hash) => hash.update(bytes),
        }
    }

    pub fn finish(self) -> Hash {
        match self.0 {
            State::Md5(hash) => Hash::of(&hash.finalize()),
            State::Sha1(hash) => Hash::of(&hash.finalize()),
            State::Sha256(hash) => Hash::of(&hash.finalize()),
            State::Sha384(hash) => Hash::of(&hash.finalize()),
            State::Sha512(hash) => Hash::of(&hash.finalize()),
        }
    }
}

/// A keyed hash (HMAC, RFC 2104) whose key is taken up once, for thousands of rounds or one.
#[derive(Clone, Debug)]
pub struct Keyed {
    inner: Digest,
    outer: Digest,
}

impl Keyed {
    pub fn new(algorithm: Algorithm, key: &[u8]) -> Keyed {
        let mut block = [0; 128];
        if key.len() > algorithm.block() {
            let short = algorithm.hash(key);
            block[..short.len()].copy_from_slice(&short);
        } else {
            block[..key.len()].copy_from_slice(key);
        }
        let begun = |with: u8| {
            let mut mixed = block;
            mixed.iter_mut().for_each(|byte| *byte ^= with);
            let mut hash = Digest::new(algorithm);
            hash.update(&mixed[..algorithm.block()]);
            hash
        };
        Keyed { inner: begun(0x36), outer: begun(0x5C) }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.inner.update(bytes);
    }

    pub fn finish(self) -> Hash {
        let Keyed { inner, mut outer } = self;
        outer.update(&inner.finish());
        outer.finish()
    }

    /// The hash of `bytes`, into a place of the hash's length; the key may serve again.
    pub fn hash_into(&self, bytes: &[u8], out: &mut [u8]) {
        let mut whole = self.clone();
        whole.update(bytes);
        out.copy_from_slice(&whole.finish());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The examples of RFC 1321, FIPS 180-4 and RFC 4231.
    #[test]
    fn hashes_are_those_of_the_standards() {
        let rows = [
            (Algorithm::Md5, "900150983cd24fb0d6963f7d28e17f72"),
            (Algorithm::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (Algorithm::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                Algorithm::Sha384,
                "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
            ),
            (
                Algorithm::Sha512,
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                 2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            ),
        ];
        for (algorithm, hash) in rows {
            let mut pieces = Digest::new(algorithm);
            pieces.update(b"a");
            pieces.update(b"bc");
            assert_eq!(hex(&pieces.finish()), hash, "{algorithm:?}");
            assert_eq!(hex(&algorithm.hash(b"abc")), hash, "{algorithm:?}");
        }
    }

    #[test]
    fn keyed_hashes_are_those_of_the_standard() {
        let rows: [(&[u8], &[u8], &str); 2] = [
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ];
        for (key, text, hash) in rows {
            assert_eq!(hex(&Algorithm::Sha256.keyed_hash(key, text)), hash);
            let mut out = [0; 32];
            Keyed::new(Algorithm::Sha256, key).hash_into(text, &mut out);
            assert_eq!(hex(&out), hash);
        }
    }
}
