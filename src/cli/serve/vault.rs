//! Who may ask a Key Vault, and when: arguments and environment to the rule of a [`Vault`].

use crate::drivers::live::{Tokens, Vault, VaultRule};
use crate::message::Url;
use clap::{Args, ValueEnum};
use std::time::Duration;

#[derive(Args, Debug)]
#[command(next_help_heading = "Key Vault")]
pub struct VaultArguments {
    /// Ask Key Vaults for the secrets that named values and certificates lie in, as whom the environment says:
    /// `managed-identity` (IDENTITY_ENDPOINT and IDENTITY_HEADER, else the machine's metadata service), `client`
    /// (AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_AUTHORITY_HOST), or `token`
    /// (PORTCULLIS_KEY_VAULT_TOKEN).
    #[arg(long, value_enum, value_name = "AS")]
    key_vault: Option<As>,
    /// Ask this address in place of the vaults' own.
    #[arg(long, value_name = "URL", requires = "key_vault")]
    key_vault_address: Option<String>,
    /// Seconds until vaults are asked again; a secret that has changed counts without a reload.
    #[arg(long, value_name = "SECONDS", default_value_t = 3600, requires = "key_vault",
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    key_vault_refresh: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum As {
    ManagedIdentity,
    Client,
    Token,
}

impl VaultArguments {
    /// `None`: no vault is asked.
    pub fn vault(&self) -> Result<Option<Vault>, String> {
        let Some(kind) = self.key_vault else { return Ok(None) };
        let url = |what: &str, text: &str| Url::parse(text).map_err(|why| format!("{what} {text}: {why}"));
        let tokens = match kind {
            As::Token => Tokens::Given(variable("PORTCULLIS_KEY_VAULT_TOKEN")?),
            As::Client => {
                let host = variable("AZURE_AUTHORITY_HOST");
                let host = host.unwrap_or_else(|_| "https://login.microsoftonline.com".to_owned());
                let tenant = variable("AZURE_TENANT_ID")?;
                let endpoint = format!("{}/{tenant}/oauth2/v2.0/token", host.trim_end_matches('/'));
                Tokens::Client {
                    endpoint: url("AZURE_AUTHORITY_HOST", &endpoint)?,
                    id: variable("AZURE_CLIENT_ID")?,
                    secret: variable("AZURE_CLIENT_SECRET")?,
                }
            }
            As::ManagedIdentity => match variable("IDENTITY_ENDPOINT") {
                Ok(endpoint) => Tokens::ManagedIdentity {
                    endpoint: url("IDENTITY_ENDPOINT", &endpoint)?,
                    secret: Some(variable("IDENTITY_HEADER")?),
                },
                Err(_) => Tokens::ManagedIdentity { endpoint: url("the metadata service", METADATA)?, secret: None },
            },
        };
        let address = self.key_vault_address.as_deref().map(|text| url("--key-vault-address", text)).transpose()?;
        Ok(Some(Vault::new(VaultRule { address, tokens })))
    }

    pub fn refresh(&self) -> Duration {
        Duration::from_secs(self.key_vault_refresh)
    }
}

const METADATA: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

fn variable(name: &str) -> Result<String, String> {
    std::env::var(name)
        .ok()
        .filter(|value| !value.is_empty())
        .ok_or_else(|| format!("--key-vault needs the environment variable {name}"))
}
