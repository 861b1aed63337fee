use super::*;
use crate::error::Error;

const TEMPLATE: &str = "bucket=${bucket}&object=${object}&etag=${etag}&size=${size}&uid=${x:uid}";

fn example() -> Callback {
    Callback::new("http://203.0.113.10:8080/cb?a=1", TEMPLATE).variable("x:uid", "u 1/+")
}

fn fault(callback: &Callback) -> Error {
    callback.encode(Audience::PublicService).unwrap_err()
}

fn accept(callback: &Callback, audience: Audience) {
    if let Err(error) = callback.encode(audience) {
        panic!("{callback:?}: {error}");
    }
}

/// The worked example of the reference (spec: callback.md 4.1).
#[test]
fn encodes_the_worked_example() {
    let encoded = example().encode(Audience::PublicService).unwrap();
    assert_eq!(
        encoded.callback,
        "eyJjYWxsYmFja1VybCI6Imh0dHA6Ly8yMDMuMC4xMTMuMTA6ODA4MC9jYj9hPTEiLCJjYWxsYmFja0JvZHkiOiJidWNrZXQ9JHtidWNrZXR9Jm9iamVjdD0ke29iamVjdH0mZXRhZz0ke2V0YWd9JnNpemU9JHtzaXplfSZ1aWQ9JHt4OnVpZH0iLCJjYWxsYmFja0JvZHlUeXBlIjoiYXBwbGljYXRpb24veC13d3ctZm9ybS11cmxlbmNvZGVkIn0="
    );
    assert_eq!(encoded.variables.as_deref(), Some("eyJ4OnVpZCI6InUgMS8rIn0="));
}

#[test]
fn json_survives_quotes_backslashes_and_chinese() {
    let body = r#"{"say":"\"hi\" \\ 中文","object":${object},"n":${size},"me":${x:me}}"#;
    let callback = Callback::new("https://app.example.com/cb", body)
        .body_type(BodyType::Json)
        .variable("x:me", "a\"b\\c\n中");
    let encoded = callback.encode(Audience::PublicService).unwrap();
    let decode = |text: &str| -> serde_json::Value {
        serde_json::from_slice(&BASE64.decode(text).unwrap()).unwrap()
    };
    let parameter = decode(&encoded.callback);
    assert_eq!(parameter["callbackBody"], body);
    assert_eq!(parameter["callbackBodyType"], "application/json");
    assert_eq!(parameter["callbackSNI"], true);
    assert_eq!(decode(&encoded.variables.unwrap())["x:me"], "a\"b\\c\n中");
}

#[test]
fn sni_follows_the_urls_unless_told() {
    let sni = |url: &str, sni| {
        let callback = Callback::new(url, "a").sni(sni);
        let encoded = callback.encode(Audience::Any).unwrap().callback;
        let json: serde_json::Value =
            serde_json::from_slice(&BASE64.decode(encoded).unwrap()).unwrap();
        json.get("callbackSNI").cloned()
    };
    assert_eq!(sni("http://a.example", Sni::Automatic), None);
    assert_eq!(sni("http://a.example;HTTPS://b.example", Sni::Automatic), Some(true.into()));
    assert_eq!(sni("https://a.example", Sni::Off), Some(false.into()));
    assert_eq!(sni("http://a.example", Sni::On), Some(true.into()));
}

#[test]
fn urls() {
    for good in [
        "http://203.0.113.10:8080/cb?a=1",
        "https://a.example/%E4%B8%AD;http://b.example:1;http://c.example;http://d.example;http://e.d.",
        "http://host.example/go?to=http://other.example",
        "http://xn--mnchen-3ya.example/a%3Bb",
    ] {
        accept(&Callback::new(good, "a"), Audience::PublicService);
    }
    let table = [
        ("", "0007-00000004", None, "is empty"),
        ("http://a.example;", "0007-00000004", Some(17), "entry of the list is empty"),
        (";http://a.example", "0007-00000004", Some(0), "the first URL is missing"),
        ("a.b;a.b;a.b;a.b;a.b;a.b", "0007-00000005", None, "has 6 URLs"),
        ("ftp://a.example", "0007-00000004", Some(0), "not http or https"),
        (
            "http://a.example:x/",
            "0007-00000004",
            Some(17),
            "\"a.example:x\": the port is not a number",
        ),
        ("http://a.example:0/", "0007-00000004", Some(17), "port"),
        ("http://a.example:65536/", "0007-00000004", Some(17), "port"),
        ("http://a.example:+80/", "0007-00000004", Some(17), "port"),
        ("http://[2001:db8::1]/", "0007-00000004", Some(7), "IPv6"),
        ("http:///path", "0007-00000004", Some(7), "no host"),
        ("http://a b.example/", "0007-00000004", Some(8), "\" \", which no host has"),
        ("http://m\u{fc}nchen.example/", "0007-00000004", Some(8), "Punycode"),
        ("http://a.example/中", "0007-00000004", Some(17), "0xE4"),
        ("http://a.example/\r\nx: y", "0007-00000004", Some(17), "0x0D"),
        ("http://me:pw@a.example/", "0007-00000004", Some(7), "password"),
        ("http://127.0.0.1:9001/", "0007-00000008", Some(7), "private"),
        ("http://192.168.1.2/", "0007-00000008", Some(7), "private"),
        ("http://100.64.0.1/", "0007-00000008", Some(7), "private"),
        ("http://localhost/", "0007-00000008", Some(7), "private"),
        ("http://localhost./", "0007-00000008", Some(7), "private"),
        ("http://0.1.2.3/", "0007-00000008", Some(7), "private"),
        ("http://255.255.255.255/", "0007-00000008", Some(7), "private"),
        ("http://127.1/", "0007-00000004", Some(7), "IPv4 address"),
        ("http://2130706433/", "0007-00000004", Some(7), "IPv4 address"),
        ("http://0x7f.0x1/", "0007-00000004", Some(7), "IPv4 address"),
        ("http://256.1.1.1/", "0007-00000004", Some(7), "IPv4 address"),
        ("http://1.2.3.4.5/", "0007-00000004", Some(7), "IPv4 address"),
        ("http://-a.b/", "0007-00000004", Some(7), "domain name"),
    ];
    for (url, ec, offset, part) in table {
        let problem = fault(&Callback::new(url, "a"));
        assert_eq!(problem.field(), Some("callback.url"), "{url}");
        assert_eq!((problem.ec(), problem.offset()), (Some(ec), offset), "{url}");
        assert!(problem.message().contains(part), "{url}: {problem}");
    }
    let local = Callback::new("http://127.0.0.1:9001/", "a");
    accept(&local, Audience::Any);
}

/// What OSS may take, but not as it was meant.
#[test]
fn urls_that_are_nearly_always_a_mistake() {
    for (url, offset, part) in [
        ("121.101.166.30/test.php", 0, "has no scheme"),
        ("host.example/go?to=http://other.example", 0, "has no scheme"),
        ("http://a.example/p;v=1", 19, "\"v=1\" has no scheme; write http:// or https:// in front"),
        ("http://a.example/#f", 17, "%23"),
        ("http://a.example/${object}", 17, "in the body only"),
        ("http://${x:host}/", 7, "in the body only"),
        ("http://a.example/?q={1}", 20, "'{' is not allowed"),
        ("http://a.example/\"", 17, "percent-encode"),
    ] {
        let problem = fault(&Callback::new(url, "a"));
        assert_eq!((problem.ec(), problem.offset()), (None, Some(offset)), "{url}");
        assert!(problem.message().contains(part), "{url}: {problem}");
    }
    for url in ["121.101.166.30/test.php", "http://a.example/${object}#f;b.example"] {
        accept(&Callback::new(url, "a").relaxed(true), Audience::PublicService);
    }
}

#[test]
fn hosts() {
    for good in ["app.example.com", "203.0.113.1", "app.example.com:8080"] {
        accept(&Callback::new("http://a.b", "a").host(good), Audience::Any);
    }
    for (bad, part) in [
        ("", "leave it out"),
        ("a b", "\" \""),
        ("http://a.b", "has a scheme"),
        ("[::1]", "IPv6"),
        ("::1", "IPv6"),
        ("[1]", "IPv6"),
        ("a.b:x", "port"),
        ("a.b\r\nx: y", "which no host has"),
        ("a..b", "domain name"),
    ] {
        let problem = fault(&Callback::new("http://a.b", "a").host(bad));
        assert_eq!((problem.field(), problem.ec()), (Some("callback.host"), Some("0007-00000009")));
        assert!(problem.message().contains(part), "{bad}: {problem}");
    }
}

#[test]
fn templates() {
    let table = [
        ("", Some("0007-00000011"), None, "is empty"),
        ("price=$5", Some("0007-00000105"), Some(6), "followed by '{'"),
        ("a=$ {object}", Some("0007-00000105"), Some(2), "followed by '{'"),
        ("a=$", Some("0007-00000105"), Some(2), "followed by '{'"),
        ("a=${object", Some("0007-00000105"), Some(2), "'}'"),
        ("a=${Object}", None, Some(2), "not a system variable"),
        ("a=b&c=${x:none}", None, Some(6), "not among the variables"),
        ("{\"a\":${object}}", None, Some(0), "looks like JSON"),
    ];
    for (body, ec, offset, part) in table {
        let problem = fault(&Callback::new("http://a.example", body));
        assert_eq!(problem.field(), Some("callback.body"), "{body}");
        assert_eq!((problem.ec(), problem.offset()), (ec, offset), "{body}");
        assert!(problem.message().contains(part), "{body}: {problem}");
    }
    let relaxed = Callback::new("http://a.example", "a=${Object}${x:none}").relaxed(true);
    accept(&relaxed, Audience::PublicService);
    let no_json = Callback::new("http://a.example", "a=b").body_type(BodyType::Json);
    accept(&no_json.relaxed(true), Audience::PublicService);
}

#[test]
fn json_templates_must_be_json_once_filled_in() {
    let with_body = |body: &str| {
        Callback::new("http://a.example", body).body_type(BodyType::Json).variable("x:uid", "1")
    };
    for good in [
        r#"{"object":${object},"size":${size},"uid":${x:uid},"h":"${imageInfo.height}"}"#,
        r#"{"name":${x:uid},"pic_info":"${imageInfo.width},${imageInfo.height}"}"#,
        r#"{"crc":${crc64},"again":"${crc64}"}"#,
    ] {
        accept(&with_body(good), Audience::Any);
    }
    for (bad, offset) in [
        (r#"{"object":"${object}"}"#, 11),
        (r#"{"size":${size}"#, 8),
        ("object=${object}", 0),
        (r#"{"a":1,}"#, 7),
        (r#"{"o":${object}, }"#, 16),
        (r#"{\"a\":1}"#, 1),
        (r#"{"w":${imageInfo.width},"o":1}"#, 5),
        (r#"{"o":1,"list":["${imageInfo.width}",1,${imageInfo.height}]}"#, 38),
        ("${imageInfo.width}", 0),
    ] {
        let problem = fault(&with_body(bad));
        assert!(problem.message().contains("is not JSON"), "{bad}: {problem}");
        assert_eq!(problem.offset(), Some(offset), "{bad}");
    }
}

#[test]
fn what_is_no_json_comes_with_its_cure() {
    for (body, part) in [
        (r#"{"object":"${object}"}"#, "with quotes of their own"),
        (r#"{"object":"in ${object}"}"#, "with quotes of their own"),
        (r#"{"o:${object}}"#, "quotation mark of the template is missing"),
        (r#"{"a\"":1,"o:${object}}"#, "quotation mark of the template is missing"),
        (r#"{"o":${object}"}"#, "or is one too many"),
        (r#"{"size":${size}"#, "ends too early"),
        (r#"{\"a\":1}"#, "escaped by hand"),
        ("object=${object}", "application/x-www-form-urlencoded"),
        (r#"{"w":${imageInfo.width}}"#, r#"quotes around it, "${imageInfo.width}""#),
    ] {
        let problem = fault(&Callback::new("http://a.example", body).body_type(BodyType::Json));
        assert!(problem.message().contains(part), "{body}: {problem}");
    }
}

#[test]
fn the_offset_of_a_fault_is_that_of_a_character() {
    // A raw line feed, which JSON does not take, behind a character of two bytes.
    let body = "{\"\u{e9}\n\":1}";
    let template = Callback::new("http://a.example/cb", body).body_type(BodyType::Json);
    for callback in [template, Callback::from_parameter(body)] {
        let offset = fault(&callback).offset().unwrap();
        assert!(body.is_char_boundary(offset), "{offset}");
    }
}

#[test]
fn variable_names() {
    let table = [
        ("uid", "does not begin with"),
        ("x:", "no name"),
        ("x:Uid", "uppercase"),
        ("x:a b", "\" \""),
        ("x:a}", "\"}\""),
    ];
    for (name, part) in table {
        let problem = fault(&Callback::new("http://a.example", "a").variable(name, "v"));
        assert_eq!(problem.field(), Some("callback.variables[0].name"));
        assert_eq!(problem.ec(), Some("0007-00000103"));
        assert!(problem.message().contains(part), "{name}: {problem}");
    }
    let good = Callback::new("http://a.example", "a").variable("x:a_b-c.d1", "v");
    accept(&good, Audience::PublicService);
    let twice = Callback::new("http://a.b", "a").variable("x:a", "1").variable("x:a", "2");
    assert_eq!(fault(&twice).field(), Some("callback.variables[1].name"));
}

#[test]
fn base64_of_5120_bytes_passes_and_5121_does_not() {
    // The parameter without body text; 3840 bytes of JSON make 5120 of Base64.
    let empty = r#"{"callbackUrl":"http://a.example","callbackBody":"","callbackBodyType":"application/x-www-form-urlencoded"}"#;
    let body = "b".repeat(3840 - empty.len());
    let at_limit = Callback::new("http://a.example", &body);
    assert_eq!(at_limit.encode(Audience::Any).unwrap().callback.len(), MAX_ENCODED_LEN);
    let over = Callback::new("http://a.example", body + "b").encode(Audience::Any).unwrap_err();
    assert_eq!(over.ec(), Some("0007-00000001"));
    let variable = Callback::new("http://a.example", "a").variable("x:v", "v".repeat(3840));
    assert_eq!(variable.encode(Audience::Any).unwrap_err().ec(), Some("0007-00000101"));
}

#[test]
fn ready_json_is_checked_and_sent_as_it_is() {
    let text = "{ \"callbackUrl\" : \"http://a.example\",\n \"callbackBody\":\"a=${x:v}\" }";
    let callback = Callback::from_parameter(text).variable("x:v", "1");
    let encoded = callback.encode(Audience::PublicService).unwrap();
    assert_eq!(BASE64.decode(encoded.callback).unwrap(), text.as_bytes());
    let policy = Callback::from_parameter(r#"{"callbackPolicy":"name"}"#);
    accept(&policy, Audience::PublicService);
}

#[test]
fn faults_of_ready_json_have_the_codes_of_the_service() {
    let with = |members: &str| {
        format!(r#"{{"callbackUrl":"http://a.example","callbackBody":"a"{members}}}"#)
    };
    let many: Vec<String> = (0..11).map(|i| format!(r#""h{i}":"v""#)).collect();
    let table = [
        ("{".to_owned(), "03", "is not a JSON object"),
        ("[]".to_owned(), "03", "expected an object"),
        (BASE64.encode("{\"callbackBody\":\"a\"}"), "04", "callbackUrl: is missing"),
        ("a b".to_owned(), "03", "nor Base64 of it"),
        (r#"{"callbackBody":"a"}"#.to_owned(), "04", "callbackUrl: is missing"),
        (r#"{"callbackUrl":1,"callbackBody":"a"}"#.to_owned(), "04", "must be a string"),
        (r#"{"callbackUrl":"http://a.example"}"#.to_owned(), "11", "callbackBody: is missing"),
        (r#"{"callbackUrl":"http://a.b","callbackBody":{}}"#.to_owned(), "10", "must be a string"),
        (r#"{"callbackUrl":"http://a.b","callbackBody":"$"}"#.to_owned(), "105", "'{'"),
        (with(r#","callbackHost":1"#), "09", "callbackHost"),
        (with(r#","callbackBodyType":1"#), "12", "must be a string"),
        (with(r#","callbackBodyType":"text/plain""#), "13", "text/plain"),
        (with(r#","signatureVersion":"3""#), "19", "signatureVersion"),
        (with(r#","additionalHeaders":[]"#), "21", "object"),
        (with(&format!(r#","additionalHeaders":{{{}}}"#, many.join(","))), "22", "11 entries"),
        (with(r#","additionalHeaders":{"":"v"}"#), "23", "empty name"),
        (with(r#","additionalHeaders":{"A":"v"}"#), "24", "a-z"),
        (with(r#","additionalHeaders":{"a":"v\r\n"}"#), "25", "line breaks"),
        (with(r#","additionalHeaders":{"x-oss-a":"v"}"#), "26", "x-oss-"),
    ];
    for (json, number, part) in table {
        let error = Callback::from_parameter(&json).encode(Audience::Any).unwrap_err();
        let ec = format!("0007-{:0>8}", number);
        assert_eq!(error.ec(), Some(ec.as_str()), "{json}");
        assert!(error.message().contains(part), "{json}: {error}");
        assert!(error.field().is_some_and(|f| f.starts_with("callback.parameter")), "{json}");
    }
    let ten = with(&format!(r#","additionalHeaders":{{{}}}"#, many[..10].join(",")));
    accept(&Callback::from_parameter(&ten), Audience::PublicService);
    let policy = Callback::from_parameter(r#"{"callbackPolicy":""}"#);
    assert!(fault(&policy).message().contains("must be the name of a callback policy"));
    let twice = Callback::from_parameter(&with(r#","callbackUrl":"http://10.0.0.1""#));
    assert!(fault(&twice).message().contains("callbackUrl\" is given twice"));
    let sni = Callback::from_parameter(&with(r#","callbackSNI":"true""#));
    assert!(fault(&sni).message().contains("true or false"));
}

/// What the service would pass over or leave out without a word.
#[test]
fn ready_json_is_held_to_what_the_fields_do() {
    let https = r#"{"callbackUrl":"http://a.example;https://b.example","callbackBody":"a"}"#;
    for (json, part) in [
        (https, "callbackSNI\":true"),
        (r#"{"callbackUrl":"http://a.b","callbackBody":"a","callbackSni":true}"#, "callbackSNI"),
        (r#"{"callbackurl":"http://a.b","callbackBody":"a"}"#, "it is written callbackUrl"),
        (r#"{"callbackUrl":"http://a.b","callbackhost":"a.b"}"#, "it is written callbackHost"),
        (
            r#"{"callbackUrl":"http://a.b","callbackBodytype":"a"}"#,
            "it is written callbackBodyType",
        ),
        (r#"{"callbackUrl":"http://a.b","callbackType":"a"}"#, "OSS knows callbackUrl, "),
        (r#"{"callbackUrl":"a.b","callbackBody":"a"}"#, "has no scheme"),
        (r#"{"callbackUrl":"http://a.b/${object}","callbackBody":"a"}"#, "in the body only"),
        (
            r#"{"callbackUrl":"http://a.b","callbackBody":"a","callbackHost":"http://a.b"}"#,
            "a scheme",
        ),
    ] {
        let problem = fault(&Callback::from_parameter(json));
        assert!(problem.message().contains(part), "{json}: {problem}");
    }
    accept(&Callback::from_parameter(https).relaxed(true), Audience::PublicService);
    let off = https.replace("\"a\"}", "\"a\",\"callbackSNI\":false}");
    accept(&Callback::from_parameter(&off), Audience::PublicService);
}

/// What the vendor's builders make is Base64 of both.
#[test]
fn ready_parameters_may_be_base64() {
    let made = example().encode(Audience::PublicService).unwrap();
    let ready = Callback::from_parameter(&format!(" {}\n", made.callback))
        .variables_parameter(made.variables.as_deref().unwrap());
    assert_eq!(ready.encode(Audience::PublicService).unwrap(), made);
    assert_eq!(made.pairs(), [("x:uid".to_owned(), "u 1/+".to_owned())]);
}

#[test]
fn what_is_encoded_once_is_still_not_for_every_service() {
    for callback in [
        Callback::new("http://203.0.113.10;http://10.0.0.1/", "a"),
        Callback::from_parameter(r#"{"callbackUrl":"http://10.0.0.1/","callbackBody":"a"}"#),
    ] {
        let encoded = callback.encode(Audience::Any).unwrap();
        encoded.check_audience(Audience::Any).unwrap();
        let error = encoded.check_audience(Audience::PublicService).unwrap_err();
        assert_eq!(error.ec(), Some("0007-00000008"), "{error}");
    }
    let policy = Callback::from_parameter(r#"{"callbackPolicy":"name"}"#);
    policy.encode(Audience::Any).unwrap().check_audience(Audience::PublicService).unwrap();
}

#[test]
fn pairs_become_queries_and_bodies() {
    let callback = Callback::with_body_fields(
        "http://a.example/;http://b.example/?q=1",
        &[("a b", "$ ${object}/${x:uid}$"), ("c", "")],
    );
    let callback = callback.url_query(&[("k&", "v;")]).variable("x:uid", "1");
    let encoded = callback.encode(Audience::PublicService).unwrap();
    let parameter: serde_json::Value =
        serde_json::from_slice(&BASE64.decode(encoded.callback).unwrap()).unwrap();
    assert_eq!(
        parameter["callbackUrl"],
        "http://a.example/?k%26=v%3B;http://b.example/?q=1&k%26=v%3B"
    );
    assert_eq!(parameter["callbackBody"], "a%20b=%24%20${object}%2F${x:uid}%24&c=");
    let json = Callback::with_body_fields("http://a.example", &[("a", "b")]);
    let problem = fault(&json.body_type(BodyType::Json));
    assert!(problem.message().contains("but body_type is JSON"), "{problem}");
}
