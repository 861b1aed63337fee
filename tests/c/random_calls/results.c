/* All that a result says. */
#include "machine.h"

enum { UNTOUCHED = 42 };

void check_metrics(const ossbind_metrics *metrics) {
  EXPECT(!metrics || metrics->retries <= metrics->requests);
}

static void check_no_result(void) {
  const char *name = POISON;
  const char *value = POISON;
  size_t length = 1;
  EXPECT(CALL(ossbind_upload_result_http_status)(NULL) == 0);
  EXPECT(!CALL(ossbind_upload_result_etag)(NULL) && !CALL(ossbind_upload_result_version_id)(NULL));
  EXPECT(!CALL(ossbind_upload_result_request_id)(NULL));
  EXPECT(!CALL(ossbind_upload_result_crc64)(NULL, NULL));
  EXPECT(!CALL(ossbind_upload_result_callback_answer)(NULL, &length) && length == 0);
  EXPECT(!CALL(ossbind_upload_result_header)(NULL, "date"));
  EXPECT(!CALL(ossbind_upload_result_header_at)(NULL, 0, &name, &value) && !name && !value);
  EXPECT(!CALL(ossbind_upload_result_metrics)(NULL));
}

/* Each header is found by its name, and there is none past the end. */
static void check_headers(struct call *call, const ossbind_upload_result *result) {
  const char *name = NULL;
  const char *value = NULL;
  size_t count = 0;
  for (; CALL(ossbind_upload_result_header_at)(result, count, &name, &value); count++) {
    EXPECT(name && *name && value && CALL(ossbind_upload_result_header)(result, name));
    check_text_of_peer(name);
    check_text_of_peer(value);
  }
  EXPECT(!name && !value);
  const size_t past = count + (size_t)any_large_number(call) % (SIZE_MAX - count);
  EXPECT(!CALL(ossbind_upload_result_header_at)(result, past, NULL, NULL));
  check_text_of_peer(CALL(ossbind_upload_result_header)(
      result, text_of(call, TEXTS("server", "Date", "X-OSS-Request-Id", "no-such-header"))));
}

static void check_answer(struct call *call, const ossbind_upload_result *result) {
  size_t length = SIZE_MAX;
  const uint8_t *answer = CALL(ossbind_upload_result_callback_answer)(result, &length);
  EXPECT((answer == NULL) == (length == 0));
  /* Reads all of it, for the sanitizer. */
  if (answer)
    memcpy(keep(call, length), answer, length);
}

void read_result(struct call *call, const ossbind_upload_result *result) {
  uint64_t crc64 = UNTOUCHED;
  if (!result) {
    check_no_result();
    return;
  }
  const int32_t status = CALL(ossbind_upload_result_http_status)(result);
  EXPECT(status == 0 || (status >= 200 && status <= 303));
  const int32_t has_crc64 = CALL(ossbind_upload_result_crc64)(result, &crc64);
  EXPECT(has_crc64 == CALL(ossbind_upload_result_crc64)(result, NULL));
  EXPECT(has_crc64 ? has_crc64 == 1 : crc64 == UNTOUCHED);
  check_message(CALL(ossbind_upload_result_etag)(result));
  check_message(CALL(ossbind_upload_result_version_id)(result));
  check_message(CALL(ossbind_upload_result_request_id)(result));
  check_headers(call, result);
  check_answer(call, result);
  const ossbind_metrics *metrics = CALL(ossbind_upload_result_metrics)(result);
  EXPECT(metrics && metrics->requests > 0);
  check_metrics(metrics);
}
