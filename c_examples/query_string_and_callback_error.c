/* Calls back to a URL with a query string, and deals with a callback that failed on its own: the
 * object is stored, only the application server does not know.
 *
 *   query_string_and_callback_error FILE [KEY]
 *
 * From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
 * OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the
 * callback failed, 1 anything else. */
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: query_string_and_callback_error FILE [KEY]\n");
    return 1;
  }
  /* The library percent-encodes them. The signature of the callback covers them. */
  const ossbind_pair query[] = {{"user", "put_object"}, {"site", "north gate"}};

  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  callback.url_query = query;
  callback.url_query_count = sizeof query / sizeof *query;
  callback.body = "bucket=${bucket}&object=${object}";

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = argc > 2 ? argv[2] : "ossbind-example";
  request.body = OSSBIND_BODY_KIND_FILE;
  request.file_path = argv[1];
  request.callback = &callback;

  ossbind_upload_result *result = NULL;
  ossbind_error *error = NULL;
  int exit_code = 1;
  switch (ossbind_upload(NULL, &request, &result, &error)) {
  case OSSBIND_STATUS_OK:
    printf("stored, and the server knows: %s\n", request.key);
    exit_code = 0;
    break;
  case OSSBIND_STATUS_CALLBACK_FAILED: {
    /* Another upload would store and call back again: the program has to tell the server itself. */
    const char *code = ossbind_error_ec(error);
    fprintf(stderr, "%s\n", ossbind_error_message(error));
    printf("stored, but the server has to be told (%s): %s\n", code ? code : "?", request.key);
    exit_code = 2;
    break;
  }
  default:
    fprintf(stderr, "%s\n", ossbind_error_message(error));
  }
  ossbind_upload_result_free(result);
  ossbind_error_free(error);
  return exit_code;
}
