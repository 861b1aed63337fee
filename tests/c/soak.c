/* Many small uploads from several threads on one client. Arguments: how many, and a CA file. Prints
 * each outcome that is not a plain success, and how much memory the process has. */
#include <inttypes.h>
#include <ossbind.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

enum { THREADS = 8, SAMPLES = 200, LARGEST = 2000 };

static unsigned long uploads;
static unsigned long done;
static ossbind_client *client;
static uint8_t content[LARGEST];

/* Resident kilobytes of this process. */
static unsigned long resident(void) {
  FILE *file = fopen("/proc/self/statm", "r");
  unsigned long size = 0;
  unsigned long pages = 0;
  CHECK(file && fscanf(file, "%lu %lu", &size, &pages) == 2);
  fclose(file);
  return pages * ((unsigned long)sysconf(_SC_PAGESIZE) / 1024);
}

static void report(const char *key, ossbind_status status, const ossbind_upload_result *result,
                   const ossbind_error *error) {
  const ossbind_metrics *metrics =
      error ? ossbind_error_metrics(error) : ossbind_upload_result_metrics(result);
  uint32_t retries = metrics ? metrics->retries : 0;
  CHECK((status == OSSBIND_STATUS_OK) == (error == NULL));
  if (!error && retries == 0)
    return;
  /* Made when it is asked for, so it belongs to what must not leak. */
  CHECK(!error || strlen(ossbind_error_report(error)) > 0);
  printf("outcome %s %" PRId32 " %" PRId32 " %d %" PRIu32 " %s\n", key, status,
         error ? ossbind_error_object_state(error) : OSSBIND_OBJECT_STATE_STORED, result != NULL,
         retries, error ? ossbind_error_message(error) : "");
}

static void upload(unsigned long number) {
  ossbind_upload_request request;
  ossbind_callback callback;
  ossbind_upload_result *result = NULL;
  ossbind_error *error = NULL;
  char key[40];
  int called = (number / THREADS) % 2 == 1;
  snprintf(key, sizeof key, "%s/%lu", called ? "called" : "plain", number);
  ossbind_callback_init(&callback);
  callback.url = getenv("OSS_CALLBACK_URL");
  callback.body = "object=${object}&size=${size}";
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = key;
  request.body = OSSBIND_BODY_KIND_MEMORY;
  request.data_len = number % LARGEST;
  request.data = request.data_len > 0 ? content : NULL;
  request.callback = called ? &callback : NULL;
  ossbind_status status = ossbind_client_upload(client, &request, &result, &error);
  report(key, status, result, error);
  ossbind_upload_result_free(result);
  ossbind_error_free(error);
}

static void *work(void *argument) {
  unsigned long step = uploads / SAMPLES > 0 ? uploads / SAMPLES : 1;
  for (unsigned long number = *(unsigned long *)argument; number < uploads; number += THREADS) {
    upload(number);
    unsigned long count = __atomic_add_fetch(&done, 1, __ATOMIC_RELAXED);
    if (count % step == 0)
      printf("resident %lu %lu\n", count, resident());
  }
  return NULL;
}

int main(int argc, char **argv) {
  ossbind_client_config config;
  ossbind_tls_config tls;
  pthread_t threads[THREADS];
  unsigned long first[THREADS];
  CHECK(argc == 3);
  uploads = strtoul(argv[1], NULL, 10);
  /* Each line at once, for the reader empties the records of the service meanwhile. */
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
  ossbind_client_config_init(&config);
  config.network_proxy = "";
  ossbind_tls_config_init(&tls);
  tls.ca_file = argv[2];
  tls.handshake_timeout_ms = 1000;
  config.tls = &tls;
  config.network_idle_timeout_ms = 1000;
  config.retry_base_ms = 10;
  CHECK(ossbind_client_new(&config, &client, NULL) == OSSBIND_STATUS_OK);
  for (unsigned long i = 0; i < THREADS; i++) {
    first[i] = i;
    CHECK(pthread_create(&threads[i], NULL, work, &first[i]) == 0);
  }
  for (int i = 0; i < THREADS; i++)
    CHECK(pthread_join(threads[i], NULL) == 0);
  ossbind_client_free(client);
  return 0;
}
