/* ossbind outbox check: is everything in the outbox as it was written? */
#include "outbox.h"
#include "text.h"
#include <inttypes.h>
#include <stdio.h>

static enum ended run(char **words);

const struct command outbox_check_command = {
    "outbox check", "look for damage, and count what is there",
    "usage: ossbind outbox check [OPTION...]\n\n"
    "Counts what is in the outbox, and lists what is damaged: the library has set it aside, and\n"
    "neither sends nor deletes it.\n\n" OUTBOX_HELP
    "\nExit codes: 0 nothing is damaged, 1 wrong use, 3 try again later, 5 something is damaged, 6 "
    "mend\n"
    "the settings.\n",
    run, NULL};

static void show_counts(const struct outbox *outbox, const ossbind_outbox_stats *stats) {
  printf("%" PRIu64 " wait, %" PRIu64 " held, %" PRIu64 " with a receipt, %" PRIu64
         " refused for good, %" PRIu64 " damaged\n",
         stats->waiting, stats->held, stats->receipts, stats->dead, stats->corrupt);
  printf("%" PRIu64 " bytes in the outbox, %" PRIu64 " bytes free\n", stats->bytes,
         stats->free_bytes);
  if (stats->corrupt > 0) {
    fputs("what is damaged is in ", stdout);
    show_text(stdout, outbox->folder);
    fputs("/corrupt\n", stdout);
  }
}

static int32_t show_damaged(void *userdata, const ossbind_outbox_item *item) {
  (void)userdata;
  if (item->state != OSSBIND_ITEM_STATE_CORRUPT)
    return 0;
  fputs("damaged: ", stdout);
  show_text(stdout, item->file_name);
  if (item->message)
    fputs(": ", stdout);
  show_text(stdout, item->message);
  putchar('\n');
  return 0;
}

static int32_t write_damaged(void *userdata, const ossbind_outbox_item *item) {
  struct json *json = userdata;
  if (item->state != OSSBIND_ITEM_STATE_CORRUPT)
    return 0;
  json_open(json, NULL, '{');
  json_digits(json, "id", item->id);
  json_text(json, "file", item->file_name);
  json_text(json, "message", item->message);
  json_close(json, '}');
  return 0;
}

static void write_counts(struct json *json, const ossbind_outbox_stats *stats) {
  json_raw(json, "ok", stats->corrupt == 0 ? "true" : "false");
  json_number(json, "waiting", (int64_t)stats->waiting);
  json_number(json, "held", (int64_t)stats->held);
  json_number(json, "receipts", (int64_t)stats->receipts);
  json_number(json, "dead", (int64_t)stats->dead);
  json_number(json, "corrupt", (int64_t)stats->corrupt);
  json_number(json, "bytes", (int64_t)stats->bytes);
  json_number(json, "free_bytes", (int64_t)stats->free_bytes);
}

static void look(struct outbox *outbox, const ossbind_outbox_stats *stats) {
  struct json json = {stdout, 0};
  if (!outbox->json) {
    show_counts(outbox, stats);
  } else {
    json_open(&json, NULL, '{');
    write_counts(&json, stats);
    json_open(&json, "damaged", '[');
  }
  ossbind_status status = ossbind_outbox_each(
      outbox->opened, outbox->json ? write_damaged : show_damaged, &json, &outbox->error);
  (void)status; /* the error says it */
  if (outbox->json) {
    json_close(&json, ']');
    json_end(&json);
  }
}

static enum ended run(char **words) {
  struct outbox outbox = {0};
  ossbind_outbox_stats stats;
  enum ended ended;
  ossbind_outbox_stats_init(&stats);
  if (!read_outbox_words(&outbox_check_command, words, WITHOUT_ID, &outbox, NULL, &ended))
    return ended;
  if (open_outbox(&outbox, NULL) &&
      ossbind_outbox_get_stats(outbox.opened, &stats, &outbox.error) == OSSBIND_STATUS_OK)
    look(&outbox, &stats);
  ended = close_outbox(&outbox);
  return ended == ENDED_WELL && stats.corrupt > 0 ? ENDED_BY_REQUEST : ended;
}
