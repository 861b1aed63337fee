/* Many threads on one client, each with a reference of its own, and the one client of the
 * process. */
#include <ossbind.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"

enum { THREADS = 8, UPLOADS = 25 };

struct job {
  ossbind_client *client; /* a reference; NULL for the client of the process */
  int number;
};

static void *upload(void *argument) {
  struct job *job = argument;
  for (int i = 0; i < UPLOADS; i++) {
    char key[32];
    snprintf(key, sizeof key, "thread-%d/%d", job->number, i);
    ossbind_upload_request request;
    ossbind_upload_request_init(&request);
    request.bucket = getenv("OSS_BUCKET");
    request.key = key;
    request.body = OSSBIND_BODY_KIND_MEMORY;
    ossbind_upload_result *result = NULL;
    ossbind_error *error = NULL;
    ossbind_status status = job->client
                                ? ossbind_client_upload(job->client, &request, &result, &error)
                                : ossbind_upload(NULL, &request, &result, &error);
    if (error)
      fprintf(stderr, "%s\n", ossbind_error_message(error));
    CHECK(status == OSSBIND_STATUS_OK && result && !error);
    ossbind_upload_result_free(result);
  }
  ossbind_client_free(job->client);
  return NULL;
}

int main(void) {
  ossbind_client *client = NULL;
  CHECK(ossbind_client_new(NULL, &client, NULL) == OSSBIND_STATUS_OK);
  pthread_t threads[THREADS];
  struct job jobs[THREADS];
  for (int i = 0; i < THREADS; i++) {
    jobs[i].client = i % 2 ? ossbind_client_ref(client) : NULL;
    jobs[i].number = i;
    CHECK(pthread_create(&threads[i], NULL, upload, &jobs[i]) == 0);
  }
  /* The references of the threads keep the client alive. */
  ossbind_client_free(client);
  for (int i = 0; i < THREADS; i++)
    CHECK(pthread_join(threads[i], NULL) == 0);
  return 0;
}
