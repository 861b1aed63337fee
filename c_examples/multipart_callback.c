/* Uploads a large file in parts, several at a time, shows how far it is, and has OSS tell an
 * application server once the parts have become an object.
 *
 *   multipart_callback FILE CHECKPOINT_DIR [KEY]
 *
 * When it is interrupted, be it by a power cut, the same command goes on with the parts that OSS
 * lacks: the folder, which must exist, holds what that takes.
 *
 * From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
 * OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
 * 1 anything else. */
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>

/* Runs in the thread that made the call, also while other threads send parts. */
static int32_t show(void *userdata, const ossbind_progress *progress) {
  (void)userdata;
  fprintf(stderr, "%3.0f %%%c", 100.0 * (double)progress->sent / (double)progress->total,
          progress->sent < progress->total ? '\r' : '\n');
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: multipart_callback FILE CHECKPOINT_DIR [KEY]\n");
    return 1;
  }
  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  callback.body = "object=${object}&size=${size}&crc64=${crc64}&operation=${operation}";

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = argc > 3 ? argv[3] : "ossbind-example";
  request.body = OSSBIND_BODY_KIND_FILE;
  request.file_path = argv[1];
  request.checkpoint_dir = argc > 2 ? argv[2] : NULL;
  /* Less than the defaults (64 and 6 MiB): a slow uplink that breaks off loses less of a part. */
  request.multipart_threshold = 1024 * 1024;
  request.part_size = 1024 * 1024;
  request.parallel = 4;
  request.callback = &callback;
  request.progress = show;

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
