//! What an error says: the name of the thing, where it is, and what to do, in its message and in the report
//! for a support ticket.

mod support;

use std::sync::mpsc::channel;

use ossbind::credentials::Credentials;
use ossbind::log::{LogLevel, Logger};
use ossbind::upload::FindRequest;
use ossbind::{Advice, Body, Callback, Client, ClientConfig, Error, ObjectState, UploadRequest};
use ossbind_emulator::Operation;
use support::local_oss::{BUCKET, LocalOss};
use support::raw_server::RawServer;

fn refused(client: &Client, bucket: &str, callback: Option<&Callback>) -> Error {
    let mut request = UploadRequest::new(bucket, "dir/k", Body::Memory(b"v"));
    request.callback = callback;
    client.upload(request).unwrap_err().error
}

fn says(error: &Error, parts: &[&str]) {
    for part in parts {
        assert!(error.message().contains(part), "{part}: {error}");
    }
    assert!(!error.message().contains('['), "{error}");
    assert!(error.message().matches("EC ").count() <= 1, "{error}");
}

#[test]
fn a_report_says_what_the_call_was_about() {
    let oss = LocalOss::start();
    let url = format!("{}?token=s3cr3t", oss.callback_url());
    let callback = Callback::new(url, "a=b");
    oss.emulator.fail_next(Operation::PutObject, 403, "AccessDenied");
    let error = refused(&oss.client(), BUCKET, Some(&callback));
    let report: serde_json::Value = serde_json::from_str(&error.report()).unwrap();
    let endpoint = oss.emulator.endpoint();
    for (name, value) in [
        ("bucket", BUCKET),
        ("key", "dir/k"),
        ("endpoint", &format!("{endpoint}/")),
        ("region", "cn-hangzhou"),
        ("access_key_id", "ak"),
        ("method", "PUT"),
        ("url", &format!("{endpoint}/{BUCKET}/dir/k")),
        ("callback_url", &oss.callback_url()),
    ] {
        assert_eq!(report[name], value, "{report}");
    }
    assert!(report["server_time"].as_str().unwrap().ends_with("GMT"), "{report}");
    assert!(!error.report().contains("s3cr3t"), "{report}");

    let question = FindRequest::new(BUCKET, "none", Body::Memory(b"v"));
    let report = oss.client().find(question).unwrap_err().report();
    assert!(
        report.contains("\"method\":\"HEAD\"") && report.contains("\"key\":\"none\""),
        "{report}"
    );
}

#[test]
fn messages_name_what_oss_does_not() {
    let oss = LocalOss::start();
    let error = refused(&oss.client(), "other-bucket", None);
    says(&error, &["NoSuchBucket", "the bucket is \"other-bucket\"", &oss.emulator.endpoint()]);

    let config = ClientConfig { region: Some("cn-beijing".to_owned()), ..oss.config() };
    let error = refused(&Client::new(config).unwrap(), BUCKET, None);
    says(&error, &["is \"cn-beijing\"", "set region, or OSS_REGION"]);

    let credentials = Some(Credentials::new("other-id", "sk", None).unwrap().into());
    let config = ClientConfig { credentials, ..oss.config() };
    let error = refused(&Client::new(config).unwrap(), BUCKET, None);
    says(&error, &["InvalidAccessKeyId", "the access key id is \"other-id\""]);

    let callback = Callback::new(oss.callback_url(), "a=b");
    let message = "Error status : 502. Response body is not ok, timeout:5000ms";
    oss.emulator.fail_next_callback(message, "0007-00000203");
    let error = refused(&oss.client(), BUCKET, Some(&callback));
    assert_eq!((error.object_state(), error.advice()), (ObjectState::Stored, Advice::Done));
    let url = format!("the callback URL is {}", oss.callback_url());
    says(&error, &["timeout:5000ms. Do not upload again", "(EC 0007-00000203", &url]);
}

/// OSS says this before it stores anything.
#[test]
fn a_refused_callback_is_named() {
    let document = "<Error><Code>InvalidArgument</Code><Message>no address</Message>\
                    <EC>0007-00000007</EC></Error>";
    let server = RawServer::answering(format!(
        "HTTP/1.1 400 Bad Request\r\nx-oss-request-id: id\r\nContent-Length: {}\r\n\r\n{document}",
        document.len()
    ));
    let callback = Callback::new("http://app.example.com/cb?token=s3cr3t", "a=b");
    let error = refused(&server.client(), BUCKET, Some(&callback));
    says(&error, &["(EC 0007-00000007, ", "the callback URL is http://app.example.com/cb"]);
    assert!(!error.message().contains("s3cr3t"), "{error}");
}

/// A refusal that the library foresees has the EC in the same brackets.
#[test]
fn an_ec_is_in_round_brackets() {
    let oss = LocalOss::start();
    let callback = Callback::new("https://app.example.com/", "");
    let error = refused(&oss.client(), BUCKET, Some(&callback));
    says(&error, &["(EC 0007-"]);
    assert!(oss.emulator.requests().is_empty());
}

#[test]
fn a_redirection_says_where_to_go() {
    let document = "<Error><Code>TemporaryRedirect</Code><Message>elsewhere</Message>\
                    <Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint></Error>";
    let location = "Location: http://b.oss-cn-beijing.aliyuncs.com/k?Signature=s3cr3t\r\n";
    for (status, header, body, part) in [
        ("307 Temporary Redirect", "", document, "Use endpoint \"oss-cn-beijing.aliyuncs.com\""),
        ("301 Moved Permanently", location, "", "It is at \"b.oss-cn-beijing.aliyuncs.com\""),
    ] {
        let server = RawServer::answering(format!(
            "HTTP/1.1 {status}\r\nx-oss-request-id: id\r\n{header}Content-Length: {}\r\n\r\n{body}",
            body.len()
        ));
        let error = refused(&server.client(), BUCKET, None);
        says(&error, &[part]);
        assert!(!error.message().contains("s3cr3t"), "{error}");
        assert!(!error.message().contains("OSS_REGION"), "{error}");
        assert_eq!(error.advice(), Advice::FixSettings);
        assert_eq!(error.object_state(), ObjectState::NotStored);
    }
}

/// The same bytes would meet the same limit, so that they are sent once.
#[test]
fn a_limit_on_sizes_says_what_to_lower() {
    let oss = LocalOss::start();
    for operation in [Operation::PutObject, Operation::UploadPart] {
        oss.fault(&format!("page status=413 operation={operation:?} times=always"));
        let mut request = UploadRequest::new(BUCKET, "k", Body::Memory(b"v"));
        request.multipart_threshold = (operation == Operation::UploadPart).then_some(0);
        let error = oss.persistent_client().upload(request).unwrap_err().error;
        says(&error, &["multipart_threshold and part_size"]);
        assert_eq!(error.advice(), Advice::FixSettings, "{operation:?}");
        assert_eq!(oss.count(operation), 1, "{operation:?}");
    }
}

#[test]
fn an_unknown_outcome_names_the_function_that_looks() {
    let oss = LocalOss::start();
    let callback = Callback::new(oss.callback_url(), "a=b");
    let mut request = UploadRequest::new(BUCKET, "k", Body::Memory(b"v"));
    request.callback = Some(&callback);
    oss.emulator.lose_next_answer_to(Operation::PutObject);
    oss.emulator.fail_next(Operation::HeadObject, 403, "AccessDenied");
    let error = oss.client().upload(request).unwrap_err().error;
    assert_eq!(error.advice(), Advice::Look);
    says(&error, &["ossbind_client_find()"]);
}

#[test]
fn a_log_names_the_request_that_is_made_again() {
    let oss = LocalOss::start();
    let (said, heard) = channel();
    let log = Logger::new(LogLevel::Warning, move |_, line| said.send(line.to_owned()).unwrap());
    let config = ClientConfig { log, ..support::persistent(oss.config()) };
    let client = Client::new(config).unwrap();
    for operation in [Operation::PutObject, Operation::HeadObject] {
        oss.emulator.fail_next(operation, 503, "ServiceUnavailable");
    }
    client.upload(UploadRequest::new(BUCKET, "k", Body::Memory(b"v"))).unwrap();
    client.find(FindRequest::new(BUCKET, "k", Body::Memory(b"v"))).unwrap();
    for method in ["PUT", "HEAD"] {
        let line = heard.recv().unwrap();
        assert!(line.starts_with(&format!("attempt 1 of a {method} failed")), "{line}");
    }
}

/// A name that is none, with the bucket in front of it.
#[test]
fn a_host_without_names_for_buckets_needs_path_style() {
    let config = support::client_config("http://host.invalid:9000".to_owned());
    let error = refused(&Client::new(config).unwrap(), BUCKET, None);
    says(&error, &["examplebucket.host.invalid was not resolved", "OSSBIND_CLIENT_PATH_STYLE"]);
}

#[test]
fn the_finest_level_says_what_each_request_took() {
    let oss = LocalOss::start();
    let (sender, lines) = channel();
    let log = Logger::new(LogLevel::Debug, move |level, line| {
        let _ = sender.send((level, line.to_owned()));
    });
    let client = Client::new(ClientConfig { log, ..oss.config() }).unwrap();
    for connection in ["a new connection", "a kept connection"] {
        client.upload(UploadRequest::new(BUCKET, "k", Body::Memory(b"v"))).unwrap();
        assert_eq!(lines.recv().unwrap().0, LogLevel::Info);
        let (level, line) = lines.recv().unwrap();
        assert_eq!(level, LogLevel::Debug);
        let address = oss.emulator.address();
        assert!(line.starts_with(&format!("{connection} to {address}: name ")), "{line}");
        assert!(line.contains("TLS 0 ms; sent "), "{line}");
    }
}
