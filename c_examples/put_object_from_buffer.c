/* Puts a buffer with a callback that is written as JSON text: the sample of the vendor's C SDK.
 *
 *   put_object_from_buffer
 *
 * Environment and exit codes as in put_object_callback.c. */
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  const char *text = "an upload callback example";
  char json[1024];
  const char *url = getenv("OSS_CALLBACK_URL");
  int written =
      snprintf(json, sizeof json,
               "{\"callbackUrl\":\"%s\",\"callbackBody\":\"bucket=${bucket}&object=${object}"
               "&etag=${etag}&size=${size}&mimeType=${mimeType}\",\"callbackSNI\":true}",
               url ? url : "");
  if (written < 0 || (size_t)written >= sizeof json) {
    fprintf(stderr, "OSS_CALLBACK_URL is too long\n");
    return 1;
  }

  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.parameter = json;

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = "example/callback.txt";
  request.body = OSSBIND_BODY_KIND_MEMORY;
  request.data = (const uint8_t *)text;
  request.data_len = strlen(text);
  request.callback = &callback;

  ossbind_upload_result *result = NULL;
  ossbind_error *error = NULL;
  ossbind_status status = ossbind_upload(NULL, &request, &result, &error);

  if (error)
    fprintf(stderr, "%s\n", ossbind_error_message(error));
  if (result) {
    size_t len;
    const uint8_t *answer = ossbind_upload_result_callback_answer(result, &len);
    printf("%.*s\n", (int)len, answer ? (const char *)answer : "");
  }
  ossbind_upload_result_free(result);
  ossbind_error_free(error);
  return status == OSSBIND_STATUS_OK ? 0 : status == OSSBIND_STATUS_CALLBACK_FAILED ? 2 : 1;
}
