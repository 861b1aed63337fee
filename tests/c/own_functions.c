/* A body that the program gives piece by piece, progress, and how both stop an upload. */
#include <ossbind.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { SIZE = 300000 };

struct source {
  size_t position;
  size_t rewinds;
  size_t fail_at; /* position at which read stops the upload */
  size_t lie_at;  /* position at which read claims to have overfilled the buffer */
  size_t end_at;  /* position at which read ends the body */
  size_t progress_calls;
  uint64_t sent;
  uint64_t stop_at; /* progress stops the upload from here on */
};

static const struct source fresh = {0, 0, SIZE_MAX, SIZE_MAX, SIZE_MAX, 0, 0, UINT64_MAX};

static int32_t read_some(void *userdata, uint8_t *buf, size_t cap, size_t *out_n) {
  struct source *source = userdata;
  size_t count = cap < 10000 ? cap : 10000;
  CHECK(cap > 0 && *out_n == 0);
  if (source->position >= source->fail_at)
    return 42;
  if (source->position >= source->end_at)
    return 0;
  for (size_t i = 0; i < count; i++)
    buf[i] = (uint8_t)((source->position + i) % 251);
  source->position += count;
  *out_n = source->position >= source->lie_at ? cap + 1 : count;
  return 0;
}

static int32_t rewind_source(void *userdata, uint64_t offset) {
  struct source *source = userdata;
  CHECK(offset == 0);
  source->position = 0;
  source->rewinds++;
  return 0;
}

static int32_t refuse_to_rewind(void *userdata, uint64_t offset) {
  (void)userdata;
  (void)offset;
  return -7;
}

static int32_t progress(void *userdata, const ossbind_progress *now) {
  struct source *source = userdata;
  source->progress_calls++;
  CHECK(now->sent > source->sent && now->total == SIZE);
  source->sent = now->sent;
  return now->sent >= source->stop_at ? 43 : 0;
}

static ossbind_upload_request new_request(struct source *source, const char *key) {
  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = key;
  request.body = OSSBIND_BODY_KIND_READ;
  request.flags = OSSBIND_UPLOAD_HAS_CONTENT_LENGTH;
  request.content_length = SIZE;
  request.read = read_some;
  request.body_userdata = source;
  request.progress = progress;
  request.progress_userdata = source;
  return request;
}

static void stopped(const ossbind_upload_request *request, ossbind_status status, int32_t code,
                    const char *field) {
  ossbind_upload_result *result = NULL;
  ossbind_error *error = NULL;
  CHECK(ossbind_upload(NULL, request, &result, &error) == status);
  CHECK(result == NULL);
  CHECK(ossbind_error_caller_code(error) == code);
  CHECK(strcmp(ossbind_error_field(error), field) == 0);
  CHECK(ossbind_error_object_state(error) == OSSBIND_OBJECT_STATE_NOT_STORED);
  ossbind_error_free(error);
}

static void remember(void *userdata, ossbind_log_level level, const char *message) {
  CHECK(level == OSSBIND_LOG_LEVEL_INFO);
  snprintf(userdata, 256, "%s", message);
}

static void log_lines(void) {
  char line[256] = "";
  ossbind_client_config config;
  ossbind_client_config_init(&config);
  config.log = remember;
  config.log_userdata = line;
  config.log_level = OSSBIND_LOG_LEVEL_WARNING;
  struct source source = fresh;
  ossbind_upload_request request = new_request(&source, "logged");
  CHECK(ossbind_upload(&config, &request, NULL, NULL) == OSSBIND_STATUS_OK);
  CHECK(strcmp(line, "") == 0);
  config.log_level = OSSBIND_LOG_LEVEL_DEFAULT;
  source = fresh;
  CHECK(ossbind_upload(&config, &request, NULL, NULL) == OSSBIND_STATUS_OK);
  CHECK(strstr(line, "PUT http://") == line && strstr(line, "/logged: 200 in ") != NULL);
}

int main(void) {
  struct source source = fresh;
  ossbind_upload_request request = new_request(&source, "streamed");
  CHECK(ossbind_upload(NULL, &request, NULL, NULL) == OSSBIND_STATUS_OK);
  CHECK(source.position == SIZE && source.sent == SIZE && source.progress_calls > 1);

  source = fresh;
  request.key = "streamed-twice";
  request.flags |= OSSBIND_UPLOAD_CONTENT_MD5;
  request.rewind = rewind_source;
  CHECK(ossbind_upload(NULL, &request, NULL, NULL) == OSSBIND_STATUS_OK);
  CHECK(source.rewinds == 2 && source.position == SIZE);

  source = fresh;
  request.rewind = refuse_to_rewind;
  stopped(&request, OSSBIND_STATUS_ABORTED_BY_CALLER, -7, "rewind");

  source = fresh;
  request = new_request(&source, "stopped");
  source.fail_at = 200000;
  stopped(&request, OSSBIND_STATUS_ABORTED_BY_CALLER, 42, "read");
  source = fresh;
  source.stop_at = 150000;
  stopped(&request, OSSBIND_STATUS_ABORTED_BY_CALLER, 43, "progress");
  source = fresh;
  source.lie_at = 150000;
  stopped(&request, OSSBIND_STATUS_BODY, 0, "read");
  source = fresh;
  source.end_at = 150000;
  stopped(&request, OSSBIND_STATUS_BODY, 0, "read");

  log_lines();
  return 0;
}
