/* Uploads, forks, and uploads on both sides; the argument is a CA file. */
#include <ossbind.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#include "check.h"

static void upload(const ossbind_client *client, const char *key) {
  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = key;
  request.body = OSSBIND_BODY_KIND_MEMORY;
  request.data = (const uint8_t *)"v";
  request.data_len = 1;
  CHECK(ossbind_client_upload(client, &request, NULL, NULL) == OSSBIND_STATUS_OK);
}

int main(int argc, char **argv) {
  ossbind_client_config config;
  ossbind_tls_config tls;
  ossbind_client *client = NULL;
  pid_t child;
  int status = -1;
  CHECK(argc == 2);
  ossbind_client_config_init(&config);
  config.network_proxy = "";
  ossbind_tls_config_init(&tls);
  tls.ca_file = argv[1];
  config.tls = &tls;
  CHECK(ossbind_client_new(&config, &client, NULL) == OSSBIND_STATUS_OK);
  upload(client, "before");

  child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    upload(client, "child");
    ossbind_client_free(client);
    return 0;
  }
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);

  upload(client, "after");
  ossbind_client_free(client);
  return 0;
}
