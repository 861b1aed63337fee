#include "outcome.h"
#include "text.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum ended ended_with(ossbind_advice advice) {
  switch (advice) {
  case OSSBIND_ADVICE_DONE:
    return ENDED_NOT_ACKNOWLEDGED;
  case OSSBIND_ADVICE_AGAIN:
    return ENDED_TRY_AGAIN;
  case OSSBIND_ADVICE_LOOK:
    return ENDED_LOOK_FIRST;
  case OSSBIND_ADVICE_FIX_REQUEST:
    return ENDED_BY_REQUEST;
  default: /* FIX_SETTINGS, and what a newer library may say */
    return ENDED_BY_SETTINGS;
  }
}

enum ended ended_by(const ossbind_error *error) {
  return error ? ended_with(ossbind_error_advice(error)) : ENDED_WELL;
}

/* The library knows that standard input failed, and not why. */
const char *message_of(const struct outcome *outcome, char *buffer, size_t size) {
  const char *message = ossbind_error_message(outcome->error);
  int32_t code = ossbind_error_caller_code(outcome->error);
  if (code == 0)
    return message;
  snprintf(buffer, size, "standard input: %s: %s", strerror(code), message);
  return buffer;
}

static void show_result(FILE *out, const ossbind_upload_result *result) {
  uint64_t crc64;
  size_t length;
  const uint8_t *answer = ossbind_upload_result_callback_answer(result, &length);
  show_row(out, "etag", ossbind_upload_result_etag(result));
  if (ossbind_upload_result_crc64(result, &crc64))
    show_number_row(out, "crc64", crc64);
  show_row(out, "version id", ossbind_upload_result_version_id(result));
  show_row(out, "request id", ossbind_upload_result_request_id(result));
  show_bytes_row(out, "callback", answer, length);
}

static void show_name(FILE *out, const struct outcome *outcome) {
  show_text(out, outcome->key);
  fputs(" in bucket ", out);
  show_text(out, outcome->bucket);
}

void show_success(const struct outcome *outcome) {
  fputs("stored: ", stdout);
  show_name(stdout, outcome);
  fputc('\n', stdout);
  show_result(stdout, outcome->result);
}

static const char *state_in_words(const struct outcome *outcome) {
  if (outcome->status == OSSBIND_STATUS_CHECKSUM_MISMATCH)
    return "stored, but damaged: ";
  switch (ossbind_error_object_state(outcome->error)) {
  case OSSBIND_OBJECT_STATE_STORED:
    return "stored: ";
  case OSSBIND_OBJECT_STATE_NOT_STORED:
    return "not stored: ";
  default:
    return "nobody knows whether it is stored: ";
  }
}

static const char *advice_in_words(const struct outcome *outcome) {
  switch (ended_by(outcome->error)) {
  case ENDED_NOT_ACKNOWLEDGED:
    return outcome->has_callback
               ? "Do not upload it again. Ask your server whether it knows of the "
                 "object, or tell it yourself."
               : "Do not upload it again.";
  case ENDED_TRY_AGAIN:
    return "Keep the file, and run the same command again";
  case ENDED_LOOK_FIRST:
    return outcome->once
               ? "Keep the file, and run the same command again"
               : "Keep the file, and look whether the object is there before you upload again; "
                 "do that";
  case ENDED_BY_REQUEST:
    return "This upload cannot succeed as it is: set the file aside, or change file, key or "
           "options.";
  default:
    return "Keep the file: nothing is wrong with it. Mend what the message names; 'ossbind doctor' "
           "looks for what else is wrong. It is worth trying again";
  }
}

/* When to follow it; only some sentences are open for that. */
static void show_wait(FILE *out, const char *advice, uint32_t wait_ms) {
  if (advice[strlen(advice) - 1] == '.')
    fputc('\n', out);
  else if (wait_ms == 0)
    fputs(" at once.\n", out);
  else
    fprintf(out, " in %" PRIu32 " s.\n", wait_ms / 1000 + (wait_ms % 1000 != 0));
}

void show_failure(const struct outcome *outcome) {
  const char *advice = advice_in_words(outcome);
  char buffer[512];
  fputs("ossbind: ", stderr);
  show_text(stderr, message_of(outcome, buffer, sizeof buffer));
  fputc('\n', stderr);
  fputs(state_in_words(outcome), stderr);
  show_name(stderr, outcome);
  fputc('\n', stderr);
  show_result(stderr, outcome->result);
  fputs(advice, stderr);
  show_wait(stderr, advice, ossbind_error_retry_after_ms(outcome->error));
}
