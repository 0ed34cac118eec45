//! A request to its API, operation and matched parameters, or a refusal: a tree of path segments over the APIs, and one
//! per API over its operations.

mod keys;
mod path;
mod refusal;
mod tree;

use super::model::{Api, Gateway, Versioning};
use super::template::{self, Piece, QueryValue, Segment};
use crate::diagnostics::{Finding, codes};
use crate::dotnet::context::{SubscriptionFacts, UserFacts};
use crate::message::{HeaderName, Headers, Method};
use keys::Key;
use path::decoded;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use tree::{Captures, Entry, Search, Tree};

pub use path::{normalise, query_value};
pub use refusal::{Refusal, plain_error};

/// Where a request belongs. Indices into [`Gateway::apis`] and [`Api::operations`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    pub api: usize,
    pub operation: usize,
    /// Where the path after the API's own begins in the normalised path.
    pub suffix: usize,
    /// Names and values, unescaped, in the order of the template.
    pub parameters: Vec<(Box<str>, Box<str>)>,
}

/// Under which product and subscription a request runs.
#[derive(Clone, Debug, Default)]
pub struct Grant {
    /// An index into [`Gateway::products`].
    pub product: Option<usize>,
    pub subscription: Option<Arc<SubscriptionFacts>>,
    /// Whose subscription it is.
    pub user: Option<Arc<UserFacts>>,
}

/// Where a request is handled, as far as it was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub api: Option<usize>,
    pub operation: Option<usize>,
}

impl From<&Match> for Place {
    fn from(found: &Match) -> Place {
        Place { api: Some(found.api), operation: Some(found.operation) }
    }
}

/// The compiled tables of one [`Gateway`].
#[derive(Debug)]
pub struct Router {
    apis: Tree<ApiEntry>,
    operations: Vec<OperationTable>,
    keys: FxHashMap<Box<str>, Key>,
    /// For each API, the first open product that holds it, and all products that do.
    open_products: Vec<Option<usize>>,
    products: Vec<Vec<usize>>,
    /// Where each API's callers put their keys; nothing where no header can have the name.
    key_headers: Vec<Option<HeaderName>>,
    checks_keys: bool,
}

/// The operations of one API as they are searched, and what of them can never be reached.
#[derive(Clone, Debug)]
pub struct OperationTable(Arc<(Tree<Entry>, Vec<Finding>)>);

#[derive(Debug)]
struct ApiEntry {
    api: usize,
    versioning: Versioning,
}

impl Router {
    /// Builds the tables. The second part names what can never be reached, because another answers first.
    pub fn new(gateway: &Gateway) -> (Router, Vec<Finding>) {
        let mut shadowed = Vec::new();
        let mut apis: Tree<ApiEntry> = Tree::new();
        let mut operations = Vec::new();
        for (index, api) in gateway.apis.iter().enumerate() {
            for path in paths(api) {
                let mut node = 0;
                for segment in path.split('/').filter(|segment| !segment.is_empty()) {
                    node = apis.literal_child(node, segment);
                }
                let here = &mut apis.nodes[node].here;
                if let Some(first) = here.iter().find(|entry| entry.versioning == api.versioning) {
                    let message = format!(
                        "the APIs `{}` and `{}` have the same path `/{}`",
                        gateway.apis[first.api].id, api.id, api.facts.path
                    );
                    shadowed.push(Finding::new(codes::GATEWAY_ROUTE, api.declared, message));
                }
                here.push(ApiEntry { api: index, versioning: api.versioning.clone() });
            }
            let table = api.table.get_or_init(|| {
                let mut shadowed = Vec::new();
                let tree = operation_tree(api, &mut shadowed);
                OperationTable(Arc::new((tree, shadowed)))
            });
            shadowed.extend(table.0.1.iter().cloned());
            operations.push(table.clone());
        }
        let mut products_of: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        for (at, product) in gateway.products.iter().enumerate() {
            for api in &product.apis {
                let of_api = products_of.entry(api.as_str()).or_default();
                if of_api.last() != Some(&at) {
                    of_api.push(at);
                }
            }
        }
        let products: Vec<Vec<usize>> =
            gateway.apis.iter().map(|api| products_of.get(&*api.facts.id).cloned().unwrap_or_default()).collect();
        let open = |product: &usize| gateway.products[*product].facts.is_open();
        let open_products = products.iter().map(|own| own.iter().copied().find(|product| open(product))).collect();
        let router = Router {
            apis,
            operations,
            keys: keys::keys(gateway),
            open_products,
            products,
            key_headers: gateway.apis.iter().map(|api| api.facts.key_header.parse().ok()).collect(),
            checks_keys: gateway.checks_keys,
        };
        (router, shadowed)
    }
}

/// Where an API is found: at its path when it is the current revision, and at its path with its revision's number.
fn paths(api: &Api) -> impl Iterator<Item = String> {
    let plain = api.facts.path.to_string();
    let numbered = format!("{plain};rev={}", api.facts.revision);
    let current = api.facts.is_current_revision.then_some(plain);
    current.into_iter().chain([numbered])
}

fn operation_tree(api: &Api, shadowed: &mut Vec<Finding>) -> Tree<Entry> {
    let mut tree = Tree::new();
    for (index, operation) in api.operations.iter().enumerate() {
        let Ok(template) = template::parse(&operation.facts.url_template) else {
            let message = format!("the URL template `{}` cannot be read", operation.facts.url_template);
            shadowed.push(Finding::new(codes::GATEWAY_ROUTE, operation.declared, message));
            continue;
        };
        let mut node = 0;
        let mut names = Vec::new();
        for segment in &template.segments {
            node = tree.child(node, segment);
            match segment {
                Segment::Literal(_) => {}
                Segment::Parameter(name) => names.push(name.clone()),
                Segment::Mixed(pieces) => names.extend(pieces.iter().filter_map(|piece| match piece {
                    Piece::Parameter(name) => Some(name.clone()),
                    Piece::Literal(_) => None,
                })),
            }
        }
        let place = match &template.rest {
            Some(name) => {
                // The platform shows what an unnamed wildcard took under the name `*`.
                names.push(name.clone().unwrap_or_else(|| "*".into()));
                &mut tree.nodes[node].rest
            }
            None => &mut tree.nodes[node].here,
        };
        let method = match &*operation.facts.method {
            "*" => None,
            method => Method::from_bytes(method.to_ascii_uppercase().as_bytes()).ok(),
        };
        let entry = Entry { operation: index, method, names, query: template.query };
        let same = |other: &&Entry| other.method == entry.method && other.query == entry.query;
        if let Some(first) = place.iter().find(same) {
            let message = format!(
                "the operations `{}` and `{}` of `{}` answer the same requests",
                api.operations[first.operation].id, operation.id, api.id
            );
            shadowed.push(Finding::new(codes::GATEWAY_ROUTE, operation.declared, message));
        }
        place.push(entry);
        // The operation that asks for more is tried first.
        place.sort_by_key(|entry| (entry.method.is_none(), std::cmp::Reverse(entry.query.len())));
    }
    tree
}

impl Router {
    /// Finds the operation. `path` is [`normalise`]d.
    pub fn route(&self, method: &Method, path: &str, query: Option<&str>, headers: &Headers) -> Result<Match, Refusal> {
        let (api, suffix) = self.api(path, query, headers).ok_or(Refusal::NoOperation)?;
        let rest = path[suffix..].strip_prefix('/').unwrap_or(&path[suffix..]);
        let tree = &self.operations[api].0.0;
        let mut captures = Captures::new();
        let search = Search { tree, method, query };
        let mut found = search.below(0, if rest.is_empty() { None } else { Some(rest) }, &mut captures);
        if found.is_none() && rest.ends_with('/') {
            // A trailing slash makes no difference unless a template has one.
            captures.clear();
            found = search.below(0, Some(&rest[..rest.len() - 1]), &mut captures);
        }
        let entry = found.ok_or(Refusal::NoOperation)?;
        let mut parameters = Vec::with_capacity(entry.names.len() + entry.query.len());
        for (name, value) in entry.names.iter().zip(&captures) {
            parameters.push((name.clone(), decoded(value).into()));
        }
        for parameter in &entry.query {
            if let QueryValue::Parameter(name) = &parameter.value {
                let value = query_value(query.unwrap_or(""), &parameter.name).unwrap_or("");
                parameters.push((name.clone(), decoded(value).into()));
            }
        }
        Ok(Match { api, operation: entry.operation, suffix, parameters })
    }

    /// The API of a request that matches none of its operations.
    pub fn api_of(&self, path: &str, query: Option<&str>, headers: &Headers) -> Option<usize> {
        self.api(path, query, headers).map(|(api, _)| api)
    }

    /// The API with the longest path, and where the path after it begins.
    fn api(&self, path: &str, query: Option<&str>, headers: &Headers) -> Option<(usize, usize)> {
        let mut node = 0;
        let mut at = 0;
        let mut best = self.version(node, query, headers).map(|api| (api, at));
        while at < path.len() {
            let start = at + 1;
            let end = memchr::memchr(b'/', &path.as_bytes()[start..]).map_or(path.len(), |found| start + found);
            match self.apis.literal(node, &decoded(&path[start..end])) {
                Some(child) => node = child,
                None => break,
            }
            at = end;
            if let Some(api) = self.version(node, query, headers) {
                best = Some((api, at));
            }
        }
        best
    }

    /// The API at a path that the request asks for. One that names a version which is not there finds none.
    fn version(&self, node: usize, query: Option<&str>, headers: &Headers) -> Option<usize> {
        let mut names_another = false;
        for entry in &self.apis.nodes[node].here {
            let asked = match &entry.versioning {
                Versioning::Path => continue,
                Versioning::Header { name, value } => {
                    headers.first(&**name).map(|own| own.as_bytes() == value.as_bytes())
                }
                Versioning::Query { name, value } => {
                    query_value(query.unwrap_or(""), name).map(|own| decoded(own) == **value)
                }
            };
            match asked {
                Some(true) => return Some(entry.api),
                Some(false) => names_another = true,
                None => {}
            }
        }
        let plain = self.apis.nodes[node].here.iter().find(|entry| entry.versioning == Versioning::Path);
        plain.filter(|_| !names_another).map(|entry| entry.api)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Diagnostics;
    use crate::gateway::load;
    use crate::gateway::load::Given;
    use crate::message::{HeaderName, HeaderValue};
    use crate::source::Sources;

    /// An API `shop` at `/shop`, another at `/shop/admin`, a product and subscriptions.
    fn gateway() -> Gateway {
        let definition = "openapi: 3.0.0\npaths:\n  /: {get: {operationId: root}}\n  \
            /orders: {get: {operationId: list}, post: {operationId: create}}\n  \
            /orders/me: {get: {operationId: mine}}\n  \
            /orders/{id}: {get: {operationId: get}, put: {operationId: put}}\n  \
            /orders/{orderId}/lines/{line}: {get: {operationId: line}}\n  \
            /search: {get: {operationId: search}, head: {operationId: peek}, options: {operationId: allow}}\n  \
            '/search?q={q}': {get: {operationId: search-q}}\n  \
            '/search?q={q}&kind=full': {get: {operationId: search-full}}\n  \
            '/people({id})': {get: {operationId: person}}\n  \
            '/files/{name}.{kind}': {get: {operationId: file}}\n  \
            '/tree/{*rest}': {get: {operationId: tree}}\n  \
            '/any/*': {get: {operationId: any}}\n";
        let texts = [
            ("apis/shop/apiInformation.json", r#"{"properties":{"path":"shop","subscriptionRequired":false}}"#),
            ("apis/shop/specification.yaml", definition),
            ("apis/admin/apiInformation.json", r#"{"properties":{"path":"shop/admin"}}"#),
            ("apis/admin/specification.yaml", "openapi: 3.0.0\npaths: {/x: {get: {operationId: x}}}\n"),
            (
                "apis/two/apiInformation.json",
                r#"{"properties":{"path":"two","apiVersion":"v2","apiVersionSetId":"/apiVersionSets/s"}}"#,
            ),
            ("apis/two/specification.yaml", "openapi: 3.0.0\npaths: {/x: {get: {operationId: x}}}\n"),
            (
                "version sets/s/versionSetInformation.json",
                r#"{"properties":{"versioningScheme":"Header","versionHeaderName":"Api-Version"}}"#,
            ),
            ("products/gold/productInformation.json", r#"{"properties":{"state":"published"}}"#),
            ("products/gold/apis/admin/productApiInformation.json", "{}"),
            (
                "subscriptions/a/subscriptionInformation.json",
                r#"{"properties":{"scope":"/products/gold","primaryKey":"gold-key","state":"active"}}"#,
            ),
            (
                "subscriptions/b/subscriptionInformation.json",
                r#"{"properties":{"scope":"/apis/shop","primaryKey":"shop-key","state":"active"}}"#,
            ),
            (
                "subscriptions/c/subscriptionInformation.json",
                r#"{"properties":{"scope":"/apis","primaryKey":"all-key","state":"suspended"}}"#,
            ),
        ];
        let texts = texts.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
        let gateway = load(texts, "", &Given::default(), &mut sources, &mut found);
        assert!(found.is_empty(), "{:?}", found.findings());
        gateway
    }

    #[test]
    fn requests_find_their_operations() {
        let gateway = gateway();
        let (router, shadowed) = Router::new(&gateway);
        assert!(shadowed.is_empty(), "{shadowed:?}");
        let table: &[(&str, &str, &str)] = &[
            ("GET /shop", "root", ""),
            ("GET /shop/", "root", ""),
            ("GET /shop/orders", "list", ""),
            ("GET /shop/orders/", "list", ""),
            ("GET /SHOP/Orders", "list", ""),
            ("POST /shop/orders", "create", ""),
            ("GET /shop/orders/me", "mine", ""),
            ("PUT /shop/orders/me", "put", "id=me"),
            ("GET /shop/orders/a%20b", "get", "id=a b"),
            ("GET /shop/orders/1/lines/2", "line", "orderId=1 line=2"),
            ("GET /shop/orders/1/lines", "404", ""),
            ("DELETE /shop/orders", "404", ""),
            ("HEAD /shop/orders", "404", ""),
            ("OPTIONS /shop/orders", "404", ""),
            ("HEAD /shop/search", "peek", ""),
            ("OPTIONS /shop/search", "allow", ""),
            ("GET /shop/search", "search", ""),
            ("GET /shop/search?q=a%2Bb", "search-q", "q=a+b"),
            ("GET /shop/search?kind=full&q=1", "search-full", "q=1"),
            ("GET /shop/search?kind=half&q=1", "search-q", "q=1"),
            ("GET /shop/people(7)", "person", "id=7"),
            ("GET /shop/people()", "404", ""),
            ("GET /shop/files/a.b.c", "file", "name=a kind=b.c"),
            ("GET /shop/tree/a/b/", "tree", "rest=a/b/"),
            ("GET /shop/tree", "tree", "rest="),
            ("GET /shop/any/x/y", "any", "*=x/y"),
            ("GET /shop/admin/x", "x", ""),
            ("GET /shop/admin/orders", "404", ""),
            ("GET /shop/x/../orders", "list", ""),
            ("GET /shop/%2e%2E/shop/%6frders", "list", ""),
            ("GET /shop/orders/..%2f..", "get", "id=../.."),
            ("GET /shopping/orders", "404", ""),
            ("GET /", "404", ""),
            ("GET /two/x", "404", ""),
        ];
        for &(request, expected, parameters) in table {
            let (method, target) = request.split_once(' ').expect("a request line");
            let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            let path = normalise(path);
            let (operation, shown) = match router.route(&method, &path, query, &Headers::new()) {
                Err(_) => ("404".to_owned(), String::new()),
                Ok(found) => {
                    let shown: Vec<_> =
                        found.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
                    (gateway.apis[found.api].operations[found.operation].id.to_string(), shown.join(" "))
                }
            };
            assert_eq!((operation.as_str(), shown.as_str()), (expected, parameters), "{request}");
        }
        let mut headers = Headers::new();
        assert!(headers.set(HeaderName::from_static("api-version"), HeaderValue::from_static("v2")));
        assert!(router.route(&Method::GET, "/two/x", None, &headers).is_ok());
        assert!(router.route(&Method::GET, "/two;rev=1/x", None, &headers).is_ok());
        assert!(router.route(&Method::GET, "/two%3Brev=1/x", None, &headers).is_ok());
        assert!(router.route(&Method::GET, "/two;rev=2/x", None, &headers).is_err());
        assert!(headers.set(HeaderName::from_static("api-version"), HeaderValue::from_static("v9")));
        assert!(router.route(&Method::GET, "/two/x", None, &headers).is_err());
    }

    #[test]
    fn keys_open_what_they_are_for() {
        let gateway = gateway();
        let (router, _) = Router::new(&gateway);
        let api = |id: &str| gateway.apis.iter().position(|api| api.id.as_str() == id).expect("an API");
        type Row = (&'static str, Option<&'static str>, Result<Option<usize>, Refusal>);
        let table: &[Row] = &[
            ("shop", None, Ok(None)),
            ("shop", Some("shop-key"), Ok(None)),
            ("shop", Some("gold-key"), Err(Refusal::KeyInvalid)),
            ("admin", None, Err(Refusal::KeyMissing)),
            ("admin", Some("gold-key"), Ok(Some(0))),
            ("admin", Some("all-key"), Err(Refusal::KeyInvalid)),
            ("admin", Some("nonsense"), Err(Refusal::KeyInvalid)),
        ];
        for (name, key, expected) in table {
            let query = key.map(|key| format!("subscription-key={key}"));
            let grant = router.authorise(&gateway, api(name), &Headers::new(), query.as_deref());
            assert_eq!(grant.map(|grant| grant.product), *expected, "{name} {key:?}");
        }
    }

    #[test]
    fn paths_are_made_plain_before_they_are_matched() {
        let table = [
            ("/a/b", "/a/b"),
            ("/a/./b", "/a/b"),
            ("/a/../../b", "/b"),
            ("/..", "/"),
            ("/a/b/..", "/a/"),
            ("/a/.hidden", "/a/.hidden"),
            ("/%7Euser", "/~user"),
            ("/a%2Fb", "/a%2Fb"),
            ("/a\\..\\b", "/b"),
            ("/%", "/%"),
            ("/%zz%2", "/%zz%2"),
            ("", "/"),
            ("*", "/*"),
        ];
        for (path, plain) in table {
            assert_eq!(normalise(path), plain, "{path}");
        }
    }

    #[test]
    fn no_path_is_too_strange() {
        let gateway = gateway();
        let (router, _) = Router::new(&gateway);
        let pieces =
            ["/", "shop", "%", "%2", "%2e", "..", "é", "(", ")", ".", "\\", "files", "😀", "?", "people(", "%ff"];
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..20_000 {
            let mut path = "/shop".to_owned();
            for _ in 0..state % 9 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                path.push_str(pieces[(state >> 32) as usize % pieces.len()]);
            }
            state = state.wrapping_add(0x1234_5678_9abc_def1);
            let plain = normalise(&path);
            assert!(plain.starts_with('/') && !plain.split('/').any(|segment| segment == ".."), "{path}");
            // Whatever it finds, it ends.
            let _ = router.route(&Method::GET, &plain, Some(&path), &Headers::new());
        }
    }
}
