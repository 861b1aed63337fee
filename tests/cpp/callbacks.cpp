// Callbacks of every making; the caller compares what arrived at the application server.
#include "check.hpp"

namespace {

const char *url() {
  const char *const url = std::getenv("OSS_CALLBACK_URL");
  CHECK(url != nullptr);
  return url;
}

ossbind::upload_request request() {
  return ossbind::upload_request("examplebucket", "dir/a \"b\" \xe4\xb8\xad.txt",
                                 ossbind::body::memory("hello", 5));
}

void put(const ossbind::upload_request &request) {
  const ossbind::upload_outcome outcome = ossbind::upload(request);
  CHECK_EQ(outcome.error.message(), "");
  CHECK_EQ(outcome.result.callback_answer(), "{\"a\":1}\n");
}

void put(ossbind::callback callback) {
  ossbind::upload_request made = request();
  made.callback = std::move(callback);
  put(made);
}

void form() {
  ossbind::callback callback;
  callback.url(url()).form_body("object=${object}&id=${x:id}").variable("x:id", "u 1/+");
  put(callback);
}

void json() {
  ossbind::callback callback;
  callback.url(url())
      .json_body("{\"object\":${object},\"size\":${size},\"id\":${x:id},"
                 "\"text\":\"quote \\\" backslash \\\\ \xe4\xb8\xad\xe6\x96\x87\"}")
      .variable("x:id", "\"\\ \xe6\x96\x87 ${object}");
  put(callback);
}

void ready_json() {
  const std::string text =
      "{\"callbackUrl\":\"" + std::string(url()) + "\",\"callbackBody\":\"s=${size}\"}";
  put(ossbind::callback::ready(text));
}

void builders() {
  const ossbind::ObjectCallbackBuilder builder(
      url(),
      "bucket=${bucket}&object=${object}&etag=${etag}&size=${size}&mimeType=${mimeType}"
      "&my_var1=${x:var1}",
      "", ossbind::ObjectCallbackBuilder::Type::URL);
  ossbind::ObjectCallbackVariableBuilder variables;
  CHECK(variables.addCallbackVariable("x:var1", "value1"));
  put({builder, variables});
}

void json_builder() {
  put(ossbind::ObjectCallbackBuilder(url(), "{\"size\":${size},\"text\":\"\\\"\\\\\"}",
                                     "app.example.com", ossbind::ObjectCallbackBuilder::JSON));
}

// What the vendor's builders make, as a header and as a parameter.
void values_of_builders() {
  const ossbind::ObjectCallbackBuilder builder(url(), "s=${size}&id=${x:id}");
  ossbind::ObjectCallbackVariableBuilder variables;
  CHECK(variables.addCallbackVariable("x:id", "7"));
  const ossbind::encoded_callback encoded = ossbind::callback(builder, variables).encode();
  ossbind::upload_request made = request();
  made.headers.emplace_back("x-oss-callback", encoded.header);
  made.headers.emplace_back("x-oss-callback-var", variables.build());
  put(made);
  put(ossbind::callback::ready(encoded.header, variables.build()));
}

void encoded_once() {
  ossbind::callback callback;
  callback.url(url()).body_field("o", "${object} &").body_field("n", 0);
  ossbind::upload_request made = request();
  made.encoded_callback = callback.encode();
  put(made);
  put(made);
  // One that was refused is not none.
  made.encoded_callback = ossbind::callback().url("ftp://a").encode();
  const ossbind::upload_outcome outcome = ossbind::upload(made);
  CHECK_EQ(outcome.error.message(), made.encoded_callback.error.message());
  CHECK(!outcome.ok());
}

} // namespace

int main() {
  form();
  json();
  ready_json();
  builders();
  json_builder();
  values_of_builders();
  encoded_once();
}
