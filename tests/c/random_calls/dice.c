/* Choices. */
#include "machine.h"

/* splitmix64: any state is a good one. */
uint64_t next_of(uint64_t *dice) {
  uint64_t mixed = *dice += 0x9E3779B97F4A7C15u;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
  return mixed ^ (mixed >> 31);
}

uint64_t roll(struct call *call, uint64_t sides) { return next_of(&call->dice) % sides; }

int one_in(struct call *call, uint64_t sides) { return roll(call, sides) == 0; }

int mistake(struct call *call, uint64_t sides) { return !call->is_careful && one_in(call, sides); }

uint64_t any_large_number(struct call *call) {
  const uint64_t edges[] = {0, 1, UINT64_MAX, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT32_MAX};
  switch (roll(call, 4)) {
  case 0:
    return edges[roll(call, COUNT_OF(edges))];
  case 1:
    return roll(call, 100000);
  case 2:
    return UINT64_C(1) << roll(call, 64);
  default:
    return next_of(&call->dice);
  }
}

uint32_t any_number(struct call *call) { return (uint32_t)any_large_number(call); }

uint32_t any_flags(struct call *call, uint32_t known) {
  if (mistake(call, 20))
    return any_number(call);
  /* Each of them one time in eight. */
  return known & (uint32_t)(next_of(&call->dice) & next_of(&call->dice) & next_of(&call->dice));
}
