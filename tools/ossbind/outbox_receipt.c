#include "outbox_receipt.h"
#include "text.h"
#include <inttypes.h>

static struct word outcome_of(const ossbind_receipt *receipt) {
  return word_of(ossbind_item_outcome_name(ossbind_receipt_outcome(receipt)),
                 "OSSBIND_ITEM_OUTCOME_");
}

void show_receipt(FILE *out, const ossbind_receipt *receipt) {
  const char *message = ossbind_receipt_message(receipt);
  fprintf(out, "%8" PRIu64 "  %-16s  ", ossbind_receipt_id(receipt), outcome_of(receipt).text);
  show_text(out, ossbind_receipt_key(receipt));
  if (message)
    fputs(": ", out);
  show_text(out, message);
  fputc('\n', out);
}

static void show_variables(FILE *out, const ossbind_receipt *receipt) {
  const char *name, *value;
  for (size_t i = 0; ossbind_receipt_variable_at(receipt, i, &name, &value); i++) {
    fprintf(out, "  %-11s", "variable");
    show_text(out, name);
    fputc('=', out);
    show_text(out, value);
    fputc('\n', out);
  }
}

void show_receipt_rows(FILE *out, const ossbind_receipt *receipt) {
  uint64_t crc64;
  size_t length;
  const uint8_t *answer = ossbind_receipt_callback_answer(receipt, &length);
  show_row(out, "outcome", outcome_of(receipt).text);
  show_row(out, "told", ossbind_receipt_told(receipt) ? "yes" : NULL);
  show_number_row(out, "attempts", ossbind_receipt_attempts(receipt));
  show_row(out, "type", ossbind_receipt_content_type(receipt));
  show_row(out, "etag", ossbind_receipt_etag(receipt));
  if (ossbind_receipt_crc64(receipt, &crc64))
    show_number_row(out, "crc64", crc64);
  show_row(out, "version id", ossbind_receipt_version_id(receipt));
  show_row(out, "request id", ossbind_receipt_request_id(receipt));
  show_bytes_row(out, "callback", answer, length);
  show_variables(out, receipt);
}

static void write_variables(struct json *json, const ossbind_receipt *receipt) {
  const char *name, *value;
  json_open(json, "variables", '{');
  for (size_t i = 0; ossbind_receipt_variable_at(receipt, i, &name, &value); i++)
    json_text(json, name, value);
  json_close(json, '}');
}

static void write_end_time(struct json *json, const ossbind_receipt *receipt) {
  uint64_t ended_at = ossbind_receipt_ended_unix_s(receipt);
  if (ended_at == 0)
    json_raw(json, "ended_at", "null");
  else
    json_number(json, "ended_at", (int64_t)ended_at);
}

void write_receipt(struct json *json, const ossbind_receipt *receipt) {
  uint64_t crc64;
  size_t length;
  const uint8_t *answer = ossbind_receipt_callback_answer(receipt, &length);
  json_text(json, "outcome", ossbind_item_outcome_name(ossbind_receipt_outcome(receipt)));
  json_text(json, "status", ossbind_status_name(ossbind_receipt_status(receipt)));
  json_number(json, "http_status", ossbind_receipt_http_status(receipt));
  json_number(json, "attempts", ossbind_receipt_attempts(receipt));
  write_end_time(json, receipt);
  json_text(json, "content_type", ossbind_receipt_content_type(receipt));
  json_text(json, "etag", ossbind_receipt_etag(receipt));
  if (ossbind_receipt_crc64(receipt, &crc64))
    json_digits(json, "crc64", crc64);
  else
    json_raw(json, "crc64", "null");
  json_text(json, "version_id", ossbind_receipt_version_id(receipt));
  json_text(json, "request_id", ossbind_receipt_request_id(receipt));
  json_answer(json, answer, length);
  json_raw(json, "told", ossbind_receipt_told(receipt) ? "true" : "false");
  write_variables(json, receipt);
}
