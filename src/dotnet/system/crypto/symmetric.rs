//! `SymmetricAlgorithm` and its ciphers (AES, TripleDES, DES, RC2), their transforms, and `byte[].Encrypt` of `context`.
//!
//! In: keys, initialization vectors, bytes. Out: bytes. Modes are CBC and ECB, as .NET Core 3 has them.

mod transform;

use super::{Result, bytes, cryptographic, named, no_automatic_selection, random_bytes, short_name};
use crate::dotnet::call::{Call, enumeration, int};
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, TypeDef, constructor, enum_value, method, property, property_set, static_method};
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
pub use transform::{KeyFileCipher, by_algorithm, by_name, cbc};
use transform::{TRANSFORM, new_transform_of, own_transform};

pub static TYPES: &[&TypeDef] = &[
    &SYMMETRIC,
    &AES,
    &AES_PROVIDER,
    &AES_MANAGED,
    &RIJNDAEL,
    &RIJNDAEL_MANAGED,
    &TRIPLE_DES,
    &TRIPLE_DES_PROVIDER,
    &DES,
    &DES_PROVIDER,
    &RC2,
    &RC2_PROVIDER,
    &KEY_SIZES,
    &TRANSFORM,
    &CIPHER_MODE,
    &PADDING_MODE,
];

pub static CIPHER_MODE: TypeDef = TypeDef::new(
    "System.Security.Cryptography.CipherMode",
    Kind::Enum,
    &[&[
        enum_value("CBC = 1", 1),
        enum_value("ECB = 2", 2),
        enum_value("OFB = 3", 3),
        enum_value("CFB = 4", 4),
        enum_value("CTS = 5", 5),
    ]],
);

pub static PADDING_MODE: TypeDef = TypeDef::new(
    "System.Security.Cryptography.PaddingMode",
    Kind::Enum,
    &[&[
        enum_value("None = 1", 1),
        enum_value("PKCS7 = 2", 2),
        enum_value("Zeros = 3", 3),
        enum_value("ANSIX923 = 4", 4),
        enum_value("ISO10126 = 5", 5),
    ]],
);

pub static SYMMETRIC: TypeDef = TypeDef::new(
    "System.Security.Cryptography.SymmetricAlgorithm",
    Kind::Class,
    &[&[
        property_set(
            "int BlockSize { get; set; }",
            |cx, a| Ok(Value::Int32(algorithm(cx, a[0])?.kind.block_bits())),
            set_block_size,
        ),
        method("void Clear()", dispose),
        static_method("SymmetricAlgorithm Create()", |_, _| Err(no_automatic_selection())).off_list(),
        static_method("SymmetricAlgorithm Create(string algName)", |cx, a| {
            named(cx, a[0], "System.Security.Cryptography.SymmetricAlgorithm")
        }),
        method("ICryptoTransform CreateDecryptor()", |cx, a| own_transform(cx, a[0], false)),
        method("ICryptoTransform CreateDecryptor(byte[] rgbKey, byte[] rgbIV)", |cx, a| new_transform_of(cx, a, false)),
        method("ICryptoTransform CreateEncryptor()", |cx, a| own_transform(cx, a[0], true)),
        method("ICryptoTransform CreateEncryptor(byte[] rgbKey, byte[] rgbIV)", |cx, a| new_transform_of(cx, a, true)),
        method("void Dispose()", dispose),
        property_set(
            "int FeedbackSize { get; set; }",
            |cx, a| Ok(Value::Int32(algorithm(cx, a[0])?.feedback)),
            set_feedback,
        ),
        method("void GenerateIV()", |cx, a| {
            cx.this_mut::<Algorithm>(a[0])?.iv = None;
            iv_of(cx, a[0])?;
            Ok(Value::Null)
        }),
        method("void GenerateKey()", |cx, a| {
            cx.this_mut::<Algorithm>(a[0])?.key = None;
            key_of(cx, a[0])?;
            Ok(Value::Null)
        }),
        property_set(
            "byte[] IV { get; set; }",
            |cx, a| {
                let iv = iv_of(cx, a[0])?;
                cx.heap.new_bytes(iv)
            },
            set_iv,
        ),
        property_set(
            "byte[] Key { get; set; }",
            |cx, a| {
                let key = key_of(cx, a[0])?;
                cx.heap.new_bytes(key)
            },
            set_key,
        ),
        property_set(
            "int KeySize { get; set; }",
            |cx, a| Ok(Value::Int32(algorithm(cx, a[0])?.key_bits)),
            set_key_size,
        ),
        property("KeySizes[] LegalBlockSizes { get; }", |cx, a| {
            let bits = algorithm(cx, a[0])?.kind.block_bits();
            key_sizes(cx, &[(bits, bits, 0)])
        }),
        property("KeySizes[] LegalKeySizes { get; }", |cx, a| {
            let sizes = algorithm(cx, a[0])?.kind.key_sizes();
            key_sizes(cx, &[sizes])
        }),
        property_set(
            "CipherMode Mode { get; set; }",
            |cx, a| {
                let value = if algorithm(cx, a[0])?.chained { 1 } else { 2 };
                Ok(Value::Enum { ty: TypeId::named("System.Security.Cryptography.CipherMode"), value })
            },
            |cx, a| {
                let chained = match enumeration(a[1]) {
                    1 => true,
                    2 => false,
                    _ => return Err(cryptographic("Specified cipher mode is not valid for this algorithm.")),
                };
                cx.this_mut::<Algorithm>(a[0])?.chained = chained;
                Ok(Value::Null)
            },
        ),
        property_set(
            "PaddingMode Padding { get; set; }",
            |cx, a| {
                let value = algorithm(cx, a[0])?.padding as i64;
                Ok(Value::Enum { ty: TypeId::named("System.Security.Cryptography.PaddingMode"), value })
            },
            |cx, a| {
                let padding = Padding::of(enumeration(a[1]))
                    .ok_or_else(|| cryptographic("Specified padding mode is not valid for this algorithm."))?;
                cx.this_mut::<Algorithm>(a[0])?.padding = padding;
                Ok(Value::Null)
            },
        ),
        method("bool ValidKeySize(int bitLength)", |cx, a| {
            Ok(Value::Bool(algorithm(cx, a[0])?.kind.takes_key(int(a[1]))))
        }),
    ]],
)
.interfaces(&["IDisposable"])
.is_abstract();

macro_rules! ciphers {
    ($($base:ident $name:literal $cipher:ident: $($class:ident $class_name:literal),+;)*) => {
        $(
            pub static $base: TypeDef = TypeDef::new(concat!("System.Security.Cryptography.", $name), Kind::Class, &[&[
                static_method(concat!($name, " Create()"), |cx, _| {
                    new(cx, concat!("System.Security.Cryptography.", $name), Cipher::$cipher)
                }),
                static_method(concat!($name, " Create(string algName)"), |cx, a| {
                    named(cx, a[0], concat!("System.Security.Cryptography.", $name))
                }),
            ]])
            .base("SymmetricAlgorithm")
            .is_abstract()
            .off_list();
            $(
                pub static $class: TypeDef =
                    TypeDef::new(concat!("System.Security.Cryptography.", $class_name), Kind::Class, &[&[
                        constructor(concat!($class_name, "()"), |cx, _| {
                            new(cx, concat!("System.Security.Cryptography.", $class_name), Cipher::$cipher)
                        }),
                    ]])
                    .base($name)
                    .off_list();
            )+
        )*
    };
}

ciphers! {
    AES "Aes" Aes: AES_PROVIDER "AesCryptoServiceProvider", AES_MANAGED "AesManaged";
    RIJNDAEL "Rijndael" Rijndael: RIJNDAEL_MANAGED "RijndaelManaged";
    TRIPLE_DES "TripleDES" TripleDes: TRIPLE_DES_PROVIDER "TripleDESCryptoServiceProvider";
    DES "DES" Des: DES_PROVIDER "DESCryptoServiceProvider";
    RC2 "RC2" Rc2: RC2_PROVIDER "RC2CryptoServiceProvider";
}

pub static KEY_SIZES: TypeDef = TypeDef::new(
    "System.Security.Cryptography.KeySizes",
    Kind::Class,
    &[&[
        constructor("KeySizes(int minSize, int maxSize, int skipSize)", |cx, a| {
            let sizes = KeySizes(int(a[0]), int(a[1]), int(a[2]));
            cx.heap.new_extension(TypeId::named("System.Security.Cryptography.KeySizes"), sizes)
        }),
        property("int MaxSize { get; }", |cx, a| Ok(Value::Int32(cx.this::<KeySizes>(a[0])?.1))),
        property("int MinSize { get; }", |cx, a| Ok(Value::Int32(cx.this::<KeySizes>(a[0])?.0))),
        property("int SkipSize { get; }", |cx, a| Ok(Value::Int32(cx.this::<KeySizes>(a[0])?.2))),
    ]],
)
.off_list();

/// Smallest, largest, step.
#[derive(Debug)]
struct KeySizes(i32, i32, i32);

/// A `KeySizes[]`.
pub fn key_sizes(cx: &mut Call<'_>, sizes: &[(i32, i32, i32)]) -> Result {
    let ty = TypeId::named("System.Security.Cryptography.KeySizes");
    let items = sizes
        .iter()
        .map(|&(min, max, skip)| cx.heap.new_extension(ty, KeySizes(min, max, skip)))
        .collect::<Result<Vec<_>>>()?;
    cx.heap.new_array(TypeId::array(ty), items)
}

// ---- algorithms

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cipher {
    Aes,
    Rijndael,
    TripleDes,
    Des,
    Rc2,
}

impl Cipher {
    fn block(self) -> usize {
        if matches!(self, Cipher::Aes | Cipher::Rijndael) { 16 } else { 8 }
    }

    fn block_bits(self) -> i32 {
        self.block() as i32 * 8
    }

    /// Smallest, largest, step, in bits.
    fn key_sizes(self) -> (i32, i32, i32) {
        match self {
            Cipher::Aes | Cipher::Rijndael => (128, 256, 64),
            Cipher::TripleDes => (128, 192, 64),
            Cipher::Des => (64, 64, 0),
            Cipher::Rc2 => (40, 128, 8),
        }
    }

    fn takes_key(self, bits: i32) -> bool {
        let (min, max, skip) = self.key_sizes();
        (min..=max).contains(&bits) && (skip == 0 || (bits - min) % skip == 0)
    }

    fn takes_key_bytes(self, len: usize) -> bool {
        i32::try_from(len * 8).is_ok_and(|bits| self.takes_key(bits))
    }

    fn default_key_bits(self) -> i32 {
        match self {
            Cipher::Aes | Cipher::Rijndael => 256,
            Cipher::TripleDes => 192,
            Cipher::Des => 64,
            Cipher::Rc2 => 128,
        }
    }

    fn is_weak(self, key: &[u8]) -> bool {
        match self {
            Cipher::Des => key.try_into().is_ok_and(is_weak_des),
            Cipher::TripleDes => {
                key.len() >= 16
                    && (same_des(&key[..8], &key[8..16]) || key.len() == 24 && same_des(&key[8..16], &key[16..]))
            }
            _ => false,
        }
    }
}

/// Equal but for the parity bits.
fn same_des(a: &[u8], b: &[u8]) -> bool {
    a.iter().zip(b).all(|(a, b)| a & 0xFE == b & 0xFE)
}

/// The weak and semi-weak keys of DES (FIPS 74), parity bits apart.
fn is_weak_des(key: [u8; 8]) -> bool {
    const WEAK: [u64; 16] = [
        0x0101_0101_0101_0101,
        0xFEFE_FEFE_FEFE_FEFE,
        0x1F1F_1F1F_0E0E_0E0E,
        0xE0E0_E0E0_F1F1_F1F1,
        0x01FE_01FE_01FE_01FE,
        0xFE01_FE01_FE01_FE01,
        0x1FE0_1FE0_0EF1_0EF1,
        0xE01F_E01F_F10E_F10E,
        0x01E0_01E0_01F1_01F1,
        0xE001_E001_F101_F101,
        0x1FFE_1FFE_0EFE_0EFE,
        0xFE1F_FE1F_FE0E_FE0E,
        0x011F_011F_010E_010E,
        0x1F01_1F01_0E01_0E01,
        0xE0FE_E0FE_F1FE_F1FE,
        0xFEE0_FEE0_FEF1_FEF1,
    ];
    const PARITY: u64 = 0x0101_0101_0101_0101;
    WEAK.iter().any(|weak| weak | PARITY == u64::from_be_bytes(key) | PARITY)
}

/// A `SymmetricAlgorithm`.
#[derive(Debug)]
struct Algorithm {
    kind: Cipher,
    key: Option<Vec<u8>>,
    iv: Option<Vec<u8>>,
    key_bits: i32,
    feedback: i32,
    chained: bool,
    padding: Padding,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Padding {
    None = 1,
    Pkcs7 = 2,
    Zeros = 3,
    AnsiX923 = 4,
    Iso10126 = 5,
}

impl Padding {
    fn of(value: i64) -> Option<Padding> {
        [Padding::None, Padding::Pkcs7, Padding::Zeros, Padding::AnsiX923, Padding::Iso10126]
            .into_iter()
            .find(|padding| *padding as i64 == value)
    }
}

fn new(cx: &mut Call<'_>, ty: &str, kind: Cipher) -> Result {
    let algorithm = Algorithm {
        kind,
        key: None,
        iv: None,
        key_bits: kind.default_key_bits(),
        feedback: match kind {
            Cipher::Rijndael => 128,
            Cipher::Des | Cipher::TripleDes | Cipher::Rc2 if !ty.ends_with("Provider") => 64,
            _ => 8,
        },
        chained: true,
        padding: Padding::Pkcs7,
    };
    cx.heap.new_extension(TypeId::named(ty), algorithm)
}

/// An algorithm by its name; null for a name that nobody knows.
pub(super) fn create(cx: &mut Call<'_>, name: Value) -> Result {
    let name = cx.text(name, "name")?.to_ascii_uppercase();
    let (full, short) = short_name(&name);
    let (class, kind) = match (full, short) {
        (_, "AESCRYPTOSERVICEPROVIDER") | (false, "AES") => ("AesCryptoServiceProvider", Cipher::Aes),
        (_, "AESMANAGED") => ("AesManaged", Cipher::Aes),
        (_, "RIJNDAEL") | (true, "SYMMETRICALGORITHM" | "RIJNDAELMANAGED") => ("RijndaelManaged", Cipher::Rijndael),
        (_, "TRIPLEDES") | (false, "3DES" | "TRIPLE DES") | (true, "TRIPLEDESCRYPTOSERVICEPROVIDER") => {
            ("TripleDESCryptoServiceProvider", Cipher::TripleDes)
        }
        (_, "DES") | (true, "DESCRYPTOSERVICEPROVIDER") => ("DESCryptoServiceProvider", Cipher::Des),
        (_, "RC2") | (true, "RC2CRYPTOSERVICEPROVIDER") => ("RC2CryptoServiceProvider", Cipher::Rc2),
        _ => return Ok(Value::Null),
    };
    new(cx, &format!("System.Security.Cryptography.{class}"), kind)
}

fn algorithm<'a>(cx: &'a Call<'_>, this: Value) -> Result<&'a Algorithm> {
    cx.this::<Algorithm>(this)
}

fn key_of(cx: &mut Call<'_>, this: Value) -> Result<Vec<u8>> {
    let (kind, bits) = (algorithm(cx, this)?.kind, algorithm(cx, this)?.key_bits);
    if let Some(key) = &algorithm(cx, this)?.key {
        return Ok(key.clone());
    }
    let mut key = random_bytes(cx, bits as usize / 8)?;
    while kind.is_weak(&key) {
        key = random_bytes(cx, bits as usize / 8)?;
    }
    cx.this_mut::<Algorithm>(this)?.key = Some(key.clone());
    Ok(key)
}

fn iv_of(cx: &mut Call<'_>, this: Value) -> Result<Vec<u8>> {
    if let Some(iv) = &algorithm(cx, this)?.iv {
        return Ok(iv.clone());
    }
    let block = algorithm(cx, this)?.kind.block();
    let iv = random_bytes(cx, block)?;
    cx.this_mut::<Algorithm>(this)?.iv = Some(iv.clone());
    Ok(iv)
}

const WRONG_KEY: &str = "Specified key is not a valid size for this algorithm.";
const WRONG_IV: &str = "Specified initialization vector (IV) does not match the block size for this algorithm.";

fn weak_key(kind: Cipher) -> Fault {
    let name = if kind == Cipher::Des { "DES" } else { "TripleDES" };
    cryptographic(format!("Specified key is a known weak key for '{name}' and cannot be used."))
}

fn set_key(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let key = bytes(cx, a[1], "value")?.to_vec();
    let kind = algorithm(cx, a[0])?.kind;
    if !kind.takes_key_bytes(key.len()) {
        return Err(match kind {
            Cipher::Des | Cipher::TripleDes => Fault::throw("System.ArgumentException", WRONG_KEY),
            _ => cryptographic(WRONG_KEY),
        });
    }
    if kind.is_weak(&key) {
        return Err(weak_key(kind));
    }
    let own = cx.this_mut::<Algorithm>(a[0])?;
    own.key_bits = key.len() as i32 * 8;
    own.key = Some(key);
    Ok(Value::Null)
}

fn set_iv(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let iv = bytes(cx, a[1], "value")?.to_vec();
    if iv.len() != algorithm(cx, a[0])?.kind.block() {
        return Err(cryptographic(WRONG_IV));
    }
    cx.this_mut::<Algorithm>(a[0])?.iv = Some(iv);
    Ok(Value::Null)
}

fn set_key_size(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let own = cx.this_mut::<Algorithm>(a[0])?;
    if !own.kind.takes_key(int(a[1])) {
        return Err(cryptographic(WRONG_KEY));
    }
    own.key_bits = int(a[1]);
    own.key = None;
    Ok(Value::Null)
}

fn set_block_size(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let own = cx.this_mut::<Algorithm>(a[0])?;
    match int(a[1]) {
        bits if bits == own.kind.block_bits() => {
            own.iv = None;
            Ok(Value::Null)
        }
        192 | 256 if own.kind == Cipher::Rijndael => {
            let message = "BlockSize must be 128 in this implementation.";
            Err(Fault::throw("System.PlatformNotSupportedException", message))
        }
        _ if own.kind == Cipher::Rijndael => Err(cryptographic("BlockSize must be 128 in this implementation.")),
        _ => Err(cryptographic("Specified block size is not valid for this algorithm.")),
    }
}

fn set_feedback(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let own = cx.this_mut::<Algorithm>(a[0])?;
    let bits = int(a[1]);
    if bits <= 0 || bits > own.kind.block_bits() || bits % 8 != 0 {
        return Err(cryptographic("Specified feedback size is not valid for this algorithm."));
    }
    own.feedback = bits;
    Ok(Value::Null)
}

/// A disposed algorithm forgets its key and goes on with a new one.
fn dispose(cx: &mut Call<'_>, a: &[Value]) -> Result {
    let own = cx.this_mut::<Algorithm>(a[0])?;
    own.key = None;
    own.iv = None;
    Ok(Value::Null)
}
