//! Mistakes planted into real policies: nearly all are found, by their code, on their line, and bring no crowd of other
//! errors along. Seeded, so that every run plants the same.

mod csharp;
mod documents;

use super::support::corpus_files;
use portcullis::diagnostics::{Finding, Severity};
use std::collections::BTreeMap;

/// Errors beside the planted one that are still no avalanche.
const OTHERS: usize = 2;

/// The sample, which stands in where the corpus is absent, and the files of the corpus in which nothing is wrong.
fn right_files(sample: &str, read: impl Fn(&str, Vec<u8>) -> Vec<Finding>) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![("sample".to_owned(), sample.as_bytes().to_vec())];
    for set in ["snippets", "docs"] {
        files.extend(corpus_files(set));
    }
    files.retain(|(name, bytes)| {
        let found = read(name, bytes.clone());
        found.iter().all(|finding| finding.severity != Severity::Error && finding.code.name != "policy::not_policy")
    });
    assert!(files.iter().any(|(name, _)| name == "sample"), "the sample holds no error");
    files
}

/// What became of the mistakes that were planted.
#[derive(Default)]
struct Tally {
    missed: BTreeMap<&'static str, Vec<String>>,
    total: usize,
    good: usize,
}

impl Tally {
    /// Plants a kind of mistake until it was planted `rounds` times; `plant` says whether its file could take it.
    fn rounds(&mut self, title: &str, rounds: usize, mut plant: impl FnMut(&mut Tally, usize) -> Option<()>) {
        let mut done = 0;
        for attempt in 1..=rounds * 40 {
            done += usize::from(plant(self, attempt).is_some());
            if done == rounds {
                return;
            }
        }
        assert!(done > 0, "nothing to plant: {title}");
    }

    /// Counts one: how often it was found where it stands, the other errors, and the words for a miss.
    fn count(&mut self, title: &'static str, hits: usize, others: usize, miss: impl FnOnce() -> String) {
        self.total += 1;
        if hits > 0 && others <= OTHERS {
            self.good += 1;
        } else {
            let miss = format!("{} ({hits} hits, {others} others)", miss());
            self.missed.entry(title).or_default().push(miss);
        }
    }

    /// Nearly all were found.
    fn end(self) {
        let Tally { missed, total, good } = self;
        let mut report = String::new();
        for (title, misses) in &missed {
            report += &format!("{title}: {} missed\n  {}\n", misses.len(), misses[..misses.len().min(4)].join("\n  "));
        }
        println!("{good} of {total}\n{report}");
        assert!(good * 100 >= total * 95, "{good} of {total} planted mistakes were found\n{report}");
    }
}
