//! What a policy may declare: a [`Spec`] is static data, written once in the policy's own file. The reader checks
//! documents by it, the compiler takes expected types from it, the manual prints it. Says nothing of what a policy does.

/// The four sections of a document, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    Inbound,
    Backend,
    Outbound,
    OnError,
}

impl Section {
    pub const ALL: [Section; 4] = [Section::Inbound, Section::Backend, Section::Outbound, Section::OnError];

    /// The element's name, which is also what `LastError.Section` says.
    pub const fn name(self) -> &'static str {
        match self {
            Section::Inbound => "inbound",
            Section::Backend => "backend",
            Section::Outbound => "outbound",
            Section::OnError => "on-error",
        }
    }

    pub fn of(name: &str) -> Option<Section> {
        Section::ALL.into_iter().find(|section| section.name() == name)
    }
}

/// Where a document is attached. A resolver is a GraphQL field's own document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    Global,
    Workspace,
    Product,
    Api,
    Operation,
    Resolver,
}

impl Scope {
    pub const ALL: [Scope; 6] =
        [Scope::Global, Scope::Workspace, Scope::Product, Scope::Api, Scope::Operation, Scope::Resolver];

    pub const fn name(self) -> &'static str {
        match self {
            Scope::Global => "global",
            Scope::Workspace => "workspace",
            Scope::Product => "product",
            Scope::Api => "api",
            Scope::Operation => "operation",
            Scope::Resolver => "resolver",
        }
    }

    pub fn of(name: &str) -> Option<Scope> {
        Scope::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// The kinds of gateway that the platform sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gateway {
    Classic,
    V2,
    Consumption,
    SelfHosted,
    Workspace,
}

impl Gateway {
    pub const ALL: [Gateway; 5] =
        [Gateway::Classic, Gateway::V2, Gateway::Consumption, Gateway::SelfHosted, Gateway::Workspace];

    pub const fn name(self) -> &'static str {
        match self {
            Gateway::Classic => "classic",
            Gateway::V2 => "v2",
            Gateway::Consumption => "consumption",
            Gateway::SelfHosted => "self-hosted",
            Gateway::Workspace => "workspace",
        }
    }

    pub fn of(name: &str) -> Option<Gateway> {
        Gateway::ALL.into_iter().find(|gateway| gateway.name() == name)
    }
}

pub const SECTIONS: &[Section] = &Section::ALL;
/// Every scope that a document of the four sections can have.
pub const SCOPES: &[Scope] = &[Scope::Global, Scope::Workspace, Scope::Product, Scope::Api, Scope::Operation];
pub const GATEWAYS: &[Gateway] = &Gateway::ALL;

/// What a value is: which constants it accepts, and which type an expression in its place must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text; an expression of any type, said with `ToString`.
    Text,
    /// Any value of any type, kept as it is.
    Any,
    /// A value of a type that variables may have, kept as it is (`set-variable`).
    Variable,
    /// An absolute URL of http.
    Url,
    /// A name as HTTP has them for methods and header fields.
    Token,
    Bool,
    Int,
    Long,
    /// A number with a fraction.
    Number,
    Seconds,
    Milliseconds,
    Kilobytes,
    Bytes,
    DateTime,
    /// One character.
    Char,
    /// One of these words.
    Enum(&'static [&'static str]),
    /// Usually one of these words, and the platform takes others too.
    Open(&'static [&'static str]),
}

/// The C# type that an expression in the value's place must convert to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Anything, said with `ToString`.
    Text,
    /// Anything, kept as it is.
    Object,
    /// What variables may hold, kept as it is.
    Variable,
    Boolean,
    Int32,
    Int64,
    Double,
    DateTime,
}

impl Kind {
    pub const fn expected(self) -> Expected {
        match self {
            Kind::Text | Kind::Url | Kind::Token | Kind::Char | Kind::Enum(_) | Kind::Open(_) => Expected::Text,
            Kind::Any => Expected::Object,
            Kind::Variable => Expected::Variable,
            Kind::Bool => Expected::Boolean,
            Kind::Int | Kind::Seconds | Kind::Milliseconds | Kind::Kilobytes => Expected::Int32,
            Kind::Long | Kind::Bytes => Expected::Int64,
            Kind::Number => Expected::Double,
            Kind::DateTime => Expected::DateTime,
        }
    }
}

/// What an attribute names outside the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    Fragment,
    Backend,
}

/// What attributes of an element need of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// At least one of these.
    AnyOf(&'static [&'static str]),
    /// All of these, or none.
    Together(&'static [&'static str]),
    /// At most one of these.
    NotBoth(&'static [&'static str]),
}

/// An attribute that an element takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attr {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
    /// The condition under which an optional attribute is needed, in words.
    pub required_when: Option<&'static str>,
    /// Whether an expression may stand in its place. True too where no source says.
    pub expression: bool,
    pub default: Option<&'static str>,
    /// The least and the greatest number that the platform takes.
    pub range: Option<(i64, i64)>,
    /// Its value is a secret by itself (a password), whether or not it comes from a named value.
    pub secret: bool,
    pub refers: Option<Reference>,
    /// False where only the editor's schema, the toolkit or release notes know it.
    pub documented: bool,
}

impl Attr {
    pub const fn new(name: &'static str, kind: Kind) -> Attr {
        Attr {
            name,
            kind,
            required: false,
            required_when: None,
            expression: false,
            default: None,
            range: None,
            secret: false,
            refers: None,
            documented: true,
        }
    }

    pub const fn text(name: &'static str) -> Attr {
        Attr::new(name, Kind::Text)
    }

    pub const fn bool(name: &'static str) -> Attr {
        Attr::new(name, Kind::Bool)
    }

    pub const fn int(name: &'static str) -> Attr {
        Attr::new(name, Kind::Int)
    }

    pub const fn one_of(name: &'static str, words: &'static [&'static str]) -> Attr {
        Attr::new(name, Kind::Enum(words))
    }

    pub const fn required(mut self) -> Attr {
        self.required = true;
        self
    }

    pub const fn required_when(mut self, condition: &'static str) -> Attr {
        self.required_when = Some(condition);
        self
    }

    /// An expression may stand in its place.
    pub const fn expression(mut self) -> Attr {
        self.expression = true;
        self
    }

    pub const fn default(mut self, value: &'static str) -> Attr {
        self.default = Some(value);
        self
    }

    pub const fn range(mut self, least: i64, greatest: i64) -> Attr {
        self.range = Some((least, greatest));
        self
    }

    pub const fn secret(mut self) -> Attr {
        self.secret = true;
        self
    }

    pub const fn refers(mut self, to: Reference) -> Attr {
        self.refers = Some(to);
        self
    }

    pub const fn undocumented(mut self) -> Attr {
        self.documented = false;
        self
    }
}

/// Every policy takes it; it feeds `LastError.PolicyId`.
pub static ID: Attr = Attr::text("id");

/// How an element's own text reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    pub kind: Kind,
    pub expression: bool,
    pub required: bool,
    /// The content may be markup: then it is taken as it is written, elements included (`set-body`, a stylesheet).
    pub markup: bool,
}

impl Text {
    /// Any text, or an expression that gives one.
    pub const VALUE: Text = Text::new(Kind::Text).expression();

    pub const fn new(kind: Kind) -> Text {
        Text { kind, expression: false, required: false, markup: false }
    }

    pub const fn expression(mut self) -> Text {
        self.expression = true;
        self
    }

    pub const fn required(mut self) -> Text {
        self.required = true;
        self
    }

    pub const fn markup(mut self) -> Text {
        self.markup = true;
        self
    }
}

/// Which order of children the platform accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Any,
    /// As the spec lists them.
    Sequence,
}

/// What an element may hold. A policy is one; so is each child that is no policy.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub element: &'static str,
    pub attributes: &'static [Attr],
    pub children: &'static [ChildSpec],
    pub order: Order,
    /// `None`: the element takes no text.
    pub text: Option<Text>,
    /// Attributes of any name are taken as they are (a GraphQL query's own values).
    pub any_attribute: bool,
    pub needs: &'static [Need],
}

impl Shape {
    pub const fn new(element: &'static str) -> Shape {
        Shape {
            element,
            attributes: &[],
            children: &[],
            order: Order::Any,
            text: None,
            any_attribute: false,
            needs: &[],
        }
    }

    pub fn attribute(&self, name: &str) -> Option<&'static Attr> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The child of this name. Where the spec's name has a prefix, any prefix will do.
    pub fn child(&self, name: &str) -> Option<&'static ChildSpec> {
        let local = |name: &str| name.rsplit(':').next().unwrap_or_default().to_owned();
        self.children.iter().find(|child| {
            let own = child.shape.element;
            own == name || own.contains(':') && local(own) == local(name)
        })
    }

    /// Whether any policy may stand among the children.
    pub fn takes_policies(&self) -> bool {
        self.children.iter().any(|child| child.shape.element == ANY_POLICY)
    }
}

/// The element name of a child that stands for every policy.
pub const ANY_POLICY: &str = "*";

/// A child of a policy, or of one of its children.
#[derive(Clone, Copy, Debug)]
pub struct ChildSpec {
    pub shape: Shape,
    pub min: u32,
    /// `None`: as many as one likes.
    pub max: Option<u32>,
    /// An attribute of the parent, and the value with which this child may be absent for all that.
    pub unless: Option<(&'static str, &'static str)>,
    /// The child is a policy with a spec of its own; the shape here only names it.
    pub policy: bool,
    /// Where any policy may stand: those that may not.
    pub except: &'static [&'static str],
}

impl ChildSpec {
    /// A child that is no policy; at most one.
    pub const fn new(element: &'static str) -> ChildSpec {
        ChildSpec { shape: Shape::new(element), min: 0, max: Some(1), unless: None, policy: false, except: &[] }
    }

    /// A child that is a policy by itself; at most one.
    pub const fn policy(element: &'static str) -> ChildSpec {
        ChildSpec { policy: true, ..ChildSpec::new(element) }
    }

    /// Any policies, as many as one likes.
    pub const fn policies() -> ChildSpec {
        ChildSpec { policy: true, max: None, ..ChildSpec::new(ANY_POLICY) }
    }

    pub const fn except(mut self, names: &'static [&'static str]) -> ChildSpec {
        self.except = names;
        self
    }

    /// At least one.
    pub const fn required(mut self) -> ChildSpec {
        self.min = 1;
        self
    }

    /// At least one, but where an attribute of the parent has this value.
    pub const fn required_unless(mut self, attribute: &'static str, value: &'static str) -> ChildSpec {
        self.min = 1;
        self.unless = Some((attribute, value));
        self
    }

    /// As many as one likes.
    pub const fn repeats(mut self) -> ChildSpec {
        self.max = None;
        self
    }

    pub const fn at_most(mut self, max: u32) -> ChildSpec {
        self.max = Some(max);
        self
    }

    pub const fn attributes(mut self, attributes: &'static [Attr]) -> ChildSpec {
        self.shape.attributes = attributes;
        self
    }

    pub const fn any_attribute(mut self) -> ChildSpec {
        self.shape.any_attribute = true;
        self
    }

    pub const fn needs(mut self, needs: &'static [Need]) -> ChildSpec {
        self.shape.needs = needs;
        self
    }

    pub const fn children(mut self, children: &'static [ChildSpec]) -> ChildSpec {
        self.shape.children = children;
        self
    }

    pub const fn sequence(mut self) -> ChildSpec {
        self.shape.order = Order::Sequence;
        self
    }

    pub const fn text(mut self, text: Text) -> ChildSpec {
        self.shape.text = Some(text);
        self
    }
}

/// How often a policy may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    Any,
    OncePerSection,
    OncePerDocument,
}

/// How well a policy is known to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Released,
    Preview,
    Retired,
    Undocumented,
    /// Only ever stands inside another policy.
    ChildOnly,
}

/// How much of a policy this version runs. `check` says so; `run` and `serve` stop at what is not built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    Built,
    Partly(&'static str),
    NotBuilt,
    Refused(&'static str),
}

/// A policy, as documents declare it.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    pub shape: Shape,
    pub title: &'static str,
    /// Sections that the policy's own page lists.
    pub sections: &'static [Section],
    /// Sections that another source of the platform's maker allows.
    pub also: &'static [Section],
    pub scopes: &'static [Scope],
    pub gateways: &'static [Gateway],
    pub usage: Usage,
    pub status: Status,
    pub support: Support,
    /// Policies inside which alone it may stand; empty: anywhere.
    pub parents: &'static [&'static str],
    /// Whether a fragment may hold it.
    pub in_fragments: bool,
}

impl Spec {
    /// A policy for every section, scope and gateway, until said otherwise.
    pub const fn new(element: &'static str) -> Spec {
        Spec {
            shape: Shape::new(element),
            title: "",
            sections: SECTIONS,
            also: &[],
            scopes: SCOPES,
            gateways: GATEWAYS,
            usage: Usage::Any,
            status: Status::Released,
            support: Support::NotBuilt,
            parents: &[],
            in_fragments: true,
        }
    }

    pub const fn name(&self) -> &'static str {
        self.shape.element
    }

    /// The same policy under another name.
    pub const fn called(mut self, element: &'static str) -> Spec {
        self.shape.element = element;
        self
    }

    pub const fn title(mut self, title: &'static str) -> Spec {
        self.title = title;
        self
    }

    pub const fn sections(mut self, sections: &'static [Section]) -> Spec {
        self.sections = sections;
        self
    }

    pub const fn also(mut self, sections: &'static [Section]) -> Spec {
        self.also = sections;
        self
    }

    pub const fn scopes(mut self, scopes: &'static [Scope]) -> Spec {
        self.scopes = scopes;
        self
    }

    pub const fn gateways(mut self, gateways: &'static [Gateway]) -> Spec {
        self.gateways = gateways;
        self
    }

    pub const fn attributes(mut self, attributes: &'static [Attr]) -> Spec {
        self.shape.attributes = attributes;
        self
    }

    pub const fn any_attribute(mut self) -> Spec {
        self.shape.any_attribute = true;
        self
    }

    pub const fn needs(mut self, needs: &'static [Need]) -> Spec {
        self.shape.needs = needs;
        self
    }

    pub const fn children(mut self, children: &'static [ChildSpec]) -> Spec {
        self.shape.children = children;
        self
    }

    /// The platform refuses the children in any other order than listed.
    pub const fn sequence(mut self) -> Spec {
        self.shape.order = Order::Sequence;
        self
    }

    pub const fn text(mut self, text: Text) -> Spec {
        self.shape.text = Some(text);
        self
    }

    pub const fn usage(mut self, usage: Usage) -> Spec {
        self.usage = usage;
        self
    }

    pub const fn status(mut self, status: Status) -> Spec {
        self.status = status;
        self
    }

    pub const fn support(mut self, support: Support) -> Spec {
        self.support = support;
        self
    }

    pub const fn parents(mut self, parents: &'static [&'static str]) -> Spec {
        self.parents = parents;
        self
    }

    pub const fn not_in_fragments(mut self) -> Spec {
        self.in_fragments = false;
        self
    }

    /// Whether any source allows the policy in the section.
    pub fn runs_in(&self, section: Section) -> bool {
        self.sections.contains(&section) || self.also.contains(&section)
    }
}

/// The specs of all policies, by name.
#[derive(Clone, Copy, Debug)]
pub struct Specs(pub &'static [&'static Spec]);

impl Specs {
    pub fn find(&self, name: &str) -> Option<&'static Spec> {
        self.0.iter().copied().find(|spec| spec.name() == name)
    }

    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|spec| spec.name())
    }
}
