//! The types of .NET's own libraries and of Newtonsoft.Json: a file per type or family, gathered here.

mod bits;
mod boolean;
mod buffer;
mod builder;
pub mod calendar;
mod char;
pub mod collections;
pub mod convert;
pub mod crypto;
pub mod culture;
pub mod date_time;
pub mod date_time_offset;
pub mod decimal;
pub mod delegates;
pub mod display;
pub mod dynamic;
pub mod encoding;
pub mod enumerate;
mod enumeration;
pub mod exception;
pub mod format;
pub mod formattable;
mod guid;
mod hash_code;
pub mod hidden;
mod hyperbolic;
mod interfaces;
mod io;
pub mod json;
pub mod linq;
mod math;
pub mod multicast;
pub mod net;
pub mod number;
pub mod object;
pub mod reflection;
pub mod regex;
pub mod stream;
pub mod string;
pub mod time_span;
pub mod time_zone;
pub mod tuple;

pub mod version;
pub mod xml;

use super::member::TypeDef;

/// One line per type; a family's file may hold several.
pub static TYPES: &[&TypeDef] = &[
    &object::OBJECT,
    &boolean::BOOLEAN,
    &char::CHAR,
    &char::UNICODE_CATEGORY,
    &decimal::DECIMAL,
    &string::STRING,
    &string::CHAR_ENUMERATOR,
    &string::STRING_COMPARISON,
    &string::SPLIT_OPTIONS,
    &string::NORMALIZATION_FORM,
    &string::comparer::STRING_COMPARER,
    &string::comparer::BY_CULTURE,
    &string::comparer::BY_UNITS,
    &string::comparer::COMPARE_OPTIONS,
    &string::comparer::NUMBER_STYLES,
    &bits::BIT_CONVERTER,
    &buffer::BUFFER,
    &convert::CONVERT,
    &convert::DB_NULL,
    &convert::BASE64_OPTIONS,
    &math::MATH,
    &math::MIDPOINT,
    &math::RANDOM,
    &builder::STRING_BUILDER,
    &interfaces::DISPOSABLE,
    &interfaces::VALUE_TYPE,
    &io::TEXT_READER,
    &io::TEXT_WRITER,
    &io::NULL_READER,
    &io::NULL_WRITER,
    &io::STRING_READER,
    &io::STRING_WRITER,
    &reflection::TYPE,
    &reflection::NULLABLE,
    &reflection::NULLABLE_OF,
    &number::SBYTE,
    &number::BYTE,
    &number::INT16,
    &number::UINT16,
    &number::INT32,
    &number::UINT32,
    &number::INT64,
    &number::UINT64,
    &number::SINGLE,
    &number::DOUBLE,
    &interfaces::COMPARABLE,
    &interfaces::COMPARABLE_OF,
    &interfaces::EQUATABLE,
    &interfaces::FORMATTABLE,
    &formattable::FORMATTABLE_STRING,
    &multicast::DELEGATE,
    &multicast::MULTICAST_DELEGATE,
    &interfaces::CONVERTIBLE,
    &interfaces::CLONEABLE,
    &interfaces::TYPE_CODE,
    &enumeration::ENUM,
    &encoding::ENCODING,
    &encoding::UTF8,
    &encoding::ASCII,
    &encoding::UNICODE,
    &encoding::UTF32,
    &encoding::UTF7,
    &encoding::INFO,
    &guid::GUID,
    &date_time::DATE_TIME,
    &date_time::KIND,
    &date_time::DAY_OF_WEEK,
    &date_time::STYLES,
    &date_time_offset::DATE_TIME_OFFSET,
    &time_span::TIME_SPAN,
    &time_span::STYLES,
    &exception::EXCEPTION,
    &exception::DICTIONARY,
    &exception::NOTES_TYPE,
    &exception::METHOD_BASE,
    &exception::ARGUMENT_NULL,
    &exception::ARGUMENT_OUT_OF_RANGE,
    &exception::OBJECT_DISPOSED,
];
