/* The life of a call, and of what it needs. */
#include "machine.h"

struct block {
  struct block *next;
  void *memory;
};

void begin_call(struct call *call, uint64_t seed, unsigned long number) {
  memset(call, 0, sizeof *call);
  call->number = number;
  call->owner = pthread_self();
  call->dice = seed;
  call->dice = next_of(&call->dice) + number;
  call->is_careful = one_in(call, 2);
  set_current_call(call);
}

void begin_inner_call(struct call *inner, struct call *outer) {
  begin_call(inner, next_of(&outer->dice), outer->number);
  inner->depth = outer->depth + 1;
}

void end_call(struct call *call) {
  while (call->borrowed_count > 0)
    give_back_last(call);
  while (call->memory) {
    struct block *block = call->memory;
    call->memory = block->next;
    free(block->memory);
    free(block);
  }
  set_current_call(NULL);
}

void *keep(struct call *call, size_t size) {
  struct block *block = malloc(sizeof *block);
  EXPECT(block);
  block->memory = calloc(1, size);
  EXPECT(block->memory || size == 0);
  block->next = call->memory;
  call->memory = block;
  return block->memory;
}
