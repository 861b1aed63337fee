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

ossbind::signed_request sign(const ossbind::client &client, const ossbind::presign_request &r) {
  return client.presign(r);
}
ossbind::signed_request sign(const ossbind::client &client, const ossbind::sign_request &r) {
  return client.sign(r);
}
ossbind::post_form sign(const ossbind::client &client, const ossbind::post_policy_request &r) {
  return client.post_policy(r);
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
  refuse([](request &r) { r.bundle = NUL; }, "bundle");
  refuse([](request &r) { r.url = NUL; }, "url");
  refuse([](request &r) { r.form_fields = {{NUL, "b"}}; }, "form_fields[0].name");
  refuse([](request &r) { r.form_fields = {{"a", "b"}, {"c", NUL}}; }, "form_fields[1].value");
  refuse([](request &r) { r.checkpoint_dir = NUL; }, "checkpoint_dir");
}

// Nothing is signed of a text that was cut short.
template <class Request, class Change>
void refuse_to_sign(Change change, const std::string &field) {
  const ossbind::client client = ossbind::client::create(nobody());
  Request request;
  change(request);
  const auto made = sign(client, request);
  CHECK(!made.ok());
  CHECK_EQ(made.url, "");
  check_nul(made.error, field);
}

void presign_requests() {
  using request = ossbind::presign_request;
  const auto refuse = [](void (*change)(request &), const char *field) {
    refuse_to_sign<request>(change, field);
  };
  refuse([](request &r) { r.bucket = NUL; }, "bucket");
  refuse([](request &r) { r.key = NUL; }, "key");
  refuse([](request &r) { r.upload_id = NUL; }, "upload_id");
  refuse([](request &r) { r.content_type = NUL; }, "content_type");
  refuse([](request &r) { r.content_md5 = NUL; }, "content_md5");
  refuse([](request &r) { r.metadata = {{"a", NUL}}; }, "metadata[0].value");
  refuse([](request &r) { r.headers = {{NUL, "a"}}; }, "headers[0].name");
  refuse([](request &r) { r.query = {{"a", "b"}, {"c", NUL}}; }, "query[1].value");
  refuse([](request &r) { r.storage_class = NUL; }, "storage_class");
  refuse([](request &r) { r.acl = NUL; }, "acl");
  refuse([](request &r) { r.callback.url(NUL); }, "callback.url");
}

void sign_requests() {
  using request = ossbind::sign_request;
  const auto refuse = [](void (*change)(request &), const char *field) {
    refuse_to_sign<request>(change, field);
  };
  refuse([](request &r) { r.method = NUL; }, "method");
  refuse([](request &r) { r.bucket = NUL; }, "bucket");
  refuse([](request &r) { r.key = NUL; }, "key");
  refuse([](request &r) { r.query = {{NUL, ""}}; }, "query[0].name");
  refuse([](request &r) { r.headers = {{"a", NUL}}; }, "headers[0].value");
}

void post_policy_requests() {
  using request = ossbind::post_policy_request;
  const auto refuse = [](void (*change)(request &), const char *field) {
    refuse_to_sign<request>(change, field);
  };
  refuse([](request &r) { r.bucket = NUL; }, "bucket");
  refuse([](request &r) { r.key = NUL; }, "key");
  refuse([](request &r) { r.key_prefix = NUL; }, "key_prefix");
  refuse([](request &r) { r.content_types = {"a/b", NUL}; }, "content_types[1]");
  refuse([](request &r) { r.fields = {{NUL, "a"}}; }, "fields[0].name");
  refuse([](request &r) { r.fields = {{"a", NUL}}; }, "fields[0].value");
  refuse([](request &r) { r.conditions = NUL; }, "conditions");
  refuse([](request &r) { r.callback.variable("x:a", NUL); }, "callback.variables[0].value");
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
      {"credentials_argument", &ossbind::config::credentials_argument},
      {"credentials_file", &ossbind::config::credentials_file},
      {"no_proxy", &ossbind::config::no_proxy},
      {"source", &ossbind::config::source},
      {"ca_dir", &ossbind::config::ca_dir},
      {"ca_pem", &ossbind::config::ca_pem},
      {"client_certificate_file", &ossbind::config::client_certificate_file},
      {"client_key_file", &ossbind::config::client_key_file},
      {"client_certificate_pem", &ossbind::config::client_certificate_pem},
      {"client_key_pem", &ossbind::config::client_key_pem},
  };
  for (const auto &member : members) {
    ossbind::config config = nobody();
    config.*member.second = NUL;
    ossbind::error error;
    CHECK(!ossbind::client::create(config, &error));
    check_nul(error, member.first);
  }
}

void pins() {
  ossbind::config config = nobody();
  config.pins = {"a", NUL};
  ossbind::error error;
  CHECK(!ossbind::client::create(config, &error));
  check_nul(error, "pins[1]");
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
  presign_requests();
  sign_requests();
  post_policy_requests();
  callbacks();
  configs();
  pins();
  builders();
}
