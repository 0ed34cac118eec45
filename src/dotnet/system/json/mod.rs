//! `Newtonsoft.Json`: tokens, parsing, printing, paths, conversions.
//!
//! In: JSON text and .NET values. Out: `JToken`s and .NET values. A text is scanned once ([`document`]); its tokens become
//! objects when they are touched ([`token`]). Never: recursion over a document's depth without a bound.

mod convert;
mod date;
mod document;
mod equality;
mod members;
mod number;
mod path;
mod reader;
mod serialize;
mod settings;
mod tables;
pub mod token;
mod write;

pub use document::Wanted;
pub use tables::TYPES;
pub use write::write;

#[cfg(test)]
mod tests {
    use crate::dotnet::canonical;
    use crate::dotnet::fault::Fault;
    use crate::dotnet::system::chain;

    /// A real runtime's results for every case that needs no compiler.
    #[test]
    fn chains_answer_as_the_oracle() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/oracle/cases/");
        if crate::dotnet::find_def("System.DateTime", 0).is_none() {
            return;
        }
        let Ok(cases) = std::fs::read_to_string(format!("{folder}json.jsonl")) else { return };
        let expected =
            std::fs::read_to_string(format!("{folder}json.expected.jsonl")).expect("results beside the cases");
        let (mut tried, mut wrong) = (0, Vec::new());
        for (case, expected) in cases.lines().zip(expected.lines()) {
            let case: serde_json::Value = serde_json::from_str(case).expect("a case");
            let expected: serde_json::Value = serde_json::from_str(expected).expect("a result");
            let code = case["code"].as_str().unwrap_or_default();
            let answer = chain::with_call(|cx| {
                let made = chain::evaluate(cx, code)?;
                let text = match made.and_then(|value| canonical_line(cx, value)) {
                    Ok(line) => line,
                    Err(Fault::Throw(thrown)) => format!("{}: {}", thrown.type_name, thrown.message),
                    Err(other) => format!("{other:?}"),
                };
                Some(text)
            });
            let Some(answer) = answer else { continue };
            tried += 1;
            let wanted = match expected["exception"].as_str() {
                Some(exception) => format!("{exception}: {}", expected["message"].as_str().unwrap_or_default()),
                None => format!(
                    "{} {}",
                    expected["type"].as_str().unwrap_or_default(),
                    expected["text"].as_str().unwrap_or_default()
                ),
            };
            // Where a converter fails, ours does not say the line.
            if answer != wanted && !wanted.starts_with(&format!("{}, line ", answer.trim_end_matches('.'))) {
                wrong.push(format!("{code}\n  ours: {answer}\n  real: {wanted}"));
            }
        }
        assert!(tried > 200, "only {tried} cases are chains");
        assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    }

    fn canonical_line(
        cx: &mut crate::dotnet::call::Call<'_>,
        value: crate::dotnet::value::Value,
    ) -> Result<String, Fault> {
        let canonical = canonical::canonical(cx, value)?;
        Ok(format!("{} {}", canonical.type_name, canonical.text))
    }
}
