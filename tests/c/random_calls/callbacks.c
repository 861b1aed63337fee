/* Callbacks of all forms. */
#include "machine.h"

/* A body of the type, whole or in fields. */
static void choose_body(struct call *call, ossbind_callback *callback, int is_json) {
  if (is_json)
    callback->body =
        text_or(call, TEXTS("{\"object\":${object},\"size\":${size}}"), TEXTS("{\"a\":${object}"));
  else if (one_in(call, 4))
    callback->body_fields = any_pairs(call, TEXTS("object", "q"), &callback->body_field_count);
  if ((!callback->body && callback->body_field_count == 0) || mistake(call, 20))
    callback->body =
        text_or(call, TEXTS("object=${object}&size=${size}"), TEXTS("id=${x:id}", "a=${nothing}"));
}

static void of_members(struct call *call, ossbind_callback *callback) {
  const int is_json = one_in(call, 3);
  /* No other mistakes: where they are allowed, the service would look for such hosts. */
  callback->url =
      mistake(call, 8)
          ? one_of(call, TEXTS(NULL, "", "127.0.0.1:1", "ftp://127.0.0.1/", "http://[::1]:1/",
                               "http://127.0.0.1:1/#a b", ";;", "\xFF"))
          : one_of(call, TEXTS(places.callback_url, places.callback_url, "http://127.0.0.1:1/"));
  callback->url_query = any_pairs(call, TEXTS("q", "a b"), &callback->url_query_count);
  callback->host = rare_text(call, TEXTS("app.example.com", "app.example.com:8080"));
  choose_body(call, callback, is_json);
  callback->body_type = mistake(call, 10) ? any_number(call) : (uint32_t)is_json;
  callback->sni = mistake(call, 10) ? any_number(call) : (uint32_t)roll(call, 3);
}

static void ready_made(struct call *call, ossbind_callback *callback) {
  callback->parameter =
      text_or(call,
              TEXTS("{\"callbackUrl\":\"http://127.0.0.1:1/\",\"callbackBody\":\"a=${object}\"}",
                    "eyJjYWxsYmFja1VybCI6Imh0dHA6Ly8xMjcuMC4wLjE6MS8iLCJjYWxsYmFja0JvZHkiOiJhIn0="),
              TEXTS("{\"callbackUrl\":7}", "eyJjYWxsYmFja1VybCI"));
  callback->variables_parameter = rare_text(call, TEXTS("{\"x:id\":\"42\"}", "e30="));
  if (mistake(call, 10))
    callback->host = bad_text(call);
}

const ossbind_callback *any_callback(struct call *call) {
  ossbind_callback callback;
  int is_read;
  ossbind_callback_init(&callback);
  if (one_in(call, 6))
    ready_made(call, &callback);
  else
    of_members(call, &callback);
  if (!callback.variables_parameter || mistake(call, 5))
    callback.variables = any_pairs(call, TEXTS("x:id", "x:name"), &callback.variable_count);
  callback.flags = any_flags(call, OSSBIND_CALLBACK_RELAXED);
  callback.reserved = mistake(call, 50) ? any_number(call) : 0;
  return sized(call, &callback, sizeof callback, &is_read);
}
