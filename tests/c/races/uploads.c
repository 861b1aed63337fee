/* Uploads of every kind, one after the other, on a client that other threads use as well. */
#include "load.h"

enum { PART = 100 << 10, SMALL = 5000, LARGE = 6 * PART + 1234, STREAM = 2 * PART + 77 };

static uint8_t content[LARGE];

/* A body that is given piece by piece. */
struct source {
  size_t position;
  size_t size;
};

static int32_t read_some(void *userdata, uint8_t *buf, size_t cap, size_t *out_n) {
  struct source *source = userdata;
  size_t left = source->size - source->position;
  size_t size = cap < left ? cap : left;
  size = size < 9000 ? size : 9000;
  memset(buf, (int)(source->position % 251), size);
  source->position += size;
  *out_n = size;
  return 0;
}

static int32_t go_back(void *userdata, uint64_t offset) {
  struct source *source = userdata;
  source->position = (size_t)offset;
  return 0;
}

static int32_t progress(void *userdata, const ossbind_progress *now) {
  uint64_t *most = userdata;
  *most = now->sent > *most ? now->sent : *most;
  CHECK(now->total == UINT64_MAX || now->sent <= now->total);
  count(PROGRESS_CALLS);
  return 0;
}

/* An upload that is being put together. */
struct upload {
  const struct clients *clients;
  const ossbind_client *client; /* NULL for that of the process */
  ossbind_upload_request request;
  ossbind_callback callback;
  ossbind_cancel *cancel;
  ossbind_signed *signed_elsewhere;
  struct source source;
  uint64_t most_sent;
  enum count kind;
  char key[48];
};

static void memory(struct upload *upload) {
  upload->request.body = OSSBIND_BODY_KIND_MEMORY;
  upload->request.data = content;
  upload->request.data_len = SMALL;
}

static void file(struct upload *upload) {
  upload->request.body = OSSBIND_BODY_KIND_FILE;
  upload->request.file_path = upload->clients->places->file;
}

static void stream(struct upload *upload) {
  upload->source.position = 0;
  upload->source.size = STREAM;
  upload->request.body = OSSBIND_BODY_KIND_READ;
  upload->request.read = read_some;
  upload->request.rewind = go_back;
  upload->request.body_userdata = &upload->source;
  upload->kind = UPLOADED_STREAMS;
}

static void in_parts(struct upload *upload) {
  upload->request.multipart_threshold = PART;
  upload->request.part_size = PART;
  upload->request.parallel = 4;
}

static void with_callback(struct upload *upload) {
  upload->callback.url = upload->clients->places->callback_url;
  upload->callback.body = "object=${object}&size=${size}";
  upload->request.callback = &upload->callback;
}

static void memory_with_callback(struct upload *upload) {
  memory(upload);
  with_callback(upload);
}

static void file_in_parts(struct upload *upload) {
  file(upload);
  in_parts(upload);
  with_callback(upload);
  upload->kind = UPLOADED_IN_PARTS;
}

static void memory_in_parts(struct upload *upload) {
  memory(upload);
  upload->request.data_len = LARGE;
  in_parts(upload);
  upload->kind = UPLOADED_IN_PARTS;
}

static void file_with_checkpoint(struct upload *upload) {
  file_in_parts(upload);
  upload->request.checkpoint_dir = upload->clients->places->checkpoint_dir;
}

static void stream_of_known_length(struct upload *upload) {
  stream(upload);
  upload->request.flags = OSSBIND_UPLOAD_HAS_CONTENT_LENGTH | OSSBIND_UPLOAD_CONTENT_MD5;
  upload->request.content_length = STREAM;
}

static void stream_of_unknown_length(struct upload *upload) {
  stream(upload);
  in_parts(upload);
}

static void out_of_time(struct upload *upload) {
  memory_in_parts(upload);
  upload->request.timeout_ms = 15;
}

static void cancelled(struct upload *upload) {
  memory_in_parts(upload);
  upload->cancel = offer_cancel();
  upload->request.cancel = upload->cancel;
  /* So slow that it is not done before. */
  upload->request.rate_limit_bytes_per_s = 4 << 20;
}

static void form(struct upload *upload) {
  memory(upload);
  upload->request.flags = OSSBIND_UPLOAD_FORM;
}

/* A bundle of the shared client takes the place of bucket, key and keys. */
static void bundle(struct upload *upload) {
  ossbind_sign_url_request sign_url;
  ossbind_sign_url_request_init(&sign_url);
  sign_url.bucket = upload->request.bucket;
  sign_url.key = upload->key;
  CHECK(ossbind_client_sign_url(upload->client, &sign_url, &upload->signed_elsewhere, NULL) ==
        OSSBIND_STATUS_OK);
  memory(upload);
  upload->client = upload->clients->without_keys;
  upload->request.bucket = upload->request.key = NULL;
  upload->request.bundle = ossbind_signed_bundle(upload->signed_elsewhere);
  upload->kind = UPLOADED_BUNDLES;
}

static void client_of_process(struct upload *upload) {
  memory(upload);
  upload->client = NULL;
  upload->kind = UPLOADED_BY_PROCESS_CLIENT;
}

/* The last one is the first of all threads, so that they make the client of the process together. */
static void (*const kinds[])(struct upload *) = {
    memory_with_callback,
    file,
    file_in_parts,
    memory_in_parts,
    file_with_checkpoint,
    stream_of_known_length,
    stream_of_unknown_length,
    out_of_time,
    cancelled,
    form,
    bundle,
    client_of_process,
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static void tally(const struct upload *upload, ossbind_status status,
                  const ossbind_upload_result *result, const ossbind_error *error) {
  const ossbind_metrics *metrics =
      error ? ossbind_error_metrics(error) : ossbind_upload_result_metrics(result);
  CHECK((status == OSSBIND_STATUS_OK) == (error == NULL));
  if (metrics && metrics->retries > 0)
    count(RETRIED);
  switch (status) {
  case OSSBIND_STATUS_OK:
    count(upload->kind);
    break;
  case OSSBIND_STATUS_CALLBACK_FAILED:
    count(CALLBACK_FAILED);
    break;
  case OSSBIND_STATUS_CANCELLED:
    count(CANCELLED);
    break;
  case OSSBIND_STATUS_TIMEOUT:
    count(OUT_OF_TIME);
    break;
  /* What the service and the network can do. */
  case OSSBIND_STATUS_SERVICE:
  case OSSBIND_STATUS_TRANSPORT:
  case OSSBIND_STATUS_TLS:
  case OSSBIND_STATUS_BAD_RESPONSE:
  case OSSBIND_STATUS_CHECKSUM_MISMATCH:
    count(FAILED);
    break;
  default:
    fprintf(stderr, "%s: %s\n", upload->key, ossbind_error_message(error));
    exit(1);
  }
}

static void begin(struct upload *upload, const struct worker *worker, int number) {
  memset(upload, 0, sizeof *upload);
  upload->clients = &worker->clients;
  upload->client = worker->clients.with_keys;
  upload->kind = UPLOADED;
  snprintf(upload->key, sizeof upload->key, "race/%d/%d", worker->number, number);
  ossbind_callback_init(&upload->callback);
  ossbind_upload_request_init(&upload->request);
  upload->request.bucket = worker->clients.places->bucket;
  upload->request.key = upload->key;
  upload->request.progress = progress;
  upload->request.progress_userdata = &upload->most_sent;
  kinds[number == 0 ? KINDS - 1 : (worker->number + number) % KINDS](upload);
}

static void upload_one(const struct worker *worker, int number) {
  struct upload upload;
  ossbind_upload_result *result = NULL;
  ossbind_error *error = NULL;
  begin(&upload, worker, number);
  ossbind_status status =
      upload.client ? ossbind_client_upload(upload.client, &upload.request, &result, &error)
                    : ossbind_upload(NULL, &upload.request, &result, &error);
  tally(&upload, status, result, error);
  if (upload.cancel)
    take_back(upload.cancel);
  ossbind_signed_free(upload.signed_elsewhere);
  share(result, error);
}

void *work(void *argument) {
  struct worker *worker = argument;
  for (int number = 0; !is_over(); number++)
    upload_one(worker, number);
  ossbind_client_free(worker->clients.with_keys);
  return NULL;
}
