/* Callbacks as programs bring them along: ready made, in Base64, in headers, as pairs, and encoded once
 * for many uploads. With all headers of an answer and the steps of progress. */
#include <ossbind.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static const ossbind_pair variable = {"x:id", "4 2"};

static ossbind_callback new_callback(void) {
  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  callback.body = "key=${object}&id=${x:id}";
  return callback;
}

static ossbind_encoded_callback *encode(const ossbind_callback *callback) {
  ossbind_encoded_callback *encoded = NULL;
  ossbind_error *error = NULL;
  if (ossbind_callback_encode(callback, &encoded, &error) != OSSBIND_STATUS_OK)
    fprintf(stderr, "%s\n", ossbind_error_message(error));
  CHECK(encoded && !error);
  return encoded;
}

static ossbind_upload_request new_request(const char *key) {
  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = key;
  request.body = OSSBIND_BODY_KIND_MEMORY;
  request.data = (const uint8_t *)"v";
  request.data_len = 1;
  return request;
}

static void upload(const ossbind_upload_request *request) {
  ossbind_error *error = NULL;
  ossbind_status status = ossbind_upload(NULL, request, NULL, &error);
  if (error)
    fprintf(stderr, "%s: %s\n", request->key, ossbind_error_message(error));
  CHECK(status == OSSBIND_STATUS_OK && !error);
}

/* What the builders of the vendor make: Base64 of both parameters. */
static void ready_made(const ossbind_encoded_callback *encoded) {
  ossbind_upload_request request = new_request("base64");
  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.parameter = ossbind_encoded_callback_header(encoded);
  callback.variables_parameter = ossbind_encoded_callback_variables_header(encoded);
  request.callback = &callback;
  upload(&request);
  callback.variables_parameter = " {\"x:id\":\"4 2\"} ";
  request.key = "json variables";
  upload(&request);
  callback.variables_parameter = NULL;
  callback.variables = &variable;
  callback.variable_count = 1;
  request.key = "own variables";
  upload(&request);
}

static void in_headers(const ossbind_encoded_callback *encoded) {
  const ossbind_pair headers[] = {
      {"Cache-Control", "no-cache"},
      {"X-Oss-Callback", ossbind_encoded_callback_header(encoded)},
      {"x-oss-callback-var", ossbind_encoded_callback_variables_header(encoded)}};
  ossbind_upload_request request = new_request("headers");
  request.headers = headers;
  request.header_count = 3;
  upload(&request);
  request.key = "headers of a form";
  request.header_count = 3;
  request.flags = OSSBIND_UPLOAD_FORM;
  upload(&request);
}

static void encoded_once(const ossbind_encoded_callback *encoded) {
  ossbind_upload_request request = new_request("encoded");
  request.encoded_callback = encoded;
  upload(&request);
  request.key = "encoded again";
  upload(&request);
  request.key = "encoded form";
  request.flags = OSSBIND_UPLOAD_FORM;
  upload(&request);
}

/* A request says only once what the callback is. */
static void said_twice(const ossbind_encoded_callback *encoded, const ossbind_callback *callback) {
  ossbind_upload_request request = new_request("twice");
  ossbind_error *error = NULL;
  request.encoded_callback = encoded;
  request.callback = callback;
  CHECK(ossbind_upload(NULL, &request, NULL, &error) == OSSBIND_STATUS_INVALID_ARGUMENT);
  CHECK(strcmp(ossbind_error_field(error), "encoded_callback") == 0);
  ossbind_error_free(error);
}

/* Everything but variables is percent-encoded. */
static void as_pairs(void) {
  const ossbind_pair query[] = {{"q", "a b&c;d"}, {"r", "\xc3\xa9"}};
  const ossbind_pair fields[] = {{"key", "${object}"}, {"price &", "5 $"}, {"id", "<${x:id}>"}};
  ossbind_callback callback = new_callback();
  callback.url_query = query;
  callback.url_query_count = 2;
  callback.body = NULL;
  callback.body_fields = fields;
  callback.body_field_count = 3;
  callback.variables = &variable;
  callback.variable_count = 1;
  ossbind_upload_request request = new_request("pairs");
  request.callback = &callback;
  upload(&request);
}

/* Counts the headers of an answer, among them one that is found by its name too. */
static void all_headers(void) {
  const ossbind_upload_request request = new_request("answer");
  ossbind_upload_result *result = NULL;
  CHECK(ossbind_upload(NULL, &request, &result, NULL) == OSSBIND_STATUS_OK);
  const char *name, *value, *id = NULL;
  size_t count = 0;
  for (; ossbind_upload_result_header_at(result, count, &name, &value); count++) {
    CHECK(name && value);
    if (strcmp(name, "x-oss-request-id") == 0)
      id = value;
  }
  CHECK(!name && !value && count > 4);
  CHECK(id && strcmp(id, ossbind_upload_result_header(result, "X-Oss-Request-Id")) == 0);
  CHECK(ossbind_upload_result_header_at(result, 0, NULL, NULL) == 1);
  CHECK(ossbind_upload_result_header_at(result, SIZE_MAX, &name, &value) == 0);
  CHECK(ossbind_upload_result_header_at(NULL, 0, &name, &value) == 0 && !name && !value);
  ossbind_upload_result_free(result);
}

static int32_t add(void *userdata, const ossbind_progress *progress) {
  uint64_t *sum = userdata;
  CHECK(progress->increment > 0);
  *sum += progress->increment;
  CHECK(*sum == progress->sent);
  return 0;
}

static void increments(void) {
  enum { SIZE = 1 << 20 };
  static uint8_t content[SIZE];
  uint64_t sum = 0;
  ossbind_upload_request request = new_request("increments");
  request.data = content;
  request.data_len = SIZE;
  request.progress = add;
  request.progress_userdata = &sum;
  upload(&request);
  CHECK(sum == SIZE);
}

int main(void) {
  ossbind_callback callback = new_callback();
  callback.variables = &variable;
  callback.variable_count = 1;
  ossbind_encoded_callback *encoded = encode(&callback);
  ready_made(encoded);
  in_headers(encoded);
  encoded_once(encoded);
  said_twice(encoded, &callback);
  ossbind_encoded_callback_free(encoded);
  as_pairs();
  all_headers();
  increments();
  return 0;
}
