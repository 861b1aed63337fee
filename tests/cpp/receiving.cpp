// The server that is called back: verdicts, answers, seals, and what a program or a stranger gets wrong.
#include "check.hpp"

#include <ossbind_receiving.hpp>

#include <map>
#include <utility>

namespace {

const std::pair<ossbind::text, ossbind::text> SECRET("camera", "a secret of 25 characters");
const std::string NUL("ok\0rest", 7);

ossbind::verifier for_tests(ossbind::verifier_config config = ossbind::verifier_config()) {
  config.danger_accept_test_key = true;
  ossbind::verifier made = ossbind::verifier::create(config);
  CHECK(made && !made.error() && made.c_ptr());
  return made;
}

void check_good() {
  const ossbind::verifier verifier = for_tests();
  const ossbind::test_callback test("/cb?a=%20", "object=a%2Fb&etag=%22X%22&empty=");
  CHECK(!test.error());
  CHECK_EQ(test.headers().size(), 4u);
  ossbind::received_request request = test.request();
  request.headers.emplace_back("x-oss-request-id", "42");
  ossbind::verdict verdict = verifier.check(request);
  CHECK(verdict.ok() && !verdict.replayed() && !verdict.error);
  const ossbind::received_callback callback = std::move(verdict.callback);
  CHECK(callback && !verdict.callback && callback.c_ptr());
  CHECK_EQ(callback.field("object").value(), "a/b");
  CHECK_EQ(callback.field("etag").value(), "X");
  CHECK(callback.field("empty").is_set() && callback.field("empty").value().empty());
  CHECK(!callback.field("other").is_set());
  CHECK(!callback.field(std::string("object\0", 7)).is_set());
  CHECK_EQ(callback.fields().size(), 3u);
  CHECK_EQ(callback.fields()[0].second, "a/b");
  CHECK_EQ(callback.request_id(), "42");

  const ossbind::test_callback json("/cb", "{\"object\":\"a\",\"size\":7}", "application/json");
  CHECK_EQ(verifier.check(json.request()).callback.field("size").value(), "7");
}

void check_refused_with(const ossbind::verifier &verifier, const ossbind::received_request &request,
                        ossbind::status::type status, int http_status) {
  const ossbind::verdict verdict = verifier.check(request);
  CHECK_EQ(verdict.status, status);
  CHECK_EQ(verdict.error.status(), status);
  CHECK(!verdict.ok() && !verdict.callback && verdict.callback.fields().empty());
  CHECK(!verdict.callback.field("object").is_set() && verdict.callback.request_id().empty());
  CHECK_EQ(ossbind::reply(verdict.status).http_status(), http_status);
}

void check_bad() {
  const ossbind::verifier verifier = for_tests();
  const ossbind::received_request good = ossbind::test_callback("/cb", "object=a").request();
  const auto changed = [&good](void (*change)(ossbind::received_request &)) {
    ossbind::received_request request = good;
    change(request);
    return request;
  };
  using ossbind::received_request;
  namespace status = ossbind::status;
  check_refused_with(verifier, changed([](received_request &r) { r.headers.clear(); }),
                     status::not_signed, 401);
  check_refused_with(verifier, changed([](received_request &r) { r.body += 'b'; }),
                     status::signature_wrong, 403);
  check_refused_with(verifier, changed([](received_request &r) { r.target = "/cb?"; }),
                     status::signature_wrong, 403);
  check_refused_with(verifier, changed([](received_request &r) { r.method = "PUT"; }),
                     status::malformed, 400);
  check_refused_with(verifier, changed([](received_request &r) { r.method = ossbind::text(); }),
                     status::invalid_argument, 500);
  // What a stranger sends is not cut off at a NUL, and no fault of the program.
  check_refused_with(verifier, changed([](received_request &r) { r.target = "/cb" + NUL; }),
                     status::signature_wrong, 403);
  check_refused_with(verifier,
                     changed([](received_request &r) { r.target = std::string("/cb\0\0", 5); }),
                     status::signature_wrong, 403);
  check_refused_with(verifier, changed([](received_request &r) { r.body += '\0'; }),
                     status::signature_wrong, 403);
  received_request with_other = good;
  with_other.headers.emplace_back("x-other" + NUL, NUL);
  CHECK(verifier.check(with_other).ok());

  // Only those who ask for it take the key that everybody has.
  check_refused_with(ossbind::verifier::create(), good, status::key_url_refused, 403);
  check_refused_with(ossbind::verifier(), good, status::invalid_argument, 500);
}

// When a seal expires, which is in its text.
long long expiry(std::chrono::seconds lifetime) {
  ossbind::seal_request wanted(SECRET, "bucket", "a/b");
  wanted.lifetime = lifetime;
  const std::string begin = "1." + SECRET.first.value() + ".";
  const std::string seal = ossbind::seal(wanted).value;
  CHECK_EQ(seal.compare(0, begin.size(), begin), 0);
  return std::stoll(seal.substr(begin.size()));
}

ossbind::received_request sealed(std::chrono::seconds lifetime) {
  ossbind::seal_request wanted(SECRET, "bucket", "a/b");
  wanted.lifetime = lifetime;
  const ossbind::seal_result made = ossbind::seal(wanted);
  CHECK(made.ok() && made.value.size() < OSSBIND_SEAL_CAPACITY);
  const ossbind::test_callback test("/cb", "object=a%2Fb&seal=" + made.value);
  ossbind::received_request request = test.request();
  request.headers.emplace_back("x-oss-bucket", "bucket");
  return request;
}

void check_seals() {
  ossbind::verifier_config config;
  config.seal_keys = {SECRET};
  config.max_seals = 1;
  const ossbind::verifier verifier = for_tests(config);
  const ossbind::received_request request = sealed(std::chrono::hours(1));
  CHECK(verifier.check(request).ok());
  const ossbind::verdict again = verifier.check(request);
  CHECK(again.replayed() && !again.ok() && again.error);
  CHECK_EQ(again.callback.field("object").value(), "a/b");
  CHECK_EQ(ossbind::reply(again.status).http_status(), 409);
  // For it there is no room.
  const ossbind::received_request forgotten = sealed(std::chrono::minutes(1));
  CHECK(verifier.check(forgotten).ok());
  check_refused_with(verifier, forgotten, ossbind::status::too_old, 409);
  check_refused_with(verifier, ossbind::test_callback("/cb", "object=a%2Fb").request(),
                     ossbind::status::seal_wrong, 403);

  const long long now = expiry(std::chrono::seconds(-1)); // as short as can be, and not the default
  CHECK(expiry(std::chrono::hours(1)) - now >= 3599);
  CHECK(expiry(std::chrono::seconds(0)) - now >= 7 * 24 * 3600 - 1);

  ossbind::seal_request wanted(SECRET, "bucket", NUL);
  check_refused(ossbind::seal(wanted).error, OSSBIND_STATUS_INVALID_ARGUMENT, "key",
                "NUL at byte 2");
  CHECK(ossbind::seal(wanted).value.empty());
  wanted.key = "key";
  wanted.secret.second = "too short";
  check_refused(ossbind::seal(wanted).error, OSSBIND_STATUS_INVALID_ARGUMENT, "secret.value",
                "at least 16");
}

void check_configs() {
  const std::map<std::string, ossbind::verifier_config> bad = [] {
    std::map<std::string, ossbind::verifier_config> rows;
    rows["keys[0].value"].keys = {{"https://oss.test/a.pem", "no PEM"}};
    rows["key_urls[0]"].key_urls = {"https://oss.test"};
    rows["key_urls[1]"].key_urls = {"https://oss.test/", NUL};
    rows["tls.ca_file"].tls.ca_file = "/does/not/exist";
    rows["network_proxy"].network_proxy = NUL;
    rows["seal_keys[0].name"].seal_keys = {{"a.b", SECRET.second}};
    return rows;
  }();
  for (const std::pair<const std::string, ossbind::verifier_config> &row : bad) {
    const ossbind::verifier verifier = ossbind::verifier::create(row.second);
    CHECK(!verifier && !verifier.c_ptr());
    check_refused(verifier.error(), OSSBIND_STATUS_INVALID_ARGUMENT, row.first, "");
    const ossbind::verdict verdict = verifier.check(ossbind::received_request());
    CHECK_EQ(verdict.status, ossbind::status::invalid_argument);
    CHECK_EQ(verdict.error.field(), row.first);
  }
  check_refused(ossbind::test_callback(NUL, "").error(), OSSBIND_STATUS_INVALID_ARGUMENT, "target",
                "NUL at byte 2");
  CHECK(ossbind::test_callback(ossbind::text(), "").headers().empty());
}

void check_replies() {
  const ossbind::reply good(ossbind::status::ok, "{\"id\":7}");
  CHECK(!good.error());
  CHECK_EQ(good.http_status(), 200);
  CHECK_EQ(good.body(), "{\"id\":7}");
  CHECK_EQ(good.bytes().compare(0, 17, "HTTP/1.1 200 OK\r\n"), 0);
  CHECK_EQ(ossbind::reply(ossbind::status::ok).body(), "{\"Status\":\"OK\"}");
  const ossbind::reply bad(ossbind::status::ok, "no JSON");
  CHECK_EQ(bad.http_status(), 500);
  CHECK_EQ(bad.error().field(), "body");
  CHECK_EQ(bad.body(), "{\"Status\":\"Internal Server Error\"}");
}

// How often a key was asked for, and who still has the function.
void check_fetch() {
  const std::shared_ptr<int> calls = std::make_shared<int>(0);
  ossbind::verifier_config config;
  config.key_urls = {"http://keys.test/"};
  config.fetch = [calls](const std::string &url) -> std::string {
    CHECK_EQ(url.compare(0, 17, "http://keys.test/"), 0);
    ++*calls;
#if OSSBIND_EXCEPTIONS
    if (*calls == 1)
      throw 7;
#endif
    return *calls < 3 ? std::string() : std::string(5000, 'x');
  };
  ossbind::verifier verifier = ossbind::verifier::create(config);
  config.fetch = nullptr;
  CHECK_EQ(calls.use_count(), 2);
  // http://keys.test/0.pem, /1.pem, /2.pem
  for (const char *url : {"aHR0cDovL2tleXMudGVzdC8wLnBlbQ==", "aHR0cDovL2tleXMudGVzdC8xLnBlbQ==",
                          "aHR0cDovL2tleXMudGVzdC8yLnBlbQ=="})
    check_refused_with(
        verifier,
        {"POST", "/cb", {{"Authorization", "AAAA"}, {"x-oss-pub-key-url", url}}, std::string()},
        ossbind::status::key_unavailable, 503);
  CHECK_EQ(*calls, 3);
  verifier = ossbind::verifier();
  CHECK_EQ(calls.use_count(), 1);
}

} // namespace

int main() {
  check_good();
  check_bad();
  check_seals();
  check_configs();
  check_replies();
  check_fetch();
  return 0;
}
