/* What was called, what was said, and what is not as it should be. */
#include "machine.h"

#include <unistd.h>

static unsigned long calls[FUNCTIONS];
enum { STATUSES = 64 };
static unsigned long statuses[STATUSES];

/* Of this thread. A thread of the library has none. */
static _Thread_local const struct call *current_call;
static _Thread_local enum function last_function;

static const char *const function_names[FUNCTIONS] = {
#define AS_TEXT(name) #name,
    EACH_FUNCTION(AS_TEXT)
#undef AS_TEXT
};

void set_current_call(const struct call *call) { current_call = call; }

void count_call(enum function function) {
  last_function = function;
  __atomic_add_fetch(&calls[function], 1, __ATOMIC_RELAXED);
}

void count_status(ossbind_status status) {
  EXPECT(status >= 0 && status < STATUSES);
  __atomic_add_fetch(&statuses[status], 1, __ATOMIC_RELAXED);
}

/* At once: what the other threads still have is no leak. */
void fail(const char *file, int line, const char *condition, const char *text) {
  fprintf(stderr, "%s:%d: %s is not so", file, line, condition);
  if (current_call)
    fprintf(stderr, ", call %lu, at %s", current_call->number, function_names[last_function]);
  fprintf(stderr, "\n%s%s", text ? text : "", text ? "\n" : "");
  fflush(NULL);
  _exit(1);
}

void print_counts(void) {
  for (int function = 0; function < FUNCTIONS; function++)
    printf("called %s %lu\n", function_names[function], calls[function]);
  for (int status = 0; status < STATUSES; status++)
    if (statuses[status] > 0)
      printf("status %s %lu\n", ossbind_status_name(status), statuses[status]);
}
