use serde_json::json;

use super::*;
use crate::callback::examples;

fn prepare_with(carried: &Carried, refuse_private: bool) -> Result<Option<Callback>, OssError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let addresses = Addresses { refuse_private, ..Addresses::default() };
    runtime.block_on(Callback::prepare(carried, &addresses))
}

fn encode(value: &Value) -> String {
    STANDARD.encode(value.to_string())
}

fn prepare(callback: &Value) -> Result<Option<Callback>, OssError> {
    let carried =
        Carried { callback: Some(encode(callback)), callback_var: None, ..Carried::default() };
    prepare_with(&carried, false)
}

/// A callback that would be accepted, with these fields changed; `null` removes a field.
fn changed(changes: &Value) -> Value {
    let mut callback = json!({"callbackUrl": "http://127.0.0.1:1/", "callbackBody": "a=1"});
    for (name, value) in changes.as_object().unwrap() {
        let fields = callback.as_object_mut().unwrap();
        match value {
            Value::Null => drop(fields.remove(name)),
            value => drop(fields.insert(name.clone(), value.clone())),
        }
    }
    callback
}

fn refusal(error: &OssError) -> (String, String) {
    assert_eq!((error.status.as_u16(), &*error.code), (400, "InvalidArgument"));
    (error.message.clone(), error.ec.clone().unwrap_or_default())
}

fn refused(changes: &Value) -> (String, String) {
    refusal(&prepare(&changed(changes)).unwrap_err())
}

fn is(message: &str, number: u32) -> (String, String) {
    (message.to_owned(), format!("0007-{number:08}"))
}

#[test]
fn the_example_is_read() {
    let carried = Carried {
        callback: Some(examples::CALLBACK.to_owned()),
        callback_var: Some(examples::CALLBACK_VAR.to_owned()),
        ..Carried::default()
    };
    let callback = prepare_with(&carried, true).unwrap().unwrap();
    assert_eq!(callback.urls[0].text, "http://203.0.113.10:8080/cb?a=1");
    assert_eq!(callback.body_type, BodyType::Form);
    assert_eq!(callback.host, None);
    assert!(!callback.sni);
    assert_eq!(callback.variables["x:uid"], "u 1/+");
}

#[test]
fn all_fields_are_read() {
    let callback = prepare(&changed(&json!({
        "callbackUrl": "127.0.0.1/a; http://localhost:9001/b;",
        "callbackHost": "app.example.com",
        "callbackBodyType": "application/json",
        "callbackSNI": true,
        "signatureVersion": "1.0",
        "additionalHeaders": {"a-1": "b"},
        "unknown": {},
    })));
    let callback = callback.unwrap().unwrap();
    let urls: Vec<&str> = callback.urls.iter().map(|url| url.text.as_str()).collect();
    assert_eq!(urls, ["127.0.0.1/a", "http://localhost:9001/b"]);
    assert_eq!(callback.host.as_deref(), Some("app.example.com"));
    assert_eq!(callback.body_type, BodyType::Json);
    assert!(callback.sni);
    assert_eq!(callback.additional_headers, [("a-1".to_owned(), "b".to_owned())]);
}

#[test]
fn variables_without_a_callback_have_no_effect() {
    let carried = Carried {
        callback: None,
        callback_var: Some("not Base64!".to_owned()),
        ..Carried::default()
    };
    assert_eq!(prepare_with(&carried, false), Ok(None));
}

#[test]
fn the_parameter_itself() {
    let raw = |text: &str| {
        let carried =
            Carried { callback: Some(text.to_owned()), callback_var: None, ..Carried::default() };
        prepare_with(&carried, false).unwrap_err()
    };
    let too_long = "A".repeat(5121);
    assert_eq!(refusal(&raw(&too_long)), is("The length of callback exceed max value.", 1));
    let not_base64 = is("The callback configuration is not base64 encoded.", 2);
    assert_eq!(refusal(&raw("%%%")), not_base64);
    assert_eq!(refusal(&raw(&"A".repeat(5117))), not_base64);
    let not_json = is("The callback configuration is not json format.", 3);
    for text in ["nonsense", "[]", "\"a\"", ""] {
        let error = raw(&STANDARD.encode(text));
        assert_eq!(refusal(&error), not_json, "{text}");
        let elements =
            [("ArgumentName", "callback".to_owned()), ("ArgumentValue", text.to_owned())];
        assert_eq!(error.elements, elements);
    }
}

#[test]
fn urls() {
    let invalid = is("The callback url configuration is invalid.", 4);
    for url in [
        Value::Null,
        json!(""),
        json!(";"),
        json!(1),
        json!("http://127.0.0.1:port/"),
        json!("http://[::1]/"),
        json!("http://127.0.0.1/;ftp://127.0.0.1/"),
    ] {
        assert_eq!(refused(&json!({"callbackUrl": url})), invalid, "{url}");
    }
    let many = ["http://127.0.0.1/"; 6].join(";");
    let expected = is("The number of callback url exceed max value.", 5);
    assert_eq!(refused(&json!({"callbackUrl": many})), expected);
    let expected = is("Can not get ip by this host.", 7);
    assert_eq!(refused(&json!({"callbackUrl": "http://127.0.0.1/;http://app.invalid/"})), expected);
}

#[test]
fn private_addresses_are_refused_on_request() {
    for host in ["127.0.0.1", "10.1.2.3", "localhost", "app.localhost"] {
        let callback = changed(&json!({"callbackUrl": format!("http://{host}/")}));
        let carried =
            Carried { callback: Some(encode(&callback)), callback_var: None, ..Carried::default() };
        let error = prepare_with(&carried, true).unwrap_err();
        assert_eq!(refusal(&error), is("Private address is forbidden to callback.", 8));
        assert!(prepare_with(&carried, false).is_ok());
    }
}

#[test]
fn other_fields() {
    let cases = [
        (json!({"callbackHost": 1}), is("The callback host configuration is invalid.", 9)),
        (json!({"callbackHost": "a\r\nb"}), is("The callback host configuration is invalid.", 9)),
        (json!({"callbackBody": {}}), is("The callback body is invalid.", 10)),
        (json!({"callbackBody": ""}), is("The callback body is empty.", 11)),
        (json!({"callbackBody": null}), is("The callback body is empty.", 11)),
        (
            json!({"callbackBodyType": 1}),
            is("The callback body type configuration is invalid.", 12),
        ),
        (
            json!({"callbackBodyType": "text/plain"}),
            is("The body type of callback is not supported.", 13),
        ),
        (json!({"signatureVersion": 1}), is("The callback signature version is invalid.", 19)),
        (json!({"signatureVersion": "3.0"}), is("The callback signature version is invalid.", 20)),
        (json!({"callbackBody": "$(a)"}), is("Left brace must be adjacent to dollar sign.", 105)),
    ];
    for (changes, expected) in cases {
        assert_eq!(refused(&changes), expected, "{changes}");
    }
}

#[test]
fn additional_headers() {
    let eleven: Map<String, Value> = (0..11).map(|n| (format!("a{n}"), json!("b"))).collect();
    let cases = [
        (json!([]), 21),
        (Value::Object(eleven), 22),
        (json!({"": "a"}), 23),
        (json!({"A": "a"}), 24),
        (json!({"a": "b\r\nc"}), 25),
        (json!({"a": 1}), 25),
        (json!({"x-oss-a": "b"}), 26),
    ];
    for (headers, number) in cases {
        let (_, ec) = refused(&json!({"additionalHeaders": headers}));
        assert_eq!(ec, format!("0007-{number:08}"), "{headers}");
    }
}

#[test]
fn variables() {
    let with = |variables: &str| {
        let callback = Some(encode(&changed(&json!({}))));
        let carried =
            Carried { callback, callback_var: Some(variables.to_owned()), ..Carried::default() };
        prepare_with(&carried, false)
    };
    let refused = |variables: &str| refusal(&with(variables).unwrap_err());
    let too_long = is("The length of callback var exceed max value.", 101);
    assert_eq!(refused(&"A".repeat(5121)), too_long);
    assert_eq!(refused("%").1, "0007-00000102");
    let unexpected = is("The callback var is not expecten json.", 103);
    for value in [
        json!([]),
        json!({"x:a": 1}),
        json!({"x:a": {}}),
        json!({"a": "b"}),
        json!({"x:": "b"}),
        json!({"x:A": "b"}),
    ] {
        assert_eq!(refused(&encode(&value)), unexpected, "{value}");
    }
    assert_eq!(refused(&STANDARD.encode("{")), unexpected);
    let good = with(&encode(&json!({"x:my_var1": ""}))).unwrap().unwrap();
    assert_eq!(good.variables["x:my_var1"], "");
}

#[test]
fn the_order_of_checks() {
    // Each step repairs the first fault and meets the next.
    let order: [(Value, u32); 8] = [
        (json!({"callbackUrl": ""}), 4),
        (json!({"callbackUrl": "http://app.invalid/"}), 7),
        (json!({"callbackUrl": "http://127.0.0.1/", "callbackHost": 1}), 9),
        (json!({"callbackHost": "h", "callbackBody": 1}), 10),
        (json!({"callbackBody": ""}), 11),
        (json!({"callbackBody": "$", "callbackBodyType": "a"}), 13),
        (json!({"callbackBodyType": "application/json"}), 103),
        (json!({}), 105),
    ];
    let mut callback = json!({"callbackBodyType": 1, "callbackBody": 1, "callbackHost": 1});
    for (position, (repair, number)) in order.iter().enumerate() {
        callback.as_object_mut().unwrap().extend(repair.as_object().unwrap().clone());
        let variables = if position == order.len() - 1 { json!({"x:a": "b"}) } else { json!([]) };
        let carried = Carried {
            callback: Some(encode(&callback)),
            callback_var: Some(encode(&variables)),
            ..Carried::default()
        };
        let error = prepare_with(&carried, false).unwrap_err();
        assert_eq!(refusal(&error).1, format!("0007-{number:08}"));
    }
}
