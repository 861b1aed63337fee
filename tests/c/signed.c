/* Signs with the keys of the environment and uploads without any: with bundles, URLs and forms, through
 * a client without keys and through the client of the process. */
#define _POSIX_C_SOURCE 200112L
#include <ossbind.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"

#define CONTENT "signed elsewhere"
#define ANSWER "{\"a\":1}"

static const char *bucket;
static ossbind_callback callback;
static const ossbind_pair metadata = {"camera", "north"};

static ossbind_client *new_client(uint32_t flags) {
  ossbind_client_config config;
  ossbind_client_config_init(&config);
  config.flags = flags;
  ossbind_client *client = NULL;
  ossbind_error *error = NULL;
  CHECK(ossbind_client_new(&config, &client, &error) == OSSBIND_STATUS_OK);
  CHECK(client != NULL && error == NULL);
  return client;
}

static ossbind_upload_request new_upload(void) {
  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.body = OSSBIND_BODY_KIND_MEMORY;
  request.data = (const uint8_t *)CONTENT;
  request.data_len = strlen(CONTENT);
  return request;
}

/* Uploads with a client, or with that of the process, and demands that the callback was answered. */
static void upload(const ossbind_client *client, const ossbind_upload_request *request) {
  ossbind_upload_result *result = NULL;
  ossbind_error *error = NULL;
  ossbind_status status = client ? ossbind_client_upload(client, request, &result, &error)
                                 : ossbind_upload(NULL, request, &result, &error);
  if (error)
    fprintf(stderr, "%s\n", ossbind_error_message(error));
  CHECK(status == OSSBIND_STATUS_OK && error == NULL);
  size_t len = 0;
  const uint8_t *answer = ossbind_upload_result_callback_answer(result, &len);
  CHECK(len == strlen(ANSWER) && memcmp(answer, ANSWER, len) == 0);
  ossbind_upload_result_free(result);
}

static const char *const host = "Host";

static ossbind_signed *sign_url(const ossbind_client *client, const char *key, uint32_t flags) {
  ossbind_sign_url_request request;
  ossbind_sign_url_request_init(&request);
  request.bucket = bucket;
  request.key = key;
  request.flags = flags;
  request.expires_in_s = 600;
  request.content_type = "text/x-test";
  request.metadata = &metadata;
  request.metadata_count = 1;
  request.callback = &callback;
  request.additional_headers = &host;
  request.additional_header_count = 1;
  ossbind_signed *made = NULL;
  ossbind_error *error = NULL;
  CHECK(ossbind_client_sign_url(client, &request, &made, &error) == OSSBIND_STATUS_OK);
  CHECK(made != NULL && error == NULL);
  return made;
}

/* The value of a header, which is there once. */
static const char *header(const ossbind_signed *made, const char *name) {
  const char *known, *known_value, *value = NULL;
  for (size_t i = 0; ossbind_signed_pair_at(made, i, &known, &known_value); i++) {
    if (strcmp(known, name) == 0) {
      CHECK(value == NULL);
      value = known_value;
    }
  }
  return value;
}

/* How many headers or fields there are; past the end both are NULL. */
static size_t pair_count(const ossbind_signed *made) {
  const char *name, *value;
  size_t count = 0;
  while (ossbind_signed_pair_at(made, count, &name, &value)) {
    CHECK(name && value && ossbind_signed_pair_at(made, count, NULL, NULL) == 1);
    count++;
  }
  CHECK(!name && !value);
  name = value = "";
  CHECK(ossbind_signed_pair_at(made, SIZE_MAX, &name, &value) == 0 && !name && !value);
  return count;
}

/* The clock of the library. That of time() is some milliseconds behind it. */
static time_t seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec;
}

static void check_expires(uint64_t expires, time_t before, unsigned seconds) {
  CHECK(expires >= (uint64_t)before + seconds && expires <= (uint64_t)seconds_now() + seconds);
}

static ossbind_signed *signed_url(const ossbind_client *client) {
  time_t before = seconds_now();
  ossbind_signed *made = sign_url(client, "in headers", OSSBIND_SIGN_URL_CALLBACK_IN_HEADERS);
  const char *url = ossbind_signed_url(made);
  const char *endpoint = getenv("OSS_ENDPOINT");
  CHECK(strcmp(ossbind_signed_method(made), "PUT") == 0);
  CHECK(strncmp(url, endpoint, strlen(endpoint)) == 0);
  CHECK(strstr(url, "/in%20headers?") && strstr(url, "x-oss-expires=600"));
  CHECK(strstr(url, "x-oss-signature=") && !strstr(url, "callback"));
  check_expires(ossbind_signed_expires_at(made), before, 600);
  CHECK(pair_count(made) == 4);
  CHECK(strstr(url, "x-oss-additional-headers=host"));
  CHECK(strstr(endpoint, header(made, "host")));
  CHECK(strcmp(header(made, "content-type"), "text/x-test") == 0);
  CHECK(strcmp(header(made, "x-oss-meta-camera"), "north") == 0);
  CHECK(header(made, "x-oss-callback") && !header(made, "authorization"));
  CHECK(strstr(ossbind_signed_bundle(made), "\"ossbind\":1,") != NULL);
  return made;
}

static ossbind_signed *policy(const ossbind_client *client) {
  const char *const types[] = {"text/x-test"};
  const ossbind_pair acl = {"x-oss-object-acl", "private"};
  ossbind_sign_form_request request;
  ossbind_sign_form_request_init(&request);
  request.bucket = bucket;
  request.key_prefix = "camera/";
  request.expires_in_s = 600;
  request.min_size = 1;
  request.max_size = 100;
  request.content_types = types;
  request.content_type_count = 1;
  request.fields = &acl;
  request.field_count = 1;
  request.conditions = " [[\"in\",\"$x-oss-object-acl\",[\"private\",\"default\"]],"
                       "{\"x-oss-object-acl\":\"private\"}] ";
  request.callback = &callback;
  ossbind_signed *form = NULL;
  ossbind_error *error = NULL;
  time_t before = seconds_now();
  CHECK(ossbind_client_sign_form(client, &request, &form, &error) == OSSBIND_STATUS_OK);
  CHECK(form != NULL && error == NULL);
  check_expires(ossbind_signed_expires_at(form), before, 600);
  CHECK(strstr(ossbind_signed_bundle(form), "\"ossbind\":1,") != NULL);
  CHECK(strcmp(ossbind_signed_method(form), "POST") == 0);
  CHECK(pair_count(form) > 6);
  return form;
}

static void signed_for_another_http_stack(const ossbind_client *client) {
  const ossbind_pair query[] = {{"list-type", "2"}, {"prefix", "a b"}, {"acl", ""}};
  const ossbind_pair given = {"x-oss-request-payer", "requester"};
  ossbind_sign_headers_request request;
  ossbind_sign_headers_request_init(&request);
  request.method = "GET";
  request.bucket = bucket;
  request.query = query;
  request.query_count = 3;
  request.headers = &given;
  request.header_count = 1;
  ossbind_signed *made = NULL;
  time_t before = seconds_now();
  CHECK(ossbind_client_sign_headers(client, &request, &made, NULL) == OSSBIND_STATUS_OK);
  CHECK(strcmp(ossbind_signed_method(made), "GET") == 0);
  CHECK(strstr(ossbind_signed_url(made), "?list-type=2&prefix=a%20b&acl"));
  CHECK(strncmp(header(made, "authorization"), "OSS4-HMAC-SHA256 ", 17) == 0);
  CHECK(strcmp(header(made, "x-oss-request-payer"), "requester") == 0);
  CHECK(header(made, "x-oss-date") && header(made, "x-oss-content-sha256"));
  check_expires(ossbind_signed_expires_at(made), before, 900);
  CHECK(ossbind_signed_bundle(made) == NULL);
  ossbind_signed_free(made);
}

static void null_objects(void) {
  CHECK(ossbind_signed_method(NULL) == NULL);
  CHECK(ossbind_signed_url(NULL) == NULL);
  CHECK(ossbind_signed_expires_at(NULL) == 0);
  CHECK(pair_count(NULL) == 0);
  CHECK(ossbind_signed_bundle(NULL) == NULL);
  ossbind_signed_free(NULL);
}

/* From here on the process knows neither keys nor endpoint. */
static void forget_the_environment(void) {
  unsetenv("OSS_ENDPOINT");
  unsetenv("OSS_REGION");
  unsetenv("OSS_ACCESS_KEY_ID");
  unsetenv("OSS_ACCESS_KEY_SECRET");
}

static void upload_to_urls(const ossbind_client *keyless, const ossbind_signed *in_headers,
                           const ossbind_signed *in_url) {
  ossbind_upload_request request = new_upload();
  request.bundle = ossbind_signed_bundle(in_headers);
  upload(keyless, &request);
  request.bundle = ossbind_signed_bundle(in_url);
  upload(NULL, &request);
  /* A config that could make no client with keys. */
  ossbind_client_config config;
  ossbind_client_config_init(&config);
  config.access_key_id = config.access_key_secret = "ak";
  config.security_token = "";
  ossbind_error *error = NULL;
  CHECK(ossbind_upload(&config, &request, NULL, &error) == OSSBIND_STATUS_OK && !error);
  request = new_upload();
  request.url = ossbind_signed_url(in_headers);
  request.content_type = "text/x-test";
  request.metadata = &metadata;
  request.metadata_count = 1;
  request.callback = &callback;
  upload(keyless, &request);
  request.url = ossbind_signed_url(in_url);
  request.callback = NULL;
  upload(NULL, &request);
}

static void upload_forms(const ossbind_client *keyless, const ossbind_signed *form) {
  ossbind_upload_request request = new_upload();
  request.bundle = ossbind_signed_bundle(form);
  request.key = "camera/bundle";
  upload(keyless, &request);
  upload(NULL, &request);

  ossbind_pair fields[32];
  size_t count = pair_count(form);
  CHECK(count <= sizeof fields / sizeof *fields);
  for (size_t i = 0; i < count; i++)
    CHECK(ossbind_signed_pair_at(form, i, &fields[i].name, &fields[i].value) == 1);
  request = new_upload();
  request.url = ossbind_signed_url(form);
  request.form_fields = fields;
  request.form_field_count = count;
  request.key = "camera/fields";
  upload(keyless, &request);

  request.key = "elsewhere";
  ossbind_error *error = NULL;
  CHECK(ossbind_client_upload(keyless, &request, NULL, &error) == OSSBIND_STATUS_SERVICE);
  CHECK(strcmp(ossbind_error_oss_code(error), "AccessDenied") == 0);
  CHECK(ossbind_error_object_state(error) == OSSBIND_OBJECT_STATE_NOT_STORED);
  ossbind_error_free(error);
}

/* The header is signed, so OSS takes only an upload that says the same. */
static void requester_pays(const ossbind_client *client) {
  ossbind_sign_url_request url;
  ossbind_sign_url_request_init(&url);
  url.bucket = bucket;
  url.key = "requester pays";
  url.flags = OSSBIND_SIGN_URL_REQUESTER_PAYS;
  ossbind_signed *made = NULL;
  CHECK(ossbind_client_sign_url(client, &url, &made, NULL) == OSSBIND_STATUS_OK);
  CHECK(strcmp(header(made, "x-oss-request-payer"), "requester") == 0);
  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.url = ossbind_signed_url(made);
  request.body = OSSBIND_BODY_KIND_MEMORY;
  request.data = (const unsigned char *)"v";
  request.data_len = 1;
  CHECK(ossbind_client_upload(client, &request, NULL, NULL) == OSSBIND_STATUS_SERVICE);
  request.flags = OSSBIND_UPLOAD_REQUESTER_PAYS;
  CHECK(ossbind_client_upload(client, &request, NULL, NULL) == OSSBIND_STATUS_OK);
  ossbind_signed_free(made);
  ossbind_find_request question;
  ossbind_find_request_init(&question);
  question.bucket = bucket;
  question.key = "requester pays";
  question.body = request.body;
  question.data = request.data;
  question.data_len = 1;
  question.flags = OSSBIND_FIND_REQUESTER_PAYS;
  CHECK(ossbind_client_find(client, &question, NULL, NULL) == OSSBIND_STATUS_OK);
}

int main(void) {
  bucket = getenv("OSS_BUCKET");
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  callback.body = "object=${object}&size=${size}";

  ossbind_client *client = new_client(0);
  ossbind_signed *in_headers = signed_url(client);
  ossbind_signed *in_url = sign_url(client, "in url", 0);
  CHECK(pair_count(in_url) == 3);
  CHECK(strstr(ossbind_signed_url(in_url), "callback="));
  ossbind_signed *form = policy(client);
  signed_for_another_http_stack(client);
  requester_pays(client);
  null_objects();
  /* What was signed outlives the client. */
  ossbind_client_free(client);

  forget_the_environment();
  ossbind_client *keyless = new_client(OSSBIND_CLIENT_NO_KEYS);
  upload_to_urls(keyless, in_headers, in_url);
  upload_forms(keyless, form);
  ossbind_client_free(keyless);
  ossbind_signed_free(in_headers);
  ossbind_signed_free(in_url);
  ossbind_signed_free(form);
  return 0;
}
