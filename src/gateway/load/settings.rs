//! `portcullis.yaml`, beside the folders of the layout: what the platform keeps in the service itself.
//!
//! ```yaml
//! network: internal            # or external, the usual one
//! hosts: [api.example.com]     # the gateway's own, besides those that callers use
//! hopLimit: 8                  # a request passes the gateway at most this often
//! protocols: enforced          # or shown: whether APIs answer by the protocols that they name alone
//! ```

use super::Loader;
use super::files::strip_bom;
use crate::dotnet::context::Network;
use crate::source::FileId;
use serde_json::{Map, Value};

const MOST_HOPS: u64 = 100;

impl Loader<'_> {
    pub(super) fn settings(&mut self, file: FileId) {
        let members = match serde_yaml_ng::from_str::<Value>(strip_bom(self.sources.text(file))) {
            Ok(Value::Object(members)) => members,
            Ok(Value::Null) => Map::new(),
            Ok(_) => return self.error(file, "", "the settings are a map of names and values".to_owned()),
            Err(error) => {
                let place = error.location().map(|place| (place.line() as u32, place.column() as u32));
                return self.unreadable(file, &error.to_string(), place);
            }
        };
        let mut network = Network::default();
        for (name, value) in &members {
            match (name.as_str(), value) {
                ("network", Value::String(kind)) if kind == "internal" => network.internal = true,
                ("network", Value::String(kind)) if kind == "external" => network.internal = false,
                ("network", _) => self.error(file, name, "`network` is internal or external".to_owned()),
                ("hosts", Value::Array(hosts)) if hosts.iter().all(Value::is_string) => {
                    network.hosts = hosts.iter().filter_map(Value::as_str).map(Into::into).collect();
                }
                ("hosts", _) => self.error(file, name, "`hosts` is a list of host names".to_owned()),
                ("hopLimit", value) => match value.as_u64() {
                    Some(most @ 1..=MOST_HOPS) => network.most_hops = most as u32,
                    _ => self.error(file, name, format!("`hopLimit` is a number between 1 and {MOST_HOPS}")),
                },
                ("protocols", Value::String(rule)) if matches!(rule.as_str(), "enforced" | "shown") => {
                    self.gateway.enforces_protocols = Some(rule == "enforced");
                }
                ("protocols", _) => self.error(file, name, "`protocols` is enforced or shown".to_owned()),
                _ => {
                    let known = "network, hosts, hopLimit and protocols are";
                    self.error(file, name, format!("`{name}` is no setting: {known}"));
                }
            }
        }
        self.gateway.network = network;
    }
}
