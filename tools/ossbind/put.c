/* ossbind put: one upload. */
#define _POSIX_C_SOURCE 200809L
#include <ossbind.h>
#include "command.h"
#include "options.h"
#include "outcome.h"
#include "progress.h"
#include "stop.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct put {
  const char *file, *key;
  const char *bucket, *callback, *callback_body;
  const char *content_type, *storage_class, *checkpoint, *ca;
  struct pairs variables, metadata;
  uint64_t part_size, timeout_s;
  int callback_json, once, json, quiet;
};

static enum ended run(char **words);

const struct command put_command = {
    "put", "upload a file, and have OSS tell your server",
    "usage: ossbind put [OPTION...] FILE KEY\n\n"
    "Uploads FILE, or standard input when it is '-', as the object KEY.\n\n"
    "  --bucket BUCKET         instead of OSS_BUCKET\n"
    "  --callback URL          whom OSS tells, instead of OSS_CALLBACK_URL; '' for nobody\n"
    "  --callback-body TEXT    what it is told, such as 'object=${object}&id=${x:id}'\n"
    "  --callback-json         that is JSON: '{\"object\":${object},\"id\":${x:id}}'\n"
    "  --var x:NAME=VALUE      a variable for that, which stands there as ${x:NAME}; repeatable\n"
    "  --content-type TYPE     instead of that of the ending of KEY\n"
    "  --meta NAME=VALUE       metadata of the object; repeatable\n"
    "  --storage-class CLASS   Standard, IA, Archive, ColdArchive or DeepColdArchive\n"
    "  --once                  KEY belongs to this content alone, so that the same command can be\n"
    "                          repeated: it stores once, and calls back once\n"
    "  --checkpoint FOLDER     where the progress of a large FILE is kept, to go on later\n"
    "  --part-size BYTES       size of a part; what is larger goes in parts (102400 or more)\n"
    "  --timeout SECONDS       for all of it\n"
    "  --ca FILE               PEM file of the certificate authorities to trust\n"
    "  --json                  print the outcome as one JSON object\n"
    "  --quiet                 print failures only\n\n"
    "Exit codes: 0 stored and acknowledged, 1 wrong use, 2 stored but not acknowledged, 3 try "
    "again\n"
    "later, 4 perhaps stored: look first, 5 this file or request is at fault, 6 mend the "
    "settings.\n",
    run};

/* Returns 0 when the command has come to its end. */
static int read_words(struct put *put, char **words, enum ended *ended) {
  const struct option options[] = {
      {.name = "--bucket", .text = &put->bucket},
      {.name = "--callback", .text = &put->callback},
      {.name = "--callback-body", .text = &put->callback_body},
      {.name = "--callback-json", .flag = &put->callback_json},
      {.name = "--var", .pairs = &put->variables},
      {.name = "--content-type", .text = &put->content_type},
      {.name = "--meta", .pairs = &put->metadata},
      {.name = "--storage-class", .text = &put->storage_class},
      {.name = "--once", .flag = &put->once},
      {.name = "--checkpoint", .text = &put->checkpoint},
      {.name = "--part-size", .number = &put->part_size, .least = 102400, .most = 5368709120},
      {.name = "--timeout", .number = &put->timeout_s, .least = 1, .most = 4000000},
      {.name = "--ca", .text = &put->ca},
      {.name = "--json", .flag = &put->json},
      {.name = "--quiet", .flag = &put->quiet},
      {.name = NULL}};
  struct arguments arguments;
  int is_read = read_options(&put_command, options, words, &arguments);
  *ended = arguments.ended;
  put->file = arguments.words[0];
  put->key = arguments.words[1];
  if (is_read && arguments.count < 2)
    *ended = wrong_use(&put_command, "%s is missing: put needs FILE and KEY",
                       arguments.count == 0 ? "FILE" : "KEY");
  return is_read && *ended == ENDED_WELL;
}

static int has_callback(const struct put *put) { return put->callback && *put->callback; }

/* What the words leave out comes from the environment. */
static enum ended complete(struct put *put) {
  if (!put->bucket)
    put->bucket = getenv("OSS_BUCKET");
  if (!put->callback)
    put->callback = getenv("OSS_CALLBACK_URL");
  if (!put->bucket || !*put->bucket)
    return wrong_use(&put_command, "there is no bucket: give --bucket, or set OSS_BUCKET");
  int describes = put->callback_body || put->callback_json || put->variables.count > 0;
  if (describes && !has_callback(put))
    return wrong_use(&put_command,
                     "%s is given, but nobody is to be called: give --callback, or set "
                     "OSS_CALLBACK_URL",
                     put->callback_body   ? "--callback-body"
                     : put->callback_json ? "--callback-json"
                                          : "--var");
  if (put->variables.count > 0 && !put->callback_body)
    return wrong_use(&put_command,
                     "--var %s is given, but nothing says where it goes: give --callback-body with "
                     "${%s} in it",
                     put->variables.items[0].name, put->variables.items[0].name);
  return ENDED_WELL;
}

static void describe_callback(const struct put *put, ossbind_callback *callback) {
  ossbind_callback_init(callback);
  callback->url = put->callback;
  callback->body_type = put->callback_json ? OSSBIND_BODY_TYPE_JSON : OSSBIND_BODY_TYPE_URL_ENCODED;
  callback->body = put->callback_body   ? put->callback_body
                   : put->callback_json ? "{\"object\":${object},\"size\":${size}}"
                                        : "object=${object}&size=${size}";
  callback->variables = put->variables.items;
  callback->variable_count = put->variables.count;
  if (put->variables.count == 0)
    callback->variables = NULL;
}

static void describe_upload(const struct put *put, ossbind_upload_request *request) {
  ossbind_upload_request_init(request);
  request->bucket = put->bucket;
  request->key = put->key;
  if (strcmp(put->file, "-") == 0) {
    request->body = OSSBIND_BODY_KIND_READ;
    request->read = read_standard_input;
  } else {
    request->body = OSSBIND_BODY_KIND_FILE;
    request->file_path = put->file;
  }
  request->content_type = put->content_type;
  request->storage_class = put->storage_class;
  request->metadata_count = put->metadata.count;
  if (put->metadata.count > 0)
    request->metadata = put->metadata.items;
  request->flags = put->once ? OSSBIND_UPLOAD_ONCE : 0;
  request->checkpoint_dir = put->checkpoint;
  /* Whoever names a size of parts wants parts. */
  request->part_size = request->multipart_threshold = put->part_size;
  request->timeout_ms = (uint32_t)(put->timeout_s * 1000);
}

static void upload(const struct put *put, const ossbind_client *client, struct outcome *outcome) {
  struct progress_line line = {0};
  ossbind_callback callback;
  ossbind_upload_request request;
  describe_upload(put, &request);
  if (has_callback(put)) {
    describe_callback(put, &callback);
    request.callback = &callback;
  }
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
  ended = complete(&put);
  if (ended != ENDED_WELL)
    return ended;

  struct outcome outcome = {
      .bucket = put.bucket, .key = put.key, .once = put.once, .has_callback = has_callback(&put)};
  ossbind_client_config config;
  ossbind_tls_config tls;
  ossbind_client_config_init(&config);
  ossbind_tls_config_init(&tls);
  tls.ca_file = put.ca;
  config.tls = &tls;
  ossbind_client *client = NULL;
  outcome.status = ossbind_client_new(&config, &client, &outcome.error);
  if (client)
    upload(&put, client, &outcome);

  report(&put, &outcome);
  ended = ended_of(&outcome);
  ossbind_upload_result_free(outcome.result);
  ossbind_error_free(outcome.error);
  ossbind_client_free(client);
  return ended;
}
