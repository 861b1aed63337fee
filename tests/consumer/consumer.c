/* A program of somebody else: header and library fit, and all of the library can be linked. */
#include <ossbind.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  char header[32];
  snprintf(header, sizeof header, "%d.%d.%d", OSSBIND_VERSION_MAJOR, OSSBIND_VERSION_MINOR,
           OSSBIND_VERSION_PATCH);
  if (strncmp(header, ossbind_version(), strlen(header)) != 0) {
    fprintf(stderr, "header %s, library %s\n", header, ossbind_version());
    return 1;
  }

  ossbind_client_config config;
  ossbind_client_config_init(&config);
  config.endpoint = "http://127.0.0.1:1";
  config.region = "cn-hangzhou";
  config.access_key_id = "ak";
  config.access_key_secret = "sk";

  /* Complete but for a bucket, so nothing is sent. */
  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.key = "consumer";
  request.body = OSSBIND_BODY_KIND_MEMORY;

  ossbind_error *error = NULL;
  ossbind_status status = ossbind_upload(&config, &request, NULL, &error);
  const char *field = ossbind_error_field(error);
  int is_expected =
      status == OSSBIND_STATUS_INVALID_ARGUMENT && field && strcmp(field, "bucket") == 0;
  printf("%s: %s\n", header, ossbind_error_message(error));
  ossbind_error_free(error);
  return is_expected ? 0 : 1;
}
