/* Uploads "v" with a callback as the environment says, and reports everything that the API tells
 * about it, one "name=value" a line. */
#include <ossbind.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void text(const char *name, const char *value) {
  if (value)
    printf("%s=%s\n", name, value);
}

static void report_result(const ossbind_upload_result *result) {
  size_t len = 0;
  uint64_t crc64 = 0;
  const uint8_t *answer = ossbind_upload_result_callback_answer(result, &len);
  printf("http_status=%d\n", ossbind_upload_result_http_status(result));
  text("etag", ossbind_upload_result_etag(result));
  text("result_request_id", ossbind_upload_result_request_id(result));
  text("version_id", ossbind_upload_result_version_id(result));
  text("server", ossbind_upload_result_header(result, "SERVER"));
  if (ossbind_upload_result_crc64(result, &crc64))
    printf("crc64=%" PRIu64 "\n", crc64);
  if (answer)
    printf("answer=%.*s\n", (int)len, (const char *)answer);
}

static void report_error(const ossbind_error *error) {
  printf("error_status=%s\n", ossbind_status_name(ossbind_error_status(error)));
  printf("object_state=%s\n", ossbind_object_state_name(ossbind_error_object_state(error)));
  printf("advice=%s\n", ossbind_advice_name(ossbind_error_advice(error)));
  printf("retry_after_ms=%" PRIu32 "\n", ossbind_error_retry_after_ms(error));
  printf("error_http_status=%d\n", ossbind_error_http_status(error));
  text("code", ossbind_error_oss_code(error));
  text("ec", ossbind_error_ec(error));
  text("request_id", ossbind_error_request_id(error));
  text("message", ossbind_error_message(error));
  text("document_message", ossbind_error_document_element(error, "Message"));
}

int main(void) {
  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  callback.body = "object=${object}";

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = "k";
  request.body = OSSBIND_BODY_KIND_MEMORY;
  request.data = (const uint8_t *)"v";
  request.data_len = 1;
  request.callback = &callback;

  ossbind_upload_result *result = NULL;
  ossbind_error *error = NULL;
  ossbind_status status = ossbind_upload(NULL, &request, &result, &error);
  printf("status=%s\n", ossbind_status_name(status));
  if (result)
    report_result(result);
  if (error)
    report_error(error);
  ossbind_upload_result_free(result);
  ossbind_error_free(error);
  return 0;
}
