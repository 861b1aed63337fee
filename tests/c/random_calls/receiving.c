/* The server that is called back: seals, signed callbacks, their verdicts, and answers. */
#include "machine.h"

static const ossbind_pair secrets[] = {{"camera-1", "5ecretOfTheFirstCamera"},
                                       {"camera-2", "5ecretOfTheOtherCamera"}};

static const char *make_seal(struct call *call, char *seal) {
  ossbind_seal_request request;
  ossbind_seal_request_init(&request);
  request.secret = secrets[roll(call, 2)];
  request.bucket = mistake(call, 10) ? bad_text(call) : "examplebucket";
  request.key = mistake(call, 10) ? bad_text(call) : "a";
  request.lifetime_s = any_number(call);
  memset(seal, 'x', OSSBIND_SEAL_CAPACITY);
  const ossbind_status status = CALL(ossbind_seal)(mistake(call, 20) ? NULL : &request, seal, NULL);
  EXPECT((status == OSSBIND_STATUS_OK) == (seal[0] != '\0'));
  EXPECT(memchr(seal, '\0', OSSBIND_SEAL_CAPACITY));
  return seal;
}

static int32_t fetch(void *userdata, const char *url, char *buffer, size_t size, size_t *out_len) {
  struct call *call = userdata;
  EXPECT(url && size == 4096);
  memset(buffer, 'A', size);
  *out_len = one_in(call, 3) ? any_number(call) : roll(call, size + 1);
  return one_in(call, 3);
}

static ossbind_verifier *new_verifier(struct call *call) {
  ossbind_verifier_config config;
  ossbind_verifier_config_init(&config);
  config.flags = one_in(call, 8) ? any_flags(call, 1) : OSSBIND_VERIFIER_DANGER_ACCEPT_TEST_KEY;
  config.seal_keys = secrets;
  config.seal_key_count = roll(call, 3);
  config.max_seals = one_in(call, 2) ? 1 : 0;
  config.fetch = one_in(call, 2) ? fetch : NULL;
  config.userdata = call;
  const struct wanted wanted = any_wanted(call);
  ossbind_verifier *verifier = wanted.object ? POISON : NULL;
  ossbind_error *error = wanted.error ? POISON : NULL;
  const ossbind_status status = CALL(ossbind_verifier_new)(
      &config, wanted.object ? &verifier : NULL, wanted.error ? &error : NULL);
  check_made(call, wanted, status, verifier, error);
  return verifier;
}

static void read_callback(const ossbind_received_callback *callback, const char *object) {
  const char *name, *value;
  EXPECT(!callback == !CALL(ossbind_received_callback_field_at)(callback, 0, &name, &value));
  EXPECT(!callback == !name && !callback == !value);
  EXPECT(!CALL(ossbind_received_callback_field_at)(callback, 9, NULL, NULL));
  const char *field = CALL(ossbind_received_callback_field)(callback, "object");
  EXPECT(callback ? !strcmp(field, object) : !field);
  EXPECT(!CALL(ossbind_received_callback_field)(callback, NULL));
  EXPECT(!CALL(ossbind_received_callback_request_id)(callback));
}

static void answer(struct call *call, ossbind_status verdict) {
  const char *body = text_of(call, TEXTS("{}", "{\"Status\":\"OK\"}", "no JSON"));
  ossbind_reply *reply = POISON;
  const ossbind_status status = CALL(ossbind_callback_reply)(verdict, (const uint8_t *)body,
                                                             body ? strlen(body) : 0, &reply, NULL);
  EXPECT(!reply == (status != OSSBIND_STATUS_OK));
  size_t len = 1, body_len = 1;
  const uint8_t *bytes = CALL(ossbind_reply_bytes)(reply, &len);
  const uint8_t *its_body = CALL(ossbind_reply_body)(reply, &body_len);
  EXPECT(!bytes == !reply && !its_body == !reply && len >= body_len);
  const int http_status = CALL(ossbind_reply_http_status)(reply);
  EXPECT(!reply || (http_status == 200) == (verdict == OSSBIND_STATUS_OK));
  CALL(ossbind_reply_free)(reply);
}

/* What a verifier says of a callback with these headers and this body. */
static void check(struct call *call, const ossbind_verifier *verifier,
                  const ossbind_test_callback *test, const char *body, const char *object) {
  ossbind_pair headers[6] = {{"Content-Type", "application/x-www-form-urlencoded"},
                             {"x-oss-bucket", "examplebucket"}};
  size_t count = 2;
  while (count < COUNT_OF(headers) &&
         CALL(ossbind_test_callback_header_at)(test, count - 2, &headers[count].name,
                                               &headers[count].value))
    count++;
  ossbind_received_request request;
  ossbind_received_request_init(&request);
  request.method = one_in(call, 10) ? "GET" : "POST";
  request.target = "/a?b=c";
  request.headers = headers;
  request.header_count = count;
  request.body = (const uint8_t *)body;
  request.body_len = strlen(body) - (one_in(call, 4) ? 1 : 0);
  ossbind_received_callback *callback = POISON;
  ossbind_error *error = POISON;
  const ossbind_status status = CALL(ossbind_verifier_check)(verifier, &request, &callback, &error);
  EXPECT(!error == (status == OSSBIND_STATUS_OK));
  EXPECT(!callback == (status != OSSBIND_STATUS_OK && status != OSSBIND_STATUS_REPLAYED));
  EXPECT(status != OSSBIND_STATUS_INTERNAL);
  read_callback(callback, object);
  CALL(ossbind_received_callback_free)(callback);
  post(call, ERRORS, error);
  count_status(status);
  answer(call, status);
}

void receive(struct call *call) {
  char seal[OSSBIND_SEAL_CAPACITY];
  char body[OSSBIND_SEAL_CAPACITY + 32];
  const char *object = one_in(call, 4) ? "b" : "a";
  snprintf(body, sizeof body, "object=%s&seal=%s", object, make_seal(call, seal));
  ossbind_test_callback *test = POISON;
  const ossbind_status status = CALL(ossbind_test_callback_new)(
      mistake(call, 10) ? NULL : "/a?b=c", (const uint8_t *)body, strlen(body), &test, NULL);
  EXPECT(!test == (status != OSSBIND_STATUS_OK));
  ossbind_verifier *verifier = new_verifier(call);
  check(call, verifier, test, body, object);
  check(call, verifier, test, body, object);
  CALL(ossbind_test_callback_free)(test);
  CALL(ossbind_verifier_free)(verifier);
}

void receive_nothing(void) {
  read_callback(NULL, NULL);
  CALL(ossbind_received_callback_free)(NULL);
  CALL(ossbind_reply_free)(NULL);
  CALL(ossbind_test_callback_free)(NULL);
  CALL(ossbind_verifier_free)(NULL);
  EXPECT(CALL(ossbind_verifier_check)(NULL, NULL, NULL, NULL) == OSSBIND_STATUS_INVALID_ARGUMENT);
}
