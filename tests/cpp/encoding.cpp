// Callbacks and builders give the header values of the reference (spec: callback.md 4.1).
#include "check.hpp"

namespace {

const char *const URL = "http://203.0.113.10:8080/cb?a=1";
const char *const BODY = "bucket=${bucket}&object=${object}&etag=${etag}&size=${size}&uid=${x:uid}";
const char *const HEADER =
    "eyJjYWxsYmFja1VybCI6Imh0dHA6Ly8yMDMuMC4xMTMuMTA6ODA4MC9jYj9hPTEiLCJjYWxsYmFja0JvZHkiOiJidWNr"
    "ZXQ9JHtidWNrZXR9Jm9iamVjdD0ke29iamVjdH0mZXRhZz0ke2V0YWd9JnNpemU9JHtzaXplfSZ1aWQ9JHt4OnVpZH0i"
    "LCJjYWxsYmFja0JvZHlUeXBlIjoiYXBwbGljYXRpb24veC13d3ctZm9ybS11cmxlbmNvZGVkIn0=";
const char *const VARIABLES_HEADER = "eyJ4OnVpZCI6InUgMS8rIn0=";

void the_vector() {
  ossbind::callback callback;
  CHECK(!callback.is_set());
  callback.url(URL).form_body(BODY).variable("x:uid", "u 1/+");
  CHECK(callback.is_set());
  const ossbind::encoded_callback encoded = callback.encode();
  CHECK(encoded.ok());
  CHECK_EQ(encoded.header, HEADER);
  CHECK_EQ(encoded.variables_header, VARIABLES_HEADER);
}

// Every setter changes the parameter as the ready text says.
void setters() {
  ossbind::callback made;
  made.url("http://a.example.com/").fallback_url("https://b.example.com/").host("c.example.com");
  made.json_body("{\"o\":${object},\"quote\":\"\\\"\"}").sni(false);
  const char *const text =
      "{\"callbackUrl\":\"http://a.example.com/;https://b.example.com/\","
      "\"callbackHost\":\"c.example.com\","
      "\"callbackBody\":\"{\\\"o\\\":${object},\\\"quote\\\":\\\"\\\\\\\"\\\"}\","
      "\"callbackBodyType\":\"application/json\",\"callbackSNI\":false}";
  CHECK_EQ(made.encode().header, ossbind::callback::ready(text).encode().header);
  CHECK(made.encode().ok());
  CHECK_EQ(made.encode().variables_header, "");
}

void only_a_relaxed_callback_takes_unknown_names() {
  ossbind::callback callback;
  callback.url("http://a.example.com/").form_body("a=${x:undefined}");
  CHECK(!callback.encode().ok());
  CHECK(callback.relaxed().encode().ok());
  CHECK(!callback.relaxed(false).encode().ok());
}

void builders() {
  ossbind::ObjectCallbackBuilder builder(URL, BODY);
  CHECK_EQ(builder.CallbackUrl(), URL);
  CHECK_EQ(builder.CallbackBody(), BODY);
  CHECK_EQ(builder.CallbackHost(), "");
  CHECK_EQ(builder.CallbackBodyType(), ossbind::ObjectCallbackBuilder::Type::URL);
  CHECK_EQ(builder.build(), HEADER);

  ossbind::ObjectCallbackVariableBuilder variables;
  CHECK_EQ(variables.build(), "");
  CHECK(variables.addCallbackVariable("x:uid", "replaced"));
  CHECK(variables.addCallbackVariable("x:uid", "u 1/+"));
  for (const char *refused : {"uid", "", "x:", "x:Uid", "x:a b", "x:\xc3\xa9"})
    CHECK(!variables.addCallbackVariable(refused, "1"));
  const ossbind::HeaderCollection &all = variables.CallbackVariable();
  CHECK_EQ(all.size(), 1u);
  CHECK_EQ(all.at("x:uid"), "u 1/+");
  CHECK_EQ(variables.build(), VARIABLES_HEADER);

  const ossbind::encoded_callback both = ossbind::callback(builder, variables).encode();
  CHECK_EQ(both.header, HEADER);
  CHECK_EQ(both.variables_header, VARIABLES_HEADER);
}

void builders_escape_json() {
  const std::string body = "{\"object\":${object},\"text\":\"a \\\\ b\"}";
  const ossbind::ObjectCallbackBuilder builder("http://a.example.com/", body, "b.example.com",
                                               ossbind::ObjectCallbackBuilder::JSON);
  ossbind::callback same;
  same.url("http://a.example.com/").host("b.example.com").json_body(body);
  CHECK_EQ(builder.build(), same.encode().header);
  CHECK(same.encode().ok());
}

void builder_setters() {
  ossbind::ObjectCallbackBuilder builder("", "");
  CHECK_EQ(builder.build(), "");
  builder.setCallbackUrl("http://a.example.com/");
  CHECK_EQ(builder.build(), "");
  builder.setCallbackBody("{\"a\":1}");
  builder.setCallbackHost("b.example.com");
  builder.setCallbackBodyType(ossbind::ObjectCallbackBuilder::JSON);
  const ossbind::ObjectCallbackBuilder same("http://a.example.com/", "{\"a\":1}", "b.example.com",
                                            ossbind::ObjectCallbackBuilder::Type::JSON);
  CHECK(!builder.build().empty());
  CHECK_EQ(builder.build(), same.build());
}

} // namespace

int main() {
  the_vector();
  setters();
  only_a_relaxed_callback_takes_unknown_names();
  builders();
  builders_escape_json();
  builder_setters();
}
