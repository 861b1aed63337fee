/* Gives OSS several application servers, which it tries in turn until one answers, and has it name
 * the server in the TLS handshake (SNI), so that servers with many certificates show the right one.
 *
 *   several_callback_urls FILE URL [URL...]
 *
 * From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET and
 * OSS_BUCKET. Exit code: 0 one of the servers acknowledged, 2 stored but none did, 1 anything
 * else. */
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: several_callback_urls FILE URL [URL...]\n");
    return 1;
  }
  /* Up to 5, separated by semicolons. */
  char urls[4096] = "";
  size_t used = 0;
  for (int i = 2; i < argc; i++) {
    int written = snprintf(urls + used, sizeof urls - used, "%s%s", i > 2 ? ";" : "", argv[i]);
    if (written < 0 || (size_t)written >= sizeof urls - used) {
      fprintf(stderr, "the URLs are too long: OSS takes 3840 bytes for the whole callback\n");
      return 1;
    }
    used += (size_t)written;
  }

  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = urls;
  callback.body = "object=${object}&etag=${etag}&size=${size}";
  /* What the library does by itself as soon as one of the URLs is https. */
  callback.sni = OSSBIND_SNI_ON;

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = "ossbind-example";
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
