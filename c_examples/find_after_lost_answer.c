/* Asks OSS whether an object is there, after the answer to its upload was lost, and uploads again only when it is
 * not. A flag spares a gateway the question: see gateway.c.
 *
 *   find_after_lost_answer TIMEOUT_MS FILE [KEY]
 *
 * From the environment: OSS_ENDPOINT, OSS_REGION, OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET,
 * OSS_BUCKET and OSS_CALLBACK_URL. Exit code: 0 stored, 1 anything else. */
#define _POSIX_C_SOURCE 200809L
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static ossbind_advice upload(const ossbind_client *client, const char *path, const char *key,
                             uint32_t timeout_ms) {
  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  callback.body = "object=${object}&size=${size}";

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = key;
  request.body = OSSBIND_BODY_KIND_FILE;
  request.file_path = path;
  request.callback = &callback;
  request.timeout_ms = timeout_ms;

  ossbind_error *error = NULL;
  ossbind_status status = ossbind_client_upload(client, &request, NULL, &error);
  ossbind_advice advice = ossbind_error_advice(error);
  printf("upload: %s, %s\n", ossbind_status_name(status), ossbind_advice_name(advice));
  if (error)
    fprintf(stderr, "%s\n", ossbind_error_message(error));
  ossbind_error_free(error);
  return advice;
}

/* Asks until OSS has decided: what was sent may still be on its way. */
static ossbind_advice find(const ossbind_client *client, const char *path, const char *key) {
  ossbind_find_request request;
  ossbind_find_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = key;
  request.body = OSSBIND_BODY_KIND_FILE; /* size and CRC-64 of this content are compared */
  request.file_path = path;

  for (;;) {
    ossbind_error *error = NULL;
    ossbind_status status = ossbind_client_find(client, &request, NULL, &error);
    ossbind_advice advice = ossbind_error_advice(error);
    uint32_t wait_ms = ossbind_error_retry_after_ms(error);
    printf("find: %s, %s\n", ossbind_status_name(status), ossbind_advice_name(advice));
    ossbind_error_free(error);
    if (advice != OSSBIND_ADVICE_LOOK)
      return advice;
    nanosleep(&(struct timespec){.tv_sec = (wait_ms + 999) / 1000}, NULL);
    request.doubt_age_ms += wait_ms;
  }
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: find_after_lost_answer TIMEOUT_MS FILE [KEY]\n");
    return 1;
  }
  uint32_t timeout_ms = (uint32_t)strtoul(argv[1], NULL, 10);
  const char *key = argc > 3 ? argv[3] : "ossbind-example";
  ossbind_client *client = NULL;
  ossbind_error *error = NULL;
  if (ossbind_client_new(NULL, &client, &error) != OSSBIND_STATUS_OK) {
    fprintf(stderr, "%s\n", ossbind_error_message(error));
    ossbind_error_free(error);
    return 1;
  }
  ossbind_advice advice = upload(client, argv[2], key, timeout_ms);
  if (advice == OSSBIND_ADVICE_LOOK)
    advice = find(client, argv[2], key);
  if (advice == OSSBIND_ADVICE_AGAIN)
    advice = upload(client, argv[2], key, timeout_ms);
  ossbind_client_free(client);
  return advice == OSSBIND_ADVICE_DONE ? 0 : 1;
}
