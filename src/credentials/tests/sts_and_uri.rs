use super::server::{KEYS, SERVER_TIME, Server, answer};
use super::{Folder, limits, with_environment};
use crate::credentials::server::direct;
use crate::credentials::{
    CredentialsUri, Expiration, Fetched, OidcOptions, OidcRole, Provider as _,
};
use crate::error::{Result, Status};
use crate::time::Timestamp;

const ROLE: &str = "acs:ram::1:role/r";
const TOKEN: &str = "eyJ0.abc+/=.sig";

fn options(server: &Server, folder: &Folder) -> OidcOptions {
    OidcOptions {
        role_arn: ROLE.to_owned(),
        provider_arn: "acs:ram::1:oidc-provider/p".to_owned(),
        token_file: folder.write("token", format!("{TOKEN}\n")),
        endpoint: Some(server.url()),
        network: direct(),
        ..OidcOptions::default()
    }
}

fn fetch(server: &Server) -> Result<Fetched> {
    let folder = Folder::new();
    OidcRole::new(options(server, &folder)).unwrap().fetch(&limits())
}

#[test]
fn a_role_for_a_token() {
    let server = Server::answering(|_| {
        answer(
            200,
            &format!("{{\"RequestId\":\"1\",\"Credentials\":{KEYS},\"AssumedRoleUser\":{{}}}}"),
        )
    });
    let fetched = fetch(&server).unwrap();
    assert_eq!(fetched.credentials.access_key_id(), "STS.id");
    assert_eq!(fetched.credentials.token(), Some("t0k3n"));
    let moment = Timestamp(SERVER_TIME.0 + 3600);
    let expected = Expiration::At { moment, server_time: Some(SERVER_TIME) };
    assert_eq!(fetched.expiration, expected);
    let requests = server.into_requests();
    let [request] = &requests[..] else { panic!("{} requests", requests.len()) };
    let query = "POST /?Action=AssumeRoleWithOIDC&Format=JSON&Version=2015-04-01&Timestamp=20";
    assert!(request.line.starts_with(query), "{}", request.line);
    assert!(request.line.ends_with('Z') && request.line.contains("%3A"), "{}", request.line);
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(request.header("authorization"), None);
    assert_eq!(
        request.body,
        "RoleArn=acs%3Aram%3A%3A1%3Arole%2Fr&OIDCProviderArn=acs%3Aram%3A%3A1%3Aoidc-provider%2Fp\
         &RoleSessionName=ossbind&DurationSeconds=3600&OIDCToken=eyJ0.abc%2B%2F%3D.sig"
    );
}

#[test]
fn the_token_is_read_for_each_fetch() {
    let server = Server::answering(|_| answer(200, &format!("{{\"Credentials\":{KEYS}}}")));
    let folder = Folder::new();
    let provider = OidcRole::new(options(&server, &folder)).unwrap();
    provider.fetch(&limits()).unwrap();
    folder.write("token", "second");
    provider.fetch(&limits()).unwrap();
    folder.write("token", " \n");
    let error = provider.fetch(&limits()).unwrap_err();
    assert!(error.message().contains("is empty"), "{error}");
    std::fs::remove_file(folder.path("token")).unwrap();
    let error = provider.fetch(&limits()).unwrap_err();
    assert!(error.message().contains("does not exist"), "{error}");
    let requests = server.into_requests();
    assert_eq!(requests.len(), 2);
    assert!(requests[1].body.ends_with("&OIDCToken=second"));
}

#[test]
fn refusals_of_sts_are_passed_on_without_the_token() {
    let server = Server::answering(|_| {
        let message = format!("This token {TOKEN} has expired.\\n");
        answer(
            400,
            &format!(
                "{{\"Code\":\"AuthenticationFail.OIDCToken.Expired\",\"Message\":\"{message}\",\
             \"RequestId\":\"ABC\"}}"
            ),
        )
    });
    let error = fetch(&server).unwrap_err();
    assert_eq!(error.status(), Status::Credentials);
    assert!(error.message().contains("refused with 400 \"AuthenticationFail.OIDCToken.Expired\""));
    assert!(error.message().contains("has expired.\\n (request id \"ABC\")"), "{error}");
    assert!(!error.message().contains(TOKEN), "{error}");
}

#[test]
fn answers_of_somebody_else() {
    for (answer, fault) in [
        (answer(502, "<html>"), "was answered 502"),
        (answer(200, "<html>"), "has no proper JSON"),
        (answer(200, "{}"), "has no Credentials"),
        (answer(200, "{\"Credentials\":{}}"), "has no Expiration"),
        (Vec::new(), "closed the connection"),
    ] {
        let server = Server::answering(move |_| answer.clone());
        let error = fetch(&server).unwrap_err();
        assert!(error.message().contains(fault), "{error}");
        assert!(!error.message().contains('?'), "{error}");
    }
}

#[test]
fn the_environment_needs_all_three_names() {
    let all = [
        ("ALIBABA_CLOUD_ROLE_ARN", ROLE),
        ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "p"),
        ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "/t"),
        ("ALIBABA_CLOUD_STS_REGION", "cn-hangzhou"),
        ("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED", "true"),
        ("ALIBABA_CLOUD_ROLE_SESSION_NAME", "gateway"),
    ];
    let of = |variables: &[(&str, &str)]| {
        let network = direct();
        with_environment(variables, |environment| OidcRole::from_environment(environment, &network))
    };
    for missing in 0..3 {
        let mut some = all.to_vec();
        some.remove(missing);
        assert!(of(&some).unwrap().is_none());
    }
    let described = of(&all).unwrap().unwrap().describe();
    let expected = format!("the OIDC role {ROLE} (https://sts-vpc.cn-hangzhou.aliyuncs.com)");
    assert_eq!(described, expected);
}

#[test]
fn durations_and_names_are_checked() {
    let sound = OidcOptions {
        role_arn: ROLE.to_owned(),
        provider_arn: "p".to_owned(),
        network: direct(),
        ..OidcOptions::default()
    };
    assert!(OidcRole::new(sound.clone()).is_ok());
    for broken in [
        OidcOptions { duration: Some(899), ..sound.clone() },
        OidcOptions { role_arn: String::new(), ..sound.clone() },
        OidcOptions { provider_arn: "a b".to_owned(), ..sound.clone() },
        OidcOptions { region: Some("x.example.com/".to_owned()), ..sound },
    ] {
        assert!(OidcRole::new(broken).is_err());
    }
}

#[test]
fn keys_from_a_uri() {
    let server = Server::answering(|request| match request.line.as_str() {
        "GET /keys?secret=1" => answer(200, KEYS),
        _ => answer(500, ""),
    });
    let provider = CredentialsUri::new(&format!("{}/keys?secret=1", server.url())).unwrap();
    let fetched = provider.fetch(&limits()).unwrap();
    assert_eq!(fetched.credentials.access_key_id(), "STS.id");
    assert_eq!(provider.describe(), format!("the credentials URI {}/keys", server.url()));
    let provider = CredentialsUri::new(&format!("{}/other?secret=1", server.url())).unwrap();
    let error = provider.fetch(&limits()).unwrap_err();
    assert!(error.message().contains("/other was answered 500"), "{error}");
    // Nobody is there, and the query stands where a path would.
    let provider = CredentialsUri::new("http://127.0.0.1:1?secret=1").unwrap();
    let error = provider.fetch(&limits()).unwrap_err();
    assert!(!error.message().contains("secret"), "{error}");
}

#[test]
fn uris_that_are_none() {
    for url in [
        "",
        "127.0.0.1",
        "ftp://h/",
        "http://",
        "http:///x",
        "http://u:p@h/",
        "http://h/a b",
        "http://:80/",
        "http://h:65536/",
        "http://h:80x/",
        "http://[::1]x/",
    ] {
        let error = CredentialsUri::new(url).err().expect(url);
        assert!(!error.message().contains("u:p"), "{error}");
    }
}
