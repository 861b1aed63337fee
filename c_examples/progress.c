/* Shows how far an upload is.
 *
 *   progress FILE [KEY]
 *
 * From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
 * OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
 * 1 anything else. */
#include <inttypes.h>
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>

/* Runs in the thread of the upload, after every piece of at most 128 KiB, and so should be quick.
 * Anything but 0 would stop the upload. */
static int32_t show(void *userdata, const ossbind_progress *progress) {
  int *shown = userdata;
  if (progress->total == UINT64_MAX) { /* a stream whose length nobody knows */
    fprintf(stderr, "%" PRIu64 " bytes\r", progress->sent);
    return 0;
  }
  int percent = (int)(100.0 * (double)progress->sent / (double)progress->total);
  if (percent != *shown)
    fprintf(stderr, "%3d %%%c", percent, percent < 100 ? '\r' : '\n');
  *shown = percent;
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: progress FILE [KEY]\n");
    return 1;
  }
  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  callback.body = "object=${object}&size=${size}";

  int shown = -1;
  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = argc > 2 ? argv[2] : "ossbind-example";
  request.body = OSSBIND_BODY_KIND_FILE;
  request.file_path = argv[1];
  request.callback = &callback;
  request.progress = show;
  request.progress_userdata = &shown;

  ossbind_upload_result *result = NULL;
  ossbind_error *error = NULL;
  ossbind_status status = ossbind_upload(NULL, &request, &result, &error);

  if (error)
    fprintf(stderr, "%s\n", ossbind_error_message(error));
  if (status == OSSBIND_STATUS_OK) {
    size_t len;
    const uint8_t *answer = ossbind_upload_result_callback_answer(result, &len);
    printf("%.*s\n", (int)len, answer ? (const char *)answer : "");
  }
  ossbind_upload_result_free(result);
  ossbind_error_free(error);
  return status == OSSBIND_STATUS_OK ? 0 : status == OSSBIND_STATUS_CALLBACK_FAILED ? 2 : 1;
}
