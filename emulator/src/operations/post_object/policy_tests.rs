use std::time::{Duration, UNIX_EPOCH};

use super::*;

const EXPIRATION: u64 = 1_702_747_257;

fn policy(conditions: &str) -> Result<Policy, OssError> {
    let json =
        format!("{{\"expiration\":\"2023-12-16T17:20:57.000Z\",\"conditions\":[{conditions}]}}");
    Policy::parse(&STANDARD.encode(json))
}

fn refusal(conditions: &str, form: &[(&str, &str)]) -> Option<String> {
    let now = UNIX_EPOCH + Duration::from_secs(EXPIRATION);
    let error = policy(conditions).unwrap().check("examplebucket", &Form::of(form), now).err()?;
    assert_eq!((error.status.as_u16(), &*error.code), (403, "AccessDenied"));
    Some(error.message)
}

#[test]
fn every_form_of_condition() {
    let cases = [
        (r#"{"bucket":"examplebucket"}"#, "", true),
        (r#"["eq","$bucket","other"]"#, "", false),
        (r#"{"key":"a"}"#, "a", true),
        (r#"{"key":"a"}"#, "A", false),
        (r#"{"KEY":"a"}"#, "a", true),
        (r#"["eq","$key","a"]"#, "a", true),
        (r#"["eq","$Key","a"]"#, "ab", false),
        (r#"["starts-with","$key","a/"]"#, "a/b", true),
        (r#"["starts-with","$key","a/"]"#, "b/a/", false),
        (r#"["starts-with","$key",""]"#, "anything", true),
        (r#"["in","$key",["a","b"]]"#, "b", true),
        (r#"["in","$key",["a","b"]]"#, "c", false),
        (r#"["in","$key",[]]"#, "a", false),
        (r#"["not-in","$key",["a","b"]]"#, "c", true),
        (r#"["not-in","$key",["a","b"]]"#, "a", false),
        (r#"["eq","$key","\$a\/\u4e2d"]"#, "$a/中", true),
        // Conditions see the text before its expansion.
        (r#"["eq","$key","a/${filename}"]"#, "a/${filename}", true),
        (r#"["eq","$other","x"]"#, "a", false),
        (r#"["not-in","$other",["x"]]"#, "a", false),
        (r#"{"key":"a"},{"bucket":"other"}"#, "a", false),
    ];
    for (conditions, key, holds) in cases {
        assert_eq!(refusal(conditions, &[("key", key)]).is_none(), holds, "{conditions} {key}");
    }
}

#[test]
fn the_failed_condition_is_shown_with_three_elements() {
    let cases = [
        (r#"["starts-with","$key","user/eric/"]"#, r#"["starts-with", "$key", "user/eric/"]"#),
        (r#"{"x-oss-meta-a":"b \"c\""}"#, r#"["eq", "$x-oss-meta-a", "b \"c\""]"#),
        (r#"["in","$Content-Type",["a","b"]]"#, r#"["in", "$Content-Type", ["a", "b"]]"#),
        (r#"["not-in","$a",["x"]]"#, r#"["not-in", "$a", ["x"]]"#),
    ];
    for (condition, shown) in cases {
        let message = format!("Invalid according to Policy: Policy Condition failed: {shown}");
        assert_eq!(refusal(condition, &[("key", "a")]), Some(message));
    }
}

#[test]
fn a_policy_expires() {
    let policy = policy(r#"{"bucket":"examplebucket"}"#).unwrap();
    let check = |now| policy.check("examplebucket", &Form::default(), now);
    let expiration = UNIX_EPOCH + Duration::from_secs(EXPIRATION);
    assert_eq!(check(expiration), Ok(()));
    let error = check(expiration + Duration::from_millis(1)).unwrap_err();
    assert_eq!(error.message, "Invalid according to Policy: Policy expired.");
}

#[test]
fn sizes_are_inclusive() {
    let policy = policy(r#"["content-length-range",2,10],["content-length-range",3,9]"#).unwrap();
    let code = |size| {
        let result = policy.check_most(size).and(policy.check_least(size));
        result.map_or_else(|error| error.code.into_owned(), |()| "OK".to_owned())
    };
    assert_eq!([2, 3, 9, 10].map(code), ["EntityTooSmall", "OK", "OK", "EntityTooLarge"]);
}

#[test]
fn pinned_fields() {
    let policy = policy(r#"{"A":"x"},["eq","$b","x"],["starts-with","$c","x"]"#).unwrap();
    assert_eq!(["a", "B", "c", "d"].map(|name| policy.pins(name)), [true, true, false, false]);
}

#[test]
fn malformed_policies_are_named() {
    let conditions = [
        ("", "exactly one property"),
        ("{}", "exactly one property"),
        (r#"{"a":"b","c":"d"}"#, "exactly one property"),
        (r#"{"a":1}"#, "exactly one property"),
        (r#""a""#, "exactly one property"),
        (r#"["eq","$key"]"#, "Invalid Condition"),
        (r#"["eq","key","a"]"#, "begins with $"),
        (r#"["like","$key","a"]"#, "Invalid Condition"),
        (r#"["in","$key","a"]"#, "Invalid Condition"),
        (r#"["in","$key",[1]]"#, "Invalid Condition"),
        (r#"["content-length-range",-1,2]"#, "content-length-range"),
        (r#"["content-length-range","0","2"]"#, "content-length-range"),
        ("[1 2]", "Invalid JSON: , or ] expected"),
    ];
    for (conditions, reason) in conditions {
        let error = policy(conditions).unwrap_err();
        assert_eq!((error.status.as_u16(), &*error.code), (400, "InvalidPolicyDocument"));
        assert!(error.message.starts_with("Invalid Policy: "), "{}", error.message);
        assert!(error.message.contains(reason), "{conditions}: {}", error.message);
    }
    let documents = [
        "[]",
        r#"{"conditions":[{"a":"b"}]}"#,
        r#"{"expiration":"2023-12-16 17:20","conditions":[{"a":"b"}]}"#,
        r#"{"expiration":"2023-12-16T17:20:57.000Z"}"#,
    ];
    for document in documents {
        let error = Policy::parse(&STANDARD.encode(document)).unwrap_err();
        assert_eq!(error.code, "InvalidPolicyDocument", "{document}");
    }
    assert_eq!(Policy::parse("{}").unwrap_err().code, "InvalidPolicyDocument");
    assert_eq!(Policy::parse("/w==").unwrap_err().code, "InvalidPolicyDocument");
}

#[test]
fn expirations_are_written_in_several_ways() {
    for text in ["2023-12-16T17:20:57Z", "2023-12-16T17:20:57.000Z", "2023-12-16T17:20:57.5Z"] {
        let json = format!(r#"{{"expiration":"{text}","conditions":[{{"a":"b"}}]}}"#);
        assert!(Policy::parse(&STANDARD.encode(json)).is_ok(), "{text}");
    }
}
