/* ossbind outbox: a folder of files that wait until they are stored. */
#define _POSIX_C_SOURCE 200809L
#include "outbox.h"
#include "outcome.h"
#include "text.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct command *const COMMANDS[] = {&outbox_add_command,
                                                 &outbox_list_command,
                                                 &outbox_show_command,
                                                 &outbox_retry_command,
                                                 &outbox_hold_command,
                                                 &outbox_release_command,
                                                 &outbox_drop_command,
                                                 &outbox_drain_command,
                                                 &outbox_receipts_command,
                                                 &outbox_check_command,
                                                 NULL};

const struct command outbox_command = {
    "outbox", "keep files until they are stored, also across power cuts",
    "The folder of the outbox is --outbox DIR, or OSSBIND_OUTBOX in the environment. Only drain\n"
    "sends, and needs the service and the keys. 'ossbind help outbox COMMAND' explains a command.\n"
    "\n"
    "Exit codes: 0 done, 1 wrong use, 2 stored but not acknowledged, 3 try again later, 5 this "
    "file,\n"
    "item or request is at fault, 6 mend the settings.\n",
    NULL, COMMANDS};

enum ended find_outbox(const struct command *command, enum missing missing, struct outbox *outbox) {
  if (!outbox->folder)
    outbox->folder = getenv("OSSBIND_OUTBOX");
  if (!outbox->folder || !*outbox->folder)
    return wrong_use(command, "there is no outbox: give --outbox, or set OSSBIND_OUTBOX");
  if (missing == IS_WRONG && access(outbox->folder, F_OK) != 0)
    return wrong_use(command,
                     "there is no outbox in \"%s\": check --outbox or OSSBIND_OUTBOX; "
                     "'ossbind outbox add' makes one",
                     outbox->folder);
  return ENDED_WELL;
}

enum ended take_id(const struct command *command, const char *word, uint64_t *id) {
  if (read_number(word, id) && *id > 0)
    return ENDED_WELL;
  return wrong_use(command, "ID is \"%s\", and must be a number of 'ossbind outbox list'", word);
}

static enum ended take_arguments(const struct command *command, const struct arguments *arguments,
                                 enum id_use use, uint64_t *id) {
  if (use == WITHOUT_ID)
    return refuse_arguments(command, arguments);
  if (arguments->count > 1)
    return wrong_use(command, "\"%s\" is one argument too many", arguments->words[1]);
  if (arguments->count == 1)
    return take_id(command, arguments->words[0], id);
  return use == ID_OR_ALL
             ? ENDED_WELL
             : wrong_use(command, "ID is missing: %s needs the number of an item", command->name);
}

int read_outbox_words(const struct command *command, char **words, enum id_use use,
                      struct outbox *outbox, uint64_t *id, enum ended *ended) {
  const struct option options[] = {OUTBOX_OPTIONS(outbox), {.name = NULL}};
  struct arguments arguments;
  int is_read = read_options(command, options, words, &arguments);
  *ended = is_read ? take_arguments(command, &arguments, use, id) : arguments.ended;
  if (is_read && *ended == ENDED_WELL)
    *ended = find_outbox(command, IS_WRONG, outbox);
  return is_read && *ended == ENDED_WELL;
}

int open_outbox(struct outbox *outbox, const ossbind_client *client) {
  const struct outbox_settings *settings = &outbox->settings;
  ossbind_outbox_config config;
  ossbind_outbox_config_init(&config);
  config.folder = outbox->folder;
  config.client = client;
  config.max_items = settings->max_items;
  config.max_bytes = settings->max_bytes;
  config.min_free_bytes = settings->min_free_bytes;
  config.when_full = settings->when_full;
  config.tell_url = settings->tell_url;
  config.tell_key = (const uint8_t *)settings->tell_key;
  config.tell_key_len = settings->tell_key ? strlen(settings->tell_key) : 0;
  return ossbind_outbox_open(&config, &outbox->opened, &outbox->error) == OSSBIND_STATUS_OK;
}

void write_end(struct json *json, const ossbind_error *error) {
  json_text(json, "status", ossbind_status_name(ossbind_error_status(error)));
  json_text(json, "advice", ossbind_advice_name(ossbind_error_advice(error)));
  json_number(json, "retry_after_ms", ossbind_error_retry_after_ms(error));
  json_text(json, "message", ossbind_error_message(error));
}

enum ended close_outbox(struct outbox *outbox) {
  enum ended ended = ended_by(outbox->error);
  struct json json = {stdout, 0};
  ossbind_outbox_free(outbox->opened);
  if (outbox->error && outbox->json) {
    json_open(&json, NULL, '{');
    write_end(&json, outbox->error);
    json_end(&json);
  } else if (outbox->error) {
    fputs("ossbind: ", stderr);
    show_text(stderr, ossbind_error_message(outbox->error));
    fputc('\n', stderr);
  }
  ossbind_error_free(outbox->error);
  return ended;
}

struct word word_of(const char *name, const char *prefix) {
  struct word word = {""};
  size_t length = strlen(prefix);
  const char *own = strncmp(name, prefix, length) == 0 ? name + length : name;
  for (size_t i = 0; own[i] && i + 1 < sizeof word.text; i++)
    word.text[i] = own[i] == '_' ? ' ' : (char)tolower((unsigned char)own[i]);
  return word;
}
