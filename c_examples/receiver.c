/* The server that OSS calls back, with libmicrohttpd: verifies, and notes each upload once in SQLite.
 *   receiver PORT DATABASE   (port 0 is any that is free; the URL is printed)
 * The callback's body: object=${object}&size=${size}&reqId=${reqId}&seal=${x:seal}. From the environment:
 * OSSBIND_SEAL_NAME and OSSBIND_SEAL_SECRET, without which whoever uses OSS can call, and OSSBIND_KEY_URL,
 * where a local OSS has its key. */
#define _POSIX_C_SOURCE 200809L
#include <microhttpd.h>
#include <ossbind.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
  ossbind_received_request received;
  ossbind_pair headers[64];
  uint8_t body[65536]; /* more than any callback has */
  char target[];       /* as it came; libmicrohttpd decodes its own copy */
};
static ossbind_verifier *verifier;
static sqlite3 *database;

static void *begin(void *unused, const char *target, struct MHD_Connection *connection) {
  struct request *request = calloc(1, sizeof *request + strlen(target) + 1);
  (void)unused, (void)connection;
  if (request) {
    ossbind_received_request_init(&request->received);
    request->received.target = strcpy(request->target, target);
    request->received.headers = request->headers;
    request->received.body = request->body;
  }
  return request;
}

static void end(void *unused, struct MHD_Connection *connection, void **request,
                enum MHD_RequestTerminationCode why) {
  (void)unused, (void)connection, (void)why;
  free(*request);
}

static enum MHD_Result header(void *to, enum MHD_ValueKind kind, const char *name,
                              const char *value) {
  struct request *request = to;
  (void)kind;
  request->headers[request->received.header_count++] = (ossbind_pair){name, value ? value : ""};
  return request->received.header_count < 64 ? MHD_YES : MHD_NO;
}

/* A row that is there already is as good as a new one; a callback without an id is not. */
static ossbind_status note(const ossbind_received_callback *callback) {
  char *insert =
      sqlite3_mprintf("INSERT INTO uploads VALUES (%Q, %Q, %Q, %Q) ON CONFLICT DO NOTHING",
                      ossbind_received_callback_field(callback, "reqId"),
                      ossbind_received_callback_field(callback, "seal"),
                      ossbind_received_callback_field(callback, "object"),
                      ossbind_received_callback_field(callback, "size"));
  const int outcome = insert ? sqlite3_exec(database, insert, NULL, NULL, NULL) : SQLITE_NOMEM;
  sqlite3_free(insert);
  if (outcome != SQLITE_OK)
    fprintf(stderr, "not noted: %s\n", sqlite3_errmsg(database));
  return outcome == SQLITE_OK ? OSSBIND_STATUS_OK : OSSBIND_STATUS_INTERNAL;
}

static enum MHD_Result answer(struct MHD_Connection *connection,
                              const ossbind_received_request *received) {
  ossbind_received_callback *callback = NULL;
  ossbind_error *error = NULL;
  ossbind_status verdict = ossbind_verifier_check(verifier, received, &callback, &error);
  if (error)
    fprintf(stderr, "%s: %s\n", ossbind_status_name(verdict), ossbind_error_message(error));
  if (callback) /* also a replayed one: the row of its seal may be missing */
    verdict = note(callback);
  ossbind_reply *reply = NULL;
  size_t length = 0;
  if (ossbind_callback_reply(verdict, NULL, 0, &reply, NULL) != OSSBIND_STATUS_OK)
    return MHD_NO;
  void *body = (void *)(uintptr_t)ossbind_reply_body(reply, &length);
  struct MHD_Response *response =
      MHD_create_response_from_buffer(length, body, MHD_RESPMEM_MUST_COPY);
  MHD_add_response_header(response, "Content-Type", "application/json");
  const unsigned status = (unsigned)ossbind_reply_http_status(reply);
  const enum MHD_Result queued = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  ossbind_reply_free(reply);
  ossbind_received_callback_free(callback);
  ossbind_error_free(error);
  return queued;
}

static enum MHD_Result serve(void *unused, struct MHD_Connection *connection, const char *url,
                             const char *method, const char *version, const char *data,
                             size_t *size, void **state) {
  struct request *request = *state;
  (void)unused, (void)url, (void)version;
  if (!request || *size > sizeof request->body - request->received.body_len)
    return MHD_NO;                          /* the connection is closed */
  if (request->received.method && !*size) { /* all of it is there */
    MHD_get_connection_values(connection, MHD_HEADER_KIND, header, request);
    return answer(connection, &request->received);
  }
  request->received.method = method;
  if (*size)
    memcpy(request->body + request->received.body_len, data, *size);
  request->received.body_len += *size;
  *size = 0;
  return MHD_YES;
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
  if (argc != 3 || ossbind_verifier_new(&config, &verifier, &error) != OSSBIND_STATUS_OK) {
    fprintf(stderr, "%s\n", error ? ossbind_error_message(error) : "usage: receiver PORT DATABASE");
    return 1;
  }
  if (sqlite3_open(argv[2], &database) || sqlite3_busy_timeout(database, 1000) ||
      sqlite3_exec(database,
                   "CREATE TABLE IF NOT EXISTS uploads (request TEXT NOT NULL UNIQUE, seal "
                   "TEXT UNIQUE, object TEXT NOT NULL, size INTEGER NOT NULL)",
                   NULL, NULL, NULL)) {
    fprintf(stderr, "%s: %s\n", argv[2], sqlite3_errmsg(database));
    return 1;
  }
  int signal;
  sigset_t stop; /* runs until SIGTERM, which no thread may get otherwise */
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigprocmask(SIG_BLOCK, &stop, NULL);
  struct MHD_Daemon *daemon =
      MHD_start_daemon(MHD_USE_AUTO_INTERNAL_THREAD, (uint16_t)atoi(argv[1]), NULL, NULL, serve,
                       NULL, MHD_OPTION_URI_LOG_CALLBACK, begin, NULL, MHD_OPTION_NOTIFY_COMPLETED,
                       end, NULL, MHD_OPTION_THREAD_POOL_SIZE, 4u, MHD_OPTION_CONNECTION_LIMIT,
                       256u, MHD_OPTION_CONNECTION_TIMEOUT, 5u, MHD_OPTION_END);
  if (!daemon)
    return perror("receiver"), 1;
  printf("http://127.0.0.1:%d/\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
  fflush(stdout);
  sigwait(&stop, &signal);
  MHD_stop_daemon(daemon);
  sqlite3_close(database);
  ossbind_verifier_free(verifier);
  return 0;
}
