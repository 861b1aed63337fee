// A NUL inside a text, behind which C sees nothing, is refused with the name of the text.
#include "check.hpp"

#include <set>
#include <utility>
#include <vector>

namespace {

const std::string NUL("ok\0rest", 7);

// As docs/retries.md says of a field that the library refuses.
bool is_of_file(const std::string &field) {
  const std::set<std::string> known = {"key",
                                       "file_path",
                                       "content_type",
                                       "content_md5",
                                       "metadata",
                                       "headers",
                                       "callback.url_query",
                                       "callback.body_fields",
                                       "callback.variables",
                                       "callback.variables_parameter"};
  return known.count(field.substr(0, field.find('['))) > 0;
}

void check_nul(const ossbind::failure &error, const std::string &field) {
  check_refused(error, OSSBIND_STATUS_INVALID_ARGUMENT, field, "NUL at byte 2");
  CHECK_EQ(error.offset(), 2u);
  CHECK_EQ(error.advice(),
           is_of_file(field) ? OSSBIND_ADVICE_FIX_REQUEST : OSSBIND_ADVICE_FIX_SETTINGS);
  CHECK_EQ(error.retry_after().count(), is_of_file(field) ? 0 : 300000);
  CHECK(error.c_ptr() == nullptr);
}

ossbind::signed_result sign(const ossbind::client &client, const ossbind::sign_url_request &r) {
  return client.sign_url(r);
}
ossbind::signed_result sign(const ossbind::client &client, const ossbind::sign_headers_request &r) {
  return client.sign_headers(r);
}
ossbind::signed_result sign(const ossbind::client &client, const ossbind::sign_form_request &r) {
  return client.sign_form(r);
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

void sign_url_requests() {
  using request = ossbind::sign_url_request;
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

void sign_headers_requests() {
  using request = ossbind::sign_headers_request;
  const auto refuse = [](void (*change)(request &), const char *field) {
    refuse_to_sign<request>(change, field);
  };
  refuse([](request &r) { r.method = NUL; }, "method");
  refuse([](request &r) { r.bucket = NUL; }, "bucket");
  refuse([](request &r) { r.key = NUL; }, "key");
  refuse([](request &r) { r.query = {{NUL, ""}}; }, "query[0].name");
  refuse([](request &r) { r.additional_headers = {"host", NUL}; }, "additional_headers[1]");
  refuse([](request &r) { r.headers = {{"a", NUL}}; }, "headers[0].value");
}

void sign_form_requests() {
  using request = ossbind::sign_form_request;
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
  refuse([](request &r) { r.callback.url_query("a", NUL); }, "callback.url_query[0].value");
  refuse([](request &r) { r.callback.body_field(NUL, ""); }, "callback.body_fields[0].name");
  refuse([](request &r) { r.callback = ossbind::callback::ready("{}", NUL); },
         "callback.variables_parameter");
  refuse([](request &r) { r.callback.variable(NUL, "a"); }, "callback.variables[0].name");
  refuse([](request &r) { r.callback.variable("x:a", NUL); }, "callback.variables[0].value");
  refuse([](request &r) { r.callback = ossbind::callback::ready(NUL); }, "callback.parameter");
  check_nul(ossbind::callback::ready(NUL).encode().error, "callback.parameter");
}

template <class Change> void refuse_config(Change change, const std::string &field) {
  ossbind::config config = nobody();
  change(config);
  const ossbind::client client = ossbind::client::create(config);
  CHECK(!client);
  check_nul(client.error(), field);
}

void configs() {
  const std::vector<std::pair<const char *, ossbind::text ossbind::config::*>> members = {
      {"endpoint", &ossbind::config::endpoint},
      {"region", &ossbind::config::region},
      {"access_key_id", &ossbind::config::access_key_id},
      {"access_key_secret", &ossbind::config::access_key_secret},
      {"security_token", &ossbind::config::security_token},
      {"user_agent", &ossbind::config::user_agent},
      {"network_proxy", &ossbind::config::network_proxy},
      {"network_no_proxy", &ossbind::config::network_no_proxy},
      {"network_source", &ossbind::config::network_source},
  };
  for (const auto &member : members)
    refuse_config([&](ossbind::config &c) { c.*member.second = NUL; }, member.first);
}

void groups_of_configs() {
  using tls = ossbind::tls_config;
  const std::vector<std::pair<const char *, ossbind::text tls::*>> members = {
      {"tls.ca_file", &tls::ca_file},
      {"tls.ca_dir", &tls::ca_dir},
      {"tls.ca_pem", &tls::ca_pem},
      {"tls.client_certificate_file", &tls::client_certificate_file},
      {"tls.client_key_file", &tls::client_key_file},
      {"tls.client_certificate_pem", &tls::client_certificate_pem},
      {"tls.client_key_pem", &tls::client_key_pem},
  };
  for (const auto &member : members)
    refuse_config([&](ossbind::config &c) { c.tls.*member.second = NUL; }, member.first);
  using config = ossbind::config;
  refuse_config([](config &c) { c.tls.pins = {"a", NUL}; }, "tls.pins[1]");
  refuse_config([](config &c) { c.credentials.argument = NUL; }, "credentials.argument");
  refuse_config([](config &c) { c.credentials.file = NUL; }, "credentials.file");
}

// As the C library has it: what differs from file to file is the fault of the request.
void advice() {
  using request = ossbind::upload_request;
  const auto advice_of = [](void (*change)(request &)) {
    request refused("examplebucket", "key", ossbind::body::empty());
    refused.callback.url("http://app.example.com/").form_body("a=b");
    change(refused);
    const ossbind::failure error = ossbind::upload(nobody(), refused).error;
    CHECK_EQ(error.retry_after().count(),
             error.advice() == ossbind::advice::fix_request ? 0 : 300000);
    return error.advice();
  };
  CHECK_EQ(advice_of([](request &r) { r.key = NUL; }), OSSBIND_ADVICE_FIX_REQUEST);
  CHECK_EQ(advice_of([](request &r) { r.metadata = {{NUL, "a"}}; }), OSSBIND_ADVICE_FIX_REQUEST);
  CHECK_EQ(advice_of([](request &r) { r.callback.variable("x:a", NUL); }),
           OSSBIND_ADVICE_FIX_REQUEST);
  CHECK_EQ(advice_of([](request &r) { r.bucket = NUL; }), OSSBIND_ADVICE_FIX_SETTINGS);
  CHECK_EQ(advice_of([](request &r) { r.callback.form_body(NUL); }), OSSBIND_ADVICE_FIX_SETTINGS);
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
  sign_url_requests();
  sign_headers_requests();
  sign_form_requests();
  callbacks();
  configs();
  groups_of_configs();
  advice();
  builders();
}
