//! Texts and their parts, as .NET reads and writes them.

//! What is expected comes from .NET Core 3.1.

use super::*;

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

fn absolute(text: &str) -> Uri {
    Uri::parse(&units(text), false, UriKind::Absolute).expect("the table's texts are URIs")
}

fn show(uri: &Uri, form: Form) -> String {
    let own = uri.absolute.as_ref().expect("the table's URIs are absolute");
    String::from_utf16_lossy(&own.parts(part::ABSOLUTE, form, false).expect("no lone surrogates"))
}

/// Text, `AbsoluteUri`, `ToString()`, `Host`, `LocalPath`.
#[test]
fn parts_of_uris() {
    #[rustfmt::skip] // a URI a line
    let cases = [
        ("http://example.com", ["http://example.com/", "http://example.com/", "example.com", "/"]),
        ("https://user:pw@Example.COM:8443/a/b%20c/../d?x=1&y=%26#frag", ["https://user:pw@example.com:8443/a/d?x=1&y=%26#frag", "https://user:pw@example.com:8443/a/d?x=1&y=%26#frag", "example.com", "/a/d"]),
        ("http://h:80 ", ["http://h/", "http://h/", "h", "/"]),
        ("http://h:080/", ["http://h/", "http://h/", "h", "/"]),
        ("http://u@h", ["http://u@h/", "http://u@h/", "h", "/"]),
        ("http://[fe80::1%eth0]/x", ["http://[fe80::1]/x", "http://[fe80::1]/x", "[fe80::1]", "/x"]),
        ("http://0x7f.1", ["http://127.0.0.1/", "http://127.0.0.1/", "127.0.0.1", "/"]),
        ("http://1.2.3.4.5", ["http://1.2.3.4.5/", "http://1.2.3.4.5/", "1.2.3.4.5", "/"]),
        ("http://-a", ["http://-a/", "http://-a/", "-a", "/"]),
        ("http://loopback/", ["http://localhost/", "http://localhost/", "localhost", "/"]),
        ("http://münchen.de/%C3%BC?ü#ü", ["http://münchen.de/%C3%BC?%C3%BC#%C3%BC", "http://münchen.de/ü?ü#ü", "münchen.de", "/ü"]),
        ("http://h/%41%2e%2E/b", ["http://h/A../b", "http://h/A../b", "h", "/A../b"]),
        ("http://h/a//../b", ["http://h/a/b", "http://h/a/b", "h", "/a/b"]),
        ("http://h/a b", ["http://h/a%20b", "http://h/a b", "h", "/a b"]),
        ("http://h/a%2", ["http://h/a%252", "http://h/a%252", "h", "/a%2"]),
        ("http://h/%2F%5C%3F%23%25", ["http://h/%2F%5C%3F%23%25", "http://h/%2F%5C%3F%23%25", "h", "//\\?#%"]),
        ("http://h/a\\b", ["http://h/a/b", "http://h/a/b", "h", "/a/b"]),
        ("http://h/a?b\\c", ["http://h/a?b%5Cc", "http://h/a?b\\c", "h", "/a"]),
        ("http://h/%ff%fe", ["http://h/%ff%fe", "http://h/%FF%FE", "h", "/%FF%FE"]),
        ("gopher://h/?q", ["gopher://h/%3Fq", "gopher://h/%3Fq", "h", "/?q"]),
        ("ftp://h/a?b#c", ["ftp://h/a%3Fb#c", "ftp://h/a%3Fb#c", "h", "/a?b"]),
        ("mailto:a@b", ["mailto:a@b", "mailto:a@b", "b", ""]),
        ("mailto:?x", ["mailto:?x", "mailto:?x", "", ""]),
        ("urn:isbn:1?x#y", ["urn:isbn:1?x#y", "urn:isbn:1?x#y", "", "isbn:1"]),
        ("news:a.b", ["news:a.b", "news:a.b", "", "a.b"]),
        ("file:///a/b\\c", ["file:///a/b%5Cc", "file:///a/b\\c", "", "/a/b\\c"]),
        ("file://h/a", ["file://h/a", "file://h/a", "h", "\\\\h\\a"]),
        ("file:////h/a", ["file://h/a", "file://h/a", "h", "\\\\h\\a"]),
        ("c:\\x\\y", ["file:///c:/x/y", "file:///c:/x/y", "", "c:\\x\\y"]),
        ("/a", ["file:///a", "file:///a", "", "/a"]),
        ("//a/b", ["file:////a/b", "file:////a/b", "", "//a/b"]),
        ("\\\\srv\\share\\f.txt", ["file://srv/share/f.txt", "file://srv/share/f.txt", "srv", "\\\\srv\\share\\f.txt"]),
        ("http://h/%7e%2d", ["http://h/~-", "http://h/~-", "h", "/~-"]),
        ("http://h/%00", ["http://h/%00", "http://h/%00", "h", "/\0"]),
        ("hTTp://h", ["http://h/", "http://h/", "h", "/"]),
        ("ldap:///a", ["ldap:///a", "ldap:///a", "", "/a"]),
        ("net.pipe://h/a", ["net.pipe://h/a", "net.pipe://h/a", "h", "/a"]),
        ("http://h/a/./b/../c", ["http://h/a/c", "http://h/a/c", "h", "/a/c"]),
    ];
    for (text, wanted) in cases {
        let uri = absolute(text);
        let own = uri.absolute.as_ref().expect("the table's URIs are absolute");
        let local = own.local_path(false).expect("no lone surrogates");
        let made = [
            show(&uri, Form::Escaped),
            show(&uri, Form::Display),
            String::from_utf16_lossy(&own.host),
            String::from_utf16_lossy(&local),
        ];
        assert_eq!(made, wanted, "{text}");
    }
}

#[test]
fn texts_that_are_no_uris() {
    let cases = [
        ("http://host\\path", "Invalid URI: The hostname could not be parsed."),
        ("http:h", "Invalid URI: The Authority/Host could not be parsed."),
        ("http://", "Invalid URI: The hostname could not be parsed."),
        ("a", "Invalid URI: The format of the URI could not be determined."),
        ("x:y", "Invalid URI: A Dos path must be rooted, for example, 'c:\\\\'."),
        ("1:2", "Invalid URI: The URI scheme is not valid."),
        ("http://h:99999/", "Invalid URI: Invalid port specified."),
        ("http://a..b", "Invalid URI: The hostname could not be parsed."),
        ("", "Invalid URI: The URI is empty."),
    ];
    for (text, wanted) in cases {
        let problem = Uri::parse(&units(text), false, UriKind::Absolute).expect_err(text);
        assert_eq!(problem.message(), wanted, "{text}");
    }
}

#[test]
fn relative_uris_are_resolved() {
    #[rustfmt::skip] // a pair a line
    let cases = [
        ("http://h/a/b/c?d=e#f", "", "http://h/a/b/c?d=e#f"),
        ("http://h/a/b/c?d=e#f", "x", "http://h/a/b/x"),
        ("http://h/a/b/c?d=e#f", "/x", "http://h/x"),
        ("http://h/a/b/c?d=e#f", "//o/z", "http://o/z"),
        ("http://h/a/b/c?d=e#f", "?q", "http://h/a/b/c?q"),
        ("http://h/a/b/c?d=e#f", "#f", "http://h/a/b/c?d=e#f"),
        ("http://h/a/b/c?d=e#f", "../x", "http://h/a/x"),
        ("http://h/a/b/c?d=e#f", "../../../x", "http://h/x"),
        ("http://h/a/b/c?d=e#f", "./x/../y", "http://h/a/b/y"),
        ("http://h/a/b/c?d=e#f", "http:x", "http://h/a/b/x"),
        ("http://h/a/b/c?d=e#f", "c:/z", "file:///c:/z"),
        ("file:///a/b/c", "x", "file:///a/b/x"),
        ("file:///a/b/c", "/x", "file:///x"),
        ("file:///a/b/c", "//o/z", "file://o/z"),
        ("file:///a/b/c", "?q", "file:///a/b/c?q"),
        ("file:///a/b/c", "../x", "file:///a/x"),
        ("http://[::1%25x]:8/a/b", "x", "http://[::1]:8/a/x"),
        ("http://[::1%25x]:8/a/b", "/x", "http://[::1]:8/x"),
        ("http://[::1%25x]:8/a/b", "//o/z", "http://o/z"),
        ("http://[::1%25x]:8/a/b", "?q", "http://[::1]:8/a/b?q"),
        ("http://[::1%25x]:8/a/b", "../x", "http://[::1]:8/x"),
        ("c:\\a\\b", "x", "file:///c:/a/x"),
        ("c:\\a\\b", "/x", "file:///c:/x"),
        ("c:\\a\\b", "//o/z", "file:////o/z"),
        ("c:\\a\\b", "?q", "file:///c:/a/%3Fq"),
        ("c:\\a\\b", "../x", "file:///c:/x"),
        ("mailto:a@b.c?x", "x", "mailto:a@b.cx"),
        ("mailto:a@b.c?x", "/x", "mailto:a@b.c/x"),
        ("mailto:a@b.c?x", "//o/z", "mailto://o/z"),
        ("mailto:a@b.c?x", "?q", "mailto:a@b.c?q"),
    ];
    for (base, relative, wanted) in cases {
        let relative_uri = Uri::parse(&units(relative), false, UriKind::Either).expect("relative");
        let made = absolute(base).resolve(&relative_uri).expect("resolves");
        assert_eq!(show(&made, Form::Escaped), wanted, "{base} and {relative}");
    }
}

/// Whatever a text is, it is read or refused, and read again the same when it was escaped.
#[test]
fn no_text_panics() {
    const PIECES: &[&str] = &[
        "http:", "file:", "x", "//", "/", "\\", ":", "@", "[", "]", "::1", "%", "%2e", "%C3%BC", "ü", "?", "#", "..",
        " ", "\0", "c:",
    ];
    let mut seed = 7u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..8 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(PIECES[(seed >> 33) as usize % PIECES.len()]);
        }
        for kind in [UriKind::Absolute, UriKind::Either, UriKind::Relative] {
            let Ok(uri) = Uri::parse(&units(&text), false, kind) else { continue };
            let _ = is_well_formed(&uri);
            let Some(own) = &uri.absolute else { continue };
            for form in [Form::Escaped, Form::Unescaped, Form::SafeUnescaped, Form::Display] {
                let _ = own.parts(part::ABSOLUTE | part::KEEP_DELIMITER, form, false);
            }
            let _ = (own.local_path(false), dns_host(own), uri.equals(&absolute("http://h/")));
            let _ = (uri.resolve(&uri), absolute("http://h/a/b").resolve(&uri), uri.way_to(&absolute("http://h/a")));
        }
    }
}
