/* ossbind put: one upload. */
#define _POSIX_C_SOURCE 200809L
#include "client.h"
#include "command.h"
#include "object.h"
#include "options.h"
#include "outcome.h"
#include "progress.h"
#include "stop.h"
#include <stdio.h>
#include <unistd.h>

struct put {
  struct object object;
  const char *checkpoint, *ca;
  uint64_t timeout_s;
  int once, json, quiet;
};

static enum ended run(char **words);

const struct command put_command = {
    "put", "upload a file, and have OSS tell your server",
    "usage: ossbind put [OPTION...] FILE KEY\n\n"
    "Uploads FILE, or standard input when it is '-', as the object KEY.\n\n" OBJECT_HELP
    "  --once                  KEY belongs to this content alone, so that the same command can be\n"
    "                          repeated: it stores once, and calls back once\n"
    "  --checkpoint FOLDER     where the progress of a large FILE is kept, to go on later\n"
    "  --timeout SECONDS       for all of it\n"
    "  --ca FILE               PEM file of the certificate authorities to trust\n"
    "  --json                  print the outcome as one JSON object\n"
    "  --quiet                 print failures only\n\n"
    "Exit codes: 0 stored and acknowledged, 1 wrong use, 2 stored but not acknowledged, 3 try "
    "again\n"
    "later, 4 perhaps stored: look first, 5 this file or request is at fault, 6 mend the "
    "settings.\n",
    run, NULL};

/* Returns 0 when the command has come to its end. */
static int read_words(struct put *put, char **words, enum ended *ended) {
  const struct option options[] = {
      OBJECT_OPTIONS(&put->object),
      {.name = "--once", .flag = &put->once},
      {.name = "--checkpoint", .text = &put->checkpoint},
      {.name = "--timeout", .number = &put->timeout_s, .least = 1, .most = 4000000},
      {.name = "--ca", .text = &put->ca},
      {.name = "--json", .flag = &put->json},
      {.name = "--quiet", .flag = &put->quiet},
      {.name = NULL}};
  struct arguments arguments;
  int is_read = read_options(&put_command, options, words, &arguments);
  *ended = is_read ? complete_object(&put_command, &arguments, &put->object) : arguments.ended;
  return is_read && *ended == ENDED_WELL;
}

static void upload(const struct put *put, const ossbind_client *client, struct outcome *outcome) {
  struct progress_line line = {0};
  ossbind_callback callback;
  ossbind_upload_request request;
  describe_object(&put->object, &request, &callback);
  request.flags = put->once ? OSSBIND_UPLOAD_ONCE : 0;
  request.checkpoint_dir = put->checkpoint;
  request.timeout_ms = (uint32_t)(put->timeout_s * 1000);
  if (!put->quiet && isatty(STDERR_FILENO)) {
    request.progress = show_progress;
    request.progress_userdata = &line;
  }
  request.cancel = stop_on_signals();
  outcome->status = ossbind_client_upload(client, &request, &outcome->result, &outcome->error);
  end_progress(&line);
}

static void report(const struct put *put, const struct outcome *outcome) {
  if (put->json)
    write_outcome(outcome);
  else if (outcome->error)
    show_failure(outcome);
  else if (!put->quiet)
    show_success(outcome);
}

static enum ended run(char **words) {
  struct put put = {0};
  enum ended ended;
  if (!read_words(&put, words, &ended))
    return ended;

  struct outcome outcome = {.bucket = put.object.bucket,
                            .key = put.object.key,
                            .once = put.once,
                            .has_callback = has_callback(&put.object)};
  ossbind_client *client = NULL;
  outcome.status = new_client(put.ca, NULL, NULL, &client, &outcome.error);
  if (client)
    upload(&put, client, &outcome);

  report(&put, &outcome);
  ended = ended_by(outcome.error);
  ossbind_upload_result_free(outcome.result);
  ossbind_error_free(outcome.error);
  ossbind_client_free(client);
  return ended;
}
