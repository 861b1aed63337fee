/* The server that OSS calls back: verifies, and notes each upload once. receiver/http.h is the HTTP around
 * it, with libmicrohttpd, and receiver/rows.h has the rows, in SQLite.
 *   receiver PORT DATABASE   (port 0 is any that is free; the URL is printed)
 * The callback's body: object=${object}&size=${size}&reqId=${reqId}&seal=${x:seal}. From the environment:
 * OSSBIND_SEAL_NAME and OSSBIND_SEAL_SECRET, without which whoever uses OSS can call, and OSSBIND_KEY_URL,
 * where a local OSS has its key. */
#define _POSIX_C_SOURCE 200809L
#include "receiver/http.h"
#include "receiver/rows.h"

static ossbind_verifier *verifier;

static ossbind_status receive(const ossbind_received_request *received) {
  ossbind_received_callback *callback = NULL;
  ossbind_error *error = NULL;
  ossbind_status verdict = ossbind_verifier_check(verifier, received, &callback, &error);
  if (error)
    fprintf(stderr, "%s: %s\n", ossbind_status_name(verdict), ossbind_error_message(error));
  if (callback) /* also a replayed one: the row of its seal may be missing */
    verdict = note_row(callback) ? OSSBIND_STATUS_OK : OSSBIND_STATUS_INTERNAL;
  ossbind_received_callback_free(callback);
  ossbind_error_free(error);
  return verdict;
}

int main(int argc, char **argv) {
  const char *key_url = getenv("OSSBIND_KEY_URL");
  const ossbind_pair seal_key = {getenv("OSSBIND_SEAL_NAME"), getenv("OSSBIND_SEAL_SECRET")};
  ossbind_verifier_config config;
  ossbind_verifier_config_init(&config);
  config.key_urls = &key_url;
  config.key_url_count = key_url != NULL;
  config.seal_keys = &seal_key;
  config.seal_key_count = seal_key.name != NULL;
  ossbind_error *error = NULL;
  int code = 1;
  if (argc != 3)
    fprintf(stderr, "usage: receiver PORT DATABASE\n");
  else if (ossbind_verifier_new(&config, &verifier, &error) != OSSBIND_STATUS_OK)
    fprintf(stderr, "%s\n", ossbind_error_message(error));
  else if (open_rows(argv[2]))
    code = serve_until_signal((uint16_t)atoi(argv[1]));
  sqlite3_close(database);
  ossbind_verifier_free(verifier);
  ossbind_error_free(error);
  return code;
}
