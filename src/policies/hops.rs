//! Calls that may come back to the gateway: each carries how often its request has passed, so that a loop ends with an
//! error instead of a storm. With `network: internal` the gateway cannot be called by itself at all.

use crate::dotnet::context::{Exchange, Network};
use crate::dotnet::fault::{Fault, PolicyError};
use crate::message::{HeaderName, HeaderValue, Request, Url};

/// How often a request has passed a gateway. Policies do not see it.
pub const HOPS: HeaderName = HeaderName::from_static("portcullis-hops");

const LOOP_DETECTED: u16 = 508;

/// Counts a call that `policy` is about to make, or refuses it.
pub fn count(exchange: &mut Exchange, policy: &str, request: &mut Request) -> Result<(), Fault> {
    let network = &exchange.steering.outside.network;
    if network.internal && is_own(&request.url, &exchange.original_url, network) {
        let message = format!(
            "{} is the gateway itself, which cannot be called from inside an internal network.",
            request.url.authority()
        );
        exchange.trace(policy, message.as_str());
        return Err(Fault::policy("BackendConnectionFailure", message));
    }
    let hops = exchange.steering.hops.saturating_add(1);
    if hops > network.most_hops {
        let message = format!("The request has passed this gateway {} times: its backends lead in a circle.", hops - 1);
        exchange.trace(policy, message.as_str());
        return Err(Fault::Policy(Box::new(PolicyError {
            reason: Some("BackendConnectionFailure".into()),
            caller_message: Some(message.as_str().into()),
            message,
            status: LOOP_DETECTED,
            ..PolicyError::default()
        })));
    }
    let value = if hops == 1 { HeaderValue::from_static("1") } else { HeaderValue::from(hops) };
    if !request.headers.set(HOPS, value) {
        return Err(Fault::invalid_operation("The message holds too many headers."));
    }
    Ok(())
}

/// Whether a URL leads to the host that the caller used, or to another of the gateway's own.
fn is_own(url: &Url, original: &Url, network: &Network) -> bool {
    // The ports that schemes have of themselves are both the gateway's.
    let same_port =
        url.effective_port() == original.effective_port() || (url.port.is_none() && original.port.is_none());
    let is_callers = same_port && url.host.eq_ignore_ascii_case(&original.host);
    is_callers
        || network.hosts.iter().any(|own| match own.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                url.host.eq_ignore_ascii_case(host) && port.parse() == Ok(url.effective_port())
            }
            _ => url.host.eq_ignore_ascii_case(own),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gateways_own_hosts() {
        let network = Network { hosts: vec!["own.example".into(), "other.example:8443".into()], ..Network::default() };
        let original = Url::parse("http://Gateway.example:8080/a").expect("a URL");
        for (url, own) in [
            ("http://gateway.example:8080/b", true),
            ("http://gateway.example/b", false),
            ("https://own.example:81/", true),
            ("https://other.example:8443/", true),
            ("https://other.example/", false),
            ("http://backend.example:8080/", false),
        ] {
            assert_eq!(is_own(&Url::parse(url).expect("a URL"), &original, &network), own, "{url}");
        }
    }
}
