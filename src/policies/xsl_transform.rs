//! `xsl-transform` transforms an XML body by an XSLT stylesheet.
//!
//! - `parameter`: holds value; expressions allowed
//! - `parameter/@name`: the syntax block prints parameter-name, every example uses name
//! - `xsl:stylesheet`: XSLT 1.0 document; scripts blocked since Sept 2025
//! - `xsl:stylesheet`: holds stylesheet
//!
//! At run time:
//! - XSLT 1.0 only
//! - result replaces the body
//! - parameter values reach the stylesheet as xsl:param of the same name
//!
//! Limits: may appear once per policy section.

use crate::document::spec::{Attr, ChildSpec, Kind, Section, Spec, Text, Usage};

pub static SPEC: Spec = Spec::new("xsl-transform")
    .title("Transform XML using an XSLT")
    .sections(&[Section::Inbound, Section::Outbound])
    .also(&[Section::OnError])
    .usage(Usage::OncePerSection)
    .children(&[
        ChildSpec::new("parameter").repeats().attributes(&[Attr::text("name").required()]).text(Text::VALUE),
        ChildSpec::new("xsl:stylesheet").required().any_attribute().text(Text::new(Kind::Text).expression().markup()),
    ])
    .sequence();
