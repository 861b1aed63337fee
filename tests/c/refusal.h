/* Rows of bad input: valid configs and requests whose members a row overrides, and what an error must
 * say. Nothing listens at the endpoint, so that a row that slips through shows as
 * OSSBIND_STATUS_TRANSPORT. */
#ifndef OSSBIND_TESTS_REFUSAL_H
#define OSSBIND_TESTS_REFUSAL_H

#include <ossbind.h>
#include <string.h>

#include "check.h"

/* The rows override the members of a valid request. */
#pragma GCC diagnostic ignored "-Woverride-init"

#define CONFIG(...)                                                                     \
  {                                                                                     \
    .struct_size = sizeof(ossbind_client_config), .endpoint = "http://127.0.0.1:1",     \
    .region = "cn-hangzhou", .access_key_id = "ak", .access_key_secret = "s3cr3t-text", \
    .network_proxy = "", .retry_attempts = 1, __VA_ARGS__                               \
  }
/* The groups of a config. */
#define TLS(...) \
  .tls = &(const ossbind_tls_config) { sizeof(ossbind_tls_config), __VA_ARGS__ }
#define CREDENTIALS(...)                               \
  .credentials = &(const ossbind_credentials_config) { \
    sizeof(ossbind_credentials_config), __VA_ARGS__    \
  }
#define REQUEST(...)                                                                           \
  {                                                                                            \
    .struct_size = sizeof(ossbind_upload_request), .bucket = "examplebucket", .key = "key",    \
    .body = OSSBIND_BODY_KIND_MEMORY, .data = (const uint8_t *)"v", .data_len = 1, __VA_ARGS__ \
  }
#define CALLBACK(...)                                                          \
  .callback = &(ossbind_callback) {                                            \
    .struct_size = sizeof(ossbind_callback), .url = "http://app.example.com/", \
    .body = "a=${object}", __VA_ARGS__                                         \
  }
#define PARAMETER(text) CALLBACK(.url = NULL, .body = NULL, .parameter = text)
#define PAIRS(member, count, ...) .member = (const ossbind_pair[]){__VA_ARGS__}, .count
#define METADATA(...) PAIRS(metadata, metadata_count, __VA_ARGS__)
#define HEADERS(...) PAIRS(headers, header_count, __VA_ARGS__)
#define VARIABLES(...) PAIRS(variables, variable_count, __VA_ARGS__)

#define INVALID OSSBIND_STATUS_INVALID_ARGUMENT
#define UNKNOWN OSSBIND_STATUS_UNKNOWN_FIELD
#define BAD_CALLBACK OSSBIND_STATUS_INVALID_CALLBACK
#define NO_CREDENTIALS OSSBIND_STATUS_CREDENTIALS

#define K16 "0123456789abcdef"
#define K256 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16
#define K1024 K256 K256 K256 K256
/* As long as C99 lets a literal be. */
#define K4095                                                                                  \
  K1024 K1024 K1024 K256 K256 K256 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 K16 \
      "0123456789abcde"

static inline void check_error(ossbind_error *error, ossbind_status status, const char *field,
                               const char *part) {
  CHECK(error != NULL);
  const char *message = ossbind_error_message(error);
  const char *actual = ossbind_error_field(error);
  if (ossbind_error_status(error) != status || !actual || strcmp(actual, field) != 0 ||
      strncmp(message, field, strlen(field)) != 0 || !strstr(message, part)) {
    fprintf(stderr, "expected status %d, field %s and \"%s\"; got status %d, field %s:\n%s\n",
            status, field, part, ossbind_error_status(error), actual ? actual : "(none)", message);
    exit(1);
  }
  CHECK(ossbind_error_object_state(error) == OSSBIND_OBJECT_STATE_NOT_STORED);
  const ossbind_advice advice = ossbind_error_advice(error);
  CHECK(advice == OSSBIND_ADVICE_FIX_REQUEST || advice == OSSBIND_ADVICE_FIX_SETTINGS);
  CHECK(!strstr(message, "s3cr3t-text"));
}

/* What a failed call must not leave in its out parameter. */
#define POISON ((void *)(uintptr_t)1)
#define EACH(rows, check)                                          \
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++, count++) \
  check(client, &rows[i])

static inline ossbind_client *new_client(uint32_t flags) {
  ossbind_client_config config = CONFIG(.flags = flags);
  if (flags & OSSBIND_CLIENT_NO_KEYS)
    config.endpoint = config.region = config.access_key_id = config.access_key_secret = NULL;
  ossbind_client *client = NULL;
  CHECK(ossbind_client_new(&config, &client, NULL) == OSSBIND_STATUS_OK);
  return client;
}

#endif
