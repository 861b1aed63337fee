use super::*;

fn endpoint(text: &str) -> Result<Endpoint> {
    Endpoint::new(Some(text), None, EndpointOptions::default())
}

#[test]
fn every_documented_form() {
    // Endpoint; URL of bucket "bkt" and key "a b"; region.
    let table = [
        (
            "oss-cn-hangzhou.aliyuncs.com",
            "https://bkt.oss-cn-hangzhou.aliyuncs.com/a%20b",
            Some("cn-hangzhou"),
        ),
        (
            "http://oss-cn-hangzhou.aliyuncs.com",
            "http://bkt.oss-cn-hangzhou.aliyuncs.com/a%20b",
            Some("cn-hangzhou"),
        ),
        (
            "HTTPS://OSS-cn-hangzhou.aliyuncs.com/",
            "https://bkt.oss-cn-hangzhou.aliyuncs.com/a%20b",
            Some("cn-hangzhou"),
        ),
        (
            "oss-ap-southeast-1-internal.aliyuncs.com",
            "https://bkt.oss-ap-southeast-1-internal.aliyuncs.com/a%20b",
            Some("ap-southeast-1"),
        ),
        (
            "us-west-1.oss.aliyuncs.com",
            "https://bkt.us-west-1.oss.aliyuncs.com/a%20b",
            Some("us-west-1"),
        ),
        ("oss-accelerate.aliyuncs.com", "https://bkt.oss-accelerate.aliyuncs.com/a%20b", None),
        (
            "oss-accelerate-overseas.aliyuncs.com",
            "https://bkt.oss-accelerate-overseas.aliyuncs.com/a%20b",
            None,
        ),
        (
            "cb-123.cn-hangzhou.oss-cloudbox.aliyuncs.com",
            "https://bkt.cb-123.cn-hangzhou.oss-cloudbox.aliyuncs.com/a%20b",
            Some("cb-123"),
        ),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000/bkt/a%20b", None),
        ("http://[::1]:9000", "http://[::1]:9000/bkt/a%20b", None),
        ("http://localhost:9000", "http://localhost:9000/bkt/a%20b", None),
    ];
    for (text, url, region) in table {
        let endpoint = endpoint(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(endpoint.url("bkt", "a b", &[]), url);
        assert_eq!(endpoint.region().ok(), region, "{text}");
    }
}

#[test]
fn options() {
    let of = |region, options| Endpoint::new(None, Some(region), options);
    let url = |options| of("oss-cn-beijing", options).map(|e| e.url("bkt", "k", &[]));
    let default = EndpointOptions::default();
    assert_eq!(url(default).unwrap(), "https://bkt.oss-cn-beijing.aliyuncs.com/k");
    let internal = EndpointOptions { internal: true, ..default };
    assert_eq!(url(internal).unwrap(), "https://bkt.oss-cn-beijing-internal.aliyuncs.com/k");
    let dual_stack = EndpointOptions { dual_stack: true, plain_http: true, ..default };
    assert_eq!(url(dual_stack).unwrap(), "http://bkt.cn-beijing.oss.aliyuncs.com/k");
    let accelerate = EndpointOptions { accelerate: true, ..default };
    assert_eq!(url(accelerate).unwrap(), "https://bkt.oss-accelerate.aliyuncs.com/k");
    assert_eq!(of("cn-beijing", accelerate).unwrap().region().unwrap(), "cn-beijing");
    let both = EndpointOptions { internal: true, ..dual_stack };
    assert_eq!(url(both).unwrap_err().field(), Some("flags"));

    let cname = EndpointOptions { cname: true, ..default };
    let bound = Endpoint::new(Some("img.example.com"), Some("cn-beijing"), cname).unwrap();
    assert_eq!(bound.url("bkt", "k", &[]), "https://img.example.com/k");
    let path = EndpointOptions { path_style: true, ..default };
    let emulator = Endpoint::new(Some("http://oss.local:9000"), None, path).unwrap();
    assert_eq!(
        emulator.url("bkt", "k", &[("a+b", "c d"), ("uploads", "")]),
        "http://oss.local:9000/bkt/k?a%2Bb=c%20d&uploads"
    );
}

#[test]
fn faults() {
    let table = [
        ("", "not a host name"),
        ("ftp://oss-cn-hangzhou.aliyuncs.com", "not http or https"),
        ("https://oss-cn-hangzhou.aliyuncs.com/bucket", "nothing after it"),
        ("https://oss-cn-hangzhou.aliyuncs.com?x", "nothing after it"),
        ("bkt.oss-cn-hangzhou.aliyuncs.com", "begins with a bucket name"),
        ("http://127.0.0.1:0", "port"),
        ("http://127.0.0.1:70000", "port"),
        ("http://::1", "brackets"),
        ("http://1.2.3.4]", "not a host name"),
        ("http://[1.2.3.4]", "not a host name"),
        ("http://[[::1]]:9", "not a host name"),
        ("http://ex ample.com", "not a host name"),
        ("http://ex\r\nample.com", "not a host name"),
    ];
    for (text, part) in table {
        let error = endpoint(text).unwrap_err();
        assert_eq!(error.field(), Some("endpoint"), "{text}");
        assert!(error.message().contains(part), "{text}: {error}");
    }
    for text in ["http://user:pass@host", "oss://user:pass@host", "user:pass@host"] {
        let error = endpoint(text).unwrap_err();
        assert!(!error.message().contains("pass@"), "{error}");
    }
    let error = Endpoint::new(None, None, EndpointOptions::default()).unwrap_err();
    assert!(error.message().contains("OSS_ENDPOINT"), "{error}");
}

#[test]
fn a_region_agrees_with_its_endpoint() {
    let of = |endpoint, region| {
        Endpoint::new(Some(endpoint), Some(region), EndpointOptions::default())
            .map(|endpoint| endpoint.region().unwrap().to_owned())
    };
    let cloud_box = "cb-1.cn-hangzhou.oss-cloudbox.aliyuncs.com";
    for (endpoint, region, signed) in [
        ("oss-cn-hangzhou-internal.aliyuncs.com", "cn-hangzhou", "cn-hangzhou"),
        ("oss-cn-hangzhou.aliyuncs.com", "oss-cn-hangzhou", "cn-hangzhou"),
        ("oss-accelerate.aliyuncs.com", "cn-beijing", "cn-beijing"),
        ("http://127.0.0.1:9", "cn-beijing", "cn-beijing"),
        (cloud_box, "cn-hangzhou", "cb-1"),
        (cloud_box, "cb-1", "cb-1"),
    ] {
        assert_eq!(of(endpoint, region).unwrap(), signed, "{endpoint} {region}");
    }
    for (endpoint, region) in [
        ("oss-cn-hangzhou.aliyuncs.com", "cn-beijing"),
        ("cn-hangzhou.oss.aliyuncs.com", "cn-beijing"),
        (cloud_box, "cn-beijing"),
    ] {
        let error = of(endpoint, region).unwrap_err();
        assert_eq!(error.field(), Some("endpoint"), "{endpoint} {region}");
        assert!(error.message().contains("is not in region \"cn-beijing\""), "{error}");
    }
}

#[test]
fn regions_that_are_none() {
    for (region, part) in [
        ("", "not a region id"),
        ("cn hangzhou", "not a region id"),
        ("oss-cn-hangzhou.aliyuncs.com", "not a region id"),
        ("cn-hangzhou-internal", "give \"cn-hangzhou\" and the flag INTERNAL"),
        ("oss-cn-hangzhou-internal", "give \"cn-hangzhou\" and the flag INTERNAL"),
        ("oss-accelerate", "flag ACCELERATE"),
    ] {
        let error = Endpoint::new(None, Some(region), EndpointOptions::default()).unwrap_err();
        assert_eq!(error.field(), Some("region"), "{region}");
        assert!(error.message().contains(part), "{error}");
    }
}

#[test]
fn bucket_and_key_names() {
    for good in ["abc", "a-1", &"a".repeat(63)] {
        check_bucket(good).unwrap();
    }
    for bad in ["", "ab", &"a".repeat(64), "-abc", "abc-", "Abc", "a.b", "a_b", "a/b", "中文桶"]
    {
        assert_eq!(check_bucket(bad).unwrap_err().field(), Some("bucket"), "{bad}");
    }
    for good in ["a", "dir/", "..", "a//b", "中", &"k".repeat(1023)] {
        check_key(good).unwrap();
    }
    for bad in ["", "/a", "\\a", &"k".repeat(1024), &"中".repeat(342)] {
        assert_eq!(check_key(bad).unwrap_err().field(), Some("key"), "{bad}");
    }
}
