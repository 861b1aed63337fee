/* Loads the library as a plugin does, gives up waiting for credentials, and unloads it while one of
 * its threads still asks for them. The argument is the library. */
#include <dlfcn.h>
#include <ossbind.h>
#include <semaphore.h>
#include <string.h>

#include "check.h"

static sem_t go_on;
static sem_t over;

static int32_t hang(void *userdata, ossbind_credentials_sink *sink) {
  (void)userdata;
  (void)sink;
  sem_wait(&go_on);
  return 1;
}

static void note_end(void *userdata) {
  (void)userdata;
  sem_post(&over);
}

#define LOAD(library, name) ((__typeof__(&name))load(library, #name))

static void *load(void *library, const char *name) {
  void *function = dlsym(library, name);
  CHECK(function != NULL);
  return function;
}

static void upload_in_vain(void *library) {
  ossbind_client_config config;
  ossbind_credentials_config credentials;
  ossbind_upload_request request;
  ossbind_client *client = NULL;
  ossbind_client_config_init(&config);
  config.network_proxy = "";
  ossbind_credentials_config_init(&credentials);
  credentials.kind = OSSBIND_CREDENTIALS_KIND_FUNCTION;
  credentials.function = hang;
  credentials.userdata_free = note_end;
  config.credentials = &credentials;
  CHECK(LOAD(library, ossbind_client_new)(&config, &client, NULL) == OSSBIND_STATUS_OK);
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = "k";
  request.body = OSSBIND_BODY_KIND_MEMORY;
  request.timeout_ms = 100;
  CHECK(LOAD(library, ossbind_client_upload)(client, &request, NULL, NULL) ==
        OSSBIND_STATUS_TIMEOUT);
  LOAD(library, ossbind_client_free)(client);
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  CHECK(sem_init(&go_on, 0, 0) == 0 && sem_init(&over, 0, 0) == 0);
  for (int i = 0; i < 3; i++) {
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    CHECK(library != NULL);
    upload_in_vain(library);
    CHECK(dlclose(library) == 0);
    sem_post(&go_on);
    sem_wait(&over);
  }
  return 0;
}
