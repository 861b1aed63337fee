/* ossbind outbox retry, hold, release and drop: what shall become of an item that is there. */
#include "outbox.h"
#include <inttypes.h>
#include <stdio.h>

typedef ossbind_status change_fn(const ossbind_outbox *outbox, uint64_t id, ossbind_error **error);

static enum ended run_retry(char **words);
static enum ended run_hold(char **words);
static enum ended run_release(char **words);
static enum ended run_drop(char **words);

#define EXIT_CODES                                                                              \
  "\nExit codes: 0 done, 1 wrong use, 3 it is being sent: try again later, 5 there is no such " \
  "item,\n"                                                                                     \
  "6 mend the settings.\n"

const struct command outbox_retry_command = {
    "outbox retry", "send an item at once, or all that wait",
    "usage: ossbind outbox retry [OPTION...] [ID]\n\n"
    "Ends the pauses after failures: the item, or without ID all items, are due at once. An item "
    "that\n"
    "was refused for good goes back into the queue.\n\n" OUTBOX_HELP EXIT_CODES,
    run_retry, NULL};

const struct command outbox_hold_command = {
    "outbox hold", "do not send an item",
    "usage: ossbind outbox hold [OPTION...] ID\n\n"
    "Keeps the item until 'ossbind outbox release'.\n\n" OUTBOX_HELP EXIT_CODES,
    run_hold, NULL};

const struct command outbox_release_command = {
    "outbox release", "send an item that was held",
    "usage: ossbind outbox release [OPTION...] ID\n\n"
    "Ends what --hold or 'ossbind outbox hold' has begun.\n\n" OUTBOX_HELP EXIT_CODES,
    run_release, NULL};

const struct command outbox_drop_command = {"outbox drop", "delete an item and its file",
                                            "usage: ossbind outbox drop [OPTION...] ID\n\n"
                                            "Deletes an item that waits, is held, was refused for "
                                            "good or is damaged. It cannot be undone,\n"
                                            "and leaves no receipt.\n\n" OUTBOX_HELP EXIT_CODES,
                                            run_drop, NULL};

static void report(const struct outbox *outbox) {
  struct json json = {stdout, 0};
  if (!outbox->json)
    return;
  json_open(&json, NULL, '{');
  write_end(&json, NULL);
  json_end(&json);
}

static enum ended change(const struct command *command, char **words, enum id_use use,
                         change_fn *function) {
  struct outbox outbox = {0};
  uint64_t id = 0;
  enum ended ended;
  if (!read_outbox_words(command, words, use, &outbox, &id, &ended))
    return ended;
  if (open_outbox(&outbox, NULL) && function(outbox.opened, id, &outbox.error) == OSSBIND_STATUS_OK)
    report(&outbox);
  return close_outbox(&outbox);
}

static enum ended run_retry(char **words) {
  return change(&outbox_retry_command, words, ID_OR_ALL, ossbind_outbox_retry_now);
}

static enum ended run_hold(char **words) {
  return change(&outbox_hold_command, words, WITH_ID, ossbind_outbox_hold);
}

static enum ended run_release(char **words) {
  return change(&outbox_release_command, words, WITH_ID, ossbind_outbox_release);
}

static enum ended run_drop(char **words) {
  return change(&outbox_drop_command, words, WITH_ID, ossbind_outbox_remove);
}
