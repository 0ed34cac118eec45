//! `set-variable` keeps a value under a name for the policies after it.
//!
//! - `value`: expression result keeps its .NET type; a literal becomes System.String
//!
//! At run time:
//! - allowed result types: the JSON.NET node types (JObject, JArray, JToken, JValue, JProperty, JContainer,
//!   JConstructor, JRaw), bool, (s)byte and arrays of them, all int widths, decimal, float, double, Guid, string,
//!   char, DateTime, TimeSpan and nullable forms; any other result type is an error
//! - variables live for the request only

use crate::document::spec::{Attr, Kind, Spec, Support};

pub static SPEC: Spec = Spec::new("set-variable")
    .title("Set variable")
    .support(Support::Built)
    .attributes(&[Attr::text("name").required(), Attr::new("value", Kind::Any).required().expression()]);
