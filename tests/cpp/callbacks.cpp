// Callbacks of every making; the caller compares what arrived at the application server.
#include "check.hpp"

namespace {

const char *url() {
  const char *const url = std::getenv("OSS_CALLBACK_URL");
  CHECK(url != nullptr);
  return url;
}

void put(ossbind::callback callback) {
  ossbind::upload_request request("examplebucket", "dir/a \"b\" \xe4\xb8\xad.txt",
                                  ossbind::body::memory("hello", 5));
  request.callback = std::move(callback);
  const ossbind::upload_outcome outcome = ossbind::upload(request);
  CHECK_EQ(outcome.error.message(), "");
  CHECK_EQ(outcome.result.callback_answer(), "{\"a\":1}\n");
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
  put(ossbind::callback::ready_json(text));
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

} // namespace

int main() {
  form();
  json();
  ready_json();
  builders();
  json_builder();
}
