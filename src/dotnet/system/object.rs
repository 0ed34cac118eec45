//! `System.Object`.

use crate::dotnet::member::{Kind, TypeDef};

pub static OBJECT: TypeDef = TypeDef::new("System.Object", Kind::Class, &[]).alias("object");
