//! Domain names in the form that the DNS takes: Unicode labels as Punycode (RFC 3492) behind `xn--`.

use unicode_normalization::UnicodeNormalization;

/// A host with each Unicode label in ASCII.
pub fn to_ascii(host: &[u16]) -> String {
    let host = String::from_utf16_lossy(host);
    if host.is_ascii() {
        return host;
    }
    let lowered: String = host.nfkc().flat_map(char::to_lowercase).nfkc().flat_map(transitional).collect();
    let dot = |c: char| matches!(c, '.' | '\u{3002}' | '\u{FF0E}' | '\u{FF61}');
    let labels = lowered.split(dot).map(|label| match label.is_ascii() {
        true => label.to_owned(),
        false => format!("xn--{}", punycode(label)),
    });
    labels.collect::<Vec<_>>().join(".")
}

/// What older names made of four characters (UTS 46, transitional processing), as .NET does.
fn transitional(c: char) -> impl Iterator<Item = char> {
    let text = match c {
        'ß' => "ss",
        'ς' => "σ",
        '\u{200C}' | '\u{200D}' | '\u{AD}' => "",
        _ => return Either::One(std::iter::once(c)),
    };
    Either::Text(text.chars())
}

enum Either {
    One(std::iter::Once<char>),
    Text(std::str::Chars<'static>),
}

impl Iterator for Either {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self {
            Either::One(one) => one.next(),
            Either::Text(text) => text.next(),
        }
    }
}

const BASE: u32 = 36;
const SMALLEST: u32 = 1;
const LARGEST: u32 = 26;

/// The Punycode of a label. Labels are short (63 octets at most), so nothing overflows.
fn punycode(label: &str) -> String {
    let code_points: Vec<u32> = label.chars().map(u32::from).collect();
    let mut out: String = label.chars().filter(char::is_ascii).collect();
    let basic = out.len() as u32;
    if basic > 0 {
        out.push('-');
    }
    let (mut n, mut delta, mut bias, mut handled) = (128u32, 0u32, 72u32, basic);
    while (handled as usize) < code_points.len() {
        let Some(next) = code_points.iter().copied().filter(|&c| c >= n).min() else { break };
        delta = delta.saturating_add((next - n).saturating_mul(handled + 1));
        n = next;
        for &c in &code_points {
            if c < n {
                delta = delta.saturating_add(1);
            }
            if c != n {
                continue;
            }
            let mut q = delta;
            let mut k = BASE;
            loop {
                let threshold = k.saturating_sub(bias).clamp(SMALLEST, LARGEST);
                if q < threshold {
                    break;
                }
                out.push(digit(threshold + (q - threshold) % (BASE - threshold)));
                q = (q - threshold) / (BASE - threshold);
                k += BASE;
            }
            out.push(digit(q));
            bias = adapt(delta, handled + 1, handled == basic);
            delta = 0;
            handled += 1;
        }
        delta = delta.saturating_add(1);
        n += 1;
    }
    out
}

fn digit(value: u32) -> char {
    // 0 to 25 are a to z, 26 to 35 are 0 to 9.
    char::from_digit((value + 10) % 36, 36).unwrap_or_default()
}

fn adapt(delta: u32, points: u32, first: bool) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / points;
    let mut k = 0;
    while delta > (BASE - SMALLEST) * LARGEST / 2 {
        delta /= BASE - SMALLEST;
        k += BASE;
    }
    k + (BASE - SMALLEST + 1) * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::to_ascii;

    #[test]
    fn labels() {
        let cases = [
            ("münchen.de", "xn--mnchen-3ya.de"),
            ("例え.jp", "xn--r8jz45g.jp"),
            ("Bücher.example", "xn--bcher-kva.example"),
            ("plain.example", "plain.example"),
        ];
        for (host, wanted) in cases {
            assert_eq!(to_ascii(&host.encode_utf16().collect::<Vec<_>>()), wanted);
        }
    }
}
