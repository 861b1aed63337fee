/* What the commands of 'ossbind outbox' have in common: where the outbox is, and how they end. */
#ifndef OSSBIND_COMMAND_OUTBOX_H
#define OSSBIND_COMMAND_OUTBOX_H

#include "json.h"
#include "options.h"
#include <ossbind.h>

/* How it is opened; 0 and NULL are the defaults. */
struct outbox_settings {
  uint64_t max_items, max_bytes, min_free_bytes;
  ossbind_outbox_when_full when_full;
  const char *tell_url, *tell_key;
};

struct outbox {
  const char *folder;
  int json;
  struct outbox_settings settings;
  ossbind_outbox *opened; /* NULL before it is open, and when that has failed */
  ossbind_error *error;   /* what has failed; NULL while nothing has */
};

/* The options that all of them have, and what the help says of them. */
#define OUTBOX_OPTIONS(outbox) \
  {.name = "--outbox", .text = &(outbox)->folder}, { .name = "--json", .flag = &(outbox)->json }

#define OUTBOX_HELP                                                             \
  "  --outbox DIR            folder of the outbox, instead of OSSBIND_OUTBOX\n" \
  "  --json                  print JSON: one object on each line\n"

/* Whether a folder that is not there is made, or somebody has mistyped it. */
enum missing { IS_MADE, IS_WRONG };

/* Takes the folder from the environment when no option names it. Says what is wrong. */
enum ended find_outbox(const struct command *command, enum missing missing, struct outbox *outbox);

enum id_use { WITHOUT_ID, WITH_ID, ID_OR_ALL };

/* Reads the words of a command that has the common options alone, and finds the outbox. The ID goes to `id`,
 * which is left alone when there is none. Returns 0 when the command has come to its end. */
int read_outbox_words(const struct command *command, char **words, enum id_use use,
                      struct outbox *outbox, uint64_t *id, enum ended *ended);

/* Returns 0 when it fails. Without a client nothing can be sent, and no keys are needed. */
int open_outbox(struct outbox *outbox, const ossbind_client *client);

/* Frees all, says what has failed, and returns how the command ends. */
enum ended close_outbox(struct outbox *outbox);

/* The members of an object that say how a command ended. */
void write_end(struct json *json, const ossbind_error *error);

/* "OSSBIND_ITEM_STATE_WAITING" as "waiting": what stands behind the prefix, for people. */
struct word {
  char text[32];
};
struct word word_of(const char *name, const char *prefix);

extern const struct command outbox_add_command;
extern const struct command outbox_list_command;
extern const struct command outbox_show_command;
extern const struct command outbox_retry_command;
extern const struct command outbox_hold_command;
extern const struct command outbox_release_command;
extern const struct command outbox_drop_command;
extern const struct command outbox_drain_command;
extern const struct command outbox_receipts_command;
extern const struct command outbox_check_command;

#endif
