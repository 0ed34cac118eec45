//! `ICryptoTransform`: blocks through a cipher by its mode, and the padding of the last one.

use super::{Cipher, Padding, WRONG_IV, WRONG_KEY, algorithm, create, iv_of, key_of, weak_key};
use crate::dotnet::call::{Call, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, Row, TypeDef, method, property};
use crate::dotnet::system::crypto::{Result, bytes, cryptographic, random_bytes, store};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use aes::cipher::generic_array::GenericArray;
use aes::cipher::{BlockDecrypt, BlockEncrypt, BlockSizeUser, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use des::{Des, TdesEde3};
use rc2::Rc2;
use std::fmt;

pub static TRANSFORM: TypeDef =
    TypeDef::new("System.Security.Cryptography.ICryptoTransform", Kind::Interface, &[TRANSFORM_ROWS])
        .interfaces(&["IDisposable"])
        .off_list();

const TRANSFORM_ROWS: &[Row] = &[
    property("bool CanReuseTransform { get; }", |_, _| Ok(Value::Bool(true))),
    property("bool CanTransformMultipleBlocks { get; }", |_, _| Ok(Value::Bool(true))),
    property("int InputBlockSize { get; }", block_size),
    property("int OutputBlockSize { get; }", block_size),
    method(
        "int TransformBlock(byte[] inputBuffer, int inputOffset, int inputCount, byte[] outputBuffer, int outputOffset)",
        transform_block,
    ),
    method("byte[] TransformFinalBlock(byte[] inputBuffer, int inputOffset, int inputCount)", transform_final),
    method("void Dispose()", |_, _| Ok(Value::Null)),
];

/// One block in place.
trait BlockCipher: Send + Sync {
    fn encrypt(&self, block: &mut [u8]);
    fn decrypt(&self, block: &mut [u8]);
}

impl<T: BlockEncrypt + BlockDecrypt + BlockSizeUser + Send + Sync> BlockCipher for T {
    fn encrypt(&self, block: &mut [u8]) {
        self.encrypt_block(GenericArray::from_mut_slice(block));
    }
    fn decrypt(&self, block: &mut [u8]) {
        self.decrypt_block(GenericArray::from_mut_slice(block));
    }
}

/// An `ICryptoTransform` of a cipher.
struct Transform {
    cipher: Box<dyn BlockCipher>,
    block: usize,
    encrypts: bool,
    padding: Padding,
    /// The initialization vector; none in ECB.
    iv: Option<Vec<u8>>,
    /// The last block of ciphertext, or the initialization vector.
    chain: Vec<u8>,
    /// A block of ciphertext that may turn out to be the padded last one.
    held: Vec<u8>,
}

impl fmt::Debug for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transform")
    }
}

pub(super) fn own_transform(cx: &mut Call<'_>, this: Value, encrypts: bool) -> Result {
    let key = key_of(cx, this)?;
    let iv = iv_of(cx, this)?;
    new_transform(cx, this, &key, Some(iv), encrypts)
}

pub(super) fn new_transform_of(cx: &mut Call<'_>, a: &[Value], encrypts: bool) -> Result {
    algorithm(cx, a[0])?;
    let key = bytes(cx, a[1], "rgbKey")?.to_vec();
    let mut iv = cx.heap.bytes(a[2]).map(<[u8]>::to_vec);
    let kind = algorithm(cx, a[0])?.kind;
    let is_provider = cx.heap.type_of(a[0]).def().is_some_and(|def| def.name.ends_with("Provider"));
    if let Some(iv) = &mut iv
        && is_provider
        && matches!(kind, Cipher::Des | Cipher::TripleDes | Cipher::Rc2)
    {
        // These classes take the beginning of what is too long.
        iv.truncate(kind.block());
    }
    new_transform(cx, a[0], &key, iv, encrypts)
}

fn new_transform(cx: &mut Call<'_>, this: Value, key: &[u8], iv: Option<Vec<u8>>, encrypts: bool) -> Result {
    let own = algorithm(cx, this)?;
    let (kind, padding, chained) = (own.kind, own.padding, own.chained);
    if !kind.takes_key_bytes(key.len()) {
        return Err(Fault::argument(WRONG_KEY, "rgbKey"));
    }
    if kind == Cipher::Des && kind.is_weak(key) {
        return Err(weak_key(kind));
    }
    if iv.as_ref().is_some_and(|iv| iv.len() != kind.block()) {
        return Err(Fault::argument(WRONG_IV, "rgbIV"));
    }
    let iv = iv.filter(|_| chained);
    if chained && iv.is_none() {
        let message = "The cipher mode specified requires that an initialization vector (IV) be used.";
        return Err(cryptographic(message));
    }
    let cipher = cipher(kind, key).ok_or_else(|| Fault::argument(WRONG_KEY, "rgbKey"))?;
    let chain = iv.clone().unwrap_or_default();
    let made = Transform { cipher, block: kind.block(), encrypts, padding, iv, chain, held: Vec::new() };
    cx.heap.charge(1024)?;
    cx.heap.new_extension(TypeId::named("System.Security.Cryptography.ICryptoTransform"), made)
}

fn cipher(kind: Cipher, key: &[u8]) -> Option<Box<dyn BlockCipher>> {
    Some(match (kind, key.len()) {
        (Cipher::Aes | Cipher::Rijndael, 16) => Box::new(Aes128::new_from_slice(key).ok()?),
        (Cipher::Aes | Cipher::Rijndael, 24) => Box::new(Aes192::new_from_slice(key).ok()?),
        (Cipher::Aes | Cipher::Rijndael, _) => Box::new(Aes256::new_from_slice(key).ok()?),
        (Cipher::TripleDes, 16) => Box::new(TdesEde3::new_from_slice(&[key, &key[..8]].concat()).ok()?),
        (Cipher::TripleDes, _) => Box::new(TdesEde3::new_from_slice(key).ok()?),
        (Cipher::Des, _) => Box::new(Des::new_from_slice(key).ok()?),
        (Cipher::Rc2, _) => Box::new(Rc2::new_with_eff_key_len(key, key.len() * 8)),
    })
}

/// CBC with PKCS #7 padding: what PKCS #12 files and encrypted keys are made with.
pub fn cbc(kind: KeyFileCipher, key: &[u8], iv: &[u8], data: &[u8], encrypts: bool) -> Option<Vec<u8>> {
    let kind = match kind {
        KeyFileCipher::Aes => Cipher::Aes,
        KeyFileCipher::TripleDes => Cipher::TripleDes,
        KeyFileCipher::Rc2 => Cipher::Rc2,
    };
    if !kind.takes_key_bytes(key.len()) || iv.len() != kind.block() {
        return None;
    }
    let mut transform = Transform {
        cipher: cipher(kind, key)?,
        block: kind.block(),
        encrypts,
        padding: Padding::Pkcs7,
        iv: Some(iv.to_vec()),
        chain: iv.to_vec(),
        held: Vec::new(),
    };
    transform.finish(data, &[]).ok()
}

/// The ciphers of key files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFileCipher {
    Aes,
    TripleDes,
    Rc2,
}

impl Transform {
    /// Whole blocks, in place.
    fn run(&mut self, data: &mut [u8]) {
        for block in data.chunks_exact_mut(self.block) {
            if self.encrypts {
                block.iter_mut().zip(&self.chain).for_each(|(byte, chain)| *byte ^= chain);
                self.cipher.encrypt(block);
                if self.iv.is_some() {
                    self.chain.copy_from_slice(block);
                }
            } else {
                let before = block.to_vec();
                self.cipher.decrypt(block);
                block.iter_mut().zip(&self.chain).for_each(|(byte, chain)| *byte ^= chain);
                if self.iv.is_some() {
                    self.chain = before;
                }
            }
        }
    }

    /// Whether the last block of ciphertext must be held back until the end is known.
    fn removes_padding(&self) -> bool {
        !self.encrypts && !matches!(self.padding, Padding::None | Padding::Zeros)
    }

    fn middle(&mut self, data: &[u8]) -> Vec<u8> {
        let mut data = [std::mem::take(&mut self.held).as_slice(), data].concat();
        if self.removes_padding() {
            self.held = data.split_off(data.len() - self.block);
        }
        self.run(&mut data);
        data
    }

    /// The last piece; `noise` fills random padding. The transform begins anew afterwards.
    fn finish(&mut self, data: &[u8], noise: &[u8]) -> Result<Vec<u8>> {
        let mut data = [std::mem::take(&mut self.held).as_slice(), data].concat();
        let over = data.len() % self.block;
        if self.encrypts {
            self.pad(&mut data, over, noise)?;
            self.run(&mut data);
        } else {
            if over != 0 {
                return Err(cryptographic("The input data is not a complete block."));
            }
            self.run(&mut data);
            if self.removes_padding() && !data.is_empty() {
                let keep =
                    self.unpadded(&data).ok_or_else(|| cryptographic("Padding is invalid and cannot be removed."));
                self.chain = self.iv.clone().unwrap_or_default();
                data.truncate(keep?);
            }
        }
        self.chain = self.iv.clone().unwrap_or_default();
        Ok(data)
    }

    fn pad(&self, data: &mut Vec<u8>, over: usize, noise: &[u8]) -> Result<()> {
        let count = self.block - over;
        let end = data.len() + count;
        match self.padding {
            Padding::None if over != 0 => return Err(cryptographic("The input data is not a complete block.")),
            Padding::None => {}
            Padding::Zeros if over == 0 => {}
            Padding::Zeros => data.resize(end, 0),
            Padding::Pkcs7 => data.resize(end, count as u8),
            Padding::AnsiX923 => {
                data.resize(end - 1, 0);
                data.push(count as u8);
            }
            Padding::Iso10126 => {
                data.extend(noise.iter().chain(std::iter::repeat(&0)).take(count - 1));
                data.push(count as u8);
            }
        }
        Ok(())
    }

    /// How many bytes stand before the padding.
    fn unpadded(&self, data: &[u8]) -> Option<usize> {
        let last = *data.last()?;
        let count = usize::from(last);
        if count == 0 || count > self.block {
            return None;
        }
        let keep = data.len() - count;
        let filler = &data[keep..data.len() - 1];
        let right = match self.padding {
            Padding::Pkcs7 => filler.iter().all(|&byte| byte == last),
            Padding::AnsiX923 => filler.iter().all(|&byte| byte == 0),
            _ => true,
        };
        right.then_some(keep)
    }
}

fn block_size(cx: &mut Call<'_>, a: &[Value]) -> Result {
    Ok(Value::Int32(cx.heap.extension::<Transform>(a[0]).map_or(1, |own| own.block as i32)))
}

fn out_of_range(name: &str) -> Fault {
    Fault::out_of_range("Specified argument was out of the range of valid values.", name)
}

const BEYOND: &str = "Attempt to transform beyond end of buffer.";

fn input(cx: &Call<'_>, a: &[Value], least: i32) -> Result<Vec<u8>> {
    let (offset, count) = (int(a[2]), int(a[3]));
    let data = bytes(cx, a[1], "inputBuffer")?;
    if offset < 0 || offset as usize > data.len() {
        return Err(out_of_range("inputOffset"));
    }
    if count < least {
        return Err(out_of_range("inputCount"));
    }
    let block = cx.this::<Transform>(a[0])?.block as i32;
    if least > 0 && count % block != 0 {
        let message = "TransformBlock may only process bytes in block sized increments.";
        return Err(Fault::out_of_range(message, "inputCount"));
    }
    let part = data[offset as usize..].get(..count as usize);
    Ok(part.ok_or_else(|| Fault::out_of_range(BEYOND, "inputCount"))?.to_vec())
}

fn transform_block(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let data = input(cx, a, 1)?;
    let room = bytes(cx, a[4], "outputBuffer")?.len();
    let offset =
        usize::try_from(int(a[5])).ok().filter(|&at| at <= room).ok_or_else(|| out_of_range("outputOffset"))?;
    if data.len() > room - offset {
        return Err(Fault::out_of_range(BEYOND, "outputOffset"));
    }
    cx.charge_fuel(data.len() / 8)?;
    let made = cx.this_mut::<Transform>(a[0])?.middle(&data);
    store(cx, a[4], offset, &made);
    Ok(Value::Int32(made.len() as i32))
}

fn transform_final(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let data = input(cx, a, 0)?;
    run_whole(cx, a[0], &data)
}

fn run_whole(cx: &mut Call<'_>, transform: Value, data: &[u8]) -> Result {
    cx.charge_fuel(data.len() / 8)?;
    let noise = random_noise(cx, transform)?;
    let made = cx.this_mut::<Transform>(transform)?.finish(data, &noise)?;
    cx.heap.new_bytes(made)
}

fn random_noise(cx: &mut Call<'_>, transform: Value) -> Result<Vec<u8>> {
    match cx.this::<Transform>(transform)? {
        own if own.encrypts && own.padding == Padding::Iso10126 => random_bytes(cx, 16),
        _ => Ok(Vec::new()),
    }
}

// ---- extension methods of `context`

/// `input.Encrypt("AES", key, iv)` and `Decrypt`.
pub fn by_name(cx: &mut Call<'_>, a: &[Value], encrypts: bool) -> Result {
    let made = create(cx, a[1])?;
    if made.is_null() {
        let name = cx.text(a[1], "name")?.into_owned();
        return Err(cryptographic(format!("unknown algorithm {name}")));
    }
    let transform = new_transform_of(cx, &[made, a[2], a[3]], encrypts)?;
    whole(cx, a[0], transform)
}

/// `input.Encrypt(algorithm)` and `input.Encrypt(algorithm, key, iv)`, and `Decrypt`.
pub fn by_algorithm(cx: &mut Call<'_>, a: &[Value], encrypts: bool) -> Result {
    let made = match *a {
        [_, algorithm, key, iv] => new_transform_of(cx, &[algorithm, key, iv], encrypts)?,
        _ => own_transform(cx, a[1], encrypts)?,
    };
    whole(cx, a[0], made)
}

fn whole(cx: &mut Call<'_>, input: Value, transform: Value) -> Result {
    let data = cx.heap.bytes(input).ok_or_else(Fault::null_reference)?.to_vec();
    run_whole(cx, transform, &data)
}
