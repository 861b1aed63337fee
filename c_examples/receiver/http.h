/* HTTP for the receiver, with libmicrohttpd: collects a request as it came, and sends the answer. */
#ifndef RECEIVER_HTTP_H
#define RECEIVER_HTTP_H

#include <microhttpd.h>
#include <ossbind.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What becomes of a request; the answer is that to its verdict. */
static ossbind_status receive(const ossbind_received_request *received);

struct request {
  ossbind_received_request received;
  ossbind_pair headers[64];
  uint8_t body[65536]; /* more than any callback has */
  char target[];       /* as it came; libmicrohttpd decodes its own copy */
};

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

static enum MHD_Result answer(struct MHD_Connection *connection, ossbind_status verdict) {
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
  return queued;
}

static enum MHD_Result serve(void *unused, struct MHD_Connection *connection, const char *url,
                             const char *method, const char *version, const char *data,
                             size_t *size, void **state) {
  struct request *request = *state;
  (void)unused, (void)url, (void)version;
  if (!request || *size > sizeof request->body - request->received.body_len)
    return MHD_NO;                          /* no memory, or too long: the connection is closed */
  if (request->received.method && !*size) { /* all of it is there */
    MHD_get_connection_values(connection, MHD_HEADER_KIND, header, request);
    return answer(connection, receive(&request->received));
  }
  request->received.method = method;
  if (*size)
    memcpy(request->body + request->received.body_len, data, *size);
  request->received.body_len += *size;
  *size = 0;
  return MHD_YES;
}

/* Serves until SIGTERM, with 4 threads and 5 seconds for each request. */
static int serve_until_signal(uint16_t port) {
  int signal;
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigprocmask(SIG_BLOCK, &stop, NULL);
  struct MHD_Daemon *daemon = MHD_start_daemon(
      MHD_USE_AUTO_INTERNAL_THREAD, port, NULL, NULL, serve, NULL, MHD_OPTION_URI_LOG_CALLBACK,
      begin, NULL, MHD_OPTION_NOTIFY_COMPLETED, end, NULL, MHD_OPTION_THREAD_POOL_SIZE, 4u,
      MHD_OPTION_CONNECTION_LIMIT, 256u, MHD_OPTION_CONNECTION_TIMEOUT, 5u, MHD_OPTION_END);
  if (!daemon) {
    perror("receiver");
    return 1;
  }
  printf("http://127.0.0.1:%d/\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
  fflush(stdout);
  sigwait(&stop, &signal);
  MHD_stop_daemon(daemon);
  return 0;
}

#endif
