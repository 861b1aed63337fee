use super::server::{KEYS, Server, answer};
use super::{Folder, limits, with_environment};
use crate::credentials::server::direct;
use crate::credentials::{DefaultChain, Provider as _};
use crate::error::{Error, Result, Status};

const NO_ECS: (&str, &str) = ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true");

fn chain(variables: &[(&str, &str)]) -> Result<DefaultChain> {
    with_environment(variables, |environment| DefaultChain::new(environment, &direct()))
}

fn id(variables: &[(&str, &str)]) -> String {
    let fetched = chain(variables).unwrap().fetch(&limits()).unwrap();
    fetched.credentials.access_key_id().to_owned()
}

fn error(variables: &[(&str, &str)]) -> Error {
    chain(variables).and_then(|chain| chain.fetch(&limits())).unwrap_err()
}

#[test]
fn the_first_that_is_there_counts() {
    let folder = Folder::new();
    let server = Server::answering(|_| answer(200, KEYS));
    let config = r#"{"current":"c","profiles":[{"name":"c","mode":"AK","access_key_id":"cli",
        "access_key_secret":"s"}]}"#;
    let cli = folder.write(".aliyun/config.json", config);
    let keys = "[default]\ntype=access_key\naccess_key_id=ini\naccess_key_secret=s";
    let ini = folder.write(".alibabacloud/credentials", keys);
    let uri = server.url();
    let mut variables = vec![
        ("OSS_ACCESS_KEY_ID", "oss"),
        ("OSS_ACCESS_KEY_SECRET", "s"),
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", "alibaba"),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "s"),
        ("HOME", folder.as_str()),
        ("ALIBABA_CLOUD_CREDENTIALS_URI", &uri),
        NO_ECS,
    ];
    assert!(!chain(&variables).unwrap().may_block());
    assert_eq!(id(&variables), "oss");
    variables.drain(..2);
    assert_eq!(id(&variables), "alibaba");
    variables.drain(..2);
    assert!(chain(&variables).unwrap().may_block());
    assert_eq!(id(&variables), "cli");
    std::fs::remove_file(cli).unwrap();
    assert_eq!(id(&variables), "ini");
    std::fs::remove_file(ini).unwrap();
    assert_eq!(id(&variables), "STS.id");
}

#[test]
fn an_oidc_role_comes_before_the_files_and_is_not_passed_over() {
    let folder = Folder::new();
    let config = r#"{"current":"c","profiles":[{"name":"c","mode":"AK","access_key_id":"cli",
        "access_key_secret":"s"}]}"#;
    folder.write(".aliyun/config.json", config);
    let token = folder.path("token");
    let error = error(&[
        ("HOME", folder.as_str()),
        ("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/r"),
        ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "p"),
        ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", super::text(&token)),
        NO_ECS,
    ]);
    assert!(error.message().contains("the OIDC role: "), "{error}");
    assert!(error.message().contains("token\" does not exist"), "{error}");
}

#[test]
fn a_file_that_the_user_named_is_not_passed_over() {
    let folder = Folder::new();
    folder.write(".alibabacloud/credentials", "[default]\ntype=access_key");
    let file = folder.path("none.json");
    let named = ("ALIBABA_CLOUD_CONFIG_FILE", super::text(&file));
    let error = error(&[("HOME", folder.as_str()), named, NO_ECS]);
    assert!(error.message().starts_with("credentials file "), "{error}");
    assert!(error.message().ends_with("none.json\" does not exist"), "{error}");
}

#[test]
fn half_of_a_key_pair_is_a_mistake() {
    let found = error(&[("OSS_ACCESS_KEY_ID", "id"), NO_ECS]);
    let expected = "OSS_ACCESS_KEY_SECRET is not set in the environment, but OSS_ACCESS_KEY_ID is";
    assert!(found.message().starts_with(expected), "{found}");
    assert_eq!(found.field(), Some("OSS_ACCESS_KEY_SECRET"));
    let found = error(&[("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "s3cr3t"), NO_ECS]);
    assert_eq!(found.field(), Some("ALIBABA_CLOUD_ACCESS_KEY_ID"));
    assert!(!found.message().contains("s3cr3t"), "{found}");
}

#[test]
fn a_chain_without_credentials_says_what_it_tried() {
    let folder = Folder::new();
    let error = error(&[("HOME", folder.as_str()), NO_ECS]);
    assert_eq!(error.status(), Status::Credentials);
    let mut rest = error.message();
    for reason in [
        "there are no credentials: OSS_ACCESS_KEY_ID is not set",
        "ALIBABA_CLOUD_ACCESS_KEY_ID is not set",
        "ALIBABA_CLOUD_OIDC_TOKEN_FILE are not all set",
        ".aliyun/config.json\" does not exist",
        ".alibabacloud/credentials\" does not exist",
        "ALIBABA_CLOUD_ECS_METADATA_DISABLED",
        "ALIBABA_CLOUD_CREDENTIALS_URI is not set",
        "set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET",
    ] {
        let (_, after) = rest.split_once(reason).unwrap_or_else(|| panic!("{reason}: {error}"));
        rest = after;
    }
}

#[test]
fn the_one_that_worked_is_used_alone() {
    let folder = Folder::new();
    let server = Server::answering(|_| answer(200, KEYS));
    let uri = server.url();
    let home = ("HOME", folder.as_str());
    let keys = "[default]\ntype=access_key\naccess_key_id=ini\naccess_key_secret=s";
    let ini = folder.write(".alibabacloud/credentials", keys);
    let chain = chain(&[home, ("ALIBABA_CLOUD_CREDENTIALS_URI", &uri), NO_ECS]).unwrap();
    chain.fetch(&limits()).unwrap();
    assert!(chain.describe().starts_with("credentials file "), "{}", chain.describe());
    std::fs::remove_file(ini).unwrap();
    let error = chain.fetch(&limits()).unwrap_err();
    assert!(error.message().contains("does not exist"), "{error}");
    assert!(server.into_requests().is_empty());
}
