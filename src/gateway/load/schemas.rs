//! `schemas/` to the schemas that `validate-content` may name.

use super::Loader;
use super::files::text;
use crate::gateway::model::Schema;
use crate::source::FileId;

impl Loader<'_> {
    pub(super) fn schema(&mut self, name: &str, file: FileId) {
        if self.gateway.schemas.contains_key(name) {
            return self.twice(file, "schemas", name);
        }
        let Some(properties) = self.properties(file) else { return };
        self.other_members(
            file,
            &properties,
            &["schemaType", "description", "value", "document", "contentType"],
            "a schema",
        );
        let kind = text(&properties, "schemaType").unwrap_or("json").to_ascii_lowercase();
        if !matches!(kind.as_str(), "json" | "xml") {
            return self.error(file, "schemaType", format!("`{kind}` is neither `json` nor `xml`"));
        }
        let value = properties.get("value").or_else(|| properties.get("document")).cloned().unwrap_or_default();
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.gateway.schemas.insert(name.into(), Schema { is_xml: kind == "xml", text: value.into() });
    }
}
