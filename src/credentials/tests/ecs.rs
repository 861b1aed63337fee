use std::io::Write as _;

use super::server::{KEYS, Request, SERVER_TIME, Server, answer};
use super::{limits, limits_of, with_environment};
use crate::credentials::{EcsOptions, EcsRamRole, Expiration, Fetched, Provider as _};
use crate::error::{Result, Status};
use crate::time::Timestamp;

const ROLES: &str = "GET /latest/meta-data/ram/security-credentials/";
const TOKEN: &str = "PUT /latest/api/token";

fn fetch(server: &Server, options: EcsOptions) -> Result<Fetched> {
    let endpoint = Some(server.url());
    EcsRamRole::new(EcsOptions { endpoint, ..options }).unwrap().fetch(&limits())
}

/// The service as it should be; `token` is its answer to the request for one.
fn service(token: Vec<u8>) -> Server {
    Server::answering(move |request| match request.line.strip_prefix(ROLES) {
        Some("") => answer(200, "my-role\n"),
        Some("my-role") => answer(200, KEYS),
        Some(_) => answer(404, "no such role"),
        None if request.line == TOKEN => token.clone(),
        None => answer(400, ""),
    })
}

fn tokens(requests: &[Request]) -> Vec<Option<&str>> {
    requests.iter().map(|request| request.header("x-aliyun-ecs-metadata-token")).collect()
}

fn lines(requests: &[Request]) -> Vec<&str> {
    requests.iter().map(|request| request.line.as_str()).collect()
}

#[test]
fn hardened_mode_comes_first() {
    let server = service(answer(200, "s3ss10n"));
    let fetched = fetch(&server, EcsOptions::default()).unwrap();
    assert_eq!(fetched.credentials.access_key_id(), "STS.id");
    assert_eq!(fetched.credentials.secret(), "s3cr3t");
    assert_eq!(fetched.credentials.token(), Some("t0k3n"));
    let moment = Timestamp(SERVER_TIME.0 + 3600);
    let expected = Expiration::At { moment, server_time: Some(SERVER_TIME) };
    assert_eq!(fetched.expiration, expected);
    let requests = server.into_requests();
    assert_eq!(lines(&requests), [TOKEN, ROLES, &format!("{ROLES}my-role")]);
    assert_eq!(tokens(&requests), [None, Some("s3ss10n"), Some("s3ss10n")]);
    assert_eq!(requests[0].header("x-aliyun-ecs-metadata-token-ttl-seconds"), Some("21600"));
}

#[test]
fn a_named_role_is_not_asked_for() {
    let server = service(answer(200, "s3ss10n"));
    let role = Some("my-role".to_owned());
    fetch(&server, EcsOptions { role, ..EcsOptions::default() }).unwrap();
    assert_eq!(lines(&server.into_requests()), [TOKEN, &format!("{ROLES}my-role")]);
    let server = service(answer(200, "s3ss10n"));
    let role = Some("other".to_owned());
    let error = fetch(&server, EcsOptions { role, ..EcsOptions::default() }).unwrap_err();
    assert!(error.message().contains("has no role \"other\" (404)"), "{error}");
}

#[test]
fn without_hardened_mode_the_plain_one_serves() {
    for refusal in [answer(403, ""), answer(404, ""), answer(405, ""), Vec::new()] {
        let server = service(refusal);
        fetch(&server, EcsOptions::default()).unwrap();
        assert_eq!(tokens(&server.into_requests()), [None, None, None]);
    }
}

#[test]
fn the_plain_mode_can_be_forbidden() {
    for refusal in [answer(403, ""), Vec::new()] {
        let server = service(refusal);
        let options = EcsOptions { hardened_only: true, ..EcsOptions::default() };
        let error = fetch(&server, options).unwrap_err();
        assert_eq!(error.status(), Status::Credentials);
        assert!(error.message().contains("/latest/api/token"), "{error}");
        assert_eq!(lines(&server.into_requests()), [TOKEN]);
    }
}

#[test]
fn tokens_that_are_none_are_not_sent() {
    for token in ["", "two\r\nx-header: y", "käse", &"x".repeat(2000), "<html>login page</html> "]
    {
        let server = service(answer(200, token));
        let error = fetch(&server, EcsOptions::default()).unwrap_err();
        assert!(error.message().contains("no session token"), "{token}: {error}");
        assert_eq!(lines(&server.into_requests()), [TOKEN]);
    }
    let server = service(answer(302, ""));
    let error = fetch(&server, EcsOptions::default()).unwrap_err();
    assert!(error.message().contains("302 (redirections are not followed)"), "{error}");
}

#[test]
fn names_of_roles_that_are_none_are_not_used() {
    for name in
        ["", "a\nb", "a\r\nX-Y: z", "../../user-data", "a/b", "a?b", ".", "r\u{f6}le", "a b"]
    {
        let server = Server::answering(move |request| match request.line.as_str() {
            TOKEN => answer(200, "s3ss10n"),
            _ => answer(200, name),
        });
        let error = fetch(&server, EcsOptions::default()).unwrap_err();
        assert!(error.message().contains("is no name of a role"), "{name}: {error}");
        assert_eq!(server.into_requests().len(), 2, "{name}");
        let role = Some(name.to_owned()).filter(|name| !name.is_empty());
        if let Some(role) = role {
            let options = EcsOptions { role: Some(role), ..EcsOptions::default() };
            assert!(EcsRamRole::new(options).is_err(), "{name}");
        }
    }
}

#[test]
fn an_instance_without_a_role() {
    let server = Server::answering(|_| answer(404, "<html>"));
    let error = fetch(&server, EcsOptions::default()).unwrap_err();
    assert!(error.message().contains("no role is attached"), "{error}");
}

#[test]
fn answers_that_are_none() {
    let broken = [
        ("{\"AccessKeySecret\":\"s3cr3t", "no proper JSON at line 1, column 26"),
        ("{\"AccessKeySecret\":[\"s3cr3t\"]}", "a value of the wrong kind at line 1"),
        ("[]", "a value of the wrong kind"),
        ("{\"Code\":\"Failed\"}", "Code \"Failed\" instead of \"Success\""),
        ("{}", "Code \"\" instead of"),
        ("{\"Code\":\"Success\"}", "the answer has no Expiration"),
        (&KEYS.replace("s3cr3t", ""), "access_key_secret: is empty"),
        (&KEYS.replace("s3cr3t", "s3cr3t\\n"), "access_key_secret: has a space, line break"),
        (&KEYS.replace("t0k3n", ""), "has no SecurityToken"),
        (&KEYS.replace("2023-12-16T17:20:57Z", "tomorrow"), "the expiration \"tomorrow\" is not"),
    ];
    for (body, fault) in broken.map(|(body, fault)| (body.to_owned(), fault)) {
        let server = Server::answering(move |request| match request.line.strip_prefix(ROLES) {
            Some("") => answer(200, "my-role"),
            Some(_) => answer(200, &body),
            None => answer(200, "s3ss10n"),
        });
        let error = fetch(&server, EcsOptions::default()).unwrap_err();
        assert_eq!(error.status(), Status::Credentials);
        assert!(error.message().contains(fault), "{error}");
        assert!(error.message().starts_with("the RAM role of this ECS instance: "), "{error}");
        let is_secret = |text: &str| error.message().contains(text);
        assert!(!is_secret("s3cr3t") && !is_secret("t0k3n") && !is_secret("s3ss10n"), "{error}");
    }
}

#[test]
fn an_endless_answer_is_cut_off() {
    let server = Server::start(|request, stream| match request.line.strip_prefix(ROLES) {
        None => drop(stream.write_all(&answer(200, "s3ss10n"))),
        Some(_) => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
            while stream.write_all(&[b'x'; 4096]).is_ok() {}
        }
    });
    let error = fetch(&server, EcsOptions::default()).unwrap_err();
    assert!(error.message().contains("more than 65536 bytes"), "{error}");
}

#[test]
fn nothing_is_asked_when_the_time_is_over() {
    let server = service(answer(200, "s3ss10n"));
    let endpoint = Some(server.url());
    let provider = EcsRamRole::new(EcsOptions { endpoint, ..EcsOptions::default() }).unwrap();
    assert!(provider.fetch(&limits_of(std::time::Duration::ZERO)).is_err());
    assert!(server.into_requests().is_empty());
}

#[test]
fn the_environment_names_the_role_and_switches_off() {
    let of = |variables: &[(&str, &str)]| with_environment(variables, EcsRamRole::from_environment);
    assert!(of(&[]).unwrap().is_some());
    assert!(of(&[("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "True")]).unwrap().is_none());
    assert!(of(&[("ALIBABA_CLOUD_ECS_METADATA", "a/b")]).is_err());
}
