/* Bodies, the functions of the program that give them, and its progress function. */
#include "machine.h"

enum { LARGEST = 300000 };

/* All zero, so that two bodies of the same size are the same. */
static const uint8_t zeros[LARGEST];

static size_t any_size(struct call *call) {
  static const size_t sizes[] = {0, 1, 100, 2000, 2000, 70000, LARGEST};
  return sizes[roll(call, COUNT_OF(sizes))];
}

static void choose_memory(struct call *call, const uint8_t **data, size_t *length) {
  *length = any_size(call);
  *data = *length == 0 ? NULL : *length == LARGEST ? zeros : keep(call, *length);
  switch (mistake(call, 5) ? roll(call, 3) : 3) {
  case 0: /* of no length */
    *data = zeros;
    *length = 0;
    break;
  case 1:
    *data = NULL;
    *length = (size_t)any_large_number(call);
    break;
  case 2: /* longer than any memory */
    *data = zeros;
    *length = SIZE_MAX - (size_t)roll(call, 10);
    break;
  default:
    break;
  }
}

static const char *any_file(struct call *call) {
  return text_or(call, TEXTS("file", "small", "empty"),
                 TEXTS("missing", ".", "fifo", "/dev/null", "small/under"));
}

/* Where a READ body is. */
struct source {
  struct call *call;
  size_t size;
  size_t left;
};

/* Functions of a request run on the thread that made the call, and may call the library. */
static void be_called(struct call *call) {
  EXPECT(pthread_equal(call->owner, pthread_self()));
  if (call->depth == 0 && one_in(call, 30))
    make_inner_call(call);
}

static int32_t read_body(void *userdata, uint8_t *buffer, size_t capacity, size_t *out_count) {
  struct source *source = userdata;
  EXPECT(capacity > 0 && *out_count == 0);
  be_called(source->call);
  if (mistake(source->call, 20))
    return 7;
  if (mistake(source->call, 40)) {
    *out_count = capacity + 1;
    return 0;
  }
  size_t count = source->left < capacity ? source->left : capacity;
  if (count > 0 && one_in(source->call, 3))
    count = 1 + (size_t)roll(source->call, count);
  memset(buffer, 0, count);
  source->left -= count;
  *out_count = count;
  return 0;
}

static int32_t rewind_body(void *userdata, uint64_t offset) {
  struct source *source = userdata;
  EXPECT(offset <= source->size);
  be_called(source->call);
  if (mistake(source->call, 10))
    return -3;
  /* Now and then it has another length then. */
  source->left = mistake(source->call, 10) ? any_size(source->call) : source->size - (size_t)offset;
  return 0;
}

static void choose_functions(struct call *call, ossbind_upload_request *request) {
  struct source *source = keep(call, sizeof *source);
  source->call = call;
  source->size = source->left = any_size(call);
  request->read = mistake(call, 20) ? NULL : read_body;
  request->rewind = one_in(call, 2) ? NULL : rewind_body;
  request->body_userdata = source;
  if (one_in(call, 2)) {
    request->flags |= OSSBIND_UPLOAD_HAS_CONTENT_LENGTH;
    request->content_length = mistake(call, 10) ? any_large_number(call) : source->size;
  }
}

/* Who looks at the progress of an upload, and may end it. */
struct watcher {
  struct call *call;
  const ossbind_cancel *cancel;
};

static int32_t watch(void *userdata, const ossbind_progress *progress) {
  const struct watcher *watcher = userdata;
  EXPECT(progress->sent <= progress->total && progress->increment <= progress->sent);
  be_called(watcher->call);
  if (mistake(watcher->call, 20))
    CALL(ossbind_cancel_trigger)(watcher->cancel);
  return mistake(watcher->call, 50) ? -9 : 0;
}

static void choose_watcher(struct call *call, ossbind_upload_request *request) {
  struct watcher *watcher = keep(call, sizeof *watcher);
  watcher->call = call;
  watcher->cancel = request->cancel;
  request->progress = watch;
  request->progress_userdata = watcher;
}

void fill_body(struct call *call, ossbind_upload_request *request) {
  request->body = mistake(call, 30) ? any_number(call) : 1 + (uint32_t)roll(call, 3);
  if (request->body == OSSBIND_BODY_KIND_MEMORY || mistake(call, 30))
    choose_memory(call, &request->data, &request->data_len);
  if (request->body == OSSBIND_BODY_KIND_FILE || mistake(call, 30))
    request->file_path = any_file(call);
  if (request->body == OSSBIND_BODY_KIND_READ || mistake(call, 30))
    choose_functions(call, request);
  if (one_in(call, 3))
    choose_watcher(call, request);
}

const ossbind_find_request *any_question(struct call *call) {
  ossbind_find_request request;
  int is_read;
  ossbind_find_request_init(&request);
  request.bucket = any_bucket(call);
  request.key = any_key(call);
  request.body = mistake(call, 20) ? any_number(call) : 1 + (uint32_t)roll(call, 2);
  if (request.body == OSSBIND_BODY_KIND_MEMORY || mistake(call, 30))
    choose_memory(call, &request.data, &request.data_len);
  if (request.body == OSSBIND_BODY_KIND_FILE || mistake(call, 30))
    request.file_path = any_file(call);
  request.doubt_age_ms = any_number(call);
  request.flags = any_flags(call, OSSBIND_FIND_REQUESTER_PAYS);
  request.cancel = one_in(call, 6) ? borrow(call, CANCELS) : NULL;
  request.timeout_ms = 1 + (uint32_t)roll(call, one_in(call, 4) ? 30 : 1000);
  return sized(call, &request, sizeof request, &is_read);
}
