//! The classes that .NET hides behind its abstract ones: `MD5.Create()` answers an `MD5+Implementation`.
//!
//! In: an object, or the type that expressions see. Out: the class's name, which texts and messages show.

use super::linq::classes;
use crate::dotnet::context::class_name;
use crate::dotnet::heap::Heap;
use crate::dotnet::types::Type;
use crate::dotnet::value::Value;

/// The name of an object's class.
pub fn class_of(heap: &Heap, value: Value) -> String {
    classes::class_of(heap, value).unwrap_or_else(|| class_name(heap.type_of(value)))
}

/// The name that a failed cast tells: of a class inside another one its own alone.
pub fn cast_name(heap: &Heap, value: Value) -> String {
    if let Type::Anonymous(fields) = heap.type_of(value).get() {
        let list: Vec<_> = fields.iter().map(|(_, ty)| ty.clr_name()).collect();
        return format!("<>f__AnonymousType0`{}[{}]", list.len(), list.join(","));
    }
    let name = class_of(heap, value);
    let end = name.find('[').unwrap_or(name.len());
    match name[..end].rfind('+') {
        Some(plus) => name[plus + 1..].to_owned(),
        None => name,
    }
}

/// The name of the class that an object of an abstract type has.
pub fn class(name: &str) -> Option<&'static str> {
    Some(match name {
        "System.IO.TextReader" => "System.IO.TextReader+SyncTextReader",
        "System.Security.Cryptography.Aes" => "Internal.Cryptography.AesImplementation",
        "System.Security.Cryptography.DES" => "Internal.Cryptography.DesImplementation",
        "System.Security.Cryptography.MD5" => "System.Security.Cryptography.MD5+Implementation",
        "System.Security.Cryptography.RC2" => "Internal.Cryptography.RC2Implementation",
        "System.Security.Cryptography.RSA" => "System.Security.Cryptography.RSAImplementation+RSAOpenSsl",
        "System.Security.Cryptography.RandomNumberGenerator" => {
            "System.Security.Cryptography.RandomNumberGeneratorImplementation"
        }
        "System.Security.Cryptography.SHA1" => "System.Security.Cryptography.SHA1+Implementation",
        "System.Security.Cryptography.SHA256" => "System.Security.Cryptography.SHA256+Implementation",
        "System.Security.Cryptography.SHA384" => "System.Security.Cryptography.SHA384+Implementation",
        "System.Security.Cryptography.SHA512" => "System.Security.Cryptography.SHA512+Implementation",
        "System.Security.Cryptography.TripleDES" => "Internal.Cryptography.TripleDesImplementation",
        "System.Text.Decoder" => "System.Text.DecoderNLS",
        "System.Text.Encoder" => "System.Text.EncoderNLS",
        "System.Type" => "System.RuntimeType",
        "System.Xml.XmlWriter" => "System.Xml.XmlWellFormedWriter",
        _ => return None,
    })
}
