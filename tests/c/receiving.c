/* What a server is sent, and what it gets wrong itself: verifiers, requests, answers, seals. */
#include "refusal.h"

#define VERIFIER(...) \
  { sizeof(ossbind_verifier_config), __VA_ARGS__ }
#define KEYS(...) PAIRS(keys, key_count, __VA_ARGS__)
#define KEY_URLS(...) .key_urls = (const char *const[]){__VA_ARGS__}, .key_url_count
#define SEAL_KEYS(...) PAIRS(seal_keys, seal_key_count, __VA_ARGS__)
#define SECRET "a secret of 25 characters"

static size_t count;

struct verifier_row {
  ossbind_verifier_config config;
  ossbind_status status;
  const char *field;
  const char *part; /* of the message */
};

static const struct verifier_row verifier_rows[] = {
    {VERIFIER(.struct_size = 0), INVALID, "verifier_config.struct_size",
     "ossbind_verifier_config_init"},
    {VERIFIER(.struct_size = 8), INVALID, "verifier_config.struct_size", "is 8"},
    {VERIFIER(.key_count = 1), INVALID, "keys", "key_count is 1"},
    {VERIFIER(KEYS({NULL, "pem"}) = 1), INVALID, "keys[0].name", "is NULL"},
    {VERIFIER(KEYS({"https://a/", NULL}) = 1), INVALID, "keys[0].value", "is NULL"},
    {VERIFIER(KEYS({"https://a/", "pem"}) = 1), INVALID, "keys[0].value", "PEM"},
    {VERIFIER(KEYS({"https://a/", "pem"}) = 1001), INVALID, "key_count", "1000"},
    {VERIFIER(.key_url_count = 1), INVALID, "key_urls", "key_url_count is 1"},
    {VERIFIER(KEY_URLS(NULL) = 1), INVALID, "key_urls[0]", "is NULL"},
    {VERIFIER(KEY_URLS("\xff") = 1), INVALID, "key_urls[0]", "not UTF-8"},
    {VERIFIER(KEY_URLS("") = 1), INVALID, "key_urls[0]", "http"},
    {VERIFIER(KEY_URLS("https://a/", "https://oss.test") = 2), INVALID, "key_urls[1]", "http"},
    {VERIFIER(KEY_URLS("https://oss.test/k") = 1), INVALID, "key_urls[0]", "'/'"},
    {VERIFIER(KEY_URLS("https://a@oss.test/") = 1), INVALID, "key_urls[0]", "host"},
    {VERIFIER(.seal_key_count = 1), INVALID, "seal_keys", "seal_key_count is 1"},
    {VERIFIER(SEAL_KEYS({"a", NULL}) = 1), INVALID, "seal_keys[0].value", "is NULL"},
    {VERIFIER(SEAL_KEYS({"a.b", SECRET}) = 1), INVALID, "seal_keys[0].name", "letters"},
    {VERIFIER(SEAL_KEYS({"a", "s3cr3t-text"}) = 1), INVALID, "seal_keys[0].value", "11 bytes"},
    {VERIFIER(.network_proxy = "ftp://proxy"), INVALID, "network_proxy", "socks5"},
    {VERIFIER(TLS(.ca_file = "/does/not/exist")), INVALID, "tls.ca_file", "/does/not/exist"},
    {VERIFIER(.flags = 2), UNKNOWN, "flags", "0x2"},
    {VERIFIER(.reserved = 1), UNKNOWN, "reserved", "0x1"},
};

static void check_verifier(const struct verifier_row *row) {
  ossbind_verifier *verifier = POISON;
  ossbind_error *error = POISON;
  CHECK(ossbind_verifier_new(&row->config, &verifier, &error) == row->status);
  CHECK(!verifier);
  check_error(error, row->status, row->field, row->part);
  ossbind_error_free(error);
}

/* A good callback, of which a row changes one thing. */
static const char BODY[] = "object=a%2Fb&size=1";
static ossbind_pair headers[8];
static size_t header_count;

#define RECEIVED(...)                                                                       \
  {                                                                                         \
    .struct_size = sizeof(ossbind_received_request), .method = "POST", .target = "/cb?a=1", \
    .headers = headers, .header_count = 4, .body = (const uint8_t *)BODY,                   \
    .body_len = sizeof BODY - 1, __VA_ARGS__                                                \
  }

struct request_row {
  ossbind_received_request request;
  ossbind_status status;
  const char *part;
  int http_status; /* of the answer */
};

/* What strangers can send is never a fault of the program, which would be answered with 500. */
static const struct request_row request_rows[] = {
    {RECEIVED(.struct_size = 0), INVALID, "ossbind_received_request_init", 500},
    {RECEIVED(.method = NULL), INVALID, "method: is NULL", 500},
    {RECEIVED(.target = NULL), INVALID, "target: is NULL", 500},
    {RECEIVED(.headers = NULL), INVALID, "headers: is NULL", 500},
    {RECEIVED(.body = NULL), INVALID, "body: is NULL", 500},
    {RECEIVED(HEADERS({"Authorization", NULL}) = 1), INVALID, "headers[0].value: is NULL", 500},
    {RECEIVED(.header_count = 0), OSSBIND_STATUS_NOT_SIGNED, "authorization", 401},
    {RECEIVED(HEADERS({"Authorization", "AAAA"}) = 1), OSSBIND_STATUS_NOT_SIGNED, "x-oss-pub-key",
     401},
    {RECEIVED(.method = "GET"), OSSBIND_STATUS_MALFORMED, "POST", 400},
    {RECEIVED(.method = "\xff"), OSSBIND_STATUS_MALFORMED, "POST", 400},
    {RECEIVED(.target = ""), OSSBIND_STATUS_MALFORMED, "target", 400},
    {RECEIVED(.target = "http://host/cb?a=1"), OSSBIND_STATUS_MALFORMED, "target", 400},
    {RECEIVED(.target = "/\xff"), OSSBIND_STATUS_SIGNATURE_WRONG, "target or body", 403},
    {RECEIVED(.target = "/cb"), OSSBIND_STATUS_SIGNATURE_WRONG, "target or body", 403},
    {RECEIVED(.target = "/cb?a=2"), OSSBIND_STATUS_SIGNATURE_WRONG, "target or body", 403},
    {RECEIVED(.body_len = 5), OSSBIND_STATUS_SIGNATURE_WRONG, "target or body", 403},
    {RECEIVED(.body_len = 0, .body = NULL), OSSBIND_STATUS_SIGNATURE_WRONG, "target or body", 403},
    {RECEIVED(.body = (const uint8_t *)"object=a/b&size=1", .body_len = 17),
     OSSBIND_STATUS_SIGNATURE_WRONG, "decoded body", 403},
    {RECEIVED(HEADERS({"Authorization", "?"}, {"x-oss-pub-key-url", "AAAA"}) = 2),
     OSSBIND_STATUS_MALFORMED, "not Base64", 400},
    {RECEIVED(HEADERS({"Authorization", "AAAA"},
                      {"x-oss-pub-key-url", "aHR0cDovLzE2OS4yNTQuMTY5LjI1NC8="}) = 2),
     OSSBIND_STATUS_KEY_URL_REFUSED, "nothing was fetched", 403},
    {RECEIVED(HEADERS({"Authorization", "AAAA"}, {"authorization", "AAAA"}) = 2),
     OSSBIND_STATUS_MALFORMED, "twice", 400},
};

static void check_request(const ossbind_verifier *verifier, const struct request_row *row) {
  ossbind_received_callback *callback = POISON;
  ossbind_error *error = POISON;
  ossbind_reply *reply = NULL;
  const ossbind_status status = ossbind_verifier_check(verifier, &row->request, &callback, &error);
  CHECK(!callback && error && ossbind_error_status(error) == status);
  if (status != row->status || !strstr(ossbind_error_message(error), row->part)) {
    fprintf(stderr, "request %d: expected status %d and \"%s\"; got status %d: %s\n",
            (int)(row - request_rows), row->status, row->part, status,
            ossbind_error_message(error));
    exit(1);
  }
  CHECK(ossbind_callback_reply(status, NULL, 0, &reply, NULL) == OSSBIND_STATUS_OK);
  CHECK(ossbind_reply_http_status(reply) == row->http_status);
  ossbind_reply_free(reply);
  ossbind_error_free(error);
}

static ossbind_verifier *new_verifier(const ossbind_pair *seal_keys, size_t seal_key_count) {
  const ossbind_verifier_config config =
      VERIFIER(.seal_keys = seal_keys, .seal_key_count = seal_key_count,
               .flags = OSSBIND_VERIFIER_DANGER_ACCEPT_TEST_KEY);
  ossbind_verifier *verifier = NULL;
  CHECK(ossbind_verifier_new(&config, &verifier, NULL) == OSSBIND_STATUS_OK);
  return verifier;
}

/* A callback that was signed for tests, with its headers in `headers`. */
static ossbind_test_callback *signed_callback(const char *body) {
  ossbind_test_callback *signed_one = NULL;
  CHECK(ossbind_test_callback_new("/cb?a=1", (const uint8_t *)body, strlen(body), &signed_one,
                                  NULL) == OSSBIND_STATUS_OK);
  header_count = 0;
  while (ossbind_test_callback_header_at(signed_one, header_count, &headers[header_count].name,
                                         &headers[header_count].value))
    header_count++;
  CHECK(header_count == 3 && !headers[3].name && !headers[3].value);
  headers[header_count++] = (ossbind_pair){"Content-Type", "application/x-www-form-urlencoded"};
  return signed_one;
}

static void check_requests(void) {
  ossbind_verifier *verifier = new_verifier(NULL, 0);
  ossbind_test_callback *signed_one = signed_callback(BODY);
  for (size_t i = 0; i < sizeof request_rows / sizeof *request_rows; i++, count++)
    check_request(verifier, &request_rows[i]);

  const ossbind_received_request good = RECEIVED(.header_count = 4);
  ossbind_received_callback *callback = NULL;
  ossbind_error *error = POISON;
  CHECK(ossbind_verifier_check(verifier, &good, &callback, &error) == OSSBIND_STATUS_OK);
  CHECK(!error && !strcmp(ossbind_received_callback_field(callback, "object"), "a/b"));
  CHECK(!ossbind_received_callback_field(callback, "other"));
  CHECK(!ossbind_received_callback_field(callback, NULL));
  CHECK(!ossbind_received_callback_field(callback, "\xff"));
  const char *name = NULL, *value = NULL;
  CHECK(ossbind_received_callback_field_at(callback, 1, &name, &value) == 1);
  CHECK(!strcmp(name, "size") && !strcmp(value, "1"));
  CHECK(ossbind_received_callback_field_at(callback, 2, &name, &value) == 0 && !name && !value);
  CHECK(!ossbind_received_callback_request_id(callback));
  ossbind_received_callback_free(callback);

  CHECK(ossbind_verifier_check(verifier, &good, NULL, NULL) == OSSBIND_STATUS_OK);
  CHECK(ossbind_verifier_check(NULL, &good, NULL, NULL) == INVALID);
  CHECK(ossbind_verifier_check(verifier, NULL, NULL, NULL) == INVALID);
  ossbind_test_callback_free(signed_one);
  ossbind_verifier_free(verifier);
}

struct seal_row {
  ossbind_seal_request request;
  ossbind_status status;
  const char *field;
  const char *part;
};

#define SEAL(...)                                                                             \
  {                                                                                           \
    .struct_size = sizeof(ossbind_seal_request), .secret = {"camera", SECRET}, .bucket = "b", \
    .key = "a/b", __VA_ARGS__                                                                 \
  }

static const struct seal_row seal_rows[] = {
    {SEAL(.struct_size = 4), INVALID, "seal_request.struct_size", "ossbind_seal_request_init"},
    {SEAL(.secret = {NULL, SECRET}), INVALID, "secret.name", "is NULL"},
    {SEAL(.secret = {"", SECRET}), INVALID, "secret.name", "1 to 64"},
    {SEAL(.secret = {"a b", SECRET}), INVALID, "secret.name", "letters"},
    {SEAL(.secret = {"\xff", SECRET}), INVALID, "secret.name", "not UTF-8"},
    {SEAL(.secret = {"a", NULL}), INVALID, "secret.value", "is NULL"},
    {SEAL(.secret = {"a", "s3cr3t-text"}), INVALID, "secret.value", "at least 16"},
    {SEAL(.bucket = NULL), INVALID, "bucket", "is NULL"},
    {SEAL(.bucket = ""), INVALID, "bucket", "is empty"},
    {SEAL(.key = NULL), INVALID, "key", "is NULL"},
    {SEAL(.key = ""), INVALID, "key", "is empty"},
    {SEAL(.reserved = 1), UNKNOWN, "reserved", "0x1"},
};

static void check_seal(const struct seal_row *row) {
  char seal[OSSBIND_SEAL_CAPACITY] = "poison";
  ossbind_error *error = POISON;
  CHECK(ossbind_seal(&row->request, seal, &error) == row->status);
  CHECK(!*seal);
  check_error(error, row->status, row->field, row->part);
  ossbind_error_free(error);
}

/* A seal is good once, and for its object. */
static void check_seals(void) {
  const ossbind_pair secret = {"camera", SECRET};
  const ossbind_seal_request sealed = SEAL(.lifetime_s = 60);
  char seal[OSSBIND_SEAL_CAPACITY];
  CHECK(ossbind_seal(&sealed, NULL, NULL) == INVALID);
  CHECK(ossbind_seal(NULL, seal, NULL) == INVALID && !*seal);
  CHECK(ossbind_seal(&sealed, seal, NULL) == OSSBIND_STATUS_OK);
  const struct {
    const char *object;
    ossbind_status status;
  } uses[] = {{"other", OSSBIND_STATUS_SEAL_WRONG},
              {"a%2Fb", OSSBIND_STATUS_OK},
              {"a%2Fb", OSSBIND_STATUS_REPLAYED}};
  ossbind_verifier *verifier = new_verifier(&secret, 1);
  for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
    char body[OSSBIND_SEAL_CAPACITY + 32];
    snprintf(body, sizeof body, "object=%s&seal=%s", uses[i].object, seal);
    ossbind_test_callback *signed_one = signed_callback(body);
    headers[header_count++] = (ossbind_pair){"X-Oss-Bucket", "b"};
    headers[header_count++] = (ossbind_pair){"x-oss-request-id", "in the log"};
    const ossbind_received_request request =
        RECEIVED(.header_count = header_count, .body = (const uint8_t *)body,
                 .body_len = strlen(body));
    ossbind_received_callback *callback = NULL;
    CHECK(ossbind_verifier_check(verifier, &request, &callback, NULL) == uses[i].status);
    CHECK(!callback == (uses[i].status == OSSBIND_STATUS_SEAL_WRONG));
    const char *id = ossbind_received_callback_request_id(callback);
    CHECK(callback ? !strcmp(id, "in the log") : !id);
    ossbind_received_callback_free(callback);
    ossbind_test_callback_free(signed_one);
  }
  ossbind_verifier_free(verifier);
}

static void check_replies(void) {
  static const struct {
    const char *body, *part;
  } rows[] = {{"", "is NULL"}, {"no JSON", "is not JSON"}, {"{}{}", "is not JSON"}};
  ossbind_error *error = NULL;
  ossbind_reply *reply = POISON;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++, count++) {
    const uint8_t *body = *rows[i].body ? (const uint8_t *)rows[i].body : NULL;
    const size_t length = body ? strlen(rows[i].body) : 1;
    CHECK(ossbind_callback_reply(OSSBIND_STATUS_OK, body, length, &reply, &error) == INVALID);
    CHECK(!reply);
    check_error(error, INVALID, "body", rows[i].part);
    ossbind_error_free(error);
  }
  CHECK(ossbind_callback_reply(OSSBIND_STATUS_OK, NULL, 0, NULL, NULL) == INVALID);

  size_t length = 0, body_length = 0;
  const uint8_t body[] = {'{', '}'};
  CHECK(ossbind_callback_reply(OSSBIND_STATUS_OK, body, 2, &reply, NULL) == OSSBIND_STATUS_OK);
  const uint8_t *bytes = ossbind_reply_bytes(reply, &length);
  CHECK(ossbind_reply_bytes(reply, NULL) == bytes && !memcmp(bytes, "HTTP/1.1 200 OK\r\n", 17));
  CHECK(ossbind_reply_body(reply, &body_length) == bytes + length - 2 && body_length == 2);
  ossbind_reply_free(reply);
  /* A status that a newer library has is a failure, too. */
  CHECK(ossbind_callback_reply(12345, NULL, 0, &reply, NULL) == OSSBIND_STATUS_OK);
  CHECK(ossbind_reply_http_status(reply) == 500);
  ossbind_reply_free(reply);
}

static int32_t fetch_nothing(void *userdata, const char *url, char *buffer, size_t buffer_size,
                             size_t *out_len) {
  CHECK(!strcmp(url, "http://keys.test/a.pem") && buffer && buffer_size == 4096 && !*out_len);
  return ++*(int *)userdata;
}

static void count_free(void *userdata) { *(int *)userdata += 100; }

/* The function is asked once, until some time has passed, and its userdata is freed once. */
static void check_fetch(void) {
  int calls = 0;
  const ossbind_verifier_config config =
      VERIFIER(KEY_URLS("http://keys.test/") = 1, .fetch = fetch_nothing, .userdata = &calls,
               .userdata_free = count_free);
  ossbind_verifier *verifier = NULL;
  CHECK(ossbind_verifier_new(&config, &verifier, NULL) == OSSBIND_STATUS_OK);
  const ossbind_received_request request =
      RECEIVED(HEADERS({"Authorization", "AAAA"},
                       {"x-oss-pub-key-url", "aHR0cDovL2tleXMudGVzdC9hLnBlbQ=="}) = 2);
  for (int i = 0; i < 2; i++)
    CHECK(ossbind_verifier_check(verifier, &request, NULL, NULL) == OSSBIND_STATUS_KEY_UNAVAILABLE);
  CHECK(calls == 1);
  ossbind_verifier_free(verifier);
  CHECK(calls == 101);

  ossbind_verifier_config bad = config;
  bad.flags = 2;
  CHECK(ossbind_verifier_new(&bad, &verifier, NULL) == UNKNOWN);
  CHECK(calls == 201);
}

static void check_nulls(void) {
  const char *name = POISON, *value = POISON;
  size_t length = 1;
  CHECK(ossbind_verifier_new(NULL, NULL, NULL) == INVALID);
  CHECK(ossbind_received_callback_field_at(NULL, 0, &name, &value) == 0 && !name && !value);
  CHECK(!ossbind_received_callback_field(NULL, "object"));
  CHECK(!ossbind_received_callback_request_id(NULL));
  CHECK(ossbind_reply_http_status(NULL) == 0);
  CHECK(!ossbind_reply_body(NULL, &length) && length == 0);
  CHECK(!ossbind_reply_bytes(NULL, NULL));
  CHECK(ossbind_test_callback_new("/", NULL, 0, NULL, NULL) == INVALID);
  ossbind_test_callback *made = POISON;
  CHECK(ossbind_test_callback_new(NULL, NULL, 0, &made, NULL) == INVALID && !made);
  CHECK(ossbind_test_callback_new("/", NULL, 1, &made, NULL) == INVALID && !made);
  CHECK(ossbind_test_callback_header_at(NULL, 0, NULL, NULL) == 0);
  ossbind_received_callback_free(NULL);
  ossbind_reply_free(NULL);
  ossbind_test_callback_free(NULL);
  ossbind_verifier_free(NULL);

  ossbind_verifier *verifier = NULL;
  CHECK(ossbind_verifier_new(NULL, &verifier, NULL) == OSSBIND_STATUS_OK);
  ossbind_verifier_free(verifier);
}

int main(void) {
  for (size_t i = 0; i < sizeof verifier_rows / sizeof *verifier_rows; i++, count++)
    check_verifier(&verifier_rows[i]);
  for (size_t i = 0; i < sizeof seal_rows / sizeof *seal_rows; i++, count++)
    check_seal(&seal_rows[i]);
  check_requests();
  check_seals();
  check_replies();
  check_fetch();
  check_nulls();
  printf("%zu rows of bad input were refused\n", count);
  return 0;
}
