//! `$ref`: pointers inside the definition to parameters and path items. A chain of them that is long or goes in a circle
//! ends with a reason.

use super::raw::{Item, Parameter, Raw};
use percent_encoding::percent_decode_str;

const LONGEST_CHAIN: usize = 16;

/// The parameter that stands here or is referred to.
pub fn parameter<'a>(raw: &'a Raw, written: &'a Parameter) -> Result<&'a Parameter, String> {
    follow(written, |parameter| parameter.reference.0.as_deref(), |steps| find_parameter(raw, steps))
}

/// The path item that stands here or is referred to.
pub fn item<'a>(raw: &'a Raw, written: &'a Item) -> Result<&'a Item, String> {
    follow(written, |item| item.reference.0.as_deref(), |steps| find_item(raw, steps))
}

fn follow<'a, T>(
    start: &'a T,
    reference_of: impl Fn(&'a T) -> Option<&'a str>,
    find: impl Fn(&[&str]) -> Option<&'a T>,
) -> Result<&'a T, String> {
    let mut at = start;
    for _ in 0..LONGEST_CHAIN {
        let Some(reference) = reference_of(at) else { return Ok(at) };
        let Some(pointer) = reference.strip_prefix("#/") else {
            return Err(format!("`{reference}` lies in another document, which the platform does not take"));
        };
        let steps: Vec<String> = pointer.split('/').map(step).collect();
        let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
        at = find(&steps).ok_or_else(|| format!("`{reference}` refers to nothing in the definition"))?;
    }
    Err(format!("`{}` leads from reference to reference", reference_of(start).unwrap_or_default()))
}

/// A step of a pointer: percent-decoded, then `~1` for `/` and `~0` for `~`.
fn step(written: &str) -> String {
    percent_decode_str(written).decode_utf8_lossy().replace("~1", "/").replace("~0", "~")
}

fn find_parameter<'a>(raw: &'a Raw, steps: &[&str]) -> Option<&'a Parameter> {
    match steps {
        ["components", "parameters", name] => raw.components.parameters.get(*name),
        ["parameters", name] => raw.parameters.get(*name),
        [owner @ .., "parameters", number] => {
            let parameters = match find_item(raw, owner) {
                Some(item) => &item.parameters,
                None => {
                    let (method, item) = owner.split_last()?;
                    &find_item(raw, item)?.call(method)?.parameters
                }
            };
            parameters.get(number.parse::<usize>().ok()?)
        }
        _ => None,
    }
}

fn find_item<'a>(raw: &'a Raw, steps: &[&str]) -> Option<&'a Item> {
    match steps {
        ["paths", path] => raw.paths.get(path),
        ["x-ms-paths", path] => raw.more_paths.get(path),
        ["components", "pathItems", name] => raw.components.items.get(*name),
        _ => None,
    }
}
