/* Stores an object with a Content-Type of its own, and sends values of the program's own with the
 * callback.
 *
 *   content_type_and_custom_values FILE [KEY]
 *
 * In the SDK for Node.js these are `mime` and `callback.customValue`; its `callback.contentType` is
 * the type of the callback's body.
 *
 * From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
 * OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
 * 1 anything else. */
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: content_type_and_custom_values FILE [KEY]\n");
    return 1;
  }
  /* The "x:" is a part of the name here; the SDK for Node.js puts it in front. */
  const ossbind_pair custom_values[] = {
      {"x:var1", "value1"},
      {"x:var2", "a & b = c"}, /* OSS percent-encodes what it puts into the body */
  };

  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  callback.body = "bucket=${bucket}&object=${object}&type=${mimeType}"
                  "&var1=${x:var1}&var2=${x:var2}";
  callback.body_type = OSSBIND_BODY_TYPE_URL_ENCODED; /* the default */
  callback.variables = custom_values;
  callback.variable_count = sizeof custom_values / sizeof custom_values[0];

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = argc > 2 ? argv[2] : "ossbind-example";
  request.body = OSSBIND_BODY_KIND_FILE;
  request.file_path = argv[1];
  request.content_type = "text/csv; charset=utf-8";
  request.callback = &callback;

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
