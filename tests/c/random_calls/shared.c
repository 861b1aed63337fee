/* Objects that another thread got, and that several threads read at the same time. */
#include "machine.h"

void read_what_others_got(struct call *call) {
  read_error(call, borrow(call, ERRORS));
  read_result(call, borrow(call, RESULTS));
  read_signed(call, borrow(call, SIGNED));
  read_encoded(borrow(call, ENCODED));
}
