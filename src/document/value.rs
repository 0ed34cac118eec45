//! Constants: which text each kind of value accepts.

use super::spec::Kind;
use crate::diagnostics::near_name;
use crate::message::{Method, Url};

/// Why a constant is refused.
pub struct Wrong {
    /// What it must be, in words.
    pub expected: String,
    /// What was probably meant.
    pub near: Option<&'static str>,
}

/// Whether a number lies in the range; what is no number was refused for that.
pub fn in_range(text: &str, (least, greatest): (i64, i64)) -> bool {
    text.trim().parse::<f64>().map_or(true, |number| number >= least as f64 && number <= greatest as f64)
}

pub fn check(text: &str, kind: Kind) -> Result<(), Wrong> {
    let value = text.trim();
    let expected = |what: &str| Wrong { expected: what.to_owned(), near: None };
    match kind {
        Kind::Text | Kind::Any | Kind::Variable | Kind::Open(_) => Ok(()),
        // Other tools than the platform fill such placeholders in.
        Kind::Url | Kind::Token if value.contains(['{', '$']) => Ok(()),
        Kind::Url => match Url::parse(value) {
            Ok(_) => Ok(()),
            Err(_) => Err(expected("an absolute URL of http or https")),
        },
        Kind::Token => match Method::from_bytes(value.as_bytes()) {
            Ok(_) => Ok(()),
            Err(_) => Err(expected("a name of letters, digits and `-`, as HTTP has them")),
        },
        Kind::Bool => {
            let known = value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false");
            let near = || near_name(value, ["true", "false"]);
            if known { Ok(()) } else { Err(Wrong { near: near(), ..expected("`true` or `false`") }) }
        }
        Kind::Int => value.parse::<i32>().map(drop).map_err(|_| expected("a whole number")),
        Kind::Long => value.parse::<i64>().map(drop).map_err(|_| expected("a whole number")),
        Kind::Bytes | Kind::Kilobytes => {
            value.parse::<u64>().map(drop).map_err(|_| expected("a whole number, and not below 0"))
        }
        Kind::Seconds | Kind::Milliseconds => match value.parse::<f64>() {
            Ok(number) if number >= 0.0 && number.is_finite() => Ok(()),
            _ => Err(expected(if kind == Kind::Seconds { "a number of seconds" } else { "a number of milliseconds" })),
        },
        Kind::Number => match value.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(()),
            _ => Err(expected("a number")),
        },
        Kind::DateTime => {
            let mut parts = value.splitn(3, '-');
            let year = parts.next().is_some_and(|year| year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()));
            let month =
                parts.next().and_then(|month| month.parse::<u8>().ok()).is_some_and(|month| (1..=12).contains(&month));
            let day = parts
                .next()
                .and_then(|day| day.get(..2)?.parse::<u8>().ok())
                .is_some_and(|day| (1..=31).contains(&day));
            if year && month && day { Ok(()) } else { Err(expected("a time such as 2025-01-31T00:00:00Z")) }
        }
        Kind::Char => match text.chars().count() {
            1 => Ok(()),
            _ => Err(expected("one character")),
        },
        Kind::Enum(words) => {
            if words.contains(&value) {
                return Ok(());
            }
            let listed: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            let listed = match listed.as_slice() {
                [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
                all => all.join(""),
            };
            Err(Wrong { expected: listed, near: near_name(value, words.iter().copied()) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants() {
        let words = Kind::Enum(&["override", "skip"]);
        let table = [
            (Kind::Text, "", true),
            (Kind::Bool, "true", true),
            (Kind::Bool, " False ", true),
            (Kind::Bool, "yes", false),
            (Kind::Bool, "", false),
            (Kind::Int, "-5", true),
            (Kind::Int, "2147483648", false),
            (Kind::Int, "5s", false),
            (Kind::Long, "2147483648", true),
            (Kind::Bytes, "-1", false),
            (Kind::Seconds, "10", true),
            (Kind::Seconds, "-1", false),
            (Kind::Seconds, "1m", false),
            (Kind::Number, "0.05", true),
            (Kind::Number, "NaN", false),
            (Kind::DateTime, "2025-01-31T00:00:00Z", true),
            (Kind::DateTime, "tomorrow", false),
            (Kind::Char, "_", true),
            (Kind::Char, "__", false),
            (Kind::Url, "https://a.example/b?c={d}", true),
            (Kind::Url, "a.example", false),
            (Kind::Url, "ftp://a.example", false),
            (Kind::Token, "X-Request_Id", true),
            (Kind::Token, "X Request", false),
            (Kind::Token, "", false),
            (words, "skip", true),
            (words, "skipp", false),
        ];
        for (kind, text, fits) in table {
            assert_eq!(check(text, kind).is_ok(), fits, "{kind:?} {text}");
        }
        assert_eq!(check("overide", words).err().and_then(|wrong| wrong.near), Some("override"));
    }
}
