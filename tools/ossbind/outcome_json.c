#include "json.h"
#include "outcome.h"

static void write_crc64(struct json *json, const ossbind_upload_result *result) {
  uint64_t crc64;
  if (ossbind_upload_result_crc64(result, &crc64))
    json_digits(json, "crc64", crc64);
  else
    json_raw(json, "crc64", "null");
}

static void write_answer(struct json *json, const ossbind_upload_result *result) {
  size_t length;
  const uint8_t *answer = ossbind_upload_result_callback_answer(result, &length);
  json_answer(json, answer, length);
}

void write_outcome(const struct outcome *outcome) {
  const ossbind_upload_result *result = outcome->result;
  const ossbind_error *error = outcome->error;
  ossbind_object_state state =
      error ? ossbind_error_object_state(error) : OSSBIND_OBJECT_STATE_STORED;
  const char *request_id = ossbind_upload_result_request_id(result);
  int32_t http_status =
      error ? ossbind_error_http_status(error) : ossbind_upload_result_http_status(result);
  char buffer[512];
  struct json json = {stdout, 0};
  json_open(&json, NULL, '{');
  json_text(&json, "status", ossbind_status_name(outcome->status));
  json_text(&json, "object_state", ossbind_object_state_name(state));
  json_text(&json, "advice", ossbind_advice_name(ossbind_error_advice(error)));
  json_number(&json, "retry_after_ms", ossbind_error_retry_after_ms(error));
  json_text(&json, "etag", ossbind_upload_result_etag(result));
  write_crc64(&json, result);
  json_text(&json, "request_id", request_id ? request_id : ossbind_error_request_id(error));
  write_answer(&json, result);
  json_text(&json, "message", message_of(outcome, buffer, sizeof buffer));
  json_number(&json, "http_status", http_status);
  json_text(&json, "oss_code", ossbind_error_oss_code(error));
  json_text(&json, "ec", ossbind_error_ec(error));
  json_end(&json);
}
