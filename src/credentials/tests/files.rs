use super::{Folder, limits, with_environment};
use crate::credentials::server::direct;
use crate::credentials::{CliProfile, Expiration, Fetched, IniProfile, Provider as _};
use crate::error::{Result, Status};

const CONFIG: &str = r#"{
  "current": "keys",
  "profiles": [
    {"name": "keys", "mode": "AK", "access_key_id": "id1", "access_key_secret": "s1",
     "sts_token": "", "region_id": "cn-hangzhou", "retry_count": 0},
    {"name": "token", "mode": "StsToken", "access_key_id": "STS.2", "access_key_secret": "s2",
     "sts_token": "t2"},
    {"name": "half", "mode": "StsToken", "access_key_id": "STS.3", "access_key_secret": "s3cr3t"},
    {"name": "role", "mode": "RamRoleArn", "access_key_id": "id4", "access_key_secret": "s3cr3t"},
    {"name": "outside", "mode": "External",
     "process_command": "echo '{\"access_key_id\":\"id5\",\"access_key_secret\":\"s5\"}'"},
    {"name": "oidc", "mode": "OIDC", "ram_role_arn": "acs:ram::1:role/r"},
    {"name": "blank"}
  ]
}"#;

const INI: &str = "[default]\ntype = access_key\naccess_key_id = id1\naccess_key_secret = s1\n\
    [role]\ntype = ram_role_arn\naccess_key_id = id2\naccess_key_secret = s3cr3t\n\
    [half]\ntype = access_key\naccess_key_id = id3\n[blank]\n";

fn cli(folder: &Folder, profile: Option<&str>) -> Result<Fetched> {
    let path = folder.path("config.json");
    let network = direct();
    CliProfile::new(path, profile.map(str::to_owned), network).fetch(&limits())
}

fn ini(folder: &Folder, section: Option<&str>) -> Result<Fetched> {
    IniProfile::new(folder.path("credentials"), section.map(str::to_owned)).fetch(&limits())
}

fn id(fetched: Result<Fetched>) -> String {
    fetched.unwrap().credentials.access_key_id().to_owned()
}

#[test]
fn profiles_of_the_command_line_tool() {
    let folder = Folder::new();
    folder.write("config.json", format!("\u{FEFF}{CONFIG}"));
    let fetched = cli(&folder, None).unwrap();
    assert_eq!(fetched.credentials.access_key_id(), "id1");
    assert_eq!(fetched.credentials.token(), None);
    assert_eq!(fetched.expiration, Expiration::Never);
    let fetched = cli(&folder, Some("token")).unwrap();
    assert_eq!(fetched.credentials.token(), Some("t2"));
    assert_eq!(id(cli(&folder, Some("outside"))), "id5");
}

#[test]
fn profiles_that_do_not_serve() {
    let folder = Folder::new();
    folder.write("config.json", CONFIG);
    for (profile, fault) in [
        ("half", "mode StsToken needs sts_token"),
        ("role", "mode \"RamRoleArn\" is not supported; use AK"),
        ("oidc", "mode OIDC needs oidc_provider_arn"),
        ("blank", "has no mode"),
        ("none", "does not exist"),
    ] {
        let error = cli(&folder, Some(profile)).unwrap_err();
        assert_eq!(error.status(), Status::Credentials);
        assert!(error.message().contains(&format!("profile \"{profile}\" of ")), "{error}");
        assert!(error.message().contains(fault), "{error}");
        assert!(!error.message().contains("s3cr3t"), "{error}");
    }
}

#[test]
fn files_that_are_none() {
    let folder = Folder::new();
    let error = cli(&folder, None).unwrap_err();
    assert!(error.message().contains("config.json\" does not exist"), "{error}");
    for (text, fault) in [
        ("{\"profiles\":[{\"access_key_secret\":\"s3cr3t\"", "has no proper JSON at line 1"),
        ("{\"profiles\":\"s3cr3t\"}", "has a value of the wrong kind"),
        ("{}", "profile \"default\""),
    ] {
        folder.write("config.json", text);
        let error = cli(&folder, None).unwrap_err();
        assert!(error.message().contains(fault), "{error}");
        assert!(!error.message().contains("s3cr3t"), "{error}");
    }
    folder.write("config.json", vec![b' '; 300_000]);
    let error = cli(&folder, None).unwrap_err();
    assert!(error.message().contains("more than 262144 bytes"), "{error}");
    folder.write("config.json", b"\xFF\xFE");
    assert!(cli(&folder, None).unwrap_err().message().contains("is not UTF-8 text"));
}

#[test]
fn changed_keys_are_found() {
    let folder = Folder::new();
    folder.write("config.json", CONFIG);
    let provider = CliProfile::new(folder.path("config.json"), None, direct());
    assert_eq!(id(provider.fetch(&limits())), "id1");
    folder.write("config.json", CONFIG.replace("id1", "id9"));
    assert_eq!(id(provider.fetch(&limits())), "id9");
}

#[test]
fn sections_of_the_credentials_file() {
    let folder = Folder::new();
    folder.write("credentials", INI);
    assert_eq!(id(ini(&folder, None)), "id1");
    for (section, fault) in [
        ("role", "type \"ram_role_arn\" is not supported"),
        ("half", "access_key_secret: is empty"),
        ("blank", "has no type"),
        ("none", "does not exist"),
    ] {
        let error = ini(&folder, Some(section)).unwrap_err();
        assert_eq!(error.status(), Status::Credentials);
        assert!(error.message().contains(&format!("profile \"{section}\" of ")), "{error}");
        assert!(error.message().contains(fault), "{error}");
        assert!(!error.message().contains("s3cr3t"), "{error}");
    }
}

#[test]
fn the_environment_names_file_and_profile() {
    let folder = Folder::new();
    let config = folder.write("c.json", CONFIG);
    folder.write(".aliyun/config.json", CONFIG.replace("id1", "home1"));
    folder.write(".alibabacloud/credentials", INI.replace("id1", "home1"));
    let network = direct();
    let home = ("HOME", folder.as_str());
    let of = |variables: &[(&str, &str)]| {
        with_environment(variables, |environment| {
            let cli = CliProfile::from_environment(environment, &network).unwrap();
            let ini = IniProfile::from_environment(environment).unwrap();
            (cli.map(|provider| provider.fetch(&limits())), ini.map(|p| p.fetch(&limits())))
        })
    };
    let (cli, ini) = of(&[home]);
    assert_eq!((id(cli.unwrap()), id(ini.unwrap())), ("home1".to_owned(), "home1".to_owned()));
    let file = ("ALIBABA_CLOUD_CONFIG_FILE", super::text(&config));
    let (cli, _) = of(&[file, ("ALIBABA_CLOUD_PROFILE", "token")]);
    assert_eq!(id(cli.unwrap()), "STS.2");
    // What the program says counts more.
    with_environment(&[home, file, ("ALIBABA_CLOUD_PROFILE", "none")], |environment| {
        let cli = CliProfile::from_environment(environment, &network).unwrap().unwrap();
        assert_eq!(id(cli.named(Some("token".to_owned())).fetch(&limits())), "STS.2");
        let ini = IniProfile::from_environment(environment).unwrap().unwrap();
        assert_eq!(id(ini.named(Some("default".to_owned())).fetch(&limits())), "home1");
    });
    let (cli, ini) = of(&[]);
    assert!(cli.is_none() && ini.is_none());
    assert!(of(&[home, ("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "true")]).0.is_none());
}

/// Opening it would wait for somebody who writes, and hold the thread that asks for keys.
#[test]
fn a_pipe_is_no_file() {
    let folder = Folder::new();
    let made = std::process::Command::new("mkfifo").arg(folder.path("config.json")).status();
    assert!(made.unwrap().success());
    let error = cli(&folder, None).unwrap_err();
    assert!(error.message().contains("not a regular file"), "{error}");
}
