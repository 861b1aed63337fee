/* Results and errors that several threads read at the same time. */
#include "load.h"

struct outcome {
  ossbind_upload_result *result;
  ossbind_error *error;
  int owners;
};

static struct outcome *mailboxes[READERS];

static size_t length(const char *text) { return text ? strlen(text) : 0; }

static void read_result(const ossbind_upload_result *result) {
  uint64_t crc64 = 0;
  size_t answer_length = 0;
  uint8_t sum = 0;
  int32_t status = ossbind_upload_result_http_status(result);
  CHECK(!result || status == 200 || status == 203 || status == 204);
  length(ossbind_upload_result_etag(result));
  length(ossbind_upload_result_version_id(result));
  length(ossbind_upload_result_request_id(result));
  length(ossbind_upload_result_header(result, "Server"));
  ossbind_upload_result_crc64(result, &crc64);
  const uint8_t *answer = ossbind_upload_result_callback_answer(result, &answer_length);
  for (size_t i = 0; i < answer_length; i++)
    sum = (uint8_t)(sum + answer[i]);
  const ossbind_metrics *metrics = ossbind_upload_result_metrics(result);
  CHECK(!metrics || metrics->requests > 0);
}

static void read_error(const ossbind_error *error) {
  length(ossbind_error_message(error));
  length(ossbind_error_report(error));
  length(ossbind_error_field(error));
  length(ossbind_error_oss_code(error));
  length(ossbind_error_ec(error));
  length(ossbind_error_request_id(error));
  length(ossbind_error_upload_id(error));
  length(ossbind_error_document_element(error, "Message"));
  CHECK(!error || ossbind_error_status(error) != OSSBIND_STATUS_OK);
  ossbind_error_object_state(error);
  ossbind_error_advice(error);
  const ossbind_metrics *metrics = ossbind_error_metrics(error);
  CHECK(!metrics || metrics->retries <= metrics->requests);
}

static void read_and_leave(struct outcome *outcome) {
  read_result(outcome->result);
  read_error(outcome->error);
  if (__atomic_sub_fetch(&outcome->owners, 1, __ATOMIC_ACQ_REL) == 0) {
    ossbind_upload_result_free(outcome->result);
    ossbind_error_free(outcome->error);
    free(outcome);
  }
}

void share(ossbind_upload_result *result, ossbind_error *error) {
  struct outcome *outcome = malloc(sizeof *outcome);
  CHECK(outcome);
  outcome->result = result;
  outcome->error = error;
  outcome->owners = READERS + 1;
  if (result)
    count(SHARED_RESULTS);
  if (error)
    count(SHARED_ERRORS);
  for (int reader = 0; reader < READERS; reader++) {
    struct outcome *none = NULL;
    if (!__atomic_compare_exchange_n(&mailboxes[reader], &none, outcome, 0, __ATOMIC_RELEASE,
                                     __ATOMIC_RELAXED))
      __atomic_sub_fetch(&outcome->owners, 1, __ATOMIC_ACQ_REL);
  }
  read_and_leave(outcome);
}

void *read_outcomes(void *mailbox) {
  struct outcome **mine = &mailboxes[*(int *)mailbox];
  while (!is_over()) {
    struct outcome *outcome = __atomic_exchange_n(mine, NULL, __ATOMIC_ACQUIRE);
    if (outcome)
      read_and_leave(outcome);
    else
      pause_ms(1);
  }
  return NULL;
}

/* What nobody came for. */
void empty_mailboxes(void) {
  for (int reader = 0; reader < READERS; reader++) {
    struct outcome *outcome = __atomic_exchange_n(&mailboxes[reader], NULL, __ATOMIC_ACQUIRE);
    if (outcome)
      read_and_leave(outcome);
  }
}
