//! A role for an OIDC token, for example of a Kubernetes service account (spec: credentials.md 5).

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::document::KeyDocument;
use super::environment::Environment;
use super::file;
use super::provider::{Fetched, Limits, Provider, unusable};
use super::server::{Answer, KeyServer, Question};
use crate::error::{Error, Result};
use crate::http::HttpOptions;
use crate::signing::encode_query;
use crate::text::quoted;
use crate::time::Timestamp;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);
const DEFAULT_SESSION: &str = "ossbind";
const DEFAULT_DURATION: u32 = 3600;
const SHORTEST_DURATION: u32 = 900;
const MAX_TOKEN: u64 = 32 * 1024;

const WHO: &str = "the OIDC role";

/// Which role, and the proof that it may be assumed.
#[derive(Clone, Default)]
pub struct OidcOptions {
    /// `acs:ram::<account>:role/<name>`.
    pub role_arn: String,
    /// `acs:ram::<account>:oidc-provider/<name>`.
    pub provider_arn: String,
    /// File with the token, read for each fetch.
    pub token_file: PathBuf,
    /// Name of the session in the service's logs; default `ossbind`.
    pub session_name: Option<String>,
    /// Seconds that the keys live, from 900; default 3600.
    pub duration: Option<u32>,
    /// Region of STS; else its central endpoint.
    pub region: Option<String>,
    /// The endpoint inside of the region's VPC.
    pub vpc: bool,
    /// Other address of STS, for tests: `http://127.0.0.1:9000`.
    pub endpoint: Option<String>,
    /// Proxy and authorities for the way to STS.
    pub network: HttpOptions,
}

/// Temporary keys from STS for an OIDC token.
pub struct OidcRole {
    options: OidcOptions,
    endpoint: String,
    server: KeyServer,
}

impl OidcRole {
    /// Nothing is asked yet.
    pub fn new(options: OidcOptions) -> Result<Self> {
        check_arn("role ARN", &options.role_arn)?;
        check_arn("OIDC provider ARN", &options.provider_arn)?;
        if let Some(seconds) = options.duration.filter(|seconds| *seconds < SHORTEST_DURATION) {
            return Err(unusable(format!(
                "{WHO}: the duration is {seconds} s; it is at least {SHORTEST_DURATION} s"
            )));
        }
        let endpoint = match &options.endpoint {
            Some(endpoint) => endpoint.clone(),
            None => endpoint(options.region.as_deref(), options.vpc)?,
        };
        let server = KeyServer::new(WHO, &options.network, CONNECT_TIMEOUT, IDLE_TIMEOUT)?;
        Ok(Self { options, endpoint, server })
    }

    /// `ALIBABA_CLOUD_ROLE_ARN`, `ALIBABA_CLOUD_OIDC_PROVIDER_ARN`, `ALIBABA_CLOUD_OIDC_TOKEN_FILE`
    /// and, optional, `ALIBABA_CLOUD_ROLE_SESSION_NAME`, `ALIBABA_CLOUD_STS_REGION`,
    /// `ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED`. None unless the first three are set.
    pub fn from_environment(
        environment: &Environment<'_>,
        network: &HttpOptions,
    ) -> Result<Option<Self>> {
        let role_arn = environment.text("ALIBABA_CLOUD_ROLE_ARN")?;
        let provider_arn = environment.text("ALIBABA_CLOUD_OIDC_PROVIDER_ARN")?;
        let token_file = environment.path("ALIBABA_CLOUD_OIDC_TOKEN_FILE");
        let (Some(role_arn), Some(provider_arn), Some(token_file)) =
            (role_arn, provider_arn, token_file)
        else {
            return Ok(None);
        };
        Self::new(OidcOptions {
            role_arn,
            provider_arn,
            token_file,
            session_name: environment.text("ALIBABA_CLOUD_ROLE_SESSION_NAME")?,
            duration: None,
            region: environment.text("ALIBABA_CLOUD_STS_REGION")?,
            vpc: environment.flag("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED")?,
            endpoint: None,
            network: network.clone(),
        })
        .map(Some)
    }

    fn form(&self, token: &str) -> Zeroizing<String> {
        let options = &self.options;
        let token = Zeroizing::new(encode_query(token));
        Zeroizing::new(format!(
            "RoleArn={}&OIDCProviderArn={}&RoleSessionName={}&DurationSeconds={}&OIDCToken={}",
            encode_query(&options.role_arn),
            encode_query(&options.provider_arn),
            encode_query(options.session_name.as_deref().unwrap_or(DEFAULT_SESSION)),
            options.duration.unwrap_or(DEFAULT_DURATION),
            token.as_str()
        ))
    }
}

impl Provider for OidcRole {
    fn describe(&self) -> String {
        format!("{WHO} {} ({})", self.options.role_arn, self.endpoint)
    }

    fn fetch(&self, limits: &Limits) -> Result<Fetched> {
        let text = file::read(WHO, &self.options.token_file, MAX_TOKEN)?;
        let token = text.trim();
        if token.is_empty() {
            let name = self.options.token_file.to_string_lossy();
            return Err(unusable(format!("{WHO}: {} is empty", quoted(&name))));
        }
        let now = encode_query(&Timestamp::of_device().iso_extended());
        let form = self.form(token);
        let question = Question {
            method: "POST",
            url: &format!(
                "{}/?Action=AssumeRoleWithOIDC&Format=JSON&Version=2015-04-01&Timestamp={now}",
                self.endpoint
            ),
            headers: &[("content-type", "application/x-www-form-urlencoded")],
            body: form.as_bytes(),
        };
        let answer = self.server.ask(&question, limits)?;
        if answer.status != 200 {
            return Err(refusal(answer).masking(token));
        }
        match answer.parse::<AssumedRole>()?.credentials {
            Some(keys) => answer.fetched(keys),
            None => Err(unusable(format!("{WHO}: the answer of STS has no Credentials"))),
        }
    }
}

#[derive(Deserialize)]
struct AssumedRole {
    #[serde(rename = "Credentials")]
    credentials: Option<KeyDocument>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Refusal {
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
}

/// What STS says when it refuses, as far as it says so in its own form.
fn refusal(answer: Answer) -> Error {
    const SHOWN: usize = 512;
    let refusal: Refusal = answer.parse().unwrap_or_default();
    let Some(code) = refusal.code else {
        return answer.expect_ok().unwrap_err();
    };
    let reason: String = refusal.message.unwrap_or_default().chars().take(SHOWN).collect();
    let id = refusal.request_id.map(|id| format!(" (request id {})", quoted(&id)));
    unusable(format!(
        "{WHO}: {} was refused with {} {}: {}{}",
        answer.question,
        answer.status,
        quoted(&code),
        reason.escape_debug(),
        id.unwrap_or_default()
    ))
}

fn check_arn(what: &str, text: &str) -> Result<()> {
    match !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(()),
        false => Err(unusable(format!("{WHO}: the {what} {} is none", quoted(text)))),
    }
}

/// Address of STS (spec: credentials.md 3). There is no central endpoint inside of a VPC.
fn endpoint(region: Option<&str>, vpc: bool) -> Result<String> {
    let prefix = if vpc { "sts-vpc" } else { "sts" };
    match region {
        None => Ok("https://sts.aliyuncs.com".to_owned()),
        Some(region) if is_region(region) => Ok(format!("https://{prefix}.{region}.aliyuncs.com")),
        Some(region) => Err(unusable(format!(
            "{WHO}: {} is no region; it looks like cn-hangzhou",
            quoted(region)
        ))),
    }
}

/// It becomes a part of the host name.
fn is_region(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&text.len()) && text.bytes().all(is_part) && text.trim_matches('-') == text
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn endpoints_of_sts() {
        assert_eq!(endpoint(None, false).unwrap(), "https://sts.aliyuncs.com");
        assert_eq!(endpoint(None, true).unwrap(), "https://sts.aliyuncs.com");
        let region = Some("cn-hangzhou");
        assert_eq!(endpoint(region, false).unwrap(), "https://sts.cn-hangzhou.aliyuncs.com");
        assert_eq!(endpoint(region, true).unwrap(), "https://sts-vpc.cn-hangzhou.aliyuncs.com");
        for region in ["", "evil.example.com/", "cn_x", "-cn", "a@b", "x\r\ny"] {
            assert!(endpoint(Some(region), false).is_err(), "{region}");
        }
    }
}
