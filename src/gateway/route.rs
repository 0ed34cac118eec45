//! A request to its API, operation and matched parameters, or a refusal. The cost is the path's length, whatever the
//! number of operations: a tree of path segments over the APIs, and one per API over its operations.

use super::model::{Api, ApiId, Gateway, SubscriptionScope, Versioning};
use super::template::{self, Piece, QueryParameter, QueryValue, Segment};
use crate::diagnostics::{Finding, codes};
use crate::dotnet::context::{SubscriptionFacts, UserFacts};
use crate::message::{Body, HeaderValue, Headers, Method, Response, StatusCode};
use percent_encoding::percent_decode_str;
use rustc_hash::{FxHashMap, FxHasher};
use smallvec::SmallVec;
use std::borrow::Cow;
use std::hash::Hasher;
use std::sync::Arc;

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

/// Why a request is answered by the gateway itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No API, or no operation of it, matches.
    NoOperation,
    KeyMissing,
    KeyInvalid,
}

impl Refusal {
    /// The source, reason and message of `LastError` (error-handling page, "Predefined errors for built-in steps").
    pub fn error(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Refusal::NoOperation => {
                ("configuration", "OperationNotFound", "Unable to match incoming request to an operation.")
            }
            Refusal::KeyMissing => (
                "authorization",
                "SubscriptionKeyNotFound",
                "Access denied due to missing subscription key. Make sure to include subscription key when making \
                 requests to this API.",
            ),
            Refusal::KeyInvalid => (
                "authorization",
                "SubscriptionKeyInvalid",
                "Access denied due to invalid subscription key. Make sure to provide a valid key for an active \
                 subscription.",
            ),
        }
    }

    /// The platform's words. `base` is the scheme, host and API path of the request.
    pub fn response(self, api: Option<&Api>, base: &str) -> Response {
        let (status, reason, message) = match self {
            Refusal::NoOperation => (StatusCode::NOT_FOUND, "Resource Not Found", "Resource not found"),
            Refusal::KeyMissing => (
                StatusCode::UNAUTHORIZED,
                "Access Denied",
                "Access denied due to missing subscription key. Make sure to include subscription key when making \
                 requests to an API.",
            ),
            Refusal::KeyInvalid => (
                StatusCode::UNAUTHORIZED,
                "Access Denied",
                "Access denied due to invalid subscription key. Make sure to provide a valid key for an active \
                 subscription.",
            ),
        };
        let mut response = plain_error(status, message);
        response.reason = Some(reason.into());
        if let (Refusal::KeyMissing | Refusal::KeyInvalid, Some(api)) = (self, api) {
            let challenge =
                format!("AzureApiManagementKey realm=\"{base}\",name=\"{}\",type=\"header\"", api.facts.key_header);
            if let Ok(value) = HeaderValue::from_str(&challenge) {
                let _ = response.headers.set(http::header::WWW_AUTHENTICATE, value);
            }
        }
        response
    }
}

/// `{ "statusCode": ..., "message": "..." }`, as the platform answers for itself. `message` holds no quotes.
pub fn plain_error(status: StatusCode, message: &str) -> Response {
    let body = format!("{{ \"statusCode\": {}, \"message\": \"{message}\" }}", status.as_u16());
    let mut response = Response::new(status);
    let json = HeaderValue::from_static("application/json");
    let _ = response.headers.set(http::header::CONTENT_TYPE, json);
    response.body = Body::Bytes(body.into());
    response
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

#[derive(Debug)]
struct Entry {
    operation: usize,
    /// `None` takes every method.
    method: Option<Method>,
    names: Vec<Box<str>>,
    query: Vec<QueryParameter>,
}

#[derive(Debug)]
struct Key {
    facts: Arc<SubscriptionFacts>,
    scope: KeyScope,
    active: bool,
    owner: Option<Arc<UserFacts>>,
}

#[derive(Clone, Debug)]
enum KeyScope {
    All,
    Workspace(usize),
    Api(ApiId),
    Product(usize),
}

// ---- the tree

#[derive(Debug)]
struct Tree<T> {
    nodes: Vec<Node<T>>,
}

#[derive(Debug)]
struct Node<T> {
    literals: FxHashMap<u64, Vec<(Box<str>, usize)>>,
    mixed: Vec<(Vec<Piece>, usize)>,
    parameter: Option<usize>,
    here: Vec<T>,
    /// What takes all of the path that is left.
    rest: Vec<T>,
}

impl<T> Default for Node<T> {
    fn default() -> Node<T> {
        Node { literals: FxHashMap::default(), mixed: Vec::new(), parameter: None, here: Vec::new(), rest: Vec::new() }
    }
}

/// URLs match in any case of (ASCII) letters.
fn folded_hash(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    for byte in text.bytes() {
        hasher.write_u8(byte.to_ascii_lowercase());
    }
    hasher.finish()
}

impl<T> Tree<T> {
    fn new() -> Tree<T> {
        Tree { nodes: vec![Node::default()] }
    }

    fn literal(&self, node: usize, segment: &str) -> Option<usize> {
        let literals = &self.nodes[node].literals;
        if literals.is_empty() {
            return None;
        }
        let same = literals.get(&folded_hash(segment))?;
        same.iter().find(|(text, _)| text.eq_ignore_ascii_case(segment)).map(|&(_, child)| child)
    }

    fn add_node(&mut self) -> usize {
        self.nodes.push(Node::default());
        self.nodes.len() - 1
    }

    fn literal_child(&mut self, node: usize, segment: &str) -> usize {
        if let Some(child) = self.literal(node, segment) {
            return child;
        }
        let child = self.add_node();
        self.nodes[node].literals.entry(folded_hash(segment)).or_default().push((segment.into(), child));
        child
    }

    fn child(&mut self, node: usize, segment: &Segment) -> usize {
        match segment {
            Segment::Literal(text) => self.literal_child(node, text),
            Segment::Parameter(_) => match self.nodes[node].parameter {
                Some(child) => child,
                None => {
                    let child = self.add_node();
                    self.nodes[node].parameter = Some(child);
                    child
                }
            },
            Segment::Mixed(pieces) => {
                if let Some(&(_, child)) = self.nodes[node].mixed.iter().find(|(own, _)| same_shape(own, pieces)) {
                    return child;
                }
                let child = self.add_node();
                self.nodes[node].mixed.push((pieces.clone(), child));
                child
            }
        }
    }
}

fn same_shape(a: &[Piece], b: &[Piece]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|pair| match pair {
            (Piece::Literal(a), Piece::Literal(b)) => a.eq_ignore_ascii_case(b),
            (Piece::Parameter(_), Piece::Parameter(_)) => true,
            _ => false,
        })
}

// ---- building

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
        let router =
            Router { apis, operations, keys: keys(gateway), open_products, products, checks_keys: gateway.checks_keys };
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

fn keys(gateway: &Gateway) -> FxHashMap<Box<str>, Key> {
    let mut keys = FxHashMap::default();
    for subscription in &gateway.subscriptions {
        let scope = match &subscription.scope {
            SubscriptionScope::AllApis => Some(KeyScope::All),
            SubscriptionScope::Workspace(id) => {
                gateway.workspaces.iter().position(|own| own.id == *id).map(KeyScope::Workspace)
            }
            SubscriptionScope::Api(id) => Some(KeyScope::Api(id.clone())),
            SubscriptionScope::Product(id) => {
                gateway.products.iter().position(|product| product.id == *id).map(KeyScope::Product)
            }
        };
        let Some(scope) = scope else { continue };
        for key in [&subscription.facts.primary_key, &subscription.facts.secondary_key] {
            if !key.is_empty() {
                let facts = SubscriptionFacts { key: key.clone(), ..(*subscription.facts).clone() };
                let key_facts = Key {
                    facts: Arc::new(facts),
                    scope: scope.clone(),
                    active: subscription.active,
                    owner: subscription.owner.clone(),
                };
                keys.insert(key.clone(), key_facts);
            }
        }
    }
    keys
}

// ---- matching

/// What a search has captured so far, in the order of the template.
type Captures<'p> = SmallVec<[&'p str; 8]>;

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
                Versioning::Header { name, value } => headers.first(name).map(|own| own.as_bytes() == value.as_bytes()),
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

    /// Checks the subscription key and finds the product that the request runs under.
    pub fn authorise(
        &self,
        gateway: &Gateway,
        api: usize,
        headers: &Headers,
        query: Option<&str>,
    ) -> Result<Grant, Refusal> {
        if !self.checks_keys {
            return Ok(Grant::default());
        }
        let facts = &gateway.apis[api].facts;
        let in_header = headers.first(&facts.key_header).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let key = in_header.or_else(|| query_value(query.unwrap_or(""), &facts.key_query).map(decoded));
        let Some(key) = key else {
            return match self.open_products[api] {
                Some(product) => Ok(Grant { product: Some(product), ..Grant::default() }),
                None if !gateway.apis[api].subscription_required => Ok(Grant::default()),
                None => Err(Refusal::KeyMissing),
            };
        };
        let found = self.keys.get(&*key).filter(|key| key.active).ok_or(Refusal::KeyInvalid)?;
        let product = match &found.scope {
            KeyScope::All => None,
            KeyScope::Workspace(own) if gateway.apis[api].space == Some(*own) => None,
            KeyScope::Api(own) if *own.as_str() == *facts.id => None,
            KeyScope::Product(product) if self.products[api].contains(product) => Some(*product),
            KeyScope::Workspace(_) | KeyScope::Api(_) | KeyScope::Product(_) => return Err(Refusal::KeyInvalid),
        };
        Ok(Grant { product, subscription: Some(Arc::clone(&found.facts)), user: found.owner.clone() })
    }
}

struct Search<'t, 'r> {
    tree: &'t Tree<Entry>,
    method: &'r Method,
    query: Option<&'r str>,
}

impl<'t> Search<'t, '_> {
    /// `left` is the path that is left after its slash; `None` is its end. Literals go before parameters, and those
    /// before wildcards; what fails further down is taken back.
    fn below<'p>(&self, node: usize, left: Option<&'p str>, captures: &mut Captures<'p>) -> Option<&'t Entry> {
        let own = &self.tree.nodes[node];
        let Some(left) = left else {
            if let Some(found) = self.suits(&own.here) {
                return Some(found);
            }
            let found = self.suits(&own.rest)?;
            captures.push("");
            return Some(found);
        };
        let (segment, next) = match memchr::memchr(b'/', left.as_bytes()) {
            Some(at) => (&left[..at], Some(&left[at + 1..])),
            None => (left, None),
        };
        let plain = decoded(segment);
        if let Some(child) = self.tree.literal(node, &plain)
            && let Some(found) = self.below(child, next, captures)
        {
            return Some(found);
        }
        let depth = captures.len();
        for (pieces, child) in &own.mixed {
            if fits(pieces, segment, captures)
                && let Some(found) = self.below(*child, next, captures)
            {
                return Some(found);
            }
            captures.truncate(depth);
        }
        if let Some(child) = own.parameter
            && !segment.is_empty()
        {
            captures.push(segment);
            if let Some(found) = self.below(child, next, captures) {
                return Some(found);
            }
            captures.truncate(depth);
        }
        let found = self.suits(&own.rest)?;
        captures.push(left);
        Some(found)
    }

    fn suits(&self, entries: &'t [Entry]) -> Option<&'t Entry> {
        entries.iter().find(|entry| {
            entry.method.as_ref().is_none_or(|method| method == self.method)
                && entry.query.iter().all(|parameter| match query_value(self.query.unwrap_or(""), &parameter.name) {
                    None => false,
                    Some(value) => match &parameter.value {
                        QueryValue::Parameter(_) => true,
                        QueryValue::Literal(text) => decoded(value).eq_ignore_ascii_case(text),
                    },
                })
        })
    }
}

/// Whether a segment has this shape; pushes what its parameters take. A parameter takes as little as it can, but
/// something; the last literal is sought from the end.
fn fits<'p>(pieces: &[Piece], segment: &'p str, captures: &mut Captures<'p>) -> bool {
    let mut left = segment;
    let mut open = false;
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Parameter(_) => open = true,
            Piece::Literal(text) => {
                let last = index + 1 == pieces.len();
                let at = match (open, last) {
                    (false, _) => starts_with_folded(left, text).then_some(0),
                    (true, true) => left
                        .len()
                        .checked_sub(text.len())
                        .filter(|&at| left.get(at..).is_some_and(|end| end.eq_ignore_ascii_case(text))),
                    (true, false) => {
                        (1..left.len()).find(|&at| left.get(at..).is_some_and(|end| starts_with_folded(end, text)))
                    }
                };
                let Some(at) = at else { return false };
                if open {
                    if at == 0 {
                        return false;
                    }
                    captures.push(&left[..at]);
                    open = false;
                }
                left = &left[at + text.len()..];
            }
        }
    }
    if open {
        captures.push(left);
        return !left.is_empty();
    }
    left.is_empty()
}

fn starts_with_folded(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// The first value of a query parameter, as written.
pub fn query_value<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    query.split('&').find_map(|pair| {
        let (own, value) = pair.split_once('=').unwrap_or((pair, ""));
        decoded(own).eq_ignore_ascii_case(name).then_some(value)
    })
}

fn decoded(text: &str) -> Cow<'_, str> {
    if text.contains('%') { percent_decode_str(text).decode_utf8_lossy() } else { Cow::Borrowed(text) }
}

/// The path that is routed and forwarded: escaped letters, digits, `-`, `.`, `_`, `~` are unescaped, backslashes are
/// slashes, dot segments are gone (so that `%2e%2e` reaches nothing that `..` would not). Begins with a slash.
pub fn normalise(path: &str) -> Cow<'_, str> {
    let bytes = path.as_bytes();
    let clean = bytes.first() == Some(&b'/')
        && memchr::memchr2(b'%', b'\\', bytes).is_none()
        && memchr::memmem::find(bytes, b"/.").is_none();
    if clean {
        return Cow::Borrowed(path);
    }
    let mut plain = String::with_capacity(path.len() + 1);
    if !path.starts_with(['/', '\\']) {
        plain.push('/');
    }
    let mut rest = path;
    while let Some(at) = rest.find(['%', '\\']) {
        plain.push_str(&rest[..at]);
        if rest.as_bytes()[at] == b'\\' {
            plain.push('/');
            rest = &rest[at + 1..];
            continue;
        }
        let code = rest.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') => {
                plain.push(char::from(byte));
                rest = &rest[at + 3..];
            }
            _ => {
                plain.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    plain.push_str(rest);
    Cow::Owned(without_dot_segments(&plain))
}

fn without_dot_segments(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path[1..].split('/').peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            _ => kept.push(segment),
        }
    }
    let mut out = String::with_capacity(path.len());
    for segment in &kept {
        out.push('/');
        out.push_str(segment);
    }
    if out.is_empty() { "/".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Diagnostics;
    use crate::gateway::load;
    use crate::gateway::load::Given;
    use crate::message::HeaderName;
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
