/* Lets a device without keys upload one object: a server signs, the device uploads.
 *
 *   signed_url sign KEY      on the server: prints a bundle, which is a secret until it expires
 *   signed_url upload FILE   on the device: reads a bundle from standard input and uploads FILE
 *
 * `sign` takes from the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID,
 * OSS_ACCESS_KEY_SECRET, OSS_BUCKET and OSS_CALLBACK_URL; `upload` takes nothing. Exit code: 0 signed,
 * or uploaded and acknowledged, 2 stored but the callback failed, 1 anything else. */
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int finish(ossbind_status status, ossbind_error *error) {
  if (error)
    fprintf(stderr, "%s\n", ossbind_error_message(error));
  ossbind_error_free(error);
  return status == OSSBIND_STATUS_OK ? 0 : status == OSSBIND_STATUS_CALLBACK_FAILED ? 2 : 1;
}

static int sign(const char *key) {
  ossbind_callback
      callback; /* stands in the URL: the device can neither change it nor leave it out */
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  callback.body = "object=${object}&size=${size}&etag=${etag}";

  ossbind_sign_url_request request;
  ossbind_sign_url_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = key;
  request.expires_in_s = 3600;
  request.flags = OSSBIND_SIGN_URL_FORBID_OVERWRITE;
  request.callback = &callback;

  ossbind_client_config config; /* of the environment */
  ossbind_client_config_init(&config);
  ossbind_client *client = NULL;
  ossbind_signed *signed_ = NULL;
  ossbind_error *error = NULL;
  ossbind_status status = ossbind_client_new(&config, &client, &error);
  if (status == OSSBIND_STATUS_OK)
    status = ossbind_client_sign_url(client, &request, &signed_, &error);
  if (status == OSSBIND_STATUS_OK)
    puts(ossbind_signed_bundle(signed_));
  ossbind_signed_free(signed_);
  ossbind_client_free(client);
  return finish(status, error);
}

static int upload(const char *file) {
  static char bundle[64 * 1024]; /* several times what a signed URL comes to */
  size_t len = fread(bundle, 1, sizeof bundle - 1, stdin);
  bundle[len] = '\0';

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bundle = bundle;
  request.body = OSSBIND_BODY_KIND_FILE;
  request.file_path = file;

  ossbind_upload_result *result = NULL;
  ossbind_error *error = NULL;
  ossbind_status status = ossbind_upload(NULL, &request, &result, &error);
  printf("outcome: %s\n", ossbind_status_name(status));
  size_t answer_len = 0;
  const uint8_t *answer = ossbind_upload_result_callback_answer(result, &answer_len);
  if (answer)
    printf("answer:  %.*s\n", (int)answer_len, (const char *)answer);
  ossbind_upload_result_free(result);
  return finish(status, error);
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "sign") == 0)
    return sign(argv[2]);
  if (argc == 3 && strcmp(argv[1], "upload") == 0)
    return upload(argv[2]);
  fprintf(stderr, "usage: signed_url sign KEY | upload FILE\n");
  return 1;
}
