/* Has OSS tell an application server in JSON, with variables of the program's own.
 *
 *   json_body_with_variables FILE [KEY]
 *
 * From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
 * OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
 * 1 anything else. */
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: json_body_with_variables FILE [KEY]\n");
    return 1;
  }
  /* Names begin with "x:"; values are any text, which arrives as it is written here. */
  const ossbind_pair variables[] = {
      {"x:camera", "north \"gate\""},
      {"x:order", "4711"},
  };

  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  /* OSS puts quotes around text, so there are none around ${object}; numbers come bare. */
  callback.body = "{\"object\":${object},\"size\":${size},"
                  "\"camera\":${x:camera},\"order\":${x:order}}";
  callback.body_type = OSSBIND_BODY_TYPE_JSON;
  callback.variables = variables;
  callback.variable_count = sizeof variables / sizeof variables[0];

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = argc > 2 ? argv[2] : "ossbind-example";
  request.body = OSSBIND_BODY_KIND_FILE;
  request.file_path = argv[1];
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
