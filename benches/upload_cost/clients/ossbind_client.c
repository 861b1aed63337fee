/* The library: signs each request, sums its body, compares the CRC-64 and reads the answer of the
 * callback. Several requests from a file are the parts of one upload. */
#include "work.h"
#include <ossbind.h>

/* What all threads share. */
struct library {
  ossbind_client *client;
  ossbind_encoded_callback *callback; /* encoded once, for it is the same each time */
};

static ossbind_encoded_callback *encode_callback(void) {
  ossbind_callback callback;
  ossbind_callback_init(&callback);
  callback.url = "https://app.example.com/uploads";
  callback.body = "object=${object}&size=${size}&etag=${etag}&device=${x:device}";
  ossbind_pair variable = {"x:device", "gateway-17"};
  callback.variables = &variable;
  callback.variable_count = 1;
  ossbind_encoded_callback *encoded = NULL;
  ossbind_error *error = NULL;
  if (ossbind_callback_encode(&callback, &encoded, &error) != OSSBIND_STATUS_OK)
    fail(ossbind_error_message(error));
  return encoded;
}

static void upload(const struct library *library, const struct work *work, const uint8_t *body) {
  ossbind_upload_request request;
  ossbind_upload_request_init(&request);
  request.bucket = "measured-uploads";
  request.key = "gateway-17/2026/07/30/reading.json";
  request.encoded_callback = library->callback;
  request.multipart_threshold = work->file && work->requests > 1 ? 1 : (uint64_t)5 << 30;
  if (work->file) {
    request.body = OSSBIND_BODY_KIND_FILE;
    request.file_path = work->file;
    request.part_size = work->size;
    request.parallel = work->threads;
  } else {
    request.body = OSSBIND_BODY_KIND_MEMORY;
    request.data = body;
    request.data_len = work->size;
  }
  ossbind_upload_result *result = NULL;
  ossbind_error *error = NULL;
  if (ossbind_client_upload(library->client, &request, &result, &error) != OSSBIND_STATUS_OK)
    fail(ossbind_error_message(error));
  ossbind_upload_result_free(result);
}

static void *run(void *argument) {
  const struct share *share = argument;
  const struct work *work = share->work;
  uint8_t *body = calloc(1, work->size);
  if (!body)
    fail("calloc");
  for (unsigned long n = share->first; n < work->requests; n += work->threads)
    upload(share->shared, work, body);
  free(body);
  return NULL;
}

int main(int argc, char **argv) {
  (void)argc;
  struct work work = parse_work(argv);
  ossbind_client_config config;
  ossbind_client_config_init(&config);
  config.endpoint = work.endpoint;
  config.region = "cn-hangzhou";
  config.access_key_id = "LTAImeasured";
  config.access_key_secret = "measured-secret";
  ossbind_tls_config tls;
  ossbind_tls_config_init(&tls);
  tls.ca_file = work.ca;
  config.tls = &tls;
  struct library library = {NULL, encode_callback()};
  ossbind_error *error = NULL;
  if (ossbind_client_new(&config, &library.client, &error) != OSSBIND_STATUS_OK)
    fail(ossbind_error_message(error));
  if (work.file)
    upload(&library, &work, NULL);
  else
    run_in_threads(&work, run, &library);
  ossbind_client_free(library.client);
  ossbind_encoded_callback_free(library.callback);
  return 0;
}
