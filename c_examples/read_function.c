/* Uploads what a function of the program gives: standard input, whose length nobody knows beforehand. One part of
 * it (part_size) is kept in memory.
 *
 *   producer | read_function KEY
 *
 * From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
 * OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
 * 1 anything else. */
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>

/* Gives at most `cap` bytes; none ends the object. Anything but 0 stops the upload, and nothing is stored. */
static int32_t read_input(void *userdata, uint8_t *buf, size_t cap, size_t *out_n) {
  *out_n = fread(buf, 1, cap, userdata);
  return ferror(userdata) ? 7 : 0;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: producer | read_function KEY\n");
    return 1;
  }
  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  callback.body = "object=${object}&size=${size}";

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = argv[1];
  request.body = OSSBIND_BODY_KIND_READ;
  request.read = read_input; /* without `rewind`, for input cannot be read again */
  request.body_userdata = stdin;
  request.part_size = 1024 * 1024;
  request.callback = &callback;

  ossbind_error *error = NULL;
  ossbind_status status = ossbind_upload(NULL, &request, NULL, &error);
  printf("%s\n", ossbind_status_name(status));
  if (status == OSSBIND_STATUS_ABORTED_BY_CALLER)
    fprintf(stderr, "standard input cannot be read (%d)\n", (int)ossbind_error_caller_code(error));
  else if (error)
    fprintf(stderr, "%s\n", ossbind_error_message(error));
  ossbind_error_free(error);
  return status == OSSBIND_STATUS_OK ? 0 : status == OSSBIND_STATUS_CALLBACK_FAILED ? 2 : 1;
}
