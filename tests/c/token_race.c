/* Many threads upload with keys that live for a second. The function that gives keys is slow every
 * other time, so that the keys run out and all threads wait for the same call. */
#include <ossbind.h>
#include <pthread.h>
#include <time.h>

#include "check.h"

enum { THREADS = 16, SECONDS = 4 };

static ossbind_client *client;
static double end;
static int calls;
static int inside;

static double now(void) {
  struct timespec time;
  CHECK(clock_gettime(CLOCK_MONOTONIC, &time) == 0);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Gives keys that no call before has given. Its sleep is what is tested: keys that run out meanwhile. */
static int32_t give_keys(void *userdata, ossbind_credentials_sink *sink) {
  const struct timespec slow = {0, 500 * 1000 * 1000};
  char id[32];
  (void)userdata;
  CHECK(__atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST) == 1);
  int call = __atomic_fetch_add(&calls, 1, __ATOMIC_SEQ_CST);
  if (call % 2 == 1)
    nanosleep(&slow, NULL);
  snprintf(id, sizeof id, "STS.race-%d", call);
  CHECK(ossbind_credentials_sink_set(sink, id, "race-secret", "race-token", 1) ==
        OSSBIND_STATUS_OK);
  CHECK(__atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST) == 0);
  return 0;
}

static void *work(void *argument) {
  const struct timespec pause = {0, 2 * 1000 * 1000};
  int uploads = 0;
  for (; now() < end; uploads++) {
    ossbind_upload_request request;
    ossbind_error *error = NULL;
    char key[32];
    snprintf(key, sizeof key, "%d/%d", *(int *)argument, uploads);
    ossbind_upload_request_init(&request);
    request.bucket = getenv("OSS_BUCKET");
    request.key = key;
    request.body = OSSBIND_BODY_KIND_MEMORY;
    ossbind_status status = ossbind_client_upload(client, &request, NULL, &error);
    if (error)
      fprintf(stderr, "%s\n", ossbind_error_message(error));
    CHECK(status == OSSBIND_STATUS_OK);
    /* A pace, because the service keeps a record of each request; nothing is awaited. */
    nanosleep(&pause, NULL);
  }
  *(int *)argument = uploads;
  return NULL;
}

int main(void) {
  ossbind_client_config config;
  ossbind_credentials_config credentials;
  pthread_t threads[THREADS];
  int numbers[THREADS];
  int uploads = 0;
  double begin = now();
  end = begin + SECONDS;
  ossbind_client_config_init(&config);
  config.network_proxy = "";
  config.retry_attempts = 1;
  ossbind_credentials_config_init(&credentials);
  credentials.kind = OSSBIND_CREDENTIALS_KIND_FUNCTION;
  credentials.function = give_keys;
  config.credentials = &credentials;
  CHECK(ossbind_client_new(&config, &client, NULL) == OSSBIND_STATUS_OK);
  for (int i = 0; i < THREADS; i++) {
    numbers[i] = i;
    CHECK(pthread_create(&threads[i], NULL, work, &numbers[i]) == 0);
  }
  for (int i = 0; i < THREADS; i++) {
    CHECK(pthread_join(threads[i], NULL) == 0);
    uploads += numbers[i];
  }
  /* Before the client goes: its last call, if one is under way, does not count. */
  printf("%d %d %.3f\n", uploads, __atomic_load_n(&calls, __ATOMIC_SEQ_CST), now() - begin);
  ossbind_client_free(client);
  return 0;
}
