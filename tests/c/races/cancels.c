/* Tokens that wait on a board until a canceller comes by. */
#include "load.h"

enum { PLACES = 4 };

static ossbind_cancel *board[PLACES];
/* A canceller has taken the token from its place, and may still use it. */
static unsigned in_hands;

ossbind_cancel *offer_cancel(void) {
  ossbind_cancel *cancel = NULL;
  CHECK(ossbind_cancel_new(&cancel) == OSSBIND_STATUS_OK);
  for (int place = 0; place < PLACES; place++) {
    ossbind_cancel *none = NULL;
    if (__atomic_compare_exchange_n(&board[place], &none, cancel, 0, __ATOMIC_RELEASE,
                                    __ATOMIC_RELAXED))
      break;
  }
  return cancel;
}

/* Freed when nobody can trigger it any more. */
void take_back(ossbind_cancel *cancel) {
  for (int place = 0; place < PLACES; place++) {
    ossbind_cancel *mine = cancel;
    __atomic_compare_exchange_n(&board[place], &mine, NULL, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
  }
  while (__atomic_load_n(&in_hands, __ATOMIC_ACQUIRE) > 0)
    pause_ms(1);
  ossbind_cancel_free(cancel);
}

void *cancel_uploads(void *unused) {
  (void)unused;
  for (int place = 0; !is_over(); place = (place + 1) % PLACES) {
    pause_ms(2);
    __atomic_add_fetch(&in_hands, 1, __ATOMIC_SEQ_CST);
    ossbind_cancel_trigger(__atomic_exchange_n(&board[place], NULL, __ATOMIC_ACQ_REL));
    __atomic_sub_fetch(&in_hands, 1, __ATOMIC_SEQ_CST);
  }
  return NULL;
}
