/* A program that is made of two libraries in Rust, and calls both. */
#include <ossbind.h>
#include <stdio.h>

int other_library(void);

int main(void) {
  if (other_library() != 6)
    return 1;

  /* As far as the server, where nobody listens. */
  ossbind_client_config config;
  ossbind_client_config_init(&config);
  config.endpoint = "https://127.0.0.1:1";
  config.region = "cn-hangzhou";
  config.access_key_id = "ak";
  config.access_key_secret = "sk";
  config.retry_attempts = 1;
  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = "bucket";
  request.key = "beside";
  request.body = OSSBIND_BODY_KIND_MEMORY;
  ossbind_error *error = NULL;
  ossbind_status status = ossbind_upload(&config, &request, NULL, &error);
  printf("%s: %s\n", ossbind_status_name(status), ossbind_error_message(error));
  ossbind_error_free(error);
  return status == OSSBIND_STATUS_TRANSPORT ? 0 : 2;
}
