/* Names of numbers that the library knows, and of others. */
#include "machine.h"

static void check_name(const char *name, const char *prefix, int is_known) {
  EXPECT(name);
  check_message(name);
  if (is_known)
    EXPECT_OF(strncmp(name, prefix, strlen(prefix)) == 0, name);
  else
    EXPECT_OF(strcmp(name, "(unknown)") == 0, name);
}

static int is_status(int32_t number) {
  return (number >= 0 && number <= 6) || (number >= 10 && number <= 12) ||
         (number >= 20 && number <= 23) || (number >= 30 && number <= 33) ||
         (number >= 40 && number <= 42) || (number >= 50 && number <= 57);
}

void ask_names(struct call *call) {
  const int32_t number = one_in(call, 2) ? (int32_t)roll(call, 60) : (int32_t)any_number(call);
  check_name(CALL(ossbind_status_name)(number), "OSSBIND_STATUS_", is_status(number));
  check_name(CALL(ossbind_object_state_name)(number), "OSSBIND_OBJECT_STATE_",
             number >= 0 && number <= 2);
  check_name(CALL(ossbind_advice_name)(number), "OSSBIND_ADVICE_", number >= 0 && number <= 4);
  check_message(CALL(ossbind_version)());
  EXPECT(CALL(ossbind_version)()[0] >= '0' && CALL(ossbind_version)()[0] <= '9');
}
