// A NUL inside a text, behind which C sees nothing, is refused with the name of the text.
#include "check.hpp"

#include <utility>
#include <vector>

namespace {

const std::string NUL("ok\0rest", 7);

void check_nul(const ossbind::error &error, const std::string &field) {
  check_refused(error, OSSBIND_STATUS_INVALID_ARGUMENT, field, "NUL at byte 2");
  CHECK_EQ(error.offset(), 2u);
  CHECK(error.c_ptr() == nullptr);
}

template <class Change> void refuse(Change change, const std::string &field) {
  ossbind::upload_request request("examplebucket", "key", ossbind::body::empty());
  request.callback.url("http://app.example.com/").form_body("a=b");
  change(request);
  const ossbind::upload_outcome outcome = ossbind::upload(nobody(), request);
  CHECK_EQ(outcome.status, OSSBIND_STATUS_INVALID_ARGUMENT);
  CHECK_EQ(outcome.object_state(), OSSBIND_OBJECT_STATE_NOT_STORED);
  check_nul(outcome.error, field);
}

void requests() {
  using request = ossbind::upload_request;
  refuse([](request &r) { r.bucket = NUL; }, "bucket");
  refuse([](request &r) { r.key = NUL; }, "key");
  refuse([](request &r) { r.body = ossbind::body::file(NUL); }, "file_path");
  refuse([](request &r) { r.content_type = NUL; }, "content_type");
  refuse([](request &r) { r.storage_class = NUL; }, "storage_class");
  refuse([](request &r) { r.acl = NUL; }, "acl");
  refuse([](request &r) { r.content_md5 = NUL; }, "content_md5");
  refuse([](request &r) { r.checkpoint_dir = NUL; }, "checkpoint_dir");
  refuse([](request &r) { r.metadata = {{"a", "b"}, {NUL, "c"}}; }, "metadata[1].name");
  refuse([](request &r) { r.metadata = {{"a", NUL}}; }, "metadata[0].value");
  refuse([](request &r) { r.headers = {{NUL, "c"}}; }, "headers[0].name");
  refuse([](request &r) { r.headers = {{"a", NUL}}; }, "headers[0].value");
}

void callbacks() {
  using request = ossbind::upload_request;
  refuse([](request &r) { r.callback.url(NUL); }, "callback.url");
  refuse([](request &r) { r.callback.host(NUL); }, "callback.host");
  refuse([](request &r) { r.callback.form_body(NUL); }, "callback.body");
  refuse([](request &r) { r.callback.json_body(NUL); }, "callback.body");
  refuse([](request &r) { r.callback.variable(NUL, "a"); }, "callback.variables[0].name");
  refuse([](request &r) { r.callback.variable("x:a", NUL); }, "callback.variables[0].value");
  refuse([](request &r) { r.callback = ossbind::callback::ready_json(NUL); }, "callback.json");
  check_nul(ossbind::callback::ready_json(NUL).encode().error, "callback.json");
}

void configs() {
  const std::vector<std::pair<const char *, ossbind::text ossbind::config::*>> members = {
      {"endpoint", &ossbind::config::endpoint},
      {"region", &ossbind::config::region},
      {"access_key_id", &ossbind::config::access_key_id},
      {"access_key_secret", &ossbind::config::access_key_secret},
      {"security_token", &ossbind::config::security_token},
      {"proxy", &ossbind::config::proxy},
      {"ca_file", &ossbind::config::ca_file},
      {"user_agent", &ossbind::config::user_agent},
  };
  for (const auto &member : members) {
    ossbind::config config = nobody();
    config.*member.second = NUL;
    ossbind::error error;
    CHECK(!ossbind::client::create(config, &error));
    check_nul(error, member.first);
  }
}

void builders() {
  CHECK_EQ(ossbind::ObjectCallbackBuilder(NUL, "a=b").build(), "");
  ossbind::ObjectCallbackVariableBuilder variables;
  CHECK(variables.addCallbackVariable("x:a", NUL));
  CHECK_EQ(variables.build(), "");
}

} // namespace

int main() {
  requests();
  callbacks();
  configs();
  builders();
}
