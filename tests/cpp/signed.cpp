// Signs with the keys of the environment, and uploads with a client that has none.
#include "check.hpp"

#include <chrono>

namespace {

const char *const CONTENT = "signed elsewhere";
const char *const CONTENT_MD5 = "ZmzzUGujXAJgC5X12PXVcQ==";
const char *const ANSWER = "{\"a\":1}";

ossbind::body content() { return ossbind::body::memory(CONTENT); }

ossbind::callback callback() {
  ossbind::callback made;
  made.url(std::getenv("OSS_CALLBACK_URL")).form_body("object=${object}");
  return made;
}

ossbind::client keyless_client() {
  ossbind::config config;
  config.no_keys = true;
  config.network_proxy = "";
  ossbind::client client = ossbind::client::create(config);
  CHECK(client);
  return client;
}

void check_answered(const ossbind::upload_outcome &outcome) {
  if (outcome.error)
    CHECK_EQ(outcome.error.message(), "");
  CHECK(outcome.ok() && outcome.stored());
  CHECK_EQ(outcome.result.callback_answer(), ANSWER);
}

void check_expires(std::uint64_t expires, std::uint64_t seconds) {
  // Not std::time(), which is some milliseconds behind the clock of the library.
  using clock = std::chrono::system_clock;
  const std::uint64_t now = static_cast<std::uint64_t>(clock::to_time_t(clock::now()));
  CHECK(expires <= now + seconds && expires + 600 >= now + seconds);
}

ossbind::sign_url_request sign_url_request(const char *key) {
  ossbind::sign_url_request request;
  request.bucket = std::getenv("OSS_BUCKET");
  request.key = key;
  request.expires_in = std::chrono::minutes(20);
  request.content_type = "text/x-test";
  request.content_md5 = CONTENT_MD5;
  request.metadata = {{"camera", "north"}};
  request.headers = {{"Cache-Control", "no-cache"}};
  request.storage_class = "IA";
  request.acl = "private";
  request.callback = callback();
  return request;
}

// Every member of the request arrives, and the bundle has all of it.
void bundles(const ossbind::client &client, const ossbind::client &keyless) {
  ossbind::sign_url_request request = sign_url_request("bundle");
  request.callback_in_headers = true;
  request.forbid_overwrite = true;
  const ossbind::signed_result made = client.sign_url(request);
  CHECK(made.ok());
  CHECK_EQ(made.method, "PUT");
  ossbind::config elsewhere; // The endpoint and the keys of the bundle count, and no others.
  elsewhere.endpoint = "http://127.0.0.1:1";
  elsewhere.access_key_id = elsewhere.access_key_secret = "other";
  ossbind::sign_url_request plain = sign_url_request("other keys");
  const std::string bundle = client.sign_url(plain).bundle;
  CHECK(ossbind::upload(elsewhere, ossbind::upload_request::to_bundle(bundle, content())).ok());
  ossbind::config asked; // Nobody is asked for keys.
  asked.credentials.function = [](ossbind::given_credentials &) { return false; };
  CHECK(ossbind::upload(asked, ossbind::upload_request::to_bundle(bundle, content())).ok());
  CHECK_EQ(made.url.find(std::getenv("OSS_ENDPOINT")), 0u);
  check_expires(made.expires_at, 1200);
  std::string names;
  for (const std::pair<std::string, std::string> &header : made.pairs)
    names += header.first + " ";
  CHECK_EQ(names, "content-type x-oss-meta-camera cache-control x-oss-storage-class "
                  "x-oss-object-acl x-oss-forbid-overwrite x-oss-callback content-md5 ");

  check_answered(keyless.upload(ossbind::upload_request::to_bundle(made.bundle, content())));
  const ossbind::upload_outcome again =
      keyless.upload(ossbind::upload_request::to_bundle(made.bundle, content()));
  CHECK_EQ(again.error.oss_code(), "FileAlreadyExists");
}

// The callback stands in the URL; with a URL alone, the headers are those of the request.
void urls(const ossbind::client &client, const ossbind::client &keyless) {
  const ossbind::signed_result made = client.sign_url(sign_url_request("url"));
  CHECK(made.ok());
  ossbind::upload_request request = ossbind::upload_request::to_url(made.url, content());
  request.content_type = "text/x-test";
  request.content_md5 = CONTENT_MD5;
  request.metadata = {{"camera", "north"}};
  request.headers = {{"Cache-Control", "no-cache"}};
  request.storage_class = "IA";
  request.acl = "private";
  check_answered(keyless.upload(request));
  request.content_type = "text/plain";
  const ossbind::upload_outcome other = keyless.upload(request);
  CHECK_EQ(other.error.oss_code(), "SignatureDoesNotMatch");
#if OSSBIND_EXCEPTIONS
  try {
    keyless.upload_or_throw(request);
    CHECK(!"reached");
  } catch (const ossbind::upload_exception &exception) {
    CHECK_EQ(exception.error().oss_code(), "SignatureDoesNotMatch");
  }
#endif
}

// Numbers and parameters of the operations that have them.
void operations(const ossbind::client &client) {
  ossbind::sign_url_request request;
  request.bucket = std::getenv("OSS_BUCKET");
  request.key = "key";
  request.operation = OSSBIND_OPERATION_UPLOAD_PART;
  request.upload_id = "ID";
  request.part_number = 7;
  const ossbind::signed_result part = client.sign_url(request);
  CHECK_EQ(part.method, "PUT");
  CHECK(part.url.find("?partNumber=7&uploadId=ID&") != std::string::npos);
  request.operation = OSSBIND_OPERATION_GET_OBJECT;
  request.upload_id = ossbind::text();
  request.part_number = 0;
  request.query = {{"versionId", "a b"}};
  const ossbind::signed_result get = client.sign_url(request);
  CHECK_EQ(get.method, "GET");
  CHECK(get.url.find("?versionId=a%20b&") != std::string::npos);
  check_expires(get.expires_at, 900);
}

void forms(const ossbind::client &client, const ossbind::client &keyless) {
  ossbind::sign_form_request request;
  request.bucket = std::getenv("OSS_BUCKET");
  request.key_prefix = "form/";
  request.expires_in = std::chrono::minutes(20);
  request.min_size = 2;
  request.max_size = 20;
  request.content_types = {"text/x-test"};
  request.fields = {{"x-oss-object-acl", "private"}};
  request.conditions = "[{\"x-oss-object-acl\":\"private\"}]";
  request.forbid_overwrite = true;
  request.callback = callback();
  const ossbind::signed_result form = client.sign_form(request);
  CHECK(form.ok());
  check_expires(form.expires_at, 1200);

  ossbind::upload_request upload = ossbind::upload_request::to_bundle(form.bundle, content());
  upload.key = "form/bundle";
  check_answered(keyless.upload(upload));
  CHECK_EQ(keyless.upload(upload).error.oss_code(), "FileAlreadyExists");
  upload.key = "elsewhere";
  CHECK_EQ(keyless.upload(upload).error.oss_code(), "AccessDenied");
  upload.key = "form/short";
  upload.body = ossbind::body::memory("a");
  CHECK_EQ(keyless.upload(upload).error.oss_code(), "EntityTooSmall");
  upload.body = ossbind::body::memory(std::string(21, 'a'));
  CHECK_EQ(keyless.upload(upload).error.oss_code(), "EntityTooLarge");

  ossbind::upload_request fields = ossbind::upload_request::to_url(form.url, content());
  fields.key = "form/fields";
  for (const std::pair<std::string, std::string> &field : form.pairs)
    fields.form_fields.emplace_back(field.first, field.second);
  check_answered(keyless.upload(fields));

  ossbind::upload_request own(std::getenv("OSS_BUCKET"), "own form", content());
  own.form = true;
  own.content_type = "text/x-test";
  own.callback = callback();
  check_answered(client.upload(own));
}

void requests(const ossbind::client &client) {
  ossbind::sign_headers_request request;
  request.method = "GET";
  request.bucket = std::getenv("OSS_BUCKET");
  request.query = {{"list-type", "2"}, {"acl", ""}};
  request.headers = {{"X-Oss-Request-Payer", "requester"}};
  const ossbind::signed_result made = client.sign_headers(request);
  CHECK(made.ok());
  CHECK_EQ(made.method, "GET");
  CHECK(made.url.find("?list-type=2&acl") != std::string::npos);
  CHECK_EQ(made.pairs.front().first, "x-oss-request-payer");
  CHECK_EQ(made.pairs.front().second, "requester");
  CHECK_EQ(made.pairs.back().first, "authorization");
  CHECK_EQ(made.bundle, "");
  check_expires(made.expires_at, 900);
  request.additional_headers = {"host"};
  const std::string authorization = client.sign_headers(request).pairs.back().second;
  CHECK(authorization.find("AdditionalHeaders=host") != std::string::npos);
}

// Errors are values: without exceptions, and with them as well.
void refusals(const ossbind::client &client, const ossbind::client &keyless) {
  const ossbind_status invalid = OSSBIND_STATUS_INVALID_ARGUMENT;
  const ossbind::signed_result url = client.sign_url(ossbind::sign_url_request());
  CHECK(!url.ok() && url.url.empty() && url.bundle.empty() && url.pairs.empty());
  check_refused(url.error, invalid, "bucket", "required");
  const ossbind::signed_result request = client.sign_headers(ossbind::sign_headers_request());
  CHECK(!request.ok() && request.url.empty());
  check_refused(request.error, invalid, "method", "required");
  const ossbind::signed_result form = client.sign_form(ossbind::sign_form_request());
  CHECK(!form.ok() && form.url.empty() && form.pairs.empty());
  check_refused(form.error, invalid, "bucket", "required");

  const ossbind_status none = OSSBIND_STATUS_CREDENTIALS;
  check_refused(keyless.sign_url(sign_url_request("k")).error, none, "access_key_id", "NO_KEYS");
  check_refused(keyless.sign_headers(ossbind::sign_headers_request()).error, invalid, "method",
                "required");
  ossbind::upload_request put(std::getenv("OSS_BUCKET"), "k", content());
  check_refused(keyless.upload(put).error, none, "access_key_id", "NO_KEYS");

  const ossbind::client nobody;
  check_refused(nobody.sign_url(sign_url_request("k")).error, invalid, "client", "NULL");
  check_refused(nobody.sign_headers(ossbind::sign_headers_request()).error, invalid, "client",
                "NULL");
  check_refused(nobody.sign_form(ossbind::sign_form_request()).error, invalid, "client", "NULL");

  ossbind::upload_request both = ossbind::upload_request::to_bundle("{}", content());
  both.url = "http://127.0.0.1:1/";
  check_refused(keyless.upload(both).error, invalid, "url", "together with bundle");
  both.url = ossbind::text();
  both.form = true;
  check_refused(keyless.upload(both).error, invalid, "flags", "FORM");
}

} // namespace

// The header is signed, so OSS takes only an upload that says the same.
void requester_pays(const ossbind::client &client) {
  ossbind::sign_url_request url;
  url.bucket = std::getenv("OSS_BUCKET");
  url.key = "requester pays";
  url.requester_pays = true;
  const ossbind::signed_result made = client.sign_url(url);
  ossbind::upload_request request;
  request.url = made.url;
  request.body = content();
  CHECK(!client.upload(request).ok());
  request.requester_pays = true;
  CHECK(client.upload(request).ok());
  ossbind::find_request question(std::getenv("OSS_BUCKET"), "requester pays", content());
  question.requester_pays = true;
  CHECK(client.find(question).ok());
}

int main() {
  const ossbind::client client = ossbind::client::from_environment();
  CHECK(client && !client.error());
  const ossbind::client keyless = keyless_client();
  bundles(client, keyless);
  urls(client, keyless);
  operations(client);
  forms(client, keyless);
  requests(client);
  requester_pays(client);
  refusals(client, keyless);
}
