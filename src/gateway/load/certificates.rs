//! `certificates/<id>/` to certificates. The file lies beside `certificateInformation.json` (PKCS #12, PEM or DER), or is
//! its `data` in Base64, or lies in a Key Vault. A password may name values.

use super::Loader;
use super::files::{Properties, text};
use super::named_values::Vault;
use crate::dotnet::context::DeployedCertificate;
use crate::dotnet::system::crypto::x509;
use crate::message::ClientIdentity;
use crate::source::FileId;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;

#[derive(Default)]
pub(super) struct CertificateFiles {
    pub(super) information: Option<FileId>,
    /// Usually one; a PEM certificate and its key may be two.
    data: Vec<FileId>,
}

/// Whether a file of the layout is a certificate or a key, which no finding may quote.
pub(super) fn is_binary(path: &str) -> bool {
    let ending = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    matches!(path.split('/').collect::<Vec<_>>()[..], ["certificates", ..] | ["workspaces", _, "certificates", ..])
        && matches!(ending.as_str(), "pfx" | "p12" | "pem" | "crt" | "cer" | "der" | "key")
}

impl Loader<'_> {
    pub(super) fn certificate_file(&mut self, file: FileId, rest: &[&str], files: &mut CertificateFiles) {
        match rest {
            ["certificateInformation.json"] => files.information = Some(file),
            [_] if self.binaries.contains_key(&file) => files.data.push(file),
            _ => self.not_understood(file),
        }
    }

    pub(super) fn certificate_entity(&mut self, name: &str, files: CertificateFiles) -> Option<DeployedCertificate> {
        let properties = match files.information {
            Some(file) => self.properties(file)?,
            None => Properties::new(),
        };
        if let Some(file) = files.information {
            let known = ["data", "password", "keyVault", "subject", "thumbprint", "expirationDate"];
            self.other_members(file, &properties, &known, "a certificate");
        }
        let at = files.information.or(files.data.first().copied())?;
        let written = text(&properties, "password").unwrap_or_default().to_owned();
        if !written.contains("{{") {
            self.sources.hide(at, &written);
        }
        let password = self.with_named_values(at, &written);
        let data = self.data(name, at, &properties, &files.data)?;
        let parts = match x509::parts(&data, &password) {
            Ok(parts) => parts,
            Err(why) => {
                let at = files.data.first().copied().unwrap_or(at);
                self.error(at, "", format!("the certificate `{name}`: {why}"));
                return None;
            }
        };
        let said = text(&properties, "thumbprint").filter(|said| !said.is_empty());
        if let Some(said) = said.filter(|said| !said.eq_ignore_ascii_case(&parts.thumbprint)) {
            let message = format!("the certificate `{name}` has the thumbprint {}, not {said}", parts.thumbprint);
            self.error(at, "thumbprint", message);
        }
        if self.gateway.certificates.contains_key(name) {
            self.twice(at, "certificates", name);
            return None;
        }
        let own: Arc<[u8]> = parts.chain.first()?.as_slice().into();
        if let Some(key) = &parts.key {
            let identity = ClientIdentity { chain: parts.chain, key: key.clone() };
            self.gateway.certificates.insert(name.into(), Arc::new(identity));
        }
        Some(DeployedCertificate { id: name.into(), data: own, key: parts.key.map(Into::into) })
    }

    fn data(&mut self, name: &str, at: FileId, properties: &Properties, files: &[FileId]) -> Option<Vec<u8>> {
        if !files.is_empty() {
            let mut all = Vec::new();
            for file in files {
                all.extend_from_slice(self.binaries.get(file).copied()?);
                all.push(b'\n');
            }
            if files.len() == 1 {
                all.pop();
            }
            return Some(all);
        }
        let encoded = match text(properties, "data") {
            Some(data) => {
                self.sources.hide(at, data);
                data.to_owned()
            }
            None => match self.vault(at, properties, &format!("the certificate `{name}`")) {
                Vault::Told(value) => value,
                Vault::Asked | Vault::Failed => return None,
                Vault::No => {
                    self.error(at, "", format!("the certificate `{name}` has no file here"));
                    return None;
                }
            },
        };
        // A vault hands out PEM as it is.
        if encoded.contains("-----BEGIN ") {
            return Some(encoded.into_bytes());
        }
        let compact: String = encoded.chars().filter(|c| !c.is_whitespace()).collect();
        match STANDARD.decode(compact) {
            Ok(data) => Some(data),
            Err(_) => {
                self.error(at, "data", format!("the data of the certificate `{name}` is no Base64"));
                None
            }
        }
    }
}
