//! URL-encoded forms: a body as names with lists of values, and back to text.

use super::body::decode;
use super::maps::{new_dictionary, query_map};
use super::message::Charset;
use crate::dotnet::call::Call;
use crate::dotnet::fault::Fault;
use crate::dotnet::member::{Kind, TypeDef, static_method};
use crate::dotnet::system::collections::{Dictionary, dictionary_put, list_of_strings};
use crate::dotnet::system::enumerate;
use crate::dotnet::types::TypeId;
use crate::dotnet::value::Value;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

type Result<T = Value> = std::result::Result<T, Fault>;

/// `Body.AsFormUrlEncodedContent()`. Values may be added to a name that is not there yet, as the documentation's example
/// does (set-body, "Access and return body as URL-encoded form data").
pub fn read(cx: &mut Call<'_>, bytes: &[u8], charset: Charset) -> Result {
    cx.charge_fuel(bytes.len() / 16)?;
    let map = query_map(&decode(bytes, charset));
    let lists = TypeId::generic("System.Collections.Generic.IList", &[crate::dotnet::types::string()]);
    let made = new_dictionary(cx, lists, true)?;
    for (name, values) in map.0 {
        let name = cx.new_str(&name)?;
        let values = values.iter().map(|value| cx.new_str(value)).collect::<Result<Vec<_>>>()?;
        let list = cx.heap.new_list(list_of_strings(), values)?;
        dictionary_put(cx, made, name, list)?;
    }
    cx.this_mut::<Dictionary>(made)?.is_form = true;
    Ok(made)
}

/// What stays unescaped (RFC 3986).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// `name=value` pairs joined with `&`; nothing for a name without values.
fn write(cx: &mut Call<'_>, this: Value, plus: bool) -> Result<String> {
    if this.is_null() {
        return Err(Fault::argument_null("dictionary"));
    }
    let mut out = String::new();
    let escape = |text: &str| {
        let escaped = utf8_percent_encode(text, ESCAPED).to_string();
        if plus { escaped.replace("%20", "+") } else { escaped }
    };
    for pair in enumerate::collect(cx, this)? {
        let Some(&[name, values]) = cx.heap.fields(pair) else { continue };
        if values.is_null() {
            continue;
        }
        let name = escape(&cx.heap.text(name).unwrap_or_default());
        for value in enumerate::collect(cx, values)? {
            let value = escape(&cx.heap.text(value).unwrap_or_default());
            out.push_str(if out.is_empty() { "" } else { "&" });
            out.push_str(&name);
            out.push('=');
            out.push_str(&value);
            cx.heap.charge(name.len() + value.len() + 2)?;
        }
    }
    Ok(out)
}

pub static EXTENSIONS: TypeDef = TypeDef::new(
    "Apim.FormExtensions",
    Kind::Static,
    &[&[
        static_method("string ToQueryString(this IDictionary<string, IList<string>> dictionary)", |cx, a| {
            let text = write(cx, a[0], false)?;
            if text.is_empty() { Ok(Value::Null) } else { cx.new_str(&format!("?{text}")) }
        }),
        static_method("string ToFormUrlEncodedContent(this IDictionary<string, IList<string>> dictionary)", |cx, a| {
            let text = write(cx, a[0], true)?;
            cx.new_str(&text)
        }),
    ]],
)
.unnameable();
