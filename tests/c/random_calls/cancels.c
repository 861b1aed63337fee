/* Cancel objects. */
#include "machine.h"

void make_cancel(struct call *call) {
  struct wanted wanted = any_wanted(call);
  wanted.error = 0;
  ossbind_cancel *cancel = wanted.object ? POISON : NULL;
  const ossbind_status status = CALL(ossbind_cancel_new)(wanted.object ? &cancel : NULL);
  EXPECT(status == (wanted.object ? OSSBIND_STATUS_OK : OSSBIND_STATUS_INVALID_ARGUMENT));
  check_made(call, wanted, status, cancel, NULL);
  post(call, CANCELS, cancel);
}

/* Of whatever uploads have it now, in all threads. */
void trigger_cancel(struct call *call) { CALL(ossbind_cancel_trigger)(borrow(call, CANCELS)); }
