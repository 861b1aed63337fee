/* Structs of programs that were compiled for another version, or forgot to initialize them. */
#include "machine.h"

/* Larger than any struct of any version. */
enum { TOO_LARGE = 1 << 15, LATER_MEMBERS = 64 };

static void *with_size(struct call *call, const void *given, size_t size, size_t said,
                       size_t memory) {
  uint8_t *copy = keep(call, memory);
  memcpy(copy, given, memory < size ? memory : size);
  memcpy(copy, &said, sizeof said);
  return copy;
}

const void *sized(struct call *call, const void *given, size_t size, int *out_is_read) {
  uint8_t *later;
  size_t said;
  *out_is_read = 0;
  switch (call->is_careful ? 3 + roll(call, 50) : roll(call, 80)) {
  case 0: /* forgotten: the size is what was there */
    call->must_fail = 1;
    said = one_in(call, 2) ? SIZE_MAX : TOO_LARGE + roll(call, TOO_LARGE);
    return with_size(call, given, size, said, size);
  case 1: /* cut off */
    call->must_fail = 1;
    said = roll(call, size);
    return with_size(call, given, size, said, said > sizeof said ? said : sizeof said);
  case 2: /* a later version, with a member set that this one does not know */
    call->must_fail = 1;
    later = with_size(call, given, size, size + LATER_MEMBERS, size + LATER_MEMBERS);
    later[size + roll(call, LATER_MEMBERS)] = 1;
    return later;
  case 3: /* a later version that leaves its members alone */
    *out_is_read = 1;
    return with_size(call, given, size, size + LATER_MEMBERS, size + LATER_MEMBERS);
  default:
    *out_is_read = 1;
    return with_size(call, given, size, size, size);
  }
}
