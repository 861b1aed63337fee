/* Uploads an image and has OSS tell an application server its size and format.
 *
 *   image_info FILE [KEY]
 *
 * OSS looks at images in JPG, PNG, BMP, GIF, WebP, TIFF and HEIC. Of any other file the three values
 * are empty; of a file that claims to be an image and is none, the callback fails.
 *
 * From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
 * OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 acknowledged, 2 stored but the callback failed,
 * 1 anything else. */
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: image_info FILE [KEY]\n");
    return 1;
  }
  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  /* In a JSON body put quotes around width and height: they come bare, and may be empty. */
  callback.body = "object=${object}&width=${imageInfo.width}&height=${imageInfo.height}"
                  "&format=${imageInfo.format}";

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = argc > 2 ? argv[2] : "ossbind-example.png"; /* its extension gives the type */
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
