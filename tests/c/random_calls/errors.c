/* All that an error says. */
#include "machine.h"

/* Answers for a call that did not fail. */
static void check_no_error(void) {
  EXPECT(CALL(ossbind_error_status)(NULL) == OSSBIND_STATUS_OK);
  EXPECT(CALL(ossbind_error_object_state)(NULL) == OSSBIND_OBJECT_STATE_UNKNOWN);
  EXPECT(CALL(ossbind_error_advice)(NULL) == OSSBIND_ADVICE_DONE);
  EXPECT(CALL(ossbind_error_retry_after_ms)(NULL) == 0);
  EXPECT(CALL(ossbind_error_http_status)(NULL) == 0);
  EXPECT(CALL(ossbind_error_caller_code)(NULL) == 0);
  EXPECT(CALL(ossbind_error_offset)(NULL) == SIZE_MAX);
  EXPECT(!CALL(ossbind_error_message)(NULL) && !CALL(ossbind_error_field)(NULL));
  EXPECT(!CALL(ossbind_error_oss_code)(NULL) && !CALL(ossbind_error_ec)(NULL));
  EXPECT(!CALL(ossbind_error_request_id)(NULL) && !CALL(ossbind_error_upload_id)(NULL));
  EXPECT(!CALL(ossbind_error_document_element)(NULL, "Code"));
  EXPECT(!CALL(ossbind_error_metrics)(NULL) && !CALL(ossbind_error_report)(NULL));
}

/* What the advice may be, by what is known of the object. */
static void check_advice(const ossbind_error *error, const char *message) {
  const ossbind_status status = CALL(ossbind_error_status)(error);
  const ossbind_object_state state = CALL(ossbind_error_object_state)(error);
  const ossbind_advice advice = CALL(ossbind_error_advice)(error);
  const int keeps_file = advice == OSSBIND_ADVICE_AGAIN || advice == OSSBIND_ADVICE_FIX_SETTINGS;
  switch (state) {
  case OSSBIND_OBJECT_STATE_UNKNOWN:
    EXPECT_OF(advice == OSSBIND_ADVICE_LOOK, message);
    break;
  case OSSBIND_OBJECT_STATE_NOT_STORED:
    EXPECT_OF(keeps_file || advice == OSSBIND_ADVICE_FIX_REQUEST, message);
    break;
  default:
    EXPECT_OF(state == OSSBIND_OBJECT_STATE_STORED, message);
    EXPECT_OF(status == OSSBIND_STATUS_CHECKSUM_MISMATCH ? keeps_file
                                                         : advice == OSSBIND_ADVICE_DONE,
              message);
  }
  if (advice == OSSBIND_ADVICE_DONE || advice == OSSBIND_ADVICE_FIX_REQUEST)
    EXPECT_OF(CALL(ossbind_error_retry_after_ms)(error) == 0, message);
}

/* What the status promises. */
static void check_status(const ossbind_error *error, const char *message) {
  const ossbind_object_state state = CALL(ossbind_error_object_state)(error);
  const int32_t code = CALL(ossbind_error_caller_code)(error);
  switch (CALL(ossbind_error_status)(error)) {
  case OSSBIND_STATUS_INVALID_ARGUMENT:
  case OSSBIND_STATUS_UNKNOWN_FIELD:
    EXPECT_OF(CALL(ossbind_error_field)(error), message);
    EXPECT_OF(state == OSSBIND_OBJECT_STATE_NOT_STORED, message);
    break;
  case OSSBIND_STATUS_INVALID_CALLBACK:
    EXPECT_OF(state == OSSBIND_OBJECT_STATE_NOT_STORED, message);
    break;
  case OSSBIND_STATUS_ABORTED_BY_CALLER:
    EXPECT_OF(code != 0, message);
    break;
  case OSSBIND_STATUS_CALLBACK_FAILED:
  case OSSBIND_STATUS_CHECKSUM_MISMATCH:
    EXPECT_OF(state == OSSBIND_OBJECT_STATE_STORED, message);
    break;
  case OSSBIND_STATUS_CREDENTIALS:
    /* A function for keys has a code as well. */
    return;
  default:
    break;
  }
  EXPECT_OF((code != 0) == (CALL(ossbind_error_status)(error) == OSSBIND_STATUS_ABORTED_BY_CALLER),
            message);
}

static void check_texts(struct call *call, const ossbind_error *error, const char *message) {
  const char *report = CALL(ossbind_error_report)(error);
  EXPECT(message && *message);
  EXPECT_OF(report && report[0] == '{' && report[strlen(report) - 1] == '}', report);
  check_message(message);
  check_message(report);
  if (call->signature) {
    EXPECT_OF(!strstr(message, call->signature), message);
    EXPECT_OF(!strstr(report, call->signature), report);
  }
  check_message(CALL(ossbind_error_field)(error));
  check_message(CALL(ossbind_error_oss_code)(error));
  check_message(CALL(ossbind_error_ec)(error));
  check_message(CALL(ossbind_error_request_id)(error));
  check_message(CALL(ossbind_error_upload_id)(error));
}

/* Elements that repeat what was sent, among others. */
static void check_document(struct call *call, const ossbind_error *error) {
  static const char *const names[] = {"Code",         "Message",          "HostId",
                                      "StringToSign", "CanonicalRequest", "SignatureProvided"};
  for (size_t i = 0; i < COUNT_OF(names); i++)
    check_text_of_peer(CALL(ossbind_error_document_element)(error, names[i]));
  EXPECT(!CALL(ossbind_error_document_element)(error, bad_text(call)));
  EXPECT(!CALL(ossbind_error_document_element)(error, NULL));
}

void read_error(struct call *call, const ossbind_error *error) {
  if (!error) {
    check_no_error();
    return;
  }
  const char *message = CALL(ossbind_error_message)(error);
  const int32_t http_status = CALL(ossbind_error_http_status)(error);
  EXPECT_OF(http_status == 0 || (http_status >= 100 && http_status <= 999), message);
  check_texts(call, error, message);
  check_document(call, error);
  check_status(error, message);
  check_advice(error, message);
  check_metrics(CALL(ossbind_error_metrics)(error));
}
