/* Uploads a file as a form (PostObject), as browsers do, and has OSS tell an application server, with
 * two variables of the program's own.
 *
 *   post_form FILE [KEY]
 *
 * From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
 * OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
 * 1 anything else. */
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: post_form FILE [KEY]\n");
    return 1;
  }
  const ossbind_pair variables[] = {{"x:camera", "north gate"}, {"x:shot", "42"}};
  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  callback.body = "object=${object}&size=${size}&camera=${x:camera}&shot=${x:shot}";
  callback.variables = variables;
  callback.variable_count = sizeof variables / sizeof *variables;

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.flags = OSSBIND_UPLOAD_FORM;
  request.bucket = getenv("OSS_BUCKET");
  request.key = argc > 2 ? argv[2] : "ossbind-example";
  request.body = OSSBIND_BODY_KIND_FILE;
  request.file_path = argv[1];
  request.callback = &callback;

  ossbind_upload_result *result = NULL;
  ossbind_error *error = NULL;
  ossbind_status status = ossbind_upload(NULL, &request, &result, &error);

  printf("outcome: %s\n", ossbind_status_name(status));
  if (error)
    printf("error:   %s\n", ossbind_error_message(error));
  if (result) {
    size_t len;
    const uint8_t *answer = ossbind_upload_result_callback_answer(result, &len);
    const char *etag = ossbind_upload_result_etag(result);
    const char *request_id = ossbind_upload_result_request_id(result);
    printf("etag:    %s\n", etag ? etag : "(none)");
    printf("request: %s\n", request_id ? request_id : "(none)");
    printf("answer:  %.*s\n", (int)len, answer ? (const char *)answer : "");
  }
  ossbind_upload_result_free(result);
  ossbind_error_free(error);
  return status == OSSBIND_STATUS_OK ? 0 : status == OSSBIND_STATUS_CALLBACK_FAILED ? 2 : 1;
}
