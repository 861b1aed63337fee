/* ossbind outbox receipts: what has become of items, until somebody has taken note of it. */
#include "outbox.h"
#include "outbox_receipt.h"
#include "text.h"
#include <stdio.h>

static enum ended run(char **words);

const struct command outbox_receipts_command = {
    "outbox receipts", "list what has become of items",
    "usage: ossbind outbox receipts [OPTION...]\n\n"
    "Prints a line for each item that was stored, refused, dropped or has expired, and that nobody "
    "has\n"
    "acknowledged: number, outcome, key, and what was wrong.\n\n" OUTBOX_HELP
    "  --acknowledge           acknowledge each, once it is printed, so that it is not printed "
    "again\n\n"
    "Exit codes: 0 listed, 1 wrong use, 3 try again later, 6 mend the settings.\n",
    run, NULL};

static void print(const struct outbox *outbox, const ossbind_receipt *receipt) {
  struct json json = {stdout, 0};
  if (!outbox->json) {
    show_receipt(stdout, receipt);
    return;
  }
  json_open(&json, NULL, '{');
  json_digits(&json, "id", ossbind_receipt_id(receipt));
  json_text(&json, "bucket", ossbind_receipt_bucket(receipt));
  json_text(&json, "key", ossbind_receipt_key(receipt));
  json_text(&json, "caller_id", ossbind_receipt_caller_id(receipt));
  json_number(&json, "size", (int64_t)ossbind_receipt_size(receipt));
  json_text(&json, "message", ossbind_receipt_message(receipt));
  write_receipt(&json, receipt);
  json_end(&json);
}

/* Returns 0 when it was not written, and so must be given again. */
static int take(struct outbox *outbox, const ossbind_receipt *receipt, int acknowledges) {
  print(outbox, receipt);
  if (!flush_output())
    return 0;
  return !acknowledges || ossbind_outbox_acknowledge(outbox->opened, ossbind_receipt_id(receipt),
                                                     &outbox->error) == OSSBIND_STATUS_OK;
}

/* Returns 0 when it has not come to the last one. */
static int list(struct outbox *outbox, int acknowledges) {
  ossbind_receipt *receipt = NULL;
  int goes_on = 1;
  while (goes_on &&
         ossbind_outbox_next_receipt(outbox->opened, &receipt, &outbox->error) ==
             OSSBIND_STATUS_OK &&
         receipt) {
    goes_on = take(outbox, receipt, acknowledges);
    ossbind_receipt_free(receipt);
  }
  return goes_on;
}

static enum ended run(char **words) {
  struct outbox outbox = {0};
  int acknowledges = 0;
  const struct option options[] = {
      OUTBOX_OPTIONS(&outbox), {.name = "--acknowledge", .flag = &acknowledges}, {.name = NULL}};
  struct arguments arguments;
  if (!read_options(&outbox_receipts_command, options, words, &arguments))
    return arguments.ended;
  if (refuse_arguments(&outbox_receipts_command, &arguments) != ENDED_WELL ||
      find_outbox(&outbox_receipts_command, IS_WRONG, &outbox) != ENDED_WELL)
    return ENDED_BY_WRONG_USE;
  int is_complete = open_outbox(&outbox, NULL) && list(&outbox, acknowledges);
  enum ended ended = close_outbox(&outbox);
  return ended == ENDED_WELL && !is_complete ? ENDED_TRY_AGAIN : ended;
}
