// What the C library refuses arrives as an error with its status and field.
#include "check.hpp"

namespace {

const ossbind_status INVALID = OSSBIND_STATUS_INVALID_ARGUMENT;

ossbind::upload_request valid() {
  return ossbind::upload_request("examplebucket", "key", ossbind::body::memory("v", 1));
}

void refuse(const ossbind::upload_request &request, ossbind_status status, const char *field,
            const char *part) {
  const ossbind::upload_outcome outcome = ossbind::upload(nobody(), request);
  CHECK(!outcome.ok() && !outcome.stored() && !outcome.callback_failed());
  CHECK_EQ(outcome.status, status);
  CHECK_EQ(outcome.object_state(), OSSBIND_OBJECT_STATE_NOT_STORED);
  CHECK(!outcome.result);
  check_refused(outcome.error, status, field, part);
}

template <class Change>
void refuse(Change change, ossbind_status status, const char *field, const char *part) {
  ossbind::upload_request request = valid();
  change(request);
  refuse(request, status, field, part);
}

void requests() {
  using request = ossbind::upload_request;
  refuse([](request &r) { r.bucket = nullptr; }, INVALID, "bucket", "required");
  refuse([](request &r) { r.bucket = "No"; }, INVALID, "bucket", "3 to 63");
  refuse([](request &r) { r.key = ossbind::text(); }, INVALID, "key", "required");
  refuse([](request &r) { r.key = ""; }, INVALID, "key", "is empty");
  refuse([](request &r) { r.body = ossbind::body(); }, INVALID, "body", "NONE");
  refuse([](request &r) { r.body = ossbind::body::file(nullptr); }, INVALID, "file_path", "NULL");
  refuse([](request &r) { r.body = ossbind::body::file("/no/such"); }, OSSBIND_STATUS_BODY,
         "file_path", "/no/such");
  refuse([](request &r) { r.body = ossbind::body::stream(nullptr, 1); }, INVALID, "read", "NULL");
  refuse([](request &r) { r.body = ossbind::body::memory(nullptr, 2); }, INVALID, "data",
         "data_len is 2");
  refuse([](request &r) { r.metadata = {{"a_b", "c"}}; }, INVALID, "metadata[0].name", "letters");
  refuse([](request &r) { r.metadata = {{"a", nullptr}}; }, INVALID, "metadata[0].value", "NULL");
  refuse(
      [](request &r) {
        r.headers = {{"A", "b"}, {"Host", "c"}};
      },
      INVALID, "headers[1].name", "host cannot be set here");
  refuse([](request &r) { r.content_md5 = "?"; }, INVALID, "content_md5", "Base64");
  refuse(
      [](request &r) {
        r.content_md5 = "EpHfuvc3S+AOr7SJEZIyCQ==";
        r.compute_content_md5 = true;
      },
      INVALID, "content_md5", "use one of them");
}

void callbacks() {
  using request = ossbind::upload_request;
  const ossbind_status bad = OSSBIND_STATUS_INVALID_CALLBACK;
  refuse([](request &r) { r.callback.url(nullptr).form_body("a=b"); }, INVALID, "callback.url",
         "required");
  refuse([](request &r) { r.callback.url("http://a.example.com/"); }, INVALID, "callback.body",
         "required");
  // A callback whose parts are all missing is not the same as none.
  refuse([](request &r) { r.callback.url(nullptr).form_body(nullptr); }, INVALID, "callback.url",
         "required");
  refuse([](request &r) { r.callback.url("http://a.example.com/").fallback_url(nullptr); }, INVALID,
         "callback.body", "required");
  refuse(
      [](request &r) {
        r.callback.url("http://a.example.com/").fallback_url(nullptr).form_body("a=b");
      },
      bad, "callback.url", "empty");
  refuse([](request &r) { r.callback.fallback_url("http://b.example.com/").form_body("a=b"); }, bad,
         "callback.url", "the first URL is missing");
  refuse([](request &r) { r.callback.fallback_url("b").url("http://a.example").form_body("a=b"); },
         bad, "callback.url", "\"b\" has no scheme");
  refuse([](request &r) { r.callback.url("http://a.example.com/").form_body("$"); }, bad,
         "callback.body", "plain '$'");
  refuse([](request &r) { r.callback = ossbind::callback::ready("{}").host("a.example.com"); },
         INVALID, "callback.host", "together with callback.parameter");
  refuse([](request &r) { r.callback = ossbind::callback::ready("{}").fallback_url("http://a"); },
         INVALID, "callback.url", "together with callback.parameter");
}

void errors_of_callbacks_say_where_and_what_oss_would_say() {
  ossbind::callback callback;
  callback.url("http://app.example.com/").form_body("a=${object}&b=$");
  const ossbind::encoded_callback encoded = callback.encode();
  CHECK(!encoded.ok());
  CHECK_EQ(encoded.header, "");
  CHECK_EQ(encoded.error.offset(), 14u);
  CHECK_EQ(encoded.error.ec(), "0007-00000105");
  CHECK_EQ(encoded.error.http_status(), 0);
  CHECK_EQ(encoded.error.oss_code(), "");
  CHECK_EQ(encoded.error.request_id(), "");
  CHECK_EQ(encoded.error.document_element("Code"), "");
  CHECK_EQ(encoded.error.caller_code(), 0);
}

template <class Change> void refuse_config(Change change, const char *field, const char *part) {
  ossbind::config config = nobody();
  change(config);
  const ossbind::client client = ossbind::client::create(config);
  const ossbind::failure error = client.error();
  CHECK(!client && !client.ref());
  check_refused(error, INVALID, field, part);
  const ossbind::upload_outcome outcome = ossbind::upload(config, valid());
  CHECK_EQ(outcome.status, INVALID);
  CHECK_EQ(outcome.error.message(), error.message());
  // A client that could not be made keeps its reason.
  CHECK_EQ(client.upload(valid()).error.message(), error.message());
  CHECK_EQ(client.ref().find(ossbind::find_request()).error.message(), error.message());
  CHECK_EQ(client.sign_url(ossbind::sign_url_request()).error.message(), error.message());
#if OSSBIND_EXCEPTIONS
  try {
    ossbind::client::create_or_throw(config);
    CHECK(!"reached");
  } catch (const ossbind::upload_exception &exception) {
    CHECK_EQ(exception.status(), INVALID);
    CHECK_EQ(exception.error().field(), field);
    CHECK_EQ(exception.what(), error.message());
  }
#endif
}

void configs() {
  using config = ossbind::config;
  refuse_config([](config &c) { c.endpoint = "ftp://host"; }, "endpoint", "not http or https");
  refuse_config([](config &c) { c.region = "cn hangzhou"; }, "region", "not a region id");
  refuse_config([](config &c) { c.access_key_id = nullptr; }, "access_key_id", "set both");
  refuse_config([](config &c) { c.access_key_secret = ""; }, "access_key_secret", "empty");
  refuse_config([](config &c) { c.security_token = "\n"; }, "security_token", "byte 0");
  refuse_config([](config &c) { c.network_proxy = "socks4://h:1"; }, "network_proxy", "socks5h");
  refuse_config([](config &c) { c.tls.ca_file = "/no/such"; }, "tls.ca_file", "/no/such");
  refuse_config([](config &c) { c.user_agent = "\n"; }, "user_agent", "control");
  refuse_config([](config &c) { c.cname = c.path_style = true; }, "endpoint", "path style");
  refuse_config(
      [](config &c) {
        c.endpoint = nullptr;
        c.internal = c.dual_stack = c.accelerate = true;
      },
      "flags", "at most one");
}

void no_client() {
  const ossbind::client none;
  CHECK(!none && !none.ref());
  check_refused(none.upload(valid()).error, INVALID, "client", "NULL");
}

void nothing_failed() {
  const ossbind::failure none;
  CHECK(!none);
  CHECK_EQ(none.status(), OSSBIND_STATUS_OK);
  CHECK_EQ(none.message(), "");
  CHECK_EQ(none.field(), "");
  CHECK_EQ(none.offset(), SIZE_MAX);
  CHECK_EQ(none.metrics().requests, 0u);
  const ossbind::upload_outcome not_tried;
  CHECK(!not_tried.ok() && !not_tried.stored());
  CHECK_EQ(not_tried.object_state(), OSSBIND_OBJECT_STATE_UNKNOWN);
  CHECK_EQ(not_tried.result.etag(), "");
  CHECK_EQ(not_tried.result.http_status(), 0);
}

// They compare with the constants of C, and are switched over by name.
void constants_have_types() {
  static_assert(ossbind::status::not_found == OSSBIND_STATUS_NOT_FOUND, "status");
  static_assert(ossbind::object_state::stored == OSSBIND_OBJECT_STATE_STORED, "object state");
  const ossbind::upload_outcome outcome = ossbind::upload(nobody(), ossbind::upload_request());
  CHECK(outcome.status == ossbind::status::invalid_argument);
  CHECK(outcome.object_state() == ossbind::object_state::not_stored);
  switch (outcome.error.advice()) {
  case ossbind::advice::fix_settings:
    break;
  case ossbind::advice::done:
  case ossbind::advice::again:
  case ossbind::advice::look:
  case ossbind::advice::fix_request:
    CHECK(!"reached");
  }
}

void names() {
  const auto number = [](int part) { return std::to_string(part); };
  const std::string header = number(OSSBIND_VERSION_MAJOR) + "." + number(OSSBIND_VERSION_MINOR) +
                             "." + number(OSSBIND_VERSION_PATCH);
  const std::string library = ossbind::version(); // With the commit behind a plus sign.
  CHECK_EQ(library.substr(0, library.find('+')), header);
  CHECK_EQ(std::string(ossbind::status_name(OSSBIND_STATUS_OK)), "OSSBIND_STATUS_OK");
  CHECK_EQ(std::string(ossbind::status_name(-7)), "(unknown)");
  CHECK_EQ(std::string(ossbind::object_state_name(OSSBIND_OBJECT_STATE_STORED)),
           "OSSBIND_OBJECT_STATE_STORED");
}

} // namespace

int main() {
  requests();
  callbacks();
  errors_of_callbacks_say_where_and_what_oss_would_say();
  configs();
  no_client();
  nothing_failed();
  constants_have_types();
  names();
}
