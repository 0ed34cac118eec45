//! Near names, by edit distance.

/// The candidate that `written` most likely meant: at most a quarter of it is wrong, and case counts for nothing.
pub fn near_name<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Longer names are no typing mistakes, and the distance is quadratic.
    if written.len() > 100 {
        return None;
    }
    let folded: Vec<char> = written.to_lowercase().chars().collect();
    let allowed = (folded.len() / 4).clamp(1, 3);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != written && candidate.len().abs_diff(written.len()) <= allowed + 3)
        .map(|candidate| (distance(&folded, &candidate.to_lowercase().chars().collect::<Vec<_>>()), candidate))
        .filter(|(distance, _)| *distance <= allowed && distance * 2 <= folded.len())
        .min_by_key(|(distance, candidate)| (*distance, *candidate))
        .map(|(_, candidate)| candidate)
}

/// How many characters to insert, delete, replace or swap with their neighbour.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &left) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &right) in b.iter().enumerate() {
            let mut best = (last[j] + usize::from(left != right)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && left == b[j - 1] && a[i - 1] == right {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = last;
        last = row;
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::near_name;

    #[test]
    fn near_names() {
        let policies = ["set-header", "set-body", "set-variable", "choose", "cors", "when", "otherwise"];
        let table = [
            ("set-haeder", Some("set-header")),
            ("set-headers", Some("set-header")),
            ("Set-Header", Some("set-header")),
            ("chose", Some("choose")),
            ("wehn", Some("when")),
            ("setvariable", Some("set-variable")),
            ("frobnicate", None),
            ("x", None),
            ("", None),
        ];
        for (written, near) in table {
            assert_eq!(near_name(written, policies), near, "{written}");
        }
    }
}
