/* What a program must not do: another thread writes to a body while it is uploaded. */
#include "load.h"

enum { SIZE = 4 << 20 };

static uint8_t body[SIZE];
static int has_begun;

/* Neither of the two threads is brought into an order with the other. */
static int32_t note_begin(void *userdata, const ossbind_progress *now) {
  (void)userdata;
  (void)now;
  __atomic_store_n(&has_begun, 1, __ATOMIC_RELAXED);
  return 0;
}

static void *write_body(void *unused) {
  while (!__atomic_load_n(&has_begun, __ATOMIC_RELAXED))
    pause_ms(1);
  for (size_t i = 0; i < SIZE; i++)
    body[i] = (uint8_t)i;
  return unused;
}

void write_while_uploading(void) {
  ossbind_upload_request request;
  pthread_t thread;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = "misuse";
  request.body = OSSBIND_BODY_KIND_MEMORY;
  request.data = body;
  request.data_len = SIZE;
  request.progress = note_begin;
  CHECK(pthread_create(&thread, NULL, write_body, NULL) == 0);
  /* What the service says of the content does not matter. */
  ossbind_status status = ossbind_upload(NULL, &request, NULL, NULL);
  (void)status;
  note_begin(NULL, NULL);
  CHECK(pthread_join(thread, NULL) == 0);
}
