/* Begins an upload, cancels it when a line arrives on standard input, and prints how long it took to
 * return; before that, a line of log for each request. Argument: a CA file. */
#include <ossbind.h>
#include <pthread.h>
#include <time.h>

#include "check.h"

/* More than the sockets of both sides take, so that sending gets stuck when nobody reads. */
enum { SIZE = 32 << 20 };

static ossbind_client *client;
static ossbind_cancel *cancel;
static ossbind_status status;
static ossbind_error *error;

static double now_ms(void) {
  struct timespec time;
  CHECK(clock_gettime(CLOCK_MONOTONIC, &time) == 0);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void print(void *userdata, ossbind_log_level level, const char *message) {
  (void)userdata;
  (void)level;
  printf("%s\n", message);
}

static void *upload(void *content) {
  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = "examplebucket";
  request.key = "k";
  request.body = OSSBIND_BODY_KIND_MEMORY;
  request.data = content;
  request.data_len = SIZE;
  request.cancel = cancel;
  status = ossbind_client_upload(client, &request, NULL, &error);
  return NULL;
}

int main(int argc, char **argv) {
  ossbind_client_config config;
  ossbind_tls_config tls;
  pthread_t thread;
  char line[16];
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
  void *content = calloc(SIZE, 1);
  CHECK(argc == 2 && content);
  ossbind_client_config_init(&config);
  config.network_proxy = "";
  ossbind_tls_config_init(&tls);
  tls.ca_file = argv[1];
  config.tls = &tls;
  config.log = print;
  /* None of them may be what ends the upload. */
  tls.handshake_timeout_ms = 60000;
  config.network_connect_timeout_ms = config.network_idle_timeout_ms = 60000;
  CHECK(ossbind_client_new(&config, &client, NULL) == OSSBIND_STATUS_OK);
  CHECK(ossbind_cancel_new(&cancel) == OSSBIND_STATUS_OK);
  CHECK(pthread_create(&thread, NULL, upload, content) == 0);

  CHECK(fgets(line, sizeof line, stdin));
  double triggered = now_ms();
  ossbind_cancel_trigger(cancel);
  CHECK(pthread_join(thread, NULL) == 0);
  double took = now_ms() - triggered;

  CHECK(status == OSSBIND_STATUS_CANCELLED && error);
  printf("cancelled: %.1f %s: %s\n", took,
         ossbind_object_state_name(ossbind_error_object_state(error)),
         ossbind_error_message(error));
  ossbind_error_free(error);
  ossbind_cancel_free(cancel);
  ossbind_client_free(client);
  free(content);
  return 0;
}
