//! Every code once. A code is stable: it is never renamed, and never used for anything else.

use super::Severity;

/// What kind of finding; `name` is what users see, filter and look up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    pub name: &'static str,
    /// What it usually is; a finding may differ, such as an unresolved reference under `--strict`.
    pub severity: Severity,
    pub about: &'static str,
}

macro_rules! codes {
    ($($constant:ident $name:literal $severity:ident $about:literal)*) => {
        $(#[doc = $about] pub const $constant: Code = Code { name: $name, severity: Severity::$severity, about: $about };)*
        /// All of them, in the order of this file.
        pub static ALL: &[Code] = &[$($constant),*];
    };
}

codes! {
    XML_ENCODING             "xml::encoding"             Error   "The bytes are not UTF-8 text."
    XML_TOO_LARGE            "xml::too_large"            Error   "The file is larger than a policy document can be."
    XML_MALFORMED            "xml::malformed"            Error   "The text is not XML, even when read as raw policy text."
    XML_UNCLOSED             "xml::unclosed"             Error   "A start tag, comment, CDATA section or quoted value has no end."
    XML_COMMENT              "xml::comment"              Warning "A comment holds `--`, which strict readers refuse."
    XML_MISMATCH             "xml::mismatch"             Error   "An end tag does not match the element that is open."
    XML_DUPLICATE_ATTRIBUTE  "xml::duplicate_attribute"  Error   "The same attribute stands twice on an element."
    XML_ENTITY               "xml::entity"               Error   "Only the five entities of XML and character references exist here."
    XML_DTD                  "xml::dtd"                  Error   "Document type declarations are refused."
    XML_DEPTH                "xml::depth"                Error   "Elements are nested deeper than any policy needs."
    XML_EXPRESSION           "xml::expression"           Error   "An expression `@(...)` or `@{...}` has no end."
    XML_FORM                 "xml::form"                 Error   "The text cannot be written in the other form."

    POLICY_ROOT              "policy::root"              Error   "The document's outline is wrong: roots, sections, or what stands between them."
    POLICY_UNKNOWN_ELEMENT   "policy::unknown_element"   Error   "No policy, or no child of this policy, has this name."
    POLICY_UNKNOWN_ATTRIBUTE "policy::unknown_attribute" Error   "The element takes no attribute of this name."
    POLICY_MISSING_ATTRIBUTE "policy::missing_attribute" Error   "A required attribute is absent."
    POLICY_MISSING_CHILD     "policy::missing_child"     Error   "A required child element is absent."
    POLICY_WRONG_SECTION     "policy::wrong_section"     Error   "The policy cannot run in this section."
    POLICY_WRONG_SCOPE       "policy::wrong_scope"       Error   "The policy cannot be used at this scope."
    POLICY_WRONG_GATEWAY     "policy::wrong_gateway"     Error   "The policy is not available in this kind of gateway."
    POLICY_USAGE_LIMIT       "policy::usage_limit"       Error   "The policy stands more often than the platform allows."
    POLICY_TOO_LARGE         "policy::too_large"         Error   "A document holds more policies than any gateway takes."
    POLICY_WRONG_CHILD       "policy::wrong_child"       Error   "An element that cannot stand here, or stands too often."
    POLICY_CHILD_ORDER       "policy::child_order"       Error   "The children are in an order that the platform refuses."
    POLICY_TEXT              "policy::text"              Error   "Text where the element takes none."
    POLICY_BAD_VALUE         "policy::bad_value"         Error   "A constant that the attribute or element does not accept."
    POLICY_EXPRESSION        "policy::expression_not_allowed" Error "An expression where only a constant is allowed."
    POLICY_MIXED_EXPRESSION  "policy::mixed_expression"  Error   "An expression must be the whole value."
    POLICY_NOT_BUILT         "policy::not_built"         Warning "A known policy that this version does not run."
    POLICY_PARTLY_BUILT      "policy::partly_built"      Note    "A known policy of which this version leaves something out."
    POLICY_RETIRED           "policy::retired"           Warning "The platform retired this policy."
    POLICY_BARE              "policy::bare"              Note    "Statements without a `<policies>` document around them."
    POLICY_NOT_POLICY        "policy::not_policy"        Note    "An XML file that is no policy document; it was skipped."

    REFERENCE_NAMED_VALUE    "reference::named_value"    Note    "A named value that nothing here defines."
    REFERENCE_FRAGMENT       "reference::fragment"       Note    "A policy fragment that nothing here defines."
    REFERENCE_BACKEND        "reference::backend"        Note    "A backend that nothing here defines."
    REFERENCE_CERTIFICATE    "reference::certificate"    Warning "A certificate that nothing here defines."
    REFERENCE_SCHEMA         "reference::schema"         Warning "A schema that nothing here defines."

    GATEWAY_FILE             "gateway::file"             Error   "A file of the configuration is not what its place says, or holds a value that cannot be."
    GATEWAY_REFERENCE        "gateway::reference"        Error   "A part of the configuration names another that is not there."
    GATEWAY_REFUSED          "gateway::refused"          Error   "A part of the configuration that this version does not serve."
    GATEWAY_ROUTE            "gateway::route"            Error   "Two APIs or operations answer the same requests."
    GATEWAY_UNUSED           "gateway::unused"           Note    "An entity that nothing here uses."
    GATEWAY_PART             "gateway::part"             Note    "A part of the configuration that has no effect here."

    CSHARP_SYNTAX            "csharp::syntax"            Error   "The expression is not C#."
    CSHARP_NOT_SUPPORTED     "csharp::not_supported"     Error   "C# that an expression may not use (async, unsafe, type declarations)."
    CSHARP_VERSION           "csharp::version"           Error   "C# that is newer than the language version in use."
    CSHARP_UNKNOWN_NAME      "csharp::unknown_name"      Error   "The name does not exist here."
    CSHARP_UNKNOWN_MEMBER    "csharp::unknown_member"    Error   "The type has no such member."
    CSHARP_TYPE              "csharp::type"              Error   "The types do not fit."
    CSHARP_CALL              "csharp::call"              Error   "No overload takes these arguments."
    CSHARP_FLOW              "csharp::flow"              Error   "A variable is used before it has a value, or a path returns nothing."
    CSHARP_CONSTANT          "csharp::constant"          Error   "A constant expression overflows or cannot be computed."
    CSHARP_OTHER             "csharp::other"             Error   "The C# compiler refuses this."
    CSHARP_WARNING           "csharp::warning"           Warning "The C# compiler warns of this."

    DOTNET_NOT_BUILT         "dotnet::not_built"         Warning "An allowed .NET member that this version does not run."
    DOTNET_NOT_ALLOWED       "dotnet::not_allowed"       Error   "A .NET type or member that expressions may not use."
}

impl Code {
    pub fn of(name: &str) -> Option<Code> {
        ALL.iter().copied().find(|code| code.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn no_code_stands_twice() {
        let mut names: Vec<_> = ALL.iter().map(|code| code.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }
}
