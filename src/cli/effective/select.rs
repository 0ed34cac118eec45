//! Which API, operation and product are meant; what to choose from where that is not clear.

use super::assemble::Layer;
use crate::diagnostics::near_name;
use crate::document::Scope;
use crate::gateway::model::GLOBAL_DEFAULT;
use crate::gateway::{Api, Gateway, Operation, Product, Space};
use crate::source::Sources;

/// What was asked for.
#[derive(Debug)]
pub struct Selected<'g> {
    pub api: Option<&'g Api>,
    pub operation: Option<&'g Operation>,
    pub product: Option<&'g Product>,
    /// In words.
    pub about: String,
}

pub fn select<'g>(
    gateway: &'g Gateway,
    api: Option<&str>,
    operation: Option<&str>,
    product: Option<&str>,
) -> Result<Selected<'g>, String> {
    let apis: Vec<&Api> = gateway.apis.iter().map(AsRef::as_ref).collect();
    let product = match product {
        Some(asked) => Some(one("product", asked, &gateway.products, |own| (own.id.as_str(), &own.facts.name))?),
        None => None,
    };
    let api = match (api, operation, product, &apis[..]) {
        (Some(asked), ..) => Some(one("API", asked, &apis, |own| (own.id.as_str(), &own.facts.name)).copied()?),
        (None, _, _, [only]) => Some(*only),
        (None, None, Some(_), _) => None,
        (None, Some(asked), ..) => Some(by_operation(gateway, asked)?),
        (None, None, None, []) => return Err("there is no API here".into()),
        (None, None, None, apis) => {
            let apis = apis.iter().map(|api| (api.id.as_str(), &*api.facts.name));
            return Err(format!("several APIs are here; choose one with --api{}", listed(apis)));
        }
    };
    let operation = match (api, operation) {
        (Some(api), Some(asked)) => Some(operation_of(api, asked)?),
        _ => None,
    };
    if let (Some(api), Some(product)) = (api, product)
        && !product.apis.contains(&api.id)
    {
        let apis = product.apis.iter().map(|id| (id.as_str(), ""));
        return Err(format!("the product `{}` does not hold the API `{}`{}", product.id, api.id, listed(apis)));
    }
    let about = about(gateway, api, operation, product);
    Ok(Selected { api, operation, product, about })
}

fn about(gateway: &Gateway, api: Option<&Api>, operation: Option<&Operation>, product: Option<&Product>) -> String {
    let mut about = "effective policy of ".to_owned();
    match (api, operation) {
        (Some(api), Some(operation)) => {
            about.push_str(&format!("the operation `{}` of the API `{}`", operation.id, api.id));
        }
        (Some(api), None) => about.push_str(&format!("the API `{}`", api.id)),
        (None, _) => {}
    }
    match (api, product) {
        (Some(_), Some(product)) => about.push_str(&format!(", in the context of the product `{}`", product.id)),
        (None, Some(product)) => about.push_str(&format!("the product `{}`", product.id)),
        (Some(api), None) => {
            let with_policy = gateway.products.iter().filter(|p| p.policy.is_some() && p.apis.contains(&api.id));
            let names: Vec<String> = with_policy.map(|product| format!("`{}`", product.id)).collect();
            if !names.is_empty() {
                about.push_str(&format!(", outside of any product (the API is in {})", names.join(" and ")));
            }
        }
        (None, None) => {}
    }
    about
}

/// The one entity of this id, else of this display name.
fn one<'g, T>(
    kind: &str,
    asked: &str,
    all: &'g [T],
    names: impl Fn(&'g T) -> (&'g str, &'g str),
) -> Result<&'g T, String> {
    if let Some(found) = all.iter().find(|own| names(own).0 == asked) {
        return Ok(found);
    }
    let same = |own: &&'g T| names(own).0.eq_ignore_ascii_case(asked) || names(own).1.eq_ignore_ascii_case(asked);
    let found: Vec<&T> = all.iter().filter(same).collect();
    match found[..] {
        [only] => Ok(only),
        [] => Err(unknown(kind, asked, all.iter().map(&names))),
        _ => Err(format!("several {kind}s are called `{asked}`{}", listed(found.into_iter().map(&names)))),
    }
}

fn operation_of<'g>(api: &'g Api, asked: &str) -> Result<&'g Operation, String> {
    if let Some(found) = api.operations.iter().find(|own| call_of(own).eq_ignore_ascii_case(asked)) {
        return Ok(found);
    }
    one("operation", asked, &api.operations, |own| (own.id.as_str(), &own.facts.name))
}

/// `GET /orders/{id}`.
fn call_of(operation: &Operation) -> String {
    format!("{} {}", operation.facts.method, operation.facts.url_template)
}

fn by_operation<'g>(gateway: &'g Gateway, asked: &str) -> Result<&'g Api, String> {
    let all = gateway.apis.iter().map(AsRef::as_ref);
    let found: Vec<&Api> = all.filter(|api: &&Api| operation_of(api, asked).is_ok()).collect();
    match found[..] {
        [only] => Ok(only),
        [] => {
            let operations = gateway.apis.iter().flat_map(|api| &api.operations);
            Err(unknown("operation", asked, operations.map(|own| (own.id.as_str(), &*own.facts.name))))
        }
        _ => {
            let apis = found.iter().map(|api| (api.id.as_str(), &*api.facts.name));
            Err(format!("several APIs have an operation `{asked}`; choose one with --api{}", listed(apis)))
        }
    }
}

fn unknown<'n>(kind: &str, asked: &str, names: impl Iterator<Item = (&'n str, &'n str)> + Clone) -> String {
    let near = near_name(asked, names.clone().map(|(id, _)| id));
    let meant = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    format!("there is no {kind} `{asked}`{meant}{}", listed(names))
}

const MOST_LISTED: usize = 30;

/// One choice a line, with its display name where that says more.
fn listed<'n>(names: impl Iterator<Item = (&'n str, &'n str)>) -> String {
    let mut lines = String::new();
    let mut left = 0;
    for (count, (id, name)) in names.enumerate() {
        if count >= MOST_LISTED {
            left += 1;
            continue;
        }
        let name = if name.is_empty() || name == id { String::new() } else { format!("  ({name})") };
        lines.push_str(&format!("\n  {id}{name}"));
    }
    if left > 0 {
        lines.push_str(&format!("\n  and {left} more"));
    }
    lines
}

impl Selected<'_> {
    fn space(&self) -> Space {
        self.api.map(|own| own.space).or(self.product.map(|own| own.space)).flatten()
    }

    /// The documents that act, from the narrowest scope to the widest.
    pub fn layers(&self, gateway: &Gateway, sources: &mut Sources) -> Result<Vec<Layer>, String> {
        let global = match gateway.policy {
            Some(file) => file,
            None => sources
                .add("(the platform's default)", GLOBAL_DEFAULT.as_bytes().to_vec())
                .map_err(|_| "too many files".to_owned())?,
        };
        let operation = self.operation.and_then(|own| Some((Scope::Operation, own.id.as_str(), own.policy?)));
        let api = self.api.and_then(|own| Some((Scope::Api, own.id.as_str(), own.policy?)));
        let product = self.product.and_then(|own| Some((Scope::Product, own.id.as_str(), own.policy?)));
        let workspace = gateway.workspace(self.space());
        let workspace = workspace.and_then(|own| Some((Scope::Workspace, own.id.as_str(), own.policy?)));
        let layers = [operation, api, product, workspace, Some((Scope::Global, "", global))].into_iter().flatten();
        let layers = layers.map(|(scope, owner, file)| {
            let space = if scope == Scope::Global { None } else { self.space() };
            Layer { scope: scope.name(), owner: owner.to_owned(), file, space }
        });
        Ok(layers.collect())
    }
}
