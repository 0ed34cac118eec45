//! Types that policies may use and this version does not run: known by name and member, so that `check` can say so.
//!
//! A type leaves this file when it is built in a file of its own; one that stands in both places is taken from there.

use crate::dotnet::member::{Form, Kind, Row, TypeDef, enum_value};

pub static TYPES: &[&TypeDef] = &[
    &XML_LINQ_EXTENSIONS,
    &XML_LINQ_XATTRIBUTE,
    &XML_LINQ_XCDATA,
    &XML_LINQ_XCOMMENT,
    &XML_LINQ_XCONTAINER,
    &XML_LINQ_XDECLARATION,
    &XML_LINQ_XDOCUMENT,
    &XML_LINQ_XDOCUMENT_TYPE,
    &XML_LINQ_XELEMENT,
    &XML_LINQ_XNAME,
    &XML_LINQ_XNAMESPACE,
    &XML_LINQ_XNODE,
    &XML_LINQ_XNODE_DOCUMENT_ORDER_COMPARER,
    &XML_LINQ_XNODE_EQUALITY_COMPARER,
    &XML_LINQ_XOBJECT,
    &XML_LINQ_XPROCESSING_INSTRUCTION,
    &XML_LINQ_XTEXT,
    &XML_XML_NODE_TYPE,
];

static XML_LINQ_EXTENSIONS: TypeDef = TypeDef::new(
    "System.Xml.Linq.Extensions",
    Kind::Static,
    &[&[
        Row::unbuilt(Form::Method, true, "IEnumerable<XElement> Ancestors<T>(this IEnumerable<T> source)"),
        Row::unbuilt(Form::Method, true, "IEnumerable<XElement> Ancestors<T>(this IEnumerable<T> source, XName name)"),
        Row::unbuilt(Form::Method, true, "IEnumerable<XElement> AncestorsAndSelf(this IEnumerable<XElement> source)"),
        Row::unbuilt(
            Form::Method,
            true,
            "IEnumerable<XElement> AncestorsAndSelf(this IEnumerable<XElement> source, XName name)",
        ),
        Row::unbuilt(Form::Method, true, "IEnumerable<XAttribute> Attributes(this IEnumerable<XElement> source)"),
        Row::unbuilt(
            Form::Method,
            true,
            "IEnumerable<XAttribute> Attributes(this IEnumerable<XElement> source, XName name)",
        ),
        Row::unbuilt(Form::Method, true, "IEnumerable<XNode> DescendantNodes<T>(this IEnumerable<T> source)"),
        Row::unbuilt(
            Form::Method,
            true,
            "IEnumerable<XNode> DescendantNodesAndSelf(this IEnumerable<XElement> source)",
        ),
        Row::unbuilt(Form::Method, true, "IEnumerable<XElement> Descendants<T>(this IEnumerable<T> source)"),
        Row::unbuilt(
            Form::Method,
            true,
            "IEnumerable<XElement> Descendants<T>(this IEnumerable<T> source, XName name)",
        ),
        Row::unbuilt(Form::Method, true, "IEnumerable<XElement> DescendantsAndSelf(this IEnumerable<XElement> source)"),
        Row::unbuilt(
            Form::Method,
            true,
            "IEnumerable<XElement> DescendantsAndSelf(this IEnumerable<XElement> source, XName name)",
        ),
        Row::unbuilt(Form::Method, true, "IEnumerable<XElement> Elements<T>(this IEnumerable<T> source)"),
        Row::unbuilt(Form::Method, true, "IEnumerable<XElement> Elements<T>(this IEnumerable<T> source, XName name)"),
        Row::unbuilt(Form::Method, true, "IEnumerable<T> InDocumentOrder<T>(this IEnumerable<T> source)"),
        Row::unbuilt(Form::Method, true, "IEnumerable<XNode> Nodes<T>(this IEnumerable<T> source)"),
        Row::unbuilt(Form::Method, true, "void Remove(this IEnumerable<XAttribute> source)"),
        Row::unbuilt(Form::Method, true, "void Remove<T>(this IEnumerable<T> source)"),
    ]],
);

static XML_LINQ_XATTRIBUTE: TypeDef = TypeDef::new(
    "System.Xml.Linq.XAttribute",
    Kind::Class,
    &[&[
        Row::unbuilt(Form::Constructor, true, "XAttribute(XName name, object value)"),
        Row::unbuilt(Form::Constructor, true, "XAttribute(XAttribute other)"),
        Row::unbuilt(Form::Property, true, "IEnumerable<XAttribute> EmptySequence { get; }"),
        Row::unbuilt(Form::Property, false, "bool IsNamespaceDeclaration { get; }"),
        Row::unbuilt(Form::Property, false, "XName Name { get; }"),
        Row::unbuilt(Form::Property, false, "XAttribute NextAttribute { get; }"),
        Row::unbuilt(Form::Property, false, "XmlNodeType NodeType { get; }"),
        Row::unbuilt(Form::Property, false, "XAttribute PreviousAttribute { get; }"),
        Row::unbuilt(Form::Method, false, "void Remove()"),
        Row::unbuilt(Form::Method, false, "void SetValue(object value)"),
        Row::unbuilt(Form::Method, false, "string ToString()"),
        Row::unbuilt(Form::Property, false, "string Value { get; set; }"),
        Row::unbuilt(Form::Operator, true, "string op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "bool op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "bool? op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "int op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "int? op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "uint op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "uint? op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "long op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "long? op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "ulong op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "ulong? op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "float op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "float? op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "double op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "double? op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "decimal op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "decimal? op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "DateTime op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "DateTime? op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "DateTimeOffset op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "DateTimeOffset? op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "TimeSpan op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "TimeSpan? op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "Guid op_Explicit(XAttribute attribute)"),
        Row::unbuilt(Form::Operator, true, "Guid? op_Explicit(XAttribute attribute)"),
    ]],
)
.base("XObject");

static XML_LINQ_XCDATA: TypeDef = TypeDef::new(
    "System.Xml.Linq.XCData",
    Kind::Class,
    &[&[
        Row::unbuilt(Form::Constructor, true, "XCData(string value)"),
        Row::unbuilt(Form::Constructor, true, "XCData(XCData other)"),
        Row::unbuilt(Form::Property, false, "XmlNodeType NodeType { get; }"),
        Row::unbuilt(Form::Method, false, "void WriteTo(XmlWriter writer)"),
    ]],
)
.base("XText");

static XML_LINQ_XCOMMENT: TypeDef = TypeDef::new(
    "System.Xml.Linq.XComment",
    Kind::Class,
    &[&[
        Row::unbuilt(Form::Constructor, true, "XComment(string value)"),
        Row::unbuilt(Form::Constructor, true, "XComment(XComment other)"),
        Row::unbuilt(Form::Property, false, "XmlNodeType NodeType { get; }"),
        Row::unbuilt(Form::Property, false, "string Value { get; set; }"),
        Row::unbuilt(Form::Method, false, "void WriteTo(XmlWriter writer)"),
    ]],
)
.base("XNode");

static XML_LINQ_XCONTAINER: TypeDef = TypeDef::new(
    "System.Xml.Linq.XContainer",
    Kind::Class,
    &[&[
        Row::unbuilt(Form::Method, false, "void Add(object content)"),
        Row::unbuilt(Form::Method, false, "void Add(params object[] content)"),
        Row::unbuilt(Form::Method, false, "void AddFirst(object content)"),
        Row::unbuilt(Form::Method, false, "void AddFirst(params object[] content)"),
        Row::unbuilt(Form::Method, false, "XmlWriter CreateWriter()"),
        Row::unbuilt(Form::Method, false, "IEnumerable<XNode> DescendantNodes()"),
        Row::unbuilt(Form::Method, false, "IEnumerable<XElement> Descendants()"),
        Row::unbuilt(Form::Method, false, "IEnumerable<XElement> Descendants(XName name)"),
        Row::unbuilt(Form::Method, false, "XElement Element(XName name)"),
        Row::unbuilt(Form::Method, false, "IEnumerable<XElement> Elements()"),
        Row::unbuilt(Form::Method, false, "IEnumerable<XElement> Elements(XName name)"),
        Row::unbuilt(Form::Property, false, "XNode FirstNode { get; }"),
        Row::unbuilt(Form::Property, false, "XNode LastNode { get; }"),
        Row::unbuilt(Form::Method, false, "IEnumerable<XNode> Nodes()"),
        Row::unbuilt(Form::Method, false, "void RemoveNodes()"),
        Row::unbuilt(Form::Method, false, "void ReplaceNodes(object content)"),
        Row::unbuilt(Form::Method, false, "void ReplaceNodes(params object[] content)"),
    ]],
)
.base("XNode")
.is_abstract();

static XML_LINQ_XDECLARATION: TypeDef = TypeDef::new(
    "System.Xml.Linq.XDeclaration",
    Kind::Class,
    &[&[
        Row::unbuilt(Form::Constructor, true, "XDeclaration(string version, string encoding, string standalone)"),
        Row::unbuilt(Form::Constructor, true, "XDeclaration(XDeclaration other)"),
        Row::unbuilt(Form::Property, false, "string Encoding { get; set; }"),
        Row::unbuilt(Form::Property, false, "string Standalone { get; set; }"),
        Row::unbuilt(Form::Method, false, "string ToString()"),
        Row::unbuilt(Form::Property, false, "string Version { get; set; }"),
    ]],
);

static XML_LINQ_XDOCUMENT: TypeDef = TypeDef::new(
    "System.Xml.Linq.XDocument",
    Kind::Class,
    &[&[
        Row::unbuilt(Form::Constructor, true, "XDocument()"),
        Row::unbuilt(Form::Constructor, true, "XDocument(params object[] content)"),
        Row::unbuilt(Form::Constructor, true, "XDocument(XDeclaration declaration, params object[] content)"),
        Row::unbuilt(Form::Constructor, true, "XDocument(XDocument other)"),
        Row::unbuilt(Form::Property, false, "XDeclaration Declaration { get; set; }"),
        Row::unbuilt(Form::Property, false, "XDocumentType DocumentType { get; }"),
        Row::unbuilt(Form::Property, false, "XmlNodeType NodeType { get; }"),
        Row::unbuilt(Form::Method, true, "XDocument Parse(string text)"),
        Row::unbuilt(Form::Method, true, "XDocument Parse(string text, LoadOptions options)"),
        Row::unbuilt(Form::Property, false, "XElement Root { get; }"),
        Row::unbuilt(Form::Method, false, "void Save(Stream stream)"),
        Row::unbuilt(Form::Method, false, "void Save(Stream stream, SaveOptions options)"),
        Row::unbuilt(Form::Method, false, "void Save(TextWriter textWriter)"),
        Row::unbuilt(Form::Method, false, "void Save(TextWriter textWriter, SaveOptions options)"),
        Row::unbuilt(Form::Method, false, "void Save(XmlWriter writer)"),
        Row::unbuilt(Form::Method, false, "void Save(string fileName)"),
        Row::unbuilt(Form::Method, false, "void Save(string fileName, SaveOptions options)"),
        Row::unbuilt(Form::Method, false, "void WriteTo(XmlWriter writer)"),
    ]],
)
.base("XContainer");

static XML_LINQ_XDOCUMENT_TYPE: TypeDef = TypeDef::new(
    "System.Xml.Linq.XDocumentType",
    Kind::Class,
    &[&[
        Row::unbuilt(
            Form::Constructor,
            true,
            "XDocumentType(string name, string publicId, string systemId, string internalSubset)",
        ),
        Row::unbuilt(Form::Constructor, true, "XDocumentType(XDocumentType other)"),
        Row::unbuilt(Form::Property, false, "string InternalSubset { get; set; }"),
        Row::unbuilt(Form::Property, false, "string Name { get; set; }"),
        Row::unbuilt(Form::Property, false, "XmlNodeType NodeType { get; }"),
        Row::unbuilt(Form::Property, false, "string PublicId { get; set; }"),
        Row::unbuilt(Form::Property, false, "string SystemId { get; set; }"),
        Row::unbuilt(Form::Method, false, "void WriteTo(XmlWriter writer)"),
    ]],
)
.base("XNode");

static XML_LINQ_XELEMENT: TypeDef = TypeDef::new(
    "System.Xml.Linq.XElement",
    Kind::Class,
    &[&[
        Row::unbuilt(Form::Constructor, true, "XElement(XName name)"),
        Row::unbuilt(Form::Constructor, true, "XElement(XName name, object content)"),
        Row::unbuilt(Form::Constructor, true, "XElement(XName name, params object[] content)"),
        Row::unbuilt(Form::Constructor, true, "XElement(XElement other)"),
        Row::unbuilt(Form::Constructor, true, "XElement(XStreamingElement other)"),
        Row::unbuilt(Form::Method, false, "IEnumerable<XElement> AncestorsAndSelf()"),
        Row::unbuilt(Form::Method, false, "IEnumerable<XElement> AncestorsAndSelf(XName name)"),
        Row::unbuilt(Form::Method, false, "XAttribute Attribute(XName name)"),
        Row::unbuilt(Form::Method, false, "IEnumerable<XAttribute> Attributes()"),
        Row::unbuilt(Form::Method, false, "IEnumerable<XAttribute> Attributes(XName name)"),
        Row::unbuilt(Form::Method, false, "IEnumerable<XNode> DescendantNodesAndSelf()"),
        Row::unbuilt(Form::Method, false, "IEnumerable<XElement> DescendantsAndSelf()"),
        Row::unbuilt(Form::Method, false, "IEnumerable<XElement> DescendantsAndSelf(XName name)"),
        Row::unbuilt(Form::Property, true, "IEnumerable<XElement> EmptySequence { get; }"),
        Row::unbuilt(Form::Property, false, "XAttribute FirstAttribute { get; }"),
        Row::unbuilt(Form::Method, false, "XNamespace GetDefaultNamespace()"),
        Row::unbuilt(Form::Method, false, "XNamespace GetNamespaceOfPrefix(string prefix)"),
        Row::unbuilt(Form::Method, false, "string GetPrefixOfNamespace(XNamespace ns)"),
        Row::unbuilt(Form::Property, false, "bool HasAttributes { get; }"),
        Row::unbuilt(Form::Property, false, "bool HasElements { get; }"),
        Row::unbuilt(Form::Property, false, "bool IsEmpty { get; }"),
        Row::unbuilt(Form::Property, false, "XAttribute LastAttribute { get; }"),
        Row::unbuilt(Form::Method, true, "XElement Load(string uri)"),
        Row::unbuilt(Form::Method, true, "XElement Load(string uri, LoadOptions options)"),
        Row::unbuilt(Form::Method, true, "XElement Load(Stream stream)"),
        Row::unbuilt(Form::Method, true, "XElement Load(Stream stream, LoadOptions options)"),
        Row::unbuilt(Form::Method, true, "XElement Load(TextReader textReader)"),
        Row::unbuilt(Form::Method, true, "XElement Load(TextReader textReader, LoadOptions options)"),
        Row::unbuilt(Form::Method, true, "XElement Load(XmlReader reader)"),
        Row::unbuilt(Form::Method, true, "XElement Load(XmlReader reader, LoadOptions options)"),
        Row::unbuilt(Form::Property, false, "XName Name { get; set; }"),
        Row::unbuilt(Form::Property, false, "XmlNodeType NodeType { get; }"),
        Row::unbuilt(Form::Method, true, "XElement Parse(string text)"),
        Row::unbuilt(Form::Method, true, "XElement Parse(string text, LoadOptions options)"),
        Row::unbuilt(Form::Method, false, "void RemoveAll()"),
        Row::unbuilt(Form::Method, false, "void RemoveAttributes()"),
        Row::unbuilt(Form::Method, false, "void ReplaceAll(object content)"),
        Row::unbuilt(Form::Method, false, "void ReplaceAll(params object[] content)"),
        Row::unbuilt(Form::Method, false, "void ReplaceAttributes(object content)"),
        Row::unbuilt(Form::Method, false, "void ReplaceAttributes(params object[] content)"),
        Row::unbuilt(Form::Method, false, "void Save(string fileName)"),
        Row::unbuilt(Form::Method, false, "void Save(string fileName, SaveOptions options)"),
        Row::unbuilt(Form::Method, false, "void Save(Stream stream)"),
        Row::unbuilt(Form::Method, false, "void Save(Stream stream, SaveOptions options)"),
        Row::unbuilt(Form::Method, false, "void Save(TextWriter textWriter)"),
        Row::unbuilt(Form::Method, false, "void Save(TextWriter textWriter, SaveOptions options)"),
        Row::unbuilt(Form::Method, false, "void Save(XmlWriter writer)"),
        Row::unbuilt(Form::Method, false, "void SetAttributeValue(XName name, object value)"),
        Row::unbuilt(Form::Method, false, "void SetElementValue(XName name, object value)"),
        Row::unbuilt(Form::Method, false, "void SetValue(object value)"),
        Row::unbuilt(Form::Property, false, "string Value { get; set; }"),
        Row::unbuilt(Form::Method, false, "void WriteTo(XmlWriter writer)"),
        Row::unbuilt(Form::Operator, true, "DateTime? op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "DateTimeOffset op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "DateTimeOffset? op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "TimeSpan op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "TimeSpan? op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "Guid op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "Guid? op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "string op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "bool op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "bool? op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "int op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "int? op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "uint op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "uint? op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "long op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "long? op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "ulong op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "ulong? op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "float op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "float? op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "double op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "double? op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "decimal op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "decimal? op_Explicit(XElement element)"),
        Row::unbuilt(Form::Operator, true, "DateTime op_Explicit(XElement element)"),
    ]],
)
.base("XContainer");

static XML_LINQ_XNAME: TypeDef = TypeDef::new(
    "System.Xml.Linq.XName",
    Kind::Class,
    &[&[
        Row::unbuilt(Form::Method, false, "bool Equals(object obj)"),
        Row::unbuilt(Form::Method, true, "XName Get(string expandedName)"),
        Row::unbuilt(Form::Method, true, "XName Get(string localName, string namespaceName)"),
        Row::unbuilt(Form::Method, false, "int GetHashCode()"),
        Row::unbuilt(Form::Property, false, "string LocalName { get; }"),
        Row::unbuilt(Form::Property, false, "XNamespace Namespace { get; }"),
        Row::unbuilt(Form::Property, false, "string NamespaceName { get; }"),
        Row::unbuilt(Form::Method, false, "string ToString()"),
        Row::unbuilt(Form::Operator, true, "bool op_Equality(XName left, XName right)"),
        Row::unbuilt(Form::Operator, true, "XName op_Implicit(string expandedName)"),
        Row::unbuilt(Form::Operator, true, "bool op_Inequality(XName left, XName right)"),
    ]],
);

static XML_LINQ_XNAMESPACE: TypeDef = TypeDef::new(
    "System.Xml.Linq.XNamespace",
    Kind::Class,
    &[&[
        Row::unbuilt(Form::Method, false, "bool Equals(object obj)"),
        Row::unbuilt(Form::Method, true, "XNamespace Get(string namespaceName)"),
        Row::unbuilt(Form::Method, false, "int GetHashCode()"),
        Row::unbuilt(Form::Method, false, "XName GetName(string localName)"),
        Row::unbuilt(Form::Property, false, "string NamespaceName { get; }"),
        Row::unbuilt(Form::Property, true, "XNamespace None { get; }"),
        Row::unbuilt(Form::Method, false, "string ToString()"),
        Row::unbuilt(Form::Property, true, "XNamespace Xml { get; }"),
        Row::unbuilt(Form::Property, true, "XNamespace Xmlns { get; }"),
        Row::unbuilt(Form::Operator, true, "XName op_Addition(XNamespace ns, string localName)"),
        Row::unbuilt(Form::Operator, true, "bool op_Equality(XNamespace left, XNamespace right)"),
        Row::unbuilt(Form::Operator, true, "XNamespace op_Implicit(string namespaceName)"),
        Row::unbuilt(Form::Operator, true, "bool op_Inequality(XNamespace left, XNamespace right)"),
    ]],
);

static XML_LINQ_XNODE: TypeDef = TypeDef::new(
    "System.Xml.Linq.XNode",
    Kind::Class,
    &[&[
        Row::unbuilt(Form::Method, false, "void AddAfterSelf(object content)"),
        Row::unbuilt(Form::Method, false, "void AddAfterSelf(params object[] content)"),
        Row::unbuilt(Form::Method, false, "void AddBeforeSelf(object content)"),
        Row::unbuilt(Form::Method, false, "void AddBeforeSelf(params object[] content)"),
        Row::unbuilt(Form::Method, false, "IEnumerable<XElement> Ancestors()"),
        Row::unbuilt(Form::Method, false, "IEnumerable<XElement> Ancestors(XName name)"),
        Row::unbuilt(Form::Method, true, "int CompareDocumentOrder(XNode n1, XNode n2)"),
        Row::unbuilt(Form::Method, false, "XmlReader CreateReader()"),
        Row::unbuilt(Form::Method, false, "XmlReader CreateReader(ReaderOptions readerOptions)"),
        Row::unbuilt(Form::Method, true, "bool DeepEquals(XNode n1, XNode n2)"),
        Row::unbuilt(Form::Property, true, "XNodeDocumentOrderComparer DocumentOrderComparer { get; }"),
        Row::unbuilt(Form::Method, false, "IEnumerable<XElement> ElementsAfterSelf()"),
        Row::unbuilt(Form::Method, false, "IEnumerable<XElement> ElementsAfterSelf(XName name)"),
        Row::unbuilt(Form::Method, false, "IEnumerable<XElement> ElementsBeforeSelf()"),
        Row::unbuilt(Form::Method, false, "IEnumerable<XElement> ElementsBeforeSelf(XName name)"),
        Row::unbuilt(Form::Property, true, "XNodeEqualityComparer EqualityComparer { get; }"),
        Row::unbuilt(Form::Method, false, "bool IsAfter(XNode node)"),
        Row::unbuilt(Form::Method, false, "bool IsBefore(XNode node)"),
        Row::unbuilt(Form::Property, false, "XNode NextNode { get; }"),
        Row::unbuilt(Form::Method, false, "IEnumerable<XNode> NodesAfterSelf()"),
        Row::unbuilt(Form::Method, false, "IEnumerable<XNode> NodesBeforeSelf()"),
        Row::unbuilt(Form::Property, false, "XNode PreviousNode { get; }"),
        Row::unbuilt(Form::Method, true, "XNode ReadFrom(XmlReader reader)"),
        Row::unbuilt(Form::Method, false, "void Remove()"),
        Row::unbuilt(Form::Method, false, "void ReplaceWith(object content)"),
        Row::unbuilt(Form::Method, false, "void ReplaceWith(params object[] content)"),
        Row::unbuilt(Form::Method, false, "string ToString()"),
        Row::unbuilt(Form::Method, false, "string ToString(SaveOptions options)"),
        Row::unbuilt(Form::Method, false, "void WriteTo(XmlWriter writer)"),
    ]],
)
.base("XObject")
.is_abstract();

static XML_LINQ_XNODE_DOCUMENT_ORDER_COMPARER: TypeDef = TypeDef::new(
    "System.Xml.Linq.XNodeDocumentOrderComparer",
    Kind::Class,
    &[&[
        Row::unbuilt(Form::Constructor, true, "XNodeDocumentOrderComparer()"),
        Row::unbuilt(Form::Method, false, "int Compare(XNode x, XNode y)"),
    ]],
);

static XML_LINQ_XNODE_EQUALITY_COMPARER: TypeDef = TypeDef::new(
    "System.Xml.Linq.XNodeEqualityComparer",
    Kind::Class,
    &[&[
        Row::unbuilt(Form::Constructor, true, "XNodeEqualityComparer()"),
        Row::unbuilt(Form::Method, false, "bool Equals(XNode x, XNode y)"),
        Row::unbuilt(Form::Method, false, "int GetHashCode(XNode obj)"),
    ]],
);

static XML_LINQ_XOBJECT: TypeDef = TypeDef::new(
    "System.Xml.Linq.XObject",
    Kind::Class,
    &[&[
        Row::unbuilt(Form::Method, false, "void AddAnnotation(object annotation)"),
        Row::unbuilt(Form::Method, false, "object Annotation(Type type)"),
        Row::unbuilt(Form::Method, false, "T Annotation<T>()"),
        Row::unbuilt(Form::Method, false, "IEnumerable<object> Annotations(Type type)"),
        Row::unbuilt(Form::Method, false, "IEnumerable<T> Annotations<T>()"),
        Row::unbuilt(Form::Property, false, "string BaseUri { get; }"),
        Row::unbuilt(Form::Property, false, "XDocument Document { get; }"),
        Row::unbuilt(Form::Property, false, "XmlNodeType NodeType { get; }"),
        Row::unbuilt(Form::Property, false, "XElement Parent { get; }"),
        Row::unbuilt(Form::Method, false, "void RemoveAnnotations(Type type)"),
        Row::unbuilt(Form::Method, false, "void RemoveAnnotations<T>()"),
    ]],
)
.is_abstract();

static XML_LINQ_XPROCESSING_INSTRUCTION: TypeDef = TypeDef::new(
    "System.Xml.Linq.XProcessingInstruction",
    Kind::Class,
    &[&[
        Row::unbuilt(Form::Constructor, true, "XProcessingInstruction(string target, string data)"),
        Row::unbuilt(Form::Constructor, true, "XProcessingInstruction(XProcessingInstruction other)"),
        Row::unbuilt(Form::Property, false, "string Data { get; set; }"),
        Row::unbuilt(Form::Property, false, "XmlNodeType NodeType { get; }"),
        Row::unbuilt(Form::Property, false, "string Target { get; set; }"),
        Row::unbuilt(Form::Method, false, "void WriteTo(XmlWriter writer)"),
    ]],
)
.base("XNode");

static XML_LINQ_XTEXT: TypeDef = TypeDef::new(
    "System.Xml.Linq.XText",
    Kind::Class,
    &[&[
        Row::unbuilt(Form::Constructor, true, "XText(string value)"),
        Row::unbuilt(Form::Constructor, true, "XText(XText other)"),
        Row::unbuilt(Form::Property, false, "XmlNodeType NodeType { get; }"),
        Row::unbuilt(Form::Property, false, "string Value { get; set; }"),
        Row::unbuilt(Form::Method, false, "void WriteTo(XmlWriter writer)"),
    ]],
)
.base("XNode");

static XML_XML_NODE_TYPE: TypeDef = TypeDef::new(
    "System.Xml.XmlNodeType",
    Kind::Enum,
    &[&[
        enum_value("Attribute = 2", 2),
        enum_value("CDATA = 4", 4),
        enum_value("Comment = 8", 8),
        enum_value("Document = 9", 9),
        enum_value("DocumentFragment = 11", 11),
        enum_value("DocumentType = 10", 10),
        enum_value("Element = 1", 1),
        enum_value("EndElement = 15", 15),
        enum_value("EndEntity = 16", 16),
        enum_value("Entity = 6", 6),
        enum_value("EntityReference = 5", 5),
        enum_value("None = 0", 0),
        enum_value("Notation = 12", 12),
        enum_value("ProcessingInstruction = 7", 7),
        enum_value("SignificantWhitespace = 14", 14),
        enum_value("Text = 3", 3),
        enum_value("Whitespace = 13", 13),
        enum_value("XmlDeclaration = 17", 17),
    ]],
);
