/* Uploads one object with the authorities in argv[1], and says what the clock is and how it went. */
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv) {
  ossbind_client_config config;
  ossbind_client_config_init(&config);
  ossbind_tls_config tls;
  ossbind_tls_config_init(&tls);
  tls.ca_file = argc > 1 ? argv[1] : NULL;
  config.tls = &tls;
  config.retry_attempts = 2;
  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = getenv("OSS_BUCKET");
  request.key = "from 1970";
  request.body = OSSBIND_BODY_KIND_MEMORY;
  request.data = (const uint8_t *)"v";
  request.data_len = 1;

  time_t now = time(NULL);
  ossbind_error *error = NULL;
  ossbind_status status = ossbind_upload(&config, &request, NULL, &error);
  printf("%d %s %s\n", gmtime(&now)->tm_year + 1900, ossbind_status_name(status),
         error ? ossbind_error_message(error) : "");
  ossbind_error_free(error);
  return 0;
}
