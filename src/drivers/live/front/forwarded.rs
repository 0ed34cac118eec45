//! Whose word counts about where a request came from: proxies in networks that are named, and no one else.

use crate::message::Url;
use http::header::{self, HeaderMap};
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// A range of addresses: `10.0.0.0/8`, `::1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// IPv4 as mapped into IPv6.
    bits: u128,
    mask: u128,
}

fn bits(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().to_bits(),
        IpAddr::V6(ip) => ip.to_bits(),
    }
}

impl Network {
    pub fn holds(&self, ip: IpAddr) -> bool {
        bits(ip) & self.mask == self.bits
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Network, String> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let ip: IpAddr = address.parse().map_err(|_| format!("`{address}` is no IP address"))?;
        let (most, unused) = if ip.is_ipv4() { (32, 96) } else { (128, 0) };
        let length = match length {
            None => most,
            Some(length) => {
                let length = length.parse().ok().filter(|length| *length <= most);
                length.ok_or_else(|| format!("a network of this kind ends in a number from 0 to {most}"))?
            }
        };
        let mask = u128::MAX.checked_shl(128 - (unused + length)).unwrap_or(0);
        Ok(Network { bits: bits(ip) & mask, mask })
    }
}

/// Which fields the trusted proxies write. Only those are read: a caller may have written the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fields {
    /// `X-Forwarded-For`, `X-Forwarded-Proto`, `X-Forwarded-Host`.
    #[default]
    XForwarded,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// The rule. Without networks nobody is trusted.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    pub networks: Vec<Network>,
    pub fields: Fields,
}

/// What a trusted proxy said.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Origin {
    pub client: Option<IpAddr>,
    pub scheme: Option<&'static str>,
    pub host: Option<String>,
}

impl Trust {
    pub fn covers(&self, ip: IpAddr) -> bool {
        self.networks.iter().any(|network| network.holds(ip))
    }

    /// Reads what a trusted peer wrote.
    pub fn origin(&self, headers: &HeaderMap) -> Origin {
        match self.fields {
            Fields::XForwarded => self.of_x_forwarded(headers),
            Fields::Forwarded => self.of_forwarded(headers),
        }
    }

    /// From the nearest hop back: the first address that is no trusted proxy's. What stands before it is hearsay.
    fn client<T: Copy>(&self, hops: &[T], address: impl Fn(T) -> Option<IpAddr>) -> (Option<IpAddr>, Option<T>) {
        let mut found = (None, None);
        for &hop in hops.iter().rev() {
            let Some(ip) = address(hop) else { break };
            found = (Some(ip), Some(hop));
            if !self.covers(ip) {
                break;
            }
        }
        found
    }

    fn of_x_forwarded(&self, headers: &HeaderMap) -> Origin {
        let hops: Vec<&str> = elements(headers, "x-forwarded-for").collect();
        let (client, _) = self.client(&hops, address);
        Origin {
            client,
            scheme: elements(headers, "x-forwarded-proto").last().and_then(scheme),
            host: elements(headers, "x-forwarded-host").last().filter(|host| is_host(host)).map(str::to_owned),
        }
    }

    fn of_forwarded(&self, headers: &HeaderMap) -> Origin {
        let hops: Vec<&str> = elements(headers, header::FORWARDED.as_str()).collect();
        let parameter = |hop: &str, name: &str| {
            hop.split(';').find_map(|pair| {
                let (own, value) = pair.split_once('=')?;
                own.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
            })
        };
        let (client, hop) = self.client(&hops, |hop| address(&parameter(hop, "for")?));
        let hop = hop.or(hops.last().copied());
        Origin {
            client,
            scheme: hop.and_then(|hop| scheme(&parameter(hop, "proto")?)),
            host: hop.and_then(|hop| parameter(hop, "host")).filter(|host| is_host(host)),
        }
    }
}

/// The parts of a list that may stand in several fields.
fn elements<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).filter(|part| !part.is_empty())
}

/// With or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None if text.matches(':').count() == 1 => text.split(':').next()?,
        None => text,
    };
    let ip: IpAddr = bare.parse().ok()?;
    Some(match ip {
        IpAddr::V6(v6) => canonical(v6),
        v4 => v4,
    })
}

fn canonical(ip: Ipv6Addr) -> IpAddr {
    ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4)
}

fn scheme(text: &str) -> Option<&'static str> {
    ["http", "https"].into_iter().find(|known| text.eq_ignore_ascii_case(known))
}

fn is_host(text: &str) -> bool {
    !text.contains(['/', '?', '#', '@', ' ']) && Url::parse(&format!("http://{text}")).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::{HeaderName, HeaderValue};

    #[test]
    fn networks_hold_their_addresses() {
        let table = [
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::ffff:10.0.0.1", true),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false),
            ("0.0.0.0/0", "192.0.2.1", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::/0", "2001:db9::1", true),
        ];
        for (network, ip, holds) in table {
            let network: Network = network.parse().expect("a network");
            assert_eq!(network.holds(ip.parse().expect("an address")), holds, "{network:?} {ip}");
        }
        for wrong in ["10.0.0.0/33", "x", "10.0.0.0/-1", "::/129", "/8", "10.0.0.0/"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_nearest_address_that_is_not_trusted_is_the_clients() {
        let x = |fields: &str| told(Fields::XForwarded, fields);
        assert_eq!(x("X-Forwarded-For: 6.6.6.6, 1.2.3.4, 10.0.0.2"), "1.2.3.4 - -");
        assert_eq!(x("X-Forwarded-For: 6.6.6.6|X-Forwarded-For: 1.2.3.4:88"), "1.2.3.4 - -");
        assert_eq!(x("X-Forwarded-For: 10.0.0.1"), "10.0.0.1 - -");
        assert_eq!(x("X-Forwarded-For: 1.2.3.4, unknown"), "- - -");
        assert_eq!(x("X-Forwarded-Proto: HTTPS|X-Forwarded-Host: a.example:444"), "- https a.example:444");
        assert_eq!(x("X-Forwarded-Proto: gopher|X-Forwarded-Host: a/b"), "- - -");
        assert_eq!(x("Forwarded: for=1.2.3.4"), "- - -");
        let f = |fields: &str| told(Fields::Forwarded, fields);
        assert_eq!(
            f("Forwarded: for=6.6.6.6;proto=http, For=\"[2001:db8::7]:1\";Proto=https;host=a.b"),
            "2001:db8::7 https a.b"
        );
        assert_eq!(f("Forwarded: for=1.2.3.4;host=a, for=10.0.0.9;host=b"), "1.2.3.4 - a");
        assert_eq!(f("Forwarded: for=_hidden;proto=https"), "- https -");
        assert_eq!(f("X-Forwarded-For: 1.2.3.4"), "- - -");
    }

    fn told(fields: Fields, text: &str) -> String {
        let mut headers = HeaderMap::new();
        for line in text.split('|') {
            let (name, value) = line.split_once(": ").expect("name: value");
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
            headers.append(name, HeaderValue::from_str(value).expect("a value"));
        }
        let trust = Trust { networks: vec!["10.0.0.0/8".parse().expect("a network")], fields };
        let Origin { client, scheme, host } = trust.origin(&headers);
        let client = client.map_or("-".to_owned(), |client| client.to_string());
        format!("{client} {} {}", scheme.unwrap_or("-"), host.as_deref().unwrap_or("-"))
    }
}
