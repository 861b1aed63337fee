use super::*;

#[test]
fn forms_of_a_proxy() {
    let parse = |text: &str| Proxy::parse(text).map(|proxy| (proxy.kind, proxy.host, proxy.port));
    let named = |kind, host: &str, port| Some((kind, host.to_owned(), port));
    for (text, expected) in [
        ("http://h", named(ProxyKind::Http, "h", 80)),
        ("http://h:8080/", named(ProxyKind::Http, "h", 8080)),
        ("h:3128", named(ProxyKind::Http, "h", 3128)),
        ("HTTPS://h", named(ProxyKind::Https, "h", 443)),
        ("socks5://h", named(ProxyKind::Socks5, "h", 1080)),
        ("socks5h://[::1]:9", named(ProxyKind::Socks5h, "::1", 9)),
        ("http://[::1]", named(ProxyKind::Http, "::1", 80)),
        ("http://::1", None),
        ("http://[h]", None),
        ("http://[::1]x", None),
        ("http://h:", None),
        ("http://h/path", None),
        ("http://h?x", None),
        ("socks4://h", None),
        ("://h", None),
        ("", None),
    ] {
        assert_eq!(parse(text), expected, "{text}");
    }
}

#[test]
fn logins_are_percent_encoded() {
    for (text, expected) in [
        ("http://u:p@h", Some(("u", "p"))),
        ("http://u@h", Some(("u", ""))),
        ("http://%75%3a:p%40%20s@h", Some(("u:", "p@ s"))),
        ("http://u:p@ss@h", Some(("u", "p@ss"))),
        ("http://u:a:b@h", Some(("u", "a:b"))),
        ("http://u:%E4%B8%AD@h", Some(("u", "中"))),
        ("http://u:%4@h", None),
        ("http://u:%zz@h", None),
        ("http://u:%ff@h", None),
        ("http://u:a%0d%0aX:y@h", None),
    ] {
        let login = Proxy::parse(text).and_then(|proxy| proxy.login);
        let login = login.as_ref().map(|login| (login.user.as_str(), login.password.as_str()));
        assert_eq!(login, expected, "{text}");
    }
}

#[test]
fn secrets_are_not_shown() {
    let proxy = Proxy::parse("http://me:secret@h").unwrap();
    assert!(!format!("{proxy} {proxy:?}").contains("secret"));
}

#[test]
fn hosts_without_the_proxy() {
    for (list, host, port, expected) in [
        ("", "h", 80, false),
        ("*", "h", 80, true),
        ("h", "h", 80, true),
        ("H", "h.", 80, true),
        ("example.com", "www.example.com", 80, true),
        (".example.com", "example.com", 80, true),
        (".example.com", "a.b.example.com", 80, true),
        ("example.com", "badexample.com", 80, false),
        ("www.example.com", "example.com", 80, false),
        ("a, b\tc,,d", "c", 80, true),
        ("*.example.com", "www.example.com", 80, false),
        ("example.com:443", "example.com", 443, true),
        ("example.com:443", "example.com", 80, false),
        ("10.0.0.1", "10.0.0.1", 80, true),
        ("10.0.0.1", "10.0.0.10", 80, false),
        ("10.0.0.1:81", "10.0.0.1", 80, false),
        ("10.0.0.0/8", "10.1.2.3", 80, true),
        ("10.0.0.0/8", "11.0.0.1", 80, false),
        ("0.0.0.0/0", "8.8.8.8", 80, true),
        ("10.0.0.0/33", "10.0.0.1", 80, false),
        ("::1", "::1", 80, true),
        ("[::1]", "::1", 80, true),
        ("fe80::/10", "fe80::1", 80, true),
        ("fe80::/10", "fec0::1", 80, false),
        ("::/0", "10.0.0.1", 80, false),
        (".", "h", 80, false),
    ] {
        assert_eq!(NoProxy::parse(list).covers(host, port), expected, "{list:?} {host} {port}");
    }
}
