/* What a call says: its status, and what it wrote to the out parameters. */
#include "machine.h"

#define BIT(status) (UINT64_C(1) << OSSBIND_STATUS_##status)
#define REFUSALS \
  (BIT(INVALID_ARGUMENT) | BIT(UNKNOWN_FIELD) | BIT(INVALID_CALLBACK) | BIT(CREDENTIALS))
#define FAILURES                                                                               \
  (BIT(BODY) | BIT(CANCELLED) | BIT(TRANSPORT) | BIT(TIMEOUT) | BIT(TLS) | BIT(BAD_RESPONSE) | \
   BIT(SERVICE))

/* None of them allows INTERNAL, which is a bug that was contained. */
static const uint64_t of_making = BIT(OK) | REFUSALS;
static const uint64_t of_storing = BIT(OK) | REFUSALS | FAILURES | BIT(ABORTED_BY_CALLER) |
                                   BIT(CALLBACK_FAILED) | BIT(CHECKSUM_MISMATCH);
static const uint64_t of_finding = BIT(OK) | REFUSALS | FAILURES | BIT(NOT_FOUND);

struct wanted any_wanted(struct call *call) {
  const struct wanted wanted = {!mistake(call, 20), !one_in(call, 10)};
  return wanted;
}

/* What is the same of all calls. */
static void check_outcome(struct call *call, uint64_t allowed, struct wanted wanted,
                          ossbind_status status, ossbind_error *error) {
  const char *message = wanted.error ? CALL(ossbind_error_message)(error) : NULL;
  EXPECT(error != POISON);
  EXPECT_OF(status >= 0 && status < 64 && ((allowed >> status) & 1), message);
  EXPECT(!call->must_fail || status != OSSBIND_STATUS_OK);
  EXPECT((error != NULL) == (status != OSSBIND_STATUS_OK && wanted.error));
  EXPECT(CALL(ossbind_error_status)(error) == (error ? status : OSSBIND_STATUS_OK));
  count_status(status);
  read_error(call, error);
}

void check_made(struct call *call, struct wanted wanted, ossbind_status status, const void *object,
                ossbind_error *error) {
  check_outcome(call, of_making, wanted, status, error);
  EXPECT(object != POISON);
  EXPECT((object != NULL) == (status == OSSBIND_STATUS_OK));
  /* Nothing was made where it cannot be given. */
  EXPECT(wanted.object || status != OSSBIND_STATUS_OK);
  EXPECT(!error || CALL(ossbind_error_object_state)(error) == OSSBIND_OBJECT_STATE_NOT_STORED);
  post(call, ERRORS, error);
}

static void share_outcome(struct call *call, ossbind_upload_result *result, ossbind_error *error) {
  read_result(call, result);
  post(call, RESULTS, result);
  post(call, ERRORS, error);
}

void check_stored(struct call *call, struct wanted wanted, ossbind_status status,
                  ossbind_upload_result *result, ossbind_error *error) {
  check_outcome(call, of_storing, wanted, status, error);
  EXPECT(result != POISON);
  EXPECT(wanted.object || !result);
  if (wanted.object && (status == OSSBIND_STATUS_OK || error)) {
    const int is_stored = status == OSSBIND_STATUS_OK ||
                          CALL(ossbind_error_object_state)(error) == OSSBIND_OBJECT_STATE_STORED;
    EXPECT_OF((result != NULL) == is_stored, CALL(ossbind_error_message)(error));
  }
  share_outcome(call, result, error);
}

void check_found(struct call *call, struct wanted wanted, ossbind_status status,
                 ossbind_upload_result *result, ossbind_error *error) {
  check_outcome(call, of_finding, wanted, status, error);
  EXPECT(result != POISON);
  EXPECT((result != NULL) == (status == OSSBIND_STATUS_OK && wanted.object));
  EXPECT(CALL(ossbind_upload_result_callback_answer)(result, NULL) == NULL);
  if (error) {
    const ossbind_advice advice = CALL(ossbind_error_advice)(error);
    const char *message = CALL(ossbind_error_message)(error);
    /* Whoever could not ask must not upload. */
    EXPECT_OF(advice != OSSBIND_ADVICE_DONE, message);
    EXPECT_OF(advice != OSSBIND_ADVICE_AGAIN || status == OSSBIND_STATUS_NOT_FOUND, message);
  }
  share_outcome(call, result, error);
}
