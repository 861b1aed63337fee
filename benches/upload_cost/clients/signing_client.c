/* Signs headers, presigns URLs or encodes callbacks, REPEATS times. */
#include <ossbind.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char bucket[] = "measured-uploads";
static const char key[] = "gateway-17/2026/07/30/reading.json";

static int sign(const ossbind_client *client) {
  ossbind_sign_headers_request request;
  ossbind_sign_headers_request_init(&request);
  ossbind_pair type = {"content-type", "application/json"};
  request.method = "PUT";
  request.bucket = bucket;
  request.key = key;
  request.headers = &type;
  request.header_count = 1;
  ossbind_signed *made = NULL;
  ossbind_status status = ossbind_client_sign_headers(client, &request, &made, NULL);
  ossbind_signed_free(made);
  return status == OSSBIND_STATUS_OK;
}

static int presign(const ossbind_client *client) {
  ossbind_sign_url_request request;
  ossbind_sign_url_request_init(&request);
  request.bucket = bucket;
  request.key = key;
  request.operation = OSSBIND_OPERATION_PUT_OBJECT;
  request.content_type = "application/json";
  request.expires_in_s = 600;
  ossbind_signed *made = NULL;
  ossbind_status status = ossbind_client_sign_url(client, &request, &made, NULL);
  ossbind_signed_free(made);
  return status == OSSBIND_STATUS_OK;
}

static int encode(const ossbind_client *client) {
  (void)client;
  ossbind_callback callback;
  ossbind_callback_init(&callback);
  ossbind_pair variable = {"x:device", "gateway-17"};
  callback.url = "https://app.example.com/uploads";
  callback.body = "object=${object}&size=${size}&etag=${etag}&device=${x:device}";
  callback.variables = &variable;
  callback.variable_count = 1;
  ossbind_encoded_callback *made = NULL;
  ossbind_status status = ossbind_callback_encode(&callback, &made, NULL);
  ossbind_encoded_callback_free(made);
  return status == OSSBIND_STATUS_OK;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s sign|presign|callback REPEATS\n", argv[0]);
    return 2;
  }
  int (*act)(const ossbind_client *) = encode;
  if (strcmp(argv[1], "sign") == 0)
    act = sign;
  else if (strcmp(argv[1], "presign") == 0)
    act = presign;
  ossbind_client_config config;
  ossbind_client_config_init(&config);
  config.region = "cn-hangzhou";
  config.access_key_id = "LTAImeasured";
  config.access_key_secret = "measured-secret";
  ossbind_client *client = NULL;
  if (ossbind_client_new(&config, &client, NULL) != OSSBIND_STATUS_OK)
    return 1;
  for (unsigned long n = strtoul(argv[2], NULL, 10); n > 0; n--)
    if (!act(client))
      return 1;
  ossbind_client_free(client);
  return 0;
}
