/* Uploads 64 MiB with the signals as every C program has them, and prints status and object state.
 * The server hangs up in the middle. */
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZE = 64 * 1024 * 1024 };

int main(int argc, char **argv) {
  ossbind_client_config config;
  ossbind_client_config_init(&config);
  ossbind_tls_config tls;
  ossbind_tls_config_init(&tls);
  tls.ca_file = argc > 1 ? argv[1] : NULL;
  config.tls = &tls;
  config.network_proxy = "";

  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = "examplebucket";
  request.key = "large";
  request.body = OSSBIND_BODY_KIND_MEMORY;
  request.data = calloc(1, SIZE);
  request.data_len = SIZE;

  ossbind_error *error = NULL;
  ossbind_status status = ossbind_upload(&config, &request, NULL, &error);
  if (error)
    fprintf(stderr, "%s\n", ossbind_error_message(error));
  printf("%s, %s\n", ossbind_status_name(status),
         ossbind_object_state_name(ossbind_error_object_state(error)));
  ossbind_error_free(error);
  free((void *)request.data);
  return 0;
}
