/* A board with objects that all threads use, until somebody puts another one in their place. */
#include "machine.h"

enum { PLACES = 6 };

struct place {
  void *object;
  int users;
};

static struct place board[KINDS][PLACES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void free_object(enum kind kind, void *object) {
  switch (kind) {
  case CLIENTS:
    CALL(ossbind_client_free)(object);
    break;
  case CANCELS:
    CALL(ossbind_cancel_free)(object);
    break;
  case ENCODED:
    CALL(ossbind_encoded_callback_free)(object);
    break;
  case ERRORS:
    CALL(ossbind_error_free)(object);
    break;
  case RESULTS:
    CALL(ossbind_upload_result_free)(object);
    break;
  case SIGNED:
    CALL(ossbind_signed_free)(object);
    break;
  case KINDS:
    break;
  }
}

/* What is used stays, and the new one goes. */
void post(struct call *call, enum kind kind, void *object) {
  struct place *place = &board[kind][roll(call, PLACES)];
  if (!object)
    return;
  pthread_mutex_lock(&lock);
  if (place->users == 0) {
    void *old = place->object;
    place->object = object;
    object = old;
  }
  pthread_mutex_unlock(&lock);
  free_object(kind, object);
}

void *borrow(struct call *call, enum kind kind) {
  struct place *place = &board[kind][roll(call, PLACES)];
  EXPECT(call->borrowed_count < MAX_BORROWED);
  call->borrowed[call->borrowed_count++] = place;
  pthread_mutex_lock(&lock);
  place->users++;
  void *object = place->object;
  pthread_mutex_unlock(&lock);
  return object;
}

void give_back_last(struct call *call) {
  struct place *place = call->borrowed[--call->borrowed_count];
  pthread_mutex_lock(&lock);
  place->users--;
  pthread_mutex_unlock(&lock);
}

void clear_board(void) {
  for (int kind = 0; kind < KINDS; kind++) {
    for (int i = 0; i < PLACES; i++) {
      EXPECT(board[kind][i].users == 0);
      free_object((enum kind)kind, board[kind][i].object);
      board[kind][i].object = NULL;
    }
  }
}
